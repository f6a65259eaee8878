"""The services as a program of a hall speaks to them: HTTP/1.1 on kept connections, a bearer token for each person.

It offers what ``eventing.client.Client`` offers to a benchmark, and says as little as a good client may: one write a
request, one connection for each request under way.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import eventlet
import msgspec
from eventlet.green import socket

from contracts.language import Caller, Command, Position, Query
from contracts.routes import Route, route_of
from eventing.client import Answer
from eventing.errors import OneThingError, Unavailable

TOKENS = "/development-issuer/token"
"""Where the development issuer gives programs their tokens."""
TIMEOUT = 30.0

KINDS = {403: "forbidden", 404: "not-found", 412: "stale", 429: "unavailable", 503: "unavailable"}
"""The branch of our errors that a status stands for; the others are refusals."""


class Received(msgspec.Struct, frozen=True):
    """An answer: its status, its headers by lower-case name, its body."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Problem(msgspec.Struct):
    code: str
    data: dict[str, Any] = {}


class Wires:
    """Kept connections to one address: as many as requests are under way at a time."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.place = (str(parts.hostname), int(parts.port or 80))
        self.host = parts.netloc
        self._free: list[Any] = []

    def send(self, method: str, target: str, headers: str, body: bytes = b"") -> Received:
        """One request and its answer. Raises Unavailable where the connection fails."""
        said = f"{method} {target} HTTP/1.1\r\nHost: {self.host}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        wire = self._kept() or self._connected()
        try:
            wire.sendall(said.encode("ascii") + body)
            received = _received(wire)
        except (OSError, ValueError) as error:
            wire.close()
            raise Unavailable(what="gateway", error=type(error).__name__) from error
        if received.headers.get("connection") == "close":
            wire.close()
        else:
            self._free.append(wire)
        return received

    def close(self) -> None:
        """Hangs up."""
        while self._free:
            self._free.pop().close()

    def _kept(self) -> Any:
        """A connection that was kept, and that the other side has not given up since; None where there is none."""
        while self._free:
            wire = self._free.pop()
            try:
                wire.fd.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:  # nothing came, not even its end
                return wire
            except OSError:
                pass
            wire.close()
        return None

    def _connected(self) -> Any:
        try:
            wire = socket.create_connection(self.place, timeout=TIMEOUT)
        except OSError as error:
            raise Unavailable(what="gateway", error=type(error).__name__) from error
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return wire


def _received(wire: Any) -> Received:
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        chunk = wire.recv(65536)
        if not chunk:
            raise ConnectionResetError
        data += chunk
    first, *lines = data[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body, length = data[end + 4 :], int(headers.get("content-length", 0))
    while len(body) < length:
        chunk = wire.recv(65536)
        if not chunk:
            raise ConnectionResetError
        body += chunk
    return Received(int(first.split(" ", 2)[1]), headers, body)


class OverHttp:
    """Speaks for one caller at a time; ``as_`` is the same connections for another."""

    def __init__(
        self,
        address: str,
        caller: Caller,
        *,
        issue: Callable[[str], str] | None = None,
        wires: Wires | None = None,
        tokens: dict[str, str] | None = None,
    ) -> None:
        self.address = address
        self.caller = caller
        self.wires = wires or Wires(address)
        self._issue = issue or self._asked
        """Who signs a person's token; the house's own development issuer, if nobody else does."""
        self._tokens: dict[str, str] = {} if tokens is None else tokens

    def as_(self, caller: Caller) -> "OverHttp":
        """The same connections, speaking for another person."""
        return OverHttp(self.address, caller, issue=self._issue, wires=self.wires, tokens=self._tokens)

    def command(self, command: Command, *, id: str, attempts: int = 1) -> Answer:
        """Sends a command. Raises the services' own errors, and Unavailable."""
        route = _route(type(command))
        target, body = _parts(route, command)
        headers = f"{self.authorized()}Idempotency-Key: {id}\r\nContent-Type: application/json\r\n"
        received = self._tried(attempts, route.method, target, headers, msgspec.json.encode(body))
        where = received.headers.get("onething-position", "").split("/")
        position = Position(where[0], int(where[1]), int(where[2])) if len(where) == 3 else None
        version = received.headers.get("etag", "").strip('"')
        return Answer(msgspec.json.decode(received.body), position, int(version) if version.isdigit() else None)

    def ask(self, query: Query, *, since: Sequence[Position] = (), attempts: int = 1) -> Any:
        """Asks a question. Raises the services' own errors, and Unavailable."""
        route = _route(type(query))
        target, rest = _parts(route, query)
        headers = self.authorized()
        if since:
            known = ",".join(f"{each.service}/{each.segment}/{each.position}" for each in since)
            headers += f"Onething-Since: {known}\r\n"
        body = b""
        if route.method == "GET":
            target += "?" + urlencode(rest, doseq=True) if rest else ""
        else:
            headers += "Content-Type: application/json\r\n"
            body = msgspec.json.encode(rest)
        return msgspec.json.decode(self._tried(attempts, route.method, target, headers, body).body)

    def _tried(self, attempts: int, method: str, target: str, headers: str, body: bytes) -> Received:
        pause = 0.1
        while True:
            attempts -= 1
            try:
                received = self.wires.send(method, target, headers, body)
                if received.status < 300:
                    return received
                raise _error(received)
            except Unavailable:
                if attempts <= 0:
                    raise
                eventlet.sleep(pause)
                pause = min(pause * 2, 2.0)

    def authorized(self) -> str:
        """The header with the caller's token."""
        known = self._tokens.get(self.caller.by)
        if known is None:
            known = self._tokens[self.caller.by] = f"Authorization: Bearer {self._issue(self.caller.by)}\r\n"
        return known

    def _asked(self, person: str) -> str:
        """A token of the development issuer, which gives one to whoever asks in somebody's name."""
        form = urlencode({"grant_type": "client_credentials", "client_id": person}).encode()
        asked = self.wires.send("POST", TOKENS, "Content-Type: application/x-www-form-urlencoded\r\n", form)
        if asked.status != 200:
            raise Unavailable(what="tokens", status=asked.status)
        return str(msgspec.json.decode(asked.body)["access_token"])


def _route(message: type[Command] | type[Query]) -> Route:
    route = route_of(message)
    if route is None:
        raise LookupError(f"{message.__name__} is not spoken over HTTP")
    return route


def _parts(route: Route, message: Any) -> tuple[str, dict[str, Any]]:
    fields = msgspec.to_builtins(message)
    path = route.path
    for name in route.named:
        path = path.replace(f"{{{name}}}", quote(str(fields.pop(name)), safe=""))
    return path, fields


def _error(received: Received) -> OneThingError:
    problem = msgspec.json.decode(received.body, type=_Problem)
    kind = KINDS.get(received.status, "refused")
    return OneThingError.from_data({"code": problem.code, "kind": kind, "data": problem.data})
