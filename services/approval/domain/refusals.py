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


class WaitRunning(Refused):
    """A period that has to pass before the decision has not passed."""


class InSpecialProcedure(Refused):
    """A special procedure goes on; its result comes before the decision (行政许可法 第45条)."""


# special procedures and extensions


class ProcedureUnknown(Refused):
    """Neither the law nor the item knows such a special procedure."""


class SuspensionTooLong(Refused):
    """The catalogue says how long this special procedure may take."""


class NotSuspended(Refused):
    """No such special procedure goes on."""


class NotExtendable(Refused):
    """The item has no statutory limit, or none that can be extended."""


class AlreadyExtended(Refused):
    """A limit is extended once."""


class ExtensionTooLate(Refused):
    """A limit that has ended is not extended."""


class ExtensionNotRequested(Refused):
    """Nobody has asked for an extension, or it was decided on."""


class NotLead(Forbidden):
    """Only the department that leads the theme asks for more time for the whole."""


class NotHandledJointly(Refused):
    """The theme has no limit over the whole."""


# who works on a review


class HeldByAnother(Forbidden):
    """Another person holds the review, and decides it."""


# opinions


class OpinionNotAwaited(Refused):
    """The review has come to its end without the opinion."""


class NotAsked(Forbidden):
    """Another organisation was asked."""


# hearings


class HearingRightUntold(Refused):
    """The parties have to be told of their right to a hearing before the decision (行政许可法 第46、47条)."""


class HearingOpen(Refused):
    """A hearing may still be asked for, or was and has not been held (行政许可法 第47条)."""


class HearingPartyUnknown(Refused):
    """Only who was told of the right has it."""


class HearingRequestLate(Refused):
    """A hearing is asked for within five working days of being told (行政许可法 第47条第1款)."""


class HearingNotRequested(Refused):
    """Nobody wants a hearing, or nobody does any more."""


class HearingTooLate(Refused):
    """A hearing is held within twenty working days of the request (行政许可法 第47条第1款)."""


class HearingNoticeTooShort(Refused):
    """Time and place are told seven working days before (行政许可法 第48条第1项)."""


class PresiderIsExaminer(Refused):
    """Who examines the application does not preside over its hearing (行政许可法 第48条第3项)."""


class HearingNotHeld(Refused):
    """The hearing is not scheduled, or its day has not come."""


class HearingOver(Refused):
    """The hearing was held; the decision rests on its record."""


# joint visits


class VisitOutstanding(Refused):
    """A visit is planned for the item, and has not been recorded."""


class NotVisitedTogether(Refused):
    """The catalogue does not have these items visited together."""


class VisitPlanKept(Refused):
    """A new plan of a visit leaves out no item: its handler dispenses with the visit."""


class VisitOver(Refused):
    """The visit was recorded, or nobody waits for it any more."""


class VisitAhead(Refused):
    """The day of the visit has not come."""


class NotVisiting(Forbidden):
    """The organisation takes no part in the visit."""


class InspectorsMissing(Refused):
    """An office sends two inspectors at least (行政许可法 第34条第3款)."""


class VisitResultsMissing(Refused):
    """A visit tells what it found for each of its items, and for no others."""


# decisions by comparing data


class NotAutomatic(Refused):
    """The catalogue leaves the item to a person."""


class AlreadyCompared(Refused):
    """The data were compared before, and left the item to a person."""


# changing a decision


class NoDecision(Refused):
    """There is no decision to which this could be done."""


class NotCorrectable(Refused):
    """The catalogue does not let decisions on the item be corrected."""


class ProposalPending(Refused):
    """Something else is proposed about the decision."""


class NothingProposed(Refused):
    """Nothing is proposed about the decision."""


class TwoPeopleNeeded(Refused):
    """One person proposes, another approves."""


# verification


class NotVerifiable(Refused):
    """There is no grant to verify, or the verification is over."""


class NothingToRectify(Refused):
    """The verification found nothing to put right, or has not been made."""


class NothingToRecheck(Refused):
    """No rectification was ordered."""


class RectificationTermMissing(Refused):
    """The catalogue sets no term for the rectification, and the order does not."""
