"""approval running: what moves the clocks, and what intake tells it later."""

from datetime import UTC, datetime

import pytest

from approval.domain import NotYours
from approval.domain.refusals import ProcedureUnknown
from approval.service import Approval
from catalogue import load
from contracts.approval import (
    ApproveExtension,
    GrantReview,
    RederiveClocks,
    RequestExtension,
    ResumeReview,
    SuspendReview,
)
from contracts.intake import (
    Acceptance,
    ItemsAccepted,
    ItemsJoined,
    ItemsReturned,
    Origin,
    OriginConcluded,
    PlannedItem,
    ToleranceLapsed,
    ToleranceSupplemented,
    Tolerated,
    WithdrawalRequested,
)
from contracts.language import Caller
from eventing.errors import Invalid, NotFound
from kernel.clock import SimulatedClock
from testkit.house import House, eventually

from .neighbours import Intake, Routing
from .test_rederiving import another
from .test_service import County

CATALOGUE = load("990102")
SHOP = CATALOGUE.theme("CY")
START = datetime(2026, 2, 12, 2, tzinfo=UTC)
FOOD, DEPARTMENT = "CY03", SHOP.item("CY03").department


class ShopCounty(County):
    """A shop's case: the licence was there before, the check of it and the food permit are wanted."""

    def accepts(self, case_id, *items, standings=None, **each):
        plan = {item.id: "not_needed" for item in SHOP.items} | {
            "CY01": "satisfied",
            "CY02": "selected",
            FOOD: "selected",
        }
        plan |= standings or {}
        items = items or tuple(item for item, standing in plan.items() if standing == "selected")
        self.happens(
            "intake",
            case_id,
            ItemsAccepted,
            number=f"number of {case_id}",
            theme="CY",
            catalogue=CATALOGUE.version,
            region="990102",
            hall="county",
            window="w1",
            items=tuple(
                Acceptance(item, SHOP.item(item).department, "g", 1, "x", "n", **(each if item == FOOD else {}))
                for item in items
            ),
            plan=tuple(PlannedItem(item, standing) for item, standing in plan.items()),
            materials=(),
            answers={"licence": "yes"},
        )
        self.supplies(case_id, *items)
        return items

    def by(self, name):
        return self.client.as_(Caller(by=name, org=DEPARTMENT, roles=("reviewer", "approver")))

    def food(self, case_id):
        return self.bundle(case_id)["reviews"][FOOD]


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
    return ShopCounty(house, clock)


@pytest.fixture
def case(request):
    return f"case of {request.node.name}"


def opened(county, case, **each):
    """The food permit can be decided."""
    county.accepts(case, **each)
    county.waits_for(case, "CY02", "ready")
    check = county.client.as_(Caller(by="checker", org=SHOP.item("CY02").department, roles=("reviewer", "approver")))
    check.command(GrantReview(case_id=case, item="CY02"))
    county.waits_for(case, FOOD, "ready")


def test_a_special_procedure_goes_from_its_notice_to_its_result(county, clock, case):
    opened(county, case)
    before = county.food(case)["clocks"]["statutory"]["due_on"]

    suspension = SuspendReview(case_id=case, item=FOOD, procedure="testing", reason="water", expected_days=3)
    answer = county.by("food-1").command(suspension).value
    assert answer["status"] == "suspended"
    assert answer["clocks"]["statutory"]["derivation_en"].startswith("not yet known")
    review = county.food(case)
    assert review["clocks"]["statutory"]["due_on"] is None
    (told,) = review["suspensions"]
    assert told["notice"].endswith("特字〔2026〕1号")
    assert told["name"] == {"zh": "检测", "en": "testing"}

    clock.set(datetime(2026, 2, 25, 2, tzinfo=UTC))
    county.by("food-1").command(ResumeReview(case_id=case, item=FOOD, procedure="testing", result="clean"))
    review = county.food(case)
    assert review["state"] == "ready"
    assert review["clocks"]["statutory"]["due_on"] > before
    assert "suspended from 2026-02-13 to 2026-02-24" in review["clocks"]["statutory"]["derivation_en"]
    assert "扣除2026-02-13至2026-02-24中止计时" in review["clocks"]["statutory"]["derivation"]


def test_a_procedure_that_nobody_knows_is_refused(county, case):
    opened(county, case)
    said = {"case_id": case, "item": FOOD, "reason": "because", "expected_days": 3}

    with pytest.raises(ProcedureUnknown) as unknown:
        county.by("food-1").command(SuspendReview(procedure="astrology", **said))
    assert "testing" in unknown.value.data["known"]
    with pytest.raises(NotFound):
        county.by("food-1").command(SuspendReview(procedure="testing", **said | {"item": "CY99"}))
    with pytest.raises(Invalid):
        county.by("food-1").command(SuspendReview(procedure="testing", **said | {"expected_days": 0}))
    with pytest.raises(Invalid):
        county.by("food-1").command(SuspendReview(procedure="testing", **said | {"reason": ""}))
    with pytest.raises(NotYours):
        county.client.command(SuspendReview(procedure="testing", **said))


def test_an_extension_is_asked_for_and_given_by_two_people(county, case):
    opened(county, case)
    before = county.food(case)["clocks"]["statutory"]

    county.by("food-1").command(RequestExtension(case_id=case, item=FOOD, reasons="a big kitchen"))
    answer = county.by("food-2").command(ApproveExtension(case_id=case, item=FOOD)).value

    assert answer["extension"]["notice"].endswith("延字〔2026〕1号")
    after = county.food(case)
    assert after["clocks"]["statutory"]["due_on"] > before["due_on"]
    assert after["clocks"]["statutory"]["extended_days"] > 0
    assert "of extension" in after["clocks"]["statutory"]["derivation_en"]
    assert (after["extension"]["code"], after["extension"]["requested_by"]) == ("1", "food-1")


def test_a_case_tells_when_the_whole_is_due_and_where_there_is_slack(county, case):
    opened(county, case)

    bundle = county.bundle(case)

    assert bundle["lead"] == SHOP.lead
    assert bundle["critical_path"] == [FOOD]
    assert bundle["due_on"] == bundle["reviews"][FOOD]["due_on"]
    assert (bundle["reviews"][FOOD]["slack"], bundle["reviews"][FOOD]["critical"]) == (0, True)


def test_items_are_joined_to_a_concluded_case(county, case):
    opened(county, case)
    county.by("food-1").command(GrantReview(case_id=case, item=FOOD))
    eventually(lambda: county.bundle(case)["verdict"] == "granted")
    plan = {"CY01": "satisfied", "CY02": "selected", FOOD: "selected", "CY04": "selected"}

    joined = tuple(PlannedItem(item, standing) for item, standing in plan.items())
    county.happens("intake", case, ItemsJoined, items=("CY04",), answers={"licence": "yes", "sign": "yes"}, plan=joined)

    eventually(lambda: county.bundle(case)["verdict"] is None)
    assert county.bundle(case)["reviews"]["CY04"]["state"] == "awaited"


def test_what_was_underway_elsewhere_is_waited_for(county, case):
    county.accepts(case, "CY02", standings={"CY01": "underway"})
    county.waits_for(case, "CY02", "locked")

    origin = Origin("CY01", "granted", "L-1")
    county.happens("intake", case, OriginConcluded, item="CY01", outcome="granted", origin=origin)

    county.waits_for(case, "CY02", "ready")


@pytest.mark.parametrize("settled", [True, False])
def test_what_was_tolerated_is_settled_or_lapses(county, case, settled):
    opened(county, case, tolerated=(Tolerated("m", START.date()),))
    county.by("food-1").command(GrantReview(case_id=case, item=FOOD))
    assert county.food(case)["status"] == "granted_tolerant"

    county.happens("intake", case, ToleranceSupplemented, item=FOOD, materials=(), settled=False)
    if settled:
        county.happens("intake", case, ToleranceSupplemented, item=FOOD, materials=(), settled=True)
    else:
        county.happens("intake", case, ToleranceLapsed, item=FOOD, missing=("m",))

    county.waits_for(case, FOOD, "granted" if settled else "gone")


def test_a_request_to_take_an_item_back_is_answered(county, case):
    opened(county, case)

    county.happens("intake", case, WithdrawalRequested, item=FOOD, reason="")

    county.waits_for(case, FOOD, "gone")
    assert county.food(case)["reason"] == "withdrawn"


def test_items_that_are_returned_have_no_reviews(county, case):
    county.accepts(case, "CY02")
    county.waits_for(case, "CY02", "ready")

    county.happens("intake", case, ItemsReturned, items=(FOOD,), reason="given_up")

    eventually(lambda: county.food(case)["reason"] == "returned")


def test_another_calendar_moves_open_deadlines_by_itself_and_says_which(tmp_path, clock):
    clock.set(START)
    with House([Intake, Routing, Approval], tmp_path, clock=clock) as running:
        county = ShopCounty(running, clock)
        opened(county, "moving")
        before = county.food("moving")["clocks"]["statutory"]
        assert before["derived_again_on"] is None
        same = county.client.command(RederiveClocks(case_id="moving")).value
        assert same["moved"] == []

    class Later(Approval):
        """The next release, which has a local holiday in its calendar."""

        calendar = another("2026-02-25")

    with House([Intake, Routing, Later], tmp_path, clock=clock) as running:
        county = ShopCounty(running, clock)
        eventually(lambda: county.food("moving")["clocks"]["statutory"]["calendar"] == Later.calendar.version)
        after = county.food("moving")["clocks"]["statutory"]
        assert after["due_on"] > before["due_on"]
        assert after["derived_again_on"] is None
