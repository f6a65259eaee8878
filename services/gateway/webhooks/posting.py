"""One request to a subscriber: bounded in time and size, led nowhere else."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import eventlet
import msgspec

from gateway.webhooks.addresses import AddressForbidden, Rules

PATIENCE = 15.0
"""Seconds for one request, all of it."""


class Result(msgspec.Struct, frozen=True):
    """What became of a request."""

    status: int | None
    """None: no answer came."""
    error: str = ""
    """Why there is none, as a term; of an answer that is no success, its status."""
    retry_after: int = 0
    """Seconds after which the address wants to be asked again."""

    @property
    def is_delivered(self) -> bool:
        """Whether the subscriber took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the subscriber wants nothing any more."""
        return self.status == http.client.GONE


class Post:
    """Sends to addresses that the rules allow."""

    def __init__(self, rules: Rules, *, authorities: str = "", patience: float = PATIENCE) -> None:
        """``authorities``: a PEM file of those who are believed beside the ones that the machine believes."""
        self.rules = rules
        self.patience = patience
        self._trust = ssl.create_default_context()
        if authorities:
            self._trust.load_verify_locations(authorities)

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Result:
        late = eventlet.Timeout(self.patience)
        connection: http.client.HTTPConnection | None = None
        try:
            connection = self._connected(url)
            parts = urlsplit(url)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            return _result(answer)
        except eventlet.Timeout as timeout:
            if timeout is not late:
                raise
            return Result(None, "no-answer-in-time")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Result(None, _what_failed(error))
        finally:
            late.cancel()
            if connection is not None:
                connection.close()

    def _connected(self, url: str) -> http.client.HTTPConnection:
        """A connection to the very address that was checked; TLS still proves the name."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        secure = parts.scheme == "https"
        if not secure and not self.rules.plain:
            raise AddressForbidden(parts.scheme)
        port = parts.port or (443 if secure else 80)
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(host, port, timeout=self.patience)
        reached = self.rules.connect(host, port, self.patience)
        connection.sock = reached
        if secure:
            try:
                tls = self._trust.wrap_socket(reached, server_hostname=host, do_handshake_on_connect=False)
                connection.sock = tls  # who fails now is closed with the connection
                tls.do_handshake()
            except BaseException:
                connection.close()
                raise
        return connection


VERIFIED = {10: "certificate-expired", 62: "certificate-other-name", 64: "certificate-other-name"}
"""Of OpenSSL's results of a verification (``X509_V_ERR_…``): ``CERT_HAS_EXPIRED``, ``HOSTNAME_`` and
``IP_ADDRESS_MISMATCH``."""


def _what_failed(error: Exception) -> str:
    match error:
        case AddressForbidden():
            return "address-forbidden"
        case ssl.SSLCertVerificationError(verify_code=code):
            return VERIFIED.get(code, "certificate-untrusted")
        case ssl.SSLError():
            return "no-secure-connection"
        case socket.gaierror():
            return "name-unknown"
        case ConnectionRefusedError():
            return "connection-refused"
        case TimeoutError():
            return "no-answer-in-time"
    return "connection-broken"


def _result(answer: http.client.HTTPResponse) -> Result:
    status = answer.status
    after = answer.getheader("Retry-After") or ""
    wait = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    return Result(status, "" if 200 <= status < 300 else f"HTTP {status}", min(wait, 3600))
