"""五跨: which of the five borders a hand-off crosses, derived from its two ends."""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from catalogue.model import Catalogue, Theme
from contracts.intake import ItemsAccepted, MaterialCopy

BORDERS = ("level", "system", "department", "business", "region")
"""跨层级 · 跨系统 · 跨部门 · 跨业务 · 跨地域"""

GOVERNMENT = "department"
"""The system in which windows and departments work; providers and institutions have their own."""


HALL_LEVELS = frozenset({"county", "street", "community"})
"""Kinds of halls that say at which level of government they are."""


class End(msgspec.Struct, frozen=True):
    """One end of a hand-off. What is empty is unknown, and nothing is known to cross it."""

    level: str = ""
    system: str = ""
    department: str = ""
    business: str = ""
    region: str = ""


@lru_cache(maxsize=4096)
def crossings(origin: End, destination: End) -> tuple[str, ...]:
    """The borders between the two ends, in the order in which the law names them."""
    return tuple(each for each in BORDERS if _differ(each, getattr(origin, each), getattr(destination, each)))


def window(accepted: ItemsAccepted, theme: Theme, catalogue: Catalogue) -> End:
    """The window that accepted: it works for the lead of the theme, for all businesses alike."""
    return hall_end(accepted.hall, theme, accepted.region, catalogue)


def hall_end(hall: str, theme: Theme | None, region: str, catalogue: Catalogue) -> End:
    """The windows of a hall, for a case of this theme and region; what nobody told of an old case is unknown."""
    known = catalogue.organisations.get(hall)
    mouth = str(theme.mouth) if theme is not None else ""
    return End(
        level=str(known.level) if known is not None else mouth,
        system=GOVERNMENT,
        department=theme.lead if theme is not None else "",
        region=region,
    )


def source(copy: MaterialCopy, received: End) -> End:
    """Where a copy comes from: the window, another system that shares it, or an earlier item or case."""
    kind, _, name = copy.provenance.partition(":")
    match kind:
        case "shared":
            return msgspec.structs.replace(received, system=name, business=name)
        case "prior" | "case":
            return msgspec.structs.replace(received, business=name)
        case _:
            return received


def desk(organisation_id: str, item: str, catalogue: Catalogue) -> End:
    """The desk of an organisation that works on an item."""
    organisation = catalogue.organisations.get(organisation_id)
    if organisation is None:
        return End(department=organisation_id, business=item)
    return End(
        level=str(organisation.level),
        system=organisation.kind,
        department=organisation_id,
        business=item,
        # GB 32100: the third to eighth character are the region where the organisation is registered.
        region=organisation.uscc[2:8] if organisation.uscc else "",
    )


def place_end(place: str, halls: Mapping[str, End], catalogue: Catalogue) -> End:
    """A place between which anything may travel: a hall of the tree, an organisation, or nothing that is known."""
    if place in halls:
        return halls[place]
    return desk(place, "", catalogue) if place in catalogue.organisations else End()


def hall_of_tree(kind: str, region: str) -> End:
    """A hall as the tree of halls knows it; banks, hospitals and the like stand at no level of government."""
    return End(level=kind if kind in HALL_LEVELS else "", system=GOVERNMENT, region=region)


def _differ(border: str, one: str, other: str) -> bool:
    if not one or not other:
        return False
    if border == "region":
        one, other = _significant(one), _significant(other)
        return not (one.startswith(other) or other.startswith(one))
    return one != other


def _significant(region: str) -> str:
    """The part of a region code that names a place: 990100 is all of 9901."""
    while region.endswith("00"):
        region = region[:-2]
    return region
