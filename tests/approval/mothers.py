"""Bundles, themes and acts for the tests of approval."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from approval.domain import Bundle, Law, PlanReviews
from catalogue.model import Catalogue, Dependency, Item, ItemType, Level, Limit, Theme, Trigger
from catalogue.rules import GENERAL, Rules
from contracts.approval import PlannedReview
from contracts.language import Act
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar
from testkit.facts import an_act

CALENDAR = WorkingCalendar.official()
NUMBER = "YJS-990102-CY-20260723-000001-M"
NOON = datetime(2026, 7, 23, 4, tzinfo=UTC)
"""Thursday, 23 July 2026, noon in China."""
TODAY = date(2026, 7, 23)


def needs(
    *any_of: str, trigger: Trigger = Trigger.APPROVED, optional: bool = False, tolerant: tuple[str, ...] = ()
) -> Dependency:
    """One of these has to be there first; a tolerant pass of the ``tolerant`` ones is enough."""
    return Dependency(any_of=any_of, trigger=trigger, optional=optional, on_tolerant=tolerant)


def an_item(
    name: str,
    *depends_on: Dependency,
    promised: int | None = 3,
    statutory: int | None = 10,
    kind: ItemType = ItemType.LICENCE,
    **more: Any,
) -> Item:
    """An item, decided by the department `dept-<name>`."""
    return Item(
        id=name,
        name=f"item {name}",
        department=f"dept-{name}",
        level=Level.COUNTY,
        item_type=kind,
        promised=None if promised is None else Limit(days=promised),
        statutory=None if statutory is None else Limit(days=statutory),
        depends_on=depends_on,
        **more,
    )


def a_theme(*items: Item, joint: bool = False) -> Theme:
    """A theme of these items, led by the department `scjg`."""
    return Theme(id="CY", name="shop", lead="scjg", applicant="either", mouth=Level.COUNTY, items=items, joint=joint)


def a_catalogue(theme: Theme, rules: Rules = GENERAL) -> Catalogue:
    """A fictional region with this theme alone."""
    return Catalogue.of(
        region="990102",
        name="county",
        fictional=True,
        themes={theme.id: theme},
        organisations={},
        certificates={},
        type_authority=None,
        rules=rules,
    )


SHOP = a_theme(
    an_item("LICENCE", promised=1, statutory=3),
    an_item("CHECK", needs("LICENCE"), promised=0, statutory=0, kind=ItemType.INTERNAL_CHECK),
    an_item("FOOD", needs("CHECK"), promised=7, statutory=10),
    an_item("SIGN", needs("CHECK"), promised=3, statutory=None, kind=ItemType.PUBLIC_SERVICE),
)
"""LICENCE → CHECK → {FOOD, SIGN}."""

PAIR = a_theme(an_item("ONE"), an_item("TWO"))
"""Two items that need nothing."""


def planning(
    theme: Theme,
    items: tuple[str, ...] | None = None,
    standings: Mapping[str, str] | None = None,
    accepted_on: date = TODAY,
    *,
    output_mode: str = "itemised",
    answers: Mapping[str, str] | None = None,
    **each: Any,
) -> PlanReviews:
    """The command that follows an acceptance (of everything, unless told); `each` is said of every item."""
    known = {item.id: "selected" for item in theme.items} | dict(standings or {})
    accepted = items if items is not None else tuple(i for i, s in known.items() if s == "selected")
    return PlanReviews(
        case_id="case-1",
        number=NUMBER,
        theme=theme.id,
        catalogue="v1",
        region="990102",
        output_mode=output_mode,
        hall="county",
        standings=known,
        reviews=tuple(PlannedReview(item, theme.item(item).department, **each) for item in accepted),
        accepted_on=dict.fromkeys(accepted, accepted_on),
        answers=dict(answers or {}),
    )


class Office:
    """A bundle with its theme at hand, so that tests say only who does what."""

    def __init__(self, theme: Theme = SHOP, bundle: Bundle | None = None, rules: Rules = GENERAL) -> None:
        self.theme = theme
        self.bundle = bundle or Bundle("case-1")
        self.catalogue = a_catalogue(theme, rules)

    def law(self, at: datetime = NOON) -> Law:
        """What holds for the case at this instant."""
        return Law(self.catalogue, self.theme, CALENDAR, local_date(at))

    def accepts(
        self, *items: str, at: datetime = NOON, standings: Mapping[str, str] | None = None, **each: Any
    ) -> "Office":
        """Intake accepts items (all, when none is named); what is said of ``each`` is said of all of them."""
        command = planning(self.theme, items or None, standings, local_date(at), **each)
        self.bundle.plan(command, self.law(at), act=an_act("system", at=at))
        return self

    def supplies(self, *items: str) -> "Office":
        """Routing has delivered what the items need (all of them, when none is named)."""
        self.bundle.supply(items or tuple(item.id for item in self.theme.items), act=an_act())
        return self

    def grants(self, item: str, at: datetime = NOON, org: str | None = None) -> "Office":
        """The department of the item (or another organisation) grants it."""
        self.bundle.grant(item, "fine", self.law(at), act=self.department(item, at, org))
        return self

    def denies(self, item: str, at: datetime = NOON, org: str | None = None, reasons: str = "too narrow") -> "Office":
        """The department of the item (or another organisation) denies it."""
        self.bundle.deny(item, reasons, self.law(at), remedy="appeal", act=self.department(item, at, org))
        return self

    def loses(self, item: str, reason: str = "withdrawn", at: datetime = NOON) -> "Office":
        """The item leaves the case."""
        self.bundle.end(item, reason, self.law(at) if self.bundle.is_open else None, act=an_act(at=at))
        return self

    def wakes_up(self, at: datetime) -> "Office":
        """The timer fires."""
        self.bundle.warn(self.law(at), act=an_act("system", at=at))
        return self

    def department(self, item: str, at: datetime = NOON, org: str | None = None) -> Act:
        """Somebody at the department of the item."""
        review = self.bundle.reviews.get(item)
        handler = review.handler if review else f"dept-{item}"
        return an_act("reviewer-1", at=at, org=handler if org is None else org, hall="", window="")

    def status(self) -> dict[str, str]:
        """How far the reviews are."""
        return {item: review.status.value for item, review in self.bundle.reviews.items()}
