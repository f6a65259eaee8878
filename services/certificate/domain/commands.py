"""What this service tells itself to do because of what approval decided."""

from typing import ClassVar

from certificate.domain.standing import Ground, Verdict
from contracts.certificate import OutputMode
from contracts.language import Command


class PlanOutput(Command, frozen=True, kw_only=True):
    """A case was taken up by the departments: its results will leave here."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    number: str
    theme: str
    catalogue: str
    region: str
    mode: OutputMode
    items: tuple[str, ...]
    hall: str = ""


class IssueCertificates(Command, frozen=True, kw_only=True):
    """An item was granted: issue what it yields."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    item: str
    issuer: str
    decision: str = ""


class IssueDenial(Command, frozen=True, kw_only=True):
    """An item was denied: issue the document that says why, and how to contest it."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    item: str
    issuer: str
    decision: str
    reasons: str
    remedy: str


class ConcludeOutput(Command, frozen=True, kw_only=True):
    """Every item has come to its end."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    verdict: Verdict
    items: tuple[str, ...] = ()


class ReopenOutput(Command, frozen=True, kw_only=True):
    """Items were joined to the case, or are decided again: more results may come."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    items: tuple[str, ...]
    again: tuple[str, ...] = ()


class CorrectCertificates(Command, frozen=True, kw_only=True):
    """A decision was put right: its documents are issued again."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    item: str
    decision: str
    correction: str


class VoidCertificates(Command, frozen=True, kw_only=True):
    """A decision was void: so is what was issued on it, and another decision will come."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    item: str
    ground: str


class RevokeCertificates(Command, frozen=True, kw_only=True):
    """An approval was taken back: what was issued on it has lost its force."""

    SERVICE: ClassVar[str] = "certificate"
    case_id: str
    item: str
    ground: Ground
