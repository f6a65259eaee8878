"""Who says who the people of a benchmark are, where the house has no development issuer: the cluster profile.

An OpenID Connect issuer, on loopback if nobody says otherwise, for as long as the benchmark runs: over TLS with a
certificate of its own that the gateway is told to trust (``SSL_CERT_FILE``). It answers what a gateway asks of an
issuer, and signs tokens as the development issuer does.
"""

import datetime as dt
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import eventlet
import eventlet.wsgi
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec import Struct

from eventing.settings import Settings
from gateway.identity.issuing import PATH, DevelopmentIssuer
from kernel.clock import SystemClock

HOST = "127.0.0.1"


class Standing(Struct, frozen=True):
    """An issuer that answers."""

    issuer: DevelopmentIssuer
    certificate: Path

    def environ(self) -> dict[str, str]:
        """What a gateway has to be told of it."""
        return {
            "OIDC_ISSUERS": self.issuer.url,
            "OIDC_CLIENT_ID": "onething-bench",
            "SSL_CERT_FILE": str(self.certificate),
        }


@contextmanager
def issuing(settings: Settings, directory: Path, host: str = HOST) -> Iterator[Standing]:
    """The issuer of a fictional region; its files are in the directory."""
    certificate, key = _certificate(directory, host)
    listening = eventlet.listen((host, 0))
    address = f"https://{host}:{listening.getsockname()[1]}"
    own = Settings(
        data_dir=str(directory), region=settings.region, people_file=settings.people_file, http_host=host,
        oidc_audience=settings.oidc_audience,
    )  # fmt: skip
    issuer = DevelopmentIssuer(own, address, SystemClock().now)
    documents = {
        f"{PATH}/.well-known/openid-configuration": issuer.metadata(),
        f"{PATH}/keys": issuer.keys(),
    }

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        found = documents.get(environ["PATH_INFO"])
        start("200 OK" if found else "404 Not Found", [("Content-Type", "application/json")])
        return [msgspec.json.encode(found or {})]

    tls = eventlet.wrap_ssl(listening, certfile=str(certificate), keyfile=str(key), server_side=True)
    server = eventlet.spawn(eventlet.wsgi.server, tls, application, log_output=False)
    try:
        yield Standing(issuer, certificate)
    finally:
        server.kill()
        tls.close()


def _certificate(directory: Path, host: str) -> tuple[Path, Path]:
    """A certificate of this address that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "onething bench")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = directory / "issuer.pem", directory / "issuer.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].touch(0o600)
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
