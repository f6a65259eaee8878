"""approval running: it follows intake and routing, departments ask for their work and decide."""

from datetime import UTC, datetime, timedelta

import pytest

from approval.domain import NotYours, ReviewLocked
from approval.service import Approval
from contracts.approval import ApproveExtension, DenyReview, GrantReview, Worklist
from contracts.intake import ItemWithdrawn
from contracts.words import entries
from eventing.errors import Invalid, NotFound, OneThingError
from eventing.scoping import OutOfScope
from kernel.clock import SimulatedClock
from testkit.house import House, eventually

from .county import NEWBORN, START, County
from .neighbours import Intake, Routing


@pytest.fixture(scope="module")
def clock():
    return SimulatedClock(START)


@pytest.fixture(scope="module")
def house(tmp_path_factory, clock):
    with House([Intake, Routing, Approval], tmp_path_factory.mktemp("house"), clock=clock) as running:
        yield running


@pytest.fixture
def county(house, clock):
    clock.set(START)
    return County(house, clock)


@pytest.fixture
def case(request):
    return f"case of {request.node.name}"


def test_a_case_goes_from_its_acceptance_to_its_verdict(county, case):
    items = county.accepts(case)
    county.supplies(case, *items)
    county.waits_for(case, "XSE01", "ready")

    for item in ("XSE01", "XSE02", "XSE03", "XSE04", "XSE05", "XSE06"):
        county.grants(case, item)
    answer = (
        county.reviewer("XSE07").command(DenyReview(case_id=case, item="XSE07", reasons="the course is full")).value
    )

    assert answer["verdict"] == "partly"
    assert "12345" in answer["remedy"]
    assert county.bundle(case)["verdict"] == "partly"
    assert county.desk("zcjg", case) == []


def test_a_case_of_which_there_is_only_news_is_not_found(county, case):
    county.supplies(case, "XSE01")

    def refused():
        try:
            county.reviewer("XSE01").command(GrantReview(case_id=case, item="XSE01"), attempts=1)
        except NotFound as error:
            return error.data["what"] == "bundle"
        return False

    eventually(refused)
    with pytest.raises(NotFound):
        county.reviewer("XSE01").command(ApproveExtension(case_id=case, item="XSE01"), attempts=1)


def test_what_routing_was_faster_with_is_not_forgotten(county, case):
    county.supplies(case, "XSE01")
    items = county.accepts(case)

    county.waits_for(case, "XSE01", "ready")

    assert {county.bundle(case)["reviews"][item]["state"] for item in items[1:]} == {"locked"}


def test_a_bundle_tells_what_it_waits_for_and_how_its_limits_were_derived(county, case):
    county.accepts(case)
    county.waits_for(case, "XSE01", "open")

    bundle = county.bundle(case)

    assert bundle["reviews"]["XSE04"]["waiting_for"] == ["XSE03"]
    assert bundle["reviews"]["XSE04"]["clocks"] == {}
    promised = bundle["reviews"]["XSE01"]["clocks"]["promised"]
    assert (promised["started_on"], promised["due_on"], promised["days"]) == ("2026-07-23", "2026-07-24", 1)
    assert promised["derivation"].startswith("2026-07-24：自2026-07-23次日起1个工作日")
    assert promised["derived_again_on"] is None


def test_refusals_come_back_as_what_they_are(county, case):
    county.accepts(case)
    county.waits_for(case, "XSE01", "open")

    with pytest.raises(ReviewLocked) as locked:
        county.grants(case, "XSE04")
    with pytest.raises(OutOfScope):
        county.reviewer("XSE04").command(GrantReview(case_id=case, item="XSE01"))
    with pytest.raises(NotFound):
        county.grants("no such case", "XSE01")

    assert locked.value.data["waiting_for"] == ["XSE03"]
    assert locked.value.data["names"]["XSE03"] == NEWBORN.item("XSE03").name


def test_a_withdrawal_takes_an_item_off_the_desk(county, case):
    items = county.accepts(case)
    county.supplies(case, *items)
    county.waits_for(case, "XSE01", "ready")

    county.happens("intake", case, ItemWithdrawn, item="XSE01", reason="")

    county.waits_for(case, "XSE01", "gone")
    assert [review["item"] for review in county.desk("zcjg", case)] == ["XSE02"]


class TestAWorkList:
    def test_begins_with_what_is_due_first_and_goes_on_where_a_page_ended(self, county, clock, case):
        # accepted on Friday, Thursday and Monday; the promise is one working day
        days = {f"{case} {n}": START + timedelta(days=n) for n in (1, 0, 4)}
        for name, day in days.items():
            clock.set(day)
            county.supplies(name, *county.accepts(name))
            county.waits_for(name, "XSE01", "ready")

        pages, after = [], ""
        while True:
            page = county.client.ask(Worklist(org="zcjg", limit=1, after=after))
            pages += page["reviews"]
            after = page["after"]
            if not after:
                break

        assert [(r["case_id"], r["due_on"]) for r in county.desk("zcjg", *days)] == [
            (f"{case} 0", "2026-07-24"),
            (f"{case} 1", "2026-07-27"),
            (f"{case} 4", "2026-07-28"),
        ]
        whole = county.client.ask(Worklist(org="zcjg", limit=200))["reviews"]
        # warnings may come between two questions; which reviews there are, and in which order, does not change
        assert [(r["case_id"], r["item"]) for r in pages] == [(r["case_id"], r["item"]) for r in whole]

    def test_can_be_sorted_by_number_and_narrowed_to_one_item(self, county, case):
        for name in (f"{case} 1", f"{case} 2"):
            county.supplies(name, *county.accepts(name))
            county.waits_for(name, "XSE01", "ready")

        def listed(**asked):
            rows = county.client.ask(Worklist(org="zcjg", item="XSE01", limit=200, **asked))["reviews"]
            return [row["number"] for row in rows if row["case_id"].startswith(case)]

        assert listed(sort="oldest") == [f"number of {case} 1", f"number of {case} 2"]
        assert listed(sort="newest") == listed(sort="oldest")[::-1]
        assert listed(warned="red") == []

    def test_refuses_a_cursor_that_is_none(self, county):
        with pytest.raises(Invalid):
            county.client.ask(Worklist(org="zcjg", after="yesterday"))


def test_warnings_come_when_their_time_does(county, clock, case):
    county.accepts(case)
    county.waits_for(case, "XSE01", "open")
    assert county.bundle(case)["reviews"]["XSE01"]["warned"] == ""

    clock.set(datetime(2026, 7, 23, 16, tzinfo=UTC))
    eventually(lambda: county.bundle(case)["reviews"]["XSE01"]["warned"] == "amber")

    clock.set(datetime(2026, 7, 24, 16, tzinfo=UTC))
    eventually(lambda: county.bundle(case)["reviews"]["XSE01"]["warned"] == "red")


def test_every_refusal_has_words():
    mine = [error for error in OneThingError._known.values() if error.__module__.startswith("approval.")]

    assert NotYours in mine
    assert {error.code for error in mine} <= entries().keys()
