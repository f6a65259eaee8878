"""The words of intake's documents: data of the release, read once (``wording.yaml``, ``notice.zh.jinja``)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

_FOLDER = Path(__file__).parent

WORDS: Mapping[str, Any] = yaml.safe_load((_FOLDER / "wording.yaml").read_text("utf-8"))

TEMPLATE = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_FOLDER),
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text; whoever shows it as HTML escapes it there
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("notice.zh.jinja")
"""The text of the one-time notice."""
