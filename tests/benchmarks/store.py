"""What the store carries: ``python tests/benchmarks/store.py [postgresql+psycopg://…]`` — else SQLite.

Reports saves and commands a second by batch, replayed facts a second of a real case's streams, and facts a second
shipped from one service's log to another's position through a broker in the process. It reports and asserts nothing.
"""

import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services")]

from eventing import green

green.patch()

import msgspec
import structlog

from console.services import SERVICES, service
from contracts.language import Caller, Note, Request
from eventing import mapper
from eventing.engine import Engine
from eventing.parking import Followed
from eventing.prepare import prepare
from eventing.store import Store
from testkit.toy import AddBeads, MirrorDeclarations, ToyDeclarations

SECONDS = 2.0


def rate(step: Callable[[], int]) -> float:
    """Steps a second, counted by what each step says it did."""
    done, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < SECONDS:
        done += step()
    return done / spent


def commands(engine: Engine, batch: int) -> float:
    """Commands a second that create one stream each, decided and committed in batches."""

    def step() -> int:
        requests = [
            Request(
                verb="add_beads",
                id=str(uuid.uuid4()),
                body=msgspec.Raw(msgspec.json.encode(AddBeads(case_id=str(uuid.uuid4()), count=1))),
                caller=Caller(by="benchmark", roles=("service",)),
            )
            for _ in range(batch)
        ]
        engine.decide(requests)
        return batch

    return rate(step)


def following(source: Store, engine: Engine) -> float:
    """Facts a second from a stored log into a follower's own facts, rows and positions."""
    sections = []
    for segment in range(16):
        facts = source.read_log(segment, 0, 2000)
        notes = [Note(f.position, f.stream, f.version, f.topic, f.state) for f in facts]
        for start in range(0, len(notes), 400):
            part = notes[start : start + 400]
            prev = part[0].position - 1
            sections.append(Followed("toy", segment, prev, part[-1].position, part))
    began, done = time.perf_counter(), 0
    for section in sections:
        engine.react([section])
        done += len(section.notes)
    return done / (time.perf_counter() - began)


def replaying() -> float:
    """Facts a second decoded from their stored bytes and folded into aggregates, over all golden streams."""
    streams: list[tuple[Any, Sequence[tuple[str, bytes]]]] = []
    classes = {name: service(name) for name in SERVICES}
    for path in sorted((ROOT / "tests" / "golden" / "streams").glob("*/*.json")):
        facts = msgspec.json.decode(path.read_bytes())["facts"]
        ordered = sorted(facts, key=lambda fact: (fact["service"], fact["version"]))
        for name, group in groupby(ordered, key=lambda fact: fact["service"]):
            stored = [(f["topic"], msgspec.convert(f["state"], bytes, strict=False)) for f in group]
            first = mapper.decode(*stored[0])
            kind = next(k for k in classes[name].aggregates if type(first) in k.facts())
            streams.append((kind, stored))

    def step() -> int:
        for kind, stored in streams:
            kind.replay("x", [mapper.decode(topic, state) for topic, state in stored])
        return sum(len(stored) for _, stored in streams)

    return rate(step)


def main(url: str) -> None:
    """Prints a table."""
    structlog.configure(processors=[lambda *_: ""], logger_factory=structlog.ReturnLoggerFactory())
    with tempfile.TemporaryDirectory() as folder:
        where = {
            name: url.format(service=name) if url else f"sqlite:///{folder}/{name}.db" for name in ("toy", "mirror")
        }
        toy, mirror = Store("toy", where["toy"]), Store("mirror", where["mirror"])
        prepare(ToyDeclarations, toy)
        prepare(MirrorDeclarations, mirror)
        lane = Engine(ToyDeclarations(), toy, lambda: datetime.now(UTC))
        follower = Engine(MirrorDeclarations(), mirror, lambda: datetime.now(UTC))
        print(f"database                      {toy._engine.dialect.name}")
        for batch in (1, 10, 100):
            print(f"commands/s, batches of {batch:<4}   {commands(lane, batch):>12,.0f}")
        print(f"facts/s followed and saved    {following(toy, follower):>12,.0f}")
        print(f"facts/s replayed in memory    {replaying():>12,.0f}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
