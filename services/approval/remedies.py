"""The ways to contest a denial, told with it (行政许可法 第38条第2款). The sentences are data."""

from functools import cache
from pathlib import Path

import yaml

from approval.domain.visits import OF_OFFICES
from catalogue.model import Item


def remedy(item: Item) -> str:
    """What the denial of this item tells about remedies."""
    return _sentences()["administrative" if item.item_type in OF_OFFICES else "service"]


@cache
def _sentences() -> dict[str, str]:
    read: dict[str, str] = yaml.safe_load((Path(__file__).parent / "remedies.yaml").read_text("utf-8"))
    return read
