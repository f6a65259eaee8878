"""撤回与退件: how items leave before their end."""

from collections.abc import Sequence
from typing import Any

from contracts.intake import RecordChoice, ReturnItems, WithdrawCase, WithdrawItem
from contracts.language import Act
from eventing.errors import OneThingError
from eventing.service import command, deadline, reaction
from intake.batches import for_each
from intake.domain import Case, ConfirmWithdrawal, FailWithdrawal
from intake.gathering import Gathering
from intake.projections import standing


class Leaving(Gathering):
    """Items are taken back, or given back."""

    @command(WithdrawItem, on=Case, given="mandated")
    def withdraw_item(self, case: Case, cmd: WithdrawItem, _act: Act, given: Act) -> dict[str, Any]:
        """撤回."""
        case.withdraw(cmd.item, reason=cmd.reason, channel=cmd.channel, act=given)
        return standing(case)

    @command(WithdrawCase, on=Case, given="mandated")
    def withdraw_case(self, case: Case, cmd: WithdrawCase, _act: Act, given: Act) -> dict[str, Any]:
        """撤回 of everything."""
        case.withdraw_case(reason=cmd.reason, channel=cmd.channel, act=given)
        return standing(case)

    @command(RecordChoice, on=Case, given="mandated")
    def record_choice(self, case: Case, cmd: RecordChoice, _act: Act, given: Act) -> dict[str, Any]:
        """继续或者撤回."""
        case.choose(cmd.choice, cmd.because, channel=cmd.channel, act=given)
        return standing(case)

    @command(ReturnItems, on=Case, given="return_numbers")
    def return_items(self, case: Case, cmd: ReturnItems, act: Act, given: str) -> dict[str, Any]:
        """退件."""
        case.return_items(cmd.items, reason=cmd.reason, explanation=cmd.explanation, notice=given, act=act)
        return standing(case)

    def return_numbers(self, batch: Sequence[tuple[Case, ReturnItems, Act]]) -> list[str | OneThingError]:
        """Numbers for notices of return."""
        return for_each(lambda case, cmd, act: self.lead_notice("returned", case, act), batch)

    @reaction(ConfirmWithdrawal, on=Case, creates=False)
    def confirm_withdrawal(self, case: Case, cmd: ConfirmWithdrawal, act: Act) -> None:
        """Nothing had been decided."""
        case.confirm_withdrawal(cmd.item, act=act)

    @reaction(FailWithdrawal, on=Case, creates=False)
    def fail_withdrawal(self, case: Case, cmd: FailWithdrawal, act: Act) -> None:
        """It had been decided."""
        case.fail_withdrawal(cmd.item, decision=cmd.decision, act=act)

    @deadline("kept", on=Case)
    def return_uncorrected(self, case: Case, act: Act) -> None:
        """The correction was never answered."""
        case.return_uncorrected(self.outline(case), notice=self.lead_notice("returned", case, act), act=act)
