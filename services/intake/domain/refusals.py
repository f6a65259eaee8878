"""What intake refuses, each with the data that its words are made of (``contracts/messages/intake.yaml``).

Data names items, materials and fields by their ids; ``names`` beside it says what they are called.
"""

from eventing.errors import Forbidden, Invalid, Refused


class BytesMissing(Refused):
    """Files are named whose bytes did not come in, or so long ago that they are gone."""


class UnknownTheme(Invalid):
    """The catalogue in force has no such theme."""


class UnansweredQuestions(Invalid):
    """Scenario questions (情形) must be answered before anything can be said about the case."""


class UnknownAnswer(Invalid):
    """An answer to no question of the theme, or none of the question's options."""


class NotSelectable(Invalid):
    """An item that cannot be part of this case, perhaps because items that it needs were left out."""


class NothingSelected(Invalid):
    """No item of the theme is left to be handled."""


class HandlerUnclear(Invalid):
    """Nobody, or more than one organisation, handles an item in the area that was named."""


class EvidenceMissing(Invalid):
    """Items are said to be done already, without the certificate or record that proves it."""


class WrongApplicant(Invalid):
    """The theme serves natural persons only, or organisations only."""


class FormInvalid(Invalid):
    """Fields that the form does not have, or values that cannot be right: all at once, without the values."""


class NoReasonGiven(Invalid):
    """Declining to accept is a decision and is put in writing with its reason (行政许可法 第32条第2款)."""


class GroundsMissing(Invalid):
    """The act is put in writing with its reason."""


class CompetentAuthorityMissing(Invalid):
    """Who is not competent says who is (行政许可法 第32条第1款第2项)."""


class NotSigned(Invalid):
    """What comes later, or is promised, rests on a document that the applicant signed."""


class AgentNotAuthorised(Invalid):
    """An agent signs with the applicant's authorisation (S54b)."""


class BothWays(Invalid):
    """A material either comes later or is replaced by a promise, not both."""


class OwnerUnclear(Invalid):
    """A set that is received for another place names the hall that accepts; no other does."""


class ChecksMissing(Invalid):
    """Who hands a set on says how its form and the applicant's identity were checked."""


class OriginUndated(Invalid):
    """What was done before says when it was concluded, or until when it is valid."""


class NotLater(Invalid):
    """An extension makes a deadline later."""


class ArrivedLater(Invalid):
    """Nothing is taken in before it arrives."""


class AlreadyOpened(Refused):
    """The case exists."""


class DuplicateCase(Refused):
    """The same applicant has an open case of this theme."""


class NotNow(Refused):
    """The state of the case does not allow this step."""


class NotInCase(Refused):
    """Items that this case does not handle."""


class ItemSettled(Refused):
    """Items that have come to their end in intake."""


class UnrelatedMaterial(Refused):
    """Materials that no open item of the case needs from the applicant: they may not be asked for or kept.

    行政许可法 第31条第1款
    """


class MaterialsMissing(Refused):
    """What acceptance still lacks, everything at once: item → materials, the tolerable ones, empty fields."""


class FormIncomplete(Refused):
    """Required fields of the one form are empty."""


class NothingReceived(Refused):
    """There is nothing that could be corrected."""


class NothingMissing(Refused):
    """The set is complete: it has to be accepted, not corrected (行政许可法 第32条第1款第5项)."""


class AnswerOverdue(Refused):
    """The days to answer have run out: these items count as accepted (行政许可法 第32条第1款第4项)."""


class NoCommitment(Refused):
    """Items that no promise opens: item → why."""


class NotTolerable(Refused):
    """Materials that cannot come later: material → why."""


class CreditBarStands(Refused):
    """The applicant's credit bars tolerance and promises until it is repaired (S54c, S54d, S55c)."""


class NothingTolerated(Refused):
    """Nothing may come later for this item."""


class ToleranceOver(Refused):
    """The deadline for what was tolerated has passed; the arrival counts (S54b)."""


class ToleranceRests(Refused):
    """Nothing is waited for: the item was not granted, and is decided again only if a denial turns out void."""


class OutsidePeriod(Refused):
    """Items that are accepted in certain periods only: item → the periods."""


class NotYet(Refused):
    """Items that a minimum term still holds: item → its last day."""


class AppearanceRequired(Refused):
    """Items that nobody else may apply for (行政许可法 第29条)."""


class CrossRegionNotOffered(Refused):
    """The theme is not offered in this mode across regions."""


class NotForwarded(Refused):
    """A set that was received for another place has not been handed on yet: there is no evidence of its checks."""


class NothingToForward(Refused):
    """The case was not received for another place."""


class OriginDenied(Refused):
    """An item was denied before, and these depend on it."""


class OriginExpired(Refused):
    """A permit that is not valid any more satisfies nothing."""


class ImportWindowOver(Refused):
    """An item that was handled alone is an entry for so long after its end, and no longer."""


class AlreadyInCase(Refused):
    """Items that the case handles itself cannot be done or underway elsewhere as well."""


class NotUnderway(Refused):
    """The case awaits no result of this item from elsewhere."""


class AcceptedStands(Refused):
    """Of items that were accepted, or ended, nothing more is asked, and nobody else decides them."""


class NotMergeable(Refused):
    """Cases that cannot be brought together, and why."""


class CorrectionFirst(Refused):
    """What does not comply is told once, before it is given back (行政许可法 第32条第1款第4项)."""


class InTheNotice(Refused):
    """It stands in the one-time notice: it is asked for by a correction."""


class NotFailed(Refused):
    """Items that were not accepted in this case cannot have failed in it."""


class NoHall(Forbidden):
    """The act needs a hall that takes responsibility for it."""


class NoOffice(Forbidden):
    """The act needs a hall or a department that takes responsibility for it."""


class NoAuthority(Forbidden):
    """This hall may not accept these items, or decline to: item → why."""


class PersonalDataWithheld(Forbidden):
    """Personal data is shown at the case's hall and to those who decide one of its items."""


class SecondPersonNeeded(Forbidden):
    """It takes somebody else than who did the first step."""


class NotYourCase(Forbidden):
    """At a window, the case's own halls act for the applicant; elsewhere the applicant does."""


class ReceiverMayNotAccept(Forbidden):
    """收受分离: who received for another place does not accept."""


class WrongPlace(Forbidden):
    """Another hall does this for the case."""


class NotAnOffice(Forbidden):
    """Only who decides the item, or a hall of the case, asks for something further."""


class MandateInvalid(Forbidden):
    """The mandate does not carry this act of this agent."""
