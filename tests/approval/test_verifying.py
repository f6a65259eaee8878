"""事后核查 (行政许可法 第61条; 国办发〔2020〕42号): verified, put right, rechecked, revoked."""

from datetime import date

import msgspec
import pytest

from approval.domain.refusals import (
    NothingToRecheck,
    NothingToRectify,
    NotVerifiable,
    NotYours,
    RectificationTermMissing,
    TwoPeopleNeeded,
)
from catalogue.conditions import NEVER
from catalogue.rules import Commitment, Limit, Verification
from contracts.approval import (
    PlannedReview,
    RectificationOrdered,
    RectificationRechecked,
    RevocationProposed,
    VerificationOverdue,
    VerificationPlanned,
    VerificationRecorded,
)
from testkit.facts import fact, facts, given, names, refused

from .mothers import CALENDAR, NUMBER, TODAY, Office, a_theme, an_item, planning
from .people import house, noon, of

RULE = Verification(within=Limit(days=30), rectify_within=Limit(days=10), recheck_within=Limit(days=5))
PROMISE = Commitment(materials=("lease",), verify_within=Limit(days=40), rectify_within=Limit(days=15))
DUE = CALENDAR.add(TODAY, 30)
TOLD = {"item": "SHOP", "handler": "dept-SHOP"}


def a_shop(**settings):
    return a_theme(msgspec.structs.replace(an_item("SHOP"), **settings))


def granted(theme=None, *, promised=False):
    office = Office(theme or a_shop(verification=RULE))
    command = planning(office.theme)
    reviews = (PlannedReview("SHOP", "dept-SHOP", committed=promised),)
    office.bundle.plan(msgspec.structs.replace(command, reviews=reviews), office.law(), act=of("SHOP"))
    office.supplies().grants("SHOP")
    return office


def verifies(office, *, kept=False, findings="no lease", on=TODAY, by="wang"):
    act = of("SHOP", by, noon(on))
    office.bundle.record_verification("SHOP", kept=kept, findings=findings, law=office.law(noon(on)), act=act)
    return office


def orders(office, days=None, demands="bring a lease", on=TODAY):
    office.bundle.order_rectification("SHOP", demands, days, office.law(noon(on)), act=of("SHOP", at=noon(on)))
    return office


def rechecks(office, *, passed=False, findings="still none", on=TODAY):
    act = of("SHOP", at=noon(on))
    office.bundle.record_recheck("SHOP", passed=passed, findings=findings, law=office.law(noon(on)), act=act)
    return office


class TestAGrant:
    def test_is_to_be_verified_within_the_items_own_rule(self):
        assert facts(granted().bundle)[-2] == fact(VerificationPlanned, **TOLD, due_on=DUE, basis="rule")

    def test_on_a_promise_is_to_be_verified_as_its_commitment_says(self):
        office = granted(a_shop(commitment=PROMISE, verification=RULE), promised=True)

        expected = fact(VerificationPlanned, **TOLD, due_on=CALENDAR.add(TODAY, 40), basis="promise")
        assert facts(office.bundle)[-2] == expected

    def test_may_be_verified_with_the_help_of_another_office(self):
        assisted = msgspec.structs.replace(PROMISE, verification="assisted")

        assert granted(a_shop(commitment=assisted), promised=True).bundle.checks["SHOP"].basis == "assisted_promise"

    @pytest.mark.parametrize(
        ("settings", "promised"),
        [
            ({}, False),
            ({"commitment": PROMISE}, False),
            ({"commitment": msgspec.structs.replace(PROMISE, verification="exempt")}, True),
            ({"commitment": msgspec.structs.replace(PROMISE, verify_within=None)}, True),
            ({"verification": msgspec.structs.replace(RULE, when=NEVER)}, False),
        ],
    )
    def test_is_not_verified_where_nothing_says_so(self, settings, promised):
        assert "VerificationPlanned" not in names(granted(a_shop(**settings), promised=promised).bundle)

    def test_is_what_is_verified_and_no_denial(self):
        office = Office(a_shop(verification=RULE)).accepts().supplies().denies("SHOP")

        assert "verification" not in office.bundle.timers()
        with refused(NotVerifiable, state="denied"):
            verifies(office)


class TestAVerification:
    @pytest.mark.parametrize("kept", [True, False])
    def test_is_recorded_once(self, kept):
        office = granted()
        given(office.bundle)

        verifies(verifies(office, kept=kept), kept=kept)

        assert facts(office.bundle) == [fact(VerificationRecorded, **TOLD, kept=kept, findings="no lease")]

    def test_is_for_the_handler(self):
        office = granted()

        with refused(NotYours):
            office.bundle.record_verification("SHOP", kept=True, findings="", law=office.law(), act=of("OTHER"))

    def test_may_come_unplanned_and_again_after_a_good_one(self):
        office = granted(a_shop())

        verifies(verifies(office, kept=True), kept=False)

        assert office.bundle.check("SHOP").state == "not_kept"

    def test_does_not_wipe_out_a_bad_one(self):
        with refused(NotVerifiable, state="not_kept"):
            verifies(verifies(granted()), kept=True, findings="fine now")

    def test_that_is_not_made_is_spoken_of_once(self):
        office = granted()
        given(office.bundle)
        assert office.bundle.timers()["verification"] == noon(DUE).replace(hour=16)

        for _ in range(2):
            office.bundle.remind_of_verifications(act=house(noon(date(2027, 1, 4))))

        assert facts(office.bundle) == [fact(VerificationOverdue, **TOLD, step="verification", due_on=DUE)]
        assert "verification" not in office.bundle.timers()

    def test_that_is_made_is_not_waited_for(self):
        assert "verification" not in verifies(granted(), kept=True).bundle.timers()


class TestRectification:
    def test_has_the_terms_of_the_catalogue(self):
        office = verifies(granted())
        given(office.bundle)

        orders(orders(office))

        due_on = CALENDAR.add(TODAY, 10)
        assert facts(office.bundle) == [
            fact(
                RectificationOrdered,
                **TOLD,
                demands="bring a lease",
                due_on=due_on,
                recheck_by=CALENDAR.add(due_on, 5),
            )
        ]

    def test_of_a_promise_has_the_terms_of_its_commitment(self):
        office = verifies(granted(a_shop(commitment=PROMISE, verification=RULE), promised=True))

        assert orders(office).bundle.check("SHOP").rectify_by == CALENDAR.add(TODAY, 15)
        assert office.bundle.check("SHOP").recheck_by is None

    def test_may_have_another_term(self):
        assert orders(verifies(granted()), days=3).bundle.check("SHOP").rectify_by == CALENDAR.add(TODAY, 3)

    def test_without_any_term_is_refused(self):
        with refused(RectificationTermMissing):
            orders(verifies(granted(a_shop())))

    def test_needs_something_to_put_right(self):
        for office in (granted(), verifies(granted(), kept=True), granted(a_shop())):
            with refused(NothingToRectify):
                orders(office)
        with refused(NothingToRectify):
            orders(orders(verifies(granted())), demands="and paint it")

    def test_that_is_late_is_spoken_of_step_by_step(self):
        office = orders(verifies(granted()))
        given(office.bundle)

        while timer := office.bundle.timers().get("verification"):
            office.bundle.remind_of_verifications(act=house(timer))

        assert [told["step"] for _, told in facts(office.bundle)] == ["rectification", "recheck"]


class TestARecheck:
    def test_that_is_passed_ends_it(self):
        office = orders(verifies(granted()))
        given(office.bundle)

        rechecks(rechecks(office, passed=True), passed=True)

        assert facts(office.bundle) == [fact(RectificationRechecked, **TOLD, passed=True, findings="still none")]
        assert "verification" not in office.bundle.timers()

    def test_that_is_failed_proposes_a_revocation_to_the_handler(self):
        office = orders(verifies(granted()))
        given(office.bundle)

        rechecks(rechecks(office))

        assert facts(office.bundle) == [
            fact(RectificationRechecked, **TOLD, passed=False, findings="still none"),
            fact(
                RevocationProposed,
                **TOLD,
                decision=f"{NUMBER}-SHOP",
                ground="verification_failed",
                reasons="still none",
            ),
        ]
        assert office.bundle.pending[-1].by == "system"

    def test_of_a_promise_that_is_failed_finds_it_false(self):
        office = rechecks(orders(verifies(granted(a_shop(commitment=PROMISE), promised=True))))

        assert office.bundle.proposals["SHOP"].detail == "false_promise"

    def test_leads_to_a_revocation_by_two_people_alone(self):
        office = rechecks(orders(verifies(granted())))
        law = office.law()

        with refused(TwoPeopleNeeded, by=""):
            office.bundle.approve_proposal("SHOP", law, remedy="appeal", act=of("SHOP", "li"))
        office.bundle.propose_revocation("SHOP", "verification_failed", "no lease", law, act=of("SHOP", "wang"))
        with refused(TwoPeopleNeeded, by="wang"):
            office.bundle.approve_proposal("SHOP", law, remedy="appeal", act=of("SHOP", "wang"))
        office.bundle.approve_proposal("SHOP", law, remedy="appeal", act=of("SHOP", "li"))

        assert office.status()["SHOP"] == "revoked"

    def test_needs_an_order(self):
        for office in (granted(), verifies(granted()), rechecks(orders(verifies(granted())), passed=True)):
            with refused(NothingToRecheck):
                rechecks(office, findings="again")

    def test_that_failed_may_be_followed_by_another_order(self):
        office = orders(rechecks(orders(verifies(granted()))), demands="last chance", days=2)

        assert office.bundle.check("SHOP").state == "ordered"


def test_a_grant_that_fell_has_no_verification_ahead():
    office = granted()
    office.bundle.propose_voiding("SHOP", "wrong case", "voided", office.law(), act=of("SHOP", "wang"))
    office.bundle.approve_proposal("SHOP", office.law(), remedy="", act=of("SHOP", "li"))
    assert "verification" not in office.bundle.timers()

    office.grants("SHOP", at=noon(date(2026, 8, 3)))

    assert office.bundle.check("SHOP").due_on == CALENDAR.add(date(2026, 8, 3), 30)
