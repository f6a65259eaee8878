"""受理: what every acceptance must satisfy, and the copies that go with it."""

from collections.abc import Collection, Iterable, Mapping

from contracts.delegation import AuthorityAnswer
from contracts.intake import MaterialCopy
from intake.domain.outline import Outline
from intake.domain.refusals import FormIncomplete, MaterialsMissing, NoAuthority


def check_authority(outline: Outline, items: Iterable[str], authorities: Mapping[str, AuthorityAnswer]) -> None:
    """Every item needs delegation's yes; raises NoAuthority with the reason for each that has none."""
    refusals = {item: authorities[item].refusal for item in items if authorities[item].refusal}
    if refusals:
        raise NoAuthority(refusals=refusals, names=outline.names(refusals))


def check_complete(outline: Outline, items: Collection[str], present: Collection[str], filled: Collection[str]) -> None:
    """All that the items ask for is here; raises MaterialsMissing or FormIncomplete with all that is not."""
    lacks = outline.missing(items, present)
    fields = outline.unfilled(items, filled)
    if lacks:
        missing = {item: [need.material for need in needs] for item, needs in lacks.items()}
        tolerable = {item: [n.material for n in needs if n.tolerable] for item, needs in lacks.items()}
        raise MaterialsMissing(
            missing=missing,
            tolerable={item: materials for item, materials in tolerable.items() if materials},
            fields=fields,
            names=outline.names([*lacks, *(each for some in missing.values() for each in some), *fields]),
        )
    if fields:
        raise FormIncomplete(fields=fields, names=outline.names(fields))


def copies_for(outline: Outline, item: str, copies: Iterable[MaterialCopy]) -> tuple[str, ...]:
    """Least necessary: the copies of what this item asks for, and no others."""
    asked = {need.material for need in outline.needs[item]}
    return tuple(copy.copy for copy in copies if copy.material in asked)
