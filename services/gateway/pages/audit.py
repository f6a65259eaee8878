"""审计: what happened in a case, by whom and in whose name; whether the record is whole; who read personal data.

Beside cases there are ``SECTIONS``, and a case has ``TABS``; one more is a resource, an address, and a line there.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

import falcon
import msgspec

from contracts.casefile import Explain, FindCaseFiles, ListCaseFiles, ListTreeHeads, ProveCase, Timeline, VerifyCase
from contracts.casefile import Why as Reason
from contracts.halls import ScreenAt
from contracts.intake import CaseClosed, CaseOpened, CaseReopened
from contracts.language import Caller, Query
from contracts.readings import ListReadings
from eventing.errors import NotFound
from eventing.scoping import NotYourRole
from gateway.api.messages import speaker
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.doors import Door
from gateway.pages.questions import asked, narrowing
from gateway.pages.rendering import page
from kernel.clock import CHINA_STANDARD_TIME

DOORS = (Door("/audit", "audit", frozenset({"auditor"})),)

SECTIONS = (
    ("/audit", "audit_cases"),
    ("/audit/windows", "audit_windows"),
    ("/audit/screens", "audit_screens"),
    ("/audit/ledger", "audit_ledger"),
)
"""What there is to see beside single cases: address, and its words. Indicators of the whole have their place here."""

TABS = (
    ("", "audit_timeline"),
    ("/difference", "audit_difference"),
    ("/why", "audit_why"),
    ("/readings", "audit_readings"),
    ("/chain", "audit_chain"),
)
"""What there is to see of a case: the end of the address, and its words. Proofs of it have their place here."""

STATES = ("open", "closed")
CLOCKS = ("running", "paused", "overdue")
FILTERS = ("number", "theme", "item", "hall", "department", "state", "clock", "sort")
SORTS = ("newest", "oldest", "updated")
ROWS = 50
MOST = 2000
"""Entries of a case that the slider goes over; a case has some dozens."""


class Moment(msgspec.Struct, frozen=True):
    """A case as its record tells it at one entry."""

    state: str
    items: dict[str, Any]
    """item → the last entry that names it."""
    services: dict[str, int]
    """service → how many facts it had recorded."""
    rules: str
    """The catalogue version by which the case was handled then."""


TURNS = {CaseOpened.TOPIC: "open", CaseClosed.TOPIC: "closed", CaseReopened.TOPIC: "open"}
"""What a case is after these facts."""


def moment(entries: Sequence[Mapping[str, Any]]) -> Moment:
    """What the entries up to one of them say of the case."""
    state, rules = "", ""
    items: dict[str, Any] = {}
    services: dict[str, int] = {}
    for entry in entries:
        services[entry["service"]] = services.get(entry["service"], 0) + 1
        rules = rules_of(entry) or rules
        state = TURNS.get(entry["topic"], state)
        items |= dict.fromkeys(items_of(entry), entry)
    return Moment(state, items, services, rules)


def items_of(entry: Mapping[str, Any]) -> Iterator[str]:
    """The items that a fact names."""
    body = entry["body"]
    if isinstance(body.get("item"), str) and body["item"]:
        yield body["item"]
    several = body.get("items")
    for each in several if isinstance(several, list) else ():
        name = each.get("item") if isinstance(each, dict) else each
        if isinstance(name, str):
            yield name


def rules_of(entry: Mapping[str, Any]) -> str:
    """The catalogue version that a fact names; empty where it names none."""
    said = entry["body"].get("catalogue")
    return said if isinstance(said, str) else ""


def with_rules(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each entry with the catalogue version that held then, the calendar that it names, and its body as text."""
    found, rules = [], ""
    for entry in entries:
        rules = rules_of(entry) or rules
        clocks = entry["body"].get("clocks")
        calendar = clocks.get("calendar", "") if isinstance(clocks, dict) else ""
        found.append({**entry, "rules": rules, "calendar": calendar, "said": said_in(entry["body"])})
    return found


def said_in(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A fact's own fields as text; what is empty is left out."""
    return [
        (name, value if isinstance(value, str) else msgspec.json.encode(value).decode())
        for name, value in body.items()
        if value not in ("", None, [], {})
    ]


class Audited:
    """What every page of the auditor has."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def auditor(self, req: falcon.Request) -> Caller:
        """Who looks. Raises NotSignedIn, NotYourRole."""
        caller = speaker(req)
        if "auditor" not in caller.roles:
            raise NotYourRole(verb="Timeline")
        return caller

    def ask(self, req: falcon.Request, question: Query) -> dict[str, Any]:
        """As the auditor."""
        return dict(self.backend.for_(req.context.caller).ask(question))

    def timeline(self, req: falcon.Request, case_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The case, and everything that happened in it."""
        head = self.ask(req, Timeline(case_id=case_id))
        entries, after = list(head["entries"]), head["after"]
        while after is not None and len(entries) < MOST:
            more = self.ask(req, Timeline(case_id=case_id, after=after))
            entries, after = [*entries, *more["entries"]], more["after"]
        return head, with_rules(entries)


class Search(Audited):
    """Cases by number, theme, item, hall, department, state and clocks; with an identifier, those of one applicant."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A number is no personal data: it may stand in the address."""
        self.auditor(req)
        asked = ListCaseFiles(**known(req.params), after=req.get_param("after") or "", limit=ROWS)
        self.show(req, resp, asked, self.ask(req, asked))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """An identifier is personal: it comes in a form, and so does the next page of what it finds."""
        self.auditor(req)
        form = forms.read(req)
        form.need("identifier")
        wanted = known({name: form.get(name) for name in FILTERS})
        asked = FindCaseFiles(**wanted, identifier=form.get("identifier"), after=form.get("after"), limit=ROWS)
        self.show(req, resp, asked, self.ask(req, asked))

    def show(self, req: falcon.Request, resp: falcon.Response, asked: Any, found: Mapping[str, Any]) -> None:
        """The page."""
        catalogue = req.context.names.catalogue()
        page(
            req,
            resp,
            "audit/search.html",
            rows=found["cases"],
            after=found["after"],
            asked=asked,
            identifier=getattr(asked, "identifier", ""),
            filters={name: value for name in FILTERS if (value := getattr(asked, name))},
            themes=[(theme.id, theme.name) for theme in req.context.names.themes()],
            items=list({item.id: item.name for theme in req.context.names.themes() for item in theme.items}.items()),
            halls=[(hall, node["name"]) for hall, node in req.context.names.halls().items()],
            departments=sorted((org.id, org.name) for org in catalogue.organisations.values()),
            states=STATES,
            clocks=CLOCKS,
            sorts=SORTS,
            sections=SECTIONS,
        )


def known(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked, without the states, clocks and orders that there are not."""
    of = {"state": STATES, "clock": CLOCKS, "sort": SORTS}
    asked = {name: str(given.get(name) or "").strip() for name in FILTERS}
    return {name: value for name, value in asked.items() if value and value in of.get(name, (value,))}


class History(Audited):
    """What happened, up to the entry that the slider stands at."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """The page, or what changes when the slider moves."""
        self.auditor(req)
        head, entries = self.timeline(req, case_id)
        at = min(max(req.get_param_as_int("at", default=len(entries)) or 1, 1), max(len(entries), 1))
        page(
            req,
            resp,
            "audit/_moment.html" if req.get_header("X-Fragment") else "audit/case.html",
            head=head,
            entries=entries[:at],
            at=at,
            length=len(entries),
            moment=moment(entries[:at]),
            tabs=TABS,
        )


class Difference(Audited):
    """What is otherwise between two entries, and what happened between them."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """From the first entry to the last, unless others are asked for."""
        self.auditor(req)
        head, entries = self.timeline(req, case_id)
        last = max(len(entries), 1)
        asked = (req.get_param_as_int(name, default=default) or 1 for name, default in (("from", 1), ("to", last)))
        begins, ends = sorted(min(max(each, 1), last) for each in asked)
        before, after = moment(entries[:begins]), moment(entries[:ends])
        page(
            req,
            resp,
            "audit/difference.html",
            head=head,
            entries=entries,
            begins=begins,
            ends=ends,
            before=before,
            after=after,
            changed=[item for item, each in after.items.items() if each is not before.items.get(item)],
            between=entries[begins:ends],
            tabs=TABS,
        )


class Why(Audited):
    """Why a case is not finished, an item blocked, a material asked for, an acceptance lawful."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """The answer, with the facts and rules that it takes."""
        self.auditor(req)
        head = self.ask(req, Timeline(case_id=case_id, limit=1))
        said, subject = req.get_param("why") or "", (req.get_param("subject") or "").strip()
        why: Reason = next((each for each in get_args(Reason) if each == said), "unfinished")
        is_asked = bool(subject) or why == "unfinished"
        subject = "" if why == "unfinished" else subject
        found = self.ask(req, Explain(case_id=head["case_id"], why=why, subject=subject)) if is_asked else None
        whys = get_args(Reason)
        page(req, resp, "audit/why.html", head=head, why=why, subject=subject, found=found, whys=whys, tabs=TABS)


class Proof(Audited):
    """The proof of a case, to be checked without asking anybody."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """A file."""
        self.auditor(req)
        proof = self.ask(req, ProveCase(case_id=case_id))
        resp.content_type = "application/json"
        resp.set_header("Content-Disposition", f'attachment; filename="{proof["number"] or proof["case_id"]}.json"')
        resp.data = msgspec.json.format(msgspec.json.encode(proof), indent=1)


class Readings(Audited):
    """Who read personal data of the case, and for what."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Newest first."""
        self.auditor(req)
        head = self.ask(req, Timeline(case_id=case_id, limit=1))
        question = asked(ListReadings, req, "by", "since", "reversed", "after", case_id=head["case_id"], limit=ROWS)
        found = self.ask(req, question)
        page(
            req,
            resp,
            "audit/readings.html",
            head=head,
            rows=found["readings"],
            after=found["after"],
            narrowed=narrowing(req, "by", "since", "reversed"),
            tabs=TABS,
        )


class Chain(Audited):
    """Whether the record is what was written."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Computed anew each time."""
        self.auditor(req)
        head = self.ask(req, Timeline(case_id=case_id, limit=1))
        verdict = self.ask(req, VerifyCase(case_id=case_id))
        heads = self.ask(req, ListTreeHeads(newest=True))
        page(req, resp, "audit/chain.html", head=head, verdict=verdict, heads=heads, tabs=TABS)


class Screens(Audited):
    """What a screen showed at an instant."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The form, and its answer where something was asked."""
        self.auditor(req)
        screen, said = req.get_param("screen") or "", req.get_param("at") or ""
        shown, wrong = None, False
        if screen and said:
            try:
                shown = self.ask(req, ScreenAt(screen=screen, at=instant(said)))
            except NotFound:
                shown = None
            except ValueError:
                wrong = True
        page(
            req,
            resp,
            "audit/screens.html",
            screen=screen,
            at=said,
            shown=shown,
            wrong=wrong,
            asked=bool(screen and said),
            sections=SECTIONS,
        )


def instant(text: str) -> datetime:
    """An instant as somebody in China writes it. Raises ValueError."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo is not None else read.replace(tzinfo=CHINA_STANDARD_TIME)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Search, a case with its tabs, screens."""
    app.add_route("/audit", Search(backend))
    app.add_route("/audit/screens", Screens(backend))
    app.add_route("/audit/{case_id}", History(backend))
    app.add_route("/audit/{case_id}/difference", Difference(backend))
    app.add_route("/audit/{case_id}/why", Why(backend))
    app.add_route("/audit/{case_id}/proof", Proof(backend))
    app.add_route("/audit/{case_id}/readings", Readings(backend))
    app.add_route("/audit/{case_id}/chain", Chain(backend))
