"""What may be done about an item at the reviewer's desk: one line each, with its fields and when it is offered.

What is offered is a service to the person; whether it may be done is decided by the service that does it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from contracts import approval, intake, routing
from contracts.language import Caller, Command
from contracts.scopes.table import may_ask

Kind = Literal["text", "area", "number", "date", "choice", "yes_no", "org", "copies", "packets", "materials"]


class Entry(msgspec.Struct, frozen=True):
    """A field of an act's form; its label is the text ``review_<name>``."""

    name: str
    kind: Kind = "text"
    required: bool = True
    among: str = ""
    """For a choice: which of the situation's ``choices``."""


class Situation(msgspec.Struct, frozen=True):
    """An item as somebody at a desk finds it."""

    caller: Caller
    bundle: Mapping[str, Any]
    review: Mapping[str, Any]
    distribution: Mapping[str, Any] | None = None
    procedures: Mapping[str, str] = {}
    """The special procedures that the item knows, by name."""
    is_prolongable: bool = False
    """Whether the law lets the item's statutory limit be extended."""
    materials: Mapping[str, str] = {}
    """copy → the name of its material, as far as the reader may see the case."""
    awaited: Mapping[str, str] = {}
    """容缺: material that may still come for the item → its name, as far as the reader may see the case."""

    @property
    def is_ours(self) -> bool:
        """Whether the caller's organisation decides the item."""
        return bool(self.caller.org) and self.review["handler"] == self.caller.org

    @property
    def is_undecided(self) -> bool:
        return self.review["status"] in {"locked", "open", "suspended"}

    @property
    def is_running(self) -> bool:
        return self.review["status"] in {"open", "suspended"}

    @property
    def is_decided(self) -> bool:
        return self.review["status"] in {"granted", "granted_tolerant", "denied"} and bool(self.review["decision"])

    @property
    def held_by_another(self) -> bool:
        return self.review["holder"] not in {"", self.caller.by}

    @property
    def running(self) -> dict[str, str]:
        """The special procedures that go on."""
        return {
            each["procedure"]: each["name"].get("zh", each["procedure"])
            for each in self.review["suspensions"]
            if each["until"] is None
        }

    @property
    def opinions_owed(self) -> dict[str, str]:
        """The questions that wait for the caller's organisation."""
        return {
            number: each["question"]
            for number, each in self.bundle_opinions.items()
            if each["of"] == self.caller.org and each["given_at"] is None
        }

    @property
    def bundle_opinions(self) -> dict[str, Any]:
        return dict(self.review["opinions"])

    @property
    def visits(self) -> dict[str, str]:
        """The planned visits that this item waits for."""
        return {
            number: str(each["visit"]["on"])
            for number, each in self.bundle["visits"]["planned"].items()
            if self.review["item"] in each["waiting"]
        }

    @property
    def visit_words(self) -> dict[str, str]:
        """The words by which this item could be visited together with others."""
        planned = {each["visit"]["word"]: each["waiting"] for each in self.bundle["visits"]["planned"].values()}
        words = {**self.bundle["visits"]["suggested"], **planned}
        return {word: word for word, items in words.items() if self.review["item"] in items}

    @property
    def packets(self) -> dict[str, str]:
        """The packets that are on their way to the caller's organisation for this item."""
        return self._packets(lambda each: each["to"] == self.caller.org and each["state"] == "dispatched")

    @property
    def unread(self) -> dict[str, str]:
        """The packets that arrived and of which nobody took note."""
        return self._packets(
            lambda each: each["to"] == self.caller.org and each["state"] == "received" and not each["acknowledged_by"]
        )

    @property
    def refusable(self) -> dict[str, str]:
        """The packets that the caller's organisation sent and that are not signed for."""
        return self._packets(lambda each: each["sent_from"] == self.caller.org and each["state"] == "dispatched")

    def _packets(self, wanted: Callable[[Any], bool]) -> dict[str, str]:
        every = (*self.distribution["packets"], *self.distribution["returns"]) if self.distribution else ()
        return {
            each["packet"]: self.carried(each) for each in every if each["item"] == self.review["item"] and wanted(each)
        }

    def carried(self, packet: Mapping[str, Any]) -> str:
        """What is in a packet, by name."""
        return "、".join(self.materials.get(copy, copy) for copy in packet["copies"]) or str(packet["packet"])

    @property
    def originals(self) -> dict[str, str]:
        """The paper originals that lie with the caller's organisation."""
        held = self.distribution["originals"] if self.distribution else {}
        return {
            copy: each["material"]
            for copy, each in held.items()
            if each["place"] == self.caller.org and self.review["item"] in each["items"]
        }

    @property
    def parties(self) -> dict[str, str]:
        """Who was told of the right to a hearing."""
        hearing = self.review["hearing"]
        return {party: party for party in hearing["parties"]} if hearing else {}


When = Callable[[Situation], bool]


class Deed(msgspec.Struct, frozen=True):
    """An act: its name in the address (words: ``review_do_<name>``), command, form, and when it is offered."""

    name: str
    group: str
    command: type[Command]
    when: When
    entries: tuple[Entry, ...] = ()
    ours: bool = True
    """Whether only the organisation that decides the item does it."""
    danger: bool = False

    def is_offered(self, situation: Situation) -> bool:
        """Whether it makes sense for whoever looks."""
        return may_ask(self.command, situation.caller) and (situation.is_ours or not self.ours) and self.when(situation)


def _asked(extension: Any, caller: Caller) -> bool:
    return bool(extension) and not extension["decided_by"] and extension["requested_by"] != caller.by


def _hearing(s: Situation) -> Any:
    return s.review["hearing"] if s.is_undecided else None


def _check(s: Situation) -> str:
    return str((s.review["verification"] or {}).get("state", ""))


def _leads(s: Situation) -> bool:
    return bool(s.bundle["joint"]) and s.bundle["lead"] == s.caller.org and s.bundle["verdict"] is None


def _unproposed(s: Situation) -> bool:
    return s.is_decided and s.review["proposed"] is None


REASONS = Entry("reasons", "area")
REASON = Entry("reason", "area")
FINDINGS = Entry("findings", "area")
PARTY = Entry("party", "choice", among="parties")

DEEDS: tuple[Deed, ...] = (
    Deed("claim", "desk", approval.ClaimReview, lambda s: s.is_undecided and not s.review["holder"]),
    Deed(
        "release", "desk", approval.ReleaseReview, lambda s: s.is_undecided and s.review["holder"] == s.caller.by,
        (Entry("reason", required=False),),
    ),
    Deed(
        "assign", "desk", approval.AssignReview, lambda s: s.is_undecided,
        (Entry("holder"), Entry("reason", required=False)),
    ),
    Deed(
        "grant", "decide", approval.GrantReview, lambda s: s.review["state"] == "ready" and not s.held_by_another,
        (Entry("opinion", "area", required=False),),
    ),
    Deed(
        "deny", "decide", approval.DenyReview, lambda s: s.review["state"] == "ready" and not s.held_by_another,
        (REASONS,), danger=True,
    ),
    Deed(
        "suspend", "clock", approval.SuspendReview, lambda s: s.is_running and set(s.procedures) > set(s.running),
        (Entry("procedure", "choice", among="procedures"), REASON, Entry("expected_days", "number")),
    ),
    Deed(
        "resume", "clock", approval.ResumeReview, lambda s: bool(s.running),
        (Entry("procedure", "choice", among="running"), Entry("result", "area")),
    ),
    Deed(
        "request-extension", "clock", approval.RequestExtension,
        lambda s: s.is_running and s.is_prolongable and s.review["extension"] is None, (REASONS,),
    ),
    Deed("approve-extension", "clock", approval.ApproveExtension, lambda s: _asked(s.review["extension"], s.caller)),
    Deed(
        "refuse-extension", "clock", approval.RefuseExtension, lambda s: _asked(s.review["extension"], s.caller),
        (REASON,), danger=True,
    ),
    Deed(
        "request-joint-extension", "clock", approval.RequestJointExtension,
        lambda s: _leads(s) and s.bundle["joint"]["extension"] is None, (REASONS,), ours=False,
    ),
    Deed(
        "approve-joint-extension", "clock", approval.ApproveJointExtension,
        lambda s: _leads(s) and _asked(s.bundle["joint"]["extension"], s.caller), (Entry("approval"),), ours=False,
    ),
    Deed(
        "ask-opinion", "opinion", approval.AskOpinion, lambda s: s.is_undecided,
        (
            Entry("of", "org"), Entry("kind", "choice", among="kinds"), Entry("question", "area"),
            Entry("days", "number"),
        ),
    ),
    Deed(
        "give-opinion", "opinion", approval.GiveOpinion, lambda s: bool(s.opinions_owed),
        (Entry("opinion", "choice", among="opinions_owed"), Entry("answer", "area")), ours=False,
    ),
    Deed(
        "ask-further", "further", intake.RequestFurther, lambda s: s.is_undecided,
        (Entry("what"), Entry("basis", "area")), danger=True,
    ),
    Deed(
        "refuse-supplement", "tolerance", intake.RefuseSupplement, lambda s: bool(s.awaited),
        (Entry("materials", "materials", among="awaited"), REASON), danger=True,
    ),
    Deed(
        "extend-tolerance", "tolerance", intake.ExtendTolerance, lambda s: bool(s.awaited),
        (Entry("due_on", "date"), REASON),
    ),
    Deed(
        "tell-hearing-right", "hearing", approval.TellHearingRight,
        lambda s: s.is_running and s.review["hearing"] is None, (Entry("notice", required=False),),
    ),
    Deed(
        "request-hearing", "hearing", approval.RequestHearing,
        lambda s: bool(h := _hearing(s)) and not h["record"] and not h["wanted_by"] and not h["lapsed"], (PARTY,),
    ),
    Deed(
        "waive-hearing", "hearing", approval.WaiveHearing,
        lambda s: bool(h := _hearing(s)) and not h["record"] and not h["lapsed"], (PARTY,),
    ),
    Deed(
        "schedule-hearing", "hearing", approval.ScheduleHearing,
        lambda s: bool(h := _hearing(s)) and bool(h["wanted_by"]) and not h["record"],
        (Entry("on", "date"), Entry("place"), Entry("presider")),
    ),
    Deed(
        "record-hearing", "hearing", approval.RecordHearing,
        lambda s: bool(h := _hearing(s)) and h["on"] is not None and not h["record"], (Entry("record"),),
    ),
    Deed(
        "plan-visit", "visit", approval.PlanJointVisit, lambda s: s.is_undecided and bool(s.visit_words),
        (Entry("word", "choice", among="visit_words"), Entry("on", "date")),
    ),
    Deed(
        "record-visit", "visit", approval.RecordVisit, lambda s: bool(s.visits),
        (Entry("visit", "choice", among="visits"),),
    ),
    Deed("dispense-visit", "visit", approval.DispenseVisit, lambda s: bool(s.visits), (REASON,)),
    Deed("propose-correction", "change", approval.ProposeCorrection, _unproposed, (Entry("correction", "area"),)),
    Deed(
        "propose-voiding", "change", approval.ProposeVoiding, _unproposed,
        (Entry("ground", "area"), Entry("result", "choice", among="voidings")), danger=True,
    ),
    Deed(
        "propose-revocation", "change", approval.ProposeRevocation,
        lambda s: _unproposed(s) and s.review["status"] == "granted",
        (Entry("ground", "choice", among="grounds"), REASONS), danger=True,
    ),
    Deed(
        "approve-proposal", "change", approval.ApproveProposal,
        lambda s: bool(s.review["proposed"]) and s.review["proposed"]["by"] != s.caller.by,
    ),
    Deed("drop-proposal", "change", approval.DropProposal, lambda s: bool(s.review["proposed"]), (REASON,)),
    Deed(
        "record-verification", "verify", approval.RecordVerification, lambda s: _check(s) == "planned",
        (Entry("kept", "yes_no"), FINDINGS),
    ),
    Deed(
        "order-rectification", "verify", approval.OrderRectification, lambda s: _check(s) == "not_kept",
        (Entry("demands", "area"), Entry("days", "number", required=False)),
    ),
    Deed(
        "record-recheck", "verify", approval.RecordRecheck, lambda s: _check(s) == "ordered",
        (Entry("passed", "yes_no"), FINDINGS),
    ),
    Deed(
        "receive-packets", "paper", routing.ReceivePackets, lambda s: bool(s.packets),
        (Entry("packets", "packets", among="packets"), Entry("signature")), ours=False,
    ),
    Deed(
        "acknowledge-packets", "paper", routing.AcknowledgePackets, lambda s: bool(s.unread),
        (Entry("packets", "packets", among="unread"),), ours=False,
    ),
    Deed(
        "refuse-packets", "paper", routing.RefusePackets, lambda s: bool(s.refusable),
        (Entry("packets", "packets", among="refusable"), Entry("witness"), Entry("reason", required=False)), ours=False,
    ),
    Deed(
        "return-originals", "paper", routing.ReturnOriginals, lambda s: bool(s.originals),
        (Entry("copies", "copies", among="originals"),), ours=False,
    ),
)  # fmt: skip

GROUPS = ("desk", "decide", "clock", "opinion", "further", "tolerance", "hearing", "visit", "paper", "verify", "change")
BY_NAME = {deed.name: deed for deed in DEEDS}


def offered(situation: Situation) -> dict[str, list[Deed]]:
    """group → what is offered, in the order of the desk; groups without anything are left out."""
    found = {group: [deed for deed in DEEDS if deed.group == group and deed.is_offered(situation)] for group in GROUPS}
    return {group: deeds for group, deeds in found.items() if deeds}
