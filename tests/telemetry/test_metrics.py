"""What is counted, and that the table says it."""

import re
import time
import uuid
from datetime import timedelta
from typing import Any

import eventlet
import msgspec
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client as Browser

from contracts.language import Caller, Request
from eventing.errors import Unavailable
from eventing.store import segment_of
from telemetry import metrics, tracing
from telemetry.health import Health
from telemetry.metrics import TABLE
from testkit.house import House, eventually
from testkit.toy import AddBeads, CountBeads, CountMirrored, MirrorBeads, TakeBeads

OF_CASES = ("_reviews", "_packets", "_certificates", "_messages")
Key = tuple[str, frozenset[tuple[str, str]]]


def scraped(house: House) -> dict[Key, float]:
    """(name, labels) → value, as Prometheus reads it."""
    text = Browser(Health(house.runner)).get("/metrics").text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Meter:
    """What a house has counted since the test began."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.before = scraped(house)

    def __call__(self, name: str, **labels: str) -> float:
        key = (name, frozenset(labels.items()))
        return scraped(self.house).get(key, 0.0) - self.before.get(key, 0.0)


@pytest.fixture
def meter(house: House) -> Meter:
    return Meter(house)


def gauge(house: House, name: str, **labels: str) -> float:
    return scraped(house)[name, frozenset(labels.items())]


def add(house: House, case: str, count: int = 1) -> None:
    house.client().command(AddBeads(case_id=case, count=count), attempts=30)


class TestCommands:
    def test_are_counted_by_what_became_of_them(self, house: House, meter: Meter) -> None:
        add(house, "a")
        add(house, "a")
        with pytest.raises(Exception, match="too-few"):
            house.client().command(TakeBeads(case_id="a", count=9))

        assert meter("onething_commands_total", service="toy", verb="add_beads", outcome="answered") == 2
        assert meter("onething_commands_total", service="toy", verb="take_beads", outcome="refused") == 1
        assert meter("onething_command_batch_seconds_count", service="toy") == 3
        assert meter("onething_command_batch_seconds_sum", service="toy") > 0

    def test_are_timed_once_a_batch(self, house: House, meter: Meter) -> None:
        requests = [
            Request(
                verb="add_beads",
                id=str(uuid.uuid4()),
                body=b'{"case_id":"a","count":1}',
                caller=Caller(by="t", roles=("service",)),
            )
            for _ in range(20)
        ]

        house.host("toy").engine.decide(requests)

        assert meter("onething_commands_total", service="toy", verb="add_beads", outcome="answered") == 20
        assert meter("onething_command_batch_seconds_count", service="toy") == 1

    def test_of_a_store_that_is_away_are_unavailable(
        self, house: House, meter: Meter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: Any) -> None:
            raise Unavailable(what="database")

        monkeypatch.setattr(house.host("toy").store, "save", away)
        with pytest.raises(Unavailable):
            house.client().command(AddBeads(case_id="a", count=1))

        assert meter("onething_commands_total", service="toy", verb="add_beads", outcome="unavailable") == 1

    def test_whose_handler_fails_are_our_fault(
        self, house: House, meter: Meter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("testkit.toy.Beads.add", lambda *_: 1 / 0)
        with pytest.raises(Exception, match="faulty"):
            house.client().command(AddBeads(case_id="a", count=1))

        assert meter("onething_commands_total", service="toy", verb="add_beads", outcome="faulty") == 1

    def test_that_nobody_knows_do_not_make_labels_of_their_own(self, house: House, meter: Meter) -> None:
        with pytest.raises(Exception, match="invalid"):
            house.client().command(MirrorBeads(case_id="a", count=1), service="toy")

        assert meter("onething_commands_total", service="toy", verb="unknown", outcome="refused") == 1


class TestQuestions:
    def test_are_counted_by_entrypoint_and_by_what_became_of_them(
        self, house: House, meter: Meter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(house, "a")
        house.client().ask(CountBeads(case_id="a"))
        with pytest.raises(Exception, match="not-found"):
            house.client().ask(CountBeads(case_id="nobody's"))
        with monkeypatch.context() as patch:
            patch.setattr("testkit.toy.ToyDeclarations.count", lambda *_: 1 / 0)
            with pytest.raises(Exception, match="faulty"):
                house.client().ask(CountBeads(case_id="a"))

        def told(verb: str, outcome: str, entrypoint: str = "ask") -> float:
            labels = {"service": "toy", "entrypoint": entrypoint, "verb": verb, "outcome": outcome}
            return meter("onething_questions_total", **labels)

        assert [told("count_beads", outcome) for outcome in ("answered", "refused", "faulty")] == [1, 1, 1]
        assert meter("onething_question_seconds_count", service="toy", entrypoint="ask") == 3
        eventually(lambda: told("read_log", "answered", "read_log"))
        with pytest.raises(Exception, match="forbidden"):
            house.client(Caller(by="t")).operate("toy", "status")
        assert told("status", "refused", "operate") == 1

    def test_that_nobody_knows_do_not_make_labels_of_their_own(self, house: House, meter: Meter) -> None:
        body = msgspec.json.encode(CountMirrored(case_id="a"))
        asked = Request(verb="drop_beads", id="", body=msgspec.Raw(body), caller=Caller(by="t", roles=("service",)))

        house.host("toy").ask(msgspec.json.encode(house.client().signer.signed("toy", asked)).decode())

        labels = {"service": "toy", "entrypoint": "ask", "verb": "unknown", "outcome": "refused"}
        assert meter("onething_questions_total", **labels) == 1


class TestFacts:
    def test_are_counted_where_they_are_recorded_and_where_they_are_followed(self, house: House, meter: Meter) -> None:
        add(house, "a")
        add(house, "b")

        eventually(lambda: meter("onething_facts_followed_total", service="mirror", upstream="toy") == 2)
        assert meter("onething_facts_recorded_total", service="toy", fact="toy.beads-added.v2") == 2
        assert meter("onething_facts_recorded_total", service="mirror", fact="mirror.beads-mirrored.v1") == 2
        reacted = meter("onething_sections_total", service="mirror", upstream="toy", outcome="reacted")
        assert 1 <= reacted <= 2
        assert 1 <= meter("onething_section_batch_seconds_count", service="mirror") <= reacted

    def test_that_could_not_be_reacted_to_are_put_off(
        self, house: House, meter: Meter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: Any) -> None:
            raise Unavailable(what="database")

        with monkeypatch.context() as patch:
            patch.setattr(house.host("mirror").store, "save", away)
            add(house, "a")
            eventually(lambda: meter("onething_sections_total", service="mirror", upstream="toy", outcome="put-off"))
            assert meter("onething_facts_followed_total", service="mirror", upstream="toy") == 0

        eventually(lambda: meter("onething_facts_followed_total", service="mirror", upstream="toy") == 1)


class TestGauges:
    def test_tell_how_far_a_follower_is_behind_in_each_segment(self, house: House) -> None:
        place = {"service": "mirror", "upstream": "toy", "segment": f"{segment_of('a'):02}"}
        name = "onething_follower_lag_facts"
        eventually(lambda: house.host("mirror").segments.mine)

        with house.host("mirror").engine.lane:
            for _ in range(3):
                add(house, "a")
            eventually(lambda: gauge(house, name, **place) == 3)
            before = gauge(house, "onething_follower_lag_seconds", **place)
            eventlet.sleep(0.01)
            assert gauge(house, "onething_follower_lag_seconds", **place) > before
            others = {labels: v for (n, labels), v in scraped(house).items() if n == name}
            assert len(others) == 16
            assert sum(others.values()) == 3

        eventually(lambda: gauge(house, name, **place) == 0)

    def test_tell_where_a_log_ends_and_how_far_it_was_followed(self, house: House) -> None:
        segment = f"{segment_of('a'):02}"
        eventually(lambda: house.host("toy").segments.mine and house.host("mirror").segments.mine)

        for _ in range(3):
            add(house, "a")

        assert gauge(house, "onething_log_facts", service="toy", segment=segment) == 3
        place = {"service": "mirror", "upstream": "toy", "segment": segment}
        eventually(lambda: gauge(house, "onething_follower_position_facts", **place) == 3)

    def test_tell_of_connections_to_the_database(self, house: House) -> None:
        def connections() -> dict[str, float]:
            states = ("used", "idle", "free")
            return {each: gauge(house, "onething_database_connections", service="toy", state=each) for each in states}

        add(house, "a")
        before = connections()
        with house.host("toy").store.reading():
            during = connections()

        assert during["used"] == before["used"] + 1
        assert sum(before.values()) == sum(during.values()) == 5

    def test_tell_how_far_the_clock_of_the_database_is_off(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        assert abs(gauge(house, "onething_clock_skew_seconds", service="toy")) < 1

        monkeypatch.setattr("eventing.standing.database_now", lambda *_: int((time.time() - 300) * 1_000_000))

        assert -301 < gauge(house, "onething_clock_skew_seconds", service="toy") < -299

    def test_tell_of_deadlines_that_will_come_soon(self, house: House) -> None:
        eventually(lambda: gauge(house, "onething_segments_owned", service="toy") == 16)
        client = house.client()
        client.command(AddBeads(case_id="a", count=1, for_seconds=1800), attempts=30)
        client.command(AddBeads(case_id="b", count=1, for_seconds=7200), attempts=30)

        assert gauge(house, "onething_deadlines_due", service="toy") == 1
        assert gauge(house, "onething_deadlines_overdue", service="toy") == 0

    def test_know_of_facts_whose_shipment_was_lost(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        follower = house.host("mirror").follower
        eventually(lambda: house.host("mirror").segments.mine)
        monkeypatch.setattr(follower, "offer", lambda shipment: None)
        known: list[int] = []
        react = follower.engine.react

        def watched(sections: Any) -> None:
            known.append(sum(facts for _, _, facts, _ in follower.lag()))
            react(sections)

        monkeypatch.setattr(follower.engine, "react", watched)

        add(house, "a")

        eventually(lambda: known)
        assert known[0] == 1
        eventually(lambda: sum(each[2] for each in follower.lag()) == 0)

    def test_grow_while_an_upstream_is_silent(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        follower = house.host("mirror").follower
        eventually(follower.lag)

        def silent(*_: Any) -> None:
            raise Unavailable(what="toy")

        with monkeypatch.context() as patch:
            patch.setattr(follower, "pull", silent)
            eventually(lambda: min(seconds for *_, seconds in follower.lag()) > 1.8)

        eventually(lambda: max(seconds for *_, seconds in follower.lag()) < 1.8)

    def test_tell_of_parked_cases(self, house: House) -> None:
        assert gauge(house, "onething_parked_cases", service="mirror") == 0

        add(house, "a", 666)
        add(house, "a", 1)

        eventually(lambda: gauge(house, "onething_parked_cases", service="mirror") == 1)

    def test_tell_of_deadlines_that_did_not_happen(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        eventually(lambda: gauge(house, "onething_segments_owned", service="toy") == 16)
        house.client().command(AddBeads(case_id="a", count=1, for_seconds=3600), attempts=30)
        assert gauge(house, "onething_deadlines_overdue", service="toy") == 0
        monkeypatch.setattr(house.host("toy").engine, "fire", lambda due: 0)
        now = house.host("toy").clock.now

        monkeypatch.setattr(house.host("toy").clock, "now", lambda: now() + timedelta(hours=2), raising=False)

        assert gauge(house, "onething_deadlines_overdue", service="toy") == 1

    def test_are_shown_without_the_store_too(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_: Any) -> None:
            raise Unavailable(what="database")

        monkeypatch.setattr(house.host("toy").store, "due", away)

        assert gauge(house, "onething_broker_connected", service="toy") == 1
        assert ("onething_deadlines_overdue", frozenset({("service", "toy")})) not in scraped(house)


class TestTheTable:
    def test_names_everything_that_is_shown(self, house: House) -> None:
        add(house, "a")
        text = Browser(Health(house.runner)).get("/metrics").text

        shown = set(re.findall(r"^# TYPE (onething_\S+)", text, re.MULTILINE))

        assert shown == {row.name for row in TABLE}

    @pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
    def test_gives_each_a_name_with_its_unit_and_a_sentence(self, row: metrics.Metric) -> None:
        if row.kind == "counter":
            assert row.name.endswith("_total")
        else:
            units = ("_seconds", "_facts", "_cases", "_overdue", "_due", "_owned", "_connected", "_faults", "_ratio")
            units += ("_requests", "_connections", "_subscriptions", "_deliveries", *OF_CASES)
            assert row.name.endswith(units) or "unit" in row.labels
        assert row.labels[0] == "service"
        assert row.description[0].isupper() or row.description[0].isdigit()

    def test_has_the_labels_that_are_shown(self, house: House) -> None:
        add(house, "a")
        labels = {row.name: set(row.labels) for row in TABLE}

        for name, shown in scraped(house):
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            if base in labels:
                assert {label for label, _ in shown} - {"le"} == labels[base], name


def test_a_time_leads_to_the_trace_that_it_is_an_example_of(house: House) -> None:
    trace = f"{uuid.uuid4().int:032x}"
    tracing.start_with(SimpleSpanProcessor(InMemorySpanExporter()), "r1")
    try:
        house.client().command(AddBeads(case_id="a", count=1), attempts=30, trace=f"00-{trace}-00f067aa0ba902b7-01")
    finally:
        tracing.stop()

    text = Browser(Health(house.runner)).get("/metrics", headers={"Accept": "application/openmetrics-text"}).text
    (line,) = [line for line in text.splitlines() if trace in line and "command_batch" in line]
    assert f'# {{trace_id="{trace}"}}' in line


def test_a_reader_of_openmetrics_is_served_it(house: House) -> None:
    answer = Browser(Health(house.runner)).get(
        "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}
    )

    assert answer.content_type.startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
