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

from testkit import linters
from testkit.process import LOOPBACK, NotReady, Process, ServiceProcess, free_port

__all__ = ["NotReady", "PostgreSQL", "RabbitMQ", "ServiceProcess", "chromium", "free_port", "missing"]

_RABBITMQ = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server",
)
_EPMD = ("/usr/bin/epmd", "/usr/lib/erlang/bin/epmd", "/usr/lib/erlang/erts-*/bin/epmd")
_COOKIE = ".erlang.cookie"
"""What nodes of one broker know of each other; the first start makes it."""
_CHROMIUM = (
    "/usr/bin/chromium-headless-shell",
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/usr/bin/google-chrome",
)
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
    needed = {
        "rabbitmq-server": (_RABBITMQ, _EPMD),
        "postgresql": (_POSTGRES,),
        "chromium-headless-shell": (_CHROMIUM,),
    }
    programs = {"nodejs": "node", "npm": "npm", "openssl": "openssl", "poppler-utils": "pdfsig"}
    return [
        *(package for package, files in needed.items() if not all(map(_find, files))),
        *(package for package, program in programs.items() if shutil.which(program) is None),
    ]


def chromium() -> Path:
    """The browser of this machine, for tests of pages; raises NotReady where there is none."""
    return _needed(_CHROMIUM)


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
    """A RabbitMQ node with an Erlang port mapper of its own; `uri` stays the same over restarts.

    With an `identity`, a file with a key and a certificate, it is spoken to over TLS at `tls_uri`, too. With a
    `metrics_port` Prometheus may ask it. It can `join` a node that it was made `beside`.
    """

    _environment: dict[str, str]

    def __init__(
        self, identity: Path | None = None, *, metrics_port: int = 0, beside: "RabbitMQ | None" = None
    ) -> None:
        epmd, rabbitmq_server = _needed(_EPMD), _needed(_RABBITMQ)
        super().__init__()
        self.uri = f"amqp://guest:guest@{LOOPBACK}:{self.port}//"
        self.tls_port = free_port() if identity else 0
        self.tls_uri = f"amqps://guest:guest@{LOOPBACK}:{self.tls_port}//"
        home = self.directory
        configuration = home / "rabbitmq.conf"
        configuration.write_text(
            f"listeners.tcp.local = {LOOPBACK}:{self.port}\n"
            "vm_memory_high_watermark.absolute = 1GB\n"
            "disk_free_limit.absolute = 50MB\n"
        )
        if identity:
            shown = shutil.copy(identity, home / "identity.pem")
            with configuration.open("a") as more:
                more.write(
                    f"listeners.ssl.local = {LOOPBACK}:{self.tls_port}\n"
                    f"ssl_options.certfile = {shown}\nssl_options.keyfile = {shown}\n"
                )
        if metrics_port:
            with configuration.open("a") as more:
                more.write(f"prometheus.tcp.ip = {LOOPBACK}\nprometheus.tcp.port = {metrics_port}\n")
        (home / "enabled_plugins").write_text(f"[{'rabbitmq_prometheus' if metrics_port else ''}].\n")
        (home / "environment").touch()
        if beside:
            shutil.copy(beside.directory / _COOKIE, home)
        epmd_port = beside._environment["ERL_EPMD_PORT"] if beside else str(free_port())
        self._environment = environment = {
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
        self._beside = beside
        self._epmd = Process(
            [str(epmd), "-port", epmd_port, "-address", LOOPBACK],
            home / "epmd.log",
            env=environment,
            directory=home,
        )
        self._node = Process([str(rabbitmq_server)], home / "rabbitmq.log", env=environment, directory=home)
        self._control = rabbitmq_server.with_name("rabbitmqctl")

    @property
    def running(self) -> bool:
        return self._node.running

    def start(self) -> Self:
        if not self._beside and not self._epmd.running:
            self._epmd.start()
        self._node.start().wait_until(self._greets, timeout=600)
        return self

    def stop(self) -> None:
        self._node.terminate(timeout=30)
        self._epmd.kill9()

    def kill(self) -> None:
        self._node.kill9()
        self._epmd.kill9()

    def join(self) -> None:
        """Becomes one broker with the node that it was made beside."""
        assert self._beside
        self.control("stop_app")
        self.control("join_cluster", self._beside._environment["RABBITMQ_NODENAME"])
        self.control("start_app")

    def control(self, *arguments: str) -> str:
        """What `rabbitmqctl` with these arguments prints; raises NotReady where it does not end well."""
        done = subprocess.run(
            [str(self._control), "--node", self._environment["RABBITMQ_NODENAME"], *arguments],
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotReady(f"rabbitmqctl {arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def _greets(self) -> bool:
        """An AMQP broker answers the protocol header with a method frame: `connection.start`."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False


class PostgreSQL(_Server):
    """A PostgreSQL cluster with fsync on, trusting its only user, `onething`, on loopback.

    With an `identity`, a file with a key and a certificate, it speaks TLS to those who ask for it.
    """

    def __init__(self, identity: Path | None = None) -> None:
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
        if identity:
            shown = self.directory / "identity.pem"
            shutil.copy(identity, shown)
            shown.chmod(0o600)
            if self._user:
                shutil.chown(shown, self._user)
            settings |= {"ssl": "on", "ssl_cert_file": str(shown), "ssl_key_file": str(shown)}
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
        self._postmaster.start().wait_until(self._accepts, timeout=600)
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

    def follow(self, primary: "PostgreSQL", name: str) -> None:
        """Begins with a copy of a server that runs, to be its standby of this name."""
        self._copy(primary, self.data, "--write-recovery-conf", name=name)

    def back_up(self) -> Path:
        """A copy of this server that runs, in a folder of its own; returns where."""
        place = self.directory / "backups" / secrets.token_hex(4)
        self._copy(self, place)
        return place

    def _copy(self, server: "PostgreSQL", place: Path, *more: str, name: str = "copy") -> None:
        conninfo = f"host={LOOPBACK} port={server.port} user=onething application_name={name}"
        self._run("pg_basebackup", "-d", conninfo, "-D", str(place), "--checkpoint=fast", *more)

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
        process.wait_until(lambda: process.returncode == 0, timeout=600)


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
        return 1
    if verb == "install":
        linters.install()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
