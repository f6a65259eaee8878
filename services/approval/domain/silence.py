"""Silence: what a department's not deciding within its statutory limit means, where the catalogue says so at all.

The rule is that it means nothing but a matter of supervision; a region has to turn tacit decisions on, and an item has
to say which way its silence goes.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from msgspec.structs import replace

from approval.domain.days import past
from approval.domain.deciding import Deciding
from approval.domain.law import Law
from approval.domain.review import Status
from catalogue.model import Item
from contracts.approval import ReviewDenied
from contracts.language import Act


class Silence(Deciding):
    """Decisions that nobody took."""

    def decide_by_silence(
        self, reasons: Mapping[str, str], remedy: Callable[[Item], str], law: Law, *, act: Act
    ) -> None:
        """Grants or denies, in the handler's name, what its department kept silent on until its limit had ended.

        ``reasons`` are the words of either decision.
        """
        for item, at in list(self._silent()):
            review = self.reviews[item]
            if at > act.at or review.status is not Status.OPEN or review.clocks is None:
                continue  # decided, or lost, by what was decided before it in this act
            own = replace(act, in_name_of=review.handler)
            if review.clocks.tacit == "granted":
                self._grant(item, review, law, own, opinion=reasons["granted"], automatic=True)
                continue
            self.record(
                ReviewDenied,
                own,
                item=item,
                handler=review.handler,
                decision=self._decision(item),
                reasons=reasons["denied"],
                remedy=remedy(law.theme.item(item)),
                automatic=True,
            )
            self._go_on(law, own)

    def timers(self) -> dict[str, datetime]:
        """One timer a case: the next silence that decides."""
        ends = [at for _, at in self._silent()]
        return super().timers() | ({"silence": min(ends)} if ends else {})

    def _silent(self) -> Iterator[tuple[str, datetime]]:
        """Whose silence decides, and when: not before the limit has ended, nor before the waits are over."""
        for item, review in self.reviews.items():
            if review.status is Status.OPEN and review.clocks and review.clocks.tacit and review.clocks.statutory_due:
                yield item, past(max((review.clocks.statutory_due, *(wait.until for wait in review.waiting))))
