"""What becomes of objects: their values as facts change them, and which belongs to which."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import singledispatchmethod
from typing import Any

from casefile.exporting.mentions import object_id
from casefile.exporting.saying import value
from contracts.approval import (
    ClocksRederived,
    DecisionRevoked,
    DecisionVoided,
    ReviewDenied,
    ReviewEnded,
    ReviewExtended,
    ReviewGranted,
    ReviewResumed,
    ReviewsBlocked,
    ReviewsRelocked,
    ReviewsUnlocked,
    ReviewSuspended,
    Unlocked,
)
from contracts.certificate import CertificateIssued, CertificateRevoked
from contracts.delegation import GrantExpired, GrantMade, GrantPublished, GrantRevoked
from contracts.exports import Kind, LogObject, LogRelation, LogValue
from contracts.halls import WindowClosed, WindowInstalled, WindowOpened, WindowPaused
from contracts.intake import (
    CaseClosed,
    CaseOpened,
    CaseReopened,
    ItemNotAccepted,
    ItemsAccepted,
    ItemsJoined,
    ItemsReturned,
    ItemWithdrawn,
    MaterialCopy,
    MaterialsReceived,
    PlannedItem,
    ToleranceLapsed,
    ToleranceSupplemented,
)
from contracts.language import Fact
from contracts.routing import (
    DistributionPlanned,
    DistributionReplanned,
    LossReplaced,
    LossReported,
    LostFound,
    OriginalsTakenIn,
    PlannedPacket,
    ReturnsPlanned,
)


class Objects:
    """The objects of one chain, as its facts are read in the order of time."""

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        self._kinds: dict[str, Kind] = {}
        self._values: dict[str, list[LogValue]] = {}
        self._relations: dict[str, dict[LogRelation, None]] = {}
        if case_id:
            self.named("case", case_id)

    def named(self, kind: Kind, name: str) -> str:
        """The id of an object, which there is from now on."""
        found = object_id(kind, name, self.case_id)
        if found not in self._kinds:
            self._kinds[found] = kind
            if kind in {"item", "material", "packet", "certificate"}:
                self.relate(found, object_id("case", self.case_id, self.case_id), "case")
        return found

    def relate(self, one: str, other: str, qualifier: str) -> None:
        """One object belongs to another."""
        self._relations.setdefault(one, {})[LogRelation(other, qualifier)] = None

    def say(self, kind: Kind, name: str, at: datetime, /, **said: Any) -> str:
        """An object says something from an instant on; what it says already is no news."""
        found = self.named(kind, name)
        known = self._values.setdefault(found, [])
        for field, each in said.items():
            new = value(field, each, at)
            last = next((old for old in reversed(known) if old.name == field), None)
            if new is not None and (last is None or last.value != new.value):
                known.append(new)
        return found

    def told(self) -> Iterator[LogObject]:
        """All of them, with all that they said."""
        for name, kind in self._kinds.items():
            yield LogObject(name, kind, tuple(self._values.get(name, ())), tuple(self._relations.get(name, ())))

    @singledispatchmethod
    def read(self, _fact: Fact) -> None:
        """A fact that changes no object."""

    @read.register
    def _(self, fact: CaseOpened) -> None:
        self.say(
            "case", self.case_id, fact.at, number=fact.number, theme=fact.theme, catalogue=fact.catalogue,
            region=fact.region, hall=fact.hall, mode=fact.mode, channel=fact.channel,
            applicant_kind=fact.applicant_kind, state="open",
        )  # fmt: skip
        self._plan(fact.plan, fact.at)

    @read.register
    def _(self, fact: ItemsJoined) -> None:
        self._plan(fact.plan, fact.at)

    def _plan(self, plan: Iterable[PlannedItem], at: datetime) -> None:
        for each in plan:
            if each.standing != "not_needed":
                self.say("item", each.item, at, item=each.item, handler=each.handler, standing=each.standing)

    @read.register
    def _(self, fact: CaseClosed) -> None:
        self.say("case", self.case_id, fact.at, state="closed", outcome=fact.outcome)

    @read.register
    def _(self, fact: CaseReopened) -> None:
        self.say("case", self.case_id, fact.at, state="open")

    @read.register
    def _(self, fact: MaterialsReceived | ToleranceSupplemented) -> None:
        self._copies(fact.materials, fact.at)

    @read.register
    def _(self, fact: ItemsAccepted) -> None:
        self._copies(fact.materials, fact.at)
        for each in fact.items:
            state = "accepted_tolerant" if each.tolerated else "accepted"
            self.say("item", each.item, fact.at, item=each.item, handler=each.handler, state=state)

    def _copies(self, copies: Iterable[MaterialCopy], at: datetime) -> None:
        for each in copies:
            self.say("material", each.copy, at, material=each.material, medium=each.medium, edition=each.edition)

    @read.register
    def _(self, fact: ItemNotAccepted | ItemWithdrawn | ToleranceLapsed) -> None:
        states = {ItemNotAccepted: "not_accepted", ItemWithdrawn: "withdrawn", ToleranceLapsed: "lapsed"}
        self.say("item", fact.item, fact.at, state=states[type(fact)])

    @read.register
    def _(self, fact: ItemsReturned | ReviewsBlocked | ReviewsRelocked) -> None:
        states = {ItemsReturned: "returned", ReviewsBlocked: "blocked", ReviewsRelocked: "waiting"}
        for item in fact.items:
            self.say("item", item, fact.at, state=states[type(fact)])

    @read.register
    def _(self, fact: ReviewsUnlocked) -> None:
        for each in fact.reviews:
            self._clocks(each, fact.at, state="in_review")

    @read.register
    def _(self, fact: ReviewSuspended | ReviewResumed | ReviewExtended) -> None:
        state = "suspended" if isinstance(fact, ReviewSuspended) else "in_review"
        self._clocks(fact.clocks, fact.at, state=state)

    @read.register
    def _(self, fact: ClocksRederived) -> None:
        for each in fact.clocks:
            self._clocks(each, fact.at)

    def _clocks(self, clocks: Unlocked, at: datetime, **more: str) -> None:
        self.say(
            "item", clocks.item, at, statutory_due=clocks.statutory_due, promised_due=clocks.promised_due, **more
        )  # fmt: skip

    @read.register
    def _(self, fact: ReviewGranted) -> None:
        self.say("item", fact.item, fact.at, state="granted_tolerant" if fact.tolerant else "granted")

    @read.register
    def _(self, fact: ReviewDenied | ReviewEnded | DecisionRevoked | DecisionVoided) -> None:
        states = {ReviewDenied: "denied", ReviewEnded: "ended", DecisionRevoked: "revoked", DecisionVoided: "voided"}
        self.say("item", fact.item, fact.at, state=states[type(fact)])

    @read.register
    def _(
        self,
        fact: DistributionPlanned
        | DistributionReplanned
        | ReturnsPlanned
        | OriginalsTakenIn
        | LossReported
        | LostFound
        | LossReplaced,
    ) -> None:
        for each in fact.packets:
            self._packet(each, fact.at)

    def _packet(self, packet: PlannedPacket, at: datetime) -> None:
        found = self.say("packet", packet.packet, at, to=packet.to, medium=packet.medium, purpose=packet.purpose)
        if packet.item:
            self.relate(found, self.named("item", packet.item), "item")
        for copy in packet.copies:
            self.relate(found, self.named("material", copy), "copy")

    @read.register
    def _(self, fact: CertificateIssued) -> None:
        found = self.say(
            "certificate", fact.certificate, fact.at, kind=fact.kind, issuer=fact.issuer, edition=fact.edition,
            issued_on=fact.issued_on, status="valid",
        )  # fmt: skip
        if fact.item:
            self.relate(found, self.named("item", fact.item), "item")

    @read.register
    def _(self, fact: CertificateRevoked) -> None:
        self.say("certificate", fact.certificate, fact.at, status=fact.status)


class Beside(Objects):
    """A window or a grant, which belongs to no case."""

    def __init__(self, kind: Kind, stream: str) -> None:
        super().__init__("")
        self.kind = kind
        self.stream = stream
        self.named(kind, stream)

    def told(self) -> Iterator[LogObject]:
        """The one that the chain is of, and what it names of its own kind or windows."""
        yield from (each for each in super().told() if each.kind in {"window", "grant"})

    @singledispatchmethod
    def read(self, _fact: Fact) -> None:
        """A fact that changes nothing."""

    @read.register
    def _(self, fact: WindowInstalled) -> None:
        self.say("window", self.stream, fact.at, hall=fact.hall, zone=fact.zone, state="closed")

    @read.register
    def _(self, fact: WindowOpened | WindowPaused | WindowClosed) -> None:
        states = {WindowOpened: "open", WindowPaused: "paused", WindowClosed: "closed"}
        self.say("window", self.stream, fact.at, state=states[type(fact)])

    @read.register
    def _(self, fact: GrantMade) -> None:
        self.say(
            "grant", self.stream, fact.at, legal_form=fact.legal_form, grantor=fact.grantor, grantee=fact.grantee,
            items=fact.items, powers=fact.powers, valid_from=fact.valid_from, valid_until=fact.valid_until,
            state="signed",
        )  # fmt: skip

    @read.register
    def _(self, fact: GrantPublished | GrantRevoked | GrantExpired) -> None:
        states = {GrantPublished: "published", GrantRevoked: "revoked", GrantExpired: "expired"}
        self.say("grant", self.stream, fact.at, state=states[type(fact)])
