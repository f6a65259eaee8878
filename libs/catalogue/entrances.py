"""Where a case enters a theme: the entry points (导入切口) that the scenario answers name."""

from collections.abc import Mapping

from msgspec import Struct

from catalogue.conditions import ALWAYS, holds
from catalogue.model import EntryPoint, Theme
from catalogue.reasons import why
from catalogue.selection import asked_answers
from catalogue.wording import reason


class Entrance(Struct, frozen=True):
    """An entry point that is open to a case, and why."""

    point: EntryPoint
    reason: str


def entry_points_for(theme: Theme, answers: Mapping[str, str]) -> tuple[Entrance, ...]:
    """The entry points for these answers: first those that the answers name, then those that are open to all.

    Raises UnansweredQuestions, UnknownAnswer.
    """
    given = asked_answers(theme, answers)
    named = [point for point in theme.entry_points if point.when != ALWAYS and holds(point.when, given)]
    others = [point for point in theme.entry_points if point.when == ALWAYS]
    return tuple(Entrance(point, why(theme, point.when, given) or reason("open_to_all")) for point in (*named, *others))
