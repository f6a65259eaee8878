"""The pages in a browser: a whole house as a process of its own, the fictional county in it, Chromium before it.

These tests have a pytest process of their own: what is tested elsewhere changes Python's sockets (eventlet), which
Playwright needs as they are.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

# Behind everything else: where the wheel is installed, it is the wheel that is tested, and only the testkit
# comes from the source tree.
sys.path.append(str(Path(__file__).parents[2] / "libs"))

from testkit.browsing import DESK, FLAGS, PATIENCE, Complaints, House, OpenContext, check, ready, with_chinese
from testkit.room import choose
from testkit.servers import chromium

choose()
expect.set_options(timeout=PATIENCE)

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "docs" / "screenshots"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", action="store_true", help="take the pictures of docs/screenshots anew")


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The fictional county, open for everybody."""
    made = House(tmp_path_factory.mktemp("house"))
    made.start()
    try:
        made.console("county")
        yield made
    finally:
        made.process.terminate(timeout=30)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    env = with_chinese(tmp_path_factory.mktemp("fonts"))
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(chromium()), args=list(FLAGS), env=env)
        yield found
        found.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Every error in a console and every breach of the security policy fails the test."""
    made = Complaints()
    yield made
    assert not made.unexpected


@pytest.fixture
def open_context(browser: Browser, house: House, complaints: Complaints) -> Iterator[OpenContext]:
    """Another person at another machine."""
    contexts: list[BrowserContext] = []

    def another(size: dict[str, int] | None = None, **options: object) -> BrowserContext:
        context = browser.new_context(
            base_url=house.address,
            viewport=size or DESK,  # type: ignore[arg-type]
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE)
        context.on("page", complaints.watch)
        contexts.append(context)
        return context

    yield another
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_context: OpenContext) -> Page:
    """One browser window of somebody who has not said who they are."""
    return open_context().new_page()


@pytest.fixture
def sign_in(open_context: OpenContext) -> Callable[..., Page]:
    """A browser window of somebody of the county: ``sign_in("clerk-zhao", "/desk")``."""

    def signed_in(person: str, address: str = "/", **options: object) -> Page:
        page = open_context(**options).new_page()
        page.goto(f"/sign-in?login_hint={person}&next={address}")
        ready(page)
        return page

    return signed_in


@pytest.fixture
def visit() -> Callable[..., Page]:
    """Goes to an address and checks what is there: script, security policy, accessibility."""

    def visited(page: Page, address: str) -> Page:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{address}: {answer.status}"
        ready(page)
        check(page)
        return page

    return visited


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """The picture of a page for the documentation: taken when asked for, in any case there."""

    def taken(page: Page, name: str) -> None:
        file = SCREENSHOTS / f"{name}.png"
        if request.config.getoption("--screenshots"):
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=file, scale="css", animations="disabled")
            _smaller(file)
        assert file.exists(), f"take it with --screenshots: {file.name}"

    return taken


def _smaller(file: Path) -> None:
    """Pages have few colours: a palette says the same in a third of the bytes."""
    from PIL import Image

    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(96, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
