"""一套材料: what a copy must be: within the limits on files, of clear provenance, kept as confidential as needed."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from catalogue.model import Material
from catalogue.rules import Confidentiality
from contracts.intake import BroughtMaterial, MaterialCopy
from eventing.errors import Invalid, Refused
from intake.domain.form import PROVENANCE
from intake.domain.outline import Outline
from kernel.identifiers import CERTIFICATE_ROOT, InvalidIdentifier, check_certificate_id

PRIOR = "prior:"
LEVELS: tuple[Confidentiality, ...] = ("public", "internal", "personal", "sensitive")
"""From the least confidential to the most."""

Verdict = Literal["not_scanned", "clean", "infected"]
"""What the malware scanner says of a file; it says nothing where none is configured."""


class ProvenanceUnclear(Invalid):
    """Copies that do not say where they come from, or files that do not say what their bytes are."""


class CertificateIdentifierWrong(Invalid):
    """An electronic certificate is named by an identifier (电子证照标识) that cannot be right: material → why."""


class FileTooLarge(Invalid):
    """Files beyond the size that the catalogue allows: material → most bytes."""


class WrongMediaType(Invalid):
    """Files of a type that the catalogue does not allow, or of none: material → types that may come."""


class FileInfected(Refused):
    """The scanner found malware in files; nothing of what was brought with them was taken in."""


class Handling(Struct, frozen=True):
    """What the items of a case ask of the copies of one material: all of them must be able to use it."""

    largest_file: int
    media_types: tuple[str, ...]
    confidentiality: Confidentiality


@lru_cache(maxsize=4096)
def handling(outline: Outline, material: str) -> Handling:
    """The strictest of what the items that need the material, and the general rules, say of its copies."""
    rules = outline.catalogue.rules
    uses = [use for item in outline.needs for use in outline.theme.item(item).materials if use.id == material]
    return Handling(
        largest_file=min((_largest(use, rules.largest_file) for use in uses), default=rules.largest_file),
        media_types=tuple(
            media_type
            for media_type in (uses[0].media_types if uses and uses[0].media_types else rules.media_types)
            if all(media_type in (use.media_types or rules.media_types) for use in uses)
        ),
        confidentiality=max((use.confidentiality for use in uses), key=LEVELS.index, default="personal"),
    )


def _largest(use: Material, general: int) -> int:
    return use.largest_file if use.largest_file is not None else general


def check_files(outline: Outline, brought: Iterable[BroughtMaterial], scans: Mapping[str, Verdict]) -> None:
    """Raises FileTooLarge, WrongMediaType or FileInfected, each with all that are; only files are looked at."""
    files = [each for each in brought if each.medium == "digital"]
    rules = {each.material: handling(outline, each.material) for each in files}
    too_large = {
        each.material: rules[each.material].largest_file
        for each in files
        if each.size > rules[each.material].largest_file
    }
    if too_large:
        raise FileTooLarge(materials=too_large, names=outline.names(too_large))
    wrong = {
        each.material: rules[each.material].media_types
        for each in files
        if media_type(each.media_type) not in rules[each.material].media_types
    }
    if wrong:
        raise WrongMediaType(materials=wrong, names=outline.names(wrong))
    if infected := sorted({each.material for each in files if scans.get(each.digest) == "infected"}):
        raise FileInfected(materials=infected, names=outline.names(infected))


def media_type(text: str) -> str:
    """The type without its parameters, in lower case."""
    return text.partition(";")[0].strip().lower()


def check_provenance(brought: Iterable[BroughtMaterial]) -> None:
    """Raises ProvenanceUnclear or CertificateIdentifierWrong, each with all that are."""
    some = list(brought)
    if unclear := sorted({each.material for each in some if not is_clear(each)}):
        raise ProvenanceUnclear(materials=unclear)
    wrong: dict[str, str] = {}
    for each in some:
        if is_certificate(each.provenance):
            try:
                check_certificate_id(each.provenance.removeprefix(PRIOR))
            except InvalidIdentifier as fault:
                wrong[each.material] = fault.reason
    if wrong:
        raise CertificateIdentifierWrong(materials=wrong)


def is_certificate(provenance: str) -> bool:
    """Whether a copy comes from an electronic certificate, named by its identifier (GB/T 36904)."""
    return provenance.startswith(PRIOR + CERTIFICATE_ROOT)


def is_clear(brought: BroughtMaterial) -> bool:
    """Whether shared data names its source, a file its bytes, and the provenance can be followed up."""
    if not PROVENANCE.fullmatch(brought.provenance):
        return False
    if brought.medium == "shared":
        return brought.provenance != "entered"
    return brought.medium == "paper" or bool(brought.digest)


def current(copies: Iterable[MaterialCopy]) -> tuple[MaterialCopy, ...]:
    """The copies that count: of each material, what came last in each medium. Earlier editions are kept beside."""
    some = tuple(copies)
    last: dict[tuple[str, str], int] = {}
    for copy in some:
        key = copy.material, copy.medium
        last[key] = max(copy.edition, last.get(key, 0))
    return tuple(copy for copy in some if copy.edition == last[copy.material, copy.medium])
