"""听证 (行政许可法 第46—48条): the right, the request, the notice, the presider, the record."""

from datetime import date

import msgspec

from approval.domain import ExtendBundle
from approval.domain.refusals import (
    AlreadyDecided,
    HearingNotHeld,
    HearingNoticeTooShort,
    HearingNotRequested,
    HearingOpen,
    HearingOver,
    HearingPartyUnknown,
    HearingRequestLate,
    HearingRightUntold,
    HearingTooLate,
    InSpecialProcedure,
    NotYours,
    PresiderIsExaminer,
    ReviewLocked,
)
from contracts.approval import (
    HearingHeld,
    HearingOverdue,
    HearingRequested,
    HearingRightLapsed,
    HearingRightTold,
    HearingScheduled,
    HearingWaived,
)
from testkit.facts import fact, facts, given, names, refused

from .mothers import CALENDAR, SHOP, TODAY, Office, a_theme, an_item
from .people import at_window, house, noon, of

HEARD = a_theme(msgspec.structs.replace(an_item("BIG", statutory=20, promised=20), hearing=True), an_item("SMALL"))
UNTIL = date(2026, 7, 30)
"""Five working days after Thursday, 23 July 2026."""
HOLD_BY = date(2026, 8, 20)
"""Twenty working days after it."""
EARLIEST = date(2026, 8, 3)
"""Seven working days after it."""
LATER = date(2026, 7, 31)
"""The first day on which nobody can ask any more."""


class Case:
    """An item whose catalogue asks for a hearing, accepted and supplied; every step on a day of its own."""

    def __init__(self, theme=HEARD, item="BIG"):
        self.office = Office(theme).accepts().supplies()
        self.bundle = self.office.bundle
        self.item = item
        given(self.bundle)

    def tells(self, *parties, on=TODAY, by="wang"):
        law = self.office.law(noon(on))
        self.bundle.tell_hearing_right(
            self.item, parties or ("applicant",), "n-1", law, act=of(self.item, by, noon(on))
        )
        return self

    def requests(self, party="applicant", on=TODAY):
        self.bundle.request_hearing(self.item, party, "letter-1", self.office.law(noon(on)), act=at_window(at=noon(on)))
        return self

    def waives(self, party="applicant", on=TODAY):
        self.bundle.waive_hearing(self.item, party, self.office.law(noon(on)), act=at_window(at=noon(on)))
        return self

    def schedules(self, day=EARLIEST, presider="judge", on=TODAY, place="room 5"):
        law = self.office.law(noon(on))
        self.bundle.schedule_hearing(self.item, day, place, presider, law, act=of(self.item, at=noon(on)))
        return self

    def records(self, on=EARLIEST, record="sha256:r"):
        self.bundle.record_hearing(self.item, record, self.office.law(noon(on)), act=of(self.item, at=noon(on)))
        return self

    def grants(self, on=TODAY, by="wang"):
        self.bundle.grant(self.item, "", self.office.law(noon(on)), act=of(self.item, by, noon(on)))
        return self

    def denies(self, on=TODAY, by="wang"):
        law = self.office.law(noon(on))
        self.bundle.deny(self.item, "no", law, remedy="appeal", act=of(self.item, by, noon(on)))
        return self

    def passes(self, on):
        self.bundle.remind_of_hearings(act=house(noon(on)))
        return self

    @property
    def status(self):
        return self.bundle.reviews[self.item].status.value


def test_no_decision_before_the_right_was_told():
    with refused(HearingRightUntold, item="BIG"):
        Case().grants()
    with refused(HearingRightUntold, item="BIG"):
        Case().denies()


def test_an_item_whose_catalogue_does_not_ask_for_it_is_decided_without():
    assert Case(item="SMALL").grants().office.status()["SMALL"] == "granted"


def test_whatever_the_catalogue_says_a_right_that_was_told_counts():
    with refused(HearingOpen):
        Case(item="SMALL").tells().grants()


class TestTelling:
    def test_gives_the_parties_five_working_days(self):
        case = Case().tells("applicant", "neighbour-1")

        assert facts(case.bundle) == [
            fact(
                HearingRightTold,
                item="BIG",
                handler="dept-BIG",
                parties=("applicant", "neighbour-1"),
                until=UNTIL,
                notice="n-1",
            )
        ]

    def test_who_knows_again_is_no_news(self):
        case = Case().tells("applicant")
        given(case.bundle)

        assert facts(case.tells("applicant", on=LATER).bundle) == []

    def test_another_party_begins_the_term_anew(self):
        case = Case().tells("applicant")

        case.tells("neighbour-1", on=date(2026, 7, 27))

        assert case.bundle.hearings["BIG"].parties == ("applicant", "neighbour-1")
        assert case.bundle.hearings["BIG"].until == date(2026, 8, 3)

    def test_is_for_the_handler(self):
        with refused(NotYours):
            Case().bundle.tell_hearing_right("BIG", ("applicant",), "", Office(HEARD).law(), act=of("SMALL"))

    def test_waits_until_the_review_has_begun(self):
        office = Office(SHOP).accepts()
        with refused(ReviewLocked):
            office.bundle.tell_hearing_right("FOOD", ("applicant",), "", office.law(), act=of("FOOD"))

    def test_is_too_late_after_the_decision_and_after_the_hearing(self):
        with refused(AlreadyDecided):
            Case(item="SMALL").grants().tells()
        with refused(HearingOver):
            Case().tells().requests().schedules().records().tells("neighbour-1", on=EARLIEST)


class TestTheTerm:
    def test_keeps_the_decision_waiting(self):
        with refused(HearingOpen, item="BIG", until=UNTIL):
            Case().tells().grants()
        with refused(HearingOpen, item="BIG"):
            Case().tells().denies(on=UNTIL)

    def test_lets_it_go_when_it_has_ended(self):
        assert Case().tells().denies(on=LATER).status == "denied"

    def test_that_ends_unused_is_recorded(self):
        case = Case().tells()
        given(case.bundle)
        assert case.bundle.timers()["hearing"] == noon(UNTIL).replace(hour=16)

        case.passes(on=LATER)

        assert facts(case.bundle) == [fact(HearingRightLapsed, item="BIG", handler="dept-BIG")]
        assert "hearing" not in case.bundle.timers()

    def test_is_not_spoken_of_early(self):
        case = Case().tells()
        given(case.bundle)

        assert facts(case.passes(on=UNTIL).bundle) == []

    def test_ends_for_who_waives(self):
        case = Case().tells()
        given(case.bundle)

        case.waives().grants()

        assert facts(case.bundle)[0] == fact(HearingWaived, item="BIG", handler="dept-BIG", party="applicant")
        assert case.status == "granted"
        assert "hearing" not in case.bundle.timers()

    def test_goes_on_for_who_does_not(self):
        with refused(HearingOpen):
            Case().tells("applicant", "neighbour-1").waives("applicant").grants()

    def test_waived_again_is_no_news(self):
        case = Case().tells().waives()
        given(case.bundle)

        assert facts(case.waives().bundle) == []

    def test_does_not_run_for_strangers(self):
        with refused(HearingPartyUnknown, party="neighbour-1"):
            Case().tells().waives("neighbour-1")
        with refused(HearingPartyUnknown):
            Case().requests()


class TestARequest:
    def test_stops_the_clocks_and_has_a_limit(self):
        case = Case().tells()
        given(case.bundle)

        case.requests()

        requested, suspended = facts(case.bundle)
        assert requested == fact(HearingRequested, item="BIG", handler="dept-BIG", party="applicant", hold_by=HOLD_BY)
        assert suspended[0] == "ReviewSuspended"
        assert (suspended[1]["procedure"], suspended[1]["notice"]) == ("hearing", "letter-1")
        assert case.status == "suspended"

    def test_again_is_no_news(self):
        case = Case().tells().requests()
        given(case.bundle)

        assert facts(case.requests().bundle) == []

    def test_of_a_second_party_keeps_the_limit_of_the_first(self):
        case = Case().tells("applicant", "neighbour-1").requests("applicant")

        case.requests("neighbour-1", on=date(2026, 7, 27))

        assert case.bundle.hearings["BIG"].hold_by == HOLD_BY
        assert names(case.bundle).count("ReviewSuspended") == 1

    def test_after_the_term_is_refused(self):
        with refused(HearingRequestLate, item="BIG", until=UNTIL):
            Case().tells().requests(on=LATER)

    def test_after_the_decision_or_the_hearing_is_refused(self):
        with refused(AlreadyDecided):
            Case().tells().waives().grants().requests()
        with refused(HearingOver):
            Case().tells("applicant", "b").requests().schedules().records().requests("b", on=EARLIEST)

    def test_after_a_waiver_counts_while_the_term_runs(self):
        assert Case().tells().waives().requests().bundle.hearings["BIG"].is_wanted

    def test_keeps_the_decision_waiting_after_the_term_too(self):
        with refused(InSpecialProcedure):
            Case().tells().requests().grants(on=LATER)

    def test_that_is_taken_back_lets_the_clocks_go_on(self):
        case = Case().tells().requests()
        given(case.bundle)

        case.waives(on=LATER)

        assert names(case.bundle) == ["HearingWaived", "ReviewResumed"]
        assert case.grants(on=LATER).status == "granted"


class TestAHearing:
    def test_is_scheduled_seven_working_days_ahead(self):
        case = Case().tells().requests()
        given(case.bundle)

        case.schedules()

        assert facts(case.bundle) == [
            fact(HearingScheduled, item="BIG", handler="dept-BIG", on=EARLIEST, place="room 5", presider="judge")
        ]

    def test_scheduled_so_again_is_no_news(self):
        case = Case().tells().requests().schedules()
        given(case.bundle)

        assert facts(case.schedules().bundle) == []

    def test_can_be_moved(self):
        case = Case().tells().requests().schedules().schedules(HOLD_BY)

        assert case.bundle.hearings["BIG"].on == HOLD_BY

    def test_with_too_short_a_notice_is_refused(self):
        with refused(HearingNoticeTooShort, earliest=EARLIEST):
            Case().tells().requests().schedules(date(2026, 7, 31))

    def test_after_its_limit_is_refused(self):
        with refused(HearingTooLate, latest=HOLD_BY):
            Case().tells().requests().schedules(date(2026, 8, 21))

    def test_comes_late_only_where_the_notice_leaves_no_other_day(self):
        today = date(2026, 8, 18)
        case = Case().tells().requests()

        with refused(HearingTooLate, latest=CALENDAR.add(today, 7)):
            case.schedules(CALENDAR.add(today, 8), on=today)
        case.schedules(CALENDAR.add(today, 7), on=today)

        assert facts(case.bundle)[-1][1]["late"] is True

    def test_is_not_presided_over_by_who_examines(self):
        case = Case().tells().requests()
        case.bundle.assign("BIG", "li", "", case.office.law(), act=of("BIG", "boss"))
        case.bundle.release("BIG", "", case.office.law(), act=of("BIG", "li"))

        with refused(PresiderIsExaminer, presider="li"):
            case.schedules(presider="li")

    def test_whose_presider_decides_is_refused(self):
        case = Case().tells().requests().schedules().records()

        with refused(PresiderIsExaminer, presider="judge"):
            case.grants(on=EARLIEST, by="judge")
        assert case.grants(on=EARLIEST).status == "granted"

    def test_that_nobody_asked_for_is_not_scheduled(self):
        with refused(HearingNotRequested):
            Case().tells().schedules()
        with refused(HearingNotRequested):
            Case().tells().requests().waives().schedules()

    def test_that_is_late_is_spoken_of_once(self):
        case = Case().tells().requests()
        given(case.bundle)

        case.passes(on=date(2026, 8, 21)).passes(on=date(2026, 8, 24))

        assert facts(case.bundle) == [fact(HearingOverdue, item="BIG", handler="dept-BIG", hold_by=HOLD_BY)]
        assert "hearing" not in case.bundle.timers()


class TestTheRecord:
    def test_ends_the_hearing_and_the_clocks_go_on(self):
        case = Case().tells().requests().schedules()
        given(case.bundle)

        case.records()

        held, resumed = facts(case.bundle)
        assert held == fact(
            HearingHeld, item="BIG", handler="dept-BIG", on=EARLIEST, presider="judge", record="sha256:r"
        )
        assert (resumed[0], resumed[1]["procedure"]) == ("ReviewResumed", "hearing")

    def test_takes_the_time_of_the_hearing_out_of_the_clocks(self):
        case = Case().tells()
        before = case.bundle.reviews["BIG"].clocks.statutory_due

        case.requests().schedules().records()

        # not counted: the six working days from 24 to 31 July; the day of the request is day 0, the record's day counts
        assert CALENDAR.count(before, case.bundle.reviews["BIG"].clocks.statutory_due) == 6

    def test_again_is_no_news_and_another_is_refused(self):
        case = Case().tells().requests().schedules().records()
        given(case.bundle)

        assert facts(case.records().bundle) == []
        with refused(HearingOver):
            case.records(record="sha256:other")

    def test_of_what_was_not_held_is_refused(self):
        with refused(HearingNotHeld, on=None):
            Case().tells().requests().records()
        with refused(HearingNotHeld, on=EARLIEST):
            Case().tells().requests().schedules().records(on=TODAY)

    def test_ends_what_waivers_could_do(self):
        with refused(HearingOver):
            Case().tells().requests().schedules().records().waives(on=EARLIEST)


def test_a_withdrawn_item_has_no_hearing_ahead():
    case = Case().tells()
    case.office.loses("BIG")

    assert "hearing" not in case.bundle.timers()


def test_an_item_that_is_applied_for_anew_has_its_right_told_anew():
    case = Case().tells().requests().schedules().records()
    case.office.loses("BIG")
    standings = {"BIG": "selected", "SMALL": "selected"}
    extending = ExtendBundle(case_id="case-1", items=("BIG",), standings=standings, answers={})

    case.bundle.extend(extending, case.office.law(), act=house(noon(LATER)))
    case.office.accepts("BIG").supplies()

    with refused(HearingRightUntold):
        case.grants()
