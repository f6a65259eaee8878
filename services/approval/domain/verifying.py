"""事后核查: what was granted is verified, put right where it is wrong, and looked at again."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from approval.domain.amending import HOUSE, Amending
from approval.domain.days import past
from approval.domain.law import Law
from approval.domain.refusals import (
    NothingToRecheck,
    NothingToRectify,
    NotVerifiable,
    RectificationTermMissing,
)
from approval.domain.review import Review
from catalogue.conditions import holds
from catalogue.model import Item
from catalogue.rules import Commitment, Limit, Verification
from contracts.approval import (
    RectificationOrdered,
    RectificationRechecked,
    RevocationProposed,
    VerificationOverdue,
    VerificationPlanned,
    VerificationRecorded,
)
from contracts.language import Act
from eventing.aggregate import applies

Basis = Literal["promise", "assisted_promise", "rule"]
Step = Literal["verification", "rectification", "recheck"]


class Check(Struct, frozen=True):
    """The verification of one grant."""

    decision: str
    """The grant; another decision has a check of its own."""
    basis: Basis | None = None
    due_on: date | None = None
    state: Literal["planned", "kept", "not_kept", "ordered", "passed", "failed"] = "planned"
    findings: str = ""
    demands: str = ""
    rectify_by: date | None = None
    recheck_by: date | None = None
    overdue: tuple[Step, ...] = ()

    def ahead(self) -> Iterator[tuple[Step, date]]:
        """The days that may still pass without what they are for."""
        steps: tuple[tuple[Step, date | None], ...] = ()
        if self.state == "planned":
            steps = (("verification", self.due_on),)
        elif self.state == "ordered":
            steps = (("rectification", self.rectify_by), ("recheck", self.recheck_by))
        yield from ((step, day) for step, day in steps if day is not None and step not in self.overdue)


def plan(
    item: Item, *, committed: bool, answers: Mapping[str, str], part: Collection[str], law: Law
) -> tuple[Basis, date] | None:
    """What has to be verified after a grant, and until when; None: nothing.

    A promise (告知承诺) is verified as its commitment says (国办发〔2020〕42号: 免予核查, 事后核查,
    行政协助核查), anything else as the item's own rule does.
    """
    promise = item.commitment if committed else None
    if promise is not None and promise.verification != "exempt" and promise.verify_within is not None:
        basis: Basis = "promise" if promise.verification == "afterwards" else "assisted_promise"
        return basis, law.calendar.add(law.day, promise.verify_within.days)
    rule = item.verification
    if rule is not None and holds(rule.when, answers, part):
        return "rule", law.calendar.add(law.day, rule.within.days)
    return None


class Verifying(Amending):
    """Planning and recording verifications, ordering rectification, and what a failed recheck leads to."""

    checks: dict[str, Check]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.checks = {}

    def _was_granted(self, item: str, law: Law, act: Act) -> None:
        super()._was_granted(item, law, act)
        review = self.reviews[item]
        found = plan(law.theme.item(item), committed=review.committed, answers=self.answers, part=self.part, law=law)
        if found is not None:
            self.record(VerificationPlanned, act, item=item, handler=review.handler, basis=found[0], due_on=found[1])

    @applies(VerificationPlanned)
    def _verification_planned(self, fact: VerificationPlanned) -> None:
        self.checks[fact.item] = Check(self.reviews[fact.item].decision, fact.basis, fact.due_on)

    def record_verification(self, item: str, *, kept: bool, findings: str, law: Law, act: Act) -> None:
        """What a verification found; planned or not (行政许可法 第61条). The same finding again is no news."""
        review = self._verified(item, law, act)
        check = self.check(item) or Check(review.decision)
        wanted = "kept" if kept else "not_kept"
        if (check.state, check.findings) == (wanted, findings):
            return
        if check.state not in {"planned", "kept", "passed"}:
            raise NotVerifiable(item=item, state=check.state, names=law.names(item))
        self.record(VerificationRecorded, act, item=item, handler=review.handler, kept=kept, findings=findings)

    @applies(VerificationRecorded)
    def _verification_recorded(self, fact: VerificationRecorded) -> None:
        check = self.check(fact.item) or Check(self.reviews[fact.item].decision)
        self.checks[fact.item] = replace(check, state="kept" if fact.kept else "not_kept", findings=fact.findings)

    def order_rectification(self, item: str, demands: str, days: int | None, law: Law, *, act: Act) -> None:
        """责令限期改正, within days of the order or of the catalogue. The same order again is no news."""
        review = self._verified(item, law, act)
        check = self.check(item)
        if check is None or check.state not in {"not_kept", "ordered", "failed"}:
            raise NothingToRectify(item=item, names=law.names(item))
        if check.state == "ordered":
            if check.demands != demands:
                raise NothingToRectify(item=item, names=law.names(item))
            return
        terms = _terms(law.theme.item(item), check)
        term = days if days is not None else _days(terms.rectify_within if terms else None)
        if term is None:
            raise RectificationTermMissing(item=item, names=law.names(item))
        due_on = law.calendar.add(law.day, term)
        recheck = _days(terms.recheck_within if terms else None)
        self.record(
            RectificationOrdered,
            act,
            item=item,
            handler=review.handler,
            demands=demands,
            due_on=due_on,
            recheck_by=None if recheck is None else law.calendar.add(due_on, recheck),
        )

    @applies(RectificationOrdered)
    def _rectification_ordered(self, fact: RectificationOrdered) -> None:
        self.checks[fact.item] = replace(
            self.checks[fact.item],
            state="ordered",
            demands=fact.demands,
            rectify_by=fact.due_on,
            recheck_by=fact.recheck_by,
            overdue=(),
        )

    def record_recheck(self, item: str, *, passed: bool, findings: str, law: Law, act: Act) -> None:
        """Whether it was put right; if not, the handler is proposed a revocation. The same again is no news."""
        review = self._verified(item, law, act)
        check = self.check(item)
        wanted = "passed" if passed else "failed"
        if check is not None and (check.state, check.findings) == (wanted, findings):
            return
        if check is None or check.state != "ordered":
            raise NothingToRecheck(item=item, names=law.names(item))
        told = {"item": item, "handler": review.handler}
        self.record(RectificationRechecked, act, passed=passed, findings=findings, **told)
        if not passed:
            ground = "verification_failed" if check.basis in {None, "rule"} else "false_promise"
            self.record(
                RevocationProposed,
                replace(act, by=HOUSE),
                decision=review.decision,
                ground=ground,
                reasons=findings,
                **told,
            )

    @applies(RectificationRechecked)
    def _rectification_rechecked(self, fact: RectificationRechecked) -> None:
        self.checks[fact.item] = replace(
            self.checks[fact.item], state="passed" if fact.passed else "failed", findings=fact.findings
        )

    def remind_of_verifications(self, *, act: Act) -> None:
        """Says of every day of a verification that has passed what was not done by then, once."""
        for item in list(self.checks):
            for step, day in self._ahead(item):
                if past(day) <= act.at:
                    handler = self.reviews[item].handler
                    self.record(VerificationOverdue, act, item=item, handler=handler, step=step, due_on=day)

    @applies(VerificationOverdue)
    def _verification_overdue(self, fact: VerificationOverdue) -> None:
        check = self.checks[fact.item]
        self.checks[fact.item] = replace(check, overdue=(*check.overdue, fact.step))

    def check(self, item: str) -> Check | None:
        """The verification of the grant that stands."""
        check = self.checks.get(item)
        stands = check is not None and check.decision == self._review(item).decision and self._can(item, "verification")
        return check if stands else None

    def timers(self) -> dict[str, datetime]:
        """One timer a case: the next day of any verification."""
        days = [past(day) for item in self.checks for _, day in self._ahead(item)]
        return super().timers() | ({"verification": min(days)} if days else {})

    def _ahead(self, item: str) -> list[tuple[Step, date]]:
        check = self.check(item)
        return [] if check is None else [*check.ahead()]

    def _verified(self, item: str, law: Law, act: Act) -> Review:
        review = self._handled(item, law, act)
        if not self._can(item, "verification"):
            raise NotVerifiable(item=item, state=review.status.value, names=law.names(item))
        return review


def _terms(item: Item, check: Check) -> Commitment | Verification | None:
    """Where the terms for putting it right stand."""
    return item.verification if check.basis in {None, "rule"} else item.commitment


def _days(limit: Limit | None) -> int | None:
    return None if limit is None else limit.days
