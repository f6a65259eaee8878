"""What a hall can accept: residency, grants and qualified staff on duty, noted each time that it becomes another."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from catalogue.model import Catalogue, Item, Theme
from contracts.halls import AcceptanceChanged, Business, ItemAcceptance, WhyChanged
from contracts.language import Act, Command
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden
from halls.domain.authority import Register

EVERY_ITEM = "*"

NOT_RESIDENT = "not-resident"
NOT_QUALIFIED = "not-qualified"
BY_TIME = frozenset({"expired", "not-yet-valid"})


class HallsOnly(Forbidden):
    """Only the service itself looks again at what a hall can accept, and who is silent."""


class ReviewAcceptance(Command, frozen=True, kw_only=True):
    """Look again at what a hall can accept. Sent by the service itself."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    wanted: int

    @property
    def acceptance(self) -> str:
        """The stream of what the hall can accept."""
        return f"{self.hall}.acceptance"


def handlers(catalogue: Catalogue, item: Item) -> tuple[str, ...]:
    """Whoever decides the item: its department, or all that offer its service in some area."""
    if item.service is None:
        return (item.department,)
    return tuple(each.id for each in catalogue.organisations.values() if item.service in each.serves)


def is_resident(item: str, residents: Mapping[str, Business]) -> bool:
    """Whether the item's business is in the hall."""
    return item in residents or EVERY_ITEM in residents


class OnDuty(msgspec.Struct, frozen=True):
    """Somebody on duty at a window of the hall."""

    window: str
    staff: str
    themes: tuple[str, ...]

    def serves(self, theme: str) -> bool:
        """Whether their window is for the theme."""
        return not self.themes or theme in self.themes


def of_hall(
    hall: str,
    residents: Mapping[str, Business],
    register: Register,
    catalogue: Catalogue,
    duty: Sequence[OnDuty],
) -> list[ItemAcceptance]:
    """Each resident item of each handler: by which grant the hall can accept it now, or why it cannot.

    A grant to a group of windows counts while one of them is manned, a qualification that a theme asks for while
    somebody who has it is on duty at a window for the theme.
    """
    return [
        _accepted(hall, theme, item.id, handler, register=register, duty=duty)
        for theme in catalogue.themes.values()
        for item in theme.items
        if item.adopted and is_resident(item.id, residents)
        for handler in handlers(catalogue, item)
    ]


def _accepted(
    hall: str, theme: Theme, item: str, handler: str, *, register: Register, duty: Sequence[OnDuty]
) -> ItemAcceptance:
    places = [each for each in duty if each.serves(theme.id)]
    answers = {
        window: register.may(hall, item, handler, "accept", window)
        for window in dict.fromkeys(["", *(each.window for each in places)])
    }
    granted = next((each for each in answers.values() if not each.refusal), None)
    if granted is None:
        return ItemAcceptance(item, handler, refusal=answers[""].refusal)
    if theme.qualification and not any(
        register.is_skilled(each.staff, theme.qualification) and not answers[each.window].refusal for each in places
    ):
        return ItemAcceptance(item, handler, refusal=NOT_QUALIFIED)
    return ItemAcceptance(item, handler, granted.grant)


class Acceptance(Aggregate):
    """What one hall can accept, as it was last noted."""

    case_bound = False
    items: dict[str, ItemAcceptance]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.items = {}

    @property
    def hall(self) -> str:
        """Whose it is."""
        return self.stream.removesuffix(".acceptance")

    def reach(self) -> Reach:
        """Its hall."""
        return Reach(halls=frozenset((self.hall,)))

    def review(self, found: Iterable[ItemAcceptance], act: Act) -> None:
        """Notes what became another: a grant that only took the place of one that also gave it is no change."""
        now = {_key(each): each for each in found}
        gone = [
            ItemAcceptance(each.item, each.handler, refusal=NOT_RESIDENT)
            for key, each in self.items.items()
            if key not in now
        ]
        changed = [
            each for key, each in now.items() if key not in self.items or self.items[key].refusal != each.refusal
        ]
        if not changed and not gone:
            return
        why = {_why(self.items.get(_key(each)), each) for each in [*changed, *gone]}
        self.record(AcceptanceChanged, act, hall=self.hall, why=tuple(sorted(why)), items=(*changed, *gone))

    @applies(AcceptanceChanged)
    def _changed(self, fact: AcceptanceChanged) -> None:
        items = {**self.items, **{_key(each): each for each in fact.items}}
        self.items = {key: each for key, each in items.items() if each.refusal != NOT_RESIDENT}


def _key(each: ItemAcceptance) -> str:
    return f"{each.item}/{each.handler}"


def _why(before: ItemAcceptance | None, after: ItemAcceptance) -> WhyChanged:
    if before is None or after.refusal == NOT_RESIDENT:
        return "residency"
    refusals = {before.refusal, after.refusal}
    if NOT_QUALIFIED in refusals:
        return "staff"
    return "time" if refusals & BY_TIME else "grant"


def start_of(instants: Iterable[datetime | None]) -> datetime | None:
    """The first of several instants."""
    return min((each for each in instants if each is not None), default=None)
