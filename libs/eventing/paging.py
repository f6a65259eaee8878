"""Pages of a list by cursor: stable while rows come and go, and one statement a page."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from eventing.errors import Invalid


class Order:
    """The order of a list: columns that together are unique, all ascending or all descending."""

    def __init__(self, *columns: sa.Column[Any], newest_first: bool = False) -> None:
        self.columns = columns
        self.newest_first = newest_first

    def page(self, statement: sa.Select[Any], after: str, limit: int) -> sa.Select[Any]:
        """The rows of a page, after a cursor (empty: the first page). Raises ``Invalid`` for a cursor of nobody's."""
        if after:
            bounds = [
                sa.literal(value, column.type) for value, column in zip(self._read(after), self.columns, strict=True)
            ]
            here, there = sa.tuple_(*self.columns), sa.tuple_(*bounds)
            statement = statement.where(here < there if self.newest_first else here > there)
        ordered = [column.desc() if self.newest_first else column for column in self.columns]
        return statement.order_by(*ordered).limit(limit)

    def cursor(self, rows: Sequence[Mapping[str, Any]], limit: int) -> str:
        """Where the next page begins; empty when this one was the last."""
        if len(rows) < limit:
            return ""
        place = [rows[-1][column.name] for column in self.columns]
        return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()

    def _read(self, cursor: str) -> list[Any]:
        try:
            place = msgspec.json.decode(base64.urlsafe_b64decode(cursor), type=list[Any])
            if len(place) != len(self.columns):
                raise ValueError(cursor)
            return [
                msgspec.convert(value, column.type.python_type, strict=False)
                for value, column in zip(place, self.columns, strict=True)
            ]
        except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
            raise Invalid(field="after") from error
