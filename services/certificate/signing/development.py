"""Development keys: made at first use, and nobody can take their signatures for real ones."""

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

SEAL_KEY, PDF_KEY, CERTIFICATE, AUTHORITY = "seal.key", "pdf.key", "pdf.crt", "ca.crt"
_NOT_BEFORE, _NOT_AFTER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)


def make_keys(folder: Path, whose: str = "") -> None:
    """Makes a complete set of keys in the folder, once, whoever comes first. The authority's own key is thrown away."""
    name = f"{whose} " if whose else ""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        authority_key, pdf_key = (
            ec.generate_private_key(ec.SECP256R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
        authority = _development_certificate(f"{name}CA", authority_key, None, authority_key)
        certificate = _development_certificate(f"{name}SIGNER", pdf_key, authority, authority_key)
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
