"""What every page has: the frame, both languages, errors as pages, the keyboard."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from testkit.browsing import PHONE, Complaints, OpenContext, check, ready

Visit = Callable[..., Page]
Shot = Callable[[Page, str], None]


def test_the_first_page_is_for_everybody_in_both_languages(page: Page, visit: Visit, shot: Shot) -> None:
    visit(page, "/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    shot(page, "home")

    page.get_by_role("link", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    check(ready(page))


def test_it_fits_a_phone(open_context: OpenContext, visit: Visit) -> None:
    page = visit(open_context(PHONE).new_page(), "/")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_not_there_is_told_on_a_page(page: Page, complaints: Complaints) -> None:
    complaints.expect("404")

    page.goto("/nowhere")

    expect(page.get_by_role("alert")).to_contain_text("404")
    check(ready(page))


def test_whoever_uses_keys_alone_skips_to_the_content(page: Page, visit: Visit) -> None:
    visit(page, "/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_a_cut_network_is_told_and_its_end_too(page: Page, visit: Visit) -> None:
    visit(page, "/")

    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()

    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
