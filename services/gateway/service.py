"""窗口网关 as a service: what it needs of the house, and the server it runs."""

from collections.abc import Iterator
from datetime import timedelta

import eventlet

from eventing.catalogues import CurrentCatalogues
from eventing.contents import ContentsStore
from eventing.keyring import Keyring
from eventing.service import Service
from gateway.app import application
from gateway.backend import Backend
from gateway.edge import Edge
from gateway.limits import Limits
from gateway.shelf import UPLOADS, Sweeper
from gateway.webhooks.dispatching import Dispatcher
from gateway.webhooks.domain import Webhook
from gateway.webhooks.subscribing import Subscribing
from gateway.webhooks.tables import DELIVERIES, WEBHOOKS
from telemetry.metrics import Sample


class Gateway(Subscribing, Service):
    """窗口网关."""

    name = "gateway"
    aggregates = (Webhook,)
    views = (WEBHOOKS,)
    tables = (UPLOADS, DELIVERIES)
    keyring = Keyring()
    contents = ContentsStore()
    catalogues = CurrentCatalogues()
    edge = Edge()
    backend: Backend | None = None

    def started(self) -> None:
        """Serves until the service stops."""
        settings = self.edge.settings
        self.backend = Backend(
            client=self.peers,
            settings=settings,
            now=self.clock.now,
            contents=self.contents,
            catalogues=self.catalogues,
            keyring=self.keyring,
            store=self.store,
            signing_keys=settings.signing_keys,
            address=self.edge.address,
        )
        self.limits = Limits(settings)
        after = timedelta(hours=settings.http_upload_hours)
        self.sweeper = Sweeper(self.store, self.contents, self.peers.ask, self.clock.now, after)
        self.dispatcher = Dispatcher(self.backend)
        self.backend.at_stop.append(self.dispatcher.stop)
        self.backend.gauges.append(self.dispatcher.samples)
        sweeping = eventlet.spawn(self.sweeper.run)
        self.dispatcher.start()
        try:
            self.edge.serve(application(self.backend, self.limits))
        finally:
            sweeping.kill()

    def samples(self) -> Iterator[Sample]:
        """What its gauges show."""
        limits: Limits | None = getattr(self, "limits", None)
        yield Sample("onething_http_open_requests", (self.name,), limits.in_hand if limits is not None else 0)
        yield Sample("onething_http_open_connections", (self.name,), self.edge.connections)
        for gauge in self.backend.gauges if self.backend is not None else ():
            yield from gauge()

    def stopping(self) -> None:
        """Takes no new connection, and lets what is being answered be answered."""
        if self.backend is not None:
            for step in self.backend.at_stop:
                step()
        self.edge.stop()
