"""From scenario answers to what a case has: its items, its materials, its form, each with the reason why."""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from catalogue.conditions import Condition, holds
from catalogue.errors import NotSelectable, UnansweredQuestions, UnknownAnswer
from catalogue.model import Field, Item, Material, Role, Source, Theme
from catalogue.reasons import together, why
from catalogue.wording import reason


class Standing(StrEnum):
    """What an item is to a case."""

    SELECTED = "selected"
    NOT_NEEDED = "not_needed"
    SATISFIED = "satisfied"
    UNDERWAY = "underway"
    """Begun elsewhere before the case, and not decided yet (接续受理); its result is awaited."""


class NeededMaterial(Struct, frozen=True, kw_only=True):
    """A material of the one set: the items that use it and why it is needed.

    `material` is seen from the case: its source and producers are those of this case, its weight is the
    heaviest that any of its items gives it, and the paper original is needed as soon as one of them needs it.
    """

    material: Material
    items: tuple[str, ...]
    reason: str


class Selection(Struct, frozen=True, kw_only=True):
    """What a case has, as a pure function of the theme, the answers, the choice and what was done before."""

    theme: str
    answers: dict[str, str]
    standings: dict[str, Standing]
    reasons: dict[str, str]
    materials: tuple[NeededMaterial, ...]
    fields: tuple[Field, ...]

    @property
    def selected(self) -> tuple[str, ...]:
        """The items to be handled, in topological order."""
        return tuple(item for item, standing in self.standings.items() if standing is Standing.SELECTED)


def select(
    theme: Theme,
    answers: Mapping[str, str],
    *,
    chosen: Collection[str] | None = None,
    satisfied: Mapping[str, str],
    underway: Collection[str] = (),
) -> Selection:
    """See Theme.select."""
    return _select(
        theme,
        frozenset(answers.items()),
        None if chosen is None else frozenset(chosen),
        frozenset(satisfied.items()),
        frozenset(underway),
    )


@lru_cache(maxsize=4096)
def _select(
    theme: Theme,
    given: frozenset[tuple[str, str]],
    chosen: frozenset[str] | None,
    done: frozenset[tuple[str, str]],
    underway: frozenset[str],
) -> Selection:
    case = _Case(theme, asked_answers(theme, dict(given)), chosen, dict(done), underway)
    return Selection(
        theme=theme.id,
        answers=case.answers,
        standings=case.standings,
        reasons=case.reasons,
        materials=tuple(case.materials()),
        fields=tuple(case.fields()),
    )


def check_answers(theme: Theme, given: Mapping[str, str]) -> None:
    """Raises UnknownAnswer for what is no answer to a question of the theme."""
    options = {question.id: {option.value for option in question.options} for question in theme.questions}
    for question_id, value in sorted(given.items()):
        if value not in options.get(question_id, ()):
            raise UnknownAnswer(question_id, value)


def asked_answers(theme: Theme, given: Mapping[str, str]) -> dict[str, str]:
    """The answers to the questions that are asked; answers to questions that are not asked do not count.

    Raises UnknownAnswer, UnansweredQuestions.
    """
    check_answers(theme, given)
    answers: dict[str, str] = {}
    unanswered = []
    for question in theme.questions:
        if holds(question.asked_when, answers):
            if question.id in given:
                answers[question.id] = given[question.id]
            else:
                unanswered.append(question.id)
    if unanswered:
        raise UnansweredQuestions(unanswered)
    return answers


class _Case:
    """A case being put together, item by item in topological order."""

    def __init__(
        self,
        theme: Theme,
        answers: dict[str, str],
        chosen: frozenset[str] | None,
        satisfied: Mapping[str, str],
        underway: frozenset[str],
    ) -> None:
        self.theme, self.answers, self.chosen = theme, answers, chosen
        self.satisfied, self.underway = satisfied, underway
        for item_id in sorted({*satisfied, *underway, *(chosen or ())} - {item.id for item in theme.items}):
            raise NotSelectable(item_id)
        self.standings: dict[str, Standing] = {}
        self.reasons: dict[str, str] = {}
        self.part: set[str] = set()
        for item in theme.items:
            standing, why = self.standing(item)
            self.standings[item.id], self.reasons[item.id] = standing, why
            if standing is not Standing.NOT_NEEDED:
                self.part.add(item.id)
        self.selected = [item for item in theme.items if self.standings[item.id] is Standing.SELECTED]

    def standing(self, item: Item) -> tuple[Standing, str]:
        """What the item is to the case, and why; the items before it are known."""
        wanted = self.chosen is not None and item.id in self.chosen
        if not item.adopted:
            if wanted or item.id in self.satisfied or item.id in self.underway:
                raise NotSelectable(item.id)
            return Standing.NOT_NEEDED, reason("not_adopted")
        if item.id in self.satisfied:
            return Standing.SATISFIED, reason("satisfied", evidence=self.satisfied[item.id])
        if item.id in self.underway:
            return Standing.UNDERWAY, reason("underway")
        if not holds(item.when, self.answers, self.part):
            if wanted:
                raise NotSelectable(item.id)
            return Standing.NOT_NEEDED, self.explain(item.when)
        missing = tuple(
            each
            for dependency in item.depends_on
            if not dependency.optional and self.part.isdisjoint(dependency.any_of)
            for each in dependency.any_of
        )
        if self.chosen is not None and not wanted and (missing or not item.is_internal):
            why = "prerequisite_left_out" if item.is_internal else "not_chosen"
            return Standing.NOT_NEEDED, reason(why)
        if missing:
            raise NotSelectable(item.id, missing)
        return Standing.SELECTED, self.explain(item.when) or reason("always")

    def explain(self, condition: Condition) -> str:
        """Which answers and items made the condition hold, or fail; empty when it depends on none."""
        return why(self.theme, condition, self.answers, self.part)

    def materials(self) -> Iterator[NeededMaterial]:
        """The one set of materials: each once, with all items that use it."""
        uses: dict[str, list[tuple[Item, Material]]] = {}
        for item in self.selected:
            for material in item.materials:
                if holds(material.when, self.answers, self.part):
                    uses.setdefault(material.id, []).append((item, material))
        for pairs in uses.values():
            material = pairs[0][1]
            producers = tuple(self.producers(material))
            brought = material.source is Source.PRODUCED and not producers
            conditions = (self.explain(each.when) for _, each in pairs)
            names = reason("list").join(item.name for item, _ in pairs)
            yield NeededMaterial(
                material=replace(
                    material,
                    role=Role.MAIN if any(each.role is Role.MAIN for _, each in pairs) else Role.SECONDARY,
                    tolerable=all(each.tolerable for _, each in pairs),
                    source=material.otherwise if brought else material.source,
                    produced_by=producers,
                    original=any(each.original for _, each in pairs),
                ),
                items=tuple(item.id for item, _ in pairs),
                reason=together((reason("material", items=names), *conditions)),
            )

    def producers(self, material: Material) -> Iterator[str]:
        """The items that will make it: of this case, or underway elsewhere; what was done before made it already."""
        is_here = any(self.standings[each] is Standing.SATISFIED for each in material.produced_by)
        for each in material.produced_by:
            standing = self.standings[each]
            if standing is Standing.SELECTED or (standing is Standing.UNDERWAY and not is_here):
                yield each

    def fields(self) -> Iterator[Field]:
        """The one form: every field once that a selected item needs."""
        for field in self.theme.fields:
            items = tuple(item.id for item in self.selected if item.id in field.items)
            if items:
                required = holds(field.required_when, self.answers, self.part)
                yield replace(field, items=items, required=required)
