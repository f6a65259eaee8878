"""The stories hold together before they are told: every field, material, person and answer is there."""

from datetime import date

import pytest

import catalogue
from console.county import county
from console.demo import as_typed
from console.stories import TOLD, story
from console.telling import words
from contracts.words import topics
from eventing.mapper import fact_types

CATALOGUE = catalogue.load("990102")


@pytest.fixture(params=TOLD)
def told(request):
    return story(request.param)


@pytest.fixture
def selection(told):
    return CATALOGUE.theme(told.theme).select(told.answers, satisfied=told.satisfied)


def test_at_least_four_stories_of_different_themes_are_told():
    assert len({story(name).theme for name in TOLD}) >= 4


def test_the_form_has_what_the_case_requires_and_nothing_else(told, selection):
    fields = {field.key for field in selection.fields}
    required = {field.key for field in selection.fields if field.required}

    assert required <= told.values.keys() <= fields
    assert told.provenance.keys() <= told.values.keys()


def test_the_materials_are_those_that_the_case_asks_for(told, selection):
    asked = {each.material.id for each in selection.materials if each.material.source != "produced"}

    assert told.materials.keys() == asked


def test_everything_is_brought_by_the_end(told):
    acts = [step.act for step in told.steps]
    brought = [material for step in told.steps for material in step.materials]

    assert ("register" in acts) != (sorted(brought) == sorted(told.materials))
    assert acts[0] == "notice"
    assert acts[-1] == "hand_over"


def test_paper_travels_through_hands_that_exist(told):
    place = county("990102")
    paper = any(each.medium == "paper" for each in told.materials.values())
    carriers = [carrier for step in told.steps for carrier in step.carriers]

    assert paper == bool(carriers)
    assert all("courier" in place.person(carrier).roles for carrier in carriers)
    assert place.person(told.clerk).window


def test_only_items_of_the_case_are_denied(told, selection):
    denied = {item for step in told.steps for item in step.deny}

    assert denied <= set(selection.selected)


def test_days_in_a_form_move_with_the_day(told):
    form = told.form(date(2026, 3, 1))

    assert not [value for value in form.values() if value.startswith("today")]
    assert story("newborn").form(date(2026, 3, 1))["born_on"] == "2026-02-27"


def test_every_published_topic_has_words():
    # the demo's own, or the timeline's
    assert {fact.TOPIC for fact in fact_types() if fact.TOPIC.startswith("onething.")} <= topics().keys()
    assert words().facts.keys() <= topics().keys()


def test_the_stories_show_what_they_promise():
    newborn, restaurant, retirement, utilities = map(story, TOLD)

    assert newborn.clerk == "clerk-lin"
    assert county("990102").person("clerk-lin").hall == "yl-hospital"
    assert restaurant.satisfied.keys() == {"CY01"}
    assert CATALOGUE.theme("TX").item("TX06").depends_on[0].any_of == ("TX01", "TX02", "TX03")
    assert retirement.theme == "TX"
    water = CATALOGUE.theme("SDQ").item("SDQ01")
    assert CATALOGUE.handler(water, utilities.answers["area"]) == "sw-east"


def test_what_to_type_next_is_what_a_shell_finds_from_here(tmp_path, monkeypatch):
    program = tmp_path / ".venv" / "bin" / "onething"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin")
    assert as_typed(program) == ".venv/bin/onething"
    monkeypatch.chdir(program.parent)
    assert as_typed(program) == str(program)
    monkeypatch.chdir("/usr")
    assert as_typed(program) == str(program)
    monkeypatch.setenv("PATH", str(program.parent))
    assert as_typed(program) == "onething"
