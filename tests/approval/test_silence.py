"""A department's silence: a matter of supervision, and a decision only where region and item say so."""

import pytest

from catalogue.rules import Rules, Wait
from contracts.approval import ReviewDenied, ReviewGranted, ReviewWarned
from testkit.facts import given

from .mothers import a_theme, an_item, needs
from .timekeepers import Timekeeper, begin, noon


def an_office(*, on: bool, tacit: str) -> Timekeeper:
    """ONE with a statutory limit that ends on 18 March 2026, and TWO after it."""
    theme = a_theme(an_item("ONE", statutory=20, tacit=tacit), an_item("TWO", needs("ONE")))
    office = Timekeeper(theme, rules=Rules(tacit_decisions=on))
    office.now = noon("2026-02-12")
    office.accepts(at=office.now).supplies()
    given(office.bundle)
    return office


def decisions(office: Timekeeper) -> list[object]:
    return [each for each in office.bundle.pending if isinstance(each, ReviewGranted | ReviewDenied)]


@pytest.mark.parametrize(("on", "tacit"), [(False, "granted"), (True, ""), (False, "")])
def test_silence_decides_nothing_unless_region_and_item_say_so(on, tacit):
    office = an_office(on=on, tacit=tacit)

    office.sees(begin("2026-03-19"))

    assert decisions(office) == []
    assert isinstance(office.bundle.pending[-1], ReviewWarned)


def test_a_region_is_born_with_silence_that_decides_nothing():
    assert not Rules().tacit_decisions


def test_silence_grants_in_the_name_of_who_kept_silent_and_what_waited_goes_on():
    office = an_office(on=True, tacit="granted")

    office.sees(begin("2026-03-19"))

    (granted,) = decisions(office)
    assert (granted.item, granted.automatic, granted.in_name_of, granted.opinion) == (
        "ONE",
        True,
        "dept-ONE",
        "silent yes",
    )
    assert office.status() == {"ONE": "granted", "TWO": "open"}


def test_silence_denies_with_reasons_and_remedy_and_what_waited_is_lost():
    office = an_office(on=True, tacit="denied")

    office.sees(begin("2026-03-19"))

    (denied,) = decisions(office)
    assert (denied.reasons, denied.remedy, denied.automatic) == ("silent no", "appeal", True)
    assert office.status() == {"ONE": "denied", "TWO": "blocked"}


def test_nobody_is_silent_before_the_limit_ends_or_after_having_spoken():
    office = an_office(on=True, tacit="granted").sees(noon("2026-03-18"))
    assert decisions(office) == []

    office.denies("ONE", at=noon("2026-03-18")).sees(noon("2026-03-20"))

    assert [type(each) for each in decisions(office)] == [ReviewDenied]


def test_nobody_is_silent_during_a_special_procedure():
    office = an_office(on=True, tacit="granted").suspends("ONE", at=noon("2026-03-18"))
    assert "silence" not in office.bundle.timers()

    office.resumes("ONE", at=noon("2026-04-01"))

    assert office.bundle.timers()["silence"] == begin("2026-04-02")


@pytest.mark.parametrize(("voided_on", "decides"), [("2026-03-17", True), ("2026-03-20", False)])
def test_nobody_was_silent_whose_decision_falls_after_the_limit(voided_on, decides):
    office = an_office(on=True, tacit="granted").denies("ONE", at=noon("2026-03-16"))
    given(office.bundle)
    for by, act in (("wang", "propose"), ("li", "approve")):
        person, law = office.person("ONE", by, noon(voided_on)), office.law(noon(voided_on))
        if act == "propose":
            office.bundle.propose_voiding("ONE", "wrong file", "voided", law, act=person)
        else:
            office.bundle.approve_proposal("ONE", law, remedy="", act=person)

    office.sees(noon("2026-03-23"))

    assert office.status()["ONE"] == ("granted" if decides else "open")


def test_what_silence_decided_without_materials_can_be_decided_when_it_falls():
    theme = a_theme(an_item("ONE", statutory=20, tacit="granted"))
    office = Timekeeper(theme, rules=Rules(tacit_decisions=True))
    office.accepts(at=noon("2026-02-12")).sees(begin("2026-03-19"))
    office.supplies("ONE")
    at = noon("2026-03-20")
    office.bundle.propose_voiding("ONE", "no file", "voided", office.law(at), act=office.person("ONE", "wang", at))
    office.bundle.approve_proposal("ONE", office.law(at), remedy="", act=office.person("ONE", "li", at))

    assert office.denies("ONE", at=at).status() == {"ONE": "denied"}


def test_silence_decides_nothing_before_a_wait_is_over():
    posted = Wait(id="posted", name="posted", days=60, suspends=False)
    theme = a_theme(an_item("ONE", statutory=20, tacit="granted", waits=(posted,)))
    office = Timekeeper(theme, rules=Rules(tacit_decisions=True))
    office.accepts(at=noon("2026-02-12")).sees(noon("2026-04-13"))
    assert office.status() == {"ONE": "open"}
    assert office.bundle.timers()["silence"] == begin("2026-04-14")

    assert office.sees(begin("2026-04-14")).status() == {"ONE": "granted"}
