"""Whether the process lives, has started, and can do its work now."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from eventlet.event import Event
from werkzeug.test import Client as Browser

from eventing import inproc, standing
from eventing.errors import Unavailable
from eventing.runner import Runner
from eventing.service import Service
from telemetry import health
from telemetry.health import Check, Health, served
from telemetry.metrics import Sample
from testkit.house import House, eventually
from testkit.process import _DIRECT, free_port
from testkit.servers import RabbitMQ
from testkit.toy import AddBeads, MirrorDeclarations, ToyDeclarations


class Toy(ToyDeclarations, Service):
    """The account of beads."""


class Mirror(MirrorDeclarations, Service):
    """What another service saw of it."""


class Process:
    """A process with services that are as a test wants them."""

    def __init__(self, *replicas: Any, phase: str = "running") -> None:
        self.phase = phase
        self._replicas = replicas

    def replicas(self) -> tuple[Any, ...]:
        return self._replicas


class Replica:
    """A service that says what it is told to."""

    def __init__(self, name: str, checks: Callable[[], Iterator[Check]]) -> None:
        self.service_name = name
        self.checks = checks

    def samples(self) -> Iterator[Sample]:
        yield Sample("onething_parked_cases", (self.service_name,), 7)
        raise RuntimeError("no more")


def probe(process: Any, path: str) -> tuple[int, dict[str, Any]]:
    answer = Browser(Health(process)).get(path)
    return answer.status_code, json.loads(answer.text)


def ready(house: House) -> tuple[bool, list[str]]:
    """Whether it is ready, and the checks that do not hold, as service/check."""
    status, told = probe(house.runner, "/readyz")
    wrong = [f"{check['service']}/{check['check']}" for check in told["checks"] if not check["ok"]]
    assert told["ready"] == (status == 200) == (not wrong)
    return told["ready"], wrong


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Takes the broker away; the returned function brings it back."""
    establish = inproc.Transport.establish_connection

    def refuse(_: Any) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    def bring_back() -> None:
        inproc.Transport.establish_connection = establish

    monkeypatch.setattr(inproc.Transport, "establish_connection", refuse)
    return bring_back


class TestAProcessIsReady:
    def test_when_every_service_can_do_its_work(self, house: House) -> None:
        eventually(lambda: ready(house)[0])

        status, told = probe(house.runner, "/readyz")

        assert status == 200
        assert {(c["service"], c["check"]) for c in told["checks"]} == {
            (service, check) for service in ("toy", "mirror") for check in ("broker", "store", "segments", "log")
        }
        assert all(c["words"] for c in told["checks"])

    def test_again_after_the_broker_was_wiped(self, house: House) -> None:
        eventually(lambda: ready(house)[0])

        inproc.reset()

        eventually(lambda: ready(house) == (True, []))
        house.client().command(AddBeads(case_id="a", count=1), attempts=30)

    def test_but_not_while_the_broker_is_away(self, house: House, no_broker: Callable[[], None]) -> None:
        inproc.reset()

        eventually(lambda: set(ready(house)[1]) == {"toy/broker", "mirror/broker"})
        status, told = probe(house.runner, "/readyz")
        assert status == 503
        assert "there is no connection to it" in [check["words"] for check in told["checks"]]

        no_broker()

        eventually(lambda: ready(house) == (True, []))

    @pytest.mark.cluster
    def test_but_not_while_a_real_broker_is_down(self, rabbitmq: RabbitMQ, tmp_path: Path) -> None:
        with House((Toy, Mirror), tmp_path, amqp_uri=rabbitmq.uri) as house:
            eventually(lambda: ready(house) == (True, []))

            rabbitmq.stop()
            try:
                eventually(lambda: set(ready(house)[1]) == {"toy/broker", "mirror/broker"})
            finally:
                rabbitmq.start()

            eventually(lambda: ready(house) == (True, []))

    def test_but_not_while_a_store_is_away(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        eventually(lambda: ready(house)[0])

        def away() -> None:
            raise Unavailable(what="database", error="refused at postgresql://clerk:s3cret@db/toy\nDetail: none")

        with monkeypatch.context() as patch:
            patch.setattr(house.host("toy").store, "ping", away)

            assert ready(house) == (False, ["toy/store"])
            words = [check["words"] for check in probe(house.runner, "/readyz")[1]["checks"]]
            assert "the database does not answer: refused at postgresql://clerk:***@db/toy" in words

        assert ready(house) == (True, [])

    def test_but_not_while_it_is_too_far_behind(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        eventually(lambda: ready(house)[0])
        monkeypatch.setattr(standing, "LAG_BOUND", -1.0)
        assert ready(house)[0], "nothing waits: the bound does not matter"

        with house.host("mirror").engine.lane:
            house.client().command(AddBeads(case_id="a", count=1), attempts=30)
            eventually(lambda: ready(house) == (False, ["mirror/log"]))

            monkeypatch.setattr(standing, "LAG_BOUND", 3600.0)
            assert ready(house)[0], "a little behind is no harm"
            monkeypatch.setattr(standing, "LAG_BOUND", -1.0)

        eventually(lambda: ready(house) == (True, []))

    def test_but_not_before_it_has_its_share_of_the_segments(self, house: House) -> None:
        eventually(lambda: ready(house)[0])
        segments = house.host("toy").segments

        segments.share = segments.share + 1
        assert ready(house) == (False, ["toy/segments"])
        segments.share = None
        assert ready(house) == (False, ["toy/segments"])

    def test_but_not_before_it_has_started_nor_while_it_stops(self, house: House) -> None:
        runner = house.runner
        assert probe(Runner(), "/readyz") == (503, {"ready": False, "phase": "starting", "checks": []})

        house.stop()

        assert probe(runner, "/readyz") == (503, {"ready": False, "phase": "stopping", "checks": []})

    def test_but_not_while_a_service_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def stuck() -> Iterator[Check]:
            Event().wait()
            yield Check("stuck", "never", True, "")

        def broken() -> Iterator[Check]:
            yield Check("broken", "first", True, "well")
            raise RuntimeError("illness")

        def well() -> Iterator[Check]:
            yield Check("well", "all", True, "well")

        monkeypatch.setattr(health, "PATIENCE", 0.05)
        process = Process(Replica("stuck", stuck), Replica("broken", broken), Replica("well", well))

        status, told = probe(process, "/readyz")

        assert status == 503
        assert [(c["service"], c["check"], c["ok"]) for c in told["checks"]] == [
            ("stuck", "answer", False),
            ("broken", "first", True),
            ("broken", "answer", False),
            ("well", "all", True),
        ]

    def test_as_it_was_while_a_service_is_slow_to_say_it_again_but_not_when_it_is_stuck(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock, said, slow = [0.0], [True], [False]

        def busy() -> Iterator[Check]:
            if slow[0]:
                Event().wait()
            yield Check("busy", "store", said[0], "so it is")

        def probed(at: float, *, holds: bool = True, answers: bool = True) -> tuple[int, list[tuple[str, bool]]]:
            clock[0], said[0], slow[0] = at, holds, not answers
            answer = browser.get("/readyz")
            return answer.status_code, [(each["check"], each["ok"]) for each in json.loads(answer.text)["checks"]]

        monkeypatch.setattr(health, "PATIENCE", 0.05)
        browser = Browser(Health(Process(Replica("busy", busy)), now=lambda: clock[0]))

        assert probed(0) == (200, [("store", True)])
        assert probed(100, answers=False) == (200, [("store", True), ("answer", True)])
        assert probed(129, answers=False) == (200, [("store", True), ("answer", True)])
        assert probed(130, answers=False) == (503, [("answer", False)])
        assert probed(131, holds=False) == (503, [("store", False)])
        assert probed(200, answers=False) == (503, [("store", False), ("answer", True)])
        assert probed(201) == (200, [("store", True)])
        assert probed(202, answers=False)[0] == 200


class TestAProcessLives:
    def test_whatever_became_of_its_broker_and_its_stores(
        self, house: House, no_broker: Callable[[], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = []
        inproc.reset()
        for service in ("toy", "mirror"):
            store = house.host(service).store
            for way in ("reading", "writing", "ping"):
                monkeypatch.setattr(store, way, lambda *_, way=way: asked.append(way))
            monkeypatch.setattr(house.host(service), "checks", lambda: asked.append("checks"))

        assert probe(house.runner, "/livez") == (200, {"alive": True})
        assert not [way for way in asked if way in ("ping", "checks")]
        no_broker()
        monkeypatch.undo()

    def test_even_with_services_that_must_not_be_asked(self) -> None:
        def asked() -> Iterator[Check]:
            pytest.fail("livez asks nobody")
            yield

        class Unasked(Process):
            def replicas(self) -> tuple[Any, ...]:
                pytest.fail("livez asks nobody")

        assert probe(Unasked(Replica("toy", asked)), "/livez") == (200, {"alive": True})


@pytest.mark.parametrize(("phase", "status"), [("starting", 503), ("running", 200), ("stopping", 200)])
def test_a_process_has_started_once_all_services_run(phase: str, status: int) -> None:
    assert probe(Process(phase=phase), "/startupz")[0] == status


def test_gauges_that_were_found_are_shown_though_others_fail() -> None:
    answer = Browser(Health(Process(Replica("toy", lambda: iter(())), Replica("mirror", lambda: iter(())))))

    text = answer.get("/metrics").text

    assert 'onething_parked_cases{service="toy"} 7.0' in text
    assert 'onething_parked_cases{service="mirror"} 7.0' in text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/livez/", 404), ("POST", "/livez", 405), ("HEAD", "/livez", 200)],
)
def test_nothing_else_is_served(method: str, path: str, status: int) -> None:
    answer = Browser(Health(Process())).open(path, method=method)

    assert answer.status_code == status
    assert not (method == "HEAD" and answer.data)


class TestThePort:
    def test_answers_for_all_services_of_the_process(self, house: House) -> None:
        eventually(lambda: ready(house)[0])
        port = free_port()
        with served(house.runner, "127.0.0.1", port):
            with _DIRECT.open(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
                told = json.load(answer)
            with _DIRECT.open(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
                text = answer.read().decode()

        assert {check["service"] for check in told["checks"]} == {"toy", "mirror"}
        assert 'onething_segments_owned{service="mirror"} 16.0' in text

    def test_is_free_again_afterwards(self) -> None:
        port = free_port()
        for _ in range(2):
            with served(Process(), "127.0.0.1", port):
                pass

    def test_that_is_taken_is_an_error(self) -> None:
        port = free_port()
        with served(Process(), "127.0.0.1", port), pytest.raises(OSError, match="in use"):
            served(Process(), "127.0.0.1", port).__enter__()

    def test_0_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("eventlet.listen", lambda *_: pytest.fail("nothing is served on port 0"))

        with served(Process(), "127.0.0.1", 0):
            pass
