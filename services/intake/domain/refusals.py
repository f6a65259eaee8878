"""What intake refuses, each with the data that its words are made of (``contracts/messages/intake.yaml``).

Data names items, materials and fields by their ids; ``names`` beside it says what they are called.
"""

from eventing.errors import Forbidden, Invalid, Refused


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


class ProvenanceUnclear(Invalid):
    """Copies that do not say where they come from, or files that do not say what their bytes are."""


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


class NoHall(Forbidden):
    """The act needs a hall that takes responsibility for it."""


class NoAuthority(Forbidden):
    """This hall may not accept these items, or decline to: item → why."""


class PersonalDataWithheld(Forbidden):
    """Personal data is shown at the case's hall and to those who decide one of its items."""
