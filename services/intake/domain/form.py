"""一表申请: what may be written into the one form, checked field by field and told all at once."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from catalogue.model import Field
from contracts.intake import Applicant
from intake.domain.refusals import FormInvalid
from kernel.identifiers import InvalidIdentifier, check_citizen_id, check_uscc

LONGEST = 500
"""Characters of one value."""

MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
"""A mail address, as far as one can tell without sending to it."""

PROVENANCE = re.compile(r"entered|(shared|prior|case):\S.{0,199}")
"""entered · shared:<source system> · prior:<certificate number> · case:<case id>"""


class Wrong(ValueError):
    """A value that cannot be right; its text is the reason's code."""


def _mobile(value: str) -> str:
    return _matching(r"1[3-9][0-9]{9}", value.replace("-", ""))


def _bank_account(value: str) -> str:
    # Lengths as banks issue them; accounts of organisations carry no check digit.
    return _matching(r"[0-9]{8,32}", value.replace("-", ""))


def _date(value: str) -> str:
    try:
        return date.fromisoformat(_narrow(value)).isoformat()
    except ValueError:
        raise Wrong("date") from None


def _number(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,8})?", text := _narrow(value)):
        raise Wrong("number")
    return f"{Decimal(text):f}"


TYPES: dict[str, Callable[[str], str]] = {
    "text": str,
    "address": str,
    "citizen_id": check_citizen_id,
    "uscc": check_uscc,
    "mobile": _mobile,
    "bank_account": _bank_account,
    "date": _date,
    "number": _number,
    "choice": str,
}
"""The types that a field of the catalogue can have, and the check that gives a value its normal form."""


def check_form(
    fields: Mapping[str, Field], values: Mapping[str, str], provenance: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The values in normal form, and where each of them comes from; an empty value empties its field.

    Raises FormInvalid with every wrong field and the reason: unknown, too-long, provenance, choice, number,
    date, or what an identifier's check found (length, format, check).
    """
    wrong: dict[str, str] = {}
    normal: dict[str, str] = {}
    origins: dict[str, str] = {}
    for key, value in values.items():
        field = fields.get(key)
        origin = provenance.get(key, "entered")
        if field is None:
            wrong[key] = "unknown"
            continue
        if not PROVENANCE.fullmatch(origin):
            wrong[key] = "provenance"
            continue
        try:
            normal[key] = _normal(value, field)
        except InvalidIdentifier as fault:
            wrong[key] = fault.reason
        except Wrong as fault:
            wrong[key] = str(fault)
        else:
            origins[key] = origin if normal[key] else ""
    wrong |= dict.fromkeys(sorted(provenance.keys() - values.keys()), "unknown")
    if wrong:
        labels = {key: fields[key].label for key in wrong if key in fields}
        raise FormInvalid(fields=wrong, names=labels)
    return normal, origins


def check_applicant(applicant: Applicant) -> Applicant:
    """The applicant, the identifier in normal form: a citizen's (GB 11643) or an organisation's (GB 32100).

    Raises FormInvalid with every wrong part as ``applicant.<part>``.
    """
    check = check_citizen_id if applicant.kind == "natural" else check_uscc
    wrong: dict[str, str] = {}
    identifier, mobile = "", ""
    if not applicant.name.strip():
        wrong["applicant.name"] = "required"
    try:
        identifier = check(applicant.identifier)
    except InvalidIdentifier as fault:
        wrong["applicant.identifier"] = fault.reason
    try:
        mobile = _mobile(applicant.mobile) if applicant.mobile else ""
    except Wrong as fault:
        wrong["applicant.mobile"] = str(fault)
    mail = applicant.mail.strip()
    if mail and not MAIL.fullmatch(mail):
        wrong["applicant.mail"] = "format"
    if wrong:
        raise FormInvalid(fields=wrong)
    return replace(applicant, name=applicant.name.strip(), identifier=identifier, mobile=mobile, mail=mail)


def normal_identifier(text: str) -> str:
    """An identifier as cases have it (``check_applicant``), a citizen's or an organisation's; raises FormInvalid."""
    wrong = ""
    for check in (check_citizen_id, check_uscc):
        try:
            return check(text)
        except InvalidIdentifier as fault:
            wrong = wrong or fault.reason
    raise FormInvalid(fields={"identifier": wrong})


def _normal(value: str, field: Field) -> str:
    text = value.strip()
    if len(text) > LONGEST:
        raise Wrong("too-long")
    if not text:
        return ""
    if field.choices and text not in {option.value for option in field.choices}:
        raise Wrong("choice")
    return TYPES[field.type](text)


def _narrow(value: str) -> str:
    """Full-width digits and letters, as Chinese keyboards write them, in plain form; never done to names."""
    return unicodedata.normalize("NFKC", value)


def _matching(pattern: str, value: str) -> str:
    text = "".join(_narrow(value).split())
    if not re.fullmatch(pattern, text):
        raise Wrong("format")
    return text
