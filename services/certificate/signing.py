"""The two marks of authenticity: a seal over data, and a signature in a PDF.

A seal is a detached Ed25519 signature (RFC 8032) over canonical bytes; it is the same every time and costs
microseconds, so every certificate gets one when it is issued. A PDF signature is a PAdES baseline B-B
signature (ETSI EN 319 142-1) with the signer's certificate chain in it; it can be added again by every
authority of a composite document, and earlier signatures stay valid. Nothing here uses the network.
"""

import asyncio
import base64
import binascii
import os
import shutil
import tempfile
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Self, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession

__all__ = ["KeysMissing", "Signer", "Unsignable", "verify_seal"]

SEAL_KEY, PDF_KEY, CERTIFICATE, AUTHORITY = "seal.key", "pdf.key", "pdf.crt", "ca.crt"
_NOT_BEFORE, _NOT_AFTER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)
_SIGNATURE = 3072
"""Bytes that a signature with its attributes takes at most, beside the certificates."""

Answer = TypeVar("Answer")


class KeysMissing(Exception):
    """A key or certificate file is missing, unreadable, or not of the kind that is needed."""


class Unsignable(Exception):
    """The bytes are no PDF that can be signed, or the field is already signed."""


class Signer:
    """Holds the keys of one issuing authority; may be used from several threads and greenthreads."""

    def __init__(self, seal_key: Ed25519PrivateKey, pdf: SimpleSigner) -> None:
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
        try:
            seal = load_pem_private_key(seal_key.read_bytes(), passphrase)
        except (OSError, ValueError, TypeError) as error:
            raise KeysMissing(f"{seal_key}: {error}") from error
        if not isinstance(seal, Ed25519PrivateKey):
            raise KeysMissing(f"{seal_key} is not an Ed25519 key")
        for file in (pdf_key, certificate, *chain):
            if not file.is_file():
                raise KeysMissing(f"{file} is missing")
        pdf: SimpleSigner | None = SimpleSigner.load(
            str(pdf_key),
            str(certificate),
            ca_chain_files=[str(file) for file in chain],
            key_passphrase=passphrase,
        )
        if pdf is None:
            raise KeysMissing(f"{pdf_key} and {certificate} are not a key and its certificates in PEM")
        return cls(seal, pdf)

    @classmethod
    def development(cls, folder: Path) -> Self:
        """The signer whose keys lie in the folder; where there are none yet, they are made, once.

        Every name in the certificates says DEVELOPMENT, and the authority's own key is thrown away: nobody
        can take these signatures for real ones, nor make others under the same authority.
        """
        if not (folder / SEAL_KEY).exists():
            _make_development_keys(folder)
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
    def public_key(self) -> bytes:
        """The 32 bytes that check this signer's seals."""
        return self._seal_key.public_key().public_bytes_raw()

    def seal(self, payload: bytes) -> str:
        """A detached seal over the bytes, base64url without padding; the same for the same bytes."""
        return _text(self._seal_key.sign(payload))

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


def verify_seal(public_key: bytes, payload: bytes, seal: str) -> bool:
    """Whether the seal was made over exactly these bytes with the key whose public half this is."""
    try:
        signature = base64.b64decode(seal + "=" * (-len(seal) % 4), altchars=b"-_", validate=True)
        if _text(signature) != seal:  # one seal, one spelling
            return False
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, payload)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


class _DatedSigner(PdfSigner):
    """Signs with the time it is given instead of the wall clock."""

    def __init__(self, metadata: PdfSignatureMetadata, signer: SimpleSigner, at: datetime) -> None:
        super().__init__(metadata, signer)
        self._at = at

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


def _text(signature: bytes) -> str:
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def _make_development_keys(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        authority_key, pdf_key = (
            ec.generate_private_key(ec.SECP256R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
        authority = _development_certificate("CA", authority_key, None, authority_key)
        certificate = _development_certificate("SIGNER", pdf_key, authority, authority_key)
        _write(made / CERTIFICATE, certificate.public_bytes(Encoding.PEM))
        _write(made / AUTHORITY, authority.public_bytes(Encoding.PEM))
        for name, key in ((PDF_KEY, pdf_key), (SEAL_KEY, Ed25519PrivateKey.generate())):
            _write(made / name, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        made.rename(folder)
    except OSError:
        if not (folder / SEAL_KEY).exists():  # else another process was faster: its keys are the ones
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _development_certificate(
    role: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "onething DEVELOPMENT"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"onething DEVELOPMENT {role} - not for real documents"),
        ]
    )
    is_authority = issuer is None
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOT_BEFORE)  # fixed: a release for exercises may run on a simulated clock
        .not_valid_after(_NOT_AFTER)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
