"""What the charts render to is on record, so that every change of it is seen: `GOLDENS=write` records it anew."""

import difflib
import os
import re
from pathlib import Path

import pytest

from .conftest import BARE, CHART, PLATFORM, rendered

HERE = Path(__file__).parent / "golden"
CASES = {
    "onething.yaml": (CHART, (), tuple(BARE.items())),
    "onething-dev.yaml": (CHART, ("values-dev.yaml",), ()),
    "onething-production.yaml": (CHART, ("values-production.yaml",), ()),
    "platform-dev.yaml": (PLATFORM, ("values-dev.yaml",), ()),
    "platform-production.yaml": (PLATFORM, ("values-production.yaml",), ()),
}


def normal(text: str) -> str:
    """Without what changes by itself, sums of settings and the chart's own version, and without dashboards' JSON."""
    text = re.sub(r"(?m)^(  onething-\w+\.json: \|\n)(?:    .*\n)+", r"\1    …\n", text)
    text = re.sub(r"(checksum/\S+:) \S+", r"\1 …", text)
    text = re.sub(r"(helm\.sh/chart: \w+)-\S+", r"\1-…", text)
    return re.sub(r"(app\.kubernetes\.io/version:|image: onething:)\s*\S+", r"\1 …", text)


@pytest.mark.parametrize("name", CASES)
def test_the_chart_renders_to_what_is_on_record(name: str) -> None:
    made, golden = normal(rendered(*CASES[name])), HERE / name
    if os.environ.get("GOLDENS") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(made)
    recorded = golden.read_text()

    assert made == recorded, "\n".join(
        difflib.unified_diff(recorded.splitlines(), made.splitlines(), "on record", name)
    )
