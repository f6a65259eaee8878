"""An agent helps an applicant or acts for them, within a scope, until the mandate ends."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.delegation import (
    EndMandate,
    MandateEnded,
    MandateExpired,
    MandateGiven,
    MandatePaused,
    MandateResumed,
    PauseMandate,
    ResumeMandate,
)
from contracts.language import Act, Fact
from delegation.domain import (
    AgentWithoutOrganisation,
    AuthorisationMissing,
    DigestInvalid,
    HelperCannotAct,
    Mandate,
    MandateExists,
    MandateIsOver,
    MandateIsPaused,
    MandateNotPaused,
    NothingMandated,
    NotTheAgent,
    ReasonMissing,
    ReceiptMissing,
    TermReversed,
    ThemeNotForAgents,
    UnknownThemes,
)
from eventing.errors import Forbidden, Refused
from testkit.facts import an_act, fact, facts, given, refused, replayed

from .mothers import DIGEST, PRINCIPAL, THEMES, TODAY, a_mandate, agency, giving, wanted

CLERK = an_act("clerk-7")
LATE = an_act("clerk-7", at=datetime(2026, 10, 1, 4, tzinfo=UTC))


def pause(reason: str = "the applicant is away") -> PauseMandate:
    return PauseMandate(mandate="m-1", reason=reason, document="ZZ-1")


def resume(**changes: Any) -> ResumeMandate:
    return ResumeMandate(**{"mandate": "m-1", "document": "XB-1", "digest": DIGEST, **changes})


def end(**changes: Any) -> EndMandate:
    return EndMandate(**{"mandate": "m-1", "because": "completed", "document": "BJ-1", **changes})


def a_paused_mandate(**changes: Any) -> Mandate:
    mandate = a_mandate(**changes)
    mandate.pause(pause(), CLERK)
    return mandate


class TestGiving:
    def test_it_says_who_may_do_what_for_whom(self) -> None:
        assert facts(a_mandate()) == [
            (
                "MandateGiven",
                {
                    "mandate": "m-1",
                    "kind": "act_for",
                    "principal": PRINCIPAL,
                    "agent": "helper-1",
                    "organisation": "zwzx",
                    "themes": ("CY",),
                    "acts": ("open", "fill", "submit"),
                    "valid_from": "2026-07-01",
                    "valid_until": "2026-09-30",
                    "receipt": "SL-1",
                    "document": "WT-1",
                    "digest": DIGEST,
                },
            )
        ]

    def test_its_forms_are_kept(self) -> None:
        mandate = a_paused_mandate()
        mandate.resume(resume(), CLERK)
        mandate.end(end(), CLERK)

        assert [(each.form, each.document) for each in mandate.papers] == [
            ("receipt", "SL-1"),
            ("authorisation", "WT-1"),
            ("suspension", "ZZ-1"),
            ("continuation", "XB-1"),
            ("closing", "BJ-1"),
        ]

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"agent": ""}, NothingMandated),
            ({"themes": ()}, NothingMandated),
            ({"acts": ()}, NothingMandated),
            ({"organisation": ""}, AgentWithoutOrganisation),
            ({"kind": "assist"}, HelperCannotAct),
            ({"kind": "assist", "acts": ("fill", "withdraw")}, HelperCannotAct),
            ({"kind": "assist", "acts": ("collect",)}, HelperCannotAct),
            ({"document": ""}, AuthorisationMissing),
            ({"digest": ""}, AuthorisationMissing),
            ({"kind": "private", "organisation": "", "document": ""}, AuthorisationMissing),
            ({"receipt": ""}, ReceiptMissing),
            ({"digest": "md5:1"}, DigestInvalid),
            ({"valid_until": date(2026, 6, 30)}, TermReversed),
            ({"themes": ("CY", "GA")}, ThemeNotForAgents),
            ({"themes": ("CY", "XX")}, UnknownThemes),
        ],
    )
    def test_every_rule_is_kept(self, changes: dict[str, Any], refusal: type[Refused]) -> None:
        with refused(refusal):
            a_mandate(**changes)

    @pytest.mark.parametrize(
        "changes",
        [
            {"kind": "assist", "acts": ("open", "fill"), "document": "", "digest": ""},
            {"kind": "private", "organisation": "", "receipt": "", "acts": ("submit", "withdraw", "collect")},
            {"themes": ("*",), "valid_until": None},
        ],
    )
    def test_what_the_rules_allow_is_given(self, changes: dict[str, Any]) -> None:
        assert a_mandate(**changes).status == "given"

    def test_the_same_again_is_no_news_and_another_content_is_refused(self) -> None:
        mandate = given(a_mandate())

        mandate.give(giving(), PRINCIPAL, CLERK, known=THEMES)
        with refused(MandateExists, mandate="m-1"):
            mandate.give(giving(), "blind-2", CLERK, known=THEMES)
        assert facts(mandate) == []


class TestPausing:
    def test_it_stops_with_a_reason(self) -> None:
        mandate = given(a_mandate())

        mandate.pause(pause(), CLERK)

        assert facts(mandate) == [fact(MandatePaused, mandate="m-1", reason="the applicant is away", document="ZZ-1")]

    def test_without_a_reason_it_does_not(self) -> None:
        with refused(ReasonMissing):
            a_mandate().pause(pause(" "), CLERK)

    def test_the_same_again_is_no_news(self) -> None:
        mandate = given(a_paused_mandate())

        mandate.pause(pause(), CLERK)
        with refused(MandateIsPaused):
            mandate.pause(pause("another reason"), CLERK)
        assert facts(mandate) == []

    def test_what_is_over_cannot_stop(self) -> None:
        with refused(MandateIsOver):
            a_mandate().pause(pause(), LATE)


class TestResuming:
    def test_it_goes_on_by_the_principals_word_in_writing(self) -> None:
        mandate = given(a_paused_mandate())

        mandate.resume(resume(), CLERK)

        assert facts(mandate) == [fact(MandateResumed, mandate="m-1", document="XB-1", digest=DIGEST)]

    @pytest.mark.parametrize("missing", ["document", "digest"])
    def test_without_it_only_a_helper_goes_on(self, missing: str) -> None:
        with refused(AuthorisationMissing):
            a_paused_mandate().resume(resume(**{missing: ""}), CLERK)

        helper = a_paused_mandate(kind="assist", acts=("fill",))
        helper.resume(resume(**{missing: ""}), CLERK)
        assert helper.status == "given"

    def test_a_digest_is_one(self) -> None:
        with refused(DigestInvalid):
            a_paused_mandate().resume(resume(digest="?"), CLERK)

    def test_the_same_again_is_no_news_and_what_runs_is_not_resumed(self) -> None:
        mandate = a_paused_mandate()
        mandate.resume(resume(), CLERK)
        given(mandate)

        mandate.resume(resume(), CLERK)
        with refused(MandateNotPaused):
            mandate.resume(resume(document="XB-2"), CLERK)
        assert facts(mandate) == []


class TestEnding:
    @pytest.mark.parametrize(
        "command", [end(), end(because="principal", reason="no more"), end(because="agent", reason="ill")]
    )
    def test_it_ends_when_all_is_done_or_one_side_wants_it(self, command: EndMandate) -> None:
        mandate = given(a_paused_mandate())

        mandate.end(command, an_act("helper-1"))

        body = {"mandate": "m-1", "because": command.because, "document": "BJ-1"}
        assert facts(mandate) == [fact(MandateEnded, **body, **({"reason": command.reason} if command.reason else {}))]

    def test_an_agent_gives_up_their_own_mandates_alone(self) -> None:
        with refused(NotTheAgent, agent="helper-1"):
            a_mandate().end(end(because="agent", reason="ill"), an_act("helper-2"))

    def test_whoever_wants_it_says_why(self) -> None:
        with refused(ReasonMissing):
            a_mandate().end(end(because="principal"), CLERK)

    def test_the_same_again_is_no_news_and_nothing_follows(self) -> None:
        mandate = a_mandate()
        mandate.end(end(), CLERK)
        given(mandate)

        mandate.end(end(), CLERK)
        for step in (
            lambda: mandate.end(end(reason="other"), CLERK),
            lambda: mandate.pause(pause(), CLERK),
            lambda: mandate.resume(resume(), CLERK),
        ):
            with refused(MandateIsOver):
                step()
        assert facts(mandate) == []

    def test_its_term_ends_it(self) -> None:
        mandate = given(a_paused_mandate())
        assert mandate.timers() == {"expiry": datetime(2026, 9, 30, 16, tzinfo=UTC)}

        mandate.expire(LATE)

        assert facts(mandate) == [fact(MandateExpired, mandate="m-1", valid_until=date(2026, 9, 30))]
        assert mandate.timers() == {}

    def test_without_a_term_nothing_is_due(self) -> None:
        mandate = given(a_mandate(valid_until=None))

        mandate.expire(LATE)

        assert mandate.timers() == {}
        assert facts(mandate) == []


@pytest.mark.parametrize(
    ("stands", "asked", "refusal"),
    [
        ({}, {}, ""),
        ({"valid_until": None}, {}, ""),
        ({"themes": ("*",)}, {}, ""),
        ({"themes": ("*",)}, {"theme": "GA"}, "out-of-scope"),
        ({}, {"theme": "XSE"}, "out-of-scope"),
        ({}, {"act": "withdraw"}, "out-of-scope"),
        ({}, {"agent": "helper-2"}, "not-the-agent"),
        ({}, {"principal": "blind-2"}, "not-the-principal"),
        ({"status": "paused"}, {}, "paused"),
        ({"status": "ended"}, {}, "ended"),
        ({"status": "expired"}, {}, "expired"),
        ({"valid_until": TODAY}, {}, ""),
        ({"valid_until": TODAY - timedelta(days=1)}, {}, "expired"),
        ({"valid_from": TODAY + timedelta(days=1)}, {}, "not-yet-valid"),
        ({"status": "ended"}, {"agent": "helper-2"}, "not-the-agent"),
    ],
)
def test_a_mandate_carries_what_is_in_its_scope_today_and_nothing_else(
    stands: dict[str, Any], asked: dict[str, Any], refusal: str
) -> None:
    assert agency(**stands).refusal(wanted(**asked), TODAY, excluded=("GA",)) == refusal


@settings(max_examples=200, deadline=None)
@forall(
    status=st.sampled_from(["given", "paused", "ended", "expired"]),
    agent=st.sampled_from(["helper-1", "helper-2"]),
    principal=st.sampled_from([PRINCIPAL, "blind-2"]),
    theme=st.sampled_from(THEMES),
    act=st.sampled_from(["open", "fill", "submit", "withdraw", "collect"]),
    today=st.dates(date(2026, 6, 1), date(2026, 11, 1)),
)
def test_nothing_is_carried_unless_everything_fits(
    *, status: str, agent: str, principal: str, theme: str, act: str, today: date
) -> None:
    fits = [
        status == "given",
        agent == "helper-1",
        principal == PRINCIPAL,
        theme == "CY",
        act in {"open", "fill", "submit"},
        date(2026, 7, 1) <= today <= date(2026, 9, 30),
    ]

    refusal = agency(status=status).refusal(wanted(agent=agent, principal=principal, theme=theme, act=act), today)

    assert (refusal == "") == all(fits)


NEXT = {
    "": {"MandateGiven"},
    "given": {"MandatePaused", "MandateEnded", "MandateExpired"},
    "paused": {"MandateResumed", "MandateEnded", "MandateExpired"},
    "over": set(),
}
LEADS = {
    "MandateGiven": "given",
    "MandatePaused": "paused",
    "MandateResumed": "given",
    "MandateEnded": "over",
    "MandateExpired": "over",
}


class Walk(RuleBasedStateMachine):
    """One mandate and everything that anybody may try, on days that go by."""

    def __init__(self) -> None:
        super().__init__()
        self.mandate = Mandate("m-1")
        self.past: list[Fact] = []
        self.phase = ""
        self.now = datetime(2026, 7, 23, 4, tzinfo=UTC)

    def act(self, by: str = "clerk-7") -> Act:
        return an_act(by, at=self.now)

    def attempt(self, step: Any) -> None:
        try:
            step()
        except (Refused, Forbidden):
            assert not self.mandate.pending
        for happened in self.mandate.pending:
            name = type(happened).__name__
            assert name in NEXT[self.phase]
            self.phase = LEADS[name]
            self.past.append(happened)
        self.mandate.pending.clear()

    @rule(kind=st.sampled_from(["assist", "act_for", "private"]), acts=st.sampled_from([("fill",), ("submit",)]))
    def give(self, kind: str, acts: tuple[str, ...]) -> None:
        self.attempt(lambda: self.mandate.give(giving(kind=kind, acts=acts), PRINCIPAL, self.act(), known=THEMES))

    @rule(reason=st.sampled_from(["", "away", "ill"]))
    def pause(self, reason: str) -> None:
        if self.past:
            self.attempt(lambda: self.mandate.pause(pause(reason), self.act()))

    @rule(document=st.sampled_from(["", "XB-1", "XB-2"]))
    def resume(self, document: str) -> None:
        if self.past:
            self.attempt(lambda: self.mandate.resume(resume(document=document), self.act()))

    @rule(
        because=st.sampled_from(["principal", "agent", "completed"]),
        reason=st.sampled_from(["", "no more"]),
        by=st.sampled_from(["helper-1", "clerk-7"]),
    )
    def end(self, because: str, reason: str, by: str) -> None:
        if self.past:
            self.attempt(lambda: self.mandate.end(end(because=because, reason=reason), self.act(by)))

    @rule(days=st.sampled_from([1, 20, 60]))
    def days_go_by(self, days: int) -> None:
        self.now += timedelta(days=days)
        if self.mandate.timers().get("expiry", self.now + timedelta(1)) <= self.now:
            self.attempt(lambda: self.mandate.expire(self.act("system")))
            assert self.phase == "over"

    @invariant()
    def nobody_submits_on_a_helpers_mandate(self) -> None:
        for happened in self.past:
            if isinstance(happened, MandateGiven) and happened.kind == "assist":
                assert "submit" not in happened.acts

    @invariant()
    def nobody_acts_for_a_principal_without_their_document(self) -> None:
        for happened in self.past:
            if isinstance(happened, MandateGiven) and happened.kind != "assist":
                assert happened.document
                assert happened.digest

    @invariant()
    def a_replay_leads_to_the_same_state(self) -> None:
        assert replayed(self.mandate, self.past).state() == self.mandate.state()


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
