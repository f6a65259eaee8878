"""Random walks: whatever people do, in whatever order, a case stays within its lifecycle."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.intake import BroughtMaterial
from contracts.language import Act
from eventing.errors import Forbidden, Refused
from intake.domain import Case, Outline
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
    brought,
    grants,
    numbers,
    sealed,
)

ITEMS = st.sampled_from(["SP01", "SP02", "SP03", "SP04", "SP05", "SP06", "SP99"])
MATERIALS = st.sampled_from([*FULL_SET, "reg_form", "diploma"])
REFUSALS = st.sampled_from(["", "", "", "expired", "no-grant"])

MOVES = {
    ("pending", "accepted"),
    ("pending", "not_accepted"),
    ("pending", "withdrawn"),
    ("accepted", "withdrawn"),
}
"""How an item may change, written down apart from the code."""

CHANGES = {
    "": {"opened"},
    "opened": {"received", "accepted", "closed"},
    "received": {"correcting", "accepted", "closed"},
    "correcting": {"received", "accepted", "closed"},
    "accepted": {"closed"},
    "closed": set(),
}
"""How a case may change, likewise."""


class Walk(RuleBasedStateMachine):
    """One case, and everything that anybody may try."""

    def __init__(self) -> None:
        super().__init__()
        self.at: At = a_case()
        self.now = datetime(2026, 7, 23, 4, tzinfo=UTC)
        self.past: list[Any] = []
        self.items: dict[str, str] = {}
        self.status = ""

    @property
    def act(self) -> Act:
        return an_act(at=self.now)

    def attempt(self, step: Callable[[Case, Outline], None]) -> None:
        """A step happens or is refused; refused, it leaves no trace, and on a closed case none does."""
        before = copy.deepcopy(self.at.case.state())
        try:
            step(self.at.case, self.at.outline)
            was_refused = False
        except (Refused, Forbidden):
            was_refused = True
        if was_refused or self.status == "closed":
            assert not self.at.case.pending
            assert self.at.case.state() == before
        self.past += self.at.case.pending
        self.at.case.pending.clear()

    @initialize(answers=st.sampled_from([ANSWERS, FROM_NOTHING]), done=st.booleans())
    def open(self, answers: dict[str, str], done: bool) -> None:
        self.at = a_case(answers, satisfied={"SP02": "核验记录1"} if done else {})
        self.at.opened(act=self.act)
        self.past = list(self.at.case.pending)
        self.at.case.pending.clear()

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

    @rule(materials=st.lists(MATERIALS, max_size=3))
    def receive(self, materials: list[str]) -> None:
        self.attempt(lambda case, outline: case.receive(outline, brought(*materials), calendar=CALENDAR, act=self.act))

    @rule()
    def receive_everything(self) -> None:
        self.attempt(
            lambda case, outline: case.receive(
                outline, brought(*sorted(outline.asked(case.open_items))), calendar=CALENDAR, act=self.act
            )
        )

    @rule(material=MATERIALS)
    def receive_a_file_without_bytes(self, material: str) -> None:
        nothing = BroughtMaterial(material=material, medium="digital")
        self.attempt(lambda case, outline: case.receive(outline, [nothing], calendar=CALENDAR, act=self.act))

    @rule()
    def correct(self) -> None:
        self.attempt(lambda case, outline: case.request_correction(outline, notice="补1", act=self.act))

    @rule(items=st.lists(ITEMS, max_size=2), refusal=REFUSALS)
    def accept(self, items: list[str], refusal: str) -> None:
        everything = self.at.case.items
        self.attempt(
            lambda case, outline: case.accept(
                outline,
                tuple(items),
                authorities=grants(*everything, refusal=refusal),
                notices=numbers(*everything),
                act=self.act,
            )
        )

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

    @rule(item=ITEMS)
    def withdraw(self, item: str) -> None:
        self.attempt(lambda case, _: case.withdraw(item, reason="", act=self.act))

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        due = self.at.case.timers().get("deemed")
        if due is None or due > self.now:
            return
        overdue = [item for item, owed in self.at.case.awaited.items() if owed.until <= self.now]
        self.attempt(lambda case, outline: case.deem_accepted(outline, act=self.act))
        assert all(self.at.case.items[item] == "accepted" for item in overdue)
        left = self.at.case.timers().get("deemed")
        assert left is None or left > self.now

    @precondition(lambda self: self.status in {"accepted", "received"})
    @rule()
    def close(self) -> None:
        self.attempt(lambda case, _: case.close("granted", act=self.act))

    @invariant()
    def a_replay_ends_where_life_did(self) -> None:
        twin = replayed(self.at.case, self.past)

        assert twin.state() == self.at.case.state()
        assert canonical(twin.state()) == canonical(self.at.case.state())
        assert twin.timers() == self.at.case.timers()

    @invariant()
    def items_move_only_along_the_table(self) -> None:
        now = {item: str(state) for item, state in self.at.case.items.items()}
        moved = {(self.items[item], now[item]) for item in self.items if self.items[item] != now[item]}
        assert moved <= MOVES
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
        assert bool(case.timers()) == bool(case.awaited)
        if case.status in {"correcting", "accepted", "closed"}:
            assert not case.timers()

    @invariant()
    def what_was_accepted_in_an_act_was_complete(self) -> None:
        for fact in self.past:
            if type(fact).__name__ == "ItemsAccepted" and not fact.deemed:
                used = {copy.copy: copy.material for copy in fact.materials}
                for item in fact.items:
                    asked = {need.material for need in self.at.outline.needs[item.item]}
                    assert {used[copy] for copy in item.materials} == asked
                    assert item.grant


Walk.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestWalk = Walk.TestCase
