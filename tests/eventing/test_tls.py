"""Broker and database over TLS: who cannot prove to be what the address names is not spoken to."""

import gc
import ssl
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import eventlet
import pytest
import sqlalchemy as sa
from kombu import Connection
from kombu import pools as kombu_pools

from eventing import transports
from eventing.service import Service
from testkit.certificates import NOW, Authority
from testkit.house import House, eventually
from testkit.servers import PostgreSQL, RabbitMQ
from testkit.toy import AddBeads, CountMirrored, MirrorDeclarations, ToyDeclarations


class Toy(ToyDeclarations, Service):
    pass


class Mirror(MirrorDeclarations, Service):
    pass


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """Whom the process believes, as the chart's `authorities.existingConfigMap` tells it."""
    made = Authority(tmp_path_factory.mktemp("authority"), "county")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made.file))
        yield made
    kombu_pools.reset()


@pytest.mark.cluster
def test_services_work_over_tls_alone(authority: Authority, tmp_path: Path) -> None:
    accounts = [str(uuid.uuid4()) for _ in range(40)]

    with RabbitMQ(authority.identity("broker")) as broker, PostgreSQL(authority.identity("database")) as database:
        url = [database.create_database(f"tls_{service}") for service in ("toy", "mirror")][-1]
        template = url.replace("_mirror", "_{service}") + f"?sslmode=verify-full&sslrootcert={authority.file}"
        with House([Toy, Mirror], tmp_path, amqp_uri=broker.tls_uri, database_url=template) as house:
            client = house.client()
            pool = eventlet.GreenPool(20)
            list(pool.imap(lambda account: client.command(AddBeads(case_id=account, count=3), attempts=5), accounts))
            for account in accounts:
                eventually(lambda account=account: client.ask(CountMirrored(case_id=account))["count"] == 3)
            engine = sa.create_engine(url)
            with engine.connect() as connection:
                spoken = connection.exec_driver_sql(
                    "SELECT datname, count(*) > 0, bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                    "WHERE datname LIKE 'tls%%' AND pid <> pg_backend_pid() GROUP BY datname ORDER BY datname"
                ).all()
            engine.dispose()
    gc.collect()  # a connection that was left open is told here

    assert [tuple(each) for each in spoken] == [("tls_mirror", True, True), ("tls_toy", True, True)]


@pytest.mark.parametrize(
    ("why", "says"),
    [
        ("of an authority that nobody named", "unable to get local issuer certificate"),
        ("of another host", "IP address mismatch"),
        ("of another time", "certificate has expired"),
    ],
)
def test_a_broker_that_proves_nothing_is_not_spoken_to(
    authority: Authority, tmp_path: Path, why: str, says: str
) -> None:
    presents = {
        "of an authority that nobody named": lambda: Authority(tmp_path, "elsewhere").server("broker"),
        "of another host": lambda: authority.server("another", hosts=["127.0.0.9"]),
        "of another time": lambda: authority.server("past", until=NOW - timedelta(days=1)),
    }[why]()
    transports.install()
    listening = eventlet.listen(("127.0.0.1", 0))
    server = eventlet.spawn(_present, listening, presents)

    with (
        pytest.raises(ssl.SSLCertVerificationError, match=says),
        Connection(f"amqps://guest:secret@127.0.0.1:{listening.getsockname()[1]}//", connect_timeout=5) as connection,
    ):
        connection.connect()
    server.kill()
    listening.close()


def _present(listening: eventlet.greenio.GreenSocket, context: ssl.SSLContext) -> None:
    """Shows whoever comes a certificate, and is not believed."""
    while True:
        taken, _ = listening.accept()
        with context.wrap_socket(taken, server_side=True, do_handshake_on_connect=False) as shown, suppress(OSError):
            shown.do_handshake()
