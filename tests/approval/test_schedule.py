"""The whole of a case in time: its due day, its critical path, and the slack beside it."""

from datetime import date
from itertools import product

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from approval.domain import schedule
from catalogue.model import Trigger
from catalogue.rules import Wait

from . import almanac
from .mothers import CALENDAR, a_theme, an_item, needs
from .timekeepers import Timekeeper, noon, taken_up

START = date(2026, 3, 2)


def plan_of(theme, **each: object):
    office = taken_up(theme, noon(START), **each)
    return schedule(office.bundle, office.law(office.now))


def after(days: int) -> date:
    return almanac.last_day(START, days)


class TestTheWhole:
    # 兴隆: tax 10 working days, then the registration 1, then four others in parallel 1
    CANCELLATION = a_theme(
        an_item("TAX", promised=10),
        an_item("REGISTRATION", needs("TAX"), promised=1),
        *(an_item(name, needs("REGISTRATION"), promised=1) for name in ("BANK", "SEAL", "SOCIAL", "CUSTOMS")),
    )

    def test_is_due_at_the_end_of_its_longest_path(self):
        plan = plan_of(self.CANCELLATION)

        assert plan.due_on == after(12)
        assert plan.critical == ("TAX", "REGISTRATION", "BANK")

    def test_leaves_no_slack_on_the_critical_path_and_some_beside_it(self):
        theme = a_theme(*self.CANCELLATION.items, an_item("ALONE", promised=3))

        assert plan_of(theme).slack == {
            "TAX": 0,
            "REGISTRATION": 0,
            "BANK": 0,
            "SEAL": 0,
            "SOCIAL": 0,
            "CUSTOMS": 0,
            "ALONE": 9,
        }

    def test_follows_what_is_decided_early(self):
        office = taken_up(self.CANCELLATION, noon(START)).grants("TAX", at=noon(START))

        plan = schedule(office.bundle, office.law(noon(START)))

        assert plan.due_on == after(2)
        assert plan.critical == ("REGISTRATION", "BANK")

    def test_waits_for_the_first_of_alternatives_only(self):
        theme = a_theme(an_item("A", promised=2), an_item("B", promised=7), an_item("C", needs("A", "B"), promised=3))
        plan = plan_of(theme)

        assert plan.due_on == after(7)
        assert plan.ends["C"] == after(5)
        assert plan.slack == {"A": 2, "B": 0, "C": 2}

    def test_does_not_wait_for_a_decision_where_acceptance_is_enough(self):
        theme = a_theme(an_item("A", promised=9), an_item("B", needs("A", trigger=Trigger.ACCEPTED), promised=3))

        assert plan_of(theme).ends["B"] == after(3)

    def test_counts_what_has_to_be_waited_for(self):
        wait = Wait(id="publicity", name="公示", days=20)
        theme = a_theme(an_item("A", promised=1), an_item("B", needs("A"), promised=2, waits=(wait,)))

        assert plan_of(theme).due_on == almanac.last_day(date(2026, 3, 23), 2)

    def test_counts_a_special_procedure_as_long_as_was_told(self):
        office = taken_up(a_theme(an_item("A", promised=5)), noon(START)).suspends("A", days=3, at=noon("2026-03-03"))

        assert schedule(office.bundle, office.law(noon("2026-03-03"))).due_on == after(8)

    def test_is_capped_by_the_joint_limit(self):  # 行政许可法 第42条第2款
        theme = a_theme(
            an_item("A", statutory=30, promised=30), an_item("B", needs("A"), statutory=30, promised=30), joint=True
        )
        plan = plan_of(theme)

        assert plan.by_graph == after(60)
        assert plan.due_on == after(45)

    def test_is_nothing_once_all_is_decided(self):
        office = taken_up(a_theme(an_item("A")), noon(START)).grants("A", at=noon(START))

        plan = schedule(office.bundle, office.law(noon(START)))

        assert (plan.due_on, plan.critical, plan.slack) == (None, (), {})

    def test_does_not_ask_after_what_left_the_case(self):
        theme = a_theme(an_item("A", promised=9), an_item("B", needs("A", optional=True), promised=3), an_item("C"))
        office = Timekeeper(theme)
        office.accepts(at=noon(START))
        office.loses("A", at=noon(START))

        assert set(schedule(office.bundle, office.law(noon(START))).ends) == {"B", "C"}


NAMES = "ABCDE"


@st.composite
def cases(draw):
    """Up to five items with limits of 0 to 6 working days and edges of one or two alternatives."""
    items, days, edges = [], {}, {}
    for i, name in enumerate(NAMES):
        days[name] = draw(st.integers(0, 6))
        alternatives = st.lists(st.sampled_from(NAMES[:i]), min_size=1, max_size=2, unique=True)
        edges[name] = draw(st.lists(alternatives, max_size=2)) if i else []
        items.append(an_item(name, *(needs(*each) for each in edges[name]), promised=days[name], statutory=99))
    return a_theme(*items), days, edges


def longest(days, edges, late=("", 0)) -> dict[str, date]:
    """The oracle: of every way to choose among alternatives the quickest; one day counted after the other."""
    best: dict[str, date] = {}
    chains = [[(name, edge) for edge in edges[name]] for name in NAMES]
    every = [choice for choices in chains for choice in choices]
    for chosen in product(*(edge for _, edge in every)):
        ends: dict[str, date] = {}
        for name in NAMES:
            before = [one for (owner, _), one in zip(every, chosen, strict=True) if owner == name]
            start = max((ends[each] for each in before), default=START)
            ends[name] = almanac.last_day(start, days[name])
            if late[0] == name and late[1]:
                ends[name] = almanac.last_day(ends[name], late[1])
        best = {name: min(best.get(name, date.max), end) for name, end in ends.items()}
    return best


@settings(max_examples=80, deadline=None)
@drawn(cases())
def test_due_day_ends_and_slack_are_those_of_the_oracle(case):
    theme, days, edges = case
    plan = plan_of(theme)

    expected = longest(days, edges)
    assert plan.ends == expected
    whole = max(expected.values())
    assert plan.due_on == whole
    assert plan.ends[plan.critical[-1]] == whole
    for name in NAMES:
        slack = plan.slack[name]
        assert max(longest(days, edges, (name, slack)).values()) == whole
        assert max(longest(days, edges, (name, slack + 1)).values()) > whole


def test_the_calendars_are_those_that_the_oracle_counts_by():
    assert CALENDAR.add(START, 12) == after(12)
