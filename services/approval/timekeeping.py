"""Handlers of what moves the clocks: special procedures, extensions, waits, supervision, a new calendar."""

from collections.abc import Sequence
from typing import Any

from approval.derivations import clocks
from approval.domain import Bundle, Law
from approval.domain.refusals import ProcedureUnknown
from approval.ground import Ground
from approval.remedies import remedy
from approval.wording import WORDS, procedures_of
from catalogue.rules import SpecialProcedure
from contracts.approval import (
    ApproveExtension,
    ApproveJointExtension,
    RederiveClocks,
    RefuseExtension,
    RequestExtension,
    RequestJointExtension,
    ResumeReview,
    SuspendReview,
)
from contracts.language import Act
from eventing.errors import NotFound
from eventing.service import command, deadline


class Timekeeping(Ground):
    """The clocks, as people and time move them."""

    @command(SuspendReview, on=Bundle, given="suspension_notices")
    def suspend_review(self, bundle: Bundle, cmd: SuspendReview, act: Act, notice: str) -> dict[str, Any]:
        """特别程序 begins; the applicant is told in writing how long it takes."""
        if cmd.item not in bundle.reviews:
            raise NotFound(what="review", id=cmd.item)
        law = self._law(bundle, act)
        procedure = self._procedure(cmd, law)
        bundle.suspend(cmd.item, procedure, law, reason=cmd.reason, days=cmd.expected_days, notice=notice, act=act)
        return self._clocks(bundle, cmd.item)

    def suspension_notices(self, batch: Sequence[tuple[Bundle, SuspendReview, Act]]) -> list[str]:
        """A number for the written notice of each."""
        return [self._notice("suspension", self._handler(bundle, cmd.item), bundle, act) for bundle, cmd, act in batch]

    @command(ResumeReview, on=Bundle)
    def resume_review(self, bundle: Bundle, cmd: ResumeReview, act: Act) -> dict[str, Any]:
        """特别程序 has its result."""
        bundle.resume(cmd.item, cmd.procedure, cmd.result, self._law(bundle, act), act=act)
        return self._clocks(bundle, cmd.item)

    @command(RequestExtension, on=Bundle)
    def request_extension(self, bundle: Bundle, cmd: RequestExtension, act: Act) -> dict[str, Any]:
        """延长 is asked for."""
        bundle.request_extension(cmd.item, cmd.reasons, self._law(bundle, act), act=act)
        return self._clocks(bundle, cmd.item)

    @command(ApproveExtension, on=Bundle, given="extension_notices")
    def approve_extension(self, bundle: Bundle, cmd: ApproveExtension, act: Act, notice: str) -> dict[str, Any]:
        """延长 by a second person."""
        bundle.approve_extension(cmd.item, notice, self._law(bundle, act), act=act)
        return self._clocks(bundle, cmd.item)

    def extension_notices(self, batch: Sequence[tuple[Bundle, ApproveExtension, Act]]) -> list[str]:
        """A number for the notice of each, which tells the reasons."""
        return [self._notice("extension", self._handler(bundle, cmd.item), bundle, act) for bundle, cmd, act in batch]

    @command(RefuseExtension, on=Bundle)
    def refuse_extension(self, bundle: Bundle, cmd: RefuseExtension, act: Act) -> dict[str, Any]:
        """The limit stays."""
        bundle.refuse_extension(cmd.item, cmd.reason, self._law(bundle, act), act=act)
        return self._clocks(bundle, cmd.item)

    @command(RequestJointExtension, on=Bundle)
    def request_joint_extension(self, bundle: Bundle, cmd: RequestJointExtension, act: Act) -> None:
        """延长 of the whole is asked for."""
        bundle.request_joint_extension(cmd.reasons, self._law(bundle, act), act=act)

    @command(ApproveJointExtension, on=Bundle, given="joint_extension_notices")
    def approve_joint_extension(
        self, bundle: Bundle, cmd: ApproveJointExtension, act: Act, notice: str
    ) -> dict[str, Any]:
        """延长 of the whole, with the government's approval."""
        bundle.approve_joint_extension(cmd.approval, notice, self._law(bundle, act), act=act)
        return {"joint": bundle.joint}

    def joint_extension_notices(self, batch: Sequence[tuple[Bundle, ApproveJointExtension, Act]]) -> list[str]:
        """A number for the notice of each, which tells the reasons."""
        return [self._notice("joint_extension", "", bundle, act) for bundle, _, act in batch]

    @command(RederiveClocks, on=Bundle)
    def rederive_clocks(self, bundle: Bundle, cmd: RederiveClocks, act: Act) -> dict[str, Any]:
        """Open deadlines by today's calendar; says which moved."""
        moved = bundle.rederive(self._law(bundle, act), act=act) if bundle.is_open else ()
        return {"calendar": self.calendar.version, "moved": moved}

    @deadline("warning", on=Bundle)
    def warn(self, bundle: Bundle, act: Act) -> None:
        """A limit is about to pass, or has passed."""
        bundle.warn(self._law(bundle, act), act=act)

    @deadline("joint", on=Bundle)
    def warn_of_whole(self, bundle: Bundle, act: Act) -> None:
        """The joint limit is about to pass, or has passed."""
        bundle.warn_of_whole(self._law(bundle, act), act=act)

    @deadline("overrun", on=Bundle)
    def speak_of_overruns(self, bundle: Bundle, act: Act) -> None:
        """A special procedure takes longer than the applicant was told."""
        bundle.speak_of_overruns(self._law(bundle, act), act=act)

    @deadline("wait", on=Bundle)
    def pass_waits(self, bundle: Bundle, act: Act) -> None:
        """A period that had to pass has passed."""
        bundle.pass_waits(act=act)

    @deadline("silence", on=Bundle)
    def decide_by_silence(self, bundle: Bundle, act: Act) -> None:
        """A department kept silent where silence decides."""
        bundle.decide_by_silence(WORDS["silence"], remedy, self._law(bundle, act), act=act)

    def _procedure(self, cmd: SuspendReview, law: Law) -> SpecialProcedure:
        """What the law or the item knows by this id. Raises ProcedureUnknown."""
        known = procedures_of(law.theme.item(cmd.item))
        if cmd.procedure not in known:
            raise ProcedureUnknown(item=cmd.item, procedure=cmd.procedure, known=sorted(known))
        return known[cmd.procedure]

    def _clocks(self, bundle: Bundle, item: str) -> dict[str, Any]:
        """How the clocks of a review stand after the act."""
        review = bundle.reviews[item]
        told = clocks(review, self.calendar)
        return {"item": item, "status": review.status.value, "clocks": told, "extension": review.extension}
