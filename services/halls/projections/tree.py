"""The tree as rows: halls with what was set for them, residents, seats, and windows with their state."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from contracts.halls import HoursException, WeeklyHours
from eventing.paging import Order
from eventing.views import Column, View
from halls.domain import Desk, Hall, Hours, State, Window
from kernel.workdays import WorkingCalendar


def hall_row(hall: Hall) -> list[dict[str, Any]]:
    """One row a hall."""
    terms = hall.terms
    if terms is None:
        return []
    return [
        {
            "hall": hall.stream,
            "name": terms.name,
            "kind": terms.kind,
            "region": terms.region,
            "parent": terms.parent,
            "replacement": hall.replacement,
            "hours": hall.hours,
            "exceptions": hall.exceptions,
            "mouths": hall.mouths,
        }
    ]


def resident_rows(hall: Hall) -> list[dict[str, Any]]:
    """One row an item that is resident."""
    return [{"hall": hall.stream, "item": item, "business": business} for item, business in hall.residents.items()]


def seat_rows(hall: Hall) -> list[dict[str, Any]]:
    """One row an organisation whose people sit there."""
    return [
        {"hall": hall.stream, "organisation": organisation, "zone": zone} for organisation, zone in hall.seats.items()
    ]


def window_row(window: Window) -> list[dict[str, Any]]:
    """One row a window."""
    terms = window.terms
    if terms is None:
        return []
    return [
        {
            "window": window.stream,
            "hall": terms.hall,
            "name": terms.name,
            "zone": terms.zone,
            "themes": terms.themes,
            "state": str(window.window_state),
            "staff": window.staff,
            "reason": window.reason,
            "since": window.since,
            "silent_since": window.silent_since,
        }
    ]


HALLS = View(
    "halls_v3",
    of=Hall,
    columns=(
        Column("hall", "text", key=True),
        Column("name", "text"),
        Column("kind", "text"),
        Column("region", "text"),
        Column("parent", "text"),
        Column("replacement", "text"),
        Column("hours", "json"),
        Column("exceptions", "json"),
        Column("mouths", "json"),
    ),
    rows=hall_row,
)

TREE = tuple(HALLS.c[name] for name in ("hall", "name", "kind", "region", "parent", "replacement"))
"""What the tree tells of a hall."""

RESIDENTS = View(
    "residents_v1",
    of=Hall,
    columns=(
        Column("hall", "text", key=True),
        Column("item", "text", key=True),
        Column("business", "text"),
    ),
    rows=resident_rows,
)
BY_ITEM = Order(RESIDENTS.c.hall, RESIDENTS.c.item)

SEATS = View(
    "seats_v1",
    of=Hall,
    columns=(
        Column("hall", "text", key=True),
        Column("organisation", "text", key=True, index=True),
        Column("zone", "text"),
    ),
    rows=seat_rows,
)
BY_ORGANISATION = Order(SEATS.c.hall, SEATS.c.organisation)

WINDOWS = View(
    "windows_v2",
    of=Window,
    columns=(
        Column("window", "text", key=True),
        Column("hall", "text", index=True),
        Column("name", "text"),
        Column("zone", "text"),
        Column("themes", "json"),
        Column("state", "text"),
        Column("staff", "text", index=True),
        Column("reason", "text"),
        Column("since", "instant"),
        Column("silent_since", "instant"),
    ),
    rows=window_row,
)
BY_WINDOW = Order(WINDOWS.c.window)

WINDOW = tuple(WINDOWS.c[name] for name in ("window", "hall", "name", "zone", "themes", "state", "staff", "reason"))
"""What the tree tells of a window."""


def hours_of(row: Mapping[str, Any], calendar: WorkingCalendar) -> Hours:
    """The hours in a hall's row."""
    weekly = msgspec.convert(row["hours"], WeeklyHours | None)
    return Hours(weekly, msgspec.convert(row["exceptions"], list[HoursException]), calendar)


def desk_of(row: Mapping[str, Any]) -> Desk:
    """The window in a row, as calling sees it."""
    return Desk(row["window"], row["hall"], row["zone"], tuple(row["themes"]), row["state"], row["staff"])


def tree(
    halls: Iterable[Mapping[str, Any]], windows: Iterable[Mapping[str, Any]], root: str = ""
) -> list[dict[str, Any]]:
    """The hall ``root`` (empty: all roots) and those below it, nested, with their windows, counted by state.

    A hall that hangs below one that is not among the halls is a root.
    """
    nodes = {
        hall["hall"]: {**hall, "windows": [], "halls": [], "windows_in": dict.fromkeys(State, 0)} for hall in halls
    }
    for window in windows:
        node = nodes[window["hall"]]
        node["windows"].append(dict(window))
        node["windows_in"][State(window["state"])] += 1
    roots: list[dict[str, Any]] = []
    for node in nodes.values():
        (nodes[node["parent"]]["halls"] if node["parent"] in nodes else roots).append(node)
    return [nodes[root]] if root else roots


def below(halls: Iterable[Mapping[str, Any]], root: str) -> list[str]:
    """The hall and all below it, each after the one that it hangs below."""
    children: dict[str, list[str]] = {}
    for row in halls:
        children.setdefault(row["parent"], []).append(row["hall"])
    found = [root]
    for hall in found:
        found.extend(each for each in children.get(hall, ()) if each not in found)
    return found


def above(halls: Mapping[str, Mapping[str, Any]], hall: str) -> list[str]:
    """The hall and those that it hangs below, nearest first."""
    found: list[str] = []
    while hall in halls and hall not in found:
        found.append(hall)
        hall = halls[hall]["parent"]
    return found
