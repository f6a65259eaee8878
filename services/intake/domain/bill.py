"""收费: what a case costs: one order for the applicant, kept apart for each payee, down to the cent.

Amounts are exact decimals of yuan with two places. A line follows from the acceptance of its item; an item that
leaves before it is decided owes nothing, and what was paid for it goes back.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import ClassVar

from msgspec import Struct

from catalogue.conditions import holds
from contracts.fees import (
    BILLS,
    FeeLine,
    FeeReleased,
    FeesAssessed,
    Method,
    PaymentRecorded,
    PaymentRefunded,
    bill_of,
)
from contracts.language import Act, Command
from contracts.readings import READINGS
from eventing.aggregate import Aggregate, applies
from eventing.errors import Invalid, Refused
from intake.domain.outline import Outline
from intake.domain.state import counter
from kernel.identifiers import mod37_36

CENT = Decimal("0.01")
NOTHING = Decimal(0)


class NothingOwed(Refused):
    """There is nothing to pay, or nothing to give back."""


class AmountDiffers(Invalid):
    """What is outstanding is paid exactly, not more and not less."""


class NoReceipt(Invalid):
    """A payment at the cash desk is known by the number of its receipt (票据号)."""


class ReceiptUsed(Refused):
    """The receipt's number stands for another payment of the case."""


class AssessFees(Command, frozen=True, kw_only=True):
    """Accepted items cost something."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    items: tuple[str, ...]

    @property
    def bill(self) -> str:
        return bill_of(self.case_id)


class ReleaseFee(Command, frozen=True, kw_only=True):
    """An item left before it was decided."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str

    @property
    def bill(self) -> str:
        return bill_of(self.case_id)


def check_id(name: str, id_: str) -> None:
    """The ids of bills are nothing else's: a bill that found its own taken would stop its case. Raises Invalid."""
    if id_.startswith((BILLS, READINGS)):
        raise Invalid(field=name, reason="reserved")


def yuan(amount: Decimal) -> str:
    """The amount as it stands in facts and on paper."""
    return str(amount.quantize(CENT))


def fees_of(outline: Outline, items: Collection[str]) -> Iterator[FeeLine]:
    """A line for each of these items that costs something under the case's answers."""
    part = {planned.item for planned in outline.plan if planned.standing != "not_needed"}
    for item in items:
        fee = outline.theme.item(item).fee
        if fee is not None and holds(fee.when, outline.notice.answers, part) and Decimal(fee.amount):
            yield FeeLine(
                item=item,
                payee=fee.payee or outline.handler(item),
                amount=yuan(Decimal(fee.amount)),
                basis=fee.basis,
                placeholder=fee.placeholder,
            )


def order_number(region: str, day: str, sequence: int) -> str:
    """`JF-{region}-{yyyyMMdd}-{sequence}-{check}`, MOD 37,36 over its letters and digits (缴款单号)."""
    body = f"JF-{region}-{day}-{sequence:06d}"
    return f"{body}-{mod37_36(body.replace('-', ''))}"


def by_payee(lines: Iterable[FeeLine]) -> dict[str, Decimal]:
    """Payee → the sum of the lines that are its own; the payees in the order of the lines."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.payee] = sums.get(line.payee, NOTHING) + Decimal(line.amount)
    return sums


class Payment(Struct, frozen=True):
    """Money that came in, or went back."""

    receipt: str
    method: Method
    amount: str
    items: tuple[str, ...]
    """The items that it was for."""
    payee: str = ""


class Bill(Aggregate):
    """The fees of one case. A case without fees has no bill."""

    order: str
    lines: dict[str, FeeLine]
    released: dict[str, bool]
    payments: tuple[Payment, ...]
    refunds: tuple[Payment, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.order = ""
        self.lines = {}
        """Item → its line."""
        self.released = {}
        """Item that left before its decision → whether money has to go back."""
        self.payments = ()
        self.refunds = ()

    @property
    def case_id(self) -> str:
        return self.stream.removeprefix(BILLS)

    def assess(self, lines: Iterable[FeeLine], *, order: str, act: Act) -> None:
        """Puts lines on the bill; an item has one, whatever is accepted again. No lines: nothing happens."""
        news = tuple(line for line in lines if line.item not in self.lines)
        if news:
            total = sum((Decimal(line.amount) for line in news), NOTHING)
            self.record(FeesAssessed, act, order=self.order or order, lines=news, total=yuan(total))

    @applies(FeesAssessed)
    def _assessed(self, fact: FeesAssessed) -> None:
        self.order = fact.order
        self.lines |= {line.item: line for line in fact.lines}

    def release(self, item: str, *, act: Act) -> None:
        """The item left before it was decided: what is not paid is not owed, what is paid goes back."""
        line = self.lines.get(item)
        if line is None or item in self.released:
            return
        self.record(
            FeeReleased, act, item=item, payee=line.payee, amount=line.amount, refundable=item in self.paid_items
        )

    @applies(FeeReleased)
    def _released(self, fact: FeeReleased) -> None:
        self.released[fact.item] = fact.refundable

    def check_payment(self, amount: str, payee: str) -> dict[str, Decimal]:
        """Payee → amount of what this payment is for; raises NothingOwed or AmountDiffers."""
        shares = {each: sum_ for each, sum_ in by_payee(self.outstanding).items() if not payee or each == payee}
        owed = sum(shares.values(), NOTHING)
        if not owed:
            raise NothingOwed(case=self.case_id)
        if Decimal(amount) != owed:
            raise AmountDiffers(outstanding=yuan(owed), amount=amount)
        return shares

    def pay(self, *, amount: str, payee: str, receipt: str, method: Method, act: Act) -> None:
        """Records that what is outstanding was paid: all of it, or a payee's share."""
        counter(act)
        shares = self.check_payment(amount, payee)
        if any(receipt == payment.receipt for payment in self.payments):
            raise ReceiptUsed(receipt=receipt)
        self.record(
            PaymentRecorded,
            act,
            order=self.order,
            receipt=receipt,
            method=method,
            amount=yuan(Decimal(amount)),
            shares={each: yuan(share) for each, share in shares.items()},
        )

    def is_paid_by(self, receipt: str, amount: str) -> bool:
        """Whether this very payment was recorded before."""
        return any((p.receipt, p.amount) == (receipt, yuan(Decimal(amount))) for p in self.payments)

    @applies(PaymentRecorded)
    def _paid(self, fact: PaymentRecorded) -> None:
        items = tuple(line.item for line in self.outstanding if line.payee in fact.shares)
        self.payments += (Payment(fact.receipt, fact.method, fact.amount, items),)

    def refund(self, item: str, *, receipt: str, method: Method, act: Act) -> None:
        """Records that the money of an item that left was given back, once."""
        if self.is_refunded(item):
            return
        counter(act)
        line = self.check_refund(item)
        self.record(
            PaymentRefunded,
            act,
            item=item,
            payee=line.payee,
            receipt=receipt,
            method=method,
            amount=line.amount,
        )

    def check_refund(self, item: str) -> FeeLine:
        """The line whose money goes back; raises NothingOwed."""
        if not self.released.get(item, False):
            raise NothingOwed(case=self.case_id)
        return self.lines[item]

    def is_refunded(self, item: str) -> bool:
        """Whether the money of the item went back."""
        return any(item in refund.items for refund in self.refunds)

    @applies(PaymentRefunded)
    def _refunded(self, fact: PaymentRefunded) -> None:
        self.refunds += (Payment(fact.receipt, fact.method, fact.amount, (fact.item,), fact.payee),)

    @property
    def paid_items(self) -> tuple[str, ...]:
        """The items whose fee came in."""
        return tuple(item for payment in self.payments for item in payment.items)

    @property
    def outstanding(self) -> tuple[FeeLine, ...]:
        """The lines that are owed and not paid."""
        paid = self.paid_items
        return tuple(line for line in self.lines.values() if line.item not in paid and line.item not in self.released)

    @property
    def due_back(self) -> tuple[FeeLine, ...]:
        """The lines whose money has to go back and did not yet."""
        return tuple(
            self.lines[item] for item, is_owed in self.released.items() if is_owed and not self.is_refunded(item)
        )


def balance(bill: Bill) -> Mapping[str, Mapping[str, str]]:
    """Payee → what was assessed, released, paid, refunded, is outstanding, and is due back.

    Whatever was assessed and not released is either paid or outstanding; what was released and paid is either
    refunded or due back.
    """
    sums = {
        "assessed": by_payee(bill.lines.values()),
        "released": by_payee(bill.lines[item] for item in bill.released),
        "paid": by_payee(bill.lines[item] for item in bill.paid_items),
        "refunded": by_payee(bill.lines[item] for refund in bill.refunds for item in refund.items),
        "outstanding": by_payee(bill.outstanding),
        "due_back": by_payee(bill.due_back),
    }
    return {payee: {name: yuan(sum_.get(payee, NOTHING)) for name, sum_ in sums.items()} for payee in sums["assessed"]}
