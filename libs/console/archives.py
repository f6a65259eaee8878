"""``onething archive``: sealed packages of closed cases, what is due, and whether a package holds."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from console.cases import Case, client_of
from console.configuration import DataDir, configured
from console.ledger import public_key
from console.output import AsJson, Exit, local_time, notes, screen, show, table
from console.verdicts import archive_sentences, sentences
from contracts.archives import GetArchive, ListArchives, MakeArchive
from contracts.intake import GetCase
from eventing.client import Client
from eventing.errors import NotFound

app = typer.Typer(help="归档 · sealed packages of closed cases: make, list, show, verify", no_args_is_help=True)

LOOK = 0.5
"""Seconds between two looks whether a package is made."""


@app.command()
def make(
    case: Case,
    to: Annotated[
        Path | None, typer.Option("--to", help="同时存为文件 · also write it to this file", dir_okay=False)
    ] = None,
    patience: Annotated[float, typer.Option(help="等待秒数 · seconds to wait for it")] = 60.0,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """归档 · have the package of a closed case made, or a later edition with what has happened since."""
    with client_of(data_dir) as client:
        case_id = client.ask(GetCase(case_id=case))["case_id"]
        before = _newest(client, case_id)
        client.command(MakeArchive(case_id=case_id))
        end = time.monotonic() + patience
        while _newest(client, case_id) == before:
            if time.monotonic() > end:
                notes.print("[yellow]![/] 已受理，尚未制成 · asked for, and not made yet")
                raise typer.Exit(Exit.UNAVAILABLE)
            time.sleep(LOOK)
        found = client.ask(GetArchive(case_id=case_id))
    if to is not None:
        _save(found["row"]["digest"], to, data_dir)
    show(found, as_json=as_json, words=_told)


def _newest(client: Client, case_id: str) -> tuple[int, str]:
    """The edition of the last package, and when it was made; 0 where none was."""
    try:
        packages = client.ask(GetArchive(case_id=case_id))["packages"]
    except NotFound:
        packages = ()
    return (packages[-1]["edition"], packages[-1]["at"]) if packages else (0, "")


def _save(digest: str, to: Path, data_dir: Path | None) -> None:
    from contents import open_contents

    with to.open("wb") as file:
        file.writelines(open_contents(configured(data_dir=data_dir).contents_url).open(digest))
    notes.print(f"[green]✓[/] {to}", soft_wrap=True)


@app.command("list")
def list_(  # noqa: PLR0917 - options of a command line
    due: Annotated[bool, typer.Option("--due", help="只列待鉴定的 · only those whose term is over")] = False,
    state: Annotated[str, typer.Option("--state", help="requested, kept, due, approved, destroyed")] = "",
    hall: Annotated[str, typer.Option("--hall", help="大厅 · only cases of this hall")] = "",
    department: Annotated[str, typer.Option("--department", help="部门 · only cases of this department")] = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """档案清单 · archived cases, those whose term is over first; `--state destroyed` is the register."""
    states = ("", "requested", "kept", "due", "approved", "destroyed")
    wanted = "due" if due else state
    if wanted not in states:
        raise typer.BadParameter(f"没有这种状态 · there is no such state: {wanted}")
    found: list[Any] = []
    with client_of(data_dir) as client:
        after = ""
        while True:
            asked = ListArchives(state=wanted, hall=hall, department=department, after=after, limit=200)  # type: ignore[arg-type]
            page = client.ask(asked)
            found += page["archives"]
            after = page["after"]
            if not after:
                break
    show(found, as_json=as_json, words=lambda _: _listed(found))


STATES = {
    "requested": "待归档 requested",
    "kept": "保管中 kept",
    "due": "待鉴定 due",
    "approved": "待销毁 approved",
    "destroyed": "已销毁 destroyed",
}


def _listed(found: list[Any]) -> None:
    table(
        ("编号 number", "状态 state", "归档 archived", "保管至 kept until", "鉴定 appraised", "销毁 destroyed"),
        (
            (
                each["number"] or each["case_id"], STATES[each["state"]], local_time(each["archived_at"]), _until(each),
                each["approved_by"],
                f"{each['destroyed_by']} {local_time(each['destroyed_at'])}" if each["destroyed_by"] else "",
            )
            for each in found
        ),
    )  # fmt: skip
    if not found:
        notes.print("没有符合条件的档案 · there are none")


def _until(row: Any) -> str:
    return str(row["keep_until"] or ("永久 for ever" if row["edition"] else ""))


@app.command("show")
def show_(case: Case, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """展示 · terms, packages, appraisals and the destruction of an archived case."""
    with client_of(data_dir) as client:
        found = client.ask(GetArchive(case_id=case))
    show(found, as_json=as_json, words=_told)


def _told(found: Any) -> None:
    row = found["row"]
    screen.print(f"{row['number']} · {STATES[row['state']]} · 保管至 kept until {_until(row)}", style="bold")
    table(
        ("事项 item", "自 from", "起算 since", "年 years", "至 until", "依据 source"),
        (
            (
                each["item"], each["counted_from"], each["since"], each.get("years") or "永久", each.get("until") or "",
                "(占位 placeholder)" if each.get("placeholder") else each.get("source", ""),
            )
            for each in found["terms"]
        ),
    )  # fmt: skip
    table(
        ("版次 edition", "制成 made", "事实 facts", "文件 files", "字节 size", "SHA-256"),
        (
            (each["edition"], local_time(each["at"]), each["facts"], each["files"], each["size"], each["digest"])
            for each in found["packages"]
        ),
    )


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="归档包 · a package")],
    key: Annotated[str, typer.Option("--key", metavar="KEY|FILE", help="公钥 · the public key of the house")],
    as_json: AsJson = False,
) -> None:
    """验证归档包 · offline, with a public key alone: every byte, every file, every fact, every proof."""
    found = checked(file, key)
    show(found, as_json=as_json, words=said)
    if not found["verified"]:
        raise typer.Exit(Exit.REFUSED)


def checked(file: Path, key: str) -> dict[str, Any]:
    """What was found of a package, as plain data."""
    import msgspec

    from casefile.archiving.checking import check_archive

    return dict(msgspec.to_builtins(check_archive(file, public_key(key))))


def said(found: dict[str, Any]) -> None:
    """The verdict in plain words."""
    manifest, proof = found["manifest"], found["proof"]
    if found["verified"]:
        number, facts, files = manifest["number"], manifest["facts"], len(manifest["entries"]) - 2
        until = manifest["keep_until"] or "永久 for ever"
        zh = f"完整：案件{number}的{facts}个事实和{files}个文件都与封存时相同，保管至{until}"
        en = f"whole: all {facts} facts and {files} files of case {number} are what was sealed, kept until {until}"
        screen.print(f"[green]✓[/] {zh}\n  {en}", soft_wrap=True)
        return
    zh, en = archive_sentences(found["wrong"], found["entry"])
    if found["wrong"] == "proof" and proof:
        inner = sentences(proof["wrong"], proof["at"])
        zh, en = f"{zh}：{inner[0]}", f"{en}: {inner[1]}"
    screen.print(f"[red]✗[/] {zh}\n  {en}", soft_wrap=True)
