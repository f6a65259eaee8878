"""受理 and 容缺: accepting items or not, and what may still come."""

from datetime import date
from typing import Any, ClassVar, Literal

from contracts.intake.answers import CaseStanding
from contracts.intake.values import Acceptance, Channel, Held, MaterialCopy, PlannedItem, Signed
from contracts.language import Command, Fact


class ItemsAccepted(Fact, frozen=True, kw_only=True):
    """受理: these items were accepted in one act. It carries all that followers need to begin their part."""

    TOPIC: ClassVar[str] = "onething.case.items-accepted.v1"
    number: str
    theme: str
    catalogue: str
    region: str
    hall: str
    window: str
    items: tuple[Acceptance, ...]
    plan: tuple[PlannedItem, ...]
    materials: tuple[MaterialCopy, ...]
    area: str = ""
    output_mode: Literal["integrated", "itemised"] = "itemised"
    deemed: bool = False
    charged: tuple[str, ...] = ()
    """Those of the items that cost something."""
    answers: dict[str, str] = {}
    """The scenario answers as they stand: limits and waits depend on them."""
    channel: Channel = "window"
    """By which the case came; who does not stand at a window is told of the acceptance."""
    signed: Signed | None = None
    """What the applicant signed for what is tolerated or promised."""


class ItemsHeld(Fact, frozen=True, kw_only=True):
    """容缺收件: the window keeps the set of these items; they are not accepted and no clock runs."""

    TOPIC: ClassVar[str] = "onething.case.items-held.v1"
    items: tuple[Held, ...]
    signed: Signed


class TermsDeclared(Fact, frozen=True, kw_only=True):
    """申请人声明: what the applicant wants to bring later (容缺), or promises instead of proving (告知承诺).

    Both are the applicant's choice. Nothing is accepted by it: that is the hall's to do. The last
    declaration counts; an empty one takes back what was declared.
    """

    TOPIC: ClassVar[str] = "onething.case.terms-declared.v1"
    tolerate: tuple[str, ...]
    promise: tuple[str, ...]
    signed: Signed | None = None


class ToleranceSupplemented(Fact, frozen=True, kw_only=True):
    """补齐: tolerated materials of an item arrived. ``settled``: nothing of it is missing any more."""

    TOPIC: ClassVar[str] = "onething.case.tolerance-supplemented.v1"
    item: str
    materials: tuple[MaterialCopy, ...]
    settled: bool
    hall: str = ""


class SupplementRefused(Fact, frozen=True, kw_only=True):
    """A supplement did not comply and was not taken in: it is still missing, and the deadline stands."""

    TOPIC: ClassVar[str] = "onething.case.supplement-refused.v1"
    item: str
    materials: tuple[str, ...]
    reason: str


class ToleranceExtended(Fact, frozen=True, kw_only=True):
    """The supplement of an item may come later because of force majeure."""

    TOPIC: ClassVar[str] = "onething.case.tolerance-extended.v1"
    item: str
    due_on: date
    reason: str
    notice: str = ""


class ToleranceRested(Fact, frozen=True, kw_only=True):
    """The item was denied before its supplement was due, or cannot be granted because others were, or its grant was
    taken back: nothing is waited for, and nobody is barred for it."""

    TOPIC: ClassVar[str] = "onething.case.tolerance-rested.v1"
    item: str
    decision: str
    """The decision on the item; empty where there is none because others were denied."""


class ToleranceResumed(Fact, frozen=True, kw_only=True):
    """What stood against the item was void: the supplement may come again, for as many working days as were left."""

    TOPIC: ClassVar[str] = "onething.case.tolerance-resumed.v1"
    item: str
    due_on: date


class ToleranceLapsed(Fact, frozen=True, kw_only=True):
    """容缺逾期: the supplement did not come; the handling of the item is terminated."""

    TOPIC: ClassVar[str] = "onething.case.tolerance-lapsed.v1"
    item: str
    missing: tuple[str, ...]
    notice: str = ""
    applicant_index: str = ""
    """Whom it bars from further tolerance."""


class ItemNotAccepted(Fact, frozen=True, kw_only=True):
    """不予受理 of one item, with the reason and, where it is another's, the competent authority."""

    TOPIC: ClassVar[str] = "onething.case.item-not-accepted.v1"
    item: str
    reason: str
    competent_authority: str
    notice: str
    ground: Literal["", "not_required", "outside_authority"] = ""


class AcceptItems(Command, frozen=True, kw_only=True):
    """Accept items (none named: all selected items that are not accepted yet)."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    items: tuple[str, ...] = ()
    tolerate: tuple[str, ...] = ()
    """容缺: secondary materials that may come later."""
    promise: tuple[str, ...] = ()
    """告知承诺: items for which a written promise takes the place of materials."""
    signed: Signed | None = None
    """What the applicant signed for it; not needed where they declared and signed it before."""


class DeclareTerms(Command, frozen=True, kw_only=True):
    """The applicant asks to bring materials later, or promises instead of proving; whoever accepts may agree to it.

    What the law does not open is refused at once, with the reason. Empty: the normal way, after all.
    """

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    tolerate: tuple[str, ...] = ()
    """容缺: secondary materials that may come later."""
    promise: tuple[str, ...] = ()
    """告知承诺: items for which a written promise takes the place of materials."""
    signed: Signed | None = None
    """The commitment to it."""
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""


class NotAcceptItem(Command, frozen=True, kw_only=True):
    """Decline to accept one item, with the reason and the competent authority."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    item: str
    reason: str
    competent_authority: str = ""
    ground: Literal["", "not_required", "outside_authority"] = ""
    """Empty: ``outside_authority`` where a competent authority is named, else ``not_required``."""


class RefuseSupplement(Command, frozen=True, kw_only=True):
    """Do not take in a supplement that does not comply: it is still missing."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    item: str
    materials: tuple[str, ...]
    reason: str


class ExtendTolerance(Command, frozen=True, kw_only=True):
    """Let a supplement come later because of force majeure; by somebody else than who tolerated, before it lapses."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    item: str
    due_on: date
    reason: str
