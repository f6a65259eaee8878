"""综窗工作台: what changes a case that stands, the cash desk, offers, and packets that travel together."""

import re
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from console.stories import story
from testkit.browsing import PHONE, Complaints, check, ready

from .counter import answer
from .test_desk import fill, opened, tab

SignIn = Callable[..., Page]
Shot = Callable[[Page, str], None]

NEWBORN, UTILITIES = story("newborn"), story("utilities")


def bring_on_paper(page: Page) -> None:
    """Brings every material that does not come from another item, as an original where it can be."""
    for radio in page.locator('input[name^="medium."][value="paper"]').all():
        radio.check()
    page.get_by_role("button", name="收件").click()
    expect(page.get_by_role("status").filter(has_text="已收")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_new_page_passes_in_both_languages(
    sign_in: SignIn, visit: Callable[..., Page], shot: Shot, language: str
) -> None:
    page = sign_in("clerk-lin", "/desk/new/XSE")
    case = opened(page, NEWBORN, {"zh": "990102198612120016", "en": "990102198612120032"}[language])
    tab(page, "一张表")
    fill(page, NEWBORN)

    for path in ("change", "fees", "ways", "form/marks"):
        visit(page, f"{case}/{path}?lang={language}")
        if language == "zh" and path in {"change", "form/marks"}:
            shot(page, f"desk-{path.rpartition('/')[2]}")
    visit(page, f"/desk/offers?item=XSE01&lang={language}")
    visit(page, f"/desk/trips/new?lang={language}")
    for path in ("pickups", "originals", "numbers", "packets"):
        page.set_viewport_size(PHONE)
        visit(page, f"/desk/{path}?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_an_item_is_withdrawn_and_a_whole_case_only_after_the_clerk_looked(
    sign_in: SignIn, complaints: Complaints
) -> None:
    complaints.expect("422")
    page = sign_in("clerk-lin", "/desk/new/XSE")
    case = opened(page, NEWBORN, "990102198711110016")
    tab(page, "变更")

    page.locator("#withdraw-item").select_option("XSE07")
    page.get_by_role("button", name="撤回这个事项").click()
    expect(page.get_by_role("status").filter(has_text="撤回已登记")).to_be_visible()
    expect(page.locator("#standing")).to_contain_text("撤回")

    tab(page, "变更")
    page.get_by_role("button", name="撤回整件").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="撤回整件").click()
    expect(dialog.get_by_text("请填写此项").first).to_be_visible()
    dialog.get_by_label("已核对申请人身份和意愿").check()
    dialog.get_by_role("button", name="撤回整件").click()
    expect(page).to_have_url(case)


def test_a_fee_is_paid_at_the_desk_and_a_double_click_pays_it_once(sign_in: SignIn, shot: Shot) -> None:
    page = sign_in("clerk-sun", "/desk/new/SDQ")
    answer(page, UTILITIES.answers)
    page.locator('select[name="applicant.kind"]').select_option("legal")
    page.wait_for_load_state("networkidle")
    case = opened(page, replace(UTILITIES, answers={}), UTILITIES.applicant.identifier)
    tab(page, "一张表")
    fill(page, UTILITIES)
    bring_on_paper(page)
    tab(page, "受理")
    page.get_by_role("button", name="受理", exact=True).click()
    page.wait_for_url(re.compile("/receipt$"))

    page.goto(f"{case}/fees")
    expect(page.locator("#fees")).to_contain_text("¥600.00")
    check(ready(page))
    shot(page, "desk-fees")
    page.get_by_label("票据号").fill("票-0001")
    page.get_by_role("button", name="登记收款").dblclick()
    expect(page.get_by_role("status").filter(has_text="已登记收款")).to_be_visible()
    expect(page.locator("#fees").get_by_text("票-0001")).to_have_count(1)
    expect(page.locator("#fees")).to_contain_text("¥0.00")
    check(ready(page))


def test_packets_leave_in_one_trip_whose_manifest_is_printed(
    sign_in: SignIn, shot: Shot, complaints: Complaints
) -> None:
    complaints.expect("422")
    page = sign_in("clerk-lin", "/desk/new/XSE")
    opened(page, NEWBORN, "990102198801010019")
    tab(page, "一张表")
    fill(page, NEWBORN)
    bring_on_paper(page)
    tab(page, "受理")
    page.get_by_role("button", name="受理", exact=True).click()
    page.wait_for_url(re.compile("/receipt$"))

    page.goto("/desk/trips/new")
    packets = page.locator('input[name="packets"]')
    expect(packets.first).to_be_attached()
    packets.first.check()
    page.get_by_label("送往").select_option(index=1)
    page.get_by_label("承运人", exact=False).first.fill("courier-1")
    check(ready(page))
    page.get_by_label("承运人签字").fill("邮递员")
    page.get_by_label("封条号").fill("F-0001")
    shot(page, "desk-trip")
    page.get_by_role("button", name="封袋交出").click()
    page.wait_for_url(re.compile("/desk/trips/trip-"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("交接清单")
    check(ready(page))
    shot(page, "desk-manifest")

    page.goto("/desk/originals?state=under_way")
    row = ready(page).locator("#originals tbody tr").first
    expect(row).to_contain_text("递送中")
    check(page)
    shot(page, "desk-originals")


def test_numbers_are_reserved_by_keys_before_the_line_is_cut_and_a_case_is_opened_with_one(
    sign_in: SignIn, shot: Shot, complaints: Complaints
) -> None:
    complaints.expect("422")
    page = sign_in("clerk-lin", "/desk/numbers")
    form = ready(page).locator("#reserve")
    form.get_by_label("主题").select_option("XSE")
    form.get_by_label("数量").fill("0")
    page.keyboard.press("Enter")
    expect(form.get_by_label("数量")).to_be_focused()
    expect(form).to_contain_text("一次预留1至")
    form.get_by_label("数量").fill("5")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/desk/numbers/numbers-"))
    expect(page.get_by_role("status").filter(has_text="已预留 5 个编号")).to_be_visible()
    check(ready(page))
    shot(page, "desk-reserved")
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="用此编号开件").first).to_be_hidden()
    page.emulate_media(media="screen")
    number = page.get_by_role("rowheader").first.inner_text()

    page.get_by_role("link", name="用此编号开件").first.click()
    page.wait_for_url(re.compile("/desk/new/XSE"))
    expect(ready(page).get_by_label("预留编号", exact=False).last).to_have_value(number)
    check(page)
    page.goto("/desk/numbers")
    check(ready(page))
    shot(page, "desk-numbers")


def test_a_theme_is_offered_and_taken_up(sign_in: SignIn, shot: Shot) -> None:
    page = sign_in("clerk-zhao", "/desk")
    page.get_by_role("link", name="主题导入").click()
    ready(page)
    page.get_by_label("来办的单个事项").select_option("XSE01")
    page.get_by_role("button", name="查看所属主题").click()
    ready(page)
    page.get_by_role("button", name="登记已介绍").click()
    expect(page.get_by_role("status").filter(has_text="已登记")).to_be_visible()
    check(ready(page))
    shot(page, "desk-offers")
    page.get_by_role("button", name="同意，去办理").first.click()
    page.wait_for_url(re.compile(r"/desk/new/XSE\?offer="))


def test_what_is_wrong_with_a_copy_stands_beside_its_material(sign_in: SignIn, shot: Shot) -> None:
    page = sign_in("clerk-lin", "/desk/new/XSE")
    opened(page, NEWBORN, "990102198902020013")
    tab(page, "一张表")
    fill(page, NEWBORN)
    bring_on_paper(page)

    page.get_by_role("button", name="不合要求").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("有什么问题").select_option("seal_missing")
    dialog.get_by_label("说明").fill("第二页未盖章")
    check(ready(page))
    dialog.get_by_role("button", name="不合要求").click()
    expect(page.get_by_role("status").filter(has_text="已标明不合要求")).to_be_visible()
    expect(page.get_by_text("缺少签章：第二页未盖章")).to_be_visible()
    check(ready(page))
    shot(page, "desk-fault")
