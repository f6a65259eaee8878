"""容缺: what applicants declare, supplements that do not comply, extensions, and what happens when nothing comes."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from contracts.intake import DeclareTerms, ExtendTolerance, RefuseSupplement
from contracts.language import Act
from eventing.errors import OneThingError
from eventing.service import command, deadline, reaction
from intake.batches import for_each
from intake.domain import Case, Outline, Terms
from intake.domain.tolerance import RestTolerance, ResumeTolerance
from intake.gathering import Gathering
from intake.projections import standing
from kernel.clock import local_date


class Declaration(Struct, frozen=True):
    """The terms that an applicant declares, with what bars them."""

    outline: Outline
    terms: Terms
    act: Act


class Tolerating(Gathering):
    """What becomes of a tolerance."""

    @command(DeclareTerms, on=Case, given="declarations")
    def declare_terms(self, case: Case, _cmd: DeclareTerms, _act: Act, given: Declaration) -> dict[str, Any]:
        """申请人声明."""
        case.declare(given.outline, given.terms, calendar=self.calendar, act=given.act)
        return standing(case)

    def declarations(self, batch: Sequence[tuple[Case, DeclareTerms, Act]]) -> list[Declaration | OneThingError]:
        """What bars whoever declares terms, and the agents' mandates."""
        acts = self.mandated(batch)
        wanting = [(case.applicant_index, act) for case, cmd, act in batch if cmd.tolerate or cmd.promise]
        bars = self.credit_bars([index for index, _ in wanting], local_date(batch[0][2].at)) if wanting else {}

        def declared(case: Case, cmd: DeclareTerms, act: Act | OneThingError) -> Declaration:
            if isinstance(act, OneThingError):
                raise act
            barred = bars.get(case.applicant_index, ())
            return Declaration(self.outline(case), Terms(cmd.tolerate, cmd.promise, cmd.signed, barred), act)

        return for_each(declared, [(case, cmd, act) for (case, cmd, _), act in zip(batch, acts, strict=True)])

    @command(RefuseSupplement, on=Case)
    def refuse_supplement(self, case: Case, cmd: RefuseSupplement, act: Act) -> dict[str, Any]:
        """It does not comply and is still missing."""
        case.refuse_supplement(cmd.item, cmd.materials, reason=cmd.reason, act=act)
        return standing(case)

    @command(ExtendTolerance, on=Case, given="extensions")
    def extend_tolerance(self, case: Case, cmd: ExtendTolerance, act: Act, given: str) -> dict[str, Any]:
        """不可抗力延期."""
        case.extend_tolerance(cmd.item, cmd.due_on, reason=cmd.reason, notice=given, act=act)
        return standing(case)

    def extensions(self, batch: Sequence[tuple[Case, ExtendTolerance, Act]]) -> list[str | OneThingError]:
        """Numbers for notices of extension."""
        return for_each(lambda case, cmd, act: self.item_notice("tolerated", case, cmd.item, act), batch)

    @reaction(RestTolerance, on=Case, creates=False)
    def rest_tolerance(self, case: Case, cmd: RestTolerance, act: Act) -> None:
        """不予许可."""
        case.rest_tolerance(cmd.item, decision=cmd.decision, act=act)

    @reaction(ResumeTolerance, on=Case, creates=False)
    def resume_tolerance(self, case: Case, cmd: ResumeTolerance, act: Act) -> None:
        """作废."""
        case.resume_tolerance(cmd.item, calendar=self.calendar, act=act)

    @deadline("tolerance", on=Case)
    def lapse(self, case: Case, act: Act, timer: str) -> None:
        """容缺逾期."""
        item = timer.partition(":")[2]
        case.lapse(item, notice=self.item_notice("lapsed", case, item, act), act=act)
