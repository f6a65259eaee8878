"""What staff are trained and qualified in."""

from datetime import date
from typing import Any, ClassVar

from contracts.language import Answer, Command, Fact, Query


class TrainingHeld(Fact, frozen=True, kw_only=True):
    """A training session in something that staff have to be qualified in."""

    TOPIC: ClassVar[str] = "onething.training.held.v1"
    training: str
    qualification: str
    held_on: date
    trainer: str
    subject: str = ""


class AttendanceRecorded(Fact, frozen=True, kw_only=True):
    """A member of staff took part in a training session."""

    TOPIC: ClassVar[str] = "onething.qualification.attendance-recorded.v1"
    staff: str
    training: str
    qualification: str
    held_on: date


class QualificationGranted(Fact, frozen=True, kw_only=True):
    """Somebody else found the member of staff qualified, after training and an examination."""

    TOPIC: ClassVar[str] = "onething.qualification.granted.v1"
    staff: str
    qualification: str
    exam: str
    """Number of the examination's record."""
    valid_from: date
    valid_until: date


class QualificationWithdrawn(Fact, frozen=True, kw_only=True):
    """The member of staff does not count as qualified any more."""

    TOPIC: ClassVar[str] = "onething.qualification.withdrawn.v1"
    staff: str
    qualification: str
    reason: str


class QualificationExpired(Fact, frozen=True, kw_only=True):
    """The qualification is past its last day, whenever this was noted."""

    TOPIC: ClassVar[str] = "onething.qualification.expired.v1"
    staff: str
    qualification: str
    valid_until: date


class HoldTraining(Command, frozen=True, kw_only=True):
    """Record a training session that was held."""

    SERVICE: ClassVar[str] = "delegation"
    training: str
    qualification: str
    held_on: date
    trainer: str
    subject: str = ""


class RecordAttendance(Command, frozen=True, kw_only=True):
    """Record that a member of staff took part; not by themselves."""

    SERVICE: ClassVar[str] = "delegation"
    staff: str
    training: str


class GrantQualification(Command, frozen=True, kw_only=True):
    """Find a member of staff qualified from today on; not by themselves."""

    SERVICE: ClassVar[str] = "delegation"
    staff: str
    qualification: str
    exam: str
    valid_until: date


class WithdrawQualification(Command, frozen=True, kw_only=True):
    """Take a qualification back."""

    SERVICE: ClassVar[str] = "delegation"
    staff: str
    qualification: str
    reason: str


class SessionAttended(Answer, frozen=True, kw_only=True):
    """A training session that somebody took part in; ``spent`` once a qualification rests on it."""

    qualification: str
    held_on: date
    spent: bool


class QualificationStanding(Answer, frozen=True, kw_only=True):
    """A qualification that was granted; ``ended`` says how it ended."""

    valid_from: date
    valid_until: date
    exam: str
    ended: str


class StaffQualifications(Answer, frozen=True, kw_only=True):
    """What a member of staff was trained in and is qualified in."""

    staff: str
    attended: dict[str, SessionAttended]
    standing: dict[str, QualificationStanding]


class GetQualifications(Query, frozen=True, kw_only=True):
    """What a member of staff has been trained in and is qualified in."""

    SERVICE: ClassVar[str] = "delegation"
    ROUTE: ClassVar[str] = "GET /staff/{staff}/qualifications"
    ANSWER: ClassVar[Any] = StaffQualifications
    staff: str


class TrainingRow(Answer, frozen=True, kw_only=True):
    """A training session, and how many took part in it."""

    training: str
    qualification: str
    held_on: date
    trainer: str
    subject: str
    attended: int


class TrainingPage(Answer, frozen=True, kw_only=True):
    """A page of training sessions."""

    trainings: tuple[TrainingRow, ...]
    after: str


class ListTrainings(Query, frozen=True, kw_only=True):
    """Training sessions that were held, the last first, by cursor."""

    SERVICE: ClassVar[str] = "delegation"
    ROUTE: ClassVar[str] = "GET /trainings"
    ANSWER: ClassVar[Any] = TrainingPage
    qualification: str = ""
    since: date | None = None
    """Only those that were held on it or later."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class TrainingDetail(Answer, frozen=True, kw_only=True):
    """A training session, and who took part in it."""

    training: str
    qualification: str
    held_on: date
    trainer: str
    subject: str
    staff: tuple[str, ...]


class GetTraining(Query, frozen=True, kw_only=True):
    """One training session with everybody who took part in it."""

    SERVICE: ClassVar[str] = "delegation"
    ROUTE: ClassVar[str] = "GET /trainings/{training}"
    ANSWER: ClassVar[Any] = TrainingDetail
    training: str


class QualifiedRow(Answer, frozen=True, kw_only=True):
    """Who is qualified in what, until when; ``ended`` says how it ended."""

    staff: str
    qualification: str
    valid_from: date
    valid_until: date
    ended: str


class QualifiedPage(Answer, frozen=True, kw_only=True):
    """A page of qualifications."""

    qualified: tuple[QualifiedRow, ...]
    after: str


class ListQualified(Query, frozen=True, kw_only=True):
    """Who was found qualified in what, those that end first before the others, by cursor."""

    SERVICE: ClassVar[str] = "delegation"
    ROUTE: ClassVar[str] = "GET /qualifications"
    ANSWER: ClassVar[Any] = QualifiedPage
    qualification: str = ""
    ending_before: date | None = None
    """Only those whose last day is before it, and that have not ended."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50
