"""审批汇聚: one review per item with its two clocks, joined into the bundle's verdict."""

from datetime import date
from typing import Annotated, ClassVar, Literal

import msgspec

from contracts.language import Command, Fact, Query

EndReason = Literal["withdrawn", "not_accepted", "lapsed", "returned", "terminated"]
"""撤回 · 不予受理 · 容缺逾期 · 退件 · 终止"""

RevocationGround = Literal["false_promise", "verification_failed", "unlawful", "fraud", "holder_request", "ceased"]
"""承诺不实 · 核查不合格 · 违法作出 · 欺骗贿赂取得 (行政许可法 第69条) · 申请注销 · 依法终止 (第70条)"""

DeskState = Literal["ready", "open", "locked", "suspended", "undecided"]
"""How far a review is on a work list: 可办 · 待材料 · 待前置事项 · 中止 · 全部未办结"""

Level = Literal["amber", "red", "escalated"]
"""预警 · 超期 · 超期后仍未办结而上报"""


class PlannedReview(msgspec.Struct, frozen=True, omit_defaults=True):
    """An accepted item that waits for its review."""

    item: str
    handler: str
    accepted_on: date | None = None
    """Where it is not the day of the act: the day from which the item counts as accepted."""
    committed: bool = False
    """告知承诺: a written promise takes the place of materials, which has limits of its own."""
    tolerated: bool = False
    """容缺受理: materials are still to come."""
    waits_from: dict[str, date] = {}
    """Wait → the day that it begins on, where the applicant told it."""


class Waiting(msgspec.Struct, frozen=True, omit_defaults=True):
    """A period that has to pass before the item can be decided: publicity, announcement, minimum term."""

    wait: str
    """Its id in the catalogue."""
    since: date
    until: date
    """Its last day."""
    suspends: bool = True
    """Whether the department's clocks stand still meanwhile."""


class Unlocked(msgspec.Struct, frozen=True, omit_defaults=True):
    """The two clocks of a review whose join is satisfied, as they stand: they run from ``started_on``.

    A day that is None is not known yet, because a suspension goes on; so is that of a limit that there is not.
    """

    item: str
    started_on: date
    statutory_due: date | None
    promised_due: date | None
    statutory_days: int | None = None
    promised_days: int | None = None
    statutory_amber_on: date | None = None
    """The working day in which the amber share of the limit is passed; None for a limit of no days."""
    promised_amber_on: date | None = None
    calendar: str = ""
    provisional: bool = False
    extended_days: int = 0
    """延长: by how many working days the statutory limit was extended."""
    waits: tuple[Waiting, ...] = ()
    tacit: Literal["", "granted", "denied"] = ""
    """What silence at the statutory limit decides here; empty, the rule: nothing."""


class JointClock(msgspec.Struct, frozen=True, omit_defaults=True):
    """The clock over the whole of a theme that is handled jointly (行政许可法 第42条第2款)."""

    started_on: date
    days: int
    due_on: date | None
    amber_on: date | None = None
    calendar: str = ""
    provisional: bool = False
    extended_days: int = 0


class Moved(msgspec.Struct, frozen=True, omit_defaults=True):
    """A day that is another one now; ``item`` is empty for the joint clock."""

    item: str
    limit: Literal["promised", "statutory", "joint"]
    before: date | None
    after: date | None


class BundleOpened(Fact, frozen=True, kw_only=True):
    """Approval took up a case: its theme, catalogue version and the standing of every item."""

    TOPIC: ClassVar[str] = "onething.bundle.opened.v1"
    number: str
    theme: str
    catalogue: str
    region: str
    standings: dict[str, str]
    expected: tuple[str, ...]
    """Selected items, accepted or not yet."""
    output_mode: Literal["integrated", "itemised"] = "itemised"
    hall: str = ""
    """Where the case was accepted."""
    answers: dict[str, str] = {}
    """The scenario answers: limits and waits depend on them."""
    joint: JointClock | None = None


class BundleExtended(Fact, frozen=True, kw_only=True):
    """More items were joined to the case; what was concluded is open again until they have come to their end."""

    TOPIC: ClassVar[str] = "onething.bundle.extended.v1"
    standings: dict[str, str]
    expected: tuple[str, ...]
    """The items that are new, or begin anew."""
    answers: dict[str, str] = {}


class OriginNoted(Fact, frozen=True, kw_only=True):
    """The result of an item that was underway elsewhere is known; what waited for it goes on, or cannot."""

    TOPIC: ClassVar[str] = "onething.bundle.origin-noted.v1"
    item: str
    outcome: Literal["granted", "denied", "withdrawn"]


class ReviewsPlanned(Fact, frozen=True, kw_only=True):
    """Items were accepted and have reviews, waiting for their joins."""

    TOPIC: ClassVar[str] = "onething.review.planned.v1"
    reviews: tuple[PlannedReview, ...]


class ReviewsUnlocked(Fact, frozen=True, kw_only=True):
    """Joins were satisfied: departments may work, clocks run."""

    TOPIC: ClassVar[str] = "onething.review.unlocked.v1"
    reviews: tuple[Unlocked, ...]


class ReviewsSupplied(Fact, frozen=True, kw_only=True):
    """The departments hold the materials of these items."""

    TOPIC: ClassVar[str] = "onething.review.supplied.v1"
    items: tuple[str, ...]


class ReviewGranted(Fact, frozen=True, kw_only=True):
    """准予: the department granted the item."""

    TOPIC: ClassVar[str] = "onething.review.granted.v1"
    item: str
    handler: str
    decision: str
    """Number of the decision document."""
    opinion: str = ""
    tolerant: bool = False
    """容缺通过: granted while tolerated materials are missing; the certificate is held until they are here."""
    automatic: bool = False
    """Decided by comparing data, or by silence, and not by a person."""


class ReviewConfirmed(Fact, frozen=True, kw_only=True):
    """A tolerant grant became a full one: everything that was tolerated has arrived."""

    TOPIC: ClassVar[str] = "onething.review.confirmed.v1"
    item: str
    handler: str
    decision: str


class ToleranceSettled(Fact, frozen=True, kw_only=True):
    """Everything that was tolerated as missing has arrived before the decision."""

    TOPIC: ClassVar[str] = "onething.review.tolerance-settled.v1"
    item: str


class ReviewDenied(Fact, frozen=True, kw_only=True):
    """不予许可: with reasons and the remedy notice (行政许可法 第38条)."""

    TOPIC: ClassVar[str] = "onething.review.denied.v1"
    item: str
    handler: str
    decision: str
    reasons: str
    remedy: str
    automatic: bool = False
    """Decided by silence, and not by a person."""


class ReviewsBlocked(Fact, frozen=True, kw_only=True):
    """Items that can no longer be decided because an item they need was denied or taken back."""

    TOPIC: ClassVar[str] = "onething.review.blocked.v1"
    items: tuple[str, ...]
    because: tuple[str, ...]


class ReviewEnded(Fact, frozen=True, kw_only=True):
    """A review ended without a decision, or a tolerant grant fell: withdrawn, not accepted, lapsed, returned."""

    TOPIC: ClassVar[str] = "onething.review.ended.v1"
    item: str
    reason: EndReason
    joint: JointClock | None = None
    """Where a special procedure ended with it: the joint clock, which counts again."""


class WithdrawalRefused(Fact, frozen=True, kw_only=True):
    """A withdrawal came after the decision: the decision stands."""

    TOPIC: ClassVar[str] = "onething.review.withdrawal-refused.v1"
    item: str
    decision: str


class DecisionCorrected(Fact, frozen=True, kw_only=True):
    """更正: a clerical error in a decision was put right by two people; its document is issued again."""

    TOPIC: ClassVar[str] = "onething.review.decision-corrected.v1"
    item: str
    handler: str
    decision: str
    """Number of the corrected decision document."""
    correction: str
    approved_by: str
    proposed_by: str = ""


class DecisionVoided(Fact, frozen=True, kw_only=True):
    """作废: a decision was void or entered by mistake; the review is open again."""

    TOPIC: ClassVar[str] = "onething.review.decision-voided.v1"
    item: str
    handler: str
    decision: str
    ground: str
    result: Literal["voided", "deleted"]
    """作废办结 (业务无效) or 删除办结 (录入错误) (dossier 3.5)."""
    approved_by: str
    proposed_by: str = ""
    dependants: tuple[str, ...] = ()
    """The granted items that rest on it; each needs a decision of its own."""


class DecisionRevoked(Fact, frozen=True, kw_only=True):
    """撤销: an approval was taken back after the case's decision, by the authority that gave it.

    ``dependants`` are the granted items that rest on it; each needs a decision of its own.
    """

    TOPIC: ClassVar[str] = "onething.review.decision-revoked.v1"
    item: str
    handler: str
    decision: str
    ground: RevocationGround
    reasons: str
    remedy: str
    approved_by: str
    proposed_by: str = ""
    dependants: tuple[str, ...] = ()


class ReviewWarned(Fact, frozen=True, kw_only=True):
    """Supervision: a limit of a review is about to pass (amber), has passed (red), or passed long ago (escalated).

    Amber speaks to the handler, red and escalated to the ``lead`` as well, which supervises the whole case.
    """

    TOPIC: ClassVar[str] = "onething.review.warned.v1"
    item: str
    handler: str
    level: Level
    due: date
    limit: Literal["promised", "statutory"] = "promised"
    lead: str = ""
    escalates_on: date | None = None
    """The day on which a red one that is still open is escalated."""


class BundleWarned(Fact, frozen=True, kw_only=True):
    """Supervision: the limit over the whole of a joint handling is about to pass, or has passed."""

    TOPIC: ClassVar[str] = "onething.bundle.warned.v1"
    lead: str
    level: Level
    due: date
    escalates_on: date | None = None


class ReviewSuspended(Fact, frozen=True, kw_only=True):
    """特别程序: its time is not counted, and the applicant was told in writing how long (行政许可法 第45条)."""

    TOPIC: ClassVar[str] = "onething.review.suspended.v1"
    item: str
    handler: str
    procedure: str
    """Its id: one of the law's or one of the item's own."""
    reason: str
    notice: str
    """Number of the written notice."""
    started_on: date
    """The first day that is not counted."""
    expected_days: int
    """Working days, as told to the applicant."""
    expected_on: date
    """The last of them."""
    clocks: Unlocked
    joint: JointClock | None = None


class ReviewResumed(Fact, frozen=True, kw_only=True):
    """A special procedure came to its result; the clocks count again from this day on, unless another one goes on."""

    TOPIC: ClassVar[str] = "onething.review.resumed.v1"
    item: str
    handler: str
    procedure: str
    result: str
    resumed_on: date
    """The first day that is counted again."""
    clocks: Unlocked
    joint: JointClock | None = None


class SuspensionOverran(Fact, frozen=True, kw_only=True):
    """Supervision: a special procedure takes longer than the applicant was told."""

    TOPIC: ClassVar[str] = "onething.review.suspension-overran.v1"
    item: str
    handler: str
    procedure: str
    expected_on: date
    lead: str


class ExtensionRequested(Fact, frozen=True, kw_only=True):
    """延长审批: the handler asks the head of its office for more time (行政许可法 第42条第1款)."""

    TOPIC: ClassVar[str] = "onething.review.extension-requested.v1"
    item: str
    handler: str
    reasons: str


class ReviewExtended(Fact, frozen=True, kw_only=True):
    """The statutory limit was extended, before it ended and by a second person; the applicant is told why."""

    TOPIC: ClassVar[str] = "onething.review.extended.v1"
    item: str
    handler: str
    reasons: str
    days: int
    notice: str
    requested_by: str
    clocks: Unlocked


class ExtensionRefused(Fact, frozen=True, kw_only=True):
    """The limit stays as it is."""

    TOPIC: ClassVar[str] = "onething.review.extension-refused.v1"
    item: str
    handler: str
    reason: str


class JointExtensionRequested(Fact, frozen=True, kw_only=True):
    """The lead department asks for more time for the whole of a joint handling (行政许可法 第42条第2款)."""

    TOPIC: ClassVar[str] = "onething.bundle.extension-requested.v1"
    lead: str
    reasons: str


class JointExtended(Fact, frozen=True, kw_only=True):
    """The head of the government approved more time for the whole, before its limit ended; the applicant is told."""

    TOPIC: ClassVar[str] = "onething.bundle.prolonged.v1"
    lead: str
    reasons: str
    days: int
    approval: str
    """Number of the government's approval."""
    notice: str
    requested_by: str
    clock: JointClock


class WaitPassed(Fact, frozen=True, kw_only=True):
    """A period that had to pass before the decision has passed."""

    TOPIC: ClassVar[str] = "onething.review.wait-passed.v1"
    item: str
    handler: str
    wait: str
    until: date


class ClocksRederived(Fact, frozen=True, kw_only=True):
    """Open deadlines were derived again by another calendar; ``moved`` says which days are others now."""

    TOPIC: ClassVar[str] = "onething.bundle.clocks-rederived.v1"
    calendar: str
    moved: tuple[Moved, ...]
    clocks: tuple[Unlocked, ...]
    joint: JointClock | None = None


class BundleConcluded(Fact, frozen=True, kw_only=True):
    """The verdict over the whole: every item has come to its end."""

    TOPIC: ClassVar[str] = "onething.bundle.concluded.v1"
    verdict: Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]
    granted: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    """Granted, and taken back before the whole was concluded."""


class GrantReview(Command, frozen=True, kw_only=True):
    """A department grants one item."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    opinion: str = ""


class DenyReview(Command, frozen=True, kw_only=True):
    """A department denies one item, with reasons."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reasons: str


class SuspendReview(Command, frozen=True, kw_only=True):
    """The handler begins a special procedure whose time is not counted."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    procedure: str
    reason: Annotated[str, msgspec.Meta(min_length=1)]
    expected_days: Annotated[int, msgspec.Meta(ge=1, le=250)]


class ResumeReview(Command, frozen=True, kw_only=True):
    """A special procedure has come to its result."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    procedure: str
    result: Annotated[str, msgspec.Meta(min_length=1)]


class RequestExtension(Command, frozen=True, kw_only=True):
    """Ask for an extension of the statutory limit, with reasons."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reasons: Annotated[str, msgspec.Meta(min_length=1)]


class ApproveExtension(Command, frozen=True, kw_only=True):
    """Approve an extension that somebody else of the organisation asked for."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str


class RefuseExtension(Command, frozen=True, kw_only=True):
    """Refuse an extension that somebody else of the organisation asked for."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reason: Annotated[str, msgspec.Meta(min_length=1)]


class RequestJointExtension(Command, frozen=True, kw_only=True):
    """The lead department asks for more time for the whole of a joint handling."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    reasons: Annotated[str, msgspec.Meta(min_length=1)]


class ApproveJointExtension(Command, frozen=True, kw_only=True):
    """Record that the head of the government approved more time for the whole; by a second person of the lead."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    approval: Annotated[str, msgspec.Meta(min_length=1)]
    """Number of the government's approval."""


class RederiveClocks(Command, frozen=True, kw_only=True):
    """Derive the open deadlines of a case again by today's calendar."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str


class GetBundle(Query, frozen=True, kw_only=True):
    """The reviews of a case: state, clocks with their derivation, what each waits for."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str


class Worklist(Query, frozen=True, kw_only=True):
    """What lies with a department (or provider): what it can decide now, unless told; most urgent first."""

    SERVICE: ClassVar[str] = "approval"
    org: str
    state: DeskState = "ready"
    """``ready`` can be decided now; ``undecided`` is everything that is not."""
    holder: Literal["", "mine", "unclaimed"] = ""
    """Whose: anybody's, the caller's own, nobody's."""
    theme: str = ""
    limit: int = 50
    after: str = ""


# who works on a review


class ReviewClaimed(Fact, frozen=True, kw_only=True):
    """A person of the organisation took a review from the common work list."""

    TOPIC: ClassVar[str] = "onething.review.claimed.v1"
    item: str
    handler: str
    holder: str


class ReviewAssigned(Fact, frozen=True, kw_only=True):
    """A review was given to a person of the organisation; who had it before has it no more."""

    TOPIC: ClassVar[str] = "onething.review.assigned.v1"
    item: str
    handler: str
    holder: str
    reason: str = ""


class ReviewReleased(Fact, frozen=True, kw_only=True):
    """Its holder put a review back on the common work list."""

    TOPIC: ClassVar[str] = "onething.review.released.v1"
    item: str
    handler: str
    holder: str
    reason: str = ""


class ClaimReview(Command, frozen=True, kw_only=True):
    """Take a review: from now on nobody else decides it."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str


class AssignReview(Command, frozen=True, kw_only=True):
    """Give a review to a person of one's organisation, whoever holds it now."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    holder: Annotated[str, msgspec.Meta(min_length=1)]
    reason: str = ""


class ReleaseReview(Command, frozen=True, kw_only=True):
    """Put a review that one holds back on the work list."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reason: str = ""


# opinions of experts and of other departments


class OpinionAsked(Fact, frozen=True, kw_only=True):
    """征求意见: the handler asked another organisation, or experts through it. The clocks of the review go on."""

    TOPIC: ClassVar[str] = "onething.review.opinion-asked.v1"
    item: str
    handler: str
    opinion: str
    """The id of the opinion within the case."""
    of: str
    """The organisation that is to answer."""
    kind: Literal["expert", "department"]
    question: str
    due_on: date


class OpinionGiven(Fact, frozen=True, kw_only=True):
    """The organisation that was asked answered."""

    TOPIC: ClassVar[str] = "onething.review.opinion-given.v1"
    item: str
    handler: str
    opinion: str
    of: str
    answer: str
    digest: str = ""
    """Of the signed document, where there is one."""


class OpinionOverdue(Fact, frozen=True, kw_only=True):
    """The day by which an opinion was asked for has passed without it."""

    TOPIC: ClassVar[str] = "onething.review.opinion-overdue.v1"
    item: str
    handler: str
    opinion: str
    of: str
    due_on: date


class AskOpinion(Command, frozen=True, kw_only=True):
    """Ask an organisation for its opinion, within working days."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    of: str
    question: Annotated[str, msgspec.Meta(min_length=1)]
    days: Annotated[int, msgspec.Meta(ge=1, le=60)]
    kind: Literal["expert", "department"] = "department"


class GiveOpinion(Command, frozen=True, kw_only=True):
    """Answer, as the organisation that was asked."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    opinion: str
    answer: Annotated[str, msgspec.Meta(min_length=1)]
    digest: str = ""


class Consultations(Query, frozen=True, kw_only=True):
    """The opinions that an organisation still owes to others, most urgent first."""

    SERVICE: ClassVar[str] = "approval"
    org: str
    limit: int = 50
    after: str = ""


# hearings


class HearingRightTold(Fact, frozen=True, kw_only=True):
    """告知听证权利: before the decision, the parties were told that they may ask for a hearing (行政许可法 第47条)."""

    TOPIC: ClassVar[str] = "onething.hearing.right-told.v1"
    item: str
    handler: str
    parties: tuple[str, ...]
    """``applicant``, and other interested parties by names that say nothing of the person: ``neighbour-1``."""
    until: date
    """The last day on which a hearing may be asked for."""
    notice: str = ""
    """Number or digest of the document with which they were told."""


class HearingRequested(Fact, frozen=True, kw_only=True):
    """A party asked for a hearing; the time that it takes is not counted (行政许可法 第45条)."""

    TOPIC: ClassVar[str] = "onething.hearing.requested.v1"
    item: str
    handler: str
    party: str
    hold_by: date
    """The last day on which it has to be held."""


class HearingWaived(Fact, frozen=True, kw_only=True):
    """A party gave up its right to a hearing, or took its request back."""

    TOPIC: ClassVar[str] = "onething.hearing.waived.v1"
    item: str
    handler: str
    party: str


class HearingRightLapsed(Fact, frozen=True, kw_only=True):
    """Nobody asked for a hearing in time."""

    TOPIC: ClassVar[str] = "onething.hearing.right-lapsed.v1"
    item: str
    handler: str


class HearingScheduled(Fact, frozen=True, kw_only=True):
    """Time, place and presider of a hearing were told to the parties (行政许可法 第48条)."""

    TOPIC: ClassVar[str] = "onething.hearing.scheduled.v1"
    item: str
    handler: str
    on: date
    place: str
    presider: str
    late: bool = False
    """Whether it will be held after its limit, because no day within it leaves time for the notice."""


class HearingHeld(Fact, frozen=True, kw_only=True):
    """The hearing took place; the decision is to rest on its record (行政许可法 第48条第2款)."""

    TOPIC: ClassVar[str] = "onething.hearing.held.v1"
    item: str
    handler: str
    on: date
    presider: str
    record: str
    """Digest of the signed record (听证笔录)."""


class HearingOverdue(Fact, frozen=True, kw_only=True):
    """The limit within which a hearing has to be held passed without it."""

    TOPIC: ClassVar[str] = "onething.hearing.overdue.v1"
    item: str
    handler: str
    hold_by: date


class TellHearingRight(Command, frozen=True, kw_only=True):
    """Record that the parties were told of their right to a hearing, before the decision."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    parties: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("applicant",)
    notice: str = ""


class RequestHearing(Command, frozen=True, kw_only=True):
    """A party that was told of its right asks for a hearing, at whichever window or desk."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    party: str = "applicant"


class WaiveHearing(Command, frozen=True, kw_only=True):
    """A party gives up its right, or takes its request back."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    party: str = "applicant"


class ScheduleHearing(Command, frozen=True, kw_only=True):
    """Set time, place and presider of a hearing that was asked for, or move it."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    on: date
    place: Annotated[str, msgspec.Meta(min_length=1)]
    presider: Annotated[str, msgspec.Meta(min_length=1)]


class RecordHearing(Command, frozen=True, kw_only=True):
    """Put the record of a hearing on file."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    record: Annotated[str, msgspec.Meta(min_length=1)]


# joint visits


class VisitResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a visit found for one item."""

    passed: bool
    findings: str = ""
    """The findings, or the digest of the document that has them."""


class JointVisitPlanned(Fact, frozen=True, kw_only=True):
    """联合踏勘: several departments will look at the place on one day. A later plan of the same visit replaces this."""

    TOPIC: ClassVar[str] = "onething.visit.planned.v1"
    visit: str
    word: str
    """The word that the items share in the catalogue."""
    items: tuple[str, ...]
    on: date
    orgs: tuple[str, ...]


class JointVisitRecorded(Fact, frozen=True, kw_only=True):
    """One visit served all its items."""

    TOPIC: ClassVar[str] = "onething.visit.recorded.v1"
    visit: str
    inspectors: dict[str, tuple[str, ...]]
    """organisation → who came (行政许可法 第34条第3款: 两名以上工作人员)."""
    results: dict[str, VisitResult]
    """item → what was found."""


class VisitDispensed(Fact, frozen=True, kw_only=True):
    """The handler of an item does without the planned visit."""

    TOPIC: ClassVar[str] = "onething.visit.dispensed.v1"
    visit: str
    item: str
    handler: str
    reason: str


class PlanJointVisit(Command, frozen=True, kw_only=True):
    """Plan one visit for the items of a case that share a word, or plan it anew."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    word: str
    on: date
    items: tuple[str, ...] = ()
    """Empty: all that share the word and are still to be decided."""


class RecordVisit(Command, frozen=True, kw_only=True):
    """Record what a visit found for each of its items."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    visit: str
    inspectors: dict[str, tuple[str, ...]]
    results: dict[str, VisitResult]


class DispenseVisit(Command, frozen=True, kw_only=True):
    """Do without a planned visit, for one item and with a reason."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reason: Annotated[str, msgspec.Meta(min_length=1)]


# decisions by comparing data


class DataCompared(Fact, frozen=True, kw_only=True):
    """数据比对: what an item asks for was compared with the data of a source."""

    TOPIC: ClassVar[str] = "onething.review.data-compared.v1"
    item: str
    handler: str
    matched: bool
    source: str
    digest: str
    """Of what the source answered."""


class FellBackToPerson(Fact, frozen=True, kw_only=True):
    """转人工: the data did not decide; a person does."""

    TOPIC: ClassVar[str] = "onething.review.fell-back.v1"
    item: str
    handler: str
    source: str


class RecordComparison(Command, frozen=True, kw_only=True):
    """Record what a comparison of data gave: a match grants the item, anything else leaves it to a person."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    matched: bool
    source: Annotated[str, msgspec.Meta(min_length=1)]
    digest: Annotated[str, msgspec.Meta(min_length=1)]


# changing a decision: one proposes, another approves


class CorrectionProposed(Fact, frozen=True, kw_only=True):
    """A person of the handler found a clerical error in a decision."""

    TOPIC: ClassVar[str] = "onething.review.correction-proposed.v1"
    item: str
    handler: str
    decision: str
    correction: str


class VoidingProposed(Fact, frozen=True, kw_only=True):
    """A person of the handler holds a decision to be void or entered by mistake."""

    TOPIC: ClassVar[str] = "onething.review.voiding-proposed.v1"
    item: str
    handler: str
    decision: str
    ground: str
    result: Literal["voided", "deleted"]


class RevocationProposed(Fact, frozen=True, kw_only=True):
    """A grant should be taken back. Recorded by the house itself after a failed recheck: two people still decide."""

    TOPIC: ClassVar[str] = "onething.review.revocation-proposed.v1"
    item: str
    handler: str
    decision: str
    ground: RevocationGround
    reasons: str


class ProposalDropped(Fact, frozen=True, kw_only=True):
    """What was proposed about a decision is not going to be done."""

    TOPIC: ClassVar[str] = "onething.review.proposal-dropped.v1"
    item: str
    handler: str
    proposal: Literal["correction", "voiding", "revocation"]
    reason: str


class ReviewsRelocked(Fact, frozen=True, kw_only=True):
    """Reviews wait for their joins again, because decisions that they rested on, or failed by, stand no more."""

    TOPIC: ClassVar[str] = "onething.review.relocked.v1"
    items: tuple[str, ...]
    because: tuple[str, ...]
    joint: JointClock | None = None
    """Where special procedures ended with it: the joint clock, which counts again."""


class ProposeCorrection(Command, frozen=True, kw_only=True):
    """Propose to put a clerical error in a decision right (更正)."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    correction: Annotated[str, msgspec.Meta(min_length=1)]


class ProposeVoiding(Command, frozen=True, kw_only=True):
    """Propose to void a decision (作废), or to delete one that was entered by mistake (删除)."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    ground: Annotated[str, msgspec.Meta(min_length=1)]
    result: Literal["voided", "deleted"] = "voided"


class ProposeRevocation(Command, frozen=True, kw_only=True):
    """Propose to take a grant back (撤销, 注销)."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    ground: RevocationGround
    reasons: Annotated[str, msgspec.Meta(min_length=1)]


class ApproveProposal(Command, frozen=True, kw_only=True):
    """Do what another person of one's organisation proposed about a decision."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str


class DropProposal(Command, frozen=True, kw_only=True):
    """Take back what one proposed, or turn down what another did."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reason: Annotated[str, msgspec.Meta(min_length=1)]


# verification after the approval


class VerificationPlanned(Fact, frozen=True, kw_only=True):
    """事后核查: what was granted will be verified, until a day."""

    TOPIC: ClassVar[str] = "onething.verification.planned.v1"
    item: str
    handler: str
    due_on: date
    basis: Literal["promise", "assisted_promise", "rule"]
    """告知承诺 事后核查 · 告知承诺 行政协助核查 · the item's own rule."""


class VerificationRecorded(Fact, frozen=True, kw_only=True):
    """It was verified whether the holder keeps what the grant rests on."""

    TOPIC: ClassVar[str] = "onething.verification.recorded.v1"
    item: str
    handler: str
    kept: bool
    findings: str


class RectificationOrdered(Fact, frozen=True, kw_only=True):
    """责令限期改正: the holder has to put right what was found, until a day."""

    TOPIC: ClassVar[str] = "onething.verification.rectification-ordered.v1"
    item: str
    handler: str
    demands: str
    due_on: date
    recheck_by: date | None = None


class RectificationRechecked(Fact, frozen=True, kw_only=True):
    """It was looked at whether the holder has put it right."""

    TOPIC: ClassVar[str] = "onething.verification.rechecked.v1"
    item: str
    handler: str
    passed: bool
    findings: str


class VerificationOverdue(Fact, frozen=True, kw_only=True):
    """A verification was not made in time, a rectification not looked at in time, or its day has passed."""

    TOPIC: ClassVar[str] = "onething.verification.overdue.v1"
    item: str
    handler: str
    step: Literal["verification", "rectification", "recheck"]
    due_on: date


class RecordVerification(Command, frozen=True, kw_only=True):
    """Record whether the holder of a grant keeps what it rests on."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    kept: bool
    findings: Annotated[str, msgspec.Meta(min_length=1)]


class OrderRectification(Command, frozen=True, kw_only=True):
    """Order the holder to put right what the verification found."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    demands: Annotated[str, msgspec.Meta(min_length=1)]
    days: Annotated[int, msgspec.Meta(ge=1, le=250)] | None = None
    """Working days; None: as the catalogue says."""


class RecordRecheck(Command, frozen=True, kw_only=True):
    """Record whether the holder has put it right."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    passed: bool
    findings: Annotated[str, msgspec.Meta(min_length=1)]
