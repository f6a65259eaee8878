"""Rows that are a pure function of one aggregate's state, written in the transaction that changes it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from eventing.aggregate import Aggregate
from eventing.tables import Bulk, Column

__all__ = ["Column", "View"]

Rows = dict[tuple[Any, ...], tuple[Any, ...]]


class View:
    """A table of rows derived from aggregates of one type.

    ``rows(aggregate)`` gives all rows that the aggregate stands for now; what changed since the last save is
    written, what vanished is deleted. A view is disposable: its versioned name changes with its shape, and it is
    rebuilt by replay.
    """

    def __init__(
        self,
        name: str,
        *,
        of: type[Aggregate],
        columns: Sequence[Column],
        rows: Callable[[Any], Sequence[Mapping[str, Any]]],
    ) -> None:
        self.name = name
        self.of = of
        self.bulk = Bulk(name, columns)
        self.metadata = sa.MetaData()
        self.table = self.bulk.table(self.metadata)
        self._derive = rows
        self._names = [column.name for column in columns]
        self._keys = [i for i, column in enumerate(columns) if column.key]

    @property
    def c(self) -> Any:
        """The table's columns, for queries."""
        return self.table.c

    def rows(self, aggregate: Aggregate) -> Rows:
        """key → row in column order."""
        made = (tuple(map(row.get, self._names)) for row in self._derive(aggregate))
        return {tuple(row[i] for i in self._keys): row for row in made}
