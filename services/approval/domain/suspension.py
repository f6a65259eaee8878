"""特别程序: hearings, inspections, appraisals and the like, whose time is not counted (行政许可法 第45条).

A pause begins on the legal day on which the applicant is told, and ends before the day on which its result is recorded.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from approval.domain.clocks import derived, derived_joint
from approval.domain.days import past
from approval.domain.deciding import Deciding
from approval.domain.law import Law
from approval.domain.refusals import NotSuspended, SuspensionTooLong
from approval.domain.review import Pause, Review, Status, intervals
from approval.domain.watch import marks
from catalogue.rules import SpecialProcedure
from contracts.approval import ReviewResumed, ReviewSuspended, SuspensionOverran
from contracts.language import Act
from eventing.aggregate import applies


class Suspending(Deciding):
    """Clocks stand still, and go on."""

    def suspend(
        self, item: str, procedure: SpecialProcedure, law: Law, *, reason: str, days: int, notice: str, act: Act
    ) -> None:
        """The handler begins a special procedure that will take so many working days; one that runs is no news.

        ``notice`` is the number of the written notice to the applicant. Raises SuspensionTooLong.
        """
        review = self._worked_on(item, law, act, "suspend")
        if review.running(procedure.id):
            return
        if procedure.longest is not None and days > procedure.longest.days:
            names = law.names(item) | {procedure.id: procedure.name}
            raise SuspensionTooLong(item=item, procedure=procedure.id, longest=procedure.longest.days, names=names)
        self._suspend(item, procedure.id, law, act, reason=reason, days=days, notice=notice)

    def resume(self, item: str, procedure: str, result: str, law: Law, *, act: Act) -> None:
        """The handler records the result of a special procedure; recorded again it is no news. Raises NotSuspended."""
        review = self._worked_on(item, law, act, "work")
        if review.running(procedure):
            self._resume(item, procedure, result, law, act)
        elif not any((pause.procedure, pause.result) == (procedure, result) for pause in review.pauses):
            raise NotSuspended(item=item, procedure=procedure, names=law.names(item))

    def _suspend(self, item: str, procedure: str, law: Law, act: Act, *, reason: str, days: int, notice: str) -> None:
        """Begins a special procedure, whoever begins it."""
        review = self.reviews[item]
        ends = law.calendar.add(law.day - timedelta(days=1), days)
        pause = Pause(procedure, reason, notice, since=law.day, expected_days=days, expected_on=ends)
        self.record(
            ReviewSuspended,
            act,
            item=item,
            handler=review.handler,
            procedure=procedure,
            reason=reason,
            notice=notice,
            started_on=pause.since,
            expected_days=days,
            expected_on=ends,
            **self._clocks_with(item, (*review.pauses, pause), law),
        )

    @applies(ReviewSuspended)
    def _suspended(self, fact: ReviewSuspended) -> None:
        pause = Pause(
            fact.procedure,
            fact.reason,
            fact.notice,
            since=fact.started_on,
            expected_days=fact.expected_days,
            expected_on=fact.expected_on,
        )
        self._paused(fact, (*self.reviews[fact.item].pauses, pause))

    def _resume(self, item: str, procedure: str, result: str, law: Law, act: Act) -> None:
        """Ends a special procedure, whoever ends it."""
        review = self.reviews[item]
        pauses = _ended(review, procedure, law.day, result)
        self.record(
            ReviewResumed,
            act,
            item=item,
            handler=review.handler,
            procedure=procedure,
            result=result,
            resumed_on=law.day,
            **self._clocks_with(item, pauses, law),
        )

    @applies(ReviewResumed)
    def _resumed(self, fact: ReviewResumed) -> None:
        self._paused(fact, _ended(self.reviews[fact.item], fact.procedure, fact.resumed_on, fact.result))

    def speak_of_overruns(self, law: Law, *, act: Act) -> None:
        """Supervision: special procedures that take longer than the applicant was told, each once."""
        for item, pause in list(self._told_longer()):
            if past(pause.expected_on) <= act.at:
                self.record(
                    SuspensionOverran,
                    act,
                    item=item,
                    handler=self.reviews[item].handler,
                    procedure=pause.procedure,
                    expected_on=pause.expected_on,
                    lead=law.theme.lead,
                )

    @applies(SuspensionOverran)
    def _overran(self, fact: SuspensionOverran) -> None:
        pauses = self.reviews[fact.item].pauses
        said = tuple(
            replace(pause, overran=True) if pause.procedure == fact.procedure and pause.until is None else pause
            for pause in pauses
        )
        self._change(fact.item, pauses=said)

    def timers(self) -> dict[str, datetime]:
        """One timer a case: the next special procedure whose told time is over."""
        ends = [past(pause.expected_on) for _, pause in self._told_longer()]
        return super().timers() | ({"overrun": min(ends)} if ends else {})

    def _told_longer(self) -> Iterator[tuple[str, Pause]]:
        """The special procedures that run within their time, as far as has been said."""
        for item, review in self.reviews.items():
            if review.status is Status.SUSPENDED:
                yield from ((item, pause) for pause in review.pauses if pause.until is None and not pause.overran)

    def _clocks_with(self, item: str, pauses: tuple[Pause, ...], law: Law) -> dict[str, object]:
        """The clocks of an item, and the joint one, with these pauses of the item."""
        review = self.reviews[item]
        assert review.clocks is not None  # noqa: S101  the lifecycle has no pause without clocks
        joint = self.joint and derived_joint(self.joint, law, intervals(self.pauses_with({item: pauses})))
        return {"clocks": derived(review.clocks, law, intervals(pauses)), "joint": joint}

    def _paused(self, fact: ReviewSuspended | ReviewResumed, pauses: tuple[Pause, ...]) -> None:
        self._change(
            fact.item,
            status=Status.SUSPENDED if any(pause.until is None for pause in pauses) else Status.OPEN,
            pauses=pauses,
            clocks=fact.clocks,
            watch=self.reviews[fact.item].watch.over(marks(fact.clocks)),
        )
        self._clock_whole(fact.joint)


def _ended(review: Review, procedure: str, day: date, result: str) -> tuple[Pause, ...]:
    return tuple(
        replace(pause, until=day, result=result) if pause.procedure == procedure and pause.until is None else pause
        for pause in review.pauses
    )
