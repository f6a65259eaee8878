"""一端口出件: numbers, documents, packages and the hand-over at one exit."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from contracts.language import Answer, Command, Fact, Query, Sealed

HandOver = Literal["window", "post", "locker", "electronic"]
"""窗口 · 邮寄 · 智能文件柜 · 电子证照"""

OutputMode = Literal["integrated", "itemised", "early"]
"""一体出件 (one package with the verdict) · 分类出件 (each item as it is ready) · 部分先出 (what no other item of the
case builds on leaves early, the rest together)"""

PickupPlace = Literal["in_store", "on_the_way", "handed_over", "called_back"]
"""在库 · 递送中 · 已领取 · 收回"""

IdentityCheck = Literal["document", "mandate", "signed", "code", "account"]
"""本人证件 · 授权委托 · 签收 · 取件码 · 实名账号"""


class OutputPlanned(Fact, frozen=True, kw_only=True):
    """How results leave: all together (一体出件) or each as it is ready (分类出件)."""

    TOPIC: ClassVar[str] = "onething.output.planned.v1"
    number: str
    theme: str
    catalogue: str
    region: str
    mode: OutputMode
    items: tuple[str, ...]
    hall: str = ""
    """The exit: the hall where the case was accepted."""


class OutputAgreed(Fact, frozen=True, kw_only=True):
    """The applicant agreed to another way in which the results leave that have not left yet."""

    TOPIC: ClassVar[str] = "onething.output.agreed.v1"
    mode: OutputMode
    method: HandOver
    address: Sealed | None = None
    """Where to, sealed with the case's key."""
    address_index: str = ""
    """A blind index of the address: the same again is no news."""


class OutputReopened(Fact, frozen=True, kw_only=True):
    """More results may come: items were joined, or a decision was void and is taken again."""

    TOPIC: ClassVar[str] = "onething.output.reopened.v1"
    items: tuple[str, ...]
    """All items of the case from now on."""
    again: tuple[str, ...] = ()
    """Those whose ends a completion had covered, and which are decided again."""


class CertificateIssued(Fact, frozen=True, kw_only=True):
    """A result was numbered and sealed as data; its document is rendered off the hot path."""

    TOPIC: ClassVar[str] = "onething.certificate.issued.v1"
    certificate: str
    item: str
    output: str
    """The output's id in the catalogue: what later items may need."""
    kind: Literal["certificate", "document", "object", "decision", "comprehensive"]
    """What the catalogue says of the output; decisions (不予许可决定书) and comprehensive licences are not in it."""
    title: str
    number: str
    issuer: str
    issued_on: date
    edition: int = 1
    identifier: str = ""
    """电子证照标识 (ZZBS), where the output is an electronic certificate."""
    digest: str = ""
    seal: str = ""
    """The issuer's detached signature over the canonical data, and the digest it signs."""
    parts: tuple[str, ...] = ()
    """For a comprehensive licence (综合许可证): the certificates that it loads."""
    replaces: str = ""
    """The certificate whose later edition this is."""
    decision: str = ""
    """The decision that it carries out."""
    key: str = ""
    """The id of the key that sealed it; empty: the exit's own."""
    reasons: str = ""
    remedy: str = ""
    """For the document of a denial: why, and how to contest it (行政许可法 第38条第2款)."""
    correction: str = ""
    """For a corrected edition: what was put right."""


class CertificateRevoked(Fact, frozen=True, kw_only=True):
    """A certificate lost its force; who verifies it from now on is told so."""

    TOPIC: ClassVar[str] = "onething.certificate.revoked.v1"
    certificate: str
    item: str
    status: Literal["revoked", "cancelled", "void", "replaced"]
    """03 撤销 · 04 注销 · 05 失效 · replaced by a later edition"""
    ground: str
    replaced_by: str = ""


class CertificateRendered(Fact, frozen=True, kw_only=True):
    """The document of a certificate was rendered, signed and stored."""

    TOPIC: ClassVar[str] = "onething.certificate.rendered.v1"
    certificate: str
    digest: str
    """Of the encrypted bytes, under which the contents store has them; ``size`` is the document's own."""
    size: int
    media_type: str
    signer: str
    key_id: str = ""
    """The case's key that the document is encrypted with."""


class PackageAssembled(Fact, frozen=True, kw_only=True):
    """Results lie ready at the exit, with the list of what is in the package."""

    TOPIC: ClassVar[str] = "onething.package.assembled.v1"
    package: str
    certificates: tuple[str, ...]
    due_on: date | None = None
    """The last day for the hand-over (行政许可法 第44条)."""
    remind_on: date | None = None
    """The last day before the applicant is reminded."""


class PackageDispatched(Fact, frozen=True, kw_only=True):
    """A package left the exit by post, or lies in a locker for the applicant."""

    TOPIC: ClassVar[str] = "onething.package.dispatched.v1"
    package: str
    method: Literal["post", "locker"]
    carrier: str = ""
    tracking: str = ""
    """物流单号"""
    cabinet: str = ""
    cell: str = ""
    recall_on: date | None = None
    """The last day that it lies in the locker."""


class PackageRecalled(Fact, frozen=True, kw_only=True):
    """A package came back to the window: nobody emptied the locker, or the post could not deliver it."""

    TOPIC: ClassVar[str] = "onething.package.recalled.v1"
    package: str
    reason: Literal["uncollected", "undeliverable"]
    remind_on: date | None = None


class CollectionReminded(Fact, frozen=True, kw_only=True):
    """A package lies ready and nobody comes for it: the applicant is reminded."""

    TOPIC: ClassVar[str] = "onething.package.collection-reminded.v1"
    package: str
    again_on: date | None = None
    """The last day before the next reminder."""


class DeliveryOverdue(Fact, frozen=True, kw_only=True):
    """Supervision: a package was not handed over within its limit (行政许可法 第44条)."""

    TOPIC: ClassVar[str] = "onething.package.delivery-overdue.v1"
    package: str
    due: date
    place: Literal["in_store", "on_the_way", "called_back"]


class PackageHandedOver(Fact, frozen=True, kw_only=True):
    """送达: the package was handed over, how and to whom after which check."""

    TOPIC: ClassVar[str] = "onething.package.handed-over.v1"
    package: str
    method: HandOver
    identity_check: str
    receipt: str = ""
    check: IdentityCheck | Literal[""] = ""
    """The kind of check; empty: what ``identity_check`` says."""
    refused: bool = False
    """拒收: who was entitled would not take it, before a witness; it counts as handed over."""
    witness: str = ""


class VerdictNoted(Fact, frozen=True, kw_only=True):
    """No further result will come of this case; the packages that lie ready are the last ones."""

    TOPIC: ClassVar[str] = "onething.output.verdict-noted.v1"
    verdict: Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]
    items: tuple[str, ...] = ()


class OutputCompleted(Fact, frozen=True, kw_only=True):
    """Nothing is left to hand over in this case."""

    TOPIC: ClassVar[str] = "onething.output.completed.v1"
    verdict: Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]
    items: tuple[str, ...] = ()
    """The items whose ends it covers; items that are joined later need a completion of their own."""
    again: tuple[str, ...] = ()
    """Those that an earlier completion had covered, and that have been decided again since."""


class PackagesHandedOver(Answer, frozen=True, kw_only=True):
    """All packages of the case that have been handed over."""

    packages: tuple[str, ...]


class CertificateData(Answer, frozen=True, kw_only=True):
    """A result as it was issued. The fields mean what they mean in ``CertificateIssued``."""

    case_id: str | None
    at: datetime
    by: str
    acting_as: str
    in_name_of: str
    cause: str
    trace: str
    certificate: str
    item: str
    output: str
    kind: str
    title: str
    number: str
    issuer: str
    issued_on: date
    edition: int
    identifier: str
    digest: str
    seal: str
    parts: tuple[str, ...]
    replaces: str
    decision: str
    key: str
    reasons: str
    remedy: str
    correction: str


class Rendering(Answer, frozen=True, kw_only=True):
    """Where the document of a certificate lies."""

    digest: str
    size: int
    media_type: str
    signer: str
    key_id: str


class ResultStanding(Answer, frozen=True, kw_only=True):
    """A result, its document, and whether it is in force."""

    issued: CertificateData
    rendering: Rendering | None
    state: str
    status_code: str
    replaced_by: str


class Carriage(Answer, frozen=True, kw_only=True):
    """How a package travels: by post with its tracking number, or in a cell of a locker."""

    method: HandOver
    carrier: str
    tracking: str
    cabinet: str
    cell: str
    recall_on: date | None


class PackageStanding(Answer, frozen=True, kw_only=True):
    """Results that leave together, and how they left."""

    package: str
    state: str
    certificates: tuple[str, ...]
    place: str
    method: HandOver | None
    check: str
    refused: bool
    carriage: Carriage | None
    due_on: date | None
    remind_on: date | None


class OutputDetail(Answer, frozen=True, kw_only=True):
    """Certificates and packages of a case."""

    case_id: str
    number: str
    theme: str
    mode: OutputMode
    method: HandOver
    hall: str
    status: str
    verdict: str | None
    version: int
    certificates: tuple[ResultStanding, ...]
    packages: tuple[PackageStanding, ...]


class Enclosed(Answer, frozen=True, kw_only=True):
    """A document as PDF (base64)."""

    media_type: str
    size: int
    pdf: str


class CertificateDocument(Enclosed, frozen=True, kw_only=True):
    """The document of a certificate."""

    certificate: str
    title: str
    number: str


class OutputAddress(Answer, frozen=True, kw_only=True):
    """Where the results of a case are posted to; empty: none was agreed."""

    case_id: str
    address: str


class PackageManifest(Enclosed, frozen=True, kw_only=True):
    """出件清单 of a package."""

    package: str


class Seal(Answer, frozen=True, kw_only=True):
    """A detached signature, and the key that checks it."""

    algorithm: str
    key: str
    value: str


class SignedData(Answer, frozen=True, kw_only=True):
    """A certificate's data with its seal."""

    data: dict[str, Any]
    """The fields that are sealed, as canonical JSON gives them."""
    digest: str
    seal: Seal


class Replacement(Answer, frozen=True, kw_only=True):
    """The later edition of a certificate."""

    number: str
    identifier: str
    edition: int


class VerifiedPart(Answer, frozen=True, kw_only=True):
    """A certificate that a comprehensive licence loads."""

    title: str
    number: str
    identifier: str
    issuer: str
    status: str


class Verified(Answer, frozen=True, kw_only=True):
    """核验. Without ``found`` nothing of that kind was issued here; a wrong digest shows no certificate."""

    found: bool
    genuine: bool = False
    in_force: bool = False
    identifier_check: Literal["", "right", "wrong"] = ""
    digest: Literal["", "right", "wrong"] = ""
    seal: Literal["", "right", "wrong"] = ""
    status: str = ""
    status_code: str = ""
    kind: str = ""
    title: str = ""
    number: str = ""
    identifier: str = ""
    edition: int = 0
    issuer: str = ""
    issued_on: date | None = None
    replaced_by: Replacement | None = None
    parts: tuple[VerifiedPart, ...] = ()


class CertificateRow(Answer, frozen=True, kw_only=True):
    """A certificate as it is found by what is printed on it; nothing in it is personal."""

    case_id: str
    case_number: str
    certificate: str
    item: str
    number: str
    identifier: str
    issuer: str
    standing: str


class Pickups(Answer, frozen=True, kw_only=True):
    """领取台账: how many results a hall issued, and where they are."""

    hall: str
    issued: int
    in_store: int
    on_the_way: int
    handed_over: int
    called_back: int


class PickupRow(Answer, frozen=True, kw_only=True):
    """A result in the ledger, with nothing personal in it."""

    case_id: str
    case_number: str
    certificate: str
    item: str
    title: str
    number: str
    package: str
    """Empty: it lies in none."""
    place: PickupPlace
    since: datetime
    """Since when it is there: of what was handed over, or called back, the instant of that."""
    by: str
    """Who issued it, packed it, sent it, handed it over or called it back: whoever brought it to its place."""
    method: HandOver | Literal[""]
    """How it left, or is on its way; empty: it lies at the exit."""
    check: str
    """The kind of check of who took it."""
    refused: bool
    """拒收, before a witness."""
    receipt: str


class PickupPage(Answer, frozen=True, kw_only=True):
    """A page of the ledger."""

    pickups: tuple[PickupRow, ...]
    after: str
    """Where the next page begins; empty: this was the last."""


class HandOverPackages(Command, frozen=True, kw_only=True):
    """Hand over everything that is ready (or the named packages) after checking who takes it."""

    SERVICE: ClassVar[str] = "certificate"
    ANSWER: ClassVar[Any] = PackagesHandedOver
    case_id: str
    packages: tuple[str, ...] = ()
    method: HandOver = "window"
    identity_check: str = "identity document seen"
    receipt: str = ""
    check: IdentityCheck | Literal[""] = ""
    mandate: str = ""
    """代办: the mandate under which ``agent`` collects for the applicant."""
    agent: str = ""


class AgreeOutput(Command, frozen=True, kw_only=True):
    """Agree with the applicant how the results leave that have not left yet; what is empty stays as it is."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    mode: OutputMode | Literal[""] = ""
    method: HandOver | Literal[""] = ""
    address: str = ""


class DispatchPackage(Command, frozen=True, kw_only=True):
    """Give a package to the post (``tracking``), or put it into a locker (``cabinet`` and ``cell``)."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    package: str
    method: Literal["post", "locker"]
    carrier: str = ""
    tracking: str = ""
    cabinet: str = ""
    cell: str = ""


class ConfirmDelivery(Command, frozen=True, kw_only=True):
    """A package that was on its way reached whom it is for."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    package: str
    identity_check: str
    check: IdentityCheck | Literal[""] = ""
    receipt: str = ""


class RecallPackage(Command, frozen=True, kw_only=True):
    """A package that was on its way is back at the exit."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    package: str
    reason: Literal["uncollected", "undeliverable"]


class RecordRefusal(Command, frozen=True, kw_only=True):
    """拒收: who is entitled to these packages (or all that are ready) will not take them; a witness signs."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    packages: tuple[str, ...] = ()
    identity_check: str
    witness: str


class RecordRendering(Command, frozen=True, kw_only=True):
    """The renderer's report that a document stands in the contents store."""

    SERVICE: ClassVar[str] = "certificate"
    INTERNAL: ClassVar[str] = "sent by the press of certificate itself"
    case_id: str
    certificate: str
    digest: str
    size: int
    media_type: str
    signer: str
    key_id: str


class GetOutput(Query, frozen=True, kw_only=True):
    """Certificates and packages of a case."""

    SERVICE: ClassVar[str] = "certificate"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/output"
    ANSWER: ClassVar[Any] = OutputDetail
    case_id: str


class GetAddress(Query, frozen=True, kw_only=True):
    """Where the applicant wants the results posted to, for the label of what is sent."""

    SERVICE: ClassVar[str] = "certificate"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/output/address"
    ANSWER: ClassVar[Any] = OutputAddress
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact",)
    case_id: str
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""


class GetDocument(Query, frozen=True, kw_only=True):
    """The document of a certificate as PDF (base64), unsealed for who may see it; rendered now if need be."""

    SERVICE: ClassVar[str] = "certificate"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/certificates/{certificate}/document"
    ANSWER: ClassVar[Any] = CertificateDocument
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact", "identity")
    case_id: str
    certificate: str
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""


class GetSigned(Query, frozen=True, kw_only=True):
    """A certificate as data with its issuer's seal: what a program verifies instead of a person's eye."""

    SERVICE: ClassVar[str] = "certificate"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/certificates/{certificate}/signed"
    ANSWER: ClassVar[Any] = SignedData
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact", "identity")
    case_id: str
    certificate: str
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""


class GetManifest(Query, frozen=True, kw_only=True):
    """出件清单: what a package contains and whose signatures it bears, as PDF (base64)."""

    SERVICE: ClassVar[str] = "certificate"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/packages/{package}/manifest"
    ANSWER: ClassVar[Any] = PackageManifest
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact", "identity")
    case_id: str
    package: str
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""


class VerifyCertificate(Query, frozen=True, kw_only=True):
    """Is this document genuine, and is it in force? For everybody; nothing personal is answered.

    By the text of its code, or by its identifier (电子证照标识), or by its number together with its digest.
    """

    SERVICE: ClassVar[str] = "certificate"
    ROUTE: ClassVar[str] = "POST /certificates/verify"
    ANSWER: ClassVar[Any] = Verified
    code: str = ""
    identifier: str = ""
    number: str = ""
    digest: str = ""


class FindCertificates(Query, frozen=True, kw_only=True):
    """The certificates with a number (证照编号) or an identifier (电子证照标识) that somebody shows, latest first.

    Those that cases of the halls of whoever asks gave, and no others: they lead to the case that goes on.
    """

    SERVICE: ClassVar[str] = "certificate"
    ROUTE: ClassVar[str] = "POST /certificates/find"
    ANSWER: ClassVar[Any] = tuple[CertificateRow, ...]
    number: str


class PickupLedger(Query, frozen=True, kw_only=True):
    """领取台账: how many results a hall issued, and where they are; the places add up to what was issued.

    With days: of those results alone that came to where they are within these days, both included.
    """

    SERVICE: ClassVar[str] = "certificate"
    ROUTE: ClassVar[str] = "GET /pickups"
    ANSWER: ClassVar[Any] = Pickups
    hall: str
    since: date | None = None
    until: date | None = None


class ListPickups(Query, frozen=True, kw_only=True):
    """领取台账, result by result: where each is since when, and how and by whom it was handed over, latest first."""

    SERVICE: ClassVar[str] = "certificate"
    ROUTE: ClassVar[str] = "GET /pickups/results"
    ANSWER: ClassVar[Any] = PickupPage
    hall: str
    place: PickupPlace | Literal[""] = ""
    since: date | None = None
    """Those that came to where they are on this day or later."""
    until: date | None = None
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50
