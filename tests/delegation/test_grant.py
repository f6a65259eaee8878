"""A grant is signed, published by a second person, and perhaps revoked."""

from datetime import date
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.delegation import GrantMade, GrantPublished, GrantRevoked
from contracts.language import Fact
from delegation.domain import (
    AlreadyPublished,
    DocumentMissing,
    Grant,
    GranteeNotEligible,
    GrantExists,
    GrantIsRevoked,
    GrantToItself,
    NothingGranted,
    PublicationMissing,
    PublisherMustDiffer,
    Status,
    SubDelegationForbidden,
    TermReversed,
)
from eventing.errors import Refused
from testkit.facts import an_act, fact, facts, given, refused, replayed

from .mothers import PUBLISHER, SIGNER, a_grant, a_published_grant, held, terms


class TestSigning:
    def test_a_grant_is_made_as_it_was_signed(self) -> None:
        grant = a_grant()

        assert facts(grant) == [
            fact(
                GrantMade,
                legal_form="entrusted",
                grantor="market",
                grantee="county-hall",
                grantee_kind="public_institution",
                items=("food",),
                powers=("receive", "accept"),
                valid_from=date(2026, 1, 1),
                valid_until=date(2026, 12, 31),
                document="W-2026-1",
            )
        ]

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"document": " "}, DocumentMissing),
            ({"items": ()}, NothingGranted),
            ({"items": ("food", "")}, NothingGranted),
            ({"powers": ()}, NothingGranted),
            ({"valid_until": date(2025, 12, 31)}, TermReversed),
            ({"grantee": "market"}, GrantToItself),
            ({"powers": ("accept", "decide")}, GranteeNotEligible),
            ({"powers": ("review",), "grantee_kind": "other"}, GranteeNotEligible),
        ],
    )
    def test_every_rule_is_kept(self, changes: dict[str, Any], refusal: type[Refused]) -> None:
        grant = Grant("g-1")

        with refused(refusal):
            grant.make(terms(**changes), (), SIGNER)
        assert facts(grant) == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"powers": ("decide",), "grantee_kind": "administrative_organ"},
            {"powers": ("decide",), "legal_form": "authorised"},
            {"valid_until": date(2026, 1, 1)},
            {"valid_until": None},
            {"legal_form": "statutory", "grantee": "market", "items": ("*",)},
        ],
    )
    def test_what_the_rules_allow_is_signed(self, changes: dict[str, Any]) -> None:
        assert a_grant(**changes).status is Status.MADE

    def test_what_was_entrusted_is_not_entrusted_further(self) -> None:
        entrusted = held(grant="g-0", grantor="health", grantee="market", items=("food", "baths"))

        with refused(SubDelegationForbidden, grantor="market", grant="g-0", items=["food"]):
            Grant("g-1").make(terms(), [entrusted], SIGNER)

    @pytest.mark.parametrize(
        "others",
        [
            {"items": ("baths",)},
            {"legal_form": "concentrated"},
            {"grantee": "somebody-else"},
        ],
    )
    def test_what_is_ones_own_may_be_entrusted(self, others: dict[str, Any]) -> None:
        holds = held(**{"grant": "g-0", "grantor": "health", "grantee": "market", "items": ("food",), **others})

        Grant("g-1").make(terms(), [holds], SIGNER)

    def test_the_same_again_is_no_news_and_another_content_is_refused(self) -> None:
        grant = given(a_grant())

        grant.make(terms(), (), SIGNER)
        with refused(GrantExists, grant="g-1"):
            grant.make(terms(items=("baths",)), (), SIGNER)
        assert facts(grant) == []


class TestPublishing:
    def test_a_second_person_publishes_it(self) -> None:
        grant = given(a_grant())

        grant.publish("P-1", PUBLISHER)

        assert facts(grant) == [fact(GrantPublished, publication="P-1")]

    def test_whoever_signed_it_does_not(self) -> None:
        with refused(PublisherMustDiffer, by="director"):
            a_grant().publish("P-1", SIGNER)

    def test_it_needs_a_number(self) -> None:
        with refused(PublicationMissing):
            a_grant().publish(" ", PUBLISHER)

    def test_the_same_again_is_no_news_and_another_number_is_refused(self) -> None:
        grant = given(a_published_grant())

        grant.publish("P-1", PUBLISHER)
        with refused(AlreadyPublished, grant="g-1"):
            grant.publish("P-2", PUBLISHER)
        assert facts(grant) == []


class TestRevoking:
    def test_it_ends_with_a_reason(self) -> None:
        grant = given(a_published_grant())

        grant.revoke("supervision found faults", SIGNER)

        assert facts(grant) == [fact(GrantRevoked, reason="supervision found faults")]

    def test_a_grant_may_be_taken_back_before_it_counts(self) -> None:
        grant = a_grant()

        grant.revoke("mistake", SIGNER)

        with refused(GrantIsRevoked):
            grant.publish("P-1", PUBLISHER)

    def test_revoked_stays_revoked(self) -> None:
        grant = a_published_grant()
        grant.revoke("faults", SIGNER)
        given(grant)

        grant.revoke("faults", SIGNER)
        with refused(GrantIsRevoked):
            grant.revoke("other", SIGNER)
        with refused(GrantExists):
            grant.make(terms(items=("baths",)), (), SIGNER)
        assert facts(grant) == []


LIFE = {
    (): {"GrantMade"},
    ("GrantMade",): {"GrantPublished", "GrantRevoked"},
    ("GrantMade", "GrantPublished"): {"GrantRevoked"},
    ("GrantMade", "GrantRevoked"): set(),
    ("GrantMade", "GrantPublished", "GrantRevoked"): set(),
}
"""After these facts, which one may come next."""

PEOPLE = st.sampled_from(["director", "secretary", "clerk"])


class Walk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.grant = Grant("g-1")
        self.past: list[Fact] = []

    def learn(self) -> None:
        for happened in self.grant.pending:
            names = tuple(type(each).__name__ for each in self.past)
            assert type(happened).__name__ in LIFE[names]
            self.past.append(happened)
        self.grant.pending.clear()

    @rule(by=PEOPLE, items=st.sampled_from([("food",), ("*",), ()]))
    def make(self, by: str, items: tuple[str, ...]) -> None:
        try:
            self.grant.make(terms(items=items), (), an_act(by))
        except Refused:
            assert not self.grant.pending
        self.learn()

    @rule(by=PEOPLE, publication=st.sampled_from(["P-1", "P-2", ""]))
    def publish(self, by: str, publication: str) -> None:
        if not self.past:
            return
        try:
            self.grant.publish(publication, an_act(by))
        except Refused:
            assert not self.grant.pending
        self.learn()

    @rule(by=PEOPLE, reason=st.sampled_from(["faults", "renewal"]))
    def revoke(self, by: str, reason: str) -> None:
        if not self.past:
            return
        try:
            self.grant.revoke(reason, an_act(by))
        except Refused:
            assert not self.grant.pending
        self.learn()

    @invariant()
    def two_people_stand_behind_a_published_grant(self) -> None:
        people = [each.by for each in self.past if isinstance(each, GrantMade | GrantPublished)]
        assert len(set(people)) == len(people)

    @invariant()
    def a_replay_leads_to_the_same_state(self) -> None:
        assert replayed(self.grant, self.past).state() == self.grant.state()


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=50, stateful_step_count=15, deadline=None)
