"""Preparing databases, patiently."""

from collections.abc import Iterator, Sequence
from time import monotonic

import eventlet

from console.output import notes
from console.services import service
from eventing.errors import Unavailable
from eventing.prepare import prepare
from eventing.settings import Settings, without_password
from eventing.store import Store

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two attempts."""


def prepare_all(settings: Settings, names: Sequence[str], *, patience: float) -> Iterator[str]:
    """Prepares each service's database, waiting for it and saying so; yields the names as they are done.

    Raises:
        Unavailable: a database did not answer for ``patience`` seconds.
    """
    until = monotonic() + patience
    for name in names:
        store = Store(name, settings.database_url_for(name))
        try:
            _prepare(name, store, settings.database_role.replace("{service}", name), until)
        finally:
            store.close()
        yield name


def _prepare(name: str, store: Store, role: str, until: float) -> None:
    pause = FIRST_PAUSE
    while True:
        try:
            prepare(service(name), store, role)
        except Unavailable as error:
            if monotonic() + pause > until:
                raise
            reason = without_password(str(error.data.get("error") or error.code).partition("\n")[0])
            notes.print(
                f"等待数据库 waiting for the database of {name} at {without_password(store.url)}: {reason}; "
                f"再试 next try in {pause:.1f} s",
                markup=False,
                soft_wrap=True,
            )
            eventlet.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return
