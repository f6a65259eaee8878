"""Every number of a run equals, to the unit, what is counted by hand over casefile's ledger of it."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import catalogue
from console.exercise import Ground, exercise
from console.house import House, started
from console.journey import Time, furnish
from contracts.casefile import ListCaseFiles
from contracts.insight import GetIndicator
from contracts.language import Caller
from eventing.settings import Settings
from insight.indicators import INDICATORS
from testkit.house import eventually

from .recount import APART, RULES, Ledger, read

pytestmark = pytest.mark.slow

AUDITOR = Caller(by="auditor-1", roles=("auditor",))
COUNTY = catalogue.load("990102")
RUNS = {"SSHC": ("path", "entry", "denial", "withdrawal", "deadline"), "XSE": ("tolerance",)}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A release on which two themes were exercised, months passed, and everybody has heard of everything."""
    directory = tmp_path_factory.mktemp("insight")
    settings = Settings(data_dir=str(directory), clock="simulated", rendering="on-demand", region="990102")
    with started(settings) as running:
        furnish(running.client, COUNTY)
        time = Time(running.client)
        for theme, rules in RUNS.items():
            for tried in exercise(Ground(running.client, COUNTY, COUNTY.theme(theme), time), only=rules):
                assert tried.is_well, tried
            time.advance(timedelta(days=3))
        _settled(running, directory)
        yield running


def _settled(running: House, directory: Path) -> None:
    """Waits until nothing more is heard by insight, which follows some of what casefile follows."""
    auditor = running.client.as_(AUDITOR)

    def seen() -> Any:
        cases = auditor.ask(ListCaseFiles(limit=2000))["cases"]
        accepted = len(read(directory / "casefile.db", date.min, date.max).of("case.opened"))
        told = auditor.ask(GetIndicator(indicator="levels", begins=date(2024, 1, 1), ends=date(2033, 1, 1)))
        return len(cases) == accepted == told["figures"][0]["numbers"][0]["value"]

    eventually(seen)


def _period(ledger: Ledger, share: float) -> tuple[date, date]:
    days = sorted(entry.on for entry in ledger.of("case.opened"))
    whole = days[-1] - days[0]
    return days[0], days[0] + timedelta(days=int(whole.days * share)) if share < 1 else days[-1] + timedelta(days=400)


@pytest.mark.parametrize("theme", ["", "XSE"])
@pytest.mark.parametrize("share", [1.0, 0.4])
def test_it_is_what_is_counted_by_hand(house: House, share: float, theme: str) -> None:
    database = Path(house.settings.data_dir) / "casefile.db"
    begins, ends = _period(read(database, date.min, date.max), share)
    auditor = house.client.as_(AUDITOR)

    def differences() -> list[Any]:
        ledger = read(database, begins, ends, COUNTY, theme)  # it grows while casefile follows
        found: list[Any] = []
        for (indicator, figure), counted in RULES.items():
            told = auditor.ask(GetIndicator(indicator=indicator, begins=begins, ends=ends, theme=theme))
            number = next(each for each in told["figures"] if each["figure"] == figure)["numbers"][0]
            wanted = counted(ledger)
            got = {name: number[name] for name in wanted}
            if got != wanted:
                found.append((indicator, figure, got, wanted))
        for (indicator, figure), counted in APART.items():
            told = auditor.ask(GetIndicator(indicator=indicator, begins=begins, ends=ends, theme=theme))
            numbers = next(each for each in told["figures"] if each["figure"] == figure)["numbers"]
            each_wanted = counted(ledger)
            each_got = {n["of"]: {name: n[name] for name in each_wanted.get(n["of"], {})} for n in numbers if n["of"]}
            if each_got != each_wanted:
                found.append((indicator, figure, each_got, each_wanted))
        return found

    assert eventually(lambda: differences() == [] or None) or differences() == []


def test_the_run_says_something_of_most_of_them(house: House) -> None:
    ledger = read(Path(house.settings.data_dir) / "casefile.db", date(2024, 1, 1), date(2033, 1, 1), COUNTY)

    said = [key for key, counted in RULES.items() if counted(ledger)["value"]]

    assert len(said) > len(RULES) / 2


def test_a_rule_is_counted_by_hand_for_every_indicator_that_cases_tell() -> None:
    imported = {"relative_volume", "upper_bound", "population", "complaints"}
    people = {"consultations", "conversion", "windows"}  # counted by hand in test_numbers

    assert {indicator for indicator, _ in RULES} == set(INDICATORS) - imported - people
