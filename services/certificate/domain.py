"""An output is what one case yields: certificates from its grants, in packages, at one exit."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from catalogue.model import Catalogue, Item
from catalogue.model import Output as Yield
from contracts.certificate import (
    CertificateIssued,
    CertificateRendered,
    HandOver,
    HandOverPackages,
    OutputCompleted,
    OutputPlanned,
    PackageAssembled,
    PackageHandedOver,
    RecordRendering,
    VerdictNoted,
)
from contracts.language import Act, Command
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, NotFound, Refused
from kernel.digests import canonical, digest
from kernel.identifiers import certificate_id

FICTIONAL_TYPE = "001"
"""Type number where the catalogue names no kind of certificate: made up, to be configured by the locality."""

Mode = Literal["integrated", "itemised"]
Verdict = Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]
Seal = Callable[[bytes], str]


class NothingToHandOver(Refused):
    """No package lies ready at the exit yet."""


class IdentityUnchecked(Refused):
    """Results go to the applicant or an authorised person; somebody has to have looked who it is."""


class AlreadyConcluded(Refused):
    """The verdict over the case is known, so no further result can come of it."""


class DocumentWithheld(Forbidden):
    """A document is shown at its case's hall and by who issued it."""


class RendererOnly(Forbidden):
    """Documents are made by this service itself; nobody else can say that one stands."""


class PlanOutput(Command, frozen=True, kw_only=True):
    """A case was taken up by the departments: its results will leave here."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    number: str
    theme: str
    catalogue: str
    region: str
    mode: Mode
    items: tuple[str, ...]
    hall: str = ""


class IssueCertificates(Command, frozen=True, kw_only=True):
    """An item was granted: issue what it yields."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    item: str
    issuer: str


class ConcludeOutput(Command, frozen=True, kw_only=True):
    """Every item has come to its end."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    verdict: Verdict


class Status(StrEnum):
    """How far an output is."""

    PLANNED = "planned"
    CONCLUDED = "concluded"
    """No more results will come, but not all are handed over."""
    COMPLETED = "completed"


ALLOWED: dict[Status, frozenset[str]] = {
    Status.PLANNED: frozenset({"issue", "render", "hand over", "conclude"}),
    Status.CONCLUDED: frozenset({"render", "hand over"}),
    Status.COMPLETED: frozenset({"render"}),
}
"""The lifecycle of an output: what may happen in which state."""


class Rendering(Struct, frozen=True):
    """Where the document of a certificate lies: the digest of its encrypted bytes in the contents store."""

    digest: str
    size: int
    media_type: str
    signer: str
    key_id: str


class Result(Struct, frozen=True):
    """A result: as data from the moment it was issued, as a document once it was rendered."""

    issued: CertificateIssued
    rendering: Rendering | None = None


class Package(Struct, frozen=True):
    """Results that leave together, and how they left."""

    certificates: tuple[str, ...]
    method: HandOver | None = None


class Output(Aggregate):
    """What one case yields, from the first certificate to the last hand-over."""

    status: Status
    number: str
    theme: str
    catalogue: str
    region: str
    mode: Mode
    items: tuple[str, ...]
    hall: str
    certificates: dict[str, Result]
    packages: dict[str, Package]
    verdict: Verdict | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.status = Status.PLANNED
        self.number = ""
        self.theme = ""
        self.catalogue = ""
        self.region = ""
        self.mode = "itemised"
        self.items = ()
        self.hall = ""
        self.certificates = {}
        self.packages = {}
        self.verdict = None

    def plan(self, command: PlanOutput, *, act: Act) -> None:
        """Takes up the case; how results leave was agreed with the applicant. Again is no news."""
        if not self.version:
            self.record(
                OutputPlanned,
                act,
                number=command.number,
                theme=command.theme,
                catalogue=command.catalogue,
                region=command.region,
                mode=command.mode,
                items=command.items,
                hall=command.hall,
            )

    @applies(OutputPlanned)
    def _planned(self, fact: OutputPlanned) -> None:
        self.number = fact.number
        self.theme = fact.theme
        self.catalogue = fact.catalogue
        self.region = fact.region
        self.mode = fact.mode
        self.items = fact.items
        self.hall = fact.hall

    def issue(
        self, item: Item, issuer: str, *, catalogue: Catalogue, serial: int, day: date, seal: Seal, act: Act
    ) -> None:
        """Issues what a granted item yields; again is no news. ``serial`` is the number of the grant."""
        if any(certificate.issued.item == item.id for certificate in self.certificates.values()):
            return
        if not self._allows("issue"):
            raise AlreadyConcluded(number=self.number, item=item.id)
        for place, output in enumerate(item.outputs, start=1):
            number = f"{day:%Y%m%d}{serial:06d}{place:02d}"
            data = {
                "certificate": f"{item.id}.{output.id}",
                "item": item.id,
                "output": output.id,
                "kind": output.kind,
                "title": title(catalogue, output),
                "number": number,
                "issuer": issuer,
                "issued_on": day,
                "edition": 1,
                "identifier": identifier(catalogue, output, issuer, number),
            }
            text = sealed_data(self.stream, data)
            self.record(CertificateIssued, act, **data, digest=digest(text), seal=seal(text))
        issued = tuple(f"{item.id}.{output.id}" for output in item.outputs)
        if issued and self.mode == "itemised":
            self.record(PackageAssembled, act, package=item.id, certificates=issued)

    @applies(CertificateIssued)
    def _issued(self, fact: CertificateIssued) -> None:
        self.certificates[fact.certificate] = Result(fact)

    def conclude(self, verdict: Verdict, *, act: Act) -> None:
        """Every item has come to its end: an integrated package is complete now. Again is no news."""
        if not self._allows("conclude"):
            return
        self.record(VerdictNoted, act, verdict=verdict)
        if self.certificates and self.mode == "integrated":
            self.record(PackageAssembled, act, package=self.theme, certificates=tuple(self.certificates))
        self._complete(act)

    @applies(PackageAssembled)
    def _assembled(self, fact: PackageAssembled) -> None:
        self.packages[fact.package] = Package(fact.certificates)

    @applies(VerdictNoted)
    def _noted(self, fact: VerdictNoted) -> None:
        self.verdict = fact.verdict
        self.status = Status.CONCLUDED

    def hand_over(self, command: HandOverPackages, *, act: Act) -> None:
        """送达 (行政许可法 第44条): the named packages, or all that lie ready. Again is no news."""
        if unknown := [package for package in command.packages if package not in self.packages]:
            raise NotFound(what="package", id=unknown[0])
        if not self.packages:
            raise NothingToHandOver(number=self.number)
        ready = [p for p in command.packages or self.packages if self.packages[p].method is None]
        if not ready:
            return
        if not command.identity_check.strip():
            raise IdentityUnchecked(packages=ready)
        for package in dict.fromkeys(ready):
            self.record(
                PackageHandedOver,
                act,
                package=package,
                method=command.method,
                identity_check=command.identity_check,
                receipt=command.receipt,
            )
        self._complete(act)

    @applies(PackageHandedOver)
    def _handed_over(self, fact: PackageHandedOver) -> None:
        self.packages[fact.package] = replace(self.packages[fact.package], method=fact.method)

    def render(self, command: RecordRendering, *, act: Act) -> None:
        """The document stands in the contents store. The first one counts; later ones are no news."""
        certificate = self.certificates.get(command.certificate)
        if certificate is None:
            raise NotFound(what="certificate", id=command.certificate)
        if certificate.rendering is None:
            self.record(
                CertificateRendered,
                act,
                certificate=command.certificate,
                digest=command.digest,
                size=command.size,
                media_type=command.media_type,
                signer=command.signer,
                key_id=command.key_id,
            )

    @applies(CertificateRendered)
    def _rendered(self, fact: CertificateRendered) -> None:
        self.certificates[fact.certificate] = replace(
            self.certificates[fact.certificate],
            rendering=Rendering(fact.digest, fact.size, fact.media_type, fact.signer, fact.key_id),
        )

    def _complete(self, act: Act) -> None:
        done = self.status is Status.CONCLUDED and all(p.method for p in self.packages.values())
        if done:
            self.record(OutputCompleted, act, verdict=self.verdict)

    @applies(OutputCompleted)
    def _completed(self, _fact: OutputCompleted) -> None:
        self.status = Status.COMPLETED

    def _allows(self, verb: str) -> bool:
        return verb in ALLOWED[self.status]


SEALED_FIELDS = (
    "certificate",
    "item",
    "output",
    "kind",
    "title",
    "number",
    "issuer",
    "issued_on",
    "edition",
    "identifier",
)


def sealed_data(case_id: str, data: dict[str, Any] | CertificateIssued) -> bytes:
    """What a certificate's seal is over: its case and its data as canonical JSON, nothing personal."""
    get: Callable[[str], Any] = data.__getitem__ if isinstance(data, dict) else lambda name: getattr(data, name)
    return canonical({"case_id": case_id, **{name: get(name) for name in SEALED_FIELDS}})


def identifier(catalogue: Catalogue, output: Yield, issuer: str, serial: str) -> str:
    """电子证照标识 (GB/T 36904) of a certificate, empty for other results and where no authority has a code.

    Where the catalogue names no kind of certificate, the type code is the issuer's own code and a fictional
    number; an issuer without a unified social credit code is named by its region.
    """
    if output.kind != "certificate":
        return ""
    organisation = catalogue.organisations.get(issuer)
    issuer_code = organisation.uscc if organisation else None
    type_code = catalogue.certificate_type(output) or (issuer_code and issuer_code + FICTIONAL_TYPE)
    if not type_code:
        return ""
    return certificate_id(type_code, issuer_code or catalogue.region, serial, 1)


def title(catalogue: Catalogue, output: Yield) -> str:
    """What stands on the document: the name of the kind of certificate, else of the output."""
    return catalogue.certificates[output.certificate].name if output.certificate else output.name
