"""What a certificate says as data: its names, its identifier, and the bytes that its seal is over."""

from collections.abc import Callable
from datetime import date
from typing import Any

from msgspec import Struct

from catalogue.model import Catalogue
from certificate.domain.waiting import Limits
from contracts.certificate import CertificateIssued
from kernel.digests import canonical
from kernel.identifiers import certificate_id

FICTIONAL_TYPE = "001"
"""Type number where the catalogue names no kind of certificate: made up, to be configured by the locality."""

SEALED_FIELDS = (
    "certificate",
    "item",
    "output",
    "kind",
    "title",
    "number",
    "issuer",
    "issued_on",
    "edition",
    "identifier",
)
SEALED_IF_SAID = ("parts", "replaces", "decision", "reasons", "remedy", "correction")
"""Fields that are part of the sealed data where a certificate has them."""


class Mark(Struct, frozen=True):
    """A seal, and the id of the key that it was made with."""

    key: str
    seal: str


Sealer = Callable[[str, bytes], Mark]
"""(issuer, text) → the issuer's seal over it."""


class Means(Struct, frozen=True, kw_only=True):
    """What issuing needs from outside: the catalogue, a serial number, the day, the issuers' seals, the limits."""

    catalogue: Catalogue
    serial: int
    day: date
    seal: Sealer
    limits: Limits

    def number(self, place: int) -> str:
        """A fresh number: the day, the serial number, and a place within it from 1."""
        return f"{self.day:%Y%m%d}{self.serial:06d}{place:02d}"


def sealed_data(case_id: str, data: dict[str, Any] | CertificateIssued) -> bytes:
    """What a certificate's seal is over: its case and its data as canonical JSON, nothing personal."""
    return canonical(data_of(case_id, data))


def data_of(case_id: str, data: dict[str, Any] | CertificateIssued) -> dict[str, Any]:
    """A certificate as data."""

    def said(name: str) -> Any:
        return data.get(name) if isinstance(data, dict) else getattr(data, name)

    extra = {name: said(name) for name in SEALED_IF_SAID if said(name)}
    return {"case_id": case_id, **{name: said(name) for name in SEALED_FIELDS}, **extra}


def identifier(catalogue: Catalogue, kind: str | None, issuer: str, serial: str, edition: int) -> str:
    """电子证照标识 (GB/T 36904) of a certificate of this kind; empty where no authority has a code.

    Where the catalogue names no kind of certificate, the type code is the issuer's own code and a fictional
    number; an issuer without a unified social credit code is named by its region.
    """
    organisation = catalogue.organisations.get(issuer)
    issuer_code = organisation.uscc if organisation else None
    type_code = catalogue.certificate_type(kind) or (issuer_code and issuer_code + FICTIONAL_TYPE)
    if not type_code:
        return ""
    return certificate_id(type_code, issuer_code or catalogue.region, serial, edition)


def next_identifier(before: str, edition: int) -> str:
    """The identifier of a later edition: the version counts on, everything else stays."""
    type_code, issuer, serial, _version, _check = before.split(".")[-5:]
    return certificate_id(type_code, issuer, serial, edition)
