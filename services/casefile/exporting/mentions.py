"""What a fact is about: the objects that its fields name."""

from collections.abc import Iterator
from typing import Any

import msgspec

from contracts.exports import Kind
from contracts.language import Fact

NAMED: dict[str, Kind] = {
    "item": "item",
    "items": "item",
    "entry_item": "item",
    "expected": "item",
    "standings": "item",
    "dependants": "item",
    "applied_for": "item",
    "added": "item",
    "removed": "item",
    "holders": "item",
    "copy": "material",
    "copies": "material",
    "entered": "material",
    "released": "material",
    "packet": "packet",
    "packets": "packet",
    "certificate": "certificate",
    "certificates": "certificate",
    "outputs": "certificate",
    "replaced_by": "certificate",
    "window": "window",
    "windows": "window",
    "grant": "grant",
    "acting_as": "grant",
    "successor": "grant",
    "renews": "grant",
}
"""Field → what its value names; of a mapping, what its keys name."""

HERE: dict[tuple[str, str], Kind | None] = {
    ("Acceptance", "materials"): "material",
    ("BundleConcluded", "granted"): "item",
    ("BundleConcluded", "denied"): "item",
    ("BundleConcluded", "gone"): "item",
    ("BundleConcluded", "blocked"): "item",
    ("BundleConcluded", "revoked"): "item",
    ("ReviewsBlocked", "because"): "item",
    ("ReviewsRelocked", "because"): "item",
    ("ApplicantChose", "because"): "item",
    ("CertificateIssued", "replaces"): "certificate",
    ("FeeLine", "item"): "item",
}
"""The same for names that mean it in one place only."""

REPEATED = frozenset({("ItemsAccepted", "plan"), ("DistributionPlanned", "needs")})
"""Fields that say again what others said."""

OWN: frozenset[Kind] = frozenset({"item", "material", "packet", "certificate"})
"""What a case has for itself: its name is the case's and its own."""


def mentions(fact: Fact) -> Iterator[tuple[Kind, str, str]]:
    """What, its name, and the field that named it."""
    for field in fact.__struct_fields__:
        yield from _in(fact, field, field)


def _in(struct: msgspec.Struct, field: str, qualifier: str) -> Iterator[tuple[Kind, str, str]]:
    place = (type(struct).__name__, field)
    if place in REPEATED:
        return
    kind = HERE.get(place, NAMED.get(field))
    if place == ("HandoverOverdue", "packet") and getattr(struct, "stage", "") == "search":
        kind = "material"
    yield from _of(getattr(struct, field), kind, qualifier)


def _of(value: Any, kind: Kind | None, qualifier: str) -> Iterator[tuple[Kind, str, str]]:
    match value:
        case str():
            if kind and value and value != "*":
                yield kind, value, qualifier
        case dict():
            for key, each in value.items():
                yield from _of(key, kind, qualifier)
                if not isinstance(each, str):
                    yield from _of(each, None, qualifier)
        case tuple():
            for each in value:
                yield from _of(each, kind, qualifier)
        case msgspec.Struct():
            if getattr(value, "standing", "") != "not_needed":
                for field in value.__struct_fields__:
                    yield from _in(value, field, qualifier)


def object_id(kind: Kind, name: str, case_id: str) -> str:
    """The name of an object, the same in every export."""
    return f"{kind}:{case_id}/{name}" if kind in OWN else f"{kind}:{name}"
