"""How a replica of a service stands: whether it can do its work now, and what its gauges show."""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from eventing.errors import OneThingError
from eventing.schema import SEGMENTS
from eventing.settings import without_password
from telemetry.health import Check
from telemetry.metrics import Sample

if TYPE_CHECKING:
    from eventing.host import Host

LAG_BOUND = 60.0
"""Seconds that facts of an upstream may wait before the replica is not ready."""

OVERDUE = timedelta(seconds=10)
"""A deadline that is due for so long should have happened."""
MOST_OVERDUE = 1000
"""Overdue deadlines are counted up to this."""


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
    yield from getattr(host.instance, "samples", tuple)()
    try:
        overdue = len(host.store.due(host.clock.now() - OVERDUE, sorted(mine), MOST_OVERDUE))
    except OneThingError:
        return
    yield Sample("onething_deadlines_overdue", (name,), overdue)
