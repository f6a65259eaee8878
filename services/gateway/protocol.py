"""HTTP/1.1 on one connection, with bounds on everything that may be sent: bytes, lines, and above all time.

eventlet's protocol bounds the silence between two bytes; here the whole of a request's head and the whole of its
body have their time, so that a client that dribbles is cut. What cannot be read at all is answered with a problem
like everything else, and the connection ends.
"""

import re
from collections.abc import Callable
from time import monotonic
from typing import Any

import eventlet
import msgspec
from eventlet import wsgi

from contracts.problems import MEDIA_TYPE
from gateway.problems import TooSlow, problem

SILENCE = 30.0
"""Seconds that a connection may say nothing while it sends or takes something."""
IDLE = 75.0
"""Seconds between two requests on a connection."""
HEAD_TIME = 10.0
"""Seconds from the first byte of a request to the end of its headers."""
BODY_TIME = 30.0
"""Seconds that any body may take …"""
SLOWEST = 16 * 1024
"""… and more for a larger one: bytes in a second that are the least."""
LONGEST_ADDRESS = 8192
MOST_HEADERS = 100
LEFTOVER = 64 * 1024 * 1024
"""Bytes of a refused body that are read and thrown away, so that the sender gets to read why."""
LEFTOVER_TIME = 10.0


VERSIONS = ("HTTP/1.0", "HTTP/1.1")
END = (b"\r\n", b"\n")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE = re.compile(rf"({_TOKEN.pattern}) ([^\x00-\x20\x7f]+) (HTTP/[0-9]\.[0-9])")
_BROKEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""Characters that end a line for some readers, a word or a text, and for others do not."""
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[^\x00\r\n]*)?\r\n")


class Headers:
    """The headers of a request in their order; each is found by its name in any case."""

    def __init__(self, said: list[tuple[str, str]]) -> None:
        self._headers = said
        """As eventlet reads them."""
        self._by_name: dict[str, list[str]] = {}
        for name, value in said:
            self._by_name.setdefault(name.lower(), []).append(value)

    def get(self, name: str, default: Any = None) -> Any:
        """The first of this name."""
        found = self._by_name.get(name.lower())
        return found[0] if found else default

    def get_all(self, name: str, default: Any = None) -> Any:
        """All of this name."""
        return self._by_name.get(name.lower(), default)

    @staticmethod
    def get_content_type() -> str:
        """What a body is taken for of which nothing is said."""
        return "text/plain"


class Body(wsgi.Input):
    """A request's body, which has so many seconds to arrive in."""

    chunk_length: int
    """-1 before the first chunk, 0 behind the last."""
    position: int
    """In the chunk, or in a body of a known length."""

    def __init__(self, *arguments: Any, protocol: "Protocol", **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.protocol = protocol
        self.ends_at = monotonic() + BODY_TIME + (self.content_length or 0) / SLOWEST

    def read(self, length: int | None = None) -> bytes:
        """Up to so many bytes. Raises TooSlow when the time is over, OSError when the sender has gone."""
        if not self.chunked_input and self.position >= (self.content_length or 0):
            return b""
        return self._in_time(super().read, length)

    def readline(self, size: int | None = None) -> bytes:
        """A line, in the same time."""
        return self._in_time(super().readline, size)

    def discard(self, buffer_size: int = 64 * 1024) -> None:
        """Throws away what nobody has read; of what is too much, the connection ends."""
        self.ends_at = min(self.ends_at, monotonic() + LEFTOVER_TIME)
        thrown = 0
        try:
            while chunk := self.read(buffer_size):
                thrown += len(chunk)
                if thrown > LEFTOVER:
                    self.protocol.close_connection = True
                    return
        except (TooSlow, ValueError, OSError):
            self.protocol.close_connection = True

    def _chunked_read(self, rfile: Any, length: int | None = None, use_readline: bool = False) -> bytes:
        """Of chunks to the letter (RFC 9112 7.1); eventlet's reader goes further. Raises ValueError, OSError."""
        if self.should_send_hundred_continue:
            self.send_hundred_continue_response()
            self.is_hundred_continue_response_sent = True
        reader = rfile.readline if use_readline else rfile.read
        left = length if length is not None and length >= 0 else None
        found = []
        while left != 0 and self._is_in_chunk(rfile):
            rest = self.chunk_length - self.position
            data = reader(rest if left is None else min(rest, left))
            if not data:
                raise OSError("the body breaks off")
            found.append(data)
            self.position += len(data)
            left = left if left is None else left - len(data)
            if use_readline and data.endswith(b"\n"):
                break
        return b"".join(found)

    def _is_in_chunk(self, rfile: Any) -> bool:
        """Whether more of the body comes; behind a chunk the next one begins. Raises ValueError."""
        if self.chunk_length > self.position:
            return True
        if self.chunk_length == 0:
            return False
        if self.chunk_length > 0 and rfile.read(2) != b"\r\n":
            raise ValueError("a chunk of another length")
        line = _CHUNK.fullmatch(rfile.readline(wsgi.MAX_HEADER_LINE))
        if line is None:
            raise ValueError("no length of a chunk")
        self.chunk_length, self.position = int(line[1], 16), 0
        if self.chunk_length == 0:
            self._discard_trailers(rfile)
        return self.chunk_length > 0

    def _discard_trailers(self, rfile: Any) -> None:
        for _ in range(MOST_HEADERS):
            line = rfile.readline(wsgi.MAX_HEADER_LINE)
            if line == b"\r\n":
                return
            if not line.endswith(b"\r\n"):
                break
        raise ValueError("trailers without end")

    def _in_time(self, reader: Callable[[int | None], bytes], length: int | None) -> bytes:
        late = eventlet.Timeout(max(self.ends_at - monotonic(), 0.001))
        try:
            return reader(length)
        except eventlet.Timeout as timeout:
            if timeout is not late:
                raise
            self.protocol.close_connection = True
            raise TooSlow from None
        except (OSError, ValueError):
            self.protocol.close_connection = True
            raise
        finally:
            late.cancel()


class Protocol(wsgi.HttpProtocol):
    """The requests of one connection."""

    conn_state: list[Any]
    rfile: Any
    _is_last = False

    @property
    def close_connection(self) -> bool:
        """Whether the connection ends after this request; when the server stops, its answer says so."""
        return self._is_last or self.conn_state[2] == wsgi.STATE_CLOSE

    @close_connection.setter
    def close_connection(self, is_last: Any) -> None:
        self._is_last = bool(is_last)

    def handle_one_request(self) -> None:
        """Reads a request's head in its time, and has it answered."""
        self.protocol_version = "HTTP/1.1"
        if not self._awaited():
            return
        if self.conn_state[2] == wsgi.STATE_IDLE:
            self.conn_state[2] = wsgi.STATE_REQUEST
        late = eventlet.Timeout(HEAD_TIME)
        try:
            readable = self._read_head()
        except eventlet.Timeout as timeout:
            if timeout is not late:
                raise
            self._refuse(408, "too-slow")
            return
        finally:
            late.cancel()
        if not readable:
            return
        self.environ = self.get_environ()
        self.application = self.server.app
        self.server.outstanding_requests += 1
        try:
            self.handle_one_response()
        finally:
            self.server.outstanding_requests -= 1

    def finish(self) -> None:
        """Hangs up. Whoever has vanished cannot be told, and what reads them would hold the socket open."""
        try:
            super().finish()
        finally:
            self.rfile.close()
            self.connection.close()

    def _awaited(self) -> bool:
        """Waits for the first byte of the next request; False when there will be none."""
        self.connection.settimeout(IDLE)
        try:
            coming = bool(self.rfile.peek(1))
        except (OSError, ValueError):
            coming = False
        if not coming:
            self.close_connection = True
            return False
        self.connection.settimeout(SILENCE)
        return True

    def _read_head(self) -> bool:
        self.raw_requestline = self.rfile.readline(LONGEST_ADDRESS)
        if len(self.raw_requestline) >= LONGEST_ADDRESS:
            return self._refuse(414, "too-large")
        whole = self.rfile
        self.rfile = wsgi.FileObjectForHeaders(whole)
        try:
            return self.parse_request() and self._is_framed()
        except (wsgi.HeaderLineTooLong, wsgi.HeadersTooLarge):
            return self._refuse(431, "too-large")
        finally:
            self.rfile = whole

    def parse_request(self) -> bool:
        """The request line and the headers, to the letter (RFC 9112). What the standard library takes for them goes
        further, and costs a tenth of a request."""
        self.command, self.request_version, self.close_connection = None, self.default_request_version, True
        self.requestline = _unended(self.raw_requestline)
        if not self.requestline:
            return False
        line = _LINE.fullmatch(self.requestline)
        if line is None:
            return self._refuse(400, "bad-request", "head")
        self.command, path, version = line.groups()
        if version not in VERSIONS:
            return self._refuse(505, "bad-request", "head")
        self.request_version = version
        self.path = "/" + path.lstrip("/") if path.startswith("//") else path  # else it would be another's address
        headers = self._headers()
        if headers is None:
            return False
        self.headers = headers
        wish = headers.get("connection", "").lower()
        self.close_connection = wish == "close" or (version == VERSIONS[0] and wish != "keep-alive")
        return True

    def _headers(self) -> "Headers | None":
        """The headers; None where they were refused, or broke off."""
        said: list[tuple[str, str]] = []
        while (line := self.rfile.readline(wsgi.MAX_HEADER_LINE)) not in END:
            name, colon, value = _unended(line).partition(":")
            if not line:
                self.close_connection = True
                return None
            if not colon or not _TOKEN.fullmatch(name) or _BROKEN.search(value):
                self._refuse(400, "bad-request", "head")
                return None
            said.append((name, value.strip(" \t")))
            if len(said) > MOST_HEADERS:
                self._refuse(431, "too-large")
                return None
        return Headers(said)

    def _is_framed(self) -> bool:
        """Whether it is certain where the body ends: what two readers could cut in two ways is refused."""
        lengths = {*self.headers.get_all("content-length", ())}
        codings = [each.lower() for each in self.headers.get_all("transfer-encoding", ())]
        if len(lengths) > 1 or not all(each.isascii() and each.isdigit() and len(each) < 19 for each in lengths):
            return self._refuse(400, "bad-request", "content-length")
        if codings and (codings != ["chunked"] or lengths or self.request_version != "HTTP/1.1"):
            return self._refuse(400, "bad-request", "transfer-encoding")
        if self.request_version == "HTTP/1.1" and len(self.headers.get_all("host", ())) != 1:
            return self._refuse(400, "bad-request", "host")
        return True

    def get_environ(self) -> dict[str, Any]:
        """WSGI's environment, with a body that has its time."""
        environ: dict[str, Any] = super().get_environ()
        given = environ["wsgi.input"]
        environ["wsgi.input"] = environ["eventlet.input"] = Body(
            given.rfile,
            given.content_length,
            self.connection,
            wfile=given.wfile,
            wfile_line=given.wfile_line,
            chunked_input=given.chunked_input,
            protocol=self,
        )
        return environ

    def _refuse(self, status: int, code: str, reason: str = "") -> bool:
        """Answers what cannot be read, and ends the connection."""
        self.close_connection = True
        self.wfile.write(refusal(status, code, {"reason": reason} if reason else {}))
        self.wfile.flush()
        return False


def _unended(line: bytes) -> str:
    """A line without the one end that it has."""
    return line.removesuffix(b"\n").removesuffix(b"\r").decode("latin-1")


def refusal(status: int, code: str, data: dict[str, Any]) -> bytes:
    """A whole answer for what is not read: a problem, after which the connection ends."""
    body = msgspec.json.encode(problem(code, status, "zh", data, ""))
    again = f"Retry-After: {data['retry_after']}\r\n" if "retry_after" in data else ""
    head = (
        f"HTTP/1.1 {status} {wsgi.BaseHTTPServer.BaseHTTPRequestHandler.responses.get(status, ('',))[0]}\r\n"
        f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\nCache-Control: no-store\r\n{again}"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
