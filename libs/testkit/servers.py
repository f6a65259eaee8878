"""Real servers for one test run: private, on loopback, in a temporary directory, gone with the run.

`python -m testkit.servers missing` prints the line that installs what is not there; `… install` types it when
it may.
"""

import os
import re
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from testkit.process import LOOPBACK, NotReady, Process, ServiceProcess, free_port

__all__ = ["NotReady", "PostgreSQL", "RabbitMQ", "ServiceProcess", "free_port", "missing"]

_RABBITMQ = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server",
)
_EPMD = ("/usr/bin/epmd", "/usr/lib/erlang/bin/epmd", "/usr/lib/erlang/erts-*/bin/epmd")
_POSTGRES = ("/usr/lib/postgresql/*/bin/postgres", "/usr/local/pgsql/bin/postgres", "/usr/bin/postgres")


def _find(patterns: tuple[str, ...]) -> Path | None:
    """The first file of these patterns that is there, of the newest version where there are several."""

    def version(path: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", str(path))]

    for pattern in patterns:
        if found := sorted(Path("/").glob(pattern.lstrip("/")), key=version):
            return found[-1]
    return None


def missing() -> list[str]:
    """The Debian packages that the tests need and this machine does not have."""
    needed = {"rabbitmq-server": (_RABBITMQ, _EPMD), "postgresql": (_POSTGRES,)}
    return [package for package, files in needed.items() if not all(map(_find, files))]


def _needed(patterns: tuple[str, ...]) -> Path:
    path = _find(patterns)
    if path is None:
        raise NotReady(f"a server that the tests need is not installed; type:  {_line()}")
    return path


class _Server(ABC):
    """What both servers share: a directory of their own and the order of start, stop, kill and wipe."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix=f"onething-{type(self).__name__.lower()}-"))
        self.data = self.directory / "data"
        self.port = free_port()

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether the server runs now."""

    @abstractmethod
    def start(self) -> Self:
        """Starts on the same port as ever and returns when clients are served."""

    @abstractmethod
    def stop(self) -> None:
        """Asks the server to end and waits; nothing happens when it does not run."""

    @abstractmethod
    def kill(self) -> None:
        """Ends the server at this instant (signal 9), as a power cut would."""

    def wipe(self) -> None:
        """Deletes all that a stopped server remembers: the next start is a first start."""
        if self.running:
            raise NotReady("stop or kill the server before its data are wiped")
        shutil.rmtree(self.data, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


class RabbitMQ(_Server):
    """A RabbitMQ node with an Erlang port mapper of its own; `uri` stays the same over restarts."""

    def __init__(self) -> None:
        epmd, rabbitmq_server = _needed(_EPMD), _needed(_RABBITMQ)
        super().__init__()
        self.uri = f"amqp://guest:guest@{LOOPBACK}:{self.port}//"
        home = self.directory
        configuration = home / "rabbitmq.conf"
        configuration.write_text(
            f"listeners.tcp.local = {LOOPBACK}:{self.port}\n"
            "vm_memory_high_watermark.absolute = 1GB\n"
            "disk_free_limit.absolute = 50MB\n"
        )
        (home / "enabled_plugins").write_text("[].\n")
        (home / "environment").touch()
        epmd_port = str(free_port())
        environment = {
            "HOME": str(home),
            "ERL_EPMD_PORT": epmd_port,
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": f"onething-{secrets.token_hex(4)}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self.data),
            "RABBITMQ_LOG_BASE": str(home),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(configuration),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "environment"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "detached": "1",  # the start script then becomes the server, instead of waiting beside it
        }
        self._epmd = Process(
            [str(epmd), "-port", epmd_port, "-address", LOOPBACK],
            home / "epmd.log",
            env=environment,
            directory=home,
        )
        self._node = Process([str(rabbitmq_server)], home / "rabbitmq.log", env=environment, directory=home)

    @property
    def running(self) -> bool:
        return self._node.running

    def start(self) -> Self:
        if not self._epmd.running:
            self._epmd.start()
        self._node.start().wait_until(self._greets, timeout=60)
        return self

    def stop(self) -> None:
        self._node.terminate(timeout=30)
        self._epmd.kill9()

    def kill(self) -> None:
        self._node.kill9()
        self._epmd.kill9()

    def _greets(self) -> bool:
        """An AMQP broker answers the protocol header with a method frame: `connection.start`."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False


class PostgreSQL(_Server):
    """A PostgreSQL cluster with fsync on, trusting its only user, `onething`, on loopback."""

    def __init__(self) -> None:
        postgres = _needed(_POSTGRES)
        super().__init__()
        self._programs = postgres.parent
        self._user = _unprivileged() if os.geteuid() == 0 else ""
        if self._user:
            shutil.chown(self.directory, self._user)
        settings = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": str(self.directory),
            "max_connections": "300",
            "fsync": "on",
        }
        self._postmaster = self._process(
            "postgres",
            *("-D", str(self.data), "-p", str(self.port)),
            *(argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")),
        )

    @property
    def running(self) -> bool:
        return self._postmaster.running

    def start(self) -> Self:
        if not self.data.exists():
            self._run("initdb", "-D", str(self.data), "-U", "onething", "-A", "trust", "-E", "UTF8", "--no-locale")
        self._postmaster.start().wait_until(self._accepts, timeout=60)
        return self

    def stop(self) -> None:
        self._postmaster.signal(signal.SIGINT, timeout=60)  # "fast": open transactions are rolled back

    def kill(self) -> None:
        if not self.running:
            return
        children = _children(self._postmaster.pid)
        self._postmaster.kill9()
        for child in children:  # they leave by themselves; the data are not free before the last has gone
            _end(child)
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # its number may be another program's by the next start

    def create_database(self, name: str) -> str:
        """Makes an empty database and returns its SQLAlchemy URL."""
        self._run("createdb", "-h", LOOPBACK, "-p", str(self.port), "-U", "onething", name)
        return f"postgresql+psycopg://onething@{LOOPBACK}:{self.port}/{name}"

    def _accepts(self) -> bool:
        ask = [str(self._programs / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port)]
        return subprocess.run(ask, check=False).returncode == 0

    def _process(self, program: str, *arguments: str) -> Process:
        # SIGQUIT is the server's immediate shutdown: it leaves no shared memory behind
        argv = [str(self._programs / program), *arguments]
        return Process(
            argv,
            self.directory / "postgresql.log",
            env={"LC_ALL": "C"},
            directory=self.directory,
            user=self._user,
            death_signal=signal.SIGQUIT,
        )

    def _run(self, program: str, *arguments: str) -> None:
        process = self._process(program, *arguments).start()
        process.wait_until(lambda: process.returncode == 0, timeout=60)


def _unprivileged() -> str:
    """The account for a server that refuses root."""
    accounts = {line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return "postgres" if "postgres" in accounts else "nobody"


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _end(pid: int) -> None:
    """Kills a process that is nobody's child here any more, and waits until it has ended (a zombie has)."""
    with suppress(ProcessLookupError):
        watch = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(watch, signal.SIGKILL)
            select.select([watch], [], [], 10)
        finally:
            os.close(watch)


def _line(packages: list[str] | None = None) -> str:
    return f"sudo apt-get install --yes --no-install-recommends {' '.join(packages or missing())}"


@contextmanager
def _services_left_alone() -> Iterator[None]:
    """Debian starts a server when it installs one; the tests bring their own, so it is told not to."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def _install(packages: list[str]) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _services_left_alone():
        subprocess.run(["apt-get", "update"], check=True, env=quiet, stdin=subprocess.DEVNULL)
        line = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
        subprocess.run(line, check=True, env=quiet, stdin=subprocess.DEVNULL)


def main(verb: str = "missing") -> int:
    """`missing` names what is not installed, `install` installs it when it may; 0 says that all is there."""
    packages = missing()
    if packages and verb == "install" and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing for the tests: {', '.join(packages)}", flush=True)
        _install(packages)
        packages = missing()
    if packages:
        print(f"The tests need {' and '.join(packages)}. Type:\n\n    {_line(packages)}\n", file=sys.stderr)
    return 1 if packages else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
