"""approval running: desks, opinions, hearings, comparisons, and what happens to decisions afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from approval.domain.refusals import HeldByAnother, TwoPeopleNeeded
from approval.service import Approval
from contracts.approval import (
    ApproveProposal,
    AskOpinion,
    AssignReview,
    ClaimReview,
    Consultations,
    DropProposal,
    GiveOpinion,
    GrantReview,
    OrderRectification,
    ProposeCorrection,
    ProposeRevocation,
    ProposeVoiding,
    RecordComparison,
    RecordHearing,
    RecordRecheck,
    RecordVerification,
    ReleaseReview,
    RequestHearing,
    ScheduleHearing,
    TellHearingRight,
    WaiveHearing,
    Worklist,
)
from contracts.language import Caller
from eventing.errors import Invalid, NotFound, OneThingError
from kernel.clock import SimulatedClock
from testkit.house import House, eventually

from .county import NEWBORN, START, County
from .neighbours import Intake, Routing

HOSPITAL = NEWBORN.item("XSE01").department
POLICE = NEWBORN.item("XSE03").department


@pytest.fixture(scope="module")
def clock():
    return SimulatedClock(START)


@pytest.fixture(scope="module")
def house(tmp_path_factory, clock):
    with House([Intake, Routing, Approval], tmp_path_factory.mktemp("house"), clock=clock) as running:
        yield running


class Case:
    """A newborn's case, everything accepted and supplied; its first item is the hospital's."""

    def __init__(self, house, clock, case_id):
        self.county = County(house, clock)
        self.clock = clock
        self.id = case_id
        clock.set(START)
        self.county.supplies(case_id, *self.county.accepts(case_id))
        self.county.waits_for(case_id, "XSE01", "ready")

    def does(self, kind, by="wang", org=HOSPITAL, **body):
        at_the_window = by.startswith("clerk")
        caller = (
            Caller(by=by, hall="county", roles=("clerk",))
            if at_the_window
            else Caller(by=by, org=org, roles=("reviewer", "approver"))
        )
        return self.county.client.as_(caller).command(kind(case_id=self.id, **body)).value

    def review(self, item="XSE01"):
        return self.county.bundle(self.id)["reviews"][item]

    def desk(self, by="wang", **asked):
        client = self.county.client.as_(Caller(by=by, org=HOSPITAL, roles=("reviewer", "approver")))
        rows = client.ask(Worklist(org=HOSPITAL, limit=200, **asked))["reviews"]
        return [row["item"] for row in rows if row["case_id"] == self.id]


@pytest.fixture
def case(house, clock, request):
    return Case(house, clock, f"case of {request.node.name}")


class TestWorkLists:
    def test_tell_mine_from_what_lies_there_for_anybody(self, case):
        assert case.desk(holder="unclaimed") == ["XSE01"]

        assert case.does(ClaimReview, item="XSE01") == {"item": "XSE01", "holder": "wang"}

        assert case.desk(holder="unclaimed") == []
        assert case.desk(holder="mine") == ["XSE01"]
        assert case.desk("li", holder="mine") == []
        assert case.desk("li") == ["XSE01"]

    def test_show_what_waits_when_asked_for_it(self, case):
        waiting = {item.id for item in NEWBORN.items if item.department == HOSPITAL} - {"XSE01"}

        assert set(case.desk(state="locked")) <= waiting
        assert set(case.desk(state="undecided")) == {"XSE01", *case.desk(state="locked")}
        assert case.desk(theme="CY") == []
        with pytest.raises(Invalid):
            case.desk(state="asleep")

    def test_follow_reviews_from_desk_to_desk(self, case):
        case.does(AssignReview, by="boss", item="XSE01", holder="li")
        with pytest.raises(HeldByAnother):
            case.does(GrantReview, item="XSE01")
        case.does(ReleaseReview, by="li", item="XSE01", reason="on leave")

        assert [(move["move"], move["holder"]) for move in case.review()["desk"]] == [
            ("assigned", "li"),
            ("released", "li"),
        ]
        assert case.does(GrantReview, item="XSE01")["status"] == "granted"


class TestOpinions:
    def owed(self, case, **narrowed):
        rows = case.county.client.ask(Consultations(org=POLICE, limit=200, **narrowed))["opinions"]
        return [row for row in rows if row["case_id"] == case.id]

    def test_are_owed_until_they_are_given(self, case):
        asked = case.does(AskOpinion, item="XSE01", of=POLICE, question="is it so?", days=5)
        assert asked == {"opinion": "XSE01-1", "due_on": "2026-07-30"}
        assert [row["question"] for row in self.owed(case)] == ["is it so?"]
        assert self.owed(case, theme="XSE", item="XSE01") == self.owed(case)
        assert self.owed(case, theme="CY") == self.owed(case, item="XSE02") == self.owed(case, overdue=True) == []

        case.does(GiveOpinion, org=POLICE, by="officer", opinion="XSE01-1", answer="it is")

        assert self.owed(case) == []
        assert case.review()["opinions"]["XSE01-1"]["answer"] == "it is"

    def test_are_asked_of_organisations_that_there_are(self, case):
        with pytest.raises(NotFound):
            case.does(AskOpinion, item="XSE01", of="nobody", question="?", days=5)
        with pytest.raises(Invalid):
            case.does(AskOpinion, item="XSE01", of=POLICE, question="?", days=0)

    def test_that_are_overdue_are_spoken_of(self, case, clock):
        case.does(AskOpinion, item="XSE01", of=POLICE, question="is it so?", days=1)

        clock.set(datetime(2026, 7, 24, 16, tzinfo=UTC))

        eventually(lambda: self.owed(case)[0]["overdue"])


def test_a_hearing_from_its_right_to_its_record(case, clock):
    assert case.does(TellHearingRight, item="XSE01") == {"item": "XSE01", "until": "2026-07-30"}
    assert case.does(RequestHearing, by="clerk-1", item="XSE01") == {"item": "XSE01", "hold_by": "2026-08-20"}
    assert case.review()["state"] == "suspended"
    assert case.review()["hearing"]["wanted_by"] == ["applicant"]
    assert case.desk(state="suspended") == ["XSE01"]

    case.does(ScheduleHearing, item="XSE01", on="2026-08-03", place="room 5", presider="judge")
    clock.set(START + timedelta(days=11))
    case.does(RecordHearing, item="XSE01", record="sha256:r")

    assert case.does(GrantReview, item="XSE01")["status"] == "granted"


def test_a_right_that_nobody_uses_lapses_by_itself(case, clock):
    case.does(TellHearingRight, item="XSE01", parties=("applicant", "neighbour-1"))
    case.does(WaiveHearing, by="clerk-1", item="XSE01", party="neighbour-1")

    clock.set(datetime(2026, 7, 30, 16, tzinfo=UTC))

    eventually(lambda: case.review()["hearing"]["lapsed"])


def test_data_decide_only_where_the_catalogue_lets_them(case):
    with pytest.raises(OneThingError) as refused:
        case.does(RecordComparison, by="service:data", item="XSE01", matched=True, source="register", digest="d")

    assert refused.value.code == "not-automatic"


class TestAfterwards:
    @pytest.fixture
    def granted(self, case):
        case.does(GrantReview, item="XSE01")
        return case

    def test_a_correction_takes_two_people(self, granted):
        granted.does(ProposeCorrection, item="XSE01", correction="the name is Li")
        with pytest.raises(TwoPeopleNeeded):
            granted.does(ApproveProposal, item="XSE01")
        assert granted.review()["proposed"]["words"] == "the name is Li"

        granted.does(ApproveProposal, by="li", item="XSE01")

        (done,) = granted.review()["amendments"]
        assert (done["kind"], done["proposed_by"], done["approved_by"]) == ("correction", "wang", "li")

    def test_a_voided_decision_keeps_its_own_result(self, granted):
        granted.does(ProposeVoiding, item="XSE01", ground="another child", result="deleted")

        answer = granted.does(ApproveProposal, by="li", item="XSE01")

        assert (answer["status"], answer["verdict"]) == ("open", None)
        (fallen,) = granted.review()["fallen"]
        assert fallen["result"]["older"] == {"code": "3", "name": "删除办结(录入错误)"}
        assert granted.review()["result"]["item_status"]["code"] == "8"
        assert granted.does(GrantReview, item="XSE01")["decision"].endswith("XSE01-2")

    def test_a_failed_verification_leads_to_a_revocation_with_remedy(self, granted):
        granted.does(RecordVerification, item="XSE01", kept=False, findings="no such birth")
        ordered = granted.does(OrderRectification, item="XSE01", demands="prove it", days=5)
        assert ordered == {"item": "XSE01", "due_on": "2026-07-30"}
        granted.does(RecordRecheck, item="XSE01", passed=False, findings="not proved")
        assert granted.review()["proposed"]["by"] == ""

        granted.does(ProposeRevocation, item="XSE01", ground="verification_failed", reasons="not proved")
        answer = granted.does(ApproveProposal, by="li", item="XSE01")

        assert answer["status"] == "revoked"
        assert "行政复议" in answer["remedy"] or "12345" in answer["remedy"]
        assert granted.review()["result"]["licence"] == {"code": "03", "name": "撤销"}
        assert granted.review("XSE03")["state"] == "blocked"

    def test_what_is_dropped_is_not_done(self, granted):
        granted.does(ProposeRevocation, item="XSE01", ground="fraud", reasons="a rumour")
        granted.does(DropProposal, by="li", item="XSE01", reason="only a rumour")

        assert granted.review()["proposed"] is None
        assert granted.review()["status"] == "granted"


def test_a_bundle_tells_of_visits(case):
    assert case.county.bundle(case.id)["visits"] == {"planned": {}, "suggested": {}}
