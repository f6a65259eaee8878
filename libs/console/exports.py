"""``onething export``: histories as files for process mining, and as the national upload tables."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import typer

from console.cases import client_of
from console.configuration import DataDir
from console.output import notes
from contracts.exports import TablePage
from contracts.insight import Provenance
from mining import ocel, paging, relational, tables, xes

app = typer.Typer(help="导出 · histories as files, without personal data", no_args_is_help=True)

To = Annotated[
    Path | None, typer.Option("--to", help="写入文件 · write to this file, none: standard output", dir_okay=False)
]
Theme = Annotated[str, typer.Option("--theme", help="主题 · only cases of this theme")]
Hall = Annotated[str, typer.Option("--hall", help="大厅 · only cases of this hall")]
Of = Annotated[
    Provenance, typer.Option("--provenance", help="来源 · our own cases, or those imported from other systems")
]
Size = Annotated[
    int,
    typer.Option("--size", min=0, help="截至第几个事实 · the ledger as it was with so many facts; 0: as it is"),
]


@app.command("ocel")
def ocel_(  # noqa: PLR0917 - options of a command line
    to: To = None,
    form: Annotated[Literal["json", "sqlite"], typer.Option("--format", help="格式 · the form of the file")] = "json",
    theme: Theme = "",
    hall: Hall = "",
    size: Size = 0,
    provenance: Of = "own",
    data_dir: DataDir = None,
) -> None:
    """对象中心事件日志 · OCEL 2.0: events about cases, items, materials, packets, certificates, windows, grants."""
    if form == "sqlite" and (to is None or to.exists()):
        raise typer.BadParameter("SQLite 要写入新文件 · an SQLite file is a new file: --to")
    with client_of(data_dir) as client:
        pages = paging.log(client.ask, theme=theme, hall=hall, size=size, provenance=provenance)
        if form == "sqlite" and to is not None:
            relational.write(to, pages)
            _done(to)
        else:
            _write(ocel.json(pages), to)


@app.command("xes")
def xes_(  # noqa: PLR0917 - options of a command line
    to: To = None,
    theme: Theme = "",
    hall: Hall = "",
    size: Size = 0,
    provenance: Of = "own",
    data_dir: DataDir = None,
) -> None:
    """事件日志 · XES (IEEE 1849): a trace for each case."""
    with client_of(data_dir) as client:
        _write(xes.xes(paging.log(client.ask, theme=theme, hall=hall, size=size, provenance=provenance)), to)


@app.command("csv")
def csv_(  # noqa: PLR0917 - options of a command line
    to: To = None,
    theme: Theme = "",
    hall: Hall = "",
    size: Size = 0,
    provenance: Of = "own",
    data_dir: DataDir = None,
) -> None:
    """事件表 · a line for each event."""
    with client_of(data_dir) as client:
        _write(tables.events(paging.log(client.ask, theme=theme, hall=hall, size=size, provenance=provenance)), to)


@app.command("national")
def national_(
    to: Annotated[Path, typer.Option("--to", help="写入目录 · a directory for the tables", file_okay=False)],
    theme: Theme = "",
    hall: Hall = "",
    size: Size = 0,
    data_dir: DataDir = None,
) -> None:
    """国家平台上报表 · the national upload tables, a CSV file each; columns with personal data are empty."""
    with client_of(data_dir) as client:
        _write_tables(paging.tables(client.ask, theme=theme, hall=hall, size=size), to)
    _done(to)


def _write_tables(pages: Iterator[TablePage], to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        first = next(pages)
        written = {table: tables.Table(columns) for table, columns in first.columns.items()}
        files = {table: stack.enter_context(_opened(to / f"{table}.csv")) for table in written}
        for table, made in written.items():
            files[table].write(made.head())
        for page in chain((first,), pages):
            for table, made in written.items():
                files[table].write(made.lines(page.rows[table]))


def _write(chunks: Iterable[bytes], to: Path | None) -> None:
    with _opened(to) as file:
        for chunk in chunks:
            file.write(chunk)
    if to is not None:
        _done(to)


@contextmanager
def _opened(to: Path | None) -> Iterator[BinaryIO]:
    """The file, which is whole or not there."""
    if to is None:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    beside = to.with_name(f".{to.name}.part")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(to)
    finally:
        beside.unlink(missing_ok=True)


def _done(to: Path) -> None:
    notes.print(f"[green]✓[/] {to}", soft_wrap=True)
