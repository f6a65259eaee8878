"""文书: the numbered documents of a case, found again in its facts: each is one fact put into words."""

from typing import Literal

from msgspec import Struct

from contracts.editions import CaseMigrated
from contracts.intake import (
    CaseOpened,
    CopiesRefused,
    CopyFault,
    CorrectionRequested,
    FieldsSentBack,
    FormFilled,
    ItemNotAccepted,
    ItemsAccepted,
    ItemsHeld,
    ItemsReturned,
    MaterialCopy,
    MaterialsReceived,
    ToleranceExtended,
    ToleranceLapsed,
)
from contracts.language import Fact
from eventing.aggregate import Aggregate
from eventing.errors import NotFound
from intake.domain.case import Case

Kind = Literal[
    "receipt", "correction", "acceptance", "tolerance", "held", "extension", "lapse", "not_accepted", "return"
]


NOTICES: dict[type[Fact], Kind] = {
    CorrectionRequested: "correction",
    ToleranceExtended: "extension",
    ToleranceLapsed: "lapse",
    ItemNotAccepted: "not_accepted",
    ItemsReturned: "return",
}
"""Facts that are one document each."""


class Paper(Struct, frozen=True, eq=False):
    """One numbered document: the fact that it puts into words, and what had been known by then."""

    number: str
    kind: Kind
    fact: Fact
    copies: tuple[MaterialCopy, ...] = ()
    wrong: dict[str, str] = {}
    """Fields that had been sent back, and why."""
    faults: dict[str, CopyFault] = {}
    """Materials of which the last copy does not serve, and why."""
    catalogue: str = ""
    """The version that it speaks of."""


class Docket(Aggregate):
    """A reading of a case's facts: its documents by number, in the order in which they were given.

    A receipt (收件凭证) is numbered within its case; the others have the numbers of their authorities. What came
    by operation of law has no document.
    """

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.opened: CaseOpened | None = None
        self.catalogue = ""
        self.papers: dict[str, Paper] = {}
        self.copies: tuple[MaterialCopy, ...] = ()
        self.wrong: dict[str, str] = {}
        self.faults: dict[str, CopyFault] = {}
        self.receipts = 0

    @classmethod
    def facts(cls) -> tuple[type[Fact], ...]:
        """It reads what a case consists of."""
        return Case.facts()

    def apply(self, fact: Fact) -> None:
        """Reads one fact; those without a document of their own are background."""
        self.version += 1
        match fact:
            case CaseOpened():
                self.opened = fact
                self.catalogue = fact.catalogue
            case CaseMigrated():
                self.catalogue = fact.catalogue
            case MaterialsReceived():
                self.copies += fact.materials
                here = {copy.material for copy in fact.materials}
                self.faults = {material: fault for material, fault in self.faults.items() if material not in here}
                self.receipts += 1
                self._add("receipt", f"{self.case.number}收{self.receipts}号", fact)
            case CopiesRefused():
                named = {copy.copy: copy.material for copy in self.copies}
                self.faults = self.faults | {named[copy]: fault for copy, fault in fact.copies.items()}
            case FieldsSentBack():
                self.wrong |= fact.fields
            case FormFilled():
                self.wrong = {key: why for key, why in self.wrong.items() if not fact.fields.get(key)}
            case ItemsAccepted():
                for item in fact.items:
                    is_one = bool(item.tolerated) and not item.tolerance_notice
                    self._add("tolerance" if is_one else "acceptance", item.notice, fact)
                    self._add("tolerance", item.tolerance_notice, fact)
            case ItemsHeld():
                for held in fact.items:
                    self._add("held", held.notice, fact)
            case CorrectionRequested() | ToleranceExtended() | ToleranceLapsed() | ItemNotAccepted() | ItemsReturned():
                self._add(NOTICES[type(fact)], fact.notice, fact)

    @property
    def case(self) -> CaseOpened:
        """How the case began."""
        if self.opened is None:
            raise NotFound(what="case", id=self.stream)
        return self.opened

    def paper(self, number: str) -> Paper:
        """The document with this number; raises NotFound."""
        try:
            return self.papers[number]
        except KeyError:
            raise NotFound(what="paper", id=number) from None

    def _add(self, kind: Kind, number: str, fact: Fact) -> None:
        if number:
            self.papers.setdefault(
                number, Paper(number, kind, fact, self.copies, self.wrong, self.faults, self.catalogue)
            )
