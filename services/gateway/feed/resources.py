"""Where the live feed is, and who may subscribe to what."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import falcon
import msgspec

from contracts.feed import HallSnapshot, ReadFeed
from contracts.intake import GetCase
from contracts.language import Caller
from contracts.scopes import Reach, is_within
from contracts.scopes.table import scope_of
from eventing.errors import Forbidden
from gateway.backend import Backend
from gateway.feed.hub import Hub
from gateway.feed.sse import places_of, stream
from gateway.limits import name_of
from gateway.problems import BadRequest, NotSignedIn, TooManyFeeds
from telemetry import metrics

MOST_HALLS = 50
"""Halls in one subscription."""


def check(caller: Caller, hall: str) -> None:
    """Raises ``Forbidden`` unless the caller may follow that hall, by the table of scopes."""
    if not caller.roles:
        raise NotSignedIn(hall=hall)
    if not is_within(scope_of(ReadFeed).reaches(caller), caller, Reach(halls=frozenset({hall}))):
        raise Forbidden(hall=hall)


class _Resource:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    @property
    def backend(self) -> Backend:
        return self.hub.backend

    @contextmanager
    def seat(self, caller: Caller) -> Iterator[ExitStack]:
        """A place among those that one may have; given back unless ``answer`` takes it over. Raises TooManyFeeds."""
        who = name_of(caller)
        if not self.hub.seats.take(who):
            metrics.turned_away("gateway", "feeds")
            raise TooManyFeeds
        with ExitStack() as seat:
            seat.callback(self.hub.seats.leave, who)
            yield seat

    def answer(self, req: falcon.Request, resp: falcon.Response, events: Iterator[bytes], seat: ExitStack) -> None:
        """Writes each event as it comes: no buffer here, and none in a proxy."""
        req.env["eventlet.minimum_write_chunk_size"] = 0
        resp.content_type = "text/event-stream; charset=utf-8"
        resp.set_header("Cache-Control", "no-store")
        resp.set_header("X-Accel-Buffering", "no")
        resp.stream = _Followed(events, seat.pop_all())


class _Followed:
    """A feed on its way to whoever follows it; when it ends, however it does, the place is free again."""

    def __init__(self, events: Iterator[bytes], seat: ExitStack) -> None:
        self._events = events
        self._seat = seat

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        """Ends it."""
        self._seat.close()


class HallsFeed(_Resource):
    """Halls, live."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """``?hall=`` once or several times; ``Last-Event-ID`` or ``after`` says where to go on."""
        halls = list(dict.fromkeys(req.get_param_as_list("hall") or []))
        if not 1 <= len(halls) <= MOST_HALLS:
            raise BadRequest(reason=f"name one to {MOST_HALLS} halls")
        for hall in halls:
            check(req.context.caller, hall)
        places = _places(req, halls)
        snapshots = []
        with self.seat(req.context.caller) as seat:
            for hall in halls:
                if hall in places:  # tells at once, not in the stream, that it is kept no more
                    self.backend.client.ask(ReadFeed(hall=hall, after=places[hall], limit=1), attempts=3)
                    continue
                snapshot: Any = self.backend.client.ask(HallSnapshot(hall=hall), attempts=3)
                places[hall] = snapshot["sequence"]
                snapshots.append(msgspec.json.encode(snapshot))
            subscription = self.hub.subscribe({hall: places[hall] for hall in halls})
            seat.callback(subscription.close)
            self.answer(req, resp, stream(self.hub, subscription, snapshots, until=req.context.until), seat)


class CaseFeed(_Resource):
    """One case, live, for those who may read it."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """The case's hall hears of all its facts: its feed, and of it only what is this case's."""
        caller: Caller = req.context.caller
        if not caller.roles:
            raise NotSignedIn(case=case_id)
        case: Any = self.backend.for_(caller).ask(GetCase(case_id=case_id))
        wanted, hall = str(case["case_id"]), str(case["hall"])
        places = _places(req, [hall])
        with self.seat(caller) as seat:
            if hall not in places:
                snapshot: Any = self.backend.client.ask(HallSnapshot(hall=hall), attempts=3)
                places[hall] = snapshot["sequence"]
            subscription = self.hub.subscribe({hall: places[hall]})
            seat.callback(subscription.close)
            events = stream(
                self.hub, subscription, [], wanted=lambda told: told.case_id == wanted, until=req.context.until
            )
            self.answer(req, resp, events, seat)


def _places(req: falcon.Request, halls: Sequence[str]) -> dict[str, int]:
    said = req.get_header("Last-Event-ID") or req.get_param("after") or ""
    if not said:
        return {}
    try:
        if said.isascii() and said.isdigit() and len(halls) == 1:
            said = f"{halls[0]}:{said}"
        return {hall: seq for hall, seq in places_of(said).items() if hall in halls}
    except ValueError as error:
        raise BadRequest(reason="that is no place in a feed", place=str(error)) from error
