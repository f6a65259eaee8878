"""信用: what bars somebody from tolerance and promises, looked up by number; entered, and repaired by who keeps it.

The number is sent as a form and never stands in an address: a record is called by a blind index, which nobody can read
back. Every look is recorded.
"""

from typing import Any, get_args

import falcon

from contracts.credit import GetCredit, Ground, RecordCreditBar, RestoreCredit
from contracts.intake import GetCase
from contracts.language import Caller, Query
from contracts.readings import ListBesideReadings
from contracts.scopes.table import may_ask
from eventing.errors import Invalid, NotFound
from eventing.scoping import NotYourRole
from gateway.api.messages import speaker
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.doors import Door
from gateway.pages.questions import asked
from gateway.pages.rendering import page

ROLES = frozenset({"clerk", "reviewer", "approver", "auditor"})
DOORS = (Door("/credit", "credit", ROLES),)
ROWS = 50
"""Readings on one page."""


class Credit:
    """A resource of these pages."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def reader(self, req: falcon.Request) -> Caller:
        """Who looks. Raises NotSignedIn, NotYourRole."""
        caller = speaker(req)
        if ROLES.isdisjoint(caller.roles):
            raise NotYourRole(verb=req.path)
        return caller

    def ask(self, req: falcon.Request, query: Query) -> Any:
        """Asks as whoever looks."""
        return self.backend.for_(self.reader(req)).ask(query, attempts=3)


class Search(Credit):
    """Whose record is wanted."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A field for the number."""
        self.reader(req)
        page(req, resp, "credit/search.html")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Leads to the record: of a number, or of the applicant of a case."""
        reader = self.reader(req)
        form = forms.read(req)
        purpose = purpose_of(reader)
        if case_id := form.get("case"):
            identifier = self.applicant_of(req, case_id, purpose)
        else:
            form.need("identifier")
            identifier = form.get("identifier")
        try:
            record = self.ask(req, GetCredit(identifier=identifier, purpose=purpose))["record"]
        except Invalid as error:
            raise forms.beside_fields(error, req, str) from None
        forms.see(form, resp, f"/credit/{record}")

    def applicant_of(self, req: falcon.Request, case_id: str, purpose: str) -> str:
        """The number of a case's applicant. Raises NotFound where their data was erased."""
        applicant = self.ask(req, GetCase(case_id=case_id, personal=True, purpose=purpose))["applicant"]
        if applicant is None:
            raise NotFound(what="applicant", id=case_id)
        return str(applicant["identifier"])


class Record(Credit):
    """One record."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, record: str) -> None:
        """Every bar, and what the reader may do about it; for auditors also who looked."""
        reader = self.reader(req)
        found = self.ask(req, GetCredit(record=record, purpose=purpose_of(reader)))
        readings = None
        if may_ask(ListBesideReadings, reader):
            readings = self.ask(req, asked(ListBesideReadings, req, "after", thing="credit", name=record, limit=ROWS))
        page(
            req,
            resp,
            "credit/record.html",
            found=found,
            grounds=get_args(Ground),
            records=may_ask(RecordCreditBar, reader),
            restores=[
                each["bar"]
                for each in found["bars"]
                if may_ask(RestoreCredit, reader) and each.get("keeper") == reader.org and not restored(each)
            ],
            restored=restored,
            readings=readings,
        )


class Bars(Credit):
    """登记: an entry of an outside list."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, record: str) -> None:
        """Under its own number, which no other entry of the record has."""
        reader = self.reader(req)
        form = forms.read(req)
        form.need("bar", "ground", "document")
        command = form.into(RecordCreditBar, record=record)
        entered = next(each for each in forms.act(form, command).value["bars"] if each["bar"] == command.bar)
        if not is_entered(entered["entry"], command, reader.org):
            form.wrong({"bar": "credit_bar_known"})
        forms.see(form, resp, f"/credit/{record}", "credit_recorded")


class Restore(Credit):
    """信用修复."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, record: str) -> None:
        """By the document that proves it."""
        self.reader(req)
        form = forms.read(req)
        form.need("bar", "document")
        forms.act(form, form.into(RestoreCredit, record=record))
        forms.see(form, resp, f"/credit/{record}", "credit_restored")


def purpose_of(reader: Caller) -> str:
    """What somebody looks for: to decide, to handle a case, or to oversee."""
    if not {"reviewer", "approver"}.isdisjoint(reader.roles):
        return "review"
    return "handling" if "clerk" in reader.roles else "oversight"


def restored(bar: Any) -> str:
    """The document that repaired a bar; empty while it stands."""
    return str(bar["entry"].get("restored_by", ""))


def is_entered(entry: Any, command: RecordCreditBar, org: str) -> bool:
    """Whether an entry is the one that an organisation sent, and not another one that had its number before."""
    until = command.until.isoformat() if command.until else None
    lasts = str(entry["until"]) if entry.get("until") else None
    said = (entry["source"], entry["ground"], entry.get("document", ""), lasts)
    return said == (org, command.ground, command.document, until)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Credit."""
    app.add_route("/credit", Search(backend))
    app.add_route("/credit/{record}", Record(backend))
    app.add_route("/credit/{record}/bars", Bars(backend))
    app.add_route("/credit/{record}/restore", Restore(backend))
