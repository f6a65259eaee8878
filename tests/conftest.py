"""What every test may ask for."""

import random
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import structlog
from hypothesis import settings

# Behind everything else: where the wheel is installed, it is the wheel that is tested, and only the testkit
# comes from the source tree.
sys.path.append(str(Path(__file__).parents[1] / "libs"))

from testkit.failures import Running
from testkit.room import choose
from testkit.s3 import s3_server
from testkit.servers import PostgreSQL, RabbitMQ

choose()

settings.register_profile("onething", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("onething")

# Faults are told plainly, as the product does: a rich traceback with every local of a house takes seconds to draw.
# And beside what commands say: a house may run in the same process.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ],
    logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
)

R = TypeVar("R", pytest.TestReport, pytest.CollectReport)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--lag",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="every service follows the others up to so late: finds what does not wait for what it needs",
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    """Only now, because the tests make Python's sockets green when they are imported."""
    if lag := session.config.getoption("--lag"):
        from eventing.following import Follower

        Follower._rest = lambda *_: random.uniform(0, lag)  # type: ignore[method-assign]


def pytest_configure(config: pytest.Config) -> None:
    if report := config.getoption("xmlpath"):
        config.pluginmanager.register(Running(report))


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


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of an S3 server for the whole run."""
    with s3_server(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint


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
