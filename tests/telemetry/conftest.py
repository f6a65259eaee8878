"""Tests of telemetry run on green threads, as the services do."""

from eventing import green

green.patch()

import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from eventlet import hubs

from eventing.service import Service
from telemetry import logs
from testkit.house import House
from testkit.toy import MirrorDeclarations, ToyDeclarations


class Toy(ToyDeclarations, Service):
    """The account of beads."""


class Mirror(MirrorDeclarations, Service):
    """What another service saw of it."""


class Written:
    """What was logged."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """As it stands in the stream."""
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """As JSON."""
        return [json.loads(line) for line in self.text.splitlines()]

    def line(self, event: str) -> dict[str, Any]:
        """The one line of this event."""
        (found,) = [line for line in self.lines if line["event"] == event]
        return found


@pytest.fixture
def log_to() -> Iterator[Callable[..., Written]]:
    """Configures logging, and what was configured before is back after the test."""
    root, hub = logging.getLogger(), hubs.get_hub()
    handlers, level, of_hub = root.handlers[:], root.level, dict(vars(hub))
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}

    def configure(**options: str) -> Written:
        written = Written()
        logs.configure(written.stream, **options)
        return written

    yield configure
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    for name in vars(hub).keys() - of_hub.keys():
        delattr(hub, name)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Both toys in one process."""
    house = House((Toy, Mirror), tmp_path)
    with house:
        yield house
