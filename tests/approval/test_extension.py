"""延长审批: more time, for the statutory limit alone, by a second person and before it ends (行政许可法 第42条)."""

import pytest

from approval.domain import CaseConcluded, NotYours
from approval.domain.refusals import (
    AlreadyExtended,
    ExtensionNotRequested,
    ExtensionTooLate,
    NotExtendable,
    NotHandledJointly,
    NotLead,
    TwoPeopleNeeded,
)
from catalogue.model import ItemType
from catalogue.rules import Limit
from contracts.approval import (
    BundleWarned,
    ExtensionRefused,
    ExtensionRequested,
    JointExtended,
    JointExtensionRequested,
    ReviewExtended,
)
from testkit.facts import an_act, fact, facts, given, names, refused

from .mothers import Office, a_theme, an_item, planning
from .timekeepers import Timekeeper, begin, noon, taken_up

THEME = a_theme(an_item("ONE", promised=5, statutory=20))


def an_office(theme=THEME) -> Timekeeper:
    """Accepted on 12 February 2026: promised by the 26th, statutory by 18 March."""
    return taken_up(theme, noon("2026-02-12"))


class TestAnExtension:
    def test_is_asked_for_with_reasons(self):
        office = an_office().asks_for_time("ONE")

        assert facts(office.bundle) == [
            fact(ExtensionRequested, item="ONE", handler="dept-ONE", reasons="very difficult")
        ]
        assert str(office.due("ONE")) == "2026-03-18"

    def test_asked_for_again_is_no_news(self):
        office = an_office().asks_for_time("ONE")
        given(office.bundle)

        office.asks_for_time("ONE")

        assert facts(office.bundle) == []

    def test_adds_ten_working_days_to_the_statutory_limit_alone(self):
        office = an_office().asks_for_time("ONE").gives_time("ONE", at=noon("2026-03-18"))

        name, body = facts(office.bundle)[-1]
        assert name == ReviewExtended.__name__
        assert (body["days"], body["notice"], body["requested_by"]) == (10, "N-2", "reviewer-1")
        assert body["reasons"] == "very difficult"
        assert str(office.due("ONE")) == "2026-04-01"
        assert str(office.due("ONE", "promised")) == "2026-02-26"

    def test_moves_the_warnings_of_the_statutory_limit(self):
        office = an_office().asks_for_time("ONE").gives_time("ONE")

        reds = {mark.limit: mark.at for mark in office.bundle.reviews["ONE"].ahead if mark.level == "red"}
        assert reds == {"promised": begin("2026-02-27"), "statutory": begin("2026-04-02")}

    def test_takes_back_an_amber_that_no_longer_holds_and_says_it_again_when_it_does(self):
        office = an_office().sees(noon("2026-03-13")).asks_for_time("ONE").gives_time("ONE", at=noon("2026-03-16"))
        given(office.bundle)

        office.sees(noon("2026-03-26"))

        assert [body["level"] for _, body in facts(office.bundle)] == ["amber"]

    def test_given_again_is_no_news(self):
        office = an_office().asks_for_time("ONE").gives_time("ONE")
        given(office.bundle)

        office.gives_time("ONE", by="head-2")

        assert facts(office.bundle) == []

    def test_needs_a_second_person(self):
        with refused(TwoPeopleNeeded, item="ONE"):
            an_office().asks_for_time("ONE", by="head-1").gives_time("ONE", by="head-1")
        with refused(TwoPeopleNeeded, item="ONE"):  # a service is nobody
            an_office().asks_for_time("ONE", by="head-1").gives_time("ONE", by="service:desk")

    def test_needs_somebody_who_asks_for_it(self):
        with refused(ExtensionNotRequested, item="ONE"):
            an_office().gives_time("ONE")
        with refused(ExtensionNotRequested, item="ONE"):
            an_office().refuses_time("ONE")

    @pytest.mark.parametrize("verb", ["asks_for_time", "gives_time", "refuses_time"])
    def test_is_the_handlers_alone(self, verb):
        with refused(NotYours):
            getattr(an_office().asks_for_time("ONE"), verb)("ONE", org="dept-0")

    def test_comes_before_the_limit_ends_or_not_at_all(self):
        with refused(ExtensionTooLate):
            an_office().asks_for_time("ONE", at=noon("2026-03-19"))
        with refused(ExtensionTooLate):
            an_office().asks_for_time("ONE", at=noon("2026-03-18")).gives_time("ONE", at=noon("2026-03-19"))

    def test_comes_once(self):
        with refused(AlreadyExtended):
            an_office().asks_for_time("ONE").gives_time("ONE").asks_for_time("ONE")

    @pytest.mark.parametrize(
        "item",
        [
            an_item("ONE", prolongation=Limit(days=0)),
            an_item("ONE", statutory=None, kind=ItemType.PUBLIC_SERVICE),
            an_item("ONE", statutory=5, kind=ItemType.PUBLIC_SERVICE),
        ],
    )
    def test_is_not_for_items_that_have_nothing_to_extend(self, item):
        with refused(NotExtendable, item="ONE"):
            an_office(a_theme(item)).asks_for_time("ONE")

    def test_is_as_long_as_the_items_own_rule_says(self):  # food licences, 10+5
        office = an_office(a_theme(an_item("ONE", statutory=10, prolongation=Limit(days=5))))

        office.asks_for_time("ONE").gives_time("ONE")

        assert office.bundle.reviews["ONE"].clocks.extended_days == 5

    def test_and_a_special_procedure_go_together(self):
        office = an_office().suspends("ONE", at=noon("2026-02-13")).asks_for_time("ONE", at=noon("2026-02-13"))

        office.gives_time("ONE", at=noon("2026-02-14")).resumes("ONE", at=noon("2026-02-25"))

        assert str(office.due("ONE")) == "2026-04-07"  # thirty working days after the 12th, without three


class TestARefusedExtension:
    def test_leaves_the_limit_and_can_be_asked_for_again(self):
        office = an_office().asks_for_time("ONE").refuses_time("ONE")

        assert facts(office.bundle)[-1] == fact(ExtensionRefused, item="ONE", handler="dept-ONE", reason="be quick")
        assert str(office.due("ONE")) == "2026-03-18"
        office.asks_for_time("ONE").gives_time("ONE")
        assert str(office.due("ONE")) == "2026-04-01"

    def test_again_is_no_news(self):
        office = an_office().asks_for_time("ONE").refuses_time("ONE")
        given(office.bundle)

        office.refuses_time("ONE")

        assert facts(office.bundle) == []

    def test_needs_a_second_person(self):
        with refused(TwoPeopleNeeded):
            an_office().asks_for_time("ONE", by="head-1").refuses_time("ONE")


class TestAJointHandling:  # 行政许可法 第26条, 第42条第2款
    THEME = a_theme(an_item("ONE", statutory=20), an_item("TWO", statutory=40), joint=True)

    def an_office(self) -> Timekeeper:
        return taken_up(self.THEME, noon("2026-02-12"))

    def asks(self, office, *, by="lead-1", at="2026-02-13", org="scjg"):
        act = an_act(by, at=noon(at), org=org)
        office.bundle.request_joint_extension("so many", office.law(act.at), act=act)
        return office

    def approves(self, office, *, by="lead-2", at="2026-02-13", org="scjg", approval="G-1"):
        act = an_act(by, at=noon(at), org=org)
        office.bundle.approve_joint_extension(approval, "N-9", office.law(act.at), act=act)
        return office

    def test_has_forty_five_working_days_over_the_whole_from_the_first_acceptance(self):
        joint = self.an_office().bundle.joint

        assert (joint.days, str(joint.started_on), str(joint.due_on)) == (45, "2026-02-12", "2026-04-23")

    def test_counts_from_the_first_acceptance_also_when_that_was_deemed(self):
        office = Office(self.THEME)
        command = planning(self.THEME, accepted_on=noon("2026-02-11").date())
        office.bundle.plan(command, office.law(noon("2026-02-12")), act=an_act())

        assert str(office.bundle.joint.started_on) == "2026-02-11"

    def test_stands_still_while_any_item_is_in_a_special_procedure(self):
        office = self.an_office().suspends("ONE", at=noon("2026-02-13"))
        assert office.bundle.joint.due_on is None

        office.suspends("TWO", at=noon("2026-02-14")).resumes("ONE", at=noon("2026-02-24"))
        office.resumes("TWO", at=noon("2026-02-25"))

        assert str(office.bundle.joint.due_on) == "2026-04-28"  # three working days later

    def test_is_watched_by_the_lead(self):
        office = self.an_office()
        given(office.bundle)

        office.sees(noon("2026-05-08"))

        warned = [body for name, body in facts(office.bundle) if name == BundleWarned.__name__]
        assert [each["level"] for each in warned] == ["amber", "red", "escalated"]
        assert {each["lead"] for each in warned} == {"scjg"}
        assert office.bundle.joint_watch.warned == "escalated"

    def test_is_not_watched_any_more_once_it_is_concluded(self):
        office = self.an_office().grants("ONE", at=noon("2026-02-13")).grants("TWO", at=noon("2026-02-13"))

        assert office.bundle.timers() == {}

    def test_is_extended_by_fifteen_with_the_governments_approval(self):
        office = self.asks(self.an_office())
        assert facts(office.bundle) == [fact(JointExtensionRequested, lead="scjg", reasons="so many")]
        given(office.bundle)

        self.approves(office)

        ((name, body),) = facts(office.bundle)
        assert name == JointExtended.__name__
        assert (body["days"], body["approval"], body["notice"], body["requested_by"]) == (15, "G-1", "N-9", "lead-1")
        assert str(office.bundle.joint.due_on) == "2026-05-18"
        assert str(office.due("ONE")) == "2026-03-18"

    def test_asked_for_or_approved_again_is_no_news(self):
        office = self.asks(self.an_office())
        given(office.bundle)
        self.asks(office)
        assert facts(office.bundle) == []
        self.approves(office)
        given(office.bundle)

        self.approves(office)

        assert facts(office.bundle) == []

    def test_is_extended_by_two_people_of_the_lead_in_time_and_once(self):
        with refused(NotLead):
            self.asks(self.an_office(), org="dept-ONE")
        with refused(ExtensionNotRequested):
            self.approves(self.an_office())
        with refused(TwoPeopleNeeded):
            self.approves(self.asks(self.an_office()), by="lead-1")
        with refused(TwoPeopleNeeded):
            self.approves(self.asks(self.an_office()), by="service:desk")
        with refused(ExtensionTooLate):
            self.asks(self.an_office(), at="2026-04-24")
        with refused(AlreadyExtended):
            self.approves(self.approves(self.asks(self.an_office())), approval="G-2")
        with refused(CaseConcluded):
            self.asks(self.an_office().loses("ONE").loses("TWO"))

    def test_is_not_what_other_themes_are(self):
        office = an_office()
        assert office.bundle.joint is None
        with refused(NotHandledJointly):
            self.asks(office)
        assert names(office.bundle) == []
