"""A case between windows: who asks whom to go on with it, and what they write to each other."""

from datetime import datetime, timedelta

import msgspec

from contracts.halls import (
    CaseMessageSent,
    HandOverAccepted,
    HandOverDeclined,
    HandOverExpired,
    HandOverRequested,
    HandOverState,
    HandOverWithdrawn,
    RequestHandOver,
)
from contracts.language import Act, Caller, Sealed
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, Refused

LONGEST = 7 * 24 * 60
"""Minutes that a request can wait for an answer."""


class NotAtHall(Refused):
    """Windows of halls ask, answer and write; whoever does it stands in a hall."""


class CaseNotHere(Forbidden):
    """The hall has nothing to do with the case."""


class HandOverOpen(Refused):
    """Somebody was asked already, and has not answered."""


class NobodyAsked(Refused):
    """There is no request that waits for an answer."""


class NotAskedHere(Forbidden):
    """Another hall or window was asked."""


class HandOverUnexplained(Refused):
    """Whoever asks or declines says why."""


class HandOverTermInvalid(Refused):
    """A request waits some minutes, at most a week."""


class SameHall(Refused):
    """A case is handed to another window than the one it is at."""


class TextMissing(Refused):
    """A message says something."""


class Known(msgspec.Struct, frozen=True):
    """What halls knows of a case: where it belongs, and with which key its personal data is sealed."""

    key_id: str
    halls: tuple[str, ...]
    is_over: bool = False


class CaseOver(Refused):
    """The case is closed: nobody goes on with it."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request and its answer."""

    hall: str
    window: str
    to_hall: str
    to_window: str
    reason: str
    by: str
    requested_at: datetime
    expires_at: datetime
    state: HandOverState = "requested"
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


class Message(msgspec.Struct, frozen=True):
    """What somebody wrote."""

    at: datetime
    by: str
    hall: str
    window: str
    to_hall: str
    text: Sealed


def standing(act: Act) -> Caller:
    """Whoever acts, at a hall. Raises ``NotAtHall``."""
    if act.caller is None or not act.caller.hall:
        raise NotAtHall(by=act.by)
    return act.caller


class Sharing(Aggregate):
    """What windows agree on about one case."""

    requests: tuple[Request, ...]
    messages: tuple[Message, ...]
    halls: tuple[str, ...]
    """Halls that took the case over, in order."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.requests = ()
        self.messages = ()
        self.halls = ()

    @property
    def open(self) -> Request | None:
        """The request that waits for an answer."""
        last = self.requests[-1] if self.requests else None
        return last if last is not None and last.state == "requested" else None

    def at(self, known: Known) -> set[str]:
        """The halls that have to do with the case: where it belongs, who took it over, who is asked to."""
        asked = {self.open.to_hall} if self.open is not None else set()
        return {*known.halls, *self.halls, *asked}

    def request(self, cmd: RequestHandOver, known: Known, act: Act) -> None:
        """Asks another hall or window to go on with the case."""
        caller = standing(act)
        if caller.hall not in {*known.halls, *self.halls}:
            raise CaseNotHere(hall=caller.hall)
        now = self.open
        if now is not None:
            if (now.to_hall, now.to_window, now.reason) == (cmd.to_hall, cmd.to_window, cmd.reason):
                return
            raise HandOverOpen(to_hall=now.to_hall)
        if known.is_over:
            raise CaseOver
        if (cmd.to_hall, cmd.to_window) == (caller.hall, caller.window) or (
            cmd.to_hall == caller.hall and not cmd.to_window
        ):
            raise SameHall(hall=cmd.to_hall)
        if not cmd.reason.strip():
            raise HandOverUnexplained
        if not 1 <= cmd.minutes <= LONGEST:
            raise HandOverTermInvalid(minutes=cmd.minutes, most=LONGEST)
        self.record(
            HandOverRequested,
            act,
            hall=caller.hall,
            window=caller.window,
            to_hall=cmd.to_hall,
            to_window=cmd.to_window,
            reason=cmd.reason,
            expires_at=act.at + timedelta(minutes=cmd.minutes),
        )

    @applies(HandOverRequested)
    def _requested(self, fact: HandOverRequested) -> None:
        new = Request(
            hall=fact.hall,
            window=fact.window,
            to_hall=fact.to_hall,
            to_window=fact.to_window,
            reason=fact.reason,
            by=fact.by,
            requested_at=fact.at,
            expires_at=fact.expires_at,
        )
        self.requests = (*self.requests, new)

    def accept(self, act: Act) -> None:
        """Goes on with the case."""
        last = self.requests[-1] if self.requests else None
        if last is not None and (last.state, last.answered_by) == ("accepted", act.by):
            return
        request, caller = self._asked(act)
        self.record(HandOverAccepted, act, hall=caller.hall, window=caller.window, from_hall=request.hall)

    @applies(HandOverAccepted)
    def _accepted(self, fact: HandOverAccepted) -> None:
        self._answered("accepted", fact.by, fact.at, "")
        self.halls = (*(hall for hall in self.halls if hall != fact.hall), fact.hall)

    def decline(self, reason: str, act: Act) -> None:
        """Leaves it where it is, and says why."""
        last = self.requests[-1] if self.requests else None
        if last is not None and (last.state, last.answered_by, last.answer) == ("declined", act.by, reason):
            return
        request, caller = self._asked(act)
        if not reason.strip():
            raise HandOverUnexplained
        self.record(HandOverDeclined, act, hall=caller.hall, from_hall=request.hall, reason=reason)

    @applies(HandOverDeclined)
    def _declined(self, fact: HandOverDeclined) -> None:
        self._answered("declined", fact.by, fact.at, fact.reason)

    def withdraw(self, act: Act) -> None:
        """Takes the request back; done at the hall that asked."""
        last = self.requests[-1] if self.requests else None
        if last is not None and last.state == "withdrawn":
            return
        caller, request = standing(act), self._waiting()
        if caller.hall != request.hall:
            raise NotAskedHere(hall=request.hall)
        self.record(HandOverWithdrawn, act, hall=request.hall, to_hall=request.to_hall)

    @applies(HandOverWithdrawn)
    def _withdrawn(self, fact: HandOverWithdrawn) -> None:
        self._answered("withdrawn", fact.by, fact.at, "")

    def expire(self, act: Act) -> None:
        """Nobody answered in time."""
        request = self._waiting()
        self.record(HandOverExpired, act, hall=request.hall, to_hall=request.to_hall)

    @applies(HandOverExpired)
    def _expired(self, fact: HandOverExpired) -> None:
        self._answered("expired", fact.by, fact.at, "")

    def write(self, text: Sealed, to_hall: str, known: Known, act: Act) -> None:
        """Writes to the others on the case."""
        caller = standing(act)
        if caller.hall not in self.at(known):
            raise CaseNotHere(hall=caller.hall)
        self.record(CaseMessageSent, act, hall=caller.hall, window=caller.window, text=text, to_hall=to_hall)

    @applies(CaseMessageSent)
    def _written(self, fact: CaseMessageSent) -> None:
        self.messages = (
            *self.messages,
            Message(fact.at, fact.by, fact.hall, fact.window, fact.to_hall, fact.text),
        )

    def timers(self) -> dict[str, datetime]:
        """When the request that waits lapses."""
        return {} if self.open is None else {"expiry": self.open.expires_at}

    def _waiting(self) -> Request:
        if self.open is None:
            raise NobodyAsked
        return self.open

    def _asked(self, act: Act) -> tuple[Request, Caller]:
        caller, request = standing(act), self._waiting()
        if caller.hall != request.to_hall or request.to_window not in {"", caller.window}:
            raise NotAskedHere(hall=request.to_hall)
        return request, caller

    def _answered(self, state: HandOverState, by: str, at: datetime, answer: str) -> None:
        last = msgspec.structs.replace(self.requests[-1], state=state, answered_by=by, answered_at=at, answer=answer)
        self.requests = (*self.requests[:-1], last)
