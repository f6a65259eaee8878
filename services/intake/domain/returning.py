"""退件: what was received and never accepted goes back to the applicant, with all that was brought."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from contracts.intake import ItemsReturned
from contracts.language import Act
from eventing.aggregate import applies
from intake.domain.closing import Closing
from intake.domain.correction import Correcting
from intake.domain.lifecycle import OPEN, ItemState
from intake.domain.outline import Outline
from intake.domain.refusals import CorrectionFirst, GroundsMissing, ItemSettled, NothingReceived
from intake.domain.state import counter
from kernel.clock import ending


class Returning(Correcting, Closing):
    """Items are given back."""

    returns: dict[str, str]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.returns = {}
        """Item → number of the notice of its return."""

    def return_items(
        self,
        items: Collection[str],
        *,
        reason: Literal["given_up", "not_compliant"],
        explanation: str = "",
        notice: str,
        act: Act,
    ) -> None:
        """Gives back these items, or all that are open; what was given back before is no news.

        What does not comply was told to the applicant before, once and completely, and says why.
        """
        wanted = self.returnable(items)
        if not wanted:
            return
        self._may("return")
        counter(act)
        if not self.copies:
            raise NothingReceived
        self._in_time(wanted, act)
        if reason == "not_compliant":
            if not self.correction_notice:
                raise CorrectionFirst
            if not explanation.strip():
                raise GroundsMissing
        self.record(ItemsReturned, act, items=wanted, reason=reason, explanation=explanation, notice=notice)
        self._close_if_over(act)

    def returnable(self, items: Collection[str]) -> tuple[str, ...]:
        """Which of these items (none named: of all) can be given back; raises NotInCase, ItemSettled."""
        self._in_case(items)
        settled = {
            item: state for item in items if (state := self.items[item]) not in OPEN and state is not ItemState.RETURNED
        }
        if settled:
            raise ItemSettled(items=settled)
        return tuple(item for item, state in self.items.items() if state in OPEN and (not items or item in items))

    def return_uncorrected(self, outline: Outline, *, notice: str, act: Act) -> None:
        """The correction was never answered: what it named is given back (``Rules.correction_kept``)."""
        until = self.timers().get("kept")
        if until is None or until > act.at:
            return
        told = self.unanswered
        lacks = {*outline.missing(told, self.present)}
        unfilled = outline.unfilled(told, self.fields)
        lacks |= {item for item in told for key in unfilled if item in outline.fields[key].items}
        items = tuple(item for item in told if item in lacks)
        if not items:
            return
        self.record(ItemsReturned, act, items=items, reason="never_completed", notice=notice)
        self._close_if_over(act)

    @applies(ItemsReturned)
    def _returned(self, fact: ItemsReturned) -> None:
        for item in fact.items:
            self._settle(item, ItemState.RETURNED)
            self.returns[item] = fact.notice
        if fact.reason == "never_completed":
            self.is_correcting = False

    @property
    def _is_kept(self) -> bool:
        return self.is_correcting and self.correction_due is not None and bool(self.unanswered)

    def timers(self) -> dict[str, datetime]:
        """``kept``: until when the set is kept for an answer to the correction."""
        if not self._is_kept or self.correction_due is None:
            return super().timers()
        return super().timers() | {"kept": ending(self.correction_due)}
