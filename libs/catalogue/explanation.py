"""Why am I asked this (为什么问我)? An answer for every question, field, material and item of a theme."""

from collections.abc import Collection, Iterator, Mapping

from catalogue.conditions import questions_in
from catalogue.errors import UnknownName
from catalogue.model import Question, Theme
from catalogue.reasons import together, why
from catalogue.selection import Selection, Standing, check_answers
from catalogue.wording import reason


def explain(
    theme: Theme,
    answers: Mapping[str, str],
    key: str,
    *,
    chosen: Collection[str] | None = None,
    satisfied: Mapping[str, str] | None = None,
    underway: Collection[str] = (),
) -> str:
    """Why a case asks for what `key` names: a scenario question, a field of the form, a material or an item.

    A question is explained from the answers given so far; everything else from a whole set of answers, with
    the same refusals as `Theme.select`. Where one key names several things, each is explained.
    Raises UnknownName when the theme has nothing of that name.
    """
    check_answers(theme, answers)
    questions = [_question(theme, each, answers) for each in theme.questions if each.id == key]
    rest = (
        {item.id for item in theme.items}
        | {field.key for field in theme.fields}
        | {material.id for item in theme.items for material in item.materials}
    )
    if key not in rest:
        if not questions:
            raise UnknownName(key)
        return together(questions)
    selection = theme.select(answers, chosen=chosen, satisfied=satisfied, underway=underway)
    found = [*questions, *_things(theme, selection, key)]
    return together(found or [reason("not_asked")])


def _question(theme: Theme, question: Question, answers: Mapping[str, str]) -> str:
    """The reason that its author gave, the earlier answers that led to it, and the items that it decides."""
    decided = [item.name for item in theme.items if question.id in questions_in(item.when)]
    return together(
        (
            question.reason,
            why(theme, question.asked_when, answers),
            reason("decides", items=reason("list").join(decided)) if decided else "",
        )
    )


def _things(theme: Theme, selection: Selection, key: str) -> Iterator[str]:
    """What the case says of the item, the materials and the field of that name."""
    part = {item for item, standing in selection.standings.items() if standing is not Standing.NOT_NEEDED}
    if key in selection.reasons:
        yield selection.reasons[key]
    for needed in selection.materials:
        if needed.material.id == key:
            yield needed.reason
    for field in selection.fields:
        if field.key == key:
            names = reason("list").join(theme.item(item).name for item in field.items)
            yield reason("field", items=names)
            yield why(theme, field.required_when, selection.answers, part) if field.required else reason("optional")
            yield field.note
