"""材料不合要求: what does not serve counts as missing, is told once with the correction, and comes again."""

from typing import Any

import pytest

from contracts.intake import (
    BroughtMaterial,
    CopyFault,
    FillForm,
    GetCase,
    GetPaper,
    ReceiveMaterials,
    RefuseCopies,
    RequestCorrection,
)
from contracts.language import Caller
from eventing.errors import NotFound
from eventing.scoping import OutOfScope
from intake.domain import Case
from intake.domain.refusals import MaterialsMissing, NotNow
from intake.domain.refusing import CopyReliedOn, NoCopyMarked
from testkit.facts import an_act, refused

from .mothers import CALENDAR, FULL_FORM, FULL_SET, At, a_case, brought
from .neighbours import CLERK, STRANGER, Office, opening

UNSEALED = CopyFault("seal_missing", "第二页未盖章")
ILLEGIBLE = CopyFault("illegible")


def a_whole_case() -> At:
    return a_case().opened().filled().received(*FULL_SET)


def refuse(here: At, **faults: CopyFault) -> At:
    here.case.refuse_copies(here.outline, {f"{material}-1": fault for material, fault in faults.items()}, act=an_act())
    return here


def test_what_does_not_serve_counts_as_missing() -> None:
    here = refuse(a_whole_case(), food_form=UNSEALED)

    assert "food_form" not in here.case.present
    with refused(MaterialsMissing):
        here.accepted("SP03")


def test_the_same_again_is_no_news_and_another_fault_is() -> None:
    here = a_whole_case().now()
    for fault in (UNSEALED, UNSEALED, ILLEGIBLE):
        refuse(here, food_form=fault)

    assert [type(fact).__name__ for fact in here.case.pending] == ["CopiesRefused", "CopiesRefused"]
    assert here.case.faults == {"food_form-1": ILLEGIBLE}


def test_another_copy_on_paper_takes_its_place_without_saying_that_it_is_newer() -> None:
    here = refuse(a_whole_case(), food_form=UNSEALED)

    here.received("food_form")

    assert [copy.edition for copy in here.case.copies if copy.material == "food_form"] == [1, 2]
    assert "food_form" in here.case.present
    here.accepted("SP03")
    assert "food_form-1" not in here.case.pending[-1].items[0].materials


def test_an_earlier_edition_does_not_stand_in_for_one_that_does_not_serve() -> None:
    here = a_whole_case()
    newer = BroughtMaterial(material="food_form", newer=True)
    here.case.receive(here.outline, [newer], calendar=CALENDAR, act=an_act())

    here.case.refuse_copies(here.outline, {"food_form-2": ILLEGIBLE}, act=an_act())

    assert "food_form" not in here.case.present


def test_what_something_accepted_rests_on_is_not_marked() -> None:
    here = a_whole_case().accepted("SP03")

    with refused(CopyReliedOn, copies=["food_form-1"]):
        refuse(here, food_form=UNSEALED)


def test_only_copies_that_are_here_and_before_the_one_correction() -> None:
    here = a_whole_case()
    with refused(NoCopyMarked):
        refuse(here)
    with refused(NotFound, what="copy"):
        refuse(here, shoe=UNSEALED)

    refuse(here, food_form=UNSEALED).corrected()
    with refused(NotNow):
        refuse(here, premises=ILLEGIBLE)


# the service


@pytest.fixture
def received(office: Office) -> Office:
    office.send(opening())
    office.send(FillForm(case_id="c1", values=FULL_FORM))
    office.send(ReceiveMaterials(case_id="c1", materials=brought(*FULL_SET)))
    return office


def test_the_checklist_and_the_correction_say_what_is_wrong(received: Office) -> None:
    with refused(OutOfScope):
        received.send(RefuseCopies(case_id="c1", copies={"food_form-1": UNSEALED}), by=STRANGER)
    received.send(RefuseCopies(case_id="c1", copies={"food_form-1": UNSEALED}))

    case: dict[str, Any] = received.ask(GetCase(case_id="c1"))
    assert case["faults"] == {"food_form-1": {"kind": "seal_missing", "note": "第二页未盖章"}}
    assert "food_form" in {material for missing in case["missing"].values() for material in missing}

    notice = received.send(RequestCorrection(case_id="c1"))["correction"]["notice"]
    said = received.ask(GetPaper(case_id="c1", number=notice, format="text"), CLERK)["content"]
    assert "缺少签章：第二页未盖章" in said

    received.send(ReceiveMaterials(case_id="c1", materials=brought("food_form")))
    assert "food_form" not in {
        material for missing in received.ask(GetCase(case_id="c1"))["missing"].values() for material in missing
    }


def test_a_department_refuses_only_copies_that_its_own_item_needs(received: Office) -> None:
    """Whoever handled any item of the case could refuse every copy of it."""
    case = received.running.engine.get(Case, "c1")
    needs = received.running.service.outline(case).needs
    handlers = case.reach().items
    copy, needing = next(
        (copy, own)
        for copy in case.copies
        if (
            own := {handlers[item] for item, each in needs.items() if copy.material in {need.material for need in each}}
        )
        and {*handlers.values()} - own - {""}
    )
    marked = {copy.copy: UNSEALED}

    other = Caller(by="x", org=min({*handlers.values()} - needing - {""}), hall="county", roles=("reviewer",))
    with refused(OutOfScope):
        received.send(RefuseCopies(case_id="c1", copies=marked), by=other)
    own = Caller(by="y", org=min(needing), hall="county", roles=("reviewer",))
    assert received.send(RefuseCopies(case_id="c1", copies=marked), by=own)
