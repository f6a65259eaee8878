"""An export, page by page, as casefile answers."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from contracts.exports import ExportLog, ExportTables, LogPage, TablePage

Ask = Callable[..., Any]
Page = TypeVar("Page", LogPage, TablePage)


def log(ask: Ask, **wanted: Any) -> Iterator[LogPage]:
    """The pages of a log; the first is asked for at once, so that a refusal comes before anything is written."""
    return _pages(lambda **more: ask(ExportLog(**wanted | more), attempts=5), LogPage)


def tables(ask: Ask, **wanted: Any) -> Iterator[TablePage]:
    """The pages of the national upload tables."""
    return _pages(lambda **more: ask(ExportTables(**wanted | more), attempts=5), TablePage)


def _pages(asked: Callable[..., Any], kind: type[Page]) -> Iterator[Page]:
    first = msgspec.convert(asked(), kind)

    def following() -> Iterator[Page]:
        page = first
        yield page
        while page.after is not None:
            page = msgspec.convert(asked(size=page.size, after=page.after), kind)
            yield page

    return following()
