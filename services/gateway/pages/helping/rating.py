"""好差评 by phone: a caller grades what was handled, by the code on their receipt; who gave a bad grade is called back.

What follows from a grade stands on the page of the case's ratings (``pages.ratings``), where call-backs are recorded.
"""

from typing import Any

import falcon

from contracts.outreach import GetRatings, RateHandling
from eventing.errors import NotFound
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.codes import last_part, number_in, printed
from gateway.pages.helping.frame import RATINGS, Helping


class Find(Helping):
    """Which case the caller means: by the receipt's code, which lets them rate it, or by its number."""

    tab = RATINGS

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The field."""
        self.show(req, resp, "ratings.html", ratings=None, wanted="", code="", error="")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """What was handled and how it was graded; it is shown here, and the code stands in no address."""
        wanted = self.read(req).get("wanted")
        code = last_part(wanted).upper()
        by_code = printed(self.backend).read("receipt", code)
        found = self.find(req, by_code or number_in(wanted))
        resp.status = 422 if found is None else 200
        self.show(
            req,
            resp,
            "ratings.html",
            ratings=found,
            wanted=wanted,
            code=code if by_code else "",
            error="help_no_case" if found is None else "",
        )

    def find(self, req: falcon.Request, number: str) -> Any:
        """What was handled in a case, and how it was graded; None where there is no such case."""
        if not number:
            return None
        try:
            return self.ask(req, GetRatings(case_id=number))
        except NotFound:
            return None


class Rate(Helping):
    """A grade."""

    tab = RATINGS

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Of one handling, once, as the caller says it."""
        form = self.read(req)
        form.need("grade", "handling", "receipt")
        code = last_part(form.get("receipt")).upper()
        if not printed(self.backend).read("receipt", code):
            form.wrong({"receipt": "code_not_ours"})
        forms.act(form, form.into(RateHandling, case_id=case_id, channel="phone", receipt=code))
        forms.see(form, resp, f"/ratings/{case_id}", "help_rated")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Ratings by phone."""
    app.add_route("/help/ratings", Find(backend))
    app.add_route("/help/ratings/{case_id}/rate", Rate(backend))
