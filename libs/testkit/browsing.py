"""A house for browsers: a process of its own with the fictional county in it, and what is asked of every page.

Nothing of ``eventing`` is imported here: it changes Python's sockets, which Playwright needs as they are.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from testkit.process import LOOPBACK, ServiceProcess, free_port

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def with_chinese(folder: Path) -> dict[str, str]:
    """An environment in which a browser has a Chinese font: the file that the package mplfonts carries."""
    package = find_spec("mplfonts")  # looked up, not imported: it would load matplotlib
    assert package is not None, "the tests of pages need a Chinese font: pip install --no-deps mplfonts"
    fonts = next(Path(place) / "fonts" for place in package.submodule_search_locations or ())
    file = folder / "fonts.conf"
    file.write_text(_FONTS.format(fonts=fonts, cache=folder / "fonts-cache"), "utf-8")
    return {**os.environ, "FONTCONFIG_FILE": str(file)}


PATIENCE = 20_000
"""Milliseconds that something on a page may take to show; patience bounds the wait, it decides nothing."""

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
WALL = {"width": 1920, "height": 1080}


class House:
    """A whole house in a process of its own."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://{LOOPBACK}:{self.port}"
        self.env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "ONETHING_DATA_DIR": str(folder / "data"),
            "ONETHING_HTTP_PORT": str(self.port),
            "ONETHING_RENDERING": "on-demand",
            "ONETHING_LOG_LEVEL": "warning",
            **environ,
        }
        self.process = ServiceProcess("up", log=folder / "house.log", env=self.env)

    def start(self) -> None:
        """Starts it, or starts it again on the same data and the same port."""
        self.process.start()
        self.process.wait_ready(line="ready", timeout=240)

    def console(self, *arguments: str) -> str:
        """What a command of the command line prints."""
        return self.run("-m", "console", *arguments)

    def run(self, *arguments: str) -> str:
        """What a Python program prints that finds this house in its environment."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


class Complaints:
    """What a browser complained of; a test names what it expects."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.expected: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: self.found.append(f"{page.url}: {said.text}") if said.type in {"error", "warning"} else None,
        )

    def expect(self, pattern: str) -> None:
        """Complaints that a test provokes: a refusal is a failed request, a network that is cut complains."""
        self.expected.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        return [each for each in self.found if not any(re.search(pattern, each) for pattern in self.expected)]


OpenContext = Callable[..., BrowserContext]


def ready(page: Page) -> Page:
    """Waits until the page's script has done its first work."""
    page.wait_for_selector("body[data-ready]", state="attached")
    return page


def check(page: Page) -> None:
    """No serious finding of axe, the accessibility checker, on the page as it stands."""
    found = Axe().run(page)
    serious = [
        f"{each['id']}: {each['help']} {[node['target'] for node in each['nodes']][:4]}"
        for each in found.response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
    assert not serious, f"{page.url}: {serious}"


@contextmanager
def without_network(page: Page) -> Iterator[None]:
    """The cable is out."""
    page.context.set_offline(True)
    try:
        yield
    finally:
        page.context.set_offline(False)
