"""联合踏勘: one visit serves all the items that share a word (行政许可法 第34条第3款)."""

from datetime import date

import msgspec
import pytest

from approval.domain.refusals import (
    AlreadyDecided,
    InspectorsMissing,
    NotVisitedTogether,
    NotVisiting,
    NotYours,
    VisitAhead,
    VisitOutstanding,
    VisitOver,
    VisitPlanKept,
    VisitResultsMissing,
)
from catalogue.model import ItemType
from contracts.approval import JointVisitPlanned, JointVisitRecorded, VisitDispensed, VisitResult
from eventing.errors import NotFound
from testkit.facts import fact, facts, given, refused

from .mothers import Office, a_theme, an_item, needs
from .people import noon, of


def seen_with(word, item):
    return msgspec.structs.replace(item, joint_visit=word)


UTILITIES = a_theme(
    seen_with("site", an_item("ROAD")),
    seen_with("site", an_item("WATER", kind=ItemType.PUBLIC_SERVICE)),
    seen_with("site", an_item("GAS", kind=ItemType.PUBLIC_SERVICE)),
    an_item("PAPER"),
)
DAY = date(2026, 7, 28)
PASSED = VisitResult(passed=True, findings="sha256:f")
EVERYBODY = {"dept-ROAD": ("wang", "li"), "dept-WATER": ("zhao",), "dept-GAS": ("qian",)}


@pytest.fixture
def office():
    made = Office(UTILITIES).accepts().supplies()
    given(made.bundle)
    return made


def plans(office, *items, on=DAY, word="site", by="ROAD"):
    return office.bundle.plan_visit(word, items, on, office.law(), act=of(by))


def records(office, visit="site-1", *, inspectors=None, results=None, on=DAY, by="ROAD"):
    waiting = office.bundle.waiting(visit) if visit in office.bundle.visits else ()
    office.bundle.record_visit(
        visit,
        EVERYBODY if inspectors is None else inspectors,
        dict.fromkeys(waiting, PASSED) if results is None else results,
        office.law(noon(on)),
        act=of(by, at=noon(on)),
    )


class TestPlanning:
    def test_takes_everything_that_shares_the_word(self, office):
        assert plans(office) == "site-1"

        assert facts(office.bundle) == [
            fact(
                JointVisitPlanned,
                visit="site-1",
                word="site",
                items=("ROAD", "WATER", "GAS"),
                on=DAY,
                orgs=("dept-ROAD", "dept-WATER", "dept-GAS"),
            )
        ]

    def test_the_same_again_is_no_news(self, office):
        plans(office)
        given(office.bundle)

        assert plans(office) == "site-1"
        assert facts(office.bundle) == []

    def test_another_day_moves_it(self, office):
        plans(office)

        assert plans(office, on=date(2026, 7, 30)) == "site-1"
        assert office.bundle.visits["site-1"].on == date(2026, 7, 30)

    def test_more_items_join_it_and_none_falls_out(self, office):
        plans(office, "ROAD", "WATER")

        with refused(VisitPlanKept, items=["WATER"]):
            plans(office, "ROAD", "GAS")
        assert plans(office, "ROAD", "WATER", "GAS") == "site-1"

    def test_what_is_not_visited_together_is_refused(self, office):
        with refused(NotVisitedTogether, word="site", items=["PAPER"]):
            plans(office, "ROAD", "PAPER")
        with refused(NotFound):
            plans(office, word="elsewhere")

    def test_is_for_who_takes_part(self, office):
        with refused(NotVisiting):
            plans(office, by="PAPER")
        with refused(NotVisiting):
            plans(office, "WATER", "GAS", by="ROAD")

    def test_leaves_out_what_is_decided(self, office):
        office.grants("GAS")

        plans(office)

        assert office.bundle.visits["site-1"].items == ("ROAD", "WATER")


class TestDeciding:
    def test_waits_for_a_visit_that_is_planned(self, office):
        plans(office)

        with refused(VisitOutstanding, item="ROAD", visit="site-1", on=DAY):
            office.grants("ROAD")
        with refused(VisitOutstanding):
            office.denies("GAS")

    def test_needs_none_where_none_is_planned(self, office):
        assert office.grants("ROAD").status()["ROAD"] == "granted"

    def test_goes_on_after_the_visit(self, office):
        plans(office)
        records(office)

        assert office.grants("ROAD").denies("GAS").status()["ROAD"] == "granted"

    def test_of_items_outside_the_visit_does_not_wait(self, office):
        plans(office, "ROAD", "WATER")

        assert office.grants("GAS").grants("PAPER").status()["GAS"] == "granted"


class TestRecording:
    def test_serves_all_items_at_once(self, office):
        plans(office)
        given(office.bundle)

        records(office)

        assert facts(office.bundle) == [
            fact(
                JointVisitRecorded,
                visit="site-1",
                inspectors=EVERYBODY,
                results={"ROAD": PASSED, "WATER": PASSED, "GAS": PASSED},
            )
        ]

    def test_again_is_no_news_and_otherwise_is_refused(self, office):
        plans(office)
        results = dict.fromkeys(("ROAD", "WATER", "GAS"), PASSED)
        records(office, results=results)
        given(office.bundle)

        records(office, results=results)
        with refused(VisitOver):
            records(office, results={**results, "GAS": VisitResult(passed=False)})

        assert facts(office.bundle) == []

    def test_an_office_sends_two_people_and_a_provider_one(self, office):
        plans(office)

        with refused(InspectorsMissing, needed={"dept-ROAD": 2}):
            records(office, inspectors={**EVERYBODY, "dept-ROAD": ("wang",)})
        with refused(InspectorsMissing, needed={"dept-ROAD": 2}):
            records(office, inspectors={**EVERYBODY, "dept-ROAD": ("wang", "wang")})
        with refused(InspectorsMissing, needed={"dept-GAS": 1}):
            records(office, inspectors={o: p for o, p in EVERYBODY.items() if o != "dept-GAS"})

    def test_tells_a_result_for_each_item_and_no_other(self, office):
        plans(office)

        with refused(VisitResultsMissing, items=["GAS"]):
            records(office, results={"ROAD": PASSED, "WATER": PASSED})
        with refused(VisitResultsMissing, items=["PAPER"]):
            records(office, results=dict.fromkeys(("ROAD", "WATER", "GAS", "PAPER"), PASSED))

    def test_before_its_day_is_refused(self, office):
        plans(office)

        with refused(VisitAhead, on=DAY):
            records(office, on=date(2026, 7, 27))

    def test_is_for_who_was_there(self, office):
        plans(office)

        with refused(NotVisiting):
            records(office, by="PAPER")
        with refused(NotFound):
            records(office, visit="site-9")


class TestDispensing:
    def test_lets_the_item_be_decided_without(self, office):
        plans(office)
        given(office.bundle)

        office.bundle.dispense_visit("GAS", "seen last week", office.law(), act=of("GAS"))
        office.grants("GAS")

        assert facts(office.bundle)[0] == fact(
            VisitDispensed, visit="site-1", item="GAS", handler="dept-GAS", reason="seen last week"
        )
        assert office.bundle.waiting("site-1") == ("ROAD", "WATER")

    def test_where_no_visit_is_planned_is_no_news(self, office):
        office.bundle.dispense_visit("GAS", "?", office.law(), act=of("GAS"))

        assert facts(office.bundle) == []

    def test_is_for_the_handler(self, office):
        plans(office)

        with refused(NotYours):
            office.bundle.dispense_visit("GAS", "?", office.law(), act=of("ROAD"))

    def test_of_what_is_decided_is_refused(self, office):
        office.grants("GAS")

        with refused(AlreadyDecided):
            office.bundle.dispense_visit("GAS", "?", office.law(), act=of("GAS"))

    def test_of_the_last_item_ends_the_visit(self, office):
        plans(office, "GAS", by="GAS")
        office.bundle.dispense_visit("GAS", "?", office.law(), act=of("GAS"))

        with refused(VisitOver):
            records(office, by="GAS")
        assert plans(office) == "site-2"


def test_an_item_waits_for_the_visit_that_was_planned_last():
    items = (an_item("A"), an_item("B", needs("A")), an_item("X"))
    office = Office(a_theme(*(seen_with("site", item) for item in items))).accepts().supplies()
    assert plans(office, "B", by="B") == "site-1"
    office.denies("A")
    assert plans(office, by="X") == "site-2"
    office.bundle.propose_voiding("A", "wrong", "voided", office.law(), act=of("A", "wang"))
    office.bundle.approve_proposal("A", office.law(), remedy="", act=of("A", "li"))
    assert (office.bundle.waiting("site-1"), office.bundle.waiting("site-2")) == (("B",), ("X",))

    plans(office, by="A")

    assert (office.bundle.waiting("site-1"), office.bundle.waiting("site-2")) == (("A", "B", "X"), ())


def test_it_is_suggested_to_go_together_where_nothing_is_planned(office):
    assert office.bundle.could_be_visited_together(UTILITIES) == {"site": ("ROAD", "WATER", "GAS")}

    office.grants("ROAD")
    assert office.bundle.could_be_visited_together(UTILITIES) == {"site": ("WATER", "GAS")}

    plans(office, by="GAS")
    assert office.bundle.could_be_visited_together(UTILITIES) == {}
