"""After the decision: corrected, void or revoked, also when the case is closed (行政许可法 第69、70条)."""

from certificate.domain.commands import CorrectCertificates, RevokeCertificates, VoidCertificates
from certificate.domain.comprehensive import Comprehending
from certificate.domain.sealing import Means
from certificate.domain.standing import FALLS_TO
from certificate.domain.state import Status
from contracts.certificate import OutputReopened
from contracts.language import Act
from eventing.aggregate import applies


class Revoking(Comprehending):
    """What becomes of results afterwards; the comprehensive licence follows its parts."""

    def correct(self, command: CorrectCertificates, *, means: Means, act: Act) -> None:
        """更正: the item's documents are issued again, each replacing its earlier edition. Objects stay as they are."""
        again = [each for each in self.in_force(command.item) if each.issued.kind != "object"]
        later = []
        for old in again:
            number = {"number": command.decision} if old.issued.kind == "decision" else {}
            later.append(
                self._reissue(old, means, act, decision=command.decision, correction=command.correction, **number)
            )
            self._fall(old, "replaced", "corrected", act, replaced_by=later[-1])
        if not again:
            return
        later += self._load_parts(means, act)
        if self.status is not Status.PLANNED or self.goes_at_once(means.catalogue.theme(self.theme), command.item):
            self._assemble(command.item, later, means.limits, act)

    def void(self, command: VoidCertificates, *, means: Means, act: Act) -> None:
        """作废: the review is open again, and so is the output, even if the item yields nothing. Again is no news."""
        for result in self.in_force(command.item):
            self._fall(result, "void", command.ground, act)
        if self._allows("reopen"):
            self.record(OutputReopened, act, items=self.items, again=self._completed_of((command.item,)))
        self._assemble(self.theme, self._load_parts(means, act), means.limits, act)

    def revoke(self, command: RevokeCertificates, *, means: Means, act: Act) -> None:
        """撤销, 注销: what was issued on the decision falls. Again is no news."""
        if not (fallen := self.in_force(command.item)):
            return
        for result in fallen:
            self._fall(result, FALLS_TO[command.ground], command.ground, act)
        self._assemble(self.theme, self._load_parts(means, act), means.limits, act)
        self._complete(act)

    @applies(OutputReopened)
    def _reopened(self, fact: OutputReopened) -> None:
        self.items = fact.items
        self.status = Status.PLANNED
        self.verdict = None
        self.covered = ()
        self.completed = tuple(item for item in self.completed if item not in fact.again)
        self.again = tuple(dict.fromkeys((*self.again, *fact.again)))
