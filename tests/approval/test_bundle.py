"""The bundle: joins, decisions, the verdict."""

import pytest

from approval.domain import (
    AlreadyDecided,
    Bundle,
    CaseConcluded,
    MaterialsOutstanding,
    NotYetAccepted,
    NotYours,
    ReasonsMissing,
    ReviewBlocked,
    ReviewLocked,
    ReviewOver,
)
from approval.remedies import remedy
from catalogue.model import ItemType, Trigger
from contracts.approval import (
    BundleConcluded,
    BundleOpened,
    PlannedReview,
    ReviewDenied,
    ReviewEnded,
    ReviewGranted,
    ReviewsBlocked,
    ReviewsPlanned,
    ReviewsSupplied,
)
from eventing.errors import NotFound
from testkit.facts import fact, facts, given, names, refused

from .mothers import NUMBER, PAIR, SHOP, TODAY, Office, a_theme, an_item, needs


def an_office(*granted: str, theme=SHOP) -> Office:
    """Everything is accepted and supplied, these items are granted; what comes now counts."""
    office = Office(theme).accepts().supplies()
    for item in granted:
        office.grants(item)
    given(office.bundle)
    return office


class TestAcceptance:
    def test_opens_the_bundle_and_unlocks_what_waits_for_nothing(self):
        office = Office(SHOP).accepts()

        opened, planned, unlocked = facts(office.bundle)
        assert opened == fact(
            BundleOpened,
            number=NUMBER,
            theme="CY",
            catalogue="v1",
            region="990102",
            standings={"LICENCE": "selected", "CHECK": "selected", "FOOD": "selected", "SIGN": "selected"},
            expected=("LICENCE", "CHECK", "FOOD", "SIGN"),
            hall="county",
        )
        assert planned == fact(
            ReviewsPlanned,
            reviews=tuple(PlannedReview(i, f"dept-{i}") for i in ("LICENCE", "CHECK", "FOOD", "SIGN")),
        )
        assert [each["item"] for each in unlocked[1]["reviews"]] == ["LICENCE"]

    def test_may_come_in_several_acts(self):
        office = Office(PAIR).accepts("ONE").supplies().grants("ONE")
        given(office.bundle)

        office.accepts("TWO")

        assert names(office.bundle) == ["ReviewsPlanned", "ReviewsUnlocked"]
        assert office.status() == {"ONE": "granted", "TWO": "open"}

    def test_of_the_same_items_again_is_no_news(self):
        office = an_office()

        office.accepts()

        assert facts(office.bundle) == []

    def test_of_a_later_item_unlocks_it_when_what_it_needs_was_granted_before(self):
        office = Office(SHOP).accepts("LICENCE").supplies().grants("LICENCE")

        office.accepts("CHECK", "FOOD", "SIGN")

        assert office.status() == {"LICENCE": "granted", "CHECK": "open", "FOOD": "locked", "SIGN": "locked"}

    def test_counts_items_done_elsewhere_as_approved(self):
        office = Office(SHOP).accepts("CHECK", "FOOD", "SIGN", standings={"LICENCE": "satisfied"})

        assert office.status() == {"CHECK": "open", "FOOD": "locked", "SIGN": "locked"}

    def test_knows_that_routing_was_faster(self):
        office = Office(PAIR)
        office.bundle.supply(("ONE",), act=office.department("ONE"))

        office.accepts().grants("ONE")

        assert office.status() == {"ONE": "granted", "TWO": "open"}

    def test_knows_that_an_item_was_not_accepted_before_the_others_were(self):
        office = Office(PAIR).loses("TWO", "not_accepted")
        assert not office.bundle.is_open

        office.accepts("ONE").supplies().grants("ONE")

        assert office.bundle.verdict == "partly"


class TestAGrant:
    def test_is_recorded_with_its_number_and_unlocks_what_waited_for_it(self):
        office = an_office()

        office.grants("LICENCE")

        granted, unlocked = facts(office.bundle)
        assert granted == fact(
            ReviewGranted,
            item="LICENCE",
            handler="dept-LICENCE",
            decision=f"{NUMBER}-LICENCE",
            opinion="fine",
        )
        assert [each["item"] for each in unlocked[1]["reviews"]] == ["CHECK"]

    def test_starts_the_clocks_of_what_it_unlocks_on_its_own_day(self):
        office = an_office("LICENCE")

        later = office.bundle.reviews["CHECK"].clocks
        assert later is not None
        assert later.started_on == TODAY

    def test_again_is_no_news(self):
        office = an_office("LICENCE")

        office.grants("LICENCE")

        assert facts(office.bundle) == []

    def test_again_after_the_conclusion_is_no_news_either(self):
        office = an_office("ONE", "TWO", theme=PAIR)

        office.grants("ONE")

        assert facts(office.bundle) == []

    def test_of_the_last_item_concludes_the_bundle(self):
        office = an_office("ONE", theme=PAIR)

        office.grants("TWO")

        assert facts(office.bundle)[-1] == fact(BundleConcluded, verdict="granted", granted=("ONE", "TWO"))


class TestADenial:
    def test_is_recorded_with_reasons_and_remedy(self):
        office = an_office(theme=PAIR)

        office.denies("ONE")

        assert facts(office.bundle) == [
            fact(
                ReviewDenied,
                item="ONE",
                handler="dept-ONE",
                decision=f"{NUMBER}-ONE",
                reasons="too narrow",
                remedy="appeal",
            )
        ]

    def test_without_reasons_is_refused(self):
        office = an_office(theme=PAIR)

        with refused(ReasonsMissing, item="ONE"):
            office.denies("ONE", reasons="  ")

        assert facts(office.bundle) == []

    def test_again_is_no_news(self):
        office = an_office(theme=PAIR).denies("ONE")
        given(office.bundle)

        office.denies("ONE", reasons="in other words")

        assert facts(office.bundle) == []

    def test_blocks_what_needs_the_item_down_to_the_last_and_nothing_else(self):
        theme = a_theme(*SHOP.items, an_item("APART"))
        office = an_office("LICENCE", theme=theme)

        office.denies("CHECK")

        assert facts(office.bundle)[1:] == [fact(ReviewsBlocked, items=("FOOD", "SIGN"), because=("CHECK",))]
        assert office.status()["APART"] == "open"

    def test_blocks_in_a_chain_by_what_is_nearest(self):
        theme = a_theme(an_item("A"), an_item("B", needs("A")), an_item("C", needs("B")))
        office = an_office(theme=theme)

        office.denies("A")

        assert facts(office.bundle)[1:] == [
            fact(ReviewsBlocked, items=("B",), because=("A",)),
            fact(ReviewsBlocked, items=("C",), because=("B",)),
            fact(BundleConcluded, verdict="denied", denied=("A",), blocked=("B", "C")),
        ]

    def test_leaves_the_others_to_be_granted(self):
        office = an_office(theme=PAIR).denies("ONE")
        given(office.bundle)

        office.grants("TWO")

        assert facts(office.bundle)[-1] == fact(BundleConcluded, verdict="partly", granted=("TWO",), denied=("ONE",))

    @pytest.mark.parametrize(("kind", "word"), [(ItemType.LICENCE, "行政复议"), (ItemType.PUBLIC_SERVICE, "12345")])
    def test_names_the_remedy_that_the_kind_of_item_has(self, kind, word):
        assert word in remedy(an_item("A", kind=kind))


class TestADecisionIsRefused:
    @pytest.mark.parametrize("decide", [Office.grants, Office.denies])
    def test_to_everybody_but_the_handler(self, decide):
        office = an_office()

        with refused(NotYours, item="LICENCE", handler="dept-LICENCE"):
            decide(office, "LICENCE", org="dept-FOOD")
        with refused(NotYours):
            decide(office, "LICENCE", org="")

        assert facts(office.bundle) == []

    @pytest.mark.parametrize("decide", [Office.grants, Office.denies])
    def test_while_the_review_waits_for_others(self, decide):
        with refused(ReviewLocked, item="FOOD", waiting_for=["CHECK"]):
            decide(an_office(), "FOOD")

    @pytest.mark.parametrize("decide", [Office.grants, Office.denies])
    def test_while_materials_are_outstanding(self, decide):
        with refused(MaterialsOutstanding, item="ONE"):
            decide(Office(PAIR).accepts().supplies("TWO"), "ONE")

    def test_where_the_other_decision_was_taken(self):
        with refused(AlreadyDecided, item="LICENCE", verdict="granted", decision=f"{NUMBER}-LICENCE"):
            an_office("LICENCE").denies("LICENCE")
        with refused(AlreadyDecided, item="ONE", verdict="denied"):
            an_office(theme=PAIR).denies("ONE").grants("ONE")

    def test_where_the_item_is_blocked(self):
        theme = a_theme(*SHOP.items, an_item("APART"))
        with refused(ReviewBlocked, item="FOOD", because=["CHECK"]):
            an_office("LICENCE", theme=theme).denies("CHECK").grants("FOOD")

    def test_where_the_item_was_withdrawn(self):
        with refused(ReviewOver, item="ONE", reason="withdrawn"):
            an_office(theme=PAIR).loses("ONE").grants("ONE")

    def test_once_the_bundle_is_concluded(self):
        with refused(CaseConcluded, verdict="granted"):
            an_office("ONE", "TWO", theme=PAIR).denies("ONE")

    def test_before_the_item_is_accepted(self):
        with refused(NotYetAccepted, item="TWO"):
            Office(PAIR).accepts("ONE").grants("TWO")

    def test_for_an_item_that_is_not_part_of_the_case(self):
        with refused(NotFound):
            an_office().grants("TOBACCO")
        with refused(NotFound):
            Office(PAIR).supplies("ONE").grants("ONE")


class TestAnItemThatLeaves:
    def test_ends_its_review(self):
        office = an_office(theme=PAIR)

        office.loses("ONE")

        assert facts(office.bundle) == [fact(ReviewEnded, item="ONE", reason="withdrawn")]

    def test_again_is_no_news(self):
        office = an_office(theme=PAIR).loses("ONE")
        given(office.bundle)

        office.loses("ONE")

        assert facts(office.bundle) == []

    def test_after_its_decision_changes_nothing(self):
        office = an_office("ONE", theme=PAIR)

        office.loses("ONE")

        assert facts(office.bundle) == []

    def test_blocks_what_needs_it(self):
        office = an_office()

        office.loses("LICENCE")

        assert facts(office.bundle)[1:] == [
            fact(ReviewsBlocked, items=("CHECK",), because=("LICENCE",)),
            fact(ReviewsBlocked, items=("FOOD", "SIGN"), because=("CHECK",)),
            fact(
                BundleConcluded,
                verdict="withdrawn",
                gone=("LICENCE",),
                blocked=("CHECK", "FOOD", "SIGN"),
            ),
        ]

    def test_sets_free_what_needs_it_only_if_it_is_part_of_the_case(self):
        theme = a_theme(an_item("A"), an_item("B", needs("A", optional=True)))
        office = an_office(theme=theme)

        office.loses("A")

        assert office.status() == {"A": "gone", "B": "open"}

    def test_before_its_acceptance_blocks_what_waited_for_it(self):
        office = Office(SHOP).accepts("FOOD", "SIGN").loses("LICENCE", "not_accepted")

        assert office.status() == {
            "LICENCE": "gone",
            "CHECK": "blocked",
            "FOOD": "blocked",
            "SIGN": "blocked",
        }
        assert office.bundle.verdict == "not_accepted"

    def test_last_concludes_the_bundle(self):
        office = an_office(theme=PAIR).loses("ONE", "not_accepted").loses("TWO")

        assert facts(office.bundle)[-1] == fact(BundleConcluded, verdict="withdrawn", gone=("ONE", "TWO"))


class TestSupplies:
    def test_are_recorded_once(self):
        office = Office(PAIR).accepts()
        given(office.bundle)

        office.supplies("ONE").supplies("ONE", "TWO")

        assert facts(office.bundle) == [
            fact(ReviewsSupplied, items=("ONE",)),
            fact(ReviewsSupplied, items=("TWO",)),
        ]

    def test_for_an_item_that_has_come_to_its_end_are_no_news(self):
        office = Office(PAIR).accepts().supplies().denies("ONE")
        given(office.bundle)

        office.supplies("ONE")

        assert facts(office.bundle) == []

    def test_do_not_unlock(self):
        office = Office(SHOP).accepts().supplies("FOOD")

        with refused(ReviewLocked):
            office.grants("FOOD")


class TestJoins:
    def test_one_of_several_is_enough(self):
        theme = a_theme(an_item("A"), an_item("B"), an_item("C", needs("A", "B")))
        office = an_office("B", theme=theme)

        assert office.status()["C"] == "open"

    def test_one_of_several_is_lost_only_with_the_last(self):
        theme = a_theme(an_item("A"), an_item("B"), an_item("C", needs("A", "B")))
        office = an_office(theme=theme).denies("A")
        assert office.status()["C"] == "locked"

        office.denies("B")

        assert office.status()["C"] == "blocked"

    def test_acceptance_is_enough_where_the_theme_says_so(self):
        survey = needs("A", trigger=Trigger.ACCEPTED), needs("B", trigger=Trigger.ACCEPTED)
        theme = a_theme(an_item("A"), an_item("B"), an_item("SURVEY", *survey))
        office = Office(theme).accepts("A", "SURVEY")
        assert office.status()["SURVEY"] == "locked"

        office.accepts("B")

        assert office.status()["SURVEY"] == "open"

    def test_an_item_that_is_not_needed_is_not_waited_for(self):
        theme = a_theme(an_item("A"), an_item("B", needs("A", optional=True)))
        office = Office(theme).accepts("B", standings={"A": "not_needed"})

        assert office.status() == {"B": "open"}

    def test_what_optionally_follows_a_blocked_item_is_as_lost_as_that_one_is(self):
        theme = a_theme(an_item("A"), an_item("B", needs("A")), an_item("C", needs("B", optional=True)))

        assert an_office(theme=theme).denies("A").status() == {"A": "denied", "B": "blocked", "C": "blocked"}
        assert an_office(theme=theme).loses("A").status() == {"A": "gone", "B": "blocked", "C": "open"}


def test_a_bundle_of_no_facts_is_not_open():
    assert not Bundle("case-1").is_open
