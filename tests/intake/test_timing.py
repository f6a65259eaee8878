"""When items can be accepted: their periods, and minimum terms that begin at a day in the form."""

from datetime import date
from typing import Any

import pytest

from catalogue.conditions import Answer
from catalogue.rules import Period, Wait
from contracts.intake import FormFilled, ItemsAccepted
from contracts.language import Act
from intake.domain import outline_of
from intake.domain.refusals import AppearanceRequired, NotYet, OutsidePeriod
from intake.domain.timing import begun_on, end_of, held_until
from testkit.facts import NOON, an_act, facts, names, refused

from .mothers import ANSWERS, CALENDAR, At, amended, at, sealed

AUGUST = {"periods": (Period(begins="2026-08-01", ends="2026-08-31"), Period(begins="2027-08-01", ends="2027-08-31"))}
TERM = Wait(id="publicity", name="公示最短期限", days=3, unit="months", after="field", field="name", holds="acceptance")


def complete(**items: dict[str, Any]) -> At:
    return At(outline_of(amended(**items), "SP", ANSWERS)).opened().filled().received().now()


def test_an_item_is_accepted_in_its_period_only() -> None:
    here = complete(SP04=AUGUST)

    with refused(OutsidePeriod, periods={"SP04": ["2026-08-01/2026-08-31", "2027-08-01/2027-08-31"]}):
        here.accepted()
    assert facts(here.case) == []
    assert names(here.accepted("SP03").case) == ["ItemsAccepted"]
    assert names(here.now().accepted("SP04", act=at(31, month=8)).case) == ["ItemsAccepted"]


def test_both_days_of_a_period_are_in_it() -> None:
    assert names(complete(SP04=AUGUST).accepted("SP04", act=at(1, month=8)).case) == ["ItemsAccepted"]
    with refused(OutsidePeriod):
        complete(SP04=AUGUST).accepted("SP04", act=at(1, month=9))


def test_outside_its_period_an_item_is_not_accepted_by_silence_either() -> None:
    here = complete(SP04=AUGUST)
    assert "SP04" not in here.case.awaited

    here.case.deem_accepted(here.outline, act=at(31, hour=16))

    assert here.case.items["SP04"] == "pending"
    assert here.case.items["SP03"] == "accepted"


@pytest.mark.parametrize(
    ("unit", "days", "begins", "last"),
    [
        ("calendar", 20, date(2026, 7, 1), date(2026, 7, 21)),
        ("calendar", 3, date(2026, 10, 1), date(2026, 10, 8)),  # 民法典 第203条: not in the holidays
        ("working", 5, date(2026, 2, 12), date(2026, 2, 26)),
        ("months", 3, date(2026, 4, 23), date(2026, 7, 23)),
        ("months", 3, date(2025, 11, 30), date(2026, 2, 28)),  # 民法典 第202条: no such day, the month's last one
        ("months", 12, date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_a_term_ends_as_the_civil_code_counts(unit: Any, days: int, begins: date, last: date) -> None:
    wait = Wait(id="t", name="t", days=days, unit=unit, after="field", field="name", holds="acceptance")

    assert end_of(wait, begins, CALENDAR) == last


def filled_with(day: date, wait: Wait = TERM) -> At:
    """The field holds a day; the aggregate sees only what it means."""
    here = complete(SP03={"waits": (wait,)})
    held = held_until(here.outline, {"name": day.isoformat(), "seats": "40"}, CALENDAR)
    here.case.fill(here.outline, sealed("form"), {"name": "entered"}, held_until=held, calendar=CALENDAR, act=an_act())
    return here


def test_a_minimum_term_holds_the_acceptance() -> None:
    here = filled_with(date(2026, 4, 23))

    fact = here.case.pending[0]
    assert isinstance(fact, FormFilled)
    assert fact.held_until == {"SP03": date(2026, 7, 23)}
    here.now()
    with refused(NotYet, until={"SP03": date(2026, 7, 23)}):
        here.accepted("SP03")
    assert facts(here.case) == []
    assert names(here.accepted("SP03", act=at(24)).case) == ["ItemsAccepted"]


def test_a_term_that_is_over_holds_nothing() -> None:
    assert names(filled_with(date(2026, 4, 22)).now().accepted("SP03").case) == ["ItemsAccepted"]


def test_a_later_day_in_the_field_counts_from_then() -> None:
    here = filled_with(date(2026, 4, 22))
    held = held_until(here.outline, {"name": "2026-05-01"}, CALENDAR)
    here.case.fill(here.outline, sealed("form"), {"name": "entered"}, held_until=held, calendar=CALENDAR, act=an_act())

    assert here.case.held_until == {"SP03": date(2026, 8, 3)}  # the 1st is a Saturday (民法典 第203条)


def test_what_waits_before_its_decision_is_accepted_with_the_day_from_which_it_waits() -> None:
    # the creditors' notice begins at the day that the applicant announced it
    body = {"id": "notice", "name": "公告", "days": 45, "after": "field", "field": "name", "holds": "decision"}
    outline = outline_of(amended(SP03={"waits": (Wait(**body),)}), "SP", ANSWERS)  # type: ignore[arg-type]
    begun = begun_on(outline, {"name": "2026-07-01"})
    here = At(outline).opened()
    here.case.fill(outline, sealed("form"), {"name": "entered"}, begun=begun, calendar=CALENDAR, act=an_act())
    case = here.filled().received().now().accepted().case

    (accepted,) = case.pending
    assert isinstance(accepted, ItemsAccepted)
    assert accepted.answers == outline.notice.answers
    assert {each.item: each.waits_from for each in accepted.items if each.waits_from} == {
        "SP03": {"notice": date(2026, 7, 1)}
    }


@pytest.mark.parametrize(
    "changes",
    [{"holds": "decision"}, {"after": "unlocked", "field": ""}, {"when": Answer("fire", ("no",))}],
)
def test_other_waits_do_not_hold_the_acceptance(changes: dict[str, Any]) -> None:
    body = {"id": "t", "name": "t", "days": 20, "after": "field", "field": "name", "holds": "acceptance"}

    assert filled_with(date(2026, 7, 22), Wait(**{**body, **changes})).case.held_until == {}  # type: ignore[arg-type]


def test_an_agent_may_not_apply_where_the_applicant_has_to_appear() -> None:
    # 行政许可法 第29条第2款
    here = At(outline_of(amended(SP04={"personal_appearance": True}), "SP", ANSWERS))
    agent = Act(at=NOON, by="agent-1", acting_as="m1", in_name_of="applicant", caller=an_act().caller)

    with refused(AppearanceRequired, items=["SP04"]):
        here.opened(act=agent)
    assert facts(here.case) == []
    assert names(here.opened().case) == ["CaseOpened", "NoticeIssued"]


def test_an_agent_may_apply_for_the_other_items() -> None:
    outline = outline_of(amended(SP04={"personal_appearance": True}), "SP", ANSWERS, chosen=("SP03",))
    agent = Act(at=NOON, by="agent-1", acting_as="m1", in_name_of="applicant", caller=an_act().caller)

    here = At(outline).opened(act=agent)

    assert here.case.mandate == "m1"
    assert {(each.acting_as, each.in_name_of) for each in here.case.pending} == {("m1", "applicant")}
