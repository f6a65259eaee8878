"""The ledger of custody, which has to sum to zero."""

from typing import Any, ClassVar

from contracts.language import Command, Fact, Query
from contracts.routing.answers import CustodyCheck
from contracts.routing.values import LedgerFault


class LedgerImbalance(Fact, frozen=True, kw_only=True):
    """ALARM: in a segment of the ledger of custody copies are nowhere, twice, or elsewhere than it is said."""

    TOPIC: ClassVar[str] = "onething.ledger.imbalance.v1"
    segment: int
    faults: tuple[LedgerFault, ...]


class LedgerBalanced(Fact, frozen=True, kw_only=True):
    """The ledger of custody sums to zero again in a segment."""

    TOPIC: ClassVar[str] = "onething.ledger.balanced.v1"
    segment: int


class ReportImbalance(Command, frozen=True, kw_only=True):
    """What routing's own keeper found in a segment of the ledger; nothing: it is balanced again."""

    SERVICE: ClassVar[str] = "routing"
    INTERNAL: ClassVar[str] = "sent by the keeper of the ledger itself"
    ledger: str
    segment: int
    faults: tuple[LedgerFault, ...] = ()


class CheckCustody(Query, frozen=True, kw_only=True):
    """Whether every original is in exactly one place: in one case, by replay; none named: in the whole ledger."""

    SERVICE: ClassVar[str] = "routing"
    ROUTE: ClassVar[str] = "GET /custody-check"
    ANSWER: ClassVar[Any] = CustodyCheck
    case_id: str = ""
