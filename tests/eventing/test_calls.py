"""Calls end in time, say what is known of their outcome, and survive the loss of the broker."""

import datetime as dt
import time
import uuid
from contextlib import suppress

import eventlet
import pytest
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from kombu import Connection, Queue
from nameko.extensions import DependencyProvider
from nameko.rpc import rpc

from eventing import inproc, transports
from eventing.answering import answers
from eventing.calls import Calls, RemoteFault
from eventing.errors import Unavailable
from eventing.runner import Runner
from testkit.process import free_port


class Context(DependencyProvider):
    def get_dependency(self, worker_ctx):
        return worker_ctx.data


class Clerk:
    context = Context()
    gate: Event
    begun: list
    done: list

    @rpc
    def echo(self, what="", *, loudly=False):
        return what.upper() if loudly else what

    @rpc
    def fail(self):
        raise ValueError("out of ink")

    @rpc
    def wait(self, ticket):
        self.begun.append(ticket)
        self.gate.wait()
        self.done.append(ticket)
        return ticket

    @rpc
    def note(self, ticket):
        self.done.append(ticket)

    @rpc
    def now(self):
        return dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)

    @rpc
    def heard(self):
        return self.context.get("traceparent")


@pytest.fixture(scope="module")
def running_clerk(broker_uri):
    clerk = type("Clerk", (Clerk,), {"name": f"test-{uuid.uuid4()}"})
    runner = Runner({"AMQP_URI": broker_uri, "max_workers": 20})
    runner.add(clerk)
    runner.start()
    yield clerk
    runner.stop()


@pytest.fixture
def clerk(running_clerk):
    """A running service whose gate is closed."""
    running_clerk.gate, running_clerk.begun, running_clerk.done = Event(), [], []
    yield running_clerk
    if not running_clerk.gate.ready():
        running_clerk.gate.send()


@pytest.fixture
def calls(broker_uri):
    calls = connected(broker_uri)
    yield calls
    calls.stop()


def connected(broker_uri, timeout=120, **options):
    calls = Calls(broker_uri, timeout=timeout, **options)
    calls.start()
    eventually(lambda: calls.is_connected)
    return calls


def outcome(failure):
    return failure.value.data["reason"], failure.value.data["outcome"]


def eventually(holds):
    while not holds():
        eventlet.sleep(0.01)


class TestAnswers:
    def test_a_service_answers(self, calls, clerk):
        assert calls.call(clerk.name, "echo", "tea") == "tea"
        assert calls.call(clerk.name, "echo", "tea", loudly=True) == "TEA"

    def test_a_large_batch_crosses_whole(self, calls, clerk):
        batch = "一口受理," * 200_000

        assert calls.call(clerk.name, "echo", batch) == batch

    def test_every_green_thread_gets_its_own_answer(self, calls, clerk):
        pool = eventlet.GreenPool(50)

        answers = pool.imap(lambda n: (n, calls.call(clerk.name, "echo", str(n))), range(300))

        assert all(answer == str(n) for n, answer in answers)

    def test_the_confirmations_of_the_broker_are_all_accounted_for(self, calls, clerk):
        for n in range(30):
            calls.call(clerk.name, "echo", str(n))

        eventually(lambda: not calls._link._unconfirmed)
        assert not calls._link.waiting

    def test_what_json_has_no_word_for_comes_as_it_went(self, calls, clerk):
        assert calls.call(clerk.name, "now") == dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)

    def test_headers_reach_the_worker(self, broker_uri, clerk):
        calls = connected(broker_uri, headers=lambda: {"nameko.traceparent": "00-ab-cd-01"})

        assert calls.call(clerk.name, "heard") == "00-ab-cd-01"
        calls.stop()


class TestFailures:
    def test_what_the_service_raises_is_named(self, calls, clerk):
        with pytest.raises(RemoteFault) as failure:
            calls.call(clerk.name, "fail")

        assert failure.value.data == {"exc_type": "ValueError", "value": "out of ink"}

    def test_a_method_that_is_not_there_is_named(self, calls, clerk):
        with pytest.raises(RemoteFault) as failure:
            calls.call(clerk.name, "nothing")

        assert failure.value.data["exc_type"] == "MethodNotFound"

    def test_a_service_that_is_not_there_fails_at_once(self, calls, name, clerk):
        with pytest.raises(Unavailable) as failure:
            calls.call(f"no-{name}", "echo", timeout=3600)

        assert outcome(failure) == ("no such service", "not-done")
        assert failure.value.data["service"] == f"no-{name}"
        assert calls.call(clerk.name, "echo", "still here") == "still here"

    def test_large_requests_that_come_back_do_not_disturb_those_on_their_way(self, calls, name, clerk):
        batch = "x" * 300_000

        def refused(_):
            with pytest.raises(Unavailable) as failure:
                calls.call(f"no-{name}", "echo", batch)
            return outcome(failure)

        pool = eventlet.GreenPool(20)
        echoes = pool.spawn(lambda: [calls.call(clerk.name, "echo", str(n)) for n in range(50)])

        assert set(pool.imap(refused, range(20))) == {("no such service", "not-done")}
        assert echoes.wait() == [str(n) for n in range(50)]

    def test_a_slow_service_is_not_waited_for(self, calls, clerk):
        with pytest.raises(Unavailable) as failure:
            calls.call(clerk.name, "wait", 1, timeout=0.1)

        assert outcome(failure) == ("no answer in time", "unknown")

    def test_a_late_answer_disturbs_nobody(self, calls, clerk):
        while not clerk.begun:  # what does not reach the service in time is not carried out
            with pytest.raises(Unavailable):
                calls.call(clerk.name, "wait", 1, timeout=0.1)

        clerk.gate.send()

        eventually(lambda: clerk.done == clerk.begun)
        assert calls.call(clerk.name, "echo", "next") == "next"

    def test_a_request_whose_caller_has_left_is_not_carried_out(self, broker_uri, calls, name):
        clerk = type("Clerk", (Clerk,), {"name": f"one-handed-{name}", "gate": Event(), "begun": [], "done": []})
        runner = Runner({"AMQP_URI": broker_uri, "max_workers": 1})
        runner.add(clerk)
        runner.start()
        busy = eventlet.spawn(calls.call, clerk.name, "wait", "first")
        eventually(lambda: clerk.begun)
        with pytest.raises(Unavailable):
            calls.call(clerk.name, "note", "abandoned", timeout=0.3)

        clerk.gate.send()
        busy.wait()
        calls.call(clerk.name, "note", "last")

        assert clerk.done == ["first", "last"]
        runner.stop()

    def test_stopping_ends_the_calls_under_way(self, broker_uri, clerk):
        calls = connected(broker_uri, timeout=3600)
        waiting = eventlet.spawn(calls.call, clerk.name, "wait", 1)
        eventually(lambda: clerk.begun)

        calls.stop()

        with pytest.raises(Unavailable) as failure:
            waiting.wait()
        assert outcome(failure) == ("stopped", "unknown")

    def test_after_the_stop_nothing_is_sent(self, broker_uri, clerk):
        calls = Calls(broker_uri)
        calls.start()
        calls.stop()

        with pytest.raises(Unavailable) as failure:
            calls.call(clerk.name, "echo")
        assert outcome(failure) == ("stopped", "not-done")

    def test_only_the_reader_reads_while_others_send(self, calls, clerk):
        calls.call(clerk.name, "echo")
        requests = calls._link._requests.connection
        drain, readers = requests.drain_events, set()

        def noticed(*args, **kwargs):
            readers.add(eventlet.getcurrent())
            return drain(*args, **kwargs)

        requests.drain_events = noticed
        pool = eventlet.GreenPool(10)
        for answer in pool.imap(lambda n: calls.call(clerk.name, "echo", str(n)), range(50)):
            assert answer

        assert readers <= {calls._link._readers[0]}

    def test_calling_before_the_start_is_a_mistake(self, broker_uri):
        with pytest.raises(RuntimeError, match="start"):
            Calls(broker_uri).call("anything", "at all")

    def test_without_a_broker_nothing_is_sent(self):
        calls = Calls(f"amqp://guest:guest@127.0.0.1:{free_port()}//", timeout=0.2)
        calls.start()

        with pytest.raises(Unavailable) as failure:
            calls.call("intake", "open_case")

        assert outcome(failure) == ("no broker", "not-done")
        calls.stop()

    @pytest.mark.cluster
    def test_what_the_broker_refuses_is_noticed(self, rabbitmq, name):
        from kombu import Connection

        calls = connected(rabbitmq.uri, timeout=3600)
        with Connection(rabbitmq.uri) as connection:
            channel = connection.channel()
            channel.exchange_declare(exchange="nameko-rpc", type="topic", durable=True, auto_delete=False)
            arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
            channel.queue_declare(queue=f"rpc-{name}", durable=False, auto_delete=False, arguments=arguments)
            channel.queue_bind(queue=f"rpc-{name}", exchange="nameko-rpc", routing_key=f"{name}.*")
            filling = eventlet.spawn(calls.call, name, "first")
            eventually(lambda: channel.queue_declare(queue=f"rpc-{name}", passive=True).message_count == 1)

            with pytest.raises(Unavailable) as failure:
                calls.call(name, "second")

        assert outcome(failure) == ("refused by the broker", "not-done")
        filling.kill()
        calls.stop()


class Wire:
    """A wire to a server that can be cut: a TCP relay."""

    def __init__(self, port):
        self.target = port
        self.port = free_port()
        self.joined = []
        self.pumps = []
        self._listen()

    def _listen(self):
        self.listener = eventlet.listen(("127.0.0.1", self.port), reuse_addr=True)
        self.accepting = eventlet.spawn(self._accept)

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            server = eventlet.connect(("127.0.0.1", self.target))
            self.joined += [client, server]
            self.pumps += [
                eventlet.spawn(self._pump, client, server),
                eventlet.spawn(self._pump, server, client),
            ]

    def _pump(self, source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass

    def cut(self):
        self.accepting.kill()
        self.listener.close()
        for end in self.joined:
            with suppress(OSError):
                end.shutdown(2)
        for pump in self.pumps:
            pump.wait()
        for end in self.joined:
            end.close()
        self.joined.clear()
        self.pumps.clear()

    def mend(self):
        self._listen()


class Answerer:
    gate: Event
    begun: list

    @answers
    def answer(self, n):
        return n

    @answers
    def wait(self):
        self.begun.append(1)
        self.gate.wait()


class TestALostBroker:
    @pytest.fixture(params=["inproc", pytest.param("rabbitmq", marks=pytest.mark.cluster)])
    def line(self, request):
        """The address of a broker, how to lose it, and how to have it again."""
        if request.param == "inproc":
            inproc.install()
            yield "inproc://", inproc.interrupt, lambda: None
            inproc.reset()
        else:
            rabbitmq = request.getfixturevalue("rabbitmq")
            wire = Wire(rabbitmq.port)
            yield rabbitmq.uri.replace(str(rabbitmq.port), str(wire.port)), wire.cut, wire.mend
            wire.cut()

    def test_calls_under_way_fail_at_once_and_later_ones_succeed(self, line, name, request):
        uri, cut, mend = line
        service_uri = "inproc://" if uri.startswith("inproc") else request.getfixturevalue("rabbitmq").uri
        clerk = type("Clerk", (Clerk,), {"name": name, "gate": Event(), "begun": [], "done": []})
        runner = Runner({"AMQP_URI": service_uri})
        runner.add(clerk)
        runner.start()
        calls = connected(uri, timeout=3600)
        waiting = [eventlet.spawn(calls.call, name, "wait", n) for n in range(5)]
        eventually(lambda: len(clerk.begun) == 5)

        cut()

        for call in waiting:
            with pytest.raises(Unavailable) as failure:
                call.wait()
            assert outcome(failure) == ("broker lost", "unknown")
        clerk.gate.send()
        mend()

        def answered():
            try:
                return calls.call(name, "echo", "again", timeout=5) == "again"
            except Unavailable:
                return False

        eventually(answered)
        calls.stop()
        runner.stop()

    def test_no_answer_is_lost_once_the_broker_is_back(self, line, name):
        uri, cut, mend = line
        clerk = type("Clerk", (Answerer,), {"name": name, "gate": Event(), "begun": []})
        runner = Runner({"AMQP_URI": uri})
        runner.add(clerk)
        runner.start()
        calls = connected(uri, timeout=3600)
        assert calls.call(name, "answer", 0) == 0
        waiting = eventlet.spawn(calls.call, name, "wait")
        eventually(lambda: clerk.begun)

        cut()

        with pytest.raises(Unavailable):
            waiting.wait()
        mend()
        outcomes = []

        def answered():
            try:
                return calls.call(name, "answer", 1, timeout=60) == 1
            except Unavailable as error:
                outcomes.append(error.data["outcome"])
                return False

        eventually(answered)
        assert "unknown" not in outcomes
        clerk.gate.send()
        calls.stop()
        runner.stop()


class TestAConnectionThatIsRead:
    @pytest.mark.cluster
    def test_the_broker_hears_from_whoever_has_much_to_read(self, rabbitmq, monkeypatch):
        monkeypatch.setattr(transports, "HEARTBEAT", 2.0)
        with Connection(rabbitmq.uri, heartbeat=2) as connection, Connection(rabbitmq.uri) as other:
            heard = []
            queue = Queue("", exclusive=True)(connection.channel())
            queue.queue_declare()
            queue.consume(callback=heard.append, no_ack=True)
            channel = other.channel()

            def speak():
                while True:
                    channel.basic_publish(channel.prepare_message(b"x"), routing_key=queue.name)
                    eventlet.sleep(0.05)

            speaking = eventlet.spawn(speak)
            end = time.monotonic() + 8  # the broker hangs up on whoever was silent for twice the heartbeat
            for _ in transports.listening(connection):
                if time.monotonic() > end:
                    break
            speaking.kill()

        assert heard

    def test_no_heartbeat_comes_between_the_parts_of_a_frame(self):
        turn, held = Semaphore(1), []

        class Wired:
            connection = "raw"

            def drain_events(self, raw, timeout):
                raise TimeoutError

            def heartbeat_check(self, raw):
                held.append(turn.locked())

            @property
            def transport(self):
                return self

        next(transports.listening(Wired(), turn=turn))

        assert held == [True]
        assert not turn.locked()

    def test_nor_another_message(self, calls, clerk, monkeypatch):
        link, between = calls._link, []
        publish = link._channel.basic_publish

        def slowly(*args, **kwargs):
            between.append("(")
            eventlet.sleep(0)
            publish(*args, **kwargs)
            between.append(")")

        monkeypatch.setattr(link._channel, "basic_publish", slowly)
        pool = eventlet.GreenPool()

        assert list(pool.imap(lambda n: calls.call(clerk.name, "echo", n), range(20))) == [*range(20)]
        assert "".join(between) == "()" * 20
