"""What the command line prints: tables for people, JSON for programs, refusals in words, exit codes."""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from contracts.words import message
from eventing.errors import OneThingError, Unavailable
from kernel.clock import CHINA_STANDARD_TIME

AsJson = Annotated[bool, typer.Option("--json", help="按 JSON 输出 · print JSON")]


class Exit(IntEnum):
    """What a command tells the shell."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNAVAILABLE = 3
    CONFIGURATION = 4
    INTERRUPTED = 130


EXIT_CODES = (
    "退出码 exit codes: 0 完成 done · 1 被拒绝或检查未通过 refused, or a check failed · "
    "2 用法不对 wrong usage · "
    "3 服务不可用 services unavailable · 4 配置有误 wrong configuration · 130 中断 interrupted"
)

WIDE = 1000
"""Columns where there is no terminal: nothing is broken or cut."""

screen = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
"""Where results go."""
notes = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else WIDE)
"""Where progress and complaints go, so that output can be piped."""


def emit(value: Any) -> None:
    """Prints a value as one line of JSON."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def show(value: Any, *, as_json: bool, words: Callable[[Any], None]) -> None:
    """Prints a value as JSON, or by ``words`` for people."""
    if as_json:
        emit(value)
    else:
        words(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """Prints rows under their headings; dates and times as they are in China."""
    shown = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(_cell(value) for value in row))
    screen.print(shown)


def local_time(instant: str | datetime) -> str:
    """An instant as the clocks in China show it, to the second."""
    when = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return when.astimezone(CHINA_STANDARD_TIME).strftime("%Y-%m-%d %H:%M:%S")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local_time(value)
    return value if isinstance(value, str) else str(value)


def complain(error: OneThingError) -> Exit:
    """Says why something did not happen and what to do next; returns the exit code for it."""
    mark = "✗"
    for language in ("zh", "en"):
        words = message(error.code, language, **error.data)
        notes.print(f"{mark} {words.detail}", style="red", markup=False, soft_wrap=True)
        notes.print(f"  → {words.next}", markup=False, soft_wrap=True)
        mark = " "
    if error.data:
        notes.print(
            f"  {error.code} {msgspec.json.encode(error.data).decode()}",
            style="dim",
            markup=False,
            soft_wrap=True,
        )
    return Exit.UNAVAILABLE if isinstance(error, Unavailable) else Exit.REFUSED


def instant(text: str) -> datetime:
    """An instant from the command line; one without an offset is Chinese time. Raises typer.BadParameter."""
    try:
        when = datetime.fromisoformat(re.sub(r"Z$", "+00:00", text.strip()))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no instant; 2026-03-02T09:30:00+08:00 is one") from None
    return when if when.tzinfo else when.replace(tzinfo=CHINA_STANDARD_TIME)
