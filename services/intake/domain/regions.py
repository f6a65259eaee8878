"""跨域通办: who receives, who owns, who accepts (S57a).

全程网办: everything online, by the locality that owns it. 异地代收代办: any hall receives and checks in form and
identity, the owner accepts (收受分离). 多地联办: one place accepts for all.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from contracts.intake import CaseForwarded, CrossRegion
from contracts.language import Act, Caller
from eventing.aggregate import applies
from intake.domain.answer import Answering
from intake.domain.outline import Outline
from intake.domain.refusals import (
    ChecksMissing,
    CrossRegionNotOffered,
    NotForwarded,
    NothingReceived,
    NothingToForward,
    OwnerUnclear,
    ReceiverMayNotAccept,
    WrongPlace,
)
from intake.domain.state import counter
from kernel.workdays import WorkingCalendar


def check_mode(outline: Outline, mode: CrossRegion, hall: str, owner: str) -> None:
    """The theme is offered in this mode, and a set that is received for another place says for which."""
    if mode != "local" and mode not in outline.theme.cross_region:
        raise CrossRegionNotOffered(mode=mode, theme=outline.theme.id)
    if (mode == "received_elsewhere") != bool(owner) or owner == hall:
        raise OwnerUnclear(mode=mode, hall=hall)


class Regions(Answering):
    """Where a case is received, and where it is accepted."""

    forwarded_to: str

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.forwarded_to = ""
        """The owner's hall, once it was handed on to it."""

    @property
    def places(self) -> tuple[str, ...]:
        """The halls whose windows the case is handled at: where it was received, and where it is accepted."""
        return tuple(filter(None, (self.hall, self.forwarded_to)))

    def forward(
        self,
        outline: Outline,
        *,
        formal_check: str,
        identity_check: str,
        medium: Literal["system", "post"] = "system",
        reference: str = "",
        calendar: WorkingCalendar,
        act: Act,
    ) -> None:
        """Hands the set on to its owner, with the evidence of both checks; once only."""
        if self.forwarded_to:
            return
        self._may("forward")
        caller = counter(act)
        if self.cross_region != "received_elsewhere":
            raise NothingToForward
        if caller.hall != self.hall:
            raise WrongPlace(hall=self.hall)
        if not self.copies:
            raise NothingReceived
        if not formal_check.strip() or not identity_check.strip():
            raise ChecksMissing
        items, due = super()._owed(outline, self.present, calendar, act)
        self.record(
            CaseForwarded,
            act,
            sender=self.hall,
            receiver=self.owner_hall,
            formal_check=formal_check,
            identity_check=identity_check,
            medium=medium,
            reference=reference,
            items=items,
            deemed_accepted_at=due,
        )

    @applies(CaseForwarded)
    def _forwarded(self, fact: CaseForwarded) -> None:
        self.forwarded_to = fact.receiver
        self._at_hall(fact.receiver)
        self._await(fact)

    def _may_accept_at(self, caller: Caller) -> None:
        """收受分离: who received for another place does not accept; 多地联办: one place accepts for all."""
        if self.cross_region == "received_elsewhere":
            if caller.hall == self.hall:
                raise ReceiverMayNotAccept(owner=self.owner_hall)
            if not self.forwarded_to:
                raise NotForwarded(hall=self.hall)
        elif self.cross_region == "several_places" and caller.hall != self.hall:
            raise WrongPlace(hall=self.hall)

    def _owed(
        self,
        outline: Outline,
        present: Collection[str],
        calendar: WorkingCalendar,
        act: Act,
        *,
        joining: Collection[str] = (),
    ) -> tuple[tuple[str, ...], datetime | None]:
        """The acceptance time is the owner's: before the set is handed on no answer is owed."""
        if self.cross_region == "received_elsewhere" and not self.forwarded_to:
            return (), None
        return super()._owed(outline, present, calendar, act, joining=joining)
