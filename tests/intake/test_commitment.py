"""告知承诺: a written promise takes the place of materials, for who wants it and may."""

from typing import Any

from catalogue.rules import Commitment, Limit
from contracts.intake import ItemsAccepted, Signed
from intake.domain import Terms, outline_of
from intake.domain.refusals import CreditBarStands, MaterialsMissing, NoCommitment, NotSigned, UnrelatedMaterial
from testkit.facts import facts, names, refused

from .mothers import ANSWERS, At, amended

SIGNED = Signed(document="sha256:c0ffee")
PROMISE = Terms(promise=("SP04",), signed=SIGNED)
OPEN = Commitment(materials=("fire_rules", "fire_plans"), verify_within=Limit(days=20))


def a_case(commitment: Commitment | None = OPEN, *materials: str) -> At:
    """A case that brings nothing for SP04 but these."""
    here = At(outline_of(amended(SP04={"commitment": commitment}), "SP", ANSWERS)).opened().filled()
    return here.received("business_licence", "food_form", "premises", *materials).now()


def promised(here: At) -> Any:
    fact = here.case.pending[-1]
    assert isinstance(fact, ItemsAccepted)
    return next(each for each in fact.items if each.item == "SP04")


def test_a_promise_takes_the_place_of_its_materials() -> None:
    here = a_case().accepted("SP04", terms=PROMISE)

    assert names(here.case) == ["ItemsAccepted"]
    assert promised(here).committed == ("fire_plans", "fire_rules")
    assert promised(here).tolerated == ()
    assert here.case.pending[-1].signed == SIGNED  # type: ignore[attr-defined]
    assert here.case.commitments == {"SP04": ("fire_plans", "fire_rules")}


def test_what_was_promised_is_never_asked_for_afterwards() -> None:
    here = a_case().accepted("SP04", terms=PROMISE).now()

    with refused(UnrelatedMaterial, materials=["fire_rules"]):
        here.received("fire_rules")
    assert not any(name.startswith("tolerance") for name in here.case.timers())


def test_who_does_not_promise_brings_the_materials() -> None:
    with refused(MaterialsMissing, missing={"SP04": ["fire_plans", "fire_rules"]}):
        a_case().accepted("SP04")


def test_only_what_the_catalogue_names_is_replaced() -> None:
    here = a_case(Commitment(materials=("fire_rules",), verification="exempt"))

    with refused(MaterialsMissing, missing={"SP04": ["fire_plans"]}):
        here.accepted("SP04", terms=PROMISE)
    assert facts(here.case) == []


def test_an_item_without_the_procedure_cannot_go_this_way() -> None:
    here = a_case(None)

    with refused(NoCommitment, items={"SP04": "no-commitment"}):
        here.accepted("SP04", terms=PROMISE)
    assert facts(here.case) == []


def test_high_risk_items_are_excluded_with_the_reason() -> None:
    # 国办发〔2020〕42号: direct danger to life, costly or impossible to put right
    here = a_case(Commitment(materials=(), excluded="直接涉及公共安全"))

    with refused(NoCommitment, items={"SP04": "直接涉及公共安全"}):
        here.accepted("SP04", terms=PROMISE)


def test_a_promise_that_replaces_nothing_is_none() -> None:
    with refused(NoCommitment, items={"SP04": "nothing-to-promise"}):
        a_case(Commitment(materials=("diploma",))).accepted("SP04", terms=PROMISE)


def test_a_promise_is_signed() -> None:
    here = a_case()

    with refused(NotSigned):
        here.accepted("SP04", terms=Terms(promise=("SP04",)))
    assert facts(here.case) == []


def test_an_earlier_false_promise_bars_this_way_until_it_is_repaired() -> None:
    here = a_case()

    with refused(CreditBarStands, grounds=("false_promise",)):
        here.accepted("SP04", terms=Terms(promise=("SP04",), signed=SIGNED, barred=("false_promise",)))
    assert facts(here.case) == []


def test_a_promise_for_another_item_of_the_case_does_not_touch_this_act() -> None:
    here = a_case().accepted("SP03", terms=PROMISE)

    assert [each.committed for each in here.case.pending[-1].items] == [()]  # type: ignore[attr-defined]
