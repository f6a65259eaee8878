"""Codes that are printed on paper and signed by the house: of a place, of a case's receipt."""

import base64
import hashlib
import hmac

from eventing.dependency import HostDependency

BYTES = 10

PATHS = {"receipt": "/r/"}
"""What a code is for → where the gateway's pages take it."""


class Codes:
    """Makes and reads codes of the form ``NAME.SIGNATURE``; who has not got the house's key can make none.

    ``kind`` says what a code is for: one of a place opens no receipt.
    """

    def __init__(self, key: bytes, public_url: str = "") -> None:
        self._key = key
        self._public_url = public_url.rstrip("/")

    def code(self, kind: str, name: str) -> str:
        """The code to print."""
        mac = hmac.new(self._key, f"{kind}\x1f{name}".encode(), hashlib.sha256).digest()[:BYTES]
        return f"{name}.{base64.b32encode(mac).decode()}"

    def address(self, kind: str, name: str) -> str:
        """Where a phone that scans it goes; where the house has no public address, the code alone, for a kiosk."""
        code = self.code(kind, name)
        return f"{self._public_url}{PATHS[kind]}{code}" if self._public_url else code

    def read(self, kind: str, code: str) -> str:
        """The name in a code; empty when the house did not make it."""
        name, _, _ = code.strip().rpartition(".")
        return name if name and self.holds(kind, name, code) else ""

    def holds(self, kind: str, name: str, code: str) -> bool:
        """Whether this is the code of that name."""
        return hmac.compare_digest(self.code(kind, name).encode(), code.strip().encode())


class PrintedCodes(HostDependency):
    """Gives a service the house's codes."""

    def make(self) -> Codes:
        settings = self.host.settings
        return Codes(settings.derived_key("printed codes"), settings.public_url)
