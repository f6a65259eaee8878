"""审计: a case is found and gone through with keys alone; it can be said who read what, and what a screen showed."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from casefile.exports import check_case, check_consistency
from contracts.casefile import CaseProof, ConsistencyProof
from kernel.clock import CHINA_STANDARD_TIME
from kernel.notes import PublicKey
from testkit.browsing import PHONE, WALL, House, check, ready

SignIn = Callable[..., Page]
Visit = Callable[..., Page]
Shot = Callable[[Page, str], None]

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def case(house: House) -> dict[str, Any]:
    """A case under review."""
    return dict(json.loads(house.run(str(HERE / "register.py"), "TX", "TX01")))


def entries(page: Page) -> int:
    return page.locator("#moment .timeline > li").count()


def test_a_case_is_found_by_its_number_and_every_page_of_it_is_whole(
    sign_in: SignIn, visit: Visit, case: dict[str, Any], shot: Shot
) -> None:
    page = sign_in("auditor-shi", "/audit")
    check(page)
    page.get_by_label(re.compile("^办件编号")).fill(case["number"])
    page.keyboard.press("Enter")
    ready(page)
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("退休")
    check(page)
    shot(page, "audit-search")
    page.get_by_label("状态").select_option("closed")
    page.get_by_role("button", name="查询").click()
    expect(ready(page).get_by_text("没有符合条件的办件")).to_be_visible()

    path = f"/audit/{case['case_id']}"
    for address in (
        "/audit",
        "/audit/screens",
        "/audit/windows",
        "/audit/ledger",
        path,
        f"{path}/difference",
        f"{path}/why",
        f"{path}/readings",
        f"{path}/chain",
    ):
        visit(page, address)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        page.set_viewport_size({"width": 1280, "height": 900})
        visit(page, f"{address}?lang=en")
        assert not re.search("[\u4e00-\u9fff]", page.locator(".tabs").inner_text())
        visit(page, f"{address}?lang=zh")


def test_the_slider_goes_through_a_case_with_arrow_keys(
    sign_in: SignIn, visit: Visit, case: dict[str, Any], shot: Shot
) -> None:
    page = sign_in("auditor-shi", "/audit")
    visit(page, f"/audit/{case['case_id']}")
    whole = entries(page)
    assert whole > 5
    slider = page.get_by_role("slider")
    expect(slider).to_have_value(str(whole))
    slider.focus()

    page.keyboard.press("ArrowLeft")
    expect(page.locator("#moment")).to_contain_text(f"第 {whole - 1} / {whole} 条")
    expect(page.locator("#moment .timeline > li")).to_have_count(whole - 1)
    expect(slider).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("#moment .timeline > li")).to_have_count(1)
    expect(page.locator("#entry-1")).to_contain_text(re.compile("登记一件事|启用案件密钥"))
    expect(page.get_by_text("尚无事项记录")).to_be_visible()
    for step in range(2, whole // 2 + 1):
        page.keyboard.press("ArrowRight")
        expect(page.locator("#moment .timeline > li")).to_have_count(step)
    expect(slider).to_have_attribute("aria-valuetext", re.compile(f"第 {whole // 2} / {whole} 条 · .+"))
    check(page)
    page.locator("#moment summary").first.click()
    expect(page.locator("#moment details[open]")).to_contain_text("链值")
    page.evaluate("scrollTo(0, 0)")
    shot(page, "audit-case")

    page.reload()
    ready(page)
    expect(page.locator("#moment .timeline > li")).to_have_count(whole // 2)
    page.keyboard.press("End")


def test_who_read_personal_data_stands_there_and_the_record_is_whole(
    sign_in: SignIn, case: dict[str, Any], shot: Shot
) -> None:
    sign_in("rsj-reviewer", f"/review/{case['case_id']}/TX01")

    page = sign_in("auditor-shi", f"/audit/{case['case_id']}")
    page.get_by_role("link", name="个人信息查阅").click()
    reading = ready(page).locator("tbody tr").filter(has_text="rsj-reviewer").first
    expect(reading).to_contain_text("申请表")
    expect(reading).to_contain_text("审查")
    check(page)
    shot(page, "audit-readings")
    page.get_by_role("link", name="完整性校验").click()
    expect(ready(page).get_by_text("记录完整")).to_be_visible()
    check(page)
    shot(page, "audit-chain")


def test_a_proof_is_taken_away_and_holds_without_the_house(
    sign_in: SignIn, case: dict[str, Any], house: House, tmp_path: Path
) -> None:
    page = sign_in("auditor-shi", f"/audit/{case['case_id']}/chain")
    key = re.search(r'--key "([^"]+)"', page.locator("pre").inner_text())
    with page.expect_download() as told:
        page.get_by_role("link", name="下载证明").click()
    proof = tmp_path / told.value.suggested_filename
    told.value.save_as(proof)

    assert key is not None
    assert proof.name == f"{case['number']}.json"
    verdict = check_case(msgspec.json.decode(proof.read_bytes(), type=CaseProof), PublicKey.read(key[1]))
    assert verdict.verified
    other = proof.read_text(encoding="utf-8").replace('"version": 1', '"version": 9', 1)
    assert not check_case(msgspec.json.decode(other, type=CaseProof), PublicKey.read(key[1])).verified


def test_two_moments_of_a_case_are_compared(sign_in: SignIn, case: dict[str, Any], shot: Shot) -> None:
    page = sign_in("auditor-shi", f"/audit/{case['case_id']}")
    whole = entries(page)
    page.get_by_role("link", name="两时对比").click()
    ready(page)
    expect(page.get_by_role("heading", name=f"其间发生的 {whole - 1} 条")).to_be_visible()
    expect(page.locator("tbody tr").first).to_contain_text("养老保险待遇")
    check(page)
    shot(page, "audit-difference")
    page.get_by_label("到第几条").select_option("2")
    page.get_by_role("button", name="对比").click()
    expect(ready(page).get_by_role("heading", name="其间发生的 1 条")).to_be_visible()
    expect(page.get_by_text("没有事项变动")).to_be_visible()
    page.get_by_label("到第几条").select_option("1")
    page.get_by_role("button", name="对比").click()
    expect(ready(page).get_by_text("两个时刻相同")).to_be_visible()
    check(page)


def test_it_is_explained_why_with_links_to_what_it_rests_on(sign_in: SignIn, case: dict[str, Any], shot: Shot) -> None:
    page = sign_in("auditor-shi", f"/audit/{case['case_id']}/why")
    expect(page.get_by_role("heading", name="尚未办结")).to_be_visible()
    check(page)
    page.get_by_label("问题").select_option("lawful")
    page.get_by_role("button", name="说明原因").click()
    expect(ready(page).get_by_text("请填写事项或者材料的编码")).to_be_visible()
    page.get_by_label("事项或者材料的编码").fill("TX01")
    page.keyboard.press("Enter")
    expect(ready(page).get_by_role("heading", name="受理合法，依据齐全")).to_be_visible()
    expect(page.get_by_text("行政许可法 第22—26条")).to_be_visible()
    check(page)
    shot(page, "audit-why")
    page.get_by_role("link", name="受理", exact=True).first.click()
    expect(ready(page).locator("#moment")).to_contain_text("受理")
    page.go_back()
    page.get_by_label("问题").select_option("asked")
    page.get_by_label("事项或者材料的编码").fill("nothing")
    page.get_by_role("button", name="说明原因").click()
    expect(ready(page).get_by_role("heading", name="本件没有要求这份材料")).to_be_visible()
    check(page)


def test_what_a_screen_showed_can_be_asked_for_an_instant(sign_in: SignIn, shot: Shot) -> None:
    wall = sign_in("manager-li", "/board/yl-hall/wall", size=WALL)
    with wall.expect_response(lambda each: each.request.method == "POST" and each.url.endswith("/wall")) as told:
        wall.get_by_role("button", name="云岭县政务服务大厅", exact=True).click()
    assert told.value.status == 204

    page = sign_in("auditor-shi", "/audit/screens")
    page.get_by_label(re.compile("^屏幕编号")).fill("yl-hall.wall")
    at = datetime.now(CHINA_STANDARD_TIME) + timedelta(minutes=1)
    page.get_by_label(re.compile("^时间")).fill(at.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="查看").click()
    ready(page)
    expect(page.locator("dl.pairs")).to_contain_text("云岭县政务服务大厅")
    expect(page.locator("dl.pairs")).not_to_contain_text("屏幕没有确认")
    check(page)
    shot(page, "audit-screens")


def test_all_windows_are_shown_as_they_stood(sign_in: SignIn, visit: Visit, case: dict[str, Any], shot: Shot) -> None:
    page = sign_in("auditor-shi", "/audit/windows")
    expect(page.get_by_text("请填写时刻")).to_be_visible()
    at = datetime.now(CHINA_STANDARD_TIME)
    page.get_by_label(re.compile("^时刻")).fill(at.strftime("%Y-%m-%dT%H:%M:%S"))
    page.get_by_role("button", name="查看").click()
    expect(ready(page).get_by_role("heading", name="云岭县政务服务大厅")).to_be_visible()
    expect(page.locator("tbody tr").first).to_be_visible()
    check(page)
    shot(page, "audit-windows")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    visit(page, "/audit/windows?at=2999-01-01T00:00:00")
    expect(page.get_by_text("这个时刻还没有到")).to_be_visible()
    check(page)


def test_a_head_that_was_kept_is_compared_with_the_newest(
    sign_in: SignIn, case: dict[str, Any], shot: Shot, tmp_path: Path
) -> None:
    page = sign_in("auditor-shi", f"/audit/{case['case_id']}/chain")
    with page.expect_download() as told:
        page.get_by_role("link", name="下载证明").click()
    told.value.save_as(tmp_path / "proof.json")  # for which a head is signed
    proof = json.loads((tmp_path / "proof.json").read_text(encoding="utf-8"))
    page.goto(page.url.replace(f"/audit/{case['case_id']}/chain", "/audit/ledger"))
    ready(page).get_by_label(re.compile("^您保存的")).fill(proof["tree_head"])
    page.get_by_label(re.compile("^您持有的公钥")).fill(proof["public_key"])
    page.get_by_role("button", name="核对").click()
    expect(ready(page).get_by_text("一致", exact=True)).to_be_visible()
    expect(page.get_by_text("没有任何先前的事实被改动")).to_be_visible()
    check(page)
    shot(page, "audit-ledger")
    with page.expect_download() as told:
        page.get_by_role("link", name="下载一致性证明").click()
    told.value.save_as(tmp_path / "consistency.json")
    taken = msgspec.json.decode((tmp_path / "consistency.json").read_bytes(), type=ConsistencyProof)
    assert check_consistency(taken, PublicKey.read(proof["public_key"]), proof["tree_head"]).verified

    page.get_by_label(re.compile("^您保存的")).fill(proof["tree_head"].replace("\nat 2", "\nat 3", 1))
    page.get_by_role("button", name="核对").click()
    expect(ready(page).get_by_text("没有这把公钥的有效签名")).to_be_visible()
    check(page)
