"""The plan: what each item needs, and nobody else gets (least necessary)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from catalogue.model import Catalogue, Item, Material, Source, Theme, Trigger
from contracts.intake import Acceptance, ItemsAccepted, MaterialCopy, Medium
from contracts.routing import Need, PlannedPacket
from routing.domain.crossings import BORDERS, End, crossings, desk, source, window

SELECTED, SATISFIED = "selected", "satisfied"


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


def copies_for(acceptance: Acceptance, item: Item, copies: Sequence[MaterialCopy]) -> list[MaterialCopy]:
    """The copies that an item may have: its materials by the catalogue, and it was accepted with them."""
    materials = {material.id for material in item.materials}
    return [
        copy
        for copy in copies
        if copy.material in materials and (not acceptance.materials or copy.copy in acceptance.materials)
    ]


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

    A satisfied item's result is there already; where no producer is part of the case the material comes from
    elsewhere, as a copy. A need is required only when the item cannot start without one of the producers: a
    result that may never come must not hold up a review.
    """
    plan = tuple((planned.item, planned.standing) for planned in accepted.plan)
    return _needs_of(catalogue.theme(accepted.theme), plan)


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
    if any(standing.get(each) == SATISFIED for each in material.produced_by):
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
        ways = [each for each in dependency.any_of if standing.get(each) in {SELECTED, SATISFIED}]
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


def _uses(theme: Theme, accepted: ItemsAccepted) -> dict[str, int]:
    """material → how many selected items of the case, accepted or not yet, can need it."""
    uses: dict[str, int] = {}
    for planned in accepted.plan:
        if planned.standing == SELECTED:
            for material in {material.id for material in theme.item(planned.item).materials}:
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
