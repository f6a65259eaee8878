"""Answers what cases would have been, as far as whoever asks reaches."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from msgspec.structs import replace

from casefile.explaining.course import Known
from casefile.exporting import pages
from casefile.exporting.answering import Exporting
from casefile.supposing.acts import Acts, Loads
from casefile.supposing.derived import Law, asked, corrections_spared, courses, tolerance_lost, whole
from casefile.supposing.elsewhere import recorded_elsewhere
from casefile.supposing.granted import Powers, Signed, signed, supposed
from casefile.supposing.recorded import Recorded, recorded
from catalogue import Catalogue, CatalogueError, InvalidCatalogue
from catalogue.altering import altered
from contracts.approval import Unlocked
from contracts.language import Caller
from contracts.supposing import (
    CaseDifference,
    ItemCourse,
    ItemDifference,
    SupposedPage,
    SupposeRules,
    Tally,
    WholeCourse,
)
from eventing.errors import Invalid
from eventing.service import query
from kernel.workdays import WorkingCalendar


class Supposing(Exporting):
    """The part of casefile that asks what if."""

    calendar = WorkingCalendar.official()

    @query(SupposeRules)
    def suppose_rules(self, question: SupposeRules, caller: Caller) -> SupposedPage:
        """The next cases. Raises Invalid for a value that cannot stand where it is put."""
        size, keys, found = self._exported(question, caller, only_cases=True)
        try:
            calendar = _calendar(self.calendar, question)
        except ValueError as error:
            raise Invalid(errors=[{"field": "off", "reason": str(error)}]) from error
        powers: tuple[Powers | None, Powers | None] = (None, None)
        if question.grants:
            grants = self._grants(size)
            try:
                powers = Powers(grants), Powers(supposed(grants, question.grants))
            except ValueError as error:
                raise Invalid(errors=[{"field": "grants", "reason": str(error)}]) from error
        page = Comparison()
        for facts in map(pages.known, found.values()):
            case = recorded(facts) if question.provenance == "own" else self._elsewhere(facts, question)
            if case.opened is not None:
                own = Law(self.catalogues.at(case.opened.catalogue), self.calendar, powers[0])
                try:
                    other = Law(_altered(own.catalogue, tuple(question.changes.items())), calendar, powers[1])
                except InvalidCatalogue as error:
                    raise Invalid(errors=[{"field": "changes", "reason": each} for each in error.problems]) from error
                except CatalogueError:
                    page.unfit.append(case.opened.case_id)
                    continue
                page.add(case, own, other, question)
        return page.answer(size, keys[-1] if keys else None)

    def _grants(self, size: int) -> dict[str, Signed]:
        """All grants that the ledger knows with so many facts."""
        chains = pages.grants(self.store.select)
        told = pages.entries(self.store.select, chains, size)
        found = ((grant, signed(each.fact for each in pages.known(chain))) for grant, chain in told.items())
        return {grant: each for grant, each in found if each is not None}

    def _elsewhere(self, facts: Sequence[Known], question: SupposeRules) -> Recorded:
        """A case of another system, under the rules in force."""
        return recorded_elsewhere(facts, Law(self.catalogues.current(), self.calendar), question.on)


@lru_cache(maxsize=16)
def _altered(catalogue: Catalogue, changes: tuple[tuple[str, str], ...]) -> Catalogue:
    return altered(catalogue, dict(changes))


def _calendar(calendar: WorkingCalendar, question: SupposeRules) -> WorkingCalendar:
    """The calendar with other days. Raises ValueError for a day that is both."""
    off, working = frozenset(question.off), frozenset(question.working)
    if not off and not working:
        return calendar
    return WorkingCalendar(
        version=f"{calendar.version}+supposed",
        official_from=calendar.official_from,
        official_until=calendar.official_until,
        off=(calendar.off - working) | off,
        working=(calendar.working - off) | working,
    )


class Comparison:
    """Cases as they were beside what they would have been."""

    def __init__(self) -> None:
        self.cases = self.items = 0
        self.was, self.would_be = Tally(), Tally()
        self.loads = Loads()
        self.differences: list[CaseDifference] = []
        self.unlike: list[str] = []
        self.unfit: list[str] = []

    def add(self, case: Recorded, own: Law, other: Law, question: SupposeRules) -> None:
        """One case more."""
        opened = case.opened
        try:
            was, would_be = (courses(case, own, law, question.on) for law in (own, other))
            themes = [law.catalogue.theme(opened.theme) for law in (own, other)]
            before, after = (asked(case, theme) for theme in themes)
        except CatalogueError:
            self.unfit.append(opened.case_id)
            return
        self.cases += 1
        items = [item for item in was if item in would_be]
        told = [item for item in items if _is_told(was[item], case.runs[item].clocks)]
        self.unlike += [f"{opened.case_id}/{item}" for item in items if item not in told]
        self.items += len(told)
        wholes = [whole(case, law, was, days, question.on) for law, days in ((own, was), (other, would_be))]
        if (wholes[0].due_on if wholes[0] else None) != (case.joint.due_on if case.joint else None):
            self.unlike.append(f"{opened.case_id}/joint")
            wholes = [None, None]
        acts = Acts(case, own.powers, other.powers)
        self.unlike += [f"{opened.case_id}/{item}/accept" for item in acts.unlike]
        self.loads.add(acts)
        self.was = _tallied(
            self.was, [was[item] for item in told], wholes[0],
            materials=len(before), unlawful=0, places=acts.places_were,
        )  # fmt: skip
        self.would_be = _tallied(
            self.would_be, [would_be[item] for item in told], wholes[1],
            materials=len(after), unlawful=acts.unlawful, places=acts.places_would_be,
        )  # fmt: skip
        nothing = CaseDifference(opened.case_id, opened.number, opened.theme, opened.hall)
        found = replace(
            nothing,
            items=tuple(_differences(told, was, would_be)),
            materials_more=tuple(sorted(after - before)),
            materials_fewer=tuple(sorted(before - after)),
            tolerance_lost=tuple(tolerance_lost(case, *themes)),
            corrections_spared=tuple(corrections_spared(case, *themes)),
            **_wholes(*wholes),
            acts=tuple(acts.differences),
        )
        if found != nothing:
            self.differences.append(found)

    def answer(self, size: int, after: str | None) -> SupposedPage:
        """All of them."""
        return SupposedPage(
            size=size,
            cases=self.cases,
            items=self.items,
            was=self.was,
            would_be=self.would_be,
            differences=tuple(self.differences),
            loads=self.loads.told(),
            unlike=tuple(self.unlike),
            unfit=tuple(self.unfit),
            after=after,
        )


def _is_told(was: ItemCourse, clocks: Unlocked | None) -> bool:
    """Whether what is derived from an item's own rules is what was recorded of it."""
    return clocks is not None and (was.promised_due, was.statutory_due) == (clocks.promised_due, clocks.statutory_due)


def _differences(
    items: Iterable[str], was: Mapping[str, ItemCourse], would_be: Mapping[str, ItemCourse]
) -> Iterable[ItemDifference]:
    return (ItemDifference(item, was[item], would_be[item]) for item in items if was[item] != would_be[item])


def _wholes(was: WholeCourse | None, would_be: WholeCourse | None) -> dict[str, WholeCourse | None]:
    return {} if was == would_be else {"whole_was": was, "whole_would_be": would_be}


def _tallied(
    tally: Tally, items: list[ItemCourse], whole: WholeCourse | None, *, materials: int, unlawful: int, places: int
) -> Tally:
    late = [each.late for each in items if each.late]
    return Tally(
        late_cases=tally.late_cases + bool(late),
        late_items=tally.late_items + len(late),
        past_the_law=tally.past_the_law + late.count("statutory"),
        materials=tally.materials + materials,
        past_joint=tally.past_joint + (whole is not None and whole.is_late),
        unlawful=tally.unlawful + unlawful,
        places=tally.places + places,
    )
