"""Pages of a list by cursor: stable while rows come and go, and one statement a page."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from eventing.errors import Invalid

LARGEST = 2**63 - 1
"""What a column of numbers holds."""


class Order:
    """The order of a list: columns that together are unique, all ascending or all descending."""

    def __init__(self, *columns: sa.ColumnElement[Any], newest_first: bool = False) -> None:
        self.columns = columns
        self.newest_first = newest_first

    def page(self, statement: sa.Select[Any], after: str, limit: int, *, reverse: bool = False) -> sa.Select[Any]:
        """The rows of a page, after a cursor (empty: the first page). Raises ``Invalid`` for a cursor of nobody's.

        ``reverse``: in the other direction, in which the cursor was given, too.
        """
        descending = self.newest_first != reverse
        if after:
            bounds = [
                sa.literal(value, column.type) for value, column in zip(self._read(after), self.columns, strict=True)
            ]
            here, there = sa.tuple_(*self.columns), sa.tuple_(*bounds)
            statement = statement.where(here < there if descending else here > there)
        ordered = [column.desc() if descending else column for column in self.columns]
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
            return [_value(value, column.type) for value, column in zip(place, self.columns, strict=True)]
        except (ValueError, OverflowError, binascii.Error, msgspec.MsgspecError) as error:
            raise Invalid(field="after") from error


def _value(given: Any, type_: sa.types.TypeEngine[Any]) -> Any:
    """A value that a column may hold. Raises ValueError, OverflowError, msgspec.MsgspecError for any other."""
    value = msgspec.convert(given, type_.python_type, strict=False)
    match value:
        case str():
            if "\0" in value:
                raise ValueError(value)  # no text of PostgreSQL holds it
        case int():
            if abs(value) > LARGEST:
                raise OverflowError(value)
        case datetime():
            if value.tzinfo is None:
                raise ValueError(value)
    return value
