"""Catalogue versions for services: the one in force, and every one that a running case was opened under.

intake publishes editions ([ADR 30](../../docs/adr/0030-editions-are-published-in-intake.md)); every other service
fetches a version that it lacks from there, once, and keeps it.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import eventlet
import msgspec
import structlog

import catalogue
from contracts.editions import GetCatalogue, GetSchedule, InForce
from eventing.dependency import HostDependency
from eventing.errors import NotFound, OneThingError, Unavailable
from kernel.clock import local_date

log = structlog.get_logger()

POLL = 1.0
"""Seconds between two looks at what is in force."""

PATIENCE = 5.0
"""Seconds that an answer about what is in force is waited for."""

SCHEDULE = "schedule"
"""Under which the last known schedule is kept beside the versions, so that a restart does not forget it."""

Schedule = tuple[InForce, ...]
Ask = Callable[..., Any]


class CatalogueShelf:
    """The versions this service has ever needed, kept in its own database."""

    def __init__(self, store: Any, built_in: catalogue.Catalogue, ask: Ask | None = None) -> None:
        self._store = store
        self._built_in = built_in
        self._ask = ask
        self._known = {built_in.version: built_in}

    def keep(self) -> None:
        """Makes sure that the version of this release can be found again by later ones."""
        if self._store.catalogue(self._built_in.version) is None:
            self._store.keep_catalogue(self._built_in.version, self._built_in.document())

    def at(self, version: str) -> catalogue.Catalogue:
        """The version a case keeps; fetched from intake where it is lacking. ``Unavailable`` while it cannot be."""
        found = self._known.get(version)
        if found is None:
            document = self._store.catalogue(version) or self._fetched(version)
            found = self._known[version] = catalogue.Catalogue.from_document(document)
        return found

    def named(self, version: str) -> catalogue.Catalogue:
        """The version that somebody names, who may be mistaken: ``NotFound`` for one that never was."""
        try:
            return self.at(version)
        except Unavailable as error:
            if isinstance(error.__cause__, NotFound):
                raise error.__cause__ from None
            raise

    def _fetched(self, version: str) -> bytes:
        if self._ask is None:
            raise Unavailable(what="catalogue", version=version)
        try:
            document: bytes = self._ask(GetCatalogue(version=version))["document"].encode()
        except NotFound as error:
            raise Unavailable(what="catalogue", version=version) from error
        if catalogue.Catalogue.from_document(document).version != version:
            raise Unavailable(what="catalogue", version=version)
        self._store.keep_catalogue(version, document)
        return document


class CurrentShelf(CatalogueShelf):
    """A shelf that knows which version is in force, too: the last that was published and has become effective.

    Until the first edition is published, that is the one of the files that the service started with.
    """

    def __init__(
        self,
        store: Any,
        built_in: catalogue.Catalogue,
        *,
        schedule: Callable[[], Sequence[InForce]],
        now: Callable[[], datetime],
        ask: Ask | None = None,
    ) -> None:
        super().__init__(store, built_in, ask)
        self._schedule = schedule
        self._now = now

    def current(self) -> catalogue.Catalogue:
        """The version that new cases are opened under."""
        schedule = self._schedule()
        place = bisect_right(schedule, self._now(), key=lambda each: each.effective_at)
        return self.at(schedule[place - 1].version) if place else self._built_in


_loaded: dict[tuple[str, tuple[str, ...], date], catalogue.Catalogue] = {}


def load_current(region: str, directories: tuple[str, ...], on: date) -> catalogue.Catalogue:
    """The catalogue that a region's files make on a day; read once for all services of a process."""
    key = (region, directories, on)
    if key not in _loaded:
        _loaded[key] = catalogue.load(region, on=on, extra=[Path(directory) for directory in directories])
    return _loaded[key]


class Catalogues(HostDependency):
    """Gives a service the versions that its cases keep."""

    def make(self) -> CatalogueShelf:
        shelf = CatalogueShelf(self.host.store, self.built_in(), self.host.client.ask)
        self.host.when_ready(shelf.keep)
        return shelf

    def built_in(self) -> catalogue.Catalogue:
        """What the files say today, in China: a rule begins at midnight there."""
        settings = self.host.settings
        return load_current(settings.region, tuple(settings.catalogue_dirs), local_date(self.host.clock.now()))


class CurrentCatalogues(Catalogues):
    """Gives a service other than intake the version in force, too: it looks every second what intake published."""

    def make(self) -> CurrentShelf:
        self.schedule: Schedule = ()
        shelf = CurrentShelf(
            self.host.store,
            self.built_in(),
            schedule=lambda: self.schedule,
            now=self.host.clock.now,
            ask=self.host.client.ask,
        )
        self._shelf = shelf
        self.host.when_ready(shelf.keep)
        self.host.when_ready(self._remember)
        self.host.when_ready(lambda: self.container.spawn_managed_thread(self._follow, identifier="catalogues"))
        return shelf

    def _remember(self) -> None:
        known = self.host.store.catalogue(SCHEDULE)
        if known is not None:
            self.schedule = msgspec.json.decode(known, type=Schedule)

    def _follow(self) -> None:
        while True:
            try:
                self._look()
            except OneThingError as error:
                log.debug("what is in force is not known anew", error=str(error))
            eventlet.sleep(POLL)

    def _look(self) -> None:
        answer = self.host.client.ask(GetSchedule(), timeout=PATIENCE)
        found = msgspec.convert(answer["editions"], Schedule)
        if found == self.schedule:
            return
        for each in found:
            self._shelf.at(each.version)  # at hand before it is in force
        self.host.store.keep_catalogue(SCHEDULE, msgspec.json.encode(found))
        self.schedule = found
