"""``onething replay``, ``diff`` and ``windows``: a case as of any instant or fact, two of them compared, everything
replayed in two interpreters, and all windows as they stood."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from console.cases import Case, client_of
from console.configuration import DataDir, configured, log_to_stderr
from console.history import Happened, difference, facts_of, replayed, state_hash
from console.output import AsJson, Exit, instant, local_time, notes, screen, show, table
from console.services import SERVICES
from contracts.casefile import Explain, Why, WindowsAt
from eventing.client import Client
from eventing.errors import NotFound

KEPT = "replay-check.json"
"""In the data directory: what of a check is done."""


def replay(  # noqa: PLR0917 - options of a command line
    case: Annotated[
        str, typer.Argument(metavar="[CASE]", help="案件编号或 id · a case's number or id; none with --check")
    ] = "",
    at: Annotated[
        str,
        typer.Option("--at", metavar="INSTANT", help="截至时刻 · up to this instant, e.g. 2026-03-02T09:30:00+08:00"),
    ] = "",
    facts: Annotated[
        int, typer.Option("--facts", metavar="N", min=0, help="截至第几个事实 · up to the N-th fact of its history")
    ] = 0,
    check: Annotated[
        bool, typer.Option("--check", help="全部重放并核对 · replay everything in two interpreters and compare")
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            exists=True,
            help="另一个 Python 环境 · with --check: another environment with onething, by its folder or interpreter",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="接着上次 · go on where a check was interrupted")] = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="同时几段 · so many segments at once")] = 2,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """重放 · a case's state as of any instant, folded by the services' own aggregates, and a hash of it.

    With --check, every stream of every service: it exits with 1 and names the first fact after which something differs.
    """
    if check == bool(case) or (against and not check):
        raise typer.BadParameter("请给出案件，或者 --check · name a case, or say --check; --against goes with --check")
    if check:
        _check(against, resume=resume, jobs=jobs, as_json=as_json, data_dir=data_dir)
        return
    with client_of(data_dir) as client:
        states, number, until = _as_of(client, case, at or (str(facts) if facts else ""))
    value = {"case": case, "at": until, "facts": number, "states": states, "state_hash": state_hash(states)}
    show(value, as_json=as_json, words=_states)


def diff(
    case: Case,
    before: Annotated[str, typer.Argument(metavar="A", help="时刻或第几个事实 · an instant, or the number of a fact")],
    after: Annotated[str, typer.Argument(metavar="B", help="时刻或第几个事实 · another one")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """对比 · what differs in a case between two instants or facts, value by value, in every service."""
    with client_of(data_dir) as client:
        (old, old_facts, _), (new, new_facts, _) = _as_of(client, case, before), _as_of(client, case, after)
    value = {
        "case": case,
        "facts": [old_facts, new_facts],
        "state_hashes": [state_hash(old), state_hash(new)],
        "changed": difference(old, new),
    }
    show(value, as_json=as_json, words=_changes)


def explain(  # noqa: PLR0917 - options of a command line
    case: Case,
    subject: Annotated[
        str,
        typer.Argument(metavar="[SUBJECT]", help="事项或材料 · an item, or a material; none: why it is not finished"),
    ] = "",
    lawful: Annotated[
        bool, typer.Option("--lawful", help="受理为何合法 · why the acceptance of the item was lawful")
    ] = False,
    at: Annotated[str, typer.Option("--at", metavar="INSTANT", help="截至时刻 · as of this instant")] = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """为什么 · why a case is not finished, an item is blocked, a material was asked, an acceptance was lawful.

    With the facts and rules that the answer takes, and no others.
    """
    if lawful and not subject:
        raise typer.BadParameter("请给出事项 · --lawful needs an item")
    until = instant(at) if at else None
    with client_of(data_dir) as client:
        whys: tuple[Why, ...] = ("lawful",) if lawful else ("blocked", "asked") if subject else ("unfinished",)
        found: dict[str, Any] = {}
        for why in whys:
            found = client.ask(Explain(case_id=case, why=why, subject=subject, until=until), attempts=5)
            if found["answer"] not in {"unknown", "not_asked"}:
                break
    show(found, as_json=as_json, words=_why)


def _why(found: dict[str, Any]) -> None:
    screen.print(f"{found['why']} {found['subject']}: {found['answer']}", style="bold", markup=False)
    for each in found["reasons"]:
        screen.print(f"• {each['said']['zh']}\n  {each['said']['en']}", markup=False, soft_wrap=True)
        for fact in each["facts"]:
            title = fact["title"]["zh"] or fact["topic"]
            where = f"{fact['chain']} {fact['seq']}"
            screen.print(f"    {local_time(fact['at'])} {title} {fact['by']} · {where}", markup=False, soft_wrap=True)
        for rule in each["rules"]:
            where = " ".join(filter(None, (rule["source"], rule["catalogue"], rule["item"])))
            screen.print(f"    § {where}: {rule['said']['zh']} · {rule['said']['en']}", markup=False, soft_wrap=True)


def windows(  # noqa: PLR0917 - options of a command line
    at: Annotated[str, typer.Argument(metavar="INSTANT", help="时刻 · an instant, e.g. 2026-03-02T09:30:00+08:00")],
    hall: Annotated[list[str] | None, typer.Option("--hall", help="大厅 · this hall; may be repeated")] = None,
    below: Annotated[bool, typer.Option("--below", help="含下级大厅 · and the halls below")] = False,
    region: Annotated[str, typer.Option("--region", help="区划 · all halls of a division, by its code")] = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """某时刻的窗口 · all windows as they stood at an instant, folded from the ledger, and a hash of it."""
    asked = WindowsAt(at=instant(at), halls=tuple(hall or ()), below=below, region=region)
    with client_of(data_dir) as client:
        found = client.ask(asked, attempts=5)
    show(found, as_json=as_json, words=_windows)


def _windows(found: dict[str, Any]) -> None:
    for hall in found["halls"]:
        closed = f" · 停用，由 {hall['replacement']} 代替 stands in" if hall["replacement"] else ""
        screen.print(f"{hall['hall']} {hall['name']}{closed}", style="bold", markup=False)
        table(
            ("窗口 window", "状态 state", "在岗 staff", "起始 since", "正在办理 serving", "暂停原因 reason"),
            (
                (
                    each["window"], each["state"], each["staff"], local_time(each["since"]) if each["since"] else "",
                    _served(each["serving"] or {}), each["reason"],
                )
                for each in hall["windows"]
            ),
        )  # fmt: skip
    screen.print(f"{len(found['halls'])} 个大厅 halls · {found['state_hash']}", style="bold", soft_wrap=True)


def _served(ticket: dict[str, Any]) -> str:
    return " ".join(filter(None, (ticket.get(name) for name in ("number", "state", "theme", "case"))))


def _as_of(client: Client, case: str, when: str) -> tuple[dict[str, dict[str, Any]], int, datetime | None]:
    """The states as of an instant, or of the so-manieth fact; empty: now. Raises NotFound before the first fact."""
    until = instant(when) if when and not when.isdecimal() else None
    happened: list[Happened] = facts_of(client, case, until=until)
    if when.isdecimal():
        happened = happened[: int(when)]
    if not happened:
        raise NotFound(what="case as of then", id=f"{case} @ {when}")
    return replayed(happened), len(happened), until


def _states(value: dict[str, Any]) -> None:
    for name, state in value["states"].items():
        screen.print(f"{_title(name)} {name}", style="bold", markup=False)
        for key, part in state.items():
            if part not in (None, "", {}, [], ()):
                screen.print(f"  {key}: {_text(part)}", markup=False, soft_wrap=True)
    screen.print(f"{value['facts']} 个事实 facts · {value['state_hash']}", style="bold", soft_wrap=True)


def _title(name: str) -> str:
    return SERVICES[name].title if name in SERVICES else ""


def _text(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _changes(value: dict[str, Any]) -> None:
    if not value["changed"]:
        screen.print(f"没有差别 no difference · {value['state_hashes'][0]}", soft_wrap=True)
        return
    table(
        ("服务 service", "何处 where", "先前 before", "后来 after"),
        ((each.service, each.path, _text(each.before), _text(each.after)) for each in value["changed"]),
    )


def _check(against: Path | None, *, resume: bool, jobs: int, as_json: bool, data_dir: Path | None) -> None:
    from console.replaying import Checked, check, first_of, python_of
    from kernel.digests import canonical, digest

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)

    def say(done: int, total: int, found: Checked) -> None:
        mark = "✗" if found.differences else "✓"
        notes.print(f"{done}/{total} {found.service}/{found.segment} {found.facts:,} {mark}", markup=False)

    found = check(
        settings.database_url_for,
        against=python_of(against) if against else "",
        kept=Path(settings.data_dir) / KEPT,
        resume=resume,
        jobs=jobs,
        say=say,
    )
    first = first_of(found)
    value = {
        "equal": first is None,
        "facts": sum(each.facts for each in found),
        "streams": sum(each.streams for each in found),
        "state_hash": digest(canonical([(each.service, each.segment, each.state_hash) for each in found])),
        "differing": sum(len(each.differences) for each in found),
        "first": first,
    }
    show(value, as_json=as_json, words=_verdict)
    if first is not None:
        raise typer.Exit(Exit.REFUSED)


def _verdict(value: dict[str, Any]) -> None:
    first = value["first"]
    if first is None:
        screen.print(
            f"[green]✓[/] 两次重放一致：{value['facts']:,}个事实，{value['streams']:,}条流\n"
            f"  both replays agree: {value['facts']:,} facts in {value['streams']:,} streams\n  {value['state_hash']}",
            soft_wrap=True,
        )
        return
    screen.print(
        f"[red]✗[/] {value['differing']}条流重放不一致 streams differ; 第一处 the first: "
        f"{first.service}/{first.segment}/{first.position} {first.topic}",
        soft_wrap=True,
    )
    there = "运行中的快照 the snapshot in use" if first.live else "另一环境 the other environment"
    for name, said in (
        ("流 stream", f"{first.stream} {first.version}"), ("时间 at", first.at),
        ("此处 here", first.here), (there, first.there),
    ):  # fmt: skip
        screen.print(f"  {name}: {said}", markup=False, soft_wrap=True)
