"""An outside reader opens our files and counts what we count. It is large: `tox -e mining`."""

import sqlite3
from collections import Counter
from pathlib import Path

import pm4py

from mining import ocel, relational, tables, xes
from testkit.eventlogs import pages

CASES, EVENTS = 30, 12


def test_ocel_in_both_forms_has_the_same_counts(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_bytes(b"".join(ocel.json(pages(CASES, EVENTS))))
    relational.write(tmp_path / "log.sqlite", pages(CASES, EVENTS))

    read = [
        pm4py.read_ocel2_json(str(tmp_path / "log.json")),
        pm4py.read_ocel2_sqlite(str(tmp_path / "log.sqlite")),
    ]

    with sqlite3.connect(tmp_path / "log.sqlite") as db:
        kinds = Counter(kind for (kind,) in db.execute("SELECT ocel_type FROM object"))
        links = db.execute("SELECT count(*) FROM event_object").fetchone()[0]
    for log in read:
        assert len(log.events) == CASES * EVENTS
        assert Counter(log.objects["ocel:type"]) == kinds == {"case": CASES, "item": CASES, "window": 1, "grant": 1}
        assert len(log.relations) == links == 4 * CASES * EVENTS
        assert len(log.o2o) == CASES
        assert len(log.object_changes) == 2 * CASES


def test_xes_and_csv_have_the_same_traces(tmp_path: Path) -> None:
    (tmp_path / "log.xes").write_bytes(b"".join(xes.xes(pages(CASES, EVENTS))))
    (tmp_path / "log.csv").write_bytes(b"".join(tables.events(pages(CASES, EVENTS))))

    log = pm4py.read_xes(str(tmp_path / "log.xes"))
    variants = pm4py.get_variants(log)

    assert (len(log), log["case:concept:name"].nunique()) == (CASES * EVENTS, CASES)
    assert list(variants.values()) == [CASES]
    assert (tmp_path / "log.csv").read_text("utf-8-sig").count("\n") == CASES * EVENTS + 1
