"""``onething catalogue``: check, show, export, import and compare what cases consist of."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

import catalogue
from console.configuration import CatalogueDirs
from console.output import AsJson, Exit, emit, notes, screen, show, table

app = typer.Typer(help="目录数据 · the catalogue: themes, items, limits, materials", no_args_is_help=True)

Region = Annotated[
    str,
    typer.Option("--region", envvar="ONETHING_REGION", help="行政区划代码 · region (GB/T 2260)", metavar="CODE"),
]
On = Annotated[
    str,
    typer.Option("--on", help="哪一天有效 · the day whose editions count (default: today)", metavar="DATE"),
]
HOME = "990102"


def _loaded(region: str, on: str, directories: list[Path] | None) -> catalogue.Catalogue:
    try:
        day = date.fromisoformat(on) if on else date.today()  # noqa: DTZ011 - the day where the person sits
        return catalogue.load(region, on=day, extra=directories or ())
    except ValueError:
        raise typer.BadParameter(f"{on!r} is no date; 2026-03-02 is one") from None
    except catalogue.InvalidCatalogue as error:
        _complain(error.problems)
        raise typer.Exit(Exit.REFUSED) from None
    except catalogue.UnknownRegion:
        notes.print(f"[red]✗[/] 没有该区划的目录 · there is no catalogue for region {region}")
        raise typer.Exit(Exit.REFUSED) from None


def _complain(problems: tuple[str, ...]) -> None:
    for problem in problems:
        notes.print(f"✗ {problem}", style="red", markup=False, soft_wrap=True)


@app.command()
def check(region: Region = HOME, on: On = "", directories: CatalogueDirs = None, as_json: AsJson = False) -> None:
    """检查 · everything that is wrong with the catalogue; errors make it fail, warnings do not."""
    loaded = _loaded(region, on, directories)
    found = catalogue.check(loaded)
    if as_json:
        emit(found)
    else:
        for each in found:
            mark, style = ("✗", "red") if each.severity == "error" else ("!", "yellow")
            screen.print(f"{mark} {each.where}: {each.message_zh} · {each.message_en}", style=style, markup=False)
        items = sum(len(theme.items) for theme in loaded.themes.values())
        errors = sum(each.severity == "error" for each in found)
        notes.print(
            f"{loaded.name} {loaded.version}: {len(loaded.themes)} 个主题 themes, {items} 个事项 items, "
            f"{errors} 个错误 errors, {len(found) - errors} 个提醒 warnings",
            markup=False,
        )
    if any(each.severity == "error" for each in found):
        raise typer.Exit(Exit.REFUSED)


@app.command("show")
def show_(
    what: Annotated[
        str, typer.Argument(metavar="[THEME|ITEM]", help="主题或事项 · a theme or item; none: all themes")
    ] = "",
    region: Region = HOME,
    on: On = "",
    directories: CatalogueDirs = None,
    as_json: AsJson = False,
) -> None:
    """展示 · all themes, one theme with its graph of items, or one item with its materials."""
    loaded = _loaded(region, on, directories)
    if not what:
        show(list(loaded.themes.values()), as_json=as_json, words=lambda _: _themes(loaded))
    elif what.upper() in loaded.themes:
        theme = loaded.theme(what.upper())
        show(theme, as_json=as_json, words=lambda _: _theme(loaded, theme))
    else:
        try:
            item = loaded.item(what.upper())
        except catalogue.UnknownItem:
            notes.print(f"[red]✗[/] 没有该主题或事项 · there is no theme or item {what}")
            raise typer.Exit(Exit.REFUSED) from None
        show(item, as_json=as_json, words=lambda _: _item(loaded, item))


def _themes(loaded: catalogue.Catalogue) -> None:
    table(
        ("主题 theme", "名称", "牵头 lead", "事项 items", "情形 questions"),
        (
            (
                theme.id,
                theme.name,
                loaded.organisations[theme.lead].name,
                len(theme.items),
                len(theme.questions),
            )
            for theme in loaded.themes.values()
        ),
        title=f"{loaded.name} {loaded.version}",
    )


def _theme(loaded: catalogue.Catalogue, theme: catalogue.Theme) -> None:
    table(
        ("事项 item", "名称", "部门 department", "法定 statutory", "承诺 promised", "等待 waits for"),
        (
            (
                item.id,
                item.name,
                loaded.organisations[item.department].name,
                _days(item.statutory),
                _days(item.promised),
                "; ".join(_edge(each) for each in item.depends_on),
            )
            for item in theme.items
        ),
        title=f"{theme.id} {theme.name}",
    )
    table(
        ("情形 question", "", "选项 options"),
        ((each.id, each.text, " / ".join(f"{o.value}={o.name}" for o in each.options)) for each in theme.questions),
    )


def _item(loaded: catalogue.Catalogue, item: catalogue.Item) -> None:
    screen.print(f"{item.id} {item.name} · {loaded.organisations[item.department].name}", style="bold")
    screen.print(f"法定 statutory {_days(item.statutory) or '–'} · 承诺 promised {_days(item.promised) or '–'}")
    screen.print(f"保管 kept {_kept(catalogue.retention_of(loaded, item))}", markup=False)
    table(
        ("材料 material", "名称", "要件 role", "来源 source", "可容缺 tolerable", "由谁产生 produced by"),
        (
            (
                each.id,
                each.name,
                str(each.role),
                str(each.source),
                "✓" if each.tolerable else "",
                " ".join(each.produced_by),
            )
            for each in item.materials
        ),
    )
    table(("结果 output", "名称", "类型 kind"), ((each.id, each.name, each.kind) for each in item.outputs))


def _days(limit: catalogue.Limit | None) -> str:
    if limit is None:
        return ""
    source = "(占位 placeholder)" if limit.placeholder else f"[{limit.source}]" if limit.source else ""
    return f"{limit.days} {source}".strip()


EVENTS = {"closing": "办结 closing", "decision": "决定 decision", "expiry": "证照到期 expiry"}


def _kept(rule: catalogue.Retention) -> str:
    years = "永久 for ever" if rule.years is None else f"{rule.years} 年 years"
    source = "(占位 placeholder)" if rule.placeholder else f"[{rule.source}]"
    return f"{years} · 自 from {EVENTS[rule.counted_from]} {source}"


def _edge(dependency: catalogue.Dependency) -> str:
    names = " | ".join(dependency.any_of)
    accepted = " @accepted" if dependency.trigger is catalogue.Trigger.ACCEPTED else ""
    return f"{names}{'?' if dependency.optional else ''}{accepted}"


@app.command()
def export(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="*.yaml 或 *.json", dir_okay=False)],
    region: Region = HOME,
    on: On = "",
    directories: CatalogueDirs = None,
) -> None:
    """导出 · write the whole catalogue to one file that proves its own content."""
    loaded = _loaded(region, on, directories)
    catalogue.export(loaded, to)
    notes.print(f"[green]✓[/] {loaded.name} {loaded.version} → {to}", soft_wrap=True)


def _read(path: Path) -> catalogue.Catalogue:
    try:
        return catalogue.import_bundle(path)
    except catalogue.DamagedDocument as error:
        notes.print(
            f"✗ {path}: 不是目录文件，或内容与版本不符 · no catalogue file, or damaged: {error}",
            style="red",
            markup=False,
            soft_wrap=True,
        )
        raise typer.Exit(Exit.REFUSED) from None


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            help="验证后存入此目录，以版本命名 · keep the verified file in this directory",
            file_okay=False,
        ),
    ] = None,
    directories: CatalogueDirs = None,
    as_json: AsJson = False,
) -> None:
    """导入 · verify a file from another environment, check it, and show what it would change here."""
    brought = _read(source)
    findings = catalogue.check(brought)
    try:
        here = catalogue.load(brought.region, on=date.today(), extra=directories or ())  # noqa: DTZ011
    except catalogue.UnknownRegion:
        here = None
    changes = catalogue.diff(here, brought) if here is not None else []
    kept = None
    if to is not None and not any(each.severity == "error" for each in findings):
        to.mkdir(parents=True, exist_ok=True)
        kept = to / f"{brought.region}-{brought.version}.json"
        catalogue.export(brought, kept)
    value = {
        "region": brought.region,
        "version": brought.version,
        "here": here.version if here else None,
        "changes": [msgspec.to_builtins(change) for change in changes],
        "findings": findings,
        "kept": str(kept) if kept else None,
    }
    show(value, as_json=as_json, words=lambda _: _imported(brought, here, changes, findings, kept))
    if any(each.severity == "error" for each in findings):
        raise typer.Exit(Exit.REFUSED)


def _imported(
    brought: catalogue.Catalogue,
    here: catalogue.Catalogue | None,
    changes: list[catalogue.Change],
    findings: list[catalogue.Finding],
    kept: Path | None,
) -> None:
    for change in changes:
        screen.print(str(change), markup=False, soft_wrap=True)
    for each in findings:
        screen.print(f"! {each.where}: {each.message_zh} · {each.message_en}", markup=False, soft_wrap=True)
    there = f"{len(changes)} 处不同 differences from {here.version}" if here else "本地没有该区划 region unknown here"
    notes.print(f"{brought.name} {brought.version}: {there}" + (f" → {kept}" if kept else ""), soft_wrap=True)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="导出文件或区划代码 · an exported file, or a region code")],
    after: Annotated[str, typer.Argument(metavar="B", help="同上 · likewise")],
    on: On = "",
    as_json: AsJson = False,
) -> None:
    """比较 · what is different between two catalogues, value by value; exits with 1 when something is."""
    one, other = (_read(Path(each)) if Path(each).exists() else _loaded(each, on, None) for each in (before, after))
    changes = catalogue.diff(one, other)
    show(changes, as_json=as_json, words=_changes)
    if changes:
        raise typer.Exit(Exit.REFUSED)


def _changes(changes: Any) -> None:
    for change in changes:
        screen.print(str(change), markup=False, soft_wrap=True)
    if not changes:
        notes.print("没有不同 · no difference")
