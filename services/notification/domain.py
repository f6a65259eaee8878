"""The correspondence of one case: every message to its applicant, from the reason for it to its delivery."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from contracts.language import Act, Command
from contracts.notification import (
    ConfirmMessage,
    MessageChannel,
    MessageDelivered,
    MessageKind,
    MessagePrepared,
    MessagesSent,
    SendingFailed,
)
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, NotFound, Refused

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))
"""Between attempts; after the last one somebody has to tell the applicant in person."""


class AlreadyDelivered(Refused):
    """The message reached the applicant."""


class NotSent(Refused):
    """A carrier can report only of what it took."""


class SenderOnly(Forbidden):
    """What was given to a carrier only the sender itself can say."""


class PrepareMessage(Command, frozen=True, kw_only=True):
    """Something happened that the applicant must learn."""

    SERVICE: ClassVar[str] = "notification"
    case_id: str
    kind: MessageKind
    data: dict[str, str]


class RecordSending(Command, frozen=True, kw_only=True):
    """A carrier took these messages."""

    SERVICE: ClassVar[str] = "notification"
    case_id: str
    messages: tuple[str, ...]
    channel: MessageChannel
    reference: str
    digest: str


class RecordFailure(Command, frozen=True, kw_only=True):
    """A carrier did not take these messages; ``is_final``: it never will."""

    SERVICE: ClassVar[str] = "notification"
    case_id: str
    messages: tuple[str, ...]
    channel: MessageChannel | None
    reason: str
    is_final: bool = False


class State(StrEnum):
    """How far a message came."""

    PREPARED = "prepared"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    """No carrier could bring it."""


OPEN = (State.PREPARED, State.UNDELIVERED)


class Message(Struct, frozen=True):
    """One message: what it says as data, and how far it came."""

    kind: MessageKind
    data: dict[str, str]
    prepared_at: datetime
    state: State = State.PREPARED
    attempts: int = 0
    next_at: datetime | None = None
    channel: MessageChannel | None = None
    reference: str = ""
    digest: str = ""
    reason: str = ""


class Correspondence(Aggregate):
    """All messages of one case."""

    messages: dict[str, Message]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.messages = {}

    def reach(self) -> Reach:
        """Whom its case concerns, which intake knows."""
        return Reach(subjects=None)

    def prepare(self, kind: MessageKind, data: dict[str, str], *, act: Act) -> None:
        """Notes what the applicant must learn; it leaves as soon as a carrier takes it."""
        self.record(MessagePrepared, act, message=f"m{len(self.messages) + 1}", kind=kind, data=data)

    @applies(MessagePrepared)
    def _prepared(self, fact: MessagePrepared) -> None:
        self.messages[fact.message] = Message(fact.kind, fact.data, fact.at, next_at=fact.at)

    def sent(self, command: RecordSending, *, act: Act) -> None:
        """A carrier took messages; what it took before is no news."""
        news = tuple(each for each in command.messages if self._message(each).state is State.PREPARED)
        if news:
            self.record(
                MessagesSent,
                act,
                messages=news,
                channel=command.channel,
                reference=command.reference,
                digest=command.digest,
            )

    @applies(MessagesSent)
    def _sent(self, fact: MessagesSent) -> None:
        for each in fact.messages:
            self._change(
                each,
                state=State.SENT,
                attempts=self.messages[each].attempts + 1,
                next_at=None,
                channel=fact.channel,
                reference=fact.reference,
                digest=fact.digest,
            )

    def failed(self, command: RecordFailure, *, act: Act) -> None:
        """A carrier did not take messages: they are tried again after a pause, or given up."""
        waiting = [each for each in command.messages if self._message(each).state is State.PREPARED]
        if not waiting:
            return
        attempts = max(self.messages[each].attempts for each in waiting)
        again = None if command.is_final or attempts >= len(PAUSES) else act.at + PAUSES[attempts]
        self.record(
            SendingFailed,
            act,
            messages=tuple(waiting),
            channel=command.channel,
            reason=command.reason,
            again_at=again,
        )

    @applies(SendingFailed)
    def _failed(self, fact: SendingFailed) -> None:
        for each in fact.messages:
            self._change(
                each,
                state=State.PREPARED if fact.again_at else State.UNDELIVERED,
                attempts=self.messages[each].attempts + 1,
                next_at=fact.again_at,
                channel=fact.channel,
                reason=fact.reason,
            )

    def confirm(self, command: ConfirmMessage, *, act: Act) -> None:
        """What became of a message; told in person is delivered, whatever the carriers did."""
        message = self._message(command.message)
        if message.state is State.DELIVERED:
            if command.outcome == "bounced":
                raise AlreadyDelivered(message=command.message)
            return
        if command.channel != "in_person" and message.state is not State.SENT:
            raise NotSent(message=command.message, state=message.state)
        if command.outcome == "delivered":
            self.record(
                MessageDelivered,
                act,
                message=command.message,
                channel=command.channel,
                reference=command.reference,
            )
        elif message.state is State.SENT:
            self.record(SendingFailed, act, messages=(command.message,), channel=command.channel, reason="bounced")

    @applies(MessageDelivered)
    def _delivered(self, fact: MessageDelivered) -> None:
        self._change(fact.message, state=State.DELIVERED, next_at=None, channel=fact.channel)

    def resend(self, name: str, *, act: Act) -> None:
        """Prepares the same message anew; the first one stays as it ended. What still waits is no news."""
        message = self._message(name)
        if message.state is State.PREPARED:
            return
        if message.state is State.DELIVERED:
            raise AlreadyDelivered(message=name)
        self.prepare(message.kind, {**message.data, "again": name}, act=act)

    def _message(self, name: str) -> Message:
        if name not in self.messages:
            raise NotFound(what="message", id=name)
        return self.messages[name]

    def _change(self, name: str, **changes: object) -> None:
        self.messages[name] = replace(self.messages[name], **changes)
