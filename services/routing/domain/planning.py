"""The plan: what each item needs, and nobody else gets (least necessary)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from catalogue.model import Catalogue, Item, Material, Source, Theme, Trigger
from contracts.intake import Acceptance, ItemsAccepted, MaterialCopy, Medium
from contracts.routing import Need, PlannedPacket
from routing.domain.crossings import BORDERS, End, crossings, desk, source, window

SELECTED = "selected"

EXTERNAL = frozenset({"satisfied", "underway"})
"""Standings of items whose results come from elsewhere: done before, or being done outside the case (接续)."""


def plan_packets(
    accepted: ItemsAccepted, acceptances: Sequence[Acceptance], catalogue: Catalogue, number: int
) -> tuple[PlannedPacket, ...]:
    """The packets of these items; ``number`` is the first packet's.

    What is digital or shared goes in one packet for each item and medium. A paper original exists once: those
    that only one item of the case can need travel together; one that several need travels alone, from one to
    the next, so that no packet ever waits for two originals in different places.
    """
    theme = catalogue.theme(accepted.theme)
    received = window(accepted, theme, catalogue)
    uses = _uses(theme, accepted)
    packets: list[PlannedPacket] = []
    for acceptance in acceptances:
        mine = copies_for(acceptance, theme.item(acceptance.item), accepted.materials)
        mine = travelling(mine, theme.item(acceptance.item), accepted.materials)
        to = desk(acceptance.handler, acceptance.item, catalogue)
        for medium, copies in _bundles(mine, uses):
            packets.append(
                PlannedPacket(
                    packet=f"p{number + len(packets)}",
                    item=acceptance.item,
                    to=acceptance.handler,
                    medium=medium,
                    copies=tuple(copy.copy for copy in copies),
                    crossings=_crossed((source(copy, received) for copy in copies), to),
                )
            )
    return tuple(packets)


def late_packets(
    item: Item, handler: str, copies: Sequence[MaterialCopy], received: End, catalogue: Catalogue, *, number: int
) -> tuple[PlannedPacket, ...]:
    """The packets of copies that come later than the item's acceptance (补齐): each original for itself."""
    to = desk(handler, item.id, catalogue)
    mine = travelling([copy for copy in copies if copy.material in _materials(item)], item, copies)
    each: list[tuple[Medium, list[MaterialCopy]]] = [("paper", [copy]) for copy in mine if copy.medium == "paper"]
    bundles = [bundle for bundle in _bundles(mine, {}) if bundle[0] != "paper"] + each
    return tuple(
        PlannedPacket(
            packet=f"p{number + n}",
            item=item.id,
            to=handler,
            medium=medium,
            copies=tuple(copy.copy for copy in bundle),
            crossings=_crossed((source(copy, received) for copy in bundle), to),
        )
        for n, (medium, bundle) in enumerate(bundles)
    )


def copies_for(acceptance: Acceptance, item: Item, copies: Sequence[MaterialCopy]) -> list[MaterialCopy]:
    """The copies that an item may have: its materials by the catalogue, and it was accepted with them.

    Where the acceptance names none, a copy that a later edition replaces is none of them.
    """
    materials = _materials(item)
    replaced = {copy.replaces for copy in copies}
    return [
        copy
        for copy in copies
        if copy.material in materials
        and (copy.copy in acceptance.materials if acceptance.materials else copy.copy not in replaced)
    ]


def travelling(mine: Sequence[MaterialCopy], item: Item, copies: Sequence[MaterialCopy]) -> list[MaterialCopy]:
    """What of an item's copies goes to its department: a scan instead of paper, unless it needs the original.

    Paper of which the case has no digital copy travels itself.
    """
    if all(copy.medium != "paper" for copy in mine):
        return list(mine)
    originals = {material.id for material in item.materials if material.original}
    scans = {copy.material: copy for copy in copies if copy.medium != "paper"}
    sent = [
        scans[copy.material]
        if copy.medium == "paper" and copy.material in scans and copy.material not in originals
        else copy
        for copy in mine
    ]
    return list({copy.copy: copy for copy in sent}.values())


def scans_of(theme: Theme, items: Iterable[str], copies: Sequence[MaterialCopy]) -> dict[str, str]:
    """original → the digital copy of the same material, for the paper originals of these items' materials."""
    paper = [copy for copy in copies if copy.medium == "paper"]
    if not paper:
        return {}
    materials = {material for item in items for material in _materials(theme.item(item))}
    scans = {copy.material: copy.copy for copy in copies if copy.medium != "paper"}
    return {copy.copy: scans[copy.material] for copy in paper if copy.material in materials and copy.material in scans}


def output_packet(
    packet: str, certificate: str, producer: tuple[str, str], item: tuple[str, str], catalogue: Catalogue
) -> PlannedPacket:
    """The packet that brings an item's result to an item that needs it; both ends as (item, organisation)."""
    (made_by, issuer), (needed_by, handler) = producer, item
    return PlannedPacket(
        packet=packet,
        item=needed_by,
        to=handler,
        medium="shared",
        copies=(certificate,),
        crossings=crossings(desk(issuer, made_by, catalogue), desk(handler, needed_by, catalogue)),
    )


def needs_of(accepted: ItemsAccepted, catalogue: Catalogue) -> tuple[Need, ...]:
    """What the selected items of the case get from each other.

    A satisfied item's result is there already, and that of an item that is underway elsewhere comes from there;
    where no producer is part of the case the material comes from elsewhere, as a copy. A need is required only
    when the item cannot start without one of the producers: a result that may never come must not hold up a review.
    """
    plan = tuple((planned.item, planned.standing) for planned in accepted.plan)
    return _needs_of(catalogue.theme(accepted.theme), plan)


def renewed(before: Sequence[Need], told: Sequence[Need], taken_up: Collection[str]) -> tuple[Need, ...]:
    """The needs after items were joined to a case, as the new plan tells them (接续).

    An item that was taken up before was accepted with all that it must have: what it gets on top is sent on to it,
    and holds nothing up. What it was to get and will get from elsewhere now, it no longer waits for.
    """
    known = set(before)
    return tuple(
        need if need.item not in taken_up or need in known else msgspec.structs.replace(need, required=False)
        for need in told
    )


@lru_cache(maxsize=1024)
def _needs_of(theme: Theme, plan: tuple[tuple[str, str], ...]) -> tuple[Need, ...]:
    standing = dict(plan)
    needs: list[Need] = []
    for item in (theme.item(each) for each, stands in plan if stands == SELECTED):
        for material in item.materials:
            if material.source is Source.PRODUCED:
                needs.extend(_needs(item, material, theme, standing))
    return tuple(dict.fromkeys(needs))


def _needs(item: Item, material: Material, theme: Theme, standing: Mapping[str, str]) -> Iterator[Need]:
    if any(standing.get(each) in EXTERNAL for each in material.produced_by):
        return
    producers = [each for each in material.produced_by if standing.get(each) == SELECTED and theme.item(each).outputs]
    certain = [each for each in producers if not material.tolerable and _comes_after(item, (each,), theme, standing)]
    for each in certain:
        yield Need(item=item.id, producers=(each,))
    if rest := tuple(each for each in producers if each not in certain):
        one_of = not certain and not material.tolerable and _comes_after(item, rest, theme, standing)
        yield Need(item=item.id, producers=rest, required=one_of)


def _comes_after(item: Item, producers: Collection[str], theme: Theme, standing: Mapping[str, str]) -> bool:
    """Whether an item can only start once one of the producers was approved, whichever way its joins go."""
    for dependency in item.depends_on:
        ways = [each for each in dependency.any_of if standing.get(each) in {SELECTED, *EXTERNAL}]
        if (
            dependency.trigger is Trigger.APPROVED
            and ways
            and all(
                standing[way] == SELECTED
                and (way in producers or _comes_after(theme.item(way), producers, theme, standing))
                for way in ways
            )
        ):
            return True
    return False


def _materials(item: Item) -> set[str]:
    return {material.id for material in item.materials}


def _uses(theme: Theme, accepted: ItemsAccepted) -> dict[str, int]:
    """material → how many selected items of the case, accepted or not yet, can need it."""
    uses: dict[str, int] = {}
    for planned in accepted.plan:
        if planned.standing == SELECTED:
            for material in _materials(theme.item(planned.item)):
                uses[material] = uses.get(material, 0) + 1
    return uses


def _bundles(copies: Sequence[MaterialCopy], uses: Mapping[str, int]) -> Iterator[tuple[Medium, list[MaterialCopy]]]:
    for medium in ("shared", "digital"):
        if same := [copy for copy in copies if copy.medium == medium]:
            yield medium, same
    paper = [copy for copy in copies if copy.medium == "paper"]
    if own := [copy for copy in paper if uses.get(copy.material, 0) <= 1]:
        yield "paper", own
    for copy in paper:
        if uses.get(copy.material, 0) > 1:
            yield "paper", [copy]


def _crossed(origins: Iterator[End], to: End) -> tuple[str, ...]:
    """The borders that any of the copies crosses."""
    crossed = {border for origin in dict.fromkeys(origins) for border in crossings(origin, to)}
    return tuple(border for border in BORDERS if border in crossed)
