"""An applicant's own application: begun on a phone, handed in at a kiosk, followed by the code of its receipt."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from console.stories import story
from testkit.browsing import PHONE, Complaints, check, ready

from .counter import answer, bring, fill

SignIn = Callable[..., Page]
Shot = Callable[[Page, str], None]
TODAY = datetime.now(timezone(timedelta(hours=8))).date()

KIOSK = {"width": 1080, "height": 1920}
"""A kiosk's screen stands upright."""

FINGER = 44
"""CSS pixels that a target of a kiosk is wide and high at least (WCAG 2.5.5)."""

TARGETS = "a:not(.skip), button, select, label.choice, input:not([type=hidden])"
SMALL = """([targets, least]) => [...document.querySelectorAll(targets)]
  .filter(each => each.checkVisibility() && !(each.matches("input[type=radio]") && each.closest("label.choice")))
  .map(each => [each.textContent.trim() || each.name, each.getBoundingClientRect()])
  .filter(([, box]) => box.height < least || box.width < least)
  .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""


def scanned(page: Page) -> str:
    """What a scanner reads in the code that a screen shows."""
    picture = page.locator(".qr svg").screenshot()
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert len(found) == 1, "no code that a scanner can read"
    return str(found[0].text)


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url}: {wide} pixels too wide"


def look(page: Page) -> Page:
    """A page of the public on a small screen."""
    check(ready(page))
    fits(page)
    return page


def look_at_kiosk(page: Page) -> Page:
    """A page for fingers."""
    look(page)
    assert page.evaluate(SMALL, [TARGETS, FINGER]) == []
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 20
    return page


def at_a_kiosk(sign_in: SignIn, hall: str) -> Page:
    """A kiosk, switched on in the morning as the hall's own system."""
    kiosk = sign_in("hall-system", "/kiosk", size=KIOSK)
    if "/sign-in/window" in kiosk.url:
        kiosk.locator(f"button[value='{hall}']").click()
    kiosk.wait_for_url(re.compile(f"/kiosk/{hall}$"))
    return ready(kiosk)


def scan(kiosk: Page, code: str) -> None:
    """A scanner is a keyboard that is very fast and ends with Enter."""
    kiosk.locator("body").click(position={"x": 5, "y": 5})
    kiosk.keyboard.type(code)
    kiosk.keyboard.press("Enter")


def test_begun_on_a_phone_and_handed_in_at_a_kiosk(
    sign_in: SignIn, page: Page, shot: Shot, complaints: Complaints
) -> None:
    complaints.expect("draft/check.*403")
    told = story("retirement")
    phone = sign_in("applicant-chen", "/apply", size=PHONE)
    look(phone)
    phone.get_by_role("link", name=re.compile("退休")).click()
    look(phone)
    answer(phone, told.answers)
    look(phone)
    shot(phone, "apply-guide")
    phone.get_by_role("button", name="现在办理").click()
    phone.wait_for_url(re.compile("/apply/drafts/"))
    look(phone)

    # halfway, somebody calls
    values = told.form(TODAY)
    half = dict(list(values.items())[: len(values) // 2])
    phone.get_by_label(re.compile("^姓名（名称）")).fill(told.applicant.name)
    phone.get_by_label(re.compile("^证件号码")).first.fill(told.applicant.identifier)
    phone.get_by_label(re.compile("^手机")).first.fill(told.applicant.mobile)
    fill(phone, half)
    shot(phone, "apply-form")
    phone.get_by_role("button", name="保存，以后再办").click()
    phone.wait_for_url(re.compile("/mine$"))
    look(phone)
    phone.context.close()

    # the other phone of the family knows where one was
    phone = sign_in("applicant-chen", "/mine", size=PHONE)
    phone.get_by_role("link", name=re.compile("退休")).click()
    ready(phone)
    for key, value in half.items():
        field = phone.locator(f'[name="values.{key}"]')
        if field.count():
            expect(field).to_have_value(value)
    fill(phone, values)
    phone.get_by_role("button", name="保存并下一步").click()
    phone.wait_for_url(re.compile("/check"))
    look(phone)
    shot(phone, "apply-check")
    phone.get_by_role("link", name="到大厅自助终端接着办").click()
    look(phone)
    shot(phone, "apply-carry")

    # at the kiosk nothing is typed, and nothing personal is shown
    kiosk = at_a_kiosk(sign_in, "yl-hall")
    look_at_kiosk(kiosk)
    shot(kiosk, "kiosk")
    kiosk.get_by_role("link", name=re.compile("接着办草稿")).click()
    look_at_kiosk(kiosk)
    scan(kiosk, scanned(phone))
    kiosk.wait_for_url(re.compile("/draft/check$"))
    look_at_kiosk(kiosk)
    for secret in (told.applicant.identifier, "陈建国", told.applicant.mobile, values["bank_account"]):
        assert secret not in kiosk.content()
    shot(kiosk, "kiosk-draft")
    kiosk.get_by_role("button", name="提交", exact=True).click()
    kiosk.wait_for_url(re.compile("/handed-in/"))
    look_at_kiosk(kiosk)
    shot(kiosk, "kiosk-handed-in")
    receipt = scanned(kiosk)
    assert re.search(r"/r/[0-9A-Z-]+\.[0-9A-Z]+$", receipt), receipt

    # who stood here has gone: the way back shows nothing of them
    kiosk.get_by_role("link", name="结束并返回首页").click()
    kiosk.wait_for_url(re.compile("/kiosk/yl-hall$"))
    assert (answered := kiosk.goto("/kiosk/yl-hall/draft/check"))
    assert answered.status == 403
    look_at_kiosk(kiosk)

    # the materials come from the phone
    phone.goto("/mine")
    ready(phone)
    phone.locator('a[href^="/mine/"]').filter(has_text="退休").click()
    look(phone)
    shot(phone, "apply-case")
    phone.get_by_role("link", name="去补充").click()
    look(phone)
    bring(phone, told.materials, without=("only_child_certificate",))
    shot(phone, "apply-give")
    phone.get_by_role("button", name="提交", exact=True).click()
    phone.wait_for_url(re.compile("/mine/[0-9a-f-]{36}$"))
    look(phone)

    # one of them is to come later: it is asked for, and the hall agrees to it or does not
    phone.goto(phone.url + "/terms")
    phone.locator('input[name="tolerate"][value="only_child_certificate"]').check()
    phone.get_by_label("本人已阅读以上告知内容，并作出承诺").check()
    look(phone)
    shot(phone, "apply-terms")
    phone.get_by_role("button", name="提交声明").click()
    phone.wait_for_url(re.compile("/mine/[0-9a-f-]{36}$"))
    expect(phone.locator("#standing")).to_contain_text("等待大厅受理")
    look(phone)

    # whoever holds the receipt sees how far it is, and nothing personal
    page.set_viewport_size(PHONE)
    page.goto(receipt)
    look(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("退休")
    for secret in (told.applicant.identifier, "陈建国", told.applicant.mobile):
        assert secret not in page.content()
    shot(page, "progress")
    scan_at = at_a_kiosk(sign_in, "yl-hall")
    scan_at.get_by_role("link", name=re.compile("查进度")).click()
    look_at_kiosk(scan_at)
    shot(scan_at, "kiosk-progress")
    for letter in receipt.rpartition("/")[2]:
        scan_at.get_by_role("button", name=letter, exact=True).click()
    scan_at.get_by_role("button", name="确定").click()
    scan_at.wait_for_url(re.compile("/kiosk/yl-hall/progress/"))
    look_at_kiosk(scan_at)
