"""Signed heads: the tree as it was, under a signature that the database cannot make."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import eventlet
import msgspec
import sqlalchemy as sa
import structlog

from casefile.notary import Notary
from casefile.tree import locked, reader
from eventing.dependency import HostDependency
from eventing.errors import Refused
from eventing.status import WITNESS, CloudEvent, Publisher
from eventing.tables import Bulk, Column
from kernel.merkle import root_at

log = structlog.get_logger()

SIGNED = Bulk(
    "signed_heads",
    (
        Column("size", "int", key=True),
        Column("root", "bytes", optional=False),
        Column("at", "instant", optional=False),
        Column("note", "text", optional=False),
    ),
)
"""Every head that was signed, by the size of its tree. Append-only."""

_metadata = sa.MetaData()
HEAD = SIGNED.table(_metadata)

Select = Callable[[sa.Select[Any]], Sequence[Any]]


class TreeRewritten(Refused):
    """The tree does not continue the head that was signed last: nothing more is signed."""


class Head(msgspec.Struct, frozen=True):
    """A head and its signature."""

    size: int
    root: bytes
    at: datetime
    note: str


def newest(select: Select) -> Head | None:
    """The head that was signed last."""
    found = select(sa.select(HEAD).order_by(HEAD.c.size.desc()).limit(1))
    return head_of(found[0]) if found else None


def head_of(row: Any) -> Head:
    """A head as it is stored."""
    return Head(row["size"], bytes(row["root"]), row["at"], row["note"])


def holds(select: Select, notary: Notary, head: Head) -> bool:
    """Whether a head was signed here, and the tree still begins with what it was signed over."""
    known = notary.known(head.note)
    if known is None or (known.size, known.root) != (head.size, head.root):
        return False
    return root_at(head.size, reader(select)) == head.root


def sign(connection: sa.Connection, notary: Notary, at: datetime) -> Head | None:
    """Signs the tree as it is now, unless that was done; returns what is new.

    Raises TreeRewritten when it does not continue the head before.
    """
    tree = locked(connection)  # nobody else signs now, nor does it grow
    select = partial(_select, connection)
    last = newest(select)
    if last is not None and (last.size > tree.size or not holds(select, notary, last)):
        raise TreeRewritten(size=tree.size, signed=last.size)
    if tree.size == (last.size if last is not None else 0):
        return None
    head = Head(tree.size, tree.root, at, notary.head(tree.size, tree.root, at))
    SIGNED.insert(connection, [(head.size, head.root, head.at, head.note)])
    return head


def _select(connection: sa.Connection, statement: sa.Select[Any]) -> Sequence[Any]:
    return connection.execute(statement).mappings().all()


class Witness:
    """Tells third parties each head: at the end of a file, and on an exchange of the broker."""

    def __init__(self, region: str, amqp_uri: str, path: str) -> None:
        self.region = region
        self.path = path
        self.publisher = Publisher(amqp_uri, exchange=WITNESS)

    def tell(self, head: Head) -> None:
        """Writes a head down and publishes it. That a witness is not there hinders nothing: heads can be read."""
        if self.path:
            try:
                with Path(self.path).open("a", encoding="utf-8") as file:
                    file.write(f"{head.note}\n")
            except OSError as error:
                log.warning("head not written", file=self.path, error=error.strerror)
        self.publisher.publish([cloud_event(self.region, head)])


def cloud_event(region: str, head: Head) -> CloudEvent:
    """A head as it is sent: the signed text is the data."""
    return CloudEvent(
        routing_key=region,
        attributes={
            "specversion": "1.0",
            "id": f"{region}:{head.size}",
            "source": f"/onething/{region}/casefile",
            "type": "onething.ledger.head-signed.v1",
            "time": head.at.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
        },
        data=msgspec.json.encode({"size": head.size, "root": head.root, "at": head.at, "note": head.note}),
    )


class Signing(msgspec.Struct, frozen=True):
    """What a ledger needs to give its heads away."""

    notary: Notary
    witness: Witness | None = None
    every: float = 60.0
    """Seconds between two heads."""


class HeadSigning(HostDependency):
    """Gives casefile its notary and its witness."""

    _thread: Any = None

    def make(self) -> Signing:
        settings = self.host.settings
        witness = Witness(settings.region, settings.amqp_uri, settings.witness_file)
        self.host.when_ready(partial(self._run, witness))
        return Signing(Notary(settings.region, *settings.head_keys()), witness, settings.head_seconds)

    def _run(self, witness: Witness) -> None:
        self._thread = self.host.container.spawn_managed_thread(witness.publisher.run, identifier="witness")

    def stop(self) -> None:
        """Lets the heads that wait go, and ends."""
        if self._made is not None:
            self._made.witness.publisher.stop()
            with eventlet.Timeout(1, False):
                self._thread.wait()
            self._thread.kill()
