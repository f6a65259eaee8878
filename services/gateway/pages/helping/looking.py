"""查进度: how far a case is and what comes next, for a caller; no materials, no documents, no names."""

from typing import Any

import falcon
import msgspec

from contracts.approval import BundleDetail, GetBundle
from contracts.certificate import GetOutput, OutputDetail
from contracts.intake import CaseDetail, GetCase
from contracts.language import Query
from eventing.errors import Forbidden, NotFound
from gateway.backend import Backend
from gateway.pages.apply.progress import Progress
from gateway.pages.apply.standing import Standing, standing
from gateway.pages.codes import last_part, number_in, printed
from gateway.pages.helping.frame import PROGRESS, Helping


class Look(Helping):
    """The search: by the receipt's code, which is a permission, or by the case's number, as far as the role reaches."""

    tab = PROGRESS

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The field."""
        self.show(req, resp, "progress.html", found=None, wanted="", error="")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """What was found; it is shown here and has no address."""
        form = self.read(req)
        wanted = form.get("wanted")
        seen, error = None, ""
        try:
            seen = self.find(req, wanted)
        except NotFound:
            error = "help_no_case"
        except Forbidden:
            error = "help_code_needed"
        resp.status = 422 if error else 200
        self.show(req, resp, "progress.html", found=seen, wanted=wanted, error=error)

    def find(self, req: falcon.Request, wanted: str) -> Standing:
        """By a code, which anybody of the desk may bring, or by a number. Raises NotFound, Forbidden."""
        number = printed(self.backend).read("receipt", last_part(wanted).upper())
        return Progress(self.backend).standing(number) if number else self.by_number(req, number_in(wanted))

    def by_number(self, req: falcon.Request, number: str) -> Standing:
        """As far as the caller reaches. Raises NotFound, Forbidden."""
        if not number:
            raise NotFound(what="case", id="")
        case = msgspec.convert(self.ask(req, GetCase(case_id=number)), CaseDetail)
        return standing(
            case,
            self.perhaps(req, GetBundle(case_id=case.case_id), BundleDetail),
            self.perhaps(req, GetOutput(case_id=case.case_id), OutputDetail),
        )

    def perhaps(self, req: falcon.Request, query: Query, kind: Any) -> Any:
        """A part of the case that may not be there yet."""
        answer = self.may_ask(req, query)
        return msgspec.convert(answer, kind) if answer is not None else None


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Progress."""
    app.add_route("/help/progress", Look(backend))
