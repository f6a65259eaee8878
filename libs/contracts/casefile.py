"""电子卷宗: the history of a case across all services."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from contracts.language import Answer, Instant, Query


class EntryTitle(Answer, frozen=True, kw_only=True):
    """What a fact is called."""

    zh: str = ""
    en: str = ""


class TimelineEntry(Answer, frozen=True, kw_only=True):
    """One thing that happened; what is personal is left out of ``body``."""

    seq: int
    at: datetime
    service: str
    position: int
    topic: str
    title: EntryTitle
    by: str
    acting_as: str
    in_name_of: str
    body: dict[str, Any]
    """The fact's own fields, as ``facts.md`` and the schema of its topic tell them."""
    link: str
    """The hash that chains it to what went before."""


class TimelinePage(Answer, frozen=True, kw_only=True):
    """A page of what happened in a case."""

    case_id: str
    number: str | None
    theme: str | None
    hall: str | None
    state: str | None
    outcome: str | None
    entries: tuple[TimelineEntry, ...]
    after: int | None


class CaseFileRow(Answer, frozen=True, kw_only=True):
    """A case with a history."""

    case_id: str
    updated_at: datetime
    number: str | None
    theme: str | None
    region: str | None
    hall: str | None
    state: str | None
    outcome: str | None
    opened_at: datetime | None
    length: int
    head: str


class CaseFilePage(Answer, frozen=True, kw_only=True):
    """A page of cases with a history."""

    cases: tuple[CaseFileRow, ...]
    after: str


class ChainVerdict(Answer, frozen=True, kw_only=True):
    """Whether a chain is what was written; if not, the first place where it is not."""

    verified: bool
    length: int
    head: str
    broken_at: int | None
    wrong: Literal["", "chain", "leaf", "tree", "head"]
    """What does not fit: the entry its chain; the entry its leaf of the Merkle tree; its leaf the tree; the tree the
    head that was signed last."""


class StoredFact(Answer, frozen=True, kw_only=True):
    """A fact as it was stored; ``state`` are the bytes that were chained."""

    service: str
    segment: int
    position: int
    stream: str
    version: int
    topic: str
    at: datetime
    state: bytes


class StoredFacts(Answer, frozen=True, kw_only=True):
    """The stored facts of a case, in the ledger's order."""

    case_id: str
    facts: tuple[StoredFact, ...]


class LedgerVerdict(Answer, frozen=True, kw_only=True):
    """Whether a stretch of the whole ledger is what was written; if not, the first place where it is not."""

    verified: bool
    checked: int
    """How many facts were looked at, from the first on."""
    peaks: str
    """The tree's frontier there: bring both to the next question."""
    done: bool
    """Whether that was all."""
    wrong: Literal["", "chain", "leaf", "tree", "head"]
    leaf_index: int | None
    case_id: str | None
    broken_at: int | None
    """The fact's number in the chain of its case."""


class TreeHead(Answer, frozen=True, kw_only=True):
    """The tree over all facts as it was, signed."""

    tree_size: int
    """How many facts it was over."""
    root_hash: bytes
    at: datetime
    signed_note: str
    """The signed text: a checkpoint of the C2SP."""


class TreeHeadPage(Answer, frozen=True, kw_only=True):
    """A page of signed heads, and the key that they are to be checked with."""

    public_key: str
    """The public key: name, hash and key, in the form of the C2SP's signed notes."""
    tree_heads: tuple[TreeHead, ...]
    after: int | None


class ConsistencyProof(Answer, frozen=True, kw_only=True):
    """That the tree of one signed head begins with all of the tree of another (RFC 9162, 2.1.4). Checked offline."""

    format: Literal["onething-consistency-proof/1"]
    public_key: str
    """Of whoever made it: check with the key that you were given, not with this one."""
    old_head: str
    """The earlier head, signed."""
    new_head: str
    """The later head, signed."""
    consistency_path: tuple[bytes, ...]


class ProvenFact(Answer, frozen=True, kw_only=True):
    """A fact with its place in the chain of its case and in the tree over all facts."""

    seq: int
    service: str
    segment: int
    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    link: bytes
    leaf_index: int
    """Of its leaf in the tree, from 0."""
    inclusion_path: tuple[bytes, ...]
    """That the leaf is in the tree of the head (RFC 9162, 2.1.3)."""


class CaseProof(Answer, frozen=True, kw_only=True):
    """The history of a case that can be checked anywhere with a public key. Personal data in it is sealed."""

    format: Literal["onething-case-proof/1"]
    public_key: str
    """Of whoever made it: check with the key that you were given, not with this one."""
    case_id: str
    number: str | None
    tree_head: str
    """The head of the tree, signed."""
    chain_end: str
    """How long the case's chain was under that head, and its last link, signed."""
    facts: tuple[ProvenFact, ...]


class Timeline(Query, frozen=True, kw_only=True):
    """What happened in a case, in the ledger's order."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/timeline"
    ANSWER: ClassVar[Any] = TimelinePage
    case_id: str
    """The case's id or its number."""
    after: int = 0
    limit: int = 500


class _Finding(Query, frozen=True, kw_only=True):
    """What cases with a history can be found by."""

    number: str = ""
    """The case's number, or how it begins."""
    theme: str = ""
    item: str = ""
    """An item that was accepted in the case."""
    hall: str = ""
    department: str = ""
    """The organisation that decides an item of it."""
    state: str = ""
    clock: Literal["", "running", "paused", "overdue"] = ""
    """An item waits for its decision: its clocks run, they stand still, a last day has passed."""
    sort: Literal["newest", "oldest", "updated"] = "newest"
    """By the day they were opened, or what changed last first."""
    after: str = ""
    limit: int = 50


class ListCaseFiles(_Finding, frozen=True, kw_only=True):
    """Cases with a history, newest first unless told otherwise, by cursor."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /case-files"
    ANSWER: ClassVar[Any] = CaseFilePage


class FindCaseFiles(_Finding, frozen=True, kw_only=True):
    """The same of one applicant, by the identifier, which is compared as a blind index and stands in no address."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "POST /case-files/find"
    ANSWER: ClassVar[Any] = CaseFilePage
    identifier: str


class VerifyCase(Query, frozen=True, kw_only=True):
    """Recompute the case's hash chain, and its facts' places in the tree over all facts, from the stored bytes."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/verification"
    ANSWER: ClassVar[Any] = ChainVerdict
    case_id: str


class VerifyLedger(Query, frozen=True, kw_only=True):
    """Recompute the whole ledger, a stretch at a time: every fact, its chain, its leaf, every head that was signed."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /ledger/verification"
    ANSWER: ClassVar[Any] = LedgerVerdict
    checked: int = 0
    peaks: str = ""
    stretch: int = 500


class CaseFacts(Query, frozen=True, kw_only=True):
    """The stored facts of a case, of every service, up to an instant: what a replay starts from."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/facts"
    ANSWER: ClassVar[Any] = StoredFacts
    case_id: str
    until: Instant | None = None


class ListTreeHeads(Query, frozen=True, kw_only=True):
    """The signed heads of the tree over all facts, oldest first: to be kept by others, who can then hold us to them."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /ledger/heads"
    ANSWER: ClassVar[Any] = TreeHeadPage
    after: int = 0
    """Only larger trees."""
    limit: int = 100
    newest: bool = False
    """Only the newest one."""


class ProveConsistency(Query, frozen=True, kw_only=True):
    """The proof that a signed head continues an earlier one: nothing before it was changed, left out or moved."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /ledger/consistency"
    ANSWER: ClassVar[Any] = ConsistencyProof
    old_size: int
    """The size of the earlier head."""
    new_size: int = 0
    """The size of the later one; 0 is the newest."""


class ProveCase(Query, frozen=True, kw_only=True):
    """A case's history to take away: every fact's bytes, the chain, the way of each to a signed head of the tree."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/proof"
    ANSWER: ClassVar[Any] = CaseProof
    case_id: str


class TicketThen(Answer, frozen=True, kw_only=True):
    """The ticket that was at a window."""

    ticket: str
    number: str
    state: Literal["called", "serving"]
    theme: str
    item: str
    case: str
    called_at: datetime
    served_at: datetime | None


class WindowThen(Answer, frozen=True, kw_only=True):
    """A window as it stood."""

    window: str
    name: str
    zone: str
    themes: tuple[str, ...]
    state: Literal["open", "paused", "closed"]
    staff: str
    """Who was on duty."""
    reason: str
    since: datetime | None
    """Since when it was in this state; None: from when it was installed."""
    silent_since: datetime | None
    """When its desk was last heard, where it had been noted that it was silent."""
    serving: TicketThen | None


class HallThen(Answer, frozen=True, kw_only=True):
    """A hall as it stood, with its windows."""

    hall: str
    name: str
    kind: str
    region: str
    parent: str
    replacement: str
    """The hall that stood in for it while it was closed."""
    windows: tuple[WindowThen, ...]


class WindowsThen(Answer, frozen=True, kw_only=True):
    """Windows as they stood at an instant, folded from the ledger's facts."""

    at: datetime
    halls: tuple[HallThen, ...]
    state_hash: str
    """Of the halls: who asks again for the same instant gets the same."""


class WindowsAt(Query, frozen=True, kw_only=True):
    """All windows of halls as they stood at an instant: state, who was on duty, which ticket was there.

    Of the halls that are named, with those below them if asked, or of all halls of a region; of all where none is
    named. It is told as far as the ledger has come: facts that follow late, as after an interruption, re-state it.
    """

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /ledger/windows"
    ANSWER: ClassVar[Any] = WindowsThen
    at: Instant
    halls: tuple[str, ...] = ()
    below: bool = False
    region: str = ""
    """A division's code; the halls of its parts, whose codes begin with it, are among them."""


Why = Literal["unfinished", "blocked", "asked", "lawful"]
"""Why a case is not finished, an item is blocked, a material was asked for, an acceptance was lawful."""


class CitedFact(Answer, frozen=True, kw_only=True):
    """A fact without which the answer would be another."""

    chain: str
    """The case, or what belongs to no case, as a grant."""
    seq: int
    service: str
    topic: str
    title: EntryTitle
    at: datetime
    by: str


class CitedRule(Answer, frozen=True, kw_only=True):
    """A rule that a reason follows from."""

    source: str
    """The law and its article, or a source of the themes; ``catalogue`` for a line of the catalogue."""
    said: EntryTitle
    catalogue: str
    """The version, for a line of the catalogue: ``GET /catalogues/{version}``."""
    item: str


class ExplainedReason(Answer, frozen=True, kw_only=True):
    """One reason: a sentence, the facts that it was read in, the rules that it follows from."""

    code: str
    item: str
    data: dict[str, str]
    """What its sentence names: days, offices, materials; never what a form or an applicant says."""
    said: EntryTitle
    facts: tuple[CitedFact, ...]
    rules: tuple[CitedRule, ...]


class Explanation(Answer, frozen=True, kw_only=True):
    """The answer to a why, with the facts and rules that it takes, and no others."""

    case_id: str
    why: Why
    subject: str
    answer: str
    """finished · unfinished · blocked · waiting · at_work · over · asked · not_asked · lawful · not_shown ·
    not_accepted · unknown"""
    reasons: tuple[ExplainedReason, ...]


class Explain(Query, frozen=True, kw_only=True):
    """Why: each fact that is cited is needed for the answer. As of an instant, where one is given."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/explanation"
    ANSWER: ClassVar[Any] = Explanation
    case_id: str
    """The case's id or its number."""
    why: Why = "unfinished"
    subject: str = ""
    """The item, for blocked and lawful; the material, for asked."""
    until: Instant | None = None
