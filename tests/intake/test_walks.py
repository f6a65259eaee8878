"""Random walks: whatever people do, in whatever order, a case stays within its lifecycle and keeps its promises."""

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from catalogue.model import Catalogue, Tolerance
from catalogue.rules import Commitment, Limit
from contracts.intake import BroughtMaterial, CopyFault, Origin, Signed
from contracts.language import Act
from eventing.errors import Forbidden, Refused
from eventing.snapshots import restore, take
from intake.domain import Case, Outline, Terms, outline_of
from kernel.clock import CHINA_STANDARD_TIME, local_date
from kernel.digests import canonical
from testkit.facts import an_act, replayed

from .mothers import (
    ANSWERS,
    CALENDAR,
    FROM_NOTHING,
    FULL_FORM,
    FULL_SET,
    At,
    a_case,
    amended,
    brought,
    grants,
    numbers,
    sealed,
)

ITEMS = st.sampled_from(["SP01", "SP02", "SP03", "SP04", "SP05", "SP06", "SP99"])
MATERIALS = st.sampled_from([*FULL_SET, "reg_form", "diploma"])
REFUSALS = st.sampled_from(["", "", "", "expired", "no-grant"])
BEGUN = Origin(item="SP01", outcome="underway", number="受1")

MOVES = {
    ("pending", "accepted"),
    ("pending", "held"),
    ("pending", "not_accepted"),
    ("pending", "withdrawn"),
    ("pending", "returned"),
    ("held", "pending"),
    ("held", "withdrawn"),
    ("held", "returned"),
    ("held", "terminated"),
    ("accepted", "withdrawing"),
    ("accepted", "terminated"),
    ("withdrawing", "withdrawn"),
    ("withdrawing", "accepted"),
    ("not_needed", "pending"),
    ("underway", "satisfied"),
    ("underway", "denied"),
    ("underway", "withdrawn"),
}
"""How an item may change in one step, written down apart from the code."""

CHANGES = {
    "": {"opened"},
    "opened": {"received", "accepted", "closed"},
    "received": {"correcting", "accepted", "closed"},
    "correcting": {"received", "accepted", "closed"},
    "accepted": {"received", "opened", "correcting", "closed"},
    "closed": {"accepted", "received", "opened", "correcting"},
}
"""How a case may change, likewise; a join opens what was accepted again, a void decision the whole case."""

TERMS = {"SP03": (7, 2), "SP04": (9, 2)}
"""Item → promised working days and margin, as the catalogue of these walks has them."""


@cache
def lawful() -> Catalogue:
    """SP03 may be accepted while something is missing, SP04 is kept until it is complete, SP01 goes on a promise."""
    return amended(
        SP01={"commitment": Commitment(materials=("premises",), verification="exempt")},
        SP04={"tolerance": Tolerance(listed=True, mode="hold"), "promised": Limit(days=9)},
        rules={"correction_kept": Limit(days=4)},
    )


def last_day(item: str, begins: date) -> date:
    """The deadline of a tolerance, counted day by day."""
    promised, margin = TERMS[item]
    left, day = min(20, promised - margin), begins
    while left:
        day += timedelta(days=1)
        left -= CALENDAR.is_working(day)
    return day


def is_over(day: date, now: datetime) -> bool:
    return now >= datetime.combine(day + timedelta(days=1), time.min, CHINA_STANDARD_TIME)


class Ledger:
    """What may still come, told from the facts alone."""

    def __init__(self) -> None:
        self.open: dict[str, tuple[set[str], date]] = {}

    def note(self, fact: Any) -> None:
        match type(fact).__name__:
            case "ItemsHeld" | "ItemsAccepted":
                for each in fact.items:
                    if each.tolerated:
                        assert {t.due_on for t in each.tolerated} == {last_day(each.item, local_date(fact.at))}
                        self.open[each.item] = ({t.material for t in each.tolerated}, each.tolerated[0].due_on)
            case "MaterialsReceived":
                here = {copy.material for copy in fact.materials}
                for item, (missing, _) in list(self.open.items()):
                    missing.difference_update(here)
                    if not missing:
                        del self.open[item]
            case "ToleranceExtended" | "ToleranceResumed":
                self.open[fact.item] = (self.open[fact.item][0], fact.due_on)
            case "ToleranceLapsed":
                missing, due = self.open.pop(fact.item)
                assert missing == set(fact.missing)
                assert is_over(due, fact.at)
            case "ItemWithdrawn" | "ItemNotAccepted":
                self.open.pop(fact.item, None)
            case "ItemsReturned":
                for item in fact.items:
                    self.open.pop(item, None)


class Walk(RuleBasedStateMachine):
    """One case, and everything that anybody may try."""

    def __init__(self) -> None:
        super().__init__()
        self.at: At = a_case()
        self.now = datetime(2026, 7, 23, 4, tzinfo=UTC)
        self.past: list[Any] = []
        self.ledger = Ledger()
        self.items: dict[str, str] = {}
        self.status = ""

    @property
    def act(self) -> Act:
        return an_act(at=self.now)

    def attempt(self, step: Callable[[Case, Outline], None], *, is_owed: bool = False) -> None:
        """A step happens or is refused; refused, it leaves no trace, and on a closed case only what is owed does."""
        case = self.at.case
        before = copy.deepcopy(case.state())
        try:
            step(case, self.at.outline)
            was_refused = False
        except (Refused, Forbidden):
            was_refused = True
        if was_refused or (self.status == "closed" and not is_owed):
            assert not case.pending
            assert case.state() == before
        for fact in case.pending:
            self.ledger.note(fact)
        self.past += case.pending
        case.pending.clear()

    @initialize(
        answers=st.sampled_from([ANSWERS, FROM_NOTHING]),
        chosen=st.sampled_from([None, ("SP03",), ("SP05",)]),
        entry=st.sampled_from(["", "done", "begun"]),
        begins=st.sampled_from(["opened", "lacking", "lacking", "tolerated", "accepted"]),
    )
    def open(self, answers: dict[str, str], chosen: tuple[str, ...] | None, entry: str, begins: str) -> None:
        done = {"SP02": "核验记录1"} if entry == "done" else {}
        begun = {"SP01": "受1"} if entry == "begun" else {}
        self.at = At(outline_of(lawful(), "SP", answers, chosen=chosen, satisfied=done, underway=begun))
        self.at.opened(act=self.act, origins=(BEGUN,) if begun else ())
        self.past = list(self.at.case.pending)
        self.at.case.pending.clear()
        self.items = {item: str(state) for item, state in self.at.case.items.items()}
        if begins != "opened":
            self.fill_everything()
            self.receive_everything([] if begins == "accepted" else ["premises", "fire_rules"])
        if begins == "tolerated":
            self.accept_what_lacks_something_secondary("SP03")
            self.items_move_only_along_the_table()
            self.accept_what_lacks_something_secondary("SP04")
        if begins == "accepted":
            self.accept([], "", [], [], True)
        self.status = str(self.at.case.status)

    # before acceptance

    @rule(
        fields=st.lists(st.sampled_from([*FULL_FORM, "mobile"]), unique=True),
        origin=st.sampled_from(["entered", ""]),
    )
    def fill(self, fields: list[str], origin: str) -> None:
        known = [key for key in fields if key in self.at.outline.fields]
        self.attempt(
            lambda case, outline: case.fill(
                outline, sealed("form"), dict.fromkeys(known, origin), calendar=CALENDAR, act=self.act
            )
        )

    @rule()
    def fill_everything(self) -> None:
        self.fill([key for key in FULL_FORM if key not in self.at.case.fields], "entered")

    @rule(materials=st.lists(MATERIALS, max_size=3))
    def receive(self, materials: list[str]) -> None:
        self.attempt(lambda case, outline: case.receive(outline, brought(*materials), calendar=CALENDAR, act=self.act))

    @rule(besides=st.lists(st.sampled_from(["premises", "fire_rules"])))
    def receive_everything(self, besides: list[str]) -> None:
        self.attempt(
            lambda case, outline: case.receive(
                outline,
                brought(*sorted(outline.asked(case.unsettled) - {*besides})),
                calendar=CALENDAR,
                act=self.act,
            )
        )

    @rule(material=MATERIALS)
    def receive_a_file_without_bytes(self, material: str) -> None:
        nothing = BroughtMaterial(material=material, medium="digital")
        self.attempt(lambda case, outline: case.receive(outline, [nothing], calendar=CALENDAR, act=self.act))

    @rule()
    def correct(self) -> None:
        self.attempt(
            lambda case, outline: case.request_correction(outline, notice="补1", calendar=CALENDAR, act=self.act)
        )

    @rule(
        items=st.lists(ITEMS, max_size=2),
        refusal=REFUSALS,
        tolerate=st.lists(st.sampled_from(["premises", "fire_rules", "food_form"]), unique=True),
        promise=st.lists(st.sampled_from(["SP01", "SP03"]), unique=True),
        is_signed=st.sampled_from([True, True, False]),
    )
    def accept(self, items: list[str], refusal: str, tolerate: list[str], promise: list[str], is_signed: bool) -> None:
        everything = self.at.case.items
        terms = Terms(
            tolerate=tuple(tolerate),
            promise=tuple(promise),
            signed=Signed("sha256:c0ffee") if is_signed else None,
        )
        self.attempt(
            lambda case, outline: case.accept(
                outline,
                tuple(items),
                authorities=grants(*everything, refusal=refusal),
                notices=numbers(*everything),
                terms=terms,
                calendar=CALENDAR,
                act=self.act,
            )
        )

    @rule(item=st.sampled_from(["SP03", "SP04"]))
    def accept_what_lacks_something_secondary(self, item: str) -> None:
        lacks = self.at.outline.missing((item,), self.at.case.present) if item in self.at.case.selected else {}
        missing = [need.material for need in lacks.get(item, ())]
        self.accept([item], "", [each for each in missing if each in {"premises", "fire_rules"}], [], True)

    @rule(item=ITEMS, reason=st.sampled_from(["", "不属于本机关职权"]), refusal=REFUSALS)
    def decline(self, item: str, reason: str, refusal: str) -> None:
        self.attempt(
            lambda case, outline: case.not_accept(
                outline,
                item,
                reason=reason,
                competent_authority="",
                authorities=grants(item, refusal=refusal),
                notices={item: "拒1"},
                act=self.act,
            )
        )

    @rule(items=st.lists(ITEMS, max_size=2), reason=st.sampled_from(["given_up", "not_compliant"]))
    def give_back(self, items: list[str], reason: Any) -> None:
        self.attempt(
            lambda case, _: case.return_items(items, reason=reason, explanation="不合格", notice="退1", act=self.act)
        )

    # at any time

    @rule(items=st.lists(st.sampled_from(["SP01", "SP03", "SP04", "SP05", "SP06"]), min_size=1, unique=True))
    def join(self, items: list[str]) -> None:
        case, before = self.at.case, self.at.outline
        try:
            larger = outline_of(
                lawful(),
                "SP",
                case.answers,
                chosen=(*case.selected, *items),
                satisfied=case.satisfied,
                underway=case.underway,
            )
        except Refused:
            return
        self.attempt(lambda case, _: case.join(before, larger, calendar=CALENDAR, act=self.act))
        if case.plan == larger.plan:
            self.at.outline = larger

    @rule(outcome=st.sampled_from(["granted", "denied", "withdrawn"]))
    def hear_from_elsewhere(self, outcome: Any) -> None:
        self.attempt(lambda case, _: case.record_origin("SP01", outcome, number="证1", act=self.act))
        case = self.at.case
        self.at.outline = outline_of(
            lawful(),
            "SP",
            case.answers,
            chosen=case.selected,
            satisfied=case.satisfied,
            underway=case.underway,
        )
        if case.outcome is None:
            self.attempt(lambda case, outline: case.take_over(outline, "SP01", calendar=CALENDAR, act=self.act))

    @rule(field=st.sampled_from([*FULL_FORM, "mobile", "shoe_size"]), reason=st.sampled_from(["与证照不符", ""]))
    def send_back(self, field: str, reason: str) -> None:
        self.attempt(lambda case, outline: case.send_back(outline, {field: reason}, act=self.act))
        assert field not in self.at.case.sent_back or field not in self.at.case.fields

    @rule(number=st.integers(0, 5), kind=st.sampled_from(["illegible", "seal_missing"]))
    def refuse_a_copy(self, number: int, kind: Any) -> None:
        copies = self.at.case.copies
        if not copies:
            return
        chosen = copies[number % len(copies)].copy
        self.attempt(lambda case, outline: case.refuse_copies(outline, {chosen: CopyFault(kind)}, act=self.act))

    @rule(
        material=st.sampled_from(FULL_SET), medium=st.sampled_from(["paper", "digital"]), digest=st.sampled_from("ab")
    )
    def bring_a_newer_copy(self, material: str, medium: Any, digest: str) -> None:
        newer = BroughtMaterial(
            material=material, medium=medium, digest=digest, media_type="application/pdf", newer=True
        )
        self.attempt(lambda case, outline: case.receive(outline, [newer], calendar=CALENDAR, act=self.act))

    @rule(item=ITEMS)
    def withdraw(self, item: str) -> None:
        self.attempt(lambda case, _: case.withdraw(item, reason="", act=self.act))

    @rule(item=ITEMS, had_decided=st.booleans())
    def department_answers(self, item: str, had_decided: bool) -> None:
        asked = self.items.get(item) == "withdrawing"
        if had_decided:
            self.attempt(lambda case, _: case.fail_withdrawal(item, decision="决1", act=self.act), is_owed=asked)
        else:
            self.attempt(lambda case, _: case.confirm_withdrawal(item, act=self.act), is_owed=asked)
        assert self.at.case.items.get(item) != "withdrawing"

    @rule(item=ITEMS, choice=st.sampled_from(["go_on", "withdraw"]))
    def choose(self, item: str, choice: Any) -> None:
        self.attempt(lambda case, _: case.choose(choice, (item,), act=self.act))

    @rule(item=ITEMS, what=st.sampled_from(["健康证", "name"]))
    def ask_for_more(self, item: str, what: str) -> None:
        self.attempt(lambda case, outline: case.request_further(outline, item, what, basis="规定", act=self.act))

    @rule(item=ITEMS, days=st.integers(-2, 9), by=st.sampled_from(["clerk-7", "chief-1"]))
    def extend(self, item: str, days: int, by: str) -> None:
        due = local_date(self.now) + timedelta(days=days)
        act = an_act(by, at=self.now)
        self.attempt(lambda case, _: case.extend_tolerance(item, due, reason="台风", notice="容2", act=act))

    @rule(item=ITEMS, material=MATERIALS)
    def refuse_supplement(self, item: str, material: str) -> None:
        self.attempt(lambda case, _: case.refuse_supplement(item, (material,), reason="不符", act=self.act))

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        overdue = [item for item, owed in self.at.case.awaited.items() if owed.until <= self.now]
        while due := sorted(name for name, when in self.at.case.timers().items() if when <= self.now):
            self.fire(due[0])
            assert due[0] not in self.at.case.timers() or self.at.case.timers()[due[0]] > self.now
        assert all(self.at.case.items[item] == "accepted" for item in overdue)

    def fire(self, timer: str) -> None:
        name, _, item = timer.partition(":")
        if name == "deemed":
            self.attempt(lambda case, outline: case.deem_accepted(outline, act=self.act))
        elif name == "kept":
            self.attempt(lambda case, outline: case.return_uncorrected(outline, notice="退1", act=self.act))
        else:
            self.attempt(lambda case, _: case.lapse(item, notice="终1", act=self.act))
        self.items_move_only_along_the_table()

    @precondition(lambda self: self.status in {"accepted", "received"})
    @rule(covered=st.lists(ITEMS, unique=True))
    def close(self, covered: list[str]) -> None:
        self.attempt(lambda case, _: case.close("granted", covered, act=self.act))

    @precondition(lambda self: self.status == "closed")
    @rule(item=ITEMS)
    def reopen(self, item: str) -> None:
        case = self.at.case
        may_be = bool(case.acceptances) and not case.into
        self.attempt(lambda case, _: case.reopen((item,), calendar=CALENDAR, act=self.act), is_owed=may_be)
        assert (case.status != "closed") == may_be
        self.items_move_only_along_the_table()
        waits = [grace for grace in case.graces.values() if grace.rested_on is None]
        assert not may_be or all(grace.until > self.now for grace in waits)

    @rule(item=ITEMS, is_void=st.booleans())
    def hear_of_a_denial(self, item: str, is_void: bool) -> None:
        self.attempt(lambda case, _: case.rest_tolerance(item, decision="决1", act=self.act), is_owed=True)
        if is_void:
            self.attempt(lambda case, _: case.resume_tolerance(item, calendar=CALENDAR, act=self.act), is_owed=True)

    # what is true at every moment

    @invariant()
    def a_replay_ends_where_life_did(self) -> None:
        twin = replayed(self.at.case, self.past)

        assert twin.state() == self.at.case.state()
        assert canonical(twin.state()) == canonical(self.at.case.state())
        assert twin.timers() == self.at.case.timers()
        kept = restore(Case, twin.stream, twin.version, take(twin))
        assert kept.state() == twin.state()

    @invariant()
    def items_move_only_along_the_table(self) -> None:
        now = {item: str(state) for item, state in self.at.case.items.items()}
        moved = {(self.items[item], now[item]) for item in self.items if self.items[item] != now[item]}
        assert moved <= MOVES, moved - MOVES
        self.items = now

    @invariant()
    def the_case_moves_only_along_the_table(self) -> None:
        now = str(self.at.case.status) if self.past else ""
        if now != self.status:
            assert now in CHANGES[self.status], (self.status, now)
        self.status = now

    @invariant()
    def an_answer_is_owed_only_for_open_items(self) -> None:
        case = self.at.case
        assert set(case.awaited) <= set(case.open_items)
        assert ("deemed" in case.timers()) == bool(case.awaited)
        if case.status in {"accepted", "closed"}:
            assert not {"deemed", "kept"} & set(case.timers())
        if case.status == "closed":
            assert not case.timers() or case.acceptances

    @invariant()
    def what_may_still_come_is_what_the_facts_say(self) -> None:
        case = self.at.case
        assert {item: (set(grace.missing), grace.due_on) for item, grace in case.graces.items()} == self.ledger.open
        assert {item for item, state in self.items.items() if state == "held"} <= set(self.ledger.open)

    @invariant()
    def what_was_accepted_in_an_act_was_complete_tolerated_or_promised(self) -> None:
        wrong: set[str] = set()
        for fact in self.past:
            if type(fact).__name__ == "CopiesRefused":
                wrong |= fact.copies.keys()
            if type(fact).__name__ == "ItemsAccepted" and not fact.deemed:
                assert not any(wrong & set(item.materials) for item in fact.items)
                used = {copy.copy: copy.material for copy in fact.materials}
                for item in fact.items:
                    here = {used[copy] for copy in item.materials}
                    later = {each.material for each in item.tolerated}
                    assert not here & later
                    assert item.grant
                    assert not (later or item.committed) or fact.signed is not None
                    assert not later & set(item.committed)

    @invariant()
    def a_violation_is_only_what_no_notice_names(self) -> None:
        assert all(what == "健康证" for _, what in self.at.case.violations)


Walk.TestCase.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestWalk = Walk.TestCase
