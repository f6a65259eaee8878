"""Halls and windows, and what stands around them."""

from functools import cache
from typing import Any

import msgspec

from catalogue import Catalogue, load
from contracts.halls import InstallWindow, RegisterHall, Span, WeeklyHours
from contracts.language import Query
from contracts.vault import LendKeys, LentKey, ReserveKeys
from eventing.keyring import KeyRing
from eventing.printed import Codes
from halls.configuration import Configuration
from halls.domain import Hall, Window
from testkit.facts import an_act
from testkit.readings import ReadingBook

MANAGER = an_act("manager")
LI = an_act("li")
WANG = an_act("wang")


def hall_terms(**changes: Any) -> RegisterHall:
    return RegisterHall(**{"hall": "county", "name": "县政务服务中心", "kind": "county", "region": "990102", **changes})


def window_terms(**changes: Any) -> InstallWindow:
    return InstallWindow(**{"window": "w1", "hall": "county", "name": "1号窗口", "zone": "综合", **changes})


def a_hall(**changes: Any) -> Hall:
    hall = Hall(str(changes.get("hall", "county")))
    hall.register(hall_terms(**changes), parent_known=True, act=MANAGER)
    return hall


def a_window(**changes: Any) -> Window:
    """A window as it was installed: closed."""
    window = Window(str(changes.get("window", "w1")))
    window.install(window_terms(**changes), hall_known=True, act=MANAGER)
    return window


def an_open_window(**changes: Any) -> Window:
    """A window at which Li is on duty."""
    window = a_window(**changes)
    window.open(LI)
    return window


MORNING, AFTERNOON = Span("09:00", "12:00"), Span("13:30", "17:30")
DAY = (MORNING, AFTERNOON)
USUAL = WeeklyHours(
    monday=DAY, tuesday=DAY, wednesday=DAY, thursday=DAY, friday=DAY, saturday=(MORNING,), make_up=(MORNING,)
)
ALWAYS = (Span("00:00", "24:00"),)
ROUND_THE_CLOCK = WeeklyHours(**dict.fromkeys(WeeklyHours.__struct_fields__, ALWAYS))


class FakeVault:
    """Lends keys that never go."""

    def ask(self, query: Query) -> Any:
        if isinstance(query, ReserveKeys):
            lent = [LentKey(f"k{i}", bytes([i % 256]) * 32) for i in range(query.count)]
        else:
            assert isinstance(query, LendKeys)
            lent = [LentKey(key_id, b"k" * 32) for key_id in query.key_ids]
        return msgspec.json.decode(msgspec.json.encode(lent))


@cache
def county_catalogue() -> Catalogue:
    return load("990102")


class Shelf:
    """Today's catalogue of the fictional county."""

    def current(self) -> Catalogue:
        return county_catalogue()


class Outlet:
    """Where the feed goes: nowhere."""

    def publish(self, written: Any) -> None:
        """Nobody listens."""


def neighbours(**changes: Any) -> dict[str, Any]:
    """What a replica of halls stands among."""
    return {
        "catalogues": Shelf(),
        "keyring": KeyRing(FakeVault().ask, b"i" * 32, purpose="test"),
        "configured": Configuration(**changes),
        "outlet": Outlet(),
        "codes": Codes(b"c" * 32),
        "peers": ReadingBook(),
    }
