"""The press: from a certificate's data to its document, encrypted where it rests.

Personal data is read here and nowhere else in this service: the holder comes from intake sealed, is unsealed
while the document is made, and leaves only under the case's key.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from eventlet import tpool

from catalogue.model import Catalogue
from certificate.domain import Output, Result
from certificate.pages import manifest, page
from certificate.signing import Authorities, Signer
from certificate.wording import labels
from contents import Contents, ContentsError
from contents.sealing import sealed, unsealed
from contracts.certificate import CertificateIssued, RecordRendering
from contracts.intake import Applicant, GetHolder, Holder
from documents import Document, FontMissing, render
from eventing.errors import Unavailable
from eventing.keyring import KeyRing

PDF = "application/pdf"

Signers = list[tuple[str, Signer]]
"""Who signs, each for an organisation."""


class Press:
    """Makes, keeps and finds the documents of certificates."""

    def __init__(
        self, ask: Callable[[Any], Any], keyring: KeyRing, contents: Contents, authorities: Authorities
    ) -> None:
        self._ask = ask
        self._keyring = keyring
        self._contents = contents
        self._authorities = authorities

    def make(
        self, output: Output, certificate: Result, catalogue: Catalogue, *, at: datetime
    ) -> tuple[bytes, RecordRendering]:
        """The document, now also in the contents store, and the command that says so.

        Raises ``Erased`` where nobody can know any more whom it was for, ``Unavailable``.
        """
        holder, applicant = self._holder(output.stream)
        signers = self.signers(output, certificate.issued)
        document = page(output, certificate.issued, applicant, catalogue)
        try:
            pdf = self._printed(document, signers, at)
            key = self._keyring.key(holder.key_id)
            stored = self._contents.put(sealed([pdf], key, _context(output.stream, certificate.issued)))
        except ContentsError as error:
            raise Unavailable(what="contents", error=type(error).__name__) from error
        return pdf, RecordRendering(
            case_id=output.stream,
            certificate=certificate.issued.certificate,
            digest=stored.digest,
            size=len(pdf),
            media_type=PDF,
            signer="; ".join(signer.name for _, signer in signers),
            key_id=holder.key_id,
        )

    def find(self, output: Output, certificate: Result) -> bytes:
        """A document that was made before. Raises ``Erased`` once the case's key is destroyed."""
        rendering = certificate.rendering
        if rendering is None:
            raise LookupError(certificate.issued.certificate)
        key = self._keyring.key(rendering.key_id)
        try:
            boxes = self._contents.open(rendering.digest)
            return b"".join(unsealed(boxes, key, _context(output.stream, certificate.issued)))
        except ContentsError as error:
            raise Unavailable(what="contents", error=type(error).__name__) from error

    def contents_of(self, output: Output, package: str, catalogue: Catalogue, *, at: datetime) -> bytes:
        """出件清单 of a package, signed by the exit; made anew each time, and kept nowhere."""
        _, applicant = self._holder(output.stream)
        return self._printed(manifest(output, package, applicant, catalogue), [("exit", self._authorities.house)], at)

    def signers(self, output: Output, issued: CertificateIssued) -> Signers:
        """Who signs a document, in order: the issuer; on a composite each department of its parts before (S61a)."""
        departments = [output.certificates[part].issued.issuer for part in issued.parts]
        if not departments:
            return [(issued.issuer, self._authorities.signer(issued.issuer))]
        # the issuer may be one of the departments, too: it signs its part and then the whole
        return [(name, self._authorities.signer(name)) for name in (*dict.fromkeys(departments), issued.issuer)]

    def _holder(self, case_id: str) -> tuple[Holder, Applicant]:
        holder = msgspec.convert(self._ask(GetHolder(case_id=case_id)), Holder)
        return holder, self._keyring.unseal(holder.applicant, case_id, Applicant)

    def _printed(self, document: Document, signers: Signers, at: datetime) -> bytes:
        """The document, set and signed in a thread of its own: the service goes on meanwhile."""
        try:
            pdf: bytes = tpool.execute(printed, document, signers, at)
        except FontMissing as error:
            raise Unavailable(what="font", error=str(error)) from error
        return pdf


def printed(document: Document, signers: Signers, at: datetime) -> bytes:
    """The document as PDF/A with a signature of every signer, each in a field of its own."""
    pdf = render(document)
    for place, (name, signer) in enumerate(signers, start=1):
        pdf = signer.sign_pdf(pdf, at=at, reason=name, location=labels()["location"], field=f"Signature{place}")
    return pdf


def _context(case_id: str, issued: CertificateIssued) -> str:
    """What the encrypted bytes are bound to: they open as this certificate of this case only."""
    return f"{case_id}/{issued.certificate}"
