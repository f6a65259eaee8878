"""接续 and withdrawal: items begun elsewhere, items joined later, items taken back."""

import pytest

from approval.domain import ReviewLocked
from contracts.approval import (
    BundleConcluded,
    BundleExtended,
    OriginNoted,
    ReviewEnded,
    ReviewsBlocked,
    WithdrawalRefused,
)
from testkit.facts import fact, facts, given, names, refused, replayed

from .mothers import CALENDAR, NUMBER, PAIR, SHOP, a_theme, an_item, needs
from .timekeepers import Timekeeper, noon

UNDERWAY = {"LICENCE": "underway"}


def an_office(*items: str, theme=SHOP, standings=None) -> Timekeeper:
    office = Timekeeper(theme)
    office.accepts(*items, standings=standings)
    office.supplies(*items)
    given(office.bundle)
    return office


class TestAnItemThatIsUnderwayElsewhere:
    def an_office(self) -> Timekeeper:
        return an_office("CHECK", "FOOD", "SIGN", standings=UNDERWAY)

    def test_is_waited_for_and_has_no_review_here(self):
        office = self.an_office()

        assert office.status() == {"CHECK": "locked", "FOOD": "locked", "SIGN": "locked"}
        with refused(ReviewLocked, waiting_for=["LICENCE"]):
            office.grants("CHECK")

    def test_that_was_granted_unlocks_what_waited(self):
        office = self.an_office().learns_of("LICENCE", "granted")

        assert facts(office.bundle)[0] == fact(OriginNoted, item="LICENCE", outcome="granted")
        assert office.status()["CHECK"] == "open"

    @pytest.mark.parametrize(("outcome", "verdict"), [("denied", "not_accepted"), ("withdrawn", "not_accepted")])
    def test_that_failed_blocks_what_needs_it(self, outcome, verdict):
        office = self.an_office().learns_of("LICENCE", outcome)

        assert facts(office.bundle)[1:] == [
            fact(ReviewsBlocked, items=("CHECK",), because=("LICENCE",)),
            fact(ReviewsBlocked, items=("FOOD", "SIGN"), because=("CHECK",)),
            fact(BundleConcluded, verdict=verdict, blocked=("CHECK", "FOOD", "SIGN")),
        ]

    @pytest.mark.parametrize(("outcome", "status"), [("denied", "blocked"), ("withdrawn", "open")])
    def test_is_to_what_optionally_follows_what_its_result_is(self, outcome, status):
        theme = a_theme(an_item("A"), an_item("B", needs("A")), an_item("C", needs("B", optional=True)))
        office = an_office("B", "C", theme=theme, standings={"A": "underway"})

        assert office.learns_of("A", outcome).status() == {"B": "blocked", "C": status}

    def test_whose_result_comes_again_is_no_news(self):
        office = self.an_office().learns_of("LICENCE", "granted")
        given(office.bundle)

        office.learns_of("LICENCE", "granted")

        assert facts(office.bundle) == []

    def test_whose_result_comes_before_the_acceptance_is_known_then(self):
        office = Timekeeper(SHOP).learns_of("LICENCE", "granted")
        office.accepts("CHECK", "FOOD", "SIGN", standings=UNDERWAY)

        assert office.status()["CHECK"] == "open"

    def test_that_nothing_needs_does_not_keep_the_bundle_open(self):
        office = an_office("TWO", theme=PAIR, standings={"ONE": "underway"}).grants("TWO")

        assert office.bundle.verdict == "granted"


class TestItemsThatAreJoined:
    LATE = a_theme(an_item("ONE"), an_item("TWO", needs("ONE")))

    def an_office(self) -> Timekeeper:
        """Only ONE was asked for; it is granted, and the bundle concluded."""
        office = an_office("ONE", theme=self.LATE, standings={"TWO": "not_needed"}).grants("ONE")
        assert office.bundle.verdict == "granted"
        given(office.bundle)
        return office

    def test_open_a_concluded_bundle_again(self):
        office = self.an_office().joins("TWO", area="south")

        assert facts(office.bundle) == [
            fact(
                BundleExtended,
                standings={"ONE": "selected", "TWO": "selected"},
                expected=("TWO",),
                answers={"area": "south"},
            )
        ]
        assert office.bundle.verdict is None
        assert office.bundle.answers == {"area": "south"}
        assert office.status() == {"ONE": "granted", "TWO": "awaited"}

    def test_are_reviewed_and_concluded_with_what_was_before(self):
        office = self.an_office().joins("TWO")
        office.accepts("TWO")
        office.supplies("TWO").grants("TWO")

        assert facts(office.bundle)[-1] == fact(BundleConcluded, verdict="granted", granted=("ONE", "TWO"))

    def test_again_are_no_news(self):
        office = self.an_office().joins("TWO")
        given(office.bundle)

        office.joins("TWO")

        assert facts(office.bundle) == []

    def test_can_be_taken_out_again(self):
        office = self.an_office().joins("TWO").loses("TWO")

        assert facts(office.bundle)[-1] == fact(BundleConcluded, verdict="partly", granted=("ONE",), gone=("TWO",))

    def test_and_taken_out_begin_anew_when_they_are_joined_again(self):
        office = self.an_office().joins("TWO").loses("TWO").joins("TWO")

        assert office.status() == {"ONE": "granted", "TWO": "awaited"}
        office.accepts("TWO")
        assert office.status()["TWO"] == "open"

    def test_may_have_their_materials_before_they_are_known_to_be_joined(self):  # routing is ahead of intake's news
        office = self.an_office().supplies("TWO").joins("TWO")
        assert office.bundle.verdict is None

        office.accepts("TWO")

        assert office.grants("TWO").bundle.verdict == "granted"

    @pytest.mark.parametrize("is_first", [True, False], ids=["before-the-case", "before-the-join"])
    def test_count_for_nothing_before_they_are_known_to_be_joined(self, is_first):
        theme = a_theme(an_item("ONE"), an_item("TWO", needs("ONE")), an_item("THREE", needs("TWO")))
        office = Timekeeper(theme)
        if is_first:
            office.supplies("THREE", "TWO")
        office.accepts("ONE", standings={"TWO": "not_needed", "THREE": "not_needed"})
        office.supplies("ONE", "TWO", "THREE")
        assert office.status() == {"ONE": "open"}

        office.grants("ONE")

        assert facts(office.bundle)[-1] == fact(BundleConcluded, verdict="granted", granted=("ONE",))
        office.joins("TWO", "THREE")
        assert office.status() == {"ONE": "granted", "TWO": "awaited", "THREE": "awaited"}
        office.accepts("TWO", "THREE")
        assert office.grants("TWO").grants("THREE").bundle.verdict == "granted"
        assert replayed(office.bundle, office.bundle.pending).state() == office.bundle.state()

    def test_again_may_have_their_materials_before_that(self):
        office = self.an_office().joins("TWO").loses("TWO").supplies("TWO").joins("TWO")

        office.accepts("TWO")

        assert office.grants("TWO").bundle.verdict == "granted"

    def test_leave_the_clocks_of_the_others_as_they_were(self):
        office = an_office("ONE", theme=PAIR, standings={"TWO": "not_needed"})
        before = office.bundle.reviews["ONE"]

        office.joins("TWO")

        assert office.bundle.reviews["ONE"] == before

    @pytest.mark.parametrize("now", ["selected", "satisfied"])
    def test_set_free_what_was_blocked_for_want_of_them(self, now):  # 接续: withdrawn elsewhere, applied for here
        office = an_office("TWO", theme=self.LATE, standings={"ONE": "underway"}).learns_of("ONE", "withdrawn")
        assert office.status() == {"TWO": "blocked"}
        assert office.bundle.verdict == "not_accepted"

        office.joins(*(["ONE"] if now == "selected" else []), standings={"ONE": now})
        if now == "selected":
            assert office.status() == {"TWO": "locked", "ONE": "awaited"}
            office.accepts("ONE").supplies("ONE").grants("ONE")

        assert office.bundle.verdict is None
        assert office.status()["TWO"] == "open"
        assert office.grants("TWO").bundle.verdict == "granted"

    def test_lead_to_the_same_end_as_items_that_were_there_from_the_start(self):
        first = an_office("ONE", "TWO", theme=self.LATE).grants("ONE").grants("TWO")
        later = self.an_office().joins("TWO")
        later.accepts("TWO")
        later.supplies("TWO").grants("TWO")

        assert first.bundle.reviews == later.bundle.reviews
        assert first.bundle.verdict == later.bundle.verdict
        assert first.bundle.standings == later.bundle.standings

    def test_are_the_same_after_a_replay(self):
        office = Timekeeper(self.LATE)
        office.accepts("ONE", standings={"TWO": "not_needed"})
        office.supplies("ONE").grants("ONE")
        office.joins("TWO")

        assert replayed(office.bundle, office.bundle.pending).state() == office.bundle.state()


class TestAnItemThatIsTakenBack:
    def test_ends_where_it_is_not_decided(self):
        office = an_office("ONE", "TWO", theme=PAIR).takes_back("ONE")

        assert facts(office.bundle) == [fact(ReviewEnded, item="ONE", reason="withdrawn")]

    def test_again_is_no_news(self):
        office = an_office("ONE", "TWO", theme=PAIR).takes_back("ONE")
        given(office.bundle)

        office.takes_back("ONE").loses("ONE", "withdrawn")

        assert facts(office.bundle) == []

    @pytest.mark.parametrize("verb", ["grants", "denies"])
    def test_stays_where_it_is_decided_and_every_request_is_answered(self, verb):
        office = an_office("ONE", "TWO", theme=PAIR)
        getattr(office, verb)("ONE")
        given(office.bundle)

        office.takes_back("ONE").takes_back("ONE")

        assert facts(office.bundle) == [fact(WithdrawalRefused, item="ONE", decision=f"{NUMBER}-ONE")] * 2
        assert replayed(office.bundle, office.bundle.pending).verdict is None

    def test_stays_where_it_has_a_tolerant_pass(self):
        office = Timekeeper(a_theme(an_item("ONE")))
        office.accepts(tolerated=True)
        office.supplies().grants("ONE")
        given(office.bundle)

        office.takes_back("ONE")

        assert names(office.bundle) == ["WithdrawalRefused"]

    def test_can_be_one_that_is_blocked_while_the_others_go_on(self):
        theme = a_theme(*PAIR.items, an_item("AFTER", needs("ONE")))
        office = an_office("ONE", "TWO", "AFTER", theme=theme).denies("ONE").takes_back("AFTER")

        assert office.status() == {"ONE": "denied", "TWO": "open", "AFTER": "gone"}

    def test_can_be_one_that_is_blocked_also_after_the_conclusion(self):
        theme = a_theme(an_item("ONE"), an_item("AFTER", needs("ONE")))
        office = an_office("ONE", "AFTER", theme=theme).denies("ONE")
        given(office.bundle)

        office.takes_back("AFTER")

        assert facts(office.bundle) == [fact(ReviewEnded, item="AFTER", reason="withdrawn")]
        assert office.bundle.verdict == "denied"
        assert office.takes_back("AFTER").bundle.pending[1:] == []

    def test_sets_free_what_was_lost_with_it_and_can_do_without(self):
        theme = a_theme(
            an_item("ONE"), an_item("TWO"), an_item("NEXT", needs("ONE")), an_item("LAST", needs("NEXT", optional=True))
        )
        office = an_office("ONE", "TWO", "NEXT", "LAST", theme=theme).denies("ONE")
        assert office.status()["LAST"] == "blocked"

        office.takes_back("NEXT")

        assert office.status() == {"ONE": "denied", "TWO": "open", "NEXT": "gone", "LAST": "open"}

    def test_while_its_special_procedure_runs_lets_the_joint_clock_go_on(self):  # 行政许可法 第42、45条
        theme = a_theme(an_item("ONE"), an_item("TWO"), joint=True)
        office = an_office("ONE", "TWO", theme=theme)
        before = office.bundle.joint.due_on
        office.suspends("ONE")
        assert office.bundle.joint.due_on is None

        office.takes_back("ONE", at=noon("2026-07-27"))

        assert CALENDAR.count(before, office.bundle.joint.due_on) == 1  # Friday is not counted
        assert "joint" in office.bundle.timers()
        office.suspends("TWO", at=noon("2026-07-28")).resumes("TWO", at=noon("2026-07-29"))
        assert CALENDAR.count(before, office.bundle.joint.due_on) == 2

    @pytest.mark.parametrize("reason", ["lapsed", "returned", "not_accepted", "terminated"])
    def test_keeps_the_reason_apart_from_other_ends(self, reason):
        office = an_office("ONE", "TWO", theme=PAIR).loses("ONE", reason)

        assert office.bundle.reviews["ONE"].reason == reason
