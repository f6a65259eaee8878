"""Parked cases and what operators do about them (L4)."""

import time

import msgspec
import sqlalchemy as sa
import structlog

from contracts.language import Act, Caller, Reply, Request
from contracts.operations import ParkedDiscarded, ParkedFact, ParkedRedriven
from eventing.aggregate import Aggregate, applies
from eventing.engine import Engine
from eventing.errors import NotFound, OneThingError, Unavailable
from eventing.parking import describe
from eventing.store import Overtaken, Save
from eventing.tables import EPOCH, MICROSECOND

log = structlog.get_logger()

TRIED_AGAIN = 2.0
"""Seconds after which a parked case that waits for something unavailable is tried again."""


class Operations(Aggregate):
    """What operators did to this service, one stream a service."""

    case_bound = False
    redriven: int
    discarded: int

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.redriven = 0
        self.discarded = 0

    def redrive(self, case: str, facts: tuple[str, ...], act: Act) -> None:
        """Records that parked facts were done after all."""
        self.record(ParkedRedriven, act, case=case, facts=facts)

    @applies(ParkedRedriven)
    def _redriven(self, fact: ParkedRedriven) -> None:
        self.redriven += len(fact.facts)

    def discard(self, case: str, facts: tuple[str, ...], reason: str, act: Act) -> None:
        """Records that parked facts were given up."""
        self.record(ParkedDiscarded, act, case=case, facts=facts, reason=reason)

    @applies(ParkedDiscarded)
    def _discarded(self, fact: ParkedDiscarded) -> None:
        self.discarded += len(fact.facts)


class Wish(msgspec.Struct, frozen=True):
    """What an operator wants done with a parked case; whoever owns its segment does it."""

    act: str
    by: str
    reason: str = ""


class Parking:
    """The parked cases of one service."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.store = engine.store
        self._not_before: dict[str, float] = {}

    def listed(self) -> list[ParkedFact]:
        """Every parked fact, in the order in which they were parked."""
        with self.store.reading() as connection:
            rows = connection.exec_driver_sql(
                'SELECT stream, upstream, segment, position, topic, error, parked_at, wish FROM parked ORDER BY "order"'
            ).fetchall()
        return [
            ParkedFact(
                service=self.store.service,
                case=row[0],
                fact=f"{row[1]}/{row[2]:02}/{row[3]}",
                topic=row[4],
                error=row[5],
                parked_at=(EPOCH + row[6] * MICROSECOND).isoformat(),
                wish=row[7],
            )
            for row in rows
        ]

    def load(self, segments: set[int]) -> None:
        """Reads which cases of these segments are parked, before anything of them is followed."""
        parked: dict[int, set[str]] = {segment: set() for segment in segments}
        with self.store.reading() as connection:
            for segment, stream in connection.exec_driver_sql("SELECT segment, stream FROM parked"):
                if segment in parked:
                    parked[segment].add(stream)
        self.engine.parked.update(parked)

    def wish(self, case: str, act: str, caller: Caller, reason: str = "", *, request: Request | None = None) -> None:
        """Asks the owner of the case's segment to redrive or discard it. Raises ``NotFound`` if none is parked.

        A request that names itself is kept with its answer, in the same transaction. Raises ``Conflict`` if that was
        done meanwhile.
        """
        text = msgspec.json.encode(Wish(act, caller.by, reason)).decode()

        def put(connection: sa.Connection) -> None:
            statement = "UPDATE parked SET wish = ? WHERE stream = ?"
            if not self.store.sqlite:
                statement = statement.replace("?", "%b")
            if connection.exec_driver_sql(statement, (text, case)).rowcount == 0:
                raise NotFound(what="parked case", id=case)

        save = Save(extra=[put])
        if request is not None and request.id:
            kept = (request.id, self.engine.digest(request), msgspec.json.encode(Reply()), self.engine.clock())
            save.replies = lambda _: [kept]
        self.store.save(save)

    def grant(self, segments: set[int]) -> None:
        """Does what operators asked for in the segments owned here."""
        if not any(self.engine.parked.get(segment) for segment in segments):
            return
        with self.store.reading() as connection:
            rows = connection.exec_driver_sql(
                "SELECT segment, stream, wish FROM parked WHERE wish <> '' ORDER BY \"order\""
            ).fetchall()
        wishes = {stream: msgspec.json.decode(wish, type=Wish) for segment, stream, wish in rows if segment in segments}
        for case, wish in wishes.items():
            if self._not_before.get(case, 0.0) <= time.monotonic() and not self._grant(case, wish):
                return  # what is unavailable to one is so to others: the next round tries again

    def _grant(self, case: str, wish: Wish) -> bool:
        """False when the case still waits for something unavailable."""
        act = Act(at=self.engine.clock(), by=wish.by, cause="operator")
        stream = f"operations:{self.store.service}"
        try:
            if wish.act == "discard":
                self.engine.unpark(case, stream, lambda o, facts: o.discard(case, facts, wish.reason, act), again=False)
            else:
                self.engine.unpark(case, stream, lambda o, facts: o.redrive(case, facts, act), again=True)
            self._not_before.pop(case, None)
        except Unavailable:
            self._not_before[case] = time.monotonic() + TRIED_AGAIN
            return False
        except Overtaken:
            log.info("overtaken by another replica", service=self.store.service)
        except OneThingError as error:
            self._refuse(case, error)
        except Exception as error:
            log.exception("redrive failed", service=self.store.service, case=case)
            self._refuse(case, error)
        return True

    def _refuse(self, case: str, error: Exception) -> None:
        with self.store.writing() as connection:
            statement = "UPDATE parked SET wish = '', error = ? WHERE stream = ?"
            if not self.store.sqlite:
                statement = statement.replace("?", "%b")
            connection.exec_driver_sql(statement, (describe(error), case))


def with_operations(aggregates: tuple[type[Aggregate], ...]) -> tuple[type[Aggregate], ...]:
    """The aggregates of a service, and the one that every service has."""
    return aggregates if Operations in aggregates else (*aggregates, Operations)
