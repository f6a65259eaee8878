"""An archive: the sealed packages of one closed case, its term, and the appraisal and destruction that end it.

Nothing is destroyed because a day has come: the day puts the case on the list of those that wait to be appraised
(鉴定). Whoever appraises it extends the term or approves the destruction, and somebody else carries it out.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec

from contracts.archives import (
    ArchiveDestroyed,
    ArchiveErased,
    ArchiveRemoved,
    ArchiveRequested,
    ArchiveState,
    ArchiveTermReached,
    CaseArchived,
    DestructionApproved,
    ItemTerm,
    NoteErasure,
    RecordArchive,
    RetentionExtended,
)
from contracts.language import Act
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, Refused
from kernel.clock import ending, local_date
from kernel.identifiers import names_a_person

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The place in the order of terms of what has none."""


class CaseNotClosed(Refused):
    """A case is archived after it was closed, and not destroyed while it is open again."""


class ObjectionsOpen(Refused):
    """The time for objections after the closing is not over."""


class NotArchived(Refused):
    """No package of the case was made yet."""


class TermNotReached(Refused):
    """The case is to be kept still."""


class TermNotLonger(Refused):
    """An extension leads beyond today and beyond the term that there is."""


class NotAppraised(Refused):
    """A case is destroyed only after an appraisal that found nothing against it."""


class ArchiveIsDestroyed(Refused):
    """The case was destroyed: its package is no more, and its personal data is unreadable."""

    status = 410


class AppraisalReasonMissing(Refused):
    """An appraisal says why."""


class AppraisalNamesPerson(Refused):
    """An appraisal stays in the register when all that is personal of the case has ended."""


class PeopleOnly(Forbidden):
    """An appraisal and a destruction are acts of people, never of the house."""


class SecondPersonForDestruction(Forbidden):
    """Whoever approved a destruction does not carry it out."""


class ArchivistOnly(Forbidden):
    """Only whoever made or removed a package can say so."""


class Package(msgspec.Struct, frozen=True):
    """One edition."""

    edition: int
    digest: str
    size: int
    files: int
    facts: int
    tree_size: int
    software: str
    at: datetime
    requested_by: str


class Extension(msgspec.Struct, frozen=True):
    """A term that was prolonged."""

    by: str
    at: datetime
    keep_until: date | None
    reason: str


class Deed(msgspec.Struct, frozen=True):
    """Who did something, when, and what they said."""

    by: str
    at: datetime
    said: str = ""


class Archive(Aggregate):
    """What is kept of a closed case, and for how long."""

    number: str
    theme: str
    hall: str
    catalogue: str
    departments: tuple[str, ...]
    terms: tuple[ItemTerm, ...]
    packages: tuple[Package, ...]
    keep_until: date | None
    extensions: tuple[Extension, ...]
    request: Deed | None
    reached: Deed | None
    approval: Deed | None
    destruction: Deed | None
    erasure: Deed | None
    removal: Deed | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.number = self.theme = self.hall = self.catalogue = ""
        self.departments, self.terms, self.packages, self.extensions = (), (), (), ()
        self.keep_until = None
        self.request = self.reached = self.approval = self.destruction = self.erasure = self.removal = None

    @property
    def standing(self) -> ArchiveState:
        """Where it is on its way from the request to the destruction."""
        if self.destruction:
            return "destroyed"
        if not self.packages:
            return "requested"
        if self.approval:
            return "approved"
        return "due" if self.reached else "kept"

    @property
    def is_wanted(self) -> bool:
        """Whether a package is to be made."""
        return self.request is not None

    @property
    def term_over_at(self) -> datetime:
        """The instant after the last day of its term; far away where there is none."""
        if self.keep_until is None:
            return FOR_EVER
        return ending(self.keep_until)

    def reach(self) -> Reach:
        """The case's hall and the departments of its items."""
        return Reach(halls=frozenset((self.hall,)) - {""}, orgs=frozenset(self.departments), subjects=None)

    def timers(self) -> Mapping[str, datetime]:
        """The end of the term."""
        if self.standing != "kept" or self.keep_until is None:
            return {}
        return {"term": self.term_over_at}

    def ask(self, *, closed_at: datetime | None, ready_on: date, act: Act) -> None:
        """Somebody wants it made; asked already is no news.

        Raises CaseNotClosed, ObjectionsOpen, ArchiveIsDestroyed.
        """
        self._there()
        if closed_at is None:
            raise CaseNotClosed(case=self.stream)
        if local_date(act.at) < ready_on:
            raise ObjectionsOpen(until=ready_on)
        if not self.is_wanted:
            self.record(ArchiveRequested, act)

    @applies(ArchiveRequested)
    def _asked(self, fact: ArchiveRequested) -> None:
        self.request = Deed(fact.by, fact.at)

    def keep(self, command: RecordArchive, act: Act) -> None:
        """A package was made; the same again is no news. A new one has not been appraised: an approval is off."""
        if act.by != "service:casefile":
            raise ArchivistOnly(by=act.by)
        self._there()
        newest = self.packages[-1].digest if self.packages else ""
        if command.digest == newest and not self.is_wanted:
            return
        said = {name: getattr(command, name) for name in command.__struct_fields__ if name != "case_id"}
        self.record(
            CaseArchived,
            act,
            edition=len(self.packages) + (command.digest != newest),
            requested_by=self.request.by if self.request else "",
            **said,
        )

    @applies(CaseArchived)
    def _kept(self, fact: CaseArchived) -> None:
        made = Package(
            fact.edition, fact.digest, fact.size, fact.files, fact.facts, fact.tree_size, fact.software, fact.at,
            fact.requested_by,
        )  # fmt: skip
        self.packages = (*(each for each in self.packages if each.digest != fact.digest), made)
        self.number, self.theme, self.hall = fact.number, fact.theme, fact.hall
        self.departments, self.catalogue, self.terms = fact.departments, fact.catalogue, fact.terms
        self.keep_until = _longest(fact.keep_until, self.extensions)
        self.request = self.approval = None
        if self.term_over_at > fact.at:
            self.reached = None

    def reach_term(self, act: Act) -> None:
        """The last day has passed."""
        if self.standing == "kept" and self.keep_until is not None and self.term_over_at <= act.at:
            self.record(ArchiveTermReached, act, keep_until=self.keep_until)

    @applies(ArchiveTermReached)
    def _reached(self, fact: ArchiveTermReached) -> None:
        self.reached = Deed(fact.by, fact.at)

    def extend(self, keep_until: date | None, reason: str, act: Act) -> None:
        """It is kept longer, whatever was approved before; the same again is no news. Raises TermNotLonger."""
        self._appraised_by(act, reason)
        if self.extensions and (self.extensions[-1].by, keep_until) == (act.by, self.keep_until):
            return
        if self.keep_until is None or (
            keep_until is not None and keep_until <= max(self.keep_until, local_date(act.at))
        ):
            raise TermNotLonger(until=self.keep_until)
        self.record(RetentionExtended, act, keep_until=keep_until, reason=reason.strip())

    @applies(RetentionExtended)
    def _extended(self, fact: RetentionExtended) -> None:
        self.extensions = (*self.extensions, Extension(fact.by, fact.at, fact.keep_until, fact.reason))
        self.keep_until = fact.keep_until
        self.reached = self.approval = None

    def approve(self, opinion: str, act: Act, *, is_closed: bool = True) -> None:
        """Nothing speaks against destroying it; approved already is no news. Raises TermNotReached, CaseNotClosed."""
        self._appraised_by(act, opinion)
        if self.approval:
            return
        self._over(is_closed)
        if self.standing != "due":
            raise TermNotReached(until=self.keep_until)
        self.record(DestructionApproved, act, opinion=opinion.strip())

    @applies(DestructionApproved)
    def _approved(self, fact: DestructionApproved) -> None:
        self.approval = Deed(fact.by, fact.at, fact.opinion)

    def destroy(self, act: Act, *, is_closed: bool = True) -> None:
        """Another person has it destroyed; destroyed already is no news. Raises NotAppraised,
        SecondPersonForDestruction, CaseNotClosed."""
        if self.destruction:
            return
        self._by_somebody(act)
        self._over(is_closed)
        if self.approval is None or self.keep_until is None:
            raise NotAppraised(case=self.stream)
        if act.by == self.approval.by:
            raise SecondPersonForDestruction(by=act.by)
        self.record(
            ArchiveDestroyed,
            act,
            approved_by=self.approval.by,
            opinion=self.approval.said,
            keep_until=self.keep_until,
        )

    @applies(ArchiveDestroyed)
    def _destroyed(self, fact: ArchiveDestroyed) -> None:
        self.destruction = Deed(fact.by, fact.at)
        self.request = None

    def note_erasure(self, command: NoteErasure, act: Act) -> None:
        """The key is gone, by this destruction or before; where nothing was archived that is no news here."""
        if self.packages and not self.erasure:
            self.record(ArchiveErased, act, key_id=command.key_id, reason=command.reason)

    @applies(ArchiveErased)
    def _erased(self, fact: ArchiveErased) -> None:
        self.erasure = Deed(fact.by, fact.at, fact.reason)

    def remove(self, files: int, act: Act) -> None:
        """The packages of a destroyed case are no more; removed already is no news."""
        if act.by != "service:casefile":
            raise ArchivistOnly(by=act.by)
        if not self.destruction:
            raise NotAppraised(case=self.stream)
        if not self.removal:
            self.record(ArchiveRemoved, act, packages=tuple(each.digest for each in self.packages), files=files)

    @applies(ArchiveRemoved)
    def _removed(self, fact: ArchiveRemoved) -> None:
        self.removal = Deed(fact.by, fact.at)

    def _there(self) -> None:
        if self.destruction:
            raise ArchiveIsDestroyed(case=self.stream, on=local_date(self.destruction.at))

    def _over(self, is_closed: bool) -> None:
        """A case that is open again, because an item is decided again, is needed."""
        if not is_closed:
            raise CaseNotClosed(case=self.stream)

    def _by_somebody(self, act: Act) -> None:
        if act.by in {"", "system"} or act.by.startswith("service:"):
            raise PeopleOnly(by=act.by)

    def _appraised_by(self, act: Act, why: str) -> None:
        self._there()
        self._by_somebody(act)
        if not self.packages:
            raise NotArchived(case=self.stream)
        if not why.strip():
            raise AppraisalReasonMissing
        if names_a_person(why):
            raise AppraisalNamesPerson


def _longest(counted: date | None, extensions: tuple[Extension, ...]) -> date | None:
    """The later of the term that was counted and the one that it was extended to."""
    if not extensions or counted is None:
        return counted
    extended = extensions[-1].keep_until
    return None if extended is None else max(counted, extended)
