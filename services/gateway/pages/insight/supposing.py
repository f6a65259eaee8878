"""推演: what recorded cases would have been under other rules, for those who want to change the rules."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import falcon
import msgspec

from contracts.supposing import Supposed, SupposedPage, SupposeRules
from eventing.errors import Invalid
from eventing.scoping import reaches
from gateway.api.messages import speaker
from gateway.pages.insight.numbers import Counted
from gateway.pages.rendering import page
from gateway.pages.sheets import download
from kernel.clock import local_date

AT_ONCE, MOST = 100, 1000
"""Cases of one question, and of one page."""

ASKED = ("changes", "grants", "off", "working", "on", "theme", "hall")
CHANGING = ASKED[:4]
TALLIES = ("late_cases", "late_items", "past_the_law", "past_joint", "materials", "unlawful", "places")


class Supposing(Counted):
    """Other limits, days, order, tolerance and grants, and what differs."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The form; with something changed also the answer, as a file where ``format=csv`` is asked for."""
        reaches(SupposeRules, speaker(req))
        said = {name: (req.get_param(name) or "").strip() for name in ASKED}
        said["on"] = said["on"] or local_date(self.backend.now()).isoformat()
        found, wrong = None, {}
        try:
            if any(said[name] for name in CHANGING):
                found = self._supposed(req, said)
        except Invalid as error:
            wrong = _reasons(error)
        if found is not None and req.get_param("format") == "csv":
            download(
                resp, f"suppose-{said['on']}", ("case", "theme", "hall", "kind", "of", "was", "would_be"),
                _rows(found),
            )  # fmt: skip
            return
        page(
            req, resp, "insight/suppose.html", tab="/insight/suppose", said=said, found=found, wrong=wrong,
            tallies=TALLIES, going_on={**said, "size": found.size} if found is not None else {}, **self.around(req, {}),
        )  # fmt: skip

    def _supposed(self, req: falcon.Request, said: dict[str, str]) -> Supposed:
        """Up to ``MOST`` cases."""
        found = Supposed()
        wanted: dict[str, Any] = {
            "changes": _pairs(said["changes"], "changes"),
            "grants": _pairs(said["grants"], "grants"),
            "off": _days(said["off"], "off"),
            "working": _days(said["working"], "working"),
            "on": _days(said["on"], "on")[0],
            "theme": said["theme"],
            "hall": said["hall"],
        }
        size, after = req.get_param_as_int("size", min_value=0, default=0) or 0, req.get_param("after") or ""
        while found.cases + len(found.unfit) < MOST:
            question = SupposeRules(**wanted, size=size, after=after, limit=AT_ONCE)
            found.add(msgspec.convert(self.ask(req, question), SupposedPage))
            if found.after is None:
                break
            size, after = found.size, found.after
        return found


def _reasons(error: Invalid) -> dict[str, str]:
    """Field → what is wrong with what stands there."""
    found: dict[str, str] = {}
    for each in error.data.get("errors", ()):
        found[each["field"]] = "；".join(filter(None, (found.get(each["field"]), each["reason"])))
    return found or {"changes": str(error)}


def _pairs(said: str, field: str) -> dict[str, str]:
    """Lines of ``NAME=JSON``."""
    found = {}
    for line in filter(None, map(str.strip, said.splitlines())):
        name, is_one, value = line.partition("=")
        if not is_one or not name.strip():
            raise Invalid(errors=[{"field": field, "reason": f"{line}: NAME=JSON"}])
        found[name.strip()] = value.strip()
    return found


def _days(said: str, field: str) -> tuple[date, ...]:
    try:
        return tuple(date.fromisoformat(each) for each in said.replace(",", " ").replace("，", " ").split())
    except ValueError as error:
        raise Invalid(errors=[{"field": field, "reason": str(error)}]) from error


def _rows(found: Supposed) -> Iterator[tuple[Any, ...]]:
    for case in found.differences:
        head = (case.number, case.theme, case.hall)
        for item in case.items:
            for name in ("started_on", "promised_due", "statutory_due", "decided_on", "late"):
                was, would_be = getattr(item.was, name), getattr(item.would_be, name)
                if was != would_be:
                    yield (*head, name, item.item, was, would_be)
        for act in case.acts:
            yield (*head, "accept", act.item, act.was, act.would_be or act.refusal)
        for kind in ("materials_more", "materials_fewer", "tolerance_lost", "corrections_spared"):
            for each in getattr(case, kind):
                yield (*head, kind, each, "", "")
        for whole in filter(None, (case.whole_would_be,)):
            yield (*head, "joint", "", case.whole_was and case.whole_was.due_on, whole.due_on)
    for load in found.moved:
        yield ("", "", load.hall, "load", f"{load.window}/{load.hour}", load.was, f"{load.least}-{load.most}")
