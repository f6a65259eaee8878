"""Sets of answers to a theme's scenario questions, for tests, checks and demonstrations."""

from collections.abc import Iterator
from itertools import islice

from catalogue.conditions import holds
from catalogue.model import Theme

BOUND = 4096
"""Combinations of one theme that are enumerated at most."""


def answers_for(theme: Theme, *, bound: int = BOUND) -> Iterator[dict[str, str]]:
    """Every combination of answers to the questions that are asked, at most `bound` of them."""
    return islice(_from(theme, 0, {}), bound)


def _from(theme: Theme, position: int, answers: dict[str, str]) -> Iterator[dict[str, str]]:
    if position == len(theme.questions):
        yield answers
        return
    question = theme.questions[position]
    if not holds(question.asked_when, answers):
        yield from _from(theme, position + 1, answers)
        return
    for option in question.options:
        yield from _from(theme, position + 1, {**answers, question.id: option.value})


def happy_answers(theme: Theme) -> dict[str, str]:
    """Answers that select as many items as can be."""
    return max(answers_for(theme), key=lambda answers: len(theme.select(answers).selected))
