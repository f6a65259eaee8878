"""What can be said of a store from outside, whether or not its service runs: its schema, and whom it is ahead of."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from eventing.declarations import Declarations
from eventing.schema import SEGMENTS
from eventing.store import Store

MIGRATIONS = Path(__file__).parent / "migrations"


class Stand(msgspec.Struct, frozen=True):
    """Where a store stands."""

    heads: dict[int, int]
    """segment → position of the last fact."""
    positions: dict[str, dict[int, int]]
    """upstream → segment → how far it was followed."""
    facts: int
    parked: int
    """Parked cases."""


class Ahead(msgspec.Struct, frozen=True):
    """A follower that has followed facts which its upstream does not have: one of them was set back alone."""

    follower: str
    upstream: str
    segment: int
    followed: int
    head: int

    @property
    def facts(self) -> int:
        """Facts that the upstream has forgotten; as many new ones would be passed over unseen."""
        return self.followed - self.head


def stand(store: Store, connection: sa.Connection | None = None) -> Stand:
    """Where a store stands at one instant, or as this connection sees it. Raises Unavailable."""
    if connection is None:
        with store.snapshot() as reading:
            return stand(store, reading)
    positions: dict[str, dict[int, int]] = {}
    for upstream, segment, position in connection.exec_driver_sql("SELECT upstream, segment, position FROM tracking"):
        positions.setdefault(upstream, {})[segment] = position
    return Stand(
        heads={row[0]: row[1] for row in connection.exec_driver_sql("SELECT segment, position FROM heads")},
        positions=positions,
        facts=int(connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()),
        parked=int(connection.exec_driver_sql("SELECT count(DISTINCT stream) FROM parked").scalar_one()),
    )


def ahead(stands: Mapping[str, Stand]) -> list[Ahead]:
    """Followers that are ahead of their upstream's log; upstreams that are not among the stands are not judged.

    Where facts are being recorded, the heads must have been read after everybody's positions.
    """
    return [
        Ahead(follower, upstream, segment, position, stands[upstream].heads.get(segment, 0))
        for follower, found in stands.items()
        for upstream, followed in found.positions.items()
        if upstream in stands
        for segment, position in sorted(followed.items())
        if position > stands[upstream].heads.get(segment, 0)
    ]


def gaps(found: Stand) -> int:
    """Facts that the heads count and the log does not hold, or the other way round; 0 in a sound store."""
    return abs(sum(found.heads.get(segment, 0) for segment in range(SEGMENTS)) - found.facts)


def newest_schema() -> str:
    """The revision that this release prepares."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return str(ScriptDirectory.from_config(config).get_current_head())


def schema(service: type[Declarations], store: Store) -> tuple[str, list[str]]:
    """The revision of a store, and which of the service's tables are missing in it. Raises Unavailable."""
    with store.reading() as connection:
        there = set(sa.inspect(connection).get_table_names())
        wanted = [*(view.name for view in service.views), *(table.name for table in service.tables)]
        missing = [name for name in wanted if name not in there]
        if "alembic_version" not in there:
            return "", missing
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or ""), missing
