"""One replica of a service without a broker: its lane, store and clock, for tests of ``service.py``."""

import itertools
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.language import Caller, Command, Fact, Note, Query, Reply, Request, verb_of
from eventing import mapper, scoping
from eventing.declarations import Declarations
from eventing.engine import Engine
from eventing.errors import OneThingError
from eventing.host import Desk
from eventing.operations import with_operations
from eventing.parking import Followed
from eventing.prepare import prepare
from eventing.store import Store, StoredFact, segment_of
from kernel.clock import SimulatedClock
from testkit.answers import check
from testkit.facts import NOON, TESTER

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.cluster))
"""What every test of a service's SQL runs on: ``@pytest.fixture(params=DATABASES)``."""


class Replica:
    """A service that is sent commands, asked questions, and shown the facts of others."""

    def __init__(self, declared: type[Declarations], url: str, **dependencies: Any) -> None:
        """``dependencies`` stand in for the class attributes of the same names."""
        declared.aggregates = with_operations(declared.aggregates)
        self.clock = SimulatedClock(NOON)
        self.store = Store(declared.name, url)
        prepare(declared, self.store)
        self.service = declared()
        self.engine = Engine(self.service, self.store, self.clock.now)
        self.service.clock = self.clock
        self.service.store = Desk(self.engine, client=None)  # type: ignore[arg-type]
        for name, dependency in dependencies.items():
            setattr(self.service, name, dependency)
        self._position: dict[tuple[str, int], int] = {}

    def command(self, *commands: Command, caller: Caller = TESTER, ids: Sequence[str] = ()) -> list[Any]:
        """Sends commands as one batch; returns their values, or raises the first error."""
        replies = self.engine.decide(
            [
                Request(
                    verb=verb_of(type(command)),
                    id=id_ or str(uuid.uuid4()),
                    body=msgspec.Raw(msgspec.json.encode(command)),
                    caller=caller,
                )
                for command, id_ in zip(commands, ids or itertools.repeat(""), strict=False)
            ]
        )
        return [_value(command, reply) for command, reply in zip(commands, replies, strict=True)]

    def ask(self, query: Query, caller: Caller = TESTER) -> Any:
        """Asks a question; the answer went through JSON."""
        answerer = self.service.queries[verb_of(type(query))]
        scoping.reaches(answerer.message, caller)
        answer = msgspec.json.encode(getattr(self.service, answerer.method)(query, caller))
        if type(query).__module__.startswith("contracts."):
            check(type(query), answer)
        return msgspec.json.decode(answer)

    def follow(self, upstream: str, *facts: tuple[str, int, Fact]) -> None:
        """Shows the service what another recorded: (stream, version, fact), all in one batch."""
        notes: dict[int, list[Note]] = {}
        for stream, version, fact in facts:
            segment = segment_of(stream)
            position = self._position.get((upstream, segment), 0) + 1
            self._position[upstream, segment] = position
            notes.setdefault(segment, []).append(Note(position, stream, version, fact.TOPIC, mapper.encode(fact)))
        self.engine.react(
            [
                Followed(upstream, segment, some[0].position - 1, some[-1].position, some)
                for segment, some in notes.items()
            ]
        )

    def log(self) -> list[StoredFact]:
        """Everything that the service recorded."""
        return [fact for segment in range(16) for fact in self.store.read_log(segment, 0)]


@contextmanager
def replica(
    declared: type[Declarations], request: pytest.FixtureRequest, tmp_path: Path, **dependencies: Any
) -> Iterator[Replica]:
    """A replica on the database that the fixture's parameter names."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/{declared.name}.db"
    else:
        server = request.getfixturevalue("postgresql")
        url = server.create_database(f"{declared.name}_{uuid.uuid4().hex[:8]}")
    running = Replica(declared, url, **dependencies)
    yield running
    running.store.close()


def _value(command: Command, reply: Reply) -> Any:
    if reply.error is not None:
        raise OneThingError.from_data(reply.error)
    answer = bytes(reply.value) or b"null"
    if type(command).__module__.startswith("contracts."):
        check(type(command), answer)
    return msgspec.json.decode(answer)
