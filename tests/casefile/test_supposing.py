"""Other rules for recorded cases: nothing changed differs in nothing, and what differs is what a hand would count."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import catalogue
from casefile.explaining.course import Known
from casefile.service import CaseFile
from casefile.supposing.answering import Comparison
from casefile.supposing.derived import Law
from casefile.supposing.recorded import Recorded, recorded
from catalogue.altering import UnknownPath, altered
from contracts.approval import ReviewGranted, ReviewResumed, ReviewsUnlocked, ReviewSuspended, Unlocked
from contracts.intake import Acceptance, CorrectionRequested, ItemsAccepted, PlannedItem, Tolerated
from contracts.language import Caller, Fact
from contracts.supposing import SupposedPage, SupposeRules
from eventing.errors import Invalid
from eventing.scoping import NotYourRole
from kernel.clock import CHINA_STANDARD_TIME
from kernel.workdays import WorkingCalendar
from testkit.facts import refused
from testkit.replica import Replica, replica

from .mothers import SIGNING, opened

CY = catalogue.load("990102")
CALENDAR = WorkingCalendar.official()
ANSWERS = {
    "licence": "none", "signboard": "yes", "public_venue": "yes", "tobacco": "yes", "drainage": "yes", "agent": "no"
}  # fmt: skip
ITEMS = ("CY01", "CY02", "CY03", "CY05", "CY06", "CY07")
DAY = date(2026, 3, 2)
LATER = date(2026, 12, 31)
"""The day on which what is undecided is looked at."""


def by_hand(start: date, days: int | None, still: Sequence[tuple[date, date]]) -> date | None:
    """The last day of a limit, counted on the fingers: day 1 is the day after, and days of a pause are not counted."""
    if days is None:
        return None
    day, left = (start, days) if days else (start - timedelta(days=1), 1)
    while left:
        day += timedelta(days=1)
        if CALENDAR.is_working(day) and not any(first <= day < after for first, after in still):
            left -= 1
    return day


class Told(msgspec.Struct, frozen=True):
    """One review as it went."""

    item: str
    start: date
    pauses: tuple[tuple[date, date], ...]
    took: int | None
    """Calendar days from the beginning to the decision; None: undecided."""

    def due(self, limits: catalogue.Limits) -> tuple[date | None, date | None]:
        """Until when it is promised, and until when the law wants it."""
        promised, statutory = limits.promised, limits.statutory
        return (
            by_hand(self.start, promised.days if promised else None, self.pauses),
            by_hand(self.start, statutory.days if statutory else None, self.pauses),
        )

    @property
    def clocks(self) -> Unlocked:
        promised, statutory = self.due(catalogue.limits_of(CY, CY.item(self.item), ANSWERS))
        return Unlocked(item=self.item, started_on=self.start, promised_due=promised, statutory_due=statutory)

    @property
    def decided_on(self) -> date | None:
        return None if self.took is None else self.start + timedelta(days=self.took)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=CHINA_STANDARD_TIME)


def story(reviews: Sequence[Told], tolerated: tuple[Tolerated, ...] = ()) -> list[tuple[str, Fact]]:
    """A restaurant's case in which these reviews went so."""
    who: dict[str, Any] = {"case_id": "case-1", "by": "clerk-7"}
    plan = tuple(
        PlannedItem(item.id, "selected" if item.id in ITEMS or item.is_internal else "not_needed")
        for item in CY.theme("CY").items
    )
    began = msgspec.structs.replace(opened("case-1", at=at(DAY)), answers=ANSWERS, plan=plan)
    accepted = ItemsAccepted(
        **who, at=at(DAY), number="N", theme="CY", catalogue="c", region="990102", hall="county", window="w1", plan=(),
        materials=(), items=tuple(
            Acceptance(
                item=item, handler="h", grant="", grant_position=0, in_name_of="h", notice="n",
                tolerated=tolerated if item == "CY03" else (),
            )
            for item in ITEMS
        ),
    )  # fmt: skip
    facts: list[tuple[str, Fact]] = [("intake", began), ("intake", accepted)]
    for told in reviews:
        clocks, item = told.clocks, told.item
        facts.append(("approval", ReviewsUnlocked(**who, at=at(told.start), reviews=(clocks,))))
        for first, after in told.pauses:
            pause: dict[str, Any] = {"item": item, "handler": "h", "procedure": "inspection", "clocks": clocks}
            facts.append(("approval", ReviewSuspended(
                **who, **pause, at=at(first), reason="r", notice="n", started_on=first, expected_days=1,
                expected_on=first,
            )))  # fmt: skip
            facts.append(("approval", ReviewResumed(**who, **pause, at=at(after), result="r", resumed_on=after)))
        if told.decided_on is not None:
            granted = ReviewGranted(**who, at=at(told.decided_on), item=item, handler="h", decision="D")
            facts.append(("approval", granted))
    return sorted(facts, key=lambda each: each[1].at)


def case_of(facts: Sequence[tuple[str, Fact]]) -> Recorded:
    return recorded(Known("case-1", n, service, fact.TOPIC, fact) for n, (service, fact) in enumerate(facts, start=1))


@cache
def supposing(changes: tuple[tuple[str, str], ...]) -> catalogue.Catalogue:
    return altered(CY, dict(changes))


def compared(facts: Sequence[tuple[str, Fact]], changes: dict[str, str], calendar: Any = CALENDAR) -> SupposedPage:
    found = Comparison()
    own = Law(CY, CALENDAR)
    found.add(
        case_of(facts), own, Law(supposing(tuple(changes.items())), calendar), SupposeRules(on=LATER, changes=changes)
    )
    return found.answer(0, None)


@st.composite
def reviews(draw: st.DrawFn) -> list[Told]:
    """Reviews of some items, each with pauses, decided or not; what waits for others begins after them."""
    found: list[Told] = []
    start = DAY
    for item in ITEMS:
        begins = start + timedelta(days=draw(st.integers(0, 20))) if item != "CY01" else start
        pauses, day = [], begins
        for _ in range(draw(st.integers(0, 2))):
            first = day + timedelta(days=draw(st.integers(0, 6)))
            day = first + timedelta(days=draw(st.integers(0, 15)))
            pauses.append((first, day))
        took = draw(st.none() | st.integers((day - begins).days, (day - begins).days + 40))
        found.append(Told(item, begins, tuple(pauses), took))
        if item in {"CY01", "CY02"}:
            if took is None:
                break
            start = begins + timedelta(days=took)
    return found


@settings(max_examples=60, deadline=None)
@given(reviews(), st.sampled_from([{}, {"themes/CY/items/CY03/promised/days": "6"}]))
def test_a_change_of_nothing_differs_in_nothing(told: list[Told], changes: dict[str, str]) -> None:
    page = compared(story(told), changes)

    assert (page.differences, page.unlike, page.unfit) == ((), (), ())
    assert (page.cases, page.items) == (1, len(told))
    assert page.was == page.would_be


@settings(max_examples=60, deadline=None)
@given(reviews(), st.sampled_from(["CY03", "CY05", "CY06", "CY07"]), st.integers(0, 30))
def test_a_changed_promise_is_late_where_a_hand_counts_it_late(told: list[Told], item: str, days: int) -> None:
    page = compared(story(told), {f"themes/CY/items/{item}/promised": f'{{"days": {days}}}'})

    late, changed = 0, {}
    for each in told:
        promised, statutory = each.due(catalogue.limits_of(CY, CY.item(each.item), ANSWERS))
        if each.item == item and promised != by_hand(each.start, days, each.pauses):
            promised = changed[item] = by_hand(each.start, days, each.pauses)
        day = each.decided_on or LATER
        late += (statutory is not None and day > statutory) or (promised is not None and day > promised)
    assert page.would_be.late_items == late
    assert {each.item: each.would_be.promised_due for found in page.differences for each in found.items} == changed


@settings(max_examples=60, deadline=None)
@given(reviews(), st.sets(st.integers(1, 60), max_size=8))
def test_other_holidays_move_what_a_hand_moves(told: list[Told], off: set[int]) -> None:
    days = {DAY + timedelta(days=each) for each in off}
    calendar = WorkingCalendar(
        "other", CALENDAR.official_from, CALENDAR.official_until, CALENDAR.off | days, CALENDAR.working - days
    )

    page = compared(story(told), {}, calendar)

    def counted(each: Told, limit: int) -> date:
        day, left = (each.start, limit) if limit else (each.start - timedelta(days=1), 1)
        while left:
            day += timedelta(days=1)
            paused = any(first <= day < after for first, after in each.pauses)
            left -= calendar.is_working(day) and not paused
        return day

    limits = {each.item: catalogue.limits_of(CY, CY.item(each.item), ANSWERS).promised for each in told}
    moved = {
        each.item: counted(each, limit.days)
        for each in told
        if (limit := limits[each.item]) and counted(each, limit.days) != each.due(catalogue.Limits(None, limit))[0]
    }
    found = {each.item: each for case in page.differences for each in case.items}
    assert {item: each.would_be.promised_due for item, each in found.items() if item in moved} == moved
    assert all(each.was.promised_due == each.would_be.promised_due for item, each in found.items() if item not in moved)


def test_what_waits_for_less_begins_earlier_and_takes_as_long() -> None:
    told = [
        Told("CY01", DAY, (), 1),  # Monday to Tuesday
        Told("CY02", date(2026, 3, 3), (), 7),  # to the Tuesday after
        Told("CY03", date(2026, 3, 10), (), 3),  # Tuesday to Friday: three working days
    ]

    page = compared(story(told), {"themes/CY/items/CY03/depends_on": '[{"any_of": ["CY01"]}]'})

    ((difference,),) = (each.items for each in page.differences)
    assert (difference.item, difference.would_be.started_on) == ("CY03", date(2026, 3, 3))
    assert difference.would_be.decided_on == date(2026, 3, 6)
    assert difference.would_be.promised_due == by_hand(date(2026, 3, 3), 6, ())


def test_what_follows_moves_too_and_what_waits_for_the_undecided_never_begins() -> None:
    told = [Told("CY01", DAY, (), 1), Told("CY02", date(2026, 3, 3), (), 0), Told("CY03", date(2026, 3, 3), (), 1)]

    late = compared(story([*told, Told("CY07", date(2026, 3, 3), (), 6)]), {
        "themes/CY/items/CY03/depends_on": '[{"any_of": ["CY07"]}]'
    })  # fmt: skip
    never = compared(story([*told, Told("CY07", date(2026, 3, 3), (), None)]), {
        "themes/CY/items/CY03/depends_on": '[{"any_of": ["CY07"]}]'
    })  # fmt: skip

    ((moved,),) = (each.items for each in late.differences)
    assert (moved.would_be.started_on, moved.would_be.decided_on) == (date(2026, 3, 9), date(2026, 3, 10))
    ((waiting,),) = (each.items for each in never.differences)
    assert (waiting.item, waiting.would_be.started_on, waiting.would_be.decided_on) == ("CY03", None, None)


def test_materials_and_what_may_come_later() -> None:
    told = [Told("CY01", DAY, (), 1)]
    facts = story(told, tolerated=(Tolerated("food_safety_staff", LATER),))
    facts.append(("intake", CorrectionRequested(
        case_id="case-1", at=at(DAY), by="clerk-7", notice="n", missing={"CY03": ("layout_and_process",)}
    )))  # fmt: skip
    materials = msgspec.to_builtins(CY.item("CY03").materials)
    kept = [each | {"tolerable": False} for each in materials if each["id"] != "food_safety_rules"]
    eased = [
        each | ({"tolerable": True, "role": "secondary"} if each["id"] == "layout_and_process" else {})
        for each in materials
    ]
    path = "themes/CY/items/CY03/materials"

    fewer = compared(facts, {path: msgspec.json.encode(kept).decode()}).differences
    more = compared(facts, {path: msgspec.json.encode(eased).decode()}).differences

    assert [(each.materials_fewer, each.tolerance_lost) for each in fewer] == [
        (("food_safety_rules",), ("CY03/food_safety_staff",))
    ]
    assert [(each.corrections_spared, each.materials_more) for each in more] == [(("CY03",), ())]


def test_what_its_own_rules_do_not_explain_is_told_and_not_compared() -> None:
    strange = msgspec.structs.replace(Told("CY03", DAY, (), 3).clocks, promised_due=LATER)
    facts = story([Told("CY01", DAY, (), 1)])
    facts.append(("approval", ReviewsUnlocked(case_id="case-1", at=at(DAY), by="system", reviews=(strange,))))

    page = compared(facts, {"themes/CY/items/CY03/promised/days": "1"})

    assert (page.unlike, page.items, page.differences) == (("case-1/CY03",), 1, ())


@pytest.fixture
def casefile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    class Shelf:
        def at(self, _version: str) -> catalogue.Catalogue:
            return CY

    request.param = "sqlite"
    with replica(CaseFile, request, tmp_path, signing=SIGNING, catalogues=Shelf()) as running:
        versions: dict[str, int] = {}
        for service, fact in story([Told("CY01", DAY, (), 0), Told("CY07", DAY + timedelta(days=9), (), 9)]):
            versions[service] = versions.get(service, 0) + 1
            running.follow(service, ("case-1", versions[service], fact))
        yield running


AUDITOR = Caller(by="auditor-shi", roles=("auditor",))


def test_a_question_is_answered_from_the_ledger_and_leaves_nothing_in_it(casefile: Replica) -> None:
    changes = {"themes/CY/items/CY07/promised/days": "1"}

    page = casefile.ask(SupposeRules(on=LATER, changes=changes), AUDITOR)
    again = casefile.ask(SupposeRules(on=LATER, changes=changes, size=page["size"]), AUDITOR)

    assert (page["was"]["late_items"], page["would_be"]["late_items"]) == (0, 1)
    assert page["differences"][0]["number"] == "YJS-case-1"
    assert page == again
    other_hall = Caller(by="m", hall="street", roles=("manager",))
    assert casefile.ask(SupposeRules(on=LATER, changes=changes), other_hall)["cases"] == 0
    with refused(NotYourRole):
        casefile.ask(SupposeRules(on=LATER), Caller(by="c", hall="county", roles=("clerk",)))


ILL = (
    ("themes/CY/nme", "1"),
    ("region", "{"),
    ("themes/CY/items/CY07/promised/days", '"soon"'),
    ("themes/CY/items/CY07/promised/days", "-1"),
    ("themes/CY/items/CY07/promised/days", "99999999999"),
    ("themes/CY/items/CY07/depends_on", '[{"any_of": ["ZZ"]}]'),
    ("themes/CY/items/CY02/depends_on", '[{"any_of": ["CY03"]}]'),
)


def test_a_value_that_cannot_stand_there_is_refused_and_a_path_that_leads_nowhere_fits_no_case(
    casefile: Replica,
) -> None:
    page = casefile.ask(SupposeRules(on=LATER, changes={"themes/CY/items/XX/promised/days": "1"}), AUDITOR)

    assert (page["unfit"], page["cases"]) == (["case-1"], 0)
    for path, value in ILL:
        with pytest.raises(Invalid):
            casefile.ask(SupposeRules(on=LATER, changes={path: value}), AUDITOR)
    with pytest.raises(Invalid):
        casefile.ask(SupposeRules(on=LATER, off=(DAY,), working=(DAY,)), AUDITOR)
    with pytest.raises(UnknownPath):
        altered(CY, {"themes/CY/items/CY07/name/days": "1"})
