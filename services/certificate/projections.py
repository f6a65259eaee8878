"""The certificates at a glance; those that are issued and not rendered yet are the renderer's queue."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from certificate.domain import Output, Package, Place, Result
from eventing.paging import Order
from eventing.views import Column, View
from kernel.clock import beginning

PRINTED_WITHIN = timedelta(minutes=10)
"""A certificate that was issued so long ago and has no document is late."""


def certificate_rows(output: Output) -> list[dict[str, Any]]:
    """One row a certificate."""
    package_of = packed(output)
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


def packed(output: Output) -> dict[str, str]:
    """The package that each result lies in, where it lies in one."""
    return {name: p for p, package in output.packages.items() for name in package.certificates}


def place_of(output: Output, certificate: str, package: str) -> Place:
    """Where a result is: where its package is; without one in store, or called back once it lost its force."""
    if package:
        return output.packages[package].place
    return Place.IN_STORE if output.certificates[certificate].in_force else Place.CALLED_BACK


def pickup_rows(output: Output) -> list[dict[str, Any]]:
    """One row a result: where it is, since when, who brought it there, and how it left."""
    package_of = packed(output)
    return [
        {
            **pickup_of(certificate, output.packages.get(package_of.get(name, ""))),
            "case_id": output.stream,
            "certificate": name,
            "case_number": output.number,
            "hall": output.hall,
            "item": certificate.issued.item,
            "title": certificate.issued.title,
            "number": certificate.issued.number,
            "package": package_of.get(name, ""),
            "place": place_of(output, name, package_of.get(name, "")).value,
        }
        for name, certificate in output.certificates.items()
    ]


def pickup_of(result: Result, package: Package | None) -> dict[str, Any]:
    """What the ledger says of a result: since when it is where it is, who brought it there, and how it left."""
    if package is None:
        return {
            "since": result.called_back_at or result.issued.at,
            "by": result.called_back_by or result.issued.by,
            "method": "",
            "check": "",
            "refused": False,
            "receipt": "",
        }
    carriage = package.carriage
    return {
        "since": package.since,
        "by": package.by,
        "method": package.method or (carriage.method if carriage is not None else ""),
        "check": package.check,
        "refused": package.refused,
        "receipt": package.receipt,
    }


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

PICKUPS = View(
    "pickups_v1",
    of=Output,
    columns=(
        Column("case_id", "text", key=True),
        Column("certificate", "text", key=True),
        Column("case_number", "text"),
        Column("hall", "text"),
        Column("item", "text"),
        Column("title", "text"),
        Column("number", "text"),
        Column("package", "text"),
        Column("place", "text"),
        Column("since", "instant"),
        Column("by", "text"),
        Column("method", "text"),
        Column("check", "text"),
        Column("refused", "bool"),
        Column("receipt", "text"),
    ),
    rows=pickup_rows,
)
"""领取台账, day by day. It stands beside ``CERTIFICATES``: a release that does not know it writes that one alone."""

BY_PICKUP = Order(PICKUPS.c.since, PICKUPS.c.case_id, PICKUPS.c.certificate, newest_first=True)
sa.Index("pickups_v1_days", PICKUPS.c.hall, *BY_PICKUP.columns)


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


def counted_within(hall: str, since: date | None, until: date | None) -> sa.Select[Any]:
    """The same of those results alone that came there within these days."""
    c = PICKUPS.c
    kept = sa.and_(c.hall == hall, *within(since, until))
    return sa.select(c.place, sa.func.count().label("results")).where(kept).group_by(c.place)


def picked_up(hall: str, place: str, since: date | None, until: date | None) -> sa.Select[Any]:
    """The results of a hall, in one place or in all, that came there within these days."""
    c = PICKUPS.c
    shown = (
        c.case_id, c.case_number, c.certificate, c.item, c.title, c.number, c.package, c.place, c.since, c.by, c.method,
        c.check, c.refused, c.receipt,
    )  # fmt: skip
    kept = sa.select(*shown).where(c.hall == hall, *within(since, until))
    return kept.where(c.place == place) if place else kept


def within(since: date | None, until: date | None) -> Iterator[sa.ColumnElement[bool]]:
    """From the first day to the last, both included."""
    if since is not None:
        yield PICKUPS.c.since >= beginning(since)
    if until is not None and until < date.max:
        yield PICKUPS.c.since < beginning(until + timedelta(days=1))
