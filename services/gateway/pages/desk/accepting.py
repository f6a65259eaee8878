"""受理: which items can be accepted here and now, in whose name; tolerance and promise; or not accepting."""

from typing import Any

import falcon

from contracts.halls import WhatCanAccept
from contracts.intake import AcceptItems, CaseDetail, ExtendTolerance, NotAcceptItem, RefuseSupplement, Signed
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.commitments import commitment, is_declared, promisable, tolerable
from gateway.pages.desk.case import step_of
from gateway.pages.desk.desks import OPEN, Desk, now, selection_of, theme_of
from gateway.pages.rendering import page


class Accept(Desk):
    """The act."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """The items that are open, with what each lacks and who allows it."""
        case = self.case(req, case_id)
        selection = selection_of(req, case)
        theme = theme_of(req, case)
        pending = [theme.item(each) for each, state in case.items.items() if state in OPEN]
        page(
            req,
            resp,
            "desk/accept.html",
            case=case,
            step=step_of(case),
            pending=pending,
            tolerable=tolerable(case, selection, pending),
            promises=promisable(pending),
            began=now(),
            **self.acceptance(req, case),
        )

    def acceptance(self, req: falcon.Request, case: CaseDetail) -> dict[str, Any]:
        """Item by item, whether this window can accept it now."""
        me = self.clerk(req)
        answer = self.may_ask(req, WhatCanAccept(window=me.window, theme=case.theme)) if me.window else None
        handlers = {each.item: each.handler for each in case.plan}
        found = {
            each["item"]: each
            for each in (answer or {}).get("items", ())
            if handlers.get(each["item"], each["handler"]) == each["handler"]
        }
        return {"acceptance": answer, "can": found}

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Accepts; what was signed is the commitment that was printed for exactly these materials and items."""
        form = self.read(req)
        case = self.case(req, case_id)
        tolerate, promise = form.all("tolerate"), form.all("promise")
        signs = bool(form.get("signed"))
        if (tolerate or promise) and not signs and not is_declared(case, tolerate, promise):
            form.wrong({"signed": "sign_first"})
        command = AcceptItems(
            case_id=case.case_id,
            items=form.all("items"),
            tolerate=tolerate,
            promise=promise,
            signed=Signed(document=commitment(case.number, tolerate, promise)) if signs else None,
        )
        forms.act(form, command)
        self.time(form, "accept", case.theme)
        forms.see(form, resp, f"/desk/cases/{case.case_id}/receipt", "items_accepted")


class Live(Accept):
    """Who allows it, as a fragment that follows the feed."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Read again when grants, staff or the window change."""
        case = self.case(req, case_id)
        theme = theme_of(req, case)
        pending = [theme.item(each) for each, state in case.items.items() if state in OPEN]
        page(req, resp, "desk/_grants.html", case=case, pending=pending, **self.acceptance(req, case))


class Commitment(Desk):
    """容缺受理承诺书 and 告知承诺书: printed, signed by the applicant, known by its digest."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """For what was ticked on the page before."""
        form = self.read(req)
        case = self.case(req, case_id, personal=True)
        tolerate, promise = form.all("tolerate"), form.all("promise")
        page(
            req,
            resp,
            "desk/commitment.html",
            case=case,
            tolerate=tolerate,
            promise=promise,
            digest=commitment(case.number, tolerate, promise),
        )


class Decline(Desk):
    """不予受理 of one item."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """With the reason, and the competent authority where it is another's."""
        form = self.read(req)
        form.need("reason")
        forms.act(form, form.into(NotAcceptItem, case_id=case_id))
        forms.see(form, resp, f"/desk/cases/{case_id}/papers", "item_declined", mood="warn")


class Supplement(Desk):
    """容缺补正 that does not comply: it is still missing, and the day stands."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str, item: str) -> None:
        """Which materials, and why."""
        form = self.read(req)
        form.need("materials", "reason")
        forms.act(form, form.into(RefuseSupplement, case_id=case_id, item=item))
        forms.see(form, resp, f"/desk/cases/{case_id}", "supplement_refused", mood="warn")


class Extend(Desk):
    """不可抗力延期 of a tolerance, by somebody else than who accepted."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str, item: str) -> None:
        """Until which day, and why."""
        form = self.read(req)
        form.need("due_on", "reason")
        forms.act(form, form.into(ExtendTolerance, case_id=case_id, item=item))
        forms.see(form, resp, f"/desk/cases/{case_id}", "tolerance_extended")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Accepting and not accepting."""
    app.add_route("/desk/cases/{case_id}/accept", Accept(backend))
    app.add_route("/desk/cases/{case_id}/accept/grants", Live(backend))
    app.add_route("/desk/cases/{case_id}/accept/commitment", Commitment(backend))
    app.add_route("/desk/cases/{case_id}/decline", Decline(backend))
    app.add_route("/desk/cases/{case_id}/tolerances/{item}/refuse", Supplement(backend))
    app.add_route("/desk/cases/{case_id}/tolerances/{item}/extend", Extend(backend))
