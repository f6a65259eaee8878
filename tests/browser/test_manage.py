"""The manager's pages: what one person makes another publishes, and what it changes is seen."""

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from testkit.browsing import PHONE, Complaints, check, ready

SignIn = Callable[..., Page]
Visit = Callable[..., Page]
Shot = Callable[[Page, str], None]

FASTER = """amends: CJR
effective: {from: '2026-01-01'}
override: {items: {CJR02: {promised: {days: 9, placeholder: true}}}}
"""

OPEN = """([token, id, identifier]) => fetch(`/api/v1/cases/${id}/open-case`, {
  method: "POST",
  body: JSON.stringify({
    theme: "CJR", answers: {severe: "yes", wants_work: "no"},
    applicant: {kind: "natural", name: "测试", identifier},
  }),
  headers: {"Content-Type": "application/json", "Idempotency-Key": `open-${id}`, "X-CSRF-Token": token},
}).then(answer => answer.text().then(text => [answer.status, text]))"""
"""What a clerk's desk sends."""

NOTICE = """([token, id]) => fetch("/api/v1/notices/read", {
  method: "POST",
  body: JSON.stringify({case_id: id}),
  headers: {"Content-Type": "application/json", "X-CSRF-Token": token},
}).then(answer => answer.text().then(text => [answer.status, text]))"""


def opened(clerk: Page, case: str, identifier: str) -> str:
    """The number of the case that the clerk's desk opens."""
    token = clerk.locator('input[name="_csrf"]').first.input_value()
    status, text = clerk.evaluate(OPEN, [token, case, identifier])
    assert status in {200, 201}, text
    return str(json.loads(text)["number"])


def promised(clerk: Page, case: str) -> int:
    """The days that the case's notice promises for the item that the edition makes faster."""
    token = clerk.locator('input[name="_csrf"]').first.input_value()
    status, text = clerk.evaluate(NOTICE, [token, case])
    assert status == 200, text
    answered = json.loads(text)
    items = {each["item"]: each for each in answered["notice"]["items"]}
    return int(items["CJR02"]["promised"]["days"])


def at_hall(page: Page) -> Page:
    """Somebody of several halls says for which they work today."""
    if page.url.partition("?")[0].endswith("/sign-in/window"):
        page.get_by_role("button", name="云岭县政务服务大厅", exact=True).click()
    return ready(page)


def test_a_grant_is_made_by_one_published_by_another_and_revoked(sign_in: SignIn, visit: Visit, shot: Shot) -> None:
    watching = at_hall(sign_in("manager-li", "/manage/grants?grantor=scjg&status=made"))
    watching.goto("/manage/grants?grantor=scjg&status=made")
    expect(ready(watching).locator("#grants")).not_to_contain_text("云市监委〔2026〕9号")
    watching.evaluate("window.stayed = true")
    head = sign_in("scjg-head", "/manage/grants/new")
    check(head)
    head.get_by_label(re.compile("^法律形式")).select_option("hall_practice")
    head.get_by_label(re.compile("^受托（被授权）方")).select_option("yl-hall")
    head.get_by_label(re.compile("^受托方性质")).select_option("public_institution")
    head.get_by_label("收件", exact=True).check()
    head.get_by_label(re.compile("^起始日")).fill("2026-01-01")
    head.get_by_label(re.compile("^截止日")).fill("2099-12-31")
    head.get_by_label(re.compile("^文号")).fill("云市监委〔2026〕9号")
    head.get_by_role("button", name="签署").click()
    head.wait_for_url(re.compile(r"/manage/grants/g-"))
    check(ready(head))
    expect(head.get_by_role("button", name="发布")).to_have_count(0)
    expect(head.get_by_text("须由签署人以外的发布人发布")).to_be_visible()
    grant = head.url
    expect(watching.locator("#grants")).to_contain_text("云市监委〔2026〕9号")

    office = sign_in("scjg-office", "/manage/grants")
    visit(office, grant)
    office.get_by_label(re.compile("^公告文号")).fill("云市监公告〔2026〕9号")
    office.get_by_role("button", name="发布").click()
    expect(office.get_by_role("status").filter(has_text="已发布")).to_be_visible()
    expect(head.locator("#grant")).to_contain_text("撤销")
    expect(watching.locator("#grants")).not_to_contain_text("云市监委〔2026〕9号")
    assert watching.evaluate("window.stayed === true")

    visit(head, grant)
    expect(head.get_by_text("2099-12-16")).to_be_visible()
    shot(head, "manage-grant")
    head.get_by_role("button", name="撤销").click()
    head.get_by_role("dialog").get_by_label(re.compile("^理由")).fill("机构调整")
    head.get_by_role("dialog").get_by_role("button", name="撤销").click()
    expect(head.get_by_role("status").filter(has_text="已撤销")).to_be_visible()
    check(ready(head))


def test_an_edition_is_drafted_weighed_and_published_by_another(sign_in: SignIn, shot: Shot) -> None:
    clerk = sign_in("clerk-zhao", "/desk")
    number = opened(clerk, "before-the-edition", "990102199011110116")

    author = at_hall(sign_in("manager-li", "/manage/editions/new"))
    check(author)
    author.get_by_label(re.compile("^标题")).fill("困难残疾人补贴提速")
    author.get_by_label(re.compile("^内容")).first.fill("amends: [")
    author.get_by_role("button", name="存为草案").click()
    expect(author.get_by_role("alert")).to_be_visible()
    author.get_by_label(re.compile("^内容")).first.fill("")
    faster = {"name": "faster.yaml", "mimeType": "application/yaml", "buffer": FASTER.encode()}
    large = {**faster, "name": "large.yaml", "buffer": b"# " + b"x" * (5 << 20)}
    files = author.get_by_label("从文件读入")
    files.set_input_files([faster, large])
    assert "4 MB" in files.evaluate("each => each.validationMessage")
    author.get_by_role("button", name="存为草案").click()
    expect(author).to_have_url(re.compile("/manage/editions/new"))
    files.set_input_files(faster)
    author.get_by_role("button", name="存为草案").click()
    author.wait_for_url(re.compile(r"/manage/editions/e-[0-9a-f]+$"))
    edition = author.url
    check(ready(author))

    author.goto(f"{edition}/preview?theme=CJR&a.severe=yes&a.wants_work=no")
    check(ready(author))
    expect(author.get_by_text("9 个工作日").first).to_be_visible()
    author.goto(f"{edition}/comparison")
    check(ready(author))
    author.goto(f"{edition}/impact")
    check(ready(author))
    mine = author.locator("tr", has_text=number)
    expect(mine).to_contain_text("15 → 9")
    shot(author, "manage-impact")

    author.goto(edition)
    author.get_by_role("button", name="提请发布").click()
    expect(author.get_by_role("status").filter(has_text="已提请发布")).to_be_visible()
    expect(author.get_by_role("button", name="发布", exact=True)).to_have_count(0)

    publisher = sign_in("publisher-hua", "/manage/editions")
    publisher.goto(edition)
    publisher.get_by_role("button", name="发布", exact=True).click()
    expect(publisher.get_by_role("status").filter(has_text="已发布")).to_be_visible()
    check(ready(publisher))

    opened(clerk, "after-the-edition", "990102199011120138")
    limits = [promised(clerk, case) for case in ("before-the-edition", "after-the-edition")]
    assert limits == [15, 9]

    author.goto(f"{edition}/impact")
    mine.get_by_role("button", name="转到新版").first.click()
    author.get_by_role("dialog").get_by_role("button", name="转到新版").click()
    expect(author.get_by_role("status").filter(has_text="已转版")).to_be_visible()


def test_every_section_is_whole_and_fits_a_phone(
    sign_in: SignIn, visit: Visit, shot: Shot, complaints: Complaints
) -> None:
    page = at_hall(sign_in("manager-li", "/manage"))
    for section in ("", "/grants", "/mandates", "/staff", "/halls", "/halls/yl-hall", "/editions", "/parked", "/times"):
        visit(page, f"/manage{section}")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), section
        page.set_viewport_size({"width": 1280, "height": 900})
    visit(page, "/manage/halls/yl-hall")
    shot(page, "manage-hall")
    visit(page, "/manage/grants")
    shot(page, "manage-grants")
