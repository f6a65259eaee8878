"""Which time limits hold for an item in a case: statutory and promised, and by how much it may be prolonged."""

from collections.abc import Mapping
from typing import NamedTuple

from catalogue.conditions import holds
from catalogue.model import Catalogue, Item, ItemType
from catalogue.rules import GENERAL, Limit, Rules


class Limits(NamedTuple):
    """法定时限 and 承诺时限 in working days; None where the catalogue knows of none."""

    statutory: Limit | None
    promised: Limit | None


def limits_of(catalogue: Catalogue, item: Item, answers: Mapping[str, str], *, committed: bool = False) -> Limits:
    """The limits of an item under these answers; `committed` when a written promise (告知承诺) is its way.

    See `limits`.
    """
    return limits(item, answers, committed, catalogue.rules)


def limits(item: Item, answers: Mapping[str, str], committed: bool = False, rules: Rules = GENERAL) -> Limits:
    """Either limit comes from the first that sets it.

    That is: the first route that fits the answers, the commitment where one was made, the item itself, and for
    the statutory limit of a licence the general rule (行政许可法 第42条: 法律、法规另有规定的，依照其规定).
    """
    route = next((each for each in item.routes if holds(each.when, answers)), None)
    ways = [way for way in (route, item.commitment if committed else None, item) if way is not None]
    statutory = next((way.statutory for way in ways if way.statutory is not None), None)
    promised = next((way.promised for way in ways if way.promised is not None), None)
    if statutory is None and item.item_type is ItemType.LICENCE:
        statutory = rules.decision
    return Limits(statutory, promised)


def prolongation_of(catalogue: Catalogue, item: Item) -> Limit | None:
    """By how much the decision may be extended, once, before it is due; None: not at all.

    The general rule holds for licences alone (行政许可法 第42条第1款); every other item needs one of its own.
    """
    general = catalogue.rules.prolongation if item.item_type is ItemType.LICENCE else None
    found = item.prolongation if item.prolongation is not None else general
    return found if found is not None and found.days else None
