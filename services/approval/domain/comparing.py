"""数据比对: items that data decide. A match grants; anything else leaves the item to a person."""

from msgspec import Struct
from msgspec.structs import replace

from approval.domain.deciding import Deciding
from approval.domain.law import Law
from approval.domain.refusals import AlreadyCompared, NotAutomatic
from approval.domain.review import Status
from contracts.approval import DataCompared, FellBackToPerson
from contracts.language import Act
from eventing.aggregate import applies


class Comparison(Struct, frozen=True):
    """What a comparison gave."""

    matched: bool
    source: str
    digest: str


class Comparing(Deciding):
    """Automatic decisions. Without a comparison an item is decided like any other."""

    comparisons: dict[str, Comparison]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.comparisons = {}

    def compare(self, item: str, found: Comparison, law: Law, *, act: Act) -> None:
        """Records a comparison that the handler, or its service, has made: a match grants in the handler's name.

        The same comparison again is no news. Raises AlreadyCompared: data that did not decide once leave it to people.
        """
        review = self._handled(item, law, act)
        if law.theme.item(item).automatic != "compare":
            raise NotAutomatic(item=item, names=law.names(item))
        before = self.comparisons.get(item)
        if before == found:
            return
        if before is not None:
            raise AlreadyCompared(item=item, names=law.names(item))
        decidable = self._decidable(item, review, Status.GRANTED, law, act)
        if decidable is None:
            return
        in_its_name = act if act.in_name_of else replace(act, in_name_of=review.handler)
        told = {"item": item, "handler": review.handler, "source": found.source}
        self.record(DataCompared, in_its_name, matched=found.matched, digest=found.digest, **told)
        if found.matched:
            self._grant(item, decidable, law, in_its_name, automatic=True)
        else:
            self.record(FellBackToPerson, in_its_name, **told)

    @applies(DataCompared)
    def _data_compared(self, fact: DataCompared) -> None:
        self.comparisons[fact.item] = Comparison(fact.matched, fact.source, fact.digest)

    def _forget(self, item: str) -> None:
        super()._forget(item)
        self.comparisons.pop(item, None)

    @applies(FellBackToPerson)
    def _fell_back(self, fact: FellBackToPerson) -> None:
        """The comparison says it; the review is as it was."""
