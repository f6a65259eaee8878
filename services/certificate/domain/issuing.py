"""Issuing: what a decision yields, numbered and sealed as data; its document is made aside."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from catalogue.model import Catalogue
from catalogue.model import Output as Yield
from certificate.domain.agreement import Agreeing
from certificate.domain.commands import IssueCertificates, IssueDenial
from certificate.domain.refusals import AlreadyConcluded
from certificate.domain.sealing import Means, identifier, next_identifier, sealed_data
from certificate.domain.state import Rendering, Result
from contracts.certificate import CertificateIssued, CertificateRendered, RecordRendering
from contracts.language import Act
from eventing.aggregate import applies
from eventing.errors import NotFound
from kernel.digests import digest

DENIAL = "denial"
"""The output of a denied item: the document of its denial."""

KEPT = ("item", "output", "kind", "title", "number", "issuer", "parts", "decision", "reasons", "remedy")
"""What a later edition says like the one before, unless it is what was changed."""


class Issuing(Agreeing):
    """Results come into being."""

    def issue(self, command: IssueCertificates, *, means: Means, act: Act) -> None:
        """Issues what a granted item yields; again is no news."""
        if self.in_force(command.item):
            return
        if not self._allows("issue"):
            raise AlreadyConcluded(number=self.number, item=command.item)
        item = means.catalogue.theme(self.theme).item(command.item)
        issued = [
            self._issue(
                f"{item.id}.{output.id}",
                means,
                act,
                item=item.id,
                output=output.id,
                kind=output.kind,
                title=title(means.catalogue, output),
                number=means.number(place),
                issuer=command.issuer,
                identifier=numbered(means.catalogue, output, command.issuer, means.number(place)),
                decision=command.decision,
            )
            for place, output in enumerate(item.outputs, start=1)
        ]
        self._pack_now(item.id, issued, means, act)

    def deny(self, command: IssueDenial, *, heading: str, means: Means, act: Act) -> None:
        """Issues the document of a denial, with reasons and remedies (行政许可法 第38条第2款); again is no news.

        It leaves like any result; where granted items leave by themselves, it holds none of them back.
        """
        if self.in_force(command.item):
            return
        if not self._allows("issue"):
            raise AlreadyConcluded(number=self.number, item=command.item)
        issued = self._issue(
            f"{command.item}.{DENIAL}",
            means,
            act,
            item=command.item,
            output=DENIAL,
            kind="decision",
            title=heading,
            number=command.decision,
            issuer=command.issuer,
            identifier="",
            decision=command.decision,
            reasons=command.reasons,
            remedy=command.remedy,
        )
        self._pack_now(command.item, [issued], means, act)

    def _issue(self, name: str, means: Means, act: Act, *, edition: int = 1, **said: Any) -> str:
        """Numbers, seals and records one result; returns what it is called."""
        certificate = self._free(name, self.certificates)
        data = {"certificate": certificate, "issued_on": means.day, "edition": edition, **said}
        text = sealed_data(self.stream, data)
        mark = means.seal(said["issuer"], text)
        self.record(CertificateIssued, act, **data, digest=digest(text), seal=mark.seal, key=mark.key)
        return certificate

    def _reissue(self, old: Result, means: Means, act: Act, **changes: Any) -> str:
        """The next edition of a result: the same number, the next version of its identifier; the old one falls."""
        before = old.issued
        edition = before.edition + 1
        said = {name: getattr(before, name) for name in KEPT}
        said["identifier"] = next_identifier(before.identifier, edition) if before.identifier else ""
        return self._issue(
            f"{before.item or self.theme}.{before.output}",
            means,
            act,
            edition=edition,
            replaces=before.certificate,
            **{**said, **changes},
        )

    @applies(CertificateIssued)
    def _issued(self, fact: CertificateIssued) -> None:
        self.certificates[fact.certificate] = Result(fact)

    def _pack_now(self, item: str, issued: Sequence[str], means: Means, act: Act) -> None:
        if issued and self.goes_at_once(means.catalogue.theme(self.theme), item):
            self._assemble(item, issued, means.limits, act)

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


def numbered(catalogue: Catalogue, output: Yield, issuer: str, number: str) -> str:
    """The identifier of the first edition of an output that is a certificate; empty for other results."""
    return identifier(catalogue, output.certificate, issuer, number, 1) if output.kind == "certificate" else ""


def title(catalogue: Catalogue, output: Yield) -> str:
    """What stands on the document: the name of the kind of certificate, else of the output."""
    return catalogue.certificates[output.certificate].name if output.certificate else output.name
