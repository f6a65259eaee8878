"""All windows of halls as they stood at an instant, folded from the ledger's facts of halls, windows and queues.

Of a window only the facts from its last opening or closing before the instant are read, of a queue those from when it
was last cleared. That is found by the facts' instants, and the clocks of replicas may differ by ``SKEW``; what counts
in the end is the order of the stream.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from casefile.projections import ENTRIES, HEADS, PLACES, SETTLING, STANDING, is_one_of
from contracts.casefile import HallThen, TicketThen, WindowsAt, WindowsThen, WindowThen
from contracts.halls import (
    HallClosed,
    HallRegistered,
    HallReopened,
    QueueCleared,
    TicketBound,
    TicketCalled,
    TicketDrawn,
    TicketServed,
    WindowClosed,
    WindowHeard,
    WindowInstalled,
    WindowOpened,
    WindowPaused,
    WindowWentSilent,
)
from contracts.language import Caller, Fact
from contracts.scopes import Reach, is_within
from eventing.declarations import Declarations, query
from eventing.errors import Invalid, NotFound
from eventing.mapper import decode
from eventing.scoping import at_hall, reaches
from kernel.digests import canonical, digest

SKEW = 3_600_000_000
"""Microseconds."""

CHAINS = 500
"""Chains that are read in one statement."""


class _Window(msgspec.Struct):
    """How a window stands while its facts are told."""

    state: Literal["open", "paused", "closed"] = "closed"
    staff: str = ""
    reason: str = ""
    since: datetime | None = None
    silent_since: datetime | None = None

    def tell(self, fact: Fact) -> None:
        """One fact more."""
        match fact:
            case WindowOpened():
                self.state, self.staff, self.reason, self.since, self.silent_since = (
                    "open",
                    fact.staff,
                    "",
                    fact.at,
                    None,
                )
            case WindowPaused():
                self.since = self.since if self.state == "paused" else fact.at
                self.state, self.reason = "paused", fact.reason
            case WindowClosed():
                self.state, self.staff, self.reason, self.since, self.silent_since = "closed", "", "", fact.at, None
            case WindowWentSilent():
                self.silent_since = fact.heard_at
            case WindowHeard():
                self.silent_since = None


class _Ticket(msgspec.Struct):
    """A ticket of the day."""

    number: str
    theme: str
    item: str
    case: str
    window: str = ""
    state: Literal["waiting", "called", "serving"] = "waiting"
    called_at: datetime | None = None
    served_at: datetime | None = None


class _Queue:
    """The tickets of a hall's day that have not left, while its facts are told."""

    def __init__(self) -> None:
        self.tickets: dict[str, _Ticket] = {}

    def tell(self, fact: Fact) -> None:
        """One fact more; of tickets of a day before nothing is known."""
        match fact:
            case QueueCleared():
                self.tickets.clear()
            case TicketDrawn():
                self.tickets[fact.ticket] = _Ticket(fact.number, fact.theme, fact.item, fact.case)
            case _ if (ticket := self.tickets.get(getattr(fact, "ticket", ""))) is not None:
                self._tell_of(ticket, fact)

    @staticmethod
    def _tell_of(ticket: _Ticket, fact: Fact) -> None:
        match fact:
            case TicketCalled():
                ticket.state, ticket.window, ticket.called_at = "called", fact.window, fact.at
            case TicketServed():
                ticket.state, ticket.case, ticket.served_at = "serving", fact.case, fact.at
            case TicketBound():
                ticket.case = fact.case
            case _:  # it went: was finished, skipped, missed, transferred, returned or cancelled
                ticket.state, ticket.window = "waiting", ""

    def at_windows(self) -> dict[str, TicketThen]:
        """window → the ticket that is there."""
        return {
            each.window: TicketThen(ticket=name, state=each.state, called_at=each.called_at, **_said(each))
            for name, each in self.tickets.items()
            if each.state != "waiting" and each.called_at is not None
        }


def _said(ticket: _Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in ("number", "theme", "item", "case", "served_at")}


class Windows(Declarations):
    """What casefile tells of windows."""

    @query(WindowsAt)
    def windows_at(self, question: WindowsAt, caller: Caller) -> WindowsThen:
        """As far as the caller reaches. Raises Invalid for an instant that has not come."""
        if question.at > self.clock.now():
            raise Invalid(field="at", reason="not come yet")
        halls, windows = _tree(self.store, question.at)
        names = [each for each in _wanted(question, halls) if _is_seen(question, caller, each)]
        stood = _stood(self.store, windows, names, question.at)
        told = tuple(HallThen(hall=name, windows=tuple(stood[name]), **halls[name]) for name in names)
        return WindowsThen(at=question.at, halls=told, state_hash=digest(canonical(told)))


Tree = tuple[dict[str, dict[str, str]], dict[str, dict[str, WindowInstalled]]]
"""hall → what it is; hall → window → as what it was installed."""


def halls_and_windows(at: datetime) -> sa.Select[Any]:
    """The facts that say what there was."""
    e = ENTRIES.c
    wanted = sa.select(e.stream, e.topic, e.state).where(is_one_of(e.topic, PLACES), e.at <= at)
    return wanted.order_by(e.stream, e.version)


def _tree(store: Any, at: datetime) -> Tree:
    halls: dict[str, dict[str, str]] = {}
    windows: dict[str, dict[str, WindowInstalled]] = {}
    for row in store.select(halls_and_windows(at)):
        name = row["stream"]
        match decode(row["topic"], bytes(row["state"])):
            case HallRegistered() as fact:
                said = {"name": fact.name, "kind": fact.kind, "region": fact.region, "parent": fact.parent}
                halls[name] = {**said, "replacement": ""}
            case HallClosed() as fact if name in halls:
                halls[name]["replacement"] = fact.replacement
            case HallReopened() if name in halls:
                halls[name]["replacement"] = ""
            case WindowInstalled() as fact:
                windows.setdefault(fact.hall, {})[name] = fact
    return halls, windows


def _wanted(question: WindowsAt, halls: dict[str, dict[str, str]]) -> Iterable[str]:
    """The halls that are asked for, by name. Raises NotFound for one that was not there."""
    wanted = set(question.halls)
    for hall in sorted(wanted - halls.keys()):
        raise NotFound(what="hall as of then", id=hall)
    if not question.halls:
        wanted = {hall for hall, said in halls.items() if said["region"].startswith(question.region)}
    elif question.region:
        wanted = {hall for hall in wanted if halls[hall]["region"].startswith(question.region)}
    while question.below and (more := {hall for hall, said in halls.items() if said["parent"] in wanted} - wanted):
        wanted |= more
    return sorted(wanted)


def _is_seen(question: WindowsAt, caller: Caller, hall: str) -> bool:
    """Raises OutOfScope for a hall that was named and is beyond the caller."""
    if hall in question.halls:
        at_hall(question, caller, hall)
    return is_within(reaches(WindowsAt, caller), caller, Reach(halls=frozenset((hall,))))


def _stood(
    store: Any, windows: dict[str, dict[str, WindowInstalled]], halls: Sequence[str], at: datetime
) -> dict[str, list[WindowThen]]:
    standing = {window: _Window() for hall in halls for window in windows.get(hall, ())}
    queues = {f"{hall}.queue": _Queue() for hall in halls}
    for chain, fact in _facts(store, [*standing, *queues], at):
        (standing.get(chain) or queues[chain]).tell(fact)
    return {hall: [*_of_hall(windows.get(hall, {}), standing, queues[f"{hall}.queue"])] for hall in halls}


def _of_hall(windows: dict[str, WindowInstalled], standing: dict[str, _Window], queue: _Queue) -> Iterator[WindowThen]:
    served = queue.at_windows()
    for name, terms in sorted(windows.items()):
        yield WindowThen(
            window=name,
            name=terms.name,
            zone=terms.zone,
            themes=terms.themes,
            serving=served.get(name),
            **msgspec.structs.asdict(standing[name]),
        )


def deciding(chains: Sequence[str], at: datetime) -> sa.Select[Any]:
    """The facts that decide how these chains stood, each chain's in its stream's order."""
    e, before = ENTRIES.c, ENTRIES.alias("before")
    settled = (
        sa.select(sa.type_coerce(before.c.at, sa.BigInteger))
        .where(before.c.case_id == HEADS.c.case_id, before.c.at <= at)
        .where(is_one_of(before.c.topic, STANDING), is_one_of(before.c.topic, SETTLING))
        .order_by(before.c.at.desc())
        .limit(1)
        .correlate(HEADS)
        .scalar_subquery()
    )
    return (
        sa.select(e.case_id, e.topic, e.state)
        .select_from(HEADS)
        .join(ENTRIES, sa.and_(e.case_id == HEADS.c.case_id, is_one_of(e.topic, STANDING)))
        .where(HEADS.c.case_id.in_(chains), e.at <= at)
        .where(sa.type_coerce(e.at, sa.BigInteger) >= sa.func.coalesce(settled, 0) - SKEW)
        .order_by(e.case_id, e.version)
    )


def _facts(store: Any, chains: Sequence[str], at: datetime) -> Iterator[tuple[str, Fact]]:
    for first in range(0, len(chains), CHAINS):
        for row in store.select(deciding(chains[first : first + CHAINS], at)):
            yield row["case_id"], decode(row["topic"], bytes(row["state"]))
