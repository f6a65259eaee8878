"""The insight service: it follows all others, and answers how much, how long and how often."""

from collections.abc import Sequence

import sqlalchemy as sa

from contracts.language import Note
from eventing.service import Service, projector
from insight.answering import Answering
from insight.domain import Import, ImportedCase, Improvement, Quarantine, Report, Target
from insight.gauges import Gauges
from insight.importing import Importing
from insight.projections import (
    IMPORTED_CASES,
    IMPORTS,
    IMPROVEMENTS,
    LEARNINGS,
    OBSERVATIONS,
    QUARANTINED,
    STRETCH,
    SUMS,
    TICKS,
    append,
)
from insight.reporting import Reporting
from insight.summing import Summing

UPSTREAMS = ("intake", "routing", "approval", "certificate", "halls", "outreach", "insight")
"""Whose facts are counted; its own are what people report to it."""


class Insight(Answering, Reporting, Importing, Gauges, Summing, Service):
    """运行分析."""

    name = "insight"
    aggregates = (Report, Target, Improvement, Import, Quarantine, ImportedCase)
    views = (IMPROVEMENTS, IMPORTS, QUARANTINED, IMPORTED_CASES)
    tables = (OBSERVATIONS, LEARNINGS, TICKS, SUMS, STRETCH)
    rest = 1.0
    append_only = (OBSERVATIONS.name, LEARNINGS.name)

    @projector(upstreams=UPSTREAMS)
    def observe(self, connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
        """What is counted of every fact."""
        append(connection, notes, self.clock.now())
