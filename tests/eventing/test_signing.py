"""Who stands behind a request is said by the house: whoever only knows the wire format is refused everything."""

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.language import Caller, Request
from eventing.errors import OneThingError
from eventing.service import Service
from eventing.signing import VALID_SECONDS, RequestExpired, RequestUnsigned, Signer
from testkit.facts import TESTER, refused
from testkit.house import House
from testkit.toy import AddBeads, CountBeads, ToyDeclarations

SIGNER = Signer(b"k" * 32)
ASKED = Request(verb="add_beads", id="1", body=msgspec.Raw(b'{"count":1}'), caller=Caller(by="li", roles=("clerk",)))


class Toy(ToyDeclarations, Service):
    """The toy on the wire."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House([Toy], tmp_path) as running:
        yield running


def test_a_signature_holds_for_what_was_signed() -> None:
    SIGNER.check("toy", SIGNER.signed("toy", ASKED))


def test_a_signature_survives_the_wire() -> None:
    sent = msgspec.json.encode(SIGNER.signed("toy", ASKED))

    SIGNER.check("toy", msgspec.json.decode(sent, type=Request))


@pytest.mark.parametrize(
    "altered",
    [
        {"verb": "take_beads"},
        {"id": "2"},
        {"body": msgspec.Raw(b'{"count":2}')},
        {"caller": Caller(by="li", roles=("operator",))},
        {"caller": Caller(by="wang", roles=("clerk",))},
        {"caller": Caller(by="li", roles=("clerk",), hall="county")},
        {"caller": Caller(by="li", roles=("clerk",), subject="0" * 64)},
        {"expected": 3},
        {"at": time.time() + 1},
        {"signature": b""},
        {"signature": b"x" * 32},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_is_altered_is_refused(altered: dict[str, Any]) -> None:
    request = msgspec.structs.replace(SIGNER.signed("toy", ASKED), **altered)

    with refused(RequestUnsigned):
        SIGNER.check("toy", request)


def test_a_signature_for_one_service_is_none_for_another() -> None:
    with refused(RequestUnsigned):
        SIGNER.check("mirror", SIGNER.signed("toy", ASKED))


def test_another_house_signs_with_another_key() -> None:
    with refused(RequestUnsigned):
        SIGNER.check("toy", Signer(b"q" * 32).signed("toy", ASKED))


OLD, NEW = b"k" * 32, b"q" * 32
ROTATION = [Signer(OLD), Signer(OLD, NEW), Signer(NEW, OLD), Signer(NEW)]
"""Steps of a rotation; while replicas are replaced, those of two neighbouring steps speak to each other."""


@pytest.mark.parametrize("step", [0, 1, 2])
def test_while_a_key_is_rotated_everybody_is_believed(step: int) -> None:
    for ours, theirs in itertools.permutations(ROTATION[step : step + 2], 2):
        theirs.check("toy", ours.signed("toy", ASKED))
        assert theirs.is_ours(b"facts", ours.mark(b"facts"))


def test_a_key_that_was_taken_away_is_believed_no_more() -> None:
    with refused(RequestUnsigned):
        ROTATION[-1].check("toy", ROTATION[0].signed("toy", ASKED))
    assert not ROTATION[-1].is_ours(b"facts", ROTATION[0].mark(b"facts"))


def test_a_signature_expires_by_the_clock_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    request = SIGNER.signed("toy", ASKED)
    later = time.time() + VALID_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)

    with refused(RequestExpired):
        SIGNER.check("toy", request)


def forged(verb: str, body: dict[str, Any], caller: dict[str, Any]) -> dict[str, Any]:
    """What somebody writes who knows the wire format and not the key."""
    return {"verb": verb, "id": "forged", "body": body, "caller": caller, "at": time.time(), "signature": "AAAA"}


MIGHTY = {"by": "service:intake", "roles": ["service", "operator"], "org": "o", "hall": "h"}


@pytest.mark.parametrize(
    ("method", "verb", "body"),
    [
        ("execute", "add_beads", {"case_id": "a", "count": 1}),
        ("ask", "count_beads", {"case_id": "a"}),
        ("operate", "status", {}),
        ("operate", "redrive", {"case": "a"}),
        ("operate", "advance", {"to": "2030-01-01T00:00:00+00:00"}),
        ("read_log", "read_log", {"after": {"0": 0}, "limit": 10}),
    ],
)
@pytest.mark.parametrize("without", [(), ("signature",), ("at", "signature")], ids=["forged", "unsigned", "bare"])
def test_who_only_knows_the_wire_format_is_refused_everything(
    house: House, method: str, verb: str, body: dict[str, Any], without: tuple[str, ...]
) -> None:
    request = {name: value for name, value in forged(verb, body, MIGHTY).items() if name not in without}
    text = json.dumps([request] if method == "execute" else request)

    assert house.calls is not None
    reply = json.loads(house.calls.call("toy", method, text))

    assert (reply[0] if method == "execute" else reply)["error"]["code"] == "request-unsigned"
    assert house.host("toy").store.heads() == {} or not any(house.host("toy").store.heads().values())


def test_the_signed_among_forged_requests_are_done(house: House) -> None:
    body = msgspec.Raw(msgspec.json.encode(AddBeads(case_id="a", count=2)))
    good = house.client().signer.signed("toy", Request(verb="add_beads", id="good", body=body, caller=TESTER))
    text = msgspec.json.encode([forged("add_beads", {"case_id": "a", "count": 5}, MIGHTY), good]).decode()

    assert house.calls is not None
    replies = json.loads(house.calls.call("toy", "execute", text))

    assert [reply.get("error", {}).get("code") for reply in replies] == ["request-unsigned", None]
    assert house.client().ask(CountBeads(case_id="a"))["count"] == 2


def test_a_retried_command_keeps_its_id_and_gets_its_first_answer(house: House) -> None:
    first = house.client().command(AddBeads(case_id="a", count=2), id="same")

    assert house.client().command(AddBeads(case_id="a", count=2), id="same") == first


@pytest.mark.parametrize("verb", ["parked", "status", "redrive", "advance"])
def test_operations_are_the_operators(house: House, verb: str) -> None:
    with pytest.raises(OneThingError) as error:
        house.client(Caller(by="li", roles=("clerk",))).operate("toy", verb, case="a", to="")

    assert error.value.code == "forbidden"


def test_the_log_is_read_by_services_alone(house: House) -> None:
    with pytest.raises(OneThingError) as error:
        house.client(Caller(by="li", roles=("operator",))).read_log("toy", {0: 0}, 10)

    assert error.value.code == "forbidden"
