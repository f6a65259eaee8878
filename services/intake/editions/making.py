"""From what somebody uploads to a catalogue: documents over the layers of the region, or a whole bundle."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from catalogue import (
    Catalogue,
    DamagedDocument,
    Finding,
    InvalidCatalogue,
    UnknownRegion,
    check,
    import_bundle,
    load,
)
from intake.domain.edition import EditionInvalid, EditionOfAnotherRegion, NothingDrafted

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,80}\.ya?ml")

LARGEST = 4_000_000
"""Characters of all that is uploaded; larger than any region's catalogue."""


class Problem(Struct, frozen=True):
    """Something wrong, or worth a look, and where."""

    where: str
    zh: str
    en: str


class Making(Struct, frozen=True):
    """What came of an upload: a catalogue, or what keeps it from being one, and what is worth a look."""

    catalogue: Catalogue | None
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    def made(self) -> Catalogue:
        """The catalogue; raises EditionInvalid with everything that is wrong."""
        if self.catalogue is None or self.errors:
            raise EditionInvalid(
                problems=[f"{each.where}: {each.en}" for each in self.errors],
                findings=self.errors,
            )
        return self.catalogue


def make(region: str, directories: Sequence[str], on: date, *, documents: Mapping[str, str], bundle: str) -> Making:
    """Makes and checks a catalogue. Raises NothingDrafted, EditionOfAnotherRegion."""
    if bool(documents) == bool(bundle) or len(bundle) + sum(map(len, documents.values())) > LARGEST:
        raise NothingDrafted
    if unnamed := sorted(name for name in documents if NAME.fullmatch(name) is None):
        return _wrong([f"{name}: the name of a document ends in .yaml and has no folder" for name in unnamed])
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        try:
            if bundle:
                file = folder / "bundle.json"
                file.write_text(bundle, "utf-8")
                catalogue = import_bundle(file)
            else:
                for name, text in documents.items():
                    (folder / name).write_text(text, "utf-8")
                catalogue = load(region, on=on, extra=[*(Path(each) for each in directories), folder])
        except InvalidCatalogue as error:
            return _wrong([problem.replace(f"{folder}/", "") for problem in error.problems])
        except (DamagedDocument, UnknownRegion, ValueError) as error:
            return _wrong([f"bundle: {error}"])
    if catalogue.region != region:
        raise EditionOfAnotherRegion(region=catalogue.region, expected=region)
    found = findings(catalogue)
    return Making(
        catalogue,
        tuple(_problem(each) for each in found if each.severity == "error"),
        tuple(_problem(each) for each in found if each.severity == "warning"),
    )


@lru_cache(maxsize=8)
def findings(catalogue: Catalogue) -> tuple[Finding, ...]:
    """What the checks find."""
    return tuple(check(catalogue))


def _problem(finding: Finding) -> Problem:
    return Problem(finding.where, finding.message_zh, finding.message_en)


def _wrong(lines: Sequence[str]) -> Making:
    parts = (line.partition(": ") for line in lines)
    return Making(None, tuple(Problem(where, what or where, what or where) for where, _, what in parts), ())
