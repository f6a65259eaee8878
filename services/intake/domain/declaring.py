"""申请人声明: asking from home to bring materials later (容缺), or promising instead of proving (告知承诺).

Both are the applicant's choice, on a commitment that they sign; accepting on these terms is the hall's. So nothing is
accepted here: what was declared stands ready, signed, for whoever accepts.
"""

from msgspec.structs import replace

from contracts.intake import Signed, TermsDeclared
from contracts.language import Act
from eventing.aggregate import applies
from intake.domain.commitment import promised
from intake.domain.outline import Outline
from intake.domain.refusals import ItemSettled
from intake.domain.terms import NORMAL, Terms, check_signed
from intake.domain.tolerance import Tolerances, tolerated
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar


class Declaring(Tolerances):
    """The terms on which the applicant wants to be accepted."""

    declared: Terms

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.declared = NORMAL

    def declare(self, outline: Outline, terms: Terms, *, calendar: WorkingCalendar, act: Act) -> None:
        """Notes the terms, if the law opens them for what is not accepted yet; the same again is no news.

        Raises what accepting on these terms would be refused with: NotTolerable, NoCommitment, BothWays,
        UnrelatedMaterial, CreditBarStands, NotSigned; ItemSettled for a promise that comes too late.
        """
        self._may("accept")
        self._in_case(terms.promise)
        if settled := {item: self.items[item] for item in terms.promise if item not in self.open_items}:
            raise ItemSettled(items=settled)
        committed = promised(outline, self.open_items, terms)
        lacks = outline.missing(self.open_items, self.present)
        missing = {item: [need.material for need in lacks.get(item, ())] for item in self.open_items}
        tolerated(outline, missing, terms, committed=committed, calendar=calendar, on=local_date(act.at))
        signed: Signed | None = check_signed(terms.signed) if terms.tolerate or terms.promise else None
        wanted = Terms(tolerate=terms.tolerate, promise=terms.promise, signed=signed)
        if wanted != self.declared:
            self.record(TermsDeclared, act, tolerate=wanted.tolerate, promise=wanted.promise, signed=signed)

    @applies(TermsDeclared)
    def _declared(self, fact: TermsDeclared) -> None:
        self.declared = Terms(tolerate=fact.tolerate, promise=fact.promise, signed=fact.signed)

    def signed_before(self, terms: Terms) -> Terms:
        """The terms of an acceptance with the commitment that covers them, where the applicant signed one before."""
        mine = self.declared
        covered = {*terms.tolerate} <= {*mine.tolerate} and {*terms.promise} <= {*mine.promise}
        return replace(terms, signed=mine.signed) if terms.signed is None and covered else terms
