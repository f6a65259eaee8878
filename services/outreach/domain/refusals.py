"""What outreach refuses, each with the data that its words are made of (``contracts/messages/outreach.yaml``)."""

from eventing.errors import Forbidden, Invalid, Refused


class NothingAsked(Invalid):
    """A consultation is about a theme, or about what was asked in words."""


class GuideUnknown(Invalid):
    """What was told is not in the guide that is named: no such theme, item, or answer."""


class FollowUpPast(Invalid):
    """Who asked is called back on a day that is still to come."""


class ConsultationDiffers(Refused):
    """The id belongs to another consultation."""


class ConsultationEnded(Refused):
    """Nobody has to come back to it any more."""


class ConsultationLinkedAlready(Refused):
    """Another case came of the consultation."""


class CaseOfAnotherTheme(Refused):
    """The consultation was about another theme."""


class ConsultationWithheld(Forbidden):
    """What is personal in a consultation is read by who has to call back: its hall, or who recorded it."""


class NotOwnCase(Forbidden):
    """A handling is rated by the case's applicant: signed in, or by the code on the receipt."""


class NothingHandled(Refused):
    """Only what was handled can be rated."""


class RatedAlready(Refused):
    """A handling is rated once."""


class IndicatorUnknown(Invalid):
    """Handlings online and at a counter are graded by indicators of their own (S58a)."""


class NotRated(Refused):
    """There is no rating of this handling, or none that anything follows from."""


class StepNotDue(Refused):
    """A bad rating is settled step by step: verify, rectify, feed back, re-check."""


class AccountMissing(Invalid):
    """What was found or done is put into words."""


class NotResponsible(Forbidden):
    """谁办理谁负责: the hall that handled it answers for it."""


class JudgeInvolved(Refused):
    """Who did something about a rating is not who judges it."""


class AppealedAlready(Refused):
    """An appeal is made once."""


class NoAppeal(Refused):
    """There is no appeal that waits for a decision."""


class PlaceDiffers(Refused):
    """The id belongs to another place."""


class PlaceClosedAlready(Refused):
    """The code of the place opens nothing any more."""


class EntryUnknown(Invalid):
    """The catalogue in force has no such theme, or the theme no such item."""


class CodeUnknown(Refused):
    """No place has this code, or it opens nothing any more."""

    status = 404
