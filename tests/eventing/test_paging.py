"""Cursors come from outside: whatever they say, a page is told or the cursor is refused, on either database."""

import base64
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventing.errors import Invalid
from eventing.paging import Order
from eventing.tables import Day, Instant
from testkit.facts import NOON

TABLE = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("number", sa.BigInteger()),
    sa.Column("at", Instant()),
    sa.Column("on", Day()),
)
ORDERS = [Order(column, TABLE.c.name) for column in (TABLE.c.number, TABLE.c.at, TABLE.c.on)]

# As JSON writes them: also what Python would not write, half of a character and numbers without end.
anything = st.one_of(
    st.text(max_size=5).map(lambda text: msgspec.json.encode(text).decode()),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(
        [
            *(r'"\u0000"', r'"a\u0000b"', r'"\ud800"', "null", "1e400", "1.5", "9" * 400, "[]", "{}", "true"),
            *('"0001-01-01T00:00:00+23:59"', '"9999-12-31T23:59:59-23:59"', '"2026-01-01T00:00:00"', '"0001-01-01"'),
        ]
    ),
)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.cluster)])
def engine(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    url = "sqlite://"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").create_database(f"paging_{uuid.uuid4().hex[:8]}")
    made = sa.create_engine(url)
    TABLE.metadata.create_all(made)
    with made.begin() as connection:
        rows = [
            {"name": f"n{i}", "number": i // 2, "at": NOON + timedelta(hours=i // 2), "on": NOON.date()}
            for i in range(7)
        ]
        connection.execute(sa.insert(TABLE), rows)
    yield made
    made.dispose()


def page(engine: sa.Engine, order: Order, after: str, *, reverse: bool = False) -> list[Any]:
    asked = order.page(sa.select(TABLE), after, 3, reverse=reverse)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(asked).mappings()]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("order", ORDERS, ids=["number", "at", "on"])
def test_page_by_page_everything_comes_once(engine: sa.Engine, order: Order, reverse: bool) -> None:
    seen, after = [], ""
    while True:
        rows = page(engine, order, after, reverse=reverse)
        seen += [row["name"] for row in rows]
        if not (after := order.cursor(rows, 3)):
            break

    assert seen == sorted((f"n{i}" for i in range(7)), reverse=reverse)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.sampled_from(ORDERS), place=st.lists(anything, min_size=1, max_size=3))
def test_a_cursor_of_whatever_making_tells_a_page_or_is_refused(
    engine: sa.Engine, order: Order, place: list[str]
) -> None:
    cursor = base64.urlsafe_b64encode(f"[{','.join(place)}]".encode()).decode()
    with suppress(Invalid):
        page(engine, order, cursor)


@pytest.mark.parametrize("cursor", ["é", "x", "AAAA", "bnVsbA==", base64.b64encode(rb'[1, "\u0000"]').decode()])
def test_what_is_no_cursor_is_refused(engine: sa.Engine, cursor: str) -> None:
    with pytest.raises(Invalid):
        page(engine, ORDERS[0], cursor)
