"""Webhooks over real sockets: signed, at least once, in order for each case, whatever the receiver does."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.feed import FeedHeads
from contracts.webhooks import (
    GetWebhook,
    GiveUpDelivery,
    ListDeliveries,
    PauseWebhook,
    RedriveDelivery,
    RemoveWebhook,
    ReplayWebhook,
    ResumeWebhook,
    RotateWebhookSecret,
)
from gateway.service import Gateway
from halls.feed.tables import EVENTS
from testkit.house import House, eventually

from .conftest import LOOPBACK, MANAGER, quick, secrets, subscribe, verified, work


def in_order(events: list[dict[str, Any]]) -> bool:
    """Whether every subject's events came first in the order of the feed."""
    firsts: dict[str, list[int]] = defaultdict(list)
    for event in events:
        seq = int(event["sequence"])
        if seq not in firsts[event["subject"]]:
            firsts[event["subject"]].append(seq)
    return all(each == sorted(each) for each in firsts.values())


def sequences(events: list[dict[str, Any]]) -> set[int]:
    return {int(each["sequence"]) for each in events}


def show(house: House) -> dict[str, Any]:
    return dict(house.client(MANAGER).ask(GetWebhook(webhook="w1")))


def deliveries(house: House, state: Any) -> list[dict[str, Any]]:
    return list(house.client(MANAGER).ask(ListDeliveries(webhook="w1", state=state))["deliveries"])


def test_every_event_comes_signed_as_a_cloud_event(house: House, receiver: Any) -> None:
    taker = receiver()
    subscribe(house, taker.url)
    work(house, 2)

    eventually(lambda: sequences(taker.taken) == {5, 6, 7, 8})

    headers, body = taker.requests[0]
    event = taker.taken[0]
    assert verified(secrets(house), headers, body)
    assert not verified(secrets(house), headers, body + b" ")
    assert headers["webhook-id"] == event["id"] == f"county:{event['sequence']}"
    assert headers["content-type"].startswith("application/cloudevents+json")
    assert event["specversion"] == "1.0"
    assert event["data"]["seq"] == int(event["sequence"])
    assert len(taker.tried) == 4
    assert in_order(taker.taken)


def test_topics_are_chosen(house: House, receiver: Any) -> None:
    taker = receiver()
    subscribe(house, taker.url, topics=("onething.window.closed.*",))
    work(house, 2)

    eventually(lambda: len(taker.taken) == 2)

    assert {each["type"] for each in taker.taken} == {"onething.window.closed.v1"}
    assert eventually(lambda: show(house)["places"][0]["seq"] == 8)


def test_who_fails_is_tried_again_and_holds_up_only_its_own_case(house: House, receiver: Any) -> None:
    ready: list[bool] = []
    taker = receiver(lambda event, attempt: 200 if event["subject"] != "county-1" or ready else 500)
    subscribe(house, taker.url)
    work(house, 2, "county-1")
    work(house, 2, "county-2")

    eventually(lambda: sum(each["subject"] == "county-2" for each in taker.taken) == 4)
    assert {each["sequence"] for each in taker.tried if each["subject"] == "county-1"} == {"5"}

    ready.append(True)
    eventually(lambda: sequences(taker.taken) == set(range(5, 13)))
    assert in_order(taker.taken)


def test_a_redirect_is_a_failure(house: House, receiver: Any) -> None:
    taker = receiver(lambda event, attempt: 307 if attempt == 1 else 200)
    subscribe(house, taker.url)
    work(house)

    eventually(lambda: sequences(taker.taken) == {5, 6})
    assert len(taker.tried) == 4


def test_who_hangs_is_given_up_in_time_and_others_are_told_meanwhile(house: House, receiver: Any) -> None:
    house.host("gateway").instance.dispatcher.post.patience = 0.5
    slow, quick_one = receiver(lambda event, attempt: 5.0 if attempt == 1 else 200), receiver()
    subscribe(house, slow.url)
    subscribe(house, quick_one.url, "w2")
    work(house)

    eventually(lambda: sequences(quick_one.taken) == {5, 6})
    eventually(lambda: {5, 6} <= sequences(slow.taken))


def test_who_is_dead_is_told_when_it_is_back(house: House, receiver: Any) -> None:
    dead = receiver()
    dead.close()
    subscribe(house, dead.url)
    work(house)

    waiting = eventually(lambda: [each for each in deliveries(house, "waiting") if each["attempts"] > 1])
    assert waiting[0]["status"] is None
    assert waiting[0]["error"] == "connection-refused"
    assert show(house)["waiting"] == 2


def test_gone_pauses_it_and_resumed_nothing_is_lost(house: House, receiver: Any) -> None:
    gone = [True]
    taker = receiver(lambda event, attempt: 410 if gone else 200)
    subscribe(house, taker.url)
    work(house)

    eventually(lambda: show(house)["state"] == "paused")
    assert show(house)["gone"] is True
    tried = len(taker.tried)
    work(house)
    gone.clear()
    assert len(taker.tried) == tried

    house.client(MANAGER).command(ResumeWebhook(webhook="w1"))
    eventually(lambda: sequences(taker.taken) == {5, 6, 7, 8})
    assert in_order(taker.taken)


def test_what_fails_for_too_long_is_parked_until_somebody_decides(house: House, receiver: Any) -> None:
    house.host("gateway").instance.dispatcher.patience = timedelta(0)
    bad = {"5", "6"}
    taker = receiver(lambda event, attempt: 400 if event["sequence"] in bad else 200)
    subscribe(house, taker.url)
    work(house)

    parked = eventually(lambda: deliveries(house, "parked"))
    assert [(each["seq"], each["status"]) for each in parked] == [(5, 400)]
    assert [each["seq"] for each in deliveries(house, "waiting")] == [6]

    bad.remove("5")
    house.client(MANAGER).command(RedriveDelivery(webhook="w1", hall="county", seq=5))
    eventually(lambda: [each["seq"] for each in deliveries(house, "parked")] == [6])
    assert sequences(taker.taken) == {5}

    house.client(MANAGER).command(GiveUpDelivery(webhook="w1", hall="county", seq=6, reason="malformed"))
    work(house)
    eventually(lambda: sequences(taker.taken) == {5, 7, 8})
    assert [each["seq"] for each in deliveries(house, "given_up")] == [6]


def test_during_rotation_both_secrets_verify(house: House, receiver: Any) -> None:
    taker = receiver()
    subscribe(house, taker.url)
    old = secrets(house)
    house.client(MANAGER).command(RotateWebhookSecret(webhook="w1", hours=1))
    both = secrets(house)
    work(house)

    eventually(lambda: len(taker.taken) == 2)
    assert both[1:] == old
    assert all(verified([secret], *taker.requests[0]) for secret in both)

    house.client(MANAGER).command(RotateWebhookSecret(webhook="w1", hours=0))
    assert len(secrets(house)) == 1
    work(house)
    eventually(lambda: len(taker.taken) == 4)
    assert not any(verified([secret], *taker.requests[-1]) for secret in both)


def test_a_replay_tells_again(house: House, receiver: Any) -> None:
    taker = receiver()
    subscribe(house, taker.url)
    work(house)
    eventually(lambda: len(taker.taken) == 2)

    house.client(MANAGER).command(ReplayWebhook(webhook="w1", hall="county", after=0))

    eventually(lambda: sequences(taker.taken) == set(range(1, 7)))
    eventually(lambda: len(taker.taken) == 8)


def test_who_came_too_late_for_the_feed_is_told(house: House, receiver: Any) -> None:
    taker = receiver()
    subscribe(house, taker.url)
    house.client(MANAGER).command(PauseWebhook(webhook="w1", reason="upgrade"))
    work(house, 3)
    eventually(lambda: house.client().ask(FeedHeads(halls=("county",))) == {"county": 10})
    with house.host("halls").store.writing() as connection:
        connection.execute(sa.delete(EVENTS).where(EVENTS.c.hall == "county", EVENTS.c.seq <= 8))

    house.client(MANAGER).command(ResumeWebhook(webhook="w1"))

    eventually(lambda: len(taker.taken) == 3)
    told = next(each for each in taker.taken if each["type"] == "onething.feed.gone.v1")
    assert told["data"] == {"hall": "county", "after": 4, "upto": 8}
    place = show(house)["places"][0]
    assert (place["missed_after"], place["missed_upto"]) == (4, 8)
    assert {int(each["sequence"]) for each in taker.taken if "sequence" in each} == {9, 10}


def test_after_it_is_removed_nothing_comes(house: House, receiver: Any) -> None:
    taker = receiver()
    subscribe(house, taker.url)
    house.client(MANAGER).command(RemoveWebhook(webhook="w1", reason="over"))
    subscribe(house, taker.url, "w2")
    work(house)

    eventually(lambda: len(taker.taken) == 2)
    assert (show(house)["state"], show(house)["places"]) == ("removed", [])


@pytest.mark.cluster
@pytest.mark.parametrize("house", ["cluster"], indirect=True)
def test_two_replicas_share_the_work_and_one_that_dies_loses_nothing(
    house: House, receiver: Any, tmp_path: Any
) -> None:
    taker = receiver(lambda event, attempt: 503 if attempt == 1 and int(event["sequence"]) % 5 == 0 else 200)
    second = House(
        [Gateway],
        tmp_path / "house",
        amqp_uri=house.settings.amqp_uri,
        database_url=house.settings.database_url,
        replica="second",
        webhook_networks=LOOPBACK,
    )
    with second:
        dying = quick(second).host("gateway").instance.dispatcher
        dying.lease_seconds = 2.0  # what it had claimed is soon free for the other one
        subscribe(house, taker.url)
        for number in (1, 2, 3):
            work(house, 5, f"county-{number}")
        eventually(lambda: len(taker.taken) >= 6)
        dying.queue.settle = lambda *_, **__: (_ for _ in ()).throw(RuntimeError("died"))  # sent, and never recorded
        for number in (1, 2, 3):
            work(house, 5, f"county-{number}")
        eventually(lambda: len(taker.taken) >= 40, within=100.0)  # sent again, more and more slowly
        dying.stop()
        eventually(lambda: sequences(taker.taken) == set(range(5, 65)), within=60.0)

    eventually(lambda: show(house)["waiting"] == 0)
    assert in_order(taker.taken)
    assert len(deliveries(house, "delivered")) == 50
