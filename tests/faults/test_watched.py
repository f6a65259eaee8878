"""A watched cluster: alerts fire while something is wrong and clear after it, and one case is one trace everywhere.

Each part does what a page of the runbook says.
"""

import itertools
import json
import os
import re
import signal
import ssl
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import eventlet
import eventlet.wsgi
import pytest
import sqlalchemy as sa

from console.benchissuer import issuing
from console.feedbench import Subscriber
from console.output import Exit
from console.overhttp import OverHttp
from console.services import SERVICES
from contracts.approval import GrantReview, Worklist
from contracts.feed import HallSnapshot
from contracts.intake import Applicant, BroughtMaterial, ListCases, Register
from contracts.language import Caller
from contracts.notification import GetCorrespondence
from contracts.routing import DispatchPackets, ListPackets, ReceivePackets
from contracts.webhooks import CreateWebhook, ListDeliveries, RedriveDelivery, RemoveWebhook
from eventing.calls import Calls
from eventing.client import Client
from eventing.errors import OneThingError
from eventing.settings import Settings
from eventing.status import EXCHANGE
from testkit.campaign import W1
from testkit.facts import TESTER
from testkit.servers import PostgreSQL, RabbitMQ, free_port

from .cluster import READY, Cluster, cluster_signer
from .load import CARRIER, CLERK, HALL, REVIEWERS, Load, citizen_id
from .watched import OURS, PATIENCE, RESTARTS, Alerts, Prometheus, Spans, receiving, scraped

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.cluster,
    pytest.mark.timeout(1800),
    pytest.mark.filterwarnings("ignore:ssl.PROTOCOL_TLS is deprecated:DeprecationWarning"),  # the issuer's, by eventlet
]

RUNBOOK = Path(__file__).parents[2] / "docs" / "how-to" / "runbook.md"
(HOLDERS,) = re.findall(r"```sql\n(.*?)```", RUNBOOK.read_text("utf-8"), re.DOTALL)
"""How the runbook finds whoever holds what others wait for."""
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
SEEDS = itertools.count(1)
"""Every load has cases of its own."""
OPERATOR = Caller(by="operator-kong", org="zwzx", roles=("operator",))


class Traced(Client):
    """Every command is a part of one trace."""

    def command(self, command: Any, **options: Any) -> Any:
        return super().command(command, **{**options, "trace": PARENT})

    def as_(self, caller: Any) -> "Traced":
        other = Traced(self.calls, caller, signer=self.signer)
        other._batchers = self._batchers
        return other


class TracedPage(OverHttp):
    """A browser that says of which trace its requests are."""

    def authorized(self) -> str:
        return f"{super().authorized()}traceparent: {PARENT}\r\n"


def registration(case: str, *paper: str) -> Register:
    """W1, brought without paper but for these items."""
    return Register(
        case_id=case,
        theme="WA",
        applicant=Applicant("测一", citizen_id(1), mobile="13800000000"),
        answers={},
        values={"person_name": "测一", "person_phone": "13800000000"},
        materials=tuple(
            BroughtMaterial(shape.material, "paper")
            if item in paper
            else BroughtMaterial(shape.material, "shared", "shared:registry")
            for item, shape in W1.items()
        ),
        output_mode="integrated",
        allow_duplicate=True,
    )


class Watched(Alerts):
    """A cluster, its ports of metrics, and what happens to its alerts."""

    def __init__(self, cluster: Cluster, prometheus: Prometheus, tell: Callable[[str], None]) -> None:
        super().__init__(prometheus, tell)
        self.cluster = cluster

    def quiet(self) -> None:
        """Nothing fires, and each service is scraped."""

        def is_quiet() -> bool:
            up = self.prometheus.query("count by (service) (onething_segments_owned)")
            return len(up) == len(SERVICES) and not self.prometheus.firing()

        self.tell(f"nothing fires, after {self.until(is_quiet, 'quiet'):.1f} s")

    def date_back(self, service: str, table: str, column: str, where: str) -> int:
        """Has rows be of an hour ago; returns how many."""
        hour_ago = "(extract(epoch FROM clock_timestamp() - interval '1 hour') * 1000000)::bigint"
        statement = f"UPDATE {table} SET {column} = {hour_ago} WHERE {where} RETURNING 1"  # noqa: S608  our own words
        return len(self.sql(service, statement))

    def sent_away(self, service: str) -> list[Any]:
        """Ends the sessions of whoever holds what others wait for and waits for nobody, as the runbook says."""
        found = self.sql(service, HOLDERS)
        for pid, *_ in found:
            self.sql(service, f"SELECT pg_terminate_backend({pid})")
        return found

    def sql(self, service: str, *statements: str) -> list[Any]:
        engine = sa.create_engine(self.cluster.stores[service])
        try:
            with engine.begin() as connection:
                done = [connection.exec_driver_sql(each) for each in statements]
                return [tuple(row) for row in done[-1]] if done[-1].returns_rows else []
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("watched")


@pytest.fixture(scope="module")
def spans() -> Iterator[Spans]:
    with receiving() as received:
        yield received


@pytest.fixture(scope="module")
def certificate(place: Path) -> tuple[Path, Path]:
    """A certificate of a server on loopback, and its key."""
    files = place / "server.pem", place / "server.key"
    line = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=receiver -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*line.split(), "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


@pytest.fixture(scope="module")
def cluster(
    place: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL, spans: Spans, certificate: tuple[Path, Path]
) -> Iterator[tuple[Cluster, list[str], OverHttp]]:
    """A cluster with an issuer, whose processes show metrics and send their spans."""
    built = Cluster(place, rabbitmq, postgresql)
    ports = {process: free_port() for process in built.processes}
    http = free_port()
    settings = Settings(data_dir=str(place), region="990102", http_host="127.0.0.1")
    with issuing(settings, place) as standing:
        for (name, replica), process in built.processes.items():
            process.env |= {
                "ONETHING_HEALTH_PORT": str(ports[name, replica]),
                "OTEL_EXPORTER_OTLP_ENDPOINT": spans.address,
                "OTEL_BSP_SCHEDULE_DELAY": "200",
            }
        built.processes["certificate", "a"].env["ONETHING_RENDERING"] = "eager"
        built.processes["casefile", "a"].env["ONETHING_HEAD_SECONDS"] = "1"
        built.processes["gateway", "a"].env |= {
            **standing.environ(),
            "ONETHING_HTTP_IN_HAND": "8",
            "ONETHING_WEBHOOK_HOURS": "0.001",
            "ONETHING_WEBHOOK_NETWORKS": "127.0.0.0/8",
            "ONETHING_WEBHOOK_CA_FILE": str(certificate[0]),
            "ONETHING_HTTP_HOST": "127.0.0.1",
            "ONETHING_HTTP_PORT": str(http),
        }
        with built:
            page = TracedPage(f"http://127.0.0.1:{http}", CLERK, issue=standing.issuer.access_token)
            yield built, [f"127.0.0.1:{port}" for port in ports.values()], page


@pytest.fixture(scope="module")
def prometheus(place: Path, cluster: Any) -> Iterator[Prometheus]:
    with Prometheus(place, OURS, scraped("onething", cluster[1])) as running:
        yield running


@pytest.fixture
def watched(cluster: Any, prometheus: Prometheus, tell: Callable[[str], None]) -> Watched:
    found = Watched(cluster[0], prometheus, tell)
    found.quiet()
    return found


@pytest.fixture
def people(place: Path, rabbitmq: RabbitMQ) -> Iterator[Client]:
    """Whoever a test wants to be."""
    calls = Calls(rabbitmq.uri, timeout=2.0)
    calls.start()
    yield Client(calls, TESTER, signer=cluster_signer(place))
    calls.stop()


@pytest.fixture
def load(people: Client) -> Load:
    """People who work off whatever lies on their desks, at once."""
    return Load(people, next(SEEDS))


@contextmanager
def busy(*people: Callable[[], Any]) -> Iterator[None]:
    """People who do the same thing again and again, whatever becomes of it."""

    def work(act: Callable[[], Any]) -> None:
        while True:
            with suppress(OneThingError):
                act()
            eventlet.sleep(0.05)

    threads = [eventlet.spawn(work, person) for person in people]
    try:
        yield
    finally:
        for thread in threads:
            thread.kill()


def test_one_case_is_one_trace_from_the_browser_through_all_services(
    cluster: Any, place: Path, rabbitmq: RabbitMQ, spans: Spans, tell: Callable[[str], None]
) -> None:
    calls = Calls(rabbitmq.uri, timeout=5.0)
    calls.start()
    load = Load(Traced(calls, TESTER, signer=cluster_signer(place)), next(SEEDS))
    case = "00000000-0000-4000-8000-00000000c0de"
    cluster[2].command(registration(case), id=case, attempts=20)
    load.adopt(case)
    load.finish()
    calls.stop()

    def found() -> dict[str, list[Any]]:
        return spans.by_trace[TRACE]

    began = time.monotonic()
    while not set(SERVICES) <= set(found()) and time.monotonic() - began < PATIENCE:
        eventlet.sleep(0.2)
    assert set(found()) == set(SERVICES)
    known = {span.span_id for some in found().values() for span in some}
    orphans = [
        f"{name}: {span.name}"
        for name, some in found().items()
        for span in some
        if span.parent_span_id not in known and span.parent_span_id.hex() != PARENT.split("-")[2]
    ]
    assert not orphans
    told = ", ".join(f"{name} {len(some)}" for name, some in sorted(found().items()))
    tell(f"{sum(map(len, found().values()))} spans of one trace: {told}")


def test_a_service_that_is_killed_again_and_again(watched: Watched) -> None:
    for _ in range(3):
        watched.cluster.kill("approval")
        watched.fires("OnethingServiceGone", "approval")
        watched.cluster.restart("approval")
        watched.clears("OnethingServiceGone")
    watched.fires("OnethingRestarting")
    watched.clears("OnethingRestarting", within=RESTARTS + PATIENCE)


def test_a_service_that_hangs_and_who_follows_it(watched: Watched) -> None:
    intake = watched.cluster.processes["intake", "a"]
    os.kill(intake.pid, signal.SIGSTOP)
    try:
        watched.fires("OnethingServiceGone", "intake")
        watched.fires("OnethingLogLagHigh", "routing", "approval", "casefile")
        watched.fires("OnethingNewsLate")
    finally:
        os.kill(intake.pid, signal.SIGCONT)
    watched.clears("OnethingServiceGone", "OnethingLogLagHigh", "OnethingNewsLate")


def test_the_broker_is_away(watched: Watched, rabbitmq: RabbitMQ) -> None:
    rabbitmq.stop()
    try:
        watched.fires("OnethingBrokerLost", "intake", "approval", "casefile", "gateway")
    finally:
        rabbitmq.start()
    watched.clears("OnethingBrokerLost", "OnethingLogLagHigh", "OnethingNewsLate")


def test_the_database_is_away(watched: Watched, postgresql: PostgreSQL) -> None:
    postgresql.stop()
    try:
        watched.fires("OnethingDatabaseLost", *SERVICES)
    finally:
        postgresql.start()
    watched.clears("OnethingDatabaseLost", "OnethingLogLagHigh", "OnethingNewsLate", "OnethingSegmentUnowned")


def test_half_of_the_segments_are_due_to_somebody_who_does_nothing(watched: Watched) -> None:
    watched.sql(
        "approval",
        "INSERT INTO replicas (name, until) "
        "SELECT 'ghost', extract(epoch FROM clock_timestamp() + interval '20 seconds') * 1000000",
    )
    watched.fires("OnethingSegmentUnowned", "approval")

    watched.clears("OnethingSegmentUnowned")


def test_a_case_is_parked_and_redriven(watched: Watched, load: Load) -> None:
    watched.sql("approval", "ALTER TABLE reviews_v2 ADD CONSTRAINT spoilt CHECK (state <> 'ready') NOT VALID")
    load.release(1)
    watched.fires("OnethingCaseParked", "approval")
    (parked,) = json.loads(watched.cluster.console("parked", "list", "--json"))
    watched.sql("approval", "ALTER TABLE reviews_v2 DROP CONSTRAINT spoilt")
    watched.cluster.console("parked", "redrive", parked["case"])

    watched.clears("OnethingCaseParked")
    load.finish()


def test_commands_that_a_fault_of_the_service_ends(watched: Watched, people: Client) -> None:
    watched.sql("intake", "ALTER TABLE cases_v4 ADD CONSTRAINT spoilt CHECK (case_id = '') NOT VALID")
    try:

        def is_firing() -> bool:
            with suppress(OneThingError):
                people.as_(CLERK).command(registration(str(uuid.uuid4())))
            return ("OnethingHandlerFaults", "intake") in watched.prometheus.firing()

        watched.tell(f"OnethingHandlerFaults (intake) fires after {watched.until(is_firing, 'faults'):.1f} s")
    finally:
        watched.sql("intake", "ALTER TABLE cases_v4 DROP CONSTRAINT spoilt")
    watched.clears("OnethingHandlerFaults")


def test_a_read_model_says_that_nobody_was_warned_and_is_made_anew(watched: Watched, load: Load) -> None:
    load.release(1)
    load.finish()
    watched.sql("approval", "UPDATE reviews_v2 SET state = 'open', due_on = '2020-01-01', warned = ''")
    watched.fires("OnethingReviewsUnwarned", "approval")
    watched.cluster.console("rebuild", "approval")

    watched.clears("OnethingReviewsUnwarned")


def test_custody_that_does_not_add_up(watched: Watched, load: Load) -> None:
    load.release(5)
    load.finish()
    watched.sql("routing", "DELETE FROM custody_v1 WHERE side = 'to'")
    watched.fires("OnethingCustodyBroken", "routing")
    watched.cluster.console("rebuild", "routing")

    watched.clears("OnethingCustodyBroken")


def test_somebody_holds_a_table_again_and_again(watched: Watched, cluster: Any, people: Client) -> None:
    page: OverHttp = cluster[2]
    registering = [lambda: page.command(registration(str(uuid.uuid4())), id=str(uuid.uuid4()))] * 4
    looking = [lambda: people.as_(CLERK).ask(ListCases())] * 40
    engine = sa.create_engine(watched.cluster.stores["intake"])

    def hold() -> None:
        with suppress(sa.exc.DBAPIError), engine.connect() as connection:  # until he is sent away
            while True:
                with connection.begin():
                    connection.exec_driver_sql("LOCK TABLE cases_v4 IN ACCESS EXCLUSIVE MODE")
                    eventlet.sleep(6)
                eventlet.sleep(0.5)

    holding = eventlet.spawn(hold)
    with busy(*registering, *looking):
        watched.fires("OnethingAnswersSlow")
        watched.fires("OnethingAnswersSlowing")
        watched.fires("OnethingCommandsSlow", "intake")
        watched.fires("OnethingDatabaseExhausted", "intake")

        watched.until(lambda: watched.sent_away("intake"), "somebody is found")
        holding.wait()
    engine.dispose()
    watched.clears("OnethingDatabaseExhausted", "OnethingCommandsSlow", "OnethingAnswersSlow", "OnethingAnswersSlowing")


def test_a_service_that_others_ask_is_away(watched: Watched, cluster: Any) -> None:
    page: OverHttp = cluster[2]
    watched.cluster.kill("delegation")
    with busy(lambda: page.command(registration(str(uuid.uuid4())), id=str(uuid.uuid4()))):
        watched.fires("OnethingServiceGone", "delegation")
        watched.fires("OnethingCommandsUnavailable", "intake")
        watched.fires("OnethingRequestsFail")
        assert "delegation" in "".join(watched.cluster.typed("status")[1:])
        watched.cluster.restart("delegation")
        watched.clears("OnethingServiceGone", "OnethingCommandsUnavailable", "OnethingRequestsFail")


def test_the_gateway_has_more_in_hand_than_it_may(watched: Watched, cluster: Any) -> None:
    page: OverHttp = cluster[2]
    intake = watched.cluster.processes["intake", "a"]
    os.kill(intake.pid, signal.SIGSTOP)
    try:
        with busy(*[lambda: page.ask(ListCases())] * 20):
            watched.fires("OnethingTurnedAway", "gateway")
    finally:
        os.kill(intake.pid, signal.SIGCONT)
    watched.clears("OnethingTurnedAway", "OnethingServiceGone", "OnethingLogLagHigh", "OnethingNewsLate")


def test_a_gateway_that_stood_still_and_cannot_read_what_it_missed(
    watched: Watched, cluster: Any, rabbitmq: RabbitMQ, load: Load
) -> None:
    page: OverHttp = cluster[2]
    screen = Subscriber(page.address, HALL, page.authorized())
    looking = eventlet.spawn(screen.run)
    load.release(1)
    watched.until(lambda: screen.last, "something is seen")
    gateway = watched.cluster.processes["gateway", "a"].pid
    engine = sa.create_engine(watched.cluster.stores["halls"])
    os.kill(gateway, signal.SIGSTOP)
    try:
        rabbitmq.control("close_all_connections", "a machine stands still")
        watched.until(lambda: EXCHANGE not in rabbitmq.control("list_bindings", "source_name"), "nobody listens")
        load.release(1)
        load.finish()
        with suppress(sa.exc.DBAPIError), engine.connect() as connection, connection.begin():  # until it is sent away
            connection.exec_driver_sql("LOCK TABLE feed IN ACCESS EXCLUSIVE MODE")
            os.kill(gateway, signal.SIGCONT)
            watched.fires("OnethingFeedBehind", "gateway")
            watched.cluster.console("status")
            log = watched.cluster.processes["gateway", "a"].log
            watched.until(lambda: "a feed has a gap for now" in log.read_text(), "the log says why")
            watched.until(lambda: watched.sent_away("halls"), "somebody is found")
    finally:
        os.kill(gateway, signal.SIGCONT)
        engine.dispose()

    watched.clears("OnethingFeedBehind", "OnethingServiceGone", "OnethingBrokerLost", "OnethingLogLagHigh")
    reached = load.client.as_(CLERK).ask(HallSnapshot(hall=HALL), attempts=5)["sequence"]
    watched.until(lambda: looking.dead or screen.last == reached, "everything is seen")
    assert not looking.dead  # it ends with the first number that is missing
    looking.kill()  # first: the number of a socket that is waited for may be another's at once
    screen.close()


def test_a_subscriber_who_refuses_what_is_sent(
    watched: Watched, cluster: Any, load: Load, certificate: tuple[Path, Path]
) -> None:
    refuses = True

    def receive(environ: dict[str, Any], start: Any) -> list[bytes]:
        environ["wsgi.input"].read()
        start("500 Internal Server Error" if refuses else "204 No Content", [])
        return []

    page: OverHttp = cluster[2]
    operator = page.as_(OPERATOR)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    listening = context.wrap_socket(eventlet.listen(("127.0.0.1", 0)), server_side=True)
    server = eventlet.spawn(eventlet.wsgi.server, listening, receive, log_output=False)
    url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
    operator.command(CreateWebhook(webhook="w1", url=url, halls=(HALL,)), id=str(uuid.uuid4()), attempts=20)
    load.release(1)
    watched.fires("OnethingWebhooksParked", "gateway")
    refuses = False

    def redriven() -> bool:
        parked = operator.ask(ListDeliveries(webhook="w1", state="parked"))["deliveries"]
        for each in parked:
            redrive = RedriveDelivery(webhook="w1", hall=each["hall"], seq=each["seq"])
            operator.command(redrive, id=str(uuid.uuid4()), attempts=5)
        return not parked

    watched.until(redriven, "all are redriven")
    watched.clears("OnethingWebhooksParked")
    load.finish()
    operator.command(
        RemoveWebhook(webhook="w1", reason="its receiver goes"), id=str(uuid.uuid4()), attempts=20
    )  # before its receiver goes
    server.kill()
    listening.close()


def test_deadlines_wait_for_somebody_who_holds_their_table(watched: Watched, people: Client) -> None:
    case = str(uuid.uuid4())
    people.as_(CLERK).command(registration(case), attempts=20)
    watched.until(
        lambda: watched.sql("approval", f"SELECT 1 FROM deadlines WHERE stream = '{case}'"),  # noqa: S608  our own
        "a deadline is known",
    )
    approval = watched.cluster.processes["approval", "a"].pid
    engine = sa.create_engine(watched.cluster.stores["approval"])
    with suppress(sa.exc.DBAPIError), engine.connect() as connection, connection.begin():  # until it is sent away
        os.kill(approval, signal.SIGSTOP)  # so that it holds the table before the deadline is seen
        assert watched.date_back("approval", "deadlines", "due_at", f"stream = '{case}'")
        connection.exec_driver_sql("LOCK TABLE deadlines IN SHARE MODE")
        os.kill(approval, signal.SIGCONT)
        watched.fires("OnethingDeadlinesOverdue", "approval")
        watched.cluster.console("segments", "list", "approval")
        watched.cluster.console("parked", "list")
        watched.until(lambda: watched.sent_away("approval"), "somebody is found")
    engine.dispose()

    watched.clears("OnethingDeadlinesOverdue", "OnethingServiceGone")


def test_packets_that_nobody_signs_for(watched: Watched, people: Client) -> None:
    case = str(uuid.uuid4())
    people.as_(CLERK).command(registration(case, "WA01"), attempts=20)

    def planned() -> list[Any]:
        found = people.as_(CLERK).ask(ListPackets(place=HALL, state="planned", limit=500))["packets"]
        return [each for each in found if each["case_id"] == case]

    watched.until(planned, "a packet is planned")
    (packet,) = planned()
    dispatch = DispatchPackets(case_id=case, packets=(packet["packet"],), carrier=CARRIER)
    people.as_(CLERK).command(dispatch, attempts=20)
    assert watched.date_back("routing", "packets_v2", "due", f"case_id = '{case}' AND state = 'dispatched'")
    watched.fires("OnethingPacketsUnsigned", "routing")
    assert CARRIER in watched.cluster.console("case", "history", case, "--json")
    receive = ReceivePackets(case_id=case, packets=(packet["packet"],))
    people.as_(REVIEWERS[packet["recipient"]]).command(receive, attempts=20)

    watched.clears("OnethingPacketsUnsigned")


def test_certificates_whose_documents_cannot_be_kept(watched: Watched, load: Load, place: Path) -> None:
    contents = place / "contents"
    contents.rename(place / "away")
    contents.touch()  # where a folder was: nothing can be kept
    load.release(1)
    load.finish()
    assert watched.date_back("certificate", "certificates_v2", "issued_at", "state = 'issued'")
    watched.fires("OnethingCertificatesUnprinted", "certificate")
    contents.unlink()
    (place / "away").rename(contents)

    watched.clears("OnethingCertificatesUnprinted")


def test_messages_whose_addresses_nobody_tells(watched: Watched, people: Client) -> None:
    case = str(uuid.uuid4())
    people.as_(CLERK).command(registration(case), attempts=20)

    def ready() -> set[str]:
        found = [people.as_(REVIEWERS[org]).ask(Worklist(org=org, limit=200))["reviews"] for org in REVIEWERS]
        return {each["item"] for reviews in found for each in reviews if each["case_id"] == case}

    watched.until(lambda: ready() == set(W1), "all items can be decided")
    watched.cluster.kill("intake")  # who knows the address
    for item, shape in W1.items():
        people.as_(REVIEWERS[shape.org]).command(GrantReview(case_id=case, item=item), attempts=20)
    watched.until(
        lambda: watched.date_back("notification", "messages_v1", "next_at", "state = 'prepared'"),
        "a message is prepared",
    )
    watched.fires("OnethingMessagesLate", "notification")
    watched.cluster.restart("intake")

    watched.clears("OnethingMessagesLate", "OnethingServiceGone", "OnethingLogLagHigh", "OnethingNewsLate")

    def states() -> set[str]:
        told = people.as_(CLERK).ask(GetCorrespondence(case_id=case), attempts=20)["messages"]
        return {each["state"] for each in told.values()}

    watched.until(lambda: states() == {"sent"}, "all are sent")


def test_the_clock_of_a_database_is_wrong(watched: Watched) -> None:
    ((database,),) = watched.sql("halls", "SELECT current_database()")
    away = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    watched.sql(
        "halls",
        "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
        "$$ SELECT pg_catalog.clock_timestamp() + interval '4 s' $$",
        f'ALTER DATABASE "{database}" SET search_path = public, pg_catalog',
        away,
    )
    watched.fires("OnethingClockSkew", "halls")
    assert "differs by +" in "".join(watched.cluster.typed("doctor")[1:])
    watched.sql("halls", f'ALTER DATABASE "{database}" RESET search_path', "DROP FUNCTION public.clock_timestamp", away)

    watched.clears("OnethingClockSkew", "OnethingSegmentUnowned", "OnethingDatabaseLost")


def test_somebody_rewrites_what_was_signed(watched: Watched, load: Load) -> None:
    def newest() -> int:
        return int(watched.sql("casefile", "SELECT max(size) FROM signed_heads")[0][0])

    load.release(1)
    load.progress(5)
    before, evidence, heads = (str(watched.cluster.directory / name) for name in ("before", "evidence", "heads.txt"))
    watched.cluster.console("backup", before)
    load.finish()
    watched.cluster.console("verify")
    watched.sql(
        "casefile",
        "ALTER TABLE leaves DISABLE TRIGGER ALL",
        "UPDATE leaves SET hash = sha256(hash) WHERE place = (SELECT max(size) - 1 FROM signed_heads)",
    )
    watched.fires("OnethingTreeBroken", "casefile")
    code, *said = watched.cluster.typed("verify")
    assert code == Exit.REFUSED, said
    watched.cluster.console("ledger", "heads", "--to", heads)
    watched.cluster.console("backup", evidence)
    signed = newest()

    casefile = watched.cluster.processes["casefile", "a"]
    casefile.terminate(timeout=60)
    ((database,),) = watched.sql("casefile", "SELECT current_database()")
    watched.sql("intake", f'ALTER DATABASE "{database}" RENAME TO "{database}_evidence"')
    watched.cluster.postgresql.create_database(database)
    code, *said = watched.cluster.typed("restore", before, "casefile")
    assert code == Exit.REFUSED, said  # because it is one service only
    assert "has forgotten" not in "".join(said)
    casefile.start().wait_ready(line=READY, timeout=PATIENCE)

    watched.clears("OnethingTreeBroken", "OnethingServiceGone")
    watched.until(lambda: newest() >= signed, "a new head is signed")
    watched.cluster.console("verify")
