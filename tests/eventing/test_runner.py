"""Services start together, stop in order, and never live half-dead."""

import signal
import sys
import textwrap

import eventlet
import pytest
from eventlet.event import Event
from nameko.extensions import DependencyProvider
from nameko.rpc import rpc

from eventing import inproc
from eventing.calls import Calls
from eventing.errors import Unavailable
from eventing.runner import Container, Runner
from testkit.process import ServiceProcess, free_port
from testkit.servers import RabbitMQ


class Patient:
    name = "patient"
    gate: Event
    at_work: Event

    @rpc
    def work(self):
        self.at_work.send()
        self.gate.wait()
        return "done"


class Weak(DependencyProvider):
    """A dependency with a thread that dies when it is told to."""

    illness = None

    def start(self):
        self.told = self.container.config["told"]
        self.container.spawn_managed_thread(self.run)

    def run(self):
        raise self.told.wait()


class Fragile:
    name = "fragile"
    weak = Weak()

    @rpc
    def here(self):
        return True


class Unstartable(DependencyProvider):
    def setup(self):
        raise LookupError("no table")


class Stillborn:
    name = "stillborn"
    unstartable = Unstartable()


@pytest.fixture
def runner():
    inproc.install()
    Patient.gate, Patient.at_work = Event(), Event()
    runner = Runner({"AMQP_URI": "inproc://"})
    yield runner
    runner.kill()
    inproc.reset()


@pytest.fixture
def calls():
    calls = Calls("inproc://", timeout=60)
    calls.start()
    yield calls
    calls.stop()


class TestTogether:
    def test_every_service_has_its_own_config_over_the_common_one(self, runner):
        runner.config["colour"] = "red"

        patient = runner.add(Patient, {"max_workers": 3})
        fragile = runner.add(Fragile, {"colour": "blue"})

        assert (patient.max_workers, patient.config["colour"]) == (3, "red")
        assert fragile.config["colour"] == "blue"

    def test_two_services_of_one_name_are_a_mistake(self, runner):
        runner.add(Patient)

        with pytest.raises(ValueError, match="patient"):
            runner.add(Patient)

    def test_a_service_may_bring_its_own_container(self, runner):
        container = runner.add(Patient, {"SERVICE_CONTAINER_CLS": f"{__name__}.Special"})

        assert type(container).__name__ == "Special"

    def test_stopping_lets_the_work_in_hand_finish(self, runner, calls):
        runner.add(Patient)
        runner.start()
        answer = eventlet.spawn(calls.call, "patient", "work")
        Patient.at_work.wait()

        stopping = eventlet.spawn(runner.stop)
        eventlet.sleep(0.1)
        Patient.gate.send()

        assert answer.wait() == "done"
        stopping.wait()
        runner.wait()

    def test_work_that_does_not_finish_is_not_waited_for(self, runner, calls):
        runner.add(Patient)
        runner.start()
        answer = eventlet.spawn(calls.call, "patient", "work", timeout=2)
        Patient.at_work.wait()

        runner.stop(grace=0.1)

        runner.wait()
        with pytest.raises(Unavailable):
            answer.wait()

    @pytest.mark.parametrize("death", [ZeroDivisionError("illness"), eventlet.Timeout])
    def test_a_service_that_dies_takes_all_with_it_and_names_the_cause(self, runner, death):
        told = Event()
        patient = runner.add(Patient)
        runner.add(Fragile, {"told": told})
        runner.start()

        cause = death if isinstance(death, Exception) else death()
        told.send(cause)

        with pytest.raises(type(cause)) as failure:
            runner.wait()
        assert failure.value is cause
        assert patient.ended.ready()

    def test_a_service_that_cannot_start_keeps_all_from_starting(self, runner):
        patient = runner.add(Patient)
        runner.add(Stillborn)

        with pytest.raises(LookupError, match="no table"):
            runner.start()

        assert patient.ended.ready()


class Special(Container):
    pass


PROGRAM = """
from eventing import green
green.patch()
import os, sys, eventlet
from nameko.extensions import DependencyProvider
from nameko.rpc import rpc
from eventing.calls import Calls
from eventing.runner import run
from eventing.settings import Settings

class Own(DependencyProvider):
    def start(self):
        self.container.spawn_managed_thread(self.run)
    def run(self):
        {life}

class Lonely:
    name = "lonely"
    own = Own()
    @rpc
    def work(self, seconds):
        print("at work", flush=True)
        eventlet.sleep(seconds)
        print("work done", flush=True)

def ready():
    print("all ready", flush=True)
    {afterwards}

def call(seconds):
    calls = Calls(settings.amqp_uri, timeout=seconds + 60)
    calls.start()
    eventlet.spawn(calls.call, "lonely", "work", seconds)

def database():
    if not os.path.exists("database"):
        raise LookupError("no database")

settings = Settings.load()
sys.exit(run([Lonely], settings, wait_for={wait_for}, ready=ready))
"""


@pytest.fixture
def program(tmp_path):
    """A process that runs one service."""
    running = []

    def program(*, life="pass", afterwards="pass", wait_for="()", amqp_uri=""):
        script = tmp_path / "program.py"
        script.write_text(PROGRAM.format(life=life, afterwards=afterwards, wait_for=wait_for))
        env = {"AMQP_URI": amqp_uri, "PYTHONPATH": ":".join(path for path in sys.path if path)}
        process = ServiceProcess(argv=[sys.executable, str(script)], log=tmp_path / "log", env=env)
        process.directory = tmp_path
        running.append(process)
        return process.start()

    yield program
    for process in running:
        process.kill9()


class TestAsAProcess:
    def test_a_signal_lets_the_work_in_hand_finish(self, program):
        process = program(afterwards="call(1)").wait_ready(line="at work")

        process.terminate()

        assert process.returncode == 0
        assert "work done" in process.output()

    def test_a_second_signal_ends_it_at_once(self, program):
        process = program(afterwards="call(3600)").wait_ready(line="at work")
        process._child.send_signal(signal.SIGTERM)
        process.wait_ready(line="stopping")

        process.signal(signal.SIGINT, timeout=60)

        assert process.returncode == 128 + signal.SIGINT

    def test_a_service_that_dies_ends_the_process_with_its_cause(self, program):
        process = program(life="raise ZeroDivisionError('illness')")

        process._child.wait(120)

        assert process.returncode == 1
        assert "ZeroDivisionError('illness')" in process.output()

    def test_it_says_what_it_waits_for_without_the_password(self, program):
        port = free_port()
        process = program(amqp_uri=f"amqp://clerk:s3cret@127.0.0.1:{port}//").wait_ready(line="next_in_s=0.8")

        assert f"amqp://clerk:***@127.0.0.1:{port}//" in process.output()
        assert "s3cret" not in process.output()

        process.terminate()
        assert process.returncode == 0
        assert "all ready" not in process.output()

    def test_it_waits_for_the_database_too(self, program, tmp_path):
        process = program(wait_for="[('database', database)]").wait_ready(line="no database")
        assert "all ready" not in process.output()

        (tmp_path / "database").touch()

        process.wait_ready(line="all ready")
        process.terminate()
        assert process.returncode == 0

    def test_a_process_in_which_nothing_happens_hears_the_signal(self, tmp_path):
        script = tmp_path / "idle.py"
        script.write_text(
            textwrap.dedent("""
                from eventing import green
                green.patch()
                from eventing.runner import _Signals
                signals = _Signals()
                print("idle", flush=True)
                print("heard", signals.first.wait(), flush=True)
            """)
        )
        env = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
        process = ServiceProcess(argv=[sys.executable, str(script)], log=tmp_path / "log", env=env).start()
        process.wait_ready(line="idle")

        process.terminate(timeout=20)  # the hub by itself would sleep for a minute

        assert "heard 15" in process.output()

    @pytest.mark.cluster
    def test_it_waits_for_a_broker_that_starts_later(self, program):
        rabbitmq = RabbitMQ()
        process = program(amqp_uri=rabbitmq.uri).wait_ready(line="waiting")

        with rabbitmq:
            process.wait_ready(line="all ready", timeout=240)
            process.terminate()

        assert process.returncode == 0
