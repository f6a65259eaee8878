"""Tickets: numbers, calling, serving, and the order in which people are called."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given as data
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.halls import (
    ArrangeQueue,
    DrawTicket,
    QueueArranged,
    QueueCleared,
    TicketBound,
    TicketCalled,
    TicketCancelled,
    TicketDrawn,
    TicketFinished,
    TicketMissed,
    TicketReturned,
    TicketServed,
    TicketSkipped,
    TicketTransferred,
    TransferTicket,
    ZoneRule,
)
from contracts.language import Act, Fact
from eventing.errors import NotFound, Refused, Stale
from halls.domain import AT_WINDOW, Desk, Drawing, Queue, Service, TicketState, in_order, service_time, wait
from halls.domain.queueing import (
    AlreadyWaiting,
    AppointmentNotOpen,
    CheckInTooEarly,
    NobodyWaits,
    NoShowTooEarly,
    NotForThisWindow,
    NoTicketsNow,
    NotOnDuty,
    NowhereToGo,
    QueueInvalid,
    TransferUnexplained,
    UnknownPriority,
    UnknownZone,
    WindowBusy,
)
from halls.domain.ticket import TicketNotInState
from halls.domain.window import WindowNotOpen
from testkit.facts import NOON, an_act, given, names, refused, replayed

OPEN = Drawing(opens=True)


def at(minutes: float = 0, by: str = "li") -> Act:
    return an_act(by, at=NOON + timedelta(minutes=minutes))


def a_queue(**rules: Any) -> Queue:
    queue = Queue("county.queue")
    if rules:
        queue.arrange(ArrangeQueue(hall="county", **rules), at())
    return queue


def draw(queue: Queue, minutes: float = 0, person: str = "", **terms: Any) -> str:
    return queue.draw(DrawTicket(hall="county", **terms), Drawing(opens=True, person=person), at(minutes)).ticket


def desk(window: str = "w1", staff: str = "li", zone: str = "", state: str = "open", themes: Any = ()) -> Desk:
    return Desk(window, "county", zone, themes, state, staff)


W1, W2 = desk(), desk("w2", "wang")


class TestDrawing:
    def test_numbers_follow_each_other_by_zone_and_day(self) -> None:
        queue = a_queue(zones=(ZoneRule("general", "A"), ZoneRule("building", "B", ("SDQ",))))

        for theme in ("", "SDQ", "TX", "SDQ"):
            draw(queue, theme=theme)

        assert [each.number for each in queue.tickets.values()] == ["A001", "B001", "A002", "B002"]
        assert {type(each) for each in queue.pending} == {QueueArranged, TicketDrawn}

    def test_they_begin_again_on_the_next_day(self) -> None:
        queue = a_queue()
        left = draw(queue)
        given(queue)

        again = draw(queue, minutes=24 * 60)

        assert names(queue) == ["QueueCleared", "TicketDrawn"]
        assert queue.pending[0].left == (left,)  # type: ignore[attr-defined]
        assert queue.tickets[again].number == "A001"
        assert again != left

    def test_not_when_the_hall_does_not_open_any_more(self) -> None:
        with refused(NoTicketsNow, hall="county"):
            a_queue().draw(DrawTicket(hall="county"), Drawing(opens=False), at())

    def test_zones_and_classes_are_those_that_were_arranged(self) -> None:
        queue = a_queue(zones=(ZoneRule("general", "A"),))
        with refused(UnknownZone, zone="garden"):
            draw(queue, zone="garden")
        with refused(UnknownPriority, priority="rich"):
            draw(queue, priority="rich")

    def test_a_person_waits_once_in_a_zone(self) -> None:
        queue = a_queue()
        draw(queue, person="p1")
        with refused(AlreadyWaiting, number="A001"):
            draw(queue, person="p1")
        assert draw(queue, person="p2")

    def test_who_saw_other_rules_replaces_none(self) -> None:
        queue = Queue("county.queue")
        queue.arrange(ArrangeQueue(hall="county", calls=2, revision=0), at())
        assert queue.revision == 1

        with refused(Stale):
            queue.arrange(ArrangeQueue(hall="county", calls=4, revision=0), at())
        queue.arrange(ArrangeQueue(hall="county", calls=4, revision=1), at())
        queue.arrange(ArrangeQueue(hall="county", calls=5), at())

        assert (queue.rules.calls, queue.revision) == (5, 3)

    def test_arranged_alike_is_no_news_and_unsound_rules_are_refused(self) -> None:
        queue = given(a_queue(calls=2))
        queue.arrange(ArrangeQueue(hall="county", calls=2), at())
        with refused(QueueInvalid):
            queue.arrange(ArrangeQueue(hall="county", zones=(ZoneRule("a", "A"), ZoneRule("b", "A"))), at())
        with refused(QueueInvalid):
            queue.arrange(ArrangeQueue(hall="county", calls=0), at())
        assert names(queue) == []


class TestCalling:
    def test_whoever_waited_longest_is_next(self) -> None:
        queue = a_queue()
        first, second = draw(queue), draw(queue, 1)

        assert queue.call_next(W1, at(2)).ticket == first
        assert queue.call_next(W2, at(2, "wang")).ticket == second
        assert names(queue)[-2:] == ["TicketCalled", "TicketCalled"]

    def test_classes_go_first_but_not_for_ever(self) -> None:
        queue = a_queue(priority_run=2)
        plain = [draw(queue, i) for i in range(2)]
        first = [draw(queue, 10 + i, priority="elderly") for i in range(4)]

        called = []
        for i in range(6):
            ticket = queue.call_next(W1, at(20 + i))
            called.append(ticket.ticket)
            queue.serve(ticket.ticket, "", at(20 + i))
            queue.finish(ticket.ticket, at(20 + i))

        assert called == [first[0], first[1], plain[0], first[2], first[3], plain[1]]

    def test_only_what_the_window_is_for(self) -> None:
        queue = a_queue()
        ticket = draw(queue, theme="TX")

        with refused(NobodyWaits, window="w3"):
            queue.call_next(desk("w3", themes=("SDQ",)), at())
        with refused(NotForThisWindow, window="w3"):
            queue.call(ticket, desk("w3", themes=("SDQ",)), at())
        assert queue.call_next(desk("w4", themes=("TX",)), at()).ticket == ticket

    def test_by_who_is_on_duty_at_an_open_window_without_a_ticket(self) -> None:
        queue = a_queue()
        draw(queue)
        draw(queue)
        with refused(NotOnDuty, staff="li"):
            queue.call_next(W1, at(by="wang"))
        with refused(WindowNotOpen, state="paused"):
            queue.call_next(desk(state="paused"), at())
        queue.call_next(W1, at())
        with refused(WindowBusy, number="A001"):
            queue.call_next(W1, at())

    def test_one_ticket_out_of_turn_and_again_is_no_news(self) -> None:
        queue = a_queue()
        draw(queue)
        later = draw(queue)
        given(queue)

        queue.call(later, W1, at())
        queue.call(later, W1, at())

        assert names(queue) == ["TicketCalled"]
        with refused(TicketNotInState, state="called"):
            queue.call(later, W2, at(by="wang"))
        with refused(NotFound, what="ticket"):
            queue.call("nowhere", W2, at(by="wang"))

    def test_who_does_not_come_goes_behind_or_is_given_up_after_enough_calls(self) -> None:
        queue = a_queue(calls=2)
        first, second = draw(queue), draw(queue, 1)
        queue.call_next(W1, at(2))
        with refused(NoShowTooEarly, called=1, calls=2):
            queue.miss(first, at(2))

        queue.skip(first, at(3))
        assert queue.call_next(W1, at(3)).ticket == second
        queue.recall(second, at(4))
        queue.miss(second, at(5))
        queue.miss(second, at(5))

        assert queue.tickets[second].state is TicketState.MISSED
        assert queue.call_next(W1, at(6)).ticket == first
        assert [type(each) for each in queue.pending][-3:] == [TicketCalled, TicketMissed, TicketCalled]
        assert TicketSkipped in {type(each) for each in queue.pending}

    def test_whoever_may_be_given_up_is_told_by_the_rule_that_refuses(self) -> None:
        queue = a_queue(calls=2)
        name = draw(queue)
        said = []
        for step in (
            lambda: queue.call_next(W1, at(1)),
            lambda: queue.recall(name, at(2)),
            lambda: queue.serve(name, "", at(3)),
        ):
            said.append(queue.rules.gives_up(queue.tickets[name]))
            step()

        assert [*said, queue.rules.gives_up(queue.tickets[name])] == [False, False, True, False]


class TestServing:
    def served(self) -> tuple[Queue, str]:
        queue = a_queue()
        ticket = draw(queue, theme="TX")
        queue.call_next(W1, at(5))
        queue.serve(ticket, "", at(6))
        return queue, ticket

    def test_begins_is_bound_to_a_case_and_ends(self) -> None:
        queue, ticket = self.served()
        queue.serve(ticket, "", at(6))
        queue.bind(ticket, "case-1", at(7))
        queue.bind(ticket, "case-1", at(7))
        queue.finish(ticket, at(16))
        queue.finish(ticket, at(17))

        assert [type(each) for each in queue.pending][-3:] == [TicketServed, TicketBound, TicketFinished]
        finished = queue.pending[-1]
        assert isinstance(finished, TicketFinished)
        assert (finished.seconds, finished.waited, finished.theme) == (600, 360, "TX")
        assert queue.at_window("w1") is None

    def test_is_for_who_called(self) -> None:
        queue, ticket = self.served()
        with refused(NotOnDuty, staff="li"):
            queue.finish(ticket, at(7, "wang"))
        with refused(TicketNotInState, state="serving"):
            queue.skip(ticket, at(7))

    def test_a_window_that_closes_sends_back_and_the_wait_counts(self) -> None:
        queue, ticket = self.served()
        draw(queue, 1)
        given(queue)

        queue.release("w1", at(8))
        queue.release("w1", at(8))

        assert names(queue) == ["TicketReturned"]
        assert isinstance(queue.pending[0], TicketReturned)
        assert queue.call_next(W2, at(9, "wang")).ticket == ticket

    def test_cancelling_is_for_who_waits(self) -> None:
        queue, ticket = self.served()
        with refused(TicketNotInState, state="serving"):
            queue.cancel(ticket, "", at())
        other = draw(queue)
        given(queue)
        queue.cancel(other, "in a hurry", at())
        queue.cancel(other, "in a hurry", at())
        assert [type(each) for each in queue.pending] == [TicketCancelled]


class TestTransferring:
    def test_to_another_window_keeps_the_place(self) -> None:
        queue = a_queue()
        ticket = draw(queue)
        draw(queue, 1)
        queue.call_next(W1, at(2))
        queue.transfer(
            TransferTicket(hall="county", ticket=ticket, to_window="w2", reason="seal"), at(3), possible=True
        )

        with refused(NotForThisWindow, window="w1"):
            queue.call(ticket, W1, at(4))
        assert queue.call_next(W2, at(4, "wang")).ticket == ticket

    def test_to_another_hall_leaves_this_one_and_is_admitted_once_there(self) -> None:
        queue = a_queue()
        ticket = draw(queue, theme="TX", person="p1")
        queue.transfer(
            TransferTicket(hall="county", ticket=ticket, to_hall="street", reason="near home"), at(9), possible=True
        )
        sent = queue.pending[-1]
        assert isinstance(sent, TicketTransferred)
        street = Queue("street.queue")
        draw_there = street.draw(DrawTicket(hall="street"), OPEN, at(5))

        street.admit(sent, at(10))
        street.admit(sent, at(11))

        assert queue.tickets[ticket].state is TicketState.TRANSFERRED
        assert len(street.tickets) == 2
        assert street.call_next(Desk("s1", "street", "", (), "open", "li"), at(12)).from_ticket == ticket
        assert draw_there.state is TicketState.WAITING

    def test_only_somewhere_and_with_a_reason(self) -> None:
        queue = a_queue()
        ticket = draw(queue)
        for terms in ({}, {"to_hall": "county"}):
            with refused(NowhereToGo):
                queue.transfer(TransferTicket(hall="county", ticket=ticket, reason="why", **terms), at(), possible=True)
        with refused(NowhereToGo):
            queue.transfer(
                TransferTicket(hall="county", ticket=ticket, to_window="w9", reason="why"), at(), possible=False
            )
        with refused(TransferUnexplained):
            queue.transfer(
                TransferTicket(hall="county", ticket=ticket, to_window="w2", reason=" "), at(), possible=True
            )


class TestCheckingIn:
    def appointment(self, **changes: Any) -> dict[str, Any]:
        return {
            "appointment": "ap-1",
            "state": "booked",
            "day": NOON.date(),
            "zone": "",
            "theme": "TX",
            "person": "p1",
            "begins_at": NOON + timedelta(minutes=30),
            **changes,
        }

    def test_goes_first_from_its_slot_on(self) -> None:
        queue = a_queue()
        plain = draw(queue)
        kept = queue.check_in(self.appointment(), at(1)).ticket
        assert queue.check_in(self.appointment(), at(2)).ticket == kept
        before = in_order(queue.waiting(), NOON + timedelta(minutes=29), run=0, longest_run=3)
        after = in_order(queue.waiting(), NOON + timedelta(minutes=30), run=0, longest_run=3)

        assert [each.ticket for each in before] == [plain, kept]
        assert [each.ticket for each in after] == [kept, plain]

    def test_on_its_day_and_while_it_stands(self) -> None:
        with refused(AppointmentNotOpen, state="attended"):
            a_queue().check_in(self.appointment(state="kept"), at())
        with refused(CheckInTooEarly):
            a_queue().check_in(self.appointment(day=NOON.date() + timedelta(days=1)), at())


class TestEstimates:
    def test_are_the_median_of_the_last_services_of_the_theme(self) -> None:
        services = [Service("TX", "a", seconds) for seconds in (60, 100, 400)] + [Service("CY", "b", 900)] * 3

        assert service_time(services, theme="TX", zone="b") == 100
        assert service_time(services, theme="", zone="b") == 900
        assert service_time(services[:2], theme="TX", zone="a") is None

    def test_nobody_waits_for_a_free_window_and_unknown_is_none(self) -> None:
        assert wait(0, windows=2, busy=1, service=300) == 0
        assert wait(1, windows=2, busy=2, service=300) == 300
        assert wait(0, windows=0, busy=0, service=300) is None
        assert wait(3, windows=2, busy=2, service=None) is None

    @data(st.integers(0, 50), st.integers(1, 9), st.integers(0, 9), st.integers(0, 3600))
    def test_more_people_never_wait_less(self, ahead: int, windows: int, busy: int, service: int) -> None:
        now = wait(ahead, windows=windows, busy=min(busy, windows), service=service)
        then = wait(ahead + 1, windows=windows, busy=min(busy, windows), service=service)
        assert now is not None
        assert then is not None
        assert now <= then


class Walk(RuleBasedStateMachine):
    """Whatever happens, in whatever order: the lifecycle holds, and nobody is given twice."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = a_queue(calls=2, priority_run=2)
        self.past: list[Fact] = []
        self.now = NOON

    def act(self, by: str) -> Act:
        self.now += timedelta(minutes=7)
        return an_act(by, at=self.now)

    def attempt(self, does: Any) -> None:
        before = len(self.queue.pending)
        try:
            does()
        except (Refused, NotFound):
            assert len(self.queue.pending) == before

    def ticket(self, number: int) -> str:
        known = list(self.queue.tickets)
        return known[number % len(known)] if known else "none"

    @rule(priority=st.sampled_from(["", "elderly"]), person=st.sampled_from(["", "p1", "p2"]))
    def draw(self, priority: str, person: str) -> None:
        cmd = DrawTicket(hall="county", priority=priority)
        self.attempt(lambda: self.queue.draw(cmd, Drawing(opens=True, person=person), self.act("kiosk")))

    @rule(window=st.sampled_from(["w1", "w2"]), staff=st.sampled_from(["li", "wang"]))
    def call(self, window: str, staff: str) -> None:
        here = {"w1": "li", "w2": "wang"}[window]
        self.attempt(lambda: self.queue.call_next(desk(window, here), self.act(staff)))

    @rule(
        verb=st.sampled_from(["recall", "skip", "miss", "finish"]),
        number=st.integers(0, 9),
        staff=st.sampled_from(["li", "wang"]),
    )
    def handle(self, verb: str, number: int, staff: str) -> None:
        name = self.ticket(number)
        self.attempt(lambda: getattr(self.queue, verb)(name, self.act(staff)))

    @rule(number=st.integers(0, 9), staff=st.sampled_from(["li", "wang"]), verb=st.sampled_from(["serve", "bind"]))
    def serve(self, number: int, staff: str, verb: str) -> None:
        name = self.ticket(number)
        self.attempt(lambda: getattr(self.queue, verb)(name, "case-1", self.act(staff)))

    @rule(number=st.integers(0, 9), staff=st.sampled_from(["li", "wang"]), to=st.sampled_from(["w1", "w2"]))
    def transfer(self, number: int, staff: str, to: str) -> None:
        cmd = TransferTicket(hall="county", ticket=self.ticket(number), to_window=to, reason="why")
        self.attempt(lambda: self.queue.transfer(cmd, self.act(staff), possible=True))

    @rule(window=st.sampled_from(["w1", "w2"]))
    def close(self, window: str) -> None:
        self.queue.release(window, self.act("li"))

    @rule(number=st.integers(0, 9))
    def cancel(self, number: int) -> None:
        name = self.ticket(number)
        self.attempt(lambda: self.queue.cancel(name, "", self.act("li")))

    @rule()
    def clear(self) -> None:
        self.queue.clear(self.act("system"))

    @invariant()
    def a_window_has_one_ticket_and_a_ticket_one_window(self) -> None:
        places = [each.window for each in self.queue.tickets.values() if each.state in AT_WINDOW]
        assert len(set(places)) == len(places)
        assert all(places)
        for each in self.queue.tickets.values():
            assert bool(each.window and each.staff) == (each.state in AT_WINDOW or each.called_at is not None) or (
                each.state in {TicketState.WAITING, TicketState.CANCELLED, TicketState.TRANSFERRED}
            )

    @invariant()
    def numbers_are_given_once(self) -> None:
        drawn = [each.ticket for each in self.queue.pending if isinstance(each, TicketDrawn)]
        cleared = sum(isinstance(each, QueueCleared) for each in self.queue.pending)
        assert cleared or len(set(drawn)) == len(drawn)

    @invariant()
    def a_replay_leads_to_the_same_state(self) -> None:
        again = replayed(self.queue, list(self.queue.pending))
        assert again.state() == self.queue.state()


Walk.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestWalk = Walk.TestCase


def test_the_day_ends_at_midnight_in_china() -> None:
    queue = a_queue()
    draw(queue)

    assert queue.timers() == {"day": datetime.fromisoformat("2026-07-24T00:00:00+08:00")}
    queue.clear(at(24 * 60))
    assert queue.timers() == {}
