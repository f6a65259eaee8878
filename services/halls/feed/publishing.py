"""The feed outside the house: each event as a CloudEvent on the status exchange, as soon as it is committed."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import eventlet
import structlog

from contracts.feed import FeedEvent, cloud_attributes
from eventing.dependency import HostDependency
from eventing.errors import OneThingError
from eventing.status import CloudEvent, Publisher, word
from halls.feed.reading import sweep

SWEEP_EVERY = 60.0
"""Seconds between two sweeps."""

log = structlog.get_logger(__name__)


def cloud_event(region: str, event: FeedEvent, data: bytes) -> CloudEvent:
    """An event of a feed as it is sent."""
    _, aggregate, what, *_ = (*event.topic.split("."), "", "")
    return CloudEvent(
        routing_key=".".join(map(word, (region, event.hall, aggregate, what))),
        attributes=cloud_attributes(event),
        data=data,
    )


class Outlet:
    """Publishes what was committed, and sweeps what is old."""

    def __init__(self, host: Any) -> None:
        self.host = host
        self.publisher = Publisher(host.settings.amqp_uri)
        self.retention = timedelta(hours=host.settings.feed_retention_hours)
        self._threads: list[Any] = []

    def publish(self, written: Iterable[tuple[str, FeedEvent, bytes]]) -> None:
        """Takes events that were committed; never waits."""
        self.publisher.publish([cloud_event(*each) for each in written])

    def run(self) -> None:
        """Begins."""
        spawn = self.host.container.spawn_managed_thread
        self._threads = [spawn(self.publisher.run, identifier="status"), spawn(self._sweep, identifier="sweep")]

    def stop(self) -> None:
        """Ends, once the events that wait have gone."""
        self.publisher.stop()
        for thread in self._threads[:1]:
            with eventlet.Timeout(1, False):
                thread.wait()
        for thread in self._threads:
            thread.kill()

    def _sweep(self) -> None:
        while True:
            eventlet.sleep(SWEEP_EVERY)
            try:
                sweep(self.host.store, self.host.clock.now() - self.retention)
            except OneThingError as error:
                log.warning("the feed is not swept", error=str(error))


class FeedOutlet(HostDependency):
    """Gives halls its outlet."""

    def make(self) -> Outlet:
        outlet = Outlet(self.host)
        self.host.when_ready(outlet.run)
        return outlet

    def stop(self) -> None:
        """Stops the outlet, after the host has stopped writing or beside it."""
        if self._made is not None:
            self._made.stop()
