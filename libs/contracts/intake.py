"""受理: opening a theme case, its form and materials, and the acceptance of its items."""

from datetime import date, datetime
from typing import ClassVar, Literal

import msgspec

from contracts.language import Command, Fact, Query, Sealed

Mode = Literal["one_mouth", "continuation"]
"""一口受理 (the whole theme at once) or 接续受理 (joined from an item that was handled first)."""

Channel = Literal["window", "web", "mobile", "kiosk", "post", "other"]
"""办理形式; an immutable fact of the case that no rule looks at."""

Medium = Literal["paper", "digital", "shared"]
"""A paper original, a file in the contents store, or data shared by another authority."""


class PlannedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item of the theme in this case: taken up, not needed, or already satisfied elsewhere."""

    item: str
    standing: Literal["selected", "not_needed", "satisfied"]
    handler: str = ""
    """The organisation that decides it: a department, or the provider of the service area."""
    evidence: str = ""
    """For a satisfied item: the certificate number or office record that proves it."""


class MaterialCopy(msgspec.Struct, frozen=True, omit_defaults=True):
    """One copy of one material: what it is, where it came from, and how to find its bytes."""

    copy: str
    material: str
    medium: Medium
    provenance: str = "entered"
    """entered · shared:<source system> · prior:<certificate number> · case:<case id>"""
    digest: str = ""
    size: int = 0
    media_type: str = ""
    hall: str = ""
    """For paper: the hall that took it in and keeps it until it travels."""


class Acceptance(msgspec.Struct, frozen=True, omit_defaults=True):
    """受理 of one item: who may accept it here and now, in whose name, by which grant."""

    item: str
    handler: str
    grant: str
    grant_position: int
    in_name_of: str
    notice: str
    """Number of the acceptance notice (受理通知书)."""
    materials: tuple[str, ...] = ()
    """The copies that this item uses, least necessary."""
    accepted_on: date | None = None
    """Where it is not the day of the act: the day from which the item counts as accepted, which for a
    deemed acceptance is the day the materials were received (行政许可法 第32条第4项)."""


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


class NoticeIssued(Fact, frozen=True, kw_only=True):
    """一次告知: the complete list of items, materials, form fields, flow and limits was given to the applicant.

    The document is a pure function of catalogue version and answers; its digest binds us to it.
    """

    TOPIC: ClassVar[str] = "onething.case.notice-issued.v1"
    number: str
    edition: int
    digest: str


class FormFilled(Fact, frozen=True, kw_only=True):
    """一表申请: the one form was filled, wholly or in part. Values are sealed, fields and provenance are not.

    ``form`` holds the values of this act alone, field → value: the form of a case is all its facts laid over
    each other in order. A field that was emptied has an empty value and an empty provenance.
    """

    TOPIC: ClassVar[str] = "onething.case.form-filled.v1"
    form: Sealed
    fields: dict[str, str]
    deemed_accepted_at: datetime | None = None
    """Where a correction had asked for the form: until when ``items`` must be answered."""
    items: tuple[str, ...] = ()


class MaterialsReceived(Fact, frozen=True, kw_only=True):
    """收件: copies of materials were taken in. Receiving is not accepting; no legal clock runs yet."""

    TOPIC: ClassVar[str] = "onething.case.materials-received.v1"
    materials: tuple[MaterialCopy, ...]
    deemed_accepted_at: datetime | None = None
    """When nobody answers until then, ``items`` count as accepted (行政许可法 第32条第4项)."""
    items: tuple[str, ...] = ()
    """The items that an answer is owed for from this receipt on."""


class CorrectionRequested(Fact, frozen=True, kw_only=True):
    """补正告知: everything that is still missing, told once and completely (行政许可法 第32条第4项)."""

    TOPIC: ClassVar[str] = "onething.case.correction-requested.v1"
    notice: str
    missing: dict[str, tuple[str, ...]]
    """item → material ids."""
    due_on: date | None = None
    fields: tuple[str, ...] = ()
    """Required fields of the one form that are not filled."""


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


class ItemNotAccepted(Fact, frozen=True, kw_only=True):
    """不予受理 of one item, with the reason and, where it is another's, the competent authority."""

    TOPIC: ClassVar[str] = "onething.case.item-not-accepted.v1"
    item: str
    reason: str
    competent_authority: str
    notice: str


class ItemWithdrawn(Fact, frozen=True, kw_only=True):
    """撤回 of one item by the applicant; the other items go on."""

    TOPIC: ClassVar[str] = "onething.case.item-withdrawn.v1"
    item: str
    reason: str


class CaseClosed(Fact, frozen=True, kw_only=True):
    """办结: every item has come to its end and everything was handed over."""

    TOPIC: ClassVar[str] = "onething.case.closed.v1"
    outcome: Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]


class Applicant(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom the case is about. Plain only inside the command; stored sealed."""

    name: str
    identifier: str
    kind: Literal["natural", "legal"] = "natural"
    mobile: str = ""
    address: str = ""


class BroughtMaterial(msgspec.Struct, frozen=True, omit_defaults=True):
    """A material as the applicant brings it."""

    material: str
    medium: Medium = "paper"
    provenance: str = "entered"
    digest: str = ""
    size: int = 0
    media_type: str = ""


class OpenCase(Command, frozen=True, kw_only=True):
    """Open a theme case, or join one from a single item (``satisfied`` or ``entry_item`` given)."""

    SERVICE: ClassVar[str] = "intake"
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


class FillForm(Command, frozen=True, kw_only=True):
    """Fill the one form, wholly or in part; later values replace earlier ones until acceptance."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    values: dict[str, str]
    provenance: dict[str, str] = {}


class ReceiveMaterials(Command, frozen=True, kw_only=True):
    """Take in materials at a window or by another channel."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    materials: tuple[BroughtMaterial, ...]


class RequestCorrection(Command, frozen=True, kw_only=True):
    """Tell the applicant once what is missing; the list is made by the system, complete."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str


class AcceptItems(Command, frozen=True, kw_only=True):
    """Accept items (none named: all selected items that are not accepted yet)."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    items: tuple[str, ...] = ()


class NotAcceptItem(Command, frozen=True, kw_only=True):
    """Decline to accept one item, with the reason and the competent authority."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str
    reason: str
    competent_authority: str = ""


class WithdrawItem(Command, frozen=True, kw_only=True):
    """The applicant takes one item back."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str
    reason: str = ""


class Register(Command, frozen=True, kw_only=True):
    """The composite act of a window that does it in one go: open, form, materials, accept."""

    SERVICE: ClassVar[str] = "intake"
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


class GetCase(Query, frozen=True, kw_only=True):
    """One case as intake knows it; personal data only for those who may see it."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    """The case's id or its number."""
    personal: bool = False


class ListCases(Query, frozen=True, kw_only=True):
    """Cases by theme, hall and status, newest first, by cursor."""

    SERVICE: ClassVar[str] = "intake"
    theme: str = ""
    hall: str = ""
    status: str = ""
    after: str = ""
    limit: int = 50


class GetNotice(Query, frozen=True, kw_only=True):
    """The one-time notice as a document: of a case, or for answers before any case exists."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str = ""
    theme: str = ""
    answers: dict[str, str] = {}


class GetHolder(Query, frozen=True, kw_only=True):
    """Whom a case is about, still sealed: who renders a document for the applicant unseals it with the case's key."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str


class Holder(msgspec.Struct, frozen=True):
    """The answer to ``GetHolder``: the sealed ``Applicant``, and the key that it and the case's documents are under."""

    applicant: Sealed
    key_id: str
