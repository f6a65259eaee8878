"""``onething case``: cases, and their history."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from console.configuration import DataDir, configured, log_to_stderr
from console.output import AsJson, Exit, local_time, notes, screen, show, table
from console.services import SERVICES
from contracts.approval import GetBundle
from contracts.casefile import VerifyCase
from contracts.certificate import GetOutput
from contracts.intake import GetCase, ListCases
from contracts.routing import GetDistribution
from eventing.client import Client
from eventing.errors import NotFound

app = typer.Typer(help="案件 · cases: list, show, history", no_args_is_help=True)

Case = Annotated[str, typer.Argument(metavar="CASE", help="案件编号或 id · a case's number or id")]


@contextmanager
def client_of(data_dir: Path | None) -> Iterator[Client]:
    from console.house import entered

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    with entered(settings) as house:
        yield house.client


@app.command("list")
def listed(  # noqa: PLR0917 - options of a command line
    theme: Annotated[str, typer.Option(help="主题 · only this theme")] = "",
    hall: Annotated[str, typer.Option(help="大厅 · only this hall")] = "",
    status: Annotated[str, typer.Option(help="状态 · only this status")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="条数 · at most so many")] = 50,
    after: Annotated[str, typer.Option(help="接上一页 · where the page before ended")] = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """列出 · cases, newest first."""
    with client_of(data_dir) as client:
        found = client.ask(ListCases(theme=theme, hall=hall, status=status, limit=limit, after=after))
    show(found, as_json=as_json, words=_case_table)


def _case_table(found: dict[str, Any]) -> None:
    table(
        ("编号 number", "主题 theme", "状态 status", "结果 outcome", "大厅 hall", "开件 opened", "事项"),
        (
            (
                each["number"], each["theme"], each["status"], each["outcome"], each["hall"],
                local_time(each["opened_at"]), len(each["items"]),
            )
            for each in found["cases"]
        ),
    )  # fmt: skip
    if found["after"]:
        notes.print(f"下一页 next page: --after {found['after']}", markup=False)


@app.command("show")
def show_(case: Case, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """展示 · a case as every service knows it: acceptance, materials, reviews with their clocks, results."""
    with client_of(data_dir) as client:
        known = client.ask(GetCase(case_id=case))
        parts = {
            "case": known,
            "distribution": _part(client, GetDistribution(case_id=known["case_id"])),
            "bundle": _part(client, GetBundle(case_id=known["case_id"])),
            "output": _part(client, GetOutput(case_id=known["case_id"])),
        }
    show(parts, as_json=as_json, words=_case)


def _part(client: Client, query: GetDistribution | GetBundle | GetOutput) -> Any:
    try:
        return client.ask(query)
    except NotFound:
        return None


def _case(parts: dict[str, Any]) -> None:
    case, bundle, output = parts["case"], parts["bundle"], parts["output"]
    screen.print(
        " · ".join([*(case[name] for name in ("number", "theme", "status", "hall")), local_time(case["opened_at"])]),
        style="bold",
        markup=False,
    )
    reviews = {each["item"]: each for each in bundle["reviews"]} if bundle else {}
    table(
        ("事项 item", "受理 intake", "部门 handler", "审批 review", "期限 due", "等待 waits for"),
        (
            (
                item, state, reviews.get(item, {}).get("handler", ""), reviews.get(item, {}).get("state", ""),
                reviews.get(item, {}).get("due_on"),
                " ".join(map(str, reviews.get(item, {}).get("waiting_for", ()))),
            )
            for item, state in case["items"].items()
        ),
    )  # fmt: skip
    if parts["distribution"]:
        table(
            ("材料包 packet", "事项 item", "送往 to", "介质 medium", "状态 state", "签收 signed"),
            (
                (
                    each["packet"],
                    each["item"],
                    each["to"],
                    each["medium"],
                    each["state"],
                    each.get("signed_by", ""),
                )
                for each in parts["distribution"]["packets"]
            ),
        )
    if output:
        table(
            ("结果 certificate", "名称 title", "编号 number", "状态 state"),
            (
                (each["issued"]["certificate"], each["issued"]["title"], each["issued"]["number"],
                 "rendered" if each["rendering"] else "issued")
                for each in output["certificates"]
            ),
        )  # fmt: skip


@app.command()
def history(
    case: Case,
    verify: Annotated[bool, typer.Option("--verify", help="复算哈希链 · recompute the case's hash chain")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """历史 · what happened in a case, in the ledger's order; with --verify a broken chain is a failure."""
    from console.history import facts_of

    with client_of(data_dir) as client:
        happened = facts_of(client, case)
        verified = client.ask(VerifyCase(case_id=case)) if verify else None
    value = {
        "facts": [
            {"service": each.service, "position": each.position, "topic": each.topic, "version": each.version,
             "fact": each.fact}
            for each in happened
        ],
        "verified": verified,
    }  # fmt: skip
    show(value, as_json=as_json, words=lambda _: _history(happened, verified))
    if verified is not None and not verified["verified"]:
        raise typer.Exit(Exit.REFUSED)


def _history(happened: list[Any], verified: dict[str, Any] | None) -> None:
    table(
        ("时间 at", "服务 service", "位置", "事实 fact", "何人 by", "名义 in name of", "授权 grant"),
        (
            (
                each.fact.at, SERVICES[each.service].title, each.position,
                each.topic.removeprefix("onething."),
                each.fact.by, each.fact.in_name_of, each.fact.acting_as,
            )
            for each in happened
        ),
    )  # fmt: skip
    if verified is not None:
        mark = "[green]✓ 哈希链完整 chain intact[/]" if verified["verified"] else "[red]✗ 哈希链断裂 chain broken[/]"
        screen.print(f"{mark} {msgspec.json.encode(verified).decode()}", soft_wrap=True)
