"""Histories as files over HTTP: for those who may, in every form, and refused before the first byte."""

import json
import sqlite3
from pathlib import Path

import pytest

from testkit.house import eventually

from .conftest import Web
from .test_downloads import AUDITOR, a_case


def export(web: Web, form: str, caller: str | None = AUDITOR):
    return web("GET", f"/api/v1/exports/{form}", caller=caller)


def test_an_auditor_takes_all_of_it_away_in_every_form(web: Web, tmp_path: Path) -> None:
    case_id = a_case(web)
    eventually(lambda: case_id in export(web, "events.csv").body.decode())

    answers = {form: export(web, form) for form in ("ocel.json", "ocel.sqlite", "events.xes", "events.csv")}

    assert {form: each.status for form, each in answers.items()} == dict.fromkeys(answers, 200)
    assert answers["events.xes"].headers["Content-Disposition"] == 'attachment; filename="onething-events.xes"'
    log = json.loads(answers["ocel.json"].body)
    (tmp_path / "log").write_bytes(answers["ocel.sqlite"].body)
    with sqlite3.connect(tmp_path / "log") as db:
        assert db.execute("SELECT count(*) FROM event_CaseOpened").fetchone()[0] >= 1
    assert f"case:{case_id}" in {each["id"] for each in log["objects"]}
    assert case_id.encode() in answers["events.xes"].body
    table = export(web, "national/up_pro_accept.csv?theme=WA")
    assert table.status == 200
    assert table.body.decode("utf-8-sig").startswith("project_no,task_code")


@pytest.mark.parametrize(
    ("form", "caller", "status"),
    [
        ("ocel.json", None, 401),
        ("ocel.json", "clerk-zhao", 403),
        ("ocel.json", "applicant-chen", 403),
        ("national/up_pro_accept.csv", "clerk-zhao", 403),
        ("ocel.xml", AUDITOR, 404),
        ("national/up_secrets.csv", AUDITOR, 404),
        ("events.csv?size=-1", AUDITOR, 422),
        ("events.csv?theme=a&theme=b", AUDITOR, 422),
        ("events.csv?after=x", AUDITOR, 422),
        ("events.csv?theme=%00", AUDITOR, 422),
    ],
)
def test_what_cannot_be_had_is_refused_with_a_problem(web: Web, form: str, caller: str | None, status: int) -> None:
    answer = export(web, form, caller)

    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
