"""What the facts of a case say of each item: of each kind of news the last that still counts, and nothing else.

It is a reading, not a decision: facts may be missing or come in another order across services, and it still tells what
the others say.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import singledispatch
from typing import Any

import msgspec

from contracts.approval import (
    BundleConcluded,
    BundleExtended,
    BundleOpened,
    DecisionRevoked,
    DecisionVoided,
    OriginNoted,
    ReviewConfirmed,
    ReviewDenied,
    ReviewEnded,
    ReviewGranted,
    ReviewResumed,
    ReviewsBlocked,
    ReviewsPlanned,
    ReviewsRelocked,
    ReviewsSupplied,
    ReviewsUnlocked,
    ReviewSuspended,
)
from contracts.certificate import (
    CertificateIssued,
    OutputCompleted,
    PackageAssembled,
    PackageDispatched,
    PackageHandedOver,
    PackageRecalled,
)
from contracts.intake import (
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CopiesRefused,
    CorrectionRequested,
    FormFilled,
    FurtherRequested,
    ItemNotAccepted,
    ItemsAccepted,
    ItemsJoined,
    ItemsReturned,
    ItemWithdrawn,
    MaterialsReceived,
    NoticeIssued,
    ToleranceLapsed,
    ToleranceSupplemented,
)
from contracts.language import Fact
from contracts.routing import LossReplaced, ReplacementRequested


class Known(msgspec.Struct, frozen=True):
    """A fact, and where it stands in the ledger."""

    chain: str
    """Of the case, or of what belongs to no case, as a grant."""
    seq: int
    service: str
    topic: str
    fact: Any

    @property
    def at(self) -> datetime:
        """When it happened."""
        found: datetime = self.fact.at
        return found


class Track(msgspec.Struct):
    """One item on its way."""

    selected: Known | None = None
    standing: str = ""
    correction: Known | None = None
    accepted: Known | None = None
    gone: Known | None = None
    """Not accepted, withdrawn, returned, lapsed: it left the case."""
    planned: Known | None = None
    relocked: Known | None = None
    unlocked: Known | None = None
    supplied: Known | None = None
    pauses: dict[str, Known] = {}
    decided: Known | None = None
    confirmed: Known | None = None
    blocked: Known | None = None
    revoked: Known | None = None
    origin: Known | None = None
    issued: Known | None = None


class Course(msgspec.Struct):
    """A case on its way."""

    opened: Known | None = None
    closed: Known | None = None
    concluded: Known | None = None
    completed: Known | None = None
    standings: Known | None = None
    answers: dict[str, str] = {}
    joined: list[Known] = []
    notices: list[Known] = []
    receipts: list[Known] = []
    """Forms and materials, as they came."""
    copies: dict[str, Known] = {}
    """copy → the receipt that it came with"""
    corrections: list[Known] = []
    refused: dict[str, Known] = {}
    """copy → the fact that it does not serve"""
    replacements: list[Known] = []
    further: list[Known] = []
    items: dict[str, Track] = {}
    packages: dict[str, list[Known]] = {}
    """package → how it was made ready, and where it went since; handed over, it is gone from here"""

    def track(self, item: str) -> Track:
        """What is known of an item."""
        return self.items.setdefault(item, Track())


def course(facts: Iterable[Known]) -> Course:
    """All facts of a case, in the ledger's order."""
    found = Course()
    for each in facts:
        _read(each.fact, each, found)
    return found


@singledispatch
def _read(_fact: Fact, _known: Known, _course: Course) -> None:
    """A fact that explains nothing."""


@_read.register
def _(fact: CaseOpened, known: Known, course: Course) -> None:
    course.opened = known
    course.answers = dict(fact.answers)
    for each in fact.plan:
        course.track(each.item).selected, course.track(each.item).standing = known, each.standing


@_read.register
def _(fact: ItemsJoined, known: Known, course: Course) -> None:
    course.joined.append(known)
    course.answers |= fact.answers
    for each in fact.plan:
        if each.item in fact.items or each.item not in course.items:
            course.items[each.item] = Track(selected=known, standing=each.standing)


@_read.register
def _(_fact: NoticeIssued, known: Known, course: Course) -> None:
    course.notices.append(known)


@_read.register
def _(_fact: FormFilled, known: Known, course: Course) -> None:
    course.receipts.append(known)


@_read.register
def _(fact: MaterialsReceived | ToleranceSupplemented, known: Known, course: Course) -> None:
    course.receipts.append(known)
    course.copies |= {each.copy: known for each in fact.materials}


@_read.register
def _(fact: CorrectionRequested, known: Known, course: Course) -> None:
    course.corrections.append(known)
    for item in fact.missing:
        course.track(item).correction = known


@_read.register
def _(fact: CopiesRefused, known: Known, course: Course) -> None:
    course.refused |= dict.fromkeys(fact.copies, known)


@_read.register
def _(_fact: FurtherRequested, known: Known, course: Course) -> None:
    course.further.append(known)


@_read.register
def _(fact: ItemsAccepted, known: Known, course: Course) -> None:
    for each in fact.items:
        course.track(each.item).accepted = known


@_read.register
def _(fact: ItemNotAccepted | ItemWithdrawn | ToleranceLapsed, known: Known, course: Course) -> None:
    course.track(fact.item).gone = known


@_read.register
def _(fact: ItemsReturned, known: Known, course: Course) -> None:
    for item in fact.items:
        course.track(item).gone = known


@_read.register
def _(_fact: CaseClosed, known: Known, course: Course) -> None:
    course.closed = known


@_read.register
def _(_fact: CaseReopened, _known: Known, course: Course) -> None:
    course.closed = None


@_read.register
def _(_fact: ReplacementRequested | LossReplaced, known: Known, course: Course) -> None:
    course.replacements.append(known)


@_read.register
def _(_fact: BundleOpened | BundleExtended, known: Known, course: Course) -> None:
    course.standings = known
    course.concluded = course.completed = None


@_read.register
def _(fact: OriginNoted, known: Known, course: Course) -> None:
    course.track(fact.item).origin = known


@_read.register
def _(fact: ReviewsPlanned, known: Known, course: Course) -> None:
    for each in fact.reviews:
        found = course.track(each.item)
        found.planned, found.blocked = known, None


@_read.register
def _(fact: ReviewsUnlocked, known: Known, course: Course) -> None:
    for each in fact.reviews:
        course.track(each.item).unlocked = known


@_read.register
def _(fact: ReviewsSupplied, known: Known, course: Course) -> None:
    for item in fact.items:
        course.track(item).supplied = known


@_read.register
def _(fact: ReviewsBlocked, known: Known, course: Course) -> None:
    for item in fact.items:
        course.track(item).blocked = known


@_read.register
def _(fact: ReviewsRelocked, known: Known, course: Course) -> None:
    course.concluded = course.completed = None
    for item in fact.items:
        found = course.track(item)
        found.relocked, found.unlocked, found.blocked, found.decided, found.pauses = known, None, None, None, {}


@_read.register
def _(fact: ReviewSuspended, known: Known, course: Course) -> None:
    course.track(fact.item).pauses |= {fact.procedure: known}


@_read.register
def _(fact: ReviewResumed, _known: Known, course: Course) -> None:
    course.track(fact.item).pauses.pop(fact.procedure, None)


@_read.register
def _(fact: ReviewGranted | ReviewDenied, known: Known, course: Course) -> None:
    course.track(fact.item).decided = known


@_read.register
def _(fact: ReviewConfirmed, known: Known, course: Course) -> None:
    course.track(fact.item).confirmed = known


@_read.register
def _(fact: ReviewEnded, known: Known, course: Course) -> None:
    course.track(fact.item).gone = known


@_read.register
def _(fact: DecisionRevoked, known: Known, course: Course) -> None:
    course.track(fact.item).revoked = known


@_read.register
def _(fact: DecisionVoided, _known: Known, course: Course) -> None:
    course.concluded = course.completed = None
    course.track(fact.item).decided = None


@_read.register
def _(_fact: BundleConcluded, known: Known, course: Course) -> None:
    course.concluded = known


@_read.register
def _(fact: CertificateIssued, known: Known, course: Course) -> None:
    if fact.item:
        course.track(fact.item).issued = known


@_read.register
def _(fact: PackageAssembled, known: Known, course: Course) -> None:
    course.packages[fact.package] = [known]


@_read.register
def _(fact: PackageDispatched | PackageRecalled, known: Known, course: Course) -> None:
    course.packages[fact.package] = [*course.packages.get(fact.package, [])[:1], known]


@_read.register
def _(fact: PackageHandedOver, _known: Known, course: Course) -> None:
    course.packages.pop(fact.package, None)


@_read.register
def _(_fact: OutputCompleted, known: Known, course: Course) -> None:
    course.completed = known
