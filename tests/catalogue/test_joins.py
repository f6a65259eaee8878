"""When an item may start, against an oracle that tries every future."""

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import Dependency, Item, ItemType, Level, Progress, Standing, Trigger, join, load

BEFORE = ("A", "B", "C", "D")
# What each state can still become, itself included (a tolerant pass is supplemented, or terminated).
FUTURES = {
    "pending": ("pending", "accepted", "approved", "approved_tolerant", "denied", "gone"),
    "accepted": ("accepted", "approved", "approved_tolerant", "denied", "gone"),
    "approved": ("approved",),
    "approved_tolerant": ("approved_tolerant", "approved", "gone"),
    "denied": ("denied",),
    "gone": ("gone",),
}


def an_item(*edges: Dependency) -> Item:
    return Item(
        id="X",
        name="X",
        department="x",
        level=Level.COUNTY,
        item_type=ItemType.OTHER,
        depends_on=tuple(edges),
    )


@st.composite
def edges(draw: st.DrawFn) -> Dependency:
    names = tuple(draw(st.lists(st.sampled_from(BEFORE), min_size=1, max_size=3, unique=True)))
    return Dependency(
        any_of=names,
        trigger=draw(st.sampled_from(Trigger)),
        optional=draw(st.booleans()),
        on_tolerant=tuple(each for each in names if draw(st.booleans())),
    )


def is_open(edge: Dependency, standing: Mapping[str, str], states: Mapping[str, str]) -> bool:
    """The oracle's reading of one edge, told over sets of names."""
    present = {each for each in edge.any_of if standing[each] != "not_needed"}
    done = {each for each in present if standing[each] == "satisfied" or states[each] == "approved"}
    halfway = {each for each in present if states[each] == "approved_tolerant"} - done
    if edge.trigger == "accepted":
        unlocking = done | halfway | {each for each in present if states[each] == "accepted"}
    else:
        unlocking = done | (halfway & set(edge.on_tolerant))
    here = {each for each in present if standing[each] == "satisfied" or states[each] != "gone"}
    return bool(unlocking) or (edge.optional and not here)


def oracle(item: Item, standing: Mapping[str, str], states: Mapping[str, str]) -> str:
    if all(is_open(edge, standing, states) for edge in item.depends_on):
        return "ready"
    for future in product(*(FUTURES[states[each]] for each in BEFORE)):
        then = dict(zip(BEFORE, future, strict=True))
        if all(is_open(edge, standing, then) for edge in item.depends_on):
            return "waiting"
    return "blocked"


@settings(max_examples=400, deadline=None)
@given(
    st.lists(edges(), max_size=3),
    st.tuples(*[st.sampled_from(Standing)] * 4),
    st.tuples(*[st.sampled_from(Progress)] * 4),
)
def test_the_join_agrees_with_every_possible_future(
    dependencies: list[Dependency], standings: tuple[Standing, ...], progresses: tuple[Progress, ...]
) -> None:
    item = an_item(*dependencies)
    standing = dict(zip(BEFORE, standings, strict=True))
    progress = dict(zip(BEFORE, progresses, strict=True))

    found = join(item, standing, progress)

    assert found.state == oracle(item, standing, progress)
    assert bool(found.blocked_by) == (found.state == "blocked")
    if found.state == "waiting":
        settled = {**progress, **dict.fromkeys(found.waiting_for, Progress.APPROVED)}
        assert join(item, standing, settled).state == "ready"


@pytest.mark.parametrize(
    ("progress", "state", "waiting_for", "blocked_by"),
    [
        ({}, "waiting", ("SDQ01", "SDQ02", "SDQ03", "SDQ04"), ()),
        ({"SDQ01": "accepted"}, "waiting", ("SDQ02", "SDQ03", "SDQ04"), ()),
        (dict.fromkeys(("SDQ01", "SDQ02", "SDQ03", "SDQ04"), "accepted"), "ready", (), ()),
        ({"SDQ01": "gone", "SDQ02": "accepted", "SDQ03": "approved", "SDQ04": "accepted"}, "ready", (), ()),
        ({"SDQ01": "denied"}, "blocked", ("SDQ02", "SDQ03", "SDQ04"), ("SDQ01",)),
    ],
)
def test_the_joint_survey_waits_for_acceptance_of_every_selected_utility(
    progress: dict[str, str], state: str, waiting_for: tuple[str, ...], blocked_by: tuple[str, ...]
) -> None:
    theme = load("990102").theme("SDQ")
    selection = theme.select({"area": "west", "external_line": "none"})

    found = join(theme.item("SDQ05"), selection.standings, {each: Progress(value) for each, value in progress.items()})

    assert (found.state, found.waiting_for, found.blocked_by) == (state, waiting_for, blocked_by)


def test_retirement_follows_the_one_kind_that_is_part_of_the_case() -> None:
    theme = load("990102").theme("TX")
    selection = theme.select(
        {
            "category": "special",
            "worker": "employee",
            "deemed_years": "yes",
            "housing_fund": "no",
            "only_child": "no",
        }
    )
    pension = theme.item("TX06")

    assert join(pension, selection.standings, {}).waiting_for == ("TX02", "TX05")
    assert join(pension, selection.standings, {"TX02": Progress.APPROVED}).waiting_for == ("TX05",)
    assert join(pension, selection.standings, {"TX02": Progress.DENIED}).blocked_by == ("TX02",)
    both = {"TX02": Progress.APPROVED, "TX05": Progress.APPROVED}
    assert join(pension, selection.standings, both).state == "ready"


def test_a_tolerant_pass_unlocks_only_what_its_item_says() -> None:
    county = load("990102")
    enrolment, deregistration = county.item("JYRX06"), county.item("QYZX04")
    restaurant = county.item("CY02")
    part = dict.fromkeys(("JYRX02", "JYRX04", "QYZX03", "CY01"), Standing.SELECTED)
    tolerant = dict.fromkeys(part, Progress.APPROVED_TOLERANT) | {"JYRX02": Progress.APPROVED}

    assert join(enrolment, part, tolerant).state == "ready"
    assert join(deregistration, part, tolerant).state == "ready"
    assert join(restaurant, part, tolerant).waiting_for == ("CY01",)
