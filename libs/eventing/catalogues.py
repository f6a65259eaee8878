"""Catalogue versions for services: today's, and every one that a running case was opened under."""

from datetime import date
from pathlib import Path
from typing import Any

import catalogue
from eventing.dependency import HostDependency
from eventing.errors import Unavailable


class CatalogueShelf:
    """The versions this service has ever run with, kept in its own database."""

    def __init__(self, store: Any, current: catalogue.Catalogue) -> None:
        self._store = store
        self._current = current
        self._known = {current.version: current}

    def keep(self) -> None:
        """Makes sure that today's version can be found again by later releases."""
        if self._store.catalogue(self._current.version) is None:
            self._store.keep_catalogue(self._current.version, self._current.document())

    def current(self) -> catalogue.Catalogue:
        """The version that new cases are opened under."""
        return self._current

    def at(self, version: str) -> catalogue.Catalogue:
        """The version a case keeps. ``Unavailable`` while this replica has not got it (an upgrade is under way)."""
        found = self._known.get(version)
        if found is None:
            document = self._store.catalogue(version)
            if document is None:
                raise Unavailable(what="catalogue", version=version)
            found = self._known[version] = catalogue.Catalogue.from_document(document)
        return found


_loaded: dict[tuple[str, tuple[str, ...], date], catalogue.Catalogue] = {}


def load_current(region: str, directories: tuple[str, ...], on: date) -> catalogue.Catalogue:
    """Today's catalogue of a region; read once for all services of a process."""
    key = (region, directories, on)
    if key not in _loaded:
        _loaded[key] = catalogue.load(region, on=on, extra=[Path(directory) for directory in directories])
    return _loaded[key]


class Catalogues(HostDependency):
    """Gives a service its catalogue shelf."""

    def make(self) -> CatalogueShelf:
        settings = self.host.settings
        current = load_current(settings.region, tuple(settings.catalogue_dirs), self.host.clock.now().date())
        shelf = CatalogueShelf(self.host.store, current)
        self.host.when_ready(shelf.keep)
        return shelf
