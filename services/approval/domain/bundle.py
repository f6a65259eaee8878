"""A bundle is the reviews of one case; all of them together are the verdict."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import ClassVar, Literal

from msgspec.structs import replace

from approval.domain.clocks import marks, unlocked
from approval.domain.refusals import (
    AlreadyDecided,
    CaseConcluded,
    MaterialsOutstanding,
    NotYetAccepted,
    NotYours,
    ReasonsMissing,
    ReviewBlocked,
    ReviewLocked,
    ReviewOver,
)
from approval.domain.review import Reason, Review, Status
from catalogue.joins import Join, Progress, join
from catalogue.model import Theme
from catalogue.selection import Standing
from contracts.approval import (
    BundleConcluded,
    BundleOpened,
    PlannedReview,
    ReviewDenied,
    ReviewEnded,
    ReviewGranted,
    ReviewsBlocked,
    ReviewsPlanned,
    ReviewsSupplied,
    ReviewsUnlocked,
    ReviewWarned,
)
from contracts.language import Act, Command
from eventing.aggregate import Aggregate, applies
from eventing.errors import NotFound
from kernel.workdays import WorkingCalendar

Verdict = Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]


class PlanReviews(Command, frozen=True, kw_only=True):
    """Take up accepted items, and the case itself the first time."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    number: str
    theme: str
    catalogue: str
    region: str
    output_mode: Literal["integrated", "itemised"]
    hall: str
    standings: dict[str, str]
    reviews: tuple[PlannedReview, ...]
    accepted_on: dict[str, date]
    """The day from which each item counts as accepted: legal clocks do not wait for the news to come."""


class SupplyReviews(Command, frozen=True, kw_only=True):
    """The departments hold what these items need."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    items: tuple[str, ...]


class EndReview(Command, frozen=True, kw_only=True):
    """The item left the case."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reason: Reason


class Bundle(Aggregate):
    """The reviews of one case, and what they add up to."""

    number: str
    theme: str
    catalogue: str
    region: str
    output_mode: str
    hall: str
    standings: dict[str, Standing]
    reviews: dict[str, Review]
    verdict: Verdict | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.number = ""
        self.theme = ""
        self.catalogue = ""
        self.region = ""
        self.output_mode = ""
        self.hall = ""
        self.standings = {}
        self.reviews = {}
        self.verdict = None

    @property
    def is_open(self) -> bool:
        """Whether the case was taken up: news of an item can come before its acceptance does."""
        return bool(self.number)

    def plan(self, command: PlanReviews, *, theme: Theme, calendar: WorkingCalendar, day: date, act: Act) -> None:
        """Takes up accepted items; those whose join is satisfied run from the day of their acceptance."""
        if not self.is_open:
            self.record(
                BundleOpened,
                act,
                number=command.number,
                theme=command.theme,
                catalogue=command.catalogue,
                region=command.region,
                standings=command.standings,
                expected=tuple(i for i, s in command.standings.items() if s == Standing.SELECTED),
                output_mode=command.output_mode,
                hall=command.hall,
            )
        planned = tuple(each for each in command.reviews if self.reviews.get(each.item, Review()).allows("plan"))
        if planned:
            self.record(ReviewsPlanned, act, reviews=planned)
        self._go_on(theme, calendar, day, act, accepted_on=command.accepted_on)

    @applies(BundleOpened)
    def _opened(self, fact: BundleOpened) -> None:
        self.number = fact.number
        self.theme = fact.theme
        self.catalogue = fact.catalogue
        self.region = fact.region
        self.output_mode = fact.output_mode
        self.hall = fact.hall
        self.standings = {item: Standing(standing) for item, standing in fact.standings.items()}
        for item in fact.expected:
            self.reviews.setdefault(item, Review())

    @applies(ReviewsPlanned)
    def _planned(self, fact: ReviewsPlanned) -> None:
        for each in fact.reviews:
            self._change(each.item, status=Status.LOCKED, handler=each.handler)

    def supply(self, items: Iterable[str], *, act: Act) -> None:
        """The departments hold the materials of these items; routing may be ahead of the acceptance."""
        new = tuple(i for i in items if (r := self.reviews.get(i, Review())).allows("supply") and not r.supplied)
        if new:
            self.record(ReviewsSupplied, act, items=new)

    @applies(ReviewsSupplied)
    def _supplied(self, fact: ReviewsSupplied) -> None:
        for item in fact.items:
            self._change(item, supplied=True)

    def grant(self, item: str, opinion: str, *, theme: Theme, calendar: WorkingCalendar, day: date, act: Act) -> None:
        """准予 one item; granted again is no news. Raises NotYours and whatever keeps it undecided."""
        review = self._deciding(item, Status.GRANTED, theme, act)
        if review is None:
            return
        self.record(
            ReviewGranted,
            act,
            item=item,
            handler=review.handler,
            decision=self._decision(item),
            opinion=opinion,
        )
        self._go_on(theme, calendar, day, act)

    @applies(ReviewGranted)
    def _granted(self, fact: ReviewGranted) -> None:
        self._decided(fact, Status.GRANTED, words=fact.opinion)

    def deny(
        self,
        item: str,
        reasons: str,
        *,
        remedy: str,
        theme: Theme,
        calendar: WorkingCalendar,
        day: date,
        act: Act,
    ) -> None:
        """不予许可 one item, with reasons and remedy (行政许可法 第38条第2款); denied again is no news."""
        review = self._deciding(item, Status.DENIED, theme, act)
        if review is None:
            return
        if not reasons.strip():
            raise ReasonsMissing(item=item, names=_names(theme, item))
        self.record(
            ReviewDenied,
            act,
            item=item,
            handler=review.handler,
            decision=self._decision(item),
            reasons=reasons,
            remedy=remedy,
        )
        self._go_on(theme, calendar, day, act)

    @applies(ReviewDenied)
    def _denied(self, fact: ReviewDenied) -> None:
        self._decided(fact, Status.DENIED, words=fact.reasons, remedy=fact.remedy)

    def end(
        self,
        item: str,
        reason: Reason,
        *,
        theme: Theme | None,
        calendar: WorkingCalendar,
        day: date,
        act: Act,
    ) -> None:
        """The item left the case; what was decided stays. ``theme`` is None before the case is taken up."""
        if not self.reviews.get(item, Review()).allows("end"):
            return
        self.record(ReviewEnded, act, item=item, reason=reason)
        if theme is not None:
            self._go_on(theme, calendar, day, act)

    @applies(ReviewEnded)
    def _ended(self, fact: ReviewEnded) -> None:
        self._change(fact.item, status=Status.GONE, reason=fact.reason, ahead=())

    def warn(self, *, act: Act) -> None:
        """Supervision: what has become amber or red by now, each once."""
        for item, review in list(self.reviews.items()):
            for mark in review.ahead:
                if mark.at <= act.at:
                    self.record(
                        ReviewWarned,
                        act,
                        item=item,
                        handler=review.handler,
                        level=mark.level,
                        due=mark.due,
                        limit=mark.limit,
                    )

    @applies(ReviewWarned)
    def _warned(self, fact: ReviewWarned) -> None:
        review = self.reviews[fact.item]
        ahead = tuple(m for m in review.ahead if (m.level, m.limit) != (fact.level, fact.limit))
        self._change(fact.item, ahead=ahead, warned="red" if "red" in (fact.level, review.warned) else "amber")

    def timers(self) -> dict[str, datetime]:
        """One timer a case: the next warning of any review."""
        marks = [mark.at for review in self.reviews.values() for mark in review.ahead]
        return {"warning": min(marks)} if marks else {}

    def joins(self, theme: Theme) -> dict[str, Join]:
        """What the reviews that have not begun wait for, by the item graph of the theme."""
        progress = {item: self._progress(review) for item, review in self.reviews.items()}
        return {
            item: join(theme.item(item), self.standings, progress)
            for item, review in self.reviews.items()
            if review.allows("block")
        }

    # what follows from a change: hopeless reviews, reviews that may begin, the verdict

    def _go_on(
        self,
        theme: Theme,
        calendar: WorkingCalendar,
        day: date,
        act: Act,
        accepted_on: Mapping[str, date] = MappingProxyType({}),
    ) -> None:
        while hopeless := {i: j.blocked_by for i, j in self.joins(theme).items() if j.state == "blocked"}:
            for because in dict.fromkeys(hopeless.values()):
                items = tuple(item for item, causes in hopeless.items() if causes == because)
                self.record(ReviewsBlocked, act, items=items, because=because)
        joins = self.joins(theme)
        ready = [i for i, j in joins.items() if j.state == "ready" and self.reviews[i].allows("unlock")]
        if ready:
            reviews = tuple(unlocked(theme.item(item), calendar, accepted_on.get(item, day)) for item in ready)
            self.record(ReviewsUnlocked, act, reviews=reviews)
        if self.verdict is None and all(review.is_over for review in self.reviews.values()):
            self.record(BundleConcluded, act, **self._conclusion())

    @applies(ReviewsBlocked)
    def _blocked(self, fact: ReviewsBlocked) -> None:
        for item in fact.items:
            self._change(item, status=Status.BLOCKED, because=fact.because)

    @applies(ReviewsUnlocked)
    def _unlocked(self, fact: ReviewsUnlocked) -> None:
        for each in fact.reviews:
            self._change(each.item, status=Status.OPEN, clocks=each, ahead=tuple(marks(each)))

    @applies(BundleConcluded)
    def _concluded(self, fact: BundleConcluded) -> None:
        self.verdict = fact.verdict

    def _conclusion(self) -> dict[str, object]:
        found = {
            status: tuple(item for item, review in self.reviews.items() if review.status is status)
            for status in (Status.GRANTED, Status.DENIED, Status.GONE, Status.BLOCKED)
        }
        verdict: Verdict
        if found[Status.GRANTED]:
            verdict = "granted" if len(found[Status.GRANTED]) == len(self.reviews) else "partly"
        elif found[Status.DENIED]:
            verdict = "denied"
        else:
            reasons = {review.reason for review in self.reviews.values()}
            verdict = "withdrawn" if "withdrawn" in reasons else "not_accepted"
        return {"verdict": verdict} | {status.value: items for status, items in found.items()}

    def _deciding(self, item: str, wanted: Status, theme: Theme, act: Act) -> Review | None:
        """The review that the caller may decide now; None when it was decided so already."""
        review = self.reviews.get(item)
        if review is None or not self.is_open:
            raise NotFound(what="review", id=item)
        if review.status is Status.AWAITED:
            raise NotYetAccepted(item=item, names=_names(theme, item))
        if act.caller is None or act.caller.org != review.handler:
            raise NotYours(item=item, handler=review.handler, names=_names(theme, item))
        if review.status is wanted:
            return None
        if self.verdict is not None:
            raise CaseConcluded(number=self.number, verdict=self.verdict)
        if review.allows("decide"):
            if not review.supplied:
                raise MaterialsOutstanding(item=item, names=_names(theme, item))
            return review
        match review.status:
            case Status.LOCKED:
                waiting = self.joins(theme)[item].waiting_for
                raise ReviewLocked(item=item, waiting_for=list(waiting), names=_names(theme, item, *waiting))
            case Status.BLOCKED:
                because = review.because
                raise ReviewBlocked(item=item, because=list(because), names=_names(theme, item, *because))
            case Status.GONE:
                raise ReviewOver(item=item, reason=review.reason, names=_names(theme, item))
            case _:
                raise AlreadyDecided(
                    item=item,
                    verdict=review.status.value,
                    decision=review.decision,
                    names=_names(theme, item),
                )

    def _decided(self, fact: ReviewGranted | ReviewDenied, status: Status, *, words: str, remedy: str = "") -> None:
        self._change(
            fact.item,
            status=status,
            decision=fact.decision,
            decided_at=fact.at,
            words=words,
            remedy=remedy,
            ahead=(),
        )

    def _decision(self, item: str) -> str:
        """Number of the decision document: an item of a case is decided once."""
        return f"{self.number}-{item}"

    def _progress(self, review: Review) -> Progress:
        """How far an item is for those after it: a blocked one is as lost as what blocked it."""
        match review.status:
            case Status.AWAITED:
                return Progress.PENDING
            case Status.LOCKED | Status.OPEN:
                return Progress.ACCEPTED
            case Status.GRANTED:
                return Progress.APPROVED
            case Status.DENIED:
                return Progress.DENIED
            case Status.GONE:
                return Progress.GONE
            case Status.BLOCKED:
                causes = {self._progress(self.reviews[i]) for i in review.because if i in self.reviews}
                return Progress.DENIED if Progress.DENIED in causes else Progress.GONE

    def _change(self, item: str, **changes: object) -> None:
        self.reviews[item] = replace(self.reviews.get(item, Review()), **changes)


def _names(theme: Theme, *items: str) -> dict[str, str]:
    """What items are called, for the words of a refusal."""
    return {item: theme.item(item).name for item in items}
