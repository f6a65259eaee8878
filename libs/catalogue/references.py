"""Findings, and the first of them: names that lead nowhere, names given twice, edges that run in a circle."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

from catalogue.building import in_order, predecessors
from catalogue.conditions import Answer, Condition, items_in, leaves, questions_in
from catalogue.model import Catalogue, Theme
from catalogue.wording import finding


class Finding(Struct, frozen=True):
    """Something wrong, or worth a look, at one place of the catalogue."""

    severity: Literal["error", "warning"]
    where: str
    message_zh: str
    message_en: str


def error(key: str, where: str, **values: object) -> Finding:
    """Something that makes the catalogue unusable."""
    return Finding("error", where, *finding(key, **values))


def warning(key: str, where: str, **values: object) -> Finding:
    """Something worth a look."""
    return Finding("warning", where, *finding(key, **values))


def references(catalogue: Catalogue) -> list[Finding]:
    """Names that lead nowhere, names given twice, and cycles; with such an error nothing is loaded."""
    found = list(_unique(catalogue))
    for theme in catalogue.themes.values():
        for rule in RULES:
            found += rule(theme)
        found += _authorities(catalogue, theme)
    return found


def _unique(catalogue: Catalogue) -> Iterator[Finding]:
    items = [(theme.id, item) for theme in catalogue.themes.values() for item in theme.items]
    for item_id, count in Counter(item.id for _, item in items).items():
        if count > 1:
            yield error("given_twice", item_id, name=item_id)
    for output_id, count in Counter(each.id for _, item in items for each in item.outputs).items():
        if count > 1:
            yield error("given_twice", output_id, name=output_id)
    numbers = Counter(kind.number for kind in catalogue.certificates.values())
    for kind in catalogue.certificates.values():
        if numbers[kind.number] > 1:
            yield error("given_twice", f"certificates/{kind.id}", name=kind.number)
    for theme_id, item in items:
        for output in item.outputs:
            if output.certificate is not None and output.certificate not in catalogue.certificates:
                yield error("unknown", f"{theme_id}/{item.id}/{output.id}", name=output.certificate)


def _authorities(catalogue: Catalogue, theme: Theme) -> Iterator[Finding]:
    named = [(theme.id, theme.lead), *((f"{theme.id}/{item.id}", item.department) for item in theme.items)]
    named += [(f"{theme.id}/{item.id}/fee", item.fee.payee) for item in theme.items if item.fee and item.fee.payee]
    licence = theme.comprehensive
    if licence is not None:
        named += [(f"{theme.id}/comprehensive", licence.issuer)] if licence.issuer else []
        if licence.certificate not in catalogue.certificates:
            yield error("unknown", f"{theme.id}/comprehensive", name=licence.certificate)
    for where, organisation in named:
        if organisation not in catalogue.organisations:
            yield error("unknown", where, name=organisation)


def conditions_of(theme: Theme) -> Iterator[tuple[str, Condition]]:
    """Every condition of a theme, and where it stands."""
    for question in theme.questions:
        yield f"{theme.id}/questions/{question.id}", question.asked_when
    for field in theme.fields:
        yield f"{theme.id}/fields/{field.key}", field.required_when
    for item in theme.items:
        yield f"{theme.id}/{item.id}", item.when
        for material in item.materials:
            yield f"{theme.id}/{item.id}/{material.id}", material.when
    yield from timed_conditions(theme)


def timed_conditions(theme: Theme) -> Iterator[tuple[str, Condition]]:
    """The conditions of limits, waits, fees, checks and entrances, and where they stand."""
    for item in theme.items:
        where = f"{theme.id}/{item.id}"
        for number, route in enumerate(item.routes):
            yield f"{where}/routes/{number}", route.when
        for wait in item.waits:
            yield f"{where}/waits/{wait.id}", wait.when
        if item.verification is not None:
            yield f"{where}/verification", item.verification.when
        if item.fee is not None:
            yield f"{where}/fee", item.fee.when
    for point in theme.entry_points:
        yield f"{theme.id}/entry_points", point.when


def _names_in_conditions(theme: Theme) -> Iterator[Finding]:
    options = {question.id: {option.value for option in question.options} for question in theme.questions}
    items = {item.id for item in theme.items}
    for where, condition in conditions_of(theme):
        for question in sorted(questions_in(condition) - options.keys()):
            yield error("unknown", where, name=question)
        for item in sorted(items_in(condition) - items):
            yield error("unknown", where, name=item)
        for leaf in leaves(condition):
            if isinstance(leaf, Answer) and leaf.question in options:
                for value in sorted(set(leaf.values) - options[leaf.question]):
                    yield error("unknown_option", where, question=leaf.question, name=value)


def _names_in_items(theme: Theme) -> Iterator[Finding]:
    items = {item.id for item in theme.items}
    questions = {question.id for question in theme.questions}
    fields = {field.key for field in theme.fields}
    for item in theme.items:
        where = f"{theme.id}/{item.id}"
        named = [each for dependency in item.depends_on for each in dependency.any_of]
        unknown = [each for each in named if each not in items]
        unknown += [material.id for material in item.materials if not material.name]
        if item.area_question is not None and item.area_question not in questions:
            unknown.append(item.area_question)
        if item.commitment is not None:
            unknown += sorted(set(item.commitment.materials) - {material.id for material in item.materials})
        unknown += [wait.field for wait in item.waits if wait.field and wait.field not in fields]
        for name in unknown:
            yield error("unknown", where, name=name)


def _names_in_theme(theme: Theme) -> Iterator[Finding]:
    items = {item.id for item in theme.items}
    named = [("entry_points", point.item) for point in theme.entry_points if point.item]
    if theme.comprehensive is not None:
        named += [("comprehensive", part) for part in theme.comprehensive.parts]
    for where, name in named:
        if name not in items:
            yield error("unknown", f"{theme.id}/{where}", name=name)


def _names_in_fields(theme: Theme) -> Iterator[Finding]:
    items = {item.id for item in theme.items}
    for field in theme.fields:
        for name in (each for each in field.items if each not in items):
            yield error("unknown", f"{theme.id}/fields/{field.key}", name=name)
        if not (field.label and field.type):
            yield error("unknown", f"{theme.id}/fields", name=field.key)


def _twice_in_theme(theme: Theme) -> Iterator[Finding]:
    lists = [[each.id for each in theme.questions], [each.key for each in theme.fields]]
    for item in theme.items:
        lists += [[each.id for each in parts] for parts in (item.materials, item.waits, item.special_procedures)]
    for names in lists:
        for name, count in Counter(names).items():
            if count > 1:
                yield error("given_twice", theme.id, name=name)


def _cycles(theme: Theme) -> Iterator[Finding]:
    placed: set[str] = set()
    known = {item.id for item in theme.items}
    for item in in_order(theme.items):
        if not predecessors(item) & known <= placed:
            yield error("cycle", f"{theme.id}/{item.id}", item=item.name)
        else:
            placed.add(item.id)


def _question_order(theme: Theme) -> Iterator[Finding]:
    asked: set[str] = set()
    for question in theme.questions:
        if not questions_in(question.asked_when) <= asked or items_in(question.asked_when):
            yield error("asked_too_early", f"{theme.id}/questions/{question.id}", question=question.text)
        asked.add(question.id)


RULES: tuple[Callable[[Theme], Iterator[Finding]], ...] = (
    _names_in_conditions,
    _names_in_items,
    _names_in_theme,
    _names_in_fields,
    _twice_in_theme,
    _cycles,
    _question_order,
)
