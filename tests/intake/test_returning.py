"""退件, and the two situations in which an item is not accepted (行政许可法 第32条)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from catalogue.model import Tolerance
from catalogue.rules import Limit, Period
from contracts.intake import Signed
from contracts.language import Act
from intake.domain import Case, Terms, outline_of
from intake.domain.refusals import (
    AnswerOverdue,
    CompetentAuthorityMissing,
    CorrectionFirst,
    GroundsMissing,
    ItemSettled,
    NoHall,
    NothingReceived,
    NotInCase,
)
from testkit.facts import NOON, an_act, facts, names, refused

from .mothers import ANSWERS, CALENDAR, At, a_complete_case, amended, an_accepted_case, an_open_case, at, grants

END = datetime(2026, 7, 28, 16, tzinfo=UTC)


def give_back(here: At, *items: str, reason: Any = "given_up", explanation: str = "", act: Act | None = None) -> At:
    here.case.return_items(items, reason=reason, explanation=explanation, notice="退1", act=act or an_act())
    return here


def correcting() -> At:
    """A correction on Thursday 23 July 2026 that is kept for three working days."""
    outline = outline_of(amended(rules={"correction_kept": Limit(days=3)}), "SP", ANSWERS)
    return At(outline).opened().filled().received("food_form", "business_licence", act=at(23)).corrected(at(23)).now()


def test_what_was_received_may_be_given_back_when_the_applicant_gives_up() -> None:
    here = give_back(a_complete_case(), "SP04")

    ((name, body),) = facts(here.case)
    assert name == "ItemsReturned"
    assert body == {"items": ("SP04",), "reason": "given_up", "notice": "退1"}
    assert here.case.items["SP04"] == "returned"
    assert here.case.returns == {"SP04": "退1"}
    assert facts(give_back(here.now(), "SP04").case) == []


def test_all_that_is_open_is_given_back_and_the_case_closes() -> None:
    here = give_back(a_complete_case())

    assert names(here.case) == ["ItemsReturned", "CaseClosed"]
    assert here.case.outcome == "returned"


def test_what_does_not_comply_was_told_before_and_says_why() -> None:
    here = a_complete_case()

    with refused(CorrectionFirst):
        give_back(here, reason="not_compliant", explanation="材料不合格式")
    assert facts(here.case) == []
    told = correcting()
    with refused(GroundsMissing):
        give_back(told, reason="not_compliant")
    assert names(give_back(told, "SP04", reason="not_compliant", explanation="仍不合格式").case) == ["ItemsReturned"]


def test_giving_back_needs_a_hall_something_received_and_open_items() -> None:
    with refused(NoHall):
        give_back(a_complete_case(), act=Act(at=NOON, by="x"))
    with refused(NothingReceived):
        give_back(an_open_case())
    with refused(ItemSettled, items={"SP03": "accepted"}):
        give_back(an_accepted_case(), "SP03")
    with refused(NotInCase):
        give_back(a_complete_case(), "SP01")


def test_what_counts_as_accepted_is_not_given_back() -> None:
    here = an_open_case().received("food_form", act=at(23)).now()

    with refused(AnswerOverdue, items=["SP03", "SP05"]):
        give_back(here, "SP03", "SP05", act=at(30, hour=16))


def test_a_correction_says_until_when_the_set_is_kept() -> None:
    here = correcting()

    assert here.case.correction_due == date(2026, 7, 28)
    assert here.case.timers() == {"kept": END}


def test_a_correction_that_is_never_answered_ends_in_a_return_of_what_lacks_something() -> None:
    here = correcting()

    here.case.return_uncorrected(here.outline, notice="退1", act=an_act(at=END))

    ((name, body),) = facts(here.case)
    assert (name, body["items"], body["reason"]) == ("ItemsReturned", ("SP03", "SP04"), "never_completed")
    assert here.case.timers() == {}
    assert here.case.open_items == ("SP02", "SP05")


def test_nothing_is_given_back_in_time_or_after_an_answer() -> None:
    here = correcting()
    here.case.return_uncorrected(here.outline, notice="退1", act=at(28))
    assert facts(here.case) == []

    here.received("premises", act=at(24)).now()
    here.case.return_uncorrected(here.outline, notice="退1", act=an_act(at=END))
    assert facts(here.case) == []


# 不受理 and 不予受理: two situations


def declined(here: At, **more: Any) -> At:
    body: dict[str, Any] = {"reason": "依法不属于本机关职权范围", "competent_authority": "", "ground": ""}
    here.case.not_accept(
        here.outline, "SP04", **{**body, **more}, authorities=grants("SP04"), notices={"SP04": "拒1"}, act=an_act()
    )
    return here


def test_what_needs_no_licence_is_declined_as_such() -> None:
    # 第32条第1款第1项
    ((_, body),) = facts(declined(a_complete_case(), ground="not_required", reason="不需要取得许可").case)

    assert (body["ground"], body["competent_authority"]) == ("not_required", "")


def test_what_another_decides_is_declined_with_the_competent_authority() -> None:
    # 第32条第1款第2项
    here = a_complete_case()
    with refused(CompetentAuthorityMissing, item="SP04"):
        declined(here, ground="outside_authority")
    assert facts(here.case) == []

    ((_, body),) = facts(declined(here, ground="outside_authority", competent_authority="市消防救援支队").case)
    assert (body["ground"], body["competent_authority"]) == ("outside_authority", "市消防救援支队")


def test_a_competent_authority_says_which_situation_it_is() -> None:
    ((_, body),) = facts(declined(a_complete_case(), competent_authority="市消防救援支队").case)

    assert body["ground"] == "outside_authority"


# what a correction speaks to, and what joined later


def joined_later(here: At, *items: str, act: Act | None = None) -> At:
    before, here.outline = here.outline, outline_of(here.outline.catalogue, "SP", ANSWERS, chosen=items)
    here.case.join(before, here.outline, calendar=CALENDAR, act=act or an_act())
    return here


def correcting_food() -> At:
    """The food licence lacks its premises; nothing else is in the case."""
    here = an_open_case(chosen=("SP02", "SP03")).filled().received("food_form", "business_licence")
    return here.corrected().now()


def test_what_joined_after_a_correction_is_told_what_it_lacks_by_another() -> None:
    # 行政许可法 第32条第1款第4项: of what it lacks nobody had said anything
    here = joined_later(correcting_food(), "SP02", "SP03", "SP04").now()

    here.case.request_correction(here.outline, notice="补2", calendar=CALENDAR, act=an_act())
    here.case.request_correction(here.outline, notice="补3", calendar=CALENDAR, act=an_act())

    ((name, body),) = facts(here.case)
    assert (name, body["notice"]) == ("CorrectionRequested", "补2")
    assert set(body["missing"]) == {"SP03", "SP04"}


def test_what_joined_after_a_correction_is_not_given_back_for_it() -> None:
    here = joined_later(correcting_food(), "SP02", "SP03", "SP04").now()
    end = here.case.timers()["kept"]

    here.case.return_uncorrected(here.outline, notice="退1", act=an_act(at=end))

    ((_, body),) = facts(here.case)
    assert body["items"] == ("SP03",)
    assert here.case.items["SP04"] == "pending"


def test_a_correction_of_what_left_the_case_does_not_end_what_joins_it() -> None:
    here = correcting_food().accepted("SP02").withdrawn("SP03")
    assert "kept" not in here.case.timers()

    joined_later(here, "SP02", "SP03", "SP04", act=at(24)).now()

    assert "kept" not in here.case.timers()
    here.case.request_correction(here.outline, notice="补2", calendar=CALENDAR, act=at(24))
    assert names(here.case) == ["CorrectionRequested"]


def test_a_set_that_was_completed_outside_its_period_is_not_given_back() -> None:
    period = {"periods": (Period(begins="2026-07-01", ends="2026-07-24"),)}
    here = At(outline_of(amended(SP03=period), "SP", ANSWERS, chosen=("SP02", "SP03"))).opened().filled()
    here.received("food_form").corrected().now()
    here.received("premises", "business_licence", act=at(27)).now()

    assert "kept" not in here.case.timers()
    here.case.return_uncorrected(here.outline, notice="退1", act=at(31, month=12))
    assert facts(here.case) == []


@pytest.mark.parametrize("waits", ["kept", "tolerance:SP03"])
def test_in_a_case_that_was_merged_no_deadline_runs(waits: str) -> None:
    here = correcting_food() if waits == "kept" else keeping()
    assert waits in here.case.timers()
    other = At(here.outline)
    other.case = Case("3f6f9c2e-0000-4000-8000-000000000002")
    other.opened(number="YJS-990102-SP-20260723-000002-V")

    here.case.merge(other.case, items=(), answers=ANSWERS, satisfied={}, origins=(), act=an_act())
    here.now()

    assert here.case.timers() == {}
    late = at(31, month=12)
    here.case.return_uncorrected(here.outline, notice="退1", act=late)
    here.case.lapse("SP03", notice="止1", act=late)
    assert facts(here.case) == []


def keeping() -> At:
    """The food licence is kept at the window until its premises come."""
    outline = outline_of(amended(SP03={"tolerance": Tolerance(listed=True, mode="hold")}), "SP", ANSWERS)
    here = At(outline).opened().filled().received("food_form", "business_licence")
    return here.accepted("SP03", terms=Terms(tolerate=("premises",), signed=Signed(document="sha256:1"))).now()
