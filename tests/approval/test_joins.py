"""Joins by brute force: what a join says now is what every possible future says of it.

The oracle tries all futures of the items before: an item is ready when its edges are met today, blocked when no future
meets them, and waits otherwise.
"""

from itertools import product

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from catalogue.joins import Progress, join
from catalogue.model import Trigger
from catalogue.selection import Standing

from .mothers import a_theme, an_item, needs
from .timekeepers import Timekeeper

FUTURES = {
    Progress.PENDING: tuple(Progress),
    Progress.ACCEPTED: tuple(set(Progress) - {Progress.PENDING}),
    Progress.APPROVED_TOLERANT: (Progress.APPROVED_TOLERANT, Progress.APPROVED, Progress.GONE),
    Progress.APPROVED: (Progress.APPROVED,),
    Progress.DENIED: (Progress.DENIED,),
    Progress.GONE: (Progress.GONE,),
}
"""What may become of an item; what it is today is among it."""

BEFORE = "ABC"


def edges(before=BEFORE):
    """AND and one-of edges, conditional or not, on acceptance or approval, content with a tolerant pass or not."""
    return st.lists(
        st.builds(
            lambda any_of, trigger, optional, content: needs(
                *any_of, trigger=trigger, optional=optional, tolerant=tuple(sorted(content & set(any_of)))
            ),
            st.lists(st.sampled_from(before), min_size=1, max_size=3, unique=True),
            st.sampled_from(Trigger),
            st.booleans(),
            st.sets(st.sampled_from(before)),
        ),
        max_size=3,
    )


def is_met(edge, standings, world) -> bool:
    """Whether an edge lets through, in the words of the catalogue."""
    part = [each for each in edge.any_of if standings[each] is not Standing.NOT_NEEDED]
    for each in part:
        if standings[each] is Standing.SATISFIED or world[each] is Progress.APPROVED:
            return True
        if world[each] is Progress.APPROVED_TOLERANT and (edge.trigger is Trigger.ACCEPTED or each in edge.on_tolerant):
            return True
        if world[each] is Progress.ACCEPTED and edge.trigger is Trigger.ACCEPTED:
            return True
    return edge.optional and all(world[each] is Progress.GONE for each in part)


def verdict(item, standings, progress) -> str:
    """The oracle."""

    def is_ready(world):
        return all(is_met(edge, standings, world) for edge in item.depends_on)

    if is_ready(progress):
        return "ready"
    worlds = product(*(FUTURES[progress[each]] for each in BEFORE))
    return "waiting" if any(is_ready(dict(zip(BEFORE, world, strict=True))) for world in worlds) else "blocked"


@settings(max_examples=400, deadline=None)
@drawn(
    edges(),
    st.fixed_dictionaries(dict.fromkeys(BEFORE, st.sampled_from(Standing))),
    st.fixed_dictionaries(dict.fromkeys(BEFORE, st.sampled_from(Progress))),
)
def test_a_join_is_what_all_futures_say_of_it(depends_on, standings, progress):
    item = an_item("X", *depends_on)

    found = join(item, standings, progress)

    assert found.state == verdict(item, standings, progress)
    part = {each for each in BEFORE if standings[each] is not Standing.NOT_NEEDED}
    named = {each for edge in depends_on for each in edge.any_of}
    assert set(found.waiting_for) <= named & part
    assert set(found.blocked_by) <= named
    assert bool(found.blocked_by) == (found.state == "blocked")
    assert bool(found.waiting_for) >= (found.state == "waiting")
    for each in found.waiting_for:
        assert progress[each] not in {Progress.DENIED, Progress.GONE}
    for each in set(found.blocked_by) & part:
        assert standings[each] is Standing.SATISFIED or progress[each] in {Progress.DENIED, Progress.GONE}


@settings(max_examples=150, deadline=None)
@drawn(
    edges(),
    st.fixed_dictionaries(dict.fromkeys(BEFORE, st.sampled_from(Standing))),
    st.fixed_dictionaries(
        dict.fromkeys(BEFORE, st.sampled_from(["pending", "accepted", "granted", "tolerant", "denied", "gone"]))
    ),
)
def test_a_bundle_opens_and_blocks_by_the_same_futures(depends_on, standings, fates):
    """The items before are brought as far as told; then the last one is accepted."""
    item = an_item("X", *depends_on)
    office = Timekeeper(a_theme(*(an_item(each) for each in BEFORE), item))
    office.accepts("X", standings=standings)
    progress = {}
    for each in BEFORE:
        progress[each] = bring(office, each, standings, fates[each])

    expected = {"ready": "open", "waiting": "locked", "blocked": "blocked"}[verdict(item, standings, progress)]
    # an item that was ready once stays open, whatever happens to what it was accepted beside
    opened = bool(of(office, "X"))
    assert office.status()["X"] == ("open" if opened else expected)
    assert not opened or expected == "open" or is_by_acceptance(item)


def bring(office, each, standings, fate) -> Progress:
    """One item as far as its fate; returns how far it is for those after it."""
    if standings[each] is Standing.UNDERWAY:
        told = {"granted": "granted", "denied": "denied", "gone": "withdrawn"}.get(fate)
        if told is None:
            return Progress.PENDING
        office.learns_of(each, told)
        return {"granted": Progress.APPROVED, "denied": Progress.DENIED, "withdrawn": Progress.GONE}[told]
    if standings[each] is not Standing.SELECTED or fate == "pending":
        return Progress.PENDING
    if fate == "gone":
        office.loses(each, "withdrawn")
        return Progress.GONE
    office.accepts(each, standings=standings, tolerated=fate == "tolerant")
    office.supplies(each)
    if fate == "denied":
        office.denies(each)
        return Progress.DENIED
    if fate in {"granted", "tolerant"}:
        office.grants(each)
        return Progress.APPROVED if fate == "granted" else Progress.APPROVED_TOLERANT
    return Progress.ACCEPTED


def of(office, item):
    """The unlocking of an item, if there was one."""
    return [
        happened
        for happened in office.bundle.pending
        if any(each.item == item for each in getattr(happened, "reviews", ()))
        and happened.TOPIC == "onething.review.unlocked.v1"
    ]


def is_by_acceptance(item) -> bool:
    return any(edge.trigger is Trigger.ACCEPTED for edge in item.depends_on)
