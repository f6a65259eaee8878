"""Webhooks: the live feed of halls over HTTP, for subscribers that have no AMQP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.language import Answer, Command, Fact, Query

WebhookState = Literal["active", "paused", "removed"]
DeliveryState = Literal["waiting", "parked", "delivered", "given_up"]

FEED_GONE = "onething.feed.gone.v1"
"""The type of the event that tells a subscriber that events of a hall were kept no more when it came to them."""


# facts


class WebhookCreated(Fact, frozen=True, kw_only=True):
    """A subscriber is told at an address what happens at some halls, from these points of their feeds on."""

    TOPIC: ClassVar[str] = "onething.webhook.created.v1"
    SERVICE: ClassVar[str] = "gateway"
    url: str
    halls: tuple[str, ...]
    topics: tuple[str, ...]
    """Topics that are told, or their beginnings with ``*`` at the end; none named: all."""
    hall: str
    """The hall that the subscription belongs to."""
    after: Mapping[str, int]
    """Hall → the event of its feed after which it begins."""


class WebhookPaused(Fact, frozen=True, kw_only=True):
    """Nothing is sent until it is resumed: somebody asked, or the address answered that it is gone (410)."""

    TOPIC: ClassVar[str] = "onething.webhook.paused.v1"
    SERVICE: ClassVar[str] = "gateway"
    reason: str
    gone: bool = False


class WebhookResumed(Fact, frozen=True, kw_only=True):
    """It is sent again, from where it stopped."""

    TOPIC: ClassVar[str] = "onething.webhook.resumed.v1"
    SERVICE: ClassVar[str] = "gateway"


class WebhookSecretRotated(Fact, frozen=True, kw_only=True):
    """A new secret signs; until the old one ends both do. The secrets themselves are in no fact."""

    TOPIC: ClassVar[str] = "onething.webhook.secret-rotated.v1"
    SERVICE: ClassVar[str] = "gateway"
    generation: int
    old_until: datetime


class WebhookReplayed(Fact, frozen=True, kw_only=True):
    """Everything after a point of a hall's feed is told again."""

    TOPIC: ClassVar[str] = "onething.webhook.replayed.v1"
    SERVICE: ClassVar[str] = "gateway"
    hall: str
    after: int


class WebhookRemoved(Fact, frozen=True, kw_only=True):
    """The subscription ended; what was not delivered never will be."""

    TOPIC: ClassVar[str] = "onething.webhook.removed.v1"
    SERVICE: ClassVar[str] = "gateway"
    reason: str


class DeliveryRedriven(Fact, frozen=True, kw_only=True):
    """A delivery that was parked is tried again."""

    TOPIC: ClassVar[str] = "onething.webhook.delivery-redriven.v1"
    SERVICE: ClassVar[str] = "gateway"
    hall: str
    seq: int


class DeliveryGivenUp(Fact, frozen=True, kw_only=True):
    """A delivery that was parked is not made; what comes after it in its case goes on."""

    TOPIC: ClassVar[str] = "onething.webhook.delivery-given-up.v1"
    SERVICE: ClassVar[str] = "gateway"
    hall: str
    seq: int
    reason: str


# answers


class WebhookPlace(Answer, frozen=True, kw_only=True):
    """How far a subscription came in the feed of a hall."""

    hall: str
    seq: int
    """Up to here events were taken from the feed."""
    missed_after: int | None
    missed_upto: int | None
    """The last stretch that was kept no more when the subscription came to it."""
    missed_at: datetime | None


class WebhookRow(Answer, frozen=True, kw_only=True):
    """A subscription in the list."""

    webhook: str
    hall: str
    url: str
    halls: tuple[str, ...]
    topics: tuple[str, ...]
    state: WebhookState
    reason: str
    """Why it is paused or removed."""
    gone: bool
    """Whether the address itself said that it is gone."""
    generation: int
    """Which secret signs."""
    old_until: datetime | None
    """Until when the secret before it signs, too."""
    created_at: datetime


class WebhookDetail(WebhookRow, frozen=True, kw_only=True):
    """A subscription, and how far it came."""

    places: tuple[WebhookPlace, ...]
    waiting: int
    parked: int
    oldest_waiting_at: datetime | None
    """Since when the delivery waits that has waited longest."""


class WebhookPage(Answer, frozen=True, kw_only=True):
    """A page of subscriptions."""

    webhooks: tuple[WebhookRow, ...]
    after: str


class WebhookSecret(Answer, frozen=True, kw_only=True):
    """The secrets that sign now, the newest first, as Standard Webhooks writes them (``whsec_…``)."""

    webhook: str
    secrets: tuple[str, ...]


class Delivery(Answer, frozen=True, kw_only=True):
    """An event on its way to a subscriber."""

    hall: str
    seq: int
    topic: str
    subject: str
    """The case, or whatever else it happened to: its events keep their order."""
    state: DeliveryState
    attempts: int
    taken_at: datetime
    """When it was taken from the feed, or redriven."""
    due_at: datetime
    """When it is tried (again)."""
    done_at: datetime | None
    status: int | None
    """What the address answered last; None: nothing."""
    error: str


class DeliveryPage(Answer, frozen=True, kw_only=True):
    """A page of deliveries, in the order of halls and their feeds."""

    deliveries: tuple[Delivery, ...]
    after: str


# commands


class CreateWebhook(Command, frozen=True, kw_only=True):
    """Tell an address what happens at halls of one's own. Without ``after`` it begins now."""

    SERVICE: ClassVar[str] = "gateway"
    ANSWER: ClassVar[Any] = WebhookRow
    webhook: str
    url: str
    halls: tuple[str, ...]
    topics: tuple[str, ...] = ()
    after: dict[str, int] = {}


class PauseWebhook(Command, frozen=True, kw_only=True):
    """Send nothing for a while. What happens meanwhile waits in the feed, as long as that is kept."""

    SERVICE: ClassVar[str] = "gateway"
    webhook: str
    reason: str


class ResumeWebhook(Command, frozen=True, kw_only=True):
    """Send again, from where it stopped."""

    SERVICE: ClassVar[str] = "gateway"
    webhook: str


class RotateWebhookSecret(Command, frozen=True, kw_only=True):
    """Have a new secret sign; the old one signs beside it for some hours."""

    SERVICE: ClassVar[str] = "gateway"
    webhook: str
    hours: int = 24


class ReplayWebhook(Command, frozen=True, kw_only=True):
    """Tell again what happened at a hall after a point of its feed."""

    SERVICE: ClassVar[str] = "gateway"
    webhook: str
    hall: str
    after: int


class RemoveWebhook(Command, frozen=True, kw_only=True):
    """End the subscription."""

    SERVICE: ClassVar[str] = "gateway"
    webhook: str
    reason: str


class RedriveDelivery(Command, frozen=True, kw_only=True):
    """Try a parked delivery again."""

    SERVICE: ClassVar[str] = "gateway"
    webhook: str
    hall: str
    seq: int


class GiveUpDelivery(Command, frozen=True, kw_only=True):
    """Let a parked delivery be, so that its case goes on."""

    SERVICE: ClassVar[str] = "gateway"
    webhook: str
    hall: str
    seq: int
    reason: str


class ReportWebhookGone(Command, frozen=True, kw_only=True):
    """The address answered that it is gone (410)."""

    SERVICE: ClassVar[str] = "gateway"
    INTERNAL: ClassVar[str] = "whoever sends hears it from the address"
    webhook: str


# queries


class GetWebhook(Query, frozen=True, kw_only=True):
    """A subscription, its places in the feeds, and what waits."""

    SERVICE: ClassVar[str] = "gateway"
    ROUTE: ClassVar[str] = "GET /webhooks/{webhook}"
    ANSWER: ClassVar[Any] = WebhookDetail
    webhook: str


class GetWebhookSecret(Query, frozen=True, kw_only=True):
    """The secrets by which the subscriber knows that it is this house that speaks."""

    SERVICE: ClassVar[str] = "gateway"
    ROUTE: ClassVar[str] = "GET /webhooks/{webhook}/secret"
    ANSWER: ClassVar[Any] = WebhookSecret
    webhook: str


class ListWebhooks(Query, frozen=True, kw_only=True):
    """The subscriptions of one's halls; those that ended only when asked for."""

    SERVICE: ClassVar[str] = "gateway"
    ROUTE: ClassVar[str] = "GET /webhooks"
    ANSWER: ClassVar[Any] = WebhookPage
    state: WebhookState | Literal[""] = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class ListDeliveries(Query, frozen=True, kw_only=True):
    """The deliveries of a subscription, by state; what was delivered is kept for some days."""

    SERVICE: ClassVar[str] = "gateway"
    ROUTE: ClassVar[str] = "GET /webhooks/{webhook}/deliveries"
    ANSWER: ClassVar[Any] = DeliveryPage
    webhook: str
    state: DeliveryState | Literal[""] = ""
    subject: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class FeedGap(msgspec.Struct, frozen=True, kw_only=True):
    """What the event ``onething.feed.gone.v1`` says: these events of a hall's feed were kept no more."""

    hall: str
    after: int
    upto: int
