"""What every test may ask for."""

import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

# Behind everything else: where the wheel is installed, it is the wheel that is tested, and only the testkit
# comes from the source tree.
sys.path.append(str(Path(__file__).parents[1] / "libs"))

from testkit.servers import PostgreSQL, RabbitMQ

R = TypeVar("R", pytest.TestReport, pytest.CollectReport)


def pytest_report_header() -> str:
    import kernel

    return f"onething: {Path(kernel.__file__).parents[1]}"


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """A real RabbitMQ for the whole run; whoever stops it starts it again."""
    with RabbitMQ() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A real PostgreSQL for the whole run; whoever stops it starts it again."""
    with PostgreSQL() as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that was skipped has shown nothing: it fails."""
    return _failed_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """So does a module."""
    return _failed_if_skipped((yield))


def _failed_if_skipped(report: R) -> R:
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, and so nothing was shown: {report.longrepr}"
    return report
