"""不予受理、撤回、办结: how items and cases end in intake."""

from contracts.intake import BroughtMaterial, CaseClosed, CaseReopened, CompletionNoted, ItemNotAccepted
from intake.domain.refusals import ItemSettled, NoAuthority, NoReasonGiven, NotInCase, NotNow
from testkit.facts import an_act, fact, facts, names, refused

from .mothers import CALENDAR, At, a_complete_case, an_accepted_case, an_open_case

EXTRA = BroughtMaterial(material="food_form", medium="digital", digest="sha256:1")
ALL = ("SP02", "SP03", "SP04", "SP05")


def test_declining_records_reason_notice_and_authority() -> None:
    here = a_complete_case().declined("SP04")

    ((name, body),) = facts(here.case)
    assert name == "ItemNotAccepted"
    assert body["reason"] == "不属于本机关职权范围"
    assert body["notice"] == "拒字〔2026〕1号"
    recorded = here.case.pending[0]
    assert isinstance(recorded, ItemNotAccepted)
    assert (recorded.acting_as, recorded.in_name_of) == ("grant-1", "scjg")
    assert here.case.items["SP04"] == "not_accepted"


def test_declining_again_is_no_news() -> None:
    here = a_complete_case().declined("SP04").now()

    assert facts(here.declined("SP04").case) == []


def test_declining_is_an_act_of_the_power_to_accept() -> None:
    here = a_complete_case()

    with refused(NoAuthority, refusals={"SP04": "expired"}):
        here.declined("SP04", refusal="expired")
    assert facts(here.case) == []


def test_declining_needs_a_reason() -> None:
    with refused(NoReasonGiven, item="SP04"):
        a_complete_case().declined("SP04", reason=" ")


def test_an_accepted_item_cannot_be_declined() -> None:
    with refused(ItemSettled, items={"SP03": "accepted"}):
        a_complete_case().accepted("SP03").declined("SP03")


def test_an_item_of_another_case_cannot_end_here() -> None:
    with refused(NotInCase, items=["SP01"]):
        an_open_case().declined("SP01")
    with refused(NotInCase, items=["SP06"]):
        an_open_case().withdrawn("SP06")


def test_the_others_go_on_when_one_item_is_withdrawn() -> None:
    here = a_complete_case().withdrawn("SP04").now()

    assert here.case.open_items == ("SP02", "SP03", "SP05")
    assert names(here.accepted().case) == ["ItemsAccepted"]


def test_withdrawing_again_is_no_news() -> None:
    here = a_complete_case().withdrawn("SP04").now()

    assert facts(here.withdrawn("SP04").case) == []


def test_accepted_items_are_wanted_back_and_the_case_stays_open() -> None:
    here = an_accepted_case().withdrawn(*ALL)

    assert names(here.case) == ["WithdrawalRequested"] * 4
    assert here.case.status == "accepted"


def test_a_declined_item_cannot_be_withdrawn() -> None:
    with refused(ItemSettled, items={"SP04": "not_accepted"}):
        a_complete_case().declined("SP04").withdrawn("SP04")


def test_a_case_of_which_nothing_was_accepted_closes_with_its_last_item() -> None:
    withdrawn = an_open_case().withdrawn(*ALL)
    assert facts(withdrawn.case)[-1] == ("CaseClosed", {"outcome": "withdrawn"})

    declined = an_open_case().withdrawn("SP02", "SP03", "SP04").now().declined("SP05")
    assert facts(declined.case)[-1] == ("CaseClosed", {"outcome": "not_accepted"})
    assert declined.case.timers() == {}


def test_a_case_is_closed_after_everything_was_handed_over() -> None:
    here = an_accepted_case()

    here.case.close("granted", act=an_act())

    assert facts(here.case) == [fact_of("granted")]
    assert here.case.status == "closed"


def test_closing_again_is_no_news() -> None:
    here = an_accepted_case()
    here.case.close("granted", act=an_act())

    here.case.close("granted", act=an_act())

    assert facts(here.case) == [fact_of("granted")]


def test_what_was_decided_again_closes_with_the_outcome_it_has_now() -> None:
    here = an_accepted_case()
    here.case.close("denied", act=an_act())

    here.case.close("granted", again=True, act=an_act())
    here.case.close("granted", again=True, act=an_act())

    assert facts(here.case) == [fact_of("denied"), fact_of("granted"), fact_of("granted")]
    assert here.case.outcome == "granted"


def test_a_further_hand_over_does_not_close_it_once_more() -> None:
    here = an_accepted_case()
    here.case.close("denied", act=an_act())

    here.case.close("granted", act=an_act())

    assert facts(here.case) == [fact_of("denied")]


def test_a_case_of_which_nothing_was_accepted_keeps_its_outcome() -> None:
    declined = an_open_case().withdrawn("SP02", "SP03", "SP04").now().declined("SP05")

    declined.case.close("granted", again=True, act=an_act())

    assert declined.case.outcome == "not_accepted"


def test_a_case_with_open_items_cannot_be_closed() -> None:
    with refused(NotNow, verb="close", status="received"):
        a_complete_case().case.close("granted", act=an_act())


def test_a_closed_case_refuses_everything() -> None:
    here = an_accepted_case()
    here.case.close("granted", act=an_act())
    here.now()

    for step in (
        lambda: here.filled("mobile"),
        lambda: here.case.receive(here.outline, [EXTRA], calendar=CALENDAR, act=an_act()),
        here.corrected,
        here.accepted,
        lambda: here.withdrawn("SP03"),
    ):
        with refused(NotNow, status="closed"):
            step()
    with refused(ItemSettled):
        here.declined("SP03")
    assert facts(here.case) == []


def fact_of(outcome: str) -> tuple[str, dict[str, str]]:
    return fact(CaseClosed, outcome=outcome)


# over before everything was accepted


def one_denied_the_rest_blocked() -> At:
    """Only one item was accepted and denied, the others failed by it; everything there was has been handed over."""
    here = a_complete_case().accepted("SP03").now()
    here.case.close("denied", ALL, act=an_act())
    return here


def test_a_completion_that_covers_what_nobody_answered_yet_is_kept_until_they_have_their_end() -> None:
    here = one_denied_the_rest_blocked()

    assert facts(here.case) == [fact(CompletionNoted, outcome="denied", items=ALL)]
    assert here.case.outcome is None
    here.now().case.close("denied", ALL, act=an_act())
    assert facts(here.case) == []


def test_it_closes_with_the_acceptance_of_the_last() -> None:
    here = one_denied_the_rest_blocked().accepted("SP02").now()
    assert here.case.outcome is None

    here.accepted()

    assert names(here.case) == ["ItemsAccepted", "CaseClosed"]
    assert here.case.outcome == "denied"


def test_it_closes_when_the_last_leaves() -> None:
    here = one_denied_the_rest_blocked().withdrawn("SP02").declined("SP04").now()
    assert here.case.outcome is None

    here.withdrawn("SP05")

    assert names(here.case) == ["ItemWithdrawn", "CaseClosed"]
    assert here.case.outcome == "denied"


def test_it_goes_on_when_the_denial_is_void_before_that() -> None:
    here = one_denied_the_rest_blocked().now()

    here.case.reopen(ALL, calendar=CALENDAR, act=an_act())
    here.case.reopen(ALL, calendar=CALENDAR, act=an_act())

    assert facts(here.case) == [fact(CompletionNoted)]
    here.accepted()
    assert here.case.outcome is None
    here.case.close("granted", ALL, act=an_act())
    assert here.case.outcome == "granted"


def test_what_is_accepted_beside_the_completion_has_one_of_its_own() -> None:
    here = a_complete_case().accepted("SP03", "SP04").now()

    here.case.close("denied", ("SP03",), act=an_act())

    assert facts(here.case) == []
    here.withdrawn("SP02", "SP05")
    assert here.case.outcome is None


# open again


def test_a_closed_case_of_which_an_item_is_decided_again_is_open_and_is_closed_once_more() -> None:
    here = an_accepted_case()
    here.case.close("denied", act=an_act())
    here.now()

    here.case.reopen(("SP03",), calendar=CALENDAR, act=an_act())
    here.case.reopen(("SP04",), calendar=CALENDAR, act=an_act())

    assert facts(here.case) == [fact(CaseReopened, items=("SP03",))]
    assert (here.case.status, here.case.outcome) == ("accepted", None)
    here.now().withdrawn("SP03")
    here.case.close("granted", ALL, act=an_act())
    assert names(here.case) == ["WithdrawalRequested", "CaseClosed"]
    assert here.case.outcome == "granted"


def test_a_case_of_which_nothing_was_accepted_and_one_that_went_into_another_stay_closed() -> None:
    for case in (an_open_case().withdrawn(*ALL).now().case, merged().now().case):
        case.reopen(("SP03",), calendar=CALENDAR, act=an_act())

        assert facts(case) == []
        assert case.status == "closed"


def merged() -> At:
    """A case that went into another one."""
    here = an_open_case()
    here.case.record(CaseClosed, an_act(), outcome="merged", into="c2")
    here.case.acceptances["SP03"] = "受1"
    return here
