"""好差评: each handling of a case is graded once by its applicant; a bad grade is verified and put right in time.

The loop of a bad rating: verify, rectify, feed back, re-check, closed. What does not pass the re-check
is rectified again. An appeal that is upheld strikes the rating, at whatever step it is.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from catalogue.rules import Limit
from contracts.language import Act, Sealed
from contracts.outreach import (
    AppealDecided,
    AppealGround,
    Finding,
    Grade,
    Handled,
    Indicator,
    RatingAppealed,
    RatingChannel,
    RatingFedBack,
    RatingGiven,
    RatingRechecked,
    RatingRectified,
    RatingVerified,
    RectificationClosed,
    RectificationOpened,
    RectificationOverdue,
)
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from kernel.clock import ending, local_date
from kernel.workdays import WorkingCalendar
from outreach.domain.refusals import (
    AccountMissing,
    AppealedAlready,
    IndicatorUnknown,
    JudgeInvolved,
    NoAppeal,
    NotRated,
    NotResponsible,
    RatedAlready,
    StepNotDue,
)

BAD = (4, 5)
"""不满意 · 非常不满意"""

ONLINE = ("efficiency", "guide_accuracy", "convenience", "operability")
ON_SITE = ("efficiency", "service_level", "attitude")
"""The indicators beside the overall grade (S58a)."""


class Step(StrEnum):
    """Where what follows from a bad rating stands."""

    NONE = ""
    VERIFY = "verify"
    RECTIFY = "rectify"
    FEED_BACK = "feed_back"
    RECHECK = "recheck"
    CLOSED = "closed"


ALLOWED: dict[Step, frozenset[str]] = {
    Step.NONE: frozenset(),
    Step.VERIFY: frozenset({"verify"}),
    Step.RECTIFY: frozenset({"rectify"}),
    Step.FEED_BACK: frozenset({"feed_back"}),
    Step.RECHECK: frozenset({"feed_back", "recheck"}),
    Step.CLOSED: frozenset(),
}
"""What may be done about a bad rating at each step. Somebody who was not reached is called again."""


class Rated(Struct, frozen=True):
    """One rating, and how far what follows from it has come."""

    handling: str
    grade: Grade
    channel: RatingChannel
    on_site: bool
    hall: str
    window: str
    staff: str
    at: datetime
    indicators: dict[Indicator, Grade] = {}
    key_id: str = ""
    comment: Sealed | None = None
    step: Step = Step.NONE
    due_on: date | None = None
    is_overdue: bool = False
    finding: Finding | None = None
    finding_account: str = ""
    measures: str = ""
    recheck_account: str = ""
    worked_by: tuple[str, ...] = ()
    """Who verified or rectified it."""
    calls: int = 0
    is_reached: bool = False
    is_satisfied: bool | None = None
    appeal: AppealGround | None = None
    appeal_account: str = ""
    appealed_by: str = ""
    is_upheld: bool | None = None
    appeal_decision: str = ""
    closed_at: datetime | None = None
    outcome: str = ""
    is_in_time: bool | None = None

    @property
    def is_struck(self) -> bool:
        """Whether it counts no longer."""
        return self.outcome == "struck"


class Ratings(Aggregate):
    """The ratings of one case, by handling."""

    ratings: dict[str, Rated]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.ratings = {}

    def reach(self) -> Reach:
        """The halls whose handlings were rated."""
        return Reach(halls=frozenset(rated.hall for rated in self.ratings.values()) - {""}, subjects=None)

    def rate(
        self,
        handled: Handled,
        grade: Grade,
        *,
        channel: RatingChannel,
        indicators: Mapping[Indicator, Grade],
        key_id: str,
        comment: Sealed | None,
        catalogue: str,
        limit: Limit,
        calendar: WorkingCalendar,
        act: Act,
    ) -> None:
        """Grades a handling, once; a bad grade opens its rectification at once."""
        if handled.handling in self.ratings:
            raise RatedAlready(handling=handled.handling, grade=self.ratings[handled.handling].grade)
        known = ON_SITE if handled.on_site else ONLINE
        if foreign := sorted(set(indicators) - set(known)):
            raise IndicatorUnknown(indicators=foreign, known=known)
        self.record(
            RatingGiven,
            act,
            handling=handled.handling,
            grade=grade,
            channel=channel,
            on_site=handled.on_site,
            hall=handled.hall,
            window=handled.window,
            staff=handled.staff,
            indicators=dict(indicators),
            key_id=key_id if comment is not None else "",
            comment=comment,
            catalogue=catalogue,
        )
        if grade in BAD:
            self.record(
                RectificationOpened,
                act,
                handling=handled.handling,
                hall=handled.hall,
                days=limit.days,
                due_on=calendar.add(local_date(act.at), limit.days),
                source=limit.source or "",
                placeholder=limit.placeholder,
            )

    @applies(RatingGiven)
    def _given(self, fact: RatingGiven) -> None:
        self.ratings[fact.handling] = Rated(
            handling=fact.handling,
            grade=fact.grade,
            channel=fact.channel,
            on_site=fact.on_site,
            hall=fact.hall,
            window=fact.window,
            staff=fact.staff,
            at=fact.at,
            indicators=fact.indicators,
            key_id=fact.key_id,
            comment=fact.comment,
        )

    @applies(RectificationOpened)
    def _opened(self, fact: RectificationOpened) -> None:
        self._now(fact.handling, step=Step.VERIFY, due_on=fact.due_on)

    def verify(self, handling: str, finding: Finding, account: str, *, act: Act) -> None:
        """核实: whether it is founded. What is not needs no change, but who rated is told why."""
        self._begin(handling, "verify", account, act)
        self.record(RatingVerified, act, handling=handling, finding=finding, account=account)

    @applies(RatingVerified)
    def _verified(self, fact: RatingVerified) -> None:
        rated = self.ratings[fact.handling]
        step = Step.FEED_BACK if fact.finding == "unfounded" else Step.RECTIFY
        self._now(
            fact.handling,
            step=step,
            finding=fact.finding,
            finding_account=fact.account,
            worked_by=_with(rated.worked_by, fact.by),
        )

    def rectify(self, handling: str, measures: str, *, act: Act) -> None:
        """整改, or the explanation where the wish has no basis."""
        self._begin(handling, "rectify", measures, act)
        self.record(RatingRectified, act, handling=handling, measures=measures)

    @applies(RatingRectified)
    def _rectified(self, fact: RatingRectified) -> None:
        worked_by = _with(self.ratings[fact.handling].worked_by, fact.by)
        self._now(fact.handling, step=Step.FEED_BACK, measures=fact.measures, worked_by=worked_by)

    def feed_back(self, handling: str, reached: bool, satisfied: bool | None, *, act: Act) -> None:
        """Records a call back by the hall, or by the phone desk, which calls for every hall; each try is one."""
        rated = self._at(handling, "feed_back")
        if act.caller is None or "hotline" not in act.caller.roles:
            self._responsible(rated, act)
        said = satisfied if reached else None
        self.record(RatingFedBack, act, handling=handling, reached=reached, satisfied=said)

    @applies(RatingFedBack)
    def _fed_back(self, fact: RatingFedBack) -> None:
        rated = self.ratings[fact.handling]
        self._now(
            fact.handling,
            step=Step.RECHECK,
            calls=rated.calls + 1,
            is_reached=rated.is_reached or fact.reached,
            is_satisfied=fact.satisfied if fact.reached else rated.is_satisfied,
        )

    def recheck(self, handling: str, passed: bool, account: str, *, act: Act) -> None:
        """复核 by a second person; what passes is settled, what does not is rectified again."""
        rated = self._at(handling, "recheck")
        if not passed and not account.strip():
            raise AccountMissing
        if act.by in rated.worked_by:
            raise JudgeInvolved(by=act.by)
        self.record(RatingRechecked, act, handling=handling, passed=passed, account=account)
        if passed:
            self._close(handling, "rectified" if rated.finding == "founded" else "explained", act)

    @applies(RatingRechecked)
    def _rechecked(self, fact: RatingRechecked) -> None:
        self._now(fact.handling, recheck_account=fact.account)
        if not fact.passed:
            self._now(fact.handling, step=Step.RECTIFY)

    def _close(self, handling: str, outcome: str, act: Act) -> None:
        due_on = self.ratings[handling].due_on
        in_time = due_on is None or local_date(act.at) <= due_on
        self.record(RectificationClosed, act, handling=handling, outcome=outcome, in_time=in_time)

    @applies(RectificationClosed)
    def _closed(self, fact: RectificationClosed) -> None:
        self._now(fact.handling, step=Step.CLOSED, closed_at=fact.at, outcome=fact.outcome, is_in_time=fact.in_time)

    # appeals

    def appeal(self, handling: str, ground: AppealGround, account: str, *, act: Act) -> None:
        """申诉 against a bad rating that is not settled; the same again is no news."""
        rated = self._bad(handling)
        if rated.appeal == ground and rated.is_upheld is None:
            return
        if rated.appeal is not None:
            raise AppealedAlready(handling=handling)
        if rated.step is Step.CLOSED:
            raise StepNotDue(handling=handling, step=rated.step)
        self._responsible(rated, act)
        if not account.strip():
            raise AccountMissing
        self.record(RatingAppealed, act, handling=handling, ground=ground, account=account)

    @applies(RatingAppealed)
    def _appealed(self, fact: RatingAppealed) -> None:
        self._now(fact.handling, appeal=fact.ground, appeal_account=fact.account, appealed_by=fact.by)

    def decide_appeal(self, handling: str, upheld: bool, account: str, *, act: Act) -> None:
        """Strikes the rating or lets it stand; by somebody else than who appealed."""
        rated = self._bad(handling)
        if rated.appeal is None or rated.is_upheld is not None or rated.step is Step.CLOSED:
            raise NoAppeal(handling=handling)
        if act.by in (rated.appealed_by, rated.staff):
            raise JudgeInvolved(by=act.by)
        if not account.strip():
            raise AccountMissing
        self.record(AppealDecided, act, handling=handling, upheld=upheld, account=account)
        if upheld:
            self._close(handling, "struck", act)

    @applies(AppealDecided)
    def _decided(self, fact: AppealDecided) -> None:
        self._now(fact.handling, is_upheld=fact.upheld, appeal_decision=fact.account)

    # time

    def timers(self) -> dict[str, datetime]:
        """The end of each limit that still runs."""
        return {
            f"overdue:{handling}": ending(rated.due_on)
            for handling, rated in self.ratings.items()
            if rated.due_on is not None and rated.step is not Step.CLOSED and not rated.is_overdue
        }

    def lapse(self, handling: str, *, act: Act) -> None:
        """The limit passed: supervision is told, the steps go on."""
        rated = self.ratings[handling]
        if rated.due_on is not None:
            self.record(RectificationOverdue, act, handling=handling, due_on=rated.due_on)

    @applies(RectificationOverdue)
    def _lapsed(self, fact: RectificationOverdue) -> None:
        self._now(fact.handling, is_overdue=True)

    # shared

    def _bad(self, handling: str) -> Rated:
        rated = self.ratings.get(handling)
        if rated is None or rated.step is Step.NONE:
            raise NotRated(handling=handling)
        return rated

    def _at(self, handling: str, verb: str) -> Rated:
        rated = self._bad(handling)
        if verb not in ALLOWED[rated.step]:
            raise StepNotDue(handling=handling, step=rated.step)
        return rated

    def _begin(self, handling: str, verb: str, account: str, act: Act) -> None:
        rated = self._at(handling, verb)
        self._responsible(rated, act)
        if not account.strip():
            raise AccountMissing

    def _responsible(self, rated: Rated, act: Act) -> None:
        """谁办理谁负责."""
        if rated.hall and (act.caller is None or act.caller.hall != rated.hall):
            raise NotResponsible(hall=rated.hall)

    def _now(self, handling: str, **changes: object) -> None:
        self.ratings[handling] = replace(self.ratings[handling], **changes)


def _with(people: tuple[str, ...], by: str) -> tuple[str, ...]:
    return people if by in people else (*people, by)
