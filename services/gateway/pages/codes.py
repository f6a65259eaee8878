"""Codes on paper and on screens: of a case's receipt, and the short-lived one that carries a draft to a kiosk.

What is printed is made and read with the house's own key (``eventing.printed``), the same that outreach reads ratings
and visits by.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import falcon
from msgspec import Struct

from contracts.language import Caller
from eventing.printed import Codes
from gateway.backend import Backend
from gateway.identity.sessions import Box
from kernel.identifiers import InvalidIdentifier
from kernel.numbers import check_case_number

CARRIED = timedelta(minutes=5)
"""So long a code that a phone shows opens its draft at a kiosk, and so long the kiosk holds it."""


def printed(backend: Backend) -> Codes:
    """The house's codes."""
    return Codes(backend.settings.derived_key("printed codes"))


def receipt_of(backend: Backend, number: str) -> str:
    """The code on the receipt of a case."""
    return printed(backend).code("receipt", number)


def public(backend: Backend, req: falcon.Request, path: str) -> str:
    """An address for paper: below the house's public address where one is set, else below the one that was asked."""
    return f"{backend.settings.public_url.rstrip('/') or req.prefix}{path}"


def last_part(scanned: str) -> str:
    """The code in what was typed or scanned: the code itself, or an address that ends with it."""
    text = scanned.strip()
    return urlsplit(text).path.rpartition("/")[2] if "://" in text else text


def number_in(scanned: str) -> str:
    """The case's number in what was typed or scanned: a number, a code, an address; empty where there is none."""
    number = last_part(scanned).partition(".")[0]
    try:
        return str(check_case_number(number))
    except InvalidIdentifier:
        return ""


class Carried(Struct, frozen=True):
    """A draft on its way to another machine, and in whose name it is gone on with there."""

    draft: str
    by: str
    subject: str
    until: datetime

    @property
    def caller(self) -> Caller:
        """Its owner, as the services see them."""
        return Caller(by=self.by, subject=self.subject, roles=("applicant",))


def carry(backend: Backend, draft: str, owner: Caller) -> str:
    """A sealed text for the owner's own phone to show: nobody can read or make it, and it soon is of no use."""
    return _box(backend).seal(Carried(draft, owner.by, owner.subject, backend.now() + CARRIED))


def carried(backend: Backend, text: str) -> Carried | None:
    """What such a text says; None where the house did not make it, or its time is over."""
    found = _box(backend).open(last_part(text), Carried)
    return found if found is not None and found.until > backend.now() else None


def _box(backend: Backend) -> Box:
    return Box(backend.signing_keys("carried drafts"), "carried draft")
