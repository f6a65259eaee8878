"""Pages that no story of the other tests goes through: each is whole in both languages, and fits where it is used."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from testkit.browsing import PATIENCE, PHONE, WALL, OpenContext, check, ready

from .counter import answer

SignIn = Callable[..., Page]
Visit = Callable[..., Page]
Shot = Callable[[Page, str], None]

FITS = "document.documentElement.scrollWidth <= innerWidth"

COLUMNS = "new Set([...document.querySelectorAll('#board > .card')].map(each => each.offsetLeft)).size"

PAGES = {
    "manager-li": (
        "board/yl-hall", "manage", "manage/staff", "manage/trainings", "manage/halls", "manage/mandates",
        "manage/editions", "manage/editions/new", "manage/losses", "manage/parked", "manage/times", "manage/screens",
        "ratings",
    ),
    "clerk-qian": ("desk/new", "desk/cases", "desk/packets", "desk/lockers", "desk/losses", "desk/trips/new"),
    "scjg-reviewer": ("review/opinions", "credit"),
    "helper-you": ("help/consultations", "help/mandates"),
    "hotline-xu": ("help/undelivered", "help/ratings"),
}  # fmt: skip

ON_A_PHONE = ("apply", "mine", "appointments", "appointments/new", "tickets", "verify", "r")


def named(address: str) -> str:
    """What the picture of a page is called."""
    return address.replace("/yl-hall", "").replace("/", "-")


def at_hall(page: Page) -> Page:
    """Somebody of several halls says for which they work today."""
    if page.url.partition("?")[0].endswith("/sign-in/window"):
        page.locator("main").get_by_role("button", name="云岭县政务服务大厅", exact=True).click()
    return ready(page)


@pytest.mark.parametrize("person", PAGES)
def test_pages_of_those_who_work_here(sign_in: SignIn, visit: Visit, shot: Shot, person: str) -> None:
    page = at_hall(sign_in(person, "/"))
    for address in PAGES[person]:
        visit(page, f"/{address}?lang=en")
        visit(page, f"/{address}?lang=zh")
        assert page.evaluate(FITS), address
        shot(page, named(address))


def test_pages_of_applicants_fit_a_phone(sign_in: SignIn, visit: Visit, shot: Shot) -> None:
    page = sign_in("applicant-zhou", "/", size=PHONE)
    for address in ON_A_PHONE:
        for language in ("en", "zh"):
            visit(page, f"/{address}?lang={language}")
            assert page.evaluate(FITS), address
        shot(page, f"phone-{named(address)}")


def test_a_number_drawn_on_the_phone_is_followed_to_the_window(sign_in: SignIn, shot: Shot) -> None:
    phone = sign_in("applicant-chen", "/tickets?hall=yl-cg", size=PHONE)
    phone.get_by_role("button", name="取号").click()
    phone.wait_for_url(re.compile("/tickets/yl-cg/"))
    expect(ready(phone).locator("#ticket")).to_contain_text("前面还有")
    assert phone.evaluate(FITS)
    check(phone)
    shot(phone, "phone-ticket")
    phone.evaluate("window.stayed = true")

    desk = sign_in("clerk-he", "/desk")
    desk.get_by_role("button", name="叫下一位").click()

    expect(phone.locator("#ticket")).to_contain_text("已叫号", timeout=PATIENCE)
    expect(phone.locator("#ticket")).to_contain_text("综合窗口 2")
    assert phone.evaluate("window.stayed === true")
    desk.get_by_role("button", name="开始办理").click()
    desk.get_by_role("button", name="办理完毕").click()


def test_the_wall_shows_the_halls_of_the_county_side_by_side(sign_in: SignIn, shot: Shot) -> None:
    wall = at_hall(sign_in("manager-li", "/board/yl-hall/wall", size=WALL))
    wall.goto("/board/yl-hall/wall")
    check(ready(wall))
    assert wall.evaluate(COLUMNS) == 3
    shot(wall, "board-wall")


def test_a_plate_for_a_place_opens_its_guide_on_a_phone(
    sign_in: SignIn, open_context: OpenContext, visit: Visit, shot: Shot
) -> None:
    manager = visit(at_hall(sign_in("manager-li", "/")), "/places")
    form = manager.locator('form[method="post"][action="/places"]')
    form.get_by_label(re.compile("^场所")).fill("云岭县城关街道一碗香餐饮店（虚构）")
    form.get_by_label(re.compile("^类别")).select_option("shop")
    form.get_by_label(re.compile("^主题")).select_option("CY")
    form.get_by_role("button").click()
    manager.wait_for_url(re.compile(r"/places/.+"))
    check(ready(manager))
    shot(manager, "place-plate")
    code = re.search(r"/p/[\w.-]+", manager.locator("main").inner_text())
    assert code

    phone = open_context(PHONE).new_page()
    phone.goto(code[0])
    expect(ready(phone).locator("main")).to_contain_text("一碗香餐饮店")
    assert phone.evaluate(FITS)
    check(phone)
    shot(phone, "place-guide")


def test_what_it_takes_is_told_on_one_paper(sign_in: SignIn, shot: Shot) -> None:
    desk = sign_in("clerk-sun", "/desk/new/CJR")
    answer(desk, {"severe": "yes", "wants_work": "no"})
    desk.get_by_role("button", name="一次告知书").click()
    desk.wait_for_url(re.compile("/notice"))
    check(ready(desk))
    desk.emulate_media(media="print")
    expect(desk.get_by_role("banner")).to_be_hidden()
    desk.emulate_media(media="screen")
    shot(desk, "desk-notice")
