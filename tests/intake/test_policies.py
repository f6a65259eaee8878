"""What intake does because of others."""

from typing import Any

import pytest

from contracts.approval import (
    DecisionRevoked,
    DecisionVoided,
    ReviewDenied,
    ReviewEnded,
    ReviewsBlocked,
    ReviewsRelocked,
    WithdrawalRefused,
)
from contracts.certificate import OutputCompleted, OutputReopened
from contracts.intake import CaseMerged, Origin
from intake.domain import CloseCase, ConfirmWithdrawal, FailWithdrawal, ReopenCase, TakeIn
from intake.domain.tolerance import RestTolerance, ResumeTolerance
from intake.policies import REACTIONS
from testkit.facts import NOON


def test_intake_follows_the_exit_the_departments_and_itself() -> None:
    assert set(REACTIONS.upstreams) == {"certificate", "approval", "halls", "intake"}


@pytest.mark.parametrize("verdict", ["granted", "partly", "denied", "withdrawn", "not_accepted"])
def test_a_case_closes_when_nothing_is_left_to_hand_over(verdict: str) -> None:
    fact = OutputCompleted(case_id="c1", at=NOON, by="system", verdict=verdict)  # type: ignore[arg-type]

    commands = REACTIONS.commands("certificate", OutputCompleted.TOPIC, fact)

    assert commands == [CloseCase(case_id="c1", outcome=verdict)]  # type: ignore[arg-type]


def test_a_hand_over_says_which_items_it_covers() -> None:
    fact = OutputCompleted(case_id="c1", at=NOON, by="system", verdict="granted", items=("SP03",))

    commands = REACTIONS.commands("certificate", OutputCompleted.TOPIC, fact)

    assert commands == [CloseCase(case_id="c1", outcome="granted", items=("SP03",))]


def test_a_review_that_ended_undecided_confirms_a_withdrawal() -> None:
    fact = ReviewEnded(case_id="c1", at=NOON, by="system", item="SP03", reason="withdrawn")

    assert REACTIONS.commands("approval", ReviewEnded.TOPIC, fact) == [ConfirmWithdrawal(case_id="c1", item="SP03")]


@pytest.mark.parametrize("reason", ["not_accepted", "lapsed", "returned", "terminated"])
def test_other_ends_of_a_review_are_no_withdrawals(reason: Any) -> None:
    fact = ReviewEnded(case_id="c1", at=NOON, by="system", item="SP03", reason=reason)

    assert REACTIONS.commands("approval", ReviewEnded.TOPIC, fact) == []


def test_a_decision_lets_a_withdrawal_fail() -> None:
    fact = WithdrawalRefused(case_id="c1", at=NOON, by="system", item="SP03", decision="决1")

    assert REACTIONS.commands("approval", WithdrawalRefused.TOPIC, fact) == [
        FailWithdrawal(case_id="c1", item="SP03", decision="决1")
    ]


def test_the_other_case_takes_in_what_a_merged_one_had() -> None:
    begun = Origin(item="SP01", outcome="underway", number="受1")
    fact = CaseMerged(
        case_id="c2",
        at=NOON,
        by="clerk-7",
        into="c1",
        number="YJS-1",
        items=("SP03",),
        answers={"fire": "no"},
        satisfied={"SP02": "核1"},
        origins=(begun,),
    )

    assert REACTIONS.commands("intake", CaseMerged.TOPIC, fact) == [
        TakeIn(case_id="c1", items=("SP03",), answers={"fire": "no"}, satisfied={"SP02": "核1"}, origins=(begun,))
    ]


def test_a_denial_ends_the_wait_for_a_supplement_until_it_is_void() -> None:
    of: dict[str, Any] = {"case_id": "c1", "at": NOON, "by": "x"}
    denied = of | {"item": "SP03", "handler": "scjg", "decision": "D1"}
    reasons: dict[str, Any] = {"reasons": "不符合条件", "remedy": "复议"}
    void: dict[str, Any] = {"ground": "误录", "result": "voided", "approved_by": "y"}

    assert REACTIONS.commands("approval", ReviewDenied.TOPIC, ReviewDenied(**denied, **reasons)) == [
        RestTolerance(case_id="c1", item="SP03", decision="D1")
    ]
    assert REACTIONS.commands("approval", DecisionVoided.TOPIC, DecisionVoided(**denied, **void)) == [
        ResumeTolerance(case_id="c1", item="SP03")
    ]


def test_so_does_what_cannot_be_granted_because_of_it_and_a_revoked_pass() -> None:
    of: dict[str, Any] = {"case_id": "c1", "at": NOON, "by": "x"}
    because: dict[str, Any] = {"items": ("SP03", "SP04"), "because": ("SP02",)}
    revoked = DecisionRevoked(
        **of,
        item="SP03",
        handler="scjg",
        decision="D1",
        ground="unlawful",
        reasons="无",
        remedy="复议",
        approved_by="y",
    )

    assert REACTIONS.commands("approval", ReviewsBlocked.TOPIC, ReviewsBlocked(**of, **because)) == [
        RestTolerance(case_id="c1", item="SP03"), RestTolerance(case_id="c1", item="SP04"),
    ]  # fmt: skip
    assert REACTIONS.commands("approval", ReviewsRelocked.TOPIC, ReviewsRelocked(**of, **because)) == [
        ResumeTolerance(case_id="c1", item="SP03"), ResumeTolerance(case_id="c1", item="SP04"),
    ]  # fmt: skip
    assert REACTIONS.commands("approval", DecisionRevoked.TOPIC, revoked) == [
        RestTolerance(case_id="c1", item="SP03", decision="D1")
    ]


def test_a_case_is_open_again_where_the_completion_of_its_output_covered_what_is_decided_again() -> None:
    of: dict[str, Any] = {"case_id": "c1", "at": NOON, "by": "x", "items": ("SP03", "SP04")}

    assert REACTIONS.commands("certificate", OutputReopened.TOPIC, OutputReopened(**of, again=("SP03",))) == [
        ReopenCase(case_id="c1", items=("SP03",))
    ]
    assert REACTIONS.commands("certificate", OutputReopened.TOPIC, OutputReopened(**of)) == []
