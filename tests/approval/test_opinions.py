"""征求意见: other offices and experts answer until a day, and the clocks of the review go on (会同)."""

from datetime import date

import pytest

from approval.domain.refusals import AlreadyDecided, NotAsked, NotYours, OpinionNotAwaited
from contracts.approval import OpinionGiven, OpinionOverdue
from eventing.errors import NotFound
from testkit.facts import fact, facts, given, names, refused

from .mothers import PAIR, Office
from .people import house, noon, of

DUE = date(2026, 7, 30)
"""Five working days after Thursday, 23 July 2026."""


@pytest.fixture
def office():
    made = Office(PAIR).accepts().supplies()
    given(made.bundle)
    return made


def asks(office, question="is it safe?", days=5, of_org="dept-TWO"):
    return office.bundle.ask_opinion(
        "ONE", of_org, question, days=days, kind="department", law=office.law(), act=of("ONE")
    )


def answers(office, number, answer="yes", by="TWO"):
    office.bundle.give_opinion(number, answer, "sha256:1", office.law(), act=of(by))


class TestAsking:
    def test_says_until_when_an_answer_is_due(self, office):
        number = asks(office)

        assert facts(office.bundle) == [
            (
                "OpinionAsked",
                {
                    "item": "ONE",
                    "handler": "dept-ONE",
                    "opinion": number,
                    "of": "dept-TWO",
                    "kind": "department",
                    "question": "is it safe?",
                    "due_on": DUE.isoformat(),
                },
            )
        ]

    def test_the_same_question_again_is_no_news(self, office):
        number = asks(office)
        given(office.bundle)

        assert asks(office) == number
        assert facts(office.bundle) == []

    def test_another_question_or_organisation_has_a_number_of_its_own(self, office):
        assert len({asks(office), asks(office, "is it clean?"), asks(office, of_org="dept-X")}) == 3

    def test_is_for_the_handler(self, office):
        with refused(NotYours):
            office.bundle.ask_opinion("ONE", "dept-X", "?", days=1, kind="expert", law=office.law(), act=of("TWO"))

    def test_is_refused_when_the_item_is_decided(self, office):
        office.grants("ONE")

        with refused(AlreadyDecided):
            asks(office)

    def test_leaves_the_clocks_as_they_were(self, office):
        before = office.bundle.reviews["ONE"].clocks

        asks(office)

        assert office.bundle.reviews["ONE"].clocks == before
        assert office.status()["ONE"] == "open"


class TestAnswering:
    def test_is_recorded(self, office):
        number = asks(office)
        given(office.bundle)

        answers(office, number)

        assert facts(office.bundle) == [
            fact(
                OpinionGiven,
                item="ONE",
                handler="dept-ONE",
                opinion=number,
                of="dept-TWO",
                answer="yes",
                digest="sha256:1",
            )
        ]

    def test_the_same_again_is_no_news(self, office):
        number = asks(office)
        answers(office, number)
        given(office.bundle)

        answers(office, number)

        assert facts(office.bundle) == []

    def test_otherwise_again_is_refused(self, office):
        number = asks(office)
        answers(office, number)

        with refused(OpinionNotAwaited):
            answers(office, number, "no")

    def test_is_for_who_was_asked(self, office):
        number = asks(office)

        with refused(NotAsked, of="dept-TWO"):
            answers(office, number, by="ONE")
        with refused(NotFound):
            answers(office, "nothing")

    def test_after_the_decision_is_refused(self, office):
        number = asks(office)
        office.grants("ONE")

        with refused(OpinionNotAwaited):
            answers(office, number)


class TestTime:
    def test_says_once_that_an_opinion_is_overdue(self, office):
        number = asks(office)
        due = office.bundle.timers()["opinion"]
        given(office.bundle)

        office.bundle.remind_of_opinions(act=house(due))

        assert due == noon(DUE).replace(hour=16)
        assert facts(office.bundle) == [
            fact(OpinionOverdue, item="ONE", handler="dept-ONE", opinion=number, of="dept-TWO", due_on=DUE)
        ]
        assert "opinion" not in office.bundle.timers()

    def test_is_silent_about_what_was_answered_or_is_not_needed(self, office):
        asks(office)
        asks(office, "is it clean?")
        answers(office, "ONE-1")
        assert "opinion" in office.bundle.timers()

        office.grants("ONE")

        assert "opinion" not in office.bundle.timers()

    def test_an_answer_that_comes_late_still_counts(self, office):
        number = asks(office)
        office.bundle.remind_of_opinions(act=house(noon(date(2026, 8, 3))))

        answers(office, number)

        assert names(office.bundle)[-1] == "OpinionGiven"
