"""`onething theme exercise`, over every theme of the county: what it tries, and that it would notice."""

from collections import Counter
from typing import Any

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.exercise import Ground, Trial, Tried, exercise, trials
from console.journey import Stuck, Time
from testkit.house import House

COUNTY = catalogue.load("990102")
THEMES = sorted(COUNTY.themes)
RULES = ("path", "refusal", "entry", "tolerance", "promise", "denial", "withdrawal", "revocation", "clock", "deadline")
TRIED = [
    pytest.param(theme_id, rule, id=f"{theme_id}-{rule}")
    for theme_id in THEMES
    for rule in RULES
    if any(trial.rule == rule for trial in trials(COUNTY, COUNTY.theme(theme_id)))
]


def ground(house: House, theme_id: str) -> Ground:
    client = house.client()
    return Ground(client, COUNTY, COUNTY.theme(theme_id), Time(client))


@pytest.mark.parametrize(("theme_id", "rule"), TRIED)
def test_everything_goes_as_the_themes_data_says(timed_house: House, theme_id: str, rule: str) -> None:
    tried = list(exercise(ground(timed_house, theme_id), only=[rule]))

    assert tried
    assert [each for each in tried if not each.is_well] == []


@pytest.mark.parametrize("theme_id", THEMES)
def test_no_item_and_no_material_is_left_out(theme_id: str) -> None:
    theme = COUNTY.theme(theme_id)
    selection = theme.select(happy_answers(theme))
    of: dict[str, Counter[str]] = {}
    for trial in trials(COUNTY, theme):
        of.setdefault(trial.rule, Counter())[trial.subject.split()[0].rstrip(":")] += 1

    assert set(of["denial"]) == set(selection.selected)
    if len(selection.selected) > 1:
        assert of["entry"] == Counter({item: 3 if theme.item(item).is_internal else 4 for item in selection.selected})
    asked = [needed for needed in selection.materials if needed.material.source != "produced"]
    missing = [trial for trial in trials(COUNTY, theme) if trial.expected == "materials-missing"]
    assert len(missing) == len(asked)
    listed = [item for item in theme.items if item.id in selection.selected and item.tolerance.listed]
    assert set(of.get("tolerance", ())) <= {item.id for item in listed}
    assert set(of.get("promise", ())) == {
        item.id for item in theme.items if item.id in selection.selected and item.commitment
    }
    assert {"withdrawal", "deadline"} <= of.keys()


def test_what_goes_otherwise_is_told(timed_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def doctored(*_: Any) -> list[Trial]:
        (trial,) = [
            each for each in trials(COUNTY, COUNTY.theme("SBK")) if each.subject == "SBK01" and each.rule == "denial"
        ]
        return [Trial(trial.rule, trial.subject, "nothing is lost, closed", trial.run)]

    monkeypatch.setattr("console.exercise.trials", doctored)
    (tried,) = exercise(ground(timed_house, "SBK"))

    assert isinstance(tried, Tried)
    assert not tried.is_well
    assert tried.happened.startswith("SBK01")


def test_where_a_case_stands_that_does_not_move_is_told(timed_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case = ground(timed_house, "SBK").journey()
    case.register()
    case.review("SBK01")
    monkeypatch.setattr("console.journey.PATIENCE", 0.1)

    with pytest.raises(Stuck, match=r"intake \('accepted', .*approval \(None, .*'SBK01': 'ready'"):
        case.closed()


def test_a_case_that_comes_on_is_not_stuck_however_long_it_takes(
    timed_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = ground(timed_house, "SBK").journey()
    stands = iter("ABCDD")
    monkeypatch.setattr("console.journey.PATIENCE", 0.01)
    monkeypatch.setattr(case, "standing", lambda: next(stands))

    with pytest.raises(Stuck, match=r"D$"):
        case.patiently(lambda: None)
    assert not list(stands)
