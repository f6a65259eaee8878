"""等候与办理用时: how long people wait and steps take, by hall and window; and what a screen said at an instant."""

from datetime import datetime
from typing import Any

import falcon

from contracts.halls import GetQueues, ListWindows, ScreenAt, StepTimes
from contracts.scopes.table import may_ask
from eventing.errors import NotFound
from gateway.backend import Backend
from gateway.pages.manage.frame import TIMES, enter, show
from gateway.pages.questions import asked, narrowing
from kernel.clock import CHINA_STANDARD_TIME


class Times:
    """Of a hall or a window, since a day."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Waiting by zone, and steps by theme."""
        caller = enter(req, TIMES)
        client = self.backend.for_(caller)
        query = asked(StepTimes, req, "window", "theme", "since", hall=req.get_param("hall") or caller.hall)
        steps = client.ask(query)
        show(
            req, resp, "times.html", TIMES, steps=steps, hall=query.hall, halls=req.context.names.halls(),
            queues=client.ask(GetQueues(hall=query.hall))["zones"] if query.hall else [],
            windows=client.ask(ListWindows(hall=query.hall))["windows"] if query.hall else [],
            narrowed=narrowing(req, "window", "theme", "since"), themes=req.context.names.themes(),
        )  # fmt: skip


class Screen:
    """What a screen said."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """At the instant that was asked, in China's time; nothing was kept of an instant before the first sample."""
        caller = enter(req, TIMES)
        screen = str(req.get_param("screen") or "").strip()
        at = moment(str(req.get_param("at") or ""))
        shown = None
        if screen and at is not None and may_ask(ScreenAt, caller):
            try:
                shown = self.backend.for_(caller).ask(ScreenAt(screen=screen, at=at))
            except NotFound:
                shown = {}
        show(
            req, resp, "screen.html", TIMES, screen=screen, at=at, asked_at=str(req.get_param("at") or ""),
            shown=shown, halls=req.context.names.halls(), is_wrong=bool(screen) and at is None,
        )  # fmt: skip


def moment(text: str) -> datetime | None:
    """An instant as it is typed: without a zone it is China's."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=CHINA_STANDARD_TIME)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Times and screens."""
    app.add_route("/manage/times", Times(backend))
    app.add_route("/manage/screens", Screen(backend))
