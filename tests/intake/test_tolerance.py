"""容缺: what may come later, until when, on whose word, and what becomes of it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from catalogue.model import Tolerance
from catalogue.rules import Commitment, Limit
from contracts.intake import BroughtMaterial, ItemsAccepted, MaterialsReceived, Signed, ToleranceSupplemented
from contracts.language import Act
from intake.domain import Terms, outline_of
from intake.domain.refusals import (
    AgentNotAuthorised,
    ArrivedLater,
    BothWays,
    CreditBarStands,
    FormIncomplete,
    GroundsMissing,
    ItemSettled,
    MaterialsMissing,
    NoOffice,
    NothingTolerated,
    NotLater,
    NotSigned,
    NotTolerable,
    SecondPersonNeeded,
    ToleranceOver,
    ToleranceRests,
    UnrelatedMaterial,
)
from intake.domain.tolerance import deadline
from testkit.facts import NOON, an_act, facts, names, refused

from .mothers import ANSWERS, CALENDAR, FROM_NOTHING, At, amended, an_open_case, at, brought, catalogue, premises

SIGNED = Signed(document="sha256:c0ffee")
LATER = Terms(tolerate=("premises",), signed=SIGNED, notices={"SP03": "县市监容字〔2026〕1号"})
"""The proof of the premises comes later."""

DUE = date(2026, 7, 30)
"""Seven promised working days less two, from Thursday 23 July."""
TOO_LATE = datetime(2026, 7, 30, 16, tzinfo=UTC)


def lacking(*materials: str, **items: dict[str, Any]) -> At:
    """A case that lacks these materials and nothing else."""
    here = At(outline_of(amended(**items), "SP", ANSWERS)) if items else At(outline_of(catalogue(), "SP", ANSWERS))
    here.opened().filled()
    return here.received(*sorted(here.outline.asked(here.case.open_items) - {*materials})).now()


def tolerated(**items: dict[str, Any]) -> At:
    return lacking("premises", **items).accepted("SP03", terms=LATER).now()


def held() -> At:
    mode = {"tolerance": Tolerance(listed=True, mode="hold")}
    return lacking("premises", SP03=mode).accepted("SP03", terms=LATER).now()


# eligibility


def test_a_secondary_material_of_a_listed_item_may_come_later() -> None:
    here = lacking("premises").accepted("SP03", terms=LATER)

    (fact,) = here.case.pending
    assert isinstance(fact, ItemsAccepted)
    (acceptance,) = fact.items
    assert [(each.material, each.due_on) for each in acceptance.tolerated] == [("premises", DUE)]
    assert acceptance.tolerance_notice == "县市监容字〔2026〕1号"
    assert fact.signed == SIGNED
    assert here.case.items["SP03"] == "accepted"
    assert here.case.timers() == {"tolerance:SP03": TOO_LATE} | {
        name: until for name, until in here.case.timers().items() if name == "deemed"
    }


@pytest.mark.parametrize(
    ("item", "material", "reason", "items"),
    [
        ("SP04", "fire_rules", "not-listed", {}),
        ("SP03", "food_form", "main-material", {}),
        ("SP03", "premises", "no-day-left", {"SP03": {"promised": Limit(days=2)}}),
    ],
)
def test_what_cannot_come_later_is_refused_with_the_reason(
    item: str, material: str, reason: str, items: dict[str, Any]
) -> None:
    here = lacking(material, **items)

    with refused(NotTolerable, materials={material: reason}):
        here.accepted(item, terms=Terms(tolerate=(material,), signed=SIGNED))
    assert facts(here.case) == []


def test_a_secondary_material_that_is_not_marked_cannot_come_later() -> None:
    sp03 = next(item for item in catalogue().theme("SP").items if item.id == "SP03")
    strict = tuple(
        type(each)(id=each.id, name=each.name, role=each.role, source=each.source) if each.id == "premises" else each
        for each in sp03.materials
    )
    here = lacking("premises", SP03={"materials": strict})

    with refused(NotTolerable, materials={"premises": "not-tolerable"}):
        here.accepted("SP03", terms=LATER)


def test_the_applicant_may_decline_and_goes_the_normal_way() -> None:
    here = lacking("premises")

    with refused(MaterialsMissing, missing={"SP03": ["premises"]}, tolerable={"SP03": ["premises"]}):
        here.accepted("SP03")
    assert names(here.corrected().case) == ["CorrectionRequested"]


def test_main_materials_have_to_be_there_also_when_a_secondary_one_is_tolerated() -> None:
    here = lacking("premises", "food_form")

    with refused(MaterialsMissing, missing={"SP03": ["food_form"]}):
        here.accepted("SP03", terms=LATER)
    assert facts(here.case) == []


def test_tolerance_for_a_material_that_is_here_is_none() -> None:
    here = lacking().accepted("SP03", terms=LATER)

    (fact,) = here.case.pending
    assert isinstance(fact, ItemsAccepted)
    assert fact.items[0].tolerated == ()
    assert fact.signed is None


def test_tolerance_for_a_material_that_nobody_asks_for_is_refused() -> None:
    with refused(UnrelatedMaterial, materials=["diploma"]):
        lacking("premises").accepted("SP03", terms=Terms(tolerate=("diploma",), signed=SIGNED))


def test_tolerance_rests_on_a_signed_commitment() -> None:
    here = lacking("premises")

    with refused(NotSigned):
        here.accepted("SP03", terms=Terms(tolerate=("premises",)))
    with refused(AgentNotAuthorised):
        here.accepted("SP03", terms=Terms(tolerate=("premises",), signed=Signed("sha256:1", signer="agent")))
    assert facts(here.case) == []
    signed = Signed("sha256:1", signer="agent", authorisation="sha256:2")
    assert names(here.accepted("SP03", terms=Terms(tolerate=("premises",), signed=signed)).case) == ["ItemsAccepted"]


def test_bad_credit_bars_tolerance() -> None:
    barred = Terms(tolerate=("premises",), signed=SIGNED, barred=("tolerance_lapsed",))
    here = lacking("premises")

    with refused(CreditBarStands, grounds=("tolerance_lapsed",)):
        here.accepted("SP03", terms=barred)
    assert facts(here.case) == []
    assert names(lacking().accepted("SP03", terms=barred).case) == ["ItemsAccepted"]


def test_a_material_is_tolerated_or_promised_not_both() -> None:
    here = lacking("premises", SP03={"commitment": Commitment(materials=("premises",))})

    with refused(BothWays, materials=["premises"]):
        here.accepted("SP03", terms=Terms(tolerate=("premises",), promise=("SP03",), signed=SIGNED))


# the deadline: min(20, promised − 2, the item's own) working days


@pytest.mark.parametrize(
    ("begins", "promised", "within", "due"),
    [
        (date(2026, 7, 23), 7, None, date(2026, 7, 30)),
        (date(2026, 2, 12), 7, None, date(2026, 2, 26)),  # over Spring Festival: 5 working days
        (date(2026, 2, 12), 40, None, date(2026, 3, 18)),  # never more than 20
        (date(2026, 9, 18), 12, None, date(2026, 10, 9)),  # 10, over National Day
        (date(2026, 9, 30), 40, 5, date(2026, 10, 13)),  # the item's own limit
        (date(2026, 2, 14), 3, None, date(2026, 2, 24)),  # a make-up Saturday, 1 working day
        (date(2026, 7, 23), 2, None, None),  # no day remains
        (date(2026, 7, 23), 1, None, None),
        (date(2026, 2, 12), None, None, date(2026, 3, 4)),  # nothing promised: the statutory 12 less two
    ],
)
def test_the_deadline_follows_its_rule(
    begins: date, promised: int | None, within: int | None, due: date | None
) -> None:
    own = Limit(days=within) if within else None
    changes = {
        "promised": Limit(days=promised) if promised is not None else None,
        "statutory": Limit(days=12),
        "tolerance": Tolerance(listed=True, within=own),
    }
    outline = outline_of(amended(SP03=changes), "SP", ANSWERS)

    assert deadline(outline, "SP03", CALENDAR, begins) == due


def test_a_region_sets_cap_and_margin_itself() -> None:
    rules = {"tolerance_cap": Limit(days=3), "tolerance_margin": Limit(days=0)}

    assert deadline(outline_of(amended(rules=rules), "SP", ANSWERS), "SP03", CALENDAR, date(2026, 7, 23)) == date(
        2026, 7, 28
    )


# supplements


def test_a_supplement_is_received_and_settles_the_item() -> None:
    here = tolerated().received("premises", act=at(28))

    assert names(here.case) == ["MaterialsReceived", "ToleranceSupplemented"]
    fact = here.case.pending[1]
    assert isinstance(fact, ToleranceSupplemented)
    assert (fact.item, [copy.copy for copy in fact.materials], fact.settled) == ("SP03", ["premises-1"], True)
    assert fact.hall == "county"
    assert "tolerance:SP03" not in here.case.timers()


def test_a_supplement_may_be_brought_to_another_hall() -> None:
    here = tolerated()
    here.case.receive(
        here.outline, brought("premises"), calendar=CALENDAR, act=an_act(at=at(28).at, hall="street", window="w9")
    )

    assert names(here.case) == ["MaterialsReceived", "ToleranceSupplemented"]
    assert here.case.pending[1].hall == "street"  # type: ignore[attr-defined]


def test_part_of_a_supplement_does_not_settle_the_item() -> None:
    sp04 = {"tolerance": Tolerance(listed=True), "promised": Limit(days=9)}
    sp03 = {"materials": (*catalogue().theme("SP").item("SP03").materials, *_rules())}
    terms = Terms(tolerate=("premises", "fire_rules"), signed=SIGNED)
    here = lacking("premises", "fire_rules", SP03=sp03, SP04=sp04).accepted("SP03", "SP04", terms=terms).now()

    here.received("fire_rules", act=at(24))

    told = [fact for fact in here.case.pending if isinstance(fact, ToleranceSupplemented)]
    assert [(each.item, each.settled) for each in told] == [("SP03", False), ("SP04", True)]
    assert here.case.graces["SP03"].missing == ("premises",)


def _rules() -> tuple[Any, ...]:
    return tuple(each for each in catalogue().theme("SP").item("SP04").materials if each.id == "fire_rules")


def test_the_supplement_again_is_no_news() -> None:
    here = tolerated().received("premises", act=at(28)).now()

    assert facts(here.received("premises", act=at(28)).case) == []


def test_the_arrival_counts_and_not_the_entry() -> None:
    here = tolerated()
    arrived = datetime(2026, 7, 30, 15, 59, tzinfo=UTC)

    with refused(ToleranceOver, items={"SP03": DUE}):
        here.received("premises", act=an_act(at=TOO_LATE))
    assert facts(here.case) == []
    here.case.receive(here.outline, brought("premises"), calendar=CALENDAR, arrived_at=arrived, act=an_act(at=TOO_LATE))
    assert names(here.case) == ["MaterialsReceived", "ToleranceSupplemented"]


def test_nothing_arrives_after_it_is_entered() -> None:
    here = tolerated()
    with refused(ArrivedLater):
        here.case.receive(here.outline, brought("premises"), calendar=CALENDAR, arrived_at=TOO_LATE, act=an_act())


def test_a_supplement_that_does_not_comply_is_still_missing() -> None:
    here = tolerated()

    here.case.refuse_supplement("SP03", ("premises",), reason="未加盖公章", act=at(28))

    assert names(here.case) == ["SupplementRefused"]
    assert here.case.graces["SP03"].missing == ("premises",)
    assert names(here.received("premises", act=at(29)).case)[1:] == ["MaterialsReceived", "ToleranceSupplemented"]


def test_refusing_a_supplement_needs_its_material_its_reason_and_an_office() -> None:
    here = tolerated()

    with refused(UnrelatedMaterial, materials=["food_form"]):
        here.case.refuse_supplement("SP03", ("food_form",), reason="无", act=an_act())
    with refused(GroundsMissing):
        here.case.refuse_supplement("SP03", ("premises",), reason=" ", act=an_act())
    with refused(NoOffice):
        here.case.refuse_supplement("SP03", ("premises",), reason="无", act=Act(at=NOON, by="x"))
    with refused(NothingTolerated, item="SP04"):
        here.case.refuse_supplement("SP04", ("fire_rules",), reason="无", act=an_act())
    assert facts(here.case) == []


# extension


def extend(here: At, due_on: date, *, by: str = "chief-1", reason: str = "台风", act: Act | None = None) -> None:
    here.case.extend_tolerance("SP03", due_on, reason=reason, notice="容2", act=act or an_act(by))


def test_force_majeure_extends_a_tolerance() -> None:
    here = tolerated()

    extend(here, date(2026, 8, 6))

    assert names(here.case) == ["ToleranceExtended"]
    assert here.case.timers()["tolerance:SP03"] == datetime(2026, 8, 6, 16, tzinfo=UTC)
    extend(here.now(), date(2026, 8, 6))
    assert facts(here.case) == []


def test_an_extension_is_a_second_persons_and_has_a_reason() -> None:
    here = tolerated()

    with refused(SecondPersonNeeded, by="clerk-7"):
        extend(here, date(2026, 8, 6), by="clerk-7")
    with refused(GroundsMissing):
        extend(here, date(2026, 8, 6), reason="")
    with refused(NotLater, due_on=DUE):
        extend(here, date(2026, 7, 29))
    with refused(NothingTolerated):
        extend(lacking(), date(2026, 8, 6))
    assert facts(here.case) == []


def test_a_tolerance_is_extended_before_it_is_over_only() -> None:
    here = tolerated()

    with refused(ToleranceOver):
        extend(here, date(2026, 8, 6), act=an_act("chief-1", at=TOO_LATE))


# lapse


def lapse(here: At, when: datetime = TOO_LATE) -> None:
    here.case.lapse("SP03", notice="县市监终字〔2026〕1号", act=an_act(at=when))


def test_what_does_not_come_in_time_ends_the_item() -> None:
    here = tolerated()

    lapse(here)

    ((name, body),) = facts(here.case)
    assert name == "ToleranceLapsed"
    assert body == {
        "item": "SP03",
        "missing": ("premises",),
        "notice": "县市监终字〔2026〕1号",
        "applicant_index": "index-1",
    }
    assert here.case.items["SP03"] == "terminated"
    assert "tolerance:SP03" not in here.case.timers()
    lapse(here.now())
    assert facts(here.case) == []


def test_nothing_lapses_in_time_or_after_the_supplement() -> None:
    here = tolerated()
    lapse(here, datetime(2026, 7, 30, 15, 59, tzinfo=UTC))
    assert facts(here.case) == []

    lapse(here.received("premises", act=at(30)).now())
    assert facts(here.case) == []


def test_a_terminated_item_takes_nothing_more() -> None:
    here = tolerated()
    lapse(here)

    with refused(UnrelatedMaterial, materials=["premises"]):
        here.now().received("premises", act=at(31))
    with refused(ItemSettled, items={"SP03": "terminated"}):
        here.withdrawn("SP03")


def test_a_withdrawal_under_way_keeps_a_tolerance_from_lapsing() -> None:
    here = tolerated().withdrawn("SP03")
    assert "tolerance:SP03" not in here.case.timers()

    here.case.fail_withdrawal("SP03", decision="d1", act=an_act())
    assert here.case.timers()["tolerance:SP03"] == TOO_LATE


# 容缺收件: kept, not accepted


def test_a_set_is_kept_at_the_window_where_the_list_says_so() -> None:
    mode = {"tolerance": Tolerance(listed=True, mode="hold")}
    here = lacking("premises", SP03=mode).accepted("SP03", terms=LATER)

    ((name, body),) = facts(here.case)
    assert name == "ItemsHeld"
    assert body["items"] == (
        {
            "item": "SP03",
            "tolerated": ({"material": "premises", "due_on": "2026-07-30"},),
            "notice": "县市监容字〔2026〕1号",
        },
    )
    assert here.case.items["SP03"] == "held"
    assert "SP03" not in here.case.awaited


def test_no_answer_is_owed_for_what_is_kept() -> None:
    here = held()
    here.case.deem_accepted(here.outline, act=at(31, hour=16))

    assert here.case.items["SP03"] == "held"


def test_what_is_kept_is_accepted_when_it_is_complete() -> None:
    here = held().received("premises", act=at(28))

    assert names(here.case) == ["MaterialsReceived"]
    received = here.case.pending[0]
    assert isinstance(received, MaterialsReceived)
    assert received.items == ("SP03",)
    assert here.case.items["SP03"] == "pending"
    assert here.case.awaited["SP03"].since == date(2026, 7, 28)
    (acceptance,) = here.now().accepted("SP03").case.pending[0].items  # type: ignore[attr-defined]
    assert acceptance.tolerated == ()
    assert acceptance.materials == ("business_licence-1", "food_form-1", "premises-1")


def test_what_is_kept_gets_no_second_term() -> None:
    here = held()

    with refused(MaterialsMissing, missing={"SP03": ["premises"]}):
        here.accepted("SP03", terms=LATER, act=at(29))
    assert facts(here.case) == []


def test_what_is_kept_lapses_and_a_case_without_acceptances_is_closed() -> None:
    here = held().withdrawn("SP02", "SP04", "SP05").now()
    lapse(here)

    assert names(here.case) == ["ToleranceLapsed", "CaseClosed"]
    assert here.case.outcome == "returned"


def test_one_act_may_keep_one_item_and_accept_another() -> None:
    mode = {"tolerance": Tolerance(listed=True, mode="hold")}
    here = lacking("premises", SP03=mode).accepted(terms=LATER)

    assert names(here.case) == ["ItemsHeld", "ItemsAccepted"]
    assert here.case.items["SP03"] == "held"
    assert here.case.status == "received"


def test_a_copy_for_an_open_item_settles_a_tolerance_too() -> None:
    here = At(outline_of(catalogue(), "SP", FROM_NOTHING)).opened().filled().received("reg_form", "food_form").now()
    here.accepted("SP03", terms=LATER).now()

    here.received("premises")

    received = here.case.pending[0]
    assert isinstance(received, MaterialsReceived)
    assert names(here.case) == ["MaterialsReceived", "ToleranceSupplemented"]
    assert "SP01" in here.case.awaited


def test_no_other_copy_is_taken_in_for_an_accepted_item() -> None:
    here = tolerated()
    another = BroughtMaterial(material="food_form", medium="digital", digest="sha256:1", media_type="image/png", size=1)

    with refused(UnrelatedMaterial):
        here.case.receive(here.outline, [another], calendar=CALENDAR, act=an_act())


def test_tolerance_needs_the_form() -> None:
    here = an_open_case().filled("name", "uscc").received("business_licence", "food_form").now()

    with refused(FormIncomplete, fields=("seats",)):
        here.accepted("SP03", terms=LATER)


# an item that is denied meanwhile


def test_who_was_denied_need_not_bring_anything_and_does_not_lapse() -> None:
    here = tolerated()

    here.case.rest_tolerance("SP03", decision="不许字〔2026〕1号", act=at(24))
    here.case.rest_tolerance("SP03", decision="不许字〔2026〕1号", act=at(24))

    assert names(here.case) == ["ToleranceRested"]
    assert "tolerance:SP03" not in here.case.timers()
    here.now()
    here.case.lapse("SP03", notice="止1", act=an_act(at=TOO_LATE))
    assert facts(here.case) == []
    assert here.case.items["SP03"] == "accepted"


@pytest.mark.parametrize(
    ("voided", "due"),
    [
        (at(27), date(2026, 7, 31)),  # four working days were left on Friday 24 July: 27, 28, 29, 30
        (at(3, month=8), date(2026, 8, 7)),
    ],
)
def test_when_the_denial_was_void_the_days_that_were_left_are_given_again(voided: Act, due: date) -> None:
    here = tolerated()
    here.case.rest_tolerance("SP03", decision="不许字〔2026〕1号", act=at(24))
    here.now()

    here.case.resume_tolerance("SP03", calendar=CALENDAR, act=voided)
    here.case.resume_tolerance("SP03", calendar=CALENDAR, act=voided)

    ((name, body),) = facts(here.case)
    assert (name, body["due_on"]) == ("ToleranceResumed", due.isoformat())
    assert "tolerance:SP03" in here.case.timers()


def resting() -> At:
    here = tolerated()
    here.case.rest_tolerance("SP03", decision="不许字〔2026〕1号", act=at(24))
    return here.now()


def test_what_rests_is_neither_refused_nor_put_off_nor_taken_in() -> None:
    here = resting()

    with refused(ToleranceRests, items=["SP03"]):
        here.case.refuse_supplement("SP03", ("premises",), reason="未加盖公章", act=at(27))
    with refused(ToleranceRests, items=["SP03"]):
        extend(here, date(2026, 8, 6), act=an_act("chief-1", at=at(27).at))
    with refused(ToleranceRests, items=["SP03"]):
        here.received("premises", act=at(27))
    with refused(ToleranceRests, items=["SP03"]):
        here.received("premises", act=an_act(at=TOO_LATE))
    assert facts(here.case) == []


def test_a_day_that_was_put_off_before_the_denial_is_no_news_after_it() -> None:
    here = tolerated()
    extend(here, date(2026, 8, 6))
    here.case.rest_tolerance("SP03", decision="不许字〔2026〕1号", act=at(24))
    here.now()

    extend(here, date(2026, 8, 6), act=an_act("chief-1", at=at(27).at))

    assert facts(here.case) == []


def test_what_rests_is_asked_for_again_once_the_denial_was_void() -> None:
    here = resting()
    here.case.resume_tolerance("SP03", calendar=CALENDAR, act=at(27))

    here.now().case.refuse_supplement("SP03", ("premises",), reason="未加盖公章", act=at(28))
    extend(here, date(2026, 8, 6), act=an_act("chief-1", at=at(28).at))
    here.received("premises", act=at(29))

    assert names(here.case) == [
        "SupplementRefused", "ToleranceExtended", "MaterialsReceived", "ToleranceSupplemented",
    ]  # fmt: skip


def test_a_denial_or_its_end_is_no_news_where_nothing_is_tolerated() -> None:
    here = lacking("premises")

    here.case.rest_tolerance("SP03", decision="不许字〔2026〕1号", act=an_act())
    here.case.resume_tolerance("SP03", calendar=CALENDAR, act=an_act())
    tolerant = tolerated()
    tolerant.case.resume_tolerance("SP03", calendar=CALENDAR, act=an_act())

    assert facts(here.case) == facts(tolerant.case) == []


# a case that was closed over a denial, which was void


def shut(here: At, on: int = 28) -> At:
    here.case.close("denied", here.case.selected, act=at(on))
    return here.now()


def unsettled_until_closing() -> At:
    """Everything is accepted, SP03 with materials to come; then the case is closed."""
    return shut(lacking("premises").accepted(terms=LATER).now())


def reopen(here: At, act: Act) -> None:
    here.case.reopen(("SP03",), calendar=CALENDAR, act=act)


@pytest.mark.parametrize("first", ["reopened", "resumed"])
def test_a_reopened_case_takes_in_what_was_tolerated_whichever_is_heard_first(first: str) -> None:
    here = lacking("premises").accepted(terms=LATER).now()
    here.case.rest_tolerance("SP03", decision="不许字〔2026〕1号", act=at(24))
    shut(here)
    later = at(3, month=8)

    if first == "reopened":
        reopen(here, later)
    here.case.resume_tolerance("SP03", calendar=CALENDAR, act=later)
    if first == "resumed":
        reopen(here, later)

    bodies = dict(facts(here.case))
    assert bodies == {
        "CaseReopened": {"items": ("SP03",)},
        "ToleranceResumed": {"item": "SP03", "due_on": "2026-08-07"},
    }
    assert here.case.status == "accepted"
    assert here.case.timers()["tolerance:SP03"] == datetime(2026, 8, 7, 16, tzinfo=UTC)
    here.now().received("premises", act=at(5, month=8))
    assert names(here.case) == ["MaterialsReceived", "ToleranceSupplemented"]
    here.now().case.close("granted", here.case.selected, again=True, act=at(6, month=8))
    assert facts(here.case) == [("CaseClosed", {"outcome": "granted"})]


def test_a_denial_that_is_heard_after_the_closing_rests_all_the_same() -> None:
    here = unsettled_until_closing()

    here.case.rest_tolerance("SP03", decision="不许字〔2026〕1号", act=at(29))

    assert names(here.case) == ["ToleranceRested"]


def test_days_that_ran_out_while_a_case_was_closed_are_given_again_when_it_is_reopened() -> None:
    here = unsettled_until_closing()

    reopen(here, at(3, month=8))

    assert facts(here.case) == [
        ("CaseReopened", {"items": ("SP03",)}),
        ("ToleranceResumed", {"item": "SP03", "due_on": "2026-08-05"}),  # two were left: 29 and 30 July
    ]
    here.now()
    reopen(here, at(20, month=8))
    assert facts(here.case) == []


def test_what_nobody_decides_again_is_not_waited_for_when_its_case_is_reopened() -> None:
    here = unsettled_until_closing()

    here.case.reopen(("SP02",), calendar=CALENDAR, act=at(3, month=8))

    assert names(here.case) == ["CaseReopened", "ToleranceRested"]
    assert here.case.timers() == {}
    here.now().case.resume_tolerance("SP03", calendar=CALENDAR, act=at(4, month=8))
    assert facts(here.case) == [("ToleranceResumed", {"item": "SP03", "due_on": "2026-08-05"})]


def test_what_waits_again_before_its_case_is_reopened_for_others_is_waited_for() -> None:
    here = unsettled_until_closing()
    here.case.resume_tolerance("SP03", calendar=CALENDAR, act=at(3, month=8))

    here.case.reopen(("SP02",), calendar=CALENDAR, act=at(3, month=8))

    assert names(here.case) == ["ToleranceResumed", "CaseReopened"]
    assert here.case.timers() == {"tolerance:SP03": datetime(2026, 8, 5, 16, tzinfo=UTC)}
    here.now().case.close("denied", here.case.selected, act=at(4, month=8))
    here.now().case.reopen(("SP02",), calendar=CALENDAR, act=at(4, month=8))
    assert names(here.case) == ["CaseReopened", "ToleranceRested"]


def test_what_is_kept_at_the_window_does_not_rest() -> None:
    here = held()

    here.case.rest_tolerance("SP03", decision="", act=at(24))

    assert facts(here.case) == []


def test_what_comes_for_another_item_while_one_rests_is_not_asked_for_again() -> None:
    shared = {"tolerance": Tolerance(listed=True), "materials": (premises(),)}
    here = lacking("premises", SP04=shared).accepted(terms=LATER).now()
    here.case.rest_tolerance("SP03", decision="不许字〔2026〕1号", act=at(24))
    here.now()

    here.received("premises", act=at(3, month=8))  # SP04 has until 18 August, SP03 had until 30 July
    here.case.resume_tolerance("SP03", calendar=CALENDAR, act=at(4, month=8))

    assert names(here.case) == ["MaterialsReceived", "ToleranceSupplemented", "ToleranceSupplemented"]
    assert here.case.graces == {}
