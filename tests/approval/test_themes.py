"""The joins of real themes: newborn, retirement, utilities; and that every theme comes to its end."""

import random

import pytest

from catalogue import load
from catalogue.examples import answers_for, happy_answers
from catalogue.selection import Standing
from contracts.approval import BundleConcluded

from .mothers import Office

CATALOGUE = load("990102")


def office_of(theme: str, *, satisfied: dict[str, str] | None = None, **answers: str) -> Office:
    """A case of a real theme with all its items accepted and supplied; open questions are answered richly."""
    real = CATALOGUE.theme(theme)
    chosen = happy_answers(real) | answers
    asked = [question.id for question in real.questions]
    selection = real.select({k: v for k, v in chosen.items() if k in asked}, satisfied=satisfied or {})
    office = Office(real)
    office.accepts(*selection.selected, standings=selection.standings)
    return office.supplies(*selection.selected)


def opened(office: Office) -> set[str]:
    return {item for item, status in office.status().items() if status == "open"}


class TestNewborn:
    def test_everything_waits_for_the_birth_certificate(self):
        office = office_of("XSE", birth="local")
        assert opened(office) == {"XSE01"}

        office.grants("XSE01")

        assert opened(office) == {"XSE02", "XSE03", "XSE06", "XSE07"}

    def test_insurance_and_card_wait_for_the_household_registration(self):
        office = office_of("XSE", birth="local").grants("XSE01")

        office.grants("XSE03")

        assert {"XSE04", "XSE05"} <= opened(office)

    def test_a_child_born_elsewhere_begins_with_the_registration(self):
        office = office_of("XSE", birth="elsewhere")

        assert opened(office) == {"XSE02", "XSE03", "XSE06", "XSE07"}

    def test_a_continued_case_begins_where_the_applicant_is(self):
        office = office_of("XSE", birth="local", satisfied={"XSE01": "M990102001"})

        assert "XSE01" not in office.status()
        assert {"XSE02", "XSE03"} <= opened(office)

    def test_a_denied_registration_blocks_its_own_branch_only(self):
        office = office_of("XSE", birth="local").grants("XSE01")

        office.denies("XSE03")

        assert office.status()["XSE04"] == office.status()["XSE05"] == "blocked"
        assert opened(office) == {"XSE02", "XSE06", "XSE07"}
        for item in ("XSE02", "XSE06", "XSE07"):
            office.grants(item)
        assert office.bundle.verdict == "partly"


class TestRetirement:
    @pytest.mark.parametrize(("category", "first"), [("normal", "TX01"), ("special", "TX02"), ("illness", "TX03")])
    def test_one_of_three_opens_what_follows(self, category, first):
        office = office_of("TX", category=category, deemed_years="yes")
        assert first in opened(office)
        assert {"TX01", "TX02", "TX03"} & set(office.status()) == {first}

        office.grants(first)

        assert "TX05" in opened(office)
        assert office.status()["TX06"] == "locked"

    def test_without_deemed_years_the_pension_does_not_wait_for_them(self):
        office = office_of("TX", category="special", deemed_years="no")

        office.grants("TX02")

        assert "TX06" in opened(office)

    def test_the_denial_of_the_only_one_blocks_the_whole_chain_and_leaves_the_rest(self):
        office = office_of("TX", category="illness", deemed_years="yes")

        office.denies("TX03")

        left = {item for item, status in office.status().items() if status == "open"}
        assert left == {"TX04"} & set(office.status())
        assert {office.status()[item] for item in ("TX05", "TX06", "TX07")} == {"blocked"}


class TestUtilities:
    def test_the_joint_survey_begins_with_the_last_acceptance(self):
        real = CATALOGUE.theme("SDQ")
        selection = real.select(happy_answers(real))
        office = Office(real)

        office.accepts("SDQ01", "SDQ02", "SDQ03", "SDQ05", standings=selection.standings)
        assert office.status()["SDQ05"] == "locked"

        office.accepts("SDQ04", standings=selection.standings)
        assert office.status()["SDQ05"] == "open"

    def test_the_joint_survey_does_not_wait_for_a_connection_that_was_withdrawn(self):
        real = CATALOGUE.theme("SDQ")
        selection = real.select(happy_answers(real))
        office = Office(real).accepts("SDQ01", "SDQ02", "SDQ03", "SDQ05", standings=selection.standings)

        office.loses("SDQ04")

        assert office.status()["SDQ05"] == "open"

    def test_the_permits_run_in_parallel_and_the_connection_waits_for_all_of_them(self):
        office = office_of("SDQ", external_line="long").grants("SDQ05")
        permits = {"SDQ06", "SDQ07", "SDQ08", "SDQ09"} & set(office.status())
        assert len(permits) > 1
        assert permits <= opened(office)

        *others, last = sorted(permits)
        for permit in others:
            office.grants(permit)
        assert office.status()["SDQ10"] == "locked"

        office.grants(last)
        assert office.status()["SDQ10"] == "open"


@pytest.mark.parametrize("theme", sorted(CATALOGUE.themes))
@pytest.mark.parametrize("denials", [0.0, 0.3])
def test_every_theme_comes_to_its_end(theme, denials):
    real = CATALOGUE.theme(theme)
    dice = random.Random(f"{theme} {denials}")
    every = [*answers_for(real)]
    for answers in dice.sample(every, min(5, len(every))):
        selection = real.select(answers)
        if not selection.selected:
            continue
        office = Office(real).accepts(*selection.selected, standings=selection.standings)
        office.supplies(*selection.selected)
        while todo := sorted(opened(office)):
            item = dice.choice(todo)
            (office.denies if dice.random() < denials else office.grants)(item)

        (verdict,) = [f for f in office.bundle.pending if isinstance(f, BundleConcluded)]
        ends = (*verdict.granted, *verdict.denied, *verdict.blocked)
        expected = {i for i, s in selection.standings.items() if s is Standing.SELECTED}
        assert sorted(ends) == sorted(expected)
        assert denials or verdict.verdict == "granted"
