"""合并: two open cases of one person and theme become one.

Only a case of which nothing is accepted goes into another. Its form and copies are not copied: whoever goes on
brings them to the other case, which takes over the items that it lacks.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from contracts.intake import CaseClosed, CaseMerged, Origin
from contracts.language import Act, Command
from eventing.aggregate import applies
from intake.domain.answer import Answering
from intake.domain.closing import Closing
from intake.domain.refusals import NotMergeable
from intake.domain.state import counter


class TakeIn(Command, frozen=True, kw_only=True):
    """Take over the items of a case that was merged into this one."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    items: tuple[str, ...]
    answers: dict[str, str]
    satisfied: dict[str, str]
    origins: tuple[Origin, ...]


class Merging(Answering, Closing):
    """A case goes into another."""

    def merge(
        self,
        into: "Merging",
        *,
        items: Sequence[str],
        answers: Mapping[str, str],
        satisfied: Mapping[str, str],
        origins: Sequence[Origin],
        act: Act,
    ) -> None:
        """Closes the case in favour of the other; merging into the same again is no news.

        ``items``, ``answers``, ``satisfied`` and ``origins`` are what the other case can take over and lacks.
        """
        if self.into == into.stream:
            return
        self._may("merge")
        counter(act)
        if reason := self._why_not(into):
            raise NotMergeable(reason=reason, number=into.number)
        self.record(
            CaseMerged,
            act,
            into=into.stream,
            number=into.number,
            items=tuple(items),
            answers=dict(answers),
            satisfied=dict(satisfied),
            origins=tuple(origins),
        )
        self.record(CaseClosed, act, outcome="merged", into=into.stream)

    def _why_not(self, into: "Merging") -> str:
        if into.stream == self.stream:
            return "same-case"
        if (into.applicant_index, into.theme) != (self.applicant_index, self.theme):
            return "another-person-or-theme"
        if into.outcome is not None:
            return "closed"
        return "accepted" if self.acceptances else ""

    @applies(CaseMerged)
    def _merged(self, fact: CaseMerged) -> None:
        self.awaited = {}
