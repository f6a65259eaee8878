"""The status exchange: what is published is heard soon, in order, and again where a burst was cut off."""

from collections.abc import Iterator
from typing import Any

import eventlet
import pytest

from eventing import inproc, transports
from eventing.status import BURST, CloudEvent, Listener, Publisher
from testkit.house import eventually

URI = "inproc:///status"


def events(*numbers: int) -> list[CloudEvent]:
    return [CloudEvent("990102.county.case.opened", {"sequence": str(n)}, b"{}") for n in numbers]


class Heard(list[int]):
    """The numbers of the events that were heard."""

    def note(self, event: CloudEvent) -> None:
        self.append(int(event.attributes["sequence"]))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def listener(heard: Heard) -> Listener:
    transports.install()
    return Listener(URI, heard.note)


@pytest.fixture
def publisher(listener: Listener, heard: Heard) -> Iterator[Publisher]:
    publisher = Publisher(URI)
    threads: list[Any] = [eventlet.spawn(publisher.run), eventlet.spawn(listener.run)]
    eventually(lambda: listener.connected)
    publisher.publish(events(0))
    eventually(lambda: heard and not publisher._waiting)
    heard.clear()
    yield publisher
    for thread in threads:
        thread.kill()
    inproc.reset()


def test_many_are_heard_in_order_before_others_had_many_turns(publisher: Publisher, heard: Heard) -> None:
    publisher.publish(events(*range(BURST)))

    turns = 0
    while len(heard) < BURST:
        eventlet.sleep(0)
        turns += 1

    assert heard == [*range(BURST)]
    assert turns <= 4


def test_a_burst_that_was_cut_off_is_sent_again(publisher: Publisher, listener: Listener, heard: Heard) -> None:
    inproc.interrupt()
    eventually(lambda: not listener.connected)
    eventually(lambda: listener.connected)

    publisher.publish(events(1, 2, 3))

    eventually(lambda: heard[-3:] == [1, 2, 3])
