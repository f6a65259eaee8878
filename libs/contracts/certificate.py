"""一端口出件: numbers, documents, packages and the hand-over at one exit."""

from datetime import date
from typing import ClassVar, Literal

from contracts.language import Command, Fact, Query

HandOver = Literal["window", "post", "locker", "electronic"]


class OutputPlanned(Fact, frozen=True, kw_only=True):
    """How results leave: all together (一体出件) or each as it is ready (分类出件)."""

    TOPIC: ClassVar[str] = "onething.output.planned.v1"
    number: str
    theme: str
    catalogue: str
    region: str
    mode: Literal["integrated", "itemised"]
    items: tuple[str, ...]
    hall: str = ""
    """The exit: the hall where the case was accepted."""


class CertificateIssued(Fact, frozen=True, kw_only=True):
    """A result was numbered and sealed as data; its document is rendered off the hot path."""

    TOPIC: ClassVar[str] = "onething.certificate.issued.v1"
    certificate: str
    item: str
    output: str
    """The output's id in the catalogue: what later items may need."""
    kind: Literal["certificate", "document", "object"]
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


class PackageHandedOver(Fact, frozen=True, kw_only=True):
    """送达: the package was handed over, how and to whom after which check."""

    TOPIC: ClassVar[str] = "onething.package.handed-over.v1"
    package: str
    method: HandOver
    identity_check: str
    receipt: str = ""


class VerdictNoted(Fact, frozen=True, kw_only=True):
    """No further result will come of this case; the packages that lie ready are the last ones."""

    TOPIC: ClassVar[str] = "onething.output.verdict-noted.v1"
    verdict: Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]


class OutputCompleted(Fact, frozen=True, kw_only=True):
    """Nothing is left to hand over in this case."""

    TOPIC: ClassVar[str] = "onething.output.completed.v1"
    verdict: Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]


class HandOverPackages(Command, frozen=True, kw_only=True):
    """Hand over everything that is ready (or the named packages) after checking who takes it."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    packages: tuple[str, ...] = ()
    method: HandOver = "window"
    identity_check: str = "identity document seen"
    receipt: str = ""


class RecordRendering(Command, frozen=True, kw_only=True):
    """The renderer's report that a document stands in the contents store."""

    SERVICE: ClassVar[str] = "certificate"
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
    case_id: str


class GetDocument(Query, frozen=True, kw_only=True):
    """The document of a certificate as PDF (base64), unsealed for who may see it; rendered now if need be."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    certificate: str
