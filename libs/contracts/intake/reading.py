"""What is asked of a case: its state, its papers, whose it is."""

from typing import Any, ClassVar, Literal

import msgspec

from contracts.intake.answers import CaseDetail, CasePage, MaterialTerms, NoticeAnswer, PaperAnswer
from contracts.intake.values import Format
from contracts.language import Query, Sealed


class GetCase(Query, frozen=True, kw_only=True):
    """One case as intake knows it; personal data only for those who may see it."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}"
    ANSWER: ClassVar[Any] = CaseDetail
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact", "identity", "form")
    case_id: str
    """The case's id or its number."""
    personal: bool = False
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""


class ListCases(Query, frozen=True, kw_only=True):
    """Cases by theme, hall and status, newest first unless told otherwise, by cursor."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /cases"
    ANSWER: ClassVar[Any] = CasePage
    theme: str = ""
    hall: str = ""
    status: str = ""
    sort: Literal["newest", "oldest"] = "newest"
    """By when they were opened."""
    after: str = ""
    limit: int = 50


class FindCases(Query, frozen=True, kw_only=True):
    """Open and closed cases of one applicant, newest first: by the identifier that somebody shows or that is scanned.

    It is compared as a blind index and stands in no address. Cases of the halls of whoever asks, and no others.
    """

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "POST /cases/find"
    ANSWER: ClassVar[Any] = CasePage
    identifier: str
    theme: str = ""
    status: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class GetNotice(Query, frozen=True, kw_only=True):
    """The one-time notice as a document: of a case, or for answers before any case exists."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "POST /notices/read"
    ANSWER: ClassVar[Any] = NoticeAnswer
    case_id: str = ""
    theme: str = ""
    answers: dict[str, str] = {}
    format: Format = "data"


class GetPaper(Query, frozen=True, kw_only=True):
    """A numbered document of a case: receipt, correction, acceptance, tolerance, non-acceptance, return.

    Without a number: which there are.
    """

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "POST /cases/{case_id}/papers/read"
    ANSWER: ClassVar[Any] = PaperAnswer
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact",)
    case_id: str
    number: str = ""
    format: Format = "data"
    identifier: str = ""
    """The applicant's, who asks for a document of their own."""
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""


class Holder(msgspec.Struct, frozen=True):
    """The answer to ``GetHolder``: the sealed ``Applicant``, and the key that it and the case's documents are under."""

    applicant: Sealed
    key_id: str
    number: str = ""
    theme: str = ""
    catalogue: str = ""
    hall: str = ""
    channel: str = ""
    applicant_index: str = ""


class GetHolder(Query, frozen=True, kw_only=True):
    """Whom a case is about, still sealed: who renders a document for the applicant unseals it with the case's key."""

    SERVICE: ClassVar[str] = "intake"
    INTERNAL: ClassVar[str] = "sealed, for the services that write to the applicant"
    ANSWER: ClassVar[Any] = Holder
    case_id: str


class GetMaterialTerms(Query, frozen=True, kw_only=True):
    """What a file of a material of a case may be, before it is sent."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/material-terms/{material}"
    ANSWER: ClassVar[Any] = MaterialTerms
    case_id: str
    material: str


class ListKeptFiles(Query, frozen=True, kw_only=True):
    """The stored files that the facts of a case name, by the digest of what is stored."""

    SERVICE: ClassVar[str] = "intake"
    INTERNAL: ClassVar[str] = "It is asked before files that nobody names are swept away."
    ANSWER: ClassVar[Any] = tuple[str, ...]
    case_id: str
