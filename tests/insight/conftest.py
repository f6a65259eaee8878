"""Insight at work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eventing import green

green.patch()

from testkit.replica import DATABASES, Replica

from .mothers import a_counter


@pytest.fixture(params=DATABASES)
def counter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    """Insight, which knows of nothing yet."""
    yield from a_counter(request, tmp_path)
