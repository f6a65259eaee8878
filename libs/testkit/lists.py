"""Lists as a whole: others fill a shared house, too, and what somebody looks for need not be on the first page."""

from collections.abc import Iterator
from typing import Any

import msgspec

from contracts.language import Query
from eventing.client import Client


def every(client: Client, question: Query, *, limit: int = 200, attempts: int = 1) -> Iterator[dict[str, Any]]:
    """All rows of a list, page after page of so many."""
    after = ""
    while True:
        asked = msgspec.structs.replace(question, limit=limit, after=after)
        page: Any = client.ask(asked, attempts=attempts)
        yield from next(value for value in page.values() if isinstance(value, list))
        if not (after := page["after"]):
            return
