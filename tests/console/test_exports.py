"""``onething export``: files that are whole or not there."""

import json
import sqlite3

import pytest

from console.bench import Plan, Run
from console.exports import _write, _write_tables
from contracts.exports import ExportLog
from mining import ocel, paging
from testkit.house import eventually


def test_a_whole_case_comes_out_of_a_running_house(house):
    run = Run(house.client, Plan(cases=1, concurrency=1))
    run.drive(lambda: None)
    eventually(lambda: b'"value":"closed"' in b"".join(ocel.json(paging.log(house.client.ask))))

    log = json.loads(b"".join(ocel.json(paging.log(house.client.ask))))

    found = {each["id"]: each for each in log["objects"]}
    assert found[f"case:{run.ids[0]}"]["type"] == "case"
    assert {each["type"] for each in log["objects"]} >= {"case", "item", "certificate", "window", "grant"}
    assert {to["objectId"] for each in log["events"] for to in each["relationships"]} <= found.keys()
    assert len({each["id"] for each in log["events"]}) == len(log["events"])


def test_each_national_table_is_a_file_with_its_columns(house, tmp_path):
    _write_tables(paging.tables(house.client.ask), tmp_path / "upload")

    files = {each.name: each.read_text("utf-8-sig").splitlines() for each in (tmp_path / "upload").iterdir()}
    assert files.keys() == {f"{table}.csv" for table in next(paging.tables(house.client.ask)).columns}
    assert files["up_pro_accept.csv"][0].startswith("project_no,task_code")
    assert len(files["up_pro_accept.csv"]) > 1


def test_an_export_narrowed_to_nothing_is_an_empty_log(house):
    before = house.client.ask(ExportLog())["size"]  # the house goes on meanwhile
    page = next(paging.log(house.client.ask, theme="NONE"))

    assert (page.objects, page.events, page.after) == ((), (), None)
    assert before <= page.size <= house.client.ask(ExportLog())["size"]


def test_what_breaks_off_leaves_no_file(tmp_path):
    kept = tmp_path / "log.json"
    kept.write_text("of yesterday")

    def chunks():
        yield b"{"
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        _write(chunks(), kept)

    assert kept.read_text() == "of yesterday"
    assert [each.name for each in tmp_path.iterdir()] == ["log.json"]


@pytest.mark.slow
def test_the_command_writes_a_file_once(onething, tmp_path):
    data = ("--data-dir", tmp_path / "data")

    made = onething("export", "ocel", "--format", "sqlite", "--to", tmp_path / "log.sqlite", *data)
    again = onething("export", "ocel", "--format", "sqlite", "--to", tmp_path / "log.sqlite", *data)

    assert made.returncode == 0, made.stderr
    with sqlite3.connect(tmp_path / "log.sqlite") as db:
        assert db.execute("SELECT count(*) FROM event").fetchone() == (0,)
    assert again.returncode == 2
