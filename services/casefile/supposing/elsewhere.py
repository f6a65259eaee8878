"""What is known of a case of another system that rules could make another one.

It was opened under no catalogue of ours. Its own rules are those in force: what they say of its items stands for what
was recorded of them, and nothing is asked of the applicant, as the log does not tell the answers.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

import msgspec
from msgspec.structs import replace

from casefile.explaining.course import Known
from casefile.imported import history
from casefile.supposing.derived import Law, courses
from casefile.supposing.recorded import Recorded, Run
from catalogue import CatalogueError
from catalogue.selection import Standing
from contracts.approval import Unlocked
from contracts.insight import HistoryImported, ImportedEvent
from kernel.clock import local_date
from kernel.workdays import Interval

PAUSE = "imported"
"""The procedure that stops a clock; the log knows it by no name of ours."""


class Elsewhere(msgspec.Struct, frozen=True):
    """What a case is called by."""

    case_id: str
    number: str
    theme: str
    hall: str
    catalogue: str


def recorded_elsewhere(facts: Sequence[Known], law: Law, on: date) -> Recorded:
    """The case that the facts of its chain tell, under a law."""
    told = [each.fact for each in facts if isinstance(each.fact, HistoryImported)]
    found = Recorded(knows_materials=False)
    if not told:
        return found
    first = told[0]
    found.opened = Elsewhere(facts[0].chain, first.original, first.theme, first.hall, law.catalogue.version)
    for event in history(told):
        for item in event.items:
            _happened(found.run(item), item, event)
    found.standings = dict.fromkeys(found.runs, Standing.SELECTED)
    with suppress(CatalogueError):  # a theme that there is not: whoever compares says so
        _set_due(found, law, on)
    return found


def _happened(run: Run, item: str, event: ImportedEvent) -> None:
    """One event more; the first acceptance, beginning and decision count."""
    day = local_date(event.at)
    match event.means:
        case "accepted":
            run.accepted_on = run.accepted_on or day
            run.clocks = run.clocks or Unlocked(item, day, None, None)
        case "started":
            run.clocks = Unlocked(item, day, None, None)
        case "paused":
            run.pauses.setdefault(PAUSE, []).append(Interval(day))
        case "resumed":
            _resumed(run.pauses.get(PAUSE, []), day)
        case "granted" | "denied":
            run.decided_on, run.is_granted = run.decided_on or day, event.means == "granted"
        case "withdrawn" | "returned" | "not_accepted":
            run.is_lost = True


def _resumed(pauses: list[Interval], day: date) -> None:
    if pauses and pauses[-1].end is None:
        pauses[-1] = Interval(pauses[-1].start, max(pauses[-1].start, day))


def _set_due(found: Recorded, law: Law, on: date) -> None:
    for item, course in courses(found, law, law, on).items():
        clocks = found.runs[item].clocks
        if clocks is not None:
            found.runs[item].clocks = replace(
                clocks, promised_due=course.promised_due, statutory_due=course.statutory_due
            )
