"""受理: opening a theme case, its form and materials, and the acceptance of its items."""

from datetime import date, datetime
from typing import ClassVar, Literal

import msgspec

from contracts.language import Command, Fact, Query, Sealed

Mode = Literal["one_mouth", "continuation"]
"""一口受理 (the whole theme at once) or 接续受理 (joined from an item that was handled first)."""

Channel = Literal["window", "web", "mobile", "kiosk", "post", "other"]
"""办理形式; an immutable fact of the case that no rule looks at."""

Format = Literal["data", "text", "html", "pdf"]
"""In which form a document is wanted; a PDF comes as base64."""

CrossRegion = Literal["local", "online", "received_elsewhere", "several_places"]
"""本地 · 全程网办 · 异地代收代办 (收受分离) · 多地联办 (dossier 2.1)"""

Ground = Literal["not_required", "outside_authority"]
"""依法不需要取得许可 · 依法不属于本机关职权 (行政许可法 第32条第1款第1、2项): two situations of their own."""

Medium = Literal["paper", "digital", "shared"]
"""A paper original, a file in the contents store, or data shared by another authority."""


class PlannedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item of the theme in this case: taken up, not needed, or already satisfied elsewhere."""

    item: str
    standing: Literal["selected", "not_needed", "satisfied", "underway"]
    handler: str = ""
    """The organisation that decides it: a department, or the provider of the service area."""
    evidence: str = ""
    """For a satisfied item: the certificate number or office record that proves it."""


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item that was begun or done alone, before or outside the theme case (接续受理), and what proves it.

    Its own number and clocks are kept where it is handled; the theme case only waits for its result.
    """

    item: str
    outcome: Literal["granted", "underway", "denied"]
    number: str
    """The certificate, or the case number and office record of the item, where it was handled."""
    system: str = ""
    """The system or hall that handled it; empty: this hall's own record."""
    issuer: str = ""
    accepted_on: date | None = None
    concluded_on: date | None = None
    valid_until: date | None = None


class Tolerated(msgspec.Struct, frozen=True, omit_defaults=True):
    """容缺: a secondary material that may come later, and until when (深圳容缺办理, dossier 2.5)."""

    material: str
    due_on: date


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    """容缺收件 of one item: what may still come, until when, and the number of the notice of it."""

    item: str
    tolerated: tuple[Tolerated, ...]
    notice: str = ""


class Signed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A document that the applicant signed: 容缺受理承诺书, 告知承诺书. An agent signs with an authorisation."""

    document: str
    """Digest of the signed document."""
    signer: Literal["applicant", "agent"] = "applicant"
    authorisation: str = ""
    """Digest of the agent's authorisation (授权书)."""


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
    edition: int = 1
    """A later edition of the same material replaces the earlier one; both are kept."""
    replaces: str = ""
    """The copy that this one replaces."""
    same_as: str = ""
    """The copy of another material that has the same bytes: one instance serves both, stored once."""
    confidentiality: Literal["public", "internal", "personal", "sensitive"] = "personal"
    """The strictest level that an item of the case gives the material."""
    scan: Literal["not_scanned", "clean"] = "not_scanned"
    """What the malware scanner said; infected files are never taken in."""


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
    tolerated: tuple[Tolerated, ...] = ()
    """容缺受理: what may still come; the certificate is held until it is here."""
    committed: tuple[str, ...] = ()
    """告知承诺: the materials that a written promise takes the place of."""
    authorised_at: datetime | None = None
    """The instant of delegation's answer, at which the grant was valid."""
    waits_from: dict[str, date] = {}
    """A wait of the catalogue that begins at a field of the form → the day that stands there."""
    tolerance_notice: str = ""
    """Number of the 容缺受理通知书."""


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
    held_until: dict[str, date] = {}
    """Item → last day of a period that begins at a day in the form and has to pass before the item is accepted."""
    begun: dict[str, date] = {}
    """Wait → the day in the form at which a period begins that has to pass before a decision."""


class MaterialsReceived(Fact, frozen=True, kw_only=True):
    """收件: copies of materials were taken in. Receiving is not accepting; no legal clock runs yet."""

    TOPIC: ClassVar[str] = "onething.case.materials-received.v1"
    materials: tuple[MaterialCopy, ...]
    deemed_accepted_at: datetime | None = None
    """When nobody answers until then, ``items`` count as accepted (行政许可法 第32条第4项)."""
    items: tuple[str, ...] = ()
    """The items that an answer is owed for from this receipt on."""


class FieldsSentBack(Fact, frozen=True, kw_only=True):
    """Fields of the one form were found wrong: they count as empty until they are filled again."""

    TOPIC: ClassVar[str] = "onething.case.fields-sent-back.v1"
    fields: dict[str, str]
    """Field → what is wrong with it; never the value."""


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
    charged: tuple[str, ...] = ()
    """Those of the items that cost something."""
    answers: dict[str, str] = {}
    """The scenario answers as they stand: limits and waits depend on them."""
    channel: Channel = "window"
    """By which the case came; who does not stand at a window is told of the acceptance."""
    signed: Signed | None = None
    """What the applicant signed for what is tolerated or promised."""


class ItemsHeld(Fact, frozen=True, kw_only=True):
    """容缺收件: the window keeps the set of these items; they are not accepted and no clock runs (dossier 2.5)."""

    TOPIC: ClassVar[str] = "onething.case.items-held.v1"
    items: tuple[Held, ...]
    signed: Signed


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
    """The item was denied before its supplement was due: nothing is waited for, and nobody is barred for it."""

    TOPIC: ClassVar[str] = "onething.case.tolerance-rested.v1"
    item: str
    decision: str


class ToleranceResumed(Fact, frozen=True, kw_only=True):
    """The denial was void: the supplement may come again, for as many working days as were left."""

    TOPIC: ClassVar[str] = "onething.case.tolerance-resumed.v1"
    item: str
    due_on: date


class ToleranceLapsed(Fact, frozen=True, kw_only=True):
    """容缺逾期: the supplement did not come; the handling of the item is terminated (dossier 2.5)."""

    TOPIC: ClassVar[str] = "onething.case.tolerance-lapsed.v1"
    item: str
    missing: tuple[str, ...]
    notice: str = ""
    applicant_index: str = ""
    """Whom it bars from further tolerance (dossier 2.5)."""


class ItemsReturned(Fact, frozen=True, kw_only=True):
    """退件: items that were received and never accepted go back to the applicant, with all that was brought."""

    TOPIC: ClassVar[str] = "onething.case.items-returned.v1"
    items: tuple[str, ...]
    reason: Literal["never_completed", "given_up", "not_compliant"]
    explanation: str = ""
    notice: str = ""


class WithdrawalRequested(Fact, frozen=True, kw_only=True):
    """撤回: the applicant wants an accepted item back; it ends unless its department has decided."""

    TOPIC: ClassVar[str] = "onething.case.withdrawal-requested.v1"
    item: str
    reason: str


class WithdrawalFailed(Fact, frozen=True, kw_only=True):
    """The item had been decided before it was taken back: the decision stands."""

    TOPIC: ClassVar[str] = "onething.case.withdrawal-failed.v1"
    item: str
    decision: str


class ItemNotAccepted(Fact, frozen=True, kw_only=True):
    """不予受理 of one item, with the reason and, where it is another's, the competent authority."""

    TOPIC: ClassVar[str] = "onething.case.item-not-accepted.v1"
    item: str
    reason: str
    competent_authority: str
    notice: str
    ground: Literal["", "not_required", "outside_authority"] = ""


class ItemWithdrawn(Fact, frozen=True, kw_only=True):
    """撤回 of one item by the applicant; the other items go on."""

    TOPIC: ClassVar[str] = "onething.case.item-withdrawn.v1"
    item: str
    reason: str


class CaseForwarded(Fact, frozen=True, kw_only=True):
    """收受分离: who received a set for another place handed it on, checked in form and identity (dossier 2.1).

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


class CaseClosed(Fact, frozen=True, kw_only=True):
    """办结: every item has come to its end and everything was handed over."""

    TOPIC: ClassVar[str] = "onething.case.closed.v1"
    outcome: Literal["granted", "partly", "denied", "withdrawn", "not_accepted", "returned", "merged"]
    into: str = ""
    """The case that it was merged into."""


class Applicant(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom the case is about. Plain only inside the command; stored sealed."""

    name: str
    identifier: str
    kind: Literal["natural", "legal"] = "natural"
    mobile: str = ""
    address: str = ""
    mail: str = ""


class BroughtMaterial(msgspec.Struct, frozen=True, omit_defaults=True):
    """A material as the applicant brings it."""

    material: str
    medium: Medium = "paper"
    provenance: str = "entered"
    digest: str = ""
    size: int = 0
    media_type: str = ""
    newer: bool = False
    """Of paper, which has no digest to tell it by: it takes the place of the one that is here."""


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


class FillForm(Command, frozen=True, kw_only=True):
    """Fill the one form, wholly or in part; later values replace earlier ones until acceptance."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    values: dict[str, str]
    provenance: dict[str, str] = {}
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""


class ReceiveMaterials(Command, frozen=True, kw_only=True):
    """Take in materials at a window or by another channel."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    materials: tuple[BroughtMaterial, ...]
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""
    arrived_at: datetime | None = None
    """When it arrived, where that was before it was taken in: by post, in a locker. The arrival counts."""
    via: Literal["window", "post", "locker", "system"] = "window"


class SendBack(Command, frozen=True, kw_only=True):
    """Mark fields of the one form as wrong, each with the reason; the rest need not be filled in again."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    fields: dict[str, str]


class RequestCorrection(Command, frozen=True, kw_only=True):
    """Tell the applicant once what is missing; the list is made by the system, complete."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str


class AcceptItems(Command, frozen=True, kw_only=True):
    """Accept items (none named: all selected items that are not accepted yet)."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    items: tuple[str, ...] = ()
    tolerate: tuple[str, ...] = ()
    """容缺: secondary materials that may come later."""
    promise: tuple[str, ...] = ()
    """告知承诺: items for which a written promise takes the place of materials."""
    signed: Signed | None = None
    """What the applicant signed for it."""


class NotAcceptItem(Command, frozen=True, kw_only=True):
    """Decline to accept one item, with the reason and the competent authority."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str
    reason: str
    competent_authority: str = ""
    ground: Literal["", "not_required", "outside_authority"] = ""
    """Empty: ``outside_authority`` where a competent authority is named, else ``not_required``."""


class WithdrawItem(Command, frozen=True, kw_only=True):
    """The applicant takes one item back."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str
    reason: str = ""
    channel: Channel = "window"
    """At a window, the hall has to be one that handles the case; by any other channel the applicant does it."""
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""


class WithdrawCase(Command, frozen=True, kw_only=True):
    """The applicant takes back every item that has not come to its end."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    reason: str = ""
    channel: Channel = "window"
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""


class ReturnItems(Command, frozen=True, kw_only=True):
    """退件: give items back that were received and never accepted (none named: all of them)."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    reason: Literal["given_up", "not_compliant"]
    items: tuple[str, ...] = ()
    explanation: str = ""


class RefuseSupplement(Command, frozen=True, kw_only=True):
    """Do not take in a supplement that does not comply: it is still missing."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str
    materials: tuple[str, ...]
    reason: str


class ExtendTolerance(Command, frozen=True, kw_only=True):
    """Let a supplement come later because of force majeure; by somebody else than who tolerated, before it lapses."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str
    due_on: date
    reason: str


class RecordOrigin(Command, frozen=True, kw_only=True):
    """The result of an item that was underway elsewhere, with what proves it."""

    SERVICE: ClassVar[str] = "intake"
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
    case_id: str
    into: str
    """The other case: its id."""


class ForwardCase(Command, frozen=True, kw_only=True):
    """Hand a set that was received for another place on to the hall that owns it, checked in form and identity."""

    SERVICE: ClassVar[str] = "intake"
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
    case_id: str
    item: str
    what: str
    """Id of a material or field, or words for what the catalogue does not know."""
    basis: str


class RecordChoice(Command, frozen=True, kw_only=True):
    """What the applicant wants after items failed: go on with the others, or take them back."""

    SERVICE: ClassVar[str] = "intake"
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
    format: Format = "data"


class GetPaper(Query, frozen=True, kw_only=True):
    """A numbered document of a case: receipt, correction, acceptance, tolerance, non-acceptance, return.

    Without a number: which there are.
    """

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    number: str = ""
    format: Format = "data"
    identifier: str = ""
    """The applicant's, who asks for a document of their own."""


class PrefillForm(Query, frozen=True, kw_only=True):
    """What the form of a new case can be filled with: from an earlier case of the same applicant, or from a draft.

    Its answer has values and provenance for the fields that the form has with these answers.
    """

    SERVICE: ClassVar[str] = "intake"
    theme: str
    answers: dict[str, str]
    case_id: str = ""
    draft: str = ""
    identifier: str = ""
    """The applicant's, who stands at a hall that did not handle the earlier case."""


class GetHolder(Query, frozen=True, kw_only=True):
    """Whom a case is about, still sealed: who renders a document for the applicant unseals it with the case's key."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str


class Holder(msgspec.Struct, frozen=True):
    """The answer to ``GetHolder``: the sealed ``Applicant``, and the key that it and the case's documents are under."""

    applicant: Sealed
    key_id: str
    number: str = ""
    theme: str = ""
    catalogue: str = ""
    hall: str = ""
    channel: str = ""
    applicant_index: str = ""
