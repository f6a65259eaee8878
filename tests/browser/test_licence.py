"""A restaurant comes with the licence it has: the scanner finds what it can begin with it, and next time its case."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from console.stories import story
from testkit.browsing import Complaints, check, ready

from .counter import answer

SignIn = Callable[..., Page]
Shot = Callable[[Page, str], None]
LICENCE = "92990102MA0000306T"
"""Of a restaurant that nobody else of these tests is."""


def scan(desk: Page, code: str) -> Page:
    """A scanner is a keyboard that is very fast and ends with Enter; it types wherever the eye is."""
    desk.goto("/desk")
    ready(desk)
    desk.locator("body").click(position={"x": 5, "y": 5})
    desk.keyboard.type(code)
    desk.keyboard.press("Enter")
    desk.wait_for_url(re.compile("/desk/find$"))
    return ready(desk)


def test_a_restaurant_joins_by_scanning_its_licence_and_is_found_by_it_at_the_next_window(
    sign_in: SignIn, shot: Shot
) -> None:
    told = story("restaurant")
    desk = sign_in("clerk-qian", "/desk")
    scan(desk, LICENCE)
    check(desk)
    assert LICENCE not in desk.url
    desk.get_by_role("button", name=re.compile("餐饮店")).click()
    ready(desk)
    expect(desk.get_by_label(re.compile("^证件号码"))).to_have_value(LICENCE)
    answer(desk, told.answers)
    expect(desk.locator("#outlook")).to_contain_text("此前已办结")
    desk.get_by_label(re.compile("^姓名或名称")).fill("云岭县又一村餐饮店（虚构）")
    desk.get_by_role("button", name="开件").click()
    desk.wait_for_url(re.compile(r"/desk/cases/[0-9a-f-]{36}$"))
    standing = desk.locator("#standing")
    expect(standing).to_contain_text(LICENCE)
    expect(standing).to_contain_text("接续")
    case, number = desk.url, desk.locator("h1 .number").inner_text()

    # the next day, at another window of the hall
    other = scan(sign_in("clerk-sun", "/desk"), LICENCE)
    check(other)
    shot(other, "desk-licence")
    other.get_by_role("link", name=number).click()
    expect(other).to_have_url(case)
    expect(other.locator("#standing")).to_contain_text(LICENCE)


def test_who_did_an_item_alone_before_says_with_which_evidence(
    sign_in: SignIn, shot: Shot, complaints: Complaints
) -> None:
    complaints.expect("422")
    told = story("restaurant")
    desk = sign_in("clerk-qian", "/desk/new/CY")
    desk.locator('select[name="applicant.kind"]').select_option("legal")
    desk.wait_for_load_state("networkidle")
    answer(desk, {**told.answers, "licence": "none"})
    desk.get_by_label(re.compile("^姓名或名称")).fill("云岭县第三家餐饮店（虚构）")
    desk.get_by_label(re.compile("^证件号码")).fill("92990102MA0000314M")
    desk.get_by_text("此前已办或者正在办的事项").click()
    first = desk.locator("#origins details").first
    first.locator("summary").click()
    first.get_by_label("办理情况").select_option("granted")
    first.get_by_label("有效期至").fill("2099-12-31")
    check(desk)

    first.locator("summary").click()
    desk.get_by_role("button", name="开件").click()
    expect(first.get_by_text("请填写证照编号或者办理记录编号")).to_be_visible()
    with desk.expect_response(re.compile("/outlook")):
        first.get_by_label("办结凭据").fill("照 2026-001")
        first.get_by_label("有效期至").focus()
    expect(desk.locator("#outlook")).to_contain_text("照 2026-001")
    shot(desk, "desk-origins")
    desk.get_by_role("button", name="开件").click()
    desk.wait_for_url(re.compile(r"/desk/cases/[0-9a-f-]{36}$"))
    expect(desk.locator("#standing")).to_contain_text("照 2026-001")
    expect(desk.locator("#standing")).to_contain_text("接续")
