"""导入: who came for a single item is offered its theme; what they said is counted, and a case may come of it."""

import uuid
from typing import Any

import falcon

from contracts.offers import AnswerOffer, ListOffers, OfferTheme, SuggestThemes
from eventing.errors import Invalid
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.desks import Desk
from gateway.pages.forms import Form
from gateway.pages.rendering import page

OFFERS = uuid.UUID("6f6e6574-6869-6e67-8000-6465736b0002")
"""Names an offer after the key of the form that made it: sent twice, it is the same offer."""


class Offers(Desk):
    """Offers of this hall, and making one."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """With ``item``, the themes that it belongs to."""
        me = self.clerk(req)
        item, after = req.get_param("item") or "", req.get_param("after") or ""
        page(
            req,
            resp,
            "desk/offers.html",
            item=item,
            origin=req.get_param("origin") or "",
            suggested=self.ask(req, SuggestThemes(item=item))["themes"] if item else [],
            reasons=self.ask(req, SuggestThemes(item=item))["reasons"],
            offers=self.ask(req, ListOffers(hall=me.hall, after=after, limit=20)),
            items=items_of(req),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """``act`` makes an offer, or records its answer."""
        form, me = self.read(req), self.clerk(req)
        match form.get("act"):
            case "offer":
                offer = str(uuid.uuid5(OFFERS, f"{me.by}:{form.key}"))
                forms.act(form, form.into(OfferTheme, offer=offer, channel="window"))
                forms.see(form, resp, "/desk/offers", "offer_made")
            case "accepted":
                forms.act(form, form.into(AnswerOffer, answer="accepted"))
                forms.see(form, resp, onward(form), "offer_accepted")
            case "declined":
                form.need("reason")
                if form.get("reason") == "other":
                    form.need("words")
                forms.act(form, form.into(AnswerOffer, answer="declined"))
                forms.see(form, resp, "/desk/offers", "offer_declined", mood="warn")
            case other:
                raise Invalid(act=other)


def onward(form: Form) -> str:
    """Where a yes leads: to the case that has the item, or to a new one; either remembers the offer."""
    offer, origin = form.get("offer"), form.get("origin")
    return f"/desk/cases/{origin}/change?offer={offer}" if origin else f"/desk/new/{form.get('theme')}?offer={offer}"


def items_of(req: falcon.Request) -> list[tuple[str, str]]:
    """The single items that somebody can come for, by name."""
    found = {
        item.id: f"{item.name}（{theme.name}）"
        for theme in req.context.names.themes()
        for item in theme.items
        if item.adopted and not item.is_internal
    }
    return sorted(found.items(), key=lambda pair: pair[1])


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Offers."""
    app.add_route("/desk/offers", Offers(backend))
