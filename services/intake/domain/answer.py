"""答复: what was brought must be answered in time, or the items count as accepted (行政许可法 第32条第1款第4项)."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import lru_cache

from msgspec import Struct

from contracts.intake import CaseForwarded, FormFilled, ItemsJoined, MaterialsReceived
from contracts.language import Act
from intake.domain.lifecycle import ItemState
from intake.domain.outline import Outline
from intake.domain.refusals import AnswerOverdue
from intake.domain.timing import Timing
from kernel.clock import ending, local_date
from kernel.workdays import WorkingCalendar


class Awaited(Struct, frozen=True):
    """An answer that is owed: since the day of receipt, until the end of the last day to give it."""

    since: date
    until: datetime


@lru_cache(maxsize=64)
def answer_due(calendar: WorkingCalendar, received_on: date, days: int) -> datetime:
    """The instant at which the working days to answer a receipt have run out (``Rules.answer``)."""
    return ending(calendar.add(received_on, days))


class Answering(Timing):
    """The answers that are owed to the applicant."""

    awaited: dict[str, Awaited]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.awaited = {}

    def timers(self) -> dict[str, datetime]:
        """``deemed``: when the first owed answer is overdue."""
        due = {"deemed": min(each.until for each in self.awaited.values())} if self.awaited else {}
        return super().timers() | due

    def _owed(
        self,
        outline: Outline,
        present: Collection[str],
        calendar: WorkingCalendar,
        act: Act,
        *,
        joining: Collection[str] = (),
    ) -> tuple[tuple[str, ...], datetime | None]:
        """The items that an answer is owed for from now on, and until when; of those that are ``joining``, if any."""
        on = local_date(act.at)
        states = dict.fromkeys(joining, ItemState.PENDING) if joining else self.items
        items = tuple(
            item
            for item, state in states.items()
            if self._is_applied_for(outline, item, state, present) and self._is_time(outline, item, on)
        )
        return items, answer_due(calendar, on, outline.catalogue.rules.answer.days) if items else None

    def _is_applied_for(self, outline: Outline, item: str, state: ItemState, present: Collection[str]) -> bool:
        """Something is here for it, or it asks for nothing; one that is kept at the window: all is here."""
        if state is ItemState.HELD:
            return not outline.missing((item,), present)
        if state is not ItemState.PENDING or item in self.awaited:
            return False
        return not outline.needs[item] or any(need.material in present for need in outline.needs[item])

    def _await(self, fact: MaterialsReceived | FormFilled | CaseForwarded | ItemsJoined) -> None:
        if fact.deemed_accepted_at is None:
            return
        if isinstance(fact, ItemsJoined):
            items = fact.applied_for
        else:
            items, self.is_correcting = fact.items, False
        self.awaited |= dict.fromkeys(items, Awaited(local_date(fact.at), fact.deemed_accepted_at))

    def _in_time(self, items: Iterable[str], act: Act) -> None:
        """Nobody can take back by a late answer what the law gave when the days to answer ran out."""
        overdue = [item for item in items if item in self.awaited and self.awaited[item].until <= act.at]
        if overdue:
            raise AnswerOverdue(items=overdue)

    def _settle(self, item: str, state: ItemState) -> None:
        super()._settle(item, state)
        self.awaited.pop(item, None)
