"""The conservation law: every original is in exactly one place at every instant, whatever people, trips and crashes do.

A small house of three cases and any number of trips is driven at random: commands come twice, late and in any order,
reactions to the own log lag behind, what was looked up for a trip may be stale, and every aggregate is at any moment
forgotten and rebuilt from its facts. A storeroom believes only the facts, and keeps its own book.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from contracts.language import Act, Fact
from contracts.routing import (
    CargoRef,
    DispatchTrip,
    DistributionPlanned,
    DistributionReplanned,
    HandBack,
    LossReplaced,
    LossReported,
    LostFound,
    OriginalsHandedBack,
    OriginalsTakenIn,
    PacketsArrived,
    PacketsDispatched,
    PacketsReceived,
    PacketsSentBack,
    PlannedPacket,
    ReceiptRefused,
    ReceiveTrip,
    ReplanPackets,
    ReturnsPlanned,
    StoreTrip,
    TripDispatched,
)
from eventing import mapper
from eventing.aggregate import Aggregate
from eventing.errors import Refused
from routing.domain import (
    CarryPackets,
    Distribution,
    LandPackets,
    MissPackets,
    PacketState,
    StrikeCargo,
    Trip,
    TripState,
)
from routing.domain.crossings import hall_of_tree
from routing.domain.ledger import broken_chains, entries, faults
from routing.policies import REACTIONS
from routing.projections import ledger_rows, lines, original_rows, waiting_packets
from testkit.facts import NOON, an_act

from .mothers import HALL, SYSTEM, a_setting, accepted, at, catalogue, copy, item, material

OF = catalogue(
    [
        item("licence", "market", material("lease"), material("application")),
        item("sign", "urban", material("lease"), material("picture"), material("design")),
        item("check", "fire", material("lease"), material("drawing", original=True)),
    ]
)
ITEMS = ["licence", "sign", "check"]
CASES = ["case-1", "case-2", "case-3"]
PAPER = [replace(copy(name, "paper"), hall=HALL) for name in ("lease", "application", "picture", "design", "drawing")]
COPIES = [*PAPER, replace(copy("drawing"), copy="scan-drawing")]
STREET = "street-hall"
PLACES = [HALL, STREET, "market", "urban", "fire", "courier-1", "courier-2"]
CARRIERS = ["courier-1", "courier-2", "market", "urban"]
SETTING = a_setting(OF)
HALLS = {HALL: hall_of_tree("county", "990102"), STREET: hall_of_tree("street", "990102004")}
MANAGER = an_act("service:routing", hall="", window="")


class Storeroom:
    """Things on shelves: it believes facts, and knows nothing of states."""

    def __init__(self) -> None:
        self.where: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {}
        self.bound: dict[str, str] = {}
        self.back: set[str] = set()
        """Packets that lead back or over: they take along what is still there when they begin."""
        self.begun: set[str] = set()
        self.over: set[str] = set()
        self.hands: set[str] = set()
        """Where whoever acts is: nobody moves what is not there."""

    def believe(self, fact: Fact, hands: set[str]) -> None:
        self.hands = hands
        for book in (self.plans, self.journeys, self.losses):
            book(fact)

    def at_hand(self, name: str) -> None:
        assert {self.where[one] for one in self.lists[name]} <= self.hands, "moved by who did not have it"

    def plans(self, fact: Fact) -> None:
        match fact:
            case OriginalsTakenIn():
                self.part(fact.packets)
                again = {one: place for one, place in fact.copies.items() if one in self.where}
                assert all(self.where.pop(one) == "applicant" for one in again), "an original entered twice"
                self.enter(fact.copies)
                self.begun -= {packet.packet for packet in fact.packets}
            case DistributionPlanned():
                paper = {one for packet in fact.packets if packet.medium == "paper" for one in packet.copies}
                self.enter({one: place for one, place in fact.copies.items() if one in paper | fact.scans.keys()})
                self.write(fact.packets)
            case ReturnsPlanned():
                self.write(fact.packets)
            case DistributionReplanned():
                self.bound |= {packet.packet: packet.to for packet in fact.packets}
                fresh = [packet for packet in fact.packets if packet.packet not in self.lists]
                for packet in fresh:
                    self.strike(packet.copies, but=packet.packet)
                self.write(fresh)

    def journeys(self, fact: Fact) -> None:
        match fact:
            case PacketsDispatched():
                for name in self.known(fact.packets):
                    self.at_hand(name)
                    self.begun.add(name)
                    self.put(self.lists[name], fact.carrier, but=name)
            case PacketsReceived() | ReceiptRefused():
                for name in self.known(fact.packets):
                    if fact.trip:
                        self.at_hand(name)
                    self.over.add(name)
                    self.put(self.lists[name], self.bound[name], but=name)
            case PacketsArrived():
                for name in fact.packets:
                    self.at_hand(name)
                    self.put(self.lists[name], fact.place, but=name)
            case PacketsSentBack():
                for name in fact.packets:
                    self.at_hand(name)
                    self.put(self.lists[name], fact.place, but=name)
                    self.begun.discard(name)
            case OriginalsHandedBack():
                assert {self.where[one] for one in fact.copies} == {fact.place}, "given away from where it was not"
                self.put(fact.copies, "applicant")

    def losses(self, fact: Fact) -> None:
        match fact:
            case LossReported():
                assert {one: self.where[one] for one in fact.copies} == fact.copies, "lost where it was not"
                self.part(fact.packets)
                self.put(fact.copies, "lost")
            case LostFound():
                assert {self.where[one] for one in fact.copies} == {"lost"}, "found what was not lost"
                self.part(fact.packets)
                self.put(fact.copies, fact.place)
                self.begun -= {packet.packet for packet in fact.packets}
            case LossReplaced():
                for name in self.lists.keys() - self.over:
                    self.lists[name] = [one for one in self.lists[name] if one not in fact.copies]
                self.write(fact.packets)

    def enter(self, copies: dict[str, str]) -> None:
        assert not copies.keys() & self.where.keys(), "an original entered twice"
        self.where |= copies

    def known(self, packets: Iterable[str]) -> list[str]:
        return [name for name in packets if name in self.lists]

    def write(self, packets: Iterable[PlannedPacket]) -> None:
        for packet in packets:
            if packet.medium == "paper":
                assert packet.packet not in self.lists, "a packet was planned twice"
                self.lists[packet.packet] = list(packet.copies)
                self.bound[packet.packet] = packet.to
                if packet.purpose != "supply":
                    self.back.add(packet.packet)

    def part(self, packets: Iterable[PlannedPacket]) -> None:
        for packet in packets:
            if packet.packet in self.lists:
                continue
            for name, listed in self.lists.items():
                if name not in self.over and any(one in packet.copies for one in listed) and self.same(name, packet):
                    self.lists[name] = [one for one in listed if one not in packet.copies]
            self.write([packet])
            self.begun.add(packet.packet)

    def same(self, name: str, part: PlannedPacket) -> bool:
        """A part leaves the packet to the same place, and no other that waits for the same thing."""
        return self.bound[name] == part.to and (name in self.back) == (part.purpose != "supply")

    def put(self, copies: Iterable[str], place: str, but: str = "") -> None:
        moved = [one for one in copies if self.where[one] != place]
        self.where |= dict.fromkeys(moved, place)
        self.strike(moved, but=but)

    def strike(self, copies: Iterable[str], but: str) -> None:
        for name in self.back - self.begun - self.over - {but}:
            self.lists[name] = [one for one in self.lists[name] if one not in copies]


class House(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.aggregates: dict[str, Aggregate] = {}
        self.facts: dict[str, list[Fact]] = {}
        self.queue: dict[str, deque[Fact]] = {}
        self.rooms = {case: Storeroom() for case in CASES}
        self.trips = 0
        self.now = NOON
        self.seen: list[dict[str, Any]] = []
        self.hands: set[str] = set()
        self.again: Callable[[], None] = lambda: None

    # the house

    def of(self, stream: str) -> Any:
        if stream not in self.aggregates:
            self.aggregates[stream] = Trip(stream) if stream.startswith("trip-") else Distribution(stream)
        return self.aggregates[stream]

    def do(self, stream: str, verb: Callable[[Any], None], place: str = "") -> None:
        """A command: what it records is kept and queued; a refusal leaves everything as it was."""

        def attempt() -> None:
            aggregate = self.of(stream)
            before = aggregate.version
            self.hands = {place}
            try:
                verb(aggregate)
            except Refused:
                assert aggregate.version == before, "a refusal changed something"
            self.keep(stream)

        attempt()
        self.again = attempt

    def keep(self, stream: str) -> None:
        aggregate = self.of(stream)
        for fact in aggregate.pending:
            stored = mapper.decode(fact.TOPIC, mapper.encode(fact))
            self.facts.setdefault(stream, []).append(stored)
            self.queue.setdefault(stream, deque()).append(stored)
            if stream in self.rooms:
                self.rooms[stream].believe(stored, self.hands)
        aggregate.pending.clear()

    def act(self, place: str, by: str = "") -> Act:
        return replace(at(place, by), at=self.now)

    def react(self, stream: str) -> None:
        """The next fact of one stream of the own log leads to what the policies want: none may be refused."""
        fact = self.queue[stream].popleft()
        if stream.startswith("trip-"):
            trip: Trip = self.of(stream)
            cell = [trip.cell.place] if trip.cell is not None else []
            self.hands = {trip.origin} if isinstance(fact, TripDispatched) else {trip.carrier, *cell}
        for command in REACTIONS.commands("routing", fact.TOPIC, fact):
            match command:
                case CarryPackets():
                    self.of(command.case_id).carry(command, SYSTEM, SETTING)
                    self.keep(command.case_id)
                case LandPackets():
                    self.of(command.case_id).land(command, SYSTEM, SETTING)
                    self.keep(command.case_id)
                case MissPackets():
                    self.of(command.case_id).miss(command, SYSTEM, SETTING)
                    self.keep(command.case_id)
                case StrikeCargo():
                    self.of(command.trip).strike(command.case_id, command.packets, SYSTEM)
                    self.keep(command.trip)
                case _:
                    raise AssertionError(command)

    def waiting(self) -> list[dict[str, Any]]:
        return [row for case in CASES for row in waiting_packets(self.of(case))]

    @initialize(items=st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3, unique=True))
    def begin(self, items: list[str]) -> None:
        for case in CASES:
            self.do(case, lambda d: d.take_in(PAPER, SYSTEM, SETTING))
            act = accepted(*items, copies=COPIES, of=OF, case=case)
            self.do(case, partial(Distribution.plan, accepted=act, catalogue=OF, act=SYSTEM, setting=SETTING))

    # what people do

    @rule(case=st.sampled_from(CASES), items=st.lists(st.sampled_from(ITEMS), min_size=1, max_size=2, unique=True))
    def accept(self, case: str, items: list[str]) -> None:
        act = accepted(*items, copies=COPIES, of=OF, case=case)
        self.do(case, lambda d: d.plan(act, OF, SYSTEM, SETTING))

    @rule(data=st.data(), carrier=st.sampled_from(CARRIERS))
    def dispatch(self, data: st.DataObject, carrier: str) -> None:
        row = self.draw(data, self.waiting())
        if row:
            place = data.draw(st.sampled_from([row["lies"], row["lies"], row["lies"], *PLACES]))
            self.do(row["case_id"], lambda d: d.dispatch([row["packet"]], carrier, "", self.act(place), SETTING), place)

    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        row = self.draw(data, self.waiting())
        if row:
            act = self.act(row["recipient"])
            self.do(row["case_id"], lambda d: d.receive([row["packet"]], "s", act, SETTING))

    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        row = self.draw(data, self.waiting())
        if row:
            act = self.act(row["lies"])
            self.do(row["case_id"], lambda d: d.refuse([row["packet"]], "wu", "", act, SETTING))

    @rule(case=st.sampled_from(CASES), item=st.sampled_from(ITEMS))
    def leave(self, case: str, item: str) -> None:
        self.do(case, lambda d: d.stop(item, SYSTEM, SETTING))

    @rule(case=st.sampled_from(CASES), item=st.sampled_from(ITEMS))
    def rejoin(self, case: str, item: str) -> None:
        self.do(case, lambda d: d.resume([item], SYSTEM))

    @rule(case=st.sampled_from(CASES), items=st.lists(st.sampled_from(ITEMS), min_size=1, unique=True))
    def conclude(self, case: str, items: list[str]) -> None:
        self.do(case, lambda d: d.conclude(items, "decided", SYSTEM, SETTING))

    @rule(case=st.sampled_from(CASES), place=st.sampled_from(PLACES))
    def release(self, case: str, place: str) -> None:
        self.do(case, lambda d: d.return_originals([], self.act(place), SETTING))

    @rule(case=st.sampled_from(CASES), data=st.data())
    def hand_back(self, case: str, data: st.DataObject) -> None:
        original = data.draw(st.sampled_from([each.copy for each in PAPER]))
        act = self.act(self.of(case).custody[original])
        back = HandBack(case_id=case, copies=(original,), identity_check="seen", signature="s")
        self.do(case, lambda d: d.hand_back(back, act))

    @rule(case=st.sampled_from(CASES), place=st.sampled_from([HALL, STREET]))
    def bring_again(self, case: str, place: str) -> None:
        away = [one for one, where in self.of(case).custody.items() if where == "applicant"]
        self.do(case, lambda d: d.take_in_again(away, self.act(place), SETTING))

    @rule(case=st.sampled_from(CASES), copies=st.lists(st.sampled_from([each.copy for each in PAPER]), min_size=1))
    def lose(self, case: str, copies: list[str]) -> None:
        act = self.act(self.of(case).custody[copies[0]])
        self.do(case, lambda d: d.report_loss("", copies, "gone", act, SETTING))

    @rule(case=st.sampled_from(CASES), data=st.data(), place=st.sampled_from(PLACES))
    def find(self, case: str, data: st.DataObject, place: str) -> None:
        lost = [one for one, where in self.of(case).custody.items() if where == "lost"]
        if lost:
            found = data.draw(st.lists(st.sampled_from(lost), min_size=1, unique=True))
            self.do(case, lambda d: d.found(found, "", self.act(place), SETTING))

    @rule(case=st.sampled_from(CASES), scan=st.booleans())
    def replace(self, case: str, scan: bool) -> None:
        lost = [one for one, where in self.of(case).custody.items() if where == "lost"]
        if not lost:
            return
        self.now += timedelta(days=40)
        self.do(case, lambda d: d.declare_lost(lost, self.act("urban", "second")))
        if scan:
            self.do(case, lambda d: d.replace_by_scan(lost[0], SYSTEM, SETTING))
            return
        self.do(case, lambda d: d.request_replacement(lost[:1], "L-1", self.act(HALL)))
        number = len(self.of(case).homes) + 1
        again = replace(
            next(each for each in PAPER if lost[0].startswith(each.copy)), copy=f"{lost[0]}-{number}", replaces=lost[0]
        )
        self.do(case, lambda d: d.take_in([again], SYSTEM, SETTING))

    @rule(case=st.sampled_from(CASES), reverse=st.booleans())
    def close(self, case: str, reverse: bool) -> None:
        place, to = (STREET, HALL) if reverse else (HALL, STREET)
        command = ReplanPackets(case_id=case, place=place, to=to, reason="closed")
        self.do(case, lambda d: d.replan(command, MANAGER, SETTING, HALLS))

    # trips

    @rule()
    def look(self) -> None:
        """What waits now: a trip that leaves later may be loaded by what was seen then."""
        self.seen = self.waiting()

    @rule(data=st.data(), carrier=st.sampled_from(CARRIERS), to=st.sampled_from(PLACES), stale=st.booleans())
    def depart(self, data: st.DataObject, carrier: str, to: str, stale: bool) -> None:
        rows = self.seen if stale else self.waiting()
        first = self.draw(data, rows)
        if not first:
            return
        together = [row for row in rows if row["lies"] == first["lies"]]
        some = data.draw(st.lists(st.sampled_from(together), min_size=1, max_size=4))
        cargo = tuple(CargoRef(row["case_id"], (row["packet"],)) for row in some)
        self.trips += 1
        name, act = f"trip-{self.trips}", self.act(first["lies"])
        command = DispatchTrip(
            trip=name, to=to, carrier=carrier, cargo=cargo, signature="s", carrier_signature="c", hop="locker"
        )
        self.do(name, lambda t: t.dispatch(command, lines(rows), HALLS, OF, act))

    @precondition(lambda self: self.trips)
    @rule(data=st.data(), verb=st.sampled_from(["store", "receive", "miss", "refuse", "recall", "return", "late"]))
    def travel(self, data: st.DataObject, verb: str) -> None:
        name = f"trip-{data.draw(st.integers(1, self.trips))}"
        trip: Trip = self.of(name)
        if trip.departure is None:
            return
        match verb:
            case "store":
                command = StoreTrip(trip=name, cabinet="cab", cell=name, barcode=name, code="1")
                self.do(name, lambda t: t.store(command, "d", None, self.now, self.act(trip.carrier)))
            case "receive":
                arrived = ReceiveTrip(trip=name, signature="s")
                self.do(name, lambda t: t.receive(arrived, "d", self.act(trip.to)))
            case "miss":
                gone = tuple(CargoRef(line.case_id, (line.packet,)) for line in trip.cargo[:1])
                arrived = ReceiveTrip(trip=name, signature="s", missing=gone, circumstances="not there")
                self.do(name, lambda t: t.receive(arrived, "d", self.act(trip.to)))
            case "refuse":
                self.do(name, lambda t: t.refuse("wu", "", self.act(trip.carrier)))
            case "recall":
                self.do(name, lambda t: t.recall("", self.act(trip.origin)))
            case "return":
                self.do(name, lambda t: t.give_back("s", True, self.act(trip.origin)))
            case "late" if trip.trip_state is TripState.STORED:
                self.do(name, lambda t: t.call_back_uncollected(SYSTEM) if t.timers() else None)

    # what goes wrong

    @rule(data=st.data())
    def follow(self, data: st.DataObject) -> None:
        """The own log is followed a little: in order in each stream, in any order between them."""
        behind = [stream for stream, queue in self.queue.items() if queue]
        if behind:
            self.react(data.draw(st.sampled_from(behind)))

    @rule()
    def repeat(self) -> None:
        """The same command comes once more."""
        self.again()

    @rule()
    def crash(self) -> None:
        """All memory is lost; what is committed is not."""
        for stream, aggregate in list(self.aggregates.items()):
            rebuilt = type(aggregate).replay(stream, self.facts.get(stream, []))
            assert rebuilt.state() == aggregate.state(), "memory and facts disagree"
            assert rebuilt.timers() == aggregate.timers()
        self.aggregates = {
            stream: type(aggregate).replay(stream, self.facts.get(stream, []))
            for stream, aggregate in self.aggregates.items()
        }

    @staticmethod
    def draw(data: st.DataObject, rows: list[dict[str, Any]]) -> dict[str, Any]:
        return data.draw(st.sampled_from(rows)) if rows else {}

    # the law

    @invariant()
    def every_original_is_in_exactly_one_place(self) -> None:
        for case in CASES:
            distribution = self.of(case)
            said = {one: distribution.custody[one] for one in distribution.homes}
            assert said == self.rooms[case].where
            assert all(said.values())

    @invariant()
    def the_ledger_sums_to_zero_in_its_rows_as_in_its_state(self) -> None:
        for case in CASES:
            distribution = self.of(case)
            rows = {row["copy"]: row["place"] for row in original_rows(distribution)}
            assert not faults(case, entries(distribution), rows)
            assert not broken_chains(distribution)
            assert sum(row["amount"] for row in ledger_rows(distribution)) == 0

    @invariant()
    def an_original_is_in_one_packet_at_a_time_and_where_that_is(self) -> None:
        for case in CASES:
            distribution = self.of(case)
            underway = [p for p in distribution.packets.values() if p.state is PacketState.DISPATCHED]
            aboard = Counter(one for packet in underway for one in packet.copies)
            assert all(count == 1 for count in aboard.values())
            assert all(distribution.custody[one] == p.carrier for p in underway for one in p.copies)
            assert all(packet.copies for packet in distribution.packets.values() if packet.is_open)

    def teardown(self) -> None:
        """Nothing is ever stuck: who goes on doing what can be done brings every original somewhere to rest."""
        self.crash()
        for _ in range(200):
            behind = [stream for stream, queue in self.queue.items() if queue]
            if not behind:
                break
            self.react(behind[0])
        for _ in range(12):
            for row in self.waiting():
                self.forward(row)
        assert not self.waiting()
        for case in CASES:
            distribution = self.of(case)
            assert distribution.aboard() == {}
            for live in distribution.handlers:
                missing = any(p.item == live and p.state is PacketState.MISSING for p in distribution.packets.values())
                assert missing or not distribution.is_live(live) or live in distribution.supplied
            for one, home in distribution.homes.items():
                if not distribution.claims(one):
                    assert distribution.custody[one] in {home, "lost", "applicant"}, (one, distribution.custody[one])

    def forward(self, row: dict[str, Any]) -> None:
        distribution: Distribution = self.of(row["case_id"])
        packet = distribution.packets[row["packet"]]
        if packet.state is PacketState.PLANNED:
            lies = distribution.custody[packet.copies[0]]
            self.do(
                row["case_id"], lambda d: d.dispatch([packet.packet], "courier-9", "", self.act(lies), SETTING), lies
            )
        packet = distribution.packets[row["packet"]]
        if packet.state is PacketState.DISPATCHED:
            self.do(row["case_id"], lambda d: d.receive([packet.packet], "", self.act(packet.to), SETTING))


TestHouse = House.TestCase
TestHouse.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
