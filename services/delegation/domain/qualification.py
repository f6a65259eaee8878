"""What staff are qualified in: training sessions, attendance, an examination, and a last day."""

from datetime import date, datetime, timedelta

import msgspec

from catalogue.authority import Qualified
from contracts.delegation import (
    AttendanceRecorded,
    GrantQualification,
    HoldTraining,
    QualificationExpired,
    QualificationGranted,
    QualificationWithdrawn,
    TrainingHeld,
    WithdrawQualification,
)
from contracts.language import Act
from contracts.scopes import Reach
from delegation.domain.grant import start_of
from eventing.aggregate import Aggregate, applies
from eventing.errors import Refused
from kernel.clock import local_date


class TrainingExists(Refused):
    """A session with this id and another content was recorded before."""


class TrainingIncomplete(Refused):
    """A session has a subject to be qualified in, and a trainer."""


class TrainingNotYetHeld(Refused):
    """What lies ahead was attended by nobody."""


class NotByThemselves(Refused):
    """Nobody vouches for their own attendance or qualification."""


class TrainingMissing(Refused):
    """Since the qualification was last granted, no training in it was attended."""


class ExaminationMissing(Refused):
    """A qualification rests on an examination with a record."""


class QualificationTermPast(Refused):
    """The qualification would be over already."""


class NotQualified(Refused):
    """There is no such qualification to take back."""


class Session(msgspec.Struct, frozen=True):
    """What a training session was."""

    qualification: str
    held_on: date
    trainer: str
    subject: str = ""


class Training(Aggregate):
    """One training session."""

    case_bound = False
    session: Session | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.session = None

    def hold(self, cmd: HoldTraining, act: Act) -> None:
        """Records that it took place."""
        session = Session(cmd.qualification, cmd.held_on, cmd.trainer, cmd.subject)
        if session == self.session:
            return
        if self.session is not None:
            raise TrainingExists(training=self.stream)
        if not cmd.qualification.strip() or not cmd.trainer.strip():
            raise TrainingIncomplete
        if cmd.held_on > local_date(act.at):
            raise TrainingNotYetHeld(held_on=cmd.held_on)
        self.record(
            TrainingHeld,
            act,
            training=self.stream,
            qualification=cmd.qualification,
            held_on=cmd.held_on,
            trainer=cmd.trainer,
            subject=cmd.subject,
        )

    @applies(TrainingHeld)
    def _held(self, fact: TrainingHeld) -> None:
        self.session = Session(fact.qualification, fact.held_on, fact.trainer, fact.subject)


class Attended(msgspec.Struct, frozen=True):
    """A session that somebody took part in; ``spent`` once a qualification rests on it."""

    qualification: str
    held_on: date
    spent: bool = False


class Standing(msgspec.Struct, frozen=True):
    """A qualification that was granted; ``ended`` says how it ended, if it did before its last day or was noted."""

    valid_from: date
    valid_until: date
    exam: str
    ended: str = ""


class Qualification(Aggregate):
    """All that one member of staff was trained in and is qualified in; the stream is the member of staff."""

    case_bound = False
    attended: dict[str, Attended]
    standing: dict[str, Standing]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.attended = {}
        self.standing = {}

    def reach(self) -> Reach:
        """The member of staff."""
        return Reach(people=frozenset((self.stream,)))

    def attend(self, training: Training, act: Act) -> None:
        """Records that they took part in the session."""
        if training.stream in self.attended or training.session is None:
            return
        self._by_somebody_else(act)
        self.record(
            AttendanceRecorded,
            act,
            staff=self.stream,
            training=training.stream,
            qualification=training.session.qualification,
            held_on=training.session.held_on,
        )

    @applies(AttendanceRecorded)
    def _attended(self, fact: AttendanceRecorded) -> None:
        self.attended = {**self.attended, fact.training: Attended(fact.qualification, fact.held_on)}

    def grant(self, cmd: GrantQualification, act: Act) -> None:
        """Counts them as qualified from today to the last day. Each time takes new training and an examination."""
        today = local_date(act.at)
        before = self.standing.get(cmd.qualification)
        if before is not None and (before.exam, before.valid_until) == (cmd.exam, cmd.valid_until) and not before.ended:
            return
        self._by_somebody_else(act)
        if not any(each.qualification == cmd.qualification and not each.spent for each in self.attended.values()):
            raise TrainingMissing(staff=self.stream, qualification=cmd.qualification)
        if not cmd.exam.strip():
            raise ExaminationMissing
        if cmd.valid_until < today:
            raise QualificationTermPast(valid_until=cmd.valid_until)
        self.record(
            QualificationGranted,
            act,
            staff=self.stream,
            qualification=cmd.qualification,
            exam=cmd.exam,
            valid_from=today,
            valid_until=cmd.valid_until,
        )

    @applies(QualificationGranted)
    def _granted(self, fact: QualificationGranted) -> None:
        self.standing = {**self.standing, fact.qualification: Standing(fact.valid_from, fact.valid_until, fact.exam)}
        self.attended = {
            training: msgspec.structs.replace(each, spent=each.spent or each.qualification == fact.qualification)
            for training, each in self.attended.items()
        }

    def withdraw(self, cmd: WithdrawQualification, act: Act) -> None:
        """Takes the qualification back; what they did while it counted stands."""
        standing = self.standing.get(cmd.qualification)
        if standing is not None and standing.ended == "withdrawn":
            return
        if standing is None or standing.ended:
            raise NotQualified(staff=self.stream, qualification=cmd.qualification)
        self.record(QualificationWithdrawn, act, staff=self.stream, qualification=cmd.qualification, reason=cmd.reason)

    @applies(QualificationWithdrawn)
    def _withdrawn(self, fact: QualificationWithdrawn) -> None:
        self._end(fact.qualification, "withdrawn")

    def expire(self, qualification: str, act: Act) -> None:
        """Notes that the last day has passed."""
        self.record(
            QualificationExpired,
            act,
            staff=self.stream,
            qualification=qualification,
            valid_until=self.standing[qualification].valid_until,
        )

    @applies(QualificationExpired)
    def _expired(self, fact: QualificationExpired) -> None:
        self._end(fact.qualification, "expired")

    def qualified(self) -> list[Qualified]:
        """What counts, on the days on which it counts."""
        return [
            Qualified(self.stream, name, each.valid_from, each.valid_until)
            for name, each in self.standing.items()
            if each.ended != "withdrawn"
        ]

    def timers(self) -> dict[str, datetime]:
        """The end of each qualification."""
        return {
            f"expiry:{name}": start_of(each.valid_until + timedelta(days=1))
            for name, each in self.standing.items()
            if not each.ended
        }

    def _end(self, qualification: str, how: str) -> None:
        self.standing = {
            **self.standing,
            qualification: msgspec.structs.replace(self.standing[qualification], ended=how),
        }

    def _by_somebody_else(self, act: Act) -> None:
        if act.by == self.stream:
            raise NotByThemselves(staff=self.stream)
