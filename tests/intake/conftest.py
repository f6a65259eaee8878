"""The service's tests run on green threads, as the service does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eventing import green

green.patch()

from testkit.replica import DATABASES

from .neighbours import Office, an_office


@pytest.fixture(params=DATABASES)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Intake on either database."""
    yield from an_office(request, tmp_path)
