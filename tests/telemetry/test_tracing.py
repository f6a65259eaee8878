"""One trace through the services, from the words that it is handed over by."""

import os
import uuid
from collections.abc import Iterator
from typing import Any

import eventlet
import eventlet.wsgi
import msgspec
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from contracts.language import Caller, Request
from eventing import mapper
from telemetry import tracing
from testkit.house import House, eventually
from testkit.process import free_port
from testkit.toy import AddBeads, CountBeads

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = f"00-{TRACE}-00f067aa0ba902b7-01"
OTHER = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"
UNSAMPLED = f"00-{TRACE}-00f067aa0ba902b7-00"


class Spans:
    """What was exported."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self.exporter = exporter

    @property
    def all(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        (found,) = [span for span in self.all if span.name == name]
        return found


@pytest.fixture
def spans() -> Iterator[Spans]:
    exporter = InMemorySpanExporter()
    tracing.start_with(SimpleSpanProcessor(exporter), "r1")
    yield Spans(exporter)
    tracing.stop()


def traces(house: House, service: str) -> list[str]:
    """The traces that the facts of a service keep."""
    facts = [fact for segment in range(16) for fact in house.host(service).store.read_log(segment, 0)]
    return [mapper.decode(fact.topic, fact.state).trace for fact in facts]


def add(house: House, **options: str) -> None:
    house.client().command(AddBeads(case_id=str(uuid.uuid4()), count=1), attempts=30, **options)


def of(span: ReadableSpan) -> str:
    return f"{span.context.trace_id:032x}"


class TestATrace:
    def test_is_found_in_what_another_service_records_because_of_it(self, house: House) -> None:
        add(house, trace=GIVEN)

        eventually(lambda: traces(house, "mirror"))
        assert traces(house, "toy") == [GIVEN]
        assert traces(house, "mirror") == [GIVEN]

    def test_is_none_where_none_was_given(self, house: House) -> None:
        add(house)

        eventually(lambda: traces(house, "mirror"))
        assert traces(house, "toy") == traces(house, "mirror") == [""]

    def test_goes_from_span_to_span_through_the_services(self, house: House, spans: Spans) -> None:
        add(house, trace=GIVEN)

        eventually(lambda: len(spans.all) == 2)
        command, section = spans.named("toy add_beads"), spans.named("mirror sections")
        assert of(command) == of(section) == TRACE
        assert f"{command.parent.span_id:016x}" == "00f067aa0ba902b7"
        assert section.parent.span_id == command.context.span_id
        assert {span.resource.attributes["service.name"] for span in spans.all} == {"toy", "mirror"}
        assert command.attributes["onething.commands"] == 1
        assert section.attributes["onething.facts"] == 1

    def test_is_kept_by_the_facts_with_the_span_that_recorded_them(self, house: House, spans: Spans) -> None:
        add(house, trace=GIVEN)

        eventually(lambda: len(spans.all) == 2)
        command, section = spans.named("toy add_beads"), spans.named("mirror sections")
        assert traces(house, "toy") == [f"00-{TRACE}-{command.context.span_id:016x}-01"]
        assert traces(house, "mirror") == [f"00-{TRACE}-{section.context.span_id:016x}-01"]

    def test_is_taken_from_the_span_in_which_a_client_sends(self, house: House, spans: Spans) -> None:
        with tracing.span("window", "accept"):
            here = tracing.traceparent()
            add(house)

        eventually(lambda: len(spans.all) == 3)
        assert {of(span) for span in spans.all} == {tracing.trace_id(here)}
        assert {tracing.trace_id(kept) for kept in traces(house, "mirror")} == {tracing.trace_id(here)}

    def test_goes_on_into_the_service_that_is_asked(self, house: House, spans: Spans) -> None:
        house.client().command(AddBeads(case_id="case-7", count=1), attempts=30)
        with tracing.span("window", "look"):
            here = tracing.traceparent()
            house.client().ask(CountBeads(case_id="case-7"))

        asked = spans.named("toy count_beads")
        assert of(asked) == tracing.trace_id(here)
        assert asked.attributes["onething.case"] == "case-7"

    def test_that_is_not_sampled_stays_so_and_is_handed_on(self, house: House, spans: Spans) -> None:
        add(house, trace=UNSAMPLED)

        eventually(lambda: traces(house, "mirror"))
        assert spans.all == ()
        (kept,) = traces(house, "mirror")
        assert tracing.trace_id(kept) == TRACE
        assert kept.endswith("-00")

    def test_that_is_no_trace_is_kept_and_harms_nobody(self, house: House, spans: Spans) -> None:
        add(house, trace="none of yours")

        eventually(lambda: traces(house, "mirror"))
        assert traces(house, "mirror") == ["none of yours"]

    def test_is_named_in_the_log_while_it_is_worked_on(self, log_to: Any, house: House) -> None:
        written = log_to()
        add(house, trace=GIVEN)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("testkit.toy.Beads.add", lambda *_: 1 / 0)
            with pytest.raises(Exception, match="faulty"):
                add(house, trace=GIVEN)

        line = written.line("handler failed")
        assert (line["service"], line["trace"]) == ("toy", TRACE)

    def test_is_named_in_the_log_with_its_case_and_its_hall(self, log_to: Any, house: House) -> None:
        written = log_to()
        clerk = Caller(by="t", hall="H1", roles=("service",))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("testkit.toy.ToyDeclarations.count", lambda *_: 1 / 0)
            with pytest.raises(Exception, match="faulty"):
                house.client(clerk).ask(CountBeads(case_id="case-7"))

        line = written.line("question failed")
        assert (line["service"], line["case"], line["hall"]) == ("toy", "case-7", "H1")

    def test_names_no_case_that_is_none(self, log_to: Any, house: House) -> None:
        written = log_to()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("testkit.toy.ToyDeclarations.count", lambda *_: 1 / 0)
            with pytest.raises(Exception, match="faulty"):
                house.client().ask(CountBeads(case_id="Zhang Xiaoming"))

        assert "Zhang" not in written.text


class TestABatch:
    def test_of_several_traces_has_one_span_that_links_to_them(self, house: House, spans: Spans) -> None:
        replies = house.host("toy").engine.decide([request(GIVEN), request(OTHER), request("")])

        assert [reply.error for reply in replies] == [None] * 3
        span = spans.named("toy add_beads")
        assert span.parent is None
        assert {f"{link.context.trace_id:032x}" for link in span.links} == {TRACE, OTHER[3:35]}
        assert span.attributes["onething.commands"] == 3
        assert sorted(traces(house, "toy")) == ["", GIVEN, OTHER]

    def test_tells_nothing_of_the_failure_but_its_kind(self, spans: Spans) -> None:
        with pytest.raises(ValueError, match="Zhang"), tracing.span("toy", "add", [GIVEN]):
            raise ValueError("Zhang Xiaoming")

        span = spans.named("add")
        assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ValueError")
        assert "Zhang" not in span.to_json()


def request(trace: str) -> Request:
    body = msgspec.Raw(msgspec.json.encode(AddBeads(case_id=str(uuid.uuid4()), count=1)))
    return Request(
        verb="add_beads", id=str(uuid.uuid4()), body=body, caller=Caller(by="t", roles=("service",)), trace=trace
    )


def test_a_green_thread_begins_without_a_span(spans: Spans) -> None:
    with tracing.span("toy", "outer"):
        assert tracing.traceparent()
        assert eventlet.spawn(tracing.traceparent).wait() == ""


def test_without_an_exporter_there_are_no_spans(house: House) -> None:
    with tracing.exported("r1"):
        assert not tracing.is_on()
        with tracing.span("toy", "add", [GIVEN]):
            assert tracing.traceparent() == ""


class TestTheEnvironment:
    @pytest.fixture(autouse=True)
    def bare(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No variable of OpenTelemetry is set but those that a test sets."""
        for name in [name for name in os.environ if name.startswith("OTEL_")]:
            monkeypatch.delenv(name)

    def test_may_name_a_collector_that_spans_are_sent_to_over_http(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        received: list[tuple[str, str, bytes]] = []

        def collector(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            body = environ["wsgi.input"].read()
            received.append((environ["PATH_INFO"], environ["CONTENT_TYPE"], body))
            start_response("200 OK", [("Content-Type", "application/x-protobuf")])
            return [b""]

        port = free_port()
        sock = eventlet.listen(("127.0.0.1", port))
        server = eventlet.spawn(eventlet.wsgi.server, sock, collector, log_output=False)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with tracing.exported("r1"):
            add(house, trace=GIVEN)
            eventually(lambda: traces(house, "mirror"))
        server.kill()
        sock.close()

        assert {(path, kind) for path, kind, _ in received} == {("/v1/traces", "application/x-protobuf")}
        sent = b"".join(body for _, _, body in received)
        assert bytes.fromhex(TRACE) in sent
        assert b"toy add_beads" in sent
        assert b"mirror sections" in sent

    @pytest.mark.parametrize(
        "variables",
        [
            {},
            {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
            {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
        ],
        ids=["nothing", "none", "disabled"],
    )
    def test_that_asks_for_nothing_gets_nothing(
        self, variables: dict[str, str], log_to: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written = log_to()
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

        with tracing.exported("r1"):
            assert not tracing.is_on()

        assert written.text == ""

    @pytest.mark.parametrize(
        "variables",
        [
            {"OTEL_TRACES_EXPORTER": "zipkin"},
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
        ],
        ids=["zipkin", "grpc"],
    )
    def test_that_asks_for_what_there_is_not_is_told_so(
        self, variables: dict[str, str], log_to: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written = log_to()
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

        with tracing.exported("r1"):
            assert not tracing.is_on()

        assert written.line("traces are not exported")["level"] == "warning"
