"""一表申请: what fields of the one form say about each other. Rules are data, keyed by the fields' names.

A rule holds in every theme whose form has its fields, and looks at them only where they are filled. What can be
seen without the values, which are sealed, is a matter of ``companions``: of a group that belongs to one person,
all fields are required as soon as one is filled.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Literal

from msgspec import Struct

from catalogue.model import Field
from intake.domain.refusals import FormInvalid
from kernel.identifiers import birth_date, sex

Kind = Literal["birth-date", "sex", "order", "future", "required"]
"""What is wrong when the rule does not hold: the code that the refusal gives the field."""


class Rule(Struct, frozen=True):
    """The field ``wrong`` is refused with ``kind`` where it does not agree with the field ``other``."""

    kind: Kind
    wrong: str
    other: str = ""
    value: str = ""


RULES = (
    # the day of birth stands in the identity number (GB 11643)
    Rule("birth-date", "born_on", "person_id"),
    # its 17th digit tells the sex
    Rule("sex", "mother_id", value="female"),
    Rule("sex", "father_id", value="male"),
    # what comes first
    Rule("order", "period_until", "period_from"),
    Rule("order", "working_since", "born_on"),
    Rule("order", "working_since", "file_born_on"),
    # what has happened already cannot lie ahead
    Rule("future", "born_on"),
    Rule("future", "file_born_on"),
    Rule("future", "working_since"),
    Rule("future", "residence_permit_on"),
    Rule("future", "resolved_on"),
    Rule("future", "announced_on"),
    Rule("future", "published_on"),
    Rule("future", "performed_on"),
    # results are sent to an address
    Rule("required", "delivery_address", "pickup", value="post"),
)

PERSONS = (
    ("agent_name", "agent_id", "agent_phone"),
    ("guardian_name", "guardian_id", "guardian_phone"),
    ("new_rep_name", "new_rep_id", "new_rep_phone"),
    ("father_name", "father_id"),
)
"""Fields that say who one person is: all of them or none."""


def check_together(
    fields: Mapping[str, Field], values: Mapping[str, str], *, changed: Collection[str], on: date
) -> None:
    """Raises FormInvalid with every field that a rule finds wrong; only rules that something changed for are asked.

    ``values`` are all values of the form in normal form, what was filled before included.
    """
    wrong = {
        rule.wrong: rule.kind
        for rule in RULES
        if not {rule.wrong, rule.other}.isdisjoint(changed) and rule.wrong in fields and not _holds(rule, values, on)
    }
    if wrong:
        raise FormInvalid(fields=wrong, names={key: fields[key].label for key in wrong})


def looks_back(changed: Collection[str]) -> bool:
    """Whether these fields are judged together with others, so that what was filled before must be known."""
    return any(rule.other and not {rule.wrong, rule.other}.isdisjoint(changed) for rule in RULES)


def companions(fields: Collection[str], filled: Collection[str]) -> Iterator[str]:
    """The empty fields of persons of whom something is filled, as far as the form has them."""
    for person in PERSONS:
        asked = [key for key in person if key in fields]
        if any(key in filled for key in asked):
            yield from (key for key in asked if key not in filled)


def _holds(rule: Rule, values: Mapping[str, str], on: date) -> bool:
    this, other = values.get(rule.wrong, ""), values.get(rule.other, "")
    if rule.kind == "required":
        return bool(this) or other != rule.value
    if not this:
        return True
    match rule.kind:
        case "future":
            return date.fromisoformat(this) <= on
        case "sex":
            return sex(this).name.lower() == rule.value
        case "birth-date":
            return not other or birth_date(other) == date.fromisoformat(this)
        case "order":
            return not other or date.fromisoformat(other) <= date.fromisoformat(this)
    return True
