"""A grant is signed, published by a second person, perhaps renewed, and over when it expires or is revoked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.delegation import (
    Basis,
    GrantExpired,
    GrantMade,
    GrantPublished,
    GrantRenewalDue,
    GrantRenewalUndone,
    GrantRenewed,
    GrantRevoked,
    MakeGrant,
)
from contracts.language import Fact
from delegation.domain import (
    AlreadyPublished,
    AlreadyRenewed,
    ApprovalTooLow,
    BasisMissing,
    DigestInvalid,
    DocumentMissing,
    DutiesMissing,
    Grant,
    GranteeNotEligible,
    GrantExists,
    GrantIsOver,
    GrantIsRevoked,
    GrantToItself,
    ImplementerWrong,
    ItemsNotNamed,
    LevelsReversed,
    NothingGranted,
    NotRenewable,
    NotTheGrantor,
    PartNotDescribed,
    PowerSourceWrong,
    PublicationMissing,
    PublisherMustDiffer,
    RenewalTooLate,
    Status,
    SubDelegationForbidden,
    TermIsOver,
    TermMissing,
    TermReversed,
)
from eventing.errors import Forbidden, Refused
from testkit.facts import fact, facts, given, names, refused, replayed

from .mothers import (
    DIGEST,
    PUBLISHER,
    RENEWAL_DAYS,
    SIGNER,
    STRANGER,
    a_grant,
    a_published_grant,
    concentrating,
    entrusting,
    held,
    on,
    renewal,
    terms,
)


class TestSigning:
    def test_a_grant_is_made_as_it_was_signed(self) -> None:
        grant = a_grant(windows=("w-1", "w-2"), level_from="4", level_to="4", power_source="6", seal=DIGEST)

        assert facts(grant) == [
            fact(
                GrantMade,
                grant="g-1",
                legal_form="hall_practice",
                grantor="market",
                grantee="county-hall",
                grantee_kind="public_institution",
                items=("food",),
                powers=("receive", "accept"),
                windows=("w-1", "w-2"),
                valid_from=date(2026, 1, 1),
                valid_until=date(2026, 12, 31),
                document="W-2026-1",
                level_from="4",
                level_to="4",
                power_source="6",
                seal=DIGEST,
                renew_by=date(2026, 12, 16),
            )
        ]

    @pytest.mark.parametrize(
        ("command", "refusal"),
        [
            (terms(document=" "), DocumentMissing),
            (terms(items=()), NothingGranted),
            (terms(items=("food", "")), NothingGranted),
            (terms(powers=()), NothingGranted),
            (terms(valid_until=date(2025, 12, 31)), TermReversed),
            (terms(valid_until=date(2026, 7, 22)), TermIsOver),
            (terms(grantee="market"), GrantToItself),
            (terms(seal="sha256:short"), DigestInvalid),
            (terms(extent="part"), PartNotDescribed),
            (terms(part="only the renewals"), PartNotDescribed),
            # what the 委托书 says at least (质检总局令149号 第10条)
            (entrusting(items=("*",)), ItemsNotNamed),
            (entrusting(valid_until=None), TermMissing),
            (entrusting(duties=" "), DutiesMissing),
            (entrusting(grantee="market"), GrantToItself),
            # 行政许可法 第22–26条: what the form rests on
            (entrusting(basis=None), BasisMissing),
            (entrusting(basis=Basis("designation", "县政府〔2026〕1号")), BasisMissing),
            (entrusting(basis=Basis("rule", " ")), BasisMissing),
            (concentrating(basis=None), BasisMissing),
            (concentrating(basis=Basis("approval", "市政府〔2026〕1号", level="3")), ApprovalTooLow),
            (concentrating(legal_form="authorised", basis=Basis("rule", "县规")), BasisMissing),
            (concentrating(legal_form="unified", powers=("accept",)), BasisMissing),
            # A.2, A.3 and 权力来源
            (terms(level_from="4", level_to="3"), LevelsReversed),
            (terms(level_from="4"), LevelsReversed),
            (terms(power_source="1"), PowerSourceWrong),
            (terms(power_source="4"), PowerSourceWrong),
            (terms(power_source="5", level_from="4", level_to="4"), PowerSourceWrong),
            (terms(power_source="6", level_from="3", level_to="4"), PowerSourceWrong),
            (terms(implementer="1"), ImplementerWrong),
            (entrusting(implementer="2"), ImplementerWrong),
        ],
    )
    def test_every_rule_is_kept(self, command: MakeGrant, refusal: type[Refused]) -> None:
        grant = Grant("g-1")

        with refused(refusal):
            grant.make(command, (), SIGNER, renewal_days=RENEWAL_DAYS)
        assert facts(grant) == []

    @pytest.mark.parametrize(
        "command",
        [
            terms(),
            terms(valid_until=None),
            terms(items=("*",)),
            terms(extent="part", part="only the renewals"),
            terms(level_from="7", level_to="3"),
            terms(level_from="3", level_to="4", power_source="5", implementer="3"),
            entrusting(),
            entrusting(level_from="2", level_to="4", power_source="5", implementer="3", valid_until=date(2026, 7, 23)),
            concentrating(),
            concentrating(power_source="4", implementer="1", basis=Basis("approval", "省政府〔2026〕1号", level="2")),
            concentrating(legal_form="authorised", grantee_kind="public_institution", basis=Basis("law", "第23条")),
            concentrating(
                legal_form="unified", powers=("accept", "certify"), basis=Basis("designation", "县政府〔2026〕1号")
            ),
            terms(legal_form="statutory", grantee="market", items=("*",), powers=("decide",), power_source="1"),
        ],
    )
    def test_what_the_rules_allow_is_signed(self, command: MakeGrant) -> None:
        assert a_grant(command).status is Status.MADE

    def test_only_the_grantor_signs(self) -> None:
        with refused(NotTheGrantor, grantor="market", organisation="health"):
            a_grant(act=STRANGER)

    def test_the_same_again_is_no_news_and_another_content_is_refused(self) -> None:
        grant = given(a_grant())

        grant.make(terms(), (), SIGNER, renewal_days=RENEWAL_DAYS)
        with refused(GrantExists, grant="g-1"):
            grant.make(terms(items=("baths",)), (), SIGNER, renewal_days=RENEWAL_DAYS)
        assert facts(grant) == []


POWERS = ("receive", "accept", "review", "decide", "certify")
EVERYTHING = set(POWERS)
MOST = {
    ("statutory", "administrative_organ"): EVERYTHING,
    ("statutory", "public_institution"): EVERYTHING,
    ("statutory", "other"): EVERYTHING,
    ("authorised", "administrative_organ"): EVERYTHING,
    ("authorised", "public_institution"): EVERYTHING,
    ("authorised", "other"): EVERYTHING,
    ("entrusted", "administrative_organ"): EVERYTHING,
    ("concentrated", "administrative_organ"): EVERYTHING,
    ("unified", "administrative_organ"): {"receive", "accept", "certify"},
    ("hall_practice", "administrative_organ"): {"receive", "accept"},
    ("hall_practice", "public_institution"): {"receive", "accept"},
    ("hall_practice", "other"): {"receive"},
}
"""Who can have which power in which form; nothing where nothing is said (行政许可法 第22–26条)."""

BASIS = {
    "authorised": Basis("law", "第23条"),
    "entrusted": Basis("law", "第24条"),
    "concentrated": Basis("approval", "国函", level="1"),
    "unified": Basis("designation", "县政府"),
}


@pytest.mark.parametrize("power", POWERS)
@pytest.mark.parametrize("kind", ["administrative_organ", "public_institution", "other"])
@pytest.mark.parametrize("form", ["statutory", "authorised", "entrusted", "concentrated", "unified", "hall_practice"])
def test_form_and_grantee_say_which_powers_can_be_given(form: str, kind: str, power: str) -> None:
    command = entrusting(legal_form=form, grantee_kind=kind, powers=(power,), basis=BASIS.get(form))

    if power in MOST.get((form, kind), ()):
        assert a_grant(command).status is Status.MADE
    else:
        with refused(GranteeNotEligible, legal_form=form, powers=[power]):
            a_grant(command)


class TestPassingOn:
    """行政许可法 第24条第3款: 不得再委托其他组织或者个人."""

    @pytest.mark.parametrize("form", ["entrusted", "hall_practice"])
    def test_what_was_lent_is_not_given_further(self, form: str) -> None:
        lent = held(grant="g-0", legal_form=form, grantor="health", grantee="market", items=("food", "baths"))

        with refused(SubDelegationForbidden, grantor="market", grant="g-0", items=["food"]):
            a_grant(grants=[lent])

    @pytest.mark.parametrize(
        "others",
        [
            {"items": ("baths",)},
            {"items": ("*",)},
            {"legal_form": "concentrated"},
            {"grantee": "somebody-else"},
            {"status": "revoked"},
            {"status": "expired"},
            {"valid_until": date(2026, 7, 22)},
        ],
    )
    def test_what_is_ones_own_may_be_given(self, others: dict[str, Any]) -> None:
        holds = held(**{"grant": "g-0", "grantor": "health", "grantee": "market", **others})

        assert a_grant(grants=[holds]).status is Status.MADE

    def test_nor_over_a_third(self) -> None:
        lent = held(grant="g-0", grantor="health", grantee="agency")
        further = held(grant="g-9", legal_form="authorised", grantor="agency", grantee="market")

        with refused(SubDelegationForbidden, grant="g-0"):
            a_grant(grants=[lent, further])

    def test_nor_round_about(self) -> None:
        one = held(grant="g-7", legal_form="authorised", grantor="agency", grantee="market")
        other = held(grant="g-8", legal_form="authorised", grantor="market", grantee="agency")

        assert a_grant(grants=[one, other]).status is Status.MADE

    def test_nor_the_other_way_round_in_time(self) -> None:
        already = held(grant="g-9", legal_form="authorised", grantor="approvals", grantee="yet-another")

        with refused(SubDelegationForbidden, grantor="approvals", grant="g-9", items=["food"]):
            a_grant(entrusting(), grants=[already])


class TestPublishing:
    def test_a_second_person_publishes_it(self) -> None:
        grant = given(a_grant())

        grant.publish("P-1", PUBLISHER)

        assert facts(grant) == [fact(GrantPublished, publication="P-1", grant="g-1")]

    def test_whoever_signed_it_does_not(self) -> None:
        with refused(PublisherMustDiffer, by="director"):
            a_grant().publish("P-1", SIGNER)

    def test_nor_does_a_service(self) -> None:
        service = msgspec.structs.replace(PUBLISHER, by="service:desk")
        with refused(PublisherMustDiffer, by="service:desk"):
            a_grant().publish("P-1", service)

    def test_nor_does_anybody_else_than_the_grantor(self) -> None:
        with refused(NotTheGrantor, organisation="health"):
            a_grant().publish("P-1", STRANGER)

    def test_it_needs_a_number(self) -> None:
        with refused(PublicationMissing):
            a_grant().publish(" ", PUBLISHER)

    def test_it_is_too_late_when_the_term_is_over_whether_or_not_anybody_noted_it(self) -> None:
        with refused(GrantIsOver):
            a_grant().publish("P-1", on(date(2027, 1, 1), "secretary"))

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

        assert facts(grant) == [fact(GrantRevoked, reason="supervision found faults", grant="g-1")]

    def test_a_grant_may_be_taken_back_before_it_counts(self) -> None:
        grant = a_grant()

        grant.revoke("mistake", SIGNER)

        with refused(GrantIsRevoked):
            grant.publish("P-1", PUBLISHER)

    def test_the_grantors_superior_may_revoke_it_and_nobody_else(self) -> None:
        grant = given(a_published_grant(superior="city-market"))

        with refused(NotTheGrantor, organisation="health"):
            grant.revoke("faults", STRANGER)
        grant.revoke("faults", on(date(2026, 8, 1), "superior-1", "city-market"))

        assert names(grant) == ["GrantRevoked"]

    def test_revoked_stays_revoked(self) -> None:
        grant = a_published_grant()
        grant.revoke("faults", SIGNER)
        given(grant)

        grant.revoke("faults", SIGNER)
        with refused(GrantIsRevoked):
            grant.revoke("other", SIGNER)
        with refused(GrantExists):
            grant.make(terms(items=("baths",)), (), SIGNER, renewal_days=RENEWAL_DAYS)
        assert facts(grant) == []

    def test_what_is_over_is_not_revoked(self) -> None:
        with refused(GrantIsOver):
            a_published_grant().revoke("faults", on(date(2027, 1, 1)))


class TestRenewing:
    """质检总局令149号 第12条: a renewal is signed fifteen days before the end."""

    def test_a_new_grant_follows_with_the_same_content(self) -> None:
        grant = Grant("g-2")

        grant.renew(renewal(), a_published_grant(), (), on(date(2026, 12, 16)), renewal_days=RENEWAL_DAYS)

        assert facts(grant) == [
            fact(
                GrantMade,
                grant="g-2",
                renews="g-1",
                legal_form="hall_practice",
                grantor="market",
                grantee="county-hall",
                grantee_kind="public_institution",
                items=("food",),
                powers=("receive", "accept"),
                valid_from=date(2027, 1, 1),
                valid_until=date(2027, 12, 31),
                document="W-2026-2",
                renew_by=date(2027, 12, 16),
            )
        ]

    def test_the_last_day_is_the_fifteenth_before_the_end(self) -> None:
        with refused(RenewalTooLate, renew_by=date(2026, 12, 16), valid_until=date(2026, 12, 31)):
            Grant("g-2").renew(renewal(), a_published_grant(), (), on(date(2026, 12, 17)), renewal_days=RENEWAL_DAYS)

    @pytest.mark.parametrize(
        ("old", "refusal"),
        [
            (a_grant(), NotRenewable),
            (a_published_grant(valid_until=None), NotRenewable),
        ],
    )
    def test_only_what_counts_and_has_an_end_is_renewed(self, old: Grant, refusal: type[Refused]) -> None:
        with refused(refusal, grant="g-1"):
            Grant("g-2").renew(renewal(), old, (), SIGNER, renewal_days=RENEWAL_DAYS)

    def test_what_was_revoked_or_has_expired_is_signed_anew(self) -> None:
        revoked, expired = a_published_grant(), a_published_grant()
        revoked.revoke("faults", SIGNER)
        expired.expire(on(date(2027, 1, 1)))

        with refused(GrantIsRevoked):
            Grant("g-2").renew(renewal(), revoked, (), SIGNER, renewal_days=RENEWAL_DAYS)
        with refused(GrantIsOver):
            Grant("g-2").renew(renewal(), expired, (), SIGNER, renewal_days=RENEWAL_DAYS)

    def test_the_rules_of_signing_hold(self) -> None:
        with refused(DocumentMissing):
            Grant("g-2").renew(renewal(document=""), a_published_grant(), (), SIGNER, renewal_days=RENEWAL_DAYS)
        with refused(TermReversed):
            Grant("g-2").renew(
                renewal(valid_until=date(2026, 12, 1)), a_published_grant(), (), SIGNER, renewal_days=RENEWAL_DAYS
            )
        with refused(NotTheGrantor):
            Grant("g-2").renew(renewal(), a_published_grant(), (), STRANGER, renewal_days=RENEWAL_DAYS)

    def test_one_grant_follows_and_no_second(self) -> None:
        old = a_published_grant()
        old.note_renewal("g-2", SIGNER, undone=False)

        with refused(AlreadyRenewed, successor="g-2"):
            Grant("g-3").renew(renewal(grant="g-3"), old, (), SIGNER, renewal_days=RENEWAL_DAYS)

    def test_the_same_again_is_no_news_however_late(self) -> None:
        old, new = a_published_grant(), Grant("g-2")
        new.renew(renewal(), old, (), SIGNER, renewal_days=RENEWAL_DAYS)
        old.note_renewal("g-2", SIGNER, undone=False)
        given(new)

        new.renew(renewal(), old, (), on(date(2027, 2, 1)), renewal_days=RENEWAL_DAYS)

        assert facts(new) == []

    def test_the_grant_before_notes_what_follows_and_that_it_does_not(self) -> None:
        old = given(a_published_grant())

        old.note_renewal("g-2", SIGNER, undone=False)
        old.note_renewal("g-2", SIGNER, undone=False)
        old.note_renewal("g-3", SIGNER, undone=True)
        old.note_renewal("g-2", SIGNER, undone=True)

        assert facts(old) == [
            fact(GrantRenewed, grant="g-1", successor="g-2"),
            fact(GrantRenewalUndone, grant="g-1", successor="g-2"),
        ]

    def test_what_is_over_notes_nothing(self) -> None:
        old = a_published_grant()
        old.revoke("faults", SIGNER)
        given(old)

        old.note_renewal("g-2", SIGNER, undone=False)

        assert facts(old) == []


def start(day: date) -> datetime:
    """The first instant of a day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


class TestTheEnd:
    def test_the_last_day_for_renewing_is_told_and_then_the_end(self) -> None:
        grant = a_published_grant()

        assert grant.timers() == {"renewal": start(date(2026, 12, 16)), "expiry": start(date(2027, 1, 1))}

    def test_what_is_not_published_or_follows_in_time_needs_no_reminder(self) -> None:
        renewed, late = a_published_grant(), a_grant()
        renewed.note_renewal("g-2", SIGNER, undone=False)
        late.publish("P-1", on(date(2026, 12, 17), "secretary"))

        assert a_grant().timers().keys() == renewed.timers().keys() == late.timers().keys() == {"expiry"}

    def test_a_renewal_that_was_undone_is_reminded_of(self) -> None:
        grant = a_published_grant()
        grant.note_renewal("g-2", SIGNER, undone=False)
        grant.note_renewal("g-2", SIGNER, undone=True)

        assert "renewal" in grant.timers()

    def test_the_reminder_says_whom_it_concerns_and_is_given_once(self) -> None:
        grant = given(a_published_grant())

        grant.remind(on(date(2026, 12, 16), "system", ""))

        assert facts(grant) == [
            fact(
                GrantRenewalDue,
                grant="g-1",
                grantor="market",
                grantee="county-hall",
                renew_by=date(2026, 12, 16),
                valid_until=date(2026, 12, 31),
            )
        ]
        assert grant.timers().keys() == {"expiry"}

    def test_the_end_is_noted(self) -> None:
        grant = given(a_published_grant())

        grant.expire(on(date(2027, 1, 1), "system", ""))

        assert facts(grant) == [
            fact(GrantExpired, grant="g-1", grantor="market", grantee="county-hall", valid_until=date(2026, 12, 31))
        ]
        assert grant.timers() == {}
        with refused(GrantIsOver):
            grant.revoke("faults", SIGNER)

    def test_without_a_term_nothing_is_due(self) -> None:
        grant = given(a_published_grant(valid_until=None))

        grant.remind(SIGNER)
        grant.expire(SIGNER)

        assert grant.timers() == {}
        assert facts(grant) == []


def test_a_grant_of_the_release_before_loads_and_ends() -> None:
    past = GrantMade(
        at=SIGNER.at,
        by="head",
        legal_form="unified",
        grantor="market",
        grantee="county-hall",
        grantee_kind="public_institution",
        items=("*",),
        powers=("receive", "accept"),
        valid_from=date(2025, 1, 1),
        valid_until=date(2026, 12, 31),
        document="W",
    )

    grant = replayed(Grant("g-1"), [past])

    assert grant.timers() == {"expiry": start(date(2027, 1, 1))}
    grant.publish("P-1", PUBLISHER)
    assert grant.status is Status.PUBLISHED


NEXT = {
    "": {"GrantMade"},
    "made": {"GrantPublished", "GrantRevoked", "GrantExpired"},
    "published": {"GrantRevoked", "GrantExpired", "GrantRenewed", "GrantRenewalUndone", "GrantRenewalDue"},
    "over": set(),
}
"""What may happen next, written down apart from the code."""

LEADS = {"GrantMade": "made", "GrantPublished": "published", "GrantRevoked": "over", "GrantExpired": "over"}

PEOPLE = st.sampled_from(["director", "secretary", "clerk"])
ORGANISATIONS = st.sampled_from(["market", "market", "market", "city-market", "health"])


class Walk(RuleBasedStateMachine):
    """One grant and everything that anybody may try, on days that go by."""

    def __init__(self) -> None:
        super().__init__()
        self.grant = Grant("g-1")
        self.past: list[Fact] = []
        self.phase = ""
        self.today = date(2026, 7, 23)

    def attempt(self, step: Any) -> None:
        try:
            step()
        except (Refused, Forbidden):
            assert not self.grant.pending
        for happened in self.grant.pending:
            name = type(happened).__name__
            assert name in NEXT[self.phase]
            self.phase = LEADS.get(name, self.phase)
            self.past.append(happened)
        self.grant.pending.clear()

    @rule(
        by=PEOPLE,
        org=ORGANISATIONS,
        items=st.sampled_from([("food",), ("*",), ()]),
        until=st.sampled_from([None, date(2026, 8, 20), date(2026, 12, 31)]),
    )
    def make(self, by: str, org: str, items: tuple[str, ...], until: date | None) -> None:
        command = terms(items=items, valid_until=until, superior="city-market")
        self.attempt(lambda: self.grant.make(command, (), on(self.today, by, org), renewal_days=RENEWAL_DAYS))

    @rule(by=PEOPLE, org=ORGANISATIONS, publication=st.sampled_from(["P-1", "P-2", ""]))
    def publish(self, by: str, org: str, publication: str) -> None:
        if self.past:
            self.attempt(lambda: self.grant.publish(publication, on(self.today, by, org)))

    @rule(by=PEOPLE, org=ORGANISATIONS, reason=st.sampled_from(["faults", "renewal"]))
    def revoke(self, by: str, org: str, reason: str) -> None:
        if self.past:
            self.attempt(lambda: self.grant.revoke(reason, on(self.today, by, org)))

    @rule(successor=st.sampled_from(["g-2", "g-3"]), undone=st.booleans())
    def follow(self, successor: str, undone: bool) -> None:
        self.attempt(lambda: self.grant.note_renewal(successor, on(self.today, "system", ""), undone=undone))

    @rule(days=st.sampled_from([1, 5, 30]))
    def days_go_by(self, days: int) -> None:
        self.today += timedelta(days=days)
        act = on(self.today, "system", "")
        for name, due in sorted(self.grant.timers().items(), key=lambda timer: timer[1]):
            if due <= act.at and name in self.grant.timers():
                fire = {"renewal": self.grant.remind, "expiry": self.grant.expire}[name]
                self.attempt(lambda fire=fire: fire(act))
                assert name not in self.grant.timers()

    @invariant()
    def two_people_of_the_grantor_stand_behind_a_published_grant(self) -> None:
        people = [each.by for each in self.past if isinstance(each, GrantMade | GrantPublished)]
        assert len(set(people)) == len(people)

    @invariant()
    def nothing_is_published_or_revoked_after_its_term(self) -> None:
        if self.past and isinstance(self.past[0], GrantMade) and self.past[0].valid_until:
            over = start(self.past[0].valid_until + timedelta(days=1))
            assert all(each.at < over for each in self.past if isinstance(each, GrantPublished | GrantRevoked))

    @invariant()
    def a_grant_that_is_not_over_will_end_with_its_term(self) -> None:
        made = self.past[0] if self.past else None
        if isinstance(made, GrantMade) and made.valid_until and self.phase != "over":
            assert self.grant.timers()["expiry"] == start(made.valid_until + timedelta(days=1))
        else:
            assert self.grant.timers() == {}

    @invariant()
    def a_replay_leads_to_the_same_state(self) -> None:
        assert replayed(self.grant, self.past).state() == self.grant.state()


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
