"""What the documentation tells people to type or to write works as it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import catalogue

DOCS = Path(__file__).parents[2] / "docs"


def block(page: str, language: str) -> str:
    """The first block of code of a language in a page."""
    text = (DOCS / page).read_text("utf-8")
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{page} has no block of {language}"
    return found[1]


def test_the_theme_of_the_guide_is_sound_and_says_what_the_guide_says(tmp_path: Path) -> None:
    (tmp_path / "tcz.yaml").write_text(block("how-to/write-a-theme.md", "yaml"), "utf-8")

    county = catalogue.load("990102", extra=[tmp_path])

    assert not catalogue.check(county)
    newcomer, resident = (county.theme("TCZ").select({"newcomer": answer}) for answer in ("yes", "no"))
    assert newcomer.selected == ("TCZ01", "TCZ02")
    assert resident.selected == ("TCZ02",)
    assert [(each.material.id, each.material.source) for each in newcomer.materials] == [
        ("lease", "applicant"),
        ("residence_record", "produced"),
    ]
    assert [(each.material.id, each.material.source) for each in resident.materials] == [("residence_record", "shared")]


@pytest.mark.slow
def test_the_case_of_the_tutorial_goes_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "first.py").write_text(block("tutorials/first-case.md", "python"), "utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONWARNINGS": "ignore",
        "PYTHONUTF8": "1",
        "ONETHING_DATA_DIR": str(tmp_path / "data"),
    }

    script = [sys.executable, "first.py"]
    ran = subprocess.run(script, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    told = ran.stdout.splitlines()
    assert told[1] == "refused materials-missing {'SBK01': ['identity', 'photo']} ['card_outlet']"
    assert [line for line in told if line.startswith("granted")] == [
        "granted SBK01 None",
        "granted SBK02 None",
        "granted SBK05 granted",
    ]
    assert "'verified': True" in told[-1]
