"""What every resource of the gateway may use: the services, the settings, the clock."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from contracts.intake import BroughtMaterial
from contracts.language import Caller, Command
from eventing.client import Answer, Client
from eventing.errors import Invalid
from eventing.settings import Settings
from telemetry.metrics import Sample

ANYBODY = Caller(by="anybody")
"""Who has not said who they are."""


class Backend(msgspec.Struct, frozen=True):
    """The house as the edge sees it."""

    client: Client
    """Speaks as the gateway itself; ``as_`` speaks for somebody."""
    settings: Settings
    now: Callable[[], datetime]
    contents: Any
    """The store of bytes (``contents.Contents``)."""
    catalogues: Any
    """Today's catalogue and those of running cases (``eventing.catalogues.CurrentShelf``)."""
    keyring: Any
    """Lent case keys (``eventing.keyring.KeyRing``)."""
    store: Any
    """The gateway's own database, as handlers see it (``eventing.host.Desk``)."""
    signing_keys: Callable[[str], tuple[bytes, ...]]
    """purpose → keys of this installation for cookies and the like (``Settings.signing_keys``)."""
    at_stop: list[Callable[[], None]] = []
    """What parts of the gateway do before it stops."""
    gauges: list[Callable[[], Iterable[Sample]]] = []
    """What parts of the gateway measure."""

    address: str = ""
    """Where the server listens, as an address without a path."""

    @property
    def site(self) -> str:
        """Where people find it, as an address without a path; empty where nobody has said so."""
        return self.settings.public_url or (self.address if self.settings.profile == "embedded" else "")

    @property
    def secure(self) -> bool:
        """Whether browsers reach it over TLS: then they give no cookie of ours to anybody without."""
        return self.settings.profile == "cluster" or self.site.startswith("https://")

    def for_(self, caller: Caller) -> "Voice":
        """The services, spoken to in somebody's name."""
        return Voice(self.client.as_(caller))


class Voice:
    """The way of everybody outside to the services: of the API and of the pages alike."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.ask = client.ask
        self.operate = client.operate

    def command(self, command: Command, **more: Any) -> Answer:
        """Sends a command (``Client.command``). Raises Invalid for files that were not sent before they are brought."""
        faults = [
            {"field": f"{name}[{number}].receipt", "reason": "missing"}
            for name in _brought(type(command))
            for number, each in enumerate(getattr(command, name))
            if each.medium == "digital" and not each.receipt
        ]
        if faults:
            raise Invalid(errors=faults)
        return self._client.command(command, **more)


@cache
def _brought(kind: type[Command]) -> tuple[str, ...]:
    """The fields of a command about a case that bring materials."""
    fields = msgspec.structs.fields(kind)
    if all(each.name != "case_id" for each in fields):
        return ()
    return tuple(each.name for each in fields if each.type == tuple[BroughtMaterial, ...])
