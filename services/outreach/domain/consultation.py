"""咨询: somebody asked and was answered; called back, perhaps, and perhaps a case came of it."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from catalogue import Catalogue, UnknownItem, UnknownTheme
from catalogue.errors import UnknownAnswer
from catalogue.selection import check_answers
from contracts.language import Act, Sealed
from contracts.outreach import (
    ConsultationChannel,
    ConsultationClosed,
    ConsultationFollowedUp,
    ConsultationLinked,
    ConsultationRecorded,
    FollowUp,
    Intention,
)
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from kernel.clock import local_date
from outreach.domain.refusals import (
    CaseOfAnotherTheme,
    ConsultationDiffers,
    ConsultationEnded,
    ConsultationLinkedAlready,
    FollowUpPast,
    GuideUnknown,
    NothingAsked,
)


class Matter(Struct, frozen=True):
    """What a consultation is about, and what was told."""

    channel: ConsultationChannel = "window"
    theme: str = ""
    items: tuple[str, ...] = ()
    answers: dict[str, str] = {}
    place: str = ""
    catalogue: str = ""
    notice: str = ""


class Private(Struct, frozen=True):
    """Who asked: by blind index, and in words that are sealed with the consultation's own key."""

    person: str = ""
    person_day: str = ""
    key_id: str = ""
    question: Sealed | None = None


ANONYMOUS = Private()


def check_guide(catalogue: Catalogue, theme: str, items: tuple[str, ...], answers: Mapping[str, str]) -> None:
    """The guide has what was told of it. Raises GuideUnknown."""
    try:
        of_theme = catalogue.theme(theme)
        for item in items:
            of_theme.item(item)
        check_answers(of_theme, answers)
    except UnknownTheme as error:
        raise GuideUnknown(theme=theme, what=theme) from error
    except UnknownItem as error:
        raise GuideUnknown(theme=theme, what=error.item) from error
    except UnknownAnswer as error:
        raise GuideUnknown(theme=theme, what=error.question) from error


class Consultation(Aggregate):
    """One consultation."""

    case_bound = False

    matter: Matter
    hall: str
    window: str
    by: str
    on: date | None
    at: datetime | None
    intention: Intention
    follow_up_on: date | None
    person: str
    person_day: str
    key_id: str
    question: Sealed | None
    calls: tuple[str, ...]
    led_to: str
    is_closed: bool

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.matter = Matter()
        self.hall = ""
        self.window = ""
        self.by = ""
        self.on = None
        self.at = None
        self.intention = "unknown"
        self.follow_up_on = None
        self.person = ""
        self.person_day = ""
        self.key_id = ""
        self.question = None
        self.calls = ()
        """What came of each call back."""
        self.led_to = ""
        self.is_closed = False

    def take(
        self,
        matter: Matter,
        private: Private = ANONYMOUS,
        *,
        intention: Intention = "unknown",
        follow_up_on: date | None = None,
        act: Act,
    ) -> None:
        """Records that somebody asked; the same again is no news."""
        if self.version:
            if (self.matter, self.person) != (matter, private.person):
                raise ConsultationDiffers(consultation=self.stream)
            return
        if not matter.theme and private.question is None:
            raise NothingAsked
        today = local_date(act.at)
        self._check_day(follow_up_on, today)
        self.record(
            ConsultationRecorded,
            act,
            channel=matter.channel,
            on=today,
            theme=matter.theme,
            items=matter.items,
            answers=matter.answers,
            hall=act.caller.hall if act.caller else "",
            window=act.caller.window if act.caller else "",
            place=matter.place,
            catalogue=matter.catalogue,
            notice=matter.notice,
            intention=intention,
            follow_up_on=follow_up_on,
            person=private.person,
            person_day=private.person_day,
            key_id=private.key_id,
            question=private.question,
        )

    @applies(ConsultationRecorded)
    def _recorded(self, fact: ConsultationRecorded) -> None:
        self.matter = Matter(
            fact.channel, fact.theme, fact.items, fact.answers, fact.place, fact.catalogue, fact.notice
        )
        for name in ("hall", "window", "by", "on", "at", "intention", "follow_up_on", "person", "person_day", "key_id"):
            setattr(self, name, getattr(fact, name))
        self.question = fact.question

    def follow_up(self, outcome: FollowUp, intention: Intention, next_on: date | None, *, act: Act) -> None:
        """Records a call back; ``unknown`` leaves the intention as it was."""
        self._check_open()
        self._check_day(next_on, local_date(act.at))
        said = self.intention if intention == "unknown" else intention
        self.record(ConsultationFollowedUp, act, outcome=outcome, intention=said, next_on=next_on)

    @applies(ConsultationFollowedUp)
    def _followed_up(self, fact: ConsultationFollowedUp) -> None:
        self.calls += (fact.outcome,)
        self.intention = fact.intention
        self.follow_up_on = fact.next_on

    def link(self, led_to: str, theme: str, *, act: Act) -> None:
        """Names the case that came of it, also of one that was closed long ago; the same again is no news."""
        if self.led_to == led_to:
            return
        if self.led_to:
            raise ConsultationLinkedAlready(case=self.led_to)
        if self.matter.theme and self.matter.theme != theme:
            raise CaseOfAnotherTheme(theme=self.matter.theme, of_case=theme)
        self.record(ConsultationLinked, act, led_to=led_to)

    @applies(ConsultationLinked)
    def _linked(self, fact: ConsultationLinked) -> None:
        self.led_to = fact.led_to
        self.intention = "intends"

    def close(self, *, act: Act) -> None:
        """Nobody has to come back to it; the same again is no news."""
        if not self.is_closed:
            self.record(ConsultationClosed, act, key_id=self.key_id)

    @applies(ConsultationClosed)
    def _closed(self, _: ConsultationClosed) -> None:
        self.is_closed = True
        self.follow_up_on = None

    def reach(self) -> Reach:
        """Its hall, and who recorded it."""
        return Reach(halls=frozenset((self.hall,)) - {""}, people=frozenset((self.by,)))

    def is_shown_to(self, by: str, hall: str) -> bool:
        """Whether somebody may read what is personal in it: who recorded it, or its hall."""
        return by == self.by or bool(hall and hall == self.hall)

    @property
    def standing(self) -> str:
        """Where it stands."""
        if self.led_to:
            return "linked"
        return "closed" if self.is_closed else "open"

    def _check_open(self) -> None:
        if self.is_closed:
            raise ConsultationEnded(consultation=self.stream)

    def _check_day(self, on: date | None, today: date) -> None:
        if on is not None and on < today:
            raise FollowUpPast(on=on)
