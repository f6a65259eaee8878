"""What approval answers of a bundle and of its reviews."""

from datetime import date, datetime
from typing import Literal

import msgspec

from contracts.approval.values import DeskState, JointClock, Moved, VisitResult
from contracts.language import Answer


class ReviewStanding(Answer, frozen=True, kw_only=True):
    """How a review stands after an act, and whether the whole has its verdict."""

    item: str
    status: str
    decision: str
    remedy: str
    verdict: str | None


class ReviewHolder(Answer, frozen=True, kw_only=True):
    """On whose desk a review lies; empty: on the common list."""

    item: str
    holder: str


class OpinionDue(Answer, frozen=True, kw_only=True):
    """The number of an opinion that was asked for, and its last day."""

    opinion: str
    due_on: date


class HearingOpen(Answer, frozen=True, kw_only=True):
    """The last day on which a hearing may be asked for."""

    item: str
    until: date


class HearingDue(Answer, frozen=True, kw_only=True):
    """The last day on which a hearing has to be held."""

    item: str
    hold_by: date


class VisitPlan(Answer, frozen=True, kw_only=True):
    """A visit that was planned."""

    visit: str
    items: tuple[str, ...]
    orgs: tuple[str, ...]
    on: date


class RectificationDue(Answer, frozen=True, kw_only=True):
    """Until when the holder has to put it right."""

    item: str
    due_on: date


class Standstill(Answer, frozen=True, kw_only=True):
    """Days on which a clock stands still: from ``start`` on, before ``end``; None: it goes on."""

    start: date
    end: date | None


class Clock(Answer, frozen=True, kw_only=True):
    """A limit: what was counted, what was not, and the one line that says how it came out."""

    days: int
    started_on: date
    due_on: date | None
    amber_on: date | None
    calendar: str
    provisional: bool
    extended_days: int
    not_counted: tuple[Standstill, ...]
    derivation: str
    derivation_en: str
    derived_again_on: date | None
    """Where today's calendar gives another day: that day."""


class ExtensionStanding(Answer, frozen=True, kw_only=True):
    """An extension that somebody asked for, and what became of it."""

    reasons: str
    requested_by: str
    decided_by: str
    days: int
    notice: str
    refusal: str
    approval: str


class ExtensionCode(ExtensionStanding, frozen=True, kw_only=True):
    """An extension under its code (延长审批, GB/T 39046—2020 表 A.7)."""

    code: str


class JointStanding(Clock, frozen=True, kw_only=True):
    """The clock over the whole of a theme that is handled jointly."""

    warned: str
    extension: ExtensionStanding | None


class ClocksStanding(Answer, frozen=True, kw_only=True):
    """How the clocks of a review stand after an act."""

    item: str
    status: str
    clocks: dict[str, Clock]
    """promised and statutory; a limit that there is not is left out."""
    extension: ExtensionStanding | None


class JointExtensionAnswer(Answer, frozen=True, kw_only=True):
    """The clock over the whole after its extension."""

    joint: JointClock | None


class Rederived(Answer, frozen=True, kw_only=True):
    """Which days moved under today's calendar."""

    calendar: str
    moved: tuple[Moved, ...]


class Named(msgspec.Struct, frozen=True, omit_defaults=True):
    """A name in both languages."""

    zh: str = ""
    en: str = ""


class SuspensionStanding(Answer, frozen=True, kw_only=True):
    """A special procedure, as it was told to the applicant and as it went."""

    code: str
    procedure: str
    name: Named
    reason: str
    notice: str
    since: date
    expected_on: date
    until: date | None
    result: str
    overran: bool


class WaitStanding(Answer, frozen=True, kw_only=True):
    """A period that has to pass before the decision."""

    wait: str
    name: str
    since: date
    until: date
    suspends: bool
    over: bool


class DeskMove(Answer, frozen=True, kw_only=True):
    """A review came to a person's desk, or left it."""

    at: datetime
    by: str
    move: Literal["claimed", "assigned", "released"]
    holder: str


class OpinionStanding(Answer, frozen=True, kw_only=True):
    """What another organisation was asked, and what it answered."""

    item: str
    of: str
    kind: Literal["expert", "department"]
    question: str
    due_on: date
    answer: str
    given_at: datetime | None
    overdue: bool


class HearingStanding(Answer, frozen=True, kw_only=True):
    """A hearing, from the day on which its right was told."""

    parties: tuple[str, ...]
    until: date
    wanted_by: tuple[str, ...]
    waived_by: tuple[str, ...]
    lapsed: bool
    hold_by: date | None
    overdue: bool
    on: date | None
    place: str
    presider: str
    record: str


class ComparisonStanding(Answer, frozen=True, kw_only=True):
    """What a comparison of data gave."""

    matched: bool
    source: str
    digest: str


class ProposalStanding(Answer, frozen=True, kw_only=True):
    """What somebody wants done about a decision."""

    kind: str
    by: str
    decision: str
    words: str
    detail: str


class AmendmentStanding(Answer, frozen=True, kw_only=True):
    """What was done about a decision."""

    kind: str
    at: datetime
    decision: str
    verdict: str
    words: str
    detail: str
    proposed_by: str
    approved_by: str


class VerificationStanding(Answer, frozen=True, kw_only=True):
    """The verification of one grant."""

    decision: str
    basis: str | None
    due_on: date | None
    state: str
    findings: str
    demands: str
    rectify_by: date | None
    recheck_by: date | None
    overdue: tuple[str, ...]


class ListCode(Answer, frozen=True, kw_only=True):
    """A code of one of the lists in which results are reported."""

    code: str
    name: str


class ResultCodes(Answer, frozen=True, kw_only=True):
    """What became of an item, list by list; a list that has no word for it is left out."""

    shown: str = ""
    older: ListCode | None = None
    conclusion: ListCode | None = None
    variant: ListCode | None = None
    item_status: ListCode | None = None
    node: ListCode | None = None
    licence: ListCode | None = None


class FallenDecision(Answer, frozen=True, kw_only=True):
    """A decision that fell."""

    decision: str
    result: ResultCodes


class ReviewDetail(Answer, frozen=True, kw_only=True):
    """A review in full: its state, its clocks, what it waits for, and everything around its decision."""

    item: str
    name: str
    handler: str
    status: str
    state: str
    supplied: bool
    waiting_for: tuple[str, ...]
    due_on: date | None
    warned: str
    clocks: dict[str, Clock]
    committed: bool
    tolerated: bool
    decision: str
    decided_at: datetime | None
    words: str
    remedy: str
    reason: str | None
    because: tuple[str, ...]
    suspensions: tuple[SuspensionStanding, ...]
    extension: ExtensionCode | None
    waits: tuple[WaitStanding, ...]
    ends_on: date | None
    slack: int | None
    critical: bool
    holder: str
    desk: tuple[DeskMove, ...]
    opinions: dict[str, OpinionStanding]
    hearing: HearingStanding | None
    hearing_required: bool
    comparison: ComparisonStanding | None
    proposed: ProposalStanding | None
    amendments: tuple[AmendmentStanding, ...]
    verification: VerificationStanding | None
    result: ResultCodes
    fallen: tuple[FallenDecision, ...]


class VisitStanding(Answer, frozen=True, kw_only=True):
    """A joint visit."""

    word: str
    items: tuple[str, ...]
    on: date
    orgs: tuple[str, ...]
    inspectors: dict[str, tuple[str, ...]]
    results: dict[str, VisitResult]


class PlannedVisit(Answer, frozen=True, kw_only=True):
    """A joint visit, and the items that wait for it."""

    visit: VisitStanding
    waiting: tuple[str, ...]


class VisitsStanding(Answer, frozen=True, kw_only=True):
    """The joint visits of a case, and those that could be made together: word → items."""

    planned: dict[str, PlannedVisit]
    suggested: dict[str, tuple[str, ...]]


class BundleDetail(Answer, frozen=True, kw_only=True):
    """All reviews of a case, and how they lie in the whole."""

    case_id: str
    number: str
    theme: str
    catalogue: str
    region: str
    output_mode: str
    hall: str
    standings: dict[str, str]
    origins: dict[str, str]
    lead: str
    verdict: str | None
    version: int
    due_on: date | None
    due_by_graph: date | None
    critical_path: tuple[str, ...]
    joint: JointStanding | None
    visits: VisitsStanding
    reviews: tuple[ReviewDetail, ...]


class WorklistRow(Answer, frozen=True, kw_only=True):
    """A review on a work list."""

    case_id: str
    item: str
    number: str
    theme: str
    handler: str
    holder: str
    state: DeskState
    due_on: date | None
    promised_due: date | None
    statutory_due: date | None
    warned: str


class WorklistPage(Answer, frozen=True, kw_only=True):
    """A page of a work list."""

    reviews: tuple[WorklistRow, ...]
    after: str


class OpinionRow(Answer, frozen=True, kw_only=True):
    """An opinion that is owed."""

    case_id: str
    opinion: str
    item: str
    number: str
    theme: str
    handler: str
    asked: str
    kind: Literal["expert", "department"]
    question: str
    due_on: date
    overdue: bool


class OpinionPage(Answer, frozen=True, kw_only=True):
    """A page of the opinions that an organisation owes."""

    opinions: tuple[OpinionRow, ...]
    after: str
