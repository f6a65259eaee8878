"""A case's correspondence: prepared by what happened, taken by a carrier, confirmed or told in person."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.notification import ConfirmMessage, MessageDelivered, MessagePrepared, MessagesSent, SendingFailed
from eventing.errors import NotFound, OneThingError
from notification.domain import PAUSES, AlreadyDelivered, Correspondence, NotSent, RecordFailure, RecordSending, State
from testkit.facts import NOON, an_act, fact, facts, given, refused, replayed

CASE = "case-1"


def a_correspondence(*kinds: str) -> Correspondence:
    correspondence = Correspondence(CASE)
    for kind in kinds:
        correspondence.prepare(kind, {"items": "CY03"}, act=an_act())  # type: ignore[arg-type]
    return given(correspondence)


def sending(*messages: str) -> RecordSending:
    return RecordSending(case_id=CASE, messages=messages, channel="sms", reference="r1", digest="sha256:0")


def failure(*messages: str, is_final: bool = False) -> RecordFailure:
    return RecordFailure(case_id=CASE, messages=messages, channel="sms", reason="unavailable", is_final=is_final)


def confirmation(message: str, outcome: str = "delivered", channel: str = "sms") -> ConfirmMessage:
    return ConfirmMessage(case_id=CASE, message=message, outcome=outcome, channel=channel)  # type: ignore[arg-type]


def test_what_the_applicant_must_learn_is_prepared() -> None:
    correspondence = Correspondence(CASE)
    correspondence.prepare("denied", {"items": "CY03"}, act=an_act())

    assert facts(correspondence) == [
        (MessagePrepared.__name__, {"message": "m1", "kind": "denied", "data": {"items": "CY03"}})
    ]


def test_several_messages_leave_as_one_and_once() -> None:
    correspondence = a_correspondence("denied", "ready")
    correspondence.sent(sending("m1", "m2"), act=an_act())
    correspondence.sent(sending("m1", "m2"), act=an_act())

    assert facts(correspondence) == [
        fact(MessagesSent, messages=("m1", "m2"), channel="sms", reference="r1", digest="sha256:0")
    ]


def test_what_no_carrier_takes_is_tried_again_and_then_given_to_people() -> None:
    correspondence = a_correspondence("denied")
    for pause in PAUSES:
        correspondence.failed(failure("m1"), act=an_act())
        assert correspondence.messages["m1"].next_at == NOON + pause
    correspondence.failed(failure("m1"), act=an_act())

    assert correspondence.messages["m1"].state is State.UNDELIVERED
    assert correspondence.messages["m1"].next_at is None


def test_a_final_failure_is_not_tried_again() -> None:
    correspondence = a_correspondence("denied")
    correspondence.failed(failure("m1", is_final=True), act=an_act())

    assert facts(correspondence) == [fact(SendingFailed, messages=("m1",), channel="sms", reason="unavailable")]


def test_a_carrier_reports_delivery_once() -> None:
    correspondence = a_correspondence("denied")
    correspondence.sent(sending("m1"), act=an_act())
    given(correspondence)
    correspondence.confirm(confirmation("m1"), act=an_act())
    correspondence.confirm(confirmation("m1"), act=an_act())

    assert facts(correspondence) == [fact(MessageDelivered, message="m1", channel="sms")]
    with refused(AlreadyDelivered, message="m1"):
        correspondence.confirm(confirmation("m1", "bounced"), act=an_act())


def test_what_bounced_is_somebodys_task_until_the_applicant_is_told_in_person() -> None:
    correspondence = a_correspondence("denied")
    correspondence.sent(sending("m1"), act=an_act())
    correspondence.confirm(confirmation("m1", "bounced"), act=an_act())
    assert correspondence.messages["m1"].state.value == "undelivered"

    correspondence.confirm(confirmation("m1", channel="in_person"), act=an_act())
    assert correspondence.messages["m1"].state.value == "delivered"


def test_a_carrier_reports_only_of_what_it_took() -> None:
    with refused(NotSent, message="m1"):
        a_correspondence("denied").confirm(confirmation("m1"), act=an_act())
    with pytest.raises(NotFound):
        a_correspondence().confirm(confirmation("m1"), act=an_act())


def test_a_message_is_sent_again_as_a_new_one() -> None:
    correspondence = a_correspondence("denied")
    correspondence.resend("m1", act=an_act())
    assert facts(correspondence) == []

    correspondence.sent(sending("m1"), act=an_act())
    correspondence.resend("m1", act=an_act())
    assert correspondence.messages["m2"].data == {"items": "CY03", "again": "m1"}

    correspondence.confirm(confirmation("m1"), act=an_act())
    with refused(AlreadyDelivered):
        correspondence.resend("m1", act=an_act())


class Letters(RuleBasedStateMachine):
    """Random walks against a model that knows only what is waiting, out, arrived or stuck."""

    def __init__(self) -> None:
        super().__init__()
        self.correspondence = Correspondence(CASE)
        self.model: dict[str, str] = {}
        self.tries: dict[str, int] = {}
        self.at = NOON

    def names(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([*self.model, "m0"]))

    @rule()
    def prepare(self) -> None:
        self.correspondence.prepare("ready", {}, act=an_act(at=self.at))
        name = f"m{len(self.model) + 1}"
        self.model[name], self.tries[name] = "prepared", 0

    @rule(minutes=st.integers(0, 600))
    def wait(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(data=st.data(), final=st.booleans())
    def fail(self, data: st.DataObject, final: bool) -> None:
        name = self.names(data)
        try:
            self.correspondence.failed(failure(name, is_final=final), act=an_act(at=self.at))
        except OneThingError:
            assert name == "m0"
            return
        if self.model[name] == "prepared":
            self.tries[name] += 1
            if final or self.tries[name] > 5:
                self.model[name] = "undelivered"

    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        name = self.names(data)
        try:
            self.correspondence.sent(sending(name), act=an_act(at=self.at))
        except OneThingError:
            assert name == "m0"
            return
        if self.model[name] == "prepared":
            self.model[name] = "sent"

    @rule(
        data=st.data(), outcome=st.sampled_from(["delivered", "bounced"]), channel=st.sampled_from(["sms", "in_person"])
    )
    def confirm(self, data: st.DataObject, outcome: str, channel: str) -> None:
        name = self.names(data)
        before = self.model.get(name)
        try:
            self.correspondence.confirm(confirmation(name, outcome, channel), act=an_act(at=self.at))
        except OneThingError:
            late = before == "delivered" and outcome == "bounced"
            early = before in ("prepared", "undelivered") and channel == "sms"
            assert before is None or late or early
            return
        if outcome == "delivered":
            self.model[name] = "delivered"
        elif before == "sent":
            self.model[name] = "undelivered"

    @invariant()
    def agrees(self) -> None:
        assert {name: m.state.value for name, m in self.correspondence.messages.items()} == self.model
        for message in self.correspondence.messages.values():
            assert (message.next_at is not None) == (message.state is State.PREPARED)

    def teardown(self) -> None:
        past = list(self.correspondence.pending)
        again = replayed(Correspondence(CASE), past)
        assert again.messages == self.correspondence.messages


TestLetters = Letters.TestCase
TestLetters.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
