"""Whatever people do with packets, every copy is somewhere, once, and nothing gets stuck."""

from collections import Counter

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.language import Act, Fact
from contracts.routing import (
    DistributionPlanned,
    ItemsSupplied,
    PacketsDispatched,
    PacketsReceived,
    ReturnsPlanned,
)
from eventing.errors import Refused
from routing.domain import Distribution, PacketState
from testkit.facts import replayed

from .mothers import HALL, SHOP, SYSTEM, accepted, at, catalogue, copy

OF = catalogue()
ITEMS = [item.id for item in SHOP]
PAPER = {"lease", "application", "layout", "picture"}
COPIES = [copy(name, "paper" if name in PAPER else "digital") for name in (*sorted(PAPER), "drawing")]
PLACES = [HALL, "market", "urban", "fire", "courier-1", "courier-2"]
PACKETS = [f"p{n}" for n in range(1, 16)]


class Oracle:
    """A storeroom that only believes the facts: where things are, and that they could have been moved."""

    def __init__(self) -> None:
        self.where: dict[str, str] = {}
        self.contents: dict[str, tuple[str, ...]] = {}
        self.bound_for: dict[str, str] = {}
        self.paper: set[str] = set()
        self.waiting_to_go_back: set[str] = set()
        self.supplied: Counter[str] = Counter()

    def believe(self, fact: Fact, hands: set[str]) -> None:
        match fact:
            case DistributionPlanned():
                assert not fact.copies.keys() & self.where.keys(), "a copy entered twice"
                self.where |= fact.copies
                for packet in fact.packets:
                    assert packet.packet not in self.contents
                    assert set(packet.copies) <= self.where.keys(), "a packet of what is not there"
                    self.contents[packet.packet] = packet.copies
                    self.bound_for[packet.packet] = packet.to
                    if packet.medium == "paper":
                        self.paper.add(packet.packet)
            case ReturnsPlanned():
                for packet in fact.packets:
                    self.contents[packet.packet] = packet.copies
                    self.bound_for[packet.packet] = packet.to
                    self.paper.add(packet.packet)
                    self.waiting_to_go_back.add(packet.packet)
            case PacketsDispatched():
                for name in self.paper.intersection(fact.packets):
                    self.waiting_to_go_back.discard(name)
                    for one in self.contents[name]:
                        assert self.where[one] in hands, "somebody sent what is not in their hands"
                        self.put(one, fact.carrier)
            case PacketsReceived():
                for name in self.paper.intersection(fact.packets):
                    for one in self.contents[name]:
                        self.put(one, self.bound_for[name])
            case ItemsSupplied():
                self.supplied.update(fact.items)

    def put(self, one: str, place: str) -> None:
        """What went elsewhere meanwhile does not go back from where it was."""
        if self.where[one] != place:
            self.where[one] = place
            for name in self.waiting_to_go_back:
                self.contents[name] = tuple(each for each in self.contents[name] if each != one)


class Walk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.distribution = Distribution("case-1")
        self.oracle = Oracle()
        self.past: list[Fact] = []

    def learn(self, act: Act) -> None:
        hands = {act.by, act.caller.org, act.caller.hall} if act.caller else {act.by}
        for fact in self.distribution.pending:
            self.oracle.believe(fact, hands)
        self.past += self.distribution.pending
        self.distribution.pending.clear()

    @rule(items=st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4, unique=True))
    def accept(self, items: list[str]) -> None:
        self.distribution.plan(accepted(*items, copies=COPIES, of=OF), OF, SYSTEM)
        self.learn(SYSTEM)

    @rule(
        packets=st.lists(st.sampled_from(PACKETS), min_size=1, max_size=3),
        place=st.sampled_from(PLACES),
        carrier=st.sampled_from(PLACES),
    )
    def dispatch(self, packets: list[str], place: str, carrier: str) -> None:
        self.attempt("dispatch", packets, place, carrier)

    @rule(packets=st.lists(st.sampled_from(PACKETS), min_size=1, max_size=2), place=st.sampled_from(PLACES))
    def receive(self, packets: list[str], place: str) -> None:
        self.attempt("receive", packets, place, "")

    @precondition(lambda self: self.distribution.packets)
    @rule(data=st.data(), carrier=st.sampled_from(PLACES))
    def move_something(self, data: st.DataObject, carrier: str) -> None:
        """Random names and places mostly miss: here somebody means it."""
        packet = data.draw(st.sampled_from(sorted(self.distribution.packets)))
        self.move(packet, carrier)

    @rule(item=st.sampled_from(ITEMS), number=st.integers(1, 2))
    def issue(self, item: str, number: int) -> None:
        of = OF if self.distribution.catalogue else None
        self.distribution.supply_output(item, f"{item}-{number}", "market", of, SYSTEM)
        self.learn(SYSTEM)

    @rule(item=st.sampled_from(ITEMS))
    def leave(self, item: str) -> None:
        self.distribution.stop(item, SYSTEM)
        self.learn(SYSTEM)

    def attempt(self, verb: str, packets: list[str], place: str, carrier: str) -> None:
        act = at(place)
        before = msgspec.json.encode(self.distribution.state())
        try:
            if verb == "dispatch":
                self.distribution.dispatch(packets, carrier, "", act)
            else:
                self.distribution.receive(packets, "", act)
        except Refused:
            assert msgspec.json.encode(self.distribution.state()) == before, "a refusal changed something"
            assert not self.distribution.pending
        self.learn(act)

    def move(self, name: str, carrier: str = "courier-1") -> None:
        packet = self.distribution.packets[name]
        if packet.state is PacketState.PLANNED:
            self.attempt("dispatch", [name], self.distribution.custody[packet.copies[0]], carrier)
        elif packet.state is PacketState.DISPATCHED:
            self.attempt("receive", [name], packet.to, "")

    @invariant()
    def every_copy_is_in_exactly_one_place(self) -> None:
        custody = self.distribution.custody
        assert custody == self.oracle.where
        assert all(custody.values())
        assert sum(Counter(custody.values()).values()) == len(self.oracle.where)

    @invariant()
    def an_original_is_in_one_packet_at_a_time(self) -> None:
        underway = [p for p in self.distribution.packets.values() if p.state is PacketState.DISPATCHED]
        aboard = Counter(one for packet in underway for one in packet.copies)
        assert all(count == 1 for count in aboard.values())
        assert all(self.distribution.custody[one] == p.carrier for p in underway for one in p.copies)

    @invariant()
    def an_item_is_supplied_once(self) -> None:
        assert all(count == 1 for count in self.oracle.supplied.values())

    @invariant()
    def a_replay_leads_to_the_same_state(self) -> None:
        again = replayed(self.distribution, self.past)
        assert again.state() == self.distribution.state()

    def teardown(self) -> None:
        """Nothing is ever stuck: whoever goes on moving what can be moved supplies every item."""
        for item in ITEMS:
            self.issue(item, 1)
        for _ in range(len(self.distribution.packets) + 1):
            for name in list(self.distribution.packets):
                self.move(name)
                self.move(name)
        for packet in self.distribution.packets.values():
            assert packet.state in {PacketState.RECEIVED, PacketState.CANCELLED}, packet
        for item in self.distribution.handlers:
            assert item in self.distribution.supplied or item in self.distribution.stopped, item


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
