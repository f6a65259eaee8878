"""The lifecycle of a case and its items until acceptance."""

from enum import StrEnum


class Status(StrEnum):
    """Where a case stands, seen from intake."""

    OPENED = "opened"
    RECEIVED = "received"
    CORRECTING = "correcting"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class ItemState(StrEnum):
    """What an item is to the case; until acceptance its state lives here, afterwards in its review."""

    NOT_NEEDED = "not_needed"
    SATISFIED = "satisfied"
    PENDING = "pending"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"


BEFORE = frozenset({"fill", "receive", "correct", "accept", "not_accept", "withdraw"})
ALLOWED: dict[Status, frozenset[str]] = {
    Status.OPENED: BEFORE,
    Status.RECEIVED: BEFORE,
    Status.CORRECTING: BEFORE,
    Status.ACCEPTED: frozenset({"withdraw", "close"}),
    Status.CLOSED: frozenset(),
}
"""The lifecycle: what may be done to a case in each status."""

STANDINGS = {
    "selected": ItemState.PENDING,
    "not_needed": ItemState.NOT_NEEDED,
    "satisfied": ItemState.SATISFIED,
}
GONE = (ItemState.WITHDRAWN, ItemState.NOT_ACCEPTED)
