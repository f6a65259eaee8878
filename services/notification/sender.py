"""The sender: from what waits in a case's correspondence to a carrier, and back to the record.

Personal data is read here and nowhere else in this service: the address is unsealed while a message leaves, and is
kept by nobody.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from catalogue.model import Catalogue
from contracts.halls import GetTree
from contracts.intake import Applicant, GetHolder, Holder
from contracts.notification import MessageChannel
from eventing.errors import NotFound, OneThingError
from eventing.keyring import Erased, KeyRing
from kernel.digests import digest
from notification import words
from notification.carriers import Busy, Carrier, Envelope, Refusal
from notification.domain import Correspondence, Message, RecordFailure, RecordSending, State

NAMED_FOR = timedelta(minutes=10)
"""How long a hall's name is taken for granted."""


class HallNames:
    """What people call halls, asked of halls and remembered for a while."""

    def __init__(self, ask: Callable[[Any], Any], now: Callable[[], datetime]) -> None:
        self._ask = ask
        self._now = now
        self._known: dict[str, tuple[str, datetime]] = {}

    def __call__(self, hall: str) -> str:
        """The hall's name; empty where nobody can say."""
        name, until = self._known.get(hall, ("", datetime.min.replace(tzinfo=UTC)))
        if hall and until <= self._now():
            try:
                found = self._ask(GetTree(root=hall))
            except OneThingError:
                return ""
            name = next((str(each["name"]) for each in found if each["hall"] == hall), "")
            self._known[hall] = name, self._now() + NAMED_FOR
        return name


class Sender:
    """Sends what is due in a case; several messages of a case leave as one."""

    def __init__(
        self,
        ask: Callable[[Any], Any],
        keyring: KeyRing,
        catalogue: Callable[[str], Catalogue],
        carriers: Mapping[str, Carrier],
        hall_name: Callable[[str], str],
    ) -> None:
        self._ask = ask
        self._keyring = keyring
        self._catalogue = catalogue
        self._carriers = carriers
        self._hall_name = hall_name

    def send(self, correspondence: Correspondence, now: datetime) -> RecordSending | RecordFailure | None:
        """Sends what is due and returns what is to be recorded of it; None when nothing is due."""
        due = {
            name: message
            for name, message in correspondence.messages.items()
            if message.state is State.PREPARED and message.next_at is not None and message.next_at <= now
        }
        if not due:
            return None
        case_id, names = correspondence.stream, tuple(due)
        try:
            holder = msgspec.convert(self._ask(GetHolder(case_id=case_id)), Holder)
            applicant = self._keyring.unseal(holder.applicant, case_id, Applicant)
        except Erased:
            return RecordFailure(case_id=case_id, messages=names, channel=None, reason="erased", is_final=True)
        except NotFound:
            return RecordFailure(case_id=case_id, messages=names, channel=None, reason="unavailable")
        attempts = max(message.attempts for message in due.values())
        ways = addresses(applicant, holder)
        if not ways:
            return RecordFailure(case_id=case_id, messages=names, channel=None, reason="no-address", is_final=True)
        way = ways[attempts % len(ways)]
        return self._leave(case_id, due, holder, way=way, now=now)

    def _leave(
        self,
        case_id: str,
        due: Mapping[str, Message],
        holder: Holder,
        *,
        way: tuple[MessageChannel, str],
        now: datetime,
    ) -> RecordSending | RecordFailure:
        names, (channel, address) = tuple(due), way
        text = words.text(
            due.values(),
            number=holder.number,
            theme=holder.theme,
            hall=self._hall_name(holder.hall),
            catalogue=self._catalogue(holder.catalogue),
        )
        envelope = Envelope(
            id=f"{case_id}-{'-'.join(names)}",
            channel=channel,
            address=address,
            subject=words.subject(holder.number),
            text=text,
            at=now,
        )
        try:
            reference = self._carriers[channel].send(envelope)
        except Refusal:
            return RecordFailure(case_id=case_id, messages=names, channel=channel, reason="refused")
        except Busy:
            return RecordFailure(case_id=case_id, messages=names, channel=channel, reason="unavailable")
        return RecordSending(
            case_id=case_id, messages=names, channel=channel, reference=reference, digest=digest(text.encode())
        )


def addresses(applicant: Applicant, holder: Holder) -> list[tuple[MessageChannel, str]]:
    """The ways to the applicant, best first: the app for who came by it, then the phone, then mail."""
    ways: list[tuple[MessageChannel, str]] = []
    if holder.channel in ("mobile", "web") and holder.applicant_index:
        ways.append(("app", holder.applicant_index))
    if applicant.mobile:
        ways.append(("sms", applicant.mobile))
    if applicant.mail:
        ways.append(("mail", applicant.mail))
    return ways
