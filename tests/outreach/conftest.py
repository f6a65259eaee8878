"""Outreach at work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eventing import green

green.patch()

from testkit.replica import DATABASES, Replica

from .mothers import a_desk


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    """Outreach, which knows of one case that was opened and accepted at a window."""
    yield from a_desk(request, tmp_path)
