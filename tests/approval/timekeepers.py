"""An office in which time passes: special procedures, extensions, waits, and what comes from elsewhere later."""

from datetime import UTC, date, datetime, timedelta
from typing import Self

from approval.domain import ConcludeOrigin, ExtendBundle
from approval.wording import procedures_of
from catalogue.model import Theme
from contracts.language import Act, Fact
from kernel.workdays import WorkingCalendar
from testkit.facts import an_act

from .mothers import NOON, Office

DAY = timedelta(days=1)


def noon(day: date | str) -> datetime:
    """Noon in China."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def begin(day: date | str) -> datetime:
    """Midnight in China, with which a legal day begins."""
    return noon(day) - timedelta(hours=12)


class Timekeeper(Office):
    """An office whose clocks are moved; what is said without a time happens now."""

    now: datetime = NOON
    past: list[Fact]

    def suspends(
        self,
        item: str,
        procedure: str = "appraisal",
        *,
        days: int = 5,
        at: datetime | None = None,
        org: str | None = None,
    ) -> Self:
        """The department begins a special procedure."""
        at = at or self.now
        found = procedures_of(self.theme.item(item))[procedure]
        act = self.department(item, at, org)
        self.bundle.suspend(item, found, self.law(at), reason="to be looked at", days=days, notice="N-1", act=act)
        return self

    def resumes(
        self,
        item: str,
        procedure: str = "appraisal",
        *,
        at: datetime | None = None,
        result: str = "fine",
        org: str | None = None,
    ) -> Self:
        """The department has the result."""
        at = at or self.now
        self.bundle.resume(item, procedure, result, self.law(at), act=self.department(item, at, org))
        return self

    def asks_for_time(
        self, item: str, *, at: datetime | None = None, by: str = "reviewer-1", org: str | None = None
    ) -> Self:
        """Somebody of the department asks for an extension."""
        at = at or self.now
        self.bundle.request_extension(item, "very difficult", self.law(at), act=self.person(item, by, at, org))
        return self

    def gives_time(self, item: str, *, at: datetime | None = None, by: str = "head-1", org: str | None = None) -> Self:
        """The head of the office approves it."""
        at = at or self.now
        self.bundle.approve_extension(item, "N-2", self.law(at), act=self.person(item, by, at, org))
        return self

    def refuses_time(
        self, item: str, *, at: datetime | None = None, by: str = "head-1", org: str | None = None
    ) -> Self:
        """The head of the office does not."""
        at = at or self.now
        self.bundle.refuse_extension(item, "be quick", self.law(at), act=self.person(item, by, at, org))
        return self

    def joins(
        self, *items: str, at: datetime | None = None, standings: dict[str, str] | None = None, **answers: str
    ) -> Self:
        """Intake has joined items: they are selected from now on, beside what was before."""
        at = at or self.now
        plan = {item: standing.value for item, standing in self.bundle.standings.items()}
        plan |= dict.fromkeys(items, "selected") | (standings or {})
        command = ExtendBundle(case_id="case-1", items=items, standings=plan, answers=answers)
        self.bundle.extend(command, self.law(at), act=an_act("system", at=at))
        return self

    def learns_of(self, item: str, outcome: str, at: datetime | None = None) -> Self:
        """An item that was underway elsewhere has its result."""
        at = at or self.now
        command = ConcludeOrigin(case_id="case-1", item=item, outcome=outcome)
        law = self.law(at) if self.bundle.is_open else None
        self.bundle.conclude_origin(command, law, act=an_act("system", at=at))
        return self

    def settles(self, item: str, at: datetime | None = None) -> Self:
        """Everything that was tolerated has arrived."""
        at = at or self.now
        self.bundle.settle(item, self.law(at) if self.bundle.is_open else None, act=an_act("system", at=at))
        return self

    def takes_back(self, item: str, at: datetime | None = None) -> Self:
        """The applicant wants an accepted item back."""
        at = at or self.now
        self.bundle.withdraw(item, self.law(at) if self.bundle.is_open else None, act=an_act("system", at=at))
        return self

    def has_calendar(self, calendar: WorkingCalendar, at: datetime | None = None) -> Self:
        """A release with another calendar derives the clocks again."""
        at = at or self.now
        law = self.law(at)
        self.bundle.rederive(type(law)(law.catalogue, law.theme, calendar, law.day), act=an_act("system", at=at))
        return self

    def sees(self, at: datetime) -> Self:
        """Time has come to this instant: every timer that is due by then fires."""
        act = an_act("system", at=at)
        fired = {
            "warning": lambda: self.bundle.warn(self.law(at), act=act),
            "joint": lambda: self.bundle.warn_of_whole(self.law(at), act=act),
            "overrun": lambda: self.bundle.speak_of_overruns(self.law(at), act=act),
            "wait": lambda: self.bundle.pass_waits(act=act),
            "silence": lambda: self.bundle.decide_by_silence(
                {"granted": "silent yes", "denied": "silent no"}, lambda _: "appeal", self.law(at), act=act
            ),
        }
        while due := sorted(
            (when, name) for name, when in self.bundle.timers().items() if when <= at and name in fired
        ):
            fired[due[0][1]]()
        return self

    def person(self, item: str, by: str, at: datetime | None = None, org: str | None = None) -> Act:
        """Somebody of the department, by name."""
        at = at or self.now
        handler = self.bundle.reviews[item].handler if item in self.bundle.reviews else f"dept-{item}"
        return an_act(by, at=at, org=handler if org is None else org, hall="", window="")

    def due(self, item: str, limit: str = "statutory") -> date | None:
        """When a limit of an item ends."""
        found: date | None = getattr(self.bundle.reviews[item].clocks, f"{limit}_due")
        return found


def taken_up(theme: Theme, at: datetime = NOON, **each: object) -> Timekeeper:
    """A case of which everything is accepted and supplied; what comes now counts."""
    office = Timekeeper(theme)
    office.now = at
    office.accepts(at=at, **each)
    office.supplies()
    office.past = list(office.bundle.pending)
    office.bundle.pending.clear()
    return office
