"""Opening a case: what is fixed from here on, and the notice that is given."""

from contracts.intake import CaseOpened, NoticeIssued
from contracts.language import Act
from intake.domain import outline_of
from intake.domain.refusals import AlreadyOpened, NoHall, NotSelectable, WrongApplicant
from testkit.facts import NOON, fact, facts, names, refused

from .mothers import ANSWERS, CASE, FROM_NOTHING, At, a_case, an_open_case, catalogue, outline


def test_a_case_is_opened_with_its_plan_and_the_notice_of_it() -> None:
    at = a_case().opened()

    assert names(at.case) == ["CaseOpened", "NoticeIssued"]
    opened = facts(at.case)[0][1]
    assert opened["catalogue"] == catalogue().version
    assert opened["answers"] == ANSWERS
    assert opened["hall"] == "county"
    assert opened["mode"] == "one_mouth"
    assert opened["area"] == "east"
    assert facts(at.case)[1] == fact(
        NoticeIssued, number="临水县市场监督管理局告字〔2026〕1号", edition=1, digest=at.outline.digest
    )


def test_a_new_case_waits_for_form_and_materials() -> None:
    case = an_open_case().case

    assert case.status == "opened"
    assert case.open_items == ("SP02", "SP03", "SP04", "SP05")
    assert case.timers() == {}


def test_items_done_before_make_it_a_continuation() -> None:
    assert an_open_case(FROM_NOTHING, satisfied={"SP01": "证"}).case.mode == "continuation"


def test_an_entry_item_makes_it_a_continuation() -> None:
    assert a_case().opened(entry_item="SP03").case.mode == "continuation"


def test_an_entry_item_that_is_no_part_of_the_case_is_refused() -> None:
    with refused(NotSelectable, item="SP01"):
        a_case().opened(entry_item="SP01")


def test_a_case_is_opened_once() -> None:
    at = an_open_case()

    with refused(AlreadyOpened, number=at.case.number):
        at.opened()
    assert facts(at.case) == []


def test_a_case_belongs_to_a_hall() -> None:
    at = a_case()

    with refused(NoHall):
        at.opened(Act(at=NOON, by="somebody"))
    assert facts(at.case) == []


def test_a_theme_for_organisations_is_not_for_persons() -> None:
    at = At(outline_of(catalogue(), "SQ", ANSWERS))

    with refused(WrongApplicant, expected="legal"):
        at.opened(applicant_kind="natural")
    assert at.opened(applicant_kind="legal").case.theme == "SQ"


def test_personal_data_is_only_sealed() -> None:
    opened = next(f for f in a_case().opened().case.pending if isinstance(f, CaseOpened))

    assert opened.applicant.purpose == "applicant"
    assert opened.applicant_index == "index-1"
    assert opened.case_id == CASE
    assert outline().digest.startswith("sha256:")
