"""``onething import``: histories of other systems come in; ``onething imports``: what came in, and what did not."""

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from console.cases import client_of
from console.configuration import DataDir, configured
from console.importing import Imported, checked, taken
from console.output import AsJson, Exit, instant, local_time, notes, screen, show, table
from contracts.imported import ImportedCaseAt
from contracts.insight import (
    MOST_ROWS,
    GetIndicator,
    IndicatorTold,
    ListImportedCases,
    ListImports,
    ListQuarantine,
    Number,
    QuarantinedRow,
    QuarantinePage,
)
from contracts.words import terms
from eventing.client import Client
from kernel.clock import SystemClock, local_date
from mining import mapping as mappings
from mining.mapping import MappingInvalid
from mining.rows import FileRefused
from mining.tables import cell

app = typer.Typer(help="导入的历史 · histories of other systems", no_args_is_help=True)

BACK = timedelta(days=3650)
"""How far durations are compared, unless told otherwise."""


def import_(
    mapping: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="映射文件 · which column is what (YAML)")
    ],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="日志文件 · the log, CSV or XES")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查不导入 · read and count, and take nothing in")
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """导入其他系统的历史 · cases of other systems come in, apart from our own, with provenance imported.

    Rows that cannot be read are quarantined with reasons, the others are taken. The same again, or after an
    interruption, goes on where it was. It exits with 1 where rows are in quarantine, with 2 where the mapping is wrong.
    """
    try:
        read = mappings.read(mapping.read_text(encoding="utf-8-sig"))
        if dry_run:
            found = checked(read, mapping, file)
        else:
            with client_of(data_dir) as client:
                found = taken(client, read, mapping, file, configured(data_dir=data_dir).derived_key("imports"))
    except UnicodeDecodeError:
        _refuse(["映射文件不是 UTF-8 编码 the mapping is not UTF-8"])
    except MappingInvalid as error:
        _refuse(error.problems)
    except FileRefused as error:
        _refuse([str(error)])
    show(msgspec.to_builtins(found), as_json=as_json, words=lambda _: _tell(found))
    if found.counts.quarantined:
        raise typer.Exit(Exit.REFUSED)


def _refuse(problems: Sequence[str]) -> None:
    for each in problems:
        notes.print(f"[red]✗[/] {each}", soft_wrap=True)
    raise typer.Exit(Exit.USAGE)


def _tell(found: Imported) -> None:
    counts = found.counts
    how = "检查 checked" if found.is_dry else "此前已导入 was imported before" if found.was_there else "导入 imported"
    notes.print(f"[green]✓[/] {how} {found.source} {found.history}", soft_wrap=True)
    table(
        ("行 rows", "导入 taken", "略过 ignored", "隔离 quarantined"),
        [(counts.rows, counts.taken, counts.ignored, counts.quarantined)],
    )
    table(
        ("新案件 new cases", "续接 continued", "未变 unchanged", "新事件 new events"),
        [(counts.cases, counts.continued, counts.unchanged, counts.events)],
    )
    if found.reasons:
        _reasons(found.reasons)
        table(("行 row", "列 column", "原因 reason"), _lines(found.quarantine))
        notes.print(f"全部 all of them: onething imports quarantine {found.history}", soft_wrap=True)


def _reasons(reasons: dict[str, int]) -> None:
    screen.print("；".join(f"{_word(reason)} {rows}" for reason, rows in sorted(reasons.items())), markup=False)


def _lines(rows: Sequence[QuarantinedRow]) -> Iterator[tuple[Any, ...]]:
    return ((each.row, each.column, _word(each.reason)) for each in rows)


def _word(reason: str) -> str:
    words = terms().get(f"row-{reason}", {})
    return f"{words.get('zh', reason)} {words.get('en', '')}".strip()


Source = Annotated[str, typer.Option("--source", help="来源 · only of this source")]


@app.command("list")
def list_(source: Source = "", as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """列出 · imports, newest first, with their counts."""
    with client_of(data_dir) as client:
        found = client.ask(ListImports(source=source, limit=200))["imports"]
    show(found, as_json=as_json, words=_imports)


def _imports(found: list[dict[str, Any]]) -> None:
    table(
        ("导入 import", "来源 source", "开始 begun", "完成 finished", "行 rows", "隔离", "案件 cases", "事件"),
        (
            (
                each["history"], each["source"], local_time(each["begun_at"]),
                local_time(each["finished_at"]) if each["finished_at"] else "", each["counts"]["rows"],
                each["counts"]["quarantined"], each["counts"]["cases"], each["counts"]["events"],
            )
            for each in found
        ),
    )  # fmt: skip


@app.command("quarantine")
def quarantine(
    history: Annotated[str, typer.Argument(metavar="IMPORT", help="导入 · the import's id")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """未能导入的行 · rows that could not be taken, with reasons, as CSV."""
    with client_of(data_dir) as client:
        found = [*_quarantined(client, history)]
    show([msgspec.to_builtins(each) for each in found], as_json=as_json, words=lambda _: _as_csv(found))


def _quarantined(client: Client, history: str) -> Iterator[QuarantinedRow]:
    after = ""
    while True:
        asked = ListQuarantine(history=history, after=after, limit=MOST_ROWS)
        page = msgspec.convert(client.ask(asked), QuarantinePage)
        yield from page.rows
        if not (after := page.after):
            return


def _as_csv(found: Sequence[QuarantinedRow]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("row", "column", "reason", "说明"))
    writer.writerows(
        (each.row, cell(each.column), each.reason, terms().get(f"row-{each.reason}", {}).get("zh", ""))
        for each in found
    )


@app.command("cases")
def cases(  # noqa: PLR0917 - options of a command line
    source: Source = "",
    original: Annotated[str, typer.Option(help="原编号 · the case's number in that system")] = "",
    theme: Annotated[str, typer.Option(help="主题 · only this theme")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="条数 · at most so many")] = 50,
    after: Annotated[str, typer.Option(help="接上一页 · where the page before ended")] = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """列出案件 · imported cases, newest first."""
    with client_of(data_dir) as client:
        found = client.ask(ListImportedCases(source=source, original=original, theme=theme, limit=limit, after=after))
    show(found, as_json=as_json, words=_cases)


def _cases(found: dict[str, Any]) -> None:
    table(
        ("导入案件 case", "来源 source", "原编号 number", "主题 theme", "大厅 hall", "事件", "最早 first", "最晚 last"),
        (
            (
                each["imported"], each["source"], each["original"], each["theme"], each["hall"], each["events"],
                local_time(each["first_at"]), local_time(each["last_at"]),
            )
            for each in found["cases"]
        ),
    )  # fmt: skip
    if found["after"]:
        notes.print(f"下一页 next page: --after {found['after']}", markup=False)


@app.command("show")
def show_(
    case: Annotated[str, typer.Argument(metavar="CASE", help="导入案件 · an imported case's id")],
    at: Annotated[str, typer.Option("--at", metavar="INSTANT", help="截至时刻 · as of an instant of its own")] = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """重放 · an imported case as it stood, from the ledger; the last line is a hash over its history up to then."""
    until = instant(at) if at else None
    with client_of(data_dir) as client:
        found = client.ask(ImportedCaseAt(imported=case, at=until))
        told = found
        while told["after"] is not None:
            told = client.ask(ImportedCaseAt(imported=case, at=until, after=told["after"]))
            found["events"] += told["events"]
    show(found | {"after": None}, as_json=as_json, words=_case)


def _case(found: dict[str, Any]) -> None:
    screen.print(
        " · ".join(filter(None, (found["source"], found["original"], found["theme"], found["hall"]))),
        style="bold", markup=False,
    )  # fmt: skip
    table(
        ("事项 item", "状态 state", "部门 department", "受理 accepted", "决定 decided"),
        (
            (each["item"], each["state"], each["department"], *map(_local, (each["accepted_at"], each["decided_at"])))
            for each in found["items"]
        ),
    )
    table(
        ("时间 at", "环节 activity", "含义 means", "事项 items", "大厅 hall", "经办 by"),
        (
            (
                local_time(each["at"]), each["activity"], each["means"], " ".join(each.get("items", ())),
                each.get("hall", ""), each.get("resource", ""),
            )
            for each in found["events"]
        ),
    )  # fmt: skip
    screen.print(f"{found['length']} {found['state_hash']}", markup=False)


def _local(at: str | None) -> str:
    return local_time(at) if at else ""


Apart = Literal["theme", "item", "hall", "department", "month"]


@app.command("compare")
def compare(  # noqa: PLR0917 - options of a command line
    by: Annotated[Apart, typer.Option("--by", help="区分 · what durations are told apart by")] = "item",
    begins: Annotated[
        datetime | None, typer.Option("--begins", formats=["%Y-%m-%d"], help="起始日 · first day of decisions")
    ] = None,
    ends: Annotated[
        datetime | None, typer.Option("--ends", formats=["%Y-%m-%d"], help="截止日 · last day; today")
    ] = None,
    theme: Annotated[str, typer.Option(help="主题 · only this theme")] = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """比较时长 · working days from acceptance to decision: our own cases beside imported ones, by the same rule."""
    last = ends.date() if ends else local_date(SystemClock().now())
    first = begins.date() if begins else last - BACK
    with client_of(data_dir) as client:
        found = [*compared(client.ask, by, begins=first, ends=last, theme=theme)]
    show([msgspec.to_builtins(each) for each in found], as_json=as_json, words=lambda _: _durations(found))


class Durations(msgspec.Struct, frozen=True):
    """How long items of one group took; None: none was decided."""

    of: str
    own: Number | None
    imported: Number | None


def compared(ask: Callable[..., Any], by: Apart, **asked: Any) -> Iterator[Durations]:
    """Group by group."""
    own, others = (_net_days(ask, by=by, provenance=provenance, **asked) for provenance in ("own", "imported"))
    for of in sorted({*own, *others}):
        yield Durations(of, own.get(of), others.get(of))


def _net_days(ask: Callable[..., Any], **asked: Any) -> dict[str, Number]:
    told = msgspec.convert(ask(GetIndicator(indicator="handling_time", **asked), attempts=5), IndicatorTold)
    figure = next(each for each in told.figures if each.figure == "net_days")
    return {number.of: number for number in figure.numbers if number.value is not None}


def _durations(found: Sequence[Durations]) -> None:
    table(
        ("", "本系统 own", "件 items", "中位 median", "p95", "导入 imported", "件 items", "中位 median", "p95"),
        ((each.of or "—", *_spread(each.own), *_spread(each.imported)) for each in found),
    )


def _spread(number: Number | None) -> tuple[str, ...]:
    if number is None or number.value is None:
        return "—", "", "", ""
    told = (number.value, number.count or 0, number.spread.get("median", 0), number.spread.get("p95", 0))
    return tuple(f"{each:.1f}".removesuffix(".0") for each in told)
