"""推送订阅: which systems are told what, how far they came, what waits, and what is parked until somebody decides."""

import uuid
from typing import Any

import falcon
import msgspec

from contracts.language import Command
from contracts.webhooks import (
    CreateWebhook,
    GetWebhook,
    GetWebhookSecret,
    GiveUpDelivery,
    ListDeliveries,
    ListWebhooks,
    PauseWebhook,
    RedriveDelivery,
    RemoveWebhook,
    ReplayWebhook,
    ResumeWebhook,
    RotateWebhookSecret,
)
from gateway.api.messages import speaker
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.doors import Door
from gateway.pages.rendering import page

ROLES = frozenset({"subscriber", "manager", "operator"})
DOORS = (Door("/webhooks", "webhooks", ROLES),)

STATES = ("", "waiting", "parked", "delivered", "given_up")

ACTS: dict[str, type[Command]] = {
    "pause": PauseWebhook,
    "resume": ResumeWebhook,
    "rotate": RotateWebhookSecret,
    "replay": ReplayWebhook,
    "remove": RemoveWebhook,
    "redrive": RedriveDelivery,
    "give-up": GiveUpDelivery,
}
"""The last word of an address → what is done there."""


class All:
    """The subscriptions, and the form for another one."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A page of them."""
        caller = speaker(req)
        found = self.backend.for_(caller).ask(ListWebhooks(after=req.get_param("after") or ""))
        halls = list(dict.fromkeys((*(hall for hall in (caller.hall,) if hall), *caller.halls)))
        page(
            req,
            resp,
            "webhooks/all.html",
            webhooks=found["webhooks"],
            after=found["after"],
            halls=halls,
            fresh=f"w-{uuid.uuid4().hex[:12]}",
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Another one."""
        speaker(req)
        form = forms.read(req)
        form.need("url", "halls")
        topics = tuple(form.get("topics").split())
        webhook = form.get("webhook") or f"w-{uuid.uuid4().hex[:12]}"
        command = CreateWebhook(webhook=webhook, url=form.get("url"), halls=form.all("halls"), topics=topics)
        forms.act(form, command)
        forms.see(form, resp, f"/webhooks/{webhook}", "webhooks_created")


class One:
    """One subscription: ``page`` is the whole, ``webhooks/_now.html`` what is read again."""

    def __init__(self, backend: Backend, template: str) -> None:
        self.backend = backend
        self.template = template

    def on_get(self, req: falcon.Request, resp: falcon.Response, webhook: str) -> None:
        """How it stands, and its deliveries."""
        client = self.backend.for_(speaker(req))
        wish = req.get_param("state") or ""
        state = wish if wish in STATES else ""
        listed = msgspec.convert(
            {"webhook": webhook, "state": state, "after": req.get_param("after") or ""}, ListDeliveries
        )
        page(
            req,
            resp,
            self.template,
            webhook=client.ask(GetWebhook(webhook=webhook)),
            deliveries=client.ask(listed),
            state=state,
            states=STATES,
        )


class Secret:
    """The secrets, shown to whoever sets up the subscriber."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, webhook: str) -> None:
        """Both while both sign."""
        found = self.backend.for_(speaker(req)).ask(GetWebhookSecret(webhook=webhook))
        page(req, resp, "webhooks/secret.html", webhook=webhook, secrets=found["secrets"])


class Act:
    """What is done to a subscription or one of its deliveries."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, webhook: str, act: str) -> None:
        """The command that the address names."""
        speaker(req)
        if act not in ACTS:
            raise falcon.HTTPRouteNotFound
        form = forms.read(req)
        forms.act(form, form.into(ACTS[act], webhook=webhook))
        where = "/webhooks" if act == "remove" else f"/webhooks/{webhook}"
        forms.see(form, resp, where, f"webhooks_done_{act.replace('-', '_')}")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Subscriptions."""
    app.add_route("/webhooks", All(backend))
    app.add_route("/webhooks/{webhook}", One(backend, "webhooks/one.html"))
    app.add_route("/webhooks/{webhook}/now", One(backend, "webhooks/_now.html"))
    app.add_route("/webhooks/{webhook}/secret", Secret(backend))
    app.add_route("/webhooks/{webhook}/{act}", Act(backend))
