"""信用: who is barred from tolerance (容缺受理) and written promises (告知承诺), why, and until when.

A bar follows from a tolerance that lapsed or a promise that was false, or stands in an outside list; it ends
with its repair (信用修复) or on the day that its source sets (S54c, S54d, S55c).
"""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from contracts.credit import CreditBarred, CreditRestored, FalsePromiseFound, Ground
from contracts.language import Act, Command
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, Invalid, NotFound
from intake.domain.state import CaseState
from kernel.clock import local_date


class NoOrganisation(Forbidden):
    """Credit is recorded and repaired by organisations, which answer for it."""


class NoDocument(Invalid):
    """A bar, or its repair, rests on a document."""


class BarCredit(Command, frozen=True, kw_only=True):
    """What a case showed bars its applicant."""

    SERVICE: ClassVar[str] = "intake"
    record: str
    bar: str
    ground: Ground
    source: str
    document: str = ""
    item: str = ""
    finder: str = ""


class NoteFalsePromise(Command, frozen=True, kw_only=True):
    """An approval of the case was revoked because a promise was false."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    item: str
    handler: str
    decision: str


class Bar(Struct, frozen=True, omit_defaults=True):
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


class CreditRecord(Aggregate):
    """The bars of one applicant. The stream is the blind index of the identifier: nobody can read whose it is."""

    case_bound = False

    bars: dict[str, Bar]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.bars = {}

    def reach(self) -> Reach:
        """Whose it is, and the organisations that keep its bars."""
        return Reach(subjects=frozenset((self.stream,)), orgs=frozenset(bar.source for bar in self.bars.values()))

    def bar(
        self,
        bar: str,
        *,
        ground: Ground,
        source: str,
        document: str = "",
        item: str = "",
        finder: str = "",
        until: date | None = None,
        act: Act,
    ) -> None:
        """Enters a bar; one that was entered before is no news, also when it was repaired since."""
        if bar in self.bars:
            return
        self.record(
            CreditBarred,
            act,
            bar=bar,
            ground=ground,
            source=source,
            document=document,
            item=item,
            finder=finder,
            until=until,
        )

    def bar_from_list(self, bar: str, *, ground: Ground, document: str, until: date | None, act: Act) -> None:
        """Enters a bar of an outside list, in the name of the organisation that keeps it."""
        organisation = organisation_of(act)
        if not document.strip():
            raise NoDocument
        self.bar(bar, ground=ground, source=organisation, document=document, until=until, act=act)

    @applies(CreditBarred)
    def _barred(self, fact: CreditBarred) -> None:
        self.bars[fact.bar] = Bar(
            ground=fact.ground,
            source=fact.source,
            document=fact.document,
            item=fact.item,
            barred_on=local_date(fact.at),
            until=fact.until,
            finder=fact.finder,
        )

    def restore(self, bar: str, *, document: str, act: Act) -> None:
        """信用修复: the bar counts no longer; what was repaired before is no news."""
        organisation = organisation_of(act)
        if bar not in self.bars:
            raise NotFound(what="credit-bar", id=bar)
        if self.bars[bar].restored_by:
            return
        if not document.strip():
            raise NoDocument
        self.record(CreditRestored, act, bar=bar, document=document, organisation=organisation)

    @applies(CreditRestored)
    def _restored(self, fact: CreditRestored) -> None:
        self.bars[fact.bar] = replace(self.bars[fact.bar], restored_by=fact.document)


def standing(bars: Iterable[Bar], on: date) -> tuple[Bar, ...]:
    """The bars that count on a day: not repaired, and not past their last day."""
    return tuple(bar for bar in bars if not bar.restored_by and (bar.until is None or on <= bar.until))


def organisation_of(act: Act) -> str:
    """The organisation behind an act; raises NoOrganisation when there is none."""
    if act.caller is None or not act.caller.org:
        raise NoOrganisation
    return act.caller.org


class Promising(CaseState):
    """What became of the promises that a case's items were accepted on."""

    false_promises: tuple[str, ...]
    """The decisions that revoked approvals because of them."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.false_promises = ()

    def note_false_promise(self, item: str, *, handler: str, decision: str, act: Act) -> None:
        """Records that a promise was false, whatever became of the case since; the same again is no news."""
        if decision in self.false_promises:
            return
        self.record(
            FalsePromiseFound,
            act,
            item=item,
            handler=handler,
            decision=decision,
            applicant_index=self.applicant_index,
        )

    @applies(FalsePromiseFound)
    def _found_false(self, fact: FalsePromiseFound) -> None:
        self.false_promises += (fact.decision,)
