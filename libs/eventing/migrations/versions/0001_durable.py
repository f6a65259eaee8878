"""The durable tables of a service's store."""

import sqlalchemy as sa
from alembic import op

from eventing.schema import SEGMENTS, append_only

revision = "0001"
down_revision = None

TEXT, INT, BYTES = sa.Text(), sa.BigInteger(), sa.LargeBinary()


def upgrade() -> None:
    """Creates them."""
    op.create_table(
        "events",
        sa.Column("segment", INT, primary_key=True, autoincrement=False),
        sa.Column("position", INT, primary_key=True, autoincrement=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("version", INT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.UniqueConstraint("stream", "version", name="events_stream_version"),
    )
    heads = op.create_table(
        "heads",
        sa.Column("segment", INT, primary_key=True, autoincrement=False),
        sa.Column("position", INT, nullable=False),
    )
    op.create_table(
        "tracking",
        sa.Column("upstream", TEXT, primary_key=True),
        sa.Column("segment", INT, primary_key=True, autoincrement=False),
        sa.Column("position", INT, nullable=False),
    )
    op.create_table(
        "commands",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("reply", BYTES, nullable=False),
        sa.Column("at", INT, nullable=False),
    )
    op.create_table(
        "deadlines",
        sa.Column("stream", TEXT, primary_key=True),
        sa.Column("name", TEXT, primary_key=True),
        sa.Column("aggregate", TEXT, nullable=False),
        sa.Column("segment", INT, nullable=False),
        sa.Column("due_at", INT, nullable=False),
    )
    op.create_index("deadlines_due_at", "deadlines", ["due_at"])
    op.create_table(
        "parked",
        sa.Column("upstream", TEXT, primary_key=True),
        sa.Column("segment", INT, primary_key=True, autoincrement=False),
        sa.Column("position", INT, primary_key=True, autoincrement=False),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("version", INT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("error", TEXT, nullable=False),
        sa.Column("parked_at", INT, nullable=False),
        sa.Column("order", INT, nullable=False),
        sa.Column("wish", TEXT, nullable=False),
    )
    op.create_index("parked_stream", "parked", ["stream"])
    op.create_table(
        "snapshots",
        sa.Column("stream", TEXT, primary_key=True),
        sa.Column("aggregate", TEXT, primary_key=True),
        sa.Column("version", INT, nullable=False),
        sa.Column("shape", TEXT, nullable=False),
        sa.Column("state", BYTES, nullable=False),
    )
    owners = op.create_table(
        "owners",
        sa.Column("segment", INT, primary_key=True, autoincrement=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("until", INT, nullable=False),
    )
    op.create_table("replicas", sa.Column("name", TEXT, primary_key=True), sa.Column("until", INT, nullable=False))
    op.create_table("numbers", sa.Column("kind", TEXT, primary_key=True), sa.Column("last", INT, nullable=False))
    op.create_table(
        "catalogues",
        sa.Column("version", TEXT, primary_key=True),
        sa.Column("document", BYTES, nullable=False),
    )
    op.bulk_insert(heads, [{"segment": segment, "position": 0} for segment in range(SEGMENTS)])
    op.bulk_insert(owners, [{"segment": segment, "owner": "", "until": 0} for segment in range(SEGMENTS)])
    append_only(op.get_bind(), "events")
