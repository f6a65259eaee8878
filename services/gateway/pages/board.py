"""大厅看板: all windows of a hall and of those below it, live; the same for a screen on the wall.

What a screen on the wall was sent, and when it showed it, is told to halls, which keeps a sample: so it can be said
later what the screen displayed.
"""

from hashlib import blake2b
from typing import Any
from uuid import uuid4

import falcon

from contracts.feed import HallSnapshot, ReadFeed
from contracts.halls import AcknowledgeScreen, GetBoard, ShowScreen
from contracts.scopes import Reach, is_within
from contracts.scopes.table import scope_of
from contracts.words import topics
from eventing.errors import OneThingError
from gateway.api.messages import speaker
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages import forms
from gateway.pages.doors import Door
from gateway.pages.rendering import page

DOORS = (Door("/board", "board", frozenset({"manager", "clerk", "auditor", "operator"})),)

SHOWN, LOOKED_AT = 10, 200
"""Events of cases on a board, and the newest of the feed among which they are looked for."""


class Choice:
    """Which hall?"""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Straight to the hall of somebody who stands in one; else the tree, of which they may look into some."""
        caller = speaker(req)
        if caller.hall and not req.get_param("all"):
            raise falcon.HTTPSeeOther(f"/board/{caller.hall}")
        halls = req.context.names.halls()
        reaches = scope_of(GetBoard).reaches(caller)
        page(
            req,
            resp,
            "board/choice.html",
            tree=[each for each in halls.values() if not each["parent"]],
            reached={each for each in halls if is_within(reaches, caller, Reach(halls=frozenset({each})))},
        )


class Hall:
    """The board of a hall: ``page`` is how it is shown, ``board/_hall.html`` what it shows."""

    def __init__(self, backend: Backend, template: str) -> None:
        self.backend = backend
        self.template = template

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """All of it at one moment."""
        speaker(req)
        below = req.get_param("below") != "no"
        board = self.backend.for_(req.context.caller).ask(GetBoard(hall=hall, below=below))
        page(
            req,
            resp,
            self.template,
            hall=hall,
            board=board,
            below=below,
            feeds=" ".join(f"hall:{each['hall']}" for each in board["halls"]),
            fragment=f"/board/{hall}/now{'' if below else '?below=no'}",
            totals=totals(board["halls"]),
            recent=self.recent(req, hall),
        )

    def recent(self, req: falcon.Request, hall: str) -> list[dict[str, Any]]:
        """What happened last in the cases of the hall, those included that it took over; newest first."""
        house = self.backend.for_(req.context.caller)
        try:
            stands = house.ask(HallSnapshot(hall=hall))
            after = max(stands["sequence"] - LOOKED_AT, stands["oldest"] - 1)
            events = house.ask(ReadFeed(hall=hall, after=after, limit=LOOKED_AT))["events"]
        except OneThingError:  # the board is of use without it
            return []
        words = topics()
        told = [
            {**each, "title": words.get(each["topic"], {}).get(language_of(req), each["topic"])}
            for each in events
            if each["number"]
        ]
        return told[: -SHOWN - 1 : -1]


class Wall(Hall):
    """The same on a screen that hangs on a wall; it says what it shows. Whose cases move is nobody's there."""

    def recent(self, req: falcon.Request, hall: str) -> list[dict[str, Any]]:
        """Nothing: the public reads it."""
        return []

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """As the board, and halls is told what was sent."""
        super().on_get(req, resp, hall)
        digest = f"blake2b:{blake2b(str(resp.text).encode(), digest_size=16).hexdigest()}"
        resp.set_header("Onething-Shown", digest)
        shown = ShowScreen(hall=hall, screen=f"{hall}.wall", digest=digest, sequence=_sequence(req))
        self.backend.client.command(shown, id=str(uuid4()))  # the gateway's own word: it is what sent it

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """The screen has shown it."""
        speaker(req)
        form = forms.read(req)
        digest = form.get("digest")
        seen = AcknowledgeScreen(hall=hall, screen=f"{hall}.wall", digest=digest, sequence=_sequence(req))
        self.backend.for_(req.context.caller).command(seen, id=str(uuid4()))
        resp.status = 204


def _sequence(req: falcon.Request) -> int:
    """The event of the hall's feed that the screen was brought up to, as it says itself."""
    return req.get_param_as_int("sequence", min_value=0, default=0) or 0


def totals(halls: list[dict[str, Any]]) -> dict[str, int]:
    """What stands at the head of a board: windows by state, people who wait, alerts."""
    windows = [window for hall in halls for window in hall["windows"]]
    return {
        "open": sum(each["state"] == "open" and not each["silent"] for each in windows),
        "paused": sum(each["state"] == "paused" for each in windows),
        "closed": sum(each["state"] == "closed" for each in windows),
        "silent": sum(bool(each["silent"]) for each in windows),
        "serving": sum(each["serving"] is not None for each in windows),
        "waiting": sum(zone["waiting"] for hall in halls for zone in hall["queues"]),
        "alerts": sum(alert["code"] != "not-acceptable" for hall in halls for alert in hall["alerts"]),
    }


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Boards by hall."""
    app.add_route("/board", Choice(backend))
    app.add_route("/board/{hall}", Hall(backend, "board/hall.html"))
    app.add_route("/board/{hall}/now", Hall(backend, "board/_hall.html"))
    app.add_route("/board/{hall}/wall", Wall(backend, "board/wall.html"))
    app.add_route("/board/{hall}/wall/now", Wall(backend, "board/_hall.html"))
