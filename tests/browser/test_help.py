"""The desk of helpers and phone agents in a browser: from a question to its record, and from a mandate to a case."""

import hashlib
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from testkit.browsing import PHONE, Complaints, check, ready

SignIn = Callable[..., Page]
Visit = Callable[..., Page]
Shot = Callable[[Page, str], None]

AGENT, HELPER = "hotline-xu", "helper-lu"
PRINCIPAL = "990102196403010030"
LATER = "2099-12-31"


def answer(page: Page) -> None:
    """Answers every question that comes up with its first option, until the items stand there."""
    answers = page.locator("#outlook fieldset")
    done = page.get_by_role("heading", name="要办的事项")
    while not done.is_visible():
        asked = answers.count()
        open_ones = [each for each in answers.all() if not each.locator("input:checked").count()]
        open_ones[0].locator("input").first.check()
        expect(answers.nth(asked).or_(done).or_(page.locator("#outlook .notice.bad")).first).to_be_visible()


def test_a_phone_agent_answers_and_records(sign_in: SignIn, visit: Visit, shot: Shot, complaints: Complaints) -> None:
    complaints.expect("422")
    agent = sign_in(AGENT, "/help")
    check(agent)
    agent.get_by_label("关键词").fill("社会保障卡")
    agent.get_by_role("button", name="查找").click()
    expect(agent.get_by_role("status").filter(has_text="找到")).to_be_visible()
    check(ready(agent))
    shot(agent, "help")
    agent.get_by_role("link", name=re.compile("社会保障卡")).first.click()
    answer(ready(agent))
    check(agent)
    shot(agent, "help-guide")

    agent.get_by_role("button", name="一次告知书").click()
    check(ready(agent))
    agent.get_by_role("button", name="已告知，登记咨询").click()
    check(ready(agent))
    agent.get_by_label(re.compile("^咨询内容")).fill("补办社保卡要带什么？")
    agent.get_by_label(re.compile("^怎么答复的")).fill("带身份证到城关街道，当场可办。")
    agent.get_by_label("称呼").fill("周女士")
    agent.get_by_label("还要回访").check()
    agent.evaluate("scrollTo(0, 0)")
    shot(agent, "help-record")
    agent.get_by_role("button", name="保存").click()
    expect(agent.locator(".error", has_text="要回访的请填回访日期")).to_be_visible()
    expect(agent.get_by_label(re.compile("^咨询内容"))).to_have_value("补办社保卡要带什么？")
    agent.get_by_label(re.compile("^回访日期")).fill(LATER)
    agent.get_by_role("button", name="保存").click()
    agent.wait_for_url(re.compile(r"/help/consultations/[0-9a-f-]{36}$"))
    check(ready(agent))
    agent.get_by_label("没有联系上").check()
    agent.get_by_label("下次回访").fill(LATER)
    agent.get_by_role("button", name="记录回访").click()
    expect(agent.get_by_role("status").filter(has_text="已记录回访")).to_be_visible()
    shot(agent, "help-consultation")
    one = agent.url

    visit(agent, "/help/consultations")
    expect(agent.locator(f'a[href="{one.partition("/help")[1]}{one.partition("/help")[2]}"]')).to_be_visible()
    visit(agent, one)
    agent.get_by_role("button", name="办结").click()
    agent.get_by_role("dialog").get_by_role("button", name="办结").click()
    expect(agent.get_by_text("咨询原文和联系方式已清除")).to_be_visible()


def test_a_helper_applies_under_a_mandate(sign_in: SignIn, visit: Visit, shot: Shot, complaints: Complaints) -> None:
    helper = sign_in(HELPER, "/help/mandates")
    check(helper)
    helper.get_by_role("link", name="登记委托").click()
    check(ready(helper))
    helper.get_by_label(re.compile("^帮办：")).check()
    helper.get_by_label(re.compile("^委托人证件号码")).fill(PRINCIPAL)
    helper.get_by_label(re.compile("^受理单编号")).fill("云帮受〔2026〕17号")
    scan = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 signed"}
    helper.get_by_label("委托书扫描件").set_input_files(scan)  # type: ignore[arg-type]
    digest = f"sha256:{hashlib.sha256(scan['buffer']).hexdigest()}"  # type: ignore[arg-type]
    expect(helper.get_by_label(re.compile("^委托书摘要"))).to_have_value(digest)
    helper.get_by_label("社会保障卡", exact=False).last.check()
    helper.get_by_role("button", name="登记委托").click()
    helper.wait_for_url(re.compile(r"/help/mandates/m-[0-9a-f]+$"))
    check(ready(helper))
    shot(helper, "help-mandate")
    mandate = helper.url

    helper.get_by_role("link", name="代为申请").first.click()
    answer(ready(helper))
    helper.get_by_role("button", name="代为申请").click()
    helper.wait_for_url(re.compile(r"/help/drafts/"))
    check(ready(helper))
    complaints.expect("422")
    helper.get_by_label(re.compile("^姓名（")).fill("陈建国（虚构）")
    helper.get_by_label(re.compile("^证件号码")).fill("990102199202150022")
    helper.get_by_role("button", name="保存并下一步").click()
    expect(helper.locator(".error", has_text="不是委托人的证件号码")).to_be_visible()
    helper.get_by_label(re.compile("^证件号码")).fill(PRINCIPAL)
    helper.get_by_role("button", name="保存并下一步").click()
    helper.wait_for_url(re.compile("/check$"))
    check(ready(helper))
    helper.get_by_role("radio").first.check()
    helper.get_by_role("button", name="提交").click()
    helper.wait_for_url(re.compile("/help/cases/"))
    check(ready(helper))
    expect(helper.get_by_text("超出委托范围").first).to_be_visible()
    shot(helper, "help-case")
    number = helper.locator(".number").first.inner_text()
    visit(helper, f"{helper.url}/give")

    visit(helper, mandate)
    helper.get_by_role("button", name="终止委托").click()
    helper.get_by_role("dialog").get_by_role("button", name="终止委托").click()
    expect(helper.get_by_text("委托已经终止").first).to_be_visible()
    visit(helper, f"{mandate}/apply/SBK")
    expect(helper.get_by_role("alert")).to_contain_text("委托已经终止")
    expect(helper.get_by_role("button", name="代为申请")).to_have_count(0)

    agent = sign_in(AGENT, "/help/progress")
    agent.get_by_label(re.compile("^查询码或办件编号")).fill(number)
    agent.get_by_role("button", name="查询").click()
    check(ready(agent))
    expect(agent.get_by_text(number)).to_be_visible()
    shot(agent, "help-progress")


def test_a_visit_is_booked_on_a_phone(sign_in: SignIn, shot: Shot) -> None:
    helper = sign_in(HELPER, "/help/visits", size=PHONE)
    check(helper)
    helper.get_by_label("哪个大厅").select_option("yl-hall")
    helper.wait_for_url(re.compile("hall=yl-hall"))
    check(ready(helper))
    assert helper.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(helper, "help-visits")
    helper.get_by_role("button", name="取号").click()
    helper.wait_for_url(re.compile("/help/tickets/yl-hall/"))
    check(ready(helper))
    helper.get_by_role("button", name="退号").click()
    helper.get_by_role("dialog").get_by_role("button", name="退号").click()
    expect(helper.get_by_text("已退号")).to_be_visible()


def test_it_is_in_english_too(sign_in: SignIn) -> None:
    agent = sign_in(AGENT, "/help")
    for address in ("/help", "/help/guide/SBK", "/help/consultations", "/help/consultations/new", "/help/visits"):
        agent.goto(f"{address}?lang=en")
        check(ready(agent))
        expect(agent.locator("html")).to_have_attribute("lang", "en")
