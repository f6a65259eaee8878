"""答复: what the catalogue's guide says of a theme: found by words, led to by the scenario questions."""

from collections.abc import Iterable, Iterator
from typing import Any

import falcon
from msgspec import Struct

from catalogue import Item, Theme
from catalogue.conditions import holds
from catalogue.limits import Limits, limits_of
from contracts.halls import GetHall
from contracts.intake import GetNotice
from eventing.errors import Invalid
from gateway.backend import Backend
from gateway.pages.apply.people import Applying
from gateway.pages.helping.frame import Helping
from gateway.pages.outlooks import Outlook, outlook, shut
from kernel.clock import local_date


class Hit(Struct, frozen=True):
    """A theme that fits the words that were looked for, and which of its items and materials do."""

    theme: Theme
    items: tuple[str, ...]
    materials: tuple[str, ...]


class Told(Struct, frozen=True):
    """An item as it is told: how long it takes at most, and what it costs under the answers given."""

    item: Item
    limits: Limits
    costs: bool


def found(themes: Iterable[Theme], wanted: str) -> Iterator[Hit]:
    """The themes in which every one of the words stands: in its name, an item's, or a material's."""
    words = wanted.casefold().split()
    for theme in themes:
        items = tuple(item for item in theme.items if not item.is_internal)
        materials = dict.fromkeys(material.name for item in items for material in item.materials)
        names = [theme.name, *(item.name for item in items), *materials]
        if all(any(word in name.casefold() for name in names) for word in words):
            yield Hit(
                theme,
                tuple(dict.fromkeys(item.name for item in items if _has(item.name, words))),
                tuple(name for name in materials if _has(name, words)),
            )


def _has(name: str, words: Iterable[str]) -> bool:
    return any(word in name.casefold() for word in words)


class Search(Helping):
    """The desk's first page."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """All themes, or those that fit the words; a theme's words name nobody and may stand in an address."""
        wanted = (req.get_param("q") or "").strip()
        today = local_date(self.backend.now())
        hits = list(found(req.context.names.themes(), wanted))
        self.show(
            req, resp, "search.html", wanted=wanted, hits=hits,
            shut={each.theme.id for each in hits if any(shut(each.theme, today))},
        )  # fmt: skip


class Guide(Helping):
    """The guide of a theme."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """Its questions, with where and when it is handled."""
        one = self.theme(req, theme)
        self.show(req, resp, "guide.html", **self.told(req, one, {}), places=self.places(req, one))

    def told(self, req: falcon.Request, theme: Theme, answers: dict[str, str]) -> dict[str, Any]:
        """What the answers lead to."""
        seen = outlook(theme, answers)
        today = local_date(self.backend.now())
        return {
            "theme": theme,
            "outlook": seen,
            "told": tuple(self.items(req, theme, seen)),
            "shut": tuple(shut(theme, today)),
        }

    def items(self, req: falcon.Request, theme: Theme, seen: Outlook) -> Iterator[Told]:
        """The items that were selected, without those that only the house sees."""
        if seen.selection is None:
            return
        chosen = seen.selection.selected
        for item in (theme.item(each) for each in chosen):
            if not item.is_internal:
                costs = item.fee is not None and holds(item.fee.when, seen.answers, set(chosen))
                yield Told(item, limits_of(req.context.names.catalogue(), item, seen.answers), costs)

    def places(self, req: falcon.Request, theme: Theme) -> list[dict[str, Any]]:
        """The halls that are the theme's one mouth, with their hours."""
        halls = Applying(self.backend).halls_for(req, theme.id)
        return [each for hall, _ in halls if (each := self.may_ask(req, GetHall(hall=hall))) is not None]


class Outlooks(Guide):
    """What answers lead to, as a fragment; sent as a form."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """Questions, items with limits and fees, materials."""
        form = self.read(req)
        self.show(req, resp, "_outlook.html", **self.told(req, self.theme(req, theme), form.below("answers")))


class Notice(Guide):
    """一次告知 for whoever asks: to be read out, printed or handed over."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """For these answers; from here the consultation is recorded with the notice that was given."""
        form = self.read(req)
        seen = outlook(self.theme(req, theme), form.below("answers"))
        if seen.selection is None:
            raise Invalid(unanswered=list(seen.unanswered))
        answer = self.ask(req, GetNotice(theme=theme, answers=seen.answers))
        self.show(
            req, resp, "notice.html", theme=theme, answers=seen.answers, notice=answer["notice"],
            digest=answer["digest"],
        )  # fmt: skip


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The guide."""
    app.add_route("/help", Search(backend))
    app.add_route("/help/guide/{theme}", Guide(backend))
    app.add_route("/help/guide/{theme}/outlook", Outlooks(backend))
    app.add_route("/help/guide/{theme}/notice", Notice(backend))
