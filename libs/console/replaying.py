"""``onething replay --check``: everything that was ever recorded is folded twice, in two interpreters, and compared."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import eventlet
import msgspec
from eventlet.green import subprocess

from console import folding
from console.folding import Feed, Finish, Resume, Steps
from console.services import SERVICES
from eventing.errors import Refused
from eventing.store import Store, StoredFact
from kernel.digests import canonical, digest

BUFFER = 1 << 16
"""Bytes of a pipe that are read together."""

PAGE = 500
"""Facts that are read and folded at a time."""

Place = tuple[str, int]
"""A service, and a segment of its log."""


class EnvironmentUnusable(Refused):
    """The other environment folds nothing: it has no onething, or one that ends at once."""


class Difference(msgspec.Struct, frozen=True):
    """The first fact after which a stream is in another state in the other interpreter, or in the running service."""

    service: str
    segment: int
    position: int
    stream: str
    version: int
    topic: str
    at: str
    here: str
    """The hash of the state, or why there is none."""
    there: str
    live: bool = False
    """Whether it is the snapshot that the running service goes on from that differs."""


class Checked(msgspec.Struct, frozen=True):
    """A segment of a service's log, replayed."""

    service: str
    segment: int
    upto: int
    facts: int
    streams: int
    state_hash: str
    differences: tuple[Difference, ...] = ()


class Progress(msgspec.Struct):
    """What of a check is done; it goes on from there."""

    against: str
    release: str
    done: list[Checked] = []


class Folds(Protocol):
    """Whoever folds."""

    def tell(self, message: Any) -> None: ...

    def ask(self, message: Any) -> Any: ...


class Interpreter:
    """A process that folds."""

    def __init__(self, command: Sequence[str], environ: dict[str, str]) -> None:
        self.name = command[0]
        self._process = subprocess.Popen(  # without a buffer, a line is read byte by byte
            command, BUFFER, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def tell(self, message: msgspec.Struct) -> None:
        """Says something that is not answered. Raises EnvironmentUnusable."""
        try:
            self._process.stdin.write(msgspec.json.encode(message) + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise EnvironmentUnusable(environment=self.name) from error

    def ask(self, message: msgspec.Struct) -> Any:
        """Asks something. Raises EnvironmentUnusable."""
        self.tell(message)
        line = self._process.stdout.readline()
        if not line:
            raise EnvironmentUnusable(environment=self.name)
        return msgspec.json.decode(line)

    def close(self) -> None:
        """Ends the process."""
        with suppress(OSError):  # it has ended before
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@contextmanager
def both(against: str) -> Iterator[tuple[Folds, Folds]]:
    """This release, and the other environment's; or this release again, whose sets have another order of their own."""
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    own = [sys.executable, "-P", "-m", "console.folding"]
    opened = [Interpreter(own, here | {"PYTHONHASHSEED": "1"})]
    try:
        there = [against, "-I", str(folding.__file__)] if against else own
        opened.append(Interpreter(there, here | {"PYTHONHASHSEED": "2"}))
        yield opened[0], opened[1]
    finally:
        for each in opened:
            each.close()


def python_of(environment: Path) -> str:
    """The interpreter of an environment, which may be named by its folder or itself. Raises EnvironmentUnusable."""
    python = environment / "bin" / "python" if environment.is_dir() else environment
    if not os.access(python, os.X_OK):
        raise EnvironmentUnusable(environment=str(environment))
    return str(python)


def release() -> str:
    """Which release this is."""
    try:
        return version("onething")
    except PackageNotFoundError:
        return "source"


def check(
    url_for: Callable[[str], str],
    *,
    against: str = "",
    kept: Path,
    resume: bool = False,
    jobs: int = 2,
    say: Callable[[int, int, Checked], None] = lambda done, of, checked: None,
    folds: Callable[[str], AbstractContextManager[tuple[Folds, Folds]]] = both,
) -> list[Checked]:
    """Replays every segment of every service's log, several at once; what is done is kept in a file until all is.

    Raises EnvironmentUnusable, Unavailable.
    """
    stores = {name: Store(name, url_for(name)) for name in SERVICES}
    try:
        progress = begun(kept, against) if resume else Progress(against, release())
        heads = {(name, segment): upto for name, store in stores.items() for segment, upto in store.heads().items()}
        done = {(each.service, each.segment) for each in progress.done}
        waiting = [place for place, upto in sorted(heads.items()) if upto and place not in done]
        total = len(waiting) + len(done)

        def work(_: int) -> None:
            with folds(against) as pair:
                while waiting:
                    service, segment = place = waiting.pop(0)
                    found = replay_segment(stores[service], segment, heads[place], *pair)
                    progress.done.append(found)
                    _keep(kept, progress)
                    say(len(progress.done), total, found)

        pool = eventlet.GreenPool(jobs)
        for _ in pool.imap(work, range(min(jobs, len(waiting)))):
            pass
    finally:
        for store in stores.values():
            store.close()
    kept.unlink(missing_ok=True)
    return sorted(progress.done, key=lambda each: (each.service, each.segment))


def replay_segment(store: Store, segment: int, upto: int, here: Folds, there: Folds) -> Checked:
    """One segment, folded by two interpreters page by page; then what the running service would go on from."""
    facts = 0
    for page in _pages(store, segment, upto):
        facts += len(page)
        feed = Feed(store.service, [(fact.stream, fact.topic, fact.state) for fact in page])
        for each in (here, there):
            each.tell(feed)
    mine, theirs = here.ask(Finish()), there.ask(Finish())
    differing = [stream for stream in mine if mine[stream] != theirs.get(stream)]
    differences = [_first_difference(store, stream, upto, here, there) for stream in differing]
    differences += _live(store, upto, mine, here)
    return Checked(
        store.service,
        segment,
        upto,
        facts,
        len(mine),
        digest(canonical(mine)),
        tuple(sorted(differences, key=lambda each: each.position)),
    )


def first_of(found: Sequence[Checked]) -> Difference | None:
    """The first fact after which something differs, by the time that it says."""
    differences = [each for checked in found for each in checked.differences]
    return min(differences, key=lambda each: (each.at, each.service, each.segment, each.position), default=None)


def _pages(store: Store, segment: int, upto: int) -> Iterator[list[StoredFact]]:
    position = 0
    while position < upto:
        page = [fact for fact in store.read_log(segment, position, PAGE) if fact.position <= upto]
        if not page:
            return
        yield page
        position = page[-1].position


def _first_difference(store: Store, stream: str, upto: int, here: Folds, there: Folds) -> Difference:
    facts = [fact for fact in store.stream(stream) if fact.position <= upto]
    asked = Steps(store.service, stream, [(fact.topic, fact.state) for fact in facts])
    steps = zip(facts, here.ask(asked), there.ask(asked), strict=True)
    fact, mine, theirs = next(step for step in steps if step[1] != step[2])
    return _at(store, fact, mine, theirs)


def _at(store: Store, fact: StoredFact, here: str, there: str, *, live: bool = False) -> Difference:
    said = msgspec.json.decode(fact.state)
    return Difference(
        store.service, fact.segment, fact.position, fact.stream, fact.version, fact.topic, said.get("at", ""),
        here, there, live,
    )  # fmt: skip


def _live(store: Store, upto: int, mine: dict[str, str], here: Folds) -> Iterator[Difference]:
    """Streams that go on otherwise from their snapshot than from their facts."""
    for stream, aggregate, shape, taken_at, state in _snapshots(store, list(mine)):
        facts = [fact for fact in store.stream(stream) if fact.position <= upto]
        if taken_at > len(facts):  # it was taken since
            continue
        later = [(fact.topic, fact.state) for fact in facts[taken_at:]]
        live = here.ask(Resume(store.service, stream, aggregate, shape, taken_at, state, later))
        if live and live != mine[stream]:
            yield _at(store, facts[taken_at - 1], mine[stream], live, live=True)


def _snapshots(store: Store, streams: Sequence[str]) -> Iterator[tuple[str, str, str, int, bytes]]:
    for first in range(0, len(streams), PAGE):
        yield from store.snapshots_of(streams[first : first + PAGE])


def begun(kept: Path, against: str) -> Progress:
    """What is done of the check that was interrupted; nothing, where that was another one."""
    try:
        progress = msgspec.json.decode(kept.read_bytes(), type=Progress)
    except (OSError, msgspec.DecodeError):
        return Progress(against, release())
    if (progress.against, progress.release) != (against, release()):
        return Progress(against, release())
    return progress


def _keep(kept: Path, progress: Progress) -> None:
    beside = kept.with_suffix(".new")
    beside.write_bytes(msgspec.json.encode(progress))
    beside.replace(kept)
