"""The words on documents, from ``labels.yaml``."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from catalogue.model import Item, ItemType


@cache
def labels() -> Any:
    """All of them."""
    return yaml.safe_load((Path(__file__).parent / "labels.yaml").read_text("utf-8"))


def denial_of(item: Item) -> str:
    """Under which words an item is denied: a licence is something else than a service."""
    return "licence" if item.item_type is ItemType.LICENCE else "other"
