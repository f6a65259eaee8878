"""综窗工作台: a case from the ticket to the receipt, and what must not be lost or done twice."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from msgspec.structs import replace
from playwright.sync_api import Page, Route, expect

from console.stories import Story, story
from testkit.browsing import Complaints, check, ready

from .counter import answer

SignIn = Callable[..., Page]
Shot = Callable[[Page, str], None]
TODAY = datetime.now(timezone(timedelta(hours=8))).date()
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


REVOKE = """token => fetch("/api/v1/grants/pcs-to-yl-cg/revoke-grant", {
  method: "POST",
  body: JSON.stringify({reason: "授权期满"}),
  headers: {"Content-Type": "application/json", "Idempotency-Key": "revoke-for-a-test", "X-CSRF-Token": token},
}).then(answer => answer.text().then(text => [answer.status, text]))"""
"""What the head of the police station's page sends."""


def opened(page: Page, told: Story, number: str, **more: str) -> str:
    """Opens a story's case for an applicant with another identifier; answers with the case's address."""
    if "/desk/new/" not in page.url:
        page.goto(f"/desk/new/{told.theme}")
        ready(page)
    answer(page, told.answers)
    page.get_by_label(re.compile("^姓名或名称")).fill(told.applicant.name)
    page.get_by_label(re.compile("^证件号码")).fill(number)
    page.get_by_role("button", name="开件").click()
    page.wait_for_url(re.compile(r"/desk/cases/[0-9a-f-]{36}$"))
    return page.url


def fill(page: Page, told: Story) -> None:
    """Fills the one form with the story's values."""
    for key, value in told.form(TODAY).items():
        field = page.locator(f'[name="values.{key}"]')
        if not field.count():
            continue
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="保存表单").click()
    page.wait_for_url(re.compile("/materials$"))


def bring(page: Page, told: Story, without: tuple[str, ...] = ()) -> None:
    """Brings the story's materials; a file is uploaded by itself."""
    for material, brought in told.materials.items():
        if material in without:
            continue
        if brought.medium == "digital":
            page.locator(f'input[name="file.{material}"]').set_input_files(
                {"name": f"{material}.pdf", "mimeType": "application/pdf", "buffer": PDF + material.encode()}
            )
        radio = page.locator(f'input[name="medium.{material}"][value="{brought.medium}"]')
        (radio if radio.count() else page.locator(f'input[name="medium.{material}"][value="paper"]')).check()
    page.get_by_role("button", name="收件").click()
    expect(page.get_by_role("status").filter(has_text="已收")).to_be_visible()


def tab(page: Page, name: str) -> None:
    page.locator(".tabs").get_by_role("link", name=name, exact=True).click()
    ready(page)


def test_a_newborn_from_the_ticket_to_the_receipt(sign_in: SignIn, shot: Shot) -> None:
    told = story("newborn")
    page = sign_in("clerk-lin", "/desk")
    check(page)
    page.get_by_role("button", name="代取号").first.click()
    page.get_by_role("dialog").get_by_label("主题").select_option("XSE")
    page.get_by_role("dialog").get_by_role("button", name="代取号").click()
    expect(page.get_by_role("status").filter(has_text="已取号")).to_be_visible()
    page.get_by_role("button", name="叫下一位").click()
    page.get_by_role("button", name="开始办理").click()
    expect(page.get_by_role("button", name="办理完毕")).to_be_visible()
    check(ready(page))
    shot(page, "desk")

    page.get_by_role("link", name="新办一件事").click()
    check(ready(page))
    page.get_by_role("link", name="新生儿出生").click()
    check(ready(page))
    case = opened(page, told, told.applicant.identifier)
    check(ready(page))
    shot(page, "desk-case")

    tab(page, "一张表")
    check(page)
    fill(page, told)
    check(ready(page))
    bring(page, told)
    shot(page, "desk-materials")

    tab(page, "受理")
    check(page)
    shot(page, "desk-accept")
    page.get_by_role("button", name="受理", exact=True).click()
    page.wait_for_url(re.compile("/receipt$"))
    check(ready(page))
    expect(page.locator(".qr svg")).to_be_visible()
    shot(page, "desk-receipt")

    page.goto(case)
    expect(page.locator("#standing")).to_contain_text("受理")
    for name in ("文书", "流转", "出件", "协同"):
        tab(page, name)
        check(page)
    page.goto("/desk/packets")
    check(ready(page))
    page.goto("/desk")
    expect(page.get_by_role("link", name="对应的办件")).to_be_visible()
    page.get_by_role("button", name="办理完毕").click()
    expect(page.get_by_role("button", name="叫下一位")).to_be_visible()


def test_what_happens_before_a_page_hears_of_it_is_shown_all_the_same(sign_in: SignIn) -> None:
    """The page was made, a case was opened, and only then the feed began: with what came after."""
    told = story("newborn")
    page, another = sign_in("clerk-lin"), sign_in("clerk-lin", "/desk/new/XSE")
    held: list[Route] = []
    page.route(re.compile("/api/v1/feed"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page.goto("/desk")
    ready(page)
    while not held:
        page.wait_for_timeout(20)

    case = opened(another, told, "990102199001010031")
    listed = page.locator(f'#cases a[href="{urlsplit(case).path}"]')
    expect(listed).to_have_count(0)
    held[0].continue_()

    expect(listed).to_be_visible()


def test_a_scanner_finds_a_case_by_its_number_and_nothing_personal_stands_in_an_address(sign_in: SignIn) -> None:
    told = story("newborn")
    page = sign_in("clerk-lin", "/desk/new/XSE")
    case = opened(page, told, "990102199001010015")
    number = page.locator("h1 .number").inner_text()
    page.goto("/desk")
    ready(page)

    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    expect(page).to_have_url(case)

    page.goto("/desk")
    page.get_by_label("查找办件").fill("990102199001010015")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=number)).to_be_visible()
    assert "990102199001010015" not in page.url


def test_a_restaurant_joins_by_scanning_its_licence(sign_in: SignIn, shot: Shot) -> None:
    told = story("restaurant")
    page = sign_in("clerk-zhao", "/desk")
    page.get_by_label("查找办件").fill(told.applicant.identifier)
    page.keyboard.press("Enter")
    ready(page)
    check(page)
    page.get_by_role("button", name=re.compile("餐饮店")).click()
    ready(page)
    expect(page.get_by_label(re.compile("^证件号码"))).to_have_value(told.applicant.identifier)

    answer(page, told.answers)
    expect(page.locator("#outlook")).to_contain_text("此前已办结")
    shot(page, "desk-join")
    opened(page, replace(told, answers={}), told.applicant.identifier)

    expect(page.locator("#standing")).to_contain_text(told.applicant.identifier)
    expect(page.locator("#standing")).to_contain_text("此前已办结")
    expect(page.locator("#standing")).to_contain_text("接续")


def test_a_grant_that_is_revoked_shows_at_once_and_costs_nothing_that_was_entered(
    sign_in: SignIn, complaints: Complaints
) -> None:
    complaints.expect("403")
    told = story("newborn")
    clerk = sign_in("clerk-he", "/desk/new/XSE")
    opened(clerk, told, "990102198503030038")
    tab(clerk, "一张表")
    fill(clerk, told)
    bring(clerk, told)
    tab(clerk, "受理")
    row = clerk.locator('td[data-item="XSE03"]')
    expect(row).to_contain_text("可受理")
    expect(row).not_to_contain_text("不可受理")

    head = sign_in("pcs-head", "/")
    token = head.locator('input[name="_csrf"]').first.input_value()
    done = head.evaluate(REVOKE, token)
    assert done[0] == 200, done

    expect(row).to_contain_text("不可受理")
    clerk.get_by_role("button", name="受理", exact=True).click()
    expect(clerk.locator("#accept").get_by_role("alert")).to_contain_text("授权")
    expect(clerk.locator('input[name="items"][value="XSE03"]')).to_be_checked()
    assert clerk.url.endswith("/accept")


def test_a_double_click_and_a_cut_network_lose_nothing_and_do_nothing_twice(
    sign_in: SignIn, complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED|Failed to load resource")
    told = story("newborn")
    page = sign_in("clerk-lin", "/desk/new/XSE")
    answer(page, told.answers)
    page.get_by_label(re.compile("^姓名或名称")).fill("何小满（虚构）")
    page.get_by_label(re.compile("^证件号码")).fill("990102198804040045")

    page.context.set_offline(True)
    page.get_by_role("button", name="开件").click()
    expect(page.locator("#new").get_by_text("没有发出去")).to_be_visible()
    expect(page.locator("#offline")).to_be_visible()
    expect(page.get_by_label(re.compile("^姓名或名称"))).to_have_value("何小满（虚构）")

    page.context.set_offline(False)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/open") else None)
    page.get_by_role("button", name="开件").dblclick()
    page.wait_for_url(re.compile(r"/desk/cases/[0-9a-f-]{36}$"))
    assert len(sent) == 1

    page.goto("/desk")
    page.get_by_label("查找办件").fill("990102198804040045")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_what_was_entered_is_there_again_after_a_crash(sign_in: SignIn) -> None:
    page = sign_in("clerk-lin", "/desk/new/XSE")
    page.get_by_label(re.compile("^姓名或名称")).fill("何小满（虚构）")

    page.goto("/desk/new/XSE")
    ready(page)

    expect(page.get_by_label(re.compile("^姓名或名称"))).to_have_value("何小满（虚构）")
    assert page.evaluate("localStorage.length") == 0


def test_a_secondary_material_may_come_later_once_a_commitment_is_signed(
    sign_in: SignIn, complaints: Complaints
) -> None:
    complaints.expect("422")
    told = story("newborn")
    page = sign_in("clerk-lin", "/desk/new/XSE")
    case = opened(page, told, "99010219930909004X")
    tab(page, "一张表")
    fill(page, told)
    bring(page, told, without=("photo",))
    tab(page, "受理")
    page.locator('input[name="tolerate"][value="photo"]').check()
    page.get_by_role("button", name="受理", exact=True).click()
    expect(page.locator("#accept").get_by_role("alert")).to_be_visible()

    with page.expect_popup() as printed:
        page.get_by_role("button", name="打印承诺书").click()
    expect(printed.value.get_by_role("article")).to_contain_text("照片")
    page.get_by_label("申请人已在打印的承诺书上签字").check()
    page.get_by_role("button", name="受理", exact=True).click()
    page.wait_for_url(re.compile("/receipt$"))

    page.goto(case)
    expect(page.locator("#standing")).to_contain_text("容缺")
