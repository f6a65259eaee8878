"""到场: who may apply for whom, and for which items nobody else may (行政许可法 第29条)."""

from collections.abc import Iterable

from contracts.language import Act
from intake.domain.outline import Outline
from intake.domain.refusals import AppearanceRequired
from intake.domain.state import PRINCIPAL


def is_by_agent(act: Act) -> bool:
    """Whether an agent does this for the applicant, under a mandate."""
    return act.in_name_of == PRINCIPAL


def check_appearance(outline: Outline, items: Iterable[str], act: Act) -> None:
    """An agent may apply for everything that the law does not want from the applicant alone (第29条第2款)."""
    if not is_by_agent(act):
        return
    personal = [item for item in items if outline.theme.item(item).personal_appearance]
    if personal:
        raise AppearanceRequired(items=personal, names=outline.names(personal))
