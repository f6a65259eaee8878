"""What the exit refuses."""

from eventing.errors import Forbidden, Invalid, Refused


class NothingToHandOver(Refused):
    """No package lies ready at the exit yet."""


class IdentityUnchecked(Refused):
    """Results go to the applicant or an authorised person; somebody has to have looked who it is."""


class CheckUnfit(Refused):
    """This kind of identity check says nothing about who takes a package in this way."""


class MandateRefused(Forbidden):
    """The mandate does not let this agent collect for the applicant."""


class NotTheExit(Forbidden):
    """Results leave at the exit of their case, and nowhere else (一端口出件)."""


class PackageAway(Refused):
    """The package left the exit already."""


class NotOnTheWay(Refused):
    """The package is neither in the post nor in a locker."""


class DispatchIncomplete(Refused):
    """What was sent can be found again: by its tracking number, or by its cabinet and cell."""


class AddressMissing(Refused):
    """Nothing is posted without an address that the applicant agreed to."""


class RefusalUnwitnessed(Refused):
    """A refusal to take a result counts before a witness only."""


class OutputLeft(Refused):
    """Everything left already: there is nothing to agree on any more."""


class AlreadyConcluded(Refused):
    """The verdict over the case is known, so no further result can come of it."""


class DocumentWithheld(Forbidden):
    """A document is shown at its case's hall and by who issued it."""


class RendererOnly(Forbidden):
    """Documents are made by this service itself; nobody else can say that one stands."""


class NothingToVerify(Invalid):
    """Neither a code, nor an identifier, nor a number with its digest was given."""
