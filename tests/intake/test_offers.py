"""导入: a theme is offered where a single item is handled; offer, answer and reason are counted."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.intake import ItemsJoined, JoinItems
from contracts.language import Act
from contracts.offers import AnswerOffer, ListOffers, OfferTheme, SuggestThemes
from eventing.errors import NotFound, Refused
from intake.domain.offer import (
    ItemNotOfTheme,
    Offer,
    OfferDiffers,
    OfferSettled,
    ReasonUnknown,
    suggestions,
)
from intake.domain.refusals import NoHall
from intake.offers import reasons
from kernel.digests import canonical
from testkit.facts import NOON, an_act, facts, given, names, refused, replayed

from .mothers import PERSON, catalogue
from .neighbours import CLERK, STRANGER, Office, opening, person

REASONS = {"not_ready", "other"}


def made(offer: Offer | None = None, *, act: Act | None = None, **more: Any) -> Offer:
    offer = offer or Offer("o1")
    offer.make(catalogue(), **{"theme": "SP", "item": "SP03", "channel": "window", **more}, act=act or an_act())
    return offer


def an_offer() -> Offer:
    return given(made())


def answered(offer: Offer, answer: Any, reason: str = "", words: str = "") -> Offer:
    offer.answer(answer, reason=reason, words=words, reasons=REASONS, act=an_act())
    return offer


def test_an_offer_names_item_theme_and_hall() -> None:
    assert facts(made(origin="c0", applicant_index="index-1")) == [
        (
            "OfferMade",
            {
                "theme": "SP",
                "item": "SP03",
                "catalogue": catalogue().version,
                "hall": "county",
                "window": "w1",
                "channel": "window",
                "origin": "c0",
                "applicant_index": "index-1",
            },
        )
    ]


def test_the_same_offer_again_is_no_news_and_another_is_refused() -> None:
    offer = an_offer()

    assert facts(made(offer)) == []
    with refused(OfferDiffers, theme="SP", item="SP03"):
        made(offer, item="SP04")


def test_an_offer_is_made_at_a_counter() -> None:
    with refused(NoHall):
        made(act=Act(at=NOON, by="somebody"))


@pytest.mark.parametrize(("theme", "item"), [("SQ", "SP03"), ("SP", "XX01"), ("NO", "SP03")])
def test_only_a_theme_that_has_the_item_is_offered(theme: str, item: str) -> None:
    with refused(ItemNotOfTheme):
        made(theme=theme, item=item)


def test_a_suggestion_says_what_else_would_be_handled() -> None:
    (found,) = suggestions(catalogue(), "SP03")

    # SP02 is a step among offices, SP06 an extension that nobody adopted.
    assert (found.theme, found.item, list(found.others)) == ("SP", "SP03", ["SP01", "SP04", "SP05"])


def test_a_theme_of_one_item_is_nothing_to_offer() -> None:
    assert [each.theme for each in suggestions(catalogue(), "SP05")] == ["SP"]  # SQ has SP05 alone


def test_yes_needs_no_reason_and_no_is_counted_by_one() -> None:
    assert facts(answered(an_offer(), "accepted", "not_ready")) == [("OfferAnswered", {"answer": "accepted"})]
    assert facts(answered(an_offer(), "declined", "not_ready", "下月再来")) == [
        ("OfferAnswered", {"answer": "declined", "reason": "not_ready", "words": "下月再来"})
    ]


@pytest.mark.parametrize(("reason", "words"), [("", ""), ("mood", "x"), ("other", " ")])
def test_a_no_without_a_reason_of_the_table_is_refused(reason: str, words: str) -> None:
    with refused(ReasonUnknown, reasons=sorted(REASONS)):
        answered(an_offer(), "declined", reason, words)


def test_people_change_their_mind_until_a_case_came_of_it() -> None:
    offer = answered(answered(an_offer(), "declined", "not_ready"), "accepted")
    assert names(answered(offer, "accepted")) == ["OfferAnswered", "OfferAnswered"]

    offer.take("c1", act=an_act())
    offer.take("c2", act=an_act())

    assert offer.taken_by == "c1"
    assert answered(offer, "accepted").standing == "taken"
    with refused(OfferSettled, case="c1"):
        answered(offer, "declined", "not_ready")


class OfferWalk(RuleBasedStateMachine):
    """One offer against a model: its last answer, until a case came of it."""

    def __init__(self) -> None:
        super().__init__()
        self.offer = made()
        self.model = "open"

    @rule(answer=st.sampled_from(["accepted", "declined"]), reason=st.sampled_from(["", "not_ready", "other"]))
    def answer(self, answer: Any, reason: str) -> None:
        may = self.model != "taken" and (answer == "accepted" or reason == "not_ready")
        try:
            answered(self.offer, answer, reason)
            assert may or (self.model, answer) == ("taken", "accepted")
        except Refused:
            assert not may
        if may:
            self.model = answer

    @rule(case=st.sampled_from(["c1", "c2"]))
    def take(self, case: str) -> None:
        self.offer.take(case, act=an_act())
        self.model = "taken"

    @invariant()
    def it_is_what_the_model_says(self) -> None:
        assert self.offer.standing == self.model
        assert canonical(replayed(self.offer, self.offer.pending).state()) == canonical(self.offer.state())


TestOfferWalk = OfferWalk.TestCase
TestOfferWalk.settings = settings(max_examples=30, stateful_step_count=10, deadline=None)


# the service


def offering(offer: str = "o1", **more: Any) -> OfferTheme:
    return OfferTheme(**{"offer": offer, "theme": "SP", "item": "SP03", "identifier": PERSON.identifier, **more})


def test_offers_are_counted_by_what_became_of_them(office: Office) -> None:
    for n in range(4):
        office.send(offering(f"o{n}"))
        office.clock.advance(timedelta(seconds=1))
    office.send(AnswerOffer(offer="o1", answer="declined", reason="not_ready"))
    office.send(AnswerOffer(offer="o2", answer="accepted"))
    office.send(opening(offer="o3"))
    office.settle()

    told = office.ask(ListOffers(theme="SP", hall="county", limit=3))
    assert told["counts"] == {"open": 1, "declined": 1, "accepted": 1, "taken": 1}
    assert [each["offer"] for each in told["offers"]] == ["o3", "o2", "o1"]
    rest = office.ask(ListOffers(limit=3, after=told["after"]))
    assert [each["offer"] for each in rest["offers"]] == ["o0"]
    taken = office.ask(ListOffers(state="taken"))["offers"]
    assert [(each["offer"], each["taken_by"]) for each in taken] == [("o3", "c1")]
    assert office.ask(ListOffers(hall="street"))["offers"] == []


def test_who_it_was_offered_to_is_known_by_a_blind_index_alone(office: Office) -> None:
    office.send(offering())

    assert PERSON.identifier.encode() not in office.running.log()[0].state
    assert "applicant_index" not in office.ask(ListOffers())["offers"][0]


def test_a_joined_case_takes_its_offer_up(office: Office) -> None:
    office.send(offering())
    joined = ItemsJoined(case_id="c5", at=NOON, by="x", items=("SP04",), answers={}, plan=(), offer="o1")

    office.running.follow("intake", ("c5", 7, joined))

    assert office.ask(ListOffers(state="taken"))["offers"][0]["taken_by"] == "c5"


def test_a_case_names_an_offer_that_was_made_or_none(office: Office) -> None:
    office.send(opening("c1"))

    # the id of another thing would stop the case behind the reaction that takes the offer up
    for offer in ("o9", "c1"):
        with refused(NotFound, what="offer"):
            office.send(opening("c2", applicant=person(2), offer=offer))
        with refused(NotFound, what="offer"):
            office.send(JoinItems(case_id="c1", items=("SP03",), offer=offer))

    assert office.topics().count("opened") == 1


def test_what_was_never_offered_is_not_answered(office: Office) -> None:
    with refused(NotFound):
        office.send(AnswerOffer(offer="o9", answer="accepted"), by=STRANGER)
    with refused(ReasonUnknown):
        office.send(offering(), by=CLERK)
        office.send(AnswerOffer(offer="o1", answer="declined"))


def test_the_table_of_reasons_is_told_with_the_suggestion(office: Office) -> None:
    told = office.ask(SuggestThemes(item="SP03"))

    assert [each["theme"] for each in told["themes"]] == ["SP"]
    assert told["reasons"].keys() == reasons().keys() >= {"other"}
    assert all(words.keys() == {"zh", "en"} for words in reasons().values())
    assert office.ask(SuggestThemes(item="XX"))["themes"] == []
