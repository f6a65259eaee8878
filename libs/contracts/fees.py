"""收费: what the items of a case cost, merged for the applicant and kept apart for each payee.

Amounts are yuan as decimal text with two places.
"""

from typing import Any, ClassVar, Literal

import msgspec

from contracts.language import Answer, Command, Fact, Query

Method = Literal["cash", "card", "transfer", "online"]


BILLS = "bill."
"""How the streams of bills begin; no case has such an id."""


def bill_of(case_id: str) -> str:
    """The stream of a case's bill."""
    return f"{BILLS}{case_id}"


class FeeLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one item costs, who gets it, and by which tariff (收费依据)."""

    item: str
    payee: str
    amount: str
    basis: str
    placeholder: bool = False


class FeesAssessed(Fact, frozen=True, kw_only=True):
    """Accepted items cost something: one order for the applicant, a line for each item."""

    TOPIC: ClassVar[str] = "onething.fees.assessed.v1"
    SERVICE: ClassVar[str] = "intake"
    order: str
    lines: tuple[FeeLine, ...]
    total: str
    """Of these lines."""


class PaymentRecorded(Fact, frozen=True, kw_only=True):
    """The applicant paid; ``shares`` says what of it is whose."""

    TOPIC: ClassVar[str] = "onething.fees.paid.v1"
    SERVICE: ClassVar[str] = "intake"
    order: str
    receipt: str
    method: Method
    amount: str
    shares: dict[str, str]
    """Payee → amount."""


class FeeReleased(Fact, frozen=True, kw_only=True):
    """An item left before it was decided: its fee is owed no longer, and what was paid for it is to be given back."""

    TOPIC: ClassVar[str] = "onething.fees.released.v1"
    SERVICE: ClassVar[str] = "intake"
    item: str
    payee: str
    amount: str
    refundable: bool = False


class PaymentRefunded(Fact, frozen=True, kw_only=True):
    """What was paid for an item was given back."""

    TOPIC: ClassVar[str] = "onething.fees.refunded.v1"
    SERVICE: ClassVar[str] = "intake"
    item: str
    payee: str
    receipt: str
    method: Method
    amount: str


class PayeeBalance(Answer, frozen=True, kw_only=True):
    """The part of one payee, under a number of its own."""

    order: str
    assessed: str
    released: str
    paid: str
    refunded: str
    outstanding: str
    due_back: str


class PaymentStanding(Answer, frozen=True, kw_only=True):
    """Money that came in, or went back."""

    receipt: str
    method: Method
    amount: str
    items: tuple[str, ...]
    payee: str


class DueBack(Answer, frozen=True, kw_only=True):
    """What is to be given back for an item."""

    item: str
    payee: str
    amount: str


class BillStanding(Answer, frozen=True, kw_only=True):
    """The bill of a case: its lines, its total, and the part of every payee."""

    case_id: str
    order: str
    lines: tuple[FeeLine, ...]
    total: str
    outstanding: str
    payees: dict[str, PayeeBalance]
    payments: tuple[PaymentStanding, ...]
    refunds: tuple[PaymentStanding, ...]
    due_back: tuple[DueBack, ...]


class BillDetail(BillStanding, frozen=True, kw_only=True):
    """The bill of a case, and the case's number."""

    number: str


class RecordPayment(Command, frozen=True, kw_only=True):
    """Pay what is outstanding, to all payees or to one; at the cash desk the clerk states the receipt's number."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = BillStanding
    case_id: str
    amount: str
    method: Method
    receipt: str = ""
    payee: str = ""

    @property
    def bill(self) -> str:
        return bill_of(self.case_id)


class RefundPayment(Command, frozen=True, kw_only=True):
    """Give back what was paid for an item that left before its decision."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = BillStanding
    case_id: str
    item: str
    method: Method
    receipt: str = ""

    @property
    def bill(self) -> str:
        return bill_of(self.case_id)


class GetBill(Query, frozen=True, kw_only=True):
    """What a case costs, line by line and payee by payee, and what of it is paid. A case may cost nothing."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/bill"
    ANSWER: ClassVar[Any] = BillDetail
    case_id: str
    """The case's id or its number."""
