"""What an output is at any moment: the state that every topic's rules look at, and the guards that they share."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from certificate.domain.refusals import NotTheExit
from certificate.domain.standing import Standing, Verdict
from contracts.certificate import CertificateIssued, HandOver, OutputMode
from contracts.language import Act, Sealed
from contracts.scopes import Reach
from eventing.aggregate import Aggregate


class Status(StrEnum):
    """How far an output is."""

    PLANNED = "planned"
    CONCLUDED = "concluded"
    """No more results will come, but not all are handed over."""
    COMPLETED = "completed"


ALLOWED: dict[Status, frozenset[str]] = {
    Status.PLANNED: frozenset({"agree", "issue", "conclude"}),
    Status.CONCLUDED: frozenset({"agree", "reopen"}),
    Status.COMPLETED: frozenset({"reopen"}),
}
"""The lifecycle of an output: what may happen in some of its states only. Whatever was issued can be rendered,
corrected, voided and revoked at any time, also after the case was closed, and what lies ready can be handed over."""


class Place(StrEnum):
    """Where a result is (领取台账). Each is in one place, so the places add up to what was issued."""

    IN_STORE = "in_store"
    ON_THE_WAY = "on_the_way"
    HANDED_OVER = "handed_over"
    CALLED_BACK = "called_back"
    """Back at the window from the post or a locker; or it lost its force before it left."""


class Rendering(Struct, frozen=True):
    """Where the document of a certificate lies: the digest of its encrypted bytes in the contents store."""

    digest: str
    size: int
    media_type: str
    signer: str
    key_id: str


class Result(Struct, frozen=True):
    """A result: as data from the moment it was issued, as a document once it was rendered."""

    issued: CertificateIssued
    rendering: Rendering | None = None
    standing: Standing = "valid"
    replaced_by: str = ""
    called_back_at: datetime | None = None
    """When it was called back, having lost its force before it had left."""
    called_back_by: str = ""

    @property
    def in_force(self) -> bool:
        """Whether it neither fell nor was replaced."""
        return self.standing == "valid"


class Carriage(Struct, frozen=True):
    """How a package travels: by post with its tracking number, or in a cell of a locker."""

    method: HandOver
    carrier: str
    tracking: str
    cabinet: str
    cell: str
    recall_on: date | None


class Package(Struct, frozen=True):
    """Results that leave together, and how they left."""

    certificates: tuple[str, ...]
    place: Place = Place.IN_STORE
    method: HandOver | None = None
    """How they were handed over."""
    check: str = ""
    refused: bool = False
    carriage: Carriage | None = None
    due_on: date | None = None
    """The last day for the hand-over; None once its passing was noted."""
    remind_on: date | None = None
    since: datetime | None = None
    """Since when it is where it is."""
    by: str = ""
    """Who brought it there."""
    receipt: str = ""

    @property
    def ready(self) -> bool:
        """Whether there is something that lies at the exit."""
        return bool(self.certificates) and self.place in {Place.IN_STORE, Place.CALLED_BACK}

    @property
    def left(self) -> bool:
        """Whether nothing of it has to be handed over any more."""
        return self.place is Place.HANDED_OVER or not self.certificates


class OutputState(Aggregate):
    """What one case yields, as its facts left it."""

    status: Status
    number: str
    theme: str
    catalogue: str
    region: str
    mode: OutputMode
    method: HandOver
    address: Sealed | None
    address_index: str
    items: tuple[str, ...]
    hall: str
    certificates: dict[str, Result]
    packages: dict[str, Package]
    verdict: Verdict | None
    covered: tuple[str, ...]
    completed: tuple[str, ...]
    again: tuple[str, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.status = Status.PLANNED
        self.number = ""
        self.theme = ""
        self.catalogue = ""
        self.region = ""
        self.mode = "itemised"
        self.method = "window"
        self.address = None
        self.address_index = ""
        self.items = ()
        self.hall = ""
        self.certificates = {}
        self.packages = {}
        self.verdict = None
        self.covered = ()
        """The items whose ends the verdict covers."""
        self.completed = ()
        """The items whose ends a completion covered, and which nobody decides again."""
        self.again = ()
        """The items that have been decided again since the last completion."""

    def reach(self) -> Reach:
        """Its exit, and the organisations that issued its results; the applicant is known to intake."""
        return Reach(
            halls=frozenset((self.hall,)) - {""},
            items={result.issued.item: result.issued.issuer for result in self.certificates.values()},
            orgs=frozenset(result.issued.issuer for result in self.certificates.values()),
            subjects=None,
        )

    def in_force(self, item: str) -> list[Result]:
        """The results of an item that count."""
        return [each for each in self.certificates.values() if each.issued.item == item and each.in_force]

    def _completed_of(self, items: Iterable[str]) -> tuple[str, ...]:
        return tuple(item for item in items if item in self.completed)

    def _allows(self, verb: str) -> bool:
        return verb in ALLOWED[self.status]

    def _at_the_exit(self, act: Act, method: HandOver | str = "") -> None:
        """Only the exit of the case hands over; what is electronic leaves without a counter, too."""
        caller = act.caller
        here = caller is not None and caller.hall == self.hall
        of_the_house = caller is not None and caller.by.startswith("service:")
        without_counter = method == "electronic" and caller is not None and not caller.hall
        if self.hall and not (here or of_the_house or without_counter):
            raise NotTheExit(exit=self.hall)

    def _free(self, name: str, taken: dict[str, Result] | dict[str, Package]) -> str:
        """The name, or with the next number behind it that is free."""
        if name not in taken:
            return name
        count = 2
        while f"{name}.{count}" in taken:
            count += 1
        return f"{name}.{count}"
