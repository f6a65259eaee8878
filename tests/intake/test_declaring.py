"""申请人声明: what an applicant may ask for from home, and what it is worth to whoever accepts."""

from typing import Any

import pytest

from contracts.intake import ItemsAccepted, Signed, TermsDeclared
from eventing.errors import Refused
from intake.domain import Terms
from intake.domain.refusals import (
    CreditBarStands,
    ItemSettled,
    NoCommitment,
    NotInCase,
    NotSigned,
    NotTolerable,
    UnrelatedMaterial,
)
from testkit.facts import an_act, facts, refused

from .mothers import CALENDAR, At
from .test_tolerance import LATER, SIGNED, lacking

HOME = an_act("citizen-1", hall="", window="")


def declared(here: At, **more: Any) -> At:
    terms = {"tolerate": ("premises",), "signed": SIGNED, **more}
    here.case.declare(here.outline, Terms(**terms), calendar=CALENDAR, act=HOME)
    return here


def test_what_is_declared_is_recorded_and_nothing_is_accepted_by_it() -> None:
    here = declared(lacking("premises"))

    (fact,) = here.case.pending
    assert isinstance(fact, TermsDeclared)
    assert (fact.tolerate, fact.promise, fact.signed) == (("premises",), (), SIGNED)
    assert {here.case.items[item] for item in here.case.selected} == {"pending"}


def test_whoever_accepts_on_what_was_declared_needs_no_other_signature() -> None:
    here = declared(lacking("premises")).now()

    here.accepted("SP03", terms=Terms(tolerate=LATER.tolerate, notices=LATER.notices))

    (fact,) = here.case.pending
    assert isinstance(fact, ItemsAccepted)
    assert fact.signed == SIGNED
    assert [each.material for each in fact.items[0].tolerated] == ["premises"]


def test_whoever_accepts_need_not_agree() -> None:
    here = declared(lacking()).now().accepted("SP03")

    (fact,) = here.case.pending
    assert isinstance(fact, ItemsAccepted)
    assert (fact.items[0].tolerated, fact.signed) == ((), None)


def test_what_was_not_declared_needs_a_signature() -> None:
    here = lacking("premises")

    with refused(NotSigned):
        here.accepted("SP03", terms=Terms(tolerate=("premises",)))


def test_what_was_taken_back_counts_no_more() -> None:
    here = declared(declared(lacking("premises")).now(), tolerate=(), signed=None).now()

    with refused(NotSigned):
        here.accepted("SP03", terms=Terms(tolerate=("premises",)))


def test_the_same_again_is_no_news() -> None:
    here = declared(declared(lacking("premises")).now())

    assert facts(here.case) == []


@pytest.mark.parametrize(
    ("lacks", "terms", "kind"),
    [
        ("food_form", {"tolerate": ("food_form",)}, NotTolerable),
        ("premises", {"tolerate": ("diploma",)}, UnrelatedMaterial),
        ("premises", {"signed": None}, NotSigned),
        ("premises", {"signed": Signed(document=" ")}, NotSigned),
        ("premises", {"promise": ("SP03",)}, NoCommitment),
        ("premises", {"promise": ("NONE",)}, NotInCase),
        ("premises", {"barred": ("tolerance_lapsed",)}, CreditBarStands),
    ],
)
def test_what_the_law_does_not_open_is_refused_at_once(lacks: str, terms: dict[str, Any], kind: type[Refused]) -> None:
    here = lacking(lacks)

    with refused(kind):
        declared(here, **terms)
    assert facts(here.case) == []


def test_a_promise_for_what_is_accepted_comes_too_late() -> None:
    here = lacking().accepted("SP03").now()

    with refused(ItemSettled):
        declared(here, tolerate=(), promise=("SP03",))
