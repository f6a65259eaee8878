"""收费 as it is assessed, paid and given back, through a payment port.

The port is where money moves: by default the cash desk, at which the clerk states the number of the receipt
that was written. An online provider is another port; it is asked before the fact is recorded, with the act's
own id, so that what is asked again is not charged again.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

import msgspec

from contracts.fees import FeeLine, GetBill, Method, RecordPayment, RefundPayment, bill_of
from contracts.language import Act, Caller
from eventing.errors import NotFound, OneThingError
from eventing.service import command, query, reaction
from intake.batches import for_each
from intake.domain import Case
from intake.domain.bill import (
    NOTHING,
    AmountDiffers,
    AssessFees,
    Bill,
    NoReceipt,
    ReleaseFee,
    balance,
    fees_of,
    order_number,
    yuan,
)
from kernel.clock import local_date


class Charge(msgspec.Struct, frozen=True):
    """What a port is to take in, or to give back."""

    id: str
    """The same for the same act, however often it is asked."""
    order: str
    amount: str
    shares: dict[str, str]
    """Payee → amount: each payee's money goes to the payee."""
    method: Method
    receipt: str = ""
    """The number that the cash desk wrote on its receipt."""


class Receipt(msgspec.Struct, frozen=True):
    """What a port says when the money has moved."""

    number: str


class PaymentPort(Protocol):
    """Where money moves. Raises a refusal when it does not, ``Unavailable`` when nobody knows."""

    def charge(self, order: Charge) -> Receipt:
        """Takes the amount in."""

    def refund(self, order: Charge) -> Receipt:
        """Gives the amount back."""


class CashDesk:
    """The recorded cash desk: a clerk takes the money and states the receipt's number."""

    def charge(self, order: Charge) -> Receipt:
        """The money lies in the desk."""
        if not order.receipt.strip():
            raise NoReceipt(order=order.order)
        return Receipt(order.receipt.strip())

    def refund(self, order: Charge) -> Receipt:
        """The money was handed out."""
        return self.charge(order)


class Assessed(msgspec.Struct, frozen=True):
    """Lines for a bill, and the number of its order."""

    lines: tuple[FeeLine, ...]
    order: str


class Fees:
    """Commands, reactions and questions about fees."""

    store: Any
    payments: PaymentPort = CashDesk()

    @reaction(AssessFees, on=Bill, key="bill", given="assessments")
    def assess_fees(self, bill: Bill, cmd: AssessFees, act: Act, given: Assessed) -> None:
        """Items were accepted."""
        bill.assess(given.lines, order=given.order, act=act)

    def assessments(self, batch: Sequence[tuple[Bill, AssessFees, Act]]) -> list[Assessed | OneThingError]:
        """The lines by the catalogue of the case; a number for the order where there is none yet."""
        return for_each(self._assessment, batch)

    def _assessment(self, bill: Bill, cmd: AssessFees, act: Act) -> Assessed:
        case: Case = self.store.get(Case, cmd.case_id)
        lines = tuple(fees_of(self.outline(case), cmd.items))  # type: ignore[attr-defined]  # gathering's
        if bill.order or not lines:
            return Assessed(lines, bill.order)
        day = f"{local_date(act.at):%Y%m%d}"
        sequence = self.store.reserve(f"order/{case.region}/{day}")
        return Assessed(lines, order_number(case.region, day, sequence))

    @reaction(ReleaseFee, on=Bill, key="bill")
    def release_fee(self, bill: Bill, cmd: ReleaseFee, act: Act) -> None:
        """An item left before it was decided."""
        bill.release(cmd.item, act=act)

    @command(RecordPayment, on=Bill, key="bill", given="charges")
    def record_payment(self, bill: Bill, cmd: RecordPayment, act: Act, given: Receipt) -> dict[str, Any]:
        """Money came in."""
        if not bill.is_paid_by(given.number, cmd.amount):
            bill.pay(amount=cmd.amount, payee=cmd.payee, receipt=given.number, method=cmd.method, act=act)
        return described(bill)

    def charges(self, batch: Sequence[tuple[Bill, RecordPayment, Act]]) -> list[Receipt | OneThingError]:
        """The port's receipts, for what may be paid."""
        return for_each(self._charge, batch)

    def _charge(self, bill: Bill, cmd: RecordPayment, act: Act) -> Receipt:
        try:
            amount = yuan(Decimal(cmd.amount))
        except InvalidOperation as error:
            raise AmountDiffers(outstanding="", amount=cmd.amount) from error
        if cmd.receipt and bill.is_paid_by(cmd.receipt, amount):
            return Receipt(cmd.receipt)
        shares = bill.check_payment(cmd.amount, cmd.payee)
        return self.payments.charge(
            Charge(
                id=act.cause,
                order=bill.order,
                amount=amount,
                shares={payee: yuan(share) for payee, share in shares.items()},
                method=cmd.method,
                receipt=cmd.receipt,
            )
        )

    @command(RefundPayment, on=Bill, key="bill", given="returns")
    def refund_payment(self, bill: Bill, cmd: RefundPayment, act: Act, given: Receipt) -> dict[str, Any]:
        """Money goes back."""
        bill.refund(cmd.item, receipt=given.number, method=cmd.method, act=act)
        return described(bill)

    def returns(self, batch: Sequence[tuple[Bill, RefundPayment, Act]]) -> list[Receipt | OneThingError]:
        """The port's receipts, for what has to go back."""
        return for_each(self._return, batch)

    def _return(self, bill: Bill, cmd: RefundPayment, act: Act) -> Receipt:
        if bill.is_refunded(cmd.item):
            return Receipt("")
        line = bill.check_refund(cmd.item)
        return self.payments.refund(
            Charge(
                id=act.cause,
                order=bill.order,
                amount=line.amount,
                shares={line.payee: line.amount},
                method=cmd.method,
                receipt=cmd.receipt,
            )
        )

    @query(GetBill)
    def get_bill(self, query: GetBill, caller: Caller) -> dict[str, Any]:
        """What the case costs; nothing, where it has no bill."""
        case = self._find(query.case_id)  # type: ignore[attr-defined]  # the service's
        self.store.check(case, query, caller)
        try:
            bill: Bill = self.store.get(Bill, bill_of(case.stream))
        except NotFound:
            bill = Bill(bill_of(case.stream))
        return {**described(bill), "number": case.number}


def described(bill: Bill) -> dict[str, Any]:
    """The bill as an answer: the order's lines, its total, and the part of every payee under a number of its own."""
    payees = balance(bill)
    total = sum((Decimal(each["assessed"]) for each in payees.values()), NOTHING)
    return {
        "case_id": bill.case_id,
        "order": bill.order,
        "lines": list(bill.lines.values()),
        "total": yuan(total),
        "outstanding": yuan(sum((Decimal(each["outstanding"]) for each in payees.values()), NOTHING)),
        "payees": {
            payee: {"order": f"{bill.order}/{n}", **sums} for n, (payee, sums) in enumerate(payees.items(), start=1)
        },
        "payments": bill.payments,
        "refunds": bill.refunds,
        "due_back": [{"item": line.item, "payee": line.payee, "amount": line.amount} for line in bill.due_back],
    }
