"""Where the wrapped keys lie. Nothing of a key stands anywhere else."""

import sqlalchemy as sa

from eventing.tables import Bulk, Column

CASE_KEYS = Bulk(
    "case_keys",
    (
        Column("key_id", "text", key=True),
        Column("kek", "text", optional=False),
        Column("wrapped", "bytes"),
        Column("reserved_at", "instant", optional=False),
        Column("destroyed_at", "instant"),
    ),
)
"""Every data key: reserved before it is bound to a case; ``wrapped`` is NULL once it was destroyed."""

TABLE = CASE_KEYS.table(sa.MetaData())
