"""Work lists: claiming, assigning, releasing, and who decides then (按责转办)."""

import pytest

from approval.domain.refusals import AlreadyDecided, HeldByAnother, NotYetAccepted, NotYours
from contracts.approval import ReviewAssigned, ReviewClaimed, ReviewReleased
from eventing.errors import NotFound
from testkit.facts import fact, facts, given, names, refused

from .mothers import PAIR, Office
from .people import of


@pytest.fixture
def office():
    made = Office(PAIR).accepts().supplies()
    given(made.bundle)
    return made


class TestClaiming:
    def test_gives_the_review_to_who_claims_it(self, office):
        office.bundle.claim("ONE", office.law(), act=of("ONE"))

        assert facts(office.bundle) == [fact(ReviewClaimed, item="ONE", handler="dept-ONE", holder="wang")]

    def test_of_what_one_holds_is_no_news(self, office):
        office.bundle.claim("ONE", office.law(), act=of("ONE"))
        given(office.bundle)

        office.bundle.claim("ONE", office.law(), act=of("ONE"))

        assert facts(office.bundle) == []

    def test_of_what_another_holds_is_refused(self, office):
        office.bundle.claim("ONE", office.law(), act=of("ONE"))

        with refused(HeldByAnother, item="ONE", holder="wang"):
            office.bundle.claim("ONE", office.law(), act=of("ONE", "li"))

    def test_by_another_organisation_is_refused(self, office):
        with refused(NotYours, item="ONE", handler="dept-ONE"):
            office.bundle.claim("ONE", office.law(), act=of("TWO"))

    def test_of_what_is_decided_is_refused(self, office):
        office.grants("ONE")

        with refused(AlreadyDecided, item="ONE"):
            office.bundle.claim("ONE", office.law(), act=of("ONE"))

    def test_of_what_nobody_accepted_is_refused(self):
        office = Office(PAIR).accepts("ONE")

        with refused(NotYetAccepted, item="TWO"):
            office.bundle.claim("TWO", office.law(), act=of("TWO"))
        with refused(NotFound):
            office.bundle.claim("THREE", office.law(), act=of("THREE"))


class TestAssigning:
    def test_takes_a_review_from_who_holds_it(self, office):
        office.bundle.claim("ONE", office.law(), act=of("ONE"))
        given(office.bundle)

        office.bundle.assign("ONE", "li", "wang is ill", office.law(), act=of("ONE", "boss"))

        assert facts(office.bundle) == [
            fact(ReviewAssigned, item="ONE", handler="dept-ONE", holder="li", reason="wang is ill")
        ]
        assert office.bundle.holder("ONE") == "li"

    def test_to_who_holds_it_is_no_news(self, office):
        office.bundle.assign("ONE", "li", "", office.law(), act=of("ONE", "boss"))
        given(office.bundle)

        office.bundle.assign("ONE", "li", "again", office.law(), act=of("ONE", "boss"))

        assert facts(office.bundle) == []

    def test_by_another_organisation_is_refused(self, office):
        with refused(NotYours):
            office.bundle.assign("ONE", "li", "", office.law(), act=of("TWO", "boss"))


class TestReleasing:
    def test_puts_the_review_back(self, office):
        office.bundle.claim("ONE", office.law(), act=of("ONE"))
        given(office.bundle)

        office.bundle.release("ONE", "on leave", office.law(), act=of("ONE"))

        assert facts(office.bundle) == [
            fact(ReviewReleased, item="ONE", handler="dept-ONE", holder="wang", reason="on leave")
        ]
        assert office.bundle.holder("ONE") == ""

    def test_of_what_nobody_holds_is_no_news(self, office):
        office.bundle.release("ONE", "", office.law(), act=of("ONE"))

        assert facts(office.bundle) == []

    def test_of_what_another_holds_is_refused(self, office):
        office.bundle.claim("ONE", office.law(), act=of("ONE"))

        with refused(HeldByAnother, holder="wang"):
            office.bundle.release("ONE", "", office.law(), act=of("ONE", "li"))


class TestDeciding:
    def test_is_for_the_holder_alone(self, office):
        office.bundle.claim("ONE", office.law(), act=of("ONE"))

        with refused(HeldByAnother, item="ONE", holder="wang"):
            office.bundle.grant("ONE", "", office.law(), act=of("ONE", "li"))
        office.bundle.grant("ONE", "", office.law(), act=of("ONE", "wang"))

        assert "ReviewGranted" in names(office.bundle)

    def test_is_for_anybody_of_the_organisation_when_nobody_holds_it(self, office):
        office.bundle.claim("ONE", office.law(), act=of("ONE"))
        office.bundle.release("ONE", "", office.law(), act=of("ONE"))

        office.bundle.deny("ONE", "too narrow", office.law(), remedy="appeal", act=of("ONE", "li"))

        assert office.status()["ONE"] == "denied"


def test_the_history_of_a_desk_says_who_moved_what_to_whom(office):
    office.bundle.claim("ONE", office.law(), act=of("ONE", "wang"))
    office.bundle.assign("ONE", "li", "", office.law(), act=of("ONE", "boss"))
    office.bundle.release("ONE", "", office.law(), act=of("ONE", "li"))

    moves = office.bundle.desks["ONE"].moves
    assert [(move.move, move.by, move.holder) for move in moves] == [
        ("claimed", "wang", "wang"),
        ("assigned", "boss", "li"),
        ("released", "li", "li"),
    ]
