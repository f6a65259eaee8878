"""What things are called: halls and windows, organisations, items and themes, states; cached for a short while."""

from collections.abc import Mapping
from datetime import date, datetime
from time import monotonic
from typing import Any

from catalogue import Catalogue, Theme
from contracts.halls import GetTree
from contracts.words import Language, terms
from eventing.errors import OneThingError
from gateway.backend import Backend
from gateway.limits import Rate
from kernel.clock import CHINA_STANDARD_TIME

FRESH = 15.0
"""Seconds for which the tree of halls is believed."""


ASKED = 1.0
"""Readings in a second, on average, of which unknown halls are the reason."""


class Names:
    """Names by id; whatever nobody knows keeps its id. One for the whole gateway."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._halls: dict[str, dict[str, Any]] = {}
        self._windows: dict[str, dict[str, Any]] = {}
        self._read_at = -FRESH
        self._asked = Rate(ASKED)

    # halls

    def halls(self) -> Mapping[str, Mapping[str, Any]]:
        """hall → its node of the tree, in the tree's order."""
        self._look()
        return self._halls

    def is_hall(self, hall: str) -> bool:
        """Whether there is such a hall; one that nobody has heard of is asked for at once, but not without end."""
        if hall and hall not in self.halls() and not self._asked.wait("", monotonic()):
            self.forget()
        return hall in self.halls()

    def windows(self, hall: str) -> list[Mapping[str, Any]]:
        """The windows of a hall."""
        self._look()
        return [each for each in self._windows.values() if each["hall"] == hall]

    def hall(self, hall: str) -> str:
        """A hall's name."""
        self._look()
        return str(self._halls.get(hall, {}).get("name", hall))

    def window(self, window: str) -> str:
        """A window's name."""
        self._look()
        return str(self._windows.get(window, {}).get("name", window))

    def below(self, hall: str) -> tuple[str, ...]:
        """Every hall below this one in the tree."""
        self._look()
        found: list[str] = []
        waiting = list(self._halls.get(hall, {}).get("halls", ()))
        while waiting:
            node = waiting.pop(0)
            found.append(node["hall"])
            waiting += node["halls"]
        return tuple(found)

    def forget(self) -> None:
        """Somebody changed the tree: it is read again."""
        self._read_at = -FRESH

    def _look(self) -> None:
        if monotonic() - self._read_at < FRESH:
            return
        self._read_at = monotonic()  # who comes meanwhile gets what is known
        try:
            tree = self.backend.client.ask(GetTree())
        except OneThingError:
            return
        halls: dict[str, dict[str, Any]] = {}
        windows: dict[str, dict[str, Any]] = {}
        waiting = list(tree)
        while waiting:
            node = waiting.pop(0)
            halls[node["hall"]] = node
            windows |= {each["window"]: each for each in node["windows"]}
            waiting = [*node["halls"], *waiting]
        self._halls, self._windows = halls, windows

    # the catalogue

    def catalogue(self, version: str = "") -> Catalogue:
        """The catalogue of a case; today's where none is named or this one is not at hand."""
        shelf = self.backend.catalogues
        try:
            found: Catalogue = shelf.at(version) if version else shelf.current()
        except OneThingError:
            found = shelf.current()
        return found

    def themes(self) -> list[Theme]:
        """All themes of today."""
        return list(self.catalogue().themes.values())

    def theme(self, theme: str, version: str = "") -> str:
        """A theme's name."""
        found = self.catalogue(version).themes.get(theme)
        return found.name if found is not None else theme

    def item(self, item: str, version: str = "") -> str:
        """An item's name."""
        for theme in self.catalogue(version).themes.values():
            for each in theme.items:
                if each.id == item:
                    return each.name
        return item

    def material(self, material: str, theme: str = "", version: str = "") -> str:
        """A material's name."""
        catalogue = self.catalogue(version)
        themes = [catalogue.themes[theme]] if theme in catalogue.themes else catalogue.themes.values()
        for each in themes:
            for item in each.items:
                for one in item.materials:
                    if one.id == material:
                        return one.name
        return material

    def field(self, key: str, theme: str, version: str = "") -> str:
        """The label of a field of the one form."""
        found = self.catalogue(version).themes.get(theme)
        return next((each.label for each in found.fields if each.key == key), key) if found is not None else key

    def org(self, organisation: str) -> str:
        """An organisation's name."""
        found = self.catalogue().organisations.get(organisation)
        return found.name if found is not None else organisation


def term(code: str, language: Language) -> str:
    """What a state, reason or kind is called; the code where nobody wrote it down."""
    return terms().get(code, {}).get(language, code)


def when(instant: Any, form: str = "%Y-%m-%d %H:%M") -> str:
    """An instant as a clock in China shows it; a dash where there is none."""
    if not instant:
        return "—"
    read = instant if isinstance(instant, datetime) else datetime.fromisoformat(str(instant))
    return read.astimezone(CHINA_STANDARD_TIME).strftime(form)


def day(value: Any) -> str:
    """A day; a dash where there is none."""
    if not value:
        return "—"
    if isinstance(value, datetime):
        return when(value, "%Y-%m-%d")
    return value.isoformat() if isinstance(value, date) else str(value)[:10]
