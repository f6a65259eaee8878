"""What intake answers of a case."""

from datetime import date, datetime
from typing import Any, Literal

from contracts.intake.notices import Notice
from contracts.intake.values import (
    Applicant,
    Channel,
    CopyFault,
    CrossRegion,
    MaterialCopy,
    Mode,
    Origin,
    Signed,
)
from contracts.language import Answer


class NoticeRef(Answer, frozen=True, kw_only=True):
    """Which notice was given: its number, and the digest of its data."""

    number: str
    digest: str


class GivenNotice(NoticeRef, frozen=True, kw_only=True):
    """The notice that counts: the edition of its wording, and which notice of the case it is."""

    edition: int
    issue: int


class Tolerance(Answer, frozen=True, kw_only=True):
    """容缺: what may still come for an item, until when."""

    missing: tuple[str, ...]
    due_on: date
    mode: Literal["accept", "hold"]
    notice: str
    rested: bool = False
    """Nothing is waited for, because the item was denied."""


class CaseStanding(Answer, frozen=True, kw_only=True):
    """How a case stands after an act."""

    case_id: str
    number: str
    status: str
    items: dict[str, str]
    """Item → its state."""
    notice: NoticeRef
    tolerances: dict[str, Tolerance]


class Correction(Answer, frozen=True, kw_only=True):
    """补正告知: everything that was found to be missing."""

    notice: str
    missing: dict[str, tuple[str, ...]]
    fields: tuple[str, ...]


class CorrectionAsked(CaseStanding, frozen=True, kw_only=True):
    """How a case stands after a correction was asked for."""

    correction: Correction


class PendingCorrection(Correction, frozen=True, kw_only=True):
    """A correction that is waited for."""

    due_on: date | None


class FieldsWrong(Answer, frozen=True, kw_only=True):
    """The fields that were sent back, with what is wrong, and all that are to be filled."""

    case_id: str
    sent_back: dict[str, str]
    unfilled: tuple[str, ...]


class PlanStanding(Answer, frozen=True, kw_only=True):
    """An item of the plan: what it is to the case, who decides it, how far it is, and until when an answer is owed."""

    item: str
    standing: str
    state: str
    handler: str
    evidence: str
    acceptance_notice: str
    answer_due_at: datetime | None


class Violation(Answer, frozen=True, kw_only=True):
    """What was done against a rule that does not stop a case: it is shown to who supervises."""

    item: str
    what: str


class Choice(Answer, frozen=True, kw_only=True):
    """继续或者撤回: what the applicant chose after an item was denied."""

    choice: str
    because: tuple[str, ...]


class Declared(Answer, frozen=True, kw_only=True):
    """申请人声明: what the applicant wants to bring later or promises, and the commitment that they signed for it."""

    tolerate: tuple[str, ...]
    promise: tuple[str, ...]
    signed: Signed


class CaseDetail(Answer, frozen=True, kw_only=True):
    """A case in full: what it has, what it lacks, and what is owed until when."""

    case_id: str
    number: str
    version: int
    status: str
    theme: str
    catalogue: str
    mode: Mode
    region: str
    area: str
    hall: str
    window: str
    channel: Channel
    opened_at: datetime
    answers: dict[str, str]
    entry_item: str
    output_mode: str
    applicant_kind: Literal["natural", "legal"]
    cross_region: CrossRegion
    owner_hall: str
    forwarded_to: str
    by_agent: bool
    mandate: str
    """The mandate under which an agent opened it; empty where the applicant did."""
    items: dict[str, str]
    plan: tuple[PlanStanding, ...]
    notice: GivenNotice
    tolerances: dict[str, Tolerance]
    origins: tuple[Origin, ...]
    commitments: dict[str, tuple[str, ...]]
    held_until: dict[str, date]
    violations: tuple[Violation, ...]
    choice: Choice | None
    fields: dict[str, str]
    """Filled field → where its value came from."""
    materials: tuple[MaterialCopy, ...]
    missing: dict[str, tuple[str, ...]]
    unfilled: tuple[str, ...]
    correction: PendingCorrection | None
    outcome: str | None
    into: str
    applicant: Applicant | None = None
    """Only where personal data was asked for."""
    form: dict[str, str] | None = None
    """Field → value; only where personal data was asked for."""
    sent_back: dict[str, str] | None = None
    """Field that was sent back → what is wrong with it; only where personal data was asked for."""
    declared: Declared | None = None
    faults: dict[str, CopyFault] = {}
    """Copy that does not serve → what is wrong with it."""


class CaseRow(Answer, frozen=True, kw_only=True):
    """A case in the list; nothing in it is personal."""

    case_id: str
    number: str
    theme: str
    hall: str
    window: str
    channel: Channel
    mode: Mode
    status: str
    outcome: str
    items: dict[str, str]
    opened_at: datetime
    violations: int
    cross_region: CrossRegion


class CasePage(Answer, frozen=True, kw_only=True):
    """A page of cases."""

    cases: tuple[CaseRow, ...]
    after: str


class NoticeAnswer(NoticeRef, frozen=True, kw_only=True):
    """The one-time notice: as data, or as a document."""

    notice: Notice | None = None
    media_type: str = ""
    content: str = ""


class PaperRow(Answer, frozen=True, kw_only=True):
    """A paper of a case."""

    number: str
    kind: str
    given_at: datetime
    by: str


class PaperAnswer(Answer, frozen=True, kw_only=True):
    """The papers of a case, or one of them: as data, or as a document."""

    case_id: str = ""
    papers: tuple[PaperRow, ...] = ()
    number: str = ""
    kind: str = ""
    title: str = ""
    digest: str = ""
    document: dict[str, Any] | None = None
    """The paper's contents by its parts."""
    media_type: str = ""
    content: str = ""


class Prefilled(Answer, frozen=True, kw_only=True):
    """What need not be asked again: values with their provenance, and the required fields that remain."""

    applicant: Applicant | None
    values: dict[str, str]
    provenance: dict[str, str]
    unfilled: tuple[str, ...]


class MaterialTerms(Answer, frozen=True, kw_only=True):
    """What a file of a material may be, and the id of the key that its bytes are sealed with."""

    case_id: str
    material: str
    largest_file: int
    """Bytes."""
    media_types: tuple[str, ...]
    key_id: str
