"""Somebody who subscribes over a real socket, and remembers what came."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import eventlet


class Refused(Exception):
    """The gateway answered with something else than a stream."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status}: {body!r}")
        self.status, self.body = status, body


class Stream:
    """One connection to a feed: events as (event, id, data)."""

    def __init__(self, port: int, path: str, *, headers: dict[str, str] | None = None, timeout: float = 20.0) -> None:
        self._pending = b""
        self.socket = eventlet.connect(("127.0.0.1", port))
        self.socket.settimeout(timeout)
        try:
            self._ask(path, headers or {})
        except BaseException:
            self.close()
            raise

    def _ask(self, path: str, headers: dict[str, str]) -> None:
        lines = [f"GET {path} HTTP/1.1", "Host: test", *(f"{name}: {value}" for name, value in headers.items())]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.status = int(self._line().split()[1])
        self.headers: dict[str, str] = {}
        while line := self._line():
            name, _, value = line.decode().partition(":")
            self.headers[name.strip().lower()] = value.strip()
        if self.status != 200:
            raise Refused(self.status, self.body())

    def body(self) -> bytes:
        """An answer that has an end."""
        return self._exactly(int(self.headers.get("content-length", 0)))

    def _more(self) -> None:
        read = self.socket.recv(65_536)
        if not read:
            raise ConnectionResetError("the other side hung up")
        self._pending += read

    def _line(self) -> bytes:
        while b"\r\n" not in self._pending:
            self._more()
        line, _, self._pending = self._pending.partition(b"\r\n")
        return line

    def _exactly(self, size: int) -> bytes:
        while len(self._pending) < size:
            self._more()
        read, self._pending = self._pending[:size], self._pending[size:]
        return read

    def chunks(self) -> Iterator[bytes]:
        """The body, chunk by chunk, until it ends."""
        while size := int(self._line(), 16):
            yield self._exactly(size)
            self._line()

    def events(self) -> Iterator[tuple[str, str, Any]]:
        """Every event; comments and the time to wait are no events."""
        pending = b""
        for chunk in self.chunks():
            pending += chunk
            *blocks, pending = pending.split(b"\n\n")
            for block in blocks:
                fields = dict(line.split(": ", 1) for line in block.decode().split("\n") if not line.startswith(":"))
                if "event" in fields:
                    yield fields["event"], fields.get("id", ""), json.loads(fields["data"])

    def close(self) -> None:
        """Hangs up."""
        self.socket.close()


def signed_in(roles: str = "auditor", **caller: Any) -> dict[str, str]:
    """Headers of somebody, for gateways under test."""
    return {"Authorization": f"Bearer {bearer(roles, **caller)}"}


def bearer(roles: str, **caller: Any) -> str:
    """What such a gateway believes."""
    return quote(json.dumps({"by": "li", "roles": roles.split(), **caller}))
