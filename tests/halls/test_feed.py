"""The live feed as halls writes it: once a hall, without a gap, in order, and nothing personal."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.feed import FeedHeads, HallSnapshot, ReadFeed
from contracts.halls import (
    HallRegistered,
    HandOverAccepted,
    HandOverDeclined,
    HandOverRequested,
    InstallWindow,
    OrganisationSeated,
    RegisterHall,
)
from contracts.intake import CaseClosed, CaseOpened, PlannedItem
from contracts.language import Sealed
from contracts.routing import PacketsReceived
from contracts.vault import CaseKeyBound
from halls.feed.reading import FeedGone, sweep
from halls.service import Halls
from testkit.facts import NOON
from testkit.replica import DATABASES, Replica, replica


class Outlet:
    """Keeps what was published."""

    def __init__(self) -> None:
        self.published: list[Any] = []

    def publish(self, written: Any) -> None:
        self.published.extend(written)


@pytest.fixture(params=DATABASES)
def halls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(Halls, request, tmp_path, outlet=Outlet()) as running:
        yield running


def opened(case_id: str = "c1", **changes: Any) -> CaseOpened:
    return CaseOpened(
        **{
            "case_id": case_id,
            "at": NOON,
            "by": "li",
            "number": f"N-{case_id}",
            "theme": "newborn",
            "catalogue": "990102-1",
            "mode": "one_mouth",
            "region": "990102",
            "hall": "county",
            "window": "w1",
            "channel": "window",
            "key_id": "k",
            "applicant": Sealed("k", "applicant", b"secret"),
            "applicant_index": "blind",
            "applicant_kind": "natural",
            "answers": {"question": "answer"},
            "plan": (PlannedItem("birth", "selected", "health"),),
            **changes,
        }
    )


def closed(case_id: str = "c1") -> CaseClosed:
    return CaseClosed(case_id=case_id, at=NOON, by="li", outcome="granted")


def topics(running: Replica, hall: str = "county", after: int = 0) -> list[str]:
    return [event["topic"] for event in running.ask(ReadFeed(hall=hall, after=after))["events"]]


def test_a_case_concerns_the_hall_where_it_was_opened_and_every_fact_once(halls: Replica) -> None:
    halls.follow("intake", ("c1", 1, opened()))
    halls.follow("intake", ("c1", 2, closed()))

    page = halls.ask(ReadFeed(hall="county"))

    assert [(event["seq"], event["topic"], event["number"], event["theme"]) for event in page["events"]] == [
        (1, CaseOpened.TOPIC, "N-c1", "newborn"),
        (2, CaseClosed.TOPIC, "N-c1", "newborn"),
    ]
    assert (page["after"], page["head"], page["oldest"]) == (2, 2, 1)


def test_nothing_personal_is_told(halls: Replica) -> None:
    halls.follow("intake", ("c1", 1, opened()))

    (event,) = halls.ask(ReadFeed(hall="county"))["events"]

    assert event["body"].keys().isdisjoint({"applicant", "applicant_index", "answers", "key_id"})
    assert "by" not in event
    assert event["body"]["plan"] == [{"item": "birth", "standing": "selected", "handler": "health"}]


def test_a_case_concerns_the_hall_where_its_materials_lie(halls: Replica) -> None:
    halls.follow("halls", ("street", 1, HallRegistered(at=NOON, by="m", name="n", kind="street", region="990102")))
    halls.follow("intake", ("c1", 1, opened()))
    halls.follow("routing", ("c1", 1, PacketsReceived(case_id="c1", at=NOON, by="z", packets=("p",), place="street")))
    halls.follow("routing", ("c1", 2, PacketsReceived(case_id="c1", at=NOON, by="z", packets=("p",), place="courier")))

    assert topics(halls, "street") == [HallRegistered.TOPIC, PacketsReceived.TOPIC, PacketsReceived.TOPIC]
    assert topics(halls) == [CaseOpened.TOPIC, PacketsReceived.TOPIC, PacketsReceived.TOPIC]
    assert topics(halls, "courier") == []


def test_a_case_concerns_the_halls_where_organisations_of_its_items_sit(halls: Replica) -> None:
    halls.follow("intake", ("c1", 1, opened()))
    halls.follow("halls", ("park", 1, OrganisationSeated(at=NOON, by="m", hall="park", organisation="health", zone="")))
    halls.follow("intake", ("c1", 2, closed()))

    assert topics(halls, "park") == [OrganisationSeated.TOPIC, CaseClosed.TOPIC]


def test_a_case_concerns_a_hall_that_took_it_over_and_not_one_that_was_only_asked(halls: Replica) -> None:
    asked = {"case_id": "c1", "at": NOON, "by": "li", "hall": "county", "window": "w1", "to_window": "", "reason": "r"}
    halls.follow("intake", ("c1", 1, opened()))
    halls.follow(
        "halls",
        ("c1", 1, HandOverRequested(**asked, to_hall="street", expires_at=NOON)),
        ("c1", 2, HandOverDeclined(case_id="c1", at=NOON, by="z", hall="street", from_hall="county", reason="r")),
        ("c1", 3, HandOverRequested(**asked, to_hall="bank", expires_at=NOON)),
        ("c1", 4, HandOverAccepted(case_id="c1", at=NOON, by="w", hall="bank", window="b1", from_hall="county")),
    )
    halls.follow("intake", ("c1", 2, closed()))

    assert topics(halls, "street") == [HandOverRequested.TOPIC, HandOverDeclined.TOPIC]
    assert topics(halls, "bank") == [HandOverRequested.TOPIC, HandOverAccepted.TOPIC, CaseClosed.TOPIC]


def test_what_comes_before_its_case_waits_for_the_hall(halls: Replica) -> None:
    halls.follow("vault", ("c1", 1, CaseKeyBound(case_id="c1", at=NOON, by="s", key_id="k")))
    assert topics(halls) == []

    halls.follow("intake", ("c1", 1, opened()), ("c1", 2, closed()))

    assert topics(halls) == [CaseKeyBound.TOPIC, CaseOpened.TOPIC, CaseClosed.TOPIC]


def test_it_is_published_once_it_is_committed(halls: Replica) -> None:
    halls.follow("intake", ("c1", 1, opened()))

    (published,) = halls.service.outlet.published
    assert published[0] == "990102"
    assert (published[1].hall, published[1].seq) == ("county", 1)


def test_what_is_no_longer_kept_is_gone_and_a_snapshot_says_where_to_begin(halls: Replica) -> None:
    halls.command(RegisterHall(hall="county", name="n", kind="county", region="990102"))
    halls.command(InstallWindow(window="w1", hall="county", name="1"))
    halls.follow("intake", ("c1", 1, opened()), ("c2", 1, opened("c2")))
    halls.clock.advance(timedelta(hours=2))
    halls.follow("intake", ("c1", 2, closed()))

    assert sweep(halls.service.store, halls.clock.now() - timedelta(hours=1)) == 2

    with pytest.raises(FeedGone):
        halls.ask(ReadFeed(hall="county", after=1))
    with pytest.raises(FeedGone):
        halls.ask(ReadFeed(hall="county", after=4))
    assert topics(halls, after=2) == [CaseClosed.TOPIC]
    snapshot = halls.ask(HallSnapshot(hall="county"))
    assert (snapshot["sequence"], snapshot["oldest"]) == (3, 3)
    assert [window["window"] for window in snapshot["windows"]] == ["w1"]
    assert halls.ask(FeedHeads(halls=("county", "nowhere"))) == {"county": 3, "nowhere": 0}


def test_all_may_be_swept_and_the_sequence_goes_on(halls: Replica) -> None:
    halls.follow("intake", ("c1", 1, opened()))
    sweep(halls.service.store, halls.clock.now() + timedelta(hours=1))
    halls.follow("intake", ("c1", 2, closed()))

    (event,) = halls.ask(ReadFeed(hall="county", after=1))["events"]
    assert event["seq"] == 2
