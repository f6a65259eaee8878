"""What befalls one case stays with that case: a fact that cannot be followed, and erasure."""

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

import catalogue
from contracts.casefile import Timeline, VerifyCase
from contracts.certificate import GetDocument, GetOutput
from contracts.intake import (
    Applicant,
    BroughtMaterial,
    FillForm,
    GetCase,
    GetHolder,
    ItemsAccepted,
    OpenCase,
    ReceiveMaterials,
    Register,
)
from contracts.language import Caller
from contracts.routing import GetDistribution
from contracts.vault import DestroyCaseKey, LendKeys
from eventing import mapper
from eventing.calls import Calls
from eventing.client import Client
from eventing.errors import Refused
from eventing.store import NewEvent, Save, Store
from testkit.campaign import W1
from testkit.facts import TESTER
from testkit.house import eventually
from testkit.servers import PostgreSQL, RabbitMQ

from .cluster import W1_LAYER, Cluster, cluster_signer
from .conftest import IMPATIENCE
from .load import CLERK, Load, citizen_id
from .reckoning import reckon

pytestmark = [pytest.mark.fault, pytest.mark.cluster, pytest.mark.timeout(1200)]

OTHERS = 100

OPERATOR = Caller(by="operator-1", roles=("operator",))
INTAKE = Caller(by="service:intake", roles=("service",))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, rabbitmq: RabbitMQ, postgresql: PostgreSQL) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("single"), rabbitmq, postgresql) as running:
        yield running


@pytest.fixture
def client(cluster: Cluster, rabbitmq: RabbitMQ) -> Iterator[Client]:
    """Somebody who signs with this cluster's key."""
    calls = Calls(rabbitmq.uri, timeout=IMPATIENCE)
    calls.start()
    yield Client(calls, TESTER, signer=cluster_signer(cluster.directory))
    calls.stop()


# a poisoned fact


class Poison:
    """Cases whose acceptance names a catalogue version that two services can only read damaged."""

    def __init__(self, cluster: Cluster, client: Client, directory: Path) -> None:
        self.cluster = cluster
        self.client = client.as_(CLERK)
        layer = (W1_LAYER / "w1.yaml").read_text("utf-8")
        (directory / "w1.yaml").write_text(layer.replace("基准测试五项并联", "基准测试五项并联之二"), "utf-8")
        edition = catalogue.load("990102", on=datetime.now(tz=UTC).date(), extra=[directory])
        self.version, self.document = edition.version, edition.document()
        damaged = self.document.replace("基准事项五".encode(), "基准事项六".encode())
        for service in ("intake", "certificate"):
            self._keep(service, self.document)
        for service in ("routing", "approval"):
            self._keep(service, damaged)

    def repair(self) -> None:
        """The two get their catalogue from a backup."""
        for service in ("routing", "approval"):
            self._keep(service, self.document)

    def _keep(self, service: str, document: bytes) -> None:
        store = Store(service, self.cluster.stores[service])
        store.keep_catalogue(self.version, document)
        store.close()

    def case(self, like: ItemsAccepted) -> str:
        """Opens a case, and puts its acceptance into intake's log past all rules."""
        case_id = str(uuid.uuid4())
        number = self.client.command(
            OpenCase(
                case_id=case_id,
                theme="WA",
                applicant=Applicant("测毒", citizen_id(1)),
                answers={},
                allow_duplicate=True,
            ),
            attempts=20,
        ).value["number"]
        self.client.command(FillForm(case_id=case_id, values={"person_name": "测毒"}), attempts=20)
        materials = tuple(BroughtMaterial(s.material, "shared", "shared:registry") for s in W1.values())
        last = self.client.command(ReceiveMaterials(case_id=case_id, materials=materials), attempts=20)
        assert last.version is not None
        fact = msgspec.structs.replace(like, case_id=case_id, number=number, catalogue=self.version, cause="poison")
        store = Store("intake", self.cluster.stores["intake"])
        store.save(Save(events=[NewEvent(case_id, last.version + 1, fact.TOPIC, mapper.encode(fact))]))
        store.close()
        return case_id


def an_acceptance(cluster: Cluster) -> ItemsAccepted:
    """The acceptance of some case, all of whose materials were shared."""
    store = Store("intake", cluster.stores["intake"])
    facts = [fact for segment in range(16) for fact in store.read_log(segment, 0, 10_000)]
    store.close()
    accepted = [mapper.decode(f.topic, f.state) for f in facts if f.topic == ItemsAccepted.TOPIC]
    return next(
        fact
        for fact in accepted
        if isinstance(fact, ItemsAccepted) and {copy.medium for copy in fact.materials} == {"shared"}
    )


def parked(cluster: Cluster) -> set[tuple[str, str, str]]:
    """(service, case, topic) as the operator sees it."""
    listed = json.loads(cluster.console("parked", "list", "--json"))
    return {(each["service"], each["case"], each["topic"]) for each in listed}


def test_a_poisoned_fact_stops_its_case_alone(
    cluster: Cluster, client: Client, tmp_path: Path, seed: int, tell: Callable[[str], None]
) -> None:
    load = Load(client, seed)
    load.release(1)
    load.progress(1000)
    like = an_acceptance(cluster)
    poison = Poison(cluster, client, tmp_path)
    curable, hopeless = poison.case(like), poison.case(like)
    stuck = {
        (service, case, ItemsAccepted.TOPIC) for case in (curable, hopeless) for service in ("routing", "approval")
    }
    eventually(lambda: parked(cluster) == stuck, within=60)

    load.release(OTHERS)
    load.until(lambda: not load.open)
    assert load.closed == OTHERS + 1
    assert parked(cluster) == stuck

    cluster.console("parked", "redrive", curable)  # nothing is better yet: it stays where it is
    eventually(lambda: not any(wishes(cluster)))
    assert parked(cluster) == stuck

    poison.repair()
    load.adopt(curable)
    cluster.console("parked", "redrive", curable)
    cluster.console("parked", "discard", hopeless, "--reason", "registered again under another number")
    load.until(lambda: not load.open)
    eventually(lambda: parked(cluster) == set(), within=60)
    tell(f"2 cases poisoned in 2 services each, {OTHERS} others finished meanwhile, 1 redriven, 1 discarded")

    reckon(load, cluster.stores, tell, aside=(curable, hopeless))
    assert load.ask(CLERK, GetCase(case_id=curable))["status"] == "closed"
    assert len(load.ask(CLERK, GetOutput(case_id=curable))["certificates"]) == len(W1)
    distribution = load.ask(CLERK, GetDistribution(case_id=curable))
    assert {packet["state"] for packet in distribution["packets"]} == {"received"}
    for case in (curable, hopeless):
        assert load.ask(CLERK, VerifyCase(case_id=case))["verified"] is True
    assert load.ask(CLERK, GetCase(case_id=hopeless))["status"] != "closed"
    for service in ("routing", "approval"):
        acts = load.ask(OPERATOR, Timeline(case_id=f"operations:{service}"))["entries"]
        assert sorted((act["topic"].split(".")[2], act["body"]["case"]) for act in acts) == [
            ("parked-discarded", hopeless),
            ("parked-redriven", curable),
        ]


def wishes(cluster: Cluster) -> list[str]:
    """What operators have asked for that is not done yet."""
    listed = json.loads(cluster.console("parked", "list", "--json"))
    return [each.get("wish", "") for each in listed]


# erasure

PERSON = Applicant("欧阳无痕", "990102198802292716", mobile="13912345678", address="云岭县无痕巷77号")


def traces(text: str) -> list[bytes]:
    """How a text might lie in a file: in two encodings, escaped, in hexadecimal digits, in base64."""
    plain = text.encode()
    encoded = [plain, text.encode("gb18030"), json.dumps(text)[1:-1].encode(), plain.hex().encode()]
    for shift in range(3):  # three places in a longer text; what shares digits with its neighbours is left out
        digits = base64.b64encode(b"\0" * shift + plain)
        encoded.append(digits[(shift * 8 + 5) // 6 : (shift + len(plain)) * 8 // 6])
    return list(dict.fromkeys(encoded))


def stored_rows(cluster: Cluster) -> Iterator[tuple[str, bytes]]:
    """Every value of every row of every table, as the databases give it back, decompressed."""
    for service, url in cluster.stores.items():
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            for table in sa.inspect(engine).get_table_names():
                for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):  # noqa: S608  our own names
                    for value in row:
                        if isinstance(value, str | bytes | memoryview):
                            yield (
                                f"{service}.{table}",
                                value.encode() if isinstance(value, str) else bytes(value),
                            )
        engine.dispose()


def stored_files(cluster: Cluster) -> Iterator[tuple[str, bytes]]:
    """Every file that the databases, the broker and the services have written, logs included."""
    for directory in (cluster.postgresql.directory, cluster.rabbitmq.directory, cluster.directory):
        for path in sorted(directory.rglob("*")):
            with suppress(FileNotFoundError):  # servers tidy up
                if path.is_file():
                    yield str(path), path.read_bytes()


def found(texts: list[str], cluster: Cluster) -> set[str]:
    """Where any of these texts lies."""
    wanted = [trace for text in texts for trace in traces(text)]
    return {
        place
        for stored in (stored_rows, stored_files)
        for place, content in stored(cluster)
        if any(trace in content for trace in wanted)
    }


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_a_text_leaves_traces_in_whatever_way_it_is_written(before: str) -> None:
    text = "欧阳无痕"
    for written in (
        (before + text).encode(),
        text.encode("gb18030"),
        json.dumps(before + text).encode(),
        text.encode().hex().encode(),
        base64.b64encode((before + text + "。").encode()),
    ):
        assert any(trace in written for trace in traces(text))


def refusal(ask: Callable[[], Any]) -> str:
    """The code of a refusal; empty where there was an answer."""
    try:
        ask()
    except Refused as error:
        return error.code
    return ""


def test_what_was_erased_nobody_can_read_and_its_history_still_verifies(
    cluster: Cluster, client: Client, seed: int, tell: Callable[[str], None]
) -> None:
    load = Load(client, seed)
    case_id = str(uuid.uuid4())
    load.adopt(case_id)
    number = load.send(
        CLERK,
        Register(
            case_id=case_id,
            theme="WA",
            applicant=PERSON,
            answers={},
            values={"person_name": PERSON.name, "person_phone": PERSON.mobile},
            materials=tuple(BroughtMaterial(s.material, "shared", "shared:registry") for s in W1.values()),
        ),
    ).value["number"]
    load.finish()
    personal = [PERSON.name, PERSON.identifier, PERSON.mobile, PERSON.address]

    def read(query: Any, caller: Caller = CLERK) -> Any:
        return load.ask(caller, query)

    case = read(GetCase(case_id=case_id, personal=True))
    assert [case["applicant"][name] for name in ("name", "identifier", "mobile", "address")] == personal
    assert case["form"] == {"person_name": PERSON.name, "person_phone": PERSON.mobile}
    documents = [GetDocument(case_id=case_id, certificate=f"{item}.{s.output}") for item, s in W1.items()]
    assert base64.b64decode(read(documents[0])["pdf"]).startswith(b"%PDF")
    assert {place.partition(".")[0] for place in found([number], cluster)} >= {"intake", "casefile"}
    assert found(personal, cluster) == set()

    load.send(OPERATOR, DestroyCaseKey(case_id=case_id, reason="a request for erasure"))
    questions = [GetCase(case_id=case_id, personal=True), *documents[:2]]
    for asked in questions:
        eventually(lambda asked=asked: refusal(lambda: read(asked)) == "erased")
    for service in ("intake", "certificate"):
        cluster.kill(service)
        cluster.restart(service)
    for asked in questions:
        assert refusal(lambda asked=asked: read(asked)) == "erased"
    holder = read(GetHolder(case_id=case_id), INTAKE)
    lent = read(LendKeys(key_ids=(holder["key_id"],), purpose="test"), INTAKE)
    assert lent == [[holder["key_id"], ""]]

    assert read(GetCase(case_id=case_id))["status"] == "closed"
    assert read(VerifyCase(case_id=case_id))["verified"] is True
    assert "onething.case-key.destroyed.v1" in {e["topic"] for e in read(Timeline(case_id=case_id))["entries"]}
    assert found(personal, cluster) == set()
    tell(f"1 key destroyed, {len(questions)} questions refused, no trace of {len(personal)} personal texts")
