"""A signer: the keys of one issuing authority, with which it seals data and signs PDFs."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Self, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_signer import PdfSigningSession

from certificate.signing.development import AUTHORITY, CERTIFICATE, PDF_KEY, SEAL_KEY, make_keys
from certificate.signing.profiles import KeysMissing, Profile, profile_of
from certificate.signing.seals import key_id, text

__all__ = ["KeysMissing", "Signer", "Unsignable"]

_SIGNATURE = 3072
"""Bytes that a signature with its attributes takes at most, beside the certificates."""

Answer = TypeVar("Answer")


class Unsignable(Exception):
    """The bytes are no PDF that can be signed, or the field is already signed."""


class Signer:
    """Holds the keys of one issuing authority; may be used from several threads and greenthreads."""

    def __init__(self, seal_key: Ed25519PrivateKey, pdf: SimpleSigner, profile: Profile) -> None:
        self.profile = profile
        self._seal_key = seal_key
        self._pdf = pdf
        chain = sum(len(certificate.dump()) for certificate in pdf.cert_registry)
        self._reserved = 2 * (chain + _SIGNATURE)

    @classmethod
    def from_files(
        cls,
        *,
        seal_key: Path,
        pdf_key: Path,
        certificate: Path,
        chain: Sequence[Path] = (),
        passphrase: bytes | None = None,
    ) -> Self:
        """The signer with these PEM files; ``chain`` are the certificates above the signer's own.

        Raises:
            KeysMissing: naming the file.
        """
        for file in (seal_key, pdf_key, certificate, *chain):
            if not file.is_file():
                raise KeysMissing(f"{file} is missing")
        profile = profile_of(pdf_key, passphrase)
        try:
            seal = load_pem_private_key(seal_key.read_bytes(), passphrase)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeysMissing(f"{seal_key}: {error}") from error
        if not isinstance(seal, Ed25519PrivateKey):
            raise KeysMissing(f"{seal_key} is not an Ed25519 key")
        pdf: SimpleSigner | None = SimpleSigner.load(
            str(pdf_key),
            str(certificate),
            ca_chain_files=[str(file) for file in chain],
            key_passphrase=passphrase,
        )
        if pdf is None:
            raise KeysMissing(f"{pdf_key} and {certificate} are not a key and its certificates in PEM")
        return cls(seal, pdf, profile)

    @classmethod
    def development(cls, folder: Path, *, whose: str = "") -> Self:
        """The signer whose keys lie in the folder; where there are none yet, they are made, once, for ``whose`` name.

        Every name in the certificates says DEVELOPMENT, and the authority's own key is thrown away: nobody
        can take these signatures for real ones, nor make others under the same authority.
        """
        if not (folder / SEAL_KEY).exists():
            make_keys(folder, whose)
        return cls.from_files(
            seal_key=folder / SEAL_KEY,
            pdf_key=folder / PDF_KEY,
            certificate=folder / CERTIFICATE,
            chain=[folder / AUTHORITY],
        )

    @property
    def name(self) -> str:
        """Whose signature it is: the subject of the certificate."""
        return str(self._pdf.subject_name)

    @property
    def key_id(self) -> str:
        """What the key of this signer's seals is called."""
        return key_id(self.public_key)

    @property
    def public_key(self) -> bytes:
        """The 32 bytes that check this signer's seals."""
        return self._seal_key.public_key().public_bytes_raw()

    def seal(self, payload: bytes) -> str:
        """A detached seal over the bytes, base64url without padding; the same for the same bytes."""
        return text(self._seal_key.sign(payload))

    def sign_pdf(
        self, pdf: bytes, *, at: datetime, reason: str = "", location: str = "", field: str = "Signature1"
    ) -> bytes:
        """The PDF with one more signature, in a field of that name on its first page, made at ``at``.

        What was there stays byte for byte at the beginning, so earlier signatures remain valid. It computes
        about 13 ms; the signing time is the service's word, not a timestamp authority's (that is level B-T).

        Raises:
            Unsignable: no readable PDF, or the field is already signed.
        """
        metadata = PdfSignatureMetadata(
            field_name=field,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=reason or None,
            location=location or None,
            name=self.name,
        )
        # ISO 19005-2 6.1.9: an object begins on a line of its own, the first that is added too.
        lines = pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"
        try:
            writer = IncrementalPdfFileWriter(BytesIO(lines))
            dated = _DatedSigner(metadata, self._pdf, at)
            signed: BytesIO = _finished(dated.async_sign_pdf(writer, bytes_reserved=self._reserved))
        except (PdfError, SigningError) as error:
            raise Unsignable(str(error)) from error
        return signed.getvalue()


class _DatedSigner(PdfSigner):
    """Signs with the time it is given instead of the wall clock."""

    def __init__(self, metadata: PdfSignatureMetadata, signer: SimpleSigner, at: datetime) -> None:
        super().__init__(metadata, signer)
        self._at = at

    def register_extensions(self, pdf_out: IncrementalPdfFileWriter, *, md_algorithm: str) -> None:
        """PDF/A-2 is PDF 1.7: PAdES is declared as its extension, and the version is not raised for the curve."""
        pdf_out.register_extension(ESIC_EXTENSION_1)

    def init_signing_session(self, *args: Any, **kwargs: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self._at
        return session


class _Loop(asyncio.BaseEventLoop):
    """An event loop for coroutines that only compute, as signing with a key in memory does.

    It has nothing to select on and never lets go of its thread. An ordinary loop, under eventlet, would let
    another greenthread run in the middle, which could then start no loop of its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._selector = self

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("signing waits for something outside")
        return []

    def _process_events(self, events: list[Any]) -> None:
        """There are none: ``select`` never has any."""


def _finished(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
    loop = _Loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()
