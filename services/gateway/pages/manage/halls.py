"""大厅与窗口: the tree, and for each hall its windows, hours, queues, slots, what is resident, and who sits there."""

import re
from typing import Any

import falcon

from contracts import halls
from contracts.halls import GetArrangement, GetHall, GetMouth, GetQueues, ListWindows, Span, WeeklyHours
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.forms import Form
from gateway.pages.manage.frame import HALLS, enter, show, split

KINDS = (
    "province", "city", "county", "street", "community", "hospital", "bank", "post", "business_centre", "park",
)  # fmt: skip
LEVELS = ("province", "city", "county", "street", "community")
DAYS = tuple(WeeklyHours.__struct_fields__)
PRIORITIES = ("elderly", "disabled", "pregnant", "serviceman")

ROWS = 6
"""Rules that a form has room for, and more where more are set."""
MOST_ROWS = 100

_SPAN = re.compile(r"([01]\d|2[0-4]):?([0-5]\d)\s*[-~]\s*([01]\d|2[0-4]):?([0-5]\d)")


class Tree:
    """The 1+N tree."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Every hall, and a form for another one."""
        caller = enter(req, HALLS)
        tree = self.backend.for_(caller).ask(halls.GetTree())
        show(
            req, resp, "halls.html", HALLS, tree=tree, kinds=KINDS, flat=req.context.names.halls(),
            own=caller.hall, region=self.backend.settings.region,
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Registers a hall."""
        enter(req, HALLS)
        form = forms.read(req)
        command = form.into(halls.RegisterHall)
        forms.act(form, command)
        req.context.names.forget()
        forms.see(form, resp, f"/manage/halls/{command.hall}", "hall_is_registered")


class Hall:
    """A hall with all that is set for it."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """As it stands."""
        caller = enter(req, HALLS)
        client = self.backend.for_(caller)
        names = req.context.names
        found = client.ask(GetHall(hall=hall))
        is_reached = hall in {caller.hall, *caller.halls} or "operator" in caller.roles
        arranged = client.ask(GetArrangement(hall=hall)) if is_reached else None
        mouths = [client.ask(GetMouth(hall=hall, theme=theme.id)) for theme in names.themes()]
        show(
            req, resp, "hall.html", HALLS, hall=found, windows=client.ask(ListWindows(hall=hall))["windows"],
            queues=client.ask(GetQueues(hall=hall))["zones"], mouths=mouths, days=DAYS, arranged=arranged, rows=ROWS,
            hours=written(found["hours"]), others=[each for each in names.halls().values() if each["hall"] != hall],
            themes=names.themes(), organisations=names.catalogue().organisations, levels=LEVELS,
            priorities=PRIORITIES, is_reached=is_reached,
        )  # fmt: skip


class Act:
    """Something is set for a hall."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str, act: str) -> None:
        """One command each."""
        enter(req, HALLS)
        if act not in ACTS:
            raise falcon.HTTPNotFound
        form = forms.read(req)
        for number, command in enumerate(ACTS[act](form, hall)):
            forms.act(form, command, step=str(number) if number else "")
        req.context.names.forget()
        forms.see(form, resp, f"/manage/halls/{hall}", f"hall_{act}_done")


def _weekly(form: Form, hall: str) -> list[halls.SetHours]:
    spans = {day: form.get(f"hours.{day}") for day in DAYS}
    form.wrong({f"hours.{day}": "manage_hours_bad" for day, text in spans.items() if read_spans(text) is None})
    return [
        halls.SetHours(hall=hall, hours=WeeklyHours(**{day: read_spans(text) or () for day, text in spans.items()}))
    ]


def _exception(form: Form, hall: str) -> list[halls.ExceptHours]:
    spans = read_spans(form.get("spans"))
    form.wrong({"spans": "manage_hours_bad"} if spans is None else {})
    return [form.into(halls.ExceptHours, hall=hall, spans=spans or ())]


def _queue(form: Form, hall: str) -> list[halls.ArrangeQueue]:
    zones = [
        halls.ZoneRule(rule.get("zone", ""), rule["prefix"], split(rule.get("themes", "")))
        for rule in _rules(form)
        if rule.get("prefix")
    ]
    return [form.into(halls.ArrangeQueue, hall=hall, zones=zones, priorities=form.all("priorities"))]


def _slots(form: Form, hall: str) -> list[halls.ArrangeSlots]:
    numbers = {
        f"rules.{number}.{name}": form.get(f"rules.{number}.{name}")
        for number in _numbers(form)
        for name in ("minutes", "capacity")
        if form.get(f"rules.{number}.opens")
    }
    form.wrong({name: "field_number" for name, value in numbers.items() if not value.isascii() or not value.isdigit()})
    rules = [
        halls.SlotRule(
            rule["opens"],
            rule.get("closes", ""),
            int(rule["minutes"]),
            int(rule["capacity"]),
            rule.get("zone", ""),
            split(rule.get("themes", "")),
        )
        for rule in _rules(form)
        if rule.get("opens")
    ]
    return [form.into(halls.ArrangeSlots, hall=hall, rules=rules)]


def _rules(form: Form) -> list[dict[str, str]]:
    return [form.below(f"rules.{number}") for number in _numbers(form)]


def _numbers(form: Form) -> list[int]:
    found = {int(number) for name in form.below("rules") if (number := name.partition(".")[0]).isdecimal()}
    return sorted(found)[:MOST_ROWS]


def _items(form: Form) -> tuple[str, ...]:
    items = tuple(dict.fromkeys((*form.all("items"), *split(form.get("item_ids")))))
    form.wrong({} if items else {"item_ids": "field_missing"})
    return items


ACTS: dict[str, Any] = {
    "close": lambda form, hall: [form.into(halls.CloseHall, hall=hall)],
    "reopen": lambda _form, hall: [halls.ReopenHall(hall=hall)],
    "hours": _weekly,
    "except": _exception,
    "lift": lambda form, hall: [form.into(halls.LiftHoursException, hall=hall)],
    "install": lambda form, hall: [form.into(halls.InstallWindow, hall=hall, themes=split(form.get("theme_ids")))],
    "queue": _queue,
    "slots": _slots,
    "mouth": lambda form, hall: [form.into(halls.SetMouth, hall=hall)],
    "move-in": lambda form, hall: [form.into(halls.MoveInItems, hall=hall, items=_items(form))],
    "move-out": lambda form, hall: [form.into(halls.MoveOutItems, hall=hall, items=_items(form))],
    "seat": lambda form, hall: [form.into(halls.SeatOrganisation, hall=hall)],
    "unseat": lambda form, hall: [form.into(halls.UnseatOrganisation, hall=hall)],
}
"""Last part of the address → the commands of a form."""


def read_spans(text: str) -> tuple[Span, ...] | None:
    """``09:00-12:00 13:30-17:00`` as stretches of a day; None where it is something else."""
    rest = _SPAN.sub("", text)
    if rest.replace(",", " ").strip():
        return None
    return tuple(Span(f"{a}:{b}", f"{c}:{d}") for a, b, c, d in _SPAN.findall(text))


def written(hours: dict[str, Any] | None) -> dict[str, str]:
    """Hours as they are typed: day → its stretches."""
    return {day: " ".join(f"{opens}-{closes}" for opens, closes in (hours or {}).get(day, ())) for day in DAYS}


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Halls."""
    app.add_route("/manage/halls", Tree(backend))
    app.add_route("/manage/halls/{hall}", Hall(backend))
    app.add_route("/manage/halls/{hall}/{act}", Act(backend))
