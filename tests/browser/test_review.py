"""审批工作台: what lies with a department by its clock, an item beside its file, and what two people do about it.

The house has a clock of its own, which these tests move on: a limit turns amber and red as it does in an office.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from console.stories import story
from kernel.clock import CHINA_STANDARD_TIME
from testkit.browsing import PATIENCE, PHONE, Complaints, House, check, ready

from .test_desk import bring, fill, opened, tab

SignIn = Callable[..., Page]
Shot = Callable[[Page, str], None]

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The county, with a clock that can be moved on."""
    made = House(tmp_path_factory.mktemp("desk"), ONETHING_CLOCK="simulated")
    made.start()
    try:
        made.console("county")
        yield made
    finally:
        made.process.terminate(timeout=30)


def registered(house: House, theme: str, item: str, *missing: str) -> dict[str, Any]:
    """A case of a theme whose item can be decided."""
    return dict(json.loads(house.run(str(HERE / "register.py"), theme, item, *missing)))


def comes(house: House, day: date) -> None:
    """Noon of a day."""
    house.run(str(HERE / "advance.py"), datetime.combine(day, time(12), CHINA_STANDARD_TIME).isoformat())


def a_picture() -> bytes:
    """A page that somebody scanned."""
    picture = Image.new("RGB", (620, 420), "#f7f4ec")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 600, 400), outline="#8a7f68", width=3)
    for line in range(8):
        draw.line((60, 80 + line * 36, 560 - line * 30, 80 + line * 36), fill="#5b5446", width=6)
    kept = BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


def act(page: Page, name: str, **typed: str) -> None:
    """Fills in the form of an act and sends it."""
    fold = page.locator(f"#fold-{name}")
    if fold.count() and fold.get_attribute("open") is None:
        fold.locator("summary").click()
    form = page.locator(f"#do-{name}")
    for field, value in typed.items():
        found = form.locator(f'[name="{field}"]')
        found.select_option(value) if found.evaluate("each => each.tagName") == "SELECT" else found.fill(value)
    form.get_by_role("button").click()


def said(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()
    ready(page)


def row(page: Page, case: dict[str, Any]) -> Locator:
    address = f"/review/{case['case_id']}/{case['item']}"
    return page.locator("#worklist tbody tr").filter(has=page.locator(f'a.number[href="{address}"]'))


def stay(page: Page) -> None:
    """Notes that the page is this one; a page that is loaded anew has forgotten it."""
    page.evaluate("window.stayed = true")


def due(page: Page, limit: str) -> str:
    """The last day of a limit, as its derivation ends."""
    steps = page.locator("#standing").get_by_role("heading", name=limit, exact=True).locator("+ ol")
    found = re.search(r"\d{4}-\d{2}-\d{2}", steps.locator("strong").inner_text())
    assert found is not None
    return found[0]


def last_day(case: dict[str, Any]) -> date:
    """The last day of what was promised."""
    return date.fromisoformat(case["clocks"]["promised"]["due_on"])


def begun(case: dict[str, Any]) -> date:
    """The day on which it was accepted."""
    return date.fromisoformat(case["clocks"]["promised"]["started_on"])


def press_until(page: Page, key: str, target: Locator) -> None:
    """Presses a key until something has the focus, as somebody without a mouse does."""
    for _ in range(120):
        if target.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} never comes to {target}")


def test_the_work_list_goes_by_the_clock_and_says_amber_and_red(sign_in: SignIn, house: House, shot: Shot) -> None:
    first, calm = registered(house, "SBK", "SBK01"), registered(house, "TX", "TX01")
    late, soon = last_day(first), first
    while last_day(soon) == late:  # a case of the next day that counts is due a working day later
        comes(house, begun(soon) + timedelta(days=1))
        soon = registered(house, "SBK", "SBK01")
    day = max(late + timedelta(days=1), date.fromisoformat(soon["clocks"]["promised"]["amber_on"]))
    assert late < day <= last_day(soon)
    comes(house, day)

    page = sign_in("rsj-reviewer", "/review")
    expect(row(page, first).locator(".clock.red")).to_contain_text(late.isoformat(), timeout=PATIENCE)
    expect(row(page, first)).to_contain_text("已超期")
    expect(row(page, soon).locator(".clock.amber")).to_be_visible(timeout=PATIENCE)
    expect(row(page, soon)).to_contain_text("临近期限")
    expect(row(page, calm).locator(".clock.fine")).to_be_visible()
    days = page.locator("#worklist tbody .clock").all_inner_texts()
    found = [re.search(r"\d{4}-\d{2}-\d{2}", each) for each in days]
    assert [each[0] for each in found if each] == sorted(each[0] for each in found if each)
    check(page)
    shot(page, "review-list")

    page.get_by_label("时限状态").select_option("red")
    page.get_by_role("button", name="筛选").click()
    ready(page)
    expect(row(page, first)).to_be_visible()
    expect(row(page, calm)).to_have_count(0)

    row(page, first).get_by_role("button", name="认领").click()
    said(page, "已认领")
    page.goto("/review?holder=mine")
    expect(row(ready(page), first)).to_contain_text("本人")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/review?holder=mine&theme=TX")
    expect(page.get_by_text("没有符合条件的事项")).to_be_visible()


def test_an_item_is_read_beside_its_form_and_decided_with_keys_alone(
    sign_in: SignIn, shot: Shot, complaints: Complaints
) -> None:
    told = story("newborn")
    clerk = sign_in("clerk-lin", "/desk/new/XSE")
    case = opened(clerk, told, "990102199707070079").rpartition("/")[2]
    tab(clerk, "一张表")
    fill(clerk, told)
    clerk.locator('input[name="file.birth_registration"]').set_input_files(
        {"name": "birth.png", "mimeType": "image/png", "buffer": a_picture()}
    )
    clerk.locator('input[name="medium.birth_registration"][value="digital"]').check()
    bring(clerk, told, without=("birth_registration",))
    tab(clerk, "受理")
    clerk.get_by_role("button", name="受理", exact=True).click()
    clerk.wait_for_url(re.compile("/receipt$"))

    page = sign_in("zcjg-reviewer", "/review")
    link = page.locator(f'#worklist a[href="/review/{case}/XSE01"]').first
    expect(link).to_be_visible()
    press_until(page, "Tab", link)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/review/{case}/XSE01$"))
    ready(page)
    check(page)
    expect(page.get_by_text(told.applicant.name).first).to_be_visible()

    press_until(page, "Tab", page.get_by_role("link", name="在此查看").first)
    page.keyboard.press("Enter")
    picture = page.locator("#shown img")
    expect(picture).to_be_visible()
    ready(page)
    expect(picture).to_have_js_property("naturalWidth", 620)
    form, file = (page.locator(f'section[aria-labelledby="{each}-title"]') for each in ("form", "materials"))
    beside = [each.bounding_box() for each in (form, file)]
    expect(form.get_by_text("男", exact=True)).to_be_visible()
    assert beside[0] is not None
    assert beside[1] is not None
    assert beside[0]["x"] + beside[0]["width"] <= beside[1]["x"]
    assert abs(beside[0]["y"] - beside[1]["y"]) < 5
    derivation = page.locator("#standing .derivation").first
    for words in ("起算日", "个工作日", "预警日", "到期日", "日历版本"):
        expect(derivation).to_contain_text(words)
    page.evaluate("scrollTo(0, 0)")
    shot(page, "review-item")
    check(page)

    opinion = page.locator("#f-grant-opinion")
    press_until(page, "Tab", opinion)
    page.keyboard.type("材料与申请表一致")
    page.keyboard.press("Tab")
    expect(page.locator("#do-grant").get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    said(page, "已准予")
    expect(page.locator("#standing")).to_contain_text("材料与申请表一致")
    check(page)


def test_a_special_procedure_stops_the_clock_and_what_was_typed_survives_a_refusal(
    sign_in: SignIn, house: House, shot: Shot, complaints: Complaints
) -> None:
    complaints.expect("422")
    case = registered(house, "TX", "TX01")
    page = sign_in("rsj-reviewer", f"/review/{case['case_id']}/TX01")
    before = due(page, "承诺时限")

    act(page, "suspend", procedure="appraisal", reason="档案年龄不一致，需鉴定", expected_days="三")
    form = page.locator("#do-suspend")
    expect(form.locator('[name="expected_days"]')).to_have_attribute("aria-invalid", "true")
    expect(form.locator('[name="reason"]')).to_have_value("档案年龄不一致，需鉴定")
    expect(form.locator('[name="procedure"]')).to_have_value("appraisal")
    check(page)
    form.locator('[name="expected_days"]').fill("3")
    form.get_by_role("button").click()
    said(page, "已中止计时")
    expect(page.locator("#standing")).to_contain_text("进行中")
    expect(page.locator("#standing .derivation").first).to_contain_text("尚未恢复计时")
    expect(page.locator("#standing .derivation").first).to_contain_text("恢复计时后推算")
    check(page)

    comes(house, begun(case) + timedelta(days=7))
    page = sign_in("rsj-reviewer", f"/review/{case['case_id']}/TX01")
    act(page, "resume", result="鉴定完成")
    said(page, "已恢复计时")
    expect(page.locator("#standing .derivation").first).to_contain_text("不计入")
    assert due(page, "承诺时限") > before
    shot(page, "review-clocks")


def test_more_time_is_asked_for_by_one_and_given_by_another_in_a_window_of_their_own(
    sign_in: SignIn, house: House
) -> None:
    case = registered(house, "CY", "CY01")
    path = f"/review/{case['case_id']}/CY01"
    mine, heads = sign_in("scjg-reviewer", path), sign_in("scjg-head", path)
    before = due(mine, "法定时限")
    stay(heads)
    expect(heads.locator("#do-approve-extension")).to_have_count(0)

    act(mine, "request-extension", reasons="案情复杂，须实地核实")
    said(mine, "等待负责人决定")
    expect(mine.locator("#do-approve-extension")).to_have_count(0)
    stay(mine)

    expect(heads.locator("#standing")).to_contain_text("案情复杂，须实地核实")
    assert heads.evaluate("window.stayed === true")
    check(heads)
    act(heads, "approve-extension")
    said(heads, "已批准延长")

    expect(mine.locator("#standing")).to_contain_text("已批准延长 3 个工作日")
    expect(mine.locator("#standing")).to_contain_text("另延长 3 个工作日")
    assert mine.evaluate("window.stayed === true")
    assert due(mine, "法定时限") > before
    check(mine)


def test_another_department_is_asked_and_answers_without_seeing_what_is_not_its(sign_in: SignIn, house: House) -> None:
    case = registered(house, "XSE", "XSE01")
    mine = sign_in("zcjg-reviewer", f"/review/{case['case_id']}/XSE01")
    act(mine, "ask-opinion", of="gaj", kind="department", question="父亲身份信息是否一致", days="3")
    said(mine, "已发出征求意见")
    expect(mine.get_by_text("已恢复上次未提交的内容")).to_have_count(0)
    stay(mine)

    theirs = sign_in("gaj-reviewer", "/review/opinions")
    expect(theirs.locator("tbody")).to_contain_text("父亲身份信息是否一致")
    check(theirs)
    theirs.get_by_role("link", name=case["number"]).click()
    check(ready(theirs))
    expect(theirs.get_by_text("申请表只对办理本事项的单位显示")).to_be_visible()
    expect(theirs.get_by_text("材料只对办理本办件事项的单位显示")).to_be_visible()
    act(theirs, "give-opinion", answer="与人口库一致")
    said(theirs, "已答复")

    expect(mine.locator("#standing")).to_contain_text("与人口库一致")
    assert mine.evaluate("window.stayed === true")


def test_what_goes_beyond_the_one_time_notice_is_told_to_be_so_and_recorded(
    house: House, sign_in: SignIn, complaints: Complaints
) -> None:
    complaints.expect("409|422")
    case = registered(house, "TX", "TX01")
    page = sign_in("rsj-reviewer", f"/review/{case['case_id']}/TX01")
    announced = page.locator("#materials strong").first.inner_text()

    act(page, "ask-further", what=announced, basis="审查需要")
    form = page.locator("#do-ask-further")
    expect(form.get_by_role("alert")).to_contain_text("一次性告知书中已有")
    expect(form.locator('[name="basis"]')).to_have_value("审查需要")
    expect(form).to_contain_text("不得再要求告知以外的材料")
    check(page)

    form.locator('[name="what"]').fill("户籍档案底册")
    form.get_by_role("button").click()
    said(page, "已记录")
    expect(page.locator('section[aria-labelledby="materials-title"]')).to_contain_text("户籍档案底册")
    check(page)


def test_what_may_come_later_stands_beside_the_materials_until_it_is_here(house: House, sign_in: SignIn) -> None:
    case = registered(house, "XSE", "XSE01", "photo")
    page = sign_in("rsj-reviewer", f"/review/{case['case_id']}/XSE05")

    expect(page.locator('section[aria-labelledby="materials-title"]')).to_contain_text("最迟补齐日")
    expect(page.locator('section[aria-labelledby="materials-title"]')).to_contain_text("照片")
    check(page)
