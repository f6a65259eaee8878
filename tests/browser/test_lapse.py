"""容缺逾期: what was to come later does not come, and both who waits for it and who owes it see the end of it.

The house has a clock of its own here, which the test moves (``ONETHING_CLOCK=simulated``); nothing that is looked at
when the day ends is loaded again.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from console.stories import story
from kernel.clock import CHINA_STANDARD_TIME
from testkit.browsing import PHONE, House, check, ready

from .counter import answer, bring, fill, tab

SignIn = Callable[..., Page]
Shot = Callable[[Page, str], None]
PHOTO = "XSE05"
"""The social security card: the photograph for it may come later."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A county whose clock can be moved."""
    made = House(tmp_path_factory.mktemp("moved"), ONETHING_CLOCK="simulated")
    made.start()
    try:
        made.console("county")
        yield made
    finally:
        made.process.terminate(timeout=30)


def advance(house: House, to: datetime) -> None:
    """Moves the clocks of the house."""
    house.run(str(Path(__file__).with_name("advance.py")), to.isoformat())


def stay(page: Page) -> Page:
    """Notes that the page is this one; a page that is loaded anew has forgotten it."""
    page.evaluate("window.stayed = true")
    return page


def test_a_tolerance_that_lapses_is_seen_at_the_desk_and_at_home(house: House, sign_in: SignIn, shot: Shot) -> None:
    told = story("newborn")
    today = datetime.now(CHINA_STANDARD_TIME).date()
    desk = sign_in("clerk-lin", f"/desk/new/{told.theme}")
    answer(desk, told.answers)
    desk.get_by_label(re.compile("^姓名或名称")).fill(told.applicant.name)
    desk.get_by_label(re.compile("^证件号码")).fill(told.applicant.identifier)
    desk.get_by_role("button", name="开件").click()
    desk.wait_for_url(re.compile(r"/desk/cases/[0-9a-f-]{36}$"))
    case = desk.url.rpartition("/")[2]
    tab(desk, "一张表")
    fill(desk, told.form(today))
    desk.get_by_role("button", name="保存表单").click()
    desk.wait_for_url(re.compile("/materials$"))
    bring(desk, told.materials, without=("photo",))
    desk.get_by_role("button", name="收件").click()
    expect(desk.get_by_role("status").filter(has_text="已收")).to_be_visible()
    tab(desk, "受理")
    desk.locator('input[name="tolerate"][value="photo"]').check()
    desk.get_by_label("申请人已在打印的承诺书上签字").check()
    desk.get_by_role("button", name="受理", exact=True).click()
    desk.wait_for_url(re.compile("/receipt$"))

    # the applicant owes it until a day
    phone = sign_in("applicant-zhou", f"/mine/{case}", size=PHONE)
    expect(phone.locator("#standing")).to_contain_text("补交容缺材料")
    expect(phone.locator("#standing")).not_to_contain_text("待领取")  # nothing can be fetched that is under review
    check(ready(phone))
    shot(phone, "apply-supplement")
    found = re.search(r"补交容缺材料.*?(\d{4}-\d{2}-\d{2})", phone.locator("#standing").inner_text(), re.DOTALL)
    assert found, phone.locator("#standing").inner_text()
    due = date.fromisoformat(found[1])
    desk.context.close()
    phone.context.close()

    # a minute before that day ends, everything is as it was
    advance(house, datetime.combine(due, time(23, 58), CHINA_STANDARD_TIME))
    desk = stay(ready(sign_in("clerk-lin", f"/desk/cases/{case}")))
    phone = stay(ready(sign_in("applicant-zhou", f"/mine/{case}", size=PHONE)))
    expect(phone.locator("#standing")).to_contain_text("补交容缺材料")
    expect(desk.locator("#standing")).to_contain_text("容缺：")

    # it ends: the handling of the item does, too, and both see it
    advance(house, datetime.combine(due + timedelta(days=1), time(0, 1), CHINA_STANDARD_TIME))
    for page in (desk, phone):
        expect(page.locator("#standing")).to_contain_text("容缺材料没有按期补齐")
    expect(phone.locator("#standing")).not_to_contain_text("补交容缺材料")
    expect(desk.locator("#standing")).not_to_contain_text("容缺：")
    for page in (desk, phone):
        assert page.evaluate("window.stayed === true")
        check(page)
    shot(phone, "apply-lapsed")
    shot(desk, "desk-lapsed")
