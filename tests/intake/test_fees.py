"""收费: merged for the applicant, segregated per payee, down to the cent (GB/T 39046 T14)."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from catalogue.conditions import Answer
from catalogue.model import Catalogue
from catalogue.rules import Fee
from contracts.credit import RecordCreditBar
from contracts.drafts import SaveDraft
from contracts.fees import FeeLine, GetBill, RecordPayment, RefundPayment
from contracts.intake import ItemWithdrawn
from contracts.language import Act
from contracts.offers import OfferTheme
from contracts.reservations import ReserveNumbers
from eventing.errors import Invalid, NotFound, Refused
from intake.cashdesk import Charge, Receipt
from intake.domain import outline_of
from intake.domain.bill import (
    AmountDiffers,
    Bill,
    NoReceipt,
    NothingOwed,
    ReceiptUsed,
    balance,
    by_payee,
    fees_of,
    order_number,
    yuan,
)
from intake.domain.refusals import NoHall
from kernel.digests import canonical
from kernel.identifiers import mod37_36
from testkit.facts import NOON, an_act, facts, given, names, refused, replayed

from .mothers import ANSWERS, catalogue_of, theme
from .neighbours import Office, registering

FEES = {
    "SP03": Fee(amount="50", basis="发改价格〔2026〕1号"),
    "SP04": Fee(amount="12.30", basis="发改价格〔2026〕2号", payee="scjg"),
    "SP05": Fee(amount="100.05", basis="供水价目", placeholder=True),
}
"""SP03 is the market office's own, SP04 the fire brigade's, paid to the market office; SP05 the provider's."""


def charging(**fees: Fee) -> Catalogue:
    return catalogue_of(theme(items=tuple(replace(item, fee=fees.get(item.id)) for item in theme().items)))


def line(item: str, amount: str, payee: str = "scjg") -> FeeLine:
    return FeeLine(item=item, payee=payee, amount=amount, basis="b")


def assessed(*lines: FeeLine) -> Bill:
    bill = Bill("bill.c1")
    bill.assess(lines, order="JF-1", act=an_act())
    return bill


def a_bill() -> Bill:
    return given(assessed(line("A", "50.00"), line("B", "12.30"), line("C", "100.05", "water")))


def paid(bill: Bill, amount: str, *, payee: str = "", receipt: str = "R1", act: Act | None = None) -> Bill:
    bill.pay(amount=amount, payee=payee, receipt=receipt, method="cash", act=act or an_act())
    return bill


# assessing


def test_an_item_costs_what_the_catalogue_says_for_these_answers() -> None:
    outline = outline_of(charging(**FEES), "SP", ANSWERS)

    assert [(each.item, each.payee, each.amount) for each in fees_of(outline, ["SP02", "SP03", "SP04", "SP05"])] == [
        ("SP03", "scjg", "50.00"),
        ("SP04", "scjg", "12.30"),
        ("SP05", "water-east", "100.05"),
    ]


def test_a_fee_depends_on_answers_and_a_fee_of_nothing_is_none() -> None:
    fees = {"SP03": replace(FEES["SP03"], when=Answer("area", ("west",))), "SP04": Fee(amount="0.00", basis="免收")}

    assert list(fees_of(outline_of(charging(**fees), "SP", ANSWERS), ["SP03", "SP04"])) == []
    west = outline_of(charging(**fees), "SP", {**ANSWERS, "area": "west"})
    assert [each.item for each in fees_of(west, ["SP03", "SP04"])] == ["SP03"]


def test_lines_are_merged_into_one_order() -> None:
    bill = assessed(line("A", "50.00"), line("C", "0.05", "water"))

    assert facts(bill) == [
        (
            "FeesAssessed",
            {
                "order": "JF-1",
                "lines": (
                    {"item": "A", "payee": "scjg", "amount": "50.00", "basis": "b"},
                    {"item": "C", "payee": "water", "amount": "0.05", "basis": "b"},
                ),
                "total": "50.05",
            },
        )
    ]


def test_a_later_acceptance_adds_its_lines_to_the_same_order() -> None:
    bill = a_bill()
    bill.assess([line("A", "50.00"), line("D", "1.00")], order="JF-2", act=an_act())

    ((_, body),) = facts(bill)
    assert (body["order"], [each["item"] for each in body["lines"]], body["total"]) == ("JF-1", ["D"], "1.00")


def test_nothing_to_pay_is_no_fact_at_all() -> None:
    assert facts(assessed()) == []


def test_an_order_number_has_a_check_character() -> None:
    number = order_number("990102", "20260723", 18)

    assert number.startswith("JF-990102-20260723-000018-")
    assert number[-1] == mod37_36("JF99010220260723000018")


@over(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(1, 10**9)),
        max_size=30,
    )
)
@settings(max_examples=60, deadline=None)
def test_the_payees_sums_are_the_total_to_the_cent(lines: list[tuple[str, int]]) -> None:
    made = [line(f"I{n}", yuan(Decimal(cents) / 100), payee) for n, (payee, cents) in enumerate(lines)]

    sums = by_payee(made)

    # an independent oracle: whole cents
    assert {payee: int(total * 100) for payee, total in sums.items()} == {
        payee: sum(cents for each, cents in lines if each == payee) for payee in dict.fromkeys(p for p, _ in lines)
    }
    if made:
        assert facts(assessed(*made))[0][1]["total"] == yuan(Decimal(sum(c for _, c in lines)) / 100)


# paying


def test_everything_is_paid_at_once_and_each_payee_gets_its_share() -> None:
    bill = paid(a_bill(), "162.35")

    assert facts(bill) == [
        (
            "PaymentRecorded",
            {
                "order": "JF-1",
                "receipt": "R1",
                "method": "cash",
                "amount": "162.35",
                "shares": {"scjg": "62.30", "water": "100.05"},
            },
        )
    ]
    assert bill.outstanding == ()


def test_one_payees_share_can_be_paid_alone() -> None:
    bill = paid(a_bill(), "100.05", payee="water")

    assert [each.item for each in bill.outstanding] == ["A", "B"]
    assert balance(bill)["water"] == {
        "assessed": "100.05",
        "released": "0.00",
        "paid": "100.05",
        "refunded": "0.00",
        "outstanding": "0.00",
        "due_back": "0.00",
    }


@pytest.mark.parametrize("amount", ["162.34", "162.36", "0", "-162.35", "NaN"])
def test_what_is_outstanding_is_paid_exactly(amount: str) -> None:
    with refused(AmountDiffers, outstanding="162.35"):
        paid(a_bill(), amount)


def test_what_is_not_owed_is_not_paid() -> None:
    with refused(NothingOwed):
        paid(paid(a_bill(), "162.35"), "162.35", receipt="R2")
    with refused(NothingOwed):
        paid(a_bill(), "1.00", payee="nobody")


def test_a_receipt_stands_for_one_payment() -> None:
    with refused(ReceiptUsed, receipt="R1"):
        paid(paid(a_bill(), "100.05", payee="water"), "62.30")


def test_money_is_taken_at_a_counter() -> None:
    with refused(NoHall):
        paid(a_bill(), "162.35", act=Act(at=NOON, by="x"))


# giving back


def test_an_item_that_leaves_unpaid_owes_nothing() -> None:
    bill = a_bill()
    bill.release("A", act=an_act())
    bill.release("A", act=an_act())
    bill.release("Z", act=an_act())

    assert facts(bill) == [("FeeReleased", {"item": "A", "payee": "scjg", "amount": "50.00"})]
    assert names(paid(bill, "112.35"))[-1] == "PaymentRecorded"
    with refused(NothingOwed):
        bill.refund("A", receipt="B1", method="cash", act=an_act())


def test_an_item_that_leaves_paid_is_given_back_once() -> None:
    bill = given(paid(a_bill(), "162.35"))
    bill.release("B", act=an_act())

    assert [each.item for each in bill.due_back] == ["B"]
    for _ in range(2):
        bill.refund("B", receipt="B1", method="transfer", act=an_act())
    assert facts(bill) == [
        ("FeeReleased", {"item": "B", "payee": "scjg", "amount": "12.30", "refundable": True}),
        (
            "PaymentRefunded",
            {"item": "B", "payee": "scjg", "receipt": "B1", "method": "transfer", "amount": "12.30"},
        ),
    ]
    assert bill.due_back == ()
    with refused(NothingOwed):
        bill.refund("A", receipt="B2", method="cash", act=an_act())


class BillWalk(RuleBasedStateMachine):
    """One bill against a model in whole cents: where each item's money is."""

    def __init__(self) -> None:
        super().__init__()
        self.bill = Bill("bill.c1")
        self.cents: dict[str, int] = {}
        self.place: dict[str, str] = {}
        self.receipts = 0

    def attempt(self, step: Any, *, may: bool) -> None:
        try:
            step()
            assert may
        except Refused:
            assert not may

    @rule(item=st.sampled_from("ABCDE"), cents=st.integers(1, 10_000))
    def accept(self, item: str, cents: int) -> None:
        payee = "scjg" if item < "C" else "water"
        self.bill.assess([line(item, yuan(Decimal(cents) / 100), payee)], order="JF", act=an_act())
        self.cents.setdefault(item, cents)
        self.place.setdefault(item, "owed")

    @rule(payee=st.sampled_from(["", "scjg", "water"]), wrong=st.integers(0, 3).map(lambda n: int(n == 0)))
    def pay(self, payee: str, wrong: int) -> None:
        mine = [i for i, p in self.place.items() if p == "owed" and payee in ("", "scjg" if i < "C" else "water")]
        owed = sum(self.cents[i] for i in mine)
        self.receipts += 1
        amount = yuan(Decimal(owed + wrong) / 100)
        may = bool(mine) and not wrong
        self.attempt(lambda: paid(self.bill, amount, payee=payee, receipt=f"R{self.receipts}"), may=may)
        if may:
            self.place |= dict.fromkeys(mine, "paid")

    @rule(item=st.sampled_from("ABCDE"))
    def leave(self, item: str) -> None:
        self.bill.release(item, act=an_act())
        if item in self.place:
            self.place[item] = {"owed": "gone", "paid": "due back"}.get(self.place[item], self.place[item])

    @rule(item=st.sampled_from("ABCDE"))
    def give_back(self, item: str) -> None:
        may = self.place.get(item) in {"due back", "given back"}
        self.attempt(lambda: self.bill.refund(item, receipt="B", method="cash", act=an_act()), may=may)
        if may:
            self.place[item] = "given back"

    @invariant()
    def every_cent_is_in_one_place(self) -> None:
        def total(column: str) -> int:
            return int(sum(Decimal(each[column]) for each in balance(self.bill).values()) * 100)

        def model(*places: str) -> int:
            return sum(cents for item, cents in self.cents.items() if self.place[item] in places)

        assert total("assessed") == sum(self.cents.values())
        assert total("outstanding") == model("owed")
        assert total("paid") == model("paid", "due back", "given back")
        assert total("due_back") == model("due back")
        assert total("refunded") == model("given back")
        assert canonical(replayed(self.bill, self.bill.pending).state()) == canonical(self.bill.state())


TestBillWalk = BillWalk.TestCase
TestBillWalk.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


# the service


@pytest.fixture
def charged(office: Office) -> Office:
    office.shelf.publish(charging(**FEES))
    office.send(registering())
    office.settle()
    return office


def test_accepted_items_are_billed_and_paid_at_the_desk(charged: Office) -> None:
    bill = charged.ask(GetBill(case_id="c1"))
    assert (bill["total"], bill["outstanding"]) == ("162.35", "162.35")
    assert {payee: each["order"] for payee, each in bill["payees"].items()} == {
        "scjg": f"{bill['order']}/1",
        "water-east": f"{bill['order']}/2",
    }

    payment = RecordPayment(case_id="c1", amount="162.35", method="card", receipt="票0018")
    assert charged.send(payment)["outstanding"] == "0.00"
    assert charged.send(payment)["outstanding"] == "0.00"

    assert charged.topics().count("paid") == 1
    assert charged.ask(GetBill(case_id=bill["number"]))["payments"][0]["receipt"] == "票0018"


def test_the_bill_stands_in_the_history_of_its_case(charged: Office) -> None:
    (fact,) = [fact for fact in charged.running.log() if fact.topic == "onething.fees.assessed.v1"]

    assert fact.stream == "bill.c1"
    assert b'"case_id":"c1"' in fact.state


def test_a_case_without_fees_has_no_bill_and_no_fact_of_one(office: Office) -> None:
    office.send(registering())
    office.settle()

    assert {fact.stream for fact in office.running.log()} == {"c1"}
    assert office.ask(GetBill(case_id="c1"))["total"] == "0.00"
    with refused(NotFound, what="bill"):
        office.send(RecordPayment(case_id="c1", amount="1", method="cash", receipt="R"))
    with refused(NotFound):
        office.ask(GetBill(case_id="c9"))


def test_nothing_else_has_the_name_of_a_bill(office: Office) -> None:
    # a bill whose stream is taken would stop its case behind the reaction that assesses the fees
    day = office.clock.now().date()
    for field, command in (
        ("case_id", registering("bill.c1")),
        ("draft", SaveDraft(draft="bill.c1", theme="SP")),
        ("offer", OfferTheme(offer="bill.c1", theme="SP", item="SP03")),
        ("reservation", ReserveNumbers(reservation="bill.c1", hall="county", theme="SP", day=day, count=1)),
        ("record", RecordCreditBar(record="bill.c1", bar="b", document="d")),
    ):
        with refused(Invalid, field=field):
            office.send(command)


def test_the_desk_states_a_receipt(charged: Office) -> None:
    with refused(NoReceipt):
        charged.send(RecordPayment(case_id="c1", amount="162.35", method="cash"))
    with refused(AmountDiffers):
        charged.send(RecordPayment(case_id="c1", amount="all of it", method="cash", receipt="R"))


def test_a_withdrawn_item_is_given_back(charged: Office) -> None:
    charged.send(RecordPayment(case_id="c1", amount="162.35", method="cash", receipt="R1"))
    charged.running.follow("intake", ("c1", 9, ItemWithdrawn(case_id="c1", at=NOON, by="x", item="SP04", reason="")))

    assert charged.ask(GetBill(case_id="c1"))["due_back"] == [{"item": "SP04", "payee": "scjg", "amount": "12.30"}]
    answer = charged.send(RefundPayment(case_id="c1", item="SP04", method="cash", receipt="退1"))
    assert answer["due_back"] == []
    assert charged.send(RefundPayment(case_id="c1", item="SP04", method="cash"))["refunds"] == answer["refunds"]
    with refused(NothingOwed):
        charged.send(RefundPayment(case_id="c1", item="SP03", method="cash", receipt="退2"))


class Provider:
    """A payment provider that writes its own receipts and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Charge] = []

    def charge(self, order: Charge) -> Receipt:
        self.asked.append(order)
        return Receipt(f"online-{order.id}")

    refund = charge


def test_another_port_gets_the_order_with_its_shares(charged: Office) -> None:
    charged.running.service.payments = provider = Provider()

    answer = charged.send(RecordPayment(case_id="c1", amount="162.35", method="online"))

    (order,) = provider.asked
    assert (order.amount, order.shares) == ("162.35", {"scjg": "62.30", "water-east": "100.05"})
    assert answer["payments"][0]["receipt"] == f"online-{order.id}"
