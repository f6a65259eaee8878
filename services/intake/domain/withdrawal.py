"""撤回: the applicant takes an item back, at every stage; the others go on.

Before its acceptance an item ends at once. Afterwards its department says whether it had decided: a decision
stands.
"""

from collections.abc import Collection
from typing import ClassVar

from contracts.intake import Channel, ItemWithdrawn, WithdrawalFailed, WithdrawalRequested
from contracts.language import Act, Command
from eventing.aggregate import applies
from intake.domain.appearance import is_by_agent
from intake.domain.closing import Closing
from intake.domain.lifecycle import GONE, ItemState
from intake.domain.refusals import ItemSettled, NoHall, NotYourCase


class ConfirmWithdrawal(Command, frozen=True, kw_only=True):
    """Nothing had been decided about an item that is wanted back."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str


class FailWithdrawal(Command, frozen=True, kw_only=True):
    """An item that is wanted back had been decided."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str
    decision: str


class Withdrawing(Closing):
    """Items are taken back."""

    withdrawing: dict[str, str]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.withdrawing = {}
        """Item → the reason why the applicant wants it back."""

    def withdraw(self, item: str, *, reason: str, channel: Channel = "window", act: Act) -> None:
        """Takes one item back; what is being taken back already is no news."""
        self._in_case((item,))
        state = self.items[item]
        if state in {ItemState.WITHDRAWN, ItemState.WITHDRAWING}:
            return
        self._may("withdraw")
        if state in GONE:
            raise ItemSettled(items={item: state})
        self._for_the_applicant(channel, act)
        if state is ItemState.ACCEPTED:
            self.record(WithdrawalRequested, act, item=item, reason=reason)
        else:
            self.record(ItemWithdrawn, act, item=item, reason=reason)
            self._close_if_over(act)

    def withdraw_case(
        self, *, reason: str, channel: Channel = "window", besides: Collection[str] = (), act: Act
    ) -> None:
        """Takes back every item that has not come to its end, ``besides`` some."""
        for item in self.selected:
            if self.items[item] not in GONE and item not in besides:
                self.withdraw(item, reason=reason, channel=channel, act=act)

    def _for_the_applicant(self, channel: Channel, act: Act) -> None:
        """At a window, a hall of the case; by any other channel, the applicant; an agent wherever the mandate goes."""
        if channel != "window" or is_by_agent(act):
            return
        if act.caller is None or not act.caller.hall:
            raise NoHall
        if act.caller.hall not in self.halls:
            raise NotYourCase(hall=act.caller.hall)

    @applies(WithdrawalRequested)
    def _withdrawal_requested(self, fact: WithdrawalRequested) -> None:
        self.items[fact.item] = ItemState.WITHDRAWING
        self.withdrawing[fact.item] = fact.reason

    def confirm_withdrawal(self, item: str, *, act: Act) -> None:
        """Nothing was decided: the item is back with the applicant. What nobody wanted back is no news.

        The last hand-over may be heard before the answer: a case that it closed learns of it all the same.
        """
        if item in self.withdrawing:
            self.record(ItemWithdrawn, act, item=item, reason=self.withdrawing[item])

    def fail_withdrawal(self, item: str, *, decision: str, act: Act) -> None:
        """It had been decided: the item stays as it is, also where the case is closed by now."""
        if item in self.withdrawing:
            self.record(WithdrawalFailed, act, item=item, decision=decision)

    @applies(ItemWithdrawn)
    def _withdrawn(self, fact: ItemWithdrawn) -> None:
        self.withdrawing.pop(fact.item, None)
        self._settle(fact.item, ItemState.WITHDRAWN)

    @applies(WithdrawalFailed)
    def _withdrawal_failed(self, fact: WithdrawalFailed) -> None:
        del self.withdrawing[fact.item]
        self.items[fact.item] = ItemState.ACCEPTED
