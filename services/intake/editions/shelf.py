"""What is in force, as intake itself published it."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import catalogue
from eventing.catalogues import Catalogues, CurrentShelf, Schedule
from intake.editions.publishing import schedule_of

FRESH = 0.5
"""Seconds for which what was read of the schedule counts: another replica may have published meanwhile."""


class PublishedShelf(CurrentShelf):
    """Every version, the one in force, and what new ones are laid over."""

    def __init__(
        self,
        store: Any,
        built_in: catalogue.Catalogue,
        *,
        now: Callable[[], datetime],
        directories: tuple[str, ...] = (),
    ) -> None:
        super().__init__(store, built_in, schedule=self._published, now=now)
        self.built_in = built_in
        self.region = built_in.region
        self.directories = directories
        self._read = float("-inf")
        self._last: Schedule = ()

    def _published(self) -> Schedule:
        if time.monotonic() - self._read > FRESH:
            self._last = schedule_of(self._store)
            self._read = time.monotonic()
        return self._last


class PublishedCatalogues(Catalogues):
    """Gives intake its shelf."""

    def make(self) -> PublishedShelf:
        directories = tuple(self.host.settings.catalogue_dirs)
        shelf = PublishedShelf(self.host.store, self.built_in(), now=self.host.clock.now, directories=directories)
        self.host.when_ready(shelf.keep)
        return shelf
