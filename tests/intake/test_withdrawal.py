"""撤回 at every stage: before acceptance at once, afterwards as far as nothing was decided."""

from typing import Any

from contracts.language import Act
from intake.domain.refusals import ItemSettled, NoHall, NotFailed, NotInCase, NotNow, NotYourCase
from testkit.facts import NOON, an_act, facts, names, refused

from .mothers import CALENDAR, At, a_complete_case, an_accepted_case, an_open_case, brought

AGENT = Act(at=NOON, by="agent-1", acting_as="m1", in_name_of="applicant")
STRANGER = an_act("clerk-9", hall="other")


def withdraw(here: At, item: str, **more: Any) -> At:
    here.case.withdraw(item, reason="不开了", **{"act": an_act(), **more})
    return here


def test_before_acceptance_an_item_ends_at_once() -> None:
    here = withdraw(a_complete_case(), "SP04")

    assert facts(here.case) == [fact_of("ItemWithdrawn", item="SP04", reason="不开了")]
    assert here.case.items["SP04"] == "withdrawn"


def test_after_acceptance_the_department_says_whether_it_had_decided() -> None:
    here = withdraw(an_accepted_case(), "SP04")

    assert facts(here.case) == [fact_of("WithdrawalRequested", item="SP04", reason="不开了")]
    assert here.case.items["SP04"] == "withdrawing"
    assert facts(withdraw(here.now(), "SP04").case) == []


def test_what_was_not_decided_is_withdrawn() -> None:
    here = withdraw(an_accepted_case(), "SP04").now()

    here.case.confirm_withdrawal("SP04", act=an_act("system"))

    assert facts(here.case) == [fact_of("ItemWithdrawn", item="SP04", reason="不开了")]
    here.now().case.confirm_withdrawal("SP04", act=an_act("system"))
    assert facts(here.case) == []


def test_a_decision_stands() -> None:
    here = withdraw(an_accepted_case(), "SP04").now()

    here.case.fail_withdrawal("SP04", decision="决1", act=an_act("system"))

    assert facts(here.case) == [fact_of("WithdrawalFailed", item="SP04", decision="决1")]
    assert here.case.items["SP04"] == "accepted"
    here.now().case.fail_withdrawal("SP04", decision="决1", act=an_act("system"))
    assert facts(here.case) == []


def test_an_answer_that_the_closing_overtook_is_heard() -> None:
    here = withdraw(withdraw(an_accepted_case(), "SP04"), "SP05").now()
    here.case.close("partly", ("SP02", "SP03", "SP04", "SP05"), act=an_act("system"))
    here.now()

    here.case.confirm_withdrawal("SP04", act=an_act("system"))
    here.case.fail_withdrawal("SP05", decision="决1", act=an_act("system"))

    assert names(here.case) == ["ItemWithdrawn", "WithdrawalFailed"]
    assert (here.case.items["SP04"], here.case.items["SP05"]) == ("withdrawn", "accepted")
    assert here.case.status == "closed"


def test_a_department_that_ends_a_review_for_itself_withdraws_nothing() -> None:
    here = an_accepted_case()

    here.case.confirm_withdrawal("SP04", act=an_act("system"))

    assert facts(here.case) == []


def test_at_a_window_only_the_halls_of_the_case_take_items_back() -> None:
    here = a_complete_case()

    with refused(NotYourCase, hall="other"):
        withdraw(here, "SP04", act=STRANGER)
    with refused(NoHall):
        withdraw(here, "SP04", act=Act(at=NOON, by="somebody"))
    assert facts(here.case) == []


def test_an_applicant_withdraws_online_and_an_agent_wherever_the_mandate_goes() -> None:
    assert names(withdraw(a_complete_case(), "SP04", channel="web", act=Act(at=NOON, by="p1")).case)
    assert names(withdraw(a_complete_case(), "SP04", act=AGENT).case) == ["ItemWithdrawn"]


def test_a_hall_that_received_for_the_case_may_take_back() -> None:
    here = an_open_case()
    here.case.receive(here.outline, brought("food_form"), calendar=CALENDAR, act=an_act(hall="street"))

    assert names(withdraw(here.now(), "SP04", act=an_act(hall="street")).case) == ["ItemWithdrawn"]


def test_an_item_that_ended_otherwise_cannot_be_taken_back() -> None:
    with refused(ItemSettled, items={"SP04": "not_accepted"}):
        withdraw(a_complete_case().declined("SP04"), "SP04")
    with refused(NotInCase, items=["SP01"]):
        withdraw(a_complete_case(), "SP01")


def test_the_whole_case_is_taken_back_item_by_item() -> None:
    here = a_complete_case().accepted("SP03").now()

    here.case.withdraw_case(reason="不开了", act=an_act())

    assert names(here.case) == ["ItemWithdrawn", "WithdrawalRequested", "ItemWithdrawn", "ItemWithdrawn"]
    assert here.case.items["SP03"] == "withdrawing"
    here.now().case.withdraw_case(reason="不开了", act=an_act())
    assert facts(here.case) == []


def test_a_case_without_acceptances_closes_when_it_is_taken_back() -> None:
    here = a_complete_case()

    here.case.withdraw_case(reason="", act=an_act())

    assert names(here.case)[-1] == "CaseClosed"
    assert here.case.outcome == "withdrawn"


def test_withdrawing_a_case_at_a_strange_window_is_refused() -> None:
    here = a_complete_case()
    with refused(NotYourCase):
        here.case.withdraw_case(reason="", act=STRANGER)
    assert facts(here.case) == []


# 申请人选择 after a partial failure


def test_a_choice_to_go_on_is_recorded() -> None:
    here = an_accepted_case()

    here.case.choose("go_on", ("SP04",), act=an_act())

    assert facts(here.case) == [("ApplicantChose", {"choice": "go_on", "because": ("SP04",)})]
    here.now().case.choose("go_on", ("SP04",), act=an_act())
    assert facts(here.case) == []


def test_a_choice_to_withdraw_takes_the_others_back() -> None:
    here = an_accepted_case()

    here.case.choose("withdraw", ("SP04",), act=an_act())

    assert names(here.case) == ["ApplicantChose"] + ["WithdrawalRequested"] * 3
    assert here.case.items["SP04"] == "accepted"


def test_a_choice_is_the_applicants_and_about_items_that_could_fail() -> None:
    here = a_complete_case().accepted("SP03").now()

    with refused(NotYourCase):
        here.case.choose("go_on", ("SP03",), act=STRANGER)
    with refused(NotFailed, items=["SP04"]):
        here.case.choose("go_on", ("SP04",), act=an_act())
    with refused(NotFailed):
        here.case.choose("go_on", (), act=an_act())
    with refused(NotInCase):
        here.case.choose("go_on", ("SP01",), act=an_act())
    assert facts(here.case) == []


def test_a_closed_case_hears_no_choice() -> None:
    here = an_accepted_case()
    here.case.close("granted", act=an_act())

    with refused(NotNow, verb="choose"):
        here.case.choose("go_on", ("SP04",), act=an_act())


# closing


def test_a_case_closes_when_the_hand_over_covers_its_accepted_items() -> None:
    here = an_accepted_case()

    here.case.close("granted", ("SP02", "SP03", "SP04"), act=an_act())
    assert facts(here.case) == []
    here.case.close("granted", ("SP02", "SP03", "SP04", "SP05"), act=an_act())
    assert facts(here.case) == [("CaseClosed", {"outcome": "granted"})]


def test_a_case_with_items_that_are_open_waits_for_a_further_hand_over() -> None:
    here = a_complete_case().accepted("SP03").now()

    here.case.close("granted", ("SP03",), act=an_act())

    assert facts(here.case) == []
    assert here.case.status == "received"


def test_items_that_ended_need_no_hand_over() -> None:
    here = withdraw(an_accepted_case(), "SP05")
    here.case.confirm_withdrawal("SP05", act=an_act("system"))
    here.now()

    here.case.close("granted", ("SP02", "SP03", "SP04"), act=an_act())

    assert names(here.case) == ["CaseClosed"]


def fact_of(name: str, **body: Any) -> tuple[str, dict[str, Any]]:
    return name, body
