"""``onething insight``: numbers from elsewhere come in; what is counted is made anew from the logs and compared."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import to_builtins

from console.configuration import DataDir, configured, log_to_stderr
from console.output import AsJson, Exit, notes, show
from contracts.insight import ImportNumbers
from contracts.language import Caller, Note
from eventing.client import Client
from kernel.digests import digest

app = typer.Typer(help="运行分析 · numbers from elsewhere", no_args_is_help=True)

READER = Caller(by="insight", roles=("service",))
PULLED = 1000
"""Facts that are pulled at once."""
REPORTER = Caller(by="operator", roles=("operator",))


@app.callback()
def insight() -> None:
    """运行分析 · numbers from elsewhere."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV 文件 · kind,begins,ends,value,…")],
    source: Annotated[str, typer.Option("--source", help="数据来源 · whose numbers they are")],
    dated_on: Annotated[datetime, typer.Option("--dated", formats=["%Y-%m-%d"], help="数据日期 · of which day")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """导入填报数据 · numbers of a CSV file: base populations, key items, single-item cases, contacts, complaints.

    Rows that cannot be read are told with their lines; the others are taken in. The same file again changes nothing.
    """
    from console.house import entered

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    text = file.read_text(encoding="utf-8-sig")
    on: date = dated_on.date()
    name = digest(f"{text}\0{source}\0{on}".encode()).removeprefix("sha256:")[:32]
    with entered(settings) as house:
        told = (
            house.client.as_(REPORTER)
            .command(ImportNumbers(report=f"file-{name}", source=source, dated_on=on, csv=text), id=f"import-{name}")
            .value
        )
    show(told, as_json=as_json, words=_words)


@app.command()
def check(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """从日志重算并核对 · makes every observation anew from the services' logs, and compares hashes, while all goes on.

    It exits with 1 when a segment differs from what stands.
    """
    from console.house import entered

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    with entered(settings) as house:
        found = list(_compared(house.client.as_(READER), settings.database_url_for("insight")))
    show(found, as_json=as_json, words=_verdict)
    if not all(each["is_equal"] for each in found):
        raise typer.Exit(Exit.REFUSED)


@app.command()
def rebuild(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """从日志重建并替换 · makes all observations anew beside those that stand, and puts them in their place at once.

    Everything goes on meanwhile; whoever writes waits for the last moment. Run it after an upgrade that counts more. It
    connects as prepare does. Segments that were not the same are named; they are mended by it.
    """
    from console.house import entered
    from eventing.store import Store
    from insight.renewing import Renewing
    from insight.service import Insight

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    store = Store("insight", settings.database_url_for("insight"), pool_size=1)
    try:
        with entered(settings) as house:
            client = house.client.as_(READER)
            renewing = Renewing(
                store,
                lambda segment, upto: _log(client, *segment, upto),
                guarded=Insight.append_only,
                role=settings.database_role.replace("{service}", "insight"),
            )
            told = renewing.run(
                lambda done, of, each: notes.print(
                    f"{done}/{of} {each.service}/{each.segment} {each.facts} {'✓' if each.is_equal else '✗'}"
                )
            )
    finally:
        store.close()
    show(to_builtins(told) | {"is_equal": told.is_equal}, as_json=as_json, words=_renewed)


def _renewed(told: dict[str, Any]) -> None:
    rate = told["facts"] / told["seconds"] if told["seconds"] else 0
    notes.print(
        f"{told['facts']} 条事实重建 facts made anew（{rate:,.0f}/s），"
        f"{len(told['differing'])} 段不符 segments differed，写入等待 writers waited {told['waited']} s"
    )


def _compared(client: Client, database: str) -> Iterator[dict[str, Any]]:
    """Segment by segment, with progress."""
    from eventing.store import Store
    from insight.rebuild import Learned, compare

    store = Store("insight", database, pool_size=1)

    try:
        learned = Learned.of(store.select)
        segments = learned.segments()
        for n, segment in enumerate(segments, start=1):
            each = compare(segment, _log(client, *segment, learned.last(segment)), learned, store.rows)
            notes.print(
                f"{n}/{len(segments)} {each.service}/{each.segment} {each.facts} {'✓' if each.is_equal else '✗'}"
            )
            yield to_builtins(each) | {"is_equal": each.is_equal}
    finally:
        store.close()


def _log(client: Client, service: str, segment: int, upto: int) -> Iterator[Note]:
    """A segment of a service's log from its beginning, as followers pull it."""
    position = 0
    while position < upto:
        sections = client.read_log(service, {segment: position}, PULLED)
        if not sections:
            return
        for _, _, reached, facts in sections:
            yield from facts
            position = reached


def _verdict(found: list[dict[str, Any]]) -> None:
    facts, wrong = sum(each["facts"] for each in found), sum(not each["is_equal"] for each in found)
    notes.print(f"{facts} 条事实重算 facts counted anew, {wrong} 段不符 segments differ")


def _words(told: dict[str, Any]) -> None:
    notes.print(f"已导入 {told['taken']} 条 numbers taken in")
    for row in told["refused"]:
        notes.print(f"第 {row['line']} 行 line {row['line']}: {row['field']} {row['value']!r}")
