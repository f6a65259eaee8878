"""停放的案件: facts that wait because their case could not go on; tried again, or given up with a reason."""

from typing import Any

import falcon

from contracts.operations import Discard, Redrive
from eventing.errors import NotFound, OneThingError
from eventing.scoping import reaches
from gateway.api.messages import services
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.manage.frame import PARKED, enter, show


class All:
    """Whatever waits, service by service."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """By service and case; a service that cannot be asked now is named."""
        caller = enter(req, PARKED)
        client = self.backend.for_(caller)
        cases: dict[tuple[str, str], list[dict[str, Any]]] = {}
        unheard = []
        for service in sorted(services()):
            try:
                found = client.operate(service, "parked")
            except OneThingError:
                unheard.append(service)
                continue
            for each in found:
                cases.setdefault((service, each["case"]), []).append(each)
        show(req, resp, "parked.html", PARKED, is_live=True, cases=cases, unheard=unheard)


class Act:
    """A case's parked facts are tried again or given up."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, service: str, case: str, act: str) -> None:
        """Leaves the wish with the service, which carries it out at the case's place in its lane."""
        caller = enter(req, PARKED)
        if service not in services() or act not in {"redrive", "discard"}:
            raise NotFound(id=service)
        form = forms.read(req)
        client = self.backend.for_(caller)
        if act == "redrive":
            reaches(Redrive, caller)
            client.operate(service, "redrive", id=forms.command_id(form), case=case)
        else:
            reaches(Discard, caller)
            form.need("reason")
            client.operate(service, "discard", id=forms.command_id(form), case=case, reason=form.get("reason"))
        forms.see(form, resp, "/manage/parked", f"parked_{act}_done", service=service)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Parked cases."""
    app.add_route("/manage/parked", All(backend))
    app.add_route("/manage/parked/{service}/{case}/{act}", Act(backend))
