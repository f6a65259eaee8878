"""The comparison port: where the data of items come from that data decide.

The house does not look into the databases of departments; a department's own service does, behind this port, and says
what it found with the command ``RecordComparison``. Where nothing is behind the port, a person decides.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec
import yaml

from catalogue.model import Catalogue
from contracts.approval import RecordComparison
from kernel.digests import canonical, digest


class Finding(msgspec.Struct, frozen=True):
    """What a source says about one item of a case."""

    matched: bool
    source: str
    digest: str
    """Of what the source answered."""


class ComparisonPort(Protocol):
    """Whoever can compare an item of a case with data."""

    def compare(self, number: str, item: str) -> Finding | None:
        """What the data say about the item of the case with this number; None: they say nothing."""
        ...


class NoComparison:
    """Nothing is compared."""

    def compare(self, number: str, item: str) -> Finding | None:
        """Return nothing."""
        return None


class ComparisonFile:
    """Findings in a file, for departments that deliver lists: ``{source, records: {case number: {item: true}}}``."""

    class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        """What the file holds."""

        source: str
        records: dict[str, dict[str, bool]]

    def __init__(self, path: Path) -> None:
        """Read YAML or JSON; raises msgspec.ValidationError for any other content."""
        self._content = msgspec.convert(yaml.safe_load(path.read_text("utf-8")), self.Content)

    def compare(self, number: str, item: str) -> Finding | None:
        """Return what the list says, with the digest of its line."""
        matched = self._content.records.get(number, {}).get(item)
        if matched is None:
            return None
        return Finding(matched, self._content.source, digest(canonical([number, item, matched])))


def comparisons(
    port: ComparisonPort, reviews: Iterable[Mapping[str, Any]], catalogue: Catalogue
) -> Iterator[RecordComparison]:
    """The commands that follow from comparing what lies on a work list (rows of ``Worklist``)."""
    for review in reviews:
        if catalogue.item(review["item"]).automatic != "compare":
            continue
        found = port.compare(review["number"], review["item"])
        if found is not None:
            yield RecordComparison(
                case_id=review["case_id"],
                item=review["item"],
                matched=found.matched,
                source=found.source,
                digest=found.digest,
            )
