"""Reading of personal data: each is a fact, recorded before the answer is given."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.language import Command, Fact, Query

PersonalClass = Literal["contact", "identity", "form", "material", "credit"]


class PersonalDataRead(Fact, frozen=True, kw_only=True):
    """Somebody read personal data of a case: which class of it, what of it, and for what purpose."""

    TOPIC: ClassVar[str] = "onething.reading.personal-data-read.v1"
    SERVICE: ClassVar[str] = "intake"
    org: str = ""
    hall: str = ""
    classes: tuple[PersonalClass, ...]
    purpose: str
    what: str = ""
    """The copy or document that was read; empty: what the class says."""


class Glance(msgspec.Struct, frozen=True):
    """Who reads what, and what for: the same again within a short time is one reading."""

    by: str
    org: str
    hall: str
    classes: tuple[PersonalClass, ...]
    purpose: str
    what: str = ""


READINGS = "readings-"

Beside = Literal["draft", "consultation", "credit"]
"""What holds personal data and belongs to no case: the credit record of a person is called by their blind index."""

Thing = Literal["case"] | Beside
"""What holds personal data."""


def readings_of(name: str, thing: Thing = "case") -> str:
    """The stream of the readings of a case, or of what belongs to none."""
    return f"{READINGS}{name}" if thing == "case" else f"readings.{thing}-{name}"


class RecordReading(Command, frozen=True, kw_only=True):
    """Record that personal data is about to be read; the answer waits for it."""

    SERVICE: ClassVar[str] = "intake"
    INTERNAL: ClassVar[str] = "whichever service holds the data says it before it answers"
    name: str
    """Of the thing."""
    thing: Thing = "case"
    glance: Glance

    @property
    def readings(self) -> str:
        """The stream of its readings."""
        return readings_of(self.name, self.thing)


class CaseReach(msgspec.Struct, frozen=True):
    """Whom a case concerns: its halls, who handles its items, its applicant, and who acts for them."""

    halls: tuple[str, ...]
    items: dict[str, str]
    subjects: tuple[str, ...]
    agents: tuple[str, ...]
    admitted: tuple[str, ...] = ()
    """Those of its halls that took it over: they reach every part of it."""


class Reading(msgspec.Struct, frozen=True):
    """One reading, as those it is shown to see it."""

    at: datetime
    by: str
    org: str
    hall: str
    classes: tuple[PersonalClass, ...]
    purpose: str
    what: str


class MaterialPermission(msgspec.Struct, frozen=True):
    """The copy may be read: where its bytes are and how they are opened."""

    case_id: str
    copy: str
    material: str
    digest: str
    stored: str
    """Where the sealed bytes rest."""
    media_type: str
    size: int
    key_id: str


class ReadingPage(msgspec.Struct, frozen=True):
    """Readings of a case, newest first."""

    case_id: str
    readings: tuple[Reading, ...]
    after: str


class ReadMaterial(Query, frozen=True, kw_only=True):
    """Whether the caller may read the bytes of this copy, and what opens it; that it was asked for is recorded.

    The answer names a key: it is for the house's own edge, which streams the bytes on.
    """

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/materials/{copy}/permission"
    ANSWER: ClassVar[Any] = MaterialPermission
    CONFIDES: ClassVar[tuple[str, ...]] = ("material",)
    case_id: str
    copy: str
    purpose: str = "handling"


class ListReadings(Query, frozen=True, kw_only=True):
    """Who read personal data of a case, newest first: for the applicant, the auditor, and who answers for the data."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/readings"
    ANSWER: ClassVar[Any] = ReadingPage
    case_id: str
    by: str = ""
    since: date | None = None
    """Read on that day or later."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class BesideReadingPage(msgspec.Struct, frozen=True):
    """Readings of what belongs to no case, newest first."""

    thing: Beside
    name: str
    readings: tuple[Reading, ...]
    after: str


class ListBesideReadings(Query, frozen=True, kw_only=True):
    """Who read a draft, a consultation or a credit record, newest first: for the auditor, and for whose it is."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /readings/{thing}/{name}"
    ANSWER: ClassVar[Any] = BesideReadingPage
    thing: Beside
    name: str
    by: str = ""
    since: date | None = None
    """Read on that day or later."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class GetReach(Query, frozen=True, kw_only=True):
    """Whom a case concerns, for services that keep a part of it."""

    SERVICE: ClassVar[str] = "intake"
    INTERNAL: ClassVar[str] = "It names the applicant by blind index."
    ANSWER: ClassVar[Any] = CaseReach
    case_id: str
