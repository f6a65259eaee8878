"""Why something cannot be done to a review."""

from eventing.errors import Forbidden, Refused


class NotYours(Forbidden):
    """Only the organisation that handles an item decides it."""


class NotYetAccepted(Refused):
    """The item is part of the case, but nobody has accepted it yet."""


class ReviewLocked(Refused):
    """The review waits for other items first."""


class MaterialsOutstanding(Refused):
    """The department does not hold the item's materials yet."""


class AlreadyDecided(Refused):
    """The item was decided, and decided otherwise."""


class ReviewBlocked(Refused):
    """An item that this one needs was denied or taken back."""


class ReviewOver(Refused):
    """The item was withdrawn or not accepted."""


class CaseConcluded(Refused):
    """The verdict over the whole has been reached."""


class ReasonsMissing(Refused):
    """A denial states its reasons (行政许可法 第38条第2款)."""
