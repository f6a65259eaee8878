"""``onething suppose``: what recorded cases would have been under other rules."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from console.cases import client_of
from console.configuration import DataDir
from console.output import AsJson, Exit, notes, screen, show, table
from contracts.insight import Provenance
from contracts.supposing import (
    ActDifference,
    CaseDifference,
    HourLoad,
    ItemCourse,
    Supposed,
    SupposedPage,
    SupposeRules,
    WholeCourse,
)
from contracts.words import terms
from kernel.clock import SystemClock, local_date

MOST = 100
"""Cases that are listed on a screen."""

WORDS = {
    "late_cases": "逾期案件 late cases",
    "late_items": "逾期事项 late items",
    "past_the_law": "超法定期限 past the law",
    "materials": "要求的材料 materials asked",
    "past_joint": "超联合办理期限 past the joint limit",
    "unlawful": "无权受理的事项 accepted without a power",
    "places": "申请人到的大厅 halls gone to",
}


def supposed(ask: Callable[..., Any], **wanted: Any) -> Supposed:
    """What all cases would have been."""
    found = Supposed()
    more: dict[str, Any] = {}
    while True:
        found.add(msgspec.convert(ask(SupposeRules(**wanted | more), attempts=5), SupposedPage))
        if found.after is None:
            return found
        more = {"size": found.size, "after": found.after}


def suppose(  # noqa: PLR0917 - options of a command line
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=JSON",
            help="改动目录 · a value of the catalogue, such as themes/CY/items/CY03/promised/days=3; again for more",
        ),
    ] = None,
    off: Annotated[
        list[datetime] | None, typer.Option("--off", formats=["%Y-%m-%d"], help="改为休息 · a day that is not worked")
    ] = None,
    working: Annotated[
        list[datetime] | None, typer.Option("--working", formats=["%Y-%m-%d"], help="改为上班 · a day that is worked")
    ] = None,
    grants: Annotated[
        list[str] | None,
        typer.Option(
            "--grant",
            metavar="GRANT=JSON",
            help='改动授权 · fields of a grant: G1={"valid_until": "2026-03-01"}; null: never made; again for more',
        ),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="未办结的看到哪一天 · the day for what is undecided; today"),
    ] = None,
    theme: Annotated[str, typer.Option(help="主题 · only this theme")] = "",
    hall: Annotated[str, typer.Option(help="大厅 · only this hall")] = "",
    provenance: Annotated[
        Provenance, typer.Option(help="来源 · our own cases, or those imported from other systems")
    ] = "own",
    size: Annotated[
        int, typer.Option(min=0, help="截至第几个事实 · the ledger as it was with so many facts; 0: as it is")
    ] = 0,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """推演 · what recorded cases would have been under other limits, other working days, another order of items."""
    wanted = {
        "changes": dict(map(_change, changes or ())),
        "off": tuple(each.date() for each in off or ()),
        "working": tuple(each.date() for each in working or ()),
        "grants": dict(map(_change, grants or ())),
        "on": on.date() if on else local_date(SystemClock().now()),
    }
    with client_of(data_dir) as client:
        found = supposed(client.ask, **wanted, provenance=provenance, theme=theme, hall=hall, size=size)
    show(msgspec.to_builtins(found), as_json=as_json, words=lambda _: _tell(found))
    if found.unfit and not found.cases:
        notes.print("[red]✗[/] 改动不适用于任何案件 · the change fits no case")
        raise typer.Exit(Exit.REFUSED)


def _change(said: str) -> tuple[str, str]:
    path, is_one, value = said.partition("=")
    if not is_one or not path:
        raise typer.BadParameter(f"{said}: NAME=JSON")
    return path, value


def _tell(found: Supposed) -> None:
    table(
        ("", "实际 was", "推演 would be", "差 difference"),
        ((words, *_numbers(getattr(found.was, name), getattr(found.would_be, name))) for name, words in WORDS.items()),
    )
    screen.print(
        f"{found.cases} 件案件 cases, {found.items} 个事项 items; "
        f"{len(found.differences)} 件不同 cases differ; size {found.size}"
    )
    if found.differences:
        table(("编号 number", "事项 item", "实际 was", "推演 would be", "其他 else"), _lines(found.differences[:MOST]))
    if moved := found.moved:
        table(("大厅 hall", "窗口 window", "时段 hour", "实际 was", "推演 would be"), map(_load, moved))
    if len(found.differences) > MOST:
        notes.print(f"只列 {MOST} 件 only {MOST} cases are listed: --json", markup=False)
    if found.unlike or found.unfit:
        notes.print(
            f"未比较 not compared: {len(found.unlike)} 个事项 items, {len(found.unfit)} 件案件 cases; --json",
            markup=False,
        )


def _numbers(was: int, would_be: int) -> tuple[int, int, str]:
    return was, would_be, f"{would_be - was:+d}"


def _lines(differences: Sequence[CaseDifference]) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    for case in differences:
        other = [f"+{each}" for each in case.materials_more] + [f"-{each}" for each in case.materials_fewer]
        other += [f"✗容缺 {each}" for each in case.tolerance_lost]
        other += [f"✓免补正 {each}" for each in case.corrections_spared]
        other += _whole(case.whole_was, case.whole_would_be) + [_act(each) for each in case.acts]
        rows = [(each.item, _course(each.was), _course(each.would_be)) for each in case.items] or [("", "", "")]
        lines += [
            (case.number if not row else "", *told, " ".join(other) if not row else "") for row, told in enumerate(rows)
        ]
    return lines


def _load(told: HourLoad) -> tuple[str, ...]:
    would_be = str(told.least) if told.least == told.most else f"{told.least}–{told.most}"
    return told.hall, told.window or "任一 any", f"{told.hour:02}时", str(told.was), would_be


def _act(told: ActDifference) -> str:
    where = f"{told.hall}/{told.window}" if told.window else told.hall
    if told.refusal:
        return f"✗受理 {told.item} {where}：{terms()[told.refusal]['zh']} → {' · '.join(told.elsewhere)}"
    if told.nearer:
        return f"✓就近 {told.item}：不必到 {where}"
    return f"换据 {told.item} {where}：{told.was or '本机关'} → {told.would_be or '本机关'}"


def _whole(was: WholeCourse | None, would_be: WholeCourse | None) -> list[str]:
    def said(told: WholeCourse | None) -> str:
        return "—" if told is None else f"{told.due_on}{' 逾期' if told.is_late else ''}"

    return [f"联办期限 {said(was)} → {said(would_be)}"] if was != would_be else []


def _course(told: ItemCourse) -> str:
    due = min(filter(None, (told.promised_due, told.statutory_due)), default=None)
    late = {"": "", "promised": " 逾期", "statutory": " 超法定"}[told.late]
    return f"{told.started_on or '—'} → {told.decided_on or '—'} ≤ {due or '—'}{late}"
