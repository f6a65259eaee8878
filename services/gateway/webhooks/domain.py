"""A subscription: where it sends, about which halls, and what was decided about it. Refusals first."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from contracts.language import Act
from contracts.scopes import Reach
from contracts.webhooks import (
    DeliveryGivenUp,
    DeliveryRedriven,
    WebhookCreated,
    WebhookPaused,
    WebhookRemoved,
    WebhookReplayed,
    WebhookResumed,
    WebhookSecretRotated,
)
from eventing.aggregate import Aggregate, applies
from eventing.errors import Invalid, Refused

MOST_HALLS = 50
LONGEST_OVERLAP = 720
"""Hours for which an old secret may go on beside the new one."""


class WebhookAddressBad(Invalid):
    """Nothing may be sent to the address."""


class WebhookHallsMissing(Invalid):
    """A subscription is about one to fifty halls."""


class WebhookTopicBad(Invalid):
    """A topic is a whole one, or the beginning of some with ``*`` at the end."""


class WebhookDiffers(Refused):
    """The id belongs to another subscription."""


class WebhookRemovedAlready(Refused):
    """The subscription has ended."""


class WebhookReasonMissing(Invalid):
    """Whoever looks later shall know why."""


class WebhookHallUnknown(Invalid):
    """The subscription is not about that hall."""


class WebhookPlaceAhead(Invalid):
    """The feed has not come that far."""


class WebhookHoursBad(Invalid):
    """Two secrets are valid for a bounded time."""


class DeliveryNotParked(Refused):
    """Only a parked delivery can be redriven or given up."""


class Webhook(Aggregate):
    """One subscription."""

    case_bound = False

    url: str
    halls: tuple[str, ...]
    topics: tuple[str, ...]
    hall: str
    status: str
    reason: str
    is_gone: bool
    generation: int
    old_until: datetime | None
    created_at: datetime | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.url = ""
        self.halls = ()
        self.topics = ()
        self.hall = ""
        self.status = ""
        self.reason = ""
        self.is_gone = False
        self.generation = 1
        self.old_until = None
        self.created_at = None

    def reach(self) -> Reach:
        """The hall that it belongs to."""
        return Reach(halls=frozenset((self.hall,)) - {""})

    def create(
        self,
        url: str,
        halls: tuple[str, ...],
        topics: tuple[str, ...],
        hall: str,
        after: Mapping[str, int],
        *,
        act: Act,
    ) -> bool:
        """Begins it; the same again is no news."""
        self._check_open()
        if self.version:
            if (url, halls, topics) == (self.url, self.halls, self.topics):
                return False
            raise WebhookDiffers(webhook=self.stream)
        if not 1 <= len(halls) <= MOST_HALLS or not all(halls):
            raise WebhookHallsMissing
        for topic in topics:
            if not topic or "*" in topic[:-1]:
                raise WebhookTopicBad(topic=topic)
        if unknown := after.keys() - {*halls}:
            raise WebhookHallUnknown(hall=min(unknown))
        self.record(WebhookCreated, act, url=url, halls=halls, topics=topics, hall=hall, after=dict(after))
        return True

    @applies(WebhookCreated)
    def _created(self, fact: WebhookCreated) -> None:
        self.url, self.halls, self.topics, self.hall = fact.url, fact.halls, fact.topics, fact.hall
        self.status = "active"
        self.created_at = fact.at

    def pause(self, reason: str, *, gone: bool = False, act: Act) -> None:
        """Sends nothing for now; the same again is no news."""
        self._check_open()
        if self.status == "paused":
            return
        self.record(WebhookPaused, act, reason=_said(reason), gone=gone)

    @applies(WebhookPaused)
    def _paused(self, fact: WebhookPaused) -> None:
        self.status, self.reason, self.is_gone = "paused", fact.reason, fact.gone

    def resume(self, *, act: Act) -> None:
        """Sends again; the same again is no news."""
        self._check_open()
        if self.status == "paused":
            self.record(WebhookResumed, act)

    @applies(WebhookResumed)
    def _resumed(self, _: WebhookResumed) -> None:
        self.status, self.reason, self.is_gone = "active", "", False

    def rotate(self, hours: int, *, act: Act) -> None:
        """Another secret signs from now on."""
        self._check_open()
        if not 0 <= hours <= LONGEST_OVERLAP:
            raise WebhookHoursBad
        until = act.at + timedelta(hours=hours)
        self.record(WebhookSecretRotated, act, generation=self.generation + 1, old_until=until)

    @applies(WebhookSecretRotated)
    def _rotated(self, fact: WebhookSecretRotated) -> None:
        self.generation, self.old_until = fact.generation, fact.old_until

    def replay_from(self, hall: str, after: int, head: int, *, act: Act) -> None:
        """Everything after that point is told again."""
        self._check_open()
        if hall not in self.halls:
            raise WebhookHallUnknown(hall=hall)
        if not 0 <= after <= head:
            raise WebhookPlaceAhead(hall=hall, after=after)
        self.record(WebhookReplayed, act, hall=hall, after=after)

    @applies(WebhookReplayed)
    def _replayed(self, _: WebhookReplayed) -> None:
        """Where it stands is in the table of places."""

    def redrive(self, hall: str, seq: int, *, is_parked: bool, act: Act) -> None:
        """A parked delivery is tried again."""
        self._check_open()
        if not is_parked:
            raise DeliveryNotParked(hall=hall, seq=seq)
        self.record(DeliveryRedriven, act, hall=hall, seq=seq)

    @applies(DeliveryRedriven)
    def _redriven(self, _: DeliveryRedriven) -> None:
        """How it stands is in the table of deliveries."""

    def give_up(self, hall: str, seq: int, reason: str, *, is_parked: bool, act: Act) -> None:
        """A parked delivery is not made."""
        self._check_open()
        if not is_parked:
            raise DeliveryNotParked(hall=hall, seq=seq)
        self.record(DeliveryGivenUp, act, hall=hall, seq=seq, reason=_said(reason))

    @applies(DeliveryGivenUp)
    def _given_up(self, _: DeliveryGivenUp) -> None:
        """How it stands is in the table of deliveries."""

    def remove(self, reason: str, *, act: Act) -> bool:
        """Ends it; the same again is no news."""
        if self.status == "removed":
            return False
        self.record(WebhookRemoved, act, reason=_said(reason))
        return True

    @applies(WebhookRemoved)
    def _removed(self, fact: WebhookRemoved) -> None:
        self.status, self.reason = "removed", fact.reason

    def _check_open(self) -> None:
        if self.status == "removed":
            raise WebhookRemovedAlready(webhook=self.stream)


def _said(reason: str) -> str:
    if not reason.strip():
        raise WebhookReasonMissing
    return reason.strip()
