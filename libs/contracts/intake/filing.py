"""The one form and the materials: filled, received, found wrong, asked for."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from contracts.intake.answers import CaseStanding, CorrectionAsked, FieldsWrong, Prefilled
from contracts.intake.values import BroughtMaterial, CopyFault, MaterialCopy
from contracts.language import Command, Fact, Instant, Query, Sealed


class FormFilled(Fact, frozen=True, kw_only=True):
    """一表申请: the one form was filled, wholly or in part. Values are sealed, fields and provenance are not.

    ``form`` holds the values of this act alone, field → value: the form of a case is all its facts laid over
    each other in order. A field that was emptied has an empty value and an empty provenance.
    """

    TOPIC: ClassVar[str] = "onething.case.form-filled.v1"
    form: Sealed
    fields: dict[str, str]
    deemed_accepted_at: datetime | None = None
    """Where a correction had asked for the form: until when ``items`` must be answered."""
    items: tuple[str, ...] = ()
    held_until: dict[str, date] = {}
    """Item → last day of a period that begins at a day in the form and has to pass before the item is accepted."""
    begun: dict[str, date] = {}
    """Wait → the day in the form at which a period begins that has to pass before a decision."""


class MaterialsReceived(Fact, frozen=True, kw_only=True):
    """收件: copies of materials were taken in. Receiving is not accepting; no legal clock runs yet."""

    TOPIC: ClassVar[str] = "onething.case.materials-received.v1"
    materials: tuple[MaterialCopy, ...]
    deemed_accepted_at: datetime | None = None
    """When nobody answers until then, ``items`` count as accepted (行政许可法 第32条第4项)."""
    items: tuple[str, ...] = ()
    """The items that an answer is owed for from this receipt on."""


class FieldsSentBack(Fact, frozen=True, kw_only=True):
    """Fields of the one form were found wrong: they count as empty until they are filled again."""

    TOPIC: ClassVar[str] = "onething.case.fields-sent-back.v1"
    fields: dict[str, str]
    """Field → what is wrong with it; never the value."""


class CopiesRefused(Fact, frozen=True, kw_only=True):
    """Copies were looked at and do not serve: their materials count as missing until another copy comes."""

    TOPIC: ClassVar[str] = "onething.case.copies-refused.v1"
    copies: dict[str, CopyFault]


class CorrectionRequested(Fact, frozen=True, kw_only=True):
    """补正告知: everything that is still missing, told once and completely (行政许可法 第32条第4项)."""

    TOPIC: ClassVar[str] = "onething.case.correction-requested.v1"
    notice: str
    missing: dict[str, tuple[str, ...]]
    """item → material ids."""
    due_on: date | None = None
    fields: tuple[str, ...] = ()
    """Required fields of the one form that are not filled."""


class FillForm(Command, frozen=True, kw_only=True):
    """Fill the one form, wholly or in part; later values replace earlier ones until acceptance."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    values: dict[str, str]
    provenance: dict[str, str] = {}
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""


class ReceiveMaterials(Command, frozen=True, kw_only=True):
    """Take in materials at a window or by another channel."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    materials: tuple[BroughtMaterial, ...]
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""
    arrived_at: Instant | None = None
    """When it arrived, where that was before it was taken in: by post, in a locker. The arrival counts."""
    via: Literal["window", "post", "locker", "system"] = "window"


class SendBack(Command, frozen=True, kw_only=True):
    """Mark fields of the one form as wrong, each with the reason; the rest need not be filled in again."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = FieldsWrong
    case_id: str
    fields: dict[str, str]


class RefuseCopies(Command, frozen=True, kw_only=True):
    """Mark copies that do not serve, each with what is wrong; told to the applicant with the correction."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    copies: dict[str, CopyFault]


class RequestCorrection(Command, frozen=True, kw_only=True):
    """Tell the applicant once what is missing; the list is made by the system, complete."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CorrectionAsked
    case_id: str


class PrefillForm(Query, frozen=True, kw_only=True):
    """What the form of a new case can be filled with: from an earlier case of the same applicant, or from a draft.

    Its answer has values and provenance for the fields that the form has with these answers.
    """

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "POST /forms/prefill"
    ANSWER: ClassVar[Any] = Prefilled
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact", "identity", "form")
    theme: str
    answers: dict[str, str]
    case_id: str = ""
    draft: str = ""
    identifier: str = ""
    """The applicant's, who stands at a hall that did not handle the earlier case."""
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""
