"""帮办代办委托: what agents of the caller's organisation may do; applicants are known by a blind index alone."""

from typing import Any

import falcon

from contracts.delegation import EndMandate, GetMandate, ListMandates, PauseMandate, ResumeMandate
from contracts.language import Command
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.manage.frame import MANDATES, enter, show
from gateway.pages.questions import asked, narrowing

STATES = ("given", "paused", "ended", "expired")
WHY_ENDED = ("principal", "agent", "completed")
FILTERS = ("agent", "organisation", "status")

PAGE = 50


class Mandates:
    """The list."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Mandates within the caller's reach."""
        caller = enter(req, MANDATES)
        found = self.backend.for_(caller).ask(asked(ListMandates, req, *FILTERS, "after", limit=PAGE))
        show(
            req, resp, "mandates.html", MANDATES, mandates=found["mandates"], after=found["after"],
            parameters=narrowing(req, *FILTERS), states=STATES,
        )  # fmt: skip


class Mandate:
    """One mandate with its forms."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, mandate: str) -> None:
        """As it stands."""
        caller = enter(req, MANDATES)
        found = self.backend.for_(caller).ask(GetMandate(mandate=mandate))
        show(req, resp, "mandate.html", MANDATES, mandate=found, scope=found["scope"], why_ended=WHY_ENDED)


class Act:
    """Something is done with a mandate."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, mandate: str, act: str) -> None:
        """Pauses, resumes or ends it."""
        enter(req, MANDATES)
        commands: dict[str, type[Command]] = {"pause": PauseMandate, "resume": ResumeMandate, "end": EndMandate}
        if act not in commands:
            raise falcon.HTTPNotFound
        form = forms.read(req)
        forms.act(form, form.into(commands[act], mandate=mandate))
        forms.see(form, resp, f"/manage/mandates/{mandate}", f"mandate_{act}_done")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Mandates."""
    app.add_route("/manage/mandates", Mandates(backend))
    app.add_route("/manage/mandates/{mandate}", Mandate(backend))
    app.add_route("/manage/mandates/{mandate}/{act}", Act(backend))
