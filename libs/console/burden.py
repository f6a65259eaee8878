"""What a run costs: CPU by process, bytes and facts by service."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from console.services import SERVICES
from console.standing import standing
from console.upkeep import opened
from eventing.client import Client
from eventing.errors import Unavailable
from eventing.settings import Settings
from eventing.store import Store

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
PORTS = {"amqp": 5672, "amqps": 5671, "postgresql+psycopg": 5432}


class Measured(Struct, frozen=True):
    """Totals since the beginning: CPU seconds by process, bytes and facts by service."""

    cpu: dict[str, float]
    stored: dict[str, int]
    facts: dict[str, int]

    def __sub__(self, before: "Measured") -> "Measured":
        """What came in between."""
        return Measured(
            cpu={name: value - before.cpu.get(name, 0.0) for name, value in self.cpu.items()},
            stored={name: value - before.stored.get(name, 0) for name, value in self.stored.items()},
            facts={name: value - before.facts.get(name, 0) for name, value in self.facts.items()},
        )

    @property
    def stored_total(self) -> int:
        """Bytes in all databases."""
        return sum(self.stored.values())

    def cpu_ms(self, cases: int) -> dict[str, float]:
        """CPU milliseconds of a case, by process and in total."""
        return _each(self.cpu, lambda seconds: round(seconds * 1000 / cases, 2))

    def bytes(self, cases: int) -> dict[str, float]:
        """Bytes of a case, by service and in total."""
        return _each(self.stored, lambda stored: round(stored / cases))

    def facts_each(self, cases: int) -> dict[str, float]:
        """Facts of a case, by service and in total."""
        return _each(self.facts, lambda facts: round(facts / cases, 2))


class Burden:
    """Looks at processes and databases. Local brokers and databases are found by the ports they listen on."""

    def __init__(self, settings: Settings, pids: Mapping[str, int]) -> None:
        self.settings = settings
        self.pids = dict(pids)
        for name, address in (("broker", settings.amqp_uri), ("database", settings.database_url)):
            pid = _local_server(address.split(";")[0])
            if pid is not None:
                self.pids.setdefault(name, pid)

    def measured(self, client: Client) -> Measured:
        """All totals now."""
        heads = {each["service"]: sum(each.get("heads", {}).values()) for each in standing(client)}
        return Measured(cpu=self._cpu(), stored=self._stored(), facts=heads)

    def _cpu(self) -> dict[str, float]:
        times, children = _processes()
        return {
            # the services that a benchmark starts are its children, but not its own work
            name: sum(times.get(each, 0.0) for each in ([pid] if pid == os.getpid() else _family(pid, children)))
            for name, pid in self.pids.items()
        }

    def _stored(self) -> dict[str, int]:
        stored: dict[str, int] = {}
        seen: set[str] = set()
        for name in SERVICES:
            url = self.settings.database_url_for(name)
            if url in seen:
                continue
            seen.add(url)
            with suppress(Unavailable), opened(self.settings, name) as store:
                stored[name] = _size(store)
        return stored


def _size(store: Store) -> int:
    with store.reading() as connection:
        if not store.sqlite:
            size: int = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
            return size
        # what still lies in the write-ahead log would be counted twice, or not at all
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    path = Path(store.url.removeprefix("sqlite:///"))
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))


def _each(values: Mapping[str, float], share: Callable[[float], float]) -> dict[str, float]:
    return {
        "total": share(sum(values.values())),
        **{name: share(value) for name, value in values.items() if value},
    }


def _processes() -> tuple[dict[int, float], dict[int, list[int]]]:
    """pid → CPU seconds, those of its ended and awaited children included; pid → its living children."""
    times: dict[int, float] = {}
    children: dict[int, list[int]] = {}
    for directory in PROC.glob("[0-9]*"):
        with suppress(OSError):
            # the name in brackets may hold blanks and brackets itself
            fields = (directory / "stat").read_text().rpartition(")")[2].split()
            pid = int(directory.name)
            times[pid] = sum(map(int, fields[11:15])) / TICK
            children.setdefault(int(fields[1]), []).append(pid)
    return times, children


def _family(pid: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    yield pid
    for child in children.get(pid, ()):
        yield from _family(child, children)


def _local_server(address: str) -> int | None:
    """The process that listens here at the port of the address; None if there is none, or no telling."""
    parts = urlsplit(address)
    port = parts.port or PORTS.get(parts.scheme)
    if port is None or parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        return None
    inodes = {
        fields[9]
        for table in ("tcp", "tcp6")
        for line in (PROC / "net" / table).read_text().splitlines()[1:]
        if (fields := line.split())[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port
    }
    for directory in PROC.glob("[0-9]*"):
        with suppress(OSError):
            for handle in (directory / "fd").iterdir():
                found = re.fullmatch(r"socket:\[(\d+)\]", str(handle.readlink()))
                if found and found[1] in inodes:
                    return int(directory.name)
    return None
