"""A service fetches a catalogue version that it lacks, once; and knows from when on which is in force."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import catalogue
from contracts.editions import GetCatalogue, InForce
from eventing import catalogues
from eventing.catalogues import Catalogues, CatalogueShelf, CurrentShelf
from eventing.errors import NotFound, Unavailable
from kernel.clock import SimulatedClock
from testkit.facts import NOON, refused

BUILT_IN = catalogue.load("990102")
NATION = catalogue.load("000000")


class Kept:
    """The table of versions."""

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}

    def catalogue(self, version: str) -> bytes | None:
        return self.rows.get(version)

    def keep_catalogue(self, version: str, document: bytes) -> None:
        self.rows[version] = document


class Intake:
    """Knows some versions, and counts how often it is asked."""

    def __init__(self, *known: catalogue.Catalogue) -> None:
        self.known = {each.version: each for each in known}
        self.asked = 0

    def ask(self, query: Any) -> dict[str, str]:
        assert isinstance(query, GetCatalogue)
        self.asked += 1
        if query.version not in self.known:
            raise NotFound(what="catalogue", id=query.version)
        return {"version": query.version, "document": self.known[query.version].document().decode()}


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 30, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_what_the_files_say_is_what_they_say_on_the_day_in_china(
    instant: datetime, day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[date] = []
    monkeypatch.setattr(catalogues, "load_current", lambda region, directories, on: asked.append(on))
    shelves = Catalogues()
    settings = SimpleNamespace(region="990102", catalogue_dirs=())
    shelves.host = SimpleNamespace(settings=settings, clock=SimulatedClock(instant))

    shelves.built_in()

    assert asked == [day]


def test_what_is_lacking_is_fetched_once_and_found_again_without_intake() -> None:
    kept, intake = Kept(), Intake(NATION)
    shelf = CatalogueShelf(kept, BUILT_IN, intake.ask)
    shelf.keep()

    assert shelf.at(NATION.version).version == shelf.at(NATION.version).version == NATION.version
    assert intake.asked == 1
    assert CatalogueShelf(kept, BUILT_IN, Intake().ask).at(NATION.version).document() == NATION.document()
    assert set(kept.rows) == {BUILT_IN.version, NATION.version}


def test_what_nobody_has_is_waited_for() -> None:
    for shelf in (CatalogueShelf(Kept(), BUILT_IN, Intake().ask), CatalogueShelf(Kept(), BUILT_IN)):
        with refused(Unavailable, what="catalogue", version="nothing"):
            shelf.at("nothing")


def test_what_somebody_names_and_nobody_has_is_not_found() -> None:
    """Whoever named it was told to come again later."""
    with refused(NotFound, what="catalogue", id="nothing"):
        CatalogueShelf(Kept(), BUILT_IN, Intake().ask).named("nothing")
    with refused(Unavailable, what="catalogue", version="nothing"):
        CatalogueShelf(Kept(), BUILT_IN).named("nothing")
    assert CatalogueShelf(Kept(), BUILT_IN).named(BUILT_IN.version) == BUILT_IN


def test_content_that_is_not_of_the_version_is_not_kept() -> None:
    kept, intake = Kept(), Intake()
    intake.known["other"] = NATION
    with refused(Unavailable, version="other"):
        CatalogueShelf(kept, BUILT_IN, intake.ask).at("other")
    assert kept.rows == {}


@pytest.mark.parametrize(("days", "expected"), [(-1, BUILT_IN), (0, NATION), (3, NATION), (4, BUILT_IN), (9, BUILT_IN)])
def test_the_last_that_became_effective_is_in_force(days: int, expected: catalogue.Catalogue) -> None:
    schedule = (InForce(NATION.version, NOON), InForce(BUILT_IN.version, NOON + timedelta(days=4)))
    shelf = CurrentShelf(
        Kept(),
        BUILT_IN,
        schedule=lambda: schedule,
        now=lambda: NOON + timedelta(days=days),
        ask=Intake(NATION).ask,
    )

    assert shelf.current().version == expected.version
