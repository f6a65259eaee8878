"""One event a line, and never a person."""

import ast
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import eventlet
import pytest
import structlog
from eventlet.event import Event

from eventing.errors import Refused, Unavailable
from eventing.runner import Container
from telemetry.logs import PERSONAL, WITHHELD
from testkit.house import House, eventually
from testkit.toy import AddBeads

NAME = "张晓明"
log = structlog.get_logger()


class NotThisPerson(Refused):
    """A refusal that speaks of somebody."""


class Form:
    """Something whose words nobody knows."""

    def __repr__(self) -> str:
        return f"Form({NAME})"


def fail_about(person: str) -> None:
    raise ValueError(f"{person} cannot be accepted")


@pytest.fixture(params=["json", "console"])
def written(request, log_to):
    """A log of either form."""
    return log_to(form=request.param, level="debug", replica="r1")


class TestALine:
    def test_is_one_object_with_the_time_the_level_and_the_event_first(self, log_to):
        written = log_to(replica="r1", service="toy")

        log.info("ready", services=["toy"])

        (line,) = written.lines
        assert list(line) == ["timestamp", "level", "event", "replica", "service", "services"]
        assert [*line.values()][1:] == ["info", "ready", "r1", "toy", ["toy"]]

    def test_of_an_event_that_names_its_service_says_that_one(self, log_to):
        written = log_to(service="toy")

        log.info("ready", service="mirror")

        assert written.line("ready")["service"] == "mirror"

    def test_below_the_level_is_not_written(self, log_to):
        written = log_to(level="warning")

        log.info("small")
        log.warning("large")

        assert [line["event"] for line in written.lines] == ["large"]

    def test_keeps_chinese_as_it_is(self, log_to):
        written = log_to()

        log.info("case parked", topic="受理")

        assert "受理" in written.text

    def test_on_a_console_is_text_without_colours_where_there_is_no_terminal(self, log_to):
        written = log_to(form="console")

        log.warning("waiting", attempt=3)

        assert "[warning" in written.text
        assert "attempt=3" in written.text
        assert "\x1b" not in written.text


class TestAPerson:
    @pytest.mark.parametrize("key", ["name", "identifier", "mobile", "applicant", "values", "form"])
    def test_is_not_written_under_any_key_that_holds_one(self, written, key):
        log.info("opened", case="c1", **{key: NAME}, inner={"deep": [{key: {"x": NAME}}]})

        assert NAME not in written.text
        assert WITHHELD in written.text
        assert "c1" in written.text

    def test_is_not_in_a_value_that_nobody_can_read(self, written):
        log.info("opened", what=Form(), raw=NAME.encode(), pair=(Form(), 7))

        assert NAME not in written.text
        assert str(NAME.encode()) not in written.text
        assert "<Form>" in written.text

    @pytest.mark.parametrize("number", ["11010519491231002X", "110105194912310021", "13800138000"])
    def test_is_not_in_a_text_by_identity_or_mobile_number(self, written, number):
        log.info("seen %s", number, reason=f"no such person: {number}.")

        assert number not in written.text

    @pytest.mark.parametrize(
        "number",
        ["YJS-990102-SHOP-20260302-000001-K", "1767323045123456", "0b5f3c9e-5d1a-4c5e-9d35-138001380001"],
    )
    def test_is_not_suspected_in_the_numbers_of_cases_and_instants(self, written, number):
        log.info("opened", case=number)

        assert number in written.text

    def test_is_not_in_the_rendering_of_an_exception(self, written):
        person = NAME
        try:
            fail_about(person)
        except ValueError:
            log.exception("handler failed", case="c1")

        assert NAME not in written.text
        assert "ValueError" in written.text
        assert "fail_about" in written.text, "the place must be told"
        assert "test_logs.py" in written.text

    def test_is_not_in_what_an_exception_came_from(self, written):
        try:
            try:
                fail_about(NAME)
            except ValueError as error:
                raise KeyError(NAME) from error
        except KeyError:
            log.exception("handler failed")

        assert NAME not in written.text
        assert "KeyError" in written.text
        assert "because of ValueError" in written.text

    def test_is_not_in_an_exception_given_as_a_value(self, written):
        log.warning("waiting", reason=ValueError(NAME), cause=NotThisPerson(who=NAME))

        assert NAME not in written.text
        assert "ValueError" in written.text
        assert "not-this-person" in written.text

    def test_is_not_in_what_other_libraries_log(self, written):
        try:
            fail_about(NAME)
        except ValueError as error:
            logger = logging.getLogger("nameko.containers")
            logger.exception("error handling worker %s: %s", Form(), error)  # noqa: TRY401  as nameko does

        assert NAME not in written.text
        assert "error handling worker <Form>: ValueError" in written.text

    def test_is_not_in_a_message_that_could_not_be_decoded(self, written):
        body = json.dumps([{"verb": "open", "body": {"applicant": {"name": NAME}}}] * 3, ensure_ascii=False)

        logging.getLogger("kombu.mixins").critical("Can't decode message body: %r (raw: %r)", KeyError(1), body)

        assert NAME not in written.text
        assert f"{len(body)} characters" in written.text

    def test_is_not_in_what_a_green_thread_dies_of(self, written, capfd):
        eventlet.spawn_n(fail_about, NAME)
        eventlet.sleep(0)
        eventlet.sleep(0)

        assert NAME not in written.text
        assert NAME not in capfd.readouterr().err
        assert "green thread died" in written.text
        assert "fail_about" in written.text

    def test_is_not_in_the_log_of_a_handler_that_fails_on_one(
        self, written, house: House, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("testkit.toy.Mirrored.mirror", lambda *_: fail_about(NAME))
        house.client().command(AddBeads(case_id="case-of-somebody", count=1), attempts=20)

        (parked,) = eventually(lambda: house.client().operate("mirror", "parked"))

        assert "handler failed" in written.text
        assert "case parked" in written.text
        assert "case-of-somebody" in written.text
        assert NAME not in written.text
        assert NAME not in parked["error"]
        assert "in fail_about" in parked["error"], "who may redrive is told where it was"


class TestAnError:
    def test_of_ours_says_what_is_away(self, log_to):
        written = log_to()

        log.warning("waiting", reason=Unavailable(what="database", error="refused at postgresql://a:b@db/x"))

        assert "unavailable" in written.text
        assert "database" in written.text
        assert f"postgresql://a:{WITHHELD}@db/x" in written.text

    def test_of_the_operating_system_says_why(self, log_to):
        written = log_to()
        try:
            raise ConnectionRefusedError(111, "Connection refused", NAME)
        except ConnectionRefusedError as error:
            log.warning("waiting", reason=error, exc_info=True)

        assert written.line("waiting")["reason"] == "ConnectionRefusedError: Connection refused"
        assert NAME not in written.text


@pytest.mark.parametrize("place", ["amqp://clerk:s3cret@broker:5672/", "at postgresql+psycopg://a:s3c@ret@db/x now"])
def test_a_password_is_not_written(log_to: Callable[..., object], place: str) -> None:
    written = log_to(form="console")

    log.warning("lost %s", place, broker=place, tried=[place])

    assert "s3c" not in written.text
    assert f":{WITHHELD}@" in written.text


class TestOtherLibraries:
    def test_warn_in_the_same_stream(self, log_to):
        written = log_to(level="debug", replica="r1")

        logging.getLogger("alembic.runtime.migration").info("Running upgrade %s", "1")
        logging.getLogger("kombu.connection").warning("lost after %d tries", 3)

        (line,) = written.lines
        assert line["event"] == "lost after 3 tries"
        assert line["level"] == "warning"
        assert line["logger"] == "kombu.connection"
        assert line["replica"] == "r1"

    def test_are_not_heard_where_only_errors_are(self, log_to):
        written = log_to(level="error")

        logging.getLogger("kombu.connection").warning("lost")

        assert written.text == ""

    def test_may_log_nonsense(self, log_to):
        written = log_to()

        logging.getLogger("amqp").log(35, "100 % of %d", "text")

        assert written.lines[0]["event"] == "100 % of %d"

    def test_do_not_tell_of_every_thread_that_ends_with_its_service(self, log_to):
        written = log_to()
        container = Container(type("Idle", (), {"name": "idle"}), {})
        thread = container.spawn_managed_thread(Event().wait, identifier="idle")
        eventlet.sleep(0)

        container.kill()

        assert thread.dead
        assert "killing" not in written.text


def told_in_vain() -> Iterator[str]:
    """Calls of `log` in our own code whose value would never be written."""
    root = Path(__file__).parents[2]
    for file in (*root.glob("libs/**/*.py"), *root.glob("services/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="log")), keywords=told):
                    yield from (f"{file.name}:{node.lineno} {each.arg}" for each in told if each.arg in PERSONAL)


def test_no_line_of_ours_names_what_is_withheld() -> None:
    assert not list(told_in_vain())
