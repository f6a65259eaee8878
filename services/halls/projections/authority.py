"""Delegation's log as far as halls needs it, what each hall can accept by it, and which halls are to be looked at."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.delegation import (
    GrantExpired,
    GrantMade,
    GrantPublished,
    GrantRenewalDue,
    GrantRenewalUndone,
    GrantRenewed,
    GrantRevoked,
    QualificationExpired,
    QualificationGranted,
    QualificationWithdrawn,
)
from contracts.halls import (
    HallRegistered,
    ItemAcceptance,
    ItemsMovedIn,
    ItemsMovedOut,
    WindowClosed,
    WindowOpened,
)
from contracts.language import Note
from eventing import mapper
from eventing.tables import Bulk
from eventing.views import Column, View
from halls.domain import Acceptance, KnownGrant, Register, Skill
from halls.projections.tree import HALLS, WINDOWS

GRANTS = Bulk(
    "known_grants",
    (
        Column("grant", "text", key=True),
        Column("legal_form", "text"),
        Column("grantor", "text"),
        Column("grantee", "text", index=True),
        Column("items", "json"),
        Column("powers", "json"),
        Column("windows", "json"),
        Column("valid_from", "date"),
        Column("valid_until", "date"),
        Column("state", "text"),
        Column("version", "int"),
    ),
)
SKILLS = Bulk(
    "known_skills",
    (
        Column("staff", "text", key=True),
        Column("qualification", "text", key=True),
        Column("valid_from", "date"),
        Column("valid_until", "date"),
    ),
)
REVIEWS = Bulk(
    "acceptance_reviews",
    (
        Column("hall", "text", key=True),
        Column("wanted", "int"),
        Column("done", "int"),
        Column("due", "instant"),
    ),
)

metadata = sa.MetaData()
KNOWN_GRANTS = GRANTS.table(metadata)
KNOWN_SKILLS = SKILLS.table(metadata)
ACCEPTANCE_REVIEWS = REVIEWS.table(metadata)
"""Which halls have to be looked at again: those of which more was wanted than done, and those that are due."""

WANT = sa.text(
    "INSERT INTO acceptance_reviews (hall, wanted, done) VALUES (:hall, 1, 0) "
    "ON CONFLICT (hall) DO UPDATE SET wanted = acceptance_reviews.wanted + 1"
)


def acceptance_rows(acceptance: Acceptance) -> list[dict[str, Any]]:
    """One row a resident item of a handler."""
    return [
        {
            "hall": acceptance.hall,
            "item": each.item,
            "handler": each.handler,
            "grant": each.grant,
            "refusal": each.refusal,
        }
        for each in acceptance.items.values()
    ]


ACCEPTANCE = View(
    "acceptance_v1",
    of=Acceptance,
    columns=(
        Column("hall", "text", key=True),
        Column("item", "text", key=True),
        Column("handler", "text", key=True),
        Column("grant", "text"),
        Column("refusal", "text"),
    ),
    rows=acceptance_rows,
)


def accepted(row: Mapping[str, Any]) -> ItemAcceptance:
    """The verdict in a row."""
    return msgspec.convert({name: row[name] for name in ItemAcceptance.__struct_fields__}, ItemAcceptance)


def note_authority(connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
    """Takes down grants and qualifications, and which halls are to be looked at again because of anything."""
    wanted: set[str] = set()
    everywhere = False
    for _, _, note in notes:
        if note.topic in GRANT_TOPICS:
            grantee = _note_grant(connection, note)
            if _is_hall(connection, grantee):
                wanted.add(grantee)
            else:  # whoever holds from it may be touched
                everywhere = True
        elif note.topic in SKILL_TOPICS:
            wanted.update(_at_work(connection, _note_skill(connection, note)))
        elif note.topic in HALL_TOPICS:
            wanted.add(note.stream)
        elif note.topic in WINDOW_TOPICS:
            wanted.update(_hall_of(connection, note.stream))
    if everywhere:
        wanted.update(connection.execute(sa.select(HALLS.c.hall)).scalars())
    for hall in sorted(wanted):
        connection.execute(WANT, {"hall": hall})


GRANT_TOPICS = frozenset(
    fact.TOPIC
    for fact in (
        GrantMade,
        GrantPublished,
        GrantRevoked,
        GrantExpired,
        GrantRenewed,
        GrantRenewalDue,
        GrantRenewalUndone,
    )
)
SKILL_TOPICS = frozenset(fact.TOPIC for fact in (QualificationGranted, QualificationWithdrawn, QualificationExpired))
HALL_TOPICS = frozenset(fact.TOPIC for fact in (HallRegistered, ItemsMovedIn, ItemsMovedOut))
WINDOW_TOPICS = frozenset(fact.TOPIC for fact in (WindowOpened, WindowClosed))


def _note_grant(connection: sa.Connection, note: Note) -> str:
    """Takes down what became of a grant; returns its grantee."""
    fact = mapper.decode(note.topic, note.state)
    found = connection.execute(sa.select(KNOWN_GRANTS).where(KNOWN_GRANTS.c.grant == note.stream)).mappings().first()
    row: dict[str, Any] = dict(found) if found is not None else {"grant": note.stream}
    match fact:
        case GrantMade():
            row |= {name: getattr(fact, name) for name in KnownGrant.__struct_fields__ if hasattr(fact, name)}
            row |= {"grant": note.stream, "state": "made"}
        case GrantPublished():
            row["state"] = "published"
        case GrantRevoked():
            row["state"] = "revoked"
        case GrantExpired():
            row["state"] = "expired"
    row["version"] = note.version
    GRANTS.upsert(connection, [GRANTS.row(row)])
    return str(row.get("grantee", ""))


def _note_skill(connection: sa.Connection, note: Note) -> str:
    """Takes down what became of a qualification; returns whose it is."""
    fact = mapper.decode(note.topic, note.state)
    match fact:
        case QualificationGranted():
            SKILLS.upsert(connection, [(fact.staff, fact.qualification, fact.valid_from, fact.valid_until)])
        case QualificationWithdrawn():
            SKILLS.delete(connection, [(fact.staff, fact.qualification)])
    return note.stream


def _is_hall(connection: sa.Connection, name: str) -> bool:
    return connection.execute(sa.select(HALLS.c.hall).where(HALLS.c.hall == name)).first() is not None


def _at_work(connection: sa.Connection, staff: str) -> Iterable[str]:
    return connection.execute(sa.select(WINDOWS.c.hall).where(WINDOWS.c.staff == staff)).scalars()


def _hall_of(connection: sa.Connection, window: str) -> Iterable[str]:
    return connection.execute(sa.select(WINDOWS.c.hall).where(WINDOWS.c.window == window)).scalars()


def reviewed(hall: str, wanted: int, due: datetime | None) -> sa.Update:
    """Notes that a hall was looked at, and when it is to be looked at again by the clock alone."""
    r = ACCEPTANCE_REVIEWS.c
    return (
        sa.update(ACCEPTANCE_REVIEWS)
        .where(r.hall == hall)
        .values(done=sa.case((r.done > wanted, r.done), else_=wanted), due=due)
    )


def to_review(now: datetime, after: str, limit: int) -> sa.Select[Any]:
    """Halls that have to be looked at."""
    r = ACCEPTANCE_REVIEWS.c
    return (
        sa.select(r.hall, r.wanted)
        .where((r.wanted > r.done) | (r.due <= now), r.hall > after)
        .order_by(r.hall)
        .limit(limit)
    )


def register_of(grants: Iterable[Mapping[str, Any]], skills: Iterable[Mapping[str, Any]], today: date) -> Register:
    """The register in rows."""
    return Register(
        [msgspec.convert({name: row[name] for name in KnownGrant.__struct_fields__}, KnownGrant) for row in grants],
        [Skill(**{name: row[name] for name in Skill.__struct_fields__}) for row in skills],
        today=today,
    )
