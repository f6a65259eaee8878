"""The routing service: its commands, reactions, deadlines and queries."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec.structs import asdict

from catalogue.model import Catalogue
from contracts.language import Act, Caller, Command, Note
from contracts.routing import (
    AcknowledgePackets,
    Cargo,
    CheckCustody,
    DeclareLost,
    DispatchPackets,
    DispatchTrip,
    FoundAgain,
    GetDistribution,
    GetManifest,
    GetTrip,
    HandBack,
    ListLosses,
    ListOriginals,
    ListPackets,
    ListTrips,
    RecallTrip,
    ReceivePackets,
    ReceiveTrip,
    RefusePackets,
    RefuseTrip,
    ReplaceLost,
    ReplanPackets,
    ReportImbalance,
    ReportLoss,
    RequestReplacement,
    ReturnOriginals,
    ReturnTrip,
    StoreTrip,
    TakeInAgain,
)
from eventing.catalogues import CurrentCatalogues
from eventing.errors import Refused
from eventing.scoping import narrowed
from eventing.service import Service, command, deadline, projector, query, reaction
from kernel.workdays import WorkingCalendar
from routing.answers import distribution_answer, trip_answer
from routing.domain import (
    LOST,
    CarryPackets,
    ConcludeItems,
    Distribution,
    LandPackets,
    Ledger,
    MissPackets,
    PlanDistribution,
    ReopenItems,
    ResumeDistribution,
    Setting,
    StopDistribution,
    StrikeCargo,
    SupplyLate,
    SupplyOutput,
    TakeIn,
    Trip,
    WithdrawOutput,
    locker,
)
from routing.domain.crossings import End, hall_of_tree
from routing.keeping import Keeper, KeptSegments, audit
from routing.lockers import PickUpCodes, in_lockers, taken
from routing.policies import REACTIONS
from routing.printing import printed
from routing.projections import (
    BY_CASE,
    BY_ORIGINAL,
    BY_STANDING,
    CUSTODY,
    KNOWN_HALLS,
    LEDGERS,
    ORIGINALS,
    PACKETS,
    STANDINGS,
    TRIP_ORDERS,
    TRIPS,
    counted,
    imbalances,
    lines,
    note_halls,
    standing,
    unsigned,
)
from telemetry.metrics import Sample

MOST = 500

MOST_LOSSES = 50
"""Losses of a page: each is read with its case, and few there are."""
"""Rows in one answer."""

SEGMENTS = range(16)


class Routing(Service):
    """材料流转."""

    name = "routing"
    aggregates = (Distribution, Trip, Ledger)
    views = (PACKETS, ORIGINALS, STANDINGS, CUSTODY, TRIPS, LEDGERS)
    tables = (KNOWN_HALLS,)
    reactions = REACTIONS
    catalogues = CurrentCatalogues()
    codes = PickUpCodes()
    kept = KeptSegments()
    calendar = WorkingCalendar.official()

    # packets

    @command(DispatchPackets, on=Distribution)
    def dispatch_packets(self, distribution: Distribution, cmd: DispatchPackets, act: Act) -> None:
        """Packets leave with a carrier."""
        distribution.dispatch(cmd.packets, cmd.carrier, cmd.manifest, act, self._setting(distribution))

    @command(ReceivePackets, on=Distribution)
    def receive_packets(self, distribution: Distribution, cmd: ReceivePackets, act: Act) -> None:
        """Packets are signed for."""
        distribution.receive(cmd.packets, cmd.signature, act, self._setting(distribution))

    @command(RefusePackets, on=Distribution)
    def refuse_packets(self, distribution: Distribution, cmd: RefusePackets, act: Act) -> None:
        """Nobody would sign: it counts as transferred."""
        distribution.refuse(cmd.packets, cmd.witness, cmd.reason, act, self._setting(distribution))

    @command(AcknowledgePackets, on=Distribution)
    def acknowledge_packets(self, distribution: Distribution, cmd: AcknowledgePackets, act: Act) -> None:
        """A person took note."""
        distribution.acknowledge(cmd.packets, act)

    @command(ReplanPackets, on=Distribution, given="halls_for_replanning")
    def replan_packets(self, distribution: Distribution, cmd: ReplanPackets, act: Act, given: dict[str, End]) -> None:
        """Another place takes over."""
        distribution.replan(cmd, act, self._setting(distribution), given)

    def halls_for_replanning(self, batch: Sequence[tuple[Distribution, ReplanPackets, Act]]) -> list[dict[str, End]]:
        """The halls of the tree, for each of them."""
        return [self._halls({name for _, cmd, _ in batch for name in (cmd.place, cmd.to)})] * len(batch)

    # originals

    @command(ReturnOriginals, on=Distribution)
    def return_originals(self, distribution: Distribution, cmd: ReturnOriginals, act: Act) -> None:
        """The department is done with them."""
        distribution.return_originals(cmd.copies, act, self._setting(distribution))

    @command(TakeInAgain, on=Distribution)
    def take_in_again(self, distribution: Distribution, cmd: TakeInAgain, act: Act) -> None:
        """The applicant brings them once more."""
        distribution.take_in_again(cmd.copies, act, self._setting(distribution))

    @command(HandBack, on=Distribution)
    def hand_back(self, distribution: Distribution, cmd: HandBack, act: Act) -> None:
        """退还."""
        distribution.hand_back(cmd, act)

    @command(ReportLoss, on=Distribution)
    def report_loss(self, distribution: Distribution, cmd: ReportLoss, act: Act) -> None:
        """The search begins."""
        distribution.report_loss(cmd.packet, cmd.copies, cmd.circumstances, act, self._setting(distribution))

    @command(FoundAgain, on=Distribution)
    def found_again(self, distribution: Distribution, cmd: FoundAgain, act: Act) -> None:
        """The search has ended well."""
        distribution.found(cmd.copies, cmd.place, act, self._setting(distribution))

    @command(DeclareLost, on=Distribution)
    def declare_lost(self, distribution: Distribution, cmd: DeclareLost, act: Act) -> None:
        """The search is given up."""
        distribution.declare_lost(cmd.copies, act)

    @command(RequestReplacement, on=Distribution)
    def request_replacement(self, distribution: Distribution, cmd: RequestReplacement, act: Act) -> None:
        """The applicant is asked once more, with an apology."""
        distribution.request_replacement(cmd.copies, cmd.apology, act)

    @command(ReplaceLost, on=Distribution)
    def replace_lost(self, distribution: Distribution, cmd: ReplaceLost, act: Act) -> None:
        """The scan will do."""
        distribution.replace_by_scan(cmd.copy, act, self._setting(distribution))

    # trips

    @command(DispatchTrip, on=Trip, key="trip", creates=True, given="found_for_trips")
    def dispatch_trip(
        self,
        trip: Trip,
        cmd: DispatchTrip,
        act: Act,
        given: tuple[dict[tuple[str, str], tuple[Cargo, str]], dict[str, End]],
    ) -> dict[str, Any]:
        """Packets of many cases leave together."""
        found, halls = given
        trip.dispatch(cmd, found, halls, self.catalogues.current(), act)
        return {"digest": trip.digest, "packets": len(trip.cargo)}

    def found_for_trips(
        self, batch: Sequence[tuple[Trip, DispatchTrip, Act]]
    ) -> list[tuple[dict[tuple[str, str], tuple[Cargo, str]], dict[str, End]]]:
        """Where the packets lie that are to travel, and the halls of the tree."""
        cases = {each.case_id for _, cmd, _ in batch for each in cmd.cargo}
        found = lines(self.store.select(sa.select(PACKETS.table).where(PACKETS.c.case_id.in_(cases))))
        halls = self._halls({cmd.to for _, cmd, _ in batch} | {place for _, place in found.values()})
        return [(found, halls)] * len(batch)

    @command(StoreTrip, on=Trip, key="trip", given="taken_cells")
    def store_trip(self, trip: Trip, cmd: StoreTrip, act: Act, given: Refused | None) -> None:
        """Into a locker."""
        setting = Setting(self.catalogues.current(), self.calendar)
        trip.store(cmd, self.codes.digest(cmd.trip, cmd.code), given, setting.collect_by(act.at), act)

    def taken_cells(self, batch: Sequence[tuple[Trip, StoreTrip, Act]]) -> list[Refused | None]:
        """For each command whether another trip has the cell or the barcode."""
        cells = {locker(cmd.cabinet, cmd.cell) for _, cmd, _ in batch}
        codes = {cmd.barcode for _, cmd, _ in batch}
        rows = self.store.select(in_lockers(cells, codes))
        return [taken(cmd, rows) for _, cmd, _ in batch]

    @command(ReceiveTrip, on=Trip, key="trip")
    def receive_trip(self, trip: Trip, cmd: ReceiveTrip, act: Act) -> None:
        """Counted and signed for."""
        trip.receive(cmd, self.codes.digest(cmd.trip, cmd.code), act)

    @command(RefuseTrip, on=Trip, key="trip")
    def refuse_trip(self, trip: Trip, cmd: RefuseTrip, act: Act) -> None:
        """Nobody would sign."""
        trip.refuse(cmd.witness, cmd.reason, act)

    @command(RecallTrip, on=Trip, key="trip")
    def recall_trip(self, trip: Trip, cmd: RecallTrip, act: Act) -> None:
        """The sender wants it back."""
        trip.recall(cmd.reason, act)

    @command(ReturnTrip, on=Trip, key="trip")
    def return_trip(self, trip: Trip, cmd: ReturnTrip, act: Act) -> None:
        """It is back."""
        trip.give_back(cmd.signature, cmd.seal_intact, act)

    # the ledger

    @command(ReportImbalance, on=Ledger, key="ledger", creates=True)
    def report_imbalance(self, ledger: Ledger, cmd: ReportImbalance, act: Act) -> None:
        """What the keeper found."""
        ledger.report(cmd.segment, cmd.faults, act)

    # what others did

    @reaction(TakeIn, on=Distribution)
    def take_in(self, distribution: Distribution, cmd: TakeIn, act: Act) -> None:
        """Originals come into custody."""
        distribution.take_in(cmd.copies, act, self._setting(distribution))

    @reaction(PlanDistribution, on=Distribution)
    def plan_distribution(self, distribution: Distribution, cmd: PlanDistribution, act: Act) -> None:
        """Packets for what was accepted, by the catalogue version that the case was opened with."""
        catalogue = self.catalogues.at(cmd.accepted.catalogue)
        distribution.plan(cmd.accepted, catalogue, act, Setting(catalogue, self.calendar))

    @reaction(SupplyLate, on=Distribution)
    def supply_late(self, distribution: Distribution, cmd: SupplyLate, act: Act) -> None:
        """What was supplemented follows."""
        if distribution.catalogue:
            distribution.supply_late(cmd, act, self._setting(distribution))

    @reaction(SupplyOutput, on=Distribution)
    def supply_output(self, distribution: Distribution, cmd: SupplyOutput, act: Act) -> None:
        """A result goes where it is needed; before there is a plan, nobody knows yet where that is."""
        catalogue = self.catalogues.at(distribution.catalogue) if distribution.catalogue else None
        distribution.supply_output(cmd.item, cmd.certificate, cmd.issuer, catalogue, act)
        if catalogue is not None:
            distribution.conclude((cmd.item,), "decided", act, Setting(catalogue, self.calendar))

    @reaction(WithdrawOutput, on=Distribution)
    def withdraw_output(self, distribution: Distribution, cmd: WithdrawOutput, act: Act) -> None:
        """A result lost its force."""
        distribution.withdraw_output(cmd.certificate, cmd.status, cmd.ground, cmd.replaced_by, act)

    @reaction(ConcludeItems, on=Distribution)
    def conclude_items(self, distribution: Distribution, cmd: ConcludeItems, act: Act) -> None:
        """Items came to their end."""
        if distribution.catalogue:
            items = cmd.items or tuple(distribution.handlers)
            distribution.conclude(items, cmd.reason, act, self._setting(distribution))

    @reaction(ReopenItems, on=Distribution)
    def reopen_items(self, distribution: Distribution, cmd: ReopenItems, act: Act) -> None:
        """Items are decided again."""
        distribution.reopen(cmd.items, act, self._setting(distribution))

    @reaction(StopDistribution, on=Distribution)
    def stop_distribution(self, distribution: Distribution, cmd: StopDistribution, act: Act) -> None:
        """Nothing more for an item that left the case."""
        distribution.stop(cmd.item, act, self._setting(distribution))

    @reaction(ResumeDistribution, on=Distribution)
    def resume_distribution(self, distribution: Distribution, cmd: ResumeDistribution, act: Act) -> None:
        """Items come again."""
        distribution.resume(cmd.items, act)

    @projector(upstreams=("halls",))
    def note_halls(self, connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
        """Where halls stand, and which of them are closed."""
        note_halls(connection, notes)

    # what trips do

    @reaction(CarryPackets, on=Distribution)
    def carry_packets(self, distribution: Distribution, cmd: CarryPackets, act: Act) -> None:
        """They left in a trip."""
        distribution.carry(cmd, act, self._setting(distribution))

    @reaction(LandPackets, on=Distribution)
    def land_packets(self, distribution: Distribution, cmd: LandPackets, act: Act) -> None:
        """They are where the trip brought them."""
        distribution.land(cmd, act, self._setting(distribution))

    @reaction(MissPackets, on=Distribution)
    def miss_packets(self, distribution: Distribution, cmd: MissPackets, act: Act) -> None:
        """They were not there when the trip was counted."""
        distribution.miss(cmd, act, self._setting(distribution))

    @reaction(StrikeCargo, on=Trip, key="trip")
    def strike_cargo(self, trip: Trip, cmd: StrikeCargo, act: Act) -> None:
        """They were not aboard."""
        trip.strike(cmd.case_id, cmd.packets, act)

    # limits

    @deadline("transfer", on=Distribution)
    @deadline("receipt", on=Distribution)
    @deadline("search", on=Distribution)
    def remind(self, distribution: Distribution, act: Act, timer: str) -> None:
        """A hand-over is overdue."""
        distribution.remind(timer, act)

    @deadline("collection", on=Trip)
    def call_back(self, trip: Trip, act: Act) -> None:
        """Nobody collected it from the locker."""
        trip.call_back_uncollected(act)

    # questions

    @query(GetDistribution)
    def get_distribution(self, question: GetDistribution, caller: Caller) -> dict[str, Any]:
        """Packets of a case, the custody of every copy with its history, and what each item still waits for."""
        return distribution_answer(self.store.seen(Distribution, question.case_id, question, caller))

    @query(ListPackets)
    def list_packets(self, question: ListPackets, caller: Caller) -> dict[str, Any]:
        """Packets that wait at a place."""
        limit = max(1, min(question.limit, MOST))
        waiting = sa.select(PACKETS.table).where(PACKETS.c.place == question.place, PACKETS.c.state == question.state)
        place = (PACKETS.c.place,)
        waiting = narrowed(waiting, question, caller, halls=place, orgs=place, people=place)
        rows = self.store.select(BY_CASE.page(waiting, question.after, limit, reverse=question.reversed))
        return {"packets": [dict(row) for row in rows], "after": BY_CASE.cursor(rows, limit)}

    @query(ListOriginals)
    def list_originals(self, question: ListOriginals, caller: Caller) -> dict[str, Any]:
        """Originals that lie at a place, or that a hall took in."""
        limit = max(1, min(question.limit, MOST))
        wanted, order = standing(question.place, question.home, question.state), BY_ORIGINAL
        if question.home:  # so sorted they lie in its index
            order = BY_STANDING
        if question.free:
            wanted = wanted.where(ORIGINALS.c.free.is_(True))
        place = (ORIGINALS.c.place,)
        wanted = narrowed(wanted, question, caller, halls=(*place, ORIGINALS.c.home), orgs=place, people=place)
        rows = self.store.select(order.page(wanted, question.after, limit, reverse=question.reversed))
        return {"originals": [self._stands(row) for row in rows], "after": order.cursor(rows, limit)}

    def _stands(self, row: Any) -> dict[str, Any]:
        """With how it stands, where no release wrote that down."""
        if row["state"] is not None:
            return dict(row)
        distribution: Distribution = self.store.get(Distribution, row["case_id"])
        return {**row, **asdict(distribution.standing(row["copy"]))}

    @query(ListLosses)
    def list_losses(self, question: ListLosses, caller: Caller) -> dict[str, Any]:
        """Originals that are nowhere, of the hall that took them in."""
        limit = max(1, min(question.limit, MOST_LOSSES))
        gone = sa.select(ORIGINALS.table).where(ORIGINALS.c.place == LOST, ORIGINALS.c.home == question.hall)
        for name in ("material", "case_id"):
            if wanted := getattr(question, name):
                gone = gone.where(ORIGINALS.c[name] == wanted)
        gone = narrowed(gone, question, caller, halls=(ORIGINALS.c.home,))
        rows = self.store.select(BY_ORIGINAL.page(gone, question.after, limit, reverse=question.reversed))
        return {"losses": [self._lost(row) for row in rows], "after": BY_ORIGINAL.cursor(rows, limit)}

    def _lost(self, row: Any) -> dict[str, Any]:
        distribution: Distribution = self.store.get(Distribution, row["case_id"])
        told = {name: row[name] for name in ("case_id", "copy", "home", "material", "items")}
        return {**told, "loss": distribution.losses[row["copy"]]}

    @query(GetTrip)
    def get_trip(self, question: GetTrip, caller: Caller) -> dict[str, Any]:
        """A trip, its manifest and signatures."""
        return trip_answer(self.store.seen(Trip, question.trip, question, caller))

    @query(GetManifest)
    def get_manifest(self, question: GetManifest, caller: Caller) -> dict[str, Any]:
        """交接清单."""
        trip: Trip = self.store.seen(Trip, question.trip, question, caller)
        return {"digest": trip.digest, "manifest": trip.manifest(), "text": printed(trip, self.catalogues.current())}

    @query(ListTrips)
    def list_trips(self, question: ListTrips, caller: Caller) -> dict[str, Any]:
        """Trips from or to a place."""
        limit = max(1, min(question.limit, MOST))
        order = TRIP_ORDERS[question.sort]
        trips = sa.select(TRIPS.table).where(
            sa.or_(TRIPS.c.origin == question.place, TRIPS.c.destination == question.place)
        )
        if question.state:
            trips = trips.where(TRIPS.c.state == question.state)
        ends = (TRIPS.c.origin, TRIPS.c.destination, TRIPS.c.carrier)
        trips = narrowed(trips, question, caller, halls=ends, orgs=ends, people=ends)
        rows = self.store.select(order.page(trips, question.after, limit))
        return {"trips": [dict(row) for row in rows], "after": order.cursor(rows, limit)}

    @query(CheckCustody)
    def check_custody(self, question: CheckCustody, caller: Caller) -> dict[str, Any]:
        """Whether every original is in exactly one place."""
        if question.case_id:
            distribution: Distribution = self.store.get(Distribution, question.case_id)
            wrong: Sequence[Any] = audit(self.store, question.case_id)
            return {
                "balanced": not wrong,
                "entries": 2 * len(distribution.movements),
                "originals": len(distribution.homes),
                "lost": sum(place == "lost" for place in distribution.custody.values()),
                "faults": wrong,
            }
        wrong = [dict(row) for segment in SEGMENTS for row in self.store.select(imbalances(segment, MOST))]
        return {"balanced": not wrong, **self.store.select(counted())[0], "faults": wrong}

    # the keeper

    stopped = False

    def started(self) -> None:
        """Sums the ledger without end and brings over what closed halls left."""
        self.keeper().run(lambda: self.kept.mine, lambda: self.stopped)

    def stopping(self) -> None:
        """No further round is begun."""
        self.stopped = True

    def samples(self) -> Iterator[Sample]:
        """ALARM: copies whose places do not sum to zero, by the last check of each segment; packets not signed for."""
        (row,) = self.store.select(unsigned(self.clock.now()))
        yield Sample("onething_unsigned_packets", (self.name,), row["packets"])
        rows = self.store.select(sa.select(LEDGERS.table))
        yield Sample("onething_ledger_faults", (self.name,), sum(len(row["faults"]) for row in rows))

    def keeper(self) -> Keeper:
        """Routing's keeper; its commands are routing's own acts."""

        def send(message: Command, id: str) -> Any:
            return self.peers.command(message, id=id)

        return Keeper(self.store, send, self.clock.now)

    def _setting(self, distribution: Distribution) -> Setting:
        """The catalogue version of the case, or today's where it has none yet, and the calendar."""
        catalogue: Catalogue = (
            self.catalogues.at(distribution.catalogue) if distribution.catalogue else self.catalogues.current()
        )
        return Setting(catalogue, self.calendar)

    def _halls(self, named: set[str]) -> dict[str, End]:
        rows = self.store.select(sa.select(KNOWN_HALLS).where(KNOWN_HALLS.c.hall.in_(named)))
        return {row["hall"]: hall_of_tree(row["kind"] or "", row["region"] or "") for row in rows}
