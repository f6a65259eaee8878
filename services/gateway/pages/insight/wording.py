"""How numbers and what they are told apart by are written for people."""

from calendar import monthrange
from collections.abc import Mapping
from typing import Any

from contracts.insight import UNSAID
from contracts.words import Language
from gateway.pages.names import Names, term
from gateway.pages.rendering import word, words

ARROW = " → "

OWN_GROUPS = {
    "by_combination": "combination",
    "by_entry": "item",
    "lacking": "material",
    "funnel": "stage",
    "edge_days": "edge",
    "by_material": "material",
    "by_channel": "channel",
    "by_item": "item",
    "by_way": "way",
    "by_levels": "levels",
}
"""Figure → what its parts, or the numbers that it has by itself, are of; any other's are of words of ours."""

AS_WRITTEN = ("contact", "figure:")
"""Kinds, or how they begin, whose label somebody wrote: a place, a source."""


def written(value: float | None, unit: str) -> str:
    """A number in its unit, as short as it can be read; nothing for a number that there is not."""
    if value is None:
        return ""
    if unit == "ratio":
        return f"{value * 100:.1f}%"
    if unit == "seconds":
        return f"{value / 60:.1f} min"
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}"


def fraction(number: Mapping[str, Any]) -> str:
    """Numerator and denominator, where there are such."""
    if number["denominator"] is None or number["numerator"] is None:
        return ""
    return f"{number['numerator']:,g} / {number['denominator']:,g}"


def group(names: Names, by: str, of: str, language: Language) -> str:
    """What a group is called."""
    match by:
        case "theme":
            return names.theme(of)
        case "item":
            return names.item(of)
        case "hall":
            return names.hall(of)
        case "department":
            return names.org(of)
        case "level" | "channel" | "stage":
            return term(of, language)
        case "material":
            return names.material(of)
        case "combination":
            return " + ".join(map(names.item, of.split("+")))
        case "edge":
            return ARROW.join(map(names.item, of.split(ARROW)))
        case "way":
            hall, _, org = of.partition(ARROW)
            return names.hall(hall) + ARROW + names.org(org)
        case "levels":
            return ARROW.join(term(each, language) or "—" for each in of.split(ARROW))
        case "hour":
            return f"{of}:00"
        case _:
            return of


def own_group(names: Names, figure: str, of: str, language: Language) -> str:
    """What a part of a figure, or one of the groups that it has by itself, is called."""
    kind = OWN_GROUPS.get(figure)
    return group(names, kind, of, language) if kind else term(of, language) if of else ""


def sort(kind: str, label: str, language: Language) -> str:
    """Of which sort an observation is, by a word of its kind's own where a code means something else elsewhere."""
    if not label or kind in UNSAID:
        return ""
    if kind.startswith(AS_WRITTEN):
        return label
    own = f"observed_{kind}_{label}"
    return word(own, language) if own in words() else term(label, language)


def narrowed(by: str, of: str) -> dict[str, str]:
    """What an address says to ask for one group alone."""
    if by == "month" and of:
        year, month = map(int, of.split("-"))
        return {"begins": f"{of}-01", "ends": f"{of}-{monthrange(year, month)[1]}"}
    if by == "day" and of:
        return {"begins": of, "ends": of}
    return {by: of} if of and by in {"theme", "item", "hall", "level", "department", "channel"} else {}
