"""What can be asked across cases: packets that wait somewhere, originals that lie somewhere, trips, and the ledger."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec.structs import asdict

from contracts.halls import HallClosed, HallRegistered, HallReopened
from contracts.language import Note
from contracts.routing import Cargo, OriginalState
from eventing import mapper
from eventing.paging import Order
from eventing.store import segment_of
from eventing.tables import Bulk
from eventing.views import Column, View
from routing.domain import LOST, OUTSIDE, Distribution, Ledger, PacketState, Trip, TripState
from routing.domain.ledger import entries

GIVEN_BACK: OriginalState = "given_back"


def waiting_packets(distribution: Distribution) -> list[dict[str, Any]]:
    """The packets that somebody has to dispatch or receive, each at the place where that is."""
    return [
        {
            "case_id": distribution.stream,
            "packet": packet.packet,
            "segment": segment_of(distribution.stream),
            "place": packet.to if packet.state is PacketState.DISPATCHED else distribution.custody[packet.copies[0]],
            "lies": distribution.custody[packet.copies[0]],
            "state": str(packet.state),
            "purpose": packet.purpose,
            "item": packet.item,
            "recipient": packet.to,
            "carrier": packet.carrier,
            "manifest": packet.manifest,
            "trip": packet.trip,
            "due": packet.due,
            "copies": packet.copies,
            "crossings": packet.crossings,
        }
        for packet in distribution.packets.values()
        if packet.is_waiting
    ]


def original_rows(distribution: Distribution) -> list[dict[str, Any]]:
    """One row an original: where it is, whose it is next, and whether it can be handed back."""
    if not distribution.homes:
        return []
    segment = segment_of(distribution.stream)
    aboard = distribution.aboard()
    over = {
        copy: packet.to
        for packet in distribution.packets.values()
        if packet.purpose == "transfer" and packet.is_waiting
        for copy in packet.copies
    }
    return [
        {
            "case_id": distribution.stream,
            "copy": copy,
            "segment": segment,
            "place": distribution.custody[copy],
            "home": home,
            "material": distribution.materials.get(copy, ""),
            "aboard": aboard.get(copy, ""),
            "onward": over.get(copy, ""),
            "items": distribution.claims(copy),
            "free": distribution.is_free(copy),
        }
        for copy, home in distribution.homes.items()
    ]


def standing_rows(distribution: Distribution) -> list[dict[str, Any]]:
    """One row an original: how it stands, and whose turn it is."""
    return [
        {"case_id": distribution.stream, "copy": copy, "home": home, **asdict(distribution.standing(copy))}
        for copy, home in distribution.homes.items()
    ]


def ledger_rows(distribution: Distribution) -> list[dict[str, Any]]:
    """Both sides of every movement of an original."""
    if not distribution.movements:
        return []
    segment = segment_of(distribution.stream)
    return [
        {
            "case_id": distribution.stream,
            "number": entry.number,
            "side": "to" if entry.amount > 0 else "from",
            "segment": segment,
            "copy": entry.copy,
            "place": entry.place,
            "amount": entry.amount,
            "at": distribution.movements[entry.number - 1].at,
            "packet": distribution.movements[entry.number - 1].packet,
            "trip": distribution.movements[entry.number - 1].trip,
        }
        for entry in entries(distribution)
    ]


def trip_row(trip: Trip) -> list[dict[str, Any]]:
    """One row a trip."""
    if trip.departure is None:
        return []
    stored = trip.cell if trip.trip_state is TripState.STORED else None
    return [
        {
            "trip": trip.stream,
            "origin": trip.origin,
            "destination": trip.to,
            "state": str(trip.trip_state),
            "hop": trip.hop,
            "carrier": trip.carrier,
            "seal": trip.seal,
            "packets": len(trip.cargo),
            "cell": stored.place if stored is not None else "",
            "barcode": trip.cell.barcode if trip.cell is not None else "",
            "dispatched_at": trip.departure.at,
            "collect_by": stored.collect_by if stored is not None else None,
            "overdue": trip.overdue,
        }
    ]


def ledger_standing(ledger: Ledger) -> list[dict[str, Any]]:
    """One row a segment of the ledger that does not sum to zero."""
    return [{"segment": ledger.segment, "faults": ledger.faults}] if ledger.faults else []


PACKETS = View(
    "packets_v2",
    of=Distribution,
    columns=(
        Column("case_id", "text", key=True),
        Column("packet", "text", key=True),
        Column("segment", "int"),
        Column("place", "text", index=True),
        Column("lies", "text"),
        Column("state", "text"),
        Column("purpose", "text"),
        Column("item", "text"),
        Column("recipient", "text"),
        Column("carrier", "text"),
        Column("manifest", "text"),
        Column("trip", "text"),
        Column("due", "instant"),
        Column("copies", "json"),
        Column("crossings", "json"),
    ),
    rows=waiting_packets,
)

ORIGINALS = View(
    "originals_v1",
    of=Distribution,
    columns=(
        Column("case_id", "text", key=True),
        Column("copy", "text", key=True),
        Column("segment", "int", index=True),
        Column("place", "text", index=True),
        Column("home", "text"),
        Column("material", "text"),
        Column("aboard", "text"),
        Column("onward", "text"),
        Column("items", "json"),
        Column("free", "bool"),
    ),
    rows=original_rows,
)

STANDINGS = View(
    "standings_v1",
    of=Distribution,
    columns=(
        Column("case_id", "text", key=True),
        Column("copy", "text", key=True),
        Column("home", "text"),
        Column("state", "text"),
        Column("turn", "text"),
        Column("trip", "text"),
    ),
    rows=standing_rows,
)
"""It stands beside ``ORIGINALS``: a release that does not know it writes that one alone."""

CUSTODY = View(
    "custody_v1",
    of=Distribution,
    columns=(
        Column("case_id", "text", key=True),
        Column("number", "int", key=True),
        Column("side", "text", key=True),
        Column("segment", "int", index=True),
        Column("copy", "text"),
        Column("place", "text"),
        Column("amount", "int"),
        Column("at", "instant", index=True),
        Column("packet", "text"),
        Column("trip", "text"),
    ),
    rows=ledger_rows,
)
"""The ledger of custody: every movement takes an original from one place (−1) and brings it to another (+1)."""

TRIPS = View(
    "trips_v1",
    of=Trip,
    columns=(
        Column("trip", "text", key=True),
        Column("origin", "text", index=True),
        Column("destination", "text", index=True),
        Column("state", "text"),
        Column("hop", "text"),
        Column("carrier", "text"),
        Column("seal", "text"),
        Column("packets", "int"),
        Column("cell", "text", index=True),
        Column("barcode", "text", index=True),
        Column("dispatched_at", "instant"),
        Column("collect_by", "instant"),
        Column("overdue", "bool"),
    ),
    rows=trip_row,
)

LEDGERS = View(
    "ledgers_v1",
    of=Ledger,
    columns=(Column("segment", "int", key=True), Column("faults", "json")),
    rows=ledger_standing,
)

HALLS = Bulk(
    "halls_known",
    (
        Column("hall", "text", key=True),
        Column("kind", "text"),
        Column("region", "text"),
        Column("closed", "bool"),
        Column("replacement", "text"),
        Column("since", "instant"),
    ),
)
"""What halls says of its tree, as far as routing needs it: where each stands, and who takes over when it is closed."""

_metadata = sa.MetaData()
KNOWN_HALLS = HALLS.table(_metadata)

BY_CASE = Order(PACKETS.c.case_id, PACKETS.c.packet)
BY_ORIGINAL = Order(ORIGINALS.c.case_id, ORIGINALS.c.copy)
BY_STANDING = Order(STANDINGS.c.case_id, STANDINGS.c.copy)
sa.Index("standings_v1_homes", STANDINGS.c.home, *BY_STANDING.columns)
TRIP_ORDERS = {
    "newest": Order(TRIPS.c.dispatched_at, TRIPS.c.trip, newest_first=True),
    "oldest": Order(TRIPS.c.dispatched_at, TRIPS.c.trip),
}
"""How the list of trips may be sorted (``ListTrips.sort``)."""


def note_halls(connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
    """Takes down what became of halls, in the order in which it happened."""
    wanted = {HallRegistered.TOPIC, HallClosed.TOPIC, HallReopened.TOPIC}
    for _, _, note in notes:
        if note.topic not in wanted:
            continue
        found = connection.execute(sa.select(KNOWN_HALLS).where(KNOWN_HALLS.c.hall == note.stream)).mappings().first()
        row: dict[str, Any] = dict(found) if found is not None else {"hall": note.stream, "closed": False}
        match mapper.decode(note.topic, note.state):
            case HallRegistered() as fact:
                row |= {"kind": fact.kind, "region": fact.region}
            case HallClosed() as fact:
                row |= {"closed": True, "replacement": fact.replacement, "since": fact.at}
            case HallReopened() as fact:
                row |= {"closed": False, "replacement": "", "since": fact.at}
        HALLS.upsert(connection, [HALLS.row(row)])


def lines(waiting: Sequence[Any]) -> dict[tuple[str, str], tuple[Cargo, str]]:
    """(case, packet) → what a manifest says of it, and where it lies."""
    return {
        (row["case_id"], row["packet"]): (
            Cargo(row["case_id"], row["packet"], row["item"], row["recipient"], tuple(row["copies"])),
            row["lies"],
        )
        for row in waiting
    }


def standing(place: str, home: str, state: str) -> sa.Select[Any]:
    """Originals, and how each stands: that lie at a place, that a hall took in, that are in a state.

    Of a hall, what the applicant has got back is left out unless it is asked for. Of a place alone, one whose standing
    was not written is there without.
    """
    o, s = ORIGINALS.c, STANDINGS.c
    same = sa.and_(s.case_id == o.case_id, s.copy == o.copy)
    found = sa.select(ORIGINALS.table, s.state, s.turn, s.trip)
    found = found.join_from(ORIGINALS.table, STANDINGS.table, same, isouter=not (home or state))
    if place:
        found = found.where(o.place == place)
    if home:
        found = found.where(s.home == home)
    if state:
        found = found.where(s.state == state)
    elif home:
        found = found.where(s.state != GIVEN_BACK)
    return found


def displaced(segments: Sequence[int], limit: int) -> sa.Select[Any]:
    """Cases that have something at, or bound for, a hall that is closed: each with the hall and who takes over.

    What is to be taken over already is no longer asked for.
    """
    o, p, h = ORIGINALS.c, PACKETS.c, KNOWN_HALLS.c
    closed = sa.and_(h.closed.is_(True), h.replacement != "")
    lying = (
        sa.select(o.case_id, o.copy.label("what"), h.hall, h.replacement, h.since)
        .join(KNOWN_HALLS, h.hall == o.place)
        .where(closed, o.segment.in_(segments), o.aboard == "", o.onward != h.replacement)
    )
    bound = (
        sa.select(p.case_id, p.packet.label("what"), h.hall, h.replacement, h.since)
        .join(KNOWN_HALLS, h.hall == p.recipient)
        .where(closed, p.segment.in_(segments), p.purpose != "supply")
    )
    both = sa.union_all(lying, bound).subquery()
    return sa.select(both).order_by(both.c.case_id, both.c.hall, both.c.what).limit(limit)


def unsigned(now: datetime) -> sa.Select[Any]:
    """How many packets are on their way though the day on which they should have been signed for has passed."""
    late = sa.and_(PACKETS.c.state == str(PacketState.DISPATCHED), PACKETS.c.due <= now)
    return sa.select(sa.func.count().label("packets")).select_from(PACKETS.table).where(late)


def imbalances(segment: int, limit: int) -> sa.Select[Any]:
    """What does not sum to zero in a segment: entries, and against them where every original is said to be."""
    c, o = CUSTODY.c, ORIGINALS.c
    sides = sa.union_all(
        sa.select(c.case_id, c.copy, c.place, c.amount).where(c.segment == segment),
        sa.select(o.case_id, o.copy, o.place, sa.literal(-1, sa.BigInteger).label("amount")).where(
            o.segment == segment
        ),
        sa.select(
            o.case_id,
            o.copy,
            sa.literal(OUTSIDE, sa.Text).label("place"),
            sa.literal(1, sa.BigInteger).label("amount"),
        ).where(o.segment == segment),
    ).subquery()
    total = sa.cast(sa.func.sum(sides.c.amount), sa.BigInteger).label("amount")
    return (
        sa.select(sides.c.case_id, sides.c.copy, sides.c.place, total)
        .group_by(sides.c.case_id, sides.c.copy, sides.c.place)
        .having(sa.func.sum(sides.c.amount) != 0)
        .order_by(sides.c.case_id, sides.c.copy, sides.c.place)
        .limit(limit)
    )


def moved_since(at: Any, segments: Sequence[int], limit: int) -> sa.Select[Any]:
    """Cases whose originals moved since an instant."""
    return (
        sa.select(CUSTODY.c.case_id)
        .where(CUSTODY.c.at >= at, CUSTODY.c.segment.in_(segments))
        .distinct()
        .order_by(CUSTODY.c.case_id)
        .limit(limit)
    )


def counted() -> sa.Select[Any]:
    """How many entries and originals the ledger has, and how many originals are lost."""
    lost = sa.select(sa.func.count()).select_from(ORIGINALS.table).where(ORIGINALS.c.place == LOST)
    return sa.select(
        sa.select(sa.func.count()).select_from(CUSTODY.table).scalar_subquery().label("entries"),
        sa.select(sa.func.count()).select_from(ORIGINALS.table).scalar_subquery().label("originals"),
        lost.scalar_subquery().label("lost"),
    )
