"""In every case of every theme: whoever grants what can be granted sees every item supplied."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

import catalogue
from catalogue.errors import NotSelectable
from catalogue.examples import answers_for
from catalogue.joins import Progress, join
from catalogue.model import Catalogue, Theme
from catalogue.selection import Selection, Standing
from contracts.intake import Acceptance, ItemsAccepted, MaterialCopy, PlannedItem
from routing.domain import Distribution
from testkit.facts import NOON

from .mothers import SYSTEM

REGION = "990102"
CASES = 30
"""Combinations of answers that are tried in each theme, spread over all of them."""

OF = catalogue.load(REGION, on=NOON.date())


def selections(theme: Theme) -> Iterator[Selection]:
    every = list(answers_for(theme))
    for answers in every[:: max(1, len(every) // CASES)]:
        with suppress(NotSelectable):
            yield theme.select(answers)


@pytest.mark.parametrize("theme_id", sorted(OF.themes))
def test_everything_is_supplied_once_all_before_it_is_granted(theme_id: str) -> None:
    theme = OF.theme(theme_id)
    for selection in selections(theme):
        undecided = decide(theme, selection)

        assert not undecided, selection.answers


@pytest.mark.parametrize("end", [Progress.DENIED, Progress.GONE])
@pytest.mark.parametrize("theme_id", sorted(OF.themes))
def test_no_review_that_may_go_on_waits_for_what_will_never_come(theme_id: str, end: Progress) -> None:
    theme = OF.theme(theme_id)
    for selection in selections(theme):
        for lost in selection.selected:
            undecided = decide(theme, selection, lost=lost, end=end)

            for item, progress in undecided.items():
                assert join(theme.item(item), selection.standings, progress).state != "ready", (
                    selection.answers,
                    lost,
                    item,
                )


def decide(
    theme: Theme, selection: Selection, *, lost: str = "", end: Progress = Progress.DENIED
) -> dict[str, dict[str, Progress]]:
    """Grants what is ready and supplied, but for one item that ends otherwise; returns what is left over."""
    distribution = Distribution("case")
    distribution.plan(accepted(OF, theme, selection), OF, SYSTEM)
    progress: dict[str, Progress] = dict.fromkeys(selection.selected, Progress.ACCEPTED)
    if lost and end is Progress.GONE:
        progress[lost] = Progress.GONE
        distribution.stop(lost, SYSTEM)
    while ready := [
        item
        for item, now in progress.items()
        if now is Progress.ACCEPTED
        and item in distribution.supplied
        and join(theme.item(item), selection.standings, progress).state == "ready"
    ]:
        for item in ready:
            if item == lost:
                progress[item] = end
                continue
            progress[item] = Progress.APPROVED
            for output in theme.item(item).outputs:
                issuer = handler(theme, item, selection)
                distribution.supply_output(item, f"{item}/{output.id}", issuer, OF, SYSTEM)
    return dict.fromkeys((item for item, now in progress.items() if now is Progress.ACCEPTED), progress)


def handler(theme: Theme, item: str, selection: Selection) -> str:
    question = theme.item(item).area_question
    return OF.handler(theme.item(item), selection.answers.get(question) if question else None)


def accepted(of: Catalogue, theme: Theme, selection: Selection) -> ItemsAccepted:
    """All selected items, with a digital copy of everything that is brought or shared."""
    return ItemsAccepted(
        case_id="case",
        at=NOON,
        by="clerk-7",
        number="n",
        theme=theme.id,
        catalogue=of.version,
        region=REGION,
        hall="hall",
        window="w1",
        items=tuple(
            Acceptance(
                item=item,
                handler=handler(theme, item, selection),
                grant="g",
                grant_position=1,
                in_name_of="",
                notice="",
            )
            for item in selection.selected
        ),
        plan=tuple(
            PlannedItem(item, standing.value, handler(theme, item, selection) if standing is Standing.SELECTED else "")
            for item, standing in selection.standings.items()
        ),
        materials=tuple(
            MaterialCopy(f"c-{needed.material.id}", needed.material.id, "digital")
            for needed in selection.materials
            if needed.material.source != "produced"
        ),
    )
