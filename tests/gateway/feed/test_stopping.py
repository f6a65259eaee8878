"""A gateway that is told to stop: whoever has asked is answered, and who listens is told where to go on."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import eventlet
import pytest
from eventlet.greenio import GreenSocket
from eventlet.patcher import original

from contracts.feed import FeedHeads
from contracts.halls import RegisterHall
from testkit.house import House, eventually

from .subscribers import Stream, signed_in

pytestmark = pytest.mark.parametrize("house", ["embedded"], indirect=True)

MANY = 20

plain = original("socket")
"""Python's own sockets."""


class Asking:
    """Somebody who installs a window, and sends the request in two parts."""

    def __init__(self, port: int, number: int) -> None:
        body = json.dumps({"hall": "county", "name": str(number)}).encode()
        path = f"/api/v1/windows/county-{number}/install-window"
        said = {
            **signed_in("manager", hall="county"),
            "Host": "test",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Idempotency-Key": f"k{number}",
        }
        head = "\r\n".join([f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), "", ""])
        self.first, self.rest = head.encode() + body[:5], body[5:]
        connected = plain.create_connection(("127.0.0.1", port))  # nobody else has a turn meanwhile
        self.socket = GreenSocket(connected)
        self.socket.settimeout(20)

    def answer(self) -> bytes:
        """All that comes until the other side hangs up."""
        received = b""
        while chunk := self.socket.recv(65_536):
            received += chunk
        return received


def is_done(answer: bytes) -> bool:
    """Whether it was done, and the connection was given up in words."""
    head = answer.partition(b"\r\n\r\n")[0].lower()
    return answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 ")) and b"\r\nconnection: close" in head


@pytest.fixture
def edge(house: House) -> Any:
    house.client().command(RegisterHall(hall="county", name="n", kind="county", region="990102"))
    return house.host("gateway").instance.edge


@pytest.fixture
def ask(port: int) -> Iterator[Any]:
    """Connections, each for one request, that are closed in the end."""
    opened: list[Asking] = []

    def connect(number: int) -> Asking:
        opened.append(Asking(port, number))
        return opened[-1]

    yield connect
    for each in opened:
        each.socket.close()


@pytest.fixture
def windows(house: House) -> Any:
    """How many windows there are, beside the hall."""
    return lambda: house.client().ask(FeedHeads(halls=("county",)))["county"] - 1


def test_requests_that_are_still_coming_in_are_answered(
    house: House, edge: Any, port: int, ask: Any, windows: Any
) -> None:
    listening = Stream(port, "/api/v1/feed?hall=county", headers=signed_in())
    asking = [ask(number) for number in range(MANY)]
    for each in asking:
        each.socket.sendall(each.first)
    eventually(lambda: house.host("gateway").instance.limits.in_hand == MANY)

    stopped = eventlet.spawn(house.runner.containers["gateway"].stop)  # type: ignore[union-attr]
    eventually(lambda: edge.stopping)
    for each in asking:
        each.socket.sendall(each.rest)

    assert [(name, place) for name, place, _ in listening.events()][-1] == ("bye", "county:1")
    assert all(is_done(each.answer()) for each in asking)
    listening.close()
    eventually(lambda: windows() == MANY)
    stopped.wait()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


@pytest.mark.parametrize("is_known", [True, False], ids=["on a connection that was idle", "on a connection just made"])
def test_requests_that_nobody_has_looked_at_yet_are_answered(edge: Any, ask: Any, windows: Any, is_known: bool) -> None:
    """Those on idle connections, and those that waited to be let in, were hung up on."""
    asking = [ask(number) for number in range(MANY)] if is_known else []
    eventually(lambda: edge.connections >= len(asking))
    stopper = eventlet.spawn_after(0, edge.stop)
    asking += [] if is_known else [ask(number) for number in range(MANY)]
    for each in asking:
        each.socket.fd.sendall(each.first + each.rest)  # still nobody else has a turn
    assert not edge.stopping
    assert edge.connections == (MANY if is_known else 0)

    assert all(is_done(each.answer()) for each in asking)
    stopper.wait()
    eventually(lambda: windows() == MANY)


def test_a_stop_does_not_wait_for_connections_that_ask_for_nothing(edge: Any, ask: Any) -> None:
    idle = [ask(number) for number in range(MANY)]
    eventually(lambda: edge.connections == MANY)

    edge.stop()

    assert all(each.answer() == b"" for each in idle)
    assert edge.connections == 0
