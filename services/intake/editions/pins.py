"""Which catalogue version every live case keeps, and what it asked of it; cases that asked alike stand together."""

from functools import lru_cache
from typing import Any

import msgspec

from eventing.paging import Order
from eventing.views import Column, View
from intake.domain import Case
from kernel.digests import canonical, digest


class Asked(msgspec.Struct, frozen=True):
    """What a case asks of a catalogue; what proves its origins is left out."""

    answers: dict[str, str]
    selected: tuple[str, ...]
    satisfied: tuple[str, ...] = ()
    underway: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def _profile(
    catalogue: str, theme: str, answers: tuple[tuple[str, str], ...], *items: tuple[str, ...]
) -> tuple[str, str]:
    """The digest that cases share which asked the same of the same version, and what they asked."""
    text = canonical(Asked(dict(answers), *items))
    return digest(b"\0".join((catalogue.encode(), theme.encode(), text))), text.decode()


def pin_rows(case: Case) -> list[dict[str, Any]]:
    """One row a live case; a closed one has none."""
    if case.outcome is not None or not case.version:
        return []
    fixed_by, open_items = case.fixed_by, case.open_items
    profile, text = _profile(
        case.catalogue,
        case.theme,
        tuple(sorted(case.answers.items())),
        case.selected if fixed_by else tuple(item for item in case.selected if item in open_items),
        tuple(sorted(case.satisfied)),
        tuple(sorted(case.underway)),
    )
    return [
        {
            "case_id": case.stream,
            "number": case.number,
            "hall": case.hall,
            "theme": case.theme,
            "catalogue": case.catalogue,
            "fixed_by": fixed_by,
            "profile": profile,
            "asked": text,
        }
    ]


PINS = View(
    "case_pins_v1",
    of=Case,
    columns=(
        Column("case_id", "text", key=True),
        Column("number", "text"),
        Column("hall", "text"),
        Column("theme", "text"),
        Column("catalogue", "text"),
        Column("fixed_by", "text"),
        Column("profile", "text", index=True),
        Column("asked", "text"),
    ),
    rows=pin_rows,
)
BY_CASE = Order(PINS.c.case_id)
