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
    UNDERWAY = "underway"
    """Handled elsewhere; its result is awaited (接续受理)."""
    DENIED = "denied"
    """Denied elsewhere."""
    PENDING = "pending"
    HELD = "held"
    """容缺收件: kept at the window until the set is complete."""
    ACCEPTED = "accepted"
    WITHDRAWING = "withdrawing"
    """The applicant wants it back, and its department has not said yet whether it had decided."""
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    """退件: given back without ever being accepted."""
    TERMINATED = "terminated"
    """容缺逾期: what was tolerated never came."""


ALWAYS = frozenset({"join", "withdraw", "further", "receive", "choose"})
BEFORE = ALWAYS | {"fill", "correct", "accept", "not_accept", "return", "forward", "merge"}
ALLOWED: dict[Status, frozenset[str]] = {
    Status.OPENED: BEFORE | {"send_back"},
    Status.RECEIVED: BEFORE | {"send_back"},
    Status.CORRECTING: BEFORE,
    Status.ACCEPTED: ALWAYS | {"close"},
    Status.CLOSED: frozenset(),
}
"""The lifecycle: what may be done to a case in each status."""

STANDINGS = {
    "selected": ItemState.PENDING,
    "not_needed": ItemState.NOT_NEEDED,
    "satisfied": ItemState.SATISFIED,
    "underway": ItemState.UNDERWAY,
}
OPEN = (ItemState.PENDING, ItemState.HELD)
"""Neither accepted nor gone."""
GONE = (ItemState.WITHDRAWN, ItemState.NOT_ACCEPTED, ItemState.RETURNED, ItemState.TERMINATED)
"""They came to their end without a decision."""
