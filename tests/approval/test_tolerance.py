"""容缺: a tolerant pass, what it unlocks, and how it is confirmed or falls."""

import pytest

from contracts.approval import (
    BundleConcluded,
    ReviewConfirmed,
    ReviewEnded,
    ReviewsBlocked,
    ReviewsRelocked,
    ToleranceSettled,
)
from testkit.facts import fact, facts, given, names

from .mothers import CALENDAR, NUMBER, TODAY, a_theme, an_item, needs
from .timekeepers import Timekeeper, noon

# STRICT waits for the full grant of ONE, EARLY is content with a tolerant pass
THEME = a_theme(an_item("ONE"), an_item("STRICT", needs("ONE")), an_item("EARLY", needs("ONE", tolerant=("ONE",))))


def an_office(theme=THEME, *tolerated: str) -> Timekeeper:
    """ONE was accepted with materials missing, the others with everything."""
    office = Timekeeper(theme)
    tolerated = tolerated or ("ONE",)
    office.accepts(*tolerated, tolerated=True)
    others = tuple(item.id for item in theme.items if item.id not in tolerated)
    if others:
        office.accepts(*others)
    office.supplies()
    given(office.bundle)
    return office


class TestATolerantPass:
    def test_is_a_grant_that_is_not_final(self):
        office = an_office().grants("ONE")

        name, body = facts(office.bundle)[0]
        assert name == "ReviewGranted"
        assert body["tolerant"] is True
        assert office.status()["ONE"] == "granted_tolerant"
        assert not office.bundle.reviews["ONE"].is_over

    def test_unlocks_only_what_the_catalogue_says(self):
        assert an_office().grants("ONE").status() == {
            "ONE": "granted_tolerant",
            "STRICT": "locked",
            "EARLY": "open",
        }

    def test_stops_its_clocks(self):
        office = an_office(a_theme(an_item("ONE"))).grants("ONE")

        assert office.bundle.timers() == {}

    def test_again_is_no_news(self):
        office = an_office().grants("ONE")
        given(office.bundle)

        office.grants("ONE")

        assert facts(office.bundle) == []

    def test_keeps_the_bundle_from_being_concluded(self):
        office = an_office(a_theme(an_item("ONE"))).grants("ONE")
        assert office.bundle.verdict is None

        office.settles("ONE")

        assert office.bundle.verdict == "granted"

    def test_is_none_where_everything_arrived_before_the_decision(self):
        office = an_office().settles("ONE")
        assert facts(office.bundle) == [fact(ToleranceSettled, item="ONE")]

        office.grants("ONE")

        assert office.status() == {"ONE": "granted", "STRICT": "open", "EARLY": "open"}

    def test_is_none_where_the_item_is_denied(self):
        office = an_office().denies("ONE")

        assert office.status() == {"ONE": "denied", "STRICT": "blocked", "EARLY": "blocked"}


class TestAConfirmation:
    def test_makes_the_pass_a_grant_and_unlocks_what_waited_for_it(self):
        office = an_office().grants("ONE")
        given(office.bundle)

        office.settles("ONE")

        assert facts(office.bundle)[0] == fact(
            ReviewConfirmed, item="ONE", handler="dept-ONE", decision=f"{NUMBER}-ONE"
        )
        assert office.status() == {"ONE": "granted", "STRICT": "open", "EARLY": "open"}

    @pytest.mark.parametrize("before", [True, False])
    def test_again_is_no_news(self, before):
        office = an_office()
        office = office.settles("ONE") if before else office.grants("ONE").settles("ONE")
        given(office.bundle)

        office.settles("ONE")

        assert facts(office.bundle) == []

    def test_is_remembered_of_an_item_that_was_denied_meanwhile(self):
        office = an_office().denies("ONE")
        given(office.bundle)

        office.settles("ONE").settles("ONE")

        assert facts(office.bundle) == [fact(ToleranceSettled, item="ONE")]
        assert office.status()["ONE"] == "denied"

    def test_of_an_item_that_is_gone_is_no_news(self):
        office = an_office().loses("ONE", "lapsed")
        given(office.bundle)

        office.settles("ONE")

        assert facts(office.bundle) == []

    def test_of_an_item_of_which_nothing_was_missing_is_no_news(self):
        office = an_office()

        office.settles("STRICT")

        assert facts(office.bundle) == []


class TestALapse:
    def test_before_the_decision_ends_the_review_and_blocks_what_needs_it(self):
        office = an_office().loses("ONE", "lapsed")

        assert facts(office.bundle)[0] == fact(ReviewEnded, item="ONE", reason="lapsed")
        assert office.status() == {"ONE": "gone", "STRICT": "blocked", "EARLY": "blocked"}

    def test_makes_the_pass_fall_and_blocks_what_was_not_decided_on_it(self):
        office = an_office().grants("ONE")
        given(office.bundle)

        office.loses("ONE", "lapsed")

        assert facts(office.bundle) == [
            fact(ReviewEnded, item="ONE", reason="lapsed"),
            fact(ReviewsRelocked, items=("EARLY",), because=("ONE",)),
            fact(ReviewsBlocked, items=("STRICT", "EARLY"), because=("ONE",)),
            fact(BundleConcluded, verdict="not_accepted", gone=("ONE",), blocked=("STRICT", "EARLY")),
        ]

    def test_leaves_what_was_decided_on_it(self):
        office = an_office().grants("ONE").grants("EARLY").loses("ONE", "lapsed")

        assert office.status() == {"ONE": "gone", "STRICT": "blocked", "EARLY": "granted"}
        assert office.bundle.verdict == "partly"

    def test_lets_what_was_begun_on_it_wait_for_another_way(self):
        theme = a_theme(an_item("ONE"), an_item("TWO"), an_item("EARLY", needs("ONE", "TWO", tolerant=("ONE",))))
        office = an_office(theme).grants("ONE")

        office.loses("ONE", "lapsed")
        assert office.status()["EARLY"] == "locked"
        assert office.bundle.reviews["EARLY"].clocks is None

        office.grants("TWO")
        assert office.status()["EARLY"] == "open"

    def test_does_not_touch_what_rests_on_another_way_already(self):
        theme = a_theme(an_item("ONE"), an_item("TWO"), an_item("EARLY", needs("ONE", "TWO", tolerant=("ONE",))))
        office = an_office(theme).grants("ONE").grants("TWO")
        given(office.bundle)

        office.loses("ONE", "lapsed")

        assert names(office.bundle) == ["ReviewEnded"]
        assert office.status()["EARLY"] == "open"

    def test_lets_the_joint_clock_of_what_was_begun_on_it_go_on(self):  # 行政许可法 第42、45条
        theme = a_theme(*THEME.items, an_item("OTHER"), joint=True)
        office = an_office(theme).grants("ONE").suspends("EARLY", at=noon("2026-07-23"))
        assert office.bundle.joint.due_on is None

        office.loses("ONE", "lapsed", at=noon("2026-07-27"))

        assert office.status()["EARLY"] == "blocked"
        assert CALENDAR.count(TODAY, office.bundle.joint.due_on) == 45 + 1  # Friday is not counted
        office.suspends("OTHER", at=noon("2026-07-28")).resumes("OTHER", at=noon("2026-07-29"))
        assert CALENDAR.count(TODAY, office.bundle.joint.due_on) == 45 + 2

    def test_of_what_is_in_a_special_procedure_ends_that_too(self):
        office = an_office().grants("ONE").suspends("EARLY")

        office.loses("ONE", "lapsed")

        assert office.status()["EARLY"] == "blocked"
        assert office.bundle.timers() == {}

    @pytest.mark.parametrize("verb", ["settles", "loses"])
    def test_again_or_after_the_confirmation_is_no_news(self, verb):
        office = an_office().grants("ONE")
        office = office.settles("ONE") if verb == "settles" else office.loses("ONE", "lapsed")
        given(office.bundle)

        office.loses("ONE", "lapsed")

        assert facts(office.bundle) == []

    @pytest.mark.parametrize("reason", ["withdrawn", "not_accepted", "returned"])
    def test_is_the_only_end_of_a_tolerant_pass(self, reason):
        office = an_office().grants("ONE")
        given(office.bundle)

        office.loses("ONE", reason)

        assert facts(office.bundle) == []


def test_what_was_blocked_before_it_was_accepted_is_told_again():
    office = Timekeeper(a_theme(an_item("ONE"), an_item("TWO", needs("ONE"))))
    office.accepts("ONE").supplies().denies("ONE")
    given(office.bundle)

    office.accepts("TWO", tolerated=True)

    assert facts(office.bundle)[1:] == [fact(ReviewsBlocked, items=("TWO",), because=("ONE",))]
    assert office.status()["TWO"] == "blocked"
