"""certificate as a service: results are issued, packed and handed over; documents are made aside."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import asdict

from catalogue.model import Catalogue, Theme
from certificate.domain import (
    CODES,
    ConcludeOutput,
    CorrectCertificates,
    DocumentWithheld,
    IssueCertificates,
    IssueDenial,
    Limits,
    MandateRefused,
    Means,
    Output,
    Package,
    PlanOutput,
    RendererOnly,
    ReopenOutput,
    Result,
    RevokeCertificates,
    VoidCertificates,
    data_of,
    limits,
    sealed_data,
)
from certificate.domain.verification import Found, claimed, verified
from certificate.policies import REACTIONS
from certificate.press import PDF
from certificate.projections import (
    BY_PICKUP,
    CERTIFICATES,
    PICKUPS,
    bearing,
    counted,
    counted_within,
    numbered,
    picked_up,
)
from certificate.renderer import Renderer, RenderingShare
from certificate.signing import Authorities, verify_seal
from certificate.signing.seals import signed_form
from certificate.wording import denial_of, labels
from contracts.certificate import (
    AgreeOutput,
    ConfirmDelivery,
    DispatchPackage,
    FindCertificates,
    GetAddress,
    GetDocument,
    GetManifest,
    GetOutput,
    GetSigned,
    HandOverPackages,
    ListPickups,
    OutputAddress,
    PackageStanding,
    PickupLedger,
    RecallPackage,
    RecordRefusal,
    RecordRendering,
    VerifyCertificate,
)
from contracts.delegation import CheckMandates, MandateAnswer, MandateRequest
from contracts.intake import Applicant, GetHolder, Holder
from contracts.language import Act, Caller, Sealed
from contracts.readings import PersonalClass
from contracts.scopes import is_within
from eventing.catalogues import Catalogues
from eventing.contents import ContentsStore
from eventing.dependency import HostDependency
from eventing.errors import NotFound, OneThingError
from eventing.keyring import Keyring
from eventing.readings import note_reading
from eventing.scoping import narrowed, reaches
from eventing.service import Service, command, deadline, query, reaction
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar

MOST_PICKUPS = 500
"""Results on a page of the ledger at most."""

HELD: tuple[PersonalClass, ...] = ("contact", "identity")
"""The classes of personal data that a document says of its holder."""


class Signing(HostDependency):
    """Gives the service the signers of its region, with their keys in ``{data_dir}/signing``.

    A fictional region makes itself development keys; any other has its own brought, or does not start.
    """

    def make(self) -> Authorities:
        return Authorities.of(Path(self.host.settings.data_dir) / "signing", self.host.settings.region)


class Certificate(Renderer, Service):
    """一端口出件."""

    name = "certificate"
    aggregates = (Output,)
    views = (CERTIFICATES, PICKUPS)
    reactions = REACTIONS
    catalogues = Catalogues()
    keyring = Keyring()
    contents = ContentsStore()
    authorities = Signing()
    share = RenderingShare()
    calendar = WorkingCalendar.official()
    _last_days: tuple[tuple[str, date], Limits] | None = None

    # what people do at the exit

    @command(AgreeOutput, on=Output, given="addresses")
    def agree_output(self, output: Output, cmd: AgreeOutput, act: Act, given: tuple[Sealed | None, str]) -> None:
        """The applicant wants the results in another way."""
        output.agree(cmd, *given, theme=self._theme(output), limits=self._limits(output, act), act=act)

    @command(HandOverPackages, on=Output, given="mandates")
    def hand_over_packages(self, output: Output, cmd: HandOverPackages, act: Act, _: None) -> dict[str, Any]:
        """送达."""
        output.hand_over(cmd, act=act)
        return {"packages": sorted(name for name, package in output.packages.items() if package.method)}

    @command(RecordRefusal, on=Output)
    def record_refusal(self, output: Output, cmd: RecordRefusal, act: Act) -> None:
        """拒收."""
        output.refuse(cmd, act=act)

    @command(DispatchPackage, on=Output)
    def dispatch_package(self, output: Output, cmd: DispatchPackage, act: Act) -> None:
        """By post, or into a locker."""
        output.dispatch(cmd, limits=self._limits(output, act), act=act)

    @command(ConfirmDelivery, on=Output)
    def confirm_delivery(self, output: Output, cmd: ConfirmDelivery, act: Act) -> None:
        """It arrived."""
        output.confirm(cmd, act=act)

    @command(RecallPackage, on=Output)
    def recall_package(self, output: Output, cmd: RecallPackage, act: Act) -> None:
        """It came back."""
        output.recall(cmd, limits=self._limits(output, act), act=act)

    @command(RecordRendering, on=Output)
    def record_rendering(self, output: Output, cmd: RecordRendering, act: Act) -> None:
        """A document was made; only the renderer can know."""
        if act.by != f"service:{self.name}":
            raise RendererOnly(by=act.by)
        output.render(cmd, act=act)

    def addresses(self, batch: Sequence[tuple[Output, AgreeOutput, Act]]) -> Sequence[tuple[Sealed | None, str]]:
        """Addresses are personal: sealed with their case's key before anything is decided."""
        return [self._sealed(cmd) if cmd.address.strip() else (None, "") for _, cmd, _ in batch]

    def _sealed(self, cmd: AgreeOutput) -> tuple[Sealed, str]:
        holder = msgspec.convert(self.peers.ask(GetHolder(case_id=cmd.case_id)), Holder)
        sealed = self.keyring.seal(holder.key_id, cmd.case_id, "output.address", cmd.address.strip())
        return sealed, self.keyring.blind(cmd.address)

    def mandates(self, batch: Sequence[tuple[Output, HandOverPackages, Act]]) -> Sequence[OneThingError | None]:
        """Whether an agent may collect for the applicant (代办); nothing is asked where nobody says so."""
        return [self._objection(output, cmd) if cmd.mandate else None for output, cmd, _ in batch]

    def _objection(self, output: Output, cmd: HandOverPackages) -> OneThingError | None:
        holder = msgspec.convert(self.peers.ask(GetHolder(case_id=cmd.case_id)), Holder)
        applicant = self.keyring.unseal(holder.applicant, cmd.case_id, Applicant)
        wanted = MandateRequest(
            cmd.mandate, cmd.agent, self.keyring.blind(applicant.identifier), output.theme, "collect"
        )
        answers = msgspec.convert(self.peers.ask(CheckMandates(requests=(wanted,))), list[MandateAnswer])
        refusal = answers[0].refusal
        return MandateRefused(mandate=cmd.mandate, reason=refusal) if refusal else None

    # what follows from decisions

    @reaction(PlanOutput, on=Output)
    def plan_output(self, output: Output, cmd: PlanOutput, act: Act) -> None:
        """A case was taken up."""
        output.plan(cmd, act=act)

    @reaction(IssueCertificates, on=Output, given="serials")
    def issue_certificates(self, output: Output, cmd: IssueCertificates, act: Act, serial: int) -> None:
        """An item was granted."""
        output.issue(cmd, means=self._means(output, act, serial), act=act)
        self._wake()

    @reaction(IssueDenial, on=Output)
    def issue_denial(self, output: Output, cmd: IssueDenial, act: Act) -> None:
        """An item was denied."""
        means = self._means(output, act)
        heading = labels()["denial"][denial_of(means.catalogue.item(cmd.item))]
        output.deny(cmd, heading=heading, means=means, act=act)
        self._wake()

    @reaction(ConcludeOutput, on=Output, given="numbers")
    def conclude_output(self, output: Output, cmd: ConcludeOutput, act: Act, serial: int) -> None:
        """Every item has come to its end."""
        output.conclude(cmd, means=self._means(output, act, serial), act=act)
        self._wake()

    @reaction(ReopenOutput, on=Output)
    def reopen_output(self, output: Output, cmd: ReopenOutput, act: Act) -> None:
        """Items were joined."""
        output.reopen(cmd, act=act)

    @reaction(CorrectCertificates, on=Output)
    def correct_certificates(self, output: Output, cmd: CorrectCertificates, act: Act) -> None:
        """A decision was put right."""
        output.correct(cmd, means=self._means(output, act), act=act)
        self._wake()

    @reaction(VoidCertificates, on=Output)
    def void_certificates(self, output: Output, cmd: VoidCertificates, act: Act) -> None:
        """A decision was void."""
        output.void(cmd, means=self._means(output, act), act=act)

    @reaction(RevokeCertificates, on=Output)
    def revoke_certificates(self, output: Output, cmd: RevokeCertificates, act: Act) -> None:
        """An approval was taken back."""
        output.revoke(cmd, means=self._means(output, act), act=act)

    def serials(self, batch: Sequence[tuple[Output, IssueCertificates, Act]]) -> Sequence[int]:
        """One number for each grant; the certificates of one grant share it."""
        first: int = self.store.reserve("certificate", len(batch))
        return range(first, first + len(batch))

    def numbers(self, batch: Sequence[tuple[Output, ConcludeOutput, Act]]) -> Sequence[int]:
        """A number for each comprehensive licence that may be issued; themes without one need none."""
        return [
            self.store.reserve("certificate") if output.version and self._theme(output).comprehensive else 0
            for output, _, _ in batch
        ]

    @deadline("waiting", on=Output)
    def wait_over(self, output: Output, act: Act) -> None:
        """Something lay or travelled for too long."""
        output.wait_over(limits=self._limits(output, act), act=act)

    # questions

    @query(GetOutput)
    def get_output(self, query: GetOutput, caller: Caller) -> dict[str, Any]:
        """Certificates and packages of a case."""
        output: Output = self.store.seen(Output, query.case_id, query, caller)
        return {
            "case_id": output.stream,
            "number": output.number,
            "theme": output.theme,
            "mode": output.mode,
            "method": output.method,
            "hall": output.hall,
            "status": output.status.value,
            "verdict": output.verdict,
            "version": output.version,
            "certificates": [
                {
                    "issued": asdict(certificate.issued),
                    "rendering": certificate.rendering,
                    "state": certificate.standing,
                    "status_code": CODES[certificate.standing],
                    "replaced_by": certificate.replaced_by,
                }
                for certificate in output.certificates.values()
            ],
            "packages": [
                {"package": name, "state": _state(package), **_told(package)}
                for name, package in output.packages.items()
            ],
        }

    @query(GetAddress)
    def get_address(self, query: GetAddress, caller: Caller) -> OutputAddress:
        """Where to, unsealed for whoever sends it."""
        output: Output = self.store.seen(Output, query.case_id, query, caller)
        note_reading(self.peers, caller, output.stream, ("contact",), purpose=query.purpose, what="output.address")
        address = self.keyring.unseal(output.address, output.stream, str) if output.address is not None else ""
        return OutputAddress(case_id=output.stream, address=address)

    @query(GetDocument)
    def get_document(self, query: GetDocument, caller: Caller) -> dict[str, Any]:
        """The document of a certificate; made now if it does not stand yet."""
        output, certificate = self._shown(query, caller)
        note_reading(self.peers, caller, output.stream, HELD, purpose=query.purpose, what=query.certificate)
        pdf = self._make(output, certificate) if certificate.rendering is None else self._find(output, certificate)
        return {
            "certificate": query.certificate,
            "title": certificate.issued.title,
            "number": certificate.issued.number,
            **_enclosed(pdf),
        }

    @query(GetSigned)
    def get_signed(self, query: GetSigned, caller: Caller) -> dict[str, Any]:
        """A certificate as data with its seal."""
        output, certificate = self._shown(query, caller)
        note_reading(self.peers, caller, output.stream, HELD, purpose=query.purpose, what=query.certificate)
        issued = certificate.issued
        return signed_form(data_of(output.stream, issued), issued.seal, issued.key or self.authorities.house.key_id)

    @query(GetManifest)
    def get_manifest(self, query: GetManifest, caller: Caller) -> dict[str, Any]:
        """The list that goes with a package."""
        output: Output = self.store.seen(Output, query.case_id, query, caller)
        if not output.packages.get(query.package, Package(())).certificates:
            raise NotFound(what="package", id=query.package)
        note_reading(self.peers, caller, output.stream, HELD, purpose=query.purpose, what=query.package)
        pdf = self._press().contents_of(output, query.package, self._catalogue(output), at=self.clock.now())
        return {"package": query.package, **_enclosed(pdf)}

    @query(VerifyCertificate)
    def verify_certificate(self, query: VerifyCertificate, caller: Caller) -> Found:
        """核验: genuine, and in force?"""
        claim = claimed(query)
        if claim.identifier_check == "wrong":
            return Found(found=False, identifier_check="wrong")
        found = Found(found=False, identifier_check=claim.identifier_check)
        for row in self.store.select(bearing(number=claim.number, identifier=claim.identifier)):
            output: Output = self.store.get(Output, row["case_id"])
            issued = output.certificates[row["certificate"]].issued
            key = self.authorities.public_key(issued.key)
            sealed = key is not None and verify_seal(key, sealed_data(output.stream, issued), issued.seal)
            found = verified(claim, output, row["certificate"], sealed=sealed)
            if found.genuine:
                break
        return found

    @query(FindCertificates)
    def find_certificates(self, query: FindCertificates, caller: Caller) -> list[dict[str, Any]]:
        """By what is printed on them."""
        number = query.number.strip()
        found = narrowed(numbered(number), query, caller, halls=(CERTIFICATES.c.hall,)) if number else None
        return [dict(row) for row in self.store.select(found)] if found is not None else []

    @query(PickupLedger)
    def pickup_ledger(self, query: PickupLedger, caller: Caller) -> dict[str, Any]:
        """领取台账, in numbers."""
        places = dict.fromkeys(("in_store", "on_the_way", "handed_over", "called_back"), 0)
        if query.since is None and query.until is None:
            counts = narrowed(counted(query.hall), query, caller, halls=(CERTIFICATES.c.hall,))
        else:
            within = counted_within(query.hall, query.since, query.until)
            counts = narrowed(within, query, caller, halls=(PICKUPS.c.hall,))
        places |= {row["place"]: row["results"] for row in self.store.select(counts)}
        return {"hall": query.hall, "issued": sum(places.values()), **places}

    @query(ListPickups)
    def list_pickups(self, query: ListPickups, caller: Caller) -> dict[str, Any]:
        """领取台账, result by result."""
        limit = max(1, min(query.limit, MOST_PICKUPS))
        wanted = picked_up(query.hall, query.place, query.since, query.until)
        wanted = narrowed(wanted, query, caller, halls=(PICKUPS.c.hall,))
        rows = self.store.select(BY_PICKUP.page(wanted, query.after, limit, reverse=query.reversed))
        return {"pickups": [dict(row) for row in rows], "after": BY_PICKUP.cursor(rows, limit)}

    def _shown(self, query: GetDocument | GetSigned, caller: Caller) -> tuple[Output, Result]:
        """A certificate, for its case's hall, its issuer and its holder only."""
        output: Output = self.store.seen(Output, query.case_id, query, caller)
        certificate = output.certificates.get(query.certificate)
        if certificate is None:
            raise NotFound(what="certificate", id=query.certificate)
        reach = msgspec.structs.replace(
            self.reach_of(output, query, caller), orgs=frozenset((certificate.issued.issuer,))
        )
        if not is_within(reaches(type(query), caller), caller, reach):
            raise DocumentWithheld(certificate=query.certificate)
        return output, certificate

    # what rules need from outside

    def _catalogue(self, output: Output) -> Catalogue:
        catalogue: Catalogue = self.catalogues.at(output.catalogue)
        return catalogue

    def _theme(self, output: Output) -> Theme:
        return self._catalogue(output).theme(output.theme)

    def _limits(self, output: Output, act: Act) -> Limits:
        """The last days of what begins today; the same for all that happens on a day."""
        key = (output.catalogue, local_date(act.at))
        if self._last_days is None or self._last_days[0] != key:
            self._last_days = key, limits(self._catalogue(output), self.calendar, key[1])
        return self._last_days[1]

    def _means(self, output: Output, act: Act, serial: int = 0) -> Means:
        return Means(
            catalogue=self._catalogue(output),
            serial=serial,
            day=local_date(act.at),
            seal=self.authorities.seal,
            limits=self._limits(output, act),
        )


def _state(package: Package) -> str:
    """What the counter calls it: ready is what can be handed over."""
    return "ready" if package.ready else package.place.value


def _told(package: Package) -> dict[str, Any]:
    """What the answer says of it; the ledger keeps more."""
    return {name: value for name, value in asdict(package).items() if name in PackageStanding.__struct_fields__}


def _enclosed(pdf: bytes) -> dict[str, Any]:
    return {"media_type": PDF, "size": len(pdf), "pdf": b64encode(pdf).decode()}
