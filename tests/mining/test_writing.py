"""Files are what the standards say, tell the same in each form, and cost no memory."""

import csv
import io
import json
import sqlite3
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker
from lxml import etree

from contracts.exports import LogPage
from mining import ocel, relational, tables, xes
from testkit.eventlogs import pages

SCHEMAS = Path(__file__).parent / "schemas"


def ocel_of(found: Iterator[LogPage]) -> Any:
    return json.loads(b"".join(ocel.json(found)))


def ocel_faults(log: Any) -> list[str]:
    """What the schema of the standard finds wrong."""
    schema = json.loads((SCHEMAS / "ocel20-schema-json.json").read_bytes())
    return [error.message for error in Draft7Validator(schema, format_checker=FormatChecker()).iter_errors(log)]


def test_ocel_is_valid_and_every_object_is_told_once() -> None:
    log = ocel_of(pages(3))

    assert ocel_faults(log) == []
    assert Counter(each["id"] for each in log["objects"]).most_common(1)[0][1] == 1
    assert {each["type"] for each in log["objects"]} == {"case", "item", "window", "grant"}
    known = {each["id"] for each in log["objects"]}
    assert {to["objectId"] for each in log["events"] for to in each["relationships"]} <= known
    declared = {each["name"]: {a["name"]: a["type"] for a in each["attributes"]} for each in log["eventTypes"]}
    assert declared["ItemsAccepted"]["deemed"] == "boolean"
    assert declared["CaseOpened"]["seq"] == "integer"


def test_an_empty_log_is_valid_too() -> None:
    assert ocel_faults(ocel_of(iter(()))) == []


def test_the_first_value_holds_from_the_beginning_and_later_ones_since_they_were_said() -> None:
    case = next(each for each in ocel_of(pages(1))["objects"] if each["type"] == "case")

    states = [(each["value"], each["time"][:16]) for each in case["attributes"] if each["name"] == "state"]
    assert states == [
        ("open", "1970-01-01T00:00"), ('at <work> & "more"', "2026-07-23T05:00"), ("closed", "2026-07-23T06:00")
    ]  # fmt: skip


def test_the_relational_file_tells_the_same(tmp_path: Path) -> None:
    log = ocel_of(pages(5))
    relational.write(tmp_path / "log.sqlite", pages(5))

    with sqlite3.connect(tmp_path / "log.sqlite") as db:
        found = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in ("event", "object")}  # noqa: S608
        links = db.execute("SELECT * FROM event_object").fetchall()
        belongs = db.execute("SELECT * FROM object_object").fetchall()
        states = db.execute(
            "SELECT ocel_time, ocel_changed_field, state FROM object_case WHERE ocel_id = 'case:c0' ORDER BY 1"
        ).fetchall()
        (deemed,) = db.execute("SELECT deemed FROM event_ItemsAccepted WHERE ocel_id = 'intake/0/1'").fetchone()
    assert sorted(found["event"]) == sorted((each["id"], each["type"]) for each in log["events"])
    assert sorted(found["object"]) == sorted((each["id"], each["type"]) for each in log["objects"])
    assert sorted(links) == sorted(
        (each["id"], to["objectId"], to["qualifier"]) for each in log["events"] for to in each["relationships"]
    )
    assert sorted(belongs) == sorted(
        (each["id"], to["objectId"], to["qualifier"]) for each in log["objects"] for to in each.get("relationships", ())
    )
    assert [(field, state) for _, field, state in states] == [
        (None, "open"), ("state", 'at <work> & "more"'), ("state", "closed")
    ]  # fmt: skip
    assert deemed == 1


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "log.sqlite").write_text("mine")

    with pytest.raises(FileExistsError):
        relational.write(tmp_path / "log.sqlite", pages(1))


def test_xes_is_valid_and_has_a_trace_for_each_case() -> None:
    document = b"".join(xes.xes(pages(3)))

    tree = etree.fromstring(document)
    etree.XMLSchema(etree.parse(SCHEMAS / "xes-ieee-1849-2016.xsd")).assertValid(tree)
    assert len(tree.findall("trace")) == 3
    assert len(tree.findall("trace/event")) == 12
    (state,) = tree[-1].xpath("string[@key='state']/@value")
    assert state == "closed"


def test_characters_that_xml_does_not_know_do_not_spoil_it() -> None:
    assert etree.fromstring(xes._attribute("k", "string", 'a\0b\x1b<"&>')).get("value") == 'a�b�<"&>'


def test_csv_has_a_line_for_each_event_and_no_formulas() -> None:
    text = b"".join(tables.events(pages(2))).decode("utf-8-sig")

    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == 8
    assert lines[1]["title"] == "受理"
    assert lines[1]["item"] == "CY01"
    made = tables.Table(["a"])
    assert made.lines([{"a": "=cmd()"}, {"a": "-1"}]) == b"'=cmd()\r\n'-1\r\n"


WRITERS: dict[str, Callable[[Iterator[LogPage]], Iterator[bytes]]] = {
    "ocel": ocel.json, "xes": xes.xes, "csv": tables.events
}  # fmt: skip


@pytest.mark.parametrize("writer", WRITERS)
def test_a_longer_log_takes_no_more_memory(writer: str) -> None:
    def peak(cases: int) -> int:
        tracemalloc.start()
        for _ in WRITERS[writer](pages(cases, 12)):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(2)
    short, long = peak(10), peak(100)

    assert long < short + 50_000, (short, long)
