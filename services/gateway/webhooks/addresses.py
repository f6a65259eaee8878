"""Where webhooks may send: public addresses only, checked on the address that is connected to, not on its name."""

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from gateway.webhooks.domain import WebhookAddressBad

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST = 2000
TRANSLATED = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""Networks whose addresses stand for IPv4 addresses (NAT64, RFC 6052 and 8215)."""
RELAYS = ipaddress.IPv4Network("192.88.99.0/24")
"""Whoever relayed to IPv6 stood here (6to4, taken back by RFC 7526): where it leads nobody knows."""


class AddressForbidden(OSError):
    """The name leads to no address that may be connected to."""


class Rules:
    """Which addresses may be told anything."""

    def __init__(self, networks: Iterable[str] = (), *, plain: bool = False) -> None:
        self.networks: tuple[Network, ...] = tuple(ipaddress.ip_network(each, strict=False) for each in networks)
        self.plain = plain
        """Whether http without TLS is good enough."""

    def check(self, url: str) -> None:
        """Raises WebhookAddressBad for what cannot be right whatever its name leads to."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise WebhookAddressBad(reason="unreadable") from None
        if parts.scheme not in ({"http", "https"} if self.plain else {"https"}):
            raise WebhookAddressBad(reason="scheme")
        if not host or port == 0:
            raise WebhookAddressBad(reason="host")
        if "@" in parts.netloc:
            raise WebhookAddressBad(reason="credentials")
        if "#" in url:
            raise WebhookAddressBad(reason="fragment")
        if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
            raise WebhookAddressBad(reason="unreadable")
        literal = _literal(host)
        if literal is not None and not self.allow(literal):
            raise WebhookAddressBad(reason="private")

    def allow(self, address: Address) -> bool:
        """Whether an address is public, or in a network that the settings name."""
        plain = _unwrapped(address)
        if any(plain in network for network in self.networks if network.version == plain.version):
            return True
        if isinstance(plain, ipaddress.IPv6Address) and (
            plain.sixtofour is not None or plain.teredo is not None or any(plain in each for each in TRANSLATED)
        ):
            return False
        if plain in RELAYS:
            return False
        return plain.is_global and not plain.is_multicast and not plain.is_reserved

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """A connection to an allowed address of a host. Raises AddressForbidden, OSError."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        allowed = [each for each in found if self.allow(_address(each[4]))]
        if not allowed:
            raise AddressForbidden("address forbidden")
        problem: OSError = AddressForbidden("address forbidden")
        for family, kind, protocol, _, place in allowed:
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(timeout)
                connection.connect(place)
                if not self.allow(_address(connection.getpeername())):
                    raise AddressForbidden("address forbidden")
            except OSError as error:
                connection.close()
                problem = error
            else:
                return connection
        raise problem


def _address(place: Sequence[object]) -> Address:
    return ipaddress.ip_address(str(place[0]).partition("%")[0])


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _unwrapped(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
