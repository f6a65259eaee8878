"""Services running together in the test's own process, on either profile."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Self

import eventlet

from contracts.language import Caller
from eventing import transports
from eventing.calls import Calls
from eventing.client import Client
from eventing.errors import NotFound, Unavailable
from eventing.prepare import prepare
from eventing.runner import Runner
from eventing.service import Service
from eventing.settings import Settings
from eventing.signing import Signer
from eventing.store import Store
from testkit.answers import Checked
from testkit.facts import TESTER

PATIENCE = 60.0
"""Seconds that anything may take; patience bounds the wait, it decides nothing."""


class House:
    """Some services in one process: embedded by default; with a broker and a database given, as in the cluster."""

    def __init__(
        self,
        services: Sequence[type[Service]],
        data_dir: Path,
        *,
        amqp_uri: str = "",
        database_url: str = "",
        replica: str = "",
        clock: Any = None,
        **settings: Any,
    ) -> None:
        transports.install()
        secret = data_dir / "secret.key"
        secret.parent.mkdir(parents=True, exist_ok=True)
        if not secret.exists():
            secret.write_text("5a" * 32)
        kek = data_dir / "vault.kek"
        if not kek.exists():
            kek.write_text("a5" * 32)
        self.settings = Settings(
            profile="cluster" if database_url else "embedded",
            data_dir=str(data_dir),
            amqp_uri=amqp_uri or f"inproc:///{data_dir.name}",
            database_url=database_url,
            replica=replica,
            contents_url=f"{data_dir.as_uri()}/contents",
            secret_key_file=str(secret),
            vault_kek=f"file:{kek}",
            **{"lease_seconds": 1.0, "http_port": 0, **settings},
        )
        self.services = list(services)
        self.clock = clock
        self.runner: Runner | None = None
        self.calls: Calls | None = None

    def _prepared(self, service: type[Service]) -> bool:
        with closing(Store(service.name, self.settings.database_url_for(service.name))) as store:
            prepare(service, store)
        return True

    def start(self) -> "House":
        """Prepares the stores and starts all services."""
        if self.settings.profile == "cluster":
            for service in self.services:
                eventually(partial(self._prepared, service))
        self.runner = Runner()
        for service in self.services:
            config = self.settings.for_service(service.name)
            if self.clock is not None:
                config["clock"] = self.clock
            self.runner.add(service, config)
        self.runner.start()
        for service in self.services:
            self.host(service.name).calls.timeout = PATIENCE
        self.calls = Calls(self.settings.amqp_uri, timeout=PATIENCE)
        self.calls.start()
        eventually(lambda: self.calls is not None and self.calls.is_connected)
        return self

    def stop(self) -> None:
        """Stops them as SIGTERM would."""
        if self.runner is not None:
            self.runner.stop()
            self.runner = None
        if self.calls is not None:
            self.calls.stop()
            self.calls = None

    def client(self, caller: Caller | None = None) -> Client:
        """Somebody who asks and commands."""
        assert self.calls is not None, "start the house first"
        return Client(Checked(self.calls), caller or TESTER, signer=Signer(*self.settings.context_keys()))

    def host(self, service: str) -> Any:
        """What runs behind a service, for looking inside."""
        assert self.runner is not None, "start the house first"
        container = self.runner.containers[service]
        return next(ext for ext in container.dependencies if getattr(ext, "is_host", False))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def eventually(check: Callable[[], Any], *, within: float = PATIENCE) -> Any:
    """Waits until the check gives something true, and returns it; what is not heard of yet may be asked for."""
    end = time.monotonic() + within
    while True:
        try:
            found = check()
            problem: Any = "not yet"
        except (AssertionError, NotFound, Unavailable) as error:
            found, problem = None, error
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"never came true within {within} s: {problem}")
        eventlet.sleep(0.05)
