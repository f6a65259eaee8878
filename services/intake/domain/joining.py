"""接续: a case takes in more items, and learns the results of those that are underway elsewhere."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from msgspec.structs import replace

from contracts.intake import BroughtMaterial, ItemsJoined, MaterialsReceived, NoticeIssued, Origin, OriginConcluded
from contracts.language import Act
from eventing.aggregate import applies
from eventing.errors import Stale
from intake.domain.appearance import check_appearance
from intake.domain.lifecycle import STANDINGS, ItemState
from intake.domain.outline import Outline
from intake.domain.receipt import NO_SCANS, copies_of
from intake.domain.refusals import (
    AcceptedStands,
    AlreadyInCase,
    EvidenceMissing,
    ItemSettled,
    NotUnderway,
    OriginExpired,
)
from intake.domain.regions import Regions
from intake.domain.state import counter
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar

Conclusion = Literal["granted", "denied", "withdrawn"]

CONCLUDED = {"granted": ItemState.SATISFIED, "denied": ItemState.DENIED, "withdrawn": ItemState.WITHDRAWN}
"""What an item that was underway elsewhere is to the case once its result is known."""


class Joining(Regions):
    """Items are joined to the case. Its number, its clocks and its catalogue version stay as they are."""

    def join(
        self,
        before: Outline,
        outline: Outline,
        *,
        origins: Sequence[Origin] = (),
        offer: str = "",
        calendar: WorkingCalendar,
        act: Act,
    ) -> None:
        """Takes over the plan of a larger outline, and gives the notice of the whole again; the same is no news.

        ``before`` is the outline of the case as it is, ``outline`` the one with the items and ``origins`` joined, both
        by the catalogue version that the case was opened with (d).
        """
        counter(act)
        self.take_in(before, outline, origins=origins, offer=offer, calendar=calendar, act=act)

    def take_in(
        self,
        before: Outline,
        outline: Outline,
        *,
        origins: Sequence[Origin] = (),
        offer: str = "",
        calendar: WorkingCalendar,
        act: Act,
    ) -> None:
        """The same for the items of a case that was merged into this one: nobody stands at a counter for it."""
        if outline.plan == self.plan and outline.notice.answers == self.answers:
            return
        self._may("join")
        if before.plan != self.plan:
            raise Stale(stream=self.stream, version=self.version)
        selected = [each.item for each in outline.plan if each.standing == "selected"]
        if elsewhere := [item for item in self.selected if item not in selected]:
            raise AlreadyInCase(items=elsewhere, names=outline.names(elsewhere))
        added = tuple(item for item in selected if item not in self.selected)
        check_appearance(outline, added, act)
        self._check_accepted(before, outline)
        begins = bool(added and self.copies)
        items, due = self._owed(outline, self.present, calendar, act, joining=added) if begins else ((), None)
        self.record(
            ItemsJoined,
            act,
            items=added,
            answers=outline.notice.answers,
            plan=outline.plan,
            origins=tuple(origins),
            offer=offer,
            applied_for=items,
            deemed_accepted_at=due,
        )
        self.record(
            NoticeIssued,
            act,
            number=self.notice[0],
            edition=outline.notice.edition,
            digest=outline.digest,
            issue=self.issues + 1,
        )

    def _check_accepted(self, before: Outline, outline: Outline) -> None:
        """Of what was accepted, or came to its end, nothing more is asked, and nobody else decides it."""
        rests = [
            item
            for item in self.selected
            if self.items[item] is not ItemState.PENDING
            and (
                not set(outline.needs[item]) <= set(before.needs[item]) or outline.handler(item) != before.handler(item)
            )
        ]
        if rests:
            raise AcceptedStands(items=rests, names=outline.names(rests))

    @applies(ItemsJoined)
    def _joined(self, fact: ItemsJoined) -> None:
        stood = {planned.item: planned.standing for planned in self.plan}
        for planned in fact.plan:
            if stood[planned.item] != planned.standing:
                self.items[planned.item] = STANDINGS[planned.standing]
        self.plan = fact.plan
        self.answers = fact.answers
        self.origins |= {origin.item: origin for origin in fact.origins}
        self._await(fact)

    # results from elsewhere

    def record_origin(
        self,
        item: str,
        outcome: Conclusion,
        *,
        number: str,
        issuer: str = "",
        concluded_on: date | None = None,
        valid_until: date | None = None,
        act: Act,
    ) -> None:
        """The result of an item that is underway elsewhere, with what proves it (b); the same again is no news."""
        if self._is_concluded(item, outcome):
            return
        self._may("join")
        counter(act)
        if not number.strip():
            raise EvidenceMissing(items=[item])
        if outcome == "granted" and valid_until is not None and valid_until < local_date(act.at):
            raise OriginExpired(item=item, valid_until=valid_until)
        known = self.origins.get(item, Origin(item=item, outcome="underway", number=number))
        origin = replace(
            known,
            outcome="underway" if outcome == "withdrawn" else outcome,
            number=number,
            issuer=issuer or known.issuer,
            concluded_on=concluded_on,
            valid_until=valid_until,
        )
        self.record(OriginConcluded, act, item=item, outcome=outcome, origin=origin)

    def _is_concluded(self, item: str, outcome: Conclusion) -> bool:
        state = self.items.get(item)
        if state is ItemState.UNDERWAY:
            return False
        if item in self.origins and state is CONCLUDED[outcome]:
            return True
        if item in self.origins and state is not None:
            raise ItemSettled(items={item: state})
        raise NotUnderway(item=item)

    @applies(OriginConcluded)
    def _concluded(self, fact: OriginConcluded) -> None:
        self.origins[fact.item] = fact.origin
        self.items[fact.item] = CONCLUDED[fact.outcome]
        if fact.outcome == "granted":
            self.plan = tuple(
                replace(each, standing="satisfied", evidence=fact.origin.number) if each.item == fact.item else each
                for each in self.plan
            )

    def take_over(self, outline: Outline, item: str, *, calendar: WorkingCalendar, act: Act) -> None:
        """What an item elsewhere made is here with its result, as shared data, for the items that are open.

        ``outline`` is the one of the case after the result.
        """
        asked = outline.asked(self.unsettled)
        made = sorted(
            {
                material.id
                for each in outline.needs
                for material in outline.theme.item(each).materials
                if item in material.produced_by and material.id in asked and material.id not in self.present
            }
        )
        if not made or self.items[item] is not ItemState.SATISFIED:
            return
        number = self.origins[item].number
        brought = [BroughtMaterial(material=each, medium="shared", provenance=f"prior:{number}") for each in made]
        copies = copies_of(outline, brought, self.copies, hall="", scans=NO_SCANS)
        items, due = self._owed(outline, self.present | set(made), calendar, act)
        self.record(MaterialsReceived, act, materials=copies, items=items, deemed_accepted_at=due)
