"""The tree as rows: halls, and windows with their state."""

from collections.abc import Iterable, Mapping
from typing import Any

from eventing.views import Column, View
from halls.domain import Hall, State, Window


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
        }
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
        }
    ]


HALLS = View(
    "halls_v2",
    of=Hall,
    columns=(
        Column("hall", "text", key=True),
        Column("name", "text"),
        Column("kind", "text"),
        Column("region", "text"),
        Column("parent", "text"),
        Column("replacement", "text"),
    ),
    rows=hall_row,
)

WINDOWS = View(
    "windows_v1",
    of=Window,
    columns=(
        Column("window", "text", key=True),
        Column("hall", "text", index=True),
        Column("name", "text"),
        Column("zone", "text"),
        Column("themes", "json"),
        Column("state", "text"),
        Column("staff", "text"),
        Column("reason", "text"),
    ),
    rows=window_row,
)


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
