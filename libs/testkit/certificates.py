"""Certificates for one test run, and the authority that signed them."""

import ipaddress
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)


class Authority:
    """Signs certificates of servers; whoever is to believe them is given its ``file``."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._signed(self.name, self.key.public_key(), authority=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def identity(
        self, name: str, hosts: Sequence[str] = ("127.0.0.1",), until: datetime = NOW + timedelta(days=1)
    ) -> Path:
        """A file with the key and the certificate of a server that is found at these addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        file = self.folder / f"{name}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + self._signed(whose, key.public_key(), hosts=hosts, until=until).public_bytes(serialization.Encoding.PEM)
        )
        return file

    def server(
        self, name: str, hosts: Sequence[str] = ("127.0.0.1",), until: datetime = NOW + timedelta(days=1)
    ) -> ssl.SSLContext:
        """What such a server presents."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.identity(name, hosts, until))
        return context

    def _signed(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        authority: bool = False,
        hosts: Sequence[str] = (),
        until: datetime = NOW + timedelta(days=1),
    ) -> x509.Certificate:
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=30))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if hosts:
            addresses = [x509.IPAddress(ipaddress.ip_address(each)) for each in hosts]
            made = made.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        return made.sign(self.key, hashes.SHA256())
