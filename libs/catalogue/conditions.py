"""The condition language of the catalogue: answers and selected items, joined by all, any and not.

A condition is data. It can speak of scenario answers and of items of the same case, and of nothing else.
There is no word in it for the channel, the clerk, the hour or the applicant, so no rule can depend on them.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct


class All(Struct, frozen=True, tag="all"):
    """Every one of them holds; with none it always holds."""

    of: tuple["Condition", ...] = ()


class Some(Struct, frozen=True, tag="any"):
    """At least one of them holds; with none it never holds."""

    of: tuple["Condition", ...] = ()


class Not(Struct, frozen=True, tag="not"):
    """The inner condition does not hold."""

    of: "Condition"


class Answer(Struct, frozen=True, tag="answer"):
    """The question was answered with one of these values."""

    question: str
    values: tuple[str, ...]


class Selected(Struct, frozen=True, tag="selected"):
    """The item is part of the case: selected in it, satisfied before it, or underway elsewhere."""

    item: str


Leaf = Answer | Selected
Condition = All | Some | Not | Answer | Selected

ALWAYS = All()
NEVER = Some()


def parse(raw: Mapping[str, Any], adopted: Callable[[str], bool]) -> Condition:
    """Read the YAML form. `{adopted: ITEM}` is decided at once, because adoption is no matter of the case."""
    ((word, value),) = raw.items()
    match word:
        case "all":
            return All(tuple(parse(each, adopted) for each in value))
        case "any":
            return Some(tuple(parse(each, adopted) for each in value))
        case "not":
            return Not(parse(value, adopted))
        case "answer":
            leaves = tuple(
                Answer(question, tuple(values) if isinstance(values, list) else (values,))
                for question, values in value.items()
            )
            return leaves[0] if len(leaves) == 1 else All(leaves)
        case "selected":
            return Selected(value)
        case "adopted":
            return ALWAYS if adopted(value) else NEVER
        case _:
            raise ValueError(word)


def verdict(condition: Condition, answers: Mapping[str, str], part: Collection[str]) -> tuple[bool, tuple[Leaf, ...]]:
    """Whether the condition holds in a case, and which of its leaves made it so.

    `part` holds the items that are part of the case.
    """
    match condition:
        case Answer(question, values):
            return answers.get(question) in values, (condition,)
        case Selected(item):
            return item in part, (condition,)
        case Not(inner):
            truth, leaves = verdict(inner, answers, part)
            return not truth, leaves
        case All(of) | Some(of):
            decides = isinstance(condition, Some)
            verdicts = [verdict(each, answers, part) for each in of]
            truth = any(v for v, _ in verdicts) if decides else all(v for v, _ in verdicts)
            return truth, tuple(leaf for v, leaves in verdicts if v is truth for leaf in leaves)


def holds(condition: Condition, answers: Mapping[str, str], part: Collection[str] = ()) -> bool:
    """Whether the condition holds in a case with these answers and these items."""
    return verdict(condition, answers, part)[0]


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every answer and item that the condition speaks of."""
    match condition:
        case Answer() | Selected():
            yield condition
        case Not(inner):
            yield from leaves(inner)
        case All(of) | Some(of):
            for each in of:
                yield from leaves(each)


def questions_in(condition: Condition) -> frozenset[str]:
    """The ids of the questions that the condition depends on."""
    return frozenset(leaf.question for leaf in leaves(condition) if isinstance(leaf, Answer))


def items_in(condition: Condition) -> frozenset[str]:
    """The ids of the items that the condition depends on."""
    return frozenset(leaf.item for leaf in leaves(condition) if isinstance(leaf, Selected))
