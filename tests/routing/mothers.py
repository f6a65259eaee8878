"""Small catalogues, cases and people for distributions."""

from collections.abc import Iterable, Sequence
from typing import Literal

from catalogue.model import (
    Catalogue,
    Dependency,
    Item,
    ItemType,
    Level,
    Material,
    Organisation,
    Output,
    Role,
    Source,
    Theme,
    Trigger,
)
from contracts.intake import Acceptance, ItemsAccepted, MaterialCopy, Medium, PlannedItem
from contracts.language import Act, Note
from eventing.parking import Followed
from eventing.store import StoredFact
from kernel.workdays import WorkingCalendar
from routing.domain import Distribution, Setting
from testkit.facts import NOON, an_act
from testkit.replica import Replica

HALL = "county-hall"

Standing = Literal["selected", "not_needed", "satisfied", "underway"]


def material(id_: str, *produced_by: str, tolerable: bool = False, original: bool = False) -> Material:
    return Material(
        id=id_,
        name=id_,
        role=Role.SECONDARY,
        source=Source.PRODUCED if produced_by else Source.APPLICANT,
        tolerable=tolerable,
        produced_by=produced_by,
        original=original,
    )


def item(
    id_: str,
    department: str,
    *materials: Material,
    after: Iterable[tuple[str, ...]] = (),
    trigger: Trigger = Trigger.APPROVED,
    yields: bool = True,
) -> Item:
    return Item(
        id=id_,
        name=id_,
        department=department,
        level=Level.COUNTY,
        item_type=ItemType.LICENCE,
        materials=materials,
        depends_on=tuple(Dependency(any_of=any_of, trigger=trigger) for any_of in after),
        outputs=(Output(id=f"{id_}-out", name=id_, kind="document"),) if yields else (),
    )


ORGANISATIONS = (
    Organisation(id="market", name="市场监管局", kind="department", level=Level.COUNTY, uscc="11990102MB0000027C"),
    Organisation(id="urban", name="城管局", kind="department", level=Level.COUNTY, uscc="11990102MB00000357"),
    Organisation(id="fire", name="消防救援局", kind="department", level=Level.CITY, uscc="11990100MB0000019L"),
    Organisation(id="water", name="水务公司", kind="provider", level=Level.COUNTY, uscc="91990203MA0000015T"),
)

SHOP = (
    item("licence", "market", material("application"), material("lease")),
    item(
        "food",
        "market",
        material("lease"),
        material("layout"),
        material("licence-copy", "licence"),
        after=[("licence",)],
    ),
    item("sign", "urban", material("picture"), material("lease")),
    item("fire", "fire", material("drawing"), material("food-copy", "food", tolerable=True)),
    item("enquiry", "urban"),
)
"""Opening a shop: the lease is needed by three items, the licence by the food permit."""


def catalogue(items: Sequence[Item] = SHOP) -> Catalogue:
    theme = Theme(id="shop", name="开店", lead="market", applicant="legal", mouth=Level.COUNTY, items=tuple(items))
    return Catalogue.of(
        region="990102",
        name="test",
        fictional=True,
        themes={"shop": theme},
        organisations={each.id: each for each in ORGANISATIONS},
        certificates={},
        type_authority=None,
    )


def copy(material_id: str, medium: Medium = "digital", provenance: str = "entered") -> MaterialCopy:
    return MaterialCopy(copy=f"c-{material_id}", material=material_id, medium=medium, provenance=provenance)


def accepted(
    *items: str,
    copies: Sequence[MaterialCopy] = (),
    of: Catalogue,
    standings: dict[str, Standing] | None = None,
    hall: str = HALL,
    case: str = "case-1",
) -> ItemsAccepted:
    """The items were accepted together; every item of the theme is selected unless said otherwise."""
    theme = of.theme("shop")
    return ItemsAccepted(
        case_id=case,
        at=NOON,
        by="clerk-7",
        number="n-1",
        theme="shop",
        catalogue=of.version,
        region="990102",
        hall=hall,
        window="w1",
        items=tuple(
            Acceptance(
                item=each,
                handler=theme.item(each).department,
                grant="g-1",
                grant_position=1,
                in_name_of=theme.item(each).department,
                notice="",
            )
            for each in items
        ),
        plan=tuple(
            PlannedItem(each.id, (standings or {}).get(each.id, "selected"), each.department) for each in theme.items
        ),
        materials=tuple(copies),
    )


def a_distribution(*items: str, copies: Sequence[MaterialCopy] = (), of: Catalogue | None = None) -> Distribution:
    """The distribution of a case in which these items were accepted."""
    using = of or catalogue()
    distribution = Distribution("case-1")
    distribution.plan(accepted(*items, copies=copies, of=using), using, SYSTEM)
    return distribution


def a_setting(of: Catalogue | None = None) -> Setting:
    """A catalogue and the official calendar."""
    return Setting(of or catalogue(), WorkingCalendar.official())


def settle(routing: Replica) -> None:
    """Lets routing follow its own log to the end, as its host does."""
    while news := [
        Followed("routing", segment, stood, facts[-1].position, [_note(fact) for fact in facts])
        for segment in range(16)
        for stood in [routing._position.get(("routing", segment), 0)]
        if (facts := routing.store.read_log(segment, stood))
    ]:
        routing.engine.react(news)
        for section in news:
            routing._position["routing", section.segment] = section.upto


def _note(fact: StoredFact) -> Note:
    return Note(fact.position, fact.stream, fact.version, fact.topic, fact.state)


def at(place: str, by: str = "") -> Act:
    """Somebody at a hall or an organisation."""
    return an_act(by or f"clerk-at-{place}", hall="", org=place, window="")


SYSTEM = an_act("system", hall="", window="")
WINDOW = an_act("clerk-7", hall=HALL)
