"""信用: what bars an applicant from tolerance (容缺受理) and written promises (告知承诺) until it is repaired."""

from datetime import date
from typing import Any, ClassVar, Literal

import msgspec

from contracts.language import Answer, Command, Fact, Query

Ground = Literal["tolerance_lapsed", "false_promise", "bad_record"]
"""容缺逾期未补 · 承诺不实 · 严重失信记录 (S54c, S54d, S55c)"""


class FalsePromiseFound(Fact, frozen=True, kw_only=True):
    """承诺不实: an approval that rested on a written promise was revoked because the promise was false."""

    TOPIC: ClassVar[str] = "onething.case.false-promise-found.v1"
    SERVICE: ClassVar[str] = "intake"
    item: str
    handler: str
    decision: str
    """Number of the decision that revoked it."""
    applicant_index: str


class CreditBarred(Fact, frozen=True, kw_only=True):
    """An applicant may not be trusted with tolerance or promises. The stream is the applicant's blind index."""

    TOPIC: ClassVar[str] = "onething.credit.barred.v1"
    SERVICE: ClassVar[str] = "intake"
    bar: str
    ground: Ground
    source: str
    """Who says so: an organisation's id, or the case in which it was found."""
    document: str = ""
    """The decision or record that proves it."""
    item: str = ""
    until: date | None = None
    """The last day on which it counts, where it ends by itself."""
    finder: str = ""
    """The organisation that found it, where a case showed it; older facts do not say it."""


class CreditRestored(Fact, frozen=True, kw_only=True):
    """信用修复: one bar counts no longer."""

    TOPIC: ClassVar[str] = "onething.credit.restored.v1"
    SERVICE: ClassVar[str] = "intake"
    bar: str
    document: str
    organisation: str


class CreditEntry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One reason why somebody is not trusted with tolerance or promises."""

    ground: Ground
    source: str
    document: str = ""
    item: str = ""
    barred_on: date | None = None
    """The day on which it was entered."""
    until: date | None = None
    restored_by: str = ""
    """The document that repaired it; empty while it stands."""
    finder: str = ""
    """The organisation that found it, where a case showed it and its fact says it."""


class BarStanding(Answer, frozen=True, kw_only=True):
    """A bar, and whether it counts today."""

    bar: str
    counts: bool
    entry: CreditEntry
    keeper: str = ""
    """谁认定、谁修复 (S23, S24): the organisation that entered it, or that found it in a case (handles the item, where
    the fact does not say who found it); it alone restores."""


class CreditStanding(Answer, frozen=True, kw_only=True):
    """The credit record of an applicant."""

    record: str
    barred: bool
    bars: tuple[BarStanding, ...]


class RecordCreditBar(Command, frozen=True, kw_only=True):
    """Enter a bar from an outside list (严重失信主体名单); ``GetCredit`` names the record of an identifier."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CreditStanding
    record: str
    bar: str
    """The entry's number in the list."""
    document: str
    ground: Ground = "bad_record"
    until: date | None = None


class RestoreCredit(Command, frozen=True, kw_only=True):
    """Say that a bar was repaired, with the document that repairs it; who keeps the bar says it."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CreditStanding
    record: str
    bar: str
    document: str


class GetCredit(Query, frozen=True, kw_only=True):
    """The credit record of an applicant, by identifier or by record; a clean one has no bars."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "POST /credit-records/read"
    ANSWER: ClassVar[Any] = CreditStanding
    CONFIDES: ClassVar[tuple[str, ...]] = ("credit",)
    identifier: str = ""
    record: str = ""
    purpose: str = "handling"
    """What it is read for; recorded with the reading."""
