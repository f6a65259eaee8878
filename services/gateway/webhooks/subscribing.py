"""Subscriptions as a part of the gateway's service: what may be decided and asked about them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from contracts.feed import FeedHeads, ReadFeed
from contracts.language import Act, Caller
from contracts.webhooks import (
    CreateWebhook,
    GetWebhook,
    GetWebhookSecret,
    GiveUpDelivery,
    ListDeliveries,
    ListWebhooks,
    PauseWebhook,
    RedriveDelivery,
    RemoveWebhook,
    ReplayWebhook,
    ReportWebhookGone,
    ResumeWebhook,
    RotateWebhookSecret,
)
from eventing import scoping
from eventing.paging import Order
from eventing.service import command, query
from gateway.webhooks import queue, signing
from gateway.webhooks.addresses import Rules
from gateway.webhooks.domain import Webhook, WebhookPlaceAhead
from gateway.webhooks.tables import DELIVERIES, OPEN, PLACES, WEBHOOKS, webhook_rows

PAGE = 200
GONE = "410"

BY_ID = Order(WEBHOOKS.c.webhook)
BY_PLACE = Order(DELIVERIES.c.hall, DELIVERIES.c.seq)

_D = DELIVERIES.c
_SHOWN = (
    _D.hall, _D.seq, _D.topic, _D.subject, _D.state, _D.attempts, _D.taken_at, _D.due_at, _D.done_at, _D.status,
    _D.error,
)  # fmt: skip


class Subscribing:
    """Commands and questions about webhooks."""

    store: Any
    peers: Any
    clock: Any
    edge: Any

    @command(CreateWebhook, on=Webhook, key="webhook", creates=True, given="heads_of_halls")
    def create_webhook(self, webhook: Webhook, cmd: CreateWebhook, act: Act, heads: dict[str, int]) -> dict[str, Any]:
        """Begins now, or after a point that the feeds have reached."""
        _check_halls(act.caller, cmd.halls)
        self._rules().check(cmd.url)
        halls = tuple(dict.fromkeys(cmd.halls))
        for hall, after in cmd.after.items():
            if hall in halls and not 0 <= after <= heads.get(hall, 0):  # of another hall, the subscription says so
                raise WebhookPlaceAhead(hall=hall, after=after)
        places = {hall: cmd.after.get(hall, heads.get(hall, 0)) for hall in halls}
        if cmd.after.keys() - {*halls}:
            places |= cmd.after
        home = act.caller.hall if act.caller is not None and act.caller.hall else next(iter(halls), "")
        if webhook.create(cmd.url, halls, cmd.topics, home, places, act=act):
            self.store.also(queue.begin(webhook.stream, places))
        return webhook_rows(webhook)[0]

    def heads_of_halls(self, batch: Sequence[tuple[Webhook, CreateWebhook, Act]]) -> list[dict[str, int]]:
        """How far the feeds of the halls reach."""
        return [self.peers.ask(FeedHeads(halls=cmd.halls)) for _, cmd, _ in batch]

    @command(PauseWebhook, on=Webhook, key="webhook")
    def pause_webhook(self, webhook: Webhook, cmd: PauseWebhook, act: Act) -> None:
        """Nothing is sent for now."""
        _check_halls(act.caller, webhook.halls)
        webhook.pause(cmd.reason, act=act)

    @command(ReportWebhookGone, on=Webhook, key="webhook")
    def report_webhook_gone(self, webhook: Webhook, cmd: ReportWebhookGone, act: Act) -> None:
        """The address wants nothing any more."""
        if webhook.status == "active":
            webhook.pause(GONE, gone=True, act=act)

    @command(ResumeWebhook, on=Webhook, key="webhook")
    def resume_webhook(self, webhook: Webhook, cmd: ResumeWebhook, act: Act) -> None:
        """Goes on where it stopped."""
        _check_halls(act.caller, webhook.halls)
        webhook.resume(act=act)

    @command(RotateWebhookSecret, on=Webhook, key="webhook")
    def rotate_webhook_secret(self, webhook: Webhook, cmd: RotateWebhookSecret, act: Act) -> None:
        """Another secret signs."""
        _check_halls(act.caller, webhook.halls)
        webhook.rotate(cmd.hours, act=act)

    @command(ReplayWebhook, on=Webhook, key="webhook", given="head_of_hall")
    def replay_webhook(self, webhook: Webhook, cmd: ReplayWebhook, act: Act, head: int) -> None:
        """Tells again."""
        _check_halls(act.caller, webhook.halls)
        webhook.replay_from(cmd.hall, cmd.after, head, act=act)
        self.store.also(queue.go_back(webhook.stream, cmd.hall, cmd.after))

    def head_of_hall(self, batch: Sequence[tuple[Webhook, ReplayWebhook, Act]]) -> list[int]:
        """How far the feed of the hall reaches."""
        return [self.peers.ask(FeedHeads(halls=(cmd.hall,))).get(cmd.hall, 0) for _, cmd, _ in batch]

    @command(RemoveWebhook, on=Webhook, key="webhook")
    def remove_webhook(self, webhook: Webhook, cmd: RemoveWebhook, act: Act) -> None:
        """Ends it."""
        _check_halls(act.caller, webhook.halls)
        if webhook.remove(cmd.reason, act=act):
            self.store.also(queue.end(webhook.stream))

    @command(RedriveDelivery, on=Webhook, key="webhook", given="is_parked")
    def redrive_delivery(self, webhook: Webhook, cmd: RedriveDelivery, act: Act, parked: bool) -> None:
        """Tries it again."""
        _check_halls(act.caller, webhook.halls)
        webhook.redrive(cmd.hall, cmd.seq, is_parked=parked, act=act)
        self.store.also(queue.again(webhook.stream, cmd.hall, cmd.seq, datetime.now(UTC)))

    @command(GiveUpDelivery, on=Webhook, key="webhook", given="is_parked")
    def give_up_delivery(self, webhook: Webhook, cmd: GiveUpDelivery, act: Act, parked: bool) -> None:
        """Lets it be."""
        _check_halls(act.caller, webhook.halls)
        webhook.give_up(cmd.hall, cmd.seq, cmd.reason, is_parked=parked, act=act)
        self.store.also(queue.leave(webhook.stream, cmd.hall, cmd.seq, datetime.now(UTC)))

    def is_parked(self, batch: Sequence[tuple[Webhook, RedriveDelivery | GiveUpDelivery, Act]]) -> list[bool]:
        """Whether these deliveries are parked."""
        return [
            bool(
                self.store.select(
                    sa.select(_D.seq).where(
                        _D.webhook == webhook.stream, _D.hall == cmd.hall, _D.seq == cmd.seq, _D.state == "parked"
                    )
                )
            )
            for webhook, cmd, _ in batch
        ]

    @query(ListWebhooks)
    def list_webhooks(self, query: ListWebhooks, caller: Caller) -> dict[str, Any]:
        """A page of them."""
        statement = scoping.narrowed(WEBHOOKS.table.select(), query, caller, halls=(WEBHOOKS.c.hall,))
        state = WEBHOOKS.c.state
        statement = statement.where(state == query.state if query.state else state != "removed")
        limit = max(1, min(query.limit, PAGE))
        rows = self.store.select(BY_ID.page(statement, query.after, limit, reverse=query.reversed))
        return {"webhooks": [dict(row) for row in rows], "after": BY_ID.cursor(rows, limit)}

    @query(GetWebhook)
    def get_webhook(self, query: GetWebhook, caller: Caller) -> dict[str, Any]:
        """The subscription, its places, and what waits."""
        webhook = self._seen(query, caller)
        places = self.store.select(
            sa.select(*(column for column in PLACES.c if column.name != "webhook"))
            .where(PLACES.c.webhook == query.webhook)
            .order_by(PLACES.c.hall)
        )
        counted = {
            row["state"]: row
            for row in self.store.select(
                sa.select(_D.state, sa.func.count().label("n"), sa.func.min(_D.taken_at).label("oldest"))
                .where(_D.webhook == query.webhook, _D.state.in_(OPEN))
                .group_by(_D.state)
            )
        }
        waiting, parked = counted.get("waiting"), counted.get("parked")
        return {
            **webhook_rows(webhook)[0],
            "places": [dict(row) for row in places],
            "waiting": waiting["n"] if waiting else 0,
            "parked": parked["n"] if parked else 0,
            "oldest_waiting_at": waiting["oldest"] if waiting else None,
        }

    @query(GetWebhookSecret)
    def get_webhook_secret(self, query: GetWebhookSecret, caller: Caller) -> dict[str, Any]:
        """Made when it is asked for, and kept nowhere."""
        webhook = self._seen(query, caller)
        key = self.edge.settings.derived_key(signing.PURPOSE)
        secrets = signing.secrets_of(key, query.webhook, webhook.generation, webhook.old_until, self.clock.now())
        return {"webhook": query.webhook, "secrets": [signing.written(each) for each in secrets]}

    @query(ListDeliveries)
    def list_deliveries(self, query: ListDeliveries, caller: Caller) -> dict[str, Any]:
        """A page of them."""
        self._seen(query, caller)
        statement = sa.select(*_SHOWN).where(_D.webhook == query.webhook)
        for column, wanted in ((_D.state, query.state), (_D.subject, query.subject)):
            if wanted:
                statement = statement.where(column == wanted)
        limit = max(1, min(query.limit, PAGE))
        rows = self.store.select(BY_PLACE.page(statement, query.after, limit, reverse=query.reversed))
        return {"deliveries": [dict(row) for row in rows], "after": BY_PLACE.cursor(rows, limit)}

    def _seen(self, query: GetWebhook | GetWebhookSecret | ListDeliveries, caller: Caller) -> Webhook:
        webhook: Webhook = self.store.seen(Webhook, query.webhook, query, caller)
        _check_halls(caller, webhook.halls)
        return webhook

    def _rules(self) -> Rules:
        settings = self.edge.settings
        return Rules(settings.webhook_networks, plain=settings.profile == "embedded")


def _check_halls(caller: Caller | None, halls: Iterable[str]) -> None:
    """Raises NotYourRole, OutOfScope unless the caller may follow every one of these halls."""
    if caller is None:
        return
    for hall in halls:
        scoping.at_hall(ReadFeed(hall=hall), caller, hall)
