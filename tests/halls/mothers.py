"""Halls and windows."""

from typing import Any

from contracts.halls import InstallWindow, RegisterHall
from halls.domain import Hall, Window
from testkit.facts import an_act

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
