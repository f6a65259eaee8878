"""The press: from a certificate's data to its document, encrypted where it rests.

Personal data is read here and nowhere else in this service: the holder comes from intake sealed, is unsealed
while the document is made, and leaves only under the case's key.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml
from eventlet import tpool

from catalogue.model import Catalogue
from certificate.domain import Output, Result
from certificate.rendering import Document, FontMissing, render
from certificate.signing import Signer
from contents import Contents, ContentsError
from contents.sealing import sealed, unsealed
from contracts.certificate import CertificateIssued, RecordRendering
from contracts.intake import Applicant, GetHolder, Holder
from eventing.errors import Unavailable
from eventing.keyring import KeyRing

PDF = "application/pdf"


class Press:
    """Makes, keeps and finds the documents of certificates."""

    def __init__(self, ask: Callable[[Any], Any], keyring: KeyRing, contents: Contents, signer: Signer) -> None:
        self._ask = ask
        self._keyring = keyring
        self._contents = contents
        self._signer = signer

    def make(
        self, output: Output, certificate: Result, catalogue: Catalogue, *, at: datetime
    ) -> tuple[bytes, RecordRendering]:
        """The document, now also in the contents store, and the command that says so.

        Raises ``Erased`` where nobody can know any more whom it was for, ``Unavailable``.
        """
        holder = msgspec.convert(self._ask(GetHolder(case_id=output.stream)), Holder)
        applicant = self._keyring.unseal(holder.applicant, output.stream, Applicant)
        page = document(output, certificate.issued, applicant, catalogue)
        try:
            # in a thread of its own: the service goes on while a document is set and signed
            pdf: bytes = tpool.execute(self._print, page, at)
            key = self._keyring.key(holder.key_id)
            stored = self._contents.put(sealed([pdf], key, _context(output.stream, certificate.issued)))
        except FontMissing as error:
            raise Unavailable(what="font", error=str(error)) from error
        except ContentsError as error:
            raise Unavailable(what="contents", error=type(error).__name__) from error
        return pdf, RecordRendering(
            case_id=output.stream,
            certificate=certificate.issued.certificate,
            digest=stored.digest,
            size=len(pdf),
            media_type=PDF,
            signer=self._signer.name,
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

    def _print(self, page: Document, at: datetime) -> bytes:
        return self._signer.sign_pdf(render(page), at=at, location=_labels()["location"])


def document(output: Output, issued: CertificateIssued, applicant: Applicant, catalogue: Catalogue) -> Document:
    """What the document says: a certificate is laid out as such, any other result as a slip."""
    labels = _labels()
    organisation = catalogue.organisations.get(issued.issuer)
    issuer = organisation.name if organisation else issued.issuer
    return Document(
        kind="certificate" if issued.kind == "certificate" else "receipt",
        title=issued.title,
        number=issued.number,
        issuer=issuer,
        issued_on=issued.issued_on,
        zzbs=issued.identifier,
        fields=(
            (labels["holder"][applicant.kind], applicant.name),
            (labels["identifier"][applicant.kind], applicant.identifier),
            (labels["item"], catalogue.item(issued.item).name),
            (labels["theme"], catalogue.theme(output.theme).name),
            (labels["case_number"], output.number),
        ),
        seal=issuer,
        qr=f"{issued.number}\n{issued.digest}\n{issued.seal}",
        footer=labels["footer"],
        fictional=catalogue.fictional,
    )


def _context(case_id: str, issued: CertificateIssued) -> str:
    """What the encrypted bytes are bound to: they open as this certificate of this case only."""
    return f"{case_id}/{issued.certificate}"


@cache
def _labels() -> Any:
    return yaml.safe_load((Path(__file__).parent / "labels.yaml").read_text("utf-8"))
