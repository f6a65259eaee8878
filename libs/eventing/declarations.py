"""How a service is declared: commands, reactions, deadlines, queries and projectors beside their handlers."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import msgspec
import sqlalchemy as sa

from contracts.language import Caller, Command, Query, verb_of
from contracts.scopes import Reach
from eventing import scoping
from eventing.aggregate import Aggregate
from eventing.policies import Reactions
from eventing.views import View

M = TypeVar("M", bound=Callable[..., Any])


class Handler(msgspec.Struct, frozen=True):
    """A command's handler: which aggregate it decides on, and what must be asked before deciding."""

    verb: str
    message: type[Command]
    on: type[Aggregate]
    key: str
    creates: bool
    given: str
    method: str
    public: bool


class Answerer(msgspec.Struct, frozen=True):
    """A query's handler."""

    verb: str
    message: type[Query]
    method: str


class Projector(msgspec.Struct, frozen=True):
    """A method that writes rows from other services' logs, in the transaction that moves the positions."""

    upstreams: tuple[str, ...]
    method: str


def _mark(kind: str, value: Callable[[str], Any]) -> Callable[[M], M]:
    def mark(method: M) -> M:
        marks = method.__dict__.setdefault("onething", [])
        marks.append((kind, value(method.__name__)))
        return method

    return mark


def command(
    message: type[Command],
    *,
    on: type[Aggregate],
    key: str = "case_id",
    creates: bool = False,
    given: str = "",
) -> Callable[[M], M]:
    """A command that callers may send: ``method(self, aggregate, command, act[, given])`` → answer.

    ``key`` is the command's field that holds the stream's id. A stream that does not exist is ``NotFound`` unless
    ``creates``. ``given`` names a method that gathers, once for a whole batch ``[(aggregate, command, act), …]``,
    what the decisions need from outside; an exception in its list is the answer to that command.
    """
    return _mark("command", lambda name: Handler(verb_of(message), message, on, key, creates, given, name, True))


def reaction(
    message: type[Command],
    *,
    on: type[Aggregate],
    key: str = "case_id",
    creates: bool = True,
    given: str = "",
) -> Callable[[M], M]:
    """A command that only this service's own policies send."""
    return _mark("command", lambda name: Handler(verb_of(message), message, on, key, creates, given, name, False))


def deadline(name: str, *, on: type[Aggregate]) -> Callable[[M], M]:
    """What happens when the timer ``name`` (or ``name:…``) of an aggregate comes due: ``method(self, aggregate, act)``.

    The method takes the timer's full name as a third argument if it declares one.
    """
    return _mark("deadline", lambda method: (on, name, method))


def query(message: type[Query]) -> Callable[[M], M]:
    """A question: ``method(self, query, caller)`` → anything that can be written as JSON."""
    return _mark("query", lambda name: Answerer(verb_of(message), message, name))


def projector(*, upstreams: Sequence[str]) -> Callable[[M], M]:
    """Rows from other services' logs: ``method(self, connection, [(service, segment, note), …])``."""
    return _mark("projector", lambda name: Projector(tuple(upstreams), name))


class Declarations:
    """What a service's class says about itself.

    ``store``, ``clock`` and ``peers`` are there for every handler; other dependencies are class attributes.
    """

    name: ClassVar[str]
    aggregates: ClassVar[tuple[type[Aggregate], ...]] = ()
    views: ClassVar[tuple[View, ...]] = ()
    tables: ClassVar[tuple[sa.Table, ...]] = ()
    append_only: ClassVar[tuple[str, ...]] = ()
    """Tables of ``tables`` that refuse UPDATE and DELETE."""
    reactions: ClassVar[Reactions] = Reactions()
    rest: ClassVar[float] = 0.0
    """Seconds between two batches of others' facts, if not as long as a batch took: what comes meanwhile is one
    transaction, which is long for who has no hurry and short for whom somebody waits."""

    store: Any
    clock: Any
    peers: Any

    commands: ClassVar[dict[str, Handler]] = {}
    handlers: ClassVar[dict[type[Command], Handler]] = {}
    queries: ClassVar[dict[str, Answerer]] = {}
    deadlines: ClassVar[dict[tuple[type[Aggregate], str], str]] = {}
    projectors: ClassVar[tuple[Projector, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        marks = [
            mark
            for base in reversed(cls.__mro__)
            for method in vars(base).values()
            for mark in getattr(method, "__dict__", {}).get("onething", ())
        ]
        handlers = [value for kind, value in marks if kind == "command"]
        cls.handlers = {handler.message: handler for handler in handlers}
        cls.commands = {handler.verb: handler for handler in handlers if handler.public}
        cls.queries = {value.verb: value for kind, value in marks if kind == "query"}
        cls.deadlines = {(on, name): method for kind, (on, name, method) in _only(marks, "deadline")}
        cls.projectors = tuple(value for kind, value in marks if kind == "projector")

    def reach_of(self, aggregate: Aggregate, message: Command | Query, caller: Caller) -> Reach:
        """Whom the aggregate concerns, as far as it matters for this caller; intake is asked for what only it knows."""
        reach = aggregate.reach()
        if scoping.is_enough(message, caller, reach):
            return reach
        return scoping.completed(reach, aggregate.stream, self.peers)

    @classmethod
    def upstreams(cls) -> tuple[str, ...]:
        """The services whose logs this one follows."""
        named = [*cls.reactions.upstreams, *(u for p in cls.projectors for u in p.upstreams)]
        return tuple(dict.fromkeys(named))


def _only(marks: list[tuple[str, Any]], wanted: str) -> list[tuple[str, Any]]:
    return [(kind, value) for kind, value in marks if kind == wanted]
