"""The department simulator does what people do at their desks, and nothing else."""

from types import SimpleNamespace

import pytest

from console.simulator import REVIEWERS, Departments
from contracts.approval import DenyReview, GrantReview, Worklist


class Desks:
    """Stands in for approval: what lies on which desk; a decision clears it and may lay the next one."""

    def __init__(self, lying, then=()):
        self.lying = dict(lying)
        self.then = dict(then)
        self.asked = []
        self.decided = []
        self.caller = None

    def as_(self, caller):
        self.caller = caller
        return self

    def ask(self, question, **_):
        assert isinstance(question, Worklist)
        assert question.org == self.caller.org
        self.asked.append(question.org)
        return {"reviews": [{"case_id": "c1", "item": i} for i, org in self.lying.items() if org == question.org]}

    def command(self, command, **_):
        assert self.lying.pop(command.item) == self.caller.org
        self.lying |= self.then.pop(command.item, {})
        self.decided.append((command, self.caller.by))
        return SimpleNamespace(value={"item": command.item})


def test_everything_on_the_desks_is_granted_by_its_own_organisation():
    desks = Desks({"A": "gaj", "B": "scjg"})

    decisions = list(Departments(desks).decide("c1", ["gaj", "scjg"]))

    assert [(each.item, each.org, each.granted) for each in decisions] == [
        ("A", "gaj", True),
        ("B", "scjg", True),
    ]
    assert all(isinstance(command, GrantReview) for command, _ in desks.decided)


def test_what_is_to_be_denied_is_denied_with_its_reasons():
    desks = Desks({"A": "gaj"})

    list(Departments(desks, denials={"A": "too near"}).decide("c1", ["gaj"]))

    assert desks.decided[0][0] == DenyReview(case_id="c1", item="A", reasons="too near")


def test_other_cases_are_left_alone():
    desks = Desks({"A": "gaj"})

    assert list(Departments(desks).decide("another case", ["gaj"])) == []


def test_rounds_go_on_until_the_case_is_over():
    desks = Desks({"A": "gaj"}, then={"A": {"B": "scjg"}, "B": {"C": "gaj"}})
    departments = Departments(desks)

    decisions = list(departments.conclude("c1", ["gaj", "scjg"], is_over=lambda: len(desks.decided) == 3, patience=5))

    assert [each.item for each in decisions] == ["A", "B", "C"]


def test_it_gives_up_when_nothing_comes():
    assert list(Departments(Desks({})).conclude("c1", ["gaj"], is_over=lambda: False, patience=0.0)) == []


def test_thinking_takes_the_time_that_was_asked_for():
    thoughts = []

    def think():
        thoughts.append(1)
        return 0.0

    list(Departments(Desks({"A": "gaj", "B": "gaj"}), thinking=think).decide("c1", ["gaj"]))

    assert len(thoughts) == 2


@pytest.mark.parametrize("seed", range(5))
def test_several_people_take_turns(seed):
    departments = Departments(Desks({}), seed=seed)

    names = {departments.reviewer("gaj").by for _ in range(50)}

    assert names == {f"gaj-reviewer-{number}" for number in range(1, REVIEWERS + 1)}
