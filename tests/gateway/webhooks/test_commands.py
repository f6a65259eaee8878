"""Every command of webhooks: what it records, what is refused, and that the same again is no news."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from contracts.feed import FeedHeads
from contracts.language import Caller, Command
from contracts.webhooks import (
    CreateWebhook,
    DeliveryGivenUp,
    DeliveryRedriven,
    GetWebhook,
    GetWebhookSecret,
    GiveUpDelivery,
    ListWebhooks,
    PauseWebhook,
    RedriveDelivery,
    RemoveWebhook,
    ReplayWebhook,
    ReportWebhookGone,
    ResumeWebhook,
    RotateWebhookSecret,
    WebhookCreated,
    WebhookPaused,
    WebhookRemoved,
    WebhookReplayed,
    WebhookResumed,
    WebhookSecretRotated,
)
from eventing import mapper
from eventing.errors import OneThingError
from gateway.service import Gateway
from gateway.webhooks.posting import Result
from gateway.webhooks.queue import Queue
from gateway.webhooks.tables import DELIVERIES
from testkit.facts import NOON
from testkit.meanwhile import meanwhile
from testkit.replica import Replica

MANAGER = Caller(by="manager-1", org="zwzx", hall="county", roles=("manager",), halls=("street",))
STRANGER = Caller(by="manager-2", org="khh", hall="bank", roles=("manager",))
CLERK = Caller(by="clerk-1", org="zwzx", hall="county", roles=("clerk",))
URL = "https://hooks.example.org/onething"
HEADS = {"county": 40, "street": 7}
CREATE = CreateWebhook(webhook="w1", url=URL, halls=("county",))


class Feeds:
    """How far the feeds of halls reach."""

    def ask(self, query: FeedHeads) -> dict[str, int]:
        return {hall: HEADS[hall] for hall in query.halls if hall in HEADS}


class Edge:
    settings = SimpleNamespace(webhook_networks=(), profile="cluster", derived_key=lambda purpose: b"k" * 32)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Replica]:
    made = Replica(Gateway, f"sqlite:///{tmp_path}/gateway.db", peers=Feeds(), edge=Edge())
    yield made
    made.store.close()


@pytest.fixture
def active(gateway: Replica) -> Replica:
    """A subscription that is told everything of the county."""
    gateway.command(CREATE, caller=MANAGER)
    return gateway


@pytest.fixture
def parked(active: Replica) -> Replica:
    """The same, with a delivery that waits for somebody to decide."""
    event = {"seq": 41, "subject": "case-1", "topic": "onething.case.opened.v1", "body": "{}"}
    assert Queue(active.service.store).take_in("w1", "county", 40, 41, [event], now=NOON)
    with active.store.writing() as connection:
        connection.execute(DELIVERIES.update().values(state="parked"))
    return active


def recorded(gateway: Replica) -> list[Any]:
    return [mapper.decode(each.topic, each.state) for each in gateway.log() if each.stream == "w1"]


def refusal(gateway: Replica, command: Command, caller: Caller = MANAGER) -> str:
    before = len(recorded(gateway))
    with pytest.raises(OneThingError) as refused:
        gateway.command(command, caller=caller)
    assert len(recorded(gateway)) == before
    return refused.value.code


def states(gateway: Replica) -> list[str]:
    return [row["state"] for row in gateway.store.select(DELIVERIES.select())]


def test_what_is_told_again_goes_before_what_follows_it_in_its_case(active: Replica) -> None:
    """A replay comes between the look at what is due and its lease."""
    queue = Queue(active.service.store)
    first, second = (
        {"seq": seq, "subject": "case-1", "topic": "onething.case.opened.v1", "body": "{}"} for seq in (41, 42)
    )
    assert queue.take_in("w1", "county", 40, 42, [first, second], now=NOON)
    (row,) = queue.claim("w1", NOON, "ours", 60, 4)
    assert queue.settle(row, "ours", Result(status=204), now=NOON, pause=0, patience=timedelta(1)) == "delivered"

    def told_again() -> None:
        active.command(ReplayWebhook(webhook="w1", hall="county", after=40), caller=MANAGER)
        assert queue.take_in("w1", "county", 40, 41, [first], now=NOON)

    with meanwhile(active.store, told_again, after="ORDER BY") as came:
        assert queue.claim("w1", NOON, "ours", 60, 1) == []

    assert came
    assert [each["seq"] for each in queue.claim("w1", NOON, "ours", 60, 4)] == [41]


class TestCreate:
    def test_it_begins_where_the_feed_is(self, gateway: Replica) -> None:
        (row,) = gateway.command(CREATE, caller=MANAGER)

        (fact,) = recorded(gateway)
        assert isinstance(fact, WebhookCreated)
        assert (fact.url, fact.halls, fact.hall, fact.after) == (URL, ("county",), "county", {"county": 40})
        assert (row["state"], row["generation"]) == ("active", 1)
        shown = gateway.ask(GetWebhook(webhook="w1"), caller=MANAGER)
        assert [(each["hall"], each["seq"]) for each in shown["places"]] == [("county", 40)]

    def test_it_begins_where_it_is_told_to(self, gateway: Replica) -> None:
        gateway.command(
            msgspec.structs.replace(CREATE, halls=("county", "street"), after={"street": 0}), caller=MANAGER
        )

        assert recorded(gateway)[0].after == {"county": 40, "street": 0}

    def test_the_same_again_is_no_news_and_another_is_refused(self, active: Replica) -> None:
        active.command(CREATE, caller=MANAGER)

        assert len(recorded(active)) == 1
        assert refusal(active, msgspec.structs.replace(CREATE, url=f"{URL}/other")) == "webhook-differs"

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"url": "http://hooks.example.org/"}, "webhook-address-bad"),
            ({"url": "https://10.0.0.1/"}, "webhook-address-bad"),
            ({"url": "https://me:secret@hooks.example.org/"}, "webhook-address-bad"),
            ({"halls": ()}, "webhook-halls-missing"),
            ({"topics": ("one*thing",)}, "webhook-topic-bad"),
            ({"after": {"county": 41}}, "webhook-place-ahead"),
            ({"after": {"street": 1}}, "webhook-hall-unknown"),
            ({"halls": ("county", "bank")}, "out-of-scope"),
        ],
    )
    def test_what_cannot_be_is_refused(self, gateway: Replica, changed: dict[str, Any], code: str) -> None:
        assert refusal(gateway, msgspec.structs.replace(CREATE, **changed)) == code

    def test_who_may_not_follow_the_hall_may_not_subscribe(self, gateway: Replica) -> None:
        assert refusal(gateway, CREATE, STRANGER) == "out-of-scope"
        assert refusal(gateway, CREATE, CLERK) == "not-your-role"


PAUSE, RESUME = PauseWebhook(webhook="w1", reason="upgrade"), ResumeWebhook(webhook="w1")
REMOVE = RemoveWebhook(webhook="w1", reason="over")


class TestPauseAndResume:
    def test_it_is_paused_and_resumed(self, active: Replica) -> None:
        active.command(PAUSE, caller=MANAGER)
        shown = active.ask(GetWebhook(webhook="w1"), caller=MANAGER)
        active.command(RESUME, caller=MANAGER)

        assert (shown["state"], shown["reason"], shown["gone"]) == ("paused", "upgrade", False)
        assert [type(each) for each in recorded(active)[1:]] == [WebhookPaused, WebhookResumed]
        assert active.ask(GetWebhook(webhook="w1"), caller=MANAGER)["state"] == "active"

    def test_the_same_again_is_no_news(self, active: Replica) -> None:
        active.command(RESUME, caller=MANAGER)
        assert len(recorded(active)) == 1
        active.command(PAUSE, caller=MANAGER)
        active.command(PAUSE, caller=MANAGER)
        assert len(recorded(active)) == 2

    def test_a_reason_is_given(self, active: Replica) -> None:
        assert refusal(active, PauseWebhook(webhook="w1", reason=" ")) == "webhook-reason-missing"

    def test_an_address_that_is_gone_pauses_it(self, active: Replica) -> None:
        active.command(ReportWebhookGone(webhook="w1"))
        active.command(ReportWebhookGone(webhook="w1"))

        facts = recorded(active)
        assert [(type(each), each.gone) for each in facts[1:]] == [(WebhookPaused, True)]
        assert refusal(active, ReportWebhookGone(webhook="w1"), MANAGER) == "not-your-role"


class TestRotate:
    def test_both_secrets_sign_for_a_while(self, active: Replica) -> None:
        old = active.ask(GetWebhookSecret(webhook="w1"), caller=MANAGER)["secrets"]
        active.command(RotateWebhookSecret(webhook="w1", hours=2), caller=MANAGER)

        fact = recorded(active)[-1]
        assert isinstance(fact, WebhookSecretRotated)
        assert (fact.generation, fact.old_until) == (2, NOON + timedelta(hours=2))
        assert active.ask(GetWebhookSecret(webhook="w1"), caller=MANAGER)["secrets"][1:] == old
        active.clock.advance(timedelta(hours=2, seconds=1))
        assert len(active.ask(GetWebhookSecret(webhook="w1"), caller=MANAGER)["secrets"]) == 1

    def test_no_fact_holds_a_secret(self, active: Replica) -> None:
        active.command(RotateWebhookSecret(webhook="w1", hours=2), caller=MANAGER)
        told = active.ask(GetWebhookSecret(webhook="w1"), caller=MANAGER)["secrets"]

        stored = b"".join(each.state for each in active.log())
        assert not [each for each in told if each.removeprefix("whsec_").encode() in stored]

    @pytest.mark.parametrize("hours", [-1, 721])
    def test_two_secrets_have_a_bounded_time(self, active: Replica, hours: int) -> None:
        assert refusal(active, RotateWebhookSecret(webhook="w1", hours=hours)) == "webhook-hours-bad"


class TestReplay:
    def test_the_place_goes_back(self, active: Replica) -> None:
        active.command(ReplayWebhook(webhook="w1", hall="county", after=3), caller=MANAGER)

        assert isinstance(recorded(active)[-1], WebhookReplayed)
        places = active.ask(GetWebhook(webhook="w1"), caller=MANAGER)["places"]
        assert [(each["hall"], each["seq"]) for each in places] == [("county", 3)]

    @pytest.mark.parametrize(
        ("hall", "after", "code"),
        [
            ("street", 0, "webhook-hall-unknown"),
            ("county", 41, "webhook-place-ahead"),
            ("county", -1, "webhook-place-ahead"),
        ],
    )
    def test_only_what_was_told_is_told_again(self, active: Replica, hall: str, after: int, code: str) -> None:
        assert refusal(active, ReplayWebhook(webhook="w1", hall=hall, after=after)) == code


class TestRemove:
    def test_it_ends_with_all_that_waits(self, parked: Replica) -> None:
        parked.command(REMOVE, caller=MANAGER)

        assert isinstance(recorded(parked)[-1], WebhookRemoved)
        assert states(parked) == []
        assert parked.ask(ListWebhooks(), caller=MANAGER)["webhooks"] == []
        assert [each["webhook"] for each in parked.ask(ListWebhooks(state="removed"), caller=MANAGER)["webhooks"]] == [
            "w1"
        ]

    def test_the_same_again_is_no_news_and_nothing_else_is_possible(self, active: Replica) -> None:
        active.command(REMOVE, caller=MANAGER)
        active.command(REMOVE, caller=MANAGER)

        assert len(recorded(active)) == 2
        for command in (CREATE, PAUSE, RESUME, RotateWebhookSecret(webhook="w1")):
            assert refusal(active, command) == "webhook-removed-already"


REDRIVE = RedriveDelivery(webhook="w1", hall="county", seq=41)
GIVE_UP = GiveUpDelivery(webhook="w1", hall="county", seq=41, reason="malformed")


class TestParkedDeliveries:
    def test_one_is_tried_again(self, parked: Replica) -> None:
        parked.command(REDRIVE, caller=MANAGER)

        assert isinstance(recorded(parked)[-1], DeliveryRedriven)
        assert states(parked) == ["waiting"]
        assert refusal(parked, REDRIVE) == "delivery-not-parked"

    def test_one_is_given_up(self, parked: Replica) -> None:
        parked.command(GIVE_UP, caller=MANAGER)

        fact = recorded(parked)[-1]
        assert isinstance(fact, DeliveryGivenUp)
        assert (fact.hall, fact.seq, fact.reason) == ("county", 41, "malformed")
        assert states(parked) == ["given_up"]
        assert refusal(parked, GIVE_UP) == "delivery-not-parked"

    def test_a_reason_is_given(self, parked: Replica) -> None:
        assert refusal(parked, msgspec.structs.replace(GIVE_UP, reason="")) == "webhook-reason-missing"

    def test_what_is_not_parked_is_nobodys(self, active: Replica) -> None:
        assert refusal(active, REDRIVE) == "delivery-not-parked"
        assert refusal(active, GIVE_UP) == "delivery-not-parked"


@pytest.mark.parametrize(
    "command",
    [PAUSE, RESUME, REMOVE, RotateWebhookSecret(webhook="w1"), REDRIVE, GIVE_UP,
     ReplayWebhook(webhook="w1", hall="county", after=0)],
    ids=lambda command: type(command).__name__,
)  # fmt: skip
def test_nobody_of_another_hall_does_anything_to_it(parked: Replica, command: Command) -> None:
    assert refusal(parked, command, STRANGER) == "out-of-scope"
    assert refusal(parked, command, CLERK) == "not-your-role"


@pytest.mark.parametrize(
    "command",
    [PAUSE, RESUME, REMOVE, RotateWebhookSecret(webhook="w2"), ReportWebhookGone(webhook="w2")],
    ids=lambda command: type(command).__name__,
)
def test_nothing_is_done_to_what_is_not_there(gateway: Replica, command: Command) -> None:
    caller = MANAGER if not isinstance(command, ReportWebhookGone) else Caller(by="gateway", roles=("service",))
    with pytest.raises(OneThingError) as refused:
        gateway.command(msgspec.structs.replace(command, webhook="w2"), caller=caller)
    assert refused.value.code == "not-found"
