"""审批工作台: what lies with a department, and one item of it: its file, its clocks, and all that is done.

``lists`` the work list and the opinions that are owed · ``item`` one review beside its materials · ``acts`` what may be
done about it, in a table · ``acting`` the forms that do it.
"""

from typing import Any

import falcon

from gateway.backend import Backend
from gateway.pages.doors import Door
from gateway.pages.review import acting, item, lists

DOORS = (Door("/review", "review", frozenset({"reviewer", "approver"})),)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The list, the opinions, one item, its acts."""
    lists.add_routes(app, backend)
    item.add_routes(app, backend)
    acting.add_routes(app, backend)
