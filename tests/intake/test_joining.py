"""接续: entering a theme from one item, growing a case, and every hard edge of it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

import catalogue as shipped
from catalogue.examples import happy_answers
from catalogue.model import Catalogue, Dependency
from catalogue.rules import Limit
from contracts.intake import ItemsJoined, MaterialsReceived, NoticeIssued, Origin
from contracts.language import Act
from eventing.errors import Stale
from intake.domain import Outline, outline_of, outline_with
from intake.domain.refusals import (
    AcceptedStands,
    AlreadyInCase,
    AppearanceRequired,
    EvidenceMissing,
    ImportWindowOver,
    ItemSettled,
    NoHall,
    NothingSelected,
    NotNow,
    NotSelectable,
    NotUnderway,
    OriginDenied,
    OriginExpired,
    OriginUndated,
)
from testkit.facts import NOON, an_act, facts, names, refused

from .mothers import ANSWERS, CALENDAR, FROM_NOTHING, At, a_case, amended, catalogue

TODAY = date(2026, 7, 23)
LICENCE = Origin(item="SP01", outcome="granted", number="证1", concluded_on=TODAY)
BEGUN = Origin(item="SP01", outcome="underway", number="县市监受字〔2026〕9号", system="市监注册系统")


def entered(
    *origins: Origin, answers: dict[str, str] | None = None, of: Catalogue | None = None, **more: Any
) -> Outline:
    """The outline of a case that these origins are the entry to."""
    body: dict[str, Any] = {"chosen": None, "satisfied": {}, "underway": {}, "on": TODAY, "calendar": CALENDAR}
    return outline_with(of or catalogue(), "SP", answers or FROM_NOTHING, origins=origins, **{**body, **more})


def at(*origins: Origin, **more: Any) -> At:
    return At(entered(*origins, **more)).opened(origins=origins).now()


def joined(
    here: At,
    *items: str,
    answers: dict[str, str] | None = None,
    origins: tuple[Origin, ...] = (),
    act: Act | None = None,
) -> At:
    """The case with more items of its theme."""
    case = here.case
    larger = outline_with(
        here.outline.catalogue,
        "SP",
        case.answers | (answers or {}),
        chosen=(*case.selected, *items),
        satisfied=case.satisfied,
        underway=case.underway,
        origins=origins,
        calendar=CALENDAR,
        on=TODAY,
    )
    case.join(here.outline, larger, origins=origins, calendar=CALENDAR, act=act or an_act())
    here.outline = larger
    return here


def concluded(here: At, outcome: Any = "granted", number: str = "证1", **more: Any) -> At:
    case = here.case
    case.record_origin("SP01", outcome, number=number, act=an_act(), **more)
    here.outline = outline_of(
        here.outline.catalogue,
        "SP",
        case.answers,
        chosen=case.selected,
        satisfied=case.satisfied,
        underway=case.underway,
    )
    case.take_over(here.outline, "SP01", calendar=CALENDAR, act=an_act())
    return here


# entering from an item


def test_an_item_that_was_granted_elsewhere_is_satisfied_with_its_evidence() -> None:
    here = At(entered(LICENCE)).opened(origins=(LICENCE,))

    assert here.case.items["SP01"] == "satisfied"
    assert here.case.satisfied == {"SP01": "证1"}
    assert (here.case.mode, here.case.entry_item) == ("continuation", "SP01")
    assert here.case.origins == {"SP01": LICENCE}


def test_an_item_that_is_underway_elsewhere_is_awaited() -> None:
    here = at(BEGUN)

    assert here.case.items["SP01"] == "underway"
    assert here.case.underway == {"SP01": BEGUN.number}
    assert "SP01" not in here.case.selected
    assert "business_licence" not in here.outline.asked(here.case.open_items)


def test_items_are_accepted_while_another_is_underway_elsewhere() -> None:
    here = at(BEGUN).filled().received().accepted()

    accepted = here.case.pending[-1]
    assert {each.item: each.standing for each in accepted.plan}["SP01"] == "underway"  # type: ignore[attr-defined]


@pytest.mark.parametrize("item", ["SP01", "SP02", "SP03", "SP04", "SP05"])
def test_every_item_can_be_the_entry(item: str) -> None:
    origin = Origin(item=item, outcome="granted", number="证1", concluded_on=TODAY)

    here = at(origin)

    assert here.case.entry_item == item
    assert here.case.items[item] == "satisfied"


def test_every_item_of_every_shipped_theme_can_be_the_entry() -> None:
    release = shipped.load("990102")
    tried = 0
    for theme in release.themes.values():
        answers = happy_answers(theme)
        for item in outline_of(release, theme.id, answers).needs:
            origin = Origin(item=item, outcome="granted", number="证1", concluded_on=TODAY)
            try:
                outline = outline_with(
                    release,
                    theme.id,
                    answers,
                    chosen=None,
                    satisfied={},
                    underway={},
                    origins=(origin,),
                    calendar=CALENDAR,
                    on=TODAY,
                )
            except NothingSelected:
                continue  # it was the only one
            assert {each.item: each.standing for each in outline.plan}[item] == "satisfied"
            tried += 1
    assert tried > 60


# the hard edges


def test_a_after_a_denial_what_depends_on_it_cannot_be_joined() -> None:
    denied = Origin(item="SP01", outcome="denied", number="不予许可1号")
    strict = amended(SP02={"depends_on": (Dependency(any_of=("SP01",)),)})

    with refused(OriginDenied, denied=("SP01",), items=("SP02", "SP03", "SP04")):
        entered(denied, of=strict)


def test_a_an_optional_edge_to_a_denied_item_is_a_dependence_too() -> None:
    with refused(OriginDenied, items=("SP02", "SP03", "SP04")):
        entered(Origin(item="SP01", outcome="denied", number="不予许可1号"))


def test_a_after_a_denial_independent_items_can_be_joined() -> None:
    denied = Origin(item="SP04", outcome="denied", number="不予许可1号")

    here = at(denied)

    assert here.case.items["SP04"] == "not_needed"
    assert here.case.selected == ("SP01", "SP02", "SP03", "SP05")
    assert here.case.entry_item == "SP04"


def test_a_one_of_several_ways_is_enough() -> None:
    denied = Origin(item="SP01", outcome="denied", number="不予许可1号")
    two_ways = amended(SP03={"depends_on": (Dependency(any_of=("SP01", "SP02")),)}, SP02={"depends_on": ()})

    assert "SP03" in [each.item for each in entered(denied, of=two_ways).plan if each.standing == "selected"]


def test_a_what_was_denied_is_not_handled_again_by_the_way() -> None:
    denied = Origin(item="SP04", outcome="denied", number="不予许可1号")

    with refused(OriginDenied, items=["SP04"]):
        entered(denied, chosen=("SP04", "SP05"))


@pytest.mark.parametrize("outcome", ["granted", "underway", "denied"])
def test_b_what_was_done_elsewhere_needs_evidence(outcome: Any) -> None:
    with refused(EvidenceMissing, items=["SP01"]):
        entered(Origin(item="SP01", outcome=outcome, number=" ", concluded_on=TODAY))


def test_d_a_join_keeps_the_catalogue_version_number_and_clocks() -> None:
    here = At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP01",))).opened()
    here.filled().received("reg_form", "premises").now()
    number, since = here.case.number, dict(here.case.awaited)

    joined(here, "SP03")

    assert here.case.number == number
    assert here.case.catalogue == catalogue().version
    assert {item: here.case.awaited[item] for item in since} == since


def test_e_a_permit_that_is_valid_satisfies_without_work() -> None:
    valid = Origin(item="SP01", outcome="granted", number="证1", valid_until=TODAY)

    assert at(valid).case.items["SP01"] == "satisfied"


def test_e_an_expired_permit_satisfies_nothing() -> None:
    with refused(OriginExpired, item="SP01", valid_until=date(2026, 7, 22)):
        entered(Origin(item="SP01", outcome="granted", number="证1", valid_until=date(2026, 7, 22)))


def test_e_a_permit_says_since_when_or_until_when() -> None:
    with refused(OriginUndated, item="SP01"):
        entered(Origin(item="SP01", outcome="granted", number="证1"))


def test_f_an_item_is_an_entry_within_the_import_window_only() -> None:
    window = amended(theme={"import_window": Limit(days=3)})
    last = Origin(item="SP01", outcome="granted", number="证1", concluded_on=date(2026, 7, 20))
    late = Origin(item="SP01", outcome="granted", number="证1", concluded_on=date(2026, 7, 17))

    assert entered(last, of=window).plan[0].standing == "satisfied"
    with refused(ImportWindowOver, item="SP01", last=date(2026, 7, 22)):
        entered(late, of=window)


def test_f_the_regions_window_holds_where_the_theme_has_none() -> None:
    late = Origin(item="SP01", outcome="granted", number="证1", concluded_on=date(2026, 1, 5))

    with refused(ImportWindowOver, item="SP01"):
        entered(late)


def test_g_withdrawing_one_item_leaves_the_others() -> None:
    here = joined(At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP01",))).opened(), "SP03", "SP04").now()

    here.withdrawn("SP04")

    assert names(here.case) == ["ItemWithdrawn"]
    assert here.case.open_items == ("SP01", "SP02", "SP03")


def test_an_item_of_no_such_theme_is_no_entry() -> None:
    with refused(NotSelectable, item="SP99"):
        entered(Origin(item="SP99", outcome="denied", number="1"))
    with refused(NotSelectable, item="SP99"):
        entered(Origin(item="SP99", outcome="granted", number="1", concluded_on=TODAY))


# joining


def test_joining_records_the_whole_plan_and_gives_the_notice_of_the_whole() -> None:
    here = At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP01",))).opened().now()

    joined(here, "SP03")

    assert names(here.case) == ["ItemsJoined", "NoticeIssued"]
    told, notice = here.case.pending
    assert isinstance(told, ItemsJoined)
    assert isinstance(notice, NoticeIssued)
    assert told.items == ("SP03",)
    assert told.plan == here.outline.plan
    assert (notice.number, notice.issue, notice.digest) == (here.case.notice[0], 2, here.outline.digest)
    assert here.case.items["SP03"] == "pending"


def test_joining_what_is_there_is_no_news() -> None:
    here = joined(At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP01",))).opened(), "SP03").now()

    assert facts(joined(here, "SP03").case) == []


def test_a_joined_item_can_be_taken_out_again() -> None:
    here = joined(At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP01",))).opened(), "SP03").now()

    assert names(here.withdrawn("SP03").case) == ["ItemWithdrawn"]
    assert here.case.status == "opened"


def test_only_the_delta_is_asked_for() -> None:
    here = At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP01",))).opened().filled()
    here.received("reg_form", "premises").accepted().now()

    joined(here, "SP03")

    lacks = here.outline.missing(here.case.open_items, here.case.present)
    assert {item: [need.material for need in needs] for item, needs in lacks.items()} == {"SP03": ["food_form"]}
    assert here.outline.unfilled(here.case.open_items, here.case.fields) == ("seats",)


def test_an_accepted_case_goes_on_with_what_was_joined() -> None:
    here = At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP01",))).opened().filled().received()
    here.accepted().now()
    assert here.case.status == "accepted"

    joined(here, "SP04")
    assert here.case.status == "received"
    here.filled("venue").received().accepted()
    assert here.case.status == "accepted"


def test_an_answer_is_owed_for_a_joined_item_that_something_is_here_for() -> None:
    here = At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP01",))).opened().filled()
    here.received("reg_form", "premises").now()

    joined(here, "SP03", "SP04", act=an_act(at=datetime(2026, 7, 27, 4, tzinfo=UTC)))

    assert here.case.awaited["SP03"].since == date(2026, 7, 27)
    assert "SP04" not in here.case.awaited


def test_an_item_of_the_case_is_not_elsewhere_as_well() -> None:
    here = At(outline_of(catalogue(), "SP", FROM_NOTHING)).opened().now()

    with refused(AlreadyInCase, items=["SP01"]):
        joined(here, origins=(LICENCE,))
    assert facts(here.case) == []


def test_an_origin_can_be_joined_without_further_items() -> None:
    here = At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP05",))).opened().now()

    joined(here, origins=(LICENCE,))

    assert here.case.items["SP01"] == "satisfied"
    assert here.case.origins == {"SP01": LICENCE}


def test_new_answers_may_bring_new_items() -> None:
    here = At(outline_of(catalogue(), "SP", {**FROM_NOTHING, "fire": "no"})).opened().now()

    joined(here, "SP04", answers={"fire": "yes"})

    assert here.case.answers["fire"] == "yes"
    assert here.case.items["SP04"] == "pending"


def test_answers_that_something_accepted_rests_on_stand() -> None:
    here = At(outline_of(catalogue(), "SP", ANSWERS)).opened().filled().received().accepted("SP05").now()

    with refused(AcceptedStands, items=["SP05"]):
        joined(here, answers={"area": "west"})
    assert facts(here.case) == []


def test_a_join_is_done_at_a_hall_and_not_by_an_agent_for_what_needs_the_applicant() -> None:
    here = At(outline_of(amended(SP03={"personal_appearance": True}), "SP", FROM_NOTHING, chosen=("SP01",))).opened()
    here.now()
    agent = Act(at=NOON, by="agent-1", acting_as="m1", in_name_of="applicant", caller=an_act().caller)

    with refused(NoHall):
        joined(here, "SP04", act=Act(at=NOON, by="x"))
    with refused(AppearanceRequired, items=["SP03"]):
        joined(here, "SP03", act=agent)
    assert facts(here.case) == []


def test_a_closed_case_takes_nothing_in() -> None:
    here = At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP05",))).opened().withdrawn("SP05", "SP02").now()

    with refused(NotNow, verb="join"):
        joined(here, "SP04")


def test_what_was_gathered_for_another_plan_is_decided_again() -> None:
    here = At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=("SP01",))).opened().now()
    old = here.outline
    joined(here, "SP03").now()

    with refused(Stale):
        here.case.join(old, outline_of(catalogue(), "SP", FROM_NOTHING), calendar=CALENDAR, act=an_act())


# results from elsewhere


def test_a_result_from_elsewhere_brings_its_evidence_and_what_it_made() -> None:
    here = concluded(at(BEGUN))

    assert names(here.case) == ["OriginConcluded", "MaterialsReceived"]
    received = here.case.pending[1]
    assert isinstance(received, MaterialsReceived)
    assert [(c.material, c.medium, c.provenance) for c in received.materials] == [
        ("business_licence", "shared", "prior:证1")
    ]
    assert here.case.items["SP01"] == "satisfied"
    assert here.case.satisfied == {"SP01": "证1"}


def test_the_same_result_again_is_no_news() -> None:
    here = concluded(at(BEGUN)).now()

    assert facts(concluded(here).case) == []
    with refused(ItemSettled, items={"SP01": "satisfied"}):
        concluded(here, "denied")


@pytest.mark.parametrize(("outcome", "state"), [("denied", "denied"), ("withdrawn", "withdrawn")])
def test_an_item_elsewhere_may_also_fail(outcome: str, state: str) -> None:
    here = concluded(at(BEGUN), outcome)

    assert names(here.case) == ["OriginConcluded"]
    assert here.case.items["SP01"] == state


def test_a_nothing_is_accepted_that_depends_on_what_was_denied_elsewhere_since() -> None:
    here = concluded(at(BEGUN).filled().received(), "denied").now()

    with refused(OriginDenied, denied=("SP01",), items=["SP02", "SP03", "SP04"]):
        here.accepted()
    assert facts(here.case) == []
    assert names(here.accepted("SP05").case) == ["ItemsAccepted"]


def test_an_optional_edge_does_not_hold_for_what_was_withdrawn_elsewhere() -> None:
    here = concluded(at(BEGUN).filled().received(), "withdrawn").now()

    assert names(here.accepted().case) == ["ItemsAccepted"]


def test_a_result_needs_evidence_validity_a_hall_and_an_item_that_is_awaited() -> None:
    here = at(BEGUN)

    with refused(EvidenceMissing, items=["SP01"]):
        concluded(here, number="")
    with refused(OriginExpired):
        concluded(here, valid_until=date(2026, 7, 1))
    with refused(NoHall):
        here.case.record_origin("SP01", "granted", number="证1", act=Act(at=NOON, by="x"))
    with refused(NotUnderway, item="SP03"):
        here.case.record_origin("SP03", "granted", number="证1", act=an_act())
    assert facts(here.case) == []


# Property: bundle-first and item-first-then-join reach the same final state.

CHOICES = st.lists(st.sampled_from(["SP01", "SP03", "SP04", "SP05"]), min_size=1, unique=True)


def final(here: At) -> dict[str, Any]:
    """What a case has come to. ``mode``, ``entry_item`` and the number of notices are how it came there."""
    case = here.case
    return {
        "plan": case.plan,
        "answers": case.answers,
        "items": dict(case.items),
        "asked": here.outline.needs,
        "fields": dict(case.fields),
        "notice": case.notice[2],
        "text": here.outline.notice.text,
        "acceptances": sorted(case.acceptances),
    }


@settings(max_examples=60, deadline=None)
@examples(chosen=CHOICES, data=st.data())
def test_bundle_first_and_item_first_then_join_reach_the_same_state(chosen: list[str], data: st.DataObject) -> None:
    first = data.draw(st.lists(st.sampled_from(chosen), min_size=1, unique=True))
    accepts_early = data.draw(st.booleans())
    underway = data.draw(st.booleans()) and "SP01" not in chosen
    begun = {"SP01": BEGUN.number} if underway else {}

    def start(items: list[str]) -> At:
        # What an item needs must be part of the case: SP01 first, or the licence elsewhere, or nothing of both.
        return At(outline_of(catalogue(), "SP", FROM_NOTHING, chosen=items, underway=begun)).opened(
            origins=(BEGUN,) if underway else ()
        )

    bundle = start(chosen)
    single = start(first)
    for here, is_first in ((bundle, False), (single, True)):
        if is_first and accepts_early:
            complete(here).accepted()
        if is_first:
            joined(here, *chosen)
        complete(here)
        here.accepted()
        if underway:
            concluded(here)

    assert final(single) == final(bundle)
    # A licence that was taken in before its own item was joined stays; the bundle makes it itself.
    was_taken = accepts_early and "SP01" in chosen and "SP01" not in first
    assert single.case.present - bundle.case.present == ({"business_licence"} if was_taken else set())
    assert bundle.case.present <= single.case.present
    assert single.case.timers() == bundle.case.timers() == {}


def complete(here: At) -> At:
    """Form and materials as far as they are lacking."""
    if fields := here.outline.unfilled(here.case.open_items, here.case.fields):
        here.filled(*fields)
    if lacking := sorted(here.outline.asked(here.case.open_items) - here.case.present):
        here.received(*lacking)
    return here


def test_a_case_of_one_mouth_says_so() -> None:
    assert a_case(FROM_NOTHING).opened().case.mode == "one_mouth"
