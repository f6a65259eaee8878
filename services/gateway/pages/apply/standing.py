"""办到哪了: each item of a case with how far it is, and what the applicant does next. Nothing in it is personal."""

from datetime import date
from typing import Any

from msgspec import Struct

from contracts.approval import BundleDetail
from contracts.certificate import OutputDetail
from contracts.intake import CaseDetail

OVER = ("withdrawn", "not_accepted", "returned", "terminated", "satisfied", "blocked")
"""States in which an item came to its end without a decision."""


class Step(Struct, frozen=True):
    """An item as the applicant sees it."""

    item: str
    state: str
    """The word for how far it is: of intake, of approval, or of the exit."""
    handler: str
    due_on: date | None = None
    why: str = ""
    why_en: str = ""
    """How the day was derived."""
    decision: str = ""
    """The number of what was decided."""
    rests: bool = False
    """Whether materials were to come later, and are not waited for since the item was not granted."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it."""
        return bool(self.decision) or self.state in OVER


class Todo(Struct, frozen=True):
    """Something that only the applicant can do: the key of its words (``todo_<what>``), the items, until when."""

    what: str
    items: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Materials, or fields."""
    due_on: date | None = None


class Standing(Struct, frozen=True):
    """Where a case stands."""

    case: CaseDetail
    steps: tuple[Step, ...]
    todos: tuple[Todo, ...]
    due_on: date | None
    packages: tuple[Any, ...]
    titles: dict[str, str]
    """Certificate → what it is called."""

    @property
    def gives(self) -> bool:
        """Whether there is something to fill in or to bring."""
        return any(todo.what in {"correct", "fill", "bring", "supplement"} for todo in self.todos)


def standing(case: CaseDetail, bundle: BundleDetail | None, output: OutputDetail | None) -> Standing:
    """Made of what intake, approval and certificate answer; the last two may not know the case yet."""
    reviews = {each.item: each for each in bundle.reviews} if bundle is not None else {}
    steps = []
    for each in case.plan:
        if each.standing == "not_needed":
            continue
        review = reviews.get(each.item)
        clock = review.clocks.get("promised") or review.clocks.get("statutory") if review is not None else None
        steps.append(
            Step(
                item=each.item,
                state=review.status if review is not None and each.state == "accepted" else each.state,
                handler=each.handler,
                due_on=review.due_on if review is not None and not review.decision else None,
                why=clock.derivation if clock is not None else "",
                why_en=clock.derivation_en if clock is not None else "",
                decision=review.decision if review is not None else "",
                rests=each.item in case.tolerances and case.tolerances[each.item].rested,
            )
        )
    packages = tuple(output.packages) if output is not None else ()
    results = output.certificates if output is not None else ()
    return Standing(
        case=case,
        steps=tuple(steps),
        todos=(*_choices(case, steps), *_todos(case, packages)),
        due_on=bundle.due_on if bundle is not None and bundle.verdict is None else None,
        packages=packages,
        titles={each.issued.certificate: each.issued.title for each in results},
    )


def _choices(case: CaseDetail, steps: list[Step]) -> Any:
    """After items failed, the applicant says whether the others go on; there is nothing to say where none is left."""
    failed = tuple(sorted(each.item for each in steps if each.state == "denied"))
    is_said = case.choice is not None and case.choice.because == failed
    if failed and not is_said and case.status != "closed" and any(not each.is_over for each in steps):
        yield Todo("choose", failed)


def _todos(case: CaseDetail, packages: tuple[Any, ...]) -> Any:
    if case.status == "closed":
        return
    correction = case.correction
    if correction is not None:
        names = tuple(dict.fromkeys(each for needed in correction.missing.values() for each in needed))
        yield Todo("correct", tuple(correction.missing), names, correction.due_on)
    else:
        if case.unfilled:
            yield Todo("fill", names=tuple(case.unfilled))
        missing = tuple(dict.fromkeys(each for needed in case.missing.values() for each in needed))
        tolerated = {each for tolerance in case.tolerances.values() for each in tolerance.missing}
        tolerated |= {*case.declared.tolerate} if case.declared is not None else set()
        if asked := tuple(each for each in missing if each not in tolerated):
            yield Todo("bring", names=asked)
    for item, tolerance in case.tolerances.items():
        if tolerance.missing and not tolerance.rested:
            yield Todo("supplement", (item,), tuple(tolerance.missing), tolerance.due_on)
    for package in packages:
        if package.state == "ready":
            yield Todo("fetch", names=(package.place,), due_on=package.due_on)
