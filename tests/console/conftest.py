"""Tests of the console run on green threads, as its commands do, and share one embedded house."""

from eventing import green

green.patch()

import os
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

import console
from console.county import county, load
from console.house import started
from eventing.settings import Settings

W1 = Path(console.__file__).parent / "w1"


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """Every service, embedded in the test's process, with the county in place."""
    settings = Settings(
        data_dir=str(tmp_path_factory.mktemp("house")), catalogue_dirs=(str(W1),), rendering="on-demand"
    )
    with started(settings) as house:
        load(county("990102"), house.client)
        yield house


@pytest.fixture
def typed():
    """Runs a command that needs no services in this process; returns what it said and its exit code."""
    from console.app import app

    before = structlog.get_config()
    yield lambda *arguments, **variables: CliRunner(env=variables).invoke(app, [*map(str, arguments)])
    structlog.configure(**before)  # a command logs to its own error stream, which has ended with it


@pytest.fixture
def onething():
    """Runs the command line as people do, in a process of its own; returns what it said and its exit code."""
    libs = Path(console.__file__).parents[1]
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ONETHING_")},
        "PYTHONPATH": os.pathsep.join([str(libs), str(libs.parent / "services"), *sys.path]),
    }

    def run(*arguments, **variables):
        return subprocess.run(
            [sys.executable, "-m", "console", *map(str, arguments)],
            env=environ | variables,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return run
