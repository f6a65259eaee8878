"""信用: what bars from tolerance and promises, and its repair (S54c, S54d, S55c)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from contracts.approval import DecisionRevoked
from contracts.credit import CreditBarred, FalsePromiseFound, GetCredit, RecordCreditBar, RestoreCredit
from contracts.intake import ToleranceLapsed
from contracts.language import Act, Caller
from contracts.readings import ListBesideReadings
from eventing import mapper
from eventing.errors import NotFound
from eventing.scoping import NotYourRole, OutOfScope
from intake.domain.credit import CreditRecord, NoDocument, NoOrganisation, standing
from intake.domain.refusals import FormInvalid
from kernel.digests import canonical
from testkit.facts import NOON, an_act, facts, given, refused, replayed

from .mothers import PERSON, an_accepted_case
from .neighbours import FOOD, Office, registering

OFFICE = Caller(by="credit-1", org="fgw", roles=("reviewer", "approver"))
TODAY = date(2026, 7, 23)


def by_office(org: str = "fgw") -> Act:
    return an_act(by="credit-1", org=org)


def listed(record: CreditRecord | None = None, bar: str = "b1", *, act: Act | None = None, **more: Any) -> CreditRecord:
    record = record or CreditRecord("index-1")
    body: dict[str, Any] = {"ground": "bad_record", "document": "失信〔2026〕1号", "until": None}
    record.bar_from_list(bar, **{**body, **more}, act=act or by_office())
    return record


def test_an_entry_of_an_outside_list_bars() -> None:
    record = listed(until=date(2027, 1, 1))

    assert facts(record) == [
        (
            "CreditBarred",
            {
                "bar": "b1",
                "ground": "bad_record",
                "source": "fgw",
                "document": "失信〔2026〕1号",
                "until": "2027-01-01",
            },
        )
    ]
    assert standing(record.bars.values(), TODAY)
    assert facts(listed(given(record))) == []


def test_a_bar_rests_on_an_organisation_and_a_document() -> None:
    with refused(NoOrganisation):
        listed(act=an_act())
    with refused(NoDocument):
        listed(document=" ")


@pytest.mark.parametrize(("on", "counts"), [(TODAY, True), (date(2026, 7, 24), False)])
def test_a_bar_with_a_last_day_ends_by_itself(on: date, counts: bool) -> None:
    assert bool(standing(listed(until=TODAY).bars.values(), on)) is counts


def test_a_repair_ends_a_bar_and_needs_a_document() -> None:
    record = given(listed())

    with refused(NoDocument):
        record.restore("b1", document="", act=by_office())
    with refused(NoOrganisation):
        record.restore("b1", document="修复〔2026〕1号", act=an_act())
    with refused(NotFound):
        record.restore("b2", document="修复〔2026〕1号", act=by_office())
    for _ in range(2):
        record.restore("b1", document="修复〔2026〕1号", act=by_office())

    assert facts(record) == [("CreditRestored", {"bar": "b1", "document": "修复〔2026〕1号", "organisation": "fgw"})]
    assert standing(record.bars.values(), TODAY) == ()
    assert facts(listed(given(record))) == []  # what was repaired is not entered again under the same number


def test_a_false_promise_is_noted_once_whatever_became_of_the_case() -> None:
    case = an_accepted_case().case
    for _ in range(2):
        case.note_false_promise("SP03", handler="scjg", decision="撤〔2026〕1号", act=an_act())

    assert facts(case) == [
        (
            "FalsePromiseFound",
            {"item": "SP03", "handler": "scjg", "decision": "撤〔2026〕1号", "applicant_index": "index-1"},
        )
    ]


class CreditWalk(RuleBasedStateMachine):
    """One record against a model: which bars stand."""

    def __init__(self) -> None:
        super().__init__()
        self.record = CreditRecord("index-1")
        self.model: dict[str, str] = {}

    @rule(bar=st.sampled_from("abc"))
    def enter(self, bar: str) -> None:
        listed(self.record, bar)
        self.model.setdefault(bar, "stands")

    @rule(bar=st.sampled_from("abc"))
    def repair(self, bar: str) -> None:
        try:
            self.record.restore(bar, document="d", act=by_office())
            self.model[bar] = "repaired"
        except NotFound:
            assert bar not in self.model

    @invariant()
    def it_is_what_the_model_says(self) -> None:
        found = {bar: "repaired" if each.restored_by else "stands" for bar, each in self.record.bars.items()}
        assert found == self.model
        assert canonical(replayed(self.record, self.record.pending).state()) == canonical(self.record.state())


TestCreditWalk = CreditWalk.TestCase
TestCreditWalk.settings = settings(max_examples=20, stateful_step_count=10, deadline=None)


# the service


def index_of(office: Office) -> str:
    record: str = office.ask(GetCredit(identifier=PERSON.identifier), OFFICE)["record"]
    return record


def bars(office: Office, on: date = TODAY) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = office.running.service.credit_bars([index_of(office), "nobody"], on)
    return found


def test_who_is_barred_is_found_by_blind_index(office: Office) -> None:
    record = index_of(office)
    assert bars(office) == {}
    office.send(RecordCreditBar(record=record, bar="b1", document="d1"), by=OFFICE)
    office.send(RecordCreditBar(record=record, bar="b2", document="d2", until=TODAY), by=OFFICE)

    assert bars(office) == {record: ("bad_record", "bad_record")}
    assert bars(office, date(2026, 7, 24)) == {record: ("bad_record",)}
    office.send(RestoreCredit(record=record, bar="b1", document="d3"), by=OFFICE)
    assert bars(office, date(2026, 7, 24)) == {}
    assert PERSON.identifier.encode() not in b"".join(fact.state for fact in office.running.log())


def test_a_record_is_told_to_organisations_and_halls(office: Office) -> None:
    with refused(NotYourRole):
        office.ask(GetCredit(identifier=PERSON.identifier), Caller(by="somebody"))
    assert office.ask(GetCredit(identifier=PERSON.identifier), OFFICE)["barred"] is False
    with refused(NotFound):
        office.send(RestoreCredit(record="nobody", bar="b", document="d"), by=OFFICE)


def test_whose_record_it_is_reads_it_and_who_read_it(office: Office) -> None:
    """The table said so; without a hall or an organisation it was refused. And no reading was recorded."""
    record = index_of(office)
    office.ask(GetCredit(record=record, purpose="review"), OFFICE)
    own = Caller(by="lin", roles=("applicant",), subject=record)
    readings = ListBesideReadings(thing="credit", name=record)

    assert office.ask(GetCredit(record=record), own)["barred"] is False
    for who in (own, Caller(by="a", roles=("auditor",))):
        told = office.ask(readings, who)["readings"]
        assert [(each["by"], each["classes"], each["purpose"]) for each in told] == [
            ("lin", ["credit"], "handling"),
            (OFFICE.by, ["credit"], "review"),
            (OFFICE.by, ["credit"], "handling"),
        ]
    other = Caller(by="x", roles=("applicant",), subject="somebody")
    with refused(NoOrganisation):
        office.ask(GetCredit(record=record), other)
    with refused(OutOfScope):
        office.ask(readings, other)
    with refused(NotYourRole):
        office.ask(readings, OFFICE)


def test_a_tolerance_that_lapsed_bars_its_applicant(office: Office) -> None:
    record = index_of(office)
    body = {"item": "SP03", "missing": ("premises",), "notice": "容〔2026〕1号", "applicant_index": record}
    lapsed = ToleranceLapsed(case_id="c1", at=NOON, by="system", **body)

    office.running.follow("intake", ("c1", 9, lapsed))
    office.running.follow("intake", ("c1", 10, lapsed))

    assert bars(office) == {record: ("tolerance_lapsed",)}


def test_whoever_found_what_bars_repairs_it_and_nobody_else(office: Office) -> None:
    """谁认定、谁修复: a bar that a case showed was nobody's to repair, or anybody's who kept another one."""
    office.send(registering())
    record = index_of(office)
    body = {"item": "SP03", "missing": ("premises",), "notice": "容〔2026〕1号", "applicant_index": record}
    office.running.follow("intake", ("c1", 9, ToleranceLapsed(case_id="c1", at=NOON, by="system", **body)))
    office.send(RecordCreditBar(record=record, bar="b1", document="d1"), by=OFFICE)
    kept = {each["bar"]: each["keeper"] for each in office.ask(GetCredit(record=record), OFFICE)["bars"]}
    assert kept == {"c1/SP03/tolerance": "scjg", "b1": "fgw"}

    for bar, other, keeper in (("c1/SP03/tolerance", OFFICE, FOOD), ("b1", FOOD, OFFICE)):
        with refused(OutOfScope):
            office.send(RestoreCredit(record=record, bar=bar, document="修复〔2026〕1号"), by=other)
        office.send(RestoreCredit(record=record, bar=bar, document="修复〔2026〕1号"), by=keeper)

    assert bars(office) == {}


def test_who_found_a_promise_false_repairs_it_whoever_handles_the_item_now(office: Office) -> None:
    office.send(registering())
    record = index_of(office)
    found = FalsePromiseFound(
        case_id="c1", at=NOON, by="system", item="SP03", handler="wjw", decision="撤〔2026〕1号", applicant_index=record
    )
    office.running.follow("intake", ("c1", 9, found))
    bar = "c1/SP03/promise"

    assert [each["keeper"] for each in office.ask(GetCredit(record=record), OFFICE)["bars"]] == ["wjw"]
    with refused(OutOfScope):
        office.send(RestoreCredit(record=record, bar=bar, document="修复〔2026〕1号"), by=FOOD)
    office.send(RestoreCredit(record=record, bar=bar, document="修复〔2026〕1号"), by=replace(FOOD, org="wjw"))
    assert bars(office) == {}


def test_who_handled_the_item_of_a_tolerance_that_lapsed_is_kept_with_the_bar(office: Office) -> None:
    office.send(registering())
    body = {"item": "SP03", "missing": ("premises",), "notice": "容〔2026〕1号", "applicant_index": index_of(office)}
    office.running.follow("intake", ("c1", 9, ToleranceLapsed(case_id="c1", at=NOON, by="system", **body)))

    kept = office.ask(GetCredit(identifier=PERSON.identifier), OFFICE)["bars"]
    assert {each["bar"]: each["entry"]["finder"] for each in kept} == {"c1/SP03/tolerance": "scjg"}


def test_of_a_bar_whose_fact_does_not_say_who_found_it_the_case_does(office: Office) -> None:
    office.send(registering())
    stored = (
        b'{"at":"2026-07-23T04:00:00Z","by":"system","bar":"b","ground":"false_promise","source":"c1","item":"SP03"}'
    )
    record = CreditRecord.replay("index-1", [mapper.decode(CreditBarred.TOPIC, stored)])

    assert record.bars["b"].finder == ""
    assert office.running.service.keeper_of(record.bars["b"]) == "scjg"


def test_a_bar_of_a_case_that_is_not_here_is_told_without_a_keeper(office: Office) -> None:
    record = index_of(office)
    body = {"item": "SP03", "missing": ("premises",), "notice": "容〔2026〕1号", "applicant_index": record}
    office.running.follow("intake", ("gone", 9, ToleranceLapsed(case_id="gone", at=NOON, by="system", **body)))

    assert [each["keeper"] for each in office.ask(GetCredit(record=record), OFFICE)["bars"]] == [""]
    with refused(OutOfScope):
        office.send(RestoreCredit(record=record, bar="gone/SP03/tolerance", document="d"), by=FOOD)


@pytest.mark.parametrize(("ground", "barred"), [("false_promise", True), ("unlawful", False)])
def test_an_approval_revoked_for_a_false_promise_bars_and_for_another_ground_does_not(
    office: Office, ground: Any, barred: bool
) -> None:
    office.send(registering())
    revoked = DecisionRevoked(
        case_id="c1",
        at=NOON,
        by="reviewer-1",
        item="SP03",
        handler="scjg",
        decision="撤〔2026〕1号",
        ground=ground,
        reasons="",
        remedy="",
        approved_by="head-1",
    )

    office.running.follow("approval", ("c1", 9, revoked))
    office.settle()

    assert bars(office) == ({index_of(office): ("false_promise",)} if barred else {})
    entry = office.ask(GetCredit(identifier=PERSON.identifier), OFFICE)["bars"]
    assert [each["entry"]["document"] for each in entry] == (["撤〔2026〕1号"] if barred else [])


def test_a_record_is_found_however_the_identifier_is_spelled(office: Office) -> None:
    record = office.ask(GetCredit(identifier=PERSON.identifier), OFFICE)["record"]
    spelled = f" {PERSON.identifier[:6]} {PERSON.identifier[6:14]} {PERSON.identifier[14:]} ".replace("9", "９")

    assert office.ask(GetCredit(identifier=spelled), OFFICE)["record"] == record
    for none in ("", "990102"):
        with refused(FormInvalid):
            office.ask(GetCredit(identifier=none), OFFICE)
