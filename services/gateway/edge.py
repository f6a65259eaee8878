"""The HTTP server: one socket, green threads, and limits that hold before any request is understood."""

import contextlib
import errno
import resource
import socket
from functools import lru_cache
from typing import Any

import eventlet
import eventlet.wsgi
import structlog
from eventlet.greenpool import GreenPool

from eventing.dependency import HostDependency
from eventing.settings import ConfigurationError, ConfigurationErrors, Settings
from gateway.limits import Seats, is_one_of, neighbourhood
from gateway.problems import RETRY_AFTER, TooManyConnections
from gateway.protocol import SILENCE, Protocol, refusal
from telemetry import metrics

CONNECTIONS = 20_000
"""Connections at a time; most of them wait for the live feed."""

GRACE = 5.0
"""Seconds that requests in hand may still take when the server stops."""

CALM = 0.1
"""Seconds after which somebody is let in again when the machine has no place for another connection."""

MOMENT = 0.001
"""Seconds in which everybody is there who has knocked before."""

BUSY = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  compared with, not listened on

log = structlog.get_logger(__name__)


class Server:
    """Listens where the settings say. Port 0 is any free port; ``port`` tells which."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stopping = False
        """Whether connections are being given up: who streams says so to his reader, and ends."""
        self._socket: Any = None
        self._server: Any = None
        self._accepting: Any = None
        self._pool: GreenPool = GreenPool(CONNECTIONS)
        self._connections: dict[Any, list[Any]] = {}
        self._seats = Seats(settings.http_connections_per_address)

    @property
    def port(self) -> int:
        """The port that is listened on; 0 before."""
        return int(self._socket.getsockname()[1]) if self._socket is not None else 0

    @property
    def address(self) -> str:
        """Where people of this machine find it."""
        host = self.settings.http_host
        return f"http://{'127.0.0.1' if host in EVERYWHERE else host}:{self.port}"

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return len(self._connections)

    def listen(self) -> None:
        """Takes the port. Raises ConfigurationErrors when it cannot be had."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        place = (self.settings.http_host, self.settings.http_port)
        try:
            self._socket = eventlet.listen(place, reuse_port=False, backlog=1024)
        except OSError as error:
            raise ConfigurationErrors((_not_to_be_had(*place, error),)) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def serve(self, application: Any) -> None:
        """Answers requests until stopped."""
        log.info("http is served", url=self.address)
        self._server = eventlet.wsgi.Server(
            self._socket,
            self._socket.getsockname(),
            _titled(application),
            environ={"onething.edge": self},
            protocol=Protocol,
            log_output=False,
            debug=False,
            socket_timeout=SILENCE,
        )
        self._server.capitalize_response_headers = False  # they are by ``_titled``
        self._accepting = eventlet.spawn(self._accept)
        with contextlib.suppress(eventlet.greenlet.GreenletExit):
            self._accepting.wait()

    def _accept(self) -> None:
        while not self.stopping:
            try:
                connected, address = self._socket.accept()
            except OSError as error:
                if self.stopping:
                    return
                if error.errno in BUSY:
                    log.warning("no place for another connection", open=self.connections)
                    eventlet.sleep(CALM)
                continue
            self._let_in(connected, address)

    def _let_in(self, connected: Any, address: Any) -> None:
        who = self._neighbour(address)
        if who and not self._seats.take(who):
            metrics.turned_away("gateway", "connections")
            _turn_away(connected)
            return
        connected.settimeout(SILENCE)
        connection = [address, connected, eventlet.wsgi.STATE_IDLE]
        self._connections[address] = connection
        self._pool.spawn_n(self._serve, connection, who)

    def _neighbour(self, address: Any) -> str:
        """Whose connection it is; nobody's where a proxy of ours brings those of many."""
        here = str(address[0])
        return "" if is_one_of(here, self.settings.http_proxies) else neighbourhood(here)

    def _let_in_all(self) -> None:
        """Those who have knocked already."""
        self._socket.settimeout(MOMENT)
        with contextlib.suppress(OSError):  # nobody waits any more
            while True:
                self._let_in(*self._socket.accept())

    def _serve(self, connection: list[Any], who: str) -> None:
        try:
            Protocol(connection, self._server)
        except OSError:  # whoever called has hung up or fallen silent
            pass
        except Exception:  # a connection that failed takes no other with it
            log.exception("connection failed")
        finally:
            self._connections.pop(connection[0], None)
            if who:
                self._seats.leave(who)
            with contextlib.suppress(OSError):
                connection[1].close()

    def stop(self) -> None:
        """Takes no new connection, lets whoever has asked be answered, and cuts what does not end."""
        self.stopping = True
        known = [*self._connections.values()]
        if self._accepting is not None:
            self._accepting.kill()
            self._let_in_all()
        if self._socket is not None:
            self._socket.close()
        for connection in known:
            if connection[2] == eventlet.wsgi.STATE_IDLE and not _is_asking(connection):
                _cut(connection)
        for connection in self._connections.values():
            connection[2] = eventlet.wsgi.STATE_CLOSE
        with eventlet.Timeout(GRACE, False):  # False: silently
            self._pool.waitall()
        for connection in [*self._connections.values()]:
            _cut(connection)


def _titled(application: Any) -> Any:
    """The application, with names of headers as people are used to read them; eventlet would make them every time."""

    def titled(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [(_title(name), value) for name, value in headers], exc_info)

        return application(environ, start)

    return titled


@lru_cache(maxsize=1000)
def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _not_to_be_had(host: str, port: int, error: OSError) -> ConfigurationError:
    match error.errno:
        case errno.EADDRINUSE:
            problem = f"port {port} of {host} is in use: another program, or another house, listens there"
        case errno.EACCES:
            problem = f"port {port} is not for everybody: take one above 1023"
        case _:
            problem = f"{host} cannot be listened on ({error.strerror})"
            return ConfigurationError("ONETHING_HTTP_HOST", problem, "127.0.0.1")
    return ConfigurationError("ONETHING_HTTP_PORT", problem, str(port + 1 if port > 1023 else 8080))


def _is_asking(connection: list[Any]) -> bool:
    """Whether something came that nobody has read yet."""
    with contextlib.suppress(OSError):
        return bool(connection[1].fd.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    return False


def _turn_away(connected: Any) -> None:
    """Says why, as far as the other side takes it at once, and hangs up: whoever has too many waits for nothing."""
    with contextlib.suppress(OSError):
        said = refusal(TooManyConnections.status, TooManyConnections.code, {"retry_after": RETRY_AFTER})
        connected.fd.send(said, socket.MSG_DONTWAIT)
        connected.shutdown(socket.SHUT_WR)
    with contextlib.suppress(OSError):
        connected.close()


def _cut(connection: list[Any]) -> None:
    with contextlib.suppress(OSError):
        connection[1].shutdown(socket.SHUT_RDWR)


class Edge(HostDependency):
    """Gives the gateway its server, which has its port before the service counts as started."""

    def make(self) -> Server:
        server = Server(self.host.settings)
        self.host.when_ready(server.listen)
        return server
