"""The pages of numbers: overview, themes and halls, one indicator, and the cases and facts that a number counts."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import falcon
from msgspec.structs import replace

from contracts.insight import CitedFact, GetIndicator, ListCitedFacts, ListIndicators, ListSuggestions
from contracts.language import Caller, Query
from contracts.words import Language
from eventing.errors import Invalid
from eventing.scoping import reaches
from gateway.api.messages import speaker
from gateway.backend import Backend
from gateway.identity.sessions import placed
from gateway.language import language_of
from gateway.pages.insight.charts import Value, chart
from gateway.pages.insight.suggesting import suggested
from gateway.pages.insight.wording import fraction, group, narrowed, own_group, sort, written
from gateway.pages.names import Names
from gateway.pages.rendering import page
from gateway.pages.sheets import download
from kernel.clock import CHINA_STANDARD_TIME, local_date

BY = ("theme", "item", "hall", "level", "department", "channel", "month", "day", "hour")
FILTERS = ("theme", "item", "hall", "level", "department", "channel")
COMPARED = (
    "joint_handling",
    "first_time_complete",
    "handling_time",
    "returns",
    "one_visit",
    "tolerance",
    "continuation",
    "delivery",
)
"""The indicators by which themes and halls stand beside each other."""

ROWS = 100
IN_A_FILE = 500
"""Facts that are asked for at once: on a page, and for a file, which has all of them."""


class Counted:
    """What all pages of numbers have."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def ask(self, req: falcon.Request, question: Query) -> dict[str, Any]:
        """As whoever looks. Raises NotSignedIn, NotYourRole."""
        placed(req)
        caller: Caller = speaker(req)
        reaches(type(question), caller)
        return dict(self.backend.for_(caller).ask(question))

    def suggestions(self, req: falcon.Request, asked: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
        """Of the numbers that were told, and of no later ones."""
        return self.ask(req, ListSuggestions(**by_then(asked, told)))

    def asked(self, req: falcon.Request) -> dict[str, Any]:
        """Period, instant of knowledge and filters, as the address has them."""
        today = local_date(self.backend.now())
        ends = _day(req, "ends") or today
        return {
            "begins": _day(req, "begins") or ends.replace(day=1),
            "ends": ends,
            "as_of": _instant(req, "as_of"),
            **{name: req.get_param(name) or "" for name in FILTERS},
        }

    def around(self, req: falcon.Request, asked: Mapping[str, Any], as_of: str = "", **more: str) -> dict[str, Any]:
        """What the templates of these pages share: the form's values, and the address to go on with.

        ``then`` is the address of what is behind the page's numbers: by what was known for them, at ``as_of``.
        """
        kept = {name: _text(value) for name, value in asked.items() if value} | {k: v for k, v in more.items() if v}
        names = req.context.names
        return {
            "asked": dict.fromkeys((*FILTERS, "begins", "ends", "as_of", "by", "part"), "") | kept | more,
            "bys": (),
            "kept": kept,
            "then": kept | ({"as_of": as_of} if as_of else {}),
            "themes": [(theme.id, theme.name) for theme in names.themes()],
            "halls": [(hall, node["name"]) for hall, node in names.halls().items()],
            "written": written,
            "fraction": fraction,
            "narrowed": narrowed,
            "course": {name: value for name, value in kept.items() if name not in {"begins", "ends", "by"}},
        }


def by_then(asked: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The same, by what was known for an answer and by nothing later: what stands beside it is of one instant."""
    return {**asked, "as_of": datetime.fromisoformat(told["as_of"])}


class Overview(Counted):
    """All indicators of a period."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A table; as a file where ``format=csv`` is asked for."""
        asked = self.asked(req)
        told = self.ask(req, ListIndicators(**asked))
        language = language_of(req)
        if req.get_param("format") == "csv":
            download(
                resp,
                f"indicators-{told['begins']}-{told['ends']}",
                ("no", "indicator", "figure", "value", "numerator", "denominator", "why", "version", "as_of"),
                (
                    (each["number"], each["name"][language], figure["name"][language], number["value"],
                     number["numerator"], number["denominator"], number["why"], each["version"], told["as_of"])
                    for each in told["indicators"]
                    for figure in each["figures"]
                    for number in figure["numbers"][:1]
                ),
            )  # fmt: skip
            return
        found = suggested(self.suggestions(req, asked, told), req.context.names, language)
        page(
            req, resp, "insight/overview.html", told=told, tab="/insight", suggestions=found,
            **self.around(req, asked, told["as_of"]),
        )  # fmt: skip


class Comparison(Counted):
    """Themes, or halls, beside each other."""

    def __init__(self, backend: Backend, by: str) -> None:
        super().__init__(backend)
        self.by = by

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """One row a theme or hall, one column an indicator."""
        asked = self.asked(req)
        told: list[dict[str, Any]] = []
        for name in COMPARED:
            known = by_then(asked, told[0]) if told else asked
            told.append(self.ask(req, GetIndicator(indicator=name, by=self.by, **known)))  # type: ignore[arg-type]  # one of By
        heads = [(each["indicator"], each["name"], each["figures"][0]["unit"]) for each in told]
        rows: dict[str, dict[str, Any]] = {}
        for each in told:
            for number in each["figures"][0]["numbers"]:
                if number["of"]:
                    rows.setdefault(number["of"], {})[each["indicator"]] = number
        named = sorted((group(req.context.names, self.by, of, language_of(req)), of) for of in rows)
        if req.get_param("format") == "csv":
            download(
                resp,
                f"{self.by}-{asked['begins']}-{asked['ends']}",
                (self.by, *(name[language_of(req)] for _, name, _ in heads)),
                ((name, *(rows[of].get(key, {}).get("value") for key, _, _ in heads)) for name, of in named),
            )
            return
        page(
            req,
            resp,
            "insight/comparison.html",
            tab=f"/insight/{self.by}s",
            by=self.by,
            heads=heads,
            rows=[(name, of, rows[of]) for name, of in named],
            **self.around(req, asked, told[0]["as_of"]),
        )


class Single(Counted):
    """One indicator: its definition, its figures, told apart by something."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, indicator: str) -> None:
        """A chart and a table for each figure."""
        asked = self.asked(req)
        by = req.get_param("by") or ""
        by = by if by in BY else ""
        told = self.ask(req, GetIndicator(indicator=indicator, by=by, **asked))  # type: ignore[arg-type]  # looked up
        names, language = req.context.names, language_of(req)
        figures = [shown(figure, names, by, language) for figure in told["figures"]]
        if req.get_param("format") == "csv":
            download(
                resp,
                f"{indicator}-{told['begins']}-{told['ends']}",
                ("figure", by or "all", "name", "value", "numerator", "denominator", "count", "why", "as_of"),
                (
                    (figure["name"][language], number["of"], name, number["value"], number["numerator"],
                     number["denominator"], number["count"], number["why"], told["as_of"])
                    for figure in figures
                    for name, number in figure["rows"]
                ),
            )  # fmt: skip
            return
        page(
            req,
            resp,
            "insight/indicator.html",
            told=told,
            figures=figures,
            by=by,
            tab="",
            **(self.around(req, asked, told["as_of"], by=by) | {"bys": BY}),
        )


class Cited(Counted):
    """The cases and facts behind a number."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, indicator: str, figure: str) -> None:
        """A page of them."""
        asked = self.asked(req)
        part = req.get_param("part") or "counted"
        if part not in {"counted", "numerator", "denominator"}:
            raise Invalid(field="part")
        question = ListCitedFacts(
            indicator=indicator,
            figure=figure,
            group=req.get_param("group") or "",
            part=part,  # type: ignore[arg-type]  # looked up
            after=req.get_param("after") or "",
            limit=ROWS,
            **asked,
        )
        found = self.ask(req, question)
        if req.get_param("format") == "csv":
            download(
                resp,
                f"{indicator}-{figure}-{found['part']}",
                CitedFact.__struct_fields__,
                self.lines(req, question, found),
            )
            return
        told = self.ask(req, GetIndicator(indicator=indicator, **by_then(asked, found)))
        one = next(each for each in told["figures"] if each["figure"] == figure)
        page(
            req,
            resp,
            "insight/cited.html",
            told=told,
            figure=one,
            number=one["numbers"][0],
            part=found["part"],
            facts=[(fact, sort(fact["kind"], fact["label"], language_of(req))) for fact in found["facts"]],
            after=found["after"],
            tab="",
            **self.around(req, asked, found["as_of"], part=found["part"], group=req.get_param("group") or ""),
        )

    def lines(
        self, req: falcon.Request, question: ListCitedFacts, found: Mapping[str, Any]
    ) -> Iterator[tuple[Any, ...]]:
        """One line a fact, its sort in words, page after page, by what was known for the first of them."""
        question = replace(question, as_of=datetime.fromisoformat(found["as_of"]), limit=IN_A_FILE)
        while True:
            for fact in found["facts"]:
                said = {**fact, "label": sort(fact["kind"], fact["label"], language_of(req))}
                yield tuple(said[name] for name in CitedFact.__struct_fields__)
            if not found["after"]:
                return
            found = self.ask(req, replace(question, after=found["after"]))


def shown(figure: Mapping[str, Any], names: Names, by: str, language: Language) -> dict[str, Any]:
    """A figure as its card shows it: a name for each number and part, and its chart."""

    def named(of: str) -> str:
        own = figure["apart"] and not by
        return own_group(names, figure["figure"], of, language) if own else group(names, by, of, language)

    def part(of: str) -> str:
        return own_group(names, figure["figure"], of, language)

    return {
        **figure,
        "rows": [
            (named(number["of"]), number)
            for number in figure["numbers"]
            if number["of"] or by or not figure["apart"] or number["why"] not in {"", "zero"}
        ],
        "part": part,
        "head": f"insight_apart_{figure['apart']}"
        if figure["apart"]
        else f"insight_by_{by}"
        if by
        else "insight_undivided",
        "chart": _chart(figure, named, part),
    }


def _chart(figure: Mapping[str, Any], named: Callable[[str], str], part: Callable[[str], str]) -> Any:
    """Of the groups, or of the sorts of the one number."""
    unit, numbers = figure["unit"], figure["numbers"]
    if len(numbers) == 1 and numbers[0]["parts"]:
        parts = numbers[0]["parts"].items()
        return chart([Value(part(name) or "—", units, written(units, unit)) for name, units in parts])
    if len(numbers) == 1 and not numbers[0]["of"]:
        return None
    return chart(
        [
            Value(
                named(number["of"]) or "—",
                number["value"],
                written(number["value"], unit),
                number["target"] and number["target"]["value"],
            )
            for number in numbers
        ]
    )


def _day(req: falcon.Request, name: str) -> date | None:
    said = req.get_param(name)
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise Invalid(field=name) from None


def _instant(req: falcon.Request, name: str) -> datetime | None:
    """What a field for an instant holds is China's time, unless it says otherwise."""
    said = req.get_param(name)
    try:
        found = datetime.fromisoformat(said) if said else None
    except ValueError:
        raise Invalid(field=name) from None
    return found.replace(tzinfo=CHINA_STANDARD_TIME) if found is not None and found.utcoffset() is None else found


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
