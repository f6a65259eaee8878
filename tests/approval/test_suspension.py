"""特别程序: special procedures whose time is not counted (行政许可法 第45条)."""

from datetime import date

import pytest

from approval.domain import AlreadyDecided, InSpecialProcedure, NotYours, ReviewLocked
from approval.domain.refusals import NotSuspended, SuspensionTooLong
from approval.wording import procedures_of
from catalogue.rules import Limit, SpecialProcedure
from contracts.approval import ReviewResumed, ReviewSuspended, SuspensionOverran
from testkit.facts import facts, given, names, refused

from .mothers import SHOP, a_theme, an_item
from .timekeepers import Timekeeper, begin, noon, taken_up

# accepted on Thursday, 12 February 2026: promised by the 26th, statutory by 18 March
THEME = a_theme(an_item("ONE", promised=5, statutory=20))


def an_office() -> Timekeeper:
    return taken_up(THEME, noon("2026-02-12"))


def days(office: Timekeeper) -> tuple[str, str]:
    return str(office.due("ONE", "promised")), str(office.due("ONE", "statutory"))


class TestASuspension:
    def test_is_recorded_with_its_written_notice_and_how_long_the_applicant_was_told_it_takes(self):
        office = an_office()

        office.suspends("ONE", days=5, at=noon("2026-02-13"))

        ((name, body),) = facts(office.bundle)
        assert name == ReviewSuspended.__name__
        assert (body["procedure"], body["notice"], body["started_on"]) == ("appraisal", "N-1", "2026-02-13")
        assert (body["expected_days"], body["expected_on"]) == (5, "2026-02-26")
        assert body["clocks"]["statutory_due"] is body["clocks"]["promised_due"] is None

    def test_leaves_the_clocks_unknown_and_silent_until_it_ends(self):
        office = an_office().suspends("ONE", at=noon("2026-02-13"))

        assert days(office) == ("None", "None")
        assert not office.bundle.reviews["ONE"].ahead
        assert set(office.bundle.timers()) == {"overrun"}

    def test_moves_both_clocks_by_the_working_days_that_it_took(self):
        office = an_office().suspends("ONE", at=noon("2026-02-13"))

        office.resumes("ONE", at=noon("2026-02-25"))

        # not counted: the 13th, the working Saturday the 14th, and the 24th, after the holiday
        assert days(office) == ("2026-03-02", "2026-03-23")
        assert [(m.level, m.limit) for m in office.bundle.reviews["ONE"].ahead][:2] == [
            ("amber", "promised"),
            ("red", "promised"),
        ]

    def test_that_ends_on_the_day_it_began_moves_nothing(self):
        office = an_office().suspends("ONE", at=noon("2026-02-13")).resumes("ONE", at=noon("2026-02-13"))

        assert days(office) == ("2026-02-26", "2026-03-18")

    def test_after_the_promise_was_broken_moves_the_statutory_limit_alone(self):
        office = an_office().sees(begin("2026-02-27"))
        assert office.bundle.reviews["ONE"].warned == "red"

        office.suspends("ONE", at=noon("2026-02-27"))

        assert days(office) == ("2026-02-26", "None")
        assert office.bundle.reviews["ONE"].warned == "red"

    def test_does_not_take_back_what_supervision_has_said_nor_lets_it_say_it_again(self):
        office = an_office().sees(begin("2026-02-26"))
        assert office.bundle.reviews["ONE"].warned == "amber"
        office.suspends("ONE", at=noon("2026-02-27")).resumes("ONE", at=noon("2026-03-02"))
        given(office.bundle)

        office.sees(noon("2026-03-02"))

        # the promise ended on the 26th, before the pause: red is said, amber is not said again
        assert [(body["level"], body["limit"]) for _, body in facts(office.bundle) if "limit" in body] == []
        assert [body["level"] for _, body in facts(office.bundle)] == ["red"]

    def test_of_another_kind_may_run_beside_it_and_the_clocks_wait_for_both(self):
        office = an_office().suspends("ONE", at=noon("2026-02-13")).suspends("ONE", "testing", at=noon("2026-02-14"))

        office.resumes("ONE", at=noon("2026-02-24"))
        assert office.status() == {"ONE": "suspended"}
        assert days(office) == ("None", "None")

        office.resumes("ONE", "testing", at=noon("2026-02-25"))
        assert office.status() == {"ONE": "open"}
        assert days(office) == ("2026-03-02", "2026-03-23")

    def test_again_is_no_news(self):
        office = an_office().suspends("ONE")
        given(office.bundle)

        office.suspends("ONE")

        assert facts(office.bundle) == []

    def test_keeps_the_department_from_deciding(self):
        with refused(InSpecialProcedure, item="ONE", procedures=["appraisal"]):
            an_office().suspends("ONE").grants("ONE")

    def test_does_not_keep_the_applicant_from_leaving(self):
        office = an_office().suspends("ONE").takes_back("ONE")

        assert office.status() == {"ONE": "gone"}
        assert office.bundle.timers() == {}

    def test_is_the_handlers_alone(self):
        with refused(NotYours):
            an_office().suspends("ONE", org="dept-0")

    def test_is_not_for_reviews_that_have_not_begun_or_are_over(self):
        with refused(ReviewLocked):
            taken_up(SHOP).suspends("FOOD")
        with refused(AlreadyDecided):
            an_office().grants("ONE", at=noon("2026-02-12")).suspends("ONE")

    def test_is_no_longer_than_the_catalogue_lets_it_be(self):
        site = SpecialProcedure(id="site", name="site", longest=Limit(days=3))
        office = taken_up(a_theme(an_item("ONE", special_procedures=(site,))))

        with refused(SuspensionTooLong, procedure="site", longest=3):
            office.suspends("ONE", "site", days=4)
        office.suspends("ONE", "site", days=3)

        assert office.status() == {"ONE": "suspended"}

    @pytest.mark.parametrize(
        "named",
        ["hearing", "tender", "auction", "inspection", "testing", "quarantine", "appraisal", "expert_review"],
    )
    def test_is_known_to_every_item_for_what_the_law_names(self, named):  # 行政许可法 第45条
        assert procedures_of(THEME.item("ONE"))[named].source == "行政许可法 第45条"


class TestAResumption:
    def test_is_recorded_with_its_result(self):
        office = an_office().suspends("ONE", at=noon("2026-02-13"))
        given(office.bundle)

        office.resumes("ONE", at=noon("2026-02-25"), result="genuine")

        ((name, body),) = facts(office.bundle)
        assert name == ReviewResumed.__name__
        assert (body["procedure"], body["result"], body["resumed_on"]) == ("appraisal", "genuine", "2026-02-25")

    def test_again_is_no_news(self):
        office = an_office().suspends("ONE").resumes("ONE")
        given(office.bundle)

        office.resumes("ONE")

        assert facts(office.bundle) == []

    def test_of_what_was_never_suspended_is_refused(self):
        with refused(NotSuspended, procedure="appraisal"):
            an_office().resumes("ONE")
        with refused(NotSuspended, procedure="testing"):
            an_office().suspends("ONE").resumes("ONE", "testing")

    def test_is_the_handlers_alone(self):
        with refused(NotYours):
            an_office().suspends("ONE").resumes("ONE", org="dept-0")


class TestASuspensionThatTakesLongerThanWasTold:
    def test_becomes_a_matter_of_supervision_once_and_names_the_lead(self):
        office = an_office().suspends("ONE", days=5, at=noon("2026-02-13"))
        given(office.bundle)
        assert office.bundle.timers() == {"overrun": begin("2026-02-27")}

        office.sees(begin("2026-02-27")).sees(noon("2026-12-01"))

        assert names(office.bundle) == [SuspensionOverran.__name__]
        assert facts(office.bundle)[0][1] | {"expected_on": ""} == {
            "item": "ONE",
            "handler": "dept-ONE",
            "procedure": "appraisal",
            "expected_on": "",
            "lead": "scjg",
        }
        assert office.bundle.reviews["ONE"].pauses[0].expected_on == date(2026, 2, 26)

    def test_is_none_when_it_came_to_its_result_in_time(self):
        office = an_office().suspends("ONE", days=5, at=noon("2026-02-13")).resumes("ONE", at=noon("2026-02-26"))

        assert "overrun" not in office.bundle.timers()
