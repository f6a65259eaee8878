"""The notification port: carriers that take a message to an applicant, chosen by the address of a setting.

``file:///folder`` writes what would be sent (addresses masked), ``http(s)://…`` posts it to a gateway of the
operator's, ``smtp://host:port?from=…`` is a mail server. A gateway gets the message's id as ``Idempotency-Key``: a
message that was sent just before a crash is offered again under the same id.
"""

import json
import os
import smtplib
import urllib.error
import urllib.request
from datetime import datetime
from email.message import EmailMessage
from http.client import HTTPException
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct
from msgspec.structs import asdict, replace

from contracts.notification import MessageChannel
from kernel.clock import local_date

PATIENCE = 10.0
"""Seconds that a gateway has to answer."""


class Refusal(Exception):
    """The carrier will never take this message to this address."""


class Busy(Exception):
    """The carrier cannot be reached, or takes nothing now."""


class Envelope(Struct, frozen=True):
    """One message as it leaves the house. It holds personal data: it is given to the carrier and kept nowhere."""

    id: str
    channel: MessageChannel
    address: str
    subject: str
    text: str
    at: datetime


class Carrier(Protocol):
    """Takes envelopes."""

    def send(self, envelope: Envelope) -> str:
        """The carrier's receipt. Raises Refusal or Busy."""


class FileSink:
    """Writes envelopes into a file a day, one JSON object a line; the address is masked, for the file stays here."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, envelope: Envelope) -> str:
        """The file's name and the id."""
        path = self._folder / f"{local_date(envelope.at)}.jsonl"
        line = json.dumps(asdict(replace(envelope, address=masked(envelope.address))), ensure_ascii=False, default=str)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise Busy(type(error).__name__) from error
        return f"{path.name}#{envelope.id}"


class Gateway:
    """Posts envelopes as JSON; 2xx is taken, 4xx refused, all else to be tried again."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, envelope: Envelope) -> str:
        """``reference`` of the gateway's answer, or the id."""
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked where the carrier was chosen
            self._url,
            data=json.dumps(asdict(envelope), ensure_ascii=False, default=str).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": envelope.id},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                body = answer.read(65_536)
        except urllib.error.HTTPError as error:
            if 400 <= error.code < 500 and error.code not in (408, 425, 429):
                raise Refusal(str(error.code)) from error
            raise Busy(str(error.code)) from error
        except (OSError, HTTPException) as error:
            raise Busy(type(error).__name__) from error
        try:
            return str(json.loads(body)["reference"])
        except (ValueError, KeyError, TypeError):
            return envelope.id


class MailServer:
    """Hands envelopes to a mail server."""

    def __init__(self, host: str, port: int, sender: str) -> None:
        self._host, self._port, self._sender = host, port, sender

    def send(self, envelope: Envelope) -> str:
        """The message's id in the mail."""
        mail = EmailMessage()
        mail["From"], mail["Subject"] = self._sender, envelope.subject
        try:
            mail["To"] = envelope.address
        except ValueError as error:  # not the text of it: it holds the address
            raise Refusal("address") from error
        mail["Message-ID"] = f"<{envelope.id}@{self._sender.rpartition('@')[2]}>"
        mail.set_content(envelope.text)
        try:
            with smtplib.SMTP(self._host, self._port, timeout=PATIENCE) as server:
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise Refusal("recipient") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Busy(type(error).__name__) from error
        return str(mail["Message-ID"])


def carrier(url: str) -> Carrier:
    """The carrier behind an address; raises ValueError for one that no carrier has."""
    parts = urlsplit(url)
    match parts.scheme:
        case "file":
            return FileSink(Path(unquote(parts.path)))
        case "http" | "https":
            return Gateway(url)
        case "smtp" if parts.hostname:
            sender = parse_qs(parts.query).get("from", ["onething@localhost"])[0]
            return MailServer(parts.hostname, parts.port or 25, sender)
        case _:
            raise ValueError(url)


def masked(address: str) -> str:
    """An address that cannot be used and still be told from others: 138****0000."""
    return f"{address[:3]}****{address[-4:]}" if len(address) > 7 else "****"
