"""What the edge has taken in and no fact may have named yet, and the sweep of what nobody ever named."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import eventlet
import sqlalchemy as sa
import structlog

from contents import ContentsError
from contents.receipts import VALID
from contracts.intake import ListKeptFiles
from eventing.errors import NotFound, OneThingError
from eventing.tables import Bulk, Column

_TABLE = Bulk(
    "uploads_1",
    (
        Column("stored", "text", key=True),
        Column("case_id", "text"),
        Column("material", "text"),
        Column("digest", "text"),
        Column("media_type", "text"),
        Column("at", "instant"),
    ),
)
UPLOADS = _TABLE.table(sa.MetaData())
"""Every file since it came in, until it is known to be named by a fact or was swept."""

PAUSE = 600.0
"""Seconds between two sweeps."""

log = structlog.get_logger(__name__)


class Sweeper:
    """Removes bytes that were sent and never named.

    It asks intake, file by file, after the receipts have long expired: what no fact names by then, none ever will.
    """

    def __init__(
        self, store: Any, contents: Any, ask: Callable[[Any], Any], now: Callable[[], datetime], after: timedelta
    ) -> None:
        self.store = store
        self.contents = contents
        self.ask = ask
        self.now = now
        self.after = max(after, VALID + timedelta(hours=1))

    def run(self) -> None:
        """Sweeps now and then, for ever."""
        while True:
            eventlet.sleep(PAUSE)
            try:
                self.sweep()
            except (OneThingError, ContentsError) as error:
                log.warning("files not swept", reason=type(error).__name__)

    def sweep(self) -> int:
        """Removes what is old and named by nothing; returns how many files. Raises what the services raise."""
        before = self.now() - self.after
        old = sa.select(UPLOADS.c.case_id, UPLOADS.c.stored).where(UPLOADS.c.at < before)
        rows = self.store.select(old.order_by(UPLOADS.c.case_id).limit(1000))
        removed = 0
        for case_id, files in groupby(rows, key=lambda row: row["case_id"]):
            named = self._named(case_id)
            for file in files:
                removed += self._forget(file["stored"], before, keep=file["stored"] in named)
        if removed:
            log.info("files swept that nobody named", files=removed)
        return removed

    def _forget(self, stored: str, before: datetime, *, keep: bool) -> bool:
        """Forgets a file, and removes it unless a fact names it; not one that was sent again in this moment."""
        row = sa.delete(UPLOADS).where(UPLOADS.c.stored == stored, UPLOADS.c.at < before)
        with self.store.writing() as connection:
            is_old = connection.execute(row).rowcount == 1
            if is_old and not keep:
                self.contents.delete(stored)
        return is_old and not keep

    def _named(self, case_id: str) -> set[str]:
        try:
            return set(self.ask(ListKeptFiles(case_id=case_id)))
        except NotFound:
            return set()
