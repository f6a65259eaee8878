"""How halls number, call and take appointments, to be read before it is set anew."""

from typing import Any

from contracts.halls import Arrangement, ArrangeSlots, GetArrangement
from contracts.language import Caller
from eventing.errors import NotFound
from eventing.scoping import at_hall
from eventing.service import query
from halls.domain import Agenda, Queue
from halls.lookups import hall_row

USUAL = ArrangeSlots(hall="", rules=())
"""Of a hall that takes no appointments yet."""


class Arranging:
    """The question about it."""

    store: Any

    @query(GetArrangement)
    def get_arrangement(self, question: GetArrangement, caller: Caller) -> Arrangement:
        """As it was set."""
        at_hall(question, caller, question.hall)
        hall_row(self.store, question.hall)
        queue: Queue = self._as_set(Queue, f"{question.hall}.queue")
        agenda: Agenda = self._as_set(Agenda, f"{question.hall}.agenda")
        of_slots = agenda if agenda.revision else USUAL
        return Arrangement(
            hall=question.hall,
            zones=queue.rules.zones,
            priorities=queue.rules.priorities,
            priority_run=queue.rules.priority_run,
            calls=queue.rules.calls,
            queue_revision=queue.revision,
            rules=of_slots.rules,
            days_ahead=of_slots.days_ahead,
            grace_minutes=of_slots.grace_minutes,
            slots_revision=agenda.revision,
        )

    def _as_set(self, kind: type[Any], stream: str) -> Any:
        try:
            return self.store.get(kind, stream)
        except NotFound:
            return kind(stream)
