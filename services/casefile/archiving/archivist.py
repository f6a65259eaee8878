"""The archivist: packages are made when it is time or when somebody asks, and removed after a destruction.

What waits stands in the database; what cannot be done now, because a file or the store of files is not there, is tried
again.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import sqlalchemy as sa

from casefile.archiving.package import packed, stored
from casefile.archiving.rows import ARCHIVES
from casefile.archiving.schedule import Closed, closed, keep_until, terms
from casefile.domain import Archive, ArchiveIsDestroyed
from casefile.explaining.course import Known
from casefile.projections import CLOSING, ENTRIES, is_one_of
from catalogue import Catalogue
from contracts.archives import RecordArchive, RecordRemoval
from contracts.casefile import CaseProof
from contracts.intake import CaseClosed
from eventing.backlog import Backlog, Row
from eventing.dependency import HostDependency
from eventing.errors import NotFound
from eventing.mapper import UnknownTopic, decode
from eventing.store import segment_of
from kernel.clock import beginning, local_date

LATE = timedelta(days=1)
"""A package that is not there so long after it was time is late."""


class Share:
    """This replica's share of the packages: those of the segments that it owns."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def has(self, case_id: str) -> bool:
        """Whether the package of this case is for this replica."""
        return segment_of(case_id) in self._host.segments.mine


class ArchivingShare(HostDependency):
    """Gives casefile its share of the archiving."""

    def make(self) -> Share:
        return Share(self.host)


def software() -> str:
    """The release that makes a package."""
    try:
        return f"onething {version('onething')}"
    except PackageNotFoundError:
        return "onething"


def ready_on(case: Closed, catalogue: Catalogue, calendar: Any) -> date:
    """The first day after the time for objections (归档前的等待)."""
    waited: date = calendar.add(case.closed_on, catalogue.rules.archiving.days)
    return waited + timedelta(days=1)


def waiting(now: datetime, after: Row | None, limit: int) -> sa.Select[Any]:
    """Cases whose package is to be made or removed, in the order of their ids."""
    due = sa.or_(CLOSING.c.ready_at.is_(None), CLOSING.c.ready_at <= now)
    made = sa.literal("make").label("task")
    some = sa.union_all(
        sa.select(made, CLOSING.c.case_id).where(CLOSING.c.waits.is_(True), due),
        sa.select(made, ARCHIVES.c.case_id).where(ARCHIVES.c.is_wanted.is_(True)),
        sa.select(sa.literal("remove").label("task"), ARCHIVES.c.case_id).where(
            ARCHIVES.c.state == "destroyed", ARCHIVES.c.is_removed.is_(False)
        ),
    ).subquery()
    place = (some.c.task, some.c.case_id)
    wanted = sa.select(*place).order_by(*place).limit(limit)
    if after is None:
        return wanted
    return wanted.where(sa.tuple_(*place) > sa.tuple_(sa.literal(after["task"]), sa.literal(after["case_id"])))


def waits_no_more(case_id: str) -> sa.Update:
    """A closed case does not wait to be archived any more."""
    return sa.update(CLOSING).where(CLOSING.c.case_id == case_id).values(waits=False)


def is_archived(connection: sa.Connection, case_id: str, facts: int) -> None:
    """A closed case does not wait any more once so many facts of it are archived, unless one after these closed it
    again: then it waits for a later edition. Whoever closes it in this moment writes its row before or after."""
    connection.execute(sa.select(CLOSING.c.case_id).where(CLOSING.c.case_id == case_id).with_for_update())
    e = ENTRIES.c
    again = sa.select(e.seq).where(e.case_id == case_id, e.seq > facts, is_one_of(e.topic, (CaseClosed,)))
    if connection.execute(again.limit(1)).first() is None:
        connection.execute(waits_no_more(case_id))


def known(case_id: str, entries: Iterable[Any]) -> list[Known]:
    """The facts of a chain as values; what this release does not know says nothing to it."""
    found = []
    for each in entries:
        with suppress(UnknownTopic):
            found.append(Known(case_id, each.seq, each.service, each.topic, decode(each.topic, each.state)))
    return found


def late(now: datetime) -> sa.Select[Any]:
    """How many packages ought to be there for a day."""
    return sa.select(sa.func.count().label("cases")).where(CLOSING.c.waits.is_(True), CLOSING.c.ready_at < now - LATE)


class Archivist(ABC):
    """What makes packages and removes them; the service mixes it in."""

    store: Any
    peers: Any
    clock: Any
    contents: Any
    catalogues: Any
    calendar: Any
    signing: Any
    archiving_share: Any

    packages: Backlog | None = None

    def archive(self) -> None:
        """Works until it is stopped."""
        self.packages = Backlog("archives", self._waiting, self._work)
        self.packages.run()

    def _waiting(self, last: Row | None, limit: int) -> Sequence[Row]:
        rows: Sequence[Row] = self.store.select(waiting(self.clock.now(), last, limit))
        return rows

    def _work(self, row: Row) -> bool:
        if not self.archiving_share.has(row["case_id"]):
            return False
        return self.remove(row["case_id"]) if row["task"] == "remove" else self.make(row["case_id"])

    def make(self, case_id: str) -> bool:
        """Makes a package, once the time for objections is over; says whether it did. A destruction is the end."""
        archives = sa.select(ARCHIVES.c.case_id).where(ARCHIVES.c.case_id == case_id, ARCHIVES.c.state == "destroyed")
        if self.store.select(archives):
            with self.store.writing() as connection:
                connection.execute(waits_no_more(case_id))
            return False
        case = closed(self.facts_of(case_id))
        if case is None:
            return False
        catalogue = self.catalogues.at(case.catalogue)
        ready = ready_on(case, catalogue, self.calendar)
        if local_date(self.clock.now()) < ready:
            self._wait(case_id, ready)
            return False
        package = self.written(case_id)
        try:
            self._record(package)
        except ArchiveIsDestroyed:  # while it was made; what was there then has been removed without it
            self.contents.delete(package.digest)
            return False
        return True

    def written(self, case_id: str) -> RecordArchive:
        """Writes the package of a case as it is proven now, into the contents store."""
        proof = self.proven(case_id)
        facts = known(case_id, proof.facts)
        case = closed(facts)
        if case is None:
            raise NotFound(what="closed case", id=case_id)
        catalogue = self.catalogues.at(case.catalogue)
        counted = terms(case, catalogue)
        until = keep_until(counted, catalogue, case.closed_on)
        release = software()
        made = packed(
            case,
            facts,
            terms=counted,
            keep_until=until,
            proof=proof,
            notary=self.signing.notary,
            opened=self.contents.open,
            software=release,
        )
        kept = self.contents.put(made.chunks)
        return RecordArchive(
            case_id=case_id,
            digest=kept.digest,
            size=kept.size,
            files=made.files,
            facts=made.manifest.facts,
            tree_size=made.manifest.tree_size,
            number=case.number,
            theme=case.theme,
            hall=case.hall,
            departments=case.departments,
            catalogue=case.catalogue,
            terms=counted,
            keep_until=until,
            software=release,
        )

    def remove(self, case_id: str) -> bool:
        """Removes the packages of a destroyed case, and the files that its facts name."""
        archive: Archive = self.store.get(Archive, case_id)
        if archive.destruction is None or archive.removal is not None:
            return False
        files = stored(self.facts_of(case_id))
        for digest in (*(each.digest for each in files), *(each.digest for each in archive.packages)):
            self.contents.delete(digest)
        self._record(RecordRemoval(case_id=case_id, files=len(files)))
        return True

    def _record(self, command: RecordArchive | RecordRemoval) -> None:
        said = command.digest if isinstance(command, RecordArchive) else "removal"
        self.peers.command(command, id=f"archive/{command.case_id}/{said}")

    def _wait(self, case_id: str, ready: date) -> None:
        with self.store.writing() as connection:
            connection.execute(sa.update(CLOSING).where(CLOSING.c.case_id == case_id).values(ready_at=beginning(ready)))

    @abstractmethod
    def facts_of(self, case_id: str) -> list[Known]:
        """The facts of a case, in the ledger's order."""

    @abstractmethod
    def proven(self, case_id: str) -> CaseProof:
        """Its history with proofs."""
