"""The body of law as it is commanded: tolerance, promises, 接续, withdrawal, mandates, and two cases made one."""

from datetime import date, timedelta
from typing import Any

import pytest

from catalogue.rules import Commitment, Limit, Wait
from contracts.approval import ReviewDenied, ReviewEnded, WithdrawalRefused
from contracts.certificate import OutputCompleted
from contracts.credit import RecordCreditBar
from contracts.delegation import AuthorityRequest, MandateRequest
from contracts.intake import (
    AcceptItems,
    ExtendTolerance,
    FillForm,
    ForwardCase,
    GetCase,
    GetNotice,
    GetPaper,
    JoinItems,
    ListCases,
    MergeCase,
    NotAcceptItem,
    Origin,
    ReceiveMaterials,
    RecordChoice,
    RecordOrigin,
    RefuseSupplement,
    RequestCorrection,
    RequestFurther,
    ReturnItems,
    Signed,
    WithdrawCase,
    WithdrawItem,
)
from contracts.language import Caller
from eventing.scoping import OutOfScope
from intake.domain.refusals import (
    AcceptedStands,
    CompetentAuthorityMissing,
    CreditBarStands,
    DuplicateCase,
    MandateInvalid,
    NoAuthority,
    NotMergeable,
    NotSelectable,
    NotTolerable,
    NotYet,
    OriginDenied,
    ReceiverMayNotAccept,
    ToleranceRests,
)
from testkit.facts import NOON, refused

from .mothers import ANSWERS, FROM_NOTHING, FULL_FORM, FULL_SET, PERSON, amended, brought, catalogue_of, theme
from .neighbours import CLERK, STRANGER, Office, opening, person, registering

SIGNED = Signed(document="sha256:c0ffee")
CREDIT = Caller(by="credit-1", org="fgw", roles=("reviewer",))
CHIEF = Caller(by="chief-1", org="zwzx", hall="county", window="w2", roles=("clerk",))
STREET = Caller(by="clerk-1", org="zwzx", hall="street", window="w9", roles=("clerk",))
AGENT = Caller(by="agent-1", org="zwzx", hall="county", window="w3", roles=("clerk",))
WITHOUT_PREMISES = tuple(each for each in FULL_SET if each != "premises")
TODAY = date(2026, 7, 23)


def tolerating(office: Office, case_id: str = "c1", **more: Any) -> Any:
    body = {"materials": brought(*WITHOUT_PREMISES), "tolerate": ("premises",), "signed": SIGNED}
    return office.send(registering(case_id, **{**body, **more}))


def case(office: Office, case_id: str = "c1") -> Any:
    return office.ask(GetCase(case_id=case_id))


# 容缺


def test_one_visit_may_leave_a_secondary_material_for_later(office: Office) -> None:
    answer = tolerating(office)

    assert answer["status"] == "accepted"
    assert answer["tolerances"] == {
        "SP03": {
            "missing": ["premises"],
            "due_on": "2026-07-30",
            "mode": "accept",
            "notice": "临水县市场监督管理局容字〔2026〕1号",
            "rested": False,
        }
    }


def test_a_supplement_settles_it(office: Office) -> None:
    tolerating(office)

    answer = office.send(ReceiveMaterials(case_id="c1", materials=brought("premises"), via="post"), by=STREET)

    assert answer["tolerances"] == {}
    assert office.topics()[-2:] == ["materials-received", "tolerance-supplemented"]
    assert office.running.store.due(NOON + timedelta(days=99), range(16), 10) == []


def test_a_supplement_can_be_refused_and_a_deadline_extended(office: Office) -> None:
    tolerating(office)
    office.send(RefuseSupplement(case_id="c1", item="SP03", materials=("premises",), reason="未加盖公章"))
    extended = office.send(ExtendTolerance(case_id="c1", item="SP03", due_on=date(2026, 8, 6), reason="台风"), by=CHIEF)

    assert extended["tolerances"]["SP03"]["due_on"] == "2026-08-06"
    assert office.topics()[-2:] == ["supplement-refused", "tolerance-extended"]
    assert office.pass_deadlines(timedelta(days=10)) == 0


def test_what_was_accepted_before_a_denial_is_answered_again_after_it(office: Office) -> None:
    tolerating(office)
    refusing = RefuseSupplement(case_id="c1", item="SP03", materials=("premises",), reason="未加盖公章")
    extending = ExtendTolerance(case_id="c1", item="SP03", due_on=date(2026, 8, 6), reason="台风")
    office.running.command(refusing, caller=CLERK, ids=("refuse-1",))
    office.running.command(extending, caller=CHIEF, ids=("extend-1",))
    denied = ReviewDenied(
        case_id="c1", at=NOON, by="x", item="SP03", handler="scjg", decision="D1", reasons="无", remedy="复议"
    )
    office.running.follow("approval", ("c1", 1, denied))
    assert office.topics()[-1] == "tolerance-rested"

    office.running.command(refusing, caller=CLERK, ids=("refuse-1",))
    office.running.command(extending, caller=CHIEF, ids=("extend-1",))
    assert office.topics()[-1] == "tolerance-rested"
    with refused(ToleranceRests, items=["SP03"]):
        office.send(refusing)
    with refused(ToleranceRests, items=["SP03"]):
        office.send(ExtendTolerance(case_id="c1", item="SP03", due_on=date(2026, 8, 7), reason="台风"), by=CHIEF)


def test_a_tolerance_lapses_by_itself_ends_the_item_and_bars_the_applicant(office: Office) -> None:
    tolerating(office)

    assert office.pass_deadlines(timedelta(days=8)) == 1
    office.settle()

    assert case(office)["items"]["SP03"] == "terminated"
    lapsed = next(fact for fact in office.running.log() if fact.topic == "onething.case.tolerance-lapsed.v1")
    assert "临水县市场监督管理局终字〔2026〕1号" in lapsed.state.decode()
    with refused(CreditBarStands, grounds=("tolerance_lapsed",)):
        tolerating(office, "c2", allow_duplicate=True)
    assert tolerating(office, "c3", applicant=person(3))["status"] == "accepted"


def test_who_stands_on_an_outside_list_is_barred_from_both_ways(office: Office) -> None:
    office.shelf.publish(amended(SP04={"commitment": Commitment(materials=("fire_rules",))}))
    index = office.running.service.keyring.blind(PERSON.identifier)
    office.send(RecordCreditBar(record=index, bar="b1", ground="bad_record", document="失信名单1号"), by=CREDIT)

    with refused(CreditBarStands, grounds=("bad_record",)):
        tolerating(office)
    with refused(CreditBarStands):
        office.send(registering(promise=("SP04",), signed=SIGNED, materials=brought(*FULL_SET[:-1])))
    assert office.send(registering())["status"] == "accepted"


def test_a_material_that_cannot_come_later_is_named_with_the_reason(office: Office) -> None:
    with refused(NotTolerable, materials={"fire_rules": "not-listed"}):
        office.send(registering(materials=brought(*FULL_SET[:-1]), tolerate=("fire_rules",), signed=SIGNED))


# 告知承诺


def test_a_promise_takes_the_place_of_a_material(office: Office) -> None:
    office.shelf.publish(amended(SP04={"commitment": Commitment(materials=("fire_rules",))}))

    answer = office.send(registering(materials=brought(*FULL_SET[:-1]), promise=("SP04",), signed=SIGNED))

    assert answer["status"] == "accepted"
    assert case(office)["commitments"] == {"SP04": ["fire_rules"]}


# 接续


def test_a_case_begins_with_an_item_that_was_done_elsewhere(office: Office) -> None:
    licence = Origin(item="SP01", outcome="granted", number="证1", issuer="市监局", concluded_on=TODAY)

    office.send(opening(answers=FROM_NOTHING, origins=(licence,)))

    told = case(office)
    assert (told["mode"], told["entry_item"]) == ("continuation", "SP01")
    assert told["items"]["SP01"] == "satisfied"
    assert told["origins"][0]["issuer"] == "市监局"


def test_a_result_from_elsewhere_is_recorded_and_its_output_is_here(office: Office) -> None:
    begun = Origin(item="SP01", outcome="underway", number="受1", system="市监注册系统")
    office.send(opening(answers=FROM_NOTHING, origins=(begun,)))
    before = office.ask(GetNotice(case_id="c1"))

    answer = office.send(RecordOrigin(case_id="c1", item="SP01", outcome="granted", number="证1", concluded_on=TODAY))

    assert answer["items"]["SP01"] == "satisfied"
    assert [copy["provenance"] for copy in case(office)["materials"]] == ["prior:证1"]
    assert office.ask(GetNotice(case_id="c1")) == before


def test_items_are_joined_by_the_catalogue_version_of_the_case(office: Office) -> None:
    office.send(opening(answers=FROM_NOTHING, chosen=("SP01",)))
    number = case(office)["number"]
    office.shelf.publish(catalogue_of(theme(items=theme().items[:2])))

    answer = office.send(JoinItems(case_id="c1", items=("SP03", "SP04")))

    assert answer["number"] == number
    assert [item for item, state in answer["items"].items() if state == "pending"] == ["SP01", "SP02", "SP03", "SP04"]
    notice = office.ask(GetNotice(case_id="c1"))
    assert notice["digest"] == case(office)["notice"]["digest"] == answer["notice"]["digest"]
    assert case(office)["notice"]["issue"] == 2
    with refused(NotSelectable, item="SP99"):
        office.send(JoinItems(case_id="c1", items=("SP99",)))


def test_joined_items_are_accepted_in_their_turn_and_the_case_closes_once(office: Office) -> None:
    office.send(only_water())
    office.send(JoinItems(case_id="c1", items=("SP04",)))

    office.running.follow("certificate", ("c1", 1, completed("SP05", "SP02")))
    assert case(office)["status"] == "received"
    office.send(FillForm(case_id="c1", values={"venue": "mall"}))
    office.send(ReceiveMaterials(case_id="c1", materials=brought("fire_plans", "fire_rules")))
    office.send(AcceptItems(case_id="c1"))
    office.running.follow("certificate", ("c1", 2, completed("SP04", "SP05", "SP02")))
    assert case(office)["outcome"] == "granted"


def only_water() -> Any:
    """A visit for SP05, which the offices' check of the licence comes along with."""
    return registering(
        chosen=("SP05",), values={"name": "小馆", "uscc": FULL_FORM["uscc"]}, materials=brought("business_licence")
    )


def completed(*items: str) -> OutputCompleted:
    return OutputCompleted(case_id="c1", at=NOON, by="system", verdict="granted", items=items)


def test_an_accepted_item_keeps_its_answers(office: Office) -> None:
    office.send(registering())

    with refused(AcceptedStands, items=["SP05"]):
        office.send(JoinItems(case_id="c1", answers={"area": "west"}))


# two cases made one


def test_a_duplicate_says_which_case_it_can_be_joined_to(office: Office) -> None:
    number = office.send(opening())["number"]

    with refused(DuplicateCase, number=number, into="c1"):
        office.send(opening("c2"))


def test_a_case_is_merged_into_another_which_takes_over_what_it_lacks(office: Office) -> None:
    office.send(opening("c1", chosen=("SP05",)))
    office.send(opening("c2", chosen=("SP03", "SP04"), allow_duplicate=True))

    answer = office.send(MergeCase(case_id="c2", into="c1"))
    assert answer["status"] == "closed"
    office.settle()

    merged, into = case(office, "c2"), case(office, "c1")
    assert (merged["outcome"], merged["into"]) == ("merged", "c1")
    assert [item for item, state in into["items"].items() if state == "pending"] == ["SP02", "SP03", "SP04", "SP05"]
    assert into["materials"] == []
    assert into["notice"]["issue"] == 2


def test_answers_of_the_merged_case_open_its_items(office: Office) -> None:
    office.send(opening("c1", answers={**ANSWERS, "fire": "no"}))
    office.send(opening("c2", chosen=("SP04",), allow_duplicate=True))

    office.send(MergeCase(case_id="c2", into="c1"))
    office.settle()

    assert case(office, "c1")["items"]["SP04"] == "pending"
    assert case(office, "c1")["answers"]["fire"] == "yes"


def test_an_origin_goes_along_with_a_merged_case(office: Office) -> None:
    begun = Origin(item="SP01", outcome="underway", number="受1")
    office.send(opening("c1", answers=FROM_NOTHING, chosen=("SP05",)))
    office.send(opening("c2", answers=FROM_NOTHING, chosen=("SP04",), origins=(begun,), allow_duplicate=True))

    office.send(MergeCase(case_id="c2", into="c1"))
    office.settle()

    assert case(office, "c1")["items"]["SP01"] == "underway"


def merging_after(office: Office, outcome: Any) -> None:
    """A case whose registration was underway elsewhere learns its result before it goes into another."""
    begun = Origin(item="SP01", outcome="underway", number="受1")
    office.send(opening("c1", answers=FROM_NOTHING, chosen=("SP05",)))
    office.send(opening("c2", answers=FROM_NOTHING, chosen=("SP04",), origins=(begun,), allow_duplicate=True))
    office.send(RecordOrigin(case_id="c2", item="SP01", outcome=outcome, number="决1"))
    office.send(MergeCase(case_id="c2", into="c1"))
    office.settle()


def test_what_cannot_be_done_because_of_a_denial_elsewhere_is_not_merged_past_it(office: Office) -> None:
    # in the other case nothing would know of the denial
    with refused(OriginDenied, denied=("SP01",), items=["SP04"]):
        merging_after(office, "denied")

    assert case(office, "c2")["outcome"] is None


def test_what_the_other_case_handles_itself_is_not_done_by_a_merger(office: Office) -> None:
    held = Origin(item="SP01", outcome="granted", number="证1", valid_until=TODAY)
    office.send(opening("c1", answers=FROM_NOTHING))
    office.send(opening("c2", answers=FROM_NOTHING, chosen=("SP04",), origins=(held,), allow_duplicate=True))

    office.send(MergeCase(case_id="c2", into="c1"))
    office.settle()

    assert case(office, "c2")["outcome"] == "merged"
    assert case(office, "c1")["items"]["SP01"] == "pending"


def test_what_was_withdrawn_elsewhere_is_not_awaited_again_after_a_merger(office: Office) -> None:
    merging_after(office, "withdrawn")

    assert case(office, "c1")["items"]["SP04"] == "pending"
    assert case(office, "c1")["items"]["SP01"] == "not_needed"


def test_only_cases_of_one_person_and_theme_are_merged(office: Office) -> None:
    office.send(opening("c1"))
    office.send(opening("c2", applicant=person(2)))

    with refused(NotMergeable, reason="another-person-or-theme"):
        office.send(MergeCase(case_id="c2", into="c1"))


# 撤回


def test_a_withdrawal_waits_for_the_department(office: Office) -> None:
    office.send(registering())
    answer = office.send(WithdrawItem(case_id="c1", item="SP04", reason="不开了"))
    assert answer["items"]["SP04"] == "withdrawing"

    ended = ReviewEnded(case_id="c1", at=NOON, by="system", item="SP04", reason="withdrawn")
    office.running.follow("approval", ("c1", 3, ended))

    assert case(office)["items"]["SP04"] == "withdrawn"
    assert case(office)["items"]["SP03"] == "accepted"


def test_a_decision_stands_against_a_withdrawal(office: Office) -> None:
    office.send(registering())
    office.send(WithdrawCase(case_id="c1"))
    decided = WithdrawalRefused(case_id="c1", at=NOON, by="system", item="SP04", decision="决1")
    office.running.follow("approval", ("c1", 3, decided))

    states = case(office)["items"]
    assert (states["SP04"], states["SP03"]) == ("accepted", "withdrawing")


def test_reviews_that_end_for_other_reasons_withdraw_nothing(office: Office) -> None:
    office.send(registering())
    lapsed = ReviewEnded(case_id="c1", at=NOON, by="system", item="SP04", reason="terminated")
    office.running.follow("approval", ("c1", 3, lapsed))

    assert case(office)["items"]["SP04"] == "accepted"


def test_a_strange_hall_takes_nothing_back(office: Office) -> None:
    office.send(registering())

    with refused(OutOfScope):
        office.send(WithdrawItem(case_id="c1", item="SP04"), by=STRANGER)
    index = office.running.service.keyring.blind(PERSON.identifier)
    for other in ("", "0" * 64):
        with refused(OutOfScope):
            office.send(
                WithdrawItem(case_id="c1", item="SP04"), by=Caller(by="p2", roles=("applicant",), subject=other)
            )
    applicant = Caller(by="p1", roles=("applicant",), subject=index)
    assert office.send(WithdrawItem(case_id="c1", item="SP04", channel="mobile"), by=applicant)


def test_the_applicants_choice_after_a_failure_is_recorded(office: Office) -> None:
    office.send(registering())

    office.send(RecordChoice(case_id="c1", choice="go_on", because=("SP04",)))

    assert case(office)["choice"] == {"choice": "go_on", "because": ["SP04"]}


# 退件, 不予受理, 超出告知


def test_what_is_given_back_has_a_numbered_notice(office: Office) -> None:
    office.send(opening())
    office.send(ReceiveMaterials(case_id="c1", materials=brought("food_form")))

    answer = office.send(ReturnItems(case_id="c1", reason="given_up"))

    assert answer["status"] == "closed"
    assert "临水县市场监督管理局退字〔2026〕1号" in office.running.log()[-2].state.decode()


def test_an_unanswered_correction_ends_in_a_return(office: Office) -> None:
    office.shelf.publish(amended(rules={"correction_kept": Limit(days=3)}))
    office.send(opening())
    office.send(ReceiveMaterials(case_id="c1", materials=brought("food_form")))
    assert office.send(RequestCorrection(case_id="c1"))["correction"]["missing"]

    assert office.pass_deadlines(timedelta(days=6)) == 1

    assert set(case(office)["items"].values()) == {"not_needed", "returned"}
    assert case(office)["outcome"] == "returned"


def test_who_is_not_competent_says_who_is(office: Office) -> None:
    office.send(opening())
    body: dict[str, Any] = {"case_id": "c1", "item": "SP04", "reason": "职权", "ground": "outside_authority"}

    with refused(CompetentAuthorityMissing):
        office.send(NotAcceptItem(**body))
    assert office.send(NotAcceptItem(**body, competent_authority="市支队"))["items"]["SP04"] == "not_accepted"


def test_violations_of_the_one_notice_are_counted(office: Office) -> None:
    office.send(registering())
    office.send(RequestFurther(case_id="c1", item="SP04", what="无犯罪记录证明", basis="内部规定"))

    assert case(office)["violations"] == [{"item": "SP04", "what": "无犯罪记录证明"}]
    assert office.ask(ListCases())["cases"][0]["violations"] == 1


# 跨域


def test_a_set_is_received_in_one_place_and_accepted_in_another(office: Office) -> None:
    office.shelf.publish(amended(theme={"cross_region": ("local", "received_elsewhere")}))
    elsewhere = opening(cross_region="received_elsewhere", owner_hall="county")

    with refused(NoAuthority, refusals=dict.fromkeys(("SP02", "SP03", "SP04", "SP05"), "no-grant")):
        office.send(elsewhere, by=STREET)
    office.delegation.receiving.add("street")
    office.send(elsewhere, by=STREET)
    office.send(FillForm(case_id="c1", values=FULL_FORM), by=STREET)
    office.send(ReceiveMaterials(case_id="c1", materials=brought(*FULL_SET)), by=STREET)
    office.send(ForwardCase(case_id="c1", formal_check="齐全", identity_check="人证一致"), by=STREET)
    with refused(ReceiverMayNotAccept, owner="county"):
        office.delegation.halls.add("street")
        office.send(AcceptItems(case_id="c1"), by=STREET)
    assert office.send(AcceptItems(case_id="c1"))["status"] == "accepted"
    assert office.ask(GetCase(case_id="c1", personal=True), CLERK)["forwarded_to"] == "county"
    paper = office.ask(GetPaper(case_id="c1"), CLERK)["papers"][-1]["number"]
    assert office.ask(GetPaper(case_id="c1", number=paper), CLERK)["kind"] == "acceptance"
    with refused(OutOfScope):
        office.ask(GetCase(case_id="c1", personal=True), STRANGER)
    with refused(OutOfScope):
        office.ask(GetPaper(case_id="c1", number=paper), STRANGER)


def test_receiving_for_another_place_asks_for_the_power_to_receive(office: Office) -> None:
    office.shelf.publish(amended(theme={"cross_region": ("received_elsewhere",)}))
    office.delegation.receiving.add("street")

    office.send(opening(cross_region="received_elsewhere", owner_hall="county", chosen=("SP05",)), by=STREET)

    assert office.delegation.asked == [
        (
            AuthorityRequest("street", "SP02", "scjg", "receive", window=STREET.window),
            AuthorityRequest("street", "SP05", "water-east", "receive", window=STREET.window),
        )
    ]


# 代办, staff, terms


def test_an_agent_acts_in_the_applicants_name(office: Office) -> None:
    office.delegation.mandates["m1"] = ""
    index = office.running.service.keyring.blind(PERSON.identifier)

    office.send(registering(mandate="m1"), by=AGENT)

    assert office.delegation.mandated == [
        tuple(MandateRequest("m1", "agent-1", index, "SP", act) for act in ("open", "fill", "submit"))  # type: ignore[arg-type]
    ]
    acts = {fact.topic.split(".")[2]: fact.state.decode() for fact in office.running.log()}
    for name in ("opened", "form-filled", "materials-received"):
        assert '"acting_as":"m1","in_name_of":"applicant"' in acts[name]
    assert '"acting_as":"m1"' not in acts["items-accepted"]


@pytest.mark.parametrize("refusal", ["no-mandate", "paused", "out-of-scope"])
def test_a_mandate_that_does_not_reach_is_refused(office: Office, refusal: str) -> None:
    office.delegation.mandates["m1"] = refusal
    office.send(opening("c9", applicant=person(9)))

    for command in (
        opening(mandate="m1"),
        registering(mandate="m1"),
        FillForm(case_id="c9", values={"name": "小馆"}, mandate="m1"),
        ReceiveMaterials(case_id="c9", materials=brought("food_form"), mandate="m1"),
        JoinItems(case_id="c9", items=("SP03",), mandate="m1"),
        WithdrawItem(case_id="c9", item="SP04", mandate="m1"),
        WithdrawCase(case_id="c9", mandate="m1"),
        RecordChoice(case_id="c9", choice="go_on", because=("SP03",), mandate="m1"),
    ):
        with refused(MandateInvalid, mandate="m1", reason=refusal):
            office.send(command, by=AGENT)
    assert len(office.running.log()) == 2


def test_a_mandate_that_fails_does_not_hold_up_the_others(office: Office) -> None:
    office.delegation.mandates |= {"m1": "ended", "m2": ""}

    with pytest.raises(MandateInvalid):
        office.send(opening("c1", mandate="m1"), opening("c2", applicant=person(2), mandate="m2"), by=AGENT)

    assert [each["case_id"] for each in office.ask(ListCases())["cases"]] == ["c2"]
    assert len(office.delegation.mandated) == 1


def test_staff_are_named_where_the_theme_wants_them_qualified(office: Office) -> None:
    office.shelf.publish(amended(theme={"qualification": "restaurant"}))

    office.send(only_water())

    assert office.delegation.asked[-1][0] == AuthorityRequest(
        "county", "SP02", "scjg", "accept", "clerk-7", "restaurant", "w1"
    )


def test_a_term_in_the_form_holds_the_acceptance(office: Office) -> None:
    fields = tuple(
        type(each)(key="seats", label="公示起始日", type="date", personal=False, items=("SP03",))
        if each.key == "seats"
        else each
        for each in theme().fields
    )
    wait = Wait(id="publicity", name="公示", days=20, after="field", field="seats", holds="acceptance")
    office.shelf.publish(amended(SP03={"waits": (wait,)}, theme={"fields": fields}))
    values = {**FULL_FORM, "seats": "2026-07-20"}

    with refused(NotYet, until={"SP03": "2026-08-10"}):
        office.send(registering(values=values))
    office.send(opening())
    office.send(FillForm(case_id="c1", values=values))
    office.send(ReceiveMaterials(case_id="c1", materials=brought(*FULL_SET)))
    assert case(office)["held_until"] == {"SP03": "2026-08-10"}
    with refused(NotYet):
        office.send(AcceptItems(case_id="c1"))
    office.clock.advance(timedelta(days=19))
    assert office.send(AcceptItems(case_id="c1", items=("SP03",)))["items"]["SP03"] == "accepted"
