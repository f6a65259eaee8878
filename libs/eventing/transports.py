"""The ways to a broker: ``inproc://``, whom to believe behind ``amqps://``, and listening until one is lost."""

import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from time import monotonic
from typing import Any

from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport.pyamqp import SSLTransport

from eventing import inproc

__all__ = ["HEARTBEAT", "install", "listening", "read_elsewhere"]

HEARTBEAT = 20.0
"""Seconds; a broker that has been silent for two of these is lost."""


def install() -> None:
    """Makes ``inproc://`` known to kombu, and lets ``amqps://`` ask whose a certificate is."""
    inproc.install()
    TRANSPORT_ALIASES["amqps"] = f"{__name__}:Verified"


class Verified(SSLTransport):
    """AMQP over TLS to the broker that the address names.

    Its certificate is of an authority that OpenSSL knows (``SSL_CERT_FILE`` names others), and bears the address's
    host. kombu by itself looks at the authority alone. Raises ssl.SSLCertVerificationError.
    """

    def establish_connection(self) -> Any:
        self.client.ssl = {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": self.client.hostname}
        return super().establish_connection()


def listening(
    connection: Connection, interval: float = HEARTBEAT / 4, *, turn: AbstractContextManager[Any] | None = None
) -> Iterator[None]:
    """Handles what comes over a connection; gives the turn back after each message and each ``interval`` seconds.

    The broker hears the heartbeat however much comes, and its own is expected. Raises what ends the connection:
    kombu's ``Connection.drain_events`` would make another in silence, without the consumers.

    ``turn``: what others hold while they write, lest a heartbeat comes between two parts of a frame.
    """
    transport, raw = connection.transport, connection.connection
    next_beat = 0.0
    while True:
        with suppress(TimeoutError):
            transport.drain_events(raw, timeout=interval)
        if monotonic() >= next_beat:
            with turn or nullcontext():
                transport.heartbeat_check(raw)
            next_beat = monotonic() + HEARTBEAT / 4
        yield


def read_elsewhere(connection: Connection) -> None:
    """Somebody else reads this connection: amqp does not look for incoming frames before each message."""
    properties = getattr(connection.connection, "client_properties", {})
    properties.get("capabilities", {}).pop("connection.blocked", None)
