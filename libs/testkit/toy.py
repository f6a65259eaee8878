"""A small service for the tests of eventing: an account of beads that never goes below zero."""

from datetime import datetime, timedelta
from typing import ClassVar

from contracts.language import Act, Caller, Command, Fact, Query
from eventing.aggregate import Aggregate, applies
from eventing.declarations import Declarations, command, deadline, query, reaction
from eventing.errors import Refused
from eventing.policies import Reactions
from eventing.views import Column, View


class TooFew(Refused):
    """There are not that many beads."""


class BeadsAdded(Fact, frozen=True, kw_only=True):
    SERVICE: ClassVar[str] = "toy"
    TOPIC: ClassVar[str] = "toy.beads-added.v2"
    OLD_TOPICS: ClassVar[tuple[str, ...]] = ("toy.beads-added.v1",)
    count: int
    until: datetime | None = None

    @classmethod
    def upcast(cls, topic: str, data: dict[str, object]) -> dict[str, object]:
        return {**{k: v for k, v in data.items() if k != "beads"}, "count": data["beads"]}


class BeadsTaken(Fact, frozen=True, kw_only=True):
    SERVICE: ClassVar[str] = "toy"
    TOPIC: ClassVar[str] = "toy.beads-taken.v1"
    count: int


class BeadsLost(Fact, frozen=True, kw_only=True):
    SERVICE: ClassVar[str] = "toy"
    TOPIC: ClassVar[str] = "toy.beads-lost.v1"


class AddBeads(Command, frozen=True, kw_only=True):
    SERVICE: ClassVar[str] = "toy"
    case_id: str
    count: int
    for_seconds: int = 0


class TakeBeads(Command, frozen=True, kw_only=True):
    SERVICE: ClassVar[str] = "toy"
    case_id: str
    count: int
    twice: bool = False


class MirrorBeads(Command, frozen=True, kw_only=True):
    SERVICE: ClassVar[str] = "mirror"
    case_id: str
    count: int


class CountBeads(Query, frozen=True, kw_only=True):
    SERVICE: ClassVar[str] = "toy"
    case_id: str


class CountMirrored(Query, frozen=True, kw_only=True):
    SERVICE: ClassVar[str] = "mirror"
    case_id: str


class Beads(Aggregate):
    """Beads in one account."""

    count: int
    until: datetime | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.count = 0
        self.until = None

    def add(self, count: int, until: datetime | None, act: Act) -> None:
        self.record(BeadsAdded, act, count=count, until=until)

    @applies(BeadsAdded)
    def _added(self, fact: BeadsAdded) -> None:
        self.count += fact.count
        self.until = fact.until

    def take(self, count: int, act: Act) -> None:
        if count > self.count:
            raise TooFew(count=self.count, wanted=count)
        self.record(BeadsTaken, act, count=count)

    @applies(BeadsTaken)
    def _taken(self, fact: BeadsTaken) -> None:
        self.count -= fact.count

    def lose(self, act: Act) -> None:
        self.record(BeadsLost, act)

    @applies(BeadsLost)
    def _lost(self, fact: BeadsLost) -> None:
        self.count = 0
        self.until = None

    def timers(self) -> dict[str, datetime]:
        return {"until": self.until} if self.until else {}


def rows(beads: Beads) -> list[dict[str, object]]:
    return [{"case_id": beads.stream, "count": beads.count}] if beads.count else []


BEADS = View(
    "beads_v1",
    of=Beads,
    columns=(Column("case_id", "text", key=True), Column("count", "int", index=True)),
    rows=rows,
)


class ToyDeclarations(Declarations):
    name = "toy"
    aggregates = (Beads,)
    views = (BEADS,)

    @command(AddBeads, on=Beads, creates=True)
    def add(self, beads: Beads, cmd: AddBeads, act: Act) -> dict[str, int]:
        until = act.at + timedelta(seconds=cmd.for_seconds) if cmd.for_seconds else None
        beads.add(cmd.count, until, act)
        return {"count": beads.count}

    @command(TakeBeads, on=Beads)
    def take(self, beads: Beads, cmd: TakeBeads, act: Act) -> dict[str, int]:
        beads.take(cmd.count, act)
        if cmd.twice:
            beads.take(cmd.count, act)
        return {"count": beads.count}

    @deadline("until", on=Beads)
    def lose(self, beads: Beads, act: Act) -> None:
        beads.lose(act)

    @query(CountBeads)
    def count(self, asked: CountBeads, caller: Caller) -> dict[str, int]:
        return {"count": self.store.get(Beads, asked.case_id).count}


MIRROR = Reactions()


class BeadsMirrored(Fact, frozen=True, kw_only=True):
    TOPIC: ClassVar[str] = "mirror.beads-mirrored.v1"
    count: int


class Mirrored(Aggregate):
    """What another service saw of an account."""

    count: int
    seen: int

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.count = 0
        self.seen = 0

    def mirror(self, count: int, act: Act) -> None:
        if count == 666:
            raise RuntimeError("a poisoned fact")
        self.record(BeadsMirrored, act, count=count)

    @applies(BeadsMirrored)
    def _mirrored(self, fact: BeadsMirrored) -> None:
        self.count += fact.count
        self.seen += 1


def mirrored_rows(mirrored: Mirrored) -> list[dict[str, object]]:
    return [{"case_id": mirrored.stream, "count": mirrored.count, "seen": mirrored.seen}]


MIRRORED = View(
    "mirrored_v1",
    of=Mirrored,
    columns=(Column("case_id", "text", key=True), Column("count", "int"), Column("seen", "int")),
    rows=mirrored_rows,
)


class MirrorDeclarations(Declarations):
    name = "mirror"
    aggregates = (Mirrored,)
    views = (MIRRORED,)
    reactions = MIRROR

    @reaction(MirrorBeads, on=Mirrored)
    def mirror(self, mirrored: Mirrored, cmd: MirrorBeads, act: Act) -> None:
        mirrored.mirror(cmd.count, act)

    @query(CountMirrored)
    def count(self, asked: CountMirrored, caller: Caller) -> dict[str, int]:
        return {"count": self.store.get(Mirrored, asked.case_id).count}


@MIRROR.on(BeadsAdded)
def mirror_added(fact: BeadsAdded) -> Command:
    assert fact.case_id is not None
    return MirrorBeads(case_id=fact.case_id, count=fact.count)


@MIRROR.on(BeadsTaken)
def mirror_taken(fact: BeadsTaken) -> Command:
    assert fact.case_id is not None
    return MirrorBeads(case_id=fact.case_id, count=-fact.count)
