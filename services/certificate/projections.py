"""The certificates at a glance; those that are issued and not rendered yet are the renderer's queue."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from certificate.domain import Output, Place
from eventing.views import Column, View

PRINTED_WITHIN = timedelta(minutes=10)
"""A certificate that was issued so long ago and has no document is late."""


def certificate_rows(output: Output) -> list[dict[str, Any]]:
    """One row a certificate."""
    package_of = {name: p for p, package in output.packages.items() for name in package.certificates}
    return [
        {
            "case_id": output.stream,
            "certificate": name,
            "case_number": output.number,
            "hall": output.hall,
            "item": certificate.issued.item,
            "kind": certificate.issued.kind,
            "number": certificate.issued.number,
            "edition": certificate.issued.edition,
            "identifier": certificate.issued.identifier,
            "issuer": certificate.issued.issuer,
            "issued_at": certificate.issued.at,
            "state": "issued" if certificate.rendering is None else "rendered",
            "standing": certificate.standing,
            "package": package_of.get(name, ""),
            "place": place_of(output, name, package_of.get(name, "")).value,
        }
        for name, certificate in output.certificates.items()
    ]


def place_of(output: Output, certificate: str, package: str) -> Place:
    """Where a result is: where its package is; without one in store, or called back once it lost its force."""
    if package:
        return output.packages[package].place
    return Place.IN_STORE if output.certificates[certificate].in_force else Place.CALLED_BACK


CERTIFICATES = View(
    "certificates_v2",
    of=Output,
    columns=(
        Column("case_id", "text", key=True),
        Column("certificate", "text", key=True),
        Column("case_number", "text"),
        Column("hall", "text"),
        Column("item", "text"),
        Column("kind", "text"),
        Column("number", "text", index=True),
        Column("edition", "int"),
        Column("identifier", "text", index=True),
        Column("issuer", "text"),
        Column("issued_at", "instant"),
        Column("state", "text"),
        Column("standing", "text"),
        Column("package", "text"),
        Column("place", "text"),
    ),
    rows=certificate_rows,
)
sa.Index("certificates_v2_queue", CERTIFICATES.c.state, CERTIFICATES.c.issued_at)
sa.Index("certificates_v2_places", CERTIFICATES.c.hall, CERTIFICATES.c.place)


def queue(after: Mapping[str, Any] | None, limit: int) -> sa.Select[Any]:
    """Certificates that wait to be rendered, oldest first, after a row in this order."""
    c = CERTIFICATES.c
    order = (c.issued_at, c.case_id, c.certificate)
    waiting = sa.select(*order).where(c.state == "issued")
    if after is not None:
        bound = (sa.literal(after[column.name], column.type) for column in order)
        waiting = waiting.where(sa.tuple_(*order) > sa.tuple_(*bound))
    return waiting.order_by(*order).limit(limit)


def unprinted(now: datetime) -> sa.Select[Any]:
    """How many certificates should have a document by now and have none."""
    c = CERTIFICATES.c
    waiting = sa.and_(c.state == "issued", c.issued_at <= now - PRINTED_WITHIN)
    return sa.select(sa.func.count().label("certificates")).select_from(CERTIFICATES.table).where(waiting)


def bearing(*, number: str = "", identifier: str = "", limit: int = 20) -> sa.Select[Any]:
    """Certificates of a number or an identifier, the latest edition first."""
    c = CERTIFICATES.c
    wanted = c.identifier == identifier if identifier else c.number == number
    return sa.select(c.case_id, c.certificate).where(wanted).order_by(c.edition.desc(), c.issued_at.desc()).limit(limit)


def numbered(number: str, limit: int = 20) -> sa.Select[Any]:
    """Certificates with this number or identifier, the latest edition first, as who looks for them sees them."""
    c = CERTIFICATES.c
    shown = (c.case_id, c.case_number, c.certificate, c.item, c.number, c.identifier, c.issuer, c.standing)
    wanted = sa.or_(c.number == number, c.identifier == number)
    return sa.select(*shown).where(wanted).order_by(c.edition.desc(), c.issued_at.desc()).limit(limit)


def counted(hall: str) -> sa.Select[Any]:
    """How many results of a hall are in each place."""
    c = CERTIFICATES.c
    return sa.select(c.place, sa.func.count().label("results")).where(c.hall == hall).group_by(c.place)
