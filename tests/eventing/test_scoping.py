"""Lists as far as somebody reaches, in SQL."""

import sqlalchemy as sa

from eventing.scoping import among, joined

TABLE = sa.table("cases", sa.column("handlers", sa.Text))


def found(names: list[str]) -> list[str]:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE cases (handlers TEXT)")
        for handlers in (["gaj", "scjg"], ["ybj"], []):
            connection.execute(sa.insert(TABLE).values(handlers=joined(handlers)))
        rows = connection.execute(sa.select(TABLE).where(among(TABLE.c.handlers)(names))).scalars().all()
    engine.dispose()
    return [*rows]


def test_one_of_the_names_is_enough() -> None:
    assert found(["gaj", "rsj"]) == ["|gaj|scjg|"]


def test_a_name_that_nobody_can_have_finds_nothing() -> None:
    assert found(["gaj|scjg"]) == []
    assert found([]) == []
