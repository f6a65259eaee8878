"""notification as a service: messages are prepared by what happened, sent off the hot path, confirmed by carriers."""

from collections.abc import Iterator
from typing import Any

from contracts.language import Act, Caller
from contracts.notification import ConfirmMessage, GetCorrespondence, ListUndelivered, ResendMessage
from eventing.backlog import Backlog, Row
from eventing.catalogues import Catalogues
from eventing.dependency import HostDependency
from eventing.keyring import Keyring
from eventing.service import Service, command, query, reaction
from eventing.store import segment_of
from notification.carriers import Carrier, carrier
from notification.domain import (
    Correspondence,
    PrepareMessage,
    RecordFailure,
    RecordSending,
    SenderOnly,
)
from notification.policies import REACTIONS
from notification.projections import MESSAGES, OLDEST_FIRST, due, late, undelivered
from notification.sender import HallNames, Sender
from telemetry.metrics import Sample

PAGE = 200
"""Messages on a page of a list at most."""

ABREAST = 16
"""Cases whose messages leave at the same time."""


class Carriers(HostDependency):
    """Gives the service its carriers, what halls are called, and which cases are this replica's share."""

    def make(self) -> "Carriers":
        settings = self.host.settings
        self.by_channel: dict[str, Carrier] = {
            "sms": carrier(settings.notification_sms),
            "app": carrier(settings.notification_app),
            "mail": carrier(settings.notification_mail),
        }
        self.hall_names = HallNames(self.host.client.ask, self.host.clock.now)
        return self

    def is_mine(self, case_id: str) -> bool:
        """Whether this replica sends for the case."""
        return segment_of(case_id) in self.host.segments.mine


class Notification(Service):
    """消息送达."""

    name = "notification"
    aggregates = (Correspondence,)
    views = (MESSAGES,)
    reactions = REACTIONS
    catalogues = Catalogues()
    keyring = Keyring()
    carriers = Carriers()

    @command(ConfirmMessage, on=Correspondence)
    def confirm_message(self, correspondence: Correspondence, cmd: ConfirmMessage, act: Act) -> dict[str, Any]:
        """What became of a message."""
        correspondence.confirm(cmd, act=act)
        return {"message": cmd.message, "state": correspondence.messages[cmd.message].state.value}

    @command(ResendMessage, on=Correspondence)
    def resend_message(self, correspondence: Correspondence, cmd: ResendMessage, act: Act) -> dict[str, Any]:
        """Once more."""
        correspondence.resend(cmd.message, act=act)
        self._wake()
        return {"message": list(correspondence.messages)[-1]}

    @command(RecordSending, on=Correspondence)
    def record_sending(self, correspondence: Correspondence, cmd: RecordSending, act: Act) -> None:
        """A carrier took messages; only the sender can know."""
        self._is_sender(act)
        correspondence.sent(cmd, act=act)

    @command(RecordFailure, on=Correspondence)
    def record_failure(self, correspondence: Correspondence, cmd: RecordFailure, act: Act) -> None:
        """A carrier did not take messages; only the sender can know."""
        self._is_sender(act)
        correspondence.failed(cmd, act=act)

    def _is_sender(self, act: Act) -> None:
        if act.by != f"service:{self.name}":
            raise SenderOnly(by=act.by)

    @reaction(PrepareMessage, on=Correspondence)
    def prepare_message(self, correspondence: Correspondence, cmd: PrepareMessage, act: Act) -> None:
        """The applicant must learn something."""
        correspondence.prepare(cmd.kind, cmd.data, act=act)
        self._wake()

    @query(GetCorrespondence)
    def get_correspondence(self, query: GetCorrespondence, caller: Caller) -> dict[str, Any]:
        """All messages of a case."""
        correspondence: Correspondence = self.store.seen(Correspondence, query.case_id, query, caller)
        return {"case_id": query.case_id, "messages": correspondence.messages}

    @query(ListUndelivered)
    def list_undelivered(self, query: ListUndelivered, caller: Caller) -> dict[str, Any]:
        """What somebody has to tell in person, oldest first."""
        limit = max(1, min(query.limit, PAGE))
        rows = self.store.select(OLDEST_FIRST.page(undelivered(query), query.after, limit, reverse=query.reversed))
        return {"messages": [dict(row) for row in rows], "after": OLDEST_FIRST.cursor(rows, limit)}

    def samples(self) -> Iterator[Sample]:
        """ALARM: messages that do not leave."""
        (row,) = self.store.select(late(self.clock.now()))
        yield Sample("onething_late_messages", (self.name,), row["messages"])

    # the sender

    backlog: Backlog | None = None

    def started(self) -> None:
        """Sends what is due, until the service stops."""
        self.backlog = Backlog("notification", self._due, self._send, abreast=ABREAST)
        self.backlog.run()

    def stopping(self) -> None:
        """No further message is begun."""
        if self.backlog is not None:
            self.backlog.stop()

    def _wake(self) -> None:
        if self.backlog is not None:
            self.backlog.nudge()

    def _due(self, last: Row | None, limit: int) -> Any:
        return self.store.select(due(self.clock.now(), last["case_id"] if last else "", limit))

    def _send(self, row: Row) -> bool:
        case_id = row["case_id"]
        if not self.carriers.is_mine(case_id):
            return False
        correspondence: Correspondence = self.store.get(Correspondence, case_id)
        record = self._sender().send(correspondence, self.clock.now())
        if record is None:
            return False
        attempts = sum(correspondence.messages[each].attempts for each in record.messages)
        self.peers.command(record, id=f"sending/{case_id}/{'-'.join(record.messages)}/{attempts}")
        return isinstance(record, RecordSending)

    def _sender(self) -> Sender:
        return Sender(
            self.peers.ask, self.keyring, self.catalogues.at, self.carriers.by_channel, self.carriers.hall_names
        )
