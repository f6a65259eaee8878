"""The indicators counted again, by hand, from the facts in casefile's ledger: no word of it is insight's.

Each rule reads plain JSON. It knows the ledger's columns and the published fields of facts, and nothing else.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from kernel.workdays import WorkingCalendar

CHINA = timezone(timedelta(hours=8))
CALENDAR = WorkingCalendar.official()


@dataclass
class Entry:
    """A fact in the ledger."""

    topic: str
    case: str
    stream: str
    at: datetime
    body: dict[str, Any]

    @property
    def on(self) -> date:
        return self.at.astimezone(CHINA).date()


@dataclass
class Ledger:
    """The facts of one run and the period that is asked for."""

    entries: list[Entry]
    begins: date
    ends: date
    catalogue: Any = None
    theme: str = ""
    by_topic: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        themes = {e.case: e.body["theme"] for e in self.entries if e.topic == "onething.case.opened.v1"}
        for entry in self.entries:
            if not self.theme or themes.get(entry.case) == self.theme:
                self.by_topic[entry.topic].append(entry)

    def of(self, topic: str) -> list[Entry]:
        return self.by_topic[f"onething.{topic}.v1"]

    def inside(self, day: date) -> bool:
        return self.begins <= day <= self.ends

    def first(self, days: Iterator[tuple[Any, date]]) -> set[Any]:
        """Those that had their first day in the period."""
        earliest: dict[Any, date] = {}
        for key, day in days:
            earliest[key] = min(day, earliest.get(key, day))
        return {key for key, day in earliest.items() if self.inside(day)}

    # what many rules need

    def accepted(self) -> Iterator[tuple[tuple[str, str], date, bool, str]]:
        for entry in self.of("case.items-accepted"):
            for each in entry.body["items"]:
                on = date.fromisoformat(each["accepted_on"]) if "accepted_on" in each else entry.on
                yield (entry.case, each["item"]), on, bool(each.get("tolerated")), each["handler"]

    def received(self) -> Iterator[tuple[tuple[str, str], date]]:
        for entry in self.of("case.materials-received"):
            yield from (((entry.case, item), entry.on) for item in entry.body.get("items", ()))
        yield from ((key, on) for key, on, _, _ in self.accepted())
        for entry in self.of("case.item-not-accepted"):
            yield (entry.case, entry.body["item"]), entry.on
        for entry in self.of("case.items-returned"):
            yield from (((entry.case, item), entry.on) for item in entry.body["items"])
        for entry in self.of("case.items-held"):
            yield from (((entry.case, each["item"]), entry.on) for each in entry.body["items"])
        for entry in self.of("case.correction-requested"):
            yield from (((entry.case, item), entry.on) for item in entry.body["missing"])

    def decided(self) -> dict[tuple[str, str], Entry]:
        found: dict[tuple[str, str], Entry] = {}
        for entry in sorted([*self.of("review.granted"), *self.of("review.denied")], key=lambda e: e.at):
            found.setdefault((entry.case, entry.body["item"]), entry)
        return {key: entry for key, entry in found.items() if self.inside(entry.on)}

    def clocks(self) -> dict[tuple[str, str], list[tuple[datetime, dict[str, Any]]]]:
        found: dict[tuple[str, str], list[tuple[datetime, dict[str, Any]]]] = defaultdict(list)
        for entry in self.of("review.unlocked"):
            for clock in entry.body["reviews"]:
                found[entry.case, clock["item"]].append((entry.at, clock))
        for topic in ("review.suspended", "review.resumed", "review.extended"):
            for entry in self.of(topic):
                found[entry.case, entry.body["item"]].append((entry.at, entry.body["clocks"]))
        return found

    def visits(self) -> dict[str, set[date]]:
        days: dict[str, set[date]] = defaultdict(set)
        for entry in self.of("case.opened"):
            if entry.body["channel"] in ("window", "kiosk"):
                days[entry.case].add(entry.on)
        for entry in self.of("package.handed-over"):
            if entry.body["method"] == "window":
                days[entry.case].add(entry.on)
        for entry in self.of("original.handed-back"):
            if entry.body["method"] == "window":
                days[entry.case].add(entry.on)
        for topic in ("ticket.served", "ticket.bound"):
            for entry in self.of(topic):
                if entry.body.get("case"):
                    days[entry.body["case"]].add(entry.on)
        return days

    def closed(self, *outcomes: str) -> set[str]:
        wanted = outcomes or ("granted", "partly", "denied", "withdrawn", "not_accepted", "returned")
        return self.first((e.case, e.on) for e in self.of("case.closed") if e.body["outcome"] in wanted)

    def opened(self, **wanted: str) -> set[str]:
        return {
            e.case
            for e in self.of("case.opened")
            if self.inside(e.on) and all(e.body[name] == value for name, value in wanted.items())
        }


def read(database: Path, begins: date, ends: date, catalogue: Any = None, theme: str = "") -> Ledger:
    """The ledger as it lies in casefile's database."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT topic, case_id, stream, state FROM ledger ORDER BY at, service, position"
        ).fetchall()
    entries = []
    for topic, case, stream, state in rows:
        body = json.loads(state)
        entries.append(Entry(topic, case, stream, datetime.fromisoformat(body["at"]), body))
    return Ledger(entries, begins, ends, catalogue, theme)


def share(top: float, bottom: float) -> dict[str, Any]:
    return {"value": top / bottom if bottom else None, "numerator": top, "denominator": bottom}


def many(number: float) -> dict[str, Any]:
    return {"value": number}


def rated(amounts: list[float]) -> dict[str, Any]:
    if not amounts:
        return {"value": None}
    ordered = sorted(amounts)
    at = lambda percent: ordered[max(0, -(-percent * len(ordered) // 100) - 1)]  # noqa: E731
    spread = {"median": at(50), "p95": at(95), "most": ordered[-1]}
    return {"value": sum(ordered) / len(ordered), "count": len(ordered), "spread": spread}


def sorts(parts: Counter[str]) -> dict[str, Any]:
    return {"value": sum(parts.values()), "parts": dict(parts)}


Rule = Callable[[Ledger], dict[str, Any]]
RULES: dict[tuple[str, str], Rule] = {}


def rule(indicator: str, figure: str) -> Callable[[Rule], Rule]:
    def keep(counted: Rule) -> Rule:
        RULES[indicator, figure] = counted
        return counted

    return keep


def _joint(ledger: Ledger) -> dict[str, int]:
    items: dict[str, set[str]] = defaultdict(set)
    for (case, item), _, _, _ in ledger.accepted():
        items[case].add(item)
    begun = ledger.first((key[0], on) for key, on, _, _ in ledger.accepted())
    return {case: len(each) for case, each in items.items() if case in begun and len(each) >= 2}


@rule("single_items", "inside")
def _(ledger: Ledger) -> dict[str, Any]:
    return many(len(ledger.first((key, on) for key, on, _, _ in ledger.accepted())))


@rule("joint_handling", "joint")
def _(ledger: Ledger) -> dict[str, Any]:
    return many(len(_joint(ledger)))


@rule("joint_handling", "by_items")
def _(ledger: Ledger) -> dict[str, Any]:
    return sorts(Counter(str(k) for k in _joint(ledger).values()))


@rule("continuation", "continuation")
def _(ledger: Ledger) -> dict[str, Any]:
    return share(len(ledger.opened(mode="continuation")), len(ledger.opened()))


@rule("continuation", "joined_later")
def _(ledger: Ledger) -> dict[str, Any]:
    return share(len(ledger.opened() & {e.case for e in ledger.of("case.items-joined")}), len(ledger.opened()))


@rule("continuation", "by_entry")
def _(ledger: Ledger) -> dict[str, Any]:
    wanted = ledger.opened(mode="continuation")
    return sorts(Counter(e.body.get("entry_item", "") for e in ledger.of("case.opened") if e.case in wanted))


@rule("levels", "by_level")
def _(ledger: Ledger) -> dict[str, Any]:
    kinds = {e.stream: e.body["kind"] for e in ledger.entries if e.topic == "onething.hall.registered.v1"}
    wanted = ledger.opened()
    return sorts(Counter(kinds.get(e.body["hall"], "") for e in ledger.of("case.opened") if e.case in wanted))


def _submitted(ledger: Ledger) -> set[str]:
    days = [(key[0], on) for key, on in ledger.received()]
    days += [(e.case, e.on) for e in ledger.of("case.correction-requested")]
    return ledger.first(iter(days))


@rule("first_time_complete", "strict")
def _(ledger: Ledger) -> dict[str, Any]:
    lacking = {e.case for e in [*ledger.of("case.correction-requested"), *ledger.of("case.items-held")]}
    lacking |= {key[0] for key, _, tolerant, _ in ledger.accepted() if tolerant}
    submitted = _submitted(ledger)
    return share(len(submitted - lacking), len(submitted))


@rule("first_time_complete", "with_tolerance")
def _(ledger: Ledger) -> dict[str, Any]:
    submitted = _submitted(ledger)
    return share(len(submitted - {e.case for e in ledger.of("case.correction-requested")}), len(submitted))


@rule("first_time_complete", "lacking")
def _(ledger: Ledger) -> dict[str, Any]:
    return sorts(
        Counter(
            material
            for e in ledger.of("case.correction-requested")
            if ledger.inside(e.on)
            for materials in e.body["missing"].values()
            for material in materials
        )
    )


def _packets(ledger: Ledger, *, paper: bool = False) -> set[tuple[str, str]]:
    return ledger.first(
        ((e.case, packet["packet"]), e.on)
        for e in ledger.of("distribution.planned")
        for packet in e.body["packets"]
        if not paper or packet["medium"] == "paper"
    )


def _with(ledger: Ledger, topic: str) -> set[tuple[str, str]]:
    return {(e.case, packet) for e in ledger.of(topic) for packet in e.body["packets"]}


@rule("distribution", "dispatched")
def _(ledger: Ledger) -> dict[str, Any]:
    planned = _packets(ledger)
    return share(len(planned & _with(ledger, "packet.dispatched")), len(planned))


@rule("distribution", "on_time")
def _(ledger: Ledger) -> dict[str, Any]:
    planned = _packets(ledger)
    late = {(e.case, e.body["packet"]) for e in ledger.of("packet.overdue")}
    return share(len((planned & _with(ledger, "packet.dispatched")) - late), len(planned))


@rule("distribution", "signed")
def _(ledger: Ledger) -> dict[str, Any]:
    planned = _packets(ledger, paper=True)
    return share(len(planned & _with(ledger, "packet.received")), len(planned))


@rule("distribution", "acknowledged")
def _(ledger: Ledger) -> dict[str, Any]:
    planned = _packets(ledger)
    return share(len(planned & _with(ledger, "packet.acknowledged")), len(planned))


@rule("custody", "hand_overs")
def _(ledger: Ledger) -> dict[str, Any]:
    paper = {
        (e.case, packet["packet"])
        for e in ledger.of("distribution.planned")
        for packet in e.body["packets"]
        if packet["medium"] == "paper"
    }
    gone = [(e.case, p) for e in ledger.of("packet.dispatched") if ledger.inside(e.on) for p in e.body["packets"]]
    return many(sum(each in paper for each in gone))


@rule("custody", "lost")
def _(ledger: Ledger) -> dict[str, Any]:
    return many(sum(len(e.body["copies"]) for e in ledger.of("loss.reported") if ledger.inside(e.on)))


@rule("fewer_materials", "reduction")
def _(ledger: Ledger) -> dict[str, Any]:
    return _reduced(ledger, spared=False)


@rule("fewer_materials", "not_asked")
def _(ledger: Ledger) -> dict[str, Any]:
    return _reduced(ledger, spared=True)


def _reduced(ledger: Ledger, *, spared: bool) -> dict[str, Any]:
    of_items = once = brought = 0
    for entry in ledger.of("case.opened"):
        if not ledger.inside(entry.on):
            continue
        plan = {each["item"]: each for each in entry.body["plan"]}
        selection = ledger.catalogue.theme(entry.body["theme"]).select(
            entry.body["answers"],
            chosen=[item for item, each in plan.items() if each["standing"] == "selected"],
            satisfied={i: each["evidence"] for i, each in plan.items() if each["standing"] == "satisfied"},
            underway=[item for item, each in plan.items() if each["standing"] == "underway"],
        )
        for each in selection.materials:
            of_items += len(each.items)
            once += 1
            brought += each.material.source == "applicant"
    return share(once - brought, once) if spared else share(of_items - brought, of_items)


@rule("tolerance", "tolerant")
def _(ledger: Ledger) -> dict[str, Any]:
    tolerant = ledger.first((key, on) for key, on, some, _ in ledger.accepted() if some)
    return share(len(tolerant), len(ledger.first((key, on) for key, on, _, _ in ledger.accepted())))


@rule("tolerance", "lapsed")
def _(ledger: Ledger) -> dict[str, Any]:
    tolerant = ledger.first((key, on) for key, on, some, _ in ledger.accepted() if some)
    lapsed = {(e.case, e.body["item"]) for e in ledger.of("case.tolerance-lapsed")}
    return share(len(tolerant & lapsed), len(tolerant))


def _last_days(ledger: Ledger, limit: str) -> dict[tuple[str, str], tuple[date, date]]:
    """Item → the day of its decision, and the last day of the limit as the clock stood then."""
    clocks = ledger.clocks()
    found = {}
    for key, entry in ledger.decided().items():
        before = [clock for at, clock in clocks[key] if at <= entry.at]
        if before and before[-1][limit]:
            found[key] = (entry.on, date.fromisoformat(before[-1][limit]))
    return found


@rule("handling_time", "on_time")
def _(ledger: Ledger) -> dict[str, Any]:
    days = _last_days(ledger, "promised_due")
    return share(sum(on <= due for on, due in days.values()), len(days))


@rule("handling_time", "on_time_statutory")
def _(ledger: Ledger) -> dict[str, Any]:
    days = _last_days(ledger, "statutory_due")
    return share(sum(on <= due for on, due in days.values()), len(days))


@rule("handling_time", "early")
def _(ledger: Ledger) -> dict[str, Any]:
    days = _last_days(ledger, "promised_due")
    return share(sum(on < due for on, due in days.values()), len(days))


def _taken(ledger: Ledger, *, net: bool) -> dict[tuple[str, str], int]:
    """Working days by counting them one by one."""
    begun: dict[tuple[str, str], date] = {}
    for key, on, _, _ in ledger.accepted():
        begun[key] = min(on, begun.get(key, on))
    still: dict[tuple[str, str], set[date]] = defaultdict(set)
    for topic, start, end in (("review.suspended", "started_on", 1), ("review.resumed", "resumed_on", -1)):
        for entry in ledger.of(topic):
            day = date.fromisoformat(entry.body[start])
            far = day + timedelta(days=1000)
            days = {day + timedelta(days=n) for n in range((far - day).days)}
            key = (entry.case, entry.body["item"])
            still[key] = still[key] | days if end == 1 else still[key] - days
    for entry in ledger.of("review.unlocked"):
        for clock in entry.body["reviews"]:
            for wait in clock.get("waits", ()):
                if wait.get("suspends", True):
                    since, until = date.fromisoformat(wait["since"]), date.fromisoformat(wait["until"])
                    still[entry.case, clock["item"]] |= {
                        since + timedelta(days=n) for n in range((until - since).days + 1)
                    }
    taken = {}
    for key, entry in ledger.decided().items():
        if key in begun:
            days = [begun[key] + timedelta(days=n) for n in range(1, (entry.on - begun[key]).days + 1)]
            taken[key] = sum(CALENDAR.is_working(day) and not (net and day in still[key]) for day in days)
    return taken


@rule("handling_time", "net_days")
def _(ledger: Ledger) -> dict[str, Any]:
    return rated([float(days) for days in _taken(ledger, net=True).values()])


@rule("handling_time", "gross_days")
def _(ledger: Ledger) -> dict[str, Any]:
    return rated([float(days) for days in _taken(ledger, net=False).values()])


@rule("shorter_limits", "promised")
def _(ledger: Ledger) -> dict[str, Any]:
    promised: dict[tuple[str, str], list[tuple[date, int, int]]] = defaultdict(list)
    for key, clocks in ledger.clocks().items():
        for at, clock in clocks:
            if clock.get("promised_days") is not None and clock.get("statutory_days") is not None:
                day = at.astimezone(CHINA).date()
                promised[key].append((day, clock["promised_days"], clock["statutory_days"]))
    counted = [each for each in promised.values() if ledger.inside(min(each)[0])]
    short = sum(max(days for on, days, _ in each if ledger.inside(on)) for each in counted)
    long = sum(max(days for on, _, days in each if ledger.inside(on)) for each in counted)
    return share(long - short, long)


@rule("shorter_limits", "realised")
def _(ledger: Ledger) -> dict[str, Any]:
    less = limits = 0
    clocks = ledger.clocks()
    for key, days in _taken(ledger, net=True).items():
        before = [clock for at, clock in clocks[key] if at <= ledger.decided()[key].at]
        limit = before[-1].get("statutory_days") if before else None
        if limit:
            less += limit - days
            limits += limit
    return share(less, limits)


@rule("same_day", "cases")
def _(ledger: Ledger) -> dict[str, Any]:
    days = {(key, on) for key, on, _, _ in ledger.accepted()}
    decided = ledger.decided()
    return share(sum((key, entry.on) in days for key, entry in decided.items()), len(decided))


@rule("same_day", "items")
def _(ledger: Ledger) -> dict[str, Any]:
    days = [
        (item, clock.get("promised_days"))
        for (_, item), clocks in ledger.clocks().items()
        for at, clock in clocks
        if ledger.inside(at.astimezone(CHINA).date())
    ]
    return share(len({item for item, promised in days if promised == 0}), len({item for item, _ in days}))


@rule("delivery", "in_time")
def _(ledger: Ledger) -> dict[str, Any]:
    given = {(e.case, e.body["package"]): e.on for e in ledger.of("package.handed-over")}
    ready = {
        (e.case, e.body["package"]): e.body.get("due_on") for e in ledger.of("package.assembled") if ledger.inside(e.on)
    }
    in_time = [key for key, due in ready.items() if key in given and (not due or given[key].isoformat() <= due)]
    return share(len(in_time), len(ready))


def _returned(ledger: Ledger, *reasons: str) -> set[tuple[str, str]]:
    return ledger.first(
        ((e.case, item), e.on)
        for e in ledger.of("case.items-returned")
        for item in e.body["items"]
        if not reasons or e.body["reason"] in reasons
    )


@rule("returns", "returned")
def _(ledger: Ledger) -> dict[str, Any]:
    return share(len(_returned(ledger)), len(ledger.first(ledger.received())))


@rule("returns", "returned_as_ended")
def _(ledger: Ledger) -> dict[str, Any]:
    return share(len(_returned(ledger, "not_compliant")), len(ledger.first(ledger.received())))


@rule("returns", "never_completed")
def _(ledger: Ledger) -> dict[str, Any]:
    return share(len(_returned(ledger, "never_completed")), len(ledger.first(ledger.received())))


@rule("returns", "not_accepted")
def _(ledger: Ledger) -> dict[str, Any]:
    refused = ledger.first(((e.case, e.body["item"]), e.on) for e in ledger.of("case.item-not-accepted"))
    return share(len(refused), len(ledger.first(ledger.received())))


@rule("returns", "denied")
def _(ledger: Ledger) -> dict[str, Any]:
    denied = ledger.first(((e.case, e.body["item"]), e.on) for e in ledger.of("review.denied"))
    return share(len(denied), len(ledger.decided()))


@rule("one_visit", "one_visit")
def _(ledger: Ledger) -> dict[str, Any]:
    concluded = ledger.closed("granted", "partly", "denied")
    again = {e.case for e in [*ledger.of("case.correction-requested"), *ledger.of("case.tolerance-lapsed")]}
    again |= {e.case for e in ledger.of("case.tolerance-supplemented") if e.body["settled"]}
    again |= {case for case, days in ledger.visits().items() if len(days) > 1}
    return share(len(concluded - again), len(concluded))


@rule("visits", "visits")
def _(ledger: Ledger) -> dict[str, Any]:
    days = ledger.visits()
    return rated([float(len(days[case])) for case in ledger.closed("granted", "partly", "denied")])


@rule("online", "end_to_end")
def _(ledger: Ledger) -> dict[str, Any]:
    closed = ledger.closed()
    online = {e.case for e in ledger.of("case.opened") if e.body["channel"] in ("web", "mobile")}
    return share(len((closed & online) - set(ledger.visits())), len(closed))


@rule("online", "opened_online")
def _(ledger: Ledger) -> dict[str, Any]:
    return share(len(ledger.opened(channel="web") | ledger.opened(channel="mobile")), len(ledger.opened()))


@rule("ratings", "rated")
def _(ledger: Ledger) -> dict[str, Any]:
    closed = ledger.closed()
    return share(len(closed & {e.stream for e in ledger.of("rating.given")}), len(closed))


@rule("data_sharing", "answered")
def _(ledger: Ledger) -> dict[str, Any]:
    asked = [*ledger.of("review.data-compared"), *ledger.of("review.fell-back")]
    tried = ledger.first(((e.case, e.body["item"]), e.on) for e in asked)
    answered = ledger.first(((e.case, e.body["item"]), e.on) for e in ledger.of("review.data-compared"))
    return share(len(answered), len(tried))


APART: dict[tuple[str, str], Rule] = {}
"""Figures that have a number for each edge, material or way: (indicator, figure) → what each comes to."""


def apart(indicator: str, figure: str) -> Callable[[Rule], Rule]:
    def keep(counted: Rule) -> Rule:
        APART[indicator, figure] = counted
        return counted

    return keep


@rule("joint_handling", "by_combination")
def _(ledger: Ledger) -> dict[str, Any]:
    items: dict[str, set[str]] = defaultdict(set)
    for (case, item), _, _, _ in ledger.accepted():
        items[case].add(item)
    return sorts(Counter("+".join(sorted(items[case])) for case in _joint(ledger)))


@rule("custody", "gaps")
def _(ledger: Ledger) -> dict[str, Any]:
    left = [packet for e in ledger.of("packet.left-behind") if ledger.inside(e.on) for packet in e.body["packets"]]
    astray = {
        (e.stream, e.at, fault["case_id"], fault["copy"])
        for e in ledger.of("ledger.imbalance")
        if ledger.inside(e.on)
        for fault in e.body["faults"]
    }
    return many(len(left) + len(astray))


def _selection(ledger: Ledger, entry: Entry) -> Any:
    plan = {each["item"]: each for each in entry.body["plan"]}
    return ledger.catalogue.theme(entry.body["theme"]).select(
        entry.body["answers"],
        chosen=[item for item, each in plan.items() if each["standing"] == "selected"],
        satisfied={i: each["evidence"] for i, each in plan.items() if each["standing"] == "satisfied"},
        underway=[item for item, each in plan.items() if each["standing"] == "underway"],
    )


def _longest(theme: Any, answers: dict[str, str], items: set[str], which: int) -> int:
    """The longest chain of limits, found by trying all of them."""
    from catalogue.limits import limits

    def ends(item: str) -> int:
        limit = limits(theme.item(item), answers)[which]
        return starts(item) + (limit.days if limit else 0)

    def starts(item: str) -> int:
        waits = []
        for edge in theme.item(item).depends_on:
            moments = [(starts if edge.trigger == "accepted" else ends)(each) for each in edge.any_of if each in items]
            waits += [min(moments)] if moments else []
        return max(waits, default=0)

    return max(map(ends, items), default=0)


@rule("shorter_limits", "critical_path")
def _(ledger: Ledger) -> dict[str, Any]:
    promised = statutory = 0
    for entry in ledger.of("case.opened"):
        if ledger.inside(entry.on):
            selection, theme = _selection(ledger, entry), ledger.catalogue.theme(entry.body["theme"])
            chosen = set(selection.selected)
            law = _longest(theme, entry.body["answers"], chosen, 0)
            if law:
                promised += _longest(theme, entry.body["answers"], chosen, 1)
                statutory += law
    return share(statutory - promised, statutory)


@apart("first_time_complete", "by_material")
def _(ledger: Ledger) -> dict[str, Any]:
    cases = {e.case: e for e in ledger.of("case.opened")}
    lacked: dict[str, set[str]] = defaultdict(set)
    for e in ledger.of("case.correction-requested"):
        lacked[e.case].update(material for materials in e.body["missing"].values() for material in materials)
    needed: dict[str, set[str]] = defaultdict(set)
    for case in _submitted(ledger):
        known = _selection(ledger, cases[case]).materials if case in cases else ()
        brought = {each.material.id for each in known if each.material.source == "applicant"}
        for material in brought | lacked[case]:
            needed[material].add(case)
    return {
        material: share(sum(material not in lacked[case] for case in some), len(some))
        for material, some in needed.items()
    }


@apart("handling_time", "edge_days")
def _(ledger: Ledger) -> dict[str, Any]:
    themes = {e.case: ledger.catalogue.theme(e.body["theme"]) for e in ledger.of("case.opened")}
    accepted: dict[tuple[str, str], date] = {}
    for key, on, _, _ in ledger.accepted():
        accepted[key] = min(on, accepted.get(key, on))
    granted: dict[tuple[str, str], date] = {}
    for e in ledger.of("review.granted"):
        key = (e.case, e.body["item"])
        granted[key] = min(e.on, granted.get(key, e.on))
    unlocked = ledger.first(
        ((e.case, clock["item"]), date.fromisoformat(clock["started_on"]))
        for e in ledger.of("review.unlocked")
        for clock in e.body["reviews"]
    )
    days: dict[str, list[float]] = defaultdict(list)
    for case, item in unlocked:
        if case not in themes or (case, item) not in accepted:
            continue
        for edge in themes[case].item(item).depends_on:
            came = accepted if edge.trigger == "accepted" else granted
            there = [(came[case, before], before) for before in edge.any_of if (case, before) in came]
            if there:
                on, before = min(there)
                begun = accepted[case, item]
                waited = [begun + timedelta(days=n) for n in range(1, (on - begun).days + 1)]
                days[f"{before} → {item}"].append(float(sum(map(CALENDAR.is_working, waited))))
    return {edge: rated(each) for edge, each in days.items()}


@apart("custody", "by_way")
def _(ledger: Ledger) -> dict[str, Any]:
    halls = {e.case: e.body["hall"] for e in ledger.of("case.opened")}
    planned = {
        (e.case, packet["packet"]): packet
        for e in ledger.of("distribution.planned")
        for packet in e.body["packets"]
        if packet["medium"] == "paper"
    }
    seconds: dict[str, list[float]] = defaultdict(list)
    for e in ledger.of("packet.received"):
        for packet in e.body["packets"] if ledger.inside(e.on) else ():
            left = [
                sent.at
                for sent in ledger.of("packet.dispatched")
                if sent.case == e.case and packet in sent.body["packets"] and sent.at <= e.at
            ]
            if (e.case, packet) in planned and left:
                way = f"{halls.get(e.case, '')} → {planned[e.case, packet]['to']}"
                seconds[way].append(float((e.at - max(left)) / timedelta(seconds=1)))
    return {way: rated(each) for way, each in seconds.items()}
