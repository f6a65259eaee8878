"""The signed context of a request: who stands behind it is said by the house, not by whoever reaches the broker.

Every request carries an HMAC over its service, verb, id, body, caller and time, by a key that only this installation's
processes derive. A service refuses what is unsigned, altered or old before it reads anything of it.

What a service ships of its log bears a mark by the same key; what does not is passed over, and pulled from the service
itself. A mark has no end: a fact at its place in a log stays what it is.
"""

import hmac
import time

import msgspec

from contracts.language import Request
from eventing.errors import Forbidden

VALID_SECONDS = 900.0
"""How long a signature holds, and how far two machines' clocks may be apart. It is the machine's own clock that
counts: a service's may be simulated."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class RequestUnsigned(Forbidden):
    """The request bears no signature of this house, or was altered after it was signed."""


class RequestExpired(Forbidden):
    """The request was signed too long ago, or by a machine whose clock is wrong."""


class Signer:
    """Signs requests and checks signatures, with keys that all services derive: the first signs, each is believed."""

    def __init__(self, *keys: bytes) -> None:
        self._keys = keys

    def __eq__(self, other: object) -> bool:
        """Whether both sign, and believe, the same."""
        return isinstance(other, Signer) and self._keys == other._keys

    def __hash__(self) -> int:
        return hash(self._keys)

    def signed(self, service: str, request: Request) -> Request:
        """The request with the time and a signature."""
        at = time.time()
        return msgspec.structs.replace(request, at=at, signature=_signature(self._keys[0], service, request, at))

    def check(self, service: str, request: Request) -> None:
        """Raises RequestUnsigned, RequestExpired."""
        if not any(
            hmac.compare_digest(request.signature, _signature(key, service, request, request.at)) for key in self._keys
        ):
            raise RequestUnsigned(verb=request.verb)
        if abs(time.time() - request.at) > VALID_SECONDS:
            raise RequestExpired(verb=request.verb)

    def mark(self, shipped: bytes) -> str:
        """What shows that a shipment of a log was made by this house."""
        return _mark(self._keys[0], shipped)

    def is_ours(self, shipped: bytes, mark: object) -> bool:
        """Whether a shipment bears its mark."""
        return isinstance(mark, str) and any(
            hmac.compare_digest(mark.encode(), _mark(key, shipped).encode()) for key in self._keys
        )


def _signature(key: bytes, service: str, request: Request, at: float) -> bytes:
    said = (service, request.verb, request.id, request.caller, at, request.expected, request.since)
    return hmac.digest(key, b"\0".join((_encode(said), bytes(request.body))), "sha256")


def _mark(key: bytes, shipped: bytes) -> str:
    return hmac.digest(key, b"shipment\0" + shipped, "sha256").hex()
