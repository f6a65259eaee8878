"""After the decision: corrections, voiding, revocation, and the verification of what was granted."""

from typing import Any

from approval.domain import Bundle
from approval.ground import Ground
from approval.remedies import remedy
from contracts.approval import (
    ApproveProposal,
    DropProposal,
    OrderRectification,
    ProposeCorrection,
    ProposeRevocation,
    ProposeVoiding,
    RecordRecheck,
    RecordVerification,
)
from contracts.language import Act
from eventing.service import command, deadline


class Afterwards(Ground):
    """Amendments by two people, and verification."""

    @command(ProposeCorrection, on=Bundle)
    def propose_correction(self, bundle: Bundle, cmd: ProposeCorrection, act: Act) -> None:
        """更正, the first person."""
        bundle.propose_correction(cmd.item, cmd.correction, self._law(bundle, act), act=act)

    @command(ProposeVoiding, on=Bundle)
    def propose_voiding(self, bundle: Bundle, cmd: ProposeVoiding, act: Act) -> None:
        """作废 or 删除, the first person."""
        bundle.propose_voiding(cmd.item, cmd.ground, cmd.result, self._law(bundle, act), act=act)

    @command(ProposeRevocation, on=Bundle)
    def propose_revocation(self, bundle: Bundle, cmd: ProposeRevocation, act: Act) -> None:
        """撤销 or 注销, the first person."""
        bundle.propose_revocation(cmd.item, cmd.ground, cmd.reasons, self._law(bundle, act), act=act)

    @command(ApproveProposal, on=Bundle)
    def approve_proposal(self, bundle: Bundle, cmd: ApproveProposal, act: Act) -> dict[str, Any]:
        """The second person."""
        law = self._law(bundle, act)
        told = remedy(law.theme.item(cmd.item)) if cmd.item in bundle.reviews else ""
        bundle.approve_proposal(cmd.item, law, remedy=told, act=act)
        return self._answer(bundle, cmd.item)

    @command(DropProposal, on=Bundle)
    def drop_proposal(self, bundle: Bundle, cmd: DropProposal, act: Act) -> None:
        """Nothing comes of it."""
        bundle.drop_proposal(cmd.item, cmd.reason, self._law(bundle, act), act=act)

    @command(RecordVerification, on=Bundle)
    def record_verification(self, bundle: Bundle, cmd: RecordVerification, act: Act) -> None:
        """事后核查."""
        law = self._law(bundle, act)
        bundle.record_verification(cmd.item, kept=cmd.kept, findings=cmd.findings, law=law, act=act)

    @command(OrderRectification, on=Bundle)
    def order_rectification(self, bundle: Bundle, cmd: OrderRectification, act: Act) -> dict[str, Any]:
        """责令限期改正."""
        bundle.order_rectification(cmd.item, cmd.demands, cmd.days, self._law(bundle, act), act=act)
        return {"item": cmd.item, "due_on": bundle.checks[cmd.item].rectify_by}

    @command(RecordRecheck, on=Bundle)
    def record_recheck(self, bundle: Bundle, cmd: RecordRecheck, act: Act) -> None:
        """Whether it was put right."""
        law = self._law(bundle, act)
        bundle.record_recheck(cmd.item, passed=cmd.passed, findings=cmd.findings, law=law, act=act)

    @deadline("verification", on=Bundle)
    def remind_of_verifications(self, bundle: Bundle, act: Act) -> None:
        """A day of a verification has passed."""
        bundle.remind_of_verifications(act=act)
