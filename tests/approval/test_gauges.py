"""What the alarm of supervision shows: reviews past their limit of which nobody was told, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from approval.service import Approval
from catalogue.examples import happy_answers
from catalogue.model import Catalogue
from contracts.intake import Acceptance, ItemsAccepted, PlannedItem
from testkit.facts import NOON
from testkit.replica import DATABASES, Replica, replica

from .county import CATALOGUE, NEWBORN


class Shelf:
    """One edition, whatever version is asked for."""

    def at(self, version: str) -> Catalogue:
        return CATALOGUE

    def current(self) -> Catalogue:
        return CATALOGUE


@pytest.fixture(params=DATABASES)
def approval(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(Approval, request, tmp_path, catalogues=Shelf()) as running:
        selection = NEWBORN.select(happy_answers(NEWBORN))
        running.follow(
            "intake",
            (
                "case-1",
                1,
                ItemsAccepted(
                    case_id="case-1",
                    at=NOON,
                    by="clerk-1",
                    number="n-1",
                    theme="XSE",
                    catalogue=CATALOGUE.version,
                    region="990102",
                    hall="county",
                    window="w1",
                    items=tuple(
                        Acceptance(item, NEWBORN.item(item).department, "g", 1, "x", "n") for item in selection.selected
                    ),
                    plan=tuple(PlannedItem(item, standing.value) for item, standing in selection.standings.items()),
                    materials=(),
                    output_mode="integrated",
                ),
            ),
        )
        yield running


def unwarned(approval: Replica) -> float:
    service: Any = approval.service
    (sample,) = service.samples()
    return float(sample.value)


def test_a_limit_that_passes_in_silence_is_counted_until_supervision_speaks(approval: Replica) -> None:
    assert unwarned(approval) == 0
    approval.clock.advance(timedelta(days=400))
    silent = unwarned(approval)

    while due := approval.store.due(approval.clock.now(), range(16), 50):
        approval.engine.fire(due)

    assert silent > 0
    assert unwarned(approval) == 0
