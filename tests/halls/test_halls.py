"""The 1+N tree of halls, and what their windows can do now."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.halls import (
    HallClosed,
    HallRegistered,
    HallReopened,
    WindowClosed,
    WindowInstalled,
    WindowOpened,
    WindowPaused,
)
from contracts.language import Fact
from eventing.errors import Refused
from halls.domain import (
    ClosureUnexplained,
    Hall,
    HallClosedAlready,
    HallExists,
    NoReplacement,
    PauseUnexplained,
    State,
    UnknownHall,
    UnknownParent,
    Window,
    WindowExists,
    WindowNotOpen,
    WindowTaken,
)
from halls.projections import HALLS, WINDOWS, tree
from testkit.facts import an_act, fact, facts, given, names, refused, replayed

from .mothers import LI, MANAGER, WANG, a_hall, a_window, an_open_window, hall_terms, window_terms


class TestAHall:
    def test_joins_the_tree(self) -> None:
        hall = a_hall(hall="street", kind="street", parent="county")

        (joined,) = hall.pending
        assert isinstance(joined, HallRegistered)
        assert (joined.name, joined.kind, joined.region, joined.parent) == (
            "县政务服务中心",
            "street",
            "990102",
            "county",
        )

    def test_hangs_below_a_hall_that_exists(self) -> None:
        hall = Hall("street")

        with refused(UnknownParent, parent="nowhere"):
            hall.register(hall_terms(hall="street", parent="nowhere"), parent_known=False, act=MANAGER)
        assert facts(hall) == []

    def test_the_same_again_is_no_news_and_another_content_is_refused(self) -> None:
        hall = given(a_hall())

        hall.register(hall_terms(), parent_known=False, act=MANAGER)
        with refused(HallExists, hall="county"):
            hall.register(hall_terms(name="别的"), parent_known=True, act=MANAGER)
        assert facts(hall) == []


class TestClosing:
    def close(self, hall: Hall, replacement: str = "street", reason: str = "flood", *, is_open: bool = True) -> None:
        hall.close(replacement, reason, replacement_open=is_open, act=MANAGER)

    def test_another_hall_takes_over(self) -> None:
        hall = given(a_hall())

        self.close(hall)

        assert facts(hall) == [fact(HallClosed, replacement="street", reason="flood")]
        assert hall.is_closed

    def test_the_same_again_is_no_news_and_another_replacement_is_refused(self) -> None:
        hall = a_hall()
        self.close(hall)
        given(hall)

        self.close(hall)
        with refused(HallClosedAlready, hall="county", replacement="street"):
            self.close(hall, "park")
        assert facts(hall) == []

    def test_not_without_a_reason(self) -> None:
        with refused(ClosureUnexplained):
            self.close(a_hall(), reason="")

    def test_what_takes_over_is_another_hall_that_is_open(self) -> None:
        with refused(NoReplacement, replacement="county"):
            self.close(a_hall(), "county")
        with refused(NoReplacement, replacement="nowhere"):
            self.close(a_hall(), "nowhere", is_open=False)
        with refused(NoReplacement, replacement=""):
            self.close(a_hall(), "", is_open=False)

    def test_it_may_open_again_and_an_open_one_is_no_news(self) -> None:
        hall = a_hall()
        self.close(hall)
        given(hall)

        hall.reopen(MANAGER)
        hall.reopen(MANAGER)

        assert facts(hall) == [fact(HallReopened)]
        assert not hall.is_closed

    def test_a_replay_leads_to_the_same_state(self) -> None:
        hall = a_hall()
        self.close(hall)
        hall.reopen(MANAGER)
        self.close(hall, "park")

        assert replayed(hall, list(hall.pending)).state() == hall.state()


class TestAWindow:
    def test_is_installed_closed(self) -> None:
        window = a_window()

        assert facts(window) == [fact(WindowInstalled, hall="county", name="1号窗口", zone="综合")]
        assert window.window_state is State.CLOSED

    def test_stands_in_a_hall_that_exists(self) -> None:
        with refused(UnknownHall, hall="county"):
            Window("w1").install(window_terms(), hall_known=False, act=MANAGER)

    def test_installed_again_is_no_news_and_another_content_is_refused(self) -> None:
        window = given(a_window())

        window.install(window_terms(), hall_known=False, act=MANAGER)
        with refused(WindowExists, window="w1"):
            window.install(window_terms(zone="社保"), hall_known=True, act=MANAGER)
        assert facts(window) == []

    def test_opens_with_the_clerk_who_asks(self) -> None:
        window = given(a_window())

        window.open(LI)
        window.open(LI)

        assert facts(window) == [fact(WindowOpened, staff="li", hall="county", window="w1")]

    def test_is_not_taken_over_while_somebody_is_on_duty(self) -> None:
        window = an_open_window()
        with refused(WindowTaken, staff="li"):
            window.open(WANG)

        window.pause("lunch", LI)

        with refused(WindowTaken, staff="li"):
            window.open(WANG)

    def test_is_taken_over_once_it_was_closed(self) -> None:
        window = an_open_window()
        window.close(MANAGER)

        window.open(WANG)

        assert window.staff == "wang"

    def test_pauses_with_a_reason_that_may_change(self) -> None:
        window = given(an_open_window())

        window.pause("lunch", LI)
        window.pause("lunch", LI)
        window.pause("meeting", LI)

        assert facts(window) == [
            fact(WindowPaused, reason="lunch", hall="county", window="w1"),
            fact(WindowPaused, reason="meeting", hall="county", window="w1"),
        ]
        with refused(PauseUnexplained):
            window.pause(" ", LI)

    def test_goes_on_after_a_pause(self) -> None:
        window = an_open_window()
        window.pause("lunch", LI)

        window.open(LI)

        assert (window.window_state, window.reason) == (State.OPEN, "")

    def test_pauses_only_when_it_is_open(self) -> None:
        window = given(a_window())

        with refused(WindowNotOpen, window="w1"):
            window.pause("lunch", LI)
        assert facts(window) == []

    def test_closes_once(self) -> None:
        window = given(an_open_window())

        window.close(LI)
        window.close(LI)

        assert facts(window) == [fact(WindowClosed, hall="county", window="w1")]


class TestTheTree:
    def test_shows_halls_below_halls_and_windows_with_their_state(self) -> None:
        halls = [
            a_hall(),
            a_hall(hall="street", kind="street", parent="county"),
            a_hall(hall="bank", kind="bank", parent="street"),
        ]
        windows = [an_open_window(), a_window(window="w2"), an_open_window(window="w3", hall="bank")]

        (root,) = tree(rows(HALLS, halls), rows(WINDOWS, windows))

        assert root["hall"] == "county"
        assert [(w["window"], w["state"], w["staff"]) for w in root["windows"]] == [
            ("w1", "open", "li"),
            ("w2", "closed", ""),
        ]
        assert root["windows_in"] == {"closed": 1, "open": 1, "paused": 0}
        (street,) = root["halls"]
        (bank,) = street["halls"]
        assert [w["window"] for w in bank["windows"]] == ["w3"]

    def test_may_be_asked_from_any_hall_down(self) -> None:
        halls = [a_hall(), a_hall(hall="street", parent="county")]

        (street,) = tree(rows(HALLS, halls), [], "street")

        assert street["hall"] == "street"


def rows(view: Any, aggregates: list[Any]) -> list[dict[str, Any]]:
    columns = [column.name for column in view.table.columns]
    return [dict(zip(columns, row, strict=True)) for each in aggregates for row in view.rows(each).values()]


NEXT = {
    "": {"WindowInstalled"},
    "WindowInstalled": {"WindowOpened"},
    "WindowOpened": {"WindowPaused", "WindowClosed"},
    "WindowPaused": {"WindowOpened", "WindowPaused", "WindowClosed"},
    "WindowClosed": {"WindowOpened"},
}
"""After this fact, which one may come next."""


class Walk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.window = a_window()
        self.past: list[Fact] = []
        self.learn()

    def learn(self) -> None:
        for happened in self.window.pending:
            last = type(self.past[-1]).__name__ if self.past else ""
            assert type(happened).__name__ in NEXT[last]
            self.past.append(happened)
        self.window.pending.clear()

    @rule(
        verb=st.sampled_from(["open", "pause", "close"]),
        by=st.sampled_from(["li", "wang"]),
        reason=st.sampled_from(["lunch", "meeting", ""]),
    )
    def act(self, verb: str, by: str, reason: str) -> None:
        act = an_act(by)
        try:
            getattr(self.window, verb)(*([reason] if verb == "pause" else []), act)
        except Refused:
            assert names(self.window) == []
        self.learn()

    @invariant()
    def whoever_opened_it_is_on_duty_until_it_closes(self) -> None:
        duty = ""
        for each in self.past:
            match each:
                case WindowOpened(staff=staff):
                    assert duty in {"", staff}
                    duty = staff
                case WindowClosed():
                    duty = ""
        assert self.window.staff == duty

    @invariant()
    def a_replay_leads_to_the_same_state(self) -> None:
        assert replayed(self.window, self.past).state() == self.window.state()


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)
