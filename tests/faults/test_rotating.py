"""Every secret of a house is rotated while cases go on, as the how-to says: nobody is refused, nothing is repeated.

Replicas of two neighbouring steps serve side by side, as while a deployment is rolled; PostgreSQL and RabbitMQ ask for
passwords.
"""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from casefile.notary import Notary
from console.bench import Plan, Run
from console.county import county, load
from console.services import service
from contracts.casefile import ListTreeHeads, VerifyLedger
from contracts.language import Caller
from eventing.client import Client
from eventing.settings import Settings
from eventing.signing import RequestUnsigned, Signer
from eventing.store import Store
from kernel.notes import PublicKey
from testkit.facts import refused
from testkit.house import House, eventually
from testkit.servers import PostgreSQL, RabbitMQ
from vault.rewrapping import opens, rewrap, wrapped_by
from vault.wrapping import Wrapping

from .cluster import W1_LAYER

pytestmark = [pytest.mark.heavy, pytest.mark.cluster, pytest.mark.timeout(1800)]

NEEDED = ("vault", "delegation", "halls", "intake", "routing", "approval", "certificate", "casefile")
"""Services that a case of W1 goes through, and who remembers it."""
AUDITOR = Caller(by="auditor", roles=("auditor",))
OLD, NEW = "5a" * 32, "c3" * 32
OLD_KEK, NEW_KEK = "a5" * 32, "3c" * 32


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    """A server that asks every role but its own for a password."""
    with PostgreSQL() as server:
        (server.data / "pg_hba.conf").write_text(
            "host all onething 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )
        told(server.create_database("admin"), "SELECT pg_reload_conf()")
        yield server


def told(url: str, *lines: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for line in lines:
                connection.exec_driver_sql(line)
    finally:
        engine.dispose()


class Installation:
    """Where a house's secrets lie, and which of its replicas run."""

    def __init__(self, place: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL) -> None:
        self.place = place
        self.rabbitmq = rabbitmq
        self.stores = {name: postgresql.create_database(f"rotated_{name}") for name in NEEDED}
        for name, url in self.stores.items():
            told(url, f"CREATE ROLE rotated_{name}", f"ALTER DATABASE rotated_{name} OWNER TO rotated_{name}")
        self.amqp_uri = ""
        self.write("databases", "")

    def write(self, name: str, *lines: str) -> None:
        (self.place / name).write_text("\n".join(lines) + "\n")

    def names(self, name: str) -> None:
        """A name with a password, to log in with, at the broker and for each database."""
        password = secrets.token_hex(8)
        (self.place / "databases").unlink(missing_ok=True)
        (self.place / f"databases-{name}").mkdir()
        for each, url in self.stores.items():
            login = f"rotated_{each}_{name}"
            told(
                url,
                f"CREATE ROLE {login} LOGIN PASSWORD '{password}' IN ROLE rotated_{each}",
                f"ALTER ROLE {login} SET role = rotated_{each}",
            )
            self.write(f"databases-{name}/{each}", url.replace("//onething@", f"//{login}:{password}@"))
        self.rabbitmq.control("add_user", name, password)
        self.rabbitmq.control("set_permissions", name, ".*", ".*", ".*")
        self.amqp_uri = self.rabbitmq.uri.replace("guest:guest", f"{name}:{password}")

    def started(self, step: int, name: str) -> House:
        """A replica of every service with the secrets as they are now."""
        return House(
            [service(each) for each in NEEDED],
            self.place,
            amqp_uri=self.amqp_uri,
            database_url=f"file:{self.place}/databases-{name}/{{service}}",
            replica=f"step-{step}",
            signing_key_file=str(self.place / "signing-key"),
            head_key_file=str(self.place / "head-key"),
            head_seconds=0.5,
            catalogue_dirs=(str(W1_LAYER),),
            rendering="on-demand",
            public_url="https://onething.example",
            oidc_issuers=(),
        ).start()


def test_every_secret_is_rotated_while_cases_go_on(
    tmp_path: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL, tell: Callable[[str], None]
) -> None:
    at = Installation(tmp_path, rabbitmq, postgresql)
    first = Notary("990102", *Settings(secret_key_file=str(tmp_path / "secret.key")).head_keys()).key
    at.write("signing-key", OLD)
    at.write("head-key", "secret-key")
    at.write("vault.kek", OLD_KEK)
    at.names("one")
    houses = [at.started(0, "one")]
    load(county("990102"), houses[0].client())

    def side_by_side(step: int, name: str) -> None:
        """The next replicas come, both kinds are spoken to, the ones before go."""
        before, after = houses.pop(), at.started(step, name)
        houses.append(after)
        clients = [before.client(), after.client()]
        clients[0].signer = signers[-1]
        signers.append(clients[1].signer)
        for client in clients:
            Run(client, Plan(cases=1, concurrency=1)).drive(lambda: None)
        before.stop()

    signers = [houses[0].client().signer]

    # 1. what is new is believed, and opens what it wraps
    at.write("signing-key", OLD, NEW)
    at.write("vault.kek", OLD_KEK, NEW_KEK)
    at.write("head-key", NEW, "secret-key")
    at.names("two")
    side_by_side(1, "two")

    # 2. what is new makes; nobody is known by the first names any more
    at.write("signing-key", NEW, OLD)
    at.write("vault.kek", NEW_KEK, OLD_KEK)
    side_by_side(2, "two")
    rabbitmq.control("delete_user", "one")
    for name, url in at.stores.items():
        told(url, f"DROP ROLE rotated_{name}_one")
    store = Store("vault", houses[0].settings.database_url_for("vault"))
    wrapped = sum(rewrap(store, Wrapping(bytes.fromhex(NEW_KEK), bytes.fromhex(OLD_KEK))))

    # 3. what was is gone
    at.write("signing-key", NEW)
    at.write("vault.kek", NEW_KEK)
    at.write("head-key", NEW, first)
    side_by_side(3, "two")

    (house,) = houses
    client = house.client()
    assert wrapped
    assert set(wrapped_by(store)) == {Wrapping(bytes.fromhex(NEW_KEK)).kek}
    assert opens(store, Wrapping(bytes.fromhex(NEW_KEK)))
    store.close()
    with refused(RequestUnsigned):
        Client(client.calls, AUDITOR, signer=Signer(*signers[0]._keys)).ask(VerifyLedger())
    Run(client, Plan(cases=1, concurrency=1)).drive(lambda: None)
    whole = eventually(lambda: client.as_(AUDITOR).ask(VerifyLedger()), within=60)
    assert whole["verified"], whole
    heads = client.as_(AUDITOR).ask(ListTreeHeads(newest=True))
    assert heads["public_key"] != first
    assert PublicKey.read(heads["public_key"]).opened(heads["tree_heads"][-1]["signed_note"])
    tell(f"four kinds of replicas, two at a time; {wrapped} case keys wrapped anew, {whole['checked']} leaves verified")
    house.stop()
