"""Who is ahead of whom, and that migrations only expand: an older release goes on working beside a newer schema."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventing.soundness import MIGRATIONS, Stand, ahead, gaps

EXPANDING = {"create_table", "create_index", "add_column", "bulk_insert", "get_bind", "f"}
"""What a migration may do: nothing that is there changes or goes."""

positions = st.dictionaries(st.integers(0, 15), st.integers(0, 50), max_size=16)


@given(heads=positions, followed=positions)
def test_a_follower_is_ahead_exactly_where_it_knows_what_the_log_does_not_hold(heads, followed):
    stands = {"u": Stand(heads, {}, 0, 0), "f": Stand({}, {"u": followed, "elsewhere": {0: 99}}, 0, 0)}

    logs = {segment: set(range(1, heads.get(segment, 0) + 1)) for segment in range(16)}
    known = {segment: set(range(1, followed.get(segment, 0) + 1)) for segment in range(16)}
    expected = {segment: len(known[segment] - logs[segment]) for segment in range(16)}

    assert {each.segment: each.facts for each in ahead(stands)} == {s: n for s, n in expected.items() if n}


def test_what_the_heads_count_the_log_holds():
    assert gaps(Stand({0: 3, 1: 2}, {}, 5, 0)) == 0
    assert gaps(Stand({0: 3, 1: 2}, {}, 4, 0)) == 1


def contracting(source):
    """What a migration does that does not only expand."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "op":
            if called.attr not in EXPANDING:
                found.append(called.attr)
            elif called.attr == "add_column" and not _optional(node):
                found.append("add_column that old releases would have to fill")
        elif isinstance(called, ast.Attribute) and called.attr in {"exec_driver_sql", "execute", "drop", "drop_all"}:
            found.append(called.attr)
    return found


def _optional(call):
    column = call.args[1]
    given_ = {keyword.arg: keyword.value for keyword in column.keywords}
    nullable = given_.get("nullable")
    return "server_default" in given_ or nullable is None or getattr(nullable, "value", False) is True


@pytest.mark.parametrize("migration", sorted((MIGRATIONS / "versions").glob("*.py")), ids=lambda path: path.stem)
def test_migrations_only_expand(migration):
    assert contracting(migration.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "op.drop_column('events', 'state')",
        "op.alter_column('events', 'state', nullable=False)",
        "op.rename_table('events', 'facts')",
        "op.execute('DROP TABLE events')",
        "op.get_bind().exec_driver_sql('DROP TABLE events')",
        "op.add_column('events', sa.Column('more', sa.Text(), nullable=False))",
    ],
)
def test_what_contracts_is_found(line):
    assert contracting(line)
    assert not contracting("op.add_column('events', sa.Column('more', sa.Text()))")
