"""容缺 and 告知承诺 on pages: what may be asked for, and the commitment that is signed for it."""

import msgspec

from catalogue import Item, Selection
from contracts.intake import CaseDetail
from kernel.digests import canonical, digest


def commitment(number: str, tolerate: tuple[str, ...], promise: tuple[str, ...]) -> str:
    """The digest of a commitment: of the case, what is to come later, and what is promised."""
    content = msgspec.to_builtins(("commitment", 1, number, sorted(tolerate), sorted(promise)))
    return digest(canonical(content))


def tolerable(case: CaseDetail, selection: Selection, pending: list[Item]) -> dict[str, str]:
    """Missing materials that may come later: material → name."""
    listed = {item.id for item in pending if item.tolerance.listed}
    missing = {material for item, materials in case.missing.items() if item in listed for material in materials}
    return {
        needed.material.id: needed.material.name
        for needed in selection.materials
        if needed.material.id in missing and needed.material.tolerable and needed.material.role != "main"
    }


def promisable(pending: list[Item]) -> list[Item]:
    """Items for which a written promise may take the place of materials."""
    return [item for item in pending if item.commitment and not item.commitment.excluded]


def is_declared(case: CaseDetail, tolerate: tuple[str, ...], promise: tuple[str, ...]) -> bool:
    """Whether the applicant declared and signed all of it before."""
    mine = case.declared
    return mine is not None and {*tolerate} <= {*mine.tolerate} and {*promise} <= {*mine.promise}
