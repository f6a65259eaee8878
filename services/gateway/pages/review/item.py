"""One item at the desk: its materials beside its form, its clocks and how they came out, and what may be done."""

from contextlib import suppress
from typing import Any, get_args

import falcon

from catalogue.limits import prolongation_of
from catalogue.model import Field, Item
from contracts.approval import GetBundle, RevocationGround
from contracts.intake import GetCase
from contracts.language import Query
from contracts.routing import GetDistribution
from contracts.words import Language
from eventing.errors import Forbidden, NotFound
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages.names import term
from gateway.pages.rendering import page
from gateway.pages.review.acts import Situation, offered
from gateway.pages.review.lists import desk_of

PICTURES = ("image/jpeg", "image/png")
"""What a page shows beside the form; anything else opens by itself."""

GENERAL = ("hearing", "tender", "auction", "inspection", "testing", "quarantine", "appraisal", "expert_review")
"""行政许可法 第45条: the steps that every item has beside its own."""


class Reviewing:
    """The page of one item, and the part of it that is live."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str, item: str) -> None:
        """Opening the page reads the form, which is recorded; what is live of it shows nothing personal."""
        caller = desk_of(req)
        live = bool(req.get_header("X-Fragment"))
        bundle = self._ask(req, GetBundle(case_id=case_id))
        review = next((each for each in bundle["reviews"] if each["item"] == item), None)
        if review is None:
            raise NotFound(what="review", id=item)
        case = self._case(req, case_id, personal=not live and review["handler"] == caller.org)
        catalogue = req.context.names.catalogue(bundle["catalogue"])
        theme = catalogue.themes.get(bundle["theme"])
        known = next((each for each in theme.items if each.id == item), None) if theme else None
        distribution = None
        with suppress(Forbidden, NotFound):
            distribution = self._ask(req, GetDistribution(case_id=case_id))
        prolongable = "statutory" in review["clocks"] and known is not None and prolongation_of(catalogue, known)
        situation = Situation(
            caller,
            bundle,
            review,
            distribution,
            procedures_of(known, language_of(req)),
            bool(prolongable),
            {each["copy"]: self._name(req, each["material"], bundle) for each in case["materials"]} if case else {},
            {each: self._name(req, each, bundle) for each in awaited(case, item)} if case else {},
        )
        copies = copies_of(case, known) if case else []
        wanted = req.get_param("copy")
        page(
            req,
            resp,
            "review/_standing.html" if live else "review/item.html",
            bundle=bundle,
            review=review,
            case=case,
            theme=theme,
            fields=[each for each in theme.fields if item in each.items] if theme else [],
            said=said,
            copies=copies,
            shown=next((each for each in copies if each["copy"] == wanted), None),
            pictures=PICTURES,
            situation=situation,
            offered=offered(situation),
            choices=choices(situation),
            organisations=[(org.id, org.name) for org in catalogue.organisations.values() if org.id != caller.org],
            others=sorted(bundle["reviews"], key=lambda each: (str(each["ends_on"] or "9999"), each["item"])),
        )

    def _case(self, req: falcon.Request, case_id: str, *, personal: bool) -> dict[str, Any] | None:
        """The case, with its form where the reader may see it; None for whoever was only asked for an opinion."""
        if personal:
            with suppress(Forbidden):
                return self._ask(req, GetCase(case_id=case_id, personal=True, purpose="review"))
        with suppress(Forbidden):
            return self._ask(req, GetCase(case_id=case_id))
        return None

    @staticmethod
    def _name(req: falcon.Request, material: str, bundle: dict[str, Any]) -> str:
        return str(req.context.names.material(material, bundle["theme"], bundle["catalogue"]))

    def _ask(self, req: falcon.Request, question: Query) -> dict[str, Any]:
        return dict(self.backend.for_(req.context.caller).ask(question))


def procedures_of(item: Item | None, language: Language) -> dict[str, str]:
    """The special procedures that an item may be suspended by: its own, and those of the law."""
    own = {each.id: each.name for each in item.special_procedures} if item else {}
    return {name: term(name, language) for name in GENERAL} | own


def said(field: Field, value: str | None) -> str:
    """A value of the form in words: a choice by its name, anything else as it was written."""
    return next((each.name for each in field.choices if each.value == value), value or "")


def copies_of(case: dict[str, Any], item: Item | None) -> list[dict[str, Any]]:
    """The copies of the materials that the item needs, the newest edition of each; no other item's."""
    needed = {each.id for each in item.materials} if item else set()
    replaced = {each.get("replaces") for each in case["materials"]} - {None, ""}
    return [each for each in case["materials"] if each["material"] in needed and each["copy"] not in replaced]


def awaited(case: dict[str, Any], item: str) -> tuple[str, ...]:
    """The materials that may still come for an item that was not denied, of a case that is not over."""
    tolerance = case["tolerances"].get(item)
    if tolerance is None or tolerance.get("rested") or case["status"] == "closed":
        return ()
    return tuple(tolerance["missing"])


def choices(situation: Situation) -> dict[str, list[tuple[str, str]]]:
    """What the choices of the forms are among; words for codes are found in the template."""
    return {
        "procedures": [(n, w) for n, w in situation.procedures.items() if n not in situation.running],
        "running": list(situation.running.items()),
        "opinions_owed": list(situation.opinions_owed.items()),
        "visit_words": list(situation.visit_words.items()),
        "visits": list(situation.visits.items()),
        "parties": list(situation.parties.items()),
        "packets": list(situation.packets.items()),
        "unread": list(situation.unread.items()),
        "refusable": list(situation.refusable.items()),
        "originals": list(situation.originals.items()),
        "awaited": list(situation.awaited.items()),
        "kinds": [("department", ""), ("expert", "")],
        "voidings": [("voided", ""), ("deleted", "")],
        "grounds": [(each, "") for each in get_args(RevocationGround)],
    }


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """One item."""
    app.add_route("/review/{case_id}/{item}", Reviewing(backend))
