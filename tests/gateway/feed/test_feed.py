"""The live feed over HTTP: a snapshot, then every fact, from any point on, for those who may."""

import gc
import json
import socket
import struct
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import eventlet
import pytest

from contracts.feed import FeedHeads, ReadFeed
from contracts.halls import CloseWindow, InstallWindow, OpenWindow, RegisterHall
from gateway import protocol
from gateway.feed.hub import Hub
from testkit.house import House, eventually

from .subscribers import Refused, Stream, signed_in

Events = Iterator[tuple[str, str, Any]]


@pytest.fixture
def county(house: House) -> House:
    """A county hall with a window; both stand in its feed."""
    client = house.client()
    for hall in ("county", "street"):
        client.command(RegisterHall(hall=hall, name=hall, kind="county", region="990102"))
        client.command(InstallWindow(window=f"{hall}-1", hall=hall, name="1"))
    eventually(lambda: client.ask(FeedHeads(halls=("county", "street"))) == {"county": 2, "street": 2})
    return house


@pytest.fixture
def streams(county: House, port: int) -> Iterator[Any]:
    """Opens subscriptions that are closed in the end."""
    opened: list[Stream] = []

    def subscribe(query: str, headers: dict[str, str] | None = None) -> Stream:
        opened.append(Stream(port, f"/api/v1/feed?{query}", headers=signed_in() if headers is None else headers))
        return opened[-1]

    yield subscribe
    for stream in opened:
        stream.close()


def work(house: House, times: int = 1, window: str = "county-1") -> None:
    """A window opens and closes, so often."""
    client = house.client()
    for _ in range(times):
        client.command(OpenWindow(window=window))
        client.command(CloseWindow(window=window))


def test_a_snapshot_comes_first_then_every_fact_in_order(county: House, streams: Any) -> None:
    events = streams("hall=county").events()
    name, place, snapshot = next(events)
    assert (name, place, snapshot["sequence"]) == ("snapshot", "county:2", 2)
    assert [window["state"] for window in snapshot["windows"]] == ["closed"]

    work(county, 3)

    told = list(islice(events, 6))
    assert [place for _, place, _ in told] == [f"county:{n}" for n in range(3, 9)]
    assert [data["topic"].split(".")[2] for _, _, data in told] == ["opened", "closed"] * 3
    assert {name for name, _, _ in told} == {"fact"}


def test_the_headers_keep_proxies_from_buffering(streams: Any) -> None:
    stream = streams("hall=county")

    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["x-accel-buffering"] == "no"
    assert stream.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("how", ["header", "query"])
def test_somebody_who_was_away_goes_on_where_they_were(county: House, streams: Any, how: str) -> None:
    work(county, 2)
    eventually(lambda: county.client().ask(FeedHeads(halls=("county",)))["county"] == 6)

    if how == "header":
        events = streams("hall=county", {**signed_in(), "Last-Event-ID": "county:3"}).events()
    else:
        events = streams("hall=county&after=3").events()

    assert [place for _, place, _ in islice(events, 3)] == ["county:4", "county:5", "county:6"]


def test_several_halls_have_one_place_in_all_of_them(county: House, streams: Any) -> None:
    events = streams("hall=county&hall=street").events()
    assert [data["hall"] for _, _, data in islice(events, 2)] == ["county", "street"]

    work(county, window="street-1")
    assert [place for _, place, _ in islice(events, 2)] == ["county:2,street:3", "county:2,street:4"]
    work(county, window="county-1")
    assert [place for _, place, _ in islice(events, 2)] == ["county:3,street:4", "county:4,street:4"]

    again = streams("hall=county&hall=street", {**signed_in(), "Last-Event-ID": "county:3,street:3"}).events()
    assert sorted(data["hall"] for _, _, data in islice(again, 2)) == ["county", "street"]


def test_what_never_was_is_gone(streams: Any) -> None:
    with pytest.raises(Refused) as refused:
        streams("hall=county&after=99")

    assert refused.value.status == 410
    assert json.loads(refused.value.body)["code"] == "feed-gone"


@pytest.mark.parametrize("query", ["", "hall=county&after=x", "hall=county&after=:1"])
def test_what_is_no_question_is_told_so(streams: Any, query: str) -> None:
    with pytest.raises(Refused) as refused:
        streams(query)
    assert refused.value.status == 400


def test_only_those_who_belong_there_may_follow(streams: Any) -> None:
    for headers, status in (
        ({}, 401),
        (signed_in("clerk", hall="street"), 403),
        (signed_in("applicant", hall="county"), 403),
        (signed_in("manager", hall="street", halls=["street"]), 403),
    ):
        with pytest.raises(Refused) as refused:
            streams("hall=county", headers)
        assert refused.value.status == status
    for headers in (
        signed_in("clerk", hall="county"),
        signed_in("subscriber", hall="county"),
        signed_in("manager", hall="street", halls=["street", "county"]),
        signed_in("operator"),
    ):
        streams("hall=county", headers)


def test_what_the_broker_lost_comes_a_second_later(county: House, streams: Any) -> None:
    events = streams("hall=county").events()
    next(events)
    county.host("halls").instance.outlet.publisher.publish = lambda events: None

    work(county, 2)

    assert [place for _, place, _ in islice(events, 4)] == [f"county:{n}" for n in range(3, 7)]


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_subscriber_who_never_reads_is_let_go_and_slows_nobody(
    county: House, port: int, streams: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge = county.host("gateway").instance.edge
    edge._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    monkeypatch.setattr(protocol, "SILENCE", 0.5)
    asked = "".join(f"{name}: {value}\r\n" for name, value in signed_in().items())
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", port))
    slow.sendall(f"GET /api/v1/feed?hall=county HTTP/1.1\r\nHost: test\r\n{asked}\r\n".encode())
    events = streams("hall=county").events()
    next(events)
    eventually(lambda: edge.connections == 2)

    work(county, 30)

    assert [place for _, place, _ in islice(events, 60)] == [f"county:{n}" for n in range(3, 63)]
    eventually(lambda: edge.connections == 1)
    with slow:
        assert slow.recv(12) == b"HTTP/1.1 200"  # who comes back to it finds what was sent until then


def test_one_reader_follows_so_many_feeds_and_no_more(county: House, streams: Any, monkeypatch: Any) -> None:
    asked = signed_in("clerk", hall="county")
    next(streams("hall=county", asked).events())
    gauges = (gauge.__self__ for gauge in county.host("gateway").instance.backend.gauges)
    (hub,) = (each for each in gauges if isinstance(each, Hub))
    monkeypatch.setattr(hub.seats, "most", 2)
    second = streams("hall=county", asked)

    with pytest.raises(Refused) as refused:
        streams("hall=county", asked)
    assert (refused.value.status, json.loads(refused.value.body)["code"]) == (429, "too-many-feeds")
    next(streams("hall=county", signed_in("clerk", by="wang", hall="county")).events())

    with pytest.raises(Refused) as gone:
        streams("hall=county&after=99", signed_in("clerk", by="wang", hall="county"))
    assert gone.value.status == 410

    second.close()

    def again() -> bool:
        work(county)  # who has gone is noticed when something is written
        try:
            streams("hall=county", asked)
        except Refused:
            return False
        return True

    eventually(again)


def sockets() -> int:
    """How many sockets this process holds open."""
    links = [each for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return sum(str(each.readlink()).startswith("socket:") for each in links)


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_who_vanishes_leaves_no_connection_behind(county: House, port: int) -> None:
    """A reader who was gone when something was written kept its socket until garbage was collected."""
    gc.collect()
    gc.disable()
    try:
        before = sockets()
        for _ in range(5):
            stream = Stream(port, "/api/v1/feed?hall=county", headers=signed_in())
            next(stream.chunks())
            stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            stream.close()

        work(county, 3)

        eventually(lambda: sockets() <= before)
    finally:
        gc.enable()


def test_goodbye_is_said_at_the_end(county: House, streams: Any) -> None:
    events = streams("hall=county").events()
    next(events)

    eventlet.spawn(county.host("gateway").instance.stopping)

    assert next(events)[:2] == ("bye", "county:2")
    assert next(events, None) is None


def test_a_subscription_lasts_no_longer_than_what_its_reader_showed(county: House, streams: Any) -> None:
    """A stream that was opened with a token went on after the token had ended."""
    asked = signed_in("clerk", hall="county")
    over = streams("hall=county", {**asked, "Until": str(time.time() - 1)}).events()
    ending = streams("hall=county", {**asked, "Until": str(time.time() + 1)}).events()

    assert [name for name, _, _ in over] == ["snapshot", "bye"]
    assert [name for name, _, _ in ending] == ["snapshot", "bye"]


def test_a_hall_feed_is_read_by_those_who_saw_a_gap(county: House, port: int) -> None:
    work(county)
    eventually(lambda: county.client().ask(FeedHeads(halls=("county",)))["county"] == 4)
    stream = Stream(port, "/api/v1/halls/county/feed?after=2&limit=1", headers=signed_in())

    page = json.loads(stream.body())
    stream.close()

    assert [event["seq"] for event in page["events"]] == [3]
    assert (page["after"], page["head"]) == (3, 4)
    assert page == county.client().ask(ReadFeed(hall="county", after=2, limit=1))
