"""``onething bench feed``: how long after a fact happened the subscribers of a hall have it, under W1.

W1 is driven twice: as fast as it goes, and at half that rate with subscribers over SSE. The time runs from the act's
own instant, which lies before its commit, to the moment when a subscriber has read the event; all of it is on one
machine with one clock.
"""

import os
import platform
from datetime import datetime
from time import monotonic, time
from typing import Any
from urllib.parse import urlsplit

import eventlet
import msgspec
from eventlet.green import socket

from console.bench import Plan, Run, percentiles
from console.county import county, load
from console.output import notes, show, table
from console.overhttp import OverHttp
from console.premises import opened
from contracts.feed import HallSnapshot
from eventing.errors import Unavailable
from eventing.settings import Settings

PATIENCE = 60.0
"""Seconds in which subscribers have everything, once all cases are closed."""


class FeedPlan(msgspec.Struct, frozen=True):
    """What to measure."""

    cases: int
    concurrency: int
    subscribers: int
    rate: float = 0.0


class _Event(msgspec.Struct):
    seq: int
    at: datetime
    committed_at: datetime


_event = msgspec.json.Decoder(_Event).decode


class Subscriber:
    """Reads a hall's feed and notes when each event came."""

    def __init__(self, address: str, hall: str, authorized: str) -> None:
        self.last = 0
        self.delays: list[float] = []
        """From the act to here."""
        self.ways: list[float] = []
        """From the feed's row to here."""
        parts = urlsplit(address)
        self._wire: Any = socket.create_connection((str(parts.hostname), int(parts.port or 80)))
        said = f"GET /api/v1/feed?hall={hall} HTTP/1.1\r\nHost: {parts.netloc}\r\n{authorized}\r\n"
        self._wire.sendall(said.encode("ascii"))

    def run(self) -> None:
        """Until the connection ends."""
        pending = b""
        while read := self._wire.recv(65_536):
            now = time()
            *lines, pending = (pending + read).split(b"\n")
            for line in lines:
                if line.startswith(b'data: {"hall"') and b'"topic"' in line:
                    self._note(line[6:].rstrip(b"\r"), now)

    def _note(self, data: bytes, now: float) -> None:
        event = _event(data)
        if self.last and event.seq != self.last + 1:
            raise Unavailable(what="feed", reason="a number is missing", after=self.last, came=event.seq)
        self.last = event.seq
        self.delays.append(now - event.at.timestamp())
        self.ways.append(now - event.committed_at.timestamp())

    def close(self) -> None:
        """Hangs up."""
        self._wire.close()


def bench_feed(settings: Settings, plan: FeedPlan, *, as_json: bool) -> dict[str, Any]:
    """Runs W1 with subscribers and prints what they saw; on JSON, as the last line."""
    load_before = round(os.getloadavg()[0], 2)
    with opened(settings, start=True, fresh=True, say=_say, http=True) as premises:
        client = premises.client
        load(county("990102"), client)
        most = 0.0
        if not plan.rate:
            run = Run(client, Plan(cases=plan.cases, concurrency=plan.concurrency))
            run.drive(lambda: None)
            most = plan.cases / run.seconds
            _say(f"满载 at most {most:.1f} cases/s")
        rate = plan.rate or most / 2
        run = Run(client, Plan(cases=plan.cases, concurrency=plan.concurrency, rate=rate))
        hall = run.clerk.hall
        web = OverHttp(premises.address, run.clerk, issue=premises.issue)
        subscribers = [Subscriber(premises.address, hall, web.authorized()) for _ in range(plan.subscribers)]
        for each in subscribers:
            eventlet.spawn_n(each.run)
        eventlet.sleep(1.0)
        run.drive(lambda: None)
        _await_all(client, hall, subscribers)
        web.wires.close()
        for each in subscribers:
            each.close()
    result = {
        "benchmark": "feed",
        "profile": settings.profile,
        "cases": plan.cases,
        "cases_per_second_at_most": round(most, 2),
        "cases_per_second": round(plan.cases / run.seconds, 2),
        "rate": round(rate, 2),
        "subscribers": plan.subscribers,
        "events_each": len(subscribers[0].delays),
        "latency_ms": {
            "happened_to_read": percentiles([delay for each in subscribers for delay in each.delays]),
            "numbered_to_read": percentiles([way for each in subscribers for way in each.ways]),
        },
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load_average_before": load_before,
    }
    show(result, as_json=as_json, words=_words)
    return result


def _await_all(client: Any, hall: str, subscribers: list[Subscriber]) -> None:
    """Until the feed grows no more and everybody has its last event."""
    until, before = monotonic() + PATIENCE, -1
    while monotonic() < until:
        head = client.ask(HallSnapshot(hall=hall), attempts=5)["sequence"]
        if head == before and all(each.last == head for each in subscribers):
            return
        before = head
        eventlet.sleep(0.5)
    raise Unavailable(what="feed", reason="not everybody has everything", head=before)


def _words(result: dict[str, Any]) -> None:
    table(
        ("", "p50 ms", "p95 ms", "p99 ms", "max ms"),
        (
            (name, *(values[each] for each in ("p50", "p95", "p99", "max")))
            for name, values in result["latency_ms"].items()
            if values
        ),
    )
    notes.print(
        f"{result['cases_per_second']} 案/秒 cases/s, {result['subscribers']} 订阅者 subscribers, "
        f"每人 each {result['events_each']} events"
    )


def _say(text: str) -> None:
    notes.print(f"· {text}", markup=False)
