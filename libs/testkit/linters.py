"""Public linters for the interface documents: installed once from npm below ``.tox``, offline afterwards.

Which ones, and in which versions, stands in ``tests/linters/package.json`` and nowhere else.
"""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from testkit.process import NotReady

ROOT = Path(__file__).parents[2]
PINS = ROOT / "tests" / "linters" / "package.json"
RULES = PINS.with_name("rules.yaml")
PLACE = ROOT / ".tox" / "linters"
COMMAND = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")


def line() -> str:
    """What to type where it could not be installed."""
    place = PLACE.relative_to(ROOT)
    return f"mkdir -p {place} && cp {PINS.relative_to(ROOT)} {place}/ && {' '.join(COMMAND)} --prefix {place}"


def is_installed() -> bool:
    """Whether what is pinned is there."""
    done = PLACE / "installed.json"
    return done.is_file() and done.read_bytes() == PINS.read_bytes()


def install() -> None:
    """Installs what is pinned, unless it is there. Raises NotReady with the line to type."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_installed():
            return
        if shutil.which("npm") is None:
            raise NotReady("npm, which the tests need, is not installed; type:  python -m testkit.servers install")
        shutil.copy(PINS, PLACE / "package.json")
        done = subprocess.run([*COMMAND, "--prefix", PLACE], capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            raise NotReady(f"the linters could not be installed; type:  {line()}\n{done.stderr[-2000:]}")
        shutil.copy(PINS, PLACE / "installed.json")


def complaints(document: Path) -> list[str]:
    """What spectral finds wrong with an OpenAPI or AsyncAPI document, warnings too. Installs it where need be."""
    install()
    program = PLACE / "node_modules" / ".bin" / "spectral"
    done = subprocess.run(
        [program, "lint", "--quiet", "--format", "text", "--fail-severity", "warn", "--ruleset", RULES, document],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, "NO_COLOR": "1"},
    )
    if done.returncode == 0:
        return []
    return [each for each in (done.stdout + done.stderr).splitlines() if each.strip()] or ["spectral failed"]
