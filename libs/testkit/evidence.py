"""What lies in the services' databases: read as it is, decoded as plain JSON, without asking anybody."""

from collections.abc import Mapping
from typing import Any

import msgspec

from eventing.store import Store

SEGMENTS = range(16)

FOLLOWS = {
    "vault": ("casefile", "intake", "outreach"),
    "delegation": ("delegation",),
    "halls": (
        "vault",
        "delegation",
        "halls",
        "intake",
        "routing",
        "approval",
        "certificate",
        "notification",
        "outreach",
    ),
    "intake": ("approval", "certificate", "halls", "intake"),
    "routing": ("certificate", "halls", "intake", "routing"),
    "approval": ("intake", "routing"),
    "certificate": ("approval",),
    "notification": ("approval", "certificate", "intake"),
    "outreach": ("certificate", "intake"),
    "insight": ("intake", "routing", "approval", "certificate", "halls", "outreach", "insight"),
    "casefile": (
        "vault",
        "delegation",
        "halls",
        "intake",
        "routing",
        "approval",
        "certificate",
        "notification",
        "outreach",
        "insight",
        "gateway",
        "casefile",
    ),
    "gateway": (),
}
"""Who reacts to whom, or remembers whom."""

PARTS = {
    "onething.case.materials-received.v1": ("materials", "copy"),
    "onething.case.items-accepted.v1": ("items", "item"),
    "onething.original.taken-in.v1": ("copies", ""),
    "onething.return.planned.v1": ("packets", "packet"),
    "onething.distribution.planned.v1": ("packets", "packet"),
    "onething.packet.dispatched.v1": ("packets", ""),
    "onething.packet.received.v1": ("packets", ""),
    "onething.distribution.items-supplied.v1": ("items", ""),
    "onething.review.planned.v1": ("reviews", "item"),
    "onething.review.unlocked.v1": ("reviews", "item"),
    "onething.review.supplied.v1": ("items", ""),
    "onething.review.granted.v1": ("", "item"),
    "onething.review.warned.v1": ("", "item"),
    "onething.certificate.issued.v1": ("", "certificate"),
    "onething.certificate.rendered.v1": ("", "certificate"),
    "onething.package.assembled.v1": ("", "package"),
    "onething.package.handed-over.v1": ("", "package"),
    "onething.message.prepared.v1": ("", "message"),
    "onething.message.sent.v1": ("messages", ""),
    "onething.message.sending-failed.v1": ("messages", ""),
}
"""Topic → where the fact names the parts of the case that it is about: a list and a field of its entries."""


class Recorded(msgspec.Struct, frozen=True):
    """A fact as it lies in its service's log."""

    service: str
    segment: int
    position: int
    stream: str
    version: int
    topic: str
    body: dict[str, Any]

    @property
    def cause(self) -> str:
        """The command's id, or the place of the fact that was reacted to."""
        return str(self.body.get("cause", ""))

    @property
    def is_published(self) -> bool:
        """Facts of the published language are; a service's own begin with its name."""
        return self.topic.startswith("onething.")

    @property
    def parts(self) -> list[str]:
        """What of the case it is about: items, packets, copies, certificates, packages; else one blank."""
        many, one = PARTS.get(self.topic, ("", ""))
        if not many:
            return [str(self.body[one])] if one else [""]
        return [str(each[one] if one else each) for each in self.body[many]]

    def __str__(self) -> str:
        return f"{self.service}/{self.segment:02}/{self.position} {self.topic} v{self.version} of {self.stream}"


class Evidence(msgspec.Struct):
    """Everything that the databases hold, after the services have come to rest."""

    logs: dict[str, list[Recorded]]
    """service → its log, segment by segment."""
    heads: dict[str, dict[int, int]]
    followed: dict[str, dict[tuple[str, int], int]]
    """service → (upstream, segment) → position."""
    parked: dict[str, list[str]]
    """service → cases."""
    deadlines: dict[str, list[str]]
    """service → streams."""
    answers: dict[str, dict[str, bytes]]
    """service → command id → the stored reply."""
    ledger: list[tuple[str, int, int]]
    """(service, segment, position) of every entry of casefile's."""


def gather(stores: Mapping[str, str]) -> Evidence:
    """Reads the databases; before the services are ``at_rest`` the last facts are not everywhere."""
    evidence = Evidence({}, {}, {}, {}, {}, {}, [])
    for service, url in stores.items():
        store = Store(service, url)
        try:
            _gather(evidence, store)
        finally:
            store.close()
    return evidence


def _gather(evidence: Evidence, store: Store) -> None:
    service = store.service
    with store.reading() as connection:

        def rows(statement: str) -> list[Any]:
            return list(connection.exec_driver_sql(statement).fetchall())

        evidence.logs[service] = [
            Recorded(service, row[0], row[1], row[2], row[3], row[4], msgspec.json.decode(bytes(row[5])))
            for row in rows(
                "SELECT segment, position, stream, version, topic, state FROM events ORDER BY segment, position"
            )
        ]
        evidence.heads[service] = dict(tuple(row) for row in rows("SELECT segment, position FROM heads"))
        evidence.followed[service] = {
            (row[0], row[1]): row[2] for row in rows("SELECT upstream, segment, position FROM tracking")
        }
        evidence.parked[service] = [row[0] for row in rows("SELECT stream FROM parked")]
        evidence.deadlines[service] = [row[0] for row in rows("SELECT stream FROM deadlines")]
        evidence.answers[service] = {row[0]: bytes(row[1]) for row in rows("SELECT id, reply FROM commands")}
        if service == "casefile":
            evidence.ledger = [tuple(row) for row in rows("SELECT service, segment, position FROM ledger")]


def at_rest(stores: Mapping[str, str]) -> bool:
    """Whether every service has followed all of its upstreams to their ends, and no message waits to be sent."""
    return not _waits(stores) and _is_followed(stores) and not _waits(stores)


def _waits(stores: Mapping[str, str]) -> bool:
    """Whether the sender has something left, which it would record later."""
    store = Store("notification", stores["notification"])
    try:
        with store.reading() as connection:
            waiting = connection.exec_driver_sql("SELECT count(*) FROM messages_v1 WHERE state = 'prepared'").scalar()
    finally:
        store.close()
    return bool(waiting)


def _is_followed(stores: Mapping[str, str]) -> bool:
    heads: dict[str, dict[int, int]] = {}
    positions: dict[str, dict[tuple[str, int], int]] = {}
    for service, url in stores.items():
        store = Store(service, url)
        try:
            positions[service] = store.positions(FOLLOWS[service])
            heads[service] = store.heads()  # after the positions: a log only grows
        finally:
            store.close()
    return all(
        position == heads[upstream].get(segment, 0)
        for followed in positions.values()
        for (upstream, segment), position in followed.items()
    )
