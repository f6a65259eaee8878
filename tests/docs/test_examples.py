"""What the documentation tells people to type or to write works as it says."""

import json
import os
import re
import subprocess
import sys
import uuid
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest
import sqlalchemy as sa

import catalogue
from gateway.identity.claims import NAMES, ROLES, mapping_of, person_of
from gateway.identity.login import BACK
from kernel.workdays import WorkingCalendar
from testkit.servers import PostgreSQL

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    """The blocks of code of a language in a page."""
    text = (DOCS / page).read_text("utf-8")
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no block of {language}"
    return [dedent(each) for each in found]


def block(page: str, language: str) -> str:
    """The first of them."""
    return blocks(page, language)[0]


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


def test_whom_the_issuer_tells_of_is_somebody_at_a_window() -> None:
    page = "how-to/register-with-the-issuer.md"
    text = (DOCS / page).read_text("utf-8")

    person = person_of(json.loads(block(page, "json")), mapping_of(""), lambda *_: "")

    assert (person.id, person.org, person.roles) == ("li.qiang", "scjg", ("clerk",))
    assert (person.hall, person.window) == ("yl-hall", "w3")
    assert set(re.findall(r"`(\w+)`", text.split("\nRoles: ")[1].split(". An issuer")[0])) == ROLES
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == {"sub", *NAMES} - {"by"}
    assert f"https://onething.example.org{BACK}`" in text


def test_the_layer_of_the_guide_tolerates_promises_waits_and_charges(tmp_path: Path) -> None:
    for number, text in enumerate(blocks("how-to/tolerate-and-commit.md", "yaml")):
        (tmp_path / f"{number}.yaml").write_text(text, "utf-8")

    county = catalogue.load("990102", extra=[tmp_path])

    assert not [finding for finding in catalogue.check(county) if finding.severity == "error"]
    signboard, tobacco = county.item("CY04"), county.item("CY06")
    assert signboard.tolerance.mode == "hold"
    assert county.item("CY05").tolerance.listed, "what the layer above lists stays listed"
    assert county.rules.tolerance_cap.days == 15
    assert [wait.id for wait in signboard.waits] == ["display"]
    assert signboard.commitment is not None
    assert signboard.commitment.materials == ("signboard_carrier_proof",)
    assert tobacco.commitment is not None
    assert tobacco.commitment.excluded
    assert tobacco.fee is not None


def test_the_override_file_of_the_guide_is_a_calendar(tmp_path: Path) -> None:
    file = tmp_path / "override.json"
    file.write_text(block("how-to/change-the-calendar.md", "json"), "utf-8")

    calendar = WorkingCalendar.official(file)

    assert calendar.version.endswith("+yunling-2027")
    assert not calendar.is_working(date(2027, 2, 8))
    assert calendar.is_working(date(2027, 2, 6))
    assert not calendar.is_provisional(date(2027, 12, 31))


@pytest.mark.parametrize(
    "page",
    ["how-to/change-the-calendar.md", "how-to/connect-message-carriers.md", "how-to/correct-or-revoke-a-decision.md"],
)
def test_the_python_of_a_guide_runs(page: str) -> None:
    for text in blocks(page, "python"):
        exec(compile(text, page, "exec"), {})  # noqa: S102  it is our own page


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


@pytest.mark.cluster
@pytest.mark.slow
def test_the_databases_of_the_guide_are_prepared_and_no_service_may_change_what_it_recorded(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    page, house = "how-to/run-on-a-cluster.md", f"guide{uuid.uuid4().hex[:6]}"
    (loop,) = [each for each in blocks(page, "sh") if "CREATE DATABASE" in each]
    (psql,) = [each for each in blocks(page, "console") if each.startswith("psql ")]
    server = f"127.0.0.1:{postgresql.port}"
    where = {"onething_": f"{house}_", "server=postgresql.example.org:5432": f"server={server}"}
    where["trust='?sslmode=verify-full&sslrootcert=/etc/onething/trust/ca.pem'"] = "trust="
    where["postgresql://postgres@postgresql.example.org/"] = f"postgresql://onething@{server}/"
    text = f"kubectl() {{ :; }}\n{loop}{psql}"
    for said, here in where.items():
        assert said in text
        text = text.replace(said, here)
    environ = {
        **os.environ,
        "PATH": f"{postgresql._programs}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONWARNINGS": "ignore",
        "ONETHING_PROFILE": "cluster",
        "AMQP_URI": "amqp://none",
        "DATABASE_URL": f"file:{tmp_path}/owners/{{service}}",
        "CONTENTS_URL": tmp_path.as_uri(),
        "ONETHING_SECRET_KEY_FILE": str(tmp_path / "databases.sql"),
        "ONETHING_DATABASE_ROLE": f"{house}_{{service}}",
    }
    for line in (["sh", "-euc", text], [sys.executable, "-m", "console", "prepare", "intake", "vault"]):
        done = subprocess.run(line, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def may(question: str, *words: str) -> bool:
        engine = sa.create_engine((tmp_path / "databases" / "intake").read_text(), poolclass=sa.NullPool)
        with engine.connect() as connection:
            return bool(connection.exec_driver_sql(f"SELECT has_{question}_privilege(%s, %s)", words).scalar_one())

    assert may("table", "events", "INSERT")
    assert not may("table", "events", "UPDATE")
    assert not may("table", "events", "DELETE")
    assert not may("database", f"{house}_vault", "CONNECT")
