"""联合踏勘: departments that have to look at the same place go there together, once."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from approval.domain.deciding import Deciding
from approval.domain.law import Law
from approval.domain.refusals import (
    InspectorsMissing,
    NotVisitedTogether,
    NotVisiting,
    VisitAhead,
    VisitOutstanding,
    VisitOver,
    VisitPlanKept,
    VisitResultsMissing,
)
from approval.domain.review import Review
from catalogue.model import Item, ItemType, Theme
from contracts.approval import JointVisitPlanned, JointVisitRecorded, VisitDispensed, VisitResult
from contracts.language import Act
from eventing.aggregate import applies
from eventing.errors import NotFound

OF_OFFICES = frozenset(
    {ItemType.LICENCE, ItemType.CONFIRMATION, ItemType.BENEFIT, ItemType.OTHER, ItemType.INTERNAL_CHECK}
)
"""Types of item that an office decides, and not a provider."""


class Visit(Struct, frozen=True):
    """One visit to a place, for several items."""

    word: str
    items: tuple[str, ...]
    """The items that it is for; one that its handler dispenses leaves it."""
    on: date
    orgs: tuple[str, ...]
    inspectors: dict[str, tuple[str, ...]] = field(default_factory=dict)
    results: dict[str, VisitResult] = field(default_factory=dict)


def inspectors_needed(item: Item) -> int:
    """How many people of the handler look at the place (行政许可法 第34条第3款); a provider sends one."""
    return 2 if item.item_type in OF_OFFICES else 1


class Visits(Deciding):
    """Planning, recording and dispensing with joint visits."""

    visits: dict[str, Visit]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.visits = {}

    def plan_visit(self, word: str, items: tuple[str, ...], on: date, law: Law, *, act: Act) -> str:
        """Plans one visit for items that share a word, or plans it anew; returns its id. The same plan is no news.

        Raises NotVisitedTogether for an item without the word, VisitPlanKept when a waiting item would fall out.
        """
        sharing = [item.id for item in law.theme.items if item.joint_visit == word and word]
        undecided = tuple(item for item in sharing if self._review(item).allows("work"))
        wanted = tuple(item for item in undecided if item in items) if items else undecided
        if strangers := [item for item in items if item not in wanted] or ([] if wanted else [*sharing]):
            raise NotVisitedTogether(word=word, items=strangers)
        if not wanted:
            raise NotFound(what="joint visit", id=word)
        orgs = tuple(dict.fromkeys(self.reviews[item].handler for item in wanted))
        self._refuse_strangers(orgs, act)
        open_visit = next((v for v, visit in self.visits.items() if visit.word == word and self.waiting(v)), None)
        if open_visit is not None:
            if left := [item for item in self.waiting(open_visit) if item not in wanted]:
                raise VisitPlanKept(items=left, names=law.names(*left))
            if (self.waiting(open_visit), self.visits[open_visit].on) == (wanted, on):
                return open_visit
        number = open_visit or f"{word}-{1 + sum(visit.word == word for visit in self.visits.values())}"
        self.record(JointVisitPlanned, act, visit=number, word=word, items=wanted, on=on, orgs=orgs)
        return number

    @applies(JointVisitPlanned)
    def _visit_planned(self, fact: JointVisitPlanned) -> None:
        """An item waits for one visit at a time: the one that was planned last."""
        for number, visit in self.visits.items():
            if not visit.results:
                left = tuple(item for item in visit.items if item not in fact.items)
                self.visits[number] = replace(visit, items=left)
        self.visits[fact.visit] = Visit(fact.word, fact.items, fact.on, fact.orgs)

    def record_visit(
        self,
        number: str,
        inspectors: Mapping[str, tuple[str, ...]],
        results: Mapping[str, VisitResult],
        law: Law,
        *,
        act: Act,
    ) -> None:
        """Records what one visit found for each of its items; the same again is no news."""
        visit = self.visits.get(number)
        if visit is None:
            raise NotFound(what="visit", id=number)
        self._refuse_strangers(visit.orgs, act)
        if visit.results and (visit.results, visit.inspectors) == (dict(results), dict(inspectors)):
            return
        waiting = self.waiting(number)
        if not waiting:
            raise VisitOver(visit=number)
        if law.day < visit.on:
            raise VisitAhead(visit=number, on=visit.on)
        if set(results) != set(waiting):
            missing, strange = set(waiting) - set(results), set(results) - set(waiting)
            raise VisitResultsMissing(items=sorted(missing or strange), names=law.names(*missing))
        needed: dict[str, int] = {}
        for item in waiting:
            org = self.reviews[item].handler
            needed[org] = max(needed.get(org, 0), inspectors_needed(law.theme.item(item)))
        if missing_people := {o: n for o, n in needed.items() if len({p for p in inspectors.get(o, ()) if p}) < n}:
            raise InspectorsMissing(needed=missing_people)
        self.record(JointVisitRecorded, act, visit=number, inspectors=dict(inspectors), results=dict(results))

    @applies(JointVisitRecorded)
    def _visit_recorded(self, fact: JointVisitRecorded) -> None:
        self.visits[fact.visit] = replace(self.visits[fact.visit], inspectors=fact.inspectors, results=fact.results)

    def dispense_visit(self, item: str, reason: str, law: Law, *, act: Act) -> None:
        """The handler does without the planned visit for its item; where none is planned it is no news."""
        review = self._worked_on(item, law, act)
        if number := self._outstanding(item):
            self.record(VisitDispensed, act, visit=number, item=item, handler=review.handler, reason=reason)

    @applies(VisitDispensed)
    def _visit_dispensed(self, fact: VisitDispensed) -> None:
        visit = self.visits[fact.visit]
        self.visits[fact.visit] = replace(visit, items=tuple(item for item in visit.items if item != fact.item))

    def waiting(self, number: str) -> tuple[str, ...]:
        """The items that wait for a visit; none once it was recorded."""
        visit = self.visits[number]
        return () if visit.results else tuple(item for item in visit.items if self._review(item).allows("work"))

    def could_be_visited_together(self, theme: Theme) -> dict[str, tuple[str, ...]]:
        """word → undecided items for which no visit was planned, where there are at least two of them."""
        planned = {item for visit in self.visits.values() for item in visit.items}
        found: dict[str, tuple[str, ...]] = {}
        for item in theme.items:
            if item.joint_visit and item.id not in planned and self._review(item.id).allows("work"):
                found[item.joint_visit] = (*found.get(item.joint_visit, ()), item.id)
        return {word: items for word, items in found.items() if len(items) > 1}

    def _outstanding(self, item: str) -> str | None:
        """The visit that an item waits for."""
        return next((number for number in self.visits if item in self.waiting(number)), None)

    def _hinder(self, item: str, review: Review, law: Law, act: Act) -> None:
        super()._hinder(item, review, law, act)
        if number := self._outstanding(item):
            raise VisitOutstanding(item=item, visit=number, on=self.visits[number].on, names=law.names(item))

    def _refuse_strangers(self, orgs: tuple[str, ...], act: Act) -> None:
        if act.caller is None or act.caller.org not in orgs:
            raise NotVisiting(orgs=list(orgs))
