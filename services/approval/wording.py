"""The words that approval puts into numbers and decisions, and the special procedures that the law names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from catalogue.model import Item
from catalogue.rules import SpecialProcedure

WORDS: Any = yaml.safe_load((Path(__file__).parent / "wording.yaml").read_text("utf-8"))

LAW = "行政许可法 第45条"


def procedures_of(item: Item) -> Mapping[str, SpecialProcedure]:
    """The special procedures that an item may go into, by id: the law's, and the item's own, which come first."""
    general = {
        name: SpecialProcedure(id=name, name=words["zh"], source=LAW)
        for name, words in WORDS["special_procedures"].items()
    }
    return general | {procedure.id: procedure for procedure in item.special_procedures}
