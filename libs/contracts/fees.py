"""收费: what the items of a case cost, merged for the applicant and kept apart for each payee.

Amounts are yuan as decimal text with two places.
"""

from typing import ClassVar, Literal

import msgspec

from contracts.language import Command, Fact, Query

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


class RecordPayment(Command, frozen=True, kw_only=True):
    """Pay what is outstanding, to all payees or to one; at the cash desk the clerk states the receipt's number."""

    SERVICE: ClassVar[str] = "intake"
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
    case_id: str
    """The case's id or its number."""
