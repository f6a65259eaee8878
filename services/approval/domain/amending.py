"""What may happen to a decision afterwards: 更正, 作废, 删除, 撤销, 注销. One person proposes, another approves."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from approval.domain.days import past
from approval.domain.desks import Desks
from approval.domain.law import Law
from approval.domain.people import is_person
from approval.domain.refusals import (
    NoDecision,
    NotCorrectable,
    NothingProposed,
    ProposalPending,
    TwoPeopleNeeded,
)
from approval.domain.review import Review, Status
from approval.domain.watch import NOTHING, marks
from catalogue.joins import Join, Progress, join
from contracts.approval import (
    CorrectionProposed,
    DecisionCorrected,
    DecisionRevoked,
    DecisionVoided,
    ProposalDropped,
    ReviewDenied,
    ReviewGranted,
    ReviewsRelocked,
    RevocationGround,
    RevocationProposed,
    VoidingProposed,
)
from contracts.language import Act
from eventing.aggregate import applies

HOUSE = "system"
"""Who proposes where no person does."""

Kind = Literal["correction", "voiding", "revocation"]

AFTERWARDS: dict[Status, frozenset[str]] = {
    Status.GRANTED: frozenset({"correction", "voiding", "revocation", "verification"}),
    Status.GRANTED_TOLERANT: frozenset({"correction", "voiding", "revocation", "verification"}),
    Status.DENIED: frozenset({"correction", "voiding"}),
}
"""What may be done about a decision, by what it was; the case may be concluded and closed by then."""


class Proposal(Struct, frozen=True):
    """What somebody wants done about a decision; `by` is empty where the house itself speaks of it."""

    kind: Kind
    by: str
    decision: str
    words: str
    """The correction, the ground of voiding, the reasons of revocation."""
    detail: str = ""
    """`voided` or `deleted`; the ground of revocation."""


class Amendment(Struct, frozen=True):
    """What was done about a decision."""

    kind: Kind
    at: datetime
    decision: str
    verdict: Status
    """What the decision was."""
    words: str
    detail: str
    proposed_by: str
    approved_by: str


class Amending(Desks):
    """Proposals about decisions, and what comes of them."""

    proposals: dict[str, Proposal]
    amendments: dict[str, tuple[Amendment, ...]]
    decisions: dict[str, int]
    """How often an item was decided: more than once only when a decision fell."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.proposals = {}
        self.amendments = {}
        self.decisions = {}

    def propose_correction(self, item: str, correction: str, law: Law, *, act: Act) -> None:
        """更正: a clerical error. Raises NotCorrectable where the catalogue says so."""
        review = self._amended(item, "correction", law, act)
        if not law.theme.item(item).correctable:
            raise NotCorrectable(item=item, names=law.names(item))
        if self._is_news(item, Proposal("correction", act.by, review.decision, correction), law):
            told = {"item": item, "handler": review.handler, "decision": review.decision}
            self.record(CorrectionProposed, act, correction=correction, **told)

    @applies(CorrectionProposed)
    def _correction_proposed(self, fact: CorrectionProposed) -> None:
        self.proposals[fact.item] = Proposal("correction", fact.by, fact.decision, fact.correction)

    def propose_voiding(
        self, item: str, ground: str, result: Literal["voided", "deleted"], law: Law, *, act: Act
    ) -> None:
        """作废 of a decision without effect, 删除 of one entered by mistake."""
        review = self._amended(item, "voiding", law, act)
        if self._is_news(item, Proposal("voiding", act.by, review.decision, ground, result), law):
            told = {"item": item, "handler": review.handler, "decision": review.decision}
            self.record(VoidingProposed, act, ground=ground, result=result, **told)

    @applies(VoidingProposed)
    def _voiding_proposed(self, fact: VoidingProposed) -> None:
        self.proposals[fact.item] = Proposal("voiding", fact.by, fact.decision, fact.ground, fact.result)

    def propose_revocation(self, item: str, ground: RevocationGround, reasons: str, law: Law, *, act: Act) -> None:
        """撤销 of a grant (行政许可法 第69条), or 注销 (第70条)."""
        review = self._amended(item, "revocation", law, act)
        if self._is_news(item, Proposal("revocation", act.by, review.decision, reasons, ground), law):
            told = {"item": item, "handler": review.handler, "decision": review.decision}
            self.record(RevocationProposed, act, ground=ground, reasons=reasons, **told)

    @applies(RevocationProposed)
    def _revocation_proposed(self, fact: RevocationProposed) -> None:
        if fact.by != HOUSE:
            self.proposals[fact.item] = Proposal("revocation", fact.by, fact.decision, fact.reasons, fact.ground)
        elif self.proposed(fact.item) is None:
            self.proposals[fact.item] = Proposal("revocation", "", fact.decision, fact.reasons, fact.ground)

    def drop_proposal(self, item: str, reason: str, law: Law, *, act: Act) -> None:
        """Takes a proposal back, or turns it down; without one it is no news."""
        review = self._handled(item, law, act)
        if proposal := self.proposed(item):
            told = {"item": item, "handler": review.handler}
            self.record(ProposalDropped, act, proposal=proposal.kind, reason=reason, **told)

    @applies(ProposalDropped)
    def _proposal_dropped(self, fact: ProposalDropped) -> None:
        del self.proposals[fact.item]

    def approve_proposal(self, item: str, law: Law, *, remedy: str, act: Act) -> None:
        """Does what another person proposed. What the same person has approved already is no news."""
        review = self._handled(item, law, act)
        proposal = self.proposed(item)
        if proposal is None:
            if item in self.amendments and self.amendments[item][-1].approved_by == act.by:
                return
            raise NothingProposed(item=item, names=law.names(item))
        if not (is_person(proposal.by) and is_person(act.by) and proposal.by != act.by):
            raise TwoPeopleNeeded(item=item, by=proposal.by, names=law.names(item))
        told = {
            "item": item,
            "handler": review.handler,
            "decision": proposal.decision,
            "proposed_by": proposal.by,
            "approved_by": act.by,
        }
        match proposal.kind:
            case "correction":
                self.record(DecisionCorrected, act, correction=proposal.words, **told)
            case "voiding":
                dependants = self.dependants(item, Progress.ACCEPTED, law)
                self.record(
                    DecisionVoided,
                    act,
                    ground=proposal.words,
                    result=proposal.detail,
                    dependants=dependants,
                    **told,
                )
                self._relock(item, law, act)
            case "revocation":
                dependants = self.dependants(item, Progress.DENIED, law)
                self.record(
                    DecisionRevoked,
                    act,
                    ground=proposal.detail,
                    reasons=proposal.words,
                    remedy=remedy,
                    dependants=dependants,
                    **told,
                )
                self._relock(item, law, act)

    @applies(DecisionCorrected)
    def _corrected(self, fact: DecisionCorrected) -> None:
        self._amend("correction", fact, fact.correction, "")

    @applies(DecisionVoided)
    def _voided(self, fact: DecisionVoided) -> None:
        """The review is as open as before its decision; its clocks are the old ones, and so is its lateness."""
        self._amend("voiding", fact, fact.ground, fact.result)
        self._reopen(fact.item, fact.at)
        self.verdict = None

    @applies(DecisionRevoked)
    def _revoked(self, fact: DecisionRevoked) -> None:
        self._amend("revocation", fact, fact.reasons, fact.ground)
        self._change(fact.item, status=Status.REVOKED, remedy=fact.remedy)

    def proposed(self, item: str) -> Proposal | None:
        """What is proposed about the decision that stands; a proposal about one that has fallen is none."""
        proposal = self.proposals.get(item)
        if proposal is None or proposal.decision != self._review(item).decision:
            return None
        return proposal if self._can(item, proposal.kind) else None

    def dependants(self, item: str, instead: Progress, law: Law) -> tuple[str, ...]:
        """The granted items of the case whose join would not hold with the item so far only."""
        return tuple(
            other
            for other, review in self.reviews.items()
            if self._can(other, "revocation")
            and _rests_on(other, item, law)
            and self._join_with(other, law).state == "ready"
            and self._join_with(other, law, {item: instead}).state != "ready"
        )

    def _relock(self, item: str, law: Law, act: Act) -> None:
        """Reviews that rested on a decision, or failed by it, wait for their joins again; then the case goes on.

        So does the item itself, if what it needs has fallen since it was decided.
        """
        causes: tuple[str, ...] = (item,)
        while causes:
            changed = tuple(
                other
                for other, review in self.reviews.items()
                if (other == item or any(_rests_on(other, cause, law) for cause in causes))
                and (
                    (review.allows("hear") and self._join_with(other, law).state != "ready")
                    or (review.status is Status.BLOCKED and self._join_with(other, law).state != "blocked")
                )
            )
            if changed:
                joint = self._whole_without(changed, law)
                self.record(ReviewsRelocked, act, items=changed, because=causes, joint=joint)
            causes = changed
        self._go_on(law, act)

    def _amended(self, item: str, kind: Kind, law: Law, act: Act) -> Review:
        """The decided review of the caller's organisation, if its decision can be changed so."""
        review = self._handled(item, law, act)
        if not self._can(item, kind):
            raise NoDecision(item=item, status=review.status.value, names=law.names(item))
        return review

    def _can(self, item: str, verb: str) -> bool:
        return verb in AFTERWARDS.get(self._review(item).status, ())

    def _is_news(self, item: str, proposal: Proposal, law: Law) -> bool:
        """Whether it can be proposed now; what a person proposed before has to be settled first."""
        standing = self.proposed(item)
        if standing == proposal:
            return False
        if standing is not None and standing.by:
            raise ProposalPending(item=item, proposal=standing.kind, by=standing.by, names=law.names(item))
        return True

    def _amend(
        self, kind: Kind, fact: DecisionCorrected | DecisionVoided | DecisionRevoked, words: str, detail: str
    ) -> None:
        """Files what was done about a decision; its proposal is settled."""
        done = Amendment(
            kind,
            fact.at,
            fact.decision,
            self.reviews[fact.item].status,
            words,
            detail,
            fact.proposed_by,
            fact.approved_by,
        )
        self.amendments[fact.item] = (*self.amendments.get(fact.item, ()), done)
        self.proposals.pop(fact.item, None)

    def _reopen(self, item: str, at: datetime) -> None:
        """Open as before the decision: with the old clocks; what was said of their ends is not said again.

        Whoever decided was not silent: where the limit has ended by now, silence decides nothing any more.
        """
        review = self.reviews[item]
        clocks = review.clocks
        if clocks and clocks.statutory_due and past(clocks.statutory_due) <= at:
            clocks = replace(clocks, tacit="")
        self._change(
            item,
            status=Status.OPEN,
            decision="",
            decided_at=None,
            words="",
            remedy="",
            clocks=clocks,
            watch=review.watch.over(marks(clocks)) if clocks else NOTHING,
        )
        self._freed(item)

    def _decided(self, fact: ReviewGranted | ReviewDenied, status: Status, *, words: str, remedy: str = "") -> None:
        super()._decided(fact, status, words=words, remedy=remedy)
        self.decisions[fact.item] = self.decisions.get(fact.item, 0) + 1

    def _decision(self, item: str) -> str:
        """A decision after one that fell has a number of its own."""
        before = self.decisions.get(item, 0)
        return f"{super()._decision(item)}-{before + 1}" if before else super()._decision(item)

    def _join_with(self, item: str, law: Law, changed: Mapping[str, Progress] = MappingProxyType({})) -> Join:
        """The join of an item, had some others come as far as this."""
        return join(law.theme.item(item), self.standings, self.progress() | dict(changed))


def _rests_on(item: str, other: str, law: Law) -> bool:
    """Whether the catalogue makes one item wait for the other."""
    return any(other in dependency.any_of for dependency in law.theme.item(item).depends_on)
