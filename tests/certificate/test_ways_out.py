"""Ways out: agreed with the applicant; by window, post, locker or electronically; only at the exit."""

from datetime import date

import pytest

from certificate.domain import (
    AddressMissing,
    CheckUnfit,
    DispatchIncomplete,
    IdentityUnchecked,
    NotOnTheWay,
    NotTheExit,
    OutputLeft,
    PackageAway,
    Place,
    RefusalUnwitnessed,
    Status,
)
from contracts.certificate import (
    CollectionReminded,
    DeliveryOverdue,
    OutputAgreed,
    PackageAssembled,
    PackageDispatched,
    PackageHandedOver,
    PackageRecalled,
)
from contracts.language import Sealed
from eventing.errors import NotFound
from testkit.facts import fact, facts, given, names, refused

from .mothers import FOOD_IN_FIVE, TRADE, Exit

TEN_DAYS_ON = date(2026, 8, 6)
FIVE_DAYS_ON = date(2026, 7, 30)


def an_exit(mode="itemised", *issued) -> Exit:
    """Taken up, these items issued; what comes now counts."""
    leaving = Exit(mode).plans().issues(*issued)
    given(leaving.output)
    return leaving


def posting(*issued) -> Exit:
    """The applicant agreed to the post."""
    leaving = Exit().plans().issues(*issued).agrees(method="post", address="云岭县1号")
    given(leaving.output)
    return leaving


class TestTheAgreement:
    def test_is_recorded_with_a_sealed_address(self):
        leaving = an_exit().agrees(mode="integrated", method="post", address="云岭县1号")

        (agreed,) = leaving.output.pending
        assert isinstance(agreed, OutputAgreed)
        assert (agreed.mode, agreed.method, agreed.address_index) == ("integrated", "post", "index of 云岭县1号")
        assert isinstance(agreed.address, Sealed)

    def test_the_same_again_is_no_news(self):
        leaving = an_exit().agrees(method="post", address="云岭县1号")
        given(leaving.output)

        leaving.agrees(method="post", address="云岭县1号").agrees(method="post").agrees()

        assert facts(leaving.output) == []

    def test_to_the_post_needs_an_address(self):
        with refused(AddressMissing):
            an_exit().agrees(method="post")

    def test_is_made_at_the_exit(self):
        with refused(NotTheExit, exit="county"):
            an_exit().at(hall="street").agrees(method="locker")

    def test_comes_too_late_when_everything_has_left(self):
        leaving = an_exit("itemised", "FOOD").concludes().hands_over()

        with refused(OutputLeft):
            leaving.agrees(method="locker")

    def test_can_be_made_for_a_new_edition_after_everything_else_has_left(self):
        leaving = an_exit("itemised", "FOOD").concludes().hands_over().corrects("FOOD")

        leaving.agrees(method="post", address="云岭县1号").posts("FOOD.2").confirms("FOOD.2")

        assert leaving.output.packages["FOOD.2"].method == "post"

    def test_lets_go_of_a_comprehensive_licence_as_a_package_of_the_theme(self):
        leaving = Exit("integrated", TRADE).plans().issues("OPEN", "FOOD").concludes().reopens("SMOKE")
        leaving.corrects("FOOD")

        leaving.agrees(mode="itemised")

        assert set(leaving.output.packages) == {"CY", "CY.2", "FOOD"}

    def test_to_take_each_result_as_it_is_ready_lets_go_of_what_was_kept(self):
        leaving = an_exit("integrated", "OPEN", "SIGN").agrees(mode="itemised")

        assert [body["package"] for name, body in facts(leaving.output) if name == "PackageAssembled"] == [
            "OPEN",
            "SIGN",
        ]

    def test_to_take_all_at_once_keeps_what_comes_and_leaves_what_lies_ready(self):
        leaving = an_exit("itemised", "SIGN").agrees(mode="integrated").issues("OPEN").concludes()

        packages = {name: package.certificates for name, package in leaving.output.packages.items()}
        assert packages == {"SIGN": ("SIGN.opinion",), "CY": ("OPEN.licence", "OPEN.stamp")}


class TestPartlyEarly:
    """部分先出: what no other item of the case builds on goes out early, the rest together."""

    def test_what_nothing_builds_on_leaves_early(self):
        leaving = an_exit("early").issues("OPEN", "SIGN", "FOOD")

        assert list(leaving.output.packages) == ["SIGN", "FOOD"]

    def test_the_rest_leaves_together_with_the_verdict(self):
        leaving = an_exit("early", "OPEN", "SIGN", "FOOD").concludes()

        assert [f for f in facts(leaving.output) if f[0] == "PackageAssembled"] == [
            fact(
                PackageAssembled,
                package="CY",
                certificates=("OPEN.licence", "OPEN.stamp"),
                due_on=TEN_DAYS_ON,
                remind_on=TEN_DAYS_ON,
            )
        ]

    def test_what_builds_on_it_counts_only_as_part_of_the_case(self):
        leaving = Exit("early").plans("OPEN", "SIGN").issues("OPEN")

        assert list(leaving.output.packages) == ["OPEN"]


class TestDenied:
    """行政许可法 第38条第2款: granted ones are delivered, with the denial's document and remedies."""

    def test_an_item_yields_a_numbered_document_with_reasons_and_remedy(self):
        leaving = an_exit("integrated").denies("FOOD")

        ((name, body),) = facts(leaving.output)
        assert name == "CertificateIssued"
        wanted = ("certificate", "kind", "title", "number", "reasons", "remedy")
        assert {key: body[key] for key in wanted} == {
            "certificate": "FOOD.denial",
            "kind": "decision",
            "title": "不予行政许可决定书",
            "number": "不准-FOOD",
            "reasons": "场所不符",
            "remedy": "可以复议",
        }

    def test_again_is_no_news(self):
        leaving = an_exit().denies("FOOD")
        given(leaving.output)

        assert facts(leaving.denies("FOOD").output) == []

    @pytest.mark.parametrize("mode", ["itemised", "early"])
    def test_items_hold_no_granted_one_back(self, mode):
        leaving = an_exit(mode).issues("SIGN").denies("FOOD").hands_over()

        assert [p.place for p in leaving.output.packages.values()] == [Place.HANDED_OVER] * 2

    def test_items_leave_in_the_one_package(self):
        leaving = an_exit("integrated", "OPEN").denies("FOOD").concludes("partly")

        assert leaving.output.packages["CY"].certificates == ("OPEN.licence", "OPEN.stamp", "FOOD.denial")

    def test_alone_they_are_handed_over_before_the_case_is_complete(self):
        leaving = an_exit().denies("FOOD").concludes("denied")
        assert leaving.output.status is Status.CONCLUDED

        assert leaving.hands_over().output.status is Status.COMPLETED


class TestTheExit:
    """一端口出件: only the exit of the case hands over."""

    @pytest.mark.parametrize("step", ["hands_over", "is_refused"])
    def test_is_the_only_place_to_take_results(self, step):
        leaving = an_exit("itemised", "FOOD").at(hall="street")

        with refused(NotTheExit, exit="county"):
            getattr(leaving, step)()

    def test_is_the_only_place_to_send_them_from(self):
        leaving = posting("FOOD").posts("FOOD").at(hall="street")

        for step in (leaving.posts, leaving.puts_into_locker, leaving.confirms, leaving.recalls):
            with refused(NotTheExit, exit="county"):
                step("FOOD")

    def test_may_be_the_service_itself(self):
        leaving = an_exit("itemised", "FOOD").at(hall="", by="service:gateway").hands_over()

        assert names(leaving.output) == ["PackageHandedOver"]

    def test_is_no_counter_for_what_is_electronic(self):
        leaving = an_exit("itemised", "FOOD").at(hall="")

        with refused(NotTheExit):
            leaving.hands_over()
        assert names(leaving.hands_over(method="electronic", check="account").output) == ["PackageHandedOver"]
        with refused(NotTheExit):
            leaving.issues("SIGN").at(hall="street").hands_over(method="electronic")

    def test_is_anywhere_where_the_case_knows_none(self):
        leaving = Exit().plans(hall="").issues("FOOD").at(hall="street")

        assert leaving.hands_over().output.packages["FOOD"].place is Place.HANDED_OVER


class TestTheIdentityCheck:
    @pytest.mark.parametrize(
        ("method", "check"),
        [
            ("window", "document"),
            ("window", "mandate"),
            ("post", "signed"),
            ("locker", "code"),
            ("electronic", "account"),
        ],
    )
    def test_of_a_fitting_kind_is_recorded(self, method, check):
        leaving = an_exit("itemised", "FOOD").hands_over(method=method, check=check)

        assert facts(leaving.output)[0][1]["check"] == check

    @pytest.mark.parametrize(
        ("method", "check"), [("window", "code"), ("locker", "document"), ("electronic", "signed")]
    )
    def test_of_another_kind_says_nothing(self, method, check):
        with refused(CheckUnfit, method=method, check=check):
            an_exit("itemised", "FOOD").hands_over(method=method, check=check)

    def test_under_a_mandate_is_an_act_under_it(self):
        leaving = an_exit("itemised", "FOOD").hands_over(mandate="m-1", agent="帮办员", check="mandate")

        assert leaving.output.pending[0].acting_as == "m-1"


class TestThePost:
    def test_takes_a_package_with_its_tracking_number(self):
        leaving = posting("FOOD").posts("FOOD")

        assert facts(leaving.output) == [
            fact(PackageDispatched, package="FOOD", method="post", carrier="EMS", tracking="EMS-1")
        ]
        assert leaving.output.packages["FOOD"].place is Place.ON_THE_WAY

    def test_the_same_again_is_no_news(self):
        leaving = posting("FOOD").posts("FOOD")
        given(leaving.output)

        assert facts(leaving.posts("FOOD").output) == []

    def test_takes_a_package_once(self):
        with refused(PackageAway, package="FOOD", place="on_the_way"):
            posting("FOOD").posts("FOOD").posts("FOOD", tracking="EMS-2")

    def test_takes_nothing_that_was_handed_over(self):
        with refused(PackageAway, package="FOOD", place="handed_over"):
            posting("FOOD").hands_over().posts("FOOD")

    def test_needs_a_tracking_number(self):
        with refused(DispatchIncomplete, missing=["tracking"]):
            posting("FOOD").posts("FOOD", tracking=" ")

    def test_needs_an_address_that_was_agreed(self):
        with refused(AddressMissing, package="FOOD"):
            an_exit("itemised", "FOOD").posts("FOOD")

    def test_knows_no_other_package(self):
        with refused(NotFound, what="package"):
            posting("FOOD").posts("SIGN")

    def test_delivers(self):
        leaving = posting("FOOD").concludes().posts("FOOD")
        given(leaving.output)

        leaving.confirms("FOOD", check="signed")

        assert facts(leaving.output)[0] == fact(
            PackageHandedOver, package="FOOD", method="post", identity_check="签收", receipt="EMS-1", check="signed"
        )
        assert leaving.output.status is Status.COMPLETED

    def test_delivered_again_is_no_news(self):
        leaving = posting("FOOD").posts("FOOD").confirms("FOOD")
        given(leaving.output)

        assert facts(leaving.confirms("FOOD").output) == []

    def test_delivers_nothing_that_it_does_not_have(self):
        with refused(NotOnTheWay, package="FOOD"):
            posting("FOOD").confirms("FOOD")

    def test_delivers_to_somebody_who_was_looked_at(self):
        with refused(IdentityUnchecked):
            posting("FOOD").posts("FOOD").confirms("FOOD", identity_check="")
        with refused(CheckUnfit):
            posting("FOOD").posts("FOOD").confirms("FOOD", check="code")

    def test_keeps_a_package_from_the_counter(self):
        leaving = posting("FOOD", "SIGN").posts("FOOD")

        with refused(PackageAway, package="FOOD"):
            leaving.hands_over("FOOD")
        given(leaving.output)
        assert [body["package"] for _, body in facts(leaving.hands_over().output)] == ["SIGN"]

    def test_brings_back_what_it_cannot_deliver(self):
        leaving = posting("FOOD").posts("FOOD")
        given(leaving.output)

        leaving.recalls("FOOD")

        assert facts(leaving.output) == [
            fact(PackageRecalled, package="FOOD", reason="undeliverable", remind_on=TEN_DAYS_ON)
        ]
        assert leaving.hands_over().output.packages["FOOD"].place is Place.HANDED_OVER

    def test_brought_back_again_is_no_news(self):
        leaving = posting("FOOD").posts("FOOD").recalls("FOOD")
        given(leaving.output)

        assert facts(leaving.recalls("FOOD").output) == []

    def test_brings_back_nothing_that_it_does_not_have(self):
        with refused(NotOnTheWay):
            posting("FOOD").recalls("FOOD")


class TestTheLocker:
    def test_takes_a_package_into_a_cell(self):
        leaving = an_exit("itemised", "FOOD").puts_into_locker("FOOD")

        assert facts(leaving.output) == [
            fact(PackageDispatched, package="FOOD", method="locker", cabinet="A", cell="7", recall_on=FIVE_DAYS_ON)
        ]

    @pytest.mark.parametrize(("where", "missing"), [({"cabinet": ""}, ["cabinet"]), ({"cell": ""}, ["cell"])])
    def test_needs_to_be_found_again(self, where, missing):
        with refused(DispatchIncomplete, missing=missing):
            an_exit("itemised", "FOOD").puts_into_locker("FOOD", **where)

    def test_is_opened_by_a_code(self):
        leaving = an_exit("itemised", "FOOD").puts_into_locker("FOOD").confirms("FOOD", check="code")

        assert leaving.output.packages["FOOD"].method == "locker"

    def test_is_emptied_when_nobody_comes(self):
        """S75: overdue after 5 (or 7) days → recall."""
        leaving = an_exit("itemised", "FOOD").puts_into_locker("FOOD")
        given(leaving.output)

        leaving.on(FIVE_DAYS_ON).waits()
        assert facts(leaving.output) == []
        leaving.on(date(2026, 7, 31)).waits()

        assert facts(leaving.output) == [
            fact(PackageRecalled, package="FOOD", reason="uncollected", remind_on=date(2026, 8, 14))
        ]
        assert leaving.output.packages["FOOD"].ready


class TestRefusedByTheApplicant:
    """S62d: a refusal to collect counts as transferred."""

    def test_it_counts_as_handed_over_before_a_witness(self):
        leaving = an_exit("itemised", "FOOD").concludes()
        given(leaving.output)

        leaving.is_refused()

        assert facts(leaving.output)[0] == fact(
            PackageHandedOver, package="FOOD", method="window", identity_check="证件", refused=True, witness="王见证"
        )
        assert leaving.output.status is Status.COMPLETED

    def test_again_is_no_news(self):
        leaving = an_exit("itemised", "FOOD").is_refused()
        given(leaving.output)

        assert facts(leaving.is_refused().output) == []

    def test_it_needs_a_witness_and_somebody_who_is_entitled(self):
        with refused(RefusalUnwitnessed):
            an_exit("itemised", "FOOD").is_refused(witness=" ")
        with refused(IdentityUnchecked):
            an_exit("itemised", "FOOD").is_refused(identity_check=" ")


class TestWaiting:
    def test_the_exit_has_one_deadline_for_all_its_packages(self):
        leaving = an_exit("itemised", "FOOD", "SIGN", "OPEN")

        ((name, at),) = leaving.output.timers().items()
        assert name == "waiting"
        assert at.isoformat() == "2026-08-06T16:00:00+00:00"  # the end of the day in China

    def test_there_is_none_when_everything_left(self):
        assert an_exit("itemised", "FOOD").hands_over().output.timers() == {}

    def test_an_item_with_a_rule_of_its_own_is_handed_over_by_that(self):
        """总局令78号 [K]: a food permit is issued within five working days."""
        leaving = Exit("itemised", FOOD_IN_FIVE).plans().issues("FOOD", "SIGN")

        assert leaving.output.packages["FOOD"].due_on == FIVE_DAYS_ON
        assert leaving.output.packages["SIGN"].due_on == TEN_DAYS_ON

    def test_a_package_is_handed_over_by_the_earliest_day_of_its_results(self):
        leaving = Exit("integrated", FOOD_IN_FIVE).plans().issues("FOOD", "SIGN").concludes()

        assert leaving.output.packages["CY"].due_on == FIVE_DAYS_ON

    def test_a_hand_over_after_its_limit_is_noted_once(self):
        """行政许可法 第44条: within ten (working) days of the decision."""
        leaving = an_exit("itemised", "FOOD").agrees(method="locker")
        given(leaving.output)

        leaving.on(TEN_DAYS_ON).waits()
        assert facts(leaving.output) == []
        leaving.on(date(2026, 8, 7)).waits().waits()

        assert facts(leaving.output) == [fact(DeliveryOverdue, package="FOOD", due=TEN_DAYS_ON, place="in_store")]
        assert leaving.output.timers() == {}

    def test_what_is_still_on_its_way_is_overdue_too(self):
        leaving = posting("FOOD").posts("FOOD")
        given(leaving.output)

        leaving.on(date(2026, 8, 7)).waits()

        assert facts(leaving.output) == [fact(DeliveryOverdue, package="FOOD", due=TEN_DAYS_ON, place="on_the_way")]

    def test_who_does_not_come_is_reminded_again_and_again(self):
        leaving = an_exit("itemised", "FOOD").on(date(2026, 8, 7)).waits()
        given(leaving.output)

        leaving.waits().on(date(2026, 8, 22)).waits()

        assert facts(leaving.output) == [fact(CollectionReminded, package="FOOD", again_on=date(2026, 9, 4))]

    def test_nobody_is_reminded_of_what_is_to_be_posted(self):
        leaving = posting("FOOD").on(date(2026, 8, 7)).waits()

        assert names(leaving.output) == ["DeliveryOverdue"]

    def test_after_what_is_due_the_deadline_lies_ahead(self):
        leaving = an_exit("itemised", "FOOD").on(date(2026, 8, 7)).waits()

        assert leaving.output.timers()["waiting"] > leaving.act.at
