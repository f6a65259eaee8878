"""An output is what one case yields: certificates from its grants, in packages, at one exit."""

from certificate.domain.commands import ConcludeOutput, PlanOutput, ReopenOutput
from certificate.domain.revocation import Revoking
from certificate.domain.sealing import Means
from certificate.domain.state import Status
from contracts.certificate import OutputPlanned, OutputReopened, VerdictNoted
from contracts.language import Act
from eventing.aggregate import applies


class Output(Revoking):
    """What one case yields, from the first certificate to the last hand-over; each topic's rules have a module."""

    def plan(self, command: PlanOutput, *, act: Act) -> None:
        """Takes up the case; how results leave was agreed with the applicant. Again is no news."""
        if not self.version:
            self.record(
                OutputPlanned,
                act,
                number=command.number,
                theme=command.theme,
                catalogue=command.catalogue,
                region=command.region,
                mode=command.mode,
                items=command.items,
                hall=command.hall,
            )

    @applies(OutputPlanned)
    def _planned(self, fact: OutputPlanned) -> None:
        self.number = fact.number
        self.theme = fact.theme
        self.catalogue = fact.catalogue
        self.region = fact.region
        self.mode = fact.mode
        self.items = fact.items
        self.hall = fact.hall

    def reopen(self, command: ReopenOutput, *, act: Act) -> None:
        """Items were joined (接续) or are decided again, so more results may come until the next verdict.

        The same again is no news.
        """
        items = tuple(dict.fromkeys((*self.items, *command.items)))
        again = self._completed_of(command.again)
        if items != self.items or again or self._allows("reopen"):
            self.record(OutputReopened, act, items=items, again=again)

    def conclude(self, command: ConcludeOutput, *, means: Means, act: Act) -> None:
        """Every item has come to its end: what was kept back leaves now. Again is no news."""
        if not self._allows("conclude"):
            return
        self.record(VerdictNoted, act, verdict=command.verdict, items=command.items)
        self._load_parts(means, act)
        self._assemble(self.theme, self.unpacked(), means.limits, act)
        self._complete(act)

    @applies(VerdictNoted)
    def _noted(self, fact: VerdictNoted) -> None:
        self.verdict = fact.verdict
        self.covered = fact.items
        self.status = Status.CONCLUDED
