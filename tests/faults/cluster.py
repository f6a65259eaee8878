"""Every service in processes of its own, on a real broker and a real database, to be killed and started."""

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import sqlalchemy as sa

import console
import intake
from console.county import county, load
from console.output import Exit
from console.services import SERVICES
from eventing.calls import Calls
from eventing.client import Client
from eventing.settings import Settings
from eventing.signing import Signer
from testkit.facts import TESTER
from testkit.servers import PostgreSQL, RabbitMQ, ServiceProcess

ROOTS = os.pathsep.join(dict.fromkeys(str(Path(package.__file__).parents[1]) for package in (console, intake)))
W1_LAYER = Path(console.__file__).parent / "w1"
READY = '"event": "ready"'
PATIENCE = 180.0
"""Seconds in which a service that was started is ready, on a machine that has other things to do."""

LEASE = 1.5
"""Seconds after which others take over from a process that was killed."""


def environment(directory: Path, **more: str) -> dict[str, str]:
    """The settings that all of a campaign's processes share."""
    for name in ("secret.key", "vault.kek"):
        if not (directory / name).exists():
            (directory / name).write_text(random.randbytes(32).hex())
    return {
        "PYTHONPATH": ROOTS,
        "ONETHING_DATA_DIR": str(directory),
        "ONETHING_CATALOGUE_DIRS": str(W1_LAYER),
        "ONETHING_RENDERING": "on-demand",
        "ONETHING_HTTP_PORT": "0",
        "ONETHING_LOG_FORMAT": "json",
        **more,
    }


def cluster_signer(directory: Path) -> Signer:
    """Signs as the processes of this directory do."""
    return Signer(*Settings(secret_key_file=str(directory / "secret.key")).context_keys())


class Cluster:
    """The cluster profile: one or more replicas of each service."""

    def __init__(
        self,
        directory: Path,
        rabbitmq: RabbitMQ,
        postgresql: PostgreSQL,
        *,
        replicas: Sequence[str] = ("a",),
        lease: float = LEASE,
    ) -> None:
        self.directory = directory
        self.rabbitmq = rabbitmq
        self.postgresql = postgresql
        self.replicas = tuple(replicas)
        self.prefix = f"{re.sub(r'[^a-z0-9]', '', directory.name.lower())[-20:]}{random.getrandbits(24):06x}"
        self.stores = {name: postgresql.create_database(f"{self.prefix}_{name}") for name in SERVICES}
        template = self.stores["intake"].replace("_intake", "_{service}")
        self.environment = environment(
            directory,
            ONETHING_PROFILE="cluster",
            AMQP_URI=rabbitmq.uri,
            DATABASE_URL=template,
            CONTENTS_URL=f"{directory.as_uri()}/contents",
            ONETHING_SECRET_KEY_FILE=str(directory / "secret.key"),
            VAULT_KEK=f"file:{directory}/vault.kek",
            ONETHING_LEASE_SECONDS=str(lease),
        )
        self.processes = {
            (name, replica): self._process(name, f"{name}-{replica}") for name in SERVICES for replica in replicas
        }

    def _process(self, name: str, replica: str) -> ServiceProcess:
        return ServiceProcess(
            "run",
            name,
            log=self.directory / f"{replica}.log",
            env={**self.environment, "ONETHING_REPLICA": replica},
        )

    def prepare(self) -> None:
        """Creates the schemas, as an operator does before the first start."""
        self.console("prepare")

    def typed(self, *arguments: str, patience: float = PATIENCE) -> tuple[int, str, str]:
        """How `onething` with these arguments ends, what it prints and what it complains of.

        Where a service was not available, it is typed again, as it says itself.
        """
        until = time.monotonic() + patience
        while True:
            done = subprocess.run(
                [sys.executable, "-m", "console", *arguments],
                env={**os.environ, **self.environment},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != Exit.UNAVAILABLE or time.monotonic() > until:
                return done.returncode, done.stdout, done.stderr

    def console(self, *arguments: str) -> str:
        """What `onething` with these arguments prints; an error when it does not end well."""
        code, printed, complaints = self.typed(*arguments)
        assert code == 0, f"{arguments} ended with {code}:\n{printed}\n{complaints}"
        return printed

    def start(self) -> None:
        """Starts everything, waits until it is ready, and puts the fictional county in place."""
        for process in self.processes.values():
            process.start()
        for process in self.processes.values():
            process.wait_ready(line=READY, timeout=PATIENCE)
        calls = Calls(self.rabbitmq.uri)
        calls.start()
        load(county("990102"), Client(calls, TESTER, signer=cluster_signer(self.directory)))
        calls.stop()

    def kill(self, name: str, replica: str = "a") -> None:
        """Ends a service at this instant. It must have been alive until then."""
        process = self.processes[name, replica]
        assert process.running, f"{name} had ended by itself with {process.returncode}: see {process.log}"
        process.kill9()
        assert process.returncode == -9

    def restart(self, name: str, replica: str = "a", *, renamed: str = "") -> None:
        """Starts a killed service; under another name, as on another machine, when one is given."""
        if renamed:
            self.processes[name, replica] = self._process(name, renamed)
        self.processes[name, replica].start().wait_ready(line=READY, timeout=PATIENCE)

    def ended(self) -> list[str]:
        """The processes that have ended, though nobody ended them."""
        return [
            f"{name}-{replica} with {process.returncode}"
            for (name, replica), process in self.processes.items()
            if not process.running
        ]

    def owners(self, name: str) -> dict[str, int]:
        """Replica → the number of segments that it works on now."""
        engine = sa.create_engine(self.stores[name])
        try:
            with engine.connect() as connection:
                rows = connection.exec_driver_sql(
                    "SELECT owner, count(*) FROM owners "
                    "WHERE until > extract(epoch FROM clock_timestamp()) * 1000000 GROUP BY owner"
                )
                return {row[0]: row[1] for row in rows}
        finally:
            engine.dispose()

    def __enter__(self) -> Self:
        self.prepare()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            if process.running:
                process.kill9()
