"""The numbers that people quote: of a theme case, and of the notices sent in it."""

import re
import unicodedata
from datetime import date

import msgspec

from kernel.identifiers import InvalidIdentifier, mod37_36

PATTERN = re.compile(r"YJS-([1-9][0-9]{5})-([A-Z][A-Z0-9]*)-([0-9]{8})-((?!000000)[0-9]{6})-([0-9A-Z])")
LARGEST = 999_999


class CaseNumber(msgspec.Struct, frozen=True):
    """The parts of a theme case's number; `str()` writes it.

    `region` is the six-digit region of the hall, `theme` the theme's code in the catalogue, `day` the day of
    opening and `sequence` counts the cases of region, theme and day from 1.
    """

    region: str
    theme: str
    day: date
    sequence: int

    def __str__(self) -> str:
        """Write the number with its check character, MOD 37,36 over its letters and digits."""
        body = f"YJS-{self.region}-{self.theme}-{self.day:%Y%m%d}-{self.sequence:06d}"
        return f"{body}-{mod37_36(body.replace('-', ''))}"


def case_number(region: str, theme: str, day: date, sequence: int) -> str:
    """Return `YJS-{region}-{theme}-{yyyyMMdd}-{sequence}-{check}`.

    Raises ValueError for a sequence outside 1 to 999999, InvalidIdentifier for a region or theme that is no
    code.
    """
    if not 1 <= sequence <= LARGEST:
        msg = f"a case's sequence lies between 1 and {LARGEST}, not at {sequence}"
        raise ValueError(msg)
    number = str(CaseNumber(region, theme, day, sequence))
    if not PATTERN.fullmatch(number):
        raise InvalidIdentifier("case-number", number, "format")
    return number


def check_case_number(text: str) -> CaseNumber:
    """Return the parts of a theme case's number as somebody typed it, or raise InvalidIdentifier."""
    normal = unicodedata.normalize("NFKC", text).strip().upper()
    parts = PATTERN.fullmatch(normal)
    if not parts:
        raise InvalidIdentifier("case-number", normal, "format")
    region, theme, day, sequence, check = parts.groups()
    if mod37_36(f"YJS{region}{theme}{day}{sequence}") != check:
        raise InvalidIdentifier("case-number", normal, "check")
    try:
        return CaseNumber(region, theme, date.fromisoformat(day), int(sequence))
    except ValueError:
        raise InvalidIdentifier("case-number", normal, "date") from None


def notice_number(org_short: str, kind: str, year: int, sequence: int) -> str:
    """Return a notice's number as it stands on the paper: `{org}{kind}字〔{year}〕{sequence}号`.

    `org_short` is the authority's short name and `kind` the word for the notice: 受 (accepted), 补 (to be
    supplemented), 拒 (not accepted), 容 (tolerated) and so on. `sequence` counts from 1 within authority,
    kind, year.
    """
    if not org_short or not kind or sequence < 1:
        msg = f"a notice number needs authority, kind, sequence from 1: {org_short!r}, {kind!r}, {sequence}"
        raise ValueError(msg)
    return f"{org_short}{kind}字〔{year}〕{sequence}号"
