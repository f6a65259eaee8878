"""What intake does because of others."""

import pytest

from contracts.certificate import OutputCompleted
from intake.domain import CloseCase
from intake.policies import REACTIONS
from testkit.facts import NOON


def test_intake_follows_the_exit_and_nobody_else() -> None:
    assert REACTIONS.upstreams == ("certificate",)


@pytest.mark.parametrize("verdict", ["granted", "partly", "denied", "withdrawn", "not_accepted"])
def test_a_case_closes_when_nothing_is_left_to_hand_over(verdict: str) -> None:
    fact = OutputCompleted(case_id="c1", at=NOON, by="system", verdict=verdict)  # type: ignore[arg-type]

    commands = REACTIONS.commands("certificate", OutputCompleted.TOPIC, fact)

    assert commands == [CloseCase(case_id="c1", outcome=verdict)]  # type: ignore[arg-type]
