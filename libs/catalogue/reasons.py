"""Why a condition holds in a case, or fails: one sentence for each answer and item that decided it."""

from collections.abc import Collection, Iterator, Mapping

from catalogue.conditions import Answer, Condition, verdict
from catalogue.model import Theme
from catalogue.wording import reason


def why(theme: Theme, condition: Condition, answers: Mapping[str, str], part: Collection[str] = ()) -> str:
    """Which answers and items made the condition hold, or fail; empty when it depends on none."""
    return together(_because(theme, condition, answers, part))


def together(sentences: Iterator[str] | Collection[str]) -> str:
    """Several reasons as one text, each once, without the empty ones."""
    return reason("and").join(dict.fromkeys(filter(None, sentences)))


def _because(theme: Theme, condition: Condition, answers: Mapping[str, str], part: Collection[str]) -> Iterator[str]:
    questions = {question.id: question for question in theme.questions}
    for leaf in verdict(condition, answers, part)[1]:
        if not isinstance(leaf, Answer):
            key = "with_item" if leaf.item in part else "without_item"
            yield reason(key, item=theme.item(leaf.item).name)
        elif leaf.question in answers:
            question = questions[leaf.question]
            value = answers[leaf.question]
            answer = next(option.name for option in question.options if option.value == value)
            yield reason("answer", question=question.text, answer=answer)
        else:
            # The question was not asked: what kept it from being asked is the reason.
            yield from _because(theme, questions[leaf.question].asked_when, answers, part)
