"""情形引导: which questions come up, and what the answers lead to."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from msgspec import Struct

from catalogue import CatalogueError, Item, Question, Selection, Theme
from catalogue.conditions import All, Answer, holds


class Outlook(Struct, frozen=True):
    """What the answers given so far lead to."""

    asked: tuple[Question, ...]
    answers: dict[str, str]
    selection: Selection | None
    """None while a question is open, or where the answers lead nowhere."""
    refused: str = ""

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The questions that are still open."""
        return tuple(each.id for each in self.asked if each.id not in self.answers)


def outlook(
    theme: Theme,
    given: Mapping[str, str],
    satisfied: Mapping[str, str] | None = None,
    underway: Collection[str] = (),
    denied: Collection[str] = (),
) -> Outlook:
    """The questions that come up with these answers, and the items and materials once all are answered.

    What was ``denied`` before is not part of it.
    """
    answers: dict[str, str] = {}
    asked = []
    for question in theme.questions:
        if holds(question.asked_when, answers):
            asked.append(question)
            if given.get(question.id) in {option.value for option in question.options}:
                answers[question.id] = given[question.id]
    if len(answers) < len(asked):
        return Outlook(tuple(asked), answers, None)
    try:
        whole = theme.select(answers, satisfied=satisfied or {}, underway=underway)
        if denied:
            left = [item for item in whole.selected if item not in denied]
            whole = theme.select(answers, chosen=left, satisfied=satisfied or {}, underway=underway)
        return Outlook(tuple(asked), answers, whole)
    except CatalogueError as error:
        return Outlook(tuple(asked), answers, None, str(error))


def shut(theme: Theme, on: date) -> Iterator[Item]:
    """Items that are accepted in certain periods only, and not on this day."""
    for item in theme.items:
        spans = [(date.fromisoformat(each.begins), date.fromisoformat(each.ends)) for each in item.periods]
        if spans and not any(begins <= on <= ends for begins, ends in spans):
            yield item


def preset(theme: Theme, entry: str) -> dict[str, str]:
    """The answers with which a case enters the theme by this item; none where the catalogue says nothing."""
    points = [point.when for point in theme.entry_points if point.item == entry]
    found: dict[str, str] = {}
    for when in points[:1]:
        for leaf in when.of if isinstance(when, All) else (when,):
            if isinstance(leaf, Answer) and len(leaf.values) == 1:
                found[leaf.question] = leaf.values[0]
    return found
