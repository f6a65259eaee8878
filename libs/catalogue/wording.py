"""The sentences of the catalogue: they are data (data/wording.yaml), filled in here."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import yaml
from msgspec import Struct

DATA = Path(__file__).parent / "data"


class Bilingual(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str


class _Wording(Struct, frozen=True):
    reasons: dict[str, str]
    findings: dict[str, Bilingual]


@cache
def _wording() -> _Wording:
    return msgspec.convert(yaml.safe_load((DATA / "wording.yaml").read_text("utf-8")), _Wording)


def reason(key: str, **values: object) -> str:
    """A reason that people read, in Chinese."""
    return _wording().reasons[key].format(**values)


def finding(key: str, **values: object) -> Bilingual:
    """The message of a finding, in both languages."""
    zh, en = _wording().findings[key]
    return Bilingual(zh.format(**values), en.format(**values))
