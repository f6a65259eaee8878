"""The pages of numbers in a browser: read by a manager and an auditor, told apart, opened, improved, printed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from testkit.browsing import PHONE, House, ready

from .test_manage import at_hall, opened

SignIn = Callable[..., Page]
Visit = Callable[..., Page]
Shot = Callable[[Page, str], None]

APPEARS = 60_000
"""Milliseconds in which a fact is counted, on a busy machine."""


def reload_until(page: Page, address: str, words: str) -> None:
    """Facts are counted a moment after they happened."""
    for _ in range(120):
        page.goto(address)
        if page.get_by_text(words).first.is_visible():
            return
        page.wait_for_timeout(APPEARS / 120)
    expect(page.get_by_text(words).first).to_be_visible()


def test_a_number_opens_into_its_cases_and_gets_a_target(sign_in: SignIn, visit: Visit, shot: Shot) -> None:
    clerk = sign_in("clerk-zhao", "/desk")
    for n, identifier in enumerate(("110101199003074514", "110101199003074530")):
        opened(clerk, f"counted-{n}", identifier)

    auditor = sign_in("auditor-shi", "/insight")
    reload_until(auditor, "/insight/indicators/levels/by_level", "counted-1")
    visit(auditor, "/insight")
    expect(auditor.get_by_text("无数据来源").first).to_be_visible()
    shot(auditor, "insight-overview")

    visit(auditor, "/insight/indicators/fewer_materials?by=theme")
    expect(auditor.locator("svg.chart").first).to_be_visible()
    shot(auditor, "insight-indicator")
    auditor.emulate_media(media="print")
    expect(auditor.get_by_role("banner")).to_be_hidden()
    expect(auditor.get_by_role("link", name="下载 CSV").first).to_be_hidden()
    expect(auditor.locator("svg.chart").first).to_be_visible()
    expect(auditor.locator("#definition")).to_be_visible()
    auditor.emulate_media(media="screen")
    visit(auditor, "/insight/indicators/continuation?by=theme")
    auditor.get_by_role("link", name="分母").first.click()
    ready(auditor)
    auditor.get_by_role("link", name="counted-1", exact=True).click()
    auditor.wait_for_url(re.compile(r"/audit/counted-1"))

    manager = at_hall(sign_in("manager-li", "/insight/improvements"))
    visit(manager, "/insight/improvements")
    manager.locator("#t-moves").select_option("continuation/continuation")
    manager.locator("#t-value").fill("0.5")
    manager.locator("#t-reason").fill("年度计划")
    manager.get_by_role("button", name="设定目标").click()
    expect(manager.get_by_text("目标已设定")).to_be_visible()
    reload_until(auditor, "/insight", "未达标（目标 50.0%）")

    manager.locator("#i-lever").select_option("publicity")
    manager.locator("#i-moves").select_option("continuation/continuation")
    manager.locator("#i-on").fill("2026-01-05")
    manager.locator("#i-what").fill("窗口主动介绍一件事")
    manager.get_by_role("button", name="记录改进").click()
    manager.wait_for_url(re.compile(r"/insight/improvements/"))
    expect(manager.get_by_role("heading", name="窗口主动介绍一件事")).to_be_visible()
    visit(manager, manager.url)
    expect(manager.get_by_role("region", name="实施前")).to_be_visible()
    expect(manager.get_by_role("region", name="实施后")).to_be_visible()


def test_a_number_without_a_source_gets_one(sign_in: SignIn, visit: Visit) -> None:
    manager = at_hall(sign_in("manager-li", "/insight/improvements"))
    visit(manager, "/insight/improvements")
    manager.locator("#c-csv").fill("kind,begins,ends,value\npopulation,2026-01-01,2026-12-31,1200\n")
    manager.locator("#c-source").fill("统计局年报")
    manager.locator("#c-dated").fill("2026-03-01")
    manager.get_by_role("button", name="批量导入").click()
    expect(manager.get_by_text("数据已填报")).to_be_visible()

    auditor = sign_in("auditor-shi", "/insight")
    reload_until(auditor, "/insight/indicators/population?begins=2026-01-01&ends=2026-12-31", "1,200")


def test_a_course_goes_on_with_a_forecast_and_its_error(sign_in: SignIn, visit: Visit, shot: Shot) -> None:
    manager = at_hall(sign_in("manager-li", "/insight/improvements"))
    months = [(year, month) for year in (2024, 2025) for month in range(1, 13)]
    rows = [
        f"key_cases,{year}-{month:02}-01,{year}-{month:02}-28,{120 + 4 * n + (n * 7) % 23}"
        for n, (year, month) in enumerate(months)
    ]
    visit(manager, "/insight/improvements")
    manager.locator("#c-csv").fill("\n".join(["kind,begins,ends,value", *rows]))
    manager.locator("#c-source").fill("市场监管局登记台账")
    manager.locator("#c-dated").fill("2026-01-05")
    manager.get_by_role("button", name="批量导入").click()
    expect(manager.get_by_text("数据已填报")).to_be_visible()

    auditor = sign_in("auditor-shi", "/insight")
    course = "/insight/indicators/upper_bound/key_cases/trend?begins=2024-01-01&ends=2025-12-31"
    reload_until(auditor, course, "提前一个月的平均误差")
    visit(auditor, course)
    expect(auditor.locator("svg.chart polyline.ahead")).to_have_count(1)
    expect(auditor.get_by_role("cell", name="2026-01")).to_be_visible()
    shot(auditor, "insight-trend")


def test_analyses_open_for_the_county_a_theme_and_a_hall(sign_in: SignIn, visit: Visit, shot: Shot) -> None:
    clerk = sign_in("clerk-zhao", "/desk")
    for n, identifier in enumerate(("110101199003074557", "110101199003074565", "110101199003074573")):
        opened(clerk, f"analysed-{n}", identifier)
    auditor = sign_in("auditor-shi", "/insight")
    reload_until(auditor, "/insight/indicators/levels/by_level", "analysed-2")

    visit(auditor, "/insight/analyses")
    expect(auditor.get_by_role("heading", name="各材料一次性备齐率")).to_be_visible()
    expect(auditor.locator("svg.chart").first).to_be_visible()
    shot(auditor, "insight-analyses")
    visit(auditor, "/insight/analyses?lang=en")

    visit(auditor, "/insight/themes?lang=zh")
    auditor.locator("tbody a[href^='/insight/themes/']").first.click()
    auditor.wait_for_url(re.compile(r"/insight/themes/\w+"))
    visit(auditor, auditor.url)
    shot(auditor, "insight-theme")
    visit(auditor, "/insight/halls")
    auditor.locator("tbody a[href^='/insight/halls/']").first.click()
    auditor.wait_for_url(re.compile(r"/insight/halls/[\w-]+"))
    visit(auditor, auditor.url)
    shot(auditor, "insight-hall")

    with auditor.expect_download() as loaded:
        auditor.get_by_role("link", name="下载 CSV").click()
    assert loaded.value.suggested_filename.endswith(".csv")


def test_themes_and_halls_stand_beside_each_other_on_a_phone_too(sign_in: SignIn, visit: Visit) -> None:
    auditor = sign_in("auditor-shi", "/insight", size=PHONE)
    for address in ("/insight/themes", "/insight/halls", "/insight", "/insight/analyses", "/insight?lang=en"):
        visit(auditor, address)
        width = auditor.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, address


def test_other_rules_are_supposed_and_what_differs_is_shown(sign_in: SignIn, visit: Visit, shot: Shot) -> None:
    clerk = sign_in("clerk-zhao", "/desk")
    opened(clerk, "supposed-1", "110101199003074581")
    auditor = sign_in("auditor-shi", "/insight")
    reload_until(auditor, "/insight/indicators/levels/by_level", "supposed-1")

    visit(auditor, "/insight/suppose")
    auditor.get_by_label("改为休息的日子").fill("2026-01-01")
    auditor.get_by_role("button", name="推演").click()
    expect(auditor.get_by_role("cell", name="+0").first).to_be_visible()
    expect(auditor.get_by_text("没有不同的案件")).to_be_visible()
    shot(auditor, "insight-suppose")

    auditor.get_by_label("改动目录").fill("没有等号")
    auditor.get_by_role("button", name="推演").click()
    expect(auditor.get_by_text("没有等号: NAME=JSON")).to_be_visible()


LOG = """编号,环节,时间,事项,主题,大厅
2019-000017,受理,2019-03-04 10:05,CY03,CY,county-hall
2019-000017,准予,2019-03-13 16:40,CY03,CY,county-hall
2019-000018,受理,昨天,CY03,CY,county-hall
"""
MAPPING = """
source: old-approval
title: 旧审批系统
format: csv
columns: {case: 编号, activity: 环节, at: 时间, item: 事项, theme: 主题, hall: 大厅}
activities: {受理: accepted, 准予: granted}
"""


def test_what_came_in_from_another_system_and_what_did_not(
    house: House, tmp_path: Path, sign_in: SignIn, visit: Visit, shot: Shot
) -> None:
    auditor = sign_in("auditor-shi", "/insight/imports")
    visit(auditor, "/insight/imports")
    expect(auditor.get_by_text("还没有导入过其他系统的历史")).to_be_visible()
    (tmp_path / "log.csv").write_text(LOG, "utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, "utf-8")
    with pytest.raises(AssertionError):  # it ends with 1: a row is in quarantine
        house.console("import", str(tmp_path / "mapping.yaml"), str(tmp_path / "log.csv"))

    reload_until(auditor, "/insight/imports?by=item", "食品经营许可")
    visit(auditor, "/insight/imports?by=item")
    shot(auditor, "insight-imports")
    auditor.get_by_role("link", name="旧审批系统").click()
    ready(auditor)
    visit(auditor, auditor.url)
    expect(auditor.get_by_role("cell", name="时间读不出")).to_be_visible()
    expect(auditor.get_by_role("cell", name="2019-000017")).to_be_visible()
    shot(auditor, "insight-import")
    with auditor.expect_download() as download:
        auditor.get_by_role("link", name="下载全部").click()
    assert "4,时间,time,时间读不出" in download.value.path().read_text("utf-8-sig")
