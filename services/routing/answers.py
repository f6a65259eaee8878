"""What routing answers of one case, and of one trip."""

from typing import Any

from routing.domain import Distribution, Packet, Trip


def distribution_answer(distribution: Distribution) -> dict[str, Any]:
    """Packets to departments, ways back, the custody of every copy, the way of every original, losses, items."""
    packets = distribution.packets.values()
    aboard = distribution.aboard()
    return {
        "case_id": distribution.stream,
        "packets": [packet for packet in packets if packet.purpose == "supply"],
        "returns": [packet for packet in packets if packet.purpose != "supply"],
        "trips": _trips(distribution, list(packets)),
        "custody": distribution.custody,
        "originals": {
            copy: {
                "place": distribution.custody[copy],
                "home": home,
                "material": distribution.materials.get(copy, ""),
                "aboard": aboard.get(copy, ""),
                "items": distribution.claims(copy),
                "free": distribution.is_free(copy),
            }
            for copy, home in distribution.homes.items()
        },
        "history": distribution.movements,
        "losses": distribution.losses,
        "withdrawn": distribution.withdrawn,
        "items": {
            item: {
                "handler": handler,
                "supplied": item in distribution.supplied,
                "stopped": item in distribution.stopped,
                "ended": item in distribution.ended,
                "awaits": distribution.awaits(item),
                "without": tuple(
                    copy
                    for copy, loss in distribution.losses.items()
                    if loss.declared_by and not loss.replaced_by and item in distribution.claims(copy)
                ),
            }
            for item, handler in distribution.handlers.items()
        },
    }


def trip_answer(trip: Trip) -> dict[str, Any]:
    """A trip as it stands."""
    cell = trip.cell
    return {
        "trip": trip.stream,
        "state": str(trip.trip_state),
        "crossings": trip.crossings,
        "digest": trip.digest,
        "manifest": trip.manifest(),
        "struck": trip.struck,
        "missing": trip.missing,
        "departure": trip.departure,
        "arrival": trip.arrival,
        "locker": None
        if cell is None
        else {
            "cabinet": cell.cabinet,
            "cell": cell.cell,
            "barcode": cell.barcode,
            "stored_by": cell.stored_by,
            "collect_by": cell.collect_by,
        },
        "reason": trip.reason,
        "overdue": trip.overdue,
    }


def _trips(distribution: Distribution, packets: list[Packet]) -> list[str]:
    """The trips that packets of the case are in, or that originals came with."""
    named = [packet.trip for packet in packets] + [movement.trip for movement in distribution.movements]
    return [trip for trip in dict.fromkeys(named) if trip]
