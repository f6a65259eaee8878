"""材料不合要求: a copy that was taken in and looked at does not serve: no seal, illegible, incomplete.

Taking in is not accepting (收件不是受理): what does not serve counts as missing. It is no notice of its own: it stands
with what is wrong in the correction notice, which is given once (行政许可法 第32条第1款第4项).
"""

from collections.abc import Mapping

from contracts.intake import CopiesRefused, CopyFault, MaterialCopy
from contracts.language import Act
from eventing.aggregate import applies
from eventing.errors import Invalid, NotFound, Refused
from intake.domain.lifecycle import ItemState
from intake.domain.material import current
from intake.domain.outline import Outline
from intake.domain.state import CaseState, office


class NoCopyMarked(Invalid):
    """Copies are named, each with what is wrong with it."""


class CopyReliedOn(Refused):
    """Something that is accepted, or kept until it is complete, rests on the copy."""


class RefusingCopies(CaseState):
    """Which copies do not serve."""

    faults: dict[str, CopyFault]
    """Copy → what is wrong with it."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.faults = {}

    @property
    def present(self) -> frozenset[str]:
        """The materials of which there is a copy that serves."""
        if not self.faults:
            return super().present
        return frozenset(copy.material for copy in self.serving)

    @property
    def serving(self) -> tuple[MaterialCopy, ...]:
        """Those that nothing is wrong with."""
        return tuple(copy for copy in current(self.copies) if copy.copy not in self.faults)

    @property
    def recognised(self) -> tuple[MaterialCopy, ...]:
        """Paper that does not serve is known by nothing: the same material on paper is another copy."""
        return tuple(copy for copy in self.copies if copy.medium != "paper" or copy.copy not in self.faults)

    def refuse_copies(self, outline: Outline, copies: Mapping[str, CopyFault], *, act: Act) -> None:
        """Marks copies; the same again is no news."""
        if not copies:
            raise NoCopyMarked
        news = {copy: fault for copy, fault in copies.items() if self.faults.get(copy) != fault}
        if not news:
            return
        self._may("send_back")
        office(act)
        here = {copy.copy: copy.material for copy in self.copies}
        for copy in news:
            if copy not in here:
                raise NotFound(what="copy", id=copy)
        held = (item for item, state in self.items.items() if state is ItemState.HELD)
        used = {need.material for item in (*self.acceptances, *held) for need in outline.needs.get(item, ())}
        if relied_on := sorted(copy for copy in news if here[copy] in used):
            raise CopyReliedOn(copies=relied_on)
        self.record(CopiesRefused, act, copies=news)

    @applies(CopiesRefused)
    def _copies_refused(self, fact: CopiesRefused) -> None:
        self.faults |= fact.copies
