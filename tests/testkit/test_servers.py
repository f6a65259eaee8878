"""The servers do what campaigns count on: they die at once, remember, forget, and come back."""

import os
import select
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import kombu
import psycopg
import pytest

from testkit import servers
from testkit.servers import NotReady, PostgreSQL, RabbitMQ

LIBS = str(Path(servers.__file__).parents[1])


class TestMissing:
    def test_what_is_not_installed_is_named_with_the_line_to_type(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(servers, "_POSTGRES", ("/nowhere/*/postgres",))

        assert servers.missing() == ["postgresql"]
        assert servers.main("missing") == 1
        assert "apt-get install --yes --no-install-recommends postgresql\n" in capsys.readouterr().err

    def test_a_server_that_is_not_installed_fails_with_the_line_to_type(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(servers, "_EPMD", ("/nowhere/epmd",))

        with pytest.raises(NotReady, match=r"apt-get install .* rabbitmq-server"):
            RabbitMQ()

    def test_the_newest_version_is_taken(self, tmp_path: Path) -> None:
        for version in ("9", "15", "13"):
            (tmp_path / version).mkdir()
            (tmp_path / version / "postgres").touch()

        assert servers._find((f"{tmp_path}/*/postgres",)) == tmp_path / "15" / "postgres"


@pytest.fixture(scope="module")
def broker() -> Iterator[RabbitMQ]:
    with RabbitMQ() as server:
        yield server


@pytest.fixture
def running_broker(broker: RabbitMQ) -> RabbitMQ:
    return broker if broker.running else broker.start()


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    with PostgreSQL() as server:
        yield server


def send(broker: RabbitMQ, text: str) -> None:
    with kombu.Connection(broker.uri, transport_options={"confirm_publish": True}) as connection:
        queue = connection.SimpleQueue("kept")
        queue.put(text)
        queue.close()


def waiting(broker: RabbitMQ) -> int:
    with kombu.Connection(broker.uri) as connection:
        queue = connection.SimpleQueue("kept")
        try:
            return int(queue.qsize())
        finally:
            queue.close()


def listening_addresses(pid: int) -> set[str]:
    """The local addresses of the process's listening TCP sockets, as the kernel writes them."""
    sockets = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    rows = [row.split() for table in ("tcp", "tcp6") for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


@pytest.mark.cluster
@pytest.mark.slow
class TestRabbitMQ:
    def test_a_killed_broker_keeps_what_was_durable_and_comes_back_at_the_same_address(
        self, running_broker: RabbitMQ
    ) -> None:
        address = running_broker.uri
        send(running_broker, "a section")

        running_broker.kill()
        assert not running_broker.running
        running_broker.start()

        assert running_broker.uri == address
        assert waiting(running_broker) == 1

    def test_a_broker_that_was_stopped_wiped_and_started_remembers_nothing(self, running_broker: RabbitMQ) -> None:
        send(running_broker, "a section")

        running_broker.stop()
        running_broker.wipe()
        running_broker.start()

        assert waiting(running_broker) == 0

    def test_a_running_broker_is_not_wiped(self, running_broker: RabbitMQ) -> None:
        with pytest.raises(NotReady, match="before its data are wiped"):
            running_broker.wipe()

    def test_it_listens_on_loopback_only(self, running_broker: RabbitMQ) -> None:
        assert listening_addresses(running_broker._node.pid) == {"0100007F"}

    def test_two_brokers_do_not_meet(self, running_broker: RabbitMQ) -> None:
        send(running_broker, "a section")

        with RabbitMQ() as other:
            assert waiting(other) == 0


@pytest.mark.cluster
class TestPostgreSQL:
    def test_a_killed_server_keeps_what_was_committed_and_only_that(self, database: PostgreSQL) -> None:
        url = database.create_database("killed").replace("+psycopg", "")
        with psycopg.connect(url) as committed:
            committed.execute("CREATE TABLE fact (name text)")
            committed.execute("INSERT INTO fact VALUES ('accepted')")
        open_transaction = psycopg.connect(url)
        open_transaction.execute("INSERT INTO fact VALUES ('never committed')")

        database.kill()
        assert not database.running
        database.start()

        open_transaction.close()
        with psycopg.connect(url) as reader:
            assert reader.execute("SELECT name FROM fact").fetchall() == [("accepted",)]

    def test_a_wiped_server_remembers_nothing(self, database: PostgreSQL) -> None:
        database.create_database("forgotten")

        database.stop()
        database.wipe()
        database.start()

        database.create_database("forgotten")

    def test_a_database_that_is_there_already_is_an_error_that_says_so(self, database: PostgreSQL) -> None:
        database.create_database("twice")

        with pytest.raises(NotReady, match='"twice" already exists'):
            database.create_database("twice")

    def test_it_listens_on_loopback_only(self, database: PostgreSQL) -> None:
        assert listening_addresses(database._postmaster.pid) == {"0100007F"}

    def test_commits_reach_the_disk(self, database: PostgreSQL) -> None:
        with psycopg.connect(database.create_database("durable").replace("+psycopg", "")) as reader:
            assert reader.execute("SHOW fsync").fetchone() == ("on",)
            assert reader.execute("SHOW synchronous_commit").fetchone() == ("on",)


@pytest.mark.cluster
@pytest.mark.slow
@pytest.mark.parametrize(("server", "process"), [("RabbitMQ", "_node"), ("PostgreSQL", "_postmaster")])
def test_a_server_dies_with_a_test_run_that_is_killed(server: str, process: str) -> None:
    run = textwrap.dedent(f"""
        import sys
        from testkit.servers import {server}
        server = {server}().start()
        print(server.{process}.pid, server.directory, flush=True)
        sys.stdin.read()
    """)
    with subprocess.Popen(
        [sys.executable, "-c", run],
        env={**os.environ, "PYTHONPATH": LIBS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as test_run:
        assert test_run.stdout is not None
        pid, directory = test_run.stdout.readline().split()
        orphan = os.pidfd_open(int(pid))

        test_run.kill()
        ended, _, _ = select.select([orphan], [], [], 30)

    os.close(orphan)
    shutil.rmtree(directory)
    assert ended, f"{server} is still there"
