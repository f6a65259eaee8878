"""归档、鉴定、销毁: what casefile does with archived cases when people want it, and what it tells of them."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casefile.archiving.archivist import Archivist, is_archived, late, ready_on
from casefile.archiving.rows import ARCHIVES
from casefile.archiving.schedule import closed, is_open_again
from casefile.domain import Archive
from casefile.projections import CLOSING, HEADS
from contracts.archives import (
    ApproveDestruction,
    ArchiveExtension,
    ArchiveFile,
    ArchivePackage,
    ArchiveRow,
    DestroyArchive,
    ExtendRetention,
    GetArchive,
    ListArchives,
    MakeArchive,
    NoteErasure,
    RecordArchive,
    RecordRemoval,
)
from contracts.language import Act, Caller
from eventing.client import SYSTEM
from eventing.errors import NotFound, OneThingError
from eventing.paging import Order
from eventing.scoping import SEPARATOR, among, narrowed
from eventing.service import Service, command, deadline, query, reaction

MOST = 200
"""Archives in one answer."""

ORDER = Order(ARCHIVES.c.term_over_at, ARCHIVES.c.case_id)

Closing = tuple[datetime | None, date]
"""When a case was closed, if it was, and the first day on which it may be archived."""


class Archiving(Archivist, Service):
    """The part of casefile that keeps and ends what is archived."""

    @command(MakeArchive, on=Archive, creates=True, given="closings")
    def make_archive(self, archive: Archive, cmd: MakeArchive, act: Act, closing: Closing) -> None:
        """归档, or a later edition; the archivist does it."""
        closed_at, ready = closing
        archive.ask(closed_at=closed_at, ready_on=ready, act=act)
        if self.packages is not None:
            self.store.afterwards(self.packages.nudge)

    def closings(self, batch: Sequence[tuple[Archive, MakeArchive, Act]]) -> Sequence[Closing | OneThingError]:
        """When the cases were closed; told only to those whom they concern."""
        return [self._closing(cmd, act) for _, cmd, act in batch]

    def _closing(self, cmd: MakeArchive, act: Act) -> Closing | OneThingError:
        case_id = cmd.case_id
        try:
            self.concerns(cmd, act.caller or SYSTEM)
        except OneThingError as refusal:
            return refusal
        case = closed(self.facts_of(case_id))
        if case is None:
            return None, date.max
        rows = self.store.select(sa.select(CLOSING.c.closed_at).where(CLOSING.c.case_id == case_id))
        closed_at = rows[0]["closed_at"] if rows else case.course.closed.at if case.course.closed else None
        return closed_at, ready_on(case, self.catalogues.at(case.catalogue), self.calendar)

    @command(RecordArchive, on=Archive, creates=True)
    def record_archive(self, archive: Archive, cmd: RecordArchive, act: Act) -> None:
        """It was made."""
        archive.keep(cmd, act)
        self.store.also(lambda connection: is_archived(connection, cmd.case_id, cmd.facts))

    @command(ExtendRetention, on=Archive)
    def extend_retention(self, archive: Archive, cmd: ExtendRetention, act: Act) -> None:
        """延长保管."""
        archive.extend(cmd.keep_until, cmd.reason, act)

    @command(ApproveDestruction, on=Archive, given="ends")
    def approve_destruction(self, archive: Archive, cmd: ApproveDestruction, act: Act, is_closed: bool) -> None:
        """鉴定."""
        archive.approve(cmd.opinion, act, is_closed=is_closed)

    @command(DestroyArchive, on=Archive, given="ends")
    def destroy_archive(self, archive: Archive, cmd: DestroyArchive, act: Act, is_closed: bool) -> None:
        """销毁. vault destroys the key when it learns of it; the archivist removes the packages."""
        archive.destroy(act, is_closed=is_closed)
        if self.packages is not None:
            self.store.afterwards(self.packages.nudge)

    def ends(self, batch: Sequence[tuple[Archive, ApproveDestruction | DestroyArchive, Act]]) -> Sequence[bool]:
        """Whether the cases, which were archived because they were closed, are not open again."""
        return [not is_open_again(self.facts_of(cmd.case_id)) for _, cmd, _ in batch]

    @command(RecordRemoval, on=Archive)
    def record_removal(self, archive: Archive, cmd: RecordRemoval, act: Act) -> None:
        """They are gone."""
        archive.remove(cmd.files, act)

    @reaction(NoteErasure, on=Archive)
    def note_erasure(self, archive: Archive, cmd: NoteErasure, act: Act) -> None:
        """The key is gone."""
        archive.note_erasure(cmd, act)

    @deadline("term", on=Archive)
    def term_over(self, archive: Archive, act: Act) -> None:
        """The last day has passed."""
        archive.reach_term(act)

    @query(ListArchives)
    def list_archives(self, question: ListArchives, caller: Caller) -> dict[str, Any]:
        """Those whose term is over first."""
        limit = max(1, min(question.limit, MOST))
        c = ARCHIVES.c
        wanted = sa.select(ARCHIVES.table)
        if question.state:
            wanted = wanted.where(c.state == question.state)
        if question.hall:
            wanted = wanted.where(c.hall == question.hall)
        if question.department:
            wanted = wanted.where(among(c.departments)((question.department,)))
        wanted = narrowed(wanted, question, caller, halls=(c.hall,), orgs=(among(c.departments),))
        rows = self.store.select(ORDER.page(wanted, question.after, limit, reverse=question.reversed))
        return {"archives": [_told(row) for row in rows], "after": ORDER.cursor(rows, limit)}

    @query(GetArchive)
    def get_archive(self, question: GetArchive, caller: Caller) -> ArchiveFile:
        """Terms, packages, appraisals."""
        heads = self.store.select(sa.select(HEADS.c.case_id).where(HEADS.c.number == question.case_id))
        case_id = heads[0]["case_id"] if heads else question.case_id
        try:
            archive: Archive = self.store.seen(Archive, case_id, question, caller)
        except NotFound:  # the id of a case is not told to whoever knows its number
            raise NotFound(what="archive", id=question.case_id) from None
        row = self.store.select(sa.select(ARCHIVES.table).where(ARCHIVES.c.case_id == case_id))[0]
        return ArchiveFile(
            row=_told(row),
            catalogue=archive.catalogue,
            terms=archive.terms,
            packages=tuple(ArchivePackage(**_fields(each)) for each in archive.packages),
            extensions=tuple(ArchiveExtension(**_fields(each)) for each in archive.extensions),
        )

    @abstractmethod
    def concerns(self, message: MakeArchive, caller: Caller) -> None:
        """Raises NotFound, NotYourRole, OutOfScope where a case is not there or is beyond the caller."""

    def late_archives(self) -> int:
        """Packages that ought to be there for a day."""
        return int(self.store.select(late(self.clock.now()))[0]["cases"])

    def stop_archiving(self) -> None:
        """No further package is begun."""
        if self.packages is not None:
            self.packages.stop()


def _fields(of: Any) -> dict[str, Any]:
    return {name: getattr(of, name) for name in of.__struct_fields__}


def _told(row: Any) -> ArchiveRow:
    said = {name: row[name] for name in ArchiveRow.__struct_fields__}
    return ArchiveRow(**said | {"departments": tuple(each for each in row["departments"].split(SEPARATOR) if each)})
