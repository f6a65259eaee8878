"""What is counted of results: ready, handed over."""

from collections.abc import Iterator

from contracts.certificate import PackageAssembled, PackageHandedOver
from insight.observing.seen import Seen, observes


@observes(PackageAssembled)
def assembled(_: str, fact: PackageAssembled) -> Iterator[Seen]:
    """It lies ready at the exit, until its last day for the hand-over."""
    yield Seen("assembled", subject=fact.package, due=fact.due_on, value=len(fact.certificates))


@observes(PackageHandedOver)
def handed_over(_: str, fact: PackageHandedOver) -> Iterator[Seen]:
    """送达; at a window it is a visit."""
    yield Seen("handed_over", subject=fact.package, label=fact.method)
    if fact.method == "window":
        yield Seen("visit")
