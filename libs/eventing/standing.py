"""How a replica of a service stands: whether it can do its work now, and what its gauges show."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from time import monotonic, time
from typing import TYPE_CHECKING

from eventing.errors import OneThingError
from eventing.schema import SEGMENTS
from eventing.segments import database_now
from eventing.settings import without_password
from telemetry.health import Check
from telemetry.metrics import Sample

if TYPE_CHECKING:
    from eventing.host import Host

LAG_BOUND = 60.0
"""Seconds that facts of an upstream may wait before the replica is not ready."""

OVERDUE = timedelta(seconds=10)
"""A deadline that is due for so long should have happened."""
SOON = timedelta(hours=1)
"""A deadline that comes within it is due."""
MOST_DEADLINES = 1000
"""Deadlines are counted up to this."""


def checks(host: "Host") -> Iterator[Check]:
    """What must hold for this replica to do its work, in plain words."""
    name = host.service_name
    connected = host.calls.is_connected
    yield Check(name, "broker", connected, "connected" if connected else "there is no connection to it")
    yield _store(host)
    mine, share = len(host.segments.mine), host.segments.share
    due = "not known yet" if share is None else share
    words = f"{mine} of {SEGMENTS} are claimed; the share of this replica is {due}"
    yield Check(name, "segments", share is not None and mine >= share, words)
    yield _log(host)


def _store(host: "Host") -> Check:
    began = monotonic()
    try:
        host.store.ping()
    except OneThingError as error:
        reason = without_password(str(error.data.get("error", "")).strip().partition("\n")[0])
        return Check(host.service_name, "store", False, f"the database does not answer: {reason}")
    took = (monotonic() - began) * 1000
    return Check(host.service_name, "store", True, f"the database answers, in {took:.0f} ms")


def _log(host: "Host") -> Check:
    behind = [(seconds, facts, upstream) for upstream, _, facts, seconds in host.follower.lag() if facts]
    if not behind:
        return Check(host.service_name, "log", True, "nothing is known that was not reacted to")
    seconds, _, upstream = max(behind)
    facts = sum(facts for _, facts, _ in behind)
    return Check(
        host.service_name,
        "log",
        seconds <= LAG_BOUND,
        f"{facts} facts wait, those of {upstream} for {seconds:.1f} s; {LAG_BOUND:.0f} s is the bound",
    )


def samples(host: "Host") -> Iterator[Sample]:
    """What the gauges of this replica show; those that ask the database come last."""
    name, mine = host.service_name, host.segments.mine
    yield Sample("onething_broker_connected", (name,), host.calls.is_connected)
    yield Sample("onething_segments_owned", (name,), len(mine))
    yield Sample("onething_parked_cases", (name,), sum(len(host.engine.parked.get(segment, ())) for segment in mine))
    for upstream, segment, facts, seconds in host.follower.lag():
        yield Sample("onething_follower_lag_facts", (name, upstream, f"{segment:02}"), facts)
        yield Sample("onething_follower_lag_seconds", (name, upstream, f"{segment:02}"), seconds)
        yield Sample(
            "onething_follower_position_facts",
            (name, upstream, f"{segment:02}"),
            host.follower.position(upstream, segment) or 0,
        )
    for state, connections in host.store.connections().items():
        yield Sample("onething_database_connections", (name, state), connections)
    for ask in (getattr(host.instance, "samples", tuple), lambda: _stored(host, sorted(mine))):
        with suppress(OneThingError):  # what the database does not tell now is not shown; the rest is
            yield from ask()


def _stored(host: "Host", mine: list[int]) -> Iterator[Sample]:
    name, now = host.service_name, host.clock.now()
    for segment, position in host.store.heads().items():
        if segment in mine:
            yield Sample("onething_log_facts", (name, f"{segment:02}"), position)
    yield Sample("onething_deadlines_overdue", (name,), len(host.store.due(now - OVERDUE, mine, MOST_DEADLINES)))
    yield Sample("onething_deadlines_due", (name,), len(host.store.due(now + SOON, mine, MOST_DEADLINES)))
    with host.store.reading() as connection:
        here, there = time(), database_now(host.store, connection) / 1_000_000
    yield Sample("onething_clock_skew_seconds", (name,), there - here)
