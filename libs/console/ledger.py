"""``onething ledger`` and ``onething verify``: proofs to take away, and whether they hold."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from console.configuration import DataDir, configured, log_to_stderr
from console.output import AsJson, Exit, local_time, notes, screen, show, table
from console.verdicts import sentences
from contracts.casefile import (
    CaseProof,
    ConsistencyProof,
    ListTreeHeads,
    ProveCase,
    ProveConsistency,
    VerifyCase,
    VerifyLedger,
)
from contracts.language import Query
from kernel.notes import PublicKey

app = typer.Typer(help="存证 · proofs of the ledger: key, heads, export, consistency", no_args_is_help=True)

To = Annotated[Path | None, typer.Option("--to", help="写入文件 · write to this file", dir_okay=False)]


def _asked(query: Query, data_dir: Path | None) -> Any:
    from console.house import entered

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    with entered(settings) as house:
        return house.client.ask(query)


def _put(value: Any, to: Path | None) -> None:
    text = msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"
    if to is None:
        typer.echo(text, nl=False)
    else:
        to.write_text(text, encoding="utf-8")
        notes.print(f"[green]✓[/] {to}", soft_wrap=True)


@app.command()
def key(data_dir: DataDir = None) -> None:
    """公钥 · the public key that heads and proofs are checked with; give it away by a way of its own."""
    typer.echo(_asked(ListTreeHeads(newest=True), data_dir)["public_key"])


@app.command()
def heads(
    after: Annotated[int, typer.Option(min=0, help="只看更大的树 · only larger trees than this")] = 0,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="追加到文件 · write the signed texts to the end of this file", dir_okay=False),
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """签名树头 · the signed heads, oldest first; whoever keeps one can hold the house to it."""
    found = []
    more: int | None = after
    while more is not None:
        page = _asked(ListTreeHeads(after=more, limit=1000), data_dir)
        found += page["tree_heads"]
        more = page["after"]
    if to is not None:
        with to.open("a", encoding="utf-8") as file:
            file.writelines(f"{each['signed_note']}\n" for each in found)
        notes.print(f"[green]✓[/] {to}: {len(found)}", soft_wrap=True)
        return
    show(
        found,
        as_json=as_json,
        words=lambda _: table(
            ("事实数 size", "时间 at", "树根 root"),
            ((each["tree_size"], local_time(each["at"]), each["root_hash"]) for each in found),
        ),
    )


@app.command()
def export(
    case: Annotated[str, typer.Argument(metavar="CASE", help="案件编号或 id · a case's number or id")],
    to: To = None,
    data_dir: DataDir = None,
) -> None:
    """导出证明 · a case's history with its proofs, to be verified anywhere; personal data in it stays sealed."""
    _put(_asked(ProveCase(case_id=case), data_dir), to)


@app.command()
def consistency(
    old: Annotated[int, typer.Argument(metavar="OLD", min=1, help="先前树头的事实数 · the size of the earlier head")],
    new: Annotated[
        int, typer.Argument(metavar="[NEW]", min=0, help="后来树头的事实数；0 为最新 · of the later one; 0: newest")
    ] = 0,
    to: To = None,
    data_dir: DataDir = None,
) -> None:
    """一致性证明 · the proof that a later head continues an earlier one, to be verified anywhere."""
    _put(_asked(ProveConsistency(old_size=old, new_size=new), data_dir), to)


def public_key(given: str) -> PublicKey:
    """The key of a text, or of the file that it names. Raises BadParameter."""
    try:
        text = Path(given).read_text(encoding="utf-8") if Path(given).is_file() else given
        return PublicKey.read(text)
    except (ValueError, OSError) as error:
        raise typer.BadParameter(f"这不是公钥 · this is no public key: {given!r}") from error


def verify(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[CASE|FILE]",
            help="案件，或者证明文件；不写则为全部 · a case, or a proof's file; none: everything",
        ),
    ] = "",
    key: Annotated[
        str,
        typer.Option(
            "--key",
            metavar="KEY|FILE",
            help="公钥，验证文件时必需 · the public key; a file needs it",
        ),
    ] = "",
    head: Annotated[
        Path | None,
        typer.Option(
            "--head",
            help="您保存的先前树头 · the earlier head as you kept it",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """验证 · a case in the ledger, all of the ledger, or a proof in a file: that offline, with a public key alone."""
    if not what:
        found = _everything(data_dir)
    elif Path(what).is_file():
        if not key:
            raise typer.BadParameter("验证文件需要公钥 · a proof in a file needs the public key: --key")
        found = _offline(Path(what), public_key(key), head.read_text(encoding="utf-8") if head else "")
    else:
        found = _asked(VerifyCase(case_id=what), data_dir)
        found = {"verified": found["verified"], "wrong": found["wrong"], "at": found["broken_at"]} | {
            name: found[name] for name in ("length", "head")
        }
    show(found, as_json=as_json, words=_said)
    if not found["verified"]:
        raise typer.Exit(Exit.REFUSED)


def _everything(data_dir: Path | None) -> dict[str, Any]:
    from console.house import entered

    settings = configured(data_dir=data_dir)
    log_to_stderr(settings, quiet=True)
    with entered(settings) as house:
        found = house.client.ask(VerifyLedger())
        while found["verified"] and not found["done"]:
            notes.print(f"{found['checked']:,}", end="\r")
            found = house.client.ask(VerifyLedger(checked=found["checked"], peaks=found["peaks"]))
    return {
        "verified": found["verified"], "wrong": found["wrong"], "at": found["broken_at"],
        "case": found["case_id"], "leaf": found["leaf_index"], "length": found["checked"],
    }  # fmt: skip


def _offline(path: Path, key: PublicKey, kept: str) -> dict[str, Any]:
    from casefile.exports import check_case, check_consistency

    checks: dict[type[Any], Callable[[Any], Any]] = {
        CaseProof: lambda proof: check_case(proof, key),
        ConsistencyProof: lambda proof: check_consistency(proof, key, kept.strip() + "\n" if kept else ""),
    }
    for kind, check in checks.items():
        try:
            proof = msgspec.json.decode(path.read_bytes(), type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        return dict(msgspec.to_builtins(check(proof)))
    raise typer.BadParameter(f"这不是证明 · this is no proof: {path}")


def _said(found: dict[str, Any]) -> None:
    if found["verified"]:
        size, length = found.get("size"), found.get("length")
        zh = f"完整：{length}个事实都与写入时相同" if length else f"一致：先前的树完整地包含在{size}个事实的树中"
        en = f"whole: all {length} facts are what was written" if length else f"consistent, up to {size} facts"
        if length and size:
            zh, en = f"{zh}，并在{size}个事实的签名树中", f"{en}, and in the signed tree over {size} facts"
        screen.print(f"[green]✓[/] {zh}\n  {en}", soft_wrap=True)
        return
    zh, en = sentences(found["wrong"], found["at"])
    if "leaf" in found:
        where = " · ".join(f"{name} {found[name]}" for name in ("case", "leaf") if found[name] is not None)
        zh, en = f"{zh}（{where}）", f"{en} ({where})"
    screen.print(f"[red]✗[/] {zh}\n  {en}", soft_wrap=True)
