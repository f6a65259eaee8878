"""容缺: a secondary material may come later, on a signed commitment and until a deadline (S54a–S54e).

容缺受理 accepts the item: its clocks run, its certificate is held until nothing is missing. 容缺收件 keeps the set
at the window: nothing is accepted and no clock runs until it is complete. What does not come in time ends the item.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from catalogue.limits import limits_of
from catalogue.model import Role
from contracts.intake import (
    CaseClosed,
    Held,
    ItemsHeld,
    MaterialCopy,
    SupplementRefused,
    ToleranceExtended,
    ToleranceLapsed,
    ToleranceRested,
    ToleranceResumed,
    ToleranceSupplemented,
    Tolerated,
)
from contracts.language import Act, Command
from eventing.aggregate import applies
from intake.domain.answer import Answering
from intake.domain.closing import Closing
from intake.domain.lifecycle import GONE, ItemState
from intake.domain.outline import Outline
from intake.domain.refusals import (
    BothWays,
    GroundsMissing,
    NothingTolerated,
    NotLater,
    NotTolerable,
    SecondPersonNeeded,
    ToleranceOver,
    ToleranceRests,
    UnrelatedMaterial,
)
from intake.domain.state import office
from intake.domain.terms import Terms, check_credit, check_signed
from kernel.clock import ending, local_date
from kernel.tolerance import ToleranceRule, tolerance_due
from kernel.workdays import WorkingCalendar


class RestTolerance(Command, frozen=True, kw_only=True):
    """An item was not granted: what may still come for it is not waited for."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str
    decision: str = ""
    """Empty where it failed by others."""


class ResumeTolerance(Command, frozen=True, kw_only=True):
    """What stood against an item was void."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str


class Grace(Struct, frozen=True):
    """What may still come for an item, until when, and who let it."""

    mode: Literal["accept", "hold"]
    missing: tuple[str, ...]
    due_on: date
    notice: str
    by: str
    rested_on: date | None = None
    """Since when nothing is waited for, because the item was not granted."""

    @property
    def until(self) -> datetime:
        """The instant at which it is too late."""
        return ending(self.due_on)


def deadline(
    outline: Outline, item: str, calendar: WorkingCalendar, begins: date, *, committed: bool = False
) -> date | None:
    """The last day for what is tolerated: min(20, promised − 2, the item's own limit) working days (S54a, S54b).

    None where no day remains. Where nothing is promised, the statutory limit takes the promise's place; where
    there is none either, the general longest alone bounds it.
    """
    rules = outline.catalogue.rules
    of_item = outline.theme.item(item)
    found = limits_of(outline.catalogue, of_item, outline.notice.answers, committed=committed)
    limit = found.promised or found.statutory
    within = of_item.tolerance.within
    rule = ToleranceRule(
        cap_days=rules.tolerance_cap.days,
        margin_days=rules.tolerance_margin.days,
        item_days=within.days if within is not None else None,
    )
    promised = limit.days if limit is not None else rule.cap_days + rule.margin_days
    due = tolerance_due(calendar, begins, promised, rule)
    return due.on if due is not None else None


def tolerated(
    outline: Outline,
    lacks: Mapping[str, Collection[str]],
    terms: Terms,
    *,
    committed: Mapping[str, Collection[str]],
    calendar: WorkingCalendar,
    on: date,
) -> dict[str, tuple[Tolerated, ...]]:
    """Item → what may come later, of what it ``lacks`` and the applicant asks to bring later.

    Raises UnrelatedMaterial, BothWays, NotTolerable with the reason for each material, CreditBarStands.
    """
    if unrelated := sorted({*terms.tolerate} - {need.material for item in lacks for need in outline.needs[item]}):
        raise UnrelatedMaterial(materials=unrelated)
    wanted = {item: [each for each in missing if each in terms.tolerate] for item, missing in lacks.items()}
    if twice := sorted({each for item in wanted for each in terms.tolerate if each in committed.get(item, ())}):
        raise BothWays(materials=twice, names=outline.names(twice))
    found: dict[str, tuple[Tolerated, ...]] = {}
    reasons: dict[str, str] = {}
    for item, materials in wanted.items():
        due = deadline(outline, item, calendar, on, committed=item in committed)
        reasons |= {each: reason for each in materials if (reason := _why_not(outline, item, each, due))}
        if materials and due is not None:
            found[item] = tuple(Tolerated(each, due) for each in materials)
    if reasons:
        raise NotTolerable(materials=reasons, names=outline.names(reasons))
    if found:
        check_credit(terms)
    return found


def _why_not(outline: Outline, item: str, material: str, due: date | None) -> str:
    """Why a material cannot come later for an item; empty when it can."""
    of_item = outline.theme.item(item)
    wanted = next(each for each in of_item.materials if each.id == material)
    if not of_item.tolerance.listed:
        return "not-listed"
    if wanted.role is Role.MAIN:
        return "main-material"
    if not wanted.tolerable:
        return "not-tolerable"
    return "" if due is not None else "no-day-left"


class Tolerances(Answering, Closing):
    """What may still come for the items of a case."""

    graces: dict[str, Grace]
    resumed: frozenset[str]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.graces = {}
        self.resumed = frozenset()
        """The items that wait again since the case was closed last."""

    def _hold(self, outline: Outline, found: Mapping[str, tuple[Tolerated, ...]], terms: Terms, act: Act) -> list[str]:
        """Keeps those of the tolerated items at the window whose list says so (容缺收件)."""
        held = [item for item in found if outline.theme.item(item).tolerance.mode == "hold"]
        if held:
            self.record(
                ItemsHeld,
                act,
                items=tuple(Held(item, found[item], terms.notices.get(item, "")) for item in held),
                signed=check_signed(terms.signed),
            )
        return held

    @applies(ItemsHeld)
    def _held(self, fact: ItemsHeld) -> None:
        for held in fact.items:
            self._settle(held.item, ItemState.HELD)
            self._tolerate(held.item, "hold", held.tolerated, held.notice, fact.by)

    def _tolerate(
        self, item: str, mode: Literal["accept", "hold"], found: tuple[Tolerated, ...], notice: str, by: str
    ) -> None:
        if found:
            missing = tuple(each.material for each in found)
            self.graces[item] = Grace(mode, missing, max(each.due_on for each in found), notice, by)

    # the supplement

    def supplements(self, arrived: datetime) -> frozenset[str]:
        """The materials that may still come for accepted items, at this instant of arrival."""
        return frozenset(
            material
            for item, grace in self.graces.items()
            if self.items[item] is ItemState.ACCEPTED and arrived < grace.until and grace.rested_on is None
            for material in grace.missing
        )

    def _in_grace(self, materials: Collection[str], arrived: datetime) -> None:
        """The arrival counts (S54b, S54f); what comes after the deadline comes too late, after a denial in vain."""
        self._awaited(item for item, grace in self.graces.items() if not {*grace.missing}.isdisjoint(materials))
        over = {item: grace.due_on for item, grace in self.graces.items() if grace.until <= arrived}
        late = [item for item in over if not set(self.graces[item].missing).isdisjoint(materials)]
        if late:
            raise ToleranceOver(items={item: over[item] for item in late})

    def _supplement(self, copies: Iterable[MaterialCopy], arrived: datetime, hall: str, act: Act) -> None:
        """Tells, for each accepted item that lacks some of these copies, that they are here.

        Also for one that rests, whatever its day: if its denial turns out void, they are not asked for again.
        """
        for item, grace in list(self.graces.items()):
            is_late = grace.until <= arrived and grace.rested_on is None
            if self.items[item] is not ItemState.ACCEPTED or is_late:
                continue
            mine = tuple(copy for copy in copies if copy.material in grace.missing)
            if mine:
                here = {copy.material for copy in mine}
                self.record(
                    ToleranceSupplemented,
                    act,
                    item=item,
                    materials=mine,
                    settled=here >= set(grace.missing),
                    hall=hall,
                )

    @applies(ToleranceSupplemented)
    def _supplemented(self, fact: ToleranceSupplemented) -> None:
        here = {copy.material for copy in fact.materials}
        grace = self.graces.pop(fact.item)
        if not fact.settled:
            missing = tuple(each for each in grace.missing if each not in here)
            self.graces[fact.item] = replace(grace, missing=missing)

    def _arrive(self, copies: Iterable[MaterialCopy]) -> None:
        """What is kept at the window lacks less; complete, it is to be accepted."""
        here = {copy.material for copy in copies}
        for item, grace in list(self.graces.items()):
            if self.items[item] is ItemState.HELD:
                missing = tuple(each for each in grace.missing if each not in here)
                self.graces[item] = replace(grace, missing=missing)
                if not missing:
                    self.items[item] = ItemState.PENDING
                    del self.graces[item]

    def refuse_supplement(self, item: str, materials: Collection[str], *, reason: str, act: Act) -> None:
        """Does not take in what does not comply: it is still missing, and the deadline stands (S54c)."""
        grace = self._grace(item)
        office(act)
        if foreign := sorted({*materials} - {*grace.missing}):
            raise UnrelatedMaterial(materials=foreign)
        if not reason.strip():
            raise GroundsMissing(item=item)
        self._awaited((item,))
        self.record(SupplementRefused, act, item=item, materials=tuple(materials), reason=reason)

    @applies(SupplementRefused)
    def _refused_supplement(self, fact: SupplementRefused) -> None:
        """What was missing is still missing."""

    # extension and lapse

    def extend_tolerance(self, item: str, due_on: date, *, reason: str, notice: str, act: Act) -> None:
        """Lets it come later because of force majeure, as far as that reaches (S54b); the same day is no news."""
        grace = self._grace(item)
        if due_on == grace.due_on:
            return
        office(act)
        if act.by == grace.by:
            raise SecondPersonNeeded(by=act.by)
        if not reason.strip():
            raise GroundsMissing(item=item)
        self._awaited((item,))
        if grace.until <= act.at:
            raise ToleranceOver(items={item: grace.due_on})
        if due_on < grace.due_on:
            raise NotLater(due_on=grace.due_on)
        self.record(ToleranceExtended, act, item=item, due_on=due_on, reason=reason, notice=notice)

    @applies(ToleranceExtended)
    def _extended(self, fact: ToleranceExtended) -> None:
        self.graces[fact.item] = replace(self.graces[fact.item], due_on=fact.due_on)

    def rest_tolerance(self, item: str, *, decision: str, act: Act) -> None:
        """The item was not granted: whoever is granted nothing need not bring more for it, and does not lapse.

        What is only kept at the window is no department's yet. The last hand-over may be heard before the denial: a
        case that it closed learns of it all the same.
        """
        grace = self.graces.get(item)
        if grace is not None and grace.rested_on is None and self.items[item] is not ItemState.HELD:
            self.record(ToleranceRested, act, item=item, decision=decision)

    @applies(ToleranceRested)
    def _rested(self, fact: ToleranceRested) -> None:
        self.graces[fact.item] = replace(self.graces[fact.item], rested_on=local_date(fact.at))

    def resume_tolerance(self, item: str, *, calendar: WorkingCalendar, act: Act) -> None:
        """The denial was void: the applicant has the working days again that were left, and at least one.

        A closed case learns of it, too: whether that, or its reopening, is heard first is all the same.
        """
        grace = self.graces.get(item)
        since = None if grace is None else grace.rested_on or (self.closed_on if self.outcome is not None else None)
        if grace is not None and since is not None:
            self._resume(item, grace, since, calendar, act)

    def _goes_on(self, items: Collection[str], calendar: WorkingCalendar, act: Act) -> None:
        """What a release let run that closed a case without resting it: for ``items`` the days that ran out are given
        again, the others were not granted and rest. Else there is nothing to make up for.
        """
        super()._goes_on(items, calendar, act)
        for item, grace in list(self.graces.items()):
            if grace.rested_on is not None or item in self.resumed:
                continue
            if item not in items:
                self.rest_tolerance(item, decision="", act=act)
            elif grace.until <= act.at and self.closed_on is not None:
                self._resume(item, grace, self.closed_on, calendar, act)

    def _resume(self, item: str, grace: Grace, since: date, calendar: WorkingCalendar, act: Act) -> None:
        left = calendar.count(min(since, grace.due_on), grace.due_on)
        due = max(grace.due_on, calendar.add(local_date(act.at), max(left, 1)))
        self.record(ToleranceResumed, act, item=item, due_on=due)

    @applies(ToleranceResumed)
    def _resumed(self, fact: ToleranceResumed) -> None:
        self.graces[fact.item] = replace(self.graces[fact.item], due_on=fact.due_on, rested_on=None)
        self.resumed |= {fact.item}

    @applies(CaseClosed)
    def _closed(self, fact: CaseClosed) -> None:
        super()._closed(fact)
        self.resumed = frozenset()

    def lapse(self, item: str, *, notice: str, act: Act) -> None:
        """容缺逾期: the handling of the item is terminated, and the applicant bears the loss (S54c)."""
        until = self.timers().get(f"tolerance:{item}")
        if until is None or until > act.at:
            return
        grace = self.graces[item]
        self.record(
            ToleranceLapsed,
            act,
            item=item,
            missing=grace.missing,
            notice=notice,
            applicant_index=self.applicant_index,
        )
        self._close_if_over(act)

    @applies(ToleranceLapsed)
    def _lapsed(self, fact: ToleranceLapsed) -> None:
        self._settle(fact.item, ItemState.TERMINATED)

    def timers(self) -> dict[str, datetime]:
        """``tolerance:<item>``: when what is tolerated comes too late; neither while withdrawn nor while it rests."""
        return super().timers() | {
            f"tolerance:{item}": grace.until
            for item, grace in self.graces.items()
            if self.items[item] is not ItemState.WITHDRAWING and grace.rested_on is None
        }

    def _grace(self, item: str) -> Grace:
        self._in_case((item,))
        self._may("receive")
        if item not in self.graces:
            raise NothingTolerated(item=item)
        return self.graces[item]

    def _awaited(self, items: Iterable[str]) -> None:
        """Raises ToleranceRests where nothing is waited for, for one of these items."""
        if resting := [item for item in items if self.graces[item].rested_on is not None]:
            raise ToleranceRests(items=resting)

    def _settle(self, item: str, state: ItemState) -> None:
        super()._settle(item, state)
        if state in GONE:
            self.graces.pop(item, None)
