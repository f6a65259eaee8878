"""受理: who may accept what, on which materials, and what follows when nobody answers."""

from datetime import date

import msgspec

from contracts.intake import ItemsAccepted
from contracts.language import Act
from eventing.errors import Stale
from intake.domain.refusals import (
    AnswerOverdue,
    FormIncomplete,
    ItemSettled,
    MaterialsMissing,
    NoAuthority,
    NoHall,
    NotInCase,
)
from testkit.facts import NOON, an_act, facts, names, refused

from .mothers import CALENDAR, FROM_NOTHING, a_complete_case, an_accepted_case, an_open_case, at, grants


def accepted_in(here: object) -> ItemsAccepted:
    return next(f for f in here.case.pending if isinstance(f, ItemsAccepted))  # type: ignore[attr-defined]


def test_all_items_are_accepted_in_one_act() -> None:
    here = a_complete_case().accepted()

    assert names(here.case) == ["ItemsAccepted"]
    fact = accepted_in(here)
    assert [each.item for each in fact.items] == ["SP02", "SP03", "SP04", "SP05"]
    assert {(each.grant, each.grant_position, each.in_name_of) for each in fact.items} == {("grant-1", 7, "scjg")}
    assert fact.plan == here.outline.plan
    assert not fact.deemed
    assert here.case.status == "accepted"
    assert here.case.timers() == {}


def test_an_item_gets_the_copies_that_it_asks_for_and_no_others() -> None:
    items = {each.item: each.materials for each in accepted_in(a_complete_case().accepted()).items}

    assert items == {
        "SP02": ("business_licence-1",),
        "SP03": ("business_licence-1", "food_form-1", "premises-1"),
        "SP04": ("fire_plans-1", "fire_rules-1"),
        "SP05": (),
    }


def test_an_act_carries_only_the_copies_that_its_items_use() -> None:
    fact = accepted_in(a_complete_case().accepted("SP04"))

    assert [copy.copy for copy in fact.materials] == ["fire_plans-1", "fire_rules-1"]


def test_items_that_wait_for_another_items_result_are_accepted_with_it() -> None:
    here = a_complete_case(FROM_NOTHING).accepted()

    assert [each.item for each in accepted_in(here).items] == ["SP01", "SP02", "SP03", "SP04", "SP05"]
    assert "business_licence" not in {copy.material for copy in accepted_in(here).materials}


def test_some_items_may_be_accepted_before_the_others() -> None:
    here = a_complete_case().accepted("SP03").now()

    assert here.case.status == "received"
    assert names(here.accepted().case) == ["ItemsAccepted"]
    assert [each.item for each in accepted_in(here).items] == ["SP02", "SP04", "SP05"]


def test_accepting_again_is_no_news() -> None:
    here = an_accepted_case()

    assert facts(here.accepted().case) == []
    assert facts(here.accepted("SP03").case) == []


def test_what_is_missing_is_told_at_once_and_what_could_be_tolerated_is_marked() -> None:
    here = an_open_case(FROM_NOTHING).filled("name").received("food_form", "fire_rules").now()

    with refused(
        MaterialsMissing,
        missing={"SP01": ["reg_form", "premises"], "SP03": ["premises"], "SP04": ["fire_plans"]},
        tolerable={"SP03": ["premises"]},
        fields=("seats", "venue"),
        names={
            "SP01": "设立登记", "SP03": "食品经营许可", "SP04": "消防检查", "reg_form": "登记申请书",
            "premises": "场所证明", "fire_plans": "消防平面图", "seats": "座位数", "venue": "场所类型",
        },
    ):  # fmt: skip
        here.accepted()
    assert facts(here.case) == []


def test_only_the_items_of_the_act_must_be_complete() -> None:
    here = an_open_case().filled("name", "uscc").received("business_licence")

    assert "SP02" in here.accepted("SP02").case.acceptances


def test_required_fields_must_be_filled() -> None:
    here = an_open_case().filled("name", "uscc").received().now()

    with refused(FormIncomplete, fields=("seats", "venue")):
        here.accepted()
    assert facts(here.case) == []


def test_a_hall_without_a_grant_may_receive_but_not_accept() -> None:
    here = a_complete_case()

    with refused(NoAuthority, refusals=dict.fromkeys(("SP02", "SP03", "SP04", "SP05"), "not-published")):
        here.accepted(refusal="not-published")
    assert facts(here.case) == []


def test_authority_comes_before_completeness() -> None:
    with refused(NoAuthority):
        an_open_case().accepted(refusal="no-grant")


def test_what_was_asked_for_other_items_is_asked_again() -> None:
    here = a_complete_case()

    with refused(Stale):
        here.case.accept(here.outline, authorities=grants("SP03"), notices={}, calendar=CALENDAR, act=an_act())
    assert facts(here.case) == []


def test_accepting_needs_a_hall() -> None:
    with refused(NoHall):
        a_complete_case().accepted(act=Act(at=NOON, by="somebody"))


def test_items_that_the_case_does_not_handle_cannot_be_accepted() -> None:
    with refused(NotInCase, items=["SP01", "SP99"]):
        a_complete_case().accepted("SP03", "SP01", "SP99")


def test_an_item_that_ended_cannot_be_accepted() -> None:
    with refused(ItemSettled, items={"SP04": "withdrawn"}):
        a_complete_case().withdrawn("SP04").accepted("SP04")


# deemed acceptance (行政许可法 第32条第1款第4项)


def test_without_an_answer_items_count_as_accepted_since_their_receipt() -> None:
    here = an_open_case().received("food_form", act=at(23)).now()

    here.case.deem_accepted(here.outline, act=at(30, hour=16))

    fact = accepted_in(here)
    assert fact.deemed
    assert [(each.item, each.accepted_on) for each in fact.items] == [
        ("SP03", date(2026, 7, 23)),
        ("SP05", date(2026, 7, 23)),
    ]
    assert {each.in_name_of for each in fact.items} == {"scjg", "water-east"}
    assert {(each.grant, each.notice) for each in fact.items} == {("", "")}
    assert fact.hall == "county"
    assert here.case.timers() == {}
    assert here.case.status == "received"


def test_items_received_later_are_deemed_accepted_later() -> None:
    here = an_open_case().received("food_form", act=at(23)).received("fire_plans", act=at(27)).now()

    here.case.deem_accepted(here.outline, act=at(30, hour=16))

    assert [each.item for each in accepted_in(here).items] == ["SP03", "SP05"]
    assert list(here.case.timers()) == ["deemed"]


def test_nothing_is_deemed_accepted_in_time() -> None:
    here = an_open_case().received("food_form", act=at(23)).now()

    here.case.deem_accepted(here.outline, act=at(30, hour=15))

    assert facts(here.case) == []


def test_a_late_answer_takes_nothing_back() -> None:
    here = an_open_case().received("food_form", act=at(23)).now()

    with refused(AnswerOverdue, items=["SP03", "SP05"]):
        here.corrected(act=at(30, hour=16))
    with refused(AnswerOverdue, items=["SP03"]):
        here.declined("SP03", act=at(30, hour=16))
    assert facts(here.case) == []
    assert names(here.declined("SP04", act=at(30, hour=16)).case) == ["ItemNotAccepted"]


def test_what_was_answered_is_not_deemed() -> None:
    here = an_open_case().received(act=at(23)).corrected(act=at(24)).now()

    here.case.deem_accepted(here.outline, act=at(31, hour=16))

    assert facts(here.case) == []


def test_an_acceptance_says_the_same_after_its_journey() -> None:
    fact = accepted_in(a_complete_case().accepted())

    assert msgspec.json.decode(msgspec.json.encode(fact), type=ItemsAccepted) == fact


def test_an_acceptance_that_comes_too_late_counts_from_the_receipt_as_silence_would() -> None:
    # 行政许可法 第32条第1款第4项: the days to answer ran out before anybody looked
    here = an_open_case().filled().received(act=at(23)).now()

    here.accepted("SP04", act=at(30, hour=16))

    (fact,) = here.case.pending
    assert isinstance(fact, ItemsAccepted)
    assert [(each.item, each.accepted_on) for each in fact.items] == [("SP04", date(2026, 7, 23))]
    in_time = an_open_case().filled().received(act=at(23)).now().accepted("SP04", act=at(30, hour=15))
    assert [each.accepted_on for each in in_time.case.pending[0].items] == [None]
