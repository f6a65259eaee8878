"""The registers: grants, mandates and qualifications, for the checks inside acts and for reading."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.delegation import ListGrants, ListMandates, ListQualified, ListTrainings, QualifiedRow
from delegation.domain import Agency, Grant, Held, Mandate, Qualification, Qualified, Register, Training
from eventing.paging import Order
from eventing.views import Column, View

MOST = 1000
"""Rows in one answer."""


def grant_row(grant: Grant) -> list[dict[str, Any]]:
    """The grant as it stands; a grant never loses its row."""
    if grant.terms is None:
        return []
    return [
        {
            "grant": grant.stream,
            "status": str(grant.status),
            "position": grant.version,
            **{name: getattr(grant.terms, name) for name in grant.terms.__struct_fields__},
            "renews": grant.renews,
            "renew_by": grant.renew_by,
            "successor": grant.successor,
            "steps": grant.history,
        }
    ]


GRANTS = View(
    "grants_v2",
    of=Grant,
    columns=(
        Column("grant", "text", key=True),
        Column("status", "text"),
        Column("position", "int"),
        Column("legal_form", "text"),
        Column("grantor", "text", index=True),
        Column("grantee", "text", index=True),
        Column("grantee_kind", "text"),
        Column("items", "json"),
        Column("powers", "json"),
        Column("valid_from", "date"),
        Column("valid_until", "date", index=True),
        Column("document", "text"),
        Column("windows", "json"),
        Column("level_from", "text"),
        Column("level_to", "text"),
        Column("power_source", "text"),
        Column("implementer", "text"),
        Column("basis", "json"),
        Column("extent", "text"),
        Column("part", "text"),
        Column("duties", "text"),
        Column("superior", "text"),
        Column("seal", "text"),
        Column("renews", "text"),
        Column("renew_by", "date"),
        Column("successor", "text"),
        Column("steps", "json"),
    ),
    rows=grant_row,
)


def held(row: Mapping[str, Any]) -> Held:
    """The grant in a row, as the authority check sees it."""
    return msgspec.convert({name: row[name] for name in Held.__struct_fields__}, Held)


def mandate_row(mandate: Mandate) -> list[dict[str, Any]]:
    """The mandate as it stands."""
    if mandate.scope is None:
        return []
    return [
        {
            "mandate": mandate.stream,
            "status": str(mandate.status),
            **{name: getattr(mandate.scope, name) for name in mandate.scope.__struct_fields__},
        }
    ]


MANDATES = View(
    "mandates_v1",
    of=Mandate,
    columns=(
        Column("mandate", "text", key=True),
        Column("status", "text"),
        Column("kind", "text"),
        Column("principal", "text", index=True),
        Column("agent", "text", index=True),
        Column("organisation", "text", index=True),
        Column("themes", "json"),
        Column("acts", "json"),
        Column("valid_from", "date"),
        Column("valid_until", "date"),
        Column("receipt", "text"),
        Column("document", "text"),
        Column("digest", "text"),
    ),
    rows=mandate_row,
)


def agency(row: Mapping[str, Any]) -> Agency:
    """The mandate in a row, as the check inside an agent's act sees it."""
    return msgspec.convert({name: row[name] for name in Agency.__struct_fields__}, Agency)


def qualification_rows(staff: Qualification) -> list[dict[str, Any]]:
    """What the member of staff was ever qualified in; one that was withdrawn keeps its row and counts on no day."""
    return [
        {
            "staff": staff.stream,
            "qualification": name,
            "position": staff.version,
            "valid_from": each.valid_from,
            "valid_until": each.valid_until,
            "ended": each.ended,
        }
        for name, each in staff.standing.items()
    ]


QUALIFICATIONS = View(
    "qualifications_v1",
    of=Qualification,
    columns=(
        Column("staff", "text", key=True),
        Column("qualification", "text", key=True),
        Column("position", "int"),
        Column("valid_from", "date"),
        Column("valid_until", "date"),
        Column("ended", "text"),
    ),
    rows=qualification_rows,
)


def training_row(training: Training) -> list[dict[str, Any]]:
    """The session as it was held."""
    if training.session is None:
        return []
    return [{"training": training.stream, **msgspec.structs.asdict(training.session)}]


TRAININGS = View(
    "trainings_v1",
    of=Training,
    columns=(
        Column("training", "text", key=True),
        Column("qualification", "text", index=True),
        Column("held_on", "date", index=True),
        Column("trainer", "text"),
        Column("subject", "text"),
    ),
    rows=training_row,
)


def attendance_rows(staff: Qualification) -> list[dict[str, Any]]:
    """The sessions that the member of staff took part in."""
    return [{"staff": staff.stream, "training": training} for training in staff.attended]


ATTENDANCES = View(
    "attendances_v1",
    of=Qualification,
    columns=(Column("staff", "text", key=True), Column("training", "text", key=True, index=True)),
    rows=attendance_rows,
)


def qualified(row: Mapping[str, Any]) -> Qualified:
    """The qualification in a row, as the authority check sees it."""
    return Qualified(row["staff"], row["qualification"], row["valid_from"], row["valid_until"])


def _sum(view: View) -> Any:
    return sa.select(sa.func.coalesce(sa.func.sum(view.c.position), 0)).scalar_subquery()


REVISION = sa.select(_sum(GRANTS).label("grants"), _sum(QUALIFICATIONS).label("qualifications"))
"""Every change adds a fact to some stream, and no row of these two ever goes: the sums grow with every change."""

POSITIONS = sa.select(GRANTS.c.grant, GRANTS.c.position)

EVERY_GRANT = sa.select(*(GRANTS.c[name] for name in Held.__struct_fields__))
"""What the authority check looks at, and no more."""

EVERY_QUALIFICATION = sa.select(QUALIFICATIONS.table).where(QUALIFICATIONS.c.ended != "withdrawn")


def grants_changed(register: Register, positions: Iterable[Mapping[str, Any]]) -> sa.Select[Any] | None:
    """The rows of grants that the register does not know as they are now; None when it knows them all."""
    known = {each.grant: each.position for each in register}
    changed = [row["grant"] for row in positions if known.get(row["grant"]) != row["position"]]
    if not changed:
        return None
    return EVERY_GRANT.where(GRANTS.c.grant.in_(changed)) if len(changed) <= MOST else EVERY_GRANT


BY_GRANT = Order(GRANTS.c.grant)
BY_LAST_DAY = Order(QUALIFICATIONS.c.valid_until, QUALIFICATIONS.c.staff, QUALIFICATIONS.c.qualification)
BY_DAY_HELD = Order(TRAININGS.c.held_on, TRAININGS.c.training, newest_first=True)
BY_MANDATE = Order(MANDATES.c.mandate)


def grants_wanted(question: ListGrants) -> sa.Select[Any]:
    """The rows of a list of grants, but for what is said in their lists of items and powers."""
    wanted = sa.select(GRANTS.table)
    for name in ("grantee", "grantor", "status"):
        if value := getattr(question, name):
            wanted = wanted.where(GRANTS.c[name] == value)
    if question.ending_before is not None:
        wanted = wanted.where(GRANTS.c.valid_until < question.ending_before)
    return wanted


def mandates_wanted(question: ListMandates) -> sa.Select[Any]:
    """The rows of a list of mandates."""
    wanted = sa.select(MANDATES.table)
    for name in ("agent", "organisation", "status"):
        if value := getattr(question, name):
            wanted = wanted.where(MANDATES.c[name] == value)
    return wanted


def mandates_named(mandates: Collection[str]) -> sa.Select[Any]:
    """The rows of these mandates."""
    return sa.select(MANDATES.table).where(MANDATES.c.mandate.in_(mandates))


def qualified_wanted(question: ListQualified) -> sa.Select[Any]:
    """Qualifications of a kind, or that end before a day and have not ended."""
    wanted = sa.select(*(QUALIFICATIONS.c[name] for name in QualifiedRow.__struct_fields__))
    if question.qualification:
        wanted = wanted.where(QUALIFICATIONS.c.qualification == question.qualification)
    if question.ending_before is not None:
        wanted = wanted.where(QUALIFICATIONS.c.valid_until < question.ending_before, QUALIFICATIONS.c.ended == "")
    return wanted


def trainings_wanted(question: ListTrainings) -> sa.Select[Any]:
    """Sessions in something, or held since a day, with the number of those who took part."""
    attended = (
        sa.select(sa.func.count())
        .where(ATTENDANCES.c.training == TRAININGS.c.training)
        .scalar_subquery()
        .label("attended")
    )
    wanted = sa.select(TRAININGS.table, attended)
    if question.qualification:
        wanted = wanted.where(TRAININGS.c.qualification == question.qualification)
    if question.since is not None:
        wanted = wanted.where(TRAININGS.c.held_on >= question.since)
    return wanted


def who_attended(training: str) -> sa.Select[Any]:
    """Everybody who took part in a session."""
    return sa.select(ATTENDANCES.c.staff).where(ATTENDANCES.c.training == training).order_by(ATTENDANCES.c.staff)
