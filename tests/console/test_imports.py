"""``onething import``: a file comes in once, goes on where it was interrupted, and is never among our own."""

import csv as csv_module
import io
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest

from console.bench import Plan, Run
from console.importing import AT_ONCE, Importing, checked, taken
from console.imports import _as_csv, _durations, _quarantined, compared
from contracts.approval import GetBundle
from contracts.exports import ExportLog
from contracts.imported import ImportedCaseAt
from contracts.insight import GetImport, GetIndicator, ImportCase, ListImportedCases, QuarantinedRow
from contracts.language import Command
from eventing.errors import NotFound, Unavailable
from mining import mapping, paging, tables, xes
from testkit.house import eventually

KEY = b"k" * 32
MAPPING = """
source: {source}
title: 旧审批系统
format: csv
columns: {{case: 编号, activity: 环节, at: 时间, item: 事项, theme: 主题, hall: 大厅}}
activities: {{受理: accepted, 准予: granted, 办结: closed}}
"""
HEAD = "编号,环节,时间,事项,主题,大厅,申请人\n"


def lines(cases: int, first: int = 0) -> str:
    return "".join(
        f"2019-{n:05},受理,2019-03-04 09:30,CY03,CY,county,张三\n"
        f"2019-{n:05},准予,2019-03-08 16:00,CY03,CY,county,张三\n"
        for n in range(first, first + cases)
    )


class Files:
    """A mapping and a log."""

    def __init__(self, folder: Path, source: str) -> None:
        self.named, self.file = folder / "mapping.yaml", folder / "log.csv"
        self.named.write_text(MAPPING.format(source=source), "utf-8")

    def taken(self, client, text: str):
        self.file.write_text(HEAD + text, "utf-8")
        return taken(client, mapping.read(self.named.read_text("utf-8")), self.named, self.file, KEY)


@pytest.fixture
def files(tmp_path, request):
    return Files(tmp_path, request.node.name.replace("_", "-")[:40])


def known(client, source: str) -> int:
    found, after = 0, ""
    while True:
        page = client.ask(ListImportedCases(source=source, limit=500, after=after))
        found += len(page["cases"])
        if not (after := page["after"]):
            return found


def test_a_file_comes_in_once_and_what_was_added_to_it_goes_on(house, files):
    wrong = "2019-00007,盖章,2019-03-05 09:30,CY03,CY,county,张三\n"

    once = files.taken(house.client, lines(3) + wrong)
    again = files.taken(house.client, lines(3) + wrong)
    more = files.taken(house.client, lines(4) + "2019-00000,办结,2019-03-09 09:30,,CY,county,张三\n")

    counts = once.counts
    assert (counts.rows, counts.taken, counts.quarantined, counts.cases, counts.events) == (7, 6, 1, 3, 6)
    assert once.reasons == {"activity": 1}
    assert [(each.row, each.column) for each in _quarantined(house.client, once.history)] == [(8, "环节")]
    assert again.was_there
    assert (again.counts, again.reasons) == (once.counts, once.reasons)
    counts = more.counts
    assert (counts.cases, counts.continued, counts.unchanged, counts.events) == (1, 1, 2, 3)
    assert known(house.client, once.source) == 4


def test_an_import_that_was_interrupted_goes_on_where_it_was(house, files, monkeypatch):
    class Breaking:
        """A house that breaks off in the second stretch."""

        def __init__(self, client, left):
            self.client, self.left, self.ask = client, left, client.ask

        def command(self, command: Command, **more):
            if isinstance(command, ImportCase):
                if not self.left:
                    raise Unavailable(what="insight")
                self.left -= 1
            return self.client.command(command, **more)

    with pytest.raises(Unavailable):
        files.taken(Breaking(house.client, AT_ONCE + 10), lines(AT_ONCE + 30))
    sent = []
    whole = Importing._take
    monkeypatch.setattr(Importing, "_take", lambda self, case: sent.append(case.original) or whole(self, case))

    done = files.taken(house.client, lines(AT_ONCE + 30))

    assert len(sent) == 30, "what was noted as done is not sent again"
    assert (done.counts.cases, done.counts.events) == (AT_ONCE + 30, 2 * AT_ONCE + 60)
    assert known(house.client, done.source) == AT_ONCE + 30
    told = house.client.ask(GetImport(history=done.history))
    assert (told["state"], told["counts"]["cases"]) == ("finished", AT_ONCE + 30)


def test_a_case_that_is_refused_is_in_quarantine_with_all_its_rows(house, files):
    files.taken(house.client, lines(1))

    told = files.taken(house.client, lines(1).replace(",CY,", ",XSE,").replace("准予", "办结") + lines(1, first=1))

    assert (told.counts.taken, told.counts.quarantined, told.counts.cases) == (2, 2, 1)
    found = [(each.row, each.reason) for each in _quarantined(house.client, told.history)]
    assert found == [(2, "refused"), (3, "refused")]


def test_a_dry_run_counts_and_keeps_nothing(house, files):
    files.file.write_text(HEAD + lines(2) + "x\n", "utf-8")

    told = checked(mapping.read(files.named.read_text("utf-8")), files.named, files.file)

    assert (told.is_dry, told.counts.rows, told.counts.taken, told.counts.quarantined) == (True, 5, 4, 1)
    assert (told.counts.cases, told.counts.events) == (2, 4)
    assert known(house.client, told.source) == 0


def test_a_column_named_like_a_formula_is_none_to_a_spreadsheet(capsys):
    _as_csv([QuarantinedRow(2, "missing", "=HYPERLINK(A1)"), QuarantinedRow(3, "missing", "环节")])

    columns = [row["column"] for row in csv_module.DictReader(io.StringIO(capsys.readouterr().out))]
    assert columns == ["'=HYPERLINK(A1)", "环节"]


def test_durations_of_ours_and_theirs_stand_beside_each_other(house, files, capsys):
    files.taken(house.client, lines(3).replace("CY03", "CY07"))  # what no other test's cases are of
    period = {"begins": date(2019, 1, 1), "ends": date(2019, 12, 31)}

    def theirs():
        return [each for each in compared(house.client.ask, "item", **period) if each.of == "CY07" and each.imported]

    eventually(lambda: [each.imported.count for each in theirs()] == [3])

    (found,) = theirs()
    assert (found.own, found.imported.value) == (None, 4)
    _durations([found])
    assert capsys.readouterr().out.split()[-6:] == ["CY07", "—", "4", str(found.imported.count), "4", "4"]


ROUND = """
source: {source}
format: {form}
others: keep
columns: {columns}
activities: {{ItemsAccepted: accepted, ReviewGranted: granted, ReviewDenied: denied}}
"""
OURS = {
    "csv": "{case: case_id, activity: activity, at: timestamp, item: item}",
    "xes": '{case: "case:concept:name", activity: "concept:name", at: "time:timestamp", item: "object:item"}',
}


def ours(house, size: int) -> dict[str, list[tuple[str, str]]]:
    """Our own cases, with so many facts in the ledger: activities and instants."""
    found: dict[str, list[tuple[str, str]]] = {}
    for page in paging.log(house.client.ask, size=size):
        for event in page.events:
            if event.case_id:
                found.setdefault(event.case_id, []).append((event.activity, event.at.isoformat()))
    return {case: sorted(events) for case, events in found.items()}


def of_cases(text: str) -> str:
    """A table without the lines of windows and grants, which belong to no case."""
    rows = [row for row in csv_module.DictReader(io.StringIO(text)) if row["case_id"]]
    made = io.StringIO()
    writer = csv_module.DictWriter(made, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()


def net_days(house, provenance: str):
    """How long the items took that were decided lately, and how many they were."""
    told = house.client.ask(GetIndicator(indicator="handling_time", provenance=provenance))["figures"]
    (number,) = next(each["numbers"] for each in told if each["figure"] == "net_days")
    return number["value"], number["count"]


def test_what_we_exported_comes_in_again_with_the_same_cases_events_and_instants(house, tmp_path):
    run = Run(house.client, Plan(cases=1, concurrency=1))
    run.drive(lambda: None)
    decided = len(house.client.ask(GetBundle(case_id=run.ids[0]))["reviews"])
    eventually(lambda: sum(each[0] == "ReviewGranted" for each in ours(house, 0).get(run.ids[0], ())) == decided)
    size = house.client.ask(ExportLog())["size"]
    cases = ours(house, size)
    named = tmp_path / "mapping.yaml"
    for form, write in (("csv", tables.events), ("xes", xes.xes)):
        file = tmp_path / f"log.{form}"
        file.write_bytes(b"".join(write(paging.log(house.client.ask, size=size))))
        if form == "csv":
            file.write_text(of_cases(file.read_text("utf-8-sig")), "utf-8")
        named.write_text(ROUND.format(source=f"ours-{form}", form=form, columns=OURS[form]), "utf-8")

        told = taken(house.client, mapping.read(named.read_text("utf-8")), named, file, KEY)

        assert told.counts.quarantined == 0
        assert (told.counts.cases, told.counts.events) == (len(cases), sum(map(len, cases.values())))
        eventually(partial(all_told, house, f"ours-{form}"))  # casefile follows
        assert again(house, f"ours-{form}") == cases
        if form == "csv":  # counted by the same rules they took as long
            eventually(lambda: net_days(house, "imported") == net_days(house, "own"))
    assert ours(house, 0).keys() == cases.keys(), "an export of ours has no imported case"


def all_told(house, source: str) -> bool:
    """Whether casefile knows all cases of a source by now."""
    try:
        return bool(again(house, source))
    except NotFound:
        return False


def again(house, source: str) -> dict[str, list[tuple[str, str]]]:
    """The cases of a source, by the names that they have there."""
    found = {}
    for row in house.client.ask(ListImportedCases(source=source, limit=500))["cases"]:
        events = house.client.ask(ImportedCaseAt(imported=row["imported"], limit=2000))["events"]
        found[row["original"]] = sorted(
            (each["activity"], datetime.fromisoformat(each["at"]).isoformat()) for each in events
        )
    return found


def test_a_wrong_mapping_is_told_with_all_that_is_wrong(typed, tmp_path):
    named, file = tmp_path / "mapping.yaml", tmp_path / "log.csv"
    named.write_text("source: a b\nformat: csv\n", "utf-8")
    file.write_text(HEAD, "utf-8")

    done = typed("import", named, file, "--dry-run")

    assert done.exit_code == 2
    assert done.stderr.count("✗") == 5
