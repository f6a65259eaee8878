"""What staff are qualified in: training, attendance, an examination, and a last day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.delegation import (
    AttendanceRecorded,
    GrantQualification,
    QualificationExpired,
    QualificationGranted,
    QualificationWithdrawn,
    TrainingHeld,
    WithdrawQualification,
)
from contracts.language import Act, Fact
from delegation.domain import (
    ExaminationMissing,
    NotByThemselves,
    NotQualified,
    Qualification,
    QualificationTermPast,
    Training,
    TrainingExists,
    TrainingIncomplete,
    TrainingMissing,
    TrainingNotYetHeld,
)
from eventing.errors import Refused
from testkit.facts import an_act, fact, facts, given, refused, replayed

from .mothers import TODAY, a_training, qualified_staff, qualifying, session, trained_staff

MANAGER = an_act("manager")
THEMSELVES = an_act("clerk-7")


def withdrawing(qualification: str = "restaurants") -> WithdrawQualification:
    return WithdrawQualification(staff="clerk-7", qualification=qualification, reason="moved away")


class TestTraining:
    def test_a_session_is_recorded(self) -> None:
        assert facts(a_training()) == [
            fact(
                TrainingHeld,
                training="t-1",
                qualification="restaurants",
                held_on=date(2026, 7, 20),
                trainer="trainer-1",
            )
        ]

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"qualification": " "}, TrainingIncomplete),
            ({"trainer": ""}, TrainingIncomplete),
            ({"held_on": TODAY + timedelta(days=1)}, TrainingNotYetHeld),
        ],
    )
    def test_every_rule_is_kept(self, changes: dict[str, Any], refusal: type[Refused]) -> None:
        with refused(refusal):
            a_training(**changes)

    def test_the_same_again_is_no_news_and_another_content_is_refused(self) -> None:
        training = given(a_training())

        training.hold(session(), MANAGER)
        with refused(TrainingExists, training="t-1"):
            training.hold(session(trainer="trainer-2"), MANAGER)
        assert facts(training) == []

    def test_a_replay_leads_to_the_same_state(self) -> None:
        training = a_training()

        assert replayed(training, training.pending).state() == training.state()


class TestAttendance:
    def test_it_is_recorded_by_somebody_else(self) -> None:
        staff = Qualification("clerk-7")

        with refused(NotByThemselves, staff="clerk-7"):
            staff.attend(a_training(), THEMSELVES)
        staff.attend(a_training(), MANAGER)

        assert facts(staff) == [
            fact(
                AttendanceRecorded,
                staff="clerk-7",
                training="t-1",
                qualification="restaurants",
                held_on=date(2026, 7, 20),
            )
        ]

    def test_the_same_again_is_no_news(self) -> None:
        staff = given(trained_staff())

        staff.attend(a_training(), MANAGER)

        assert facts(staff) == []


class TestGranting:
    def test_somebody_is_qualified_from_today_to_the_last_day(self) -> None:
        staff = given(trained_staff())

        staff.grant(qualifying(), MANAGER)

        assert facts(staff) == [
            fact(
                QualificationGranted,
                staff="clerk-7",
                qualification="restaurants",
                exam="E-1",
                valid_from=TODAY,
                valid_until=date(2027, 7, 22),
            )
        ]
        assert staff.timers() == {"expiry:restaurants": datetime(2027, 7, 22, 16, tzinfo=UTC)}

    @pytest.mark.parametrize(
        ("changes", "act", "refusal"),
        [
            ({}, THEMSELVES, NotByThemselves),
            ({"qualification": "births"}, MANAGER, TrainingMissing),
            ({"exam": " "}, MANAGER, ExaminationMissing),
            ({"valid_until": TODAY - timedelta(days=1)}, MANAGER, QualificationTermPast),
        ],
    )
    def test_every_rule_is_kept(self, changes: dict[str, Any], act: Act, refusal: type[Refused]) -> None:
        staff = given(trained_staff())

        with refused(refusal):
            staff.grant(qualifying(**changes), act)
        assert facts(staff) == []

    def test_each_time_takes_new_training(self) -> None:
        staff = given(qualified_staff())

        with refused(TrainingMissing):
            staff.grant(qualifying(exam="E-2"), MANAGER)
        staff.attend(a_training(training="t-2"), MANAGER)
        staff.grant(qualifying(exam="E-2"), MANAGER)

        assert [name for name, _ in facts(staff)] == ["AttendanceRecorded", "QualificationGranted"]

    def test_the_same_again_is_no_news(self) -> None:
        staff = given(qualified_staff())

        staff.grant(qualifying(), MANAGER)

        assert facts(staff) == []


class TestTheEnd:
    def test_it_is_withdrawn_with_a_reason(self) -> None:
        staff = given(qualified_staff())

        staff.withdraw(withdrawing(), MANAGER)
        staff.withdraw(withdrawing(), MANAGER)

        assert facts(staff) == [
            fact(QualificationWithdrawn, staff="clerk-7", qualification="restaurants", reason="moved away")
        ]
        assert staff.qualified() == []

    def test_what_is_not_there_is_not_withdrawn(self) -> None:
        staff = qualified_staff()
        staff.expire("restaurants", MANAGER)

        for name in ("births", "restaurants"):
            with refused(NotQualified, qualification=name):
                staff.withdraw(withdrawing(name), MANAGER)

    def test_it_expires(self) -> None:
        staff = given(qualified_staff())

        staff.expire("restaurants", MANAGER)

        assert facts(staff) == [
            fact(QualificationExpired, staff="clerk-7", qualification="restaurants", valid_until=date(2027, 7, 22))
        ]
        assert staff.timers() == {}


NAMES = st.sampled_from(["restaurants", "births"])


class Walk(RuleBasedStateMachine):
    """One member of staff; beside them a plain list of what was attended and what is held."""

    def __init__(self) -> None:
        super().__init__()
        self.staff = Qualification("clerk-7")
        self.past: list[Fact] = []
        self.now = datetime(2026, 7, 23, 4, tzinfo=UTC)
        self.fresh: dict[str, int] = {}
        self.last_days: dict[str, date] = {}
        self.sessions = 0

    def learn(self) -> list[str]:
        names = [type(happened).__name__ for happened in self.staff.pending]
        self.past.extend(self.staff.pending)
        self.staff.pending.clear()
        return names

    def act(self, by: str = "manager") -> Act:
        return an_act(by, at=self.now)

    @property
    def today(self) -> date:
        return self.now.date()

    @rule(name=NAMES, by=st.sampled_from(["manager", "clerk-7"]))
    def attend(self, name: str, by: str) -> None:
        self.sessions += 1
        training = Training(f"t-{self.sessions}")
        training.hold(session(training=training.stream, qualification=name), self.act())
        try:
            self.staff.attend(training, self.act(by))
        except Refused:
            assert by == "clerk-7"
        else:
            assert self.learn() == ["AttendanceRecorded"]
            self.fresh[name] = self.fresh.get(name, 0) + 1

    @rule(name=NAMES, days=st.sampled_from([-1, 0, 40]))
    def grant(self, name: str, days: int) -> None:
        until = self.today + timedelta(days=days)
        command = GrantQualification(staff="clerk-7", qualification=name, exam=f"E-{len(self.past)}", valid_until=until)
        try:
            self.staff.grant(command, self.act())
        except Refused:
            assert days < 0 or not self.fresh.get(name)
        else:
            assert self.learn() == ["QualificationGranted"]
            assert self.fresh.pop(name)
            self.last_days[name] = until

    @rule(name=NAMES)
    def withdraw(self, name: str) -> None:
        try:
            self.staff.withdraw(withdrawing(name), self.act())
        except Refused:
            assert name not in self.last_days
        else:
            if self.learn():
                del self.last_days[name]

    @rule(days=st.sampled_from([1, 30]))
    def days_go_by(self, days: int) -> None:
        self.now += timedelta(days=days)
        for timer, due in self.staff.timers().items():
            if due <= self.now:
                name = timer.partition(":")[2]
                self.staff.expire(name, self.act("system"))
                assert self.learn() == ["QualificationExpired"]
                assert self.last_days.pop(name) < self.today

    @invariant()
    def whoever_counts_has_a_last_day_ahead_and_a_timer_for_it(self) -> None:
        counting = {
            each.qualification: each.valid_until
            for each in self.staff.qualified()
            if each.valid_from <= self.today <= each.valid_until
        }
        assert counting == self.last_days
        assert {timer.partition(":")[2] for timer in self.staff.timers()} == self.last_days.keys()

    @invariant()
    def a_replay_leads_to_the_same_state(self) -> None:
        assert replayed(self.staff, self.past).state() == self.staff.state()


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
