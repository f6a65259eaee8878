"""What failed, told once more at the end: ``python -m testkit.failures FOLDER``.

Environments that run beside each other interleave what they print; this reads the JUnit reports that they leave.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

LINES = 12
"""Of each failure: where it happened and what was wrong, so that many fit where a build server shows few lines."""

PLACE = re.compile(r"^\S+\.py:\d+: ")


class Running:
    """A plugin of pytest that keeps beside the report which test runs, for when the process ends in it (a timeout)."""

    def __init__(self, report: str) -> None:
        self._path = Path(report).with_suffix(".running")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # opened once, as to truncate a file for each test takes long; a descriptor, as the process may end in any test
        self._begun = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """One begins."""
        os.write(self._begun, f"{nodeid}\n".encode())

    def pytest_sessionfinish(self, session: Any) -> None:
        """All ended, and the report tells."""
        os.close(self._begun)
        self._path.unlink(missing_ok=True)


def failures(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Of every report: the environment, the test, and what it said."""
    for report in sorted(folder.glob("*.xml")):
        for case in ET.parse(report).iter("testcase"):  # noqa: S314 our own
            for kind in ("failure", "error"):
                for said in case.findall(kind):
                    yield report.stem, f"{case.get('classname')}::{case.get('name')}", said.text or ""
    for running in sorted(folder.glob("*.running")):
        last = running.read_text().splitlines()[-1]
        yield running.stem, last, "the process ended in this test, and what came after it did not run"


def telling(said: str) -> list[str]:
    """The lines of a failure that tell: those that pytest marks, and the places; its end where it marked none."""
    lines = said.rstrip().splitlines()
    marked = [line for line in lines if line.startswith((">", "E ")) or PLACE.match(line)]
    return (marked or lines)[-LINES:]


def main(folder: str) -> None:
    """Prints them, shortened."""
    for environment, test, said in failures(Path(folder)):
        print(f"\n{environment}: {test}")
        for line in telling(said):
            print(f"    {line}")


if __name__ == "__main__":
    main(sys.argv[1])
