"""The control socket: one process a data directory, and calls that reach it from others."""

import socket
import stat

import eventlet
import pytest

from console.control import LOCK, SOCKET, Control, ControlCalls, Occupied, occupying
from console.house import entered
from contracts.intake import GetCase
from eventing.errors import NotFound, Unavailable


class Answering:
    """Stands in for the calls of a running instance: answers with what it was asked."""

    def call(self, service, method, *args, timeout=None):
        if service == "nobody":
            raise Unavailable(service=service)
        if service == "broken":
            raise ValueError("no rule foresaw this")
        if method == "slowly":
            eventlet.sleep(0.05)
        return [service, method, *args, timeout]


@pytest.fixture
def control(tmp_path):
    control = Control(tmp_path, Answering())
    control.start()
    yield control
    control.stop()


@pytest.fixture
def calls(control):
    calls = ControlCalls(control.directory)
    yield calls
    calls.close()


def test_a_call_reaches_the_instance_and_its_answer_comes_back(calls):
    assert calls.call("intake", "ask", "a question", timeout=3) == ["intake", "ask", "a question", 3]


def test_a_slow_call_holds_no_other_up(calls):
    ended = []
    slow = eventlet.spawn(lambda: ended.append(calls.call("intake", "slowly")[1]))
    quick = eventlet.spawn(lambda: ended.append(calls.call("intake", "quickly")[1]))
    slow.wait()
    quick.wait()

    assert ended == ["quickly", "slowly"]


def test_many_at_once_each_get_their_own_answer(calls):
    asked = [eventlet.spawn(calls.call, "intake", "ask", number, "x" * 50_000) for number in range(60)]

    assert [each.wait()[2] for each in asked] == list(range(60))


def test_a_services_refusal_comes_back_as_what_it_was(calls):
    with pytest.raises(Unavailable) as refused:
        calls.call("nobody", "ask")

    assert refused.value.data == {"service": "nobody"}


def test_what_nobody_foresaw_is_told_and_the_connection_stays(calls):
    with pytest.raises(Unavailable, match="no rule foresaw this"):
        calls.call("broken", "ask")

    assert calls.call("intake", "ask")[0] == "intake"


def test_who_does_not_speak_the_language_is_hung_up_on(control):
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(control.directory / SOCKET))
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert stranger.recv(100) == b""


def test_when_the_instance_ends_its_callers_are_told(control, calls):
    waiting = eventlet.spawn(calls.call, "intake", "slowly")
    eventlet.sleep(0.01)
    calls._socket.shutdown(socket.SHUT_RDWR)

    with pytest.raises(Unavailable):
        waiting.wait()
    with pytest.raises(Unavailable):
        calls.call("intake", "ask")


def test_the_socket_is_its_owners_alone(control):
    assert stat.S_IMODE((control.directory / SOCKET).stat().st_mode) == 0o600


def test_a_directory_may_have_any_name_that_a_file_system_allows(tmp_path):
    deep = tmp_path.joinpath(*["长" * 40] * 4)
    with occupying(deep):
        control = Control(deep, Answering())
        control.start()
        calls = ControlCalls(deep)
        assert calls.call("intake", "ask")[0] == "intake"
        calls.close()
        control.stop()


def test_a_dead_process_leaves_nothing_in_the_way(tmp_path):
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / SOCKET))
    control = Control(tmp_path, Answering())

    control.start()

    calls = ControlCalls(tmp_path)
    assert calls.call("intake", "ask")[0] == "intake"
    calls.close()
    control.stop()


def test_a_data_directory_has_one_process(tmp_path):
    with occupying(tmp_path), pytest.raises(Occupied), occupying(tmp_path):
        pass
    with occupying(tmp_path):
        assert (tmp_path / LOCK).read_text().strip().isdigit()


def test_a_command_asks_the_house_that_runs_already(house):
    with entered(house.settings) as reached:
        assert not reached.here
        with pytest.raises(NotFound):
            reached.client.ask(GetCase(case_id="nothing"))
