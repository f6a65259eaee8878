"""档案: closed cases in sealed packages, how long they are kept, and who lets them be destroyed.

casefile makes them of its ledger. Destroying is an act of two people, after an appraisal (鉴定); nothing is ever
destroyed because a day has come.
"""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.language import Answer, Command, Fact, Query

ArchiveState = Literal["requested", "kept", "due", "approved", "destroyed"]
"""A package is to be made; it is kept; its term is over and nobody has appraised it; its destruction is approved; its
key is destroyed and it is no more."""


class ItemTerm(msgspec.Struct, frozen=True, omit_defaults=True):
    """How long the record of one item is kept (保管期限), by the catalogue of the case."""

    item: str
    counted_from: Literal["closing", "decision", "expiry"]
    """The event that there was; the item's rule may name a later one that never came."""
    since: date
    years: int | None = None
    until: date | None = None
    """The last day; None: for ever (永久)."""
    source: str = ""
    placeholder: bool = False
    """Whether the term is a default that the locality has to set."""


class ArchiveRequested(Fact, frozen=True, kw_only=True):
    """Somebody wants the package of a closed case made, or made anew with what has happened since."""

    TOPIC: ClassVar[str] = "onething.archive.requested.v1"
    SERVICE: ClassVar[str] = "casefile"


class CaseArchived(Fact, frozen=True, kw_only=True):
    """归档: a sealed package of the case was made and stored, and the term of each of its items is counted."""

    TOPIC: ClassVar[str] = "onething.archive.made.v1"
    SERVICE: ClassVar[str] = "casefile"
    edition: int
    """From 1; a later edition holds what happened after the one before."""
    digest: str
    """SHA-256 of the package, under which the contents store has it."""
    size: int
    files: int
    """Files of materials and documents in it; each is sealed with the case's key."""
    facts: int
    """How many facts of the case it holds."""
    tree_size: int
    """Over how many facts the signed head in it is."""
    number: str
    theme: str
    hall: str
    departments: tuple[str, ...]
    catalogue: str
    terms: tuple[ItemTerm, ...]
    keep_until: date | None
    """The last day of the longest term; None: for ever."""
    software: str
    requested_by: str = ""
    """Who asked for it; empty: it was time."""


class ArchiveTermReached(Fact, frozen=True, kw_only=True):
    """The term of an archived case is over: it waits for its appraisal (鉴定)."""

    TOPIC: ClassVar[str] = "onething.archive.term-reached.v1"
    SERVICE: ClassVar[str] = "casefile"
    keep_until: date


class RetentionExtended(Fact, frozen=True, kw_only=True):
    """延长保管: whoever appraised the case found that it is to be kept longer; an approved destruction is off."""

    TOPIC: ClassVar[str] = "onething.archive.retention-extended.v1"
    SERVICE: ClassVar[str] = "casefile"
    keep_until: date | None
    """None: for ever."""
    reason: str


class DestructionApproved(Fact, frozen=True, kw_only=True):
    """鉴定: whoever appraised the case found that it may be destroyed; another person has to do it."""

    TOPIC: ClassVar[str] = "onething.archive.destruction-approved.v1"
    SERVICE: ClassVar[str] = "casefile"
    opinion: str


class ArchiveDestroyed(Fact, frozen=True, kw_only=True):
    """销毁: the case's key and its packages are to be destroyed, by the second person. vault does the first."""

    TOPIC: ClassVar[str] = "onething.archive.destroyed.v1"
    SERVICE: ClassVar[str] = "casefile"
    approved_by: str
    opinion: str
    keep_until: date


class ArchiveErased(Fact, frozen=True, kw_only=True):
    """The key of an archived case was destroyed: what is personal in its packages is noise from now on."""

    TOPIC: ClassVar[str] = "onething.archive.erased.v1"
    SERVICE: ClassVar[str] = "casefile"
    key_id: str
    reason: str


class ArchiveRemoved(Fact, frozen=True, kw_only=True):
    """The packages of a destroyed case, and the files in them, are in the contents store no more."""

    TOPIC: ClassVar[str] = "onething.archive.removed.v1"
    SERVICE: ClassVar[str] = "casefile"
    packages: tuple[str, ...]
    files: int


class MakeArchive(Command, frozen=True, kw_only=True):
    """Make the package of a closed case, or a later edition of it. It is made aside, a moment later."""

    SERVICE: ClassVar[str] = "casefile"
    case_id: str


class ExtendRetention(Command, frozen=True, kw_only=True):
    """鉴定: keep the case longer. That may be said at any time, also after a destruction was approved."""

    SERVICE: ClassVar[str] = "casefile"
    case_id: str
    keep_until: date | None = None
    """None: for ever."""
    reason: str


class ApproveDestruction(Command, frozen=True, kw_only=True):
    """鉴定: the term is over, and nothing speaks against destroying the case."""

    SERVICE: ClassVar[str] = "casefile"
    case_id: str
    opinion: str


class DestroyArchive(Command, frozen=True, kw_only=True):
    """销毁, by another person than the one who approved it. It cannot be taken back."""

    SERVICE: ClassVar[str] = "casefile"
    case_id: str


class RecordArchive(Command, frozen=True, kw_only=True):
    """Record that a package was made and stored."""

    SERVICE: ClassVar[str] = "casefile"
    INTERNAL: ClassVar[str] = "whoever made the package says so"
    case_id: str
    digest: str
    size: int
    files: int
    facts: int
    tree_size: int
    number: str
    theme: str
    hall: str
    departments: tuple[str, ...]
    catalogue: str
    terms: tuple[ItemTerm, ...]
    keep_until: date | None
    software: str


class NoteErasure(Command, frozen=True, kw_only=True):
    """Note that the key of an archived case is destroyed."""

    SERVICE: ClassVar[str] = "casefile"
    INTERNAL: ClassVar[str] = "follows the destruction of a key"
    case_id: str
    key_id: str
    reason: str


class RecordRemoval(Command, frozen=True, kw_only=True):
    """Record that the packages of a destroyed case were removed."""

    SERVICE: ClassVar[str] = "casefile"
    INTERNAL: ClassVar[str] = "whoever removed them says so"
    case_id: str
    files: int


class ArchiveRow(Answer, frozen=True, kw_only=True):
    """An archived case in a list, and in the register of destructions (销毁清册)."""

    case_id: str
    state: ArchiveState
    number: str
    theme: str
    hall: str
    departments: tuple[str, ...]
    edition: int
    """Of the newest package; 0 while none was made."""
    digest: str
    size: int
    archived_at: datetime | None
    keep_until: date | None
    """None: for ever, or no package yet."""
    due_at: datetime | None
    """When its term was over."""
    approved_by: str
    approved_at: datetime | None
    opinion: str
    destroyed_by: str
    destroyed_at: datetime | None
    erased_at: datetime | None
    """When its key was destroyed, under the schedule or before."""
    removed_at: datetime | None
    """When its packages were removed."""


class ArchivePage(Answer, frozen=True, kw_only=True):
    """A page of archived cases."""

    archives: tuple[ArchiveRow, ...]
    after: str


class ArchivePackage(Answer, frozen=True, kw_only=True):
    """One edition of a case's package."""

    edition: int
    digest: str
    size: int
    files: int
    facts: int
    tree_size: int
    software: str
    at: datetime
    requested_by: str


class ArchiveExtension(Answer, frozen=True, kw_only=True):
    """A term that was prolonged."""

    by: str
    at: datetime
    keep_until: date | None
    reason: str


class ArchiveFile(Answer, frozen=True, kw_only=True):
    """All that is known of an archived case: terms, packages, appraisals, its destruction."""

    row: ArchiveRow
    catalogue: str
    terms: tuple[ItemTerm, ...]
    packages: tuple[ArchivePackage, ...]
    extensions: tuple[ArchiveExtension, ...]


class ListArchives(Query, frozen=True, kw_only=True):
    """Archived cases, those whose term is over first: of one state, hall or department, by cursor."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /archives"
    ANSWER: ClassVar[Any] = ArchivePage
    state: Literal["", "requested", "kept", "due", "approved", "destroyed"] = ""
    """``due`` is the list for the appraisal, ``destroyed`` the register of destructions."""
    hall: str = ""
    department: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class GetArchive(Query, frozen=True, kw_only=True):
    """What is known of one archived case."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/archive"
    ANSWER: ClassVar[Any] = ArchiveFile
    case_id: str
    """The case's id or its number."""
