"""Identifiers of citizens, organisations, places, items and electronic certificates; their check characters.

Every `check_…` takes what somebody typed and returns the normal form (NFKC, blanks dropped, upper case), or
raises InvalidIdentifier. An identifier with the right check character need not exist; without it none does.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Literal

from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_37_36

from kernel.codes import Sex

Reason = Literal["format", "length", "check", "date"]

ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CERTIFICATE_ROOT = "1.2.156.3005.2"
"""The object identifier under which GB/T 36904 numbers electronic certificates (电子证照标识)."""

USCC_PATTERN = r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"


class InvalidIdentifier(ValueError):
    """A text that is not the identifier it should be.

    `kind` names the identifier and `reason` the fault: `length`, `format` (a character out of place), `check`
    (the check character) or `date` (no such day of birth). `text` is kept masked, because errors end in logs.
    """

    def __init__(self, kind: str, text: str, reason: Reason) -> None:
        """Mask all of `text` but its first two characters."""
        self.kind = kind
        self.text = text[:2] + "*" * len(text[2:])
        self.reason = reason
        super().__init__(kind, self.text, reason)

    def __str__(self) -> str:
        """Say what is wrong in one line."""
        return f"{self.kind} {self.text}: {self.reason}"


def mod37_36(text: str) -> str:
    """Return the ISO 7064 MOD 37,36 check character (GB/T 17710) of digits and capital letters.

    It catches every single wrong character. Other characters raise InvalidIdentifier.
    """
    if not re.fullmatch(r"[0-9A-Z]+", text):
        raise InvalidIdentifier("MOD 37,36", text, "format")
    return str(mod_37_36.calc_check_digit(text))


def check_citizen_id(text: str) -> str:
    """Return a citizen identity number (公民身份号码, GB 11643): 18 characters, the last one a digit or X."""
    # The library's own validation also asks whether the region existed in the year of birth. It refuses the
    # regions of exercises (99), and people whose region its table lacks; only its check digit is used.
    normal = _normal("citizen-id", text, r"[1-9][0-9]{16}[0-9X]", 18)
    if ric.calc_check_digit(normal) != normal[-1]:
        raise InvalidIdentifier("citizen-id", normal, "check")
    try:
        birth_date(normal)
    except ValueError:
        raise InvalidIdentifier("citizen-id", normal, "date") from None
    return normal


def birth_date(citizen_id: str) -> date:
    """Return the day of birth in a checked citizen identity number."""
    return date(int(citizen_id[6:10]), int(citizen_id[10:12]), int(citizen_id[12:14]))


EARLIEST_BIRTH = 1900

_CITIZEN = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


def names_a_person(text: str) -> bool:
    """Whether a citizen identity number or a mobile telephone number stands in the text, in digits of any width."""
    text = unicodedata.normalize("NFKC", text)
    return bool(_MOBILE.search(text)) or any(map(_is_citizen_id, _CITIZEN.findall(text)))


def _is_citizen_id(text: str) -> bool:
    try:
        return birth_date(check_citizen_id(text)).year >= EARLIEST_BIRTH
    except InvalidIdentifier:
        return False


def sex(citizen_id: str) -> Sex:
    """Return the sex in a checked citizen identity number: an odd 17th digit is male."""
    return Sex.MALE if int(citizen_id[16]) % 2 else Sex.FEMALE


def check_uscc(text: str) -> str:
    """Return a unified social credit code (统一社会信用代码, GB 32100): 18 characters.

    The organisation code inside (characters 9 to 17) has a check character of its own, which
    `check_organisation_code` tests; the last character already protects the whole.
    """
    # The library's own validation wants digits in the first two places and so refuses the registrars with
    # a letter: rural collectives (N), the armed forces (A), others (Y). Only its check character is used.
    normal = _normal("uscc", text, USCC_PATTERN, 18)
    if uscc.calc_check_digit(normal[:-1]) != normal[-1]:
        raise InvalidIdentifier("uscc", normal, "check")
    return normal


def check_organisation_code(text: str) -> str:
    """Return an organisation code (组织机构代码, GB 11714): nine characters, without the hyphen."""
    normal = _normal("organisation-code", text.replace("-", ""), r"[0-9A-Z]{8}[0-9X]", 9)
    total = sum(int(each, 36) * weight for each, weight in zip(normal[:8], ORGANISATION_WEIGHTS, strict=True))
    if "0123456789X"[-total % 11] != normal[-1]:
        raise InvalidIdentifier("organisation-code", normal, "check")
    return normal


def check_region(text: str) -> str:
    """Return a region code (GB/T 2260): 6 digits down to a county, 9 for a street, 12 for a community."""
    return _normal("region", text, r"[1-9][0-9]+", 6, 9, 12)


def check_item_code(text: str) -> str:
    """Return an item's implementation code (实施编码): 31 characters.

    They are the authority's unified social credit code, the level (A.2 of GB/T 39046) and the 12 digits of
    the basic catalogue: region 2, type 2, department 2, main item 3, sub-item 3.
    """
    normal = _normal("item-code", text, USCC_PATTERN + r"[1-7][0-9]{12}", 31)
    _part("item-code", normal, check_uscc, normal[:18])
    return normal


def certificate_id(type_code: str, issuer: str, serial: str, version: int) -> str:
    """Return the identifier of an electronic certificate (电子证照标识, GB/T 36904) that has these parts.

    `type_code` is the defining authority's unified social credit code and three digits, `issuer` the issuing
    authority's code (or its region's), `serial` up to 32 digits and capital letters, `version` counts from 1.
    """
    body = f"{type_code}.{issuer}.{serial}.{version:03d}"
    return check_certificate_id(f"{CERTIFICATE_ROOT}.{body}.{mod37_36(body.replace('.', ''))}")


def check_certificate_id(text: str) -> str:
    """Return the identifier of an electronic certificate (电子证照标识, GB/T 36904).

    The check character is MOD 37,36 over type, issuer, serial and version, without the dots and the object
    identifier.
    """
    normal = _normal(
        "certificate-id",
        text,
        re.escape(CERTIFICATE_ROOT)
        + rf"\.{USCC_PATTERN}[0-9]{{3}}\.[0-9A-Z]{{6,18}}\.[0-9A-Z]{{1,32}}\.[0-9]{{3}}\.[0-9A-Z]",
    )
    type_code, issuer, serial, version, check = normal.removeprefix(f"{CERTIFICATE_ROOT}.").split(".")
    _part("certificate-id", normal, check_uscc, type_code[:18])
    if mod37_36(type_code + issuer + serial + version) != check:
        raise InvalidIdentifier("certificate-id", normal, "check")
    return normal


def _normal(kind: str, text: str, pattern: str, *lengths: int) -> str:
    normal = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if lengths and len(normal) not in lengths:
        raise InvalidIdentifier(kind, normal, "length")
    if not re.fullmatch(pattern, normal):
        raise InvalidIdentifier(kind, normal, "format")
    return normal


def _part(kind: str, whole: str, check: Callable[[str], str], part: str) -> None:
    """Refuse the whole for the fault of a part."""
    try:
        check(part)
    except InvalidIdentifier as fault:
        raise InvalidIdentifier(kind, whole, fault.reason) from None
