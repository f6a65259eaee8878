"""Without a mouse: a registration and a decision by Tab, Enter, Space and arrows, with the focus always in sight."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from console.stories import story
from testkit.browsing import Complaints, ready

from .counter import PDF

SignIn = Callable[..., Page]
TODAY = datetime.now(timezone(timedelta(hours=8))).date()
MOST = 150
"""Presses within which everything on a page is reached."""

UNSEEN = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  if (at === document.body) return "";
  const what = at.outerHTML.slice(0, 120);
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return "no outline: " + what;
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  if (left >= right || top >= bottom) return "out of sight: " + what;
  const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return at.contains(above) || above?.contains(at) ? "" : "covered: " + what;
}"""
"""Why nobody can see where the focus is; empty: they can, or it has left the page for the browser's own buttons."""


class Keys:
    """Somebody who has a keyboard and eyes."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> None:
        """One key."""
        self.page.keyboard.press(key)

    def see(self) -> None:
        """Looks where the focus is."""
        assert self.page.evaluate(UNSEEN) == ""

    def to(self, target: Locator) -> None:
        """Goes on with Tab until something has the focus; wherever it stops on the way, it can be seen."""
        expect(target).to_be_visible()
        for _ in range(MOST):
            if has_focus(target):
                self.see()
                return
            self.press("Tab")
            self.see()
        pytest.fail(f"Tab never comes to {target}")

    def do(self, target: Locator) -> None:
        """Goes to a button or a link, and presses Enter."""
        self.to(target)
        self.press("Enter")

    def button(self, name: str, within: Page | Locator | None = None) -> None:
        """Presses a button."""
        self.do((within or self.page).get_by_role("button", name=name, exact=True))

    def link(self, name: str) -> None:
        """Follows a link."""
        self.do(self.page.locator("main").get_by_role("link", name=re.compile(f"^{name}")).first)
        ready(self.page)

    def type(self, target: Locator, text: str) -> None:
        """Writes into a field, in the place of what stands there."""
        self.to(target)
        if target.get_attribute("type") == "date":
            year, month, day = text.split("-")
            self.page.keyboard.type(month + day + year)  # the browser itself speaks English
        else:
            self.press("ControlOrMeta+a")
            self.page.keyboard.type(text)
        expect(target).to_have_value(text)

    def choose(self, target: Locator, value: str) -> None:
        """Goes through the options of a choice until it is the one."""
        self.to(target)
        self.press("Home")
        for _ in range(MOST):
            if target.input_value() == value:
                return
            self.press("ArrowDown")
        pytest.fail(f"no arrow comes to {value}")

    def pick(self, name: str, value: str, *, answered: str = "") -> None:
        """Picks one of the radio buttons of a name; ``answered``: what the page asks after each of them."""
        group = self.page.locator(f'input[name="{name}"]')
        wanted = self.page.locator(f'input[name="{name}"][value="{value}"]')
        for _ in range(MOST):
            if has_focus(group):
                break
            self.press("Tab")
            self.see()
        if has_focus(wanted) and not wanted.is_checked():
            self.turn("Space", answered)
        while not wanted.is_checked():
            self.turn("ArrowDown", answered)
        expect(wanted).to_be_focused()
        self.see()

    def turn(self, key: str, answered: str) -> None:
        """A key after which the page asks for something."""
        if not answered:
            self.press(key)
            return
        with self.page.expect_response(re.compile(answered)):
            self.press(key)
        self.page.wait_for_load_state("networkidle")

    def lands(self, words: str = "") -> None:
        """The focus is at what is new, and in sight: at the sentence that is said, or at the content."""
        ready(self.page)
        place = self.page.locator("main > .notice").filter(has_text=words) if words else self.page.locator("#main")
        expect(place).to_be_focused()
        self.see()


def has_focus(target: Locator) -> bool:
    """Whether it, or one of them, has the focus."""
    return bool(target.evaluate_all("all => all.includes(document.activeElement)"))


def test_a_clerk_registers_and_a_reviewer_decides_without_a_mouse(sign_in: SignIn) -> None:
    told = story("newborn")
    page = sign_in("clerk-lin", "/desk")
    page.on("filechooser", lambda _: None)  # asked for now, it is ours whenever it opens; else the browser's own may
    keys = Keys(page)
    keys.button("代取号")
    dialog = page.get_by_role("dialog")
    keys.choose(dialog.get_by_label("主题"), "XSE")
    keys.button("代取号", within=dialog)
    keys.lands("已取号")
    keys.button("叫下一位")
    keys.lands()
    keys.button("开始办理")
    keys.lands()
    keys.link("新办一件事")
    keys.link("新生儿出生")

    for name, value in told.answers.items():
        keys.pick(f"answers.{name}", value, answered="/outlook")
    keys.type(page.get_by_label(re.compile("^姓名或名称")), told.applicant.name)
    keys.button("开件")
    expect(page.get_by_label(re.compile("^证件号码"))).to_be_focused()  # it is missing
    keys.see()
    keys.type(page.get_by_label(re.compile("^证件号码")), "990102199505050010")
    keys.button("开件")
    page.wait_for_url(re.compile(r"/desk/cases/[0-9a-f-]{36}$"))
    keys.lands("已开件")
    case = page.url.rpartition("/")[2]

    keys.link("一张表")
    for key, value in told.form(TODAY).items():
        field = page.locator(f'main [name="values.{key}"]')
        if field.count():
            (keys.choose if field.evaluate("each => each.tagName") == "SELECT" else keys.type)(field, value)
    keys.button("保存表单")
    page.wait_for_url(re.compile("/materials$"))
    keys.lands("表单已保存")

    for material, brought in told.materials.items():
        if brought.medium == "digital":
            file: FilePayload = {"name": f"{material}.pdf", "mimeType": "application/pdf", "buffer": PDF}
            keys.to(page.locator(f'input[name="file.{material}"]'))
            with page.expect_file_chooser() as chosen:
                keys.press("Space")
            chosen.value.set_files(file)
            expect(page.locator(f'input[name="medium.{material}"][value="digital"]')).to_be_checked()
        else:
            offered = page.locator(f'input[name="medium.{material}"][value="{brought.medium}"]').count()
            keys.pick(f"medium.{material}", brought.medium if offered else "paper")
    keys.button("收件")
    keys.lands("已收")
    keys.link("受理")
    keys.button("受理")
    page.wait_for_url(re.compile("/receipt$"))
    keys.lands("已受理")

    keys.link("返回工作台")
    keys.button("办理完毕")
    keys.lands()

    page = sign_in("zcjg-reviewer", "/review")
    keys = Keys(page)
    keys.do(page.locator(f'#worklist a[href="/review/{case}/XSE01"]').first)
    page.wait_for_url(re.compile(f"/review/{case}/XSE01$"))
    ready(page)
    keys.type(page.locator("#f-grant-opinion"), "材料与申请表一致")
    keys.press("Tab")
    keys.see()
    keys.press("Enter")
    keys.lands("已准予")
    expect(page.locator("#standing")).to_contain_text("材料与申请表一致")


def test_a_refusal_is_where_the_focus_is(sign_in: SignIn, complaints: Complaints) -> None:
    complaints.expect("409|422|ERR_INTERNET_DISCONNECTED|Failed to load resource")
    page = sign_in("clerk-lin", "/desk/new/XSE")
    keys = Keys(page)
    keys.type(page.get_by_label(re.compile("^姓名或名称")), "何小满（虚构）")
    keys.type(page.get_by_label(re.compile("^证件号码")), "990102198804040045")
    for name, value in story("newborn").answers.items():
        keys.pick(f"answers.{name}", value, answered="/outlook")

    page.context.set_offline(True)
    keys.button("开件")
    expect(page.locator("#new").get_by_text("没有发出去")).to_be_visible()
    expect(page.get_by_role("button", name="开件")).to_be_focused()
    page.context.set_offline(False)

    keys.type(page.get_by_label(re.compile("^证件号码")), "990102198804040046")
    keys.button("开件")
    expect(page.get_by_label(re.compile("^证件号码"))).to_be_focused()
    expect(page.get_by_label(re.compile("^证件号码"))).to_have_attribute("aria-invalid", "true")
    keys.see()


def test_what_changes_by_itself_leaves_the_focus_where_it_is(sign_in: SignIn) -> None:
    page, another = sign_in("clerk-lin", "/desk"), sign_in("clerk-lin", "/desk")
    keys = Keys(page)
    strip = page.locator("#strip")
    drawing = strip.get_by_role("button", name="代取号").first
    keys.to(drawing)
    before = strip.inner_text()

    another.get_by_role("button", name="代取号").first.click()
    another.get_by_role("dialog").get_by_label("主题").select_option("XSE")
    another.get_by_role("dialog").get_by_role("button", name="代取号").click()
    expect(another.get_by_role("status").filter(has_text="已取号")).to_be_visible()

    expect(strip).not_to_have_text(before)
    expect(drawing).to_be_focused()
    keys.see()
