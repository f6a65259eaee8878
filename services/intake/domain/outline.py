"""What a case consists of: a pure function of catalogue version, answers and choice of items."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

import catalogue.errors as lacking
from catalogue.model import Catalogue, Field, Item, Role, Source, Theme
from catalogue.selection import Selection, Standing
from contracts.intake import Notice, PlannedItem
from eventing.errors import Invalid
from intake.domain.crossfields import companions
from intake.domain.notice import notice_of
from intake.domain.refusals import (
    EvidenceMissing,
    HandlerUnclear,
    NothingSelected,
    NotSelectable,
    UnansweredQuestions,
    UnknownAnswer,
    UnknownTheme,
)
from kernel.digests import canonical, digest


class Need(Struct, frozen=True):
    """One material that is asked from the applicant (or fetched as shared data) for one item."""

    material: str
    tolerable: bool


class Outline(Struct, frozen=True, eq=False):
    """The items of a case and who decides them, what is asked for each, the one form, the notice of it all.

    Produced materials are not among the needs: the house makes them itself, and what an item makes that is
    underway elsewhere comes with its result.
    """

    catalogue: Catalogue
    theme: Theme
    plan: tuple[PlannedItem, ...]
    area: str
    needs: dict[str, tuple[Need, ...]]
    fields: dict[str, Field]
    called: dict[str, str]
    notice: Notice
    digest: str

    def handler(self, item: str) -> str:
        """The organisation that decides the item."""
        return next(planned.handler for planned in self.plan if planned.item == item)

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """What items, materials and fields are called."""
        return {each: self.called[each] for each in ids if each in self.called}

    def asked(self, items: Collection[str]) -> frozenset[str]:
        """The materials that are asked for these items."""
        return frozenset(need.material for item in items for need in self.needs[item])

    def missing(self, items: Collection[str], present: Collection[str]) -> dict[str, tuple[Need, ...]]:
        """item → what is asked for it and not present, for the items that lack something."""
        lacks = {item: tuple(n for n in self.needs[item] if n.material not in present) for item in items}
        return {item: needs for item, needs in lacks.items() if needs}

    def unfilled(self, items: Collection[str], filled: Collection[str]) -> tuple[str, ...]:
        """The fields that these items require and that are empty; of a person who is named, all that are asked."""
        named = set(companions(self.fields, filled))
        return tuple(
            key
            for key, field in self.fields.items()
            if (field.required or key in named) and key not in filled and not set(items).isdisjoint(field.items)
        )


def outline_of(
    catalogue: Catalogue,
    theme: str,
    answers: Mapping[str, str],
    *,
    chosen: Collection[str] | None = None,
    satisfied: Mapping[str, str] | None = None,
    underway: Mapping[str, str] | None = None,
) -> Outline:
    """The outline of a case with these answers; memoised.

    ``chosen`` are the items that the applicant wants (灵活办理; None: all that the answers call for),
    ``satisfied`` maps items that were done before to their evidence, ``underway`` those that were begun
    elsewhere to the record of it. Refused when they do not make a case.
    """
    done, begun = satisfied or {}, underway or {}
    # what was done or begun elsewhere counts with evidence alone
    if unproved := sorted(item for item, evidence in {**done, **begun}.items() if not evidence.strip()):
        raise EvidenceMissing(items=unproved)
    try:
        return _outline(
            catalogue,
            catalogue.theme(theme),
            frozenset(answers.items()),
            chosen=None if chosen is None else frozenset(chosen),
            satisfied=frozenset(done.items()),
            underway=frozenset(begun.items()),
        )
    except lacking.CatalogueError as error:
        raise _refusal(error) from error


def _refusal(error: lacking.CatalogueError) -> Invalid:
    match error:
        case lacking.UnknownTheme(theme=theme):
            return UnknownTheme(theme=theme)
        case lacking.UnansweredQuestions(questions=questions):
            return UnansweredQuestions(questions=questions)
        case lacking.UnknownAnswer(question=question, value=value):
            return UnknownAnswer(question=question, value=value)
        case lacking.NotSelectable(item=item, missing=missing):
            return NotSelectable(item=item, missing=missing)
        case lacking.NoHandler(item=item, area=area, candidates=candidates):
            return HandlerUnclear(item=item, area=area or "", candidates=candidates)
    raise error


@lru_cache(maxsize=4096)
def _outline(
    catalogue: Catalogue,
    theme: Theme,
    answers: frozenset[tuple[str, str]],
    *,
    chosen: frozenset[str] | None,
    satisfied: frozenset[tuple[str, str]],
    underway: frozenset[tuple[str, str]],
) -> Outline:
    selection = theme.select(dict(answers), chosen=chosen, satisfied=dict(satisfied), underway=tuple(dict(underway)))
    if not selection.selected:
        raise NothingSelected(theme=theme.id)
    areas = {item.id: selection.answers.get(item.area_question or "", "") for item in theme.items}
    plan = tuple(_plan(catalogue, theme, selection, areas, dict(underway | satisfied)))
    needs = {item: tuple(_needs(theme.item(item), selection)) for item in selection.selected}
    notice = notice_of(catalogue, theme, selection, plan, _tolerable(needs))
    return Outline(
        catalogue=catalogue,
        theme=theme,
        plan=plan,
        area=next((areas[item] for item in selection.selected if areas[item]), ""),
        needs=needs,
        fields={field.key: field for field in selection.fields},
        called={
            **{field.key: field.label for field in selection.fields},
            **{needed.material.id: needed.material.name for needed in selection.materials},
            **{item.id: item.name for item in theme.items},
        },
        notice=notice,
        digest=digest(canonical(notice)),
    )


def _plan(
    catalogue: Catalogue,
    theme: Theme,
    selection: Selection,
    areas: Mapping[str, str],
    evidence: Mapping[str, str],
) -> Iterator[PlannedItem]:
    for item, standing in selection.standings.items():
        is_selected = standing is Standing.SELECTED
        yield PlannedItem(
            item=item,
            standing=standing.value,
            handler=catalogue.handler(theme.item(item), areas[item] or None) if is_selected else "",
            evidence=evidence[item] if standing in {Standing.SATISFIED, Standing.UNDERWAY} else "",
        )


def _tolerable(needs: Mapping[str, tuple[Need, ...]]) -> frozenset[str]:
    """The materials that every item which asks for them can do without for a while."""
    asked = [need for of_item in needs.values() for need in of_item]
    return frozenset(need.material for need in asked) - {n.material for n in asked if not n.tolerable}


def _needs(item: Item, selection: Selection) -> Iterator[Need]:
    """What the item asks for, in the order in which the item names it."""
    asked = {
        needed.material.id
        for needed in selection.materials
        if item.id in needed.items and needed.material.source is not Source.PRODUCED
    }
    for material in item.materials:
        if material.id in asked:
            yield Need(
                material=material.id,
                tolerable=item.tolerance.listed and material.tolerable and material.role is Role.SECONDARY,
            )
