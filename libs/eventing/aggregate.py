"""The aggregate: what happened so far, and the rules for what may happen next."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from contracts.language import Act, Fact
from contracts.scopes import Reach

A = TypeVar("A", bound="Aggregate")
F = TypeVar("F", bound=Fact)
Applier = Callable[[A, F], None]


def applies(*facts: type[Fact]) -> Callable[[Applier[A, F]], Applier[A, F]]:
    """Marks the method that folds facts of these types into the aggregate's state."""

    def mark(method: Applier[A, F]) -> Applier[A, F]:
        method.applies = facts  # type: ignore[attr-defined]
        return method

    return mark


class Aggregate:
    """A consistency boundary: one stream of facts, folded in order into the state its rules look at.

    A command method checks its guards, then calls ``record``; the method below it, marked ``@applies``, is
    the only place where the state changes. ``state`` after a replay equals ``state`` after the live run.

    A case has one stream in each service, and the stream's id is the case's id. Streams that belong to no
    case (a grant, a hall) have ids of their own and set ``case_bound = False``.
    """

    case_bound: ClassVar[bool] = True
    _appliers: ClassVar[dict[type[Fact], Applier[Any, Any]]] = {}

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.version = 0
        self.pending: list[Fact] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._appliers = {
            fact: method
            for base in reversed(cls.__mro__)
            for method in vars(base).values()
            for fact in getattr(method, "applies", ())
        }

    @classmethod
    def replay(cls, stream: str, facts: Iterable[Fact]) -> Self:
        """The aggregate as these facts left it."""
        aggregate = cls(stream)
        for fact in facts:
            aggregate.apply(fact)
        return aggregate

    @classmethod
    def facts(cls) -> tuple[type[Fact], ...]:
        """The types of fact that streams of this aggregate hold."""
        return tuple(cls._appliers)

    @property
    def case_id(self) -> str | None:
        return self.stream if self.case_bound else None

    def apply(self, fact: Fact) -> None:
        """Folds one fact into the state."""
        self._appliers[type(fact)](self, fact)
        self.version += 1

    def record(self, fact_type: type[Fact], act: Act, **body: Any) -> None:
        """States that something happened, by this act: applied at once, saved with the command."""
        fact = fact_type(
            case_id=self.case_id,
            at=act.at,
            by=act.by,
            acting_as=act.acting_as,
            in_name_of=act.in_name_of,
            cause=act.cause,
            trace=act.trace,
            **body,
        )
        self.apply(fact)
        self.pending.append(fact)

    def reach(self) -> Reach:
        """Whom it concerns, for the scope check; nobody in particular unless an aggregate says so."""
        return Reach()

    def timers(self) -> Mapping[str, datetime]:
        """Deadlines that stand after the facts so far: name → instant; kept in the durable due-table."""
        return {}

    def state(self) -> dict[str, Any]:
        """Everything the facts have led to, for comparing a replay with the live aggregate."""
        return {name: value for name, value in vars(self).items() if name != "pending"}
