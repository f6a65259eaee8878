"""告知承诺: a written promise takes the place of materials (国办发〔2020〕42号).

It is the applicant's choice; who is unwilling goes the normal way. What was promised is verified afterwards, by
the department that decided.
"""

from collections.abc import Collection

from intake.domain.outline import Outline
from intake.domain.refusals import NoCommitment
from intake.domain.terms import Terms, check_credit


def promised(outline: Outline, items: Collection[str], terms: Terms) -> dict[str, tuple[str, ...]]:
    """Item → the materials that the promise takes the place of, for those of the items that it is made for.

    Raises NoCommitment for items that cannot go this way, with the reason for each; CreditBarStands.
    """
    wanted = [item for item in items if item in terms.promise]
    reasons = {item: reason for item in wanted if (reason := _why_not(outline, item))}
    if reasons:
        raise NoCommitment(items=reasons, names=outline.names(reasons))
    if wanted:
        check_credit(terms)
    return {item: _replaced(outline, item) for item in wanted}


def _why_not(outline: Outline, item: str) -> str:
    commitment = outline.theme.item(item).commitment
    if commitment is None:
        return "no-commitment"
    # High risk, costly to put right, beyond repair (S55d).
    if commitment.excluded:
        return commitment.excluded
    return "" if _replaced(outline, item) else "nothing-to-promise"


def _replaced(outline: Outline, item: str) -> tuple[str, ...]:
    commitment = outline.theme.item(item).commitment
    materials = commitment.materials if commitment is not None else ()
    return tuple(need.material for need in outline.needs[item] if need.material in materials)
