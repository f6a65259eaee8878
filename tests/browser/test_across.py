"""Across halls: a case in three windows of three halls at once, the board without its network, the screen on the wall.

Nothing that is looked at here is loaded again: each window sees what the others did because it hears of it.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from playwright.sync_api import Locator, Page, expect

from console.stories import Story, story
from testkit.browsing import WALL, Complaints, check, ready, without_network

from .counter import answer

SignIn = Callable[..., Page]
TODAY = datetime.now(timezone(timedelta(hours=8))).date()
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

HOSPITAL_WINDOW = "出生一件事窗口"
HOUSEHOLD = "XSE03"
DECIDERS = {
    "XSE01": "zcjg",
    "XSE02": "zcjg",
    "XSE03": "pcs",
    "XSE07": "wjw",
    "XSE06": "ybj",
    "XSE04": "ybj",
    "XSE05": "rsj",
}
"""Who decides which item of the newborn's case, in an order in which each can be decided."""

SCREEN_AT = """([screen, at]) => fetch(`/api/v1/screens/${screen}?at=${encodeURIComponent(at)}`)
  .then(answer => answer.text().then(text => [answer.status, text]))"""
"""What somebody asks who wants to know what a screen said."""


@pytest.fixture
def window(sign_in: SignIn) -> Callable[..., Page]:
    """A window of somebody that must not be loaded again from here on."""

    def opened(person: str, address: str, **options: object) -> Page:
        page = at_hall(sign_in(person, address, **options))
        expect(page).to_have_url(re.compile(re.escape(address) + "$"))
        stay(page)
        return page

    return opened


def at_hall(page: Page) -> Page:
    """Somebody of several halls says for which they work today."""
    if page.url.partition("?")[0].endswith("/sign-in/window"):
        page.get_by_role("button", name="云岭县政务服务大厅", exact=True).click()
        page.wait_for_url(lambda address: "/sign-in/" not in address)
    return ready(page)


def stay(page: Page) -> None:
    """Notes that the page is this one; a page that is loaded anew has forgotten it."""
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    return bool(page.evaluate("window.stayed === true"))


def looked_at(page: Page, is_so: bool) -> None:
    """Brings a tab to the front or puts it behind; without a screen Chromium takes every tab for one in front."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        not is_so,
    )


def card(board: Page, name: str) -> Locator:
    """A window as the board shows it."""
    return board.locator(".window-card").filter(has=board.get_by_role("heading", name=name, exact=True))


def tab(page: Page, name: str) -> None:
    page.locator(".tabs").get_by_role("link", name=name, exact=True).click()
    ready(page)


def accepted(page: Page, told: Story, number: str) -> str:
    """From the scenario to the receipt, with paper among the materials; answers with the case's address."""
    page.goto(f"/desk/new/{told.theme}")
    ready(page)
    answer(page, told.answers)
    page.get_by_label(re.compile("^姓名或名称")).fill(told.applicant.name)
    page.get_by_label(re.compile("^证件号码")).fill(number)
    page.get_by_role("button", name="开件").click()
    page.wait_for_url(re.compile(r"/desk/cases/[0-9a-f-]{36}$"))
    case = page.url
    tab(page, "一张表")
    for key, value in told.form(TODAY).items():
        field = page.locator(f'[name="values.{key}"]')
        if field.count():
            chosen = field.evaluate("each => each.tagName") == "SELECT"
            field.select_option(value) if chosen else field.fill(value)
    page.get_by_role("button", name="保存表单").click()
    page.wait_for_url(re.compile("/materials$"))
    for material, brought in told.materials.items():
        if brought.medium == "digital":
            page.locator(f'input[name="file.{material}"]').set_input_files(
                {"name": f"{material}.pdf", "mimeType": "application/pdf", "buffer": PDF + material.encode()}
            )
        page.locator(f'input[name="medium.{material}"][value="{brought.medium}"]').check()
    page.get_by_role("button", name="收件").click()
    expect(page.get_by_role("status").filter(has_text="已收")).to_be_visible()
    tab(page, "受理")
    page.get_by_role("button", name="受理", exact=True).click()
    page.wait_for_url(re.compile("/receipt$"))
    return case


def test_a_board_that_lost_its_network_says_so_and_catches_up_by_itself(
    window: Callable[..., Page], sign_in: SignIn, complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED|Failed to load resource")
    board = window("manager-li", "/board/yl-hall")
    clerk = sign_in("clerk-wu", "/desk")
    mine = card(board, "综合窗口 1").first
    cards = board.locator(".window-card").count()
    expect(board.locator("#offline")).to_be_hidden()

    with without_network(board):
        expect(board.locator("#offline")).to_be_visible()
        check(board)
        clerk.get_by_role("button", name="代取号").first.click()
        clerk.get_by_role("dialog").get_by_role("button", name="代取号").click()
        expect(clerk.get_by_role("status").filter(has_text="已取号")).to_be_visible()
        clerk.get_by_role("button", name="叫下一位").click()
        expect(clerk.get_by_role("button", name="开始办理")).to_be_visible()
        number = clerk.locator("#strip .ticket").first.inner_text()  # others may have waited before
        expect(mine).not_to_contain_text(number)

    expect(board.locator("#offline")).to_be_hidden()
    expect(mine).to_contain_text(number)
    expect(board.get_by_text(number, exact=True)).to_have_count(1)
    expect(board.locator(".window-card")).to_have_count(cards)

    clerk.get_by_role("button", name="开始办理").click()
    clerk.get_by_role("button", name="办理完毕").click()
    expect(clerk.get_by_role("button", name="叫下一位")).to_be_visible()
    expect(mine).not_to_contain_text(number)
    assert stayed(board)


def test_tabs_that_nobody_looks_at_leave_the_connections_to_the_others(
    window: Callable[..., Page], sign_in: SignIn
) -> None:
    board = window("manager-li", "/board/yl-hall")
    mine = card(board, "综合窗口 1").first
    looked_at(board, False)
    for _ in range(8):  # a browser keeps six connections to a house
        another = board.context.new_page()
        another.goto("/board/yl-hall")
        ready(another)
        looked_at(another, False)
    clerk = sign_in("clerk-wu", "/desk")
    clerk.get_by_role("button", name="代取号").first.click()
    clerk.get_by_role("dialog").get_by_role("button", name="代取号").click()
    expect(clerk.get_by_role("status").filter(has_text="已取号")).to_be_visible()
    clerk.get_by_role("button", name="叫下一位").click()
    expect(clerk.get_by_role("button", name="开始办理")).to_be_visible()
    number = clerk.locator("#strip .ticket").first.inner_text()

    looked_at(board, True)

    expect(mine).to_contain_text(number)
    clerk.get_by_role("button", name="开始办理").click()
    clerk.get_by_role("button", name="办理完毕").click()
    expect(mine).not_to_contain_text(number)
    assert stayed(board)


def test_a_screen_on_the_wall_shows_the_same_and_it_can_be_said_later_what_it_showed(
    window: Callable[..., Page], sign_in: SignIn
) -> None:
    board = window("manager-li", "/board/yl-hall")
    clerk = sign_in("clerk-qian", "/desk")
    wall = window("manager-li", "/board/yl-hall/wall", size=WALL)
    check(wall)

    clerk.get_by_role("button", name="暂停").first.click()
    clerk.get_by_role("dialog").get_by_label("理由").fill("设备检修")
    with wall.expect_response(lambda each: each.request.method == "POST" and each.url.endswith("/wall")) as told:
        clerk.get_by_role("dialog").get_by_role("button", name="暂停").click()
        for each in (board, wall):
            expect(card(each, "一件事综合窗口 A2")).to_contain_text("设备检修")
    assert told.value.status == 204
    digest = re.search(r"digest=([^&]+)", told.value.request.post_data or "")
    assert digest is not None

    auditor = sign_in("auditor-shi", "/")
    at = datetime.now(UTC) + timedelta(seconds=1)
    status, text = auditor.evaluate(SCREEN_AT, ["yl-hall.wall", at.isoformat()])
    assert status == 200, text
    shown = json.loads(text)
    assert shown["acknowledged_at"], shown
    assert stayed(board)
    assert stayed(wall)
    clerk.get_by_role("button", name="开放窗口").click()
    expect(card(wall, "一件事综合窗口 A2")).not_to_contain_text("设备检修")


def test_a_newborn_from_the_ticket_to_the_hand_over_in_three_windows_of_three_halls(
    window: Callable[..., Page], sign_in: SignIn, shot: Callable[[Page, str], None]
) -> None:
    told = story("newborn")
    board = window("manager-li", "/board/yl-hall")
    street = window("clerk-he", "/desk")
    hospital = sign_in("clerk-lin", "/desk")

    # the ticket is seen on the county's board
    hospital.get_by_role("button", name="代取号").first.click()
    hospital.get_by_role("dialog").get_by_label("主题").select_option("XSE")
    hospital.get_by_role("dialog").get_by_role("button", name="代取号").click()
    expect(hospital.get_by_role("status").filter(has_text="已取号")).to_be_visible()
    hospital.get_by_role("button", name="叫下一位").click()
    hospital.get_by_role("button", name="开始办理").click()
    expect(hospital.get_by_role("button", name="办理完毕")).to_be_visible()
    number = hospital.locator("#strip .ticket").first.inner_text()
    expect(card(board, HOSPITAL_WINDOW)).to_contain_text(number)

    case = accepted(hospital, told, "990102199606060066")
    case_id = case.rpartition("/")[2]

    # the street is asked, takes it over, and is written to: seen at both, and on the board
    hospital.goto(f"{case}/together")
    ready(hospital)
    stay(hospital)
    hospital.locator("#request").get_by_label(re.compile("^大厅")).select_option("yl-cg")
    hospital.locator("#request").get_by_label(re.compile("^理由")).fill("家属住在城关，请就近核对户口簿")
    hospital.locator("#request").get_by_role("button", name="发出请求").click()
    expect(street.get_by_text("其他窗口请本厅接手的办件")).to_be_visible()
    expect(board.get_by_text("家属住在城关，请就近核对户口簿").first).to_be_visible()
    street.get_by_role("link", name=re.compile(HOSPITAL_WINDOW)).click()
    check(ready(street))
    ready(hospital)
    stay(hospital)
    street.get_by_role("button", name="接手").click()
    expect(hospital.locator("#together .notice").first).to_contain_text("已接手")
    expect(board.get_by_text("家属住在城关，请就近核对户口簿")).to_have_count(0)
    assert stayed(hospital)
    ready(street)
    stay(street)
    hospital.locator("#message").get_by_label(re.compile("^内容")).fill("户口簿原件今天送出")
    hospital.locator("#message").get_by_role("button", name="发送").click()
    expect(street.locator("#together")).to_contain_text("户口簿原件今天送出")
    assert stayed(street)

    # the paper original goes to the police station, which signs for it
    police = sign_in("pcs-reviewer", f"/review/{case_id}/{HOUSEHOLD}")
    stay(police)
    hospital.goto("/desk/packets")
    row = ready(hospital).locator("tr").filter(has=hospital.locator(f'a[href="/desk/cases/{case_id}/ways"]'))
    row.get_by_label(re.compile("^承运人")).fill("courier-ma")
    row.get_by_role("button", name="交出").click()
    signing = police.locator("#do-receive-packets")
    police.locator("#fold-receive-packets summary").click()
    signing.get_by_label(re.compile("^签收")).fill("户籍民警")
    assert stayed(police)
    signing.get_by_role("button").click()

    # departments decide, one after the other; the hospital's window follows
    hospital.goto(case)
    ready(hospital)
    stay(hospital)
    for item, org in DECIDERS.items():
        desk = sign_in(f"{org}-reviewer", f"/review/{case_id}/{item}")
        desk.locator("#do-grant button").click()
        expect(desk.get_by_role("status").filter(has_text="已准予")).to_be_visible()
        desk.context.close()
    expect(hospital.locator("#standing tbody").get_by_text("准予", exact=True)).to_have_count(len(DECIDERS))
    assert stayed(hospital)

    # the results leave at the window, after a look at who takes them
    hospital.goto(f"{case}/output")
    ready(hospital)
    packages = hospital.locator("#output tbody tr").filter(
        has=hospital.get_by_role("rowheader", name=re.compile("^XSE"))
    )
    expect(packages.filter(has_text="待领取")).to_have_count(len(DECIDERS))
    hospital.locator("#agree").get_by_role("radio", name="邮寄").check()
    hospital.locator("#agree").get_by_label("邮寄地址").fill("云岭县城关街道9号（虚构）")
    hospital.get_by_role("button", name="保存领取方式").click()
    expect(hospital.get_by_role("status").filter(has_text="领取方式已登记")).to_be_visible()
    check(ready(hospital))
    shot(hospital, "desk-output")
    packages.first.get_by_role("button", name="交邮").click()
    hospital.get_by_role("dialog").get_by_role("link", name="邮寄面单").click()
    expect(ready(hospital).locator("main")).to_contain_text("云岭县城关街道9号（虚构）")
    check(hospital)
    hospital.goto(f"{case}/output")
    ready(hospital).locator("#hand-over").get_by_label(re.compile("^核验情况")).fill("核对母亲身份证原件")
    hospital.get_by_role("button", name="确认出件").click()
    expect(hospital.get_by_role("status").filter(has_text="已出件")).to_be_visible()
    expect(packages.filter(has_text="已交付")).to_have_count(len(DECIDERS))
    hospital.get_by_role("link", name="领取台账").click()
    expect(ready(hospital).locator("tbody tr").filter(has_text="窗口领取").first).to_contain_text("已交付")
    check(hospital)
    shot(hospital, "desk-pickups")
    hospital.goto("/desk")
    hospital.get_by_role("button", name="办理完毕").click()
    expect(hospital.get_by_role("button", name="叫下一位")).to_be_visible()
    expect(card(board, HOSPITAL_WINDOW)).not_to_contain_text(number)
    assert stayed(board)
