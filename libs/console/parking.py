"""``onething parked``: cases that wait behind a fact that could not be followed, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from console.configuration import DataDir, configured, log_to_stderr
from console.house import INSIDE
from console.output import AsJson, local_time, notes, show, table
from eventing.client import Client
from eventing.errors import NotFound

app = typer.Typer(help="暂停的案件 · parked cases: list, redrive, discard", no_args_is_help=True)

Case = Annotated[str, typer.Argument(metavar="CASE", help="案件 · the parked stream, as `list` shows it")]
Service = Annotated[
    str,
    typer.Option("--service", help="服务 · only this service; without it every service where the case is parked"),
]


@contextmanager
def _client(data_dir: Any) -> Iterator[Client]:
    from console.house import entered

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    with entered(settings) as house:
        yield house.client


def parked(client: Client, only: str = "") -> list[dict[str, Any]]:
    """Every parked fact of every service that follows a log."""
    return [fact for name in ([only] if only else INSIDE) for fact in client.operate(name, "parked")]


@app.command("list")
def listed(only: Service = "", as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """列出 · which cases are parked, where, since when, and why."""
    with _client(data_dir) as client:
        found = parked(client, only)
    show(found, as_json=as_json, words=_table)


def _table(found: list[dict[str, Any]]) -> None:
    if not found:
        notes.print("没有暂停的案件 · nothing is parked")
        return
    table(
        ("服务 service", "案件 case", "事实 fact", "自 since", "原因 why", "已要求 wish"),
        (
            (each["service"], each["case"], f"{each['topic']} {each['fact']}", local_time(each["parked_at"]),
             each["error"], each.get("wish", ""))
            for each in found
        ),
    )  # fmt: skip


@app.command()
def redrive(case: Case, only: Service = "", data_dir: DataDir = None) -> None:
    """重办 · try a case's parked facts again, in order."""
    with _client(data_dir) as client:
        for name in _where(client, case, only):
            client.operate(name, "redrive", case=case)
            notes.print(f"[green]✓[/] {name}: 已要求重办 will be tried again")


@app.command()
def discard(
    case: Case,
    reason: Annotated[str, typer.Option("--reason", help="理由，记入历史 · why; it is recorded")],
    only: Service = "",
    data_dir: DataDir = None,
) -> None:
    """放弃 · give a case's parked facts up; their consequences will never happen."""
    with _client(data_dir) as client:
        for name in _where(client, case, only):
            client.operate(name, "discard", case=case, reason=reason)
            notes.print(f"[green]✓[/] {name}: 已要求放弃 will be given up")


def _where(client: Client, case: str, only: str) -> list[str]:
    names = list(dict.fromkeys(fact["service"] for fact in parked(client, only) if fact["case"] == case))
    if not names:
        raise NotFound(what="parked case", id=case)
    return names
