"""Desks: who is heard and on what case, how long their steps take, and what screens show."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from statistics import median, quantiles
from typing import Any

import sqlalchemy as sa

from contracts.halls import (
    AcknowledgeScreen,
    Beat,
    Companion,
    Heartbeat,
    Presence,
    RecordSteps,
    ScreenAt,
    Shown,
    ShowScreen,
    StepTimes,
    StepTimesAnswer,
)
from contracts.language import Act, Caller
from contracts.scopes import Reach, is_within
from eventing.errors import NotFound
from eventing.scoping import at_hall, narrowed, reaches
from eventing.service import command, query
from halls.configuration import Configuration
from halls.domain import HallsOnly, NoteHearing, NoteSilence, Screen, Window
from halls.lookups import window_row
from halls.projections.desks import HEARTBEAT, HEARTBEATS, SCREENS_SHOWN, STEP_TIMES
from kernel.clock import beginning

MOST_TIMES = 20_000
"""Of so many last steps durations are told."""


def check_own(act: Act) -> None:
    """Raises ``HallsOnly`` for anybody but the service itself."""
    if act.by != "service:halls":
        raise HallsOnly(by=act.by)


class Desks:
    """Commands and questions about desks and screens."""

    store: Any
    clock: Any
    configured: Configuration
    halls_of: Callable[[str], AbstractSet[str]]

    @command(RecordSteps, on=Window, key="window")
    def record_steps(self, window: Window, cmd: RecordSteps, act: Act) -> None:
        """How long the steps of the desk took."""
        window.time_steps(cmd, act)

    @command(NoteSilence, on=Window, key="window")
    def note_silence(self, window: Window, cmd: NoteSilence, act: Act) -> None:
        """Nothing was heard for too long."""
        check_own(act)
        window.fall_silent(cmd.heard_at, act)

    @command(NoteHearing, on=Window, key="window")
    def note_hearing(self, window: Window, cmd: NoteHearing, act: Act) -> None:
        """It is heard again."""
        check_own(act)
        window.be_heard(cmd.heard_at, act)

    @command(ShowScreen, on=Screen, key="stream", creates=True)
    def show_screen(self, screen: Screen, cmd: ShowScreen, act: Act) -> dict[str, bool]:
        """Something was sent to a screen."""
        return {"kept": screen.show(cmd, act, share=self.configured.sample)}

    @command(AcknowledgeScreen, on=Screen, key="stream", creates=True)
    def acknowledge_screen(self, screen: Screen, cmd: AcknowledgeScreen, act: Act) -> dict[str, bool]:
        """The screen shows it."""
        return {"kept": screen.acknowledge(cmd, act)}

    @query(Beat)
    def beat(self, question: Beat, caller: Caller) -> Heartbeat:
        """A desk is there. One row is written over, and nothing else: this is no fact."""
        now = self.clock.now()
        hall = caller.hall
        if question.window:
            hall = window_row(self.store, question.window)["hall"]
            at_hall(question, caller, hall)
        desk = question.window or caller.by
        with self.store.writing() as connection:
            HEARTBEATS.upsert(connection, [(desk, hall, question.window, caller.by, question.case_id, now)])
        others = self._companions(question, caller, now) if question.case_id else ()
        return Heartbeat(
            at=now,
            silent_after=now + self.configured.silence,
            companions=tuple(each for each in others if each.desk != desk),
        )

    @query(Presence)
    def presence(self, question: Presence, caller: Caller) -> list[Companion]:
        """Who works on a case now: desks that were heard on it not long ago."""
        return list(self._companions(question, caller, self.clock.now()))

    def _companions(self, question: Beat | Presence, caller: Caller, now: datetime) -> Sequence[Companion]:
        """The desks on a case, for the halls that have to do with it."""
        reach = Reach(halls=frozenset(self.halls_of(question.case_id)))
        if not is_within(reaches(type(question), caller), caller, reach):
            return ()
        h = HEARTBEAT.c
        rows = self.store.select(
            sa.select(HEARTBEAT)
            .where(h.case_id == question.case_id, h.heard_at >= now - self.configured.silence)
            .order_by(h.desk)
        )
        return [Companion(desk=row["desk"], hall=row["hall"], by=row["by"], heard_at=row["heard_at"]) for row in rows]

    @query(StepTimes)
    def step_times(self, question: StepTimes, caller: Caller) -> list[StepTimesAnswer]:
        """How long steps take: the median, and what nine of ten do not exceed."""
        s = STEP_TIMES.c
        wanted = narrowed(sa.select(s.step, s.theme, s.milliseconds), question, caller, halls=(s.hall,))
        wanted = wanted.order_by(s.at.desc()).limit(MOST_TIMES)
        for name in ("hall", "window", "theme"):
            if value := getattr(question, name):
                wanted = wanted.where(s[name] == value)
        if question.since is not None:
            wanted = wanted.where(s.at >= beginning(question.since))
        taken: dict[tuple[str, str], list[int]] = {}
        for row in self.store.select(wanted):
            taken.setdefault((row["step"], row["theme"]), []).append(row["milliseconds"])
        return [
            StepTimesAnswer(
                step=step,
                theme=theme,
                count=len(times),
                median=round(median(times)),
                p90=round(quantiles(times, n=10, method="inclusive")[-1]) if len(times) > 1 else times[0],
            )
            for (step, theme), times in sorted(taken.items())
        ]

    @query(ScreenAt)
    def screen_at(self, question: ScreenAt, caller: Caller) -> Shown:
        """What a screen showed at an instant: what was last sent to it before, and when it said so."""
        s = SCREENS_SHOWN.c
        rows = self.store.select(
            sa.select(SCREENS_SHOWN)
            .where(s.screen == question.screen, s.shown_at <= question.at)
            .order_by(s.shown_at.desc())
            .limit(1)
        )
        if not rows:
            raise NotFound(what="screen", id=question.screen)
        row = rows[0]
        at_hall(question, caller, row["hall"])
        return Shown(**{name: row[name] for name in Shown.__struct_fields__})
