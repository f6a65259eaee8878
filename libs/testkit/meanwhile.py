"""What happens between two statements of somebody: what comes of it must not depend on when."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from eventing.store import Store


@contextmanager
def meanwhile(store: Store, happens: Callable[[], Any], *, after: str = "") -> Iterator[list[str]]:
    """``happens`` comes after every statement on a store in which the text ``after`` is; what it does itself is let be.

    Gives the statements after which it came, in their order.
    """
    came: list[str] = []
    is_happening = False

    def ran(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal is_happening
        if is_happening or after not in statement:
            return
        is_happening = True
        try:
            happens()
        finally:
            is_happening = False
        came.append(statement)

    sa.event.listen(store._engine, "after_cursor_execute", ran)
    try:
        yield came
    finally:
        sa.event.remove(store._engine, "after_cursor_execute", ran)
