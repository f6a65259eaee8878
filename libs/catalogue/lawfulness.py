"""Checks of what the catalogue says about the law: promises, waits, routes, fees, periods, combined licences."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise

from msgspec.structs import replace

from catalogue.conditions import ALWAYS, holds, items_in
from catalogue.examples import answers_for
from catalogue.limits import limits
from catalogue.model import Catalogue, Field, Item, ItemType, Source, Theme
from catalogue.references import Finding, error, timed_conditions, warning
from catalogue.rules import Commitment, Period, Wait

MONEY = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]{1,2})?")


def lawfulness(catalogue: Catalogue, theme: Theme) -> Iterator[Finding]:
    """Everything about a theme that the law, or plain sense, does not allow."""
    for item in theme.items:
        where = f"{theme.id}/{item.id}"
        yield from _promises(catalogue, item, where)
        yield from _tolerated_within(catalogue, item, where)
        yield from _waits(theme, item, where)
        for rule in ITEM_RULES:
            yield from rule(item, where)
    for rule_of_theme in THEME_RULES:
        yield from rule_of_theme(theme)


def _promises(catalogue: Catalogue, item: Item, where: str) -> Iterator[Finding]:
    """承诺时限不得超过法定时限, on every route and on the way of a written promise."""
    ways = [("", item)]
    ways += [(f"/routes/{n}", _on(item, n)) for n in range(len(item.routes))]
    for suffix, on_route in ways:
        for committed in (False, True) if item.commitment else (False,):
            found = limits(on_route, {}, committed, catalogue.rules)
            if found.statutory and found.promised and found.promised.days > found.statutory.days:
                place = f"{where}{suffix}{'/commitment' if committed else ''}"
                yield error("promise_over_law", place, promised=found.promised.days, statutory=found.statutory.days)


def _on(item: Item, number: int) -> Item:
    """The item as it is where its n-th route fits."""
    return replace(item, routes=(replace(item.routes[number], when=ALWAYS),))


def _tolerated_within(catalogue: Catalogue, item: Item, where: str) -> Iterator[Finding]:
    within, cap = item.tolerance.within, catalogue.rules.tolerance_cap
    if within is not None and within.days > cap.days:
        yield error("tolerated_too_long", where, days=within.days, cap=cap.days)


def _commitment(item: Item, where: str) -> Iterator[Finding]:
    promise = item.commitment
    if promise is None:
        return
    place = f"{where}/commitment"
    if promise.excluded:
        if promise != Commitment(materials=(), excluded=promise.excluded, source=promise.source):
            yield error("excluded_commitment", place, item=item.name, why=promise.excluded)
    elif not promise.materials:
        yield error("empty_commitment", place, item=item.name)
    elif promise.verification != "exempt" and promise.verify_within is None:
        yield error("unverified_commitment", place, item=item.name)


def _waits(theme: Theme, item: Item, where: str) -> Iterator[Finding]:
    fields = {field.key: field for field in theme.fields}
    for wait in item.waits:
        yield from _wait(item, wait, fields.get(wait.field), f"{where}/waits/{wait.id}")


def _wait(item: Item, wait: Wait, field: Field | None, place: str) -> Iterator[Finding]:
    if (wait.after == "field") != bool(wait.field):
        yield error("wait_without_field", place, wait=wait.name)
    if field is not None and (field.type != "date" or item.id not in field.items):
        yield error("no_date_field", place, field=field.label)
    if wait.holds == "acceptance" and wait.after != "field":
        yield error("wait_before_its_beginning", place, wait=wait.name)


def _periods(item: Item, where: str) -> Iterator[Finding]:
    place = f"{where}/periods"
    try:
        days = [_days(period) for period in item.periods]
    except ValueError as wrong:
        yield error("no_such_day", place, problem=wrong)
        return
    for begins, ends in days:
        if ends < begins:
            yield error("period_backwards", place, begins=begins, ends=ends)
    for (_, ends), (begins, _) in pairwise(days):
        if begins <= ends:
            yield error("periods_out_of_order", place, begins=begins, ends=ends)


def _days(period: Period) -> tuple[date, date]:
    return date.fromisoformat(period.begins), date.fromisoformat(period.ends)


def _without_limit(item: Item, where: str) -> Iterator[Finding]:
    """What speaks of a statutory limit needs one."""
    has_limit = item.statutory is not None or item.item_type is ItemType.LICENCE
    if item.prolongation is not None and item.prolongation.days and not has_limit:
        yield error("nothing_to_prolong", where, item=item.name)
    if item.tacit and not has_limit:
        yield error("silence_without_limit", where, item=item.name)


def _comparison(item: Item, where: str) -> Iterator[Finding]:
    if item.automatic and all(material.source is Source.APPLICANT for material in item.materials):
        yield warning("nothing_to_compare", where, item=item.name)


def _fee(item: Item, where: str) -> Iterator[Finding]:
    if item.fee is not None and MONEY.fullmatch(item.fee.amount) is None:
        yield error("no_amount", f"{where}/fee", amount=item.fee.amount)


def _kept_from_expiry(item: Item, where: str) -> Iterator[Finding]:
    """What is counted from the expiry of a certificate needs a certificate that expires."""
    kept = item.retention
    if kept is None:
        return
    is_counted = kept.counted_from == "expiry"
    if is_counted != (kept.validity is not None):
        yield error("validity_without_expiry", f"{where}/retention", item=item.name)
    if is_counted and not any(output.kind == "certificate" for output in item.outputs):
        yield error("expiry_without_certificate", f"{where}/retention", item=item.name)


ITEM_RULES: tuple[Callable[[Item, str], Iterator[Finding]], ...] = (
    _commitment,
    _periods,
    _without_limit,
    _comparison,
    _fee,
    _kept_from_expiry,
)


def _answers_only(theme: Theme) -> Iterator[Finding]:
    """Limits, waits, fees and entrances are found from the answers, without the other items of the case."""
    for where, condition in timed_conditions(theme):
        for name in sorted(items_in(condition)):
            yield error("speaks_of_items", where, name=name)


def _comprehensive(theme: Theme) -> Iterator[Finding]:
    """综合许可证 only from two granted items on (S61a), loading certificates and nothing else."""
    licence = theme.comprehensive
    if licence is None:
        return
    where = f"{theme.id}/comprehensive"
    parts = set(licence.parts)
    if licence.least < 2 or licence.least > len(parts) or len(parts) != len(licence.parts):
        yield error("too_few_parts", where, least=licence.least, parts=", ".join(licence.parts))
    for item in theme.items:
        if item.id in parts and not any(output.kind == "certificate" for output in item.outputs):
            yield error("part_without_certificate", where, item=item.name)


def _entrances(theme: Theme) -> Iterator[Finding]:
    closed = [point for point in theme.entry_points if point.when != ALWAYS]
    for answers in answers_for(theme) if closed else ():
        closed = [point for point in closed if not holds(point.when, answers)]
        if not closed:
            return
    for point in closed:
        yield error("entrance_never_open", f"{theme.id}/entry_points", name=point.name)


THEME_RULES: tuple[Callable[[Theme], Iterator[Finding]], ...] = (_answers_only, _comprehensive, _entrances)
