"""A table as a file that a spreadsheet opens."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import falcon

from mining.tables import BOM, cell


def download(resp: falcon.Response, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Answers with a CSV file that Chinese spreadsheets read as UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerows([_shown(each) for each in row] for row in (heads, *rows))
    resp.content_type = "text/csv; charset=utf-8"
    resp.set_header("Content-Disposition", f'attachment; filename="{name}.csv"')
    resp.data = BOM + written.getvalue().encode()


def _shown(value: Any) -> Any:
    return cell(value) if isinstance(value, str) else "" if value is None else value
