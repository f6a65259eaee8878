"""延长审批: more time for a decision, approved by a second person before the limit ends (行政许可法 第42条第1款)."""

from msgspec.structs import replace

from approval.domain.clocks import derived
from approval.domain.deciding import Deciding
from approval.domain.law import Law
from approval.domain.people import is_person
from approval.domain.refusals import (
    AlreadyExtended,
    ExtensionNotRequested,
    ExtensionTooLate,
    NotExtendable,
    TwoPeopleNeeded,
)
from approval.domain.review import Extension, Review, intervals
from approval.domain.watch import marks
from catalogue.limits import prolongation_of
from contracts.approval import ExtensionRefused, ExtensionRequested, ReviewExtended, Unlocked
from contracts.language import Act
from eventing.aggregate import applies


class Extending(Deciding):
    """One asks, another one of the same organisation approves; the statutory limit alone moves, once."""

    def request_extension(self, item: str, reasons: str, law: Law, *, act: Act) -> None:
        """Asks for more time; what is asked for already is no news. Raises what speaks against an extension."""
        review = self._worked_on(item, law, act, "extend")
        if review.extension and review.extension.is_pending:
            return
        self._extendable(item, review, law)
        self.record(ExtensionRequested, act, item=item, handler=review.handler, reasons=reasons)

    @applies(ExtensionRequested)
    def _extension_requested(self, fact: ExtensionRequested) -> None:
        self._change(fact.item, extension=Extension(fact.reasons, fact.by))

    def approve_extension(self, item: str, notice: str, law: Law, *, act: Act) -> None:
        """Extends the statutory limit; extended already is no news. ``notice`` tells the applicant the reasons.

        Raises ExtensionNotRequested, TwoPeopleNeeded, and what speaks against an extension.
        """
        review = self._worked_on(item, law, act, "extend")
        if review.clocks and review.clocks.extended_days:
            return
        request = self._pending(item, review, law, act)
        clocks, days = self._extendable(item, review, law)
        self.record(
            ReviewExtended,
            act,
            item=item,
            handler=review.handler,
            reasons=request.reasons,
            days=days,
            notice=notice,
            requested_by=request.requested_by,
            clocks=derived(replace(clocks, extended_days=days), law, intervals(review.pauses)),
        )

    @applies(ReviewExtended)
    def _extended(self, fact: ReviewExtended) -> None:
        review = self.reviews[fact.item]
        self._change(
            fact.item,
            extension=Extension(fact.reasons, fact.requested_by, fact.by, fact.days, fact.notice),
            clocks=fact.clocks,
            watch=review.watch.over(marks(fact.clocks)),
        )

    def refuse_extension(self, item: str, reason: str, law: Law, *, act: Act) -> None:
        """The limit stays; refused already is no news. Raises ExtensionNotRequested, TwoPeopleNeeded."""
        review = self._worked_on(item, law, act, "extend")
        if review.extension and review.extension.refusal:
            return
        self._pending(item, review, law, act)
        self.record(ExtensionRefused, act, item=item, handler=review.handler, reason=reason)

    @applies(ExtensionRefused)
    def _extension_refused(self, fact: ExtensionRefused) -> None:
        request = self.reviews[fact.item].extension
        assert request is not None  # noqa: S101  nothing else is refused
        self._change(fact.item, extension=replace(request, decided_by=fact.by, refusal=fact.reason))

    def _pending(self, item: str, review: Review, law: Law, act: Act) -> Extension:
        """What somebody else asked for."""
        request = review.extension
        if request is None or not request.is_pending:
            raise ExtensionNotRequested(item=item, names=law.names(item))
        if request.requested_by == act.by or not is_person(act.by):
            raise TwoPeopleNeeded(item=item, by=act.by, names=law.names(item))
        return request

    def _extendable(self, item: str, review: Review, law: Law) -> tuple[Unlocked, int]:
        """The clocks that may be extended, and by how many working days."""
        clocks, longer = review.clocks, prolongation_of(law.catalogue, law.theme.item(item))
        if clocks is None or clocks.statutory_days is None or longer is None:
            raise NotExtendable(item=item, names=law.names(item))
        if clocks.extended_days:
            raise AlreadyExtended(item=item, due=clocks.statutory_due, names=law.names(item))
        if clocks.statutory_due is not None and law.day > clocks.statutory_due:
            raise ExtensionTooLate(item=item, due=clocks.statutory_due, names=law.names(item))
        return clocks, longer.days
