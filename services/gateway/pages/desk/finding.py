"""Looks for a case: by its number, by what is scanned, by the identifier or the certificate that somebody shows.

What is looked for is sent as a form and never stands in an address: it may be somebody's identity number.
"""

from typing import Any

import falcon

from catalogue import Theme
from contracts.certificate import FindCertificates
from contracts.intake import FindCases
from eventing.errors import NotFound
from gateway.backend import Backend
from gateway.pages.codes import number_in
from gateway.pages.desk.desks import Desk
from gateway.pages.rendering import page
from kernel.identifiers import InvalidIdentifier, check_uscc

HANDLED = ("pending", "held", "accepted")
"""States of items that a case still handles."""


class Find(Desk):
    """The search."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Leads to the one case, or shows what was found and what can be begun with it."""
        form = self.read(req)
        wanted = form.get("wanted")
        form.need("wanted")
        number = number_in(wanted)
        if number:
            try:
                case = self.case(req, number)
            except NotFound:
                case = None
            if case is not None:
                raise falcon.HTTPSeeOther(f"/desk/cases/{case.case_id}")
        found = self.ask(req, FindCases(identifier=wanted))["cases"] if not number else []
        certificates = self.may_ask(req, FindCertificates(number=wanted)) or () if not number else ()
        is_licence = _is_uscc(wanted)
        entries = list(entries_of(req.context.names.themes())) if is_licence else []
        page(
            req, resp, "desk/found.html", wanted=wanted, found=found, certificates=certificates, entries=entries,
            singles=singles_of(found),
        )  # fmt: skip


def _is_uscc(text: str) -> bool:
    try:
        check_uscc(text)
    except InvalidIdentifier:
        return False
    return True


def singles_of(found: list[Any]) -> dict[str, str]:
    """Cases that handle one item alone: case → the item. Its theme can be offered."""
    handled = {each["case_id"]: [i for i, state in each["items"].items() if state in HANDLED] for each in found}
    return {case: items[0] for case, items in handled.items() if len(items) == 1}


def entries_of(themes: list[Theme]) -> Any:
    """What an organisation's licence can be the beginning of: (theme, the item that the licence proves)."""
    for theme in themes:
        if theme.applicant == "natural":
            continue
        for item in theme.items:
            gives = any(output.kind == "certificate" for output in item.outputs)
            if item.adopted and gives and not any(not each.optional for each in item.depends_on):
                yield theme, item
                break


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The search of the desk."""
    app.add_route("/desk/find", Find(backend))
