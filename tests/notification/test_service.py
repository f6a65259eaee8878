"""Messages leave through their carriers: once recorded, tried again, and never with an address in the record."""

import json
import socket
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import catalogue
from contracts.approval import DecisionRevoked, ReviewDenied, RevocationGround
from contracts.certificate import PackageAssembled
from contracts.drafts import DraftExpiring
from contracts.halls import GetTree
from contracts.intake import (
    Acceptance,
    Applicant,
    CaseOpened,
    Holder,
    ItemsAccepted,
    PlannedItem,
    ToleranceResumed,
    Tolerated,
)
from contracts.language import Caller, Sealed
from contracts.notification import ConfirmMessage, GetCorrespondence, ListUndelivered, ResendMessage
from eventing.backlog import Backlog
from eventing.errors import NotFound
from eventing.keyring import Erased
from eventing.scoping import NotYourRole
from kernel.clock import SimulatedClock, local_date
from notification.carriers import Busy, Envelope, FileSink, Refusal, carrier, masked
from notification.domain import RecordSending
from notification.sender import HallNames, Sender
from notification.service import Notification
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica, replica

COUNTY = catalogue.load("990102")
CASE = "case-1"
HALLS = {"county": "云岭县政务服务大厅"}
SELF = Caller(by="service:notification", roles=("service",))


class Carriers:
    """Every case is this replica's; one carrier for all channels."""

    def __init__(self, one: Any) -> None:
        self.by_channel = {"sms": one, "app": one, "mail": one}

    def is_mine(self, case_id: str) -> bool:
        return True


class Recorder:
    """Takes envelopes, or refuses to."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.fault: Exception | None = None

    def send(self, envelope: Envelope) -> str:
        if self.fault is not None:
            raise self.fault
        self.taken.append(envelope)
        return f"r{len(self.taken)}"


class Keyring:
    """Opens what was never closed."""

    def __init__(self) -> None:
        self.applicant = Applicant(name="林小满", identifier="990102199202150022", mobile="13800000000")
        self.erased = False

    def unseal(self, sealed: Sealed, case_id: str, kind: type) -> Applicant:
        if self.erased:
            raise Erased(key="k")
        return self.applicant


class Catalogues:
    """The county's, whatever version is asked for."""

    def at(self, version: str) -> catalogue.Catalogue:
        return COUNTY


def outside(running: Replica) -> Any:
    """The service, to put things beside it that a test stands for."""
    return running.service


class House:
    """A replica of the service with everything that it reaches for outside."""

    def __init__(self, running: Replica) -> None:
        self.running = running
        self.recorder = Recorder()
        self.keyring = Keyring()
        self.holder = Holder(
            applicant=Sealed("k", "applicant", b""),
            key_id="k",
            number="YJS-990102-CY-20260723-000001-X",
            theme="CY",
            catalogue="c",
            hall="county",
            channel="window",
            applicant_index="index-1",
        )
        self.service = outside(running)
        keyring: Any = self.keyring
        self.service.carriers = Carriers(self.recorder)
        self.service._sender = lambda: Sender(
            lambda query: self.holder, keyring, Catalogues().at, self.service.carriers.by_channel, HALLS.__getitem__
        )
        self.service.peers = self

    def command(self, command: Any, id: str = "") -> None:
        self.running.command(command, caller=SELF, ids=(id,))

    def work_off(self) -> int:
        return Backlog("test", self.service._due, self.service._send).work_off()

    def messages(self) -> dict[str, Any]:
        found: dict[str, Any] = self.running.ask(GetCorrespondence(case_id=CASE))["messages"]
        return found


@pytest.fixture(params=DATABASES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with replica(Notification, request, tmp_path) as running:
        yield House(running)


def denied(item: str = "CY03") -> ReviewDenied:
    return ReviewDenied(
        case_id=CASE, at=NOON, by="r", item=item, handler="scjg", decision=f"d-{item}", reasons="x", remedy="y"
    )


def assembled(package: str) -> PackageAssembled:
    return PackageAssembled(case_id=CASE, at=NOON, by="system", package=package, certificates=("c",))


def test_what_happened_leaves_in_words_that_name_no_person(house: House) -> None:
    house.running.follow("approval", (CASE, 1, denied()), (CASE, 2, denied("CY04")))
    assert house.work_off() == 1

    (envelope,) = house.recorder.taken
    assert envelope.address == "13800000000"
    assert "食品经营许可" in envelope.text
    assert "d-CY04" in envelope.text
    assert "云岭县政务服务大厅" in envelope.text
    assert "林小满" not in envelope.text
    assert {m["state"] for m in house.messages().values()} == {"sent"}
    assert house.work_off() == 0


def test_the_record_holds_no_address_and_no_name(house: House) -> None:
    house.running.follow("approval", (CASE, 1, denied()))
    house.work_off()

    stored = b"".join(each.note.state if hasattr(each, "note") else each.state for each in house.running.log())
    assert b"13800000000" not in stored
    assert "林小满".encode() not in stored


def test_a_carrier_that_is_busy_gets_it_again_later_and_in_the_end_people_do(house: House) -> None:
    house.running.follow("approval", (CASE, 1, denied()))
    house.recorder.fault = Busy("503")
    for _ in range(6):
        house.work_off()
        assert house.work_off() == 0
        house.running.clock.advance(timedelta(hours=9))
    assert house.messages()["m1"]["state"] == "undelivered"
    assert [row["message"] for row in house.running.ask(ListUndelivered())["messages"]] == ["m1"]

    house.recorder.fault = None
    house.running.command(ResendMessage(case_id=CASE, message="m1"))
    assert house.work_off() == 1
    assert "重发" in house.recorder.taken[0].text


def test_what_nobody_could_bring_is_listed_by_what_it_says_and_why_it_did_not_arrive(house: House) -> None:
    def listed(**wanted: Any) -> list[str]:
        return [row["message"] for row in house.running.ask(ListUndelivered(**wanted))["messages"]]

    house.keyring.applicant = Applicant(name="x", identifier="y")
    house.running.follow("approval", (CASE, 1, denied()))
    house.work_off()
    house.running.clock.advance(timedelta(days=1))
    house.keyring.applicant = Applicant(name="x", identifier="y", mobile="13800000000")
    house.running.follow("certificate", (CASE, 1, assembled("CY03")))
    house.recorder.fault = Busy("503")
    for _ in range(6):
        house.work_off()
        house.running.clock.advance(timedelta(hours=9))

    assert listed() == ["m1", "m2"]
    assert listed(reversed=True) == ["m2", "m1"]
    assert (listed(kind="ready"), listed(kind="revoked")) == (["m2"], [])
    assert (listed(reason="no-address"), listed(reason="unavailable")) == (["m1"], ["m2"])
    assert (listed(channel="sms"), listed(channel="mail")) == (["m2"], [])
    assert listed(since=date.min) == ["m1", "m2"]
    assert listed(since=local_date(NOON) + timedelta(days=1)) == ["m2"]
    assert listed(since=date.max) == []


def test_a_message_that_did_not_leave_in_time_is_counted_until_it_does(house: House) -> None:
    def late() -> float:
        (sample,) = house.service.samples()
        return float(sample.value)

    house.running.follow("approval", (CASE, 1, denied()))
    assert late() == 0
    house.running.clock.advance(timedelta(hours=1))
    assert late() == 1

    house.work_off()

    assert late() == 0


def test_another_carrier_is_tried_where_one_refuses(house: House) -> None:
    house.keyring.applicant = Applicant(name="x", identifier="y", mobile="13800000000", mail="a@example.org")
    house.running.follow("approval", (CASE, 1, denied()))
    house.recorder.fault = Refusal("number")
    house.work_off()
    house.recorder.fault = None
    house.running.clock.advance(timedelta(hours=1))
    house.work_off()

    assert [each.channel for each in house.recorder.taken] == ["mail"]


@pytest.mark.parametrize(("fault", "reason"), [("nobody", "no-address"), ("erased", "erased")])
def test_who_cannot_be_reached_is_told_in_person(house: House, fault: str, reason: str) -> None:
    house.keyring.erased = fault == "erased"
    house.keyring.applicant = Applicant(name="x", identifier="y")
    house.running.follow("approval", (CASE, 1, denied()))
    house.work_off()

    assert house.messages()["m1"]["reason"] == reason
    assert house.messages()["m1"]["state"] == "undelivered"
    house.running.command(
        ConfirmMessage(case_id=CASE, message="m1", outcome="delivered", channel="in_person"),
        caller=Caller(by="agent-1", roles=("hotline",)),
    )
    assert house.messages()["m1"]["state"] == "delivered"


def test_nobody_else_says_what_was_sent(house: House) -> None:
    house.running.follow("approval", (CASE, 1, denied()))
    with refused(NotYourRole):
        house.running.command(
            RecordSending(case_id=CASE, messages=("m1",), channel="sms", reference="r", digest="d"),
            caller=Caller(by="clerk-7", hall="county", roles=("clerk",)),
        )


def test_the_notice_is_sent_to_who_did_not_stand_at_the_window(house: House) -> None:
    opened = CaseOpened(
        case_id=CASE, at=NOON, by="x", number="n", theme="CY", catalogue="c", mode="one_mouth", region="990102",
        hall="county", window="", channel="web", key_id="k", applicant=Sealed("k", "applicant", b""),
        applicant_index="i", applicant_kind="legal", answers={}, plan=(),
    )  # fmt: skip
    house.running.follow("intake", (CASE, 1, opened))

    assert [message["kind"] for message in house.messages().values()] == ["notice"]


def test_what_is_tolerated_is_told_with_its_day(house: House) -> None:
    accepted = ItemsAccepted(
        case_id=CASE, at=NOON, by="x", number="n", theme="CY", catalogue="c", region="990102", hall="county", window="",
        items=(
            Acceptance(
                item="CY03", handler="scjg", grant="g", grant_position=1, in_name_of="scjg", notice="n",
                tolerated=(Tolerated("food_safety_rules", date(2026, 8, 3)),),
            ),
        ),
        plan=(PlannedItem("CY03", "selected"),), materials=(),
    )  # fmt: skip
    house.running.follow("intake", (CASE, 1, accepted))
    house.work_off()

    assert "食品安全规章制度" in house.recorder.taken[0].text
    assert "2026-08-03" in house.recorder.taken[0].text


def test_what_may_come_again_is_told_with_its_new_day(house: House) -> None:
    resumed = ToleranceResumed(case_id=CASE, at=NOON, by="system", item="CY03", due_on=date(2026, 8, 7))
    house.running.follow("intake", (CASE, 1, resumed))
    house.work_off()

    assert "补齐期限延至2026-08-07" in house.recorder.taken[0].text


def test_the_sink_masks_addresses_and_keeps_the_words(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "out")
    sink.send(Envelope("m", "sms", "13800000000", "s", "词", NOON))

    (file,) = (tmp_path / "out").iterdir()
    (line,) = [json.loads(each) for each in file.read_text("utf-8").splitlines()]
    assert line["address"] == "138****0000"
    assert line["text"] == "词"
    assert file.stat().st_mode & 0o077 == 0


def test_an_address_of_no_carrier_is_refused() -> None:
    with pytest.raises(ValueError, match="ftp"):
        carrier("ftp://example.org")
    assert masked("a") == "****"


def an_envelope(address: str = "a@example.org") -> Envelope:
    return Envelope("m", "mail", address, "s", "词", NOON)


def test_an_address_that_no_mail_can_have_is_refused_and_not_tried_for_ever() -> None:
    with pytest.raises(Refusal):
        carrier("smtp://127.0.0.1:9?from=a@example.org").send(an_envelope("a@example.org\nBcc: b@example.org"))


def test_a_gateway_that_speaks_something_else_is_busy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = Thread(target=_answer, args=(server,))
        answering.start()
        with pytest.raises(Busy):
            carrier(f"http://127.0.0.1:{server.getsockname()[1]}/").send(an_envelope())
        answering.join()


def _answer(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(b"what?\r\n\r\n")


def test_a_sink_that_cannot_be_written_is_busy(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way", "utf-8")
    with pytest.raises(Busy):
        FileSink(tmp_path / "out").send(an_envelope())


def test_packages_are_told_when_they_are_ready(house: House) -> None:
    house.running.follow("certificate", (CASE, 1, assembled("CY03")))
    assert [message["kind"] for message in house.messages().values()] == ["ready"]


def test_the_end_of_a_draft_is_told_under_the_id_of_the_draft(house: House) -> None:
    house.running.follow("intake", (CASE, 1, DraftExpiring(at=NOON, by="system", draft=CASE, expires_at=NOON)))

    (message,) = house.messages().values()
    assert (message["kind"], message["data"]) == ("draft_expiring", {"until": str(NOON.date())})


def test_a_later_package_of_an_item_is_told_by_the_name_of_the_item(house: House) -> None:
    house.running.follow("certificate", (CASE, 1, assembled("CY03.2")))
    house.work_off()

    (envelope,) = house.recorder.taken
    assert "食品经营许可" in envelope.text
    assert "CY03" not in envelope.text


@pytest.mark.parametrize(
    ("ground", "kind"),
    [
        ("false_promise", "revoked"),
        ("verification_failed", "revoked"),
        ("unlawful", "revoked"),
        ("fraud", "revoked"),
        ("holder_request", "cancelled"),
        ("ceased", "cancelled"),
    ],
)
def test_what_is_cancelled_is_not_told_as_revoked(house: House, ground: RevocationGround, kind: str) -> None:
    """撤销 (行政许可法 第69条) takes an approval back; 注销 (第70条) strikes off what has ended."""
    revoked = DecisionRevoked(
        case_id=CASE, at=NOON, by="r", item="CY03", handler="scjg", decision="d", ground=ground, reasons="x",
        remedy="y", approved_by="b",
    )  # fmt: skip
    house.running.follow("approval", (CASE, 1, revoked))

    assert [message["kind"] for message in house.messages().values()] == [kind]


def test_what_only_lists_things_is_said_once(house: House) -> None:
    house.running.follow("certificate", (CASE, 1, assembled("CY03")), (CASE, 2, assembled("CY04")))
    house.work_off()

    (envelope,) = house.recorder.taken
    assert envelope.text.count("可领取") == 1
    assert "食品经营许可核发" in envelope.text
    assert "户外招牌" in envelope.text


@pytest.mark.parametrize(
    ("channel", "deemed", "told"), [("window", False, []), ("window", True, ["accepted"]), ("web", False, ["accepted"])]
)
def test_who_did_not_stand_at_the_window_is_told_of_the_acceptance(
    house: House, channel: Any, deemed: bool, told: list[str]
) -> None:
    # 行政许可法 第32条末款
    accepted = ItemsAccepted(
        case_id=CASE, at=NOON, by="x", number="n", theme="CY", catalogue="c", region="990102", hall="county", window="",
        items=(Acceptance(item="CY03", handler="scjg", grant="g", grant_position=1, in_name_of="scjg", notice="n"),),
        plan=(PlannedItem("CY03", "selected"),), materials=(), channel=channel, deemed=deemed,
    )  # fmt: skip
    house.running.follow("intake", (CASE, 1, accepted))
    try:
        kinds = [message["kind"] for message in house.messages().values()]
    except NotFound:
        kinds = []

    assert kinds == told


def test_a_halls_name_is_asked_for_once_in_a_while_and_left_out_where_nobody_knows_it() -> None:
    asked: list[str] = []
    clock = SimulatedClock(NOON)

    def ask(query: GetTree) -> list[dict[str, str]]:
        asked.append(query.root)
        if query.root == "nowhere":
            raise NotFound(what="hall", id=query.root)
        return [{"hall": query.root, "name": "大厅"}]

    names = HallNames(ask, clock.now)
    assert [names("county"), names("county"), names("nowhere"), names("")] == ["大厅", "大厅", "", ""]
    assert asked == ["county", "nowhere"]
    clock.advance(timedelta(hours=1))
    assert names("county") == "大厅"
    assert asked == ["county", "nowhere", "county"]
