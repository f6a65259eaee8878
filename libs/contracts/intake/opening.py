"""Opening a case, with all that comes into it later: joined items, other cases, another hall's sets."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from contracts.intake.answers import CaseStanding
from contracts.intake.values import Applicant, BroughtMaterial, Channel, CrossRegion, Mode, Origin, PlannedItem, Signed
from contracts.language import Command, Fact, Sealed


class CaseOpened(Fact, frozen=True, kw_only=True):
    """A case was opened: theme, scenario answers, applicant and channel are fixed from here on."""

    TOPIC: ClassVar[str] = "onething.case.opened.v1"
    number: str
    theme: str
    catalogue: str
    mode: Mode
    region: str
    hall: str
    window: str
    channel: Channel
    key_id: str
    applicant: Sealed
    applicant_index: str
    """Blind index of the applicant's identifier, to find the same person's open cases."""
    applicant_kind: Literal["natural", "legal"]
    answers: dict[str, str]
    plan: tuple[PlannedItem, ...]
    area: str = ""
    entry_item: str = ""
    """For 接续受理: the item the applicant had already done or begun."""
    output_mode: Literal["integrated", "itemised"] = "itemised"
    draft: str = ""
    """The draft that it was made of."""
    offer: str = ""
    """The offer that it came of (导入)."""
    origins: tuple[Origin, ...] = ()
    """What was done or begun alone before the case."""
    cross_region: CrossRegion = "local"
    owner_hall: str = ""
    """Where it was received for another place: the hall that accepts."""


class NoticeIssued(Fact, frozen=True, kw_only=True):
    """一次告知: the complete list of items, materials, form fields, flow and limits was given to the applicant.

    The document is a pure function of catalogue version and answers; its digest binds us to it.
    """

    TOPIC: ClassVar[str] = "onething.case.notice-issued.v1"
    number: str
    edition: int
    digest: str
    issue: int = 1
    """Which notice of this case it is: each join of more items gives a further one, of the whole."""


class ItemsJoined(Fact, frozen=True, kw_only=True):
    """接续: more items of the theme were taken into a case that exists. Its number and clocks stay as they are.

    ``plan`` is the whole plan from now on, by the catalogue version that the case was opened with.
    """

    TOPIC: ClassVar[str] = "onething.case.items-joined.v1"
    items: tuple[str, ...]
    answers: dict[str, str]
    plan: tuple[PlannedItem, ...]
    origins: tuple[Origin, ...] = ()
    offer: str = ""
    """The offer that it came of (导入)."""
    deemed_accepted_at: datetime | None = None
    """Where all that these items ask for is here already: until when ``applied_for`` must be answered."""
    applied_for: tuple[str, ...] = ()


class OriginConcluded(Fact, frozen=True, kw_only=True):
    """The result of an item that was underway elsewhere is known, with what proves it."""

    TOPIC: ClassVar[str] = "onething.case.origin-concluded.v1"
    item: str
    outcome: Literal["granted", "denied", "withdrawn"]
    origin: Origin


class CaseForwarded(Fact, frozen=True, kw_only=True):
    """收受分离: who received a set for another place handed it on, checked in form and identity.

    The days to answer run from here: accepting is the owner's.
    """

    TOPIC: ClassVar[str] = "onething.case.forwarded.v1"
    sender: str
    receiver: str
    formal_check: str
    identity_check: str
    medium: Literal["system", "post"] = "system"
    reference: str = ""
    """For post: the number of the consignment."""
    deemed_accepted_at: datetime | None = None
    items: tuple[str, ...] = ()


class HallAdmitted(Fact, frozen=True, kw_only=True):
    """Another hall goes on with the case: its clerks see it and act on it like those of the hall that asked."""

    TOPIC: ClassVar[str] = "onething.case.hall-admitted.v1"
    hall: str
    from_hall: str


class CaseMerged(Fact, frozen=True, kw_only=True):
    """The same person had two open cases of one theme: this one goes into the other, which takes over its items."""

    TOPIC: ClassVar[str] = "onething.case.merged.v1"
    into: str
    number: str
    """The other case's number."""
    items: tuple[str, ...]
    """Those that the other case lacks."""
    answers: dict[str, str]
    satisfied: dict[str, str] = {}
    origins: tuple[Origin, ...] = ()


class FurtherRequested(Fact, frozen=True, kw_only=True):
    """Something was asked for that the one-time notice does not name: a violation, and counted (行政许可法 第31条)."""

    TOPIC: ClassVar[str] = "onething.case.further-requested.v1"
    item: str
    what: str
    basis: str
    announced: bool = False


class ApplicantChose(Fact, frozen=True, kw_only=True):
    """After items failed, the applicant chose to go on with the others, or to take them back."""

    TOPIC: ClassVar[str] = "onething.case.applicant-chose.v1"
    choice: Literal["go_on", "withdraw"]
    because: tuple[str, ...]
    """The items that failed."""


class OpenCase(Command, frozen=True, kw_only=True):
    """Open a theme case, or join one from a single item (``satisfied`` or ``entry_item`` given)."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    theme: str
    applicant: Applicant
    answers: dict[str, str]
    channel: Channel = "window"
    chosen: tuple[str, ...] | None = None
    satisfied: dict[str, str] = {}
    entry_item: str = ""
    output_mode: Literal["integrated", "itemised"] = "itemised"
    allow_duplicate: bool = False
    """Open it although the same applicant has an open case of this theme."""
    draft: str = ""
    """The draft that it is made of."""
    offer: str = ""
    """The offer that it comes of (导入)."""
    number: str = ""
    """A reserved number, given out while the window worked without a connection."""
    origins: tuple[Origin, ...] = ()
    """What was done or begun alone before (接续受理)."""
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""
    cross_region: CrossRegion = "local"
    owner_hall: str = ""
    """For ``received_elsewhere``: the hall that is to accept."""


class RecordOrigin(Command, frozen=True, kw_only=True):
    """The result of an item that was underway elsewhere, with what proves it."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    item: str
    outcome: Literal["granted", "denied", "withdrawn"]
    number: str
    issuer: str = ""
    concluded_on: date | None = None
    valid_until: date | None = None


class JoinItems(Command, frozen=True, kw_only=True):
    """接续: take more items of the theme into a case that exists."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    items: tuple[str, ...] = ()
    answers: dict[str, str] = {}
    """To questions that come up now. What was answered stands as long as something accepted rests on it."""
    satisfied: dict[str, str] = {}
    origins: tuple[Origin, ...] = ()
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""
    offer: str = ""
    """The offer that it comes of (导入)."""


class MergeCase(Command, frozen=True, kw_only=True):
    """Bring a case of which nothing is accepted into another open case of the same person and theme.

    The other case takes over the items that it lacks. Form and copies are not copied: they are brought there.
    """

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    into: str
    """The other case: its id."""


class ForwardCase(Command, frozen=True, kw_only=True):
    """Hand a set that was received for another place on to the hall that owns it, checked in form and identity."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    formal_check: str
    """How the set was checked in form, and with what result."""
    identity_check: str
    """How the applicant's identity was checked."""
    medium: Literal["system", "post"] = "system"
    reference: str = ""


class RequestFurther(Command, frozen=True, kw_only=True):
    """Ask the applicant for something after the one-time notice was given."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    item: str
    what: str
    """Id of a material or field, or words for what the catalogue does not know."""
    basis: str


class RecordChoice(Command, frozen=True, kw_only=True):
    """What the applicant wants after items failed: go on with the others, or take them back."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    choice: Literal["go_on", "withdraw"]
    because: tuple[str, ...]
    """The items that failed."""
    channel: Channel = "window"
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""


class Register(Command, frozen=True, kw_only=True):
    """The composite act of a window that does it in one go: open, form, materials, accept."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    theme: str
    applicant: Applicant
    answers: dict[str, str]
    values: dict[str, str]
    materials: tuple[BroughtMaterial, ...]
    channel: Channel = "window"
    chosen: tuple[str, ...] | None = None
    satisfied: dict[str, str] = {}
    entry_item: str = ""
    output_mode: Literal["integrated", "itemised"] = "itemised"
    provenance: dict[str, str] = {}
    allow_duplicate: bool = False
    """Open it although the same applicant has an open case of this theme."""
    draft: str = ""
    """The draft that it is made of."""
    offer: str = ""
    """The offer that it comes of (导入)."""
    number: str = ""
    """A reserved number, given out while the window worked without a connection."""
    origins: tuple[Origin, ...] = ()
    """What was done or begun alone before (接续受理)."""
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""
    cross_region: CrossRegion = "local"
    owner_hall: str = ""
    """For ``received_elsewhere``: the hall that is to accept."""
    tolerate: tuple[str, ...] = ()
    """容缺: secondary materials that may come later."""
    promise: tuple[str, ...] = ()
    """告知承诺: items for which a written promise takes the place of materials."""
    signed: Signed | None = None
    """What the applicant signed for it."""
