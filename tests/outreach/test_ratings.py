"""好差评: one rating a handling, by the applicant; a bad one is verified, put right, told and looked at again."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from catalogue.rules import Limit
from contracts.language import Act, Caller
from contracts.outreach import (
    AppealRating,
    CountRatings,
    FeedBackRating,
    GetRatings,
    Handled,
    ListRatings,
    RateHandling,
    RecheckRating,
    RectifyRating,
    VerifyRating,
)
from eventing.errors import NotFound, OneThingError
from eventing.printed import Codes
from kernel.digests import canonical
from kernel.workdays import WorkingCalendar
from outreach.domain.rating import ALLOWED, Ratings, Step
from outreach.domain.refusals import (
    AccountMissing,
    AppealedAlready,
    IndicatorUnknown,
    JudgeInvolved,
    NoAppeal,
    NothingHandled,
    NotOwnCase,
    NotRated,
    NotResponsible,
    RatedAlready,
    StepNotDue,
)
from testkit.facts import NOON, an_act, facts, given, names, refused, replayed
from testkit.replica import Replica

from .mothers import APPLICANT, CLERK, HEAD, NUMBER, closed, handed_over

CALENDAR = WorkingCalendar.official()
VISIT = Handled("acceptance-3", "acceptance", "county", "w1", "clerk-7", True, NOON)
ONLINE = Handled("case", "case", "county", "w1", "", False, NOON)
COLLEAGUE = an_act("head-1")


def rated(grade: Any = 5, ratings: Ratings | None = None, *, handled: Handled = VISIT, **more: Any) -> Ratings:
    ratings = ratings or Ratings("c1")
    parts: dict[str, Any] = {
        "channel": "code",
        "indicators": {},
        "key_id": "",
        "comment": None,
        "catalogue": "v1",
        "limit": Limit(days=5, source="S58c"),
        "calendar": CALENDAR,
        "act": an_act("applicant", hall=""),
    }
    ratings.rate(handled, grade, **{**parts, **more})
    return ratings


def bad() -> Ratings:
    return given(rated(5))


def at_recheck() -> Ratings:
    ratings = bad()
    ratings.verify("acceptance-3", "founded", "等候过长", act=an_act())
    ratings.rectify("acceptance-3", "增开窗口", act=an_act())
    ratings.feed_back("acceptance-3", True, True, act=an_act())
    return given(ratings)


def test_a_good_rating_is_recorded_and_nothing_follows() -> None:
    assert facts(rated(2, indicators={"attitude": 1})) == [
        (
            "RatingGiven",
            {
                "handling": "acceptance-3",
                "grade": 2,
                "channel": "code",
                "on_site": True,
                "hall": "county",
                "window": "w1",
                "staff": "clerk-7",
                "indicators": {"attitude": 1},
                "catalogue": "v1",
            },
        )
    ]


@pytest.mark.parametrize("grade", [4, 5])
def test_a_bad_rating_is_to_be_put_right_within_the_localitys_working_days(grade: int) -> None:
    ratings = rated(grade)

    assert names(ratings) == ["RatingGiven", "RectificationOpened"]
    assert ratings.ratings["acceptance-3"].due_on == date(2026, 7, 30)


@pytest.mark.parametrize(("grade", "handled"), [(1, VISIT), (3, ONLINE)])
def test_a_handling_is_rated_once(grade: Any, handled: Handled) -> None:
    ratings = given(rated(grade, handled=handled))

    with refused(RatedAlready, grade=grade):
        rated(5, ratings, handled=handled)
    assert facts(ratings) == []


@pytest.mark.parametrize(("handled", "indicator"), [(VISIT, "operability"), (ONLINE, "attitude")])
def test_online_and_at_a_counter_other_things_are_graded(handled: Handled, indicator: Any) -> None:
    with refused(IndicatorUnknown, indicators=[indicator]):
        rated(1, handled=handled, indicators={indicator: 1})


def test_a_bad_rating_is_settled_step_by_step() -> None:
    ratings = at_recheck()

    ratings.recheck("acceptance-3", True, "", act=COLLEAGUE)

    assert facts(ratings) == [
        ("RatingRechecked", {"handling": "acceptance-3", "passed": True}),
        ("RectificationClosed", {"handling": "acceptance-3", "outcome": "rectified", "in_time": True}),
    ]
    assert ratings.timers() == {}


def test_what_does_not_pass_is_rectified_again() -> None:
    ratings = at_recheck()

    ratings.recheck("acceptance-3", False, "仍未增开", act=COLLEAGUE)

    assert ratings.ratings["acceptance-3"].step is Step.RECTIFY


def test_what_has_no_ground_is_explained_and_needs_no_change() -> None:
    ratings = bad()
    ratings.verify("acceptance-3", "unfounded", "当日无排队", act=an_act())
    ratings.feed_back("acceptance-3", False, None, act=an_act())
    ratings.feed_back("acceptance-3", True, False, act=an_act())
    ratings.recheck("acceptance-3", True, "", act=COLLEAGUE)

    settled = ratings.ratings["acceptance-3"]
    assert (settled.calls, settled.is_reached, settled.is_satisfied, settled.outcome) == (2, True, False, "explained")


def test_who_worked_on_it_does_not_judge_it() -> None:
    with refused(JudgeInvolved):
        at_recheck().recheck("acceptance-3", True, "", act=an_act())


def test_the_hall_that_handled_it_answers_for_it() -> None:
    with refused(NotResponsible, hall="county"):
        bad().verify("acceptance-3", "founded", "x", act=an_act(hall="street"))


def test_the_phone_desk_calls_back_for_every_hall_and_does_nothing_else_for_it() -> None:
    agent = Act(by="agent-1", at=NOON, caller=Caller(by="agent-1", roles=("hotline",)))
    ratings = at_recheck()
    with refused(NotResponsible, hall="county"):
        ratings.feed_back("acceptance-3", True, True, act=an_act(hall="street"))
    with refused(NotResponsible, hall="county"):
        bad().verify("acceptance-3", "founded", "x", act=agent)

    ratings.feed_back("acceptance-3", True, True, act=agent)

    assert facts(ratings) == [
        ("RatingFedBack", {"handling": "acceptance-3", "reached": True, "satisfied": True}),
    ]


def test_a_step_that_is_not_due_is_refused() -> None:
    with refused(StepNotDue, step="verify"):
        bad().rectify("acceptance-3", "x", act=an_act())
    with refused(NotRated):
        given(rated(1)).verify("acceptance-3", "founded", "x", act=an_act())


@pytest.mark.parametrize("passed", [" ", ""])
def test_every_step_is_put_into_words(passed: str) -> None:
    with refused(AccountMissing):
        bad().verify("acceptance-3", "founded", passed, act=an_act())
    with refused(AccountMissing):
        at_recheck().recheck("acceptance-3", False, passed, act=COLLEAGUE)


def test_an_appeal_that_is_upheld_strikes_the_rating() -> None:
    ratings = bad()
    ratings.appeal("acceptance-3", "malicious", "同一人连评十次", act=an_act())
    ratings.appeal("acceptance-3", "malicious", "再说一遍", act=an_act())
    ratings.decide_appeal("acceptance-3", True, "属实", act=COLLEAGUE)

    assert names(ratings) == ["RatingAppealed", "AppealDecided", "RectificationClosed"]
    assert ratings.ratings["acceptance-3"].is_struck


def test_an_appeal_that_is_dismissed_lets_the_steps_go_on_and_is_made_once() -> None:
    ratings = bad()
    with refused(NoAppeal):
        ratings.decide_appeal("acceptance-3", True, "x", act=COLLEAGUE)
    ratings.appeal("acceptance-3", "mistaken", "点错", act=an_act())
    with refused(JudgeInvolved):
        ratings.decide_appeal("acceptance-3", True, "x", act=an_act())
    ratings.decide_appeal("acceptance-3", False, "不成立", act=COLLEAGUE)

    assert ratings.ratings["acceptance-3"].step is Step.VERIFY
    with refused(AppealedAlready):
        ratings.appeal("acceptance-3", "malicious", "x", act=an_act())


class RatingWalk(RuleBasedStateMachine):
    """One bad rating: no step leaves the table, and the replay is the live state."""

    def __init__(self) -> None:
        super().__init__()
        self.ratings = rated(4)

    def try_(self, verb: str, *arguments: Any, by: str) -> None:
        before = self.ratings.ratings["acceptance-3"].step
        length = len(self.ratings.pending)
        try:
            getattr(self.ratings, verb)("acceptance-3", *arguments, act=an_act(by))
            assert verb in ALLOWED[before]
        except OneThingError:
            assert len(self.ratings.pending) == length

    @rule(finding=st.sampled_from(["founded", "no_basis", "unfounded"]), by=st.sampled_from(["a", "b"]))
    def verify(self, finding: Any, by: str) -> None:
        self.try_("verify", finding, "x", by=by)

    @rule(by=st.sampled_from(["a", "b"]))
    def rectify(self, by: str) -> None:
        self.try_("rectify", "x", by=by)

    @rule(reached=st.booleans(), by=st.sampled_from(["a", "b"]))
    def feed_back(self, reached: bool, by: str) -> None:
        self.try_("feed_back", reached, None, by=by)

    @rule(passed=st.booleans(), by=st.sampled_from(["a", "b", "c"]))
    def recheck(self, passed: bool, by: str) -> None:
        self.try_("recheck", passed, "x", by=by)

    @invariant()
    def it_is_replayed_to_the_same(self) -> None:
        assert canonical(replayed(self.ratings, self.ratings.pending).state()) == canonical(self.ratings.state())
        is_closed = self.ratings.ratings["acceptance-3"].step is Step.CLOSED
        assert is_closed == (not self.ratings.timers())


TestRatingWalk = RatingWalk.TestCase
TestRatingWalk.settings = settings(max_examples=30, stateful_step_count=12, deadline=None)


# the service


def rating(handling: str = "acceptance-3", grade: Any = 5, **more: Any) -> RateHandling:
    return RateHandling(**{"case_id": "c1", "handling": handling, "grade": grade, "channel": "code", **more})


def test_only_the_applicant_rates_signed_in_or_by_the_receipts_code(desk: Replica) -> None:
    code = Codes(b"c" * 32).code("receipt", NUMBER)
    for caller, receipt in (
        (CLERK, ""),
        (Caller(by="x", subject="index-2"), ""),
        (CLERK, "YJS-1.AAAA"),
        (CLERK, Codes(b"c" * 32).code("place", NUMBER)),
    ):
        with refused(NotOwnCase):
            desk.command(rating(receipt=receipt), caller=caller)

    desk.command(rating(grade=1), caller=APPLICANT)
    desk.follow("certificate", ("c1", 4, handed_over()))
    desk.command(rating("hand_over-4", 2, receipt=code), caller=Caller(by="tablet"))

    told = desk.ask(GetRatings(case_id=NUMBER), APPLICANT)
    assert [each["handling"] for each in told["handlings"]] == ["acceptance-3", "hand_over-4"]
    assert [each["grade"] for each in told["ratings"]] == [1, 2]


def test_only_what_was_handled_is_rated(desk: Replica) -> None:
    with refused(NothingHandled):
        desk.command(rating("case"), caller=APPLICANT)
    with refused(NotFound):
        desk.command(rating(case_id="c9"), caller=APPLICANT)

    desk.follow("intake", ("c1", 9, closed()))
    (answer,) = desk.command(rating("case", indicators={"convenience": 4}), caller=APPLICANT)
    assert (answer["step"], answer["due_on"]) == ("verify", "2026-08-13")


def test_the_same_command_again_is_the_same_answer(desk: Replica) -> None:
    first = desk.command(rating(), caller=APPLICANT, ids=["r1"])

    assert desk.command(rating(), caller=APPLICANT, ids=["r1"]) == first
    with refused(RatedAlready):
        desk.command(rating(), caller=APPLICANT)


def test_what_is_said_in_words_is_sealed_and_read_by_the_hall_alone(desk: Replica) -> None:
    desk.command(rating(comment="王某态度差"), caller=APPLICANT)

    assert all("王某" not in fact.state.decode() for fact in desk.log())
    assert desk.ask(GetRatings(case_id="c1", personal=True), CLERK)["ratings"][0]["comment"] == "王某态度差"
    assert desk.ask(GetRatings(case_id="c1"), APPLICANT)["ratings"][0]["comment"] is None
    for stranger in (Caller(by="x", hall="street", roles=("clerk",)), Caller(by="y")):
        with refused(NotOwnCase):
            desk.ask(GetRatings(case_id="c1", personal=True), stranger)


def test_a_limit_that_passes_is_told_once(desk: Replica) -> None:
    desk.command(rating(), caller=APPLICANT)
    desk.clock.advance(timedelta(days=60))

    assert desk.engine.fire(desk.store.due(desk.clock.now(), range(16), 10)) == 1
    assert desk.store.due(desk.clock.now(), range(16), 10) == []
    (late,) = desk.ask(ListRatings(overdue=True))["ratings"]
    assert (late["handling"], late["overdue"]) == ("acceptance-3", True)


def test_a_case_closed_once_more_was_handled_as_a_whole_when_it_first_was(desk: Replica) -> None:
    desk.follow("intake", ("c1", 9, closed()), ("c1", 12, closed(at=NOON + timedelta(days=40))))
    desk.follow("intake", ("c1", 15, closed(at=NOON + timedelta(days=80))))

    then = desk.ask(CountRatings(begins=date(2026, 7, 1), ends=date(2026, 7, 31)))
    later = desk.ask(CountRatings(begins=date(2026, 8, 1), ends=date(2026, 12, 31)))

    assert (then["handlings"], later["handlings"]) == (2, 0)


def test_ratings_are_listed_page_by_page_and_counted(desk: Replica) -> None:
    desk.follow("certificate", ("c1", 4, handed_over()))
    desk.follow("intake", ("c1", 9, closed()))
    desk.command(rating(grade=5), rating("hand_over-4", 1, indicators={"attitude": 2}), caller=APPLICANT)
    for command in (
        VerifyRating(case_id="c1", handling="acceptance-3", finding="founded", account="等候过长"),
        RectifyRating(case_id="c1", handling="acceptance-3", measures="增开窗口"),
        FeedBackRating(case_id="c1", handling="acceptance-3", reached=True, satisfied=True),
    ):
        desk.command(command, caller=CLERK)
    desk.command(RecheckRating(case_id="c1", handling="acceptance-3", passed=True), caller=HEAD)

    page = desk.ask(ListRatings(hall="county", limit=1))
    rest = desk.ask(ListRatings(hall="county", limit=1, after=page["after"]))
    assert {page["ratings"][0]["handling"], rest["ratings"][0]["handling"]} == {"acceptance-3", "hand_over-4"}
    told = desk.ask(CountRatings(begins=date(2026, 7, 1), ends=date(2026, 7, 31), hall="county"))
    assert told == {
        "handlings": 3,
        "rated": 2,
        "grades": {"1": 1, "5": 1},
        "bad": 1,
        "settled": 1,
        "settled_in_time": 1,
        "called_back": 1,
        "reached": 1,
        "overdue": 0,
        "indicators": {"attitude": {"2": 1}},
    }


def test_an_appeal_waits_in_the_list_until_it_is_decided(desk: Replica) -> None:
    desk.command(rating(), caller=APPLICANT)
    desk.command(AppealRating(case_id="c1", handling="acceptance-3", ground="mistaken", account="点错"), caller=CLERK)

    assert [each["appeal"] for each in desk.ask(ListRatings(appealed=True))["ratings"]] == ["mistaken"]


def test_what_was_found_and_done_is_told_to_those_who_settle_it_and_not_to_who_rated(desk: Replica) -> None:
    desk.command(rating(), caller=APPLICANT)
    same = {"case_id": "c1", "handling": "acceptance-3"}
    desk.command(VerifyRating(**same, finding="founded", account="等候过长"), caller=CLERK)
    desk.command(RectifyRating(**same, measures="增开窗口"), caller=CLERK)
    desk.command(AppealRating(**same, ground="malicious", account="屡次差评"), caller=CLERK)

    (told,) = desk.ask(GetRatings(case_id="c1"), CLERK)["ratings"]
    assert (told["finding_account"], told["measures"], told["appeal_account"]) == ("等候过长", "增开窗口", "屡次差评")
    code = Codes(b"c" * 32).code("receipt", NUMBER)
    for caller, receipt in ((APPLICANT, ""), (Caller(by="x"), code)):
        (told,) = desk.ask(GetRatings(case_id="c1", receipt=receipt), caller)["ratings"]
        assert told["finding"] == "founded"
        assert not {"finding_account", "measures", "appeal_account"} & told.keys()
