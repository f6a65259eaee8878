"""听证: the right is told before the decision, asked for, waived or used (行政许可法 第46—48条)."""

from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from approval.domain.days import past
from approval.domain.desks import Desks
from approval.domain.law import Law
from approval.domain.refusals import (
    HearingNotHeld,
    HearingNoticeTooShort,
    HearingNotRequested,
    HearingOpen,
    HearingOver,
    HearingPartyUnknown,
    HearingRequestLate,
    HearingRightUntold,
    HearingTooLate,
    PresiderIsExaminer,
)
from approval.domain.review import Review
from approval.domain.suspension import Suspending
from contracts.approval import (
    HearingHeld,
    HearingOverdue,
    HearingRequested,
    HearingRightLapsed,
    HearingRightTold,
    HearingScheduled,
    HearingWaived,
)
from contracts.language import Act
from eventing.aggregate import applies

PROCEDURE = "hearing"
"""The special procedure that a hearing is."""


class Hearing(Struct, frozen=True):
    """A hearing from the day on which its right was told."""

    parties: tuple[str, ...]
    until: date
    """The last day on which it may be asked for."""
    wanted_by: tuple[str, ...] = ()
    waived_by: tuple[str, ...] = ()
    lapsed: bool = False
    hold_by: date | None = None
    overdue: bool = False
    on: date | None = None
    place: str = ""
    presider: str = ""
    record: str = ""

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for it to be held."""
        return bool(self.wanted_by) and not self.record

    @property
    def is_undecided(self) -> bool:
        """Whether a party has neither asked for it nor given it up."""
        return not self.record and bool(set(self.parties) - {*self.wanted_by, *self.waived_by})

    def is_open(self, day: date) -> bool:
        """Whether a decision has to wait: it is wanted, or may still be."""
        return self.is_wanted or (self.is_undecided and day <= self.until)

    @property
    def next(self) -> datetime | None:
        """When time does something to it: the right lapses, or the hearing is late."""
        if self.is_wanted and self.hold_by and not self.overdue:
            return past(self.hold_by)
        if self.is_undecided and not self.wanted_by and not self.lapsed:
            return past(self.until)
        return None


class Hearings(Desks, Suspending):
    """Telling the right, asking for a hearing, scheduling and recording it."""

    hearings: dict[str, Hearing]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.hearings = {}

    def tell_hearing_right(self, item: str, parties: tuple[str, ...], notice: str, law: Law, *, act: Act) -> None:
        """The parties are told; they have five working days to ask (第47条). Parties that know are no news.

        Whoever is told later begins the term anew for all of them.
        """
        review = self._worked_on(item, law, act, "hear")
        told = self.hearings.get(item)
        if told and not set(parties) - set(told.parties):
            return
        if told and told.record:
            raise HearingOver(item=item, names=law.names(item))
        self.record(
            HearingRightTold,
            act,
            item=item,
            handler=review.handler,
            parties=tuple(dict.fromkeys((*(told.parties if told else ()), *parties))),
            until=law.calendar.add(law.day, law.rules.hearing_request.days),
            notice=notice,
        )

    @applies(HearingRightTold)
    def _hearing_right_told(self, fact: HearingRightTold) -> None:
        told = self.hearings.get(fact.item) or Hearing(fact.parties, fact.until)
        self.hearings[fact.item] = replace(told, parties=fact.parties, until=fact.until, lapsed=False)

    def request_hearing(self, item: str, party: str, notice: str, law: Law, *, act: Act) -> None:
        """A party asks for a hearing, to be held within twenty working days (第47条); again is no news.

        The clocks stand still from here until it was held (第45条); ``notice`` is the number of the letter that tells
        the applicant so. Anybody may pass the request on.
        """
        hearing = self._hearing_of(item, party, law)
        if party in hearing.wanted_by:
            return
        if hearing.record:
            raise HearingOver(item=item, names=law.names(item))
        if law.day > hearing.until:
            raise HearingRequestLate(item=item, until=hearing.until, names=law.names(item))
        self.record(
            HearingRequested,
            act,
            item=item,
            handler=self.reviews[item].handler,
            party=party,
            hold_by=hearing.hold_by or law.calendar.add(law.day, law.rules.hearing_held.days),
        )
        if not hearing.wanted_by:
            self._stop_for_hearing(item, law, act, notice)

    @applies(HearingRequested)
    def _hearing_requested(self, fact: HearingRequested) -> None:
        hearing = self.hearings[fact.item]
        self._hear(
            fact.item,
            wanted_by=(*hearing.wanted_by, fact.party),
            waived_by=_without(hearing.waived_by, fact.party),
            hold_by=fact.hold_by,
        )

    def waive_hearing(self, item: str, party: str, law: Law, *, act: Act) -> None:
        """A party gives up its right, or takes its request back; again is no news."""
        hearing = self._hearing_of(item, party, law)
        if party in hearing.waived_by:
            return
        if hearing.record:
            raise HearingOver(item=item, names=law.names(item))
        self.record(HearingWaived, act, item=item, handler=self.reviews[item].handler, party=party)
        if hearing.is_wanted and not self.hearings[item].is_wanted:
            self._go_on_after_hearing(item, "waived", law, act)

    @applies(HearingWaived)
    def _hearing_waived(self, fact: HearingWaived) -> None:
        hearing = self.hearings[fact.item]
        left = _without(hearing.wanted_by, fact.party)
        self._hear(fact.item, wanted_by=left, waived_by=(*hearing.waived_by, fact.party))
        if not left:
            self._hear(fact.item, hold_by=None, on=None, place="", presider="", overdue=False)

    def schedule_hearing(self, item: str, on: date, place: str, presider: str, law: Law, *, act: Act) -> None:
        """Sets or moves a hearing: told seven working days before, held within its limit (第47、48条).

        Where no day within the limit leaves time for the notice, the first one that does is the last allowed.
        """
        review = self._worked_on(item, law, act, "hear")
        hearing = self._wanted(item, law)
        if (hearing.on, hearing.place, hearing.presider) == (on, place, presider):
            return
        if presider in self.examiners(item):
            raise PresiderIsExaminer(item=item, presider=presider, names=law.names(item))
        earliest = law.calendar.add(law.day, law.rules.hearing_notice.days)
        latest = max(hearing.hold_by or earliest, earliest)
        if on < earliest:
            raise HearingNoticeTooShort(item=item, earliest=earliest, names=law.names(item))
        if on > latest:
            raise HearingTooLate(item=item, latest=latest, names=law.names(item))
        self.record(
            HearingScheduled,
            act,
            item=item,
            handler=review.handler,
            on=on,
            place=place,
            presider=presider,
            late=hearing.hold_by is not None and on > hearing.hold_by,
        )

    @applies(HearingScheduled)
    def _hearing_scheduled(self, fact: HearingScheduled) -> None:
        self._hear(fact.item, on=fact.on, place=fact.place, presider=fact.presider)

    def record_hearing(self, item: str, record: str, law: Law, *, act: Act) -> None:
        """Puts its record on file; the clocks go on. The same record again is no news."""
        review = self._worked_on(item, law, act, "hear")
        if item in self.hearings and self.hearings[item].record:
            if self.hearings[item].record != record:
                raise HearingOver(item=item, names=law.names(item))
            return
        hearing = self._wanted(item, law)
        if hearing.on is None or law.day < hearing.on:
            raise HearingNotHeld(item=item, on=hearing.on, names=law.names(item))
        self.record(
            HearingHeld,
            act,
            item=item,
            handler=review.handler,
            on=hearing.on,
            presider=hearing.presider,
            record=record,
        )
        self._go_on_after_hearing(item, record, law, act)

    @applies(HearingHeld)
    def _hearing_held(self, fact: HearingHeld) -> None:
        self._hear(fact.item, record=fact.record)

    def remind_of_hearings(self, *, act: Act) -> None:
        """Rights that nobody used lapse; hearings that were not held in time are spoken of, once."""
        for item, hearing in list(self.hearings.items()):
            if hearing.next is None or hearing.next > act.at or not self._is_heard(item):
                continue
            handler = self.reviews[item].handler
            if hearing.is_wanted:
                self.record(HearingOverdue, act, item=item, handler=handler, hold_by=hearing.hold_by)
            else:
                self.record(HearingRightLapsed, act, item=item, handler=handler)

    @applies(HearingOverdue)
    def _hearing_overdue(self, fact: HearingOverdue) -> None:
        self._hear(fact.item, overdue=True)

    @applies(HearingRightLapsed)
    def _hearing_right_lapsed(self, fact: HearingRightLapsed) -> None:
        self._hear(fact.item, lapsed=True)

    def timers(self) -> dict[str, datetime]:
        """One timer a case: the next thing that time does to any of its hearings."""
        times = [h.next for item, h in self.hearings.items() if h.next is not None and self._is_heard(item)]
        return super().timers() | ({"hearing": min(times)} if times else {})

    def examiners(self, item: str) -> frozenset[str]:
        """Who works or has worked on a review: none of them presides over its hearing (第48条第3项)."""
        return frozenset(move.holder for move in self.desks[item].moves) if item in self.desks else frozenset()

    def _begin_anew(self, item: str) -> None:
        """What was told or asked for counts no more; a hearing that was held does."""
        super()._begin_anew(item)
        if item in self.hearings and not self.hearings[item].record:
            del self.hearings[item]

    def _forget(self, item: str) -> None:
        super()._forget(item)
        self.hearings.pop(item, None)

    def _hinder(self, item: str, review: Review, law: Law, act: Act) -> None:
        super()._hinder(item, review, law, act)
        hearing = self.hearings.get(item)
        if hearing is None:
            if law.theme.item(item).hearing:
                raise HearingRightUntold(item=item, names=law.names(item))
            return
        if hearing.is_open(law.day):
            raise HearingOpen(item=item, until=hearing.until, on=hearing.on, names=law.names(item))
        if hearing.record and hearing.presider == act.by:
            raise PresiderIsExaminer(item=item, presider=act.by, names=law.names(item))

    def _hearing_of(self, item: str, party: str, law: Law) -> Hearing:
        """The hearing that a party was told of, while the review is to be decided."""
        hearing = self.hearings.get(item)
        if hearing is None or party not in hearing.parties:
            raise HearingPartyUnknown(item=item, party=party)
        if not self._is_heard(item):
            self._refuse(item, self.reviews[item], law)
        return hearing

    def _wanted(self, item: str, law: Law) -> Hearing:
        hearing = self.hearings.get(item)
        if hearing is None or not (hearing.is_wanted or hearing.record):
            raise HearingNotRequested(item=item, names=law.names(item))
        if hearing.record:
            raise HearingOver(item=item, names=law.names(item))
        return hearing

    def _is_heard(self, item: str) -> bool:
        return self._review(item).allows("hear")

    def _hear(self, item: str, **changes: object) -> None:
        self.hearings[item] = replace(self.hearings[item], **changes)

    def _stop_for_hearing(self, item: str, law: Law, act: Act, notice: str) -> None:
        """The time of the hearing is not counted (第45条), however long its limit lets it take."""
        if not self.reviews[item].running(PROCEDURE):
            self._suspend(item, PROCEDURE, law, act, reason="", days=law.rules.hearing_held.days, notice=notice)

    def _go_on_after_hearing(self, item: str, result: str, law: Law, act: Act) -> None:
        """It was held, or nobody wants it any more."""
        if self.reviews[item].running(PROCEDURE):
            self._resume(item, PROCEDURE, result, law, act)


def _without(parties: tuple[str, ...], party: str) -> tuple[str, ...]:
    return tuple(each for each in parties if each != party)
