"""合并: two open cases of one person and theme become one."""

from typing import Any

from contracts.language import Act
from intake.domain import Case, outline_of
from intake.domain.refusals import NoHall, NotMergeable, NotNow
from testkit.facts import NOON, an_act, facts, names, refused

from .mothers import ANSWERS, At, a_case, a_complete_case, an_accepted_case, an_open_case, catalogue

OTHER = "3f6f9c2e-0000-4000-8000-000000000002"


def another(**more: Any) -> At:
    here = At(outline_of(catalogue(), "SP", ANSWERS, chosen=("SP05",)))
    here.case = Case(OTHER)
    return here.opened(number="YJS-990102-SP-20260723-000002-V", **more).now()


def merge(here: At, into: At, act: Act | None = None) -> At:
    here.case.merge(into.case, items=("SP03",), answers=ANSWERS, satisfied={}, origins=(), act=act or an_act())
    return here


def test_a_case_goes_into_another_and_names_it() -> None:
    here = merge(a_complete_case(), another())

    assert names(here.case) == ["CaseMerged", "CaseClosed"]
    merged, closed = (body for _, body in facts(here.case))
    assert (merged["into"], merged["number"], merged["items"]) == (
        OTHER,
        "YJS-990102-SP-20260723-000002-V",
        ("SP03",),
    )
    assert closed == {"outcome": "merged", "into": OTHER}
    assert (here.case.outcome, here.case.into) == ("merged", OTHER)
    assert here.case.timers() == {}


def test_merging_again_is_no_news() -> None:
    other = another()
    here = merge(an_open_case(), other).now()

    assert facts(merge(here, other).case) == []


def test_a_case_of_which_something_is_accepted_goes_nowhere() -> None:
    here = a_complete_case().accepted("SP03").now()

    with refused(NotMergeable, reason="accepted"):
        merge(here, another())
    assert facts(here.case) == []


def test_cases_of_other_persons_or_themes_or_closed_ones_are_not_merged() -> None:
    here = an_open_case()

    with refused(NotMergeable, reason="another-person-or-theme"):
        merge(here, another(applicant_index="index-2"))
    with refused(NotMergeable, reason="same-case"):
        merge(here, here)
    closed = another().withdrawn("SP05", "SP02")
    with refused(NotMergeable, reason="closed"):
        merge(here, closed)
    with refused(NoHall):
        merge(here, another(), act=Act(at=NOON, by="x"))
    assert facts(here.case) == []


def test_an_accepted_case_is_not_merged_away() -> None:
    with refused(NotNow, verb="merge"):
        merge(an_accepted_case(), another())


def test_nothing_is_owed_any_more_in_a_case_that_was_merged() -> None:
    here = a_complete_case()
    assert here.case.timers()

    assert merge(here, another()).case.timers() == {}
    assert a_case().case.into == ""
