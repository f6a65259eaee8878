"""交接清单: what is in a trip, line by line, and the digest that both ends sign for."""

from collections.abc import Sequence
from typing import Any, Protocol

from contracts.routing import Cargo
from kernel.digests import canonical, digest


class Way(Protocol):
    """Where something goes, and how."""

    @property
    def to(self) -> str: ...
    @property
    def hop(self) -> str: ...
    @property
    def carrier(self) -> str: ...
    @property
    def seal(self) -> str: ...


def manifest(trip: str, origin: str, way: Way, cargo: Sequence[Cargo]) -> dict[str, Any]:
    """The manifest as data: who gives what to whom, by whom and under which seal, and how much it is."""
    return {
        "trip": trip,
        "origin": origin,
        "to": way.to,
        "hop": way.hop,
        "carrier": way.carrier,
        "seal": way.seal,
        "lines": [
            {
                "line": number,
                "case_id": line.case_id,
                "packet": line.packet,
                "item": line.item,
                "to": line.to,
                "copies": list(line.copies),
            }
            for number, line in enumerate(cargo, start=1)
        ],
        "packets": len(cargo),
        "originals": sum(len(line.copies) for line in cargo),
    }


def digest_of(document: dict[str, Any]) -> str:
    """The digest of a manifest's one canonical text."""
    return digest(canonical(document))
