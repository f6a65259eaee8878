"""The certificates at a glance; those that are issued and not rendered yet are the renderer's queue."""

from typing import Any

import sqlalchemy as sa

from certificate.domain import Output
from eventing.views import Column, View


def certificate_rows(output: Output) -> list[dict[str, Any]]:
    """One row a certificate."""
    package_of = {name: p for p, package in output.packages.items() for name in package.certificates}
    return [
        {
            "case_id": output.stream,
            "certificate": name,
            "case_number": output.number,
            "item": certificate.issued.item,
            "kind": certificate.issued.kind,
            "number": certificate.issued.number,
            "identifier": certificate.issued.identifier,
            "issuer": certificate.issued.issuer,
            "issued_at": certificate.issued.at,
            "state": "issued" if certificate.rendering is None else "rendered",
            "package": package_of.get(name, ""),
            "handed_over": name in package_of and output.packages[package_of[name]].method is not None,
        }
        for name, certificate in output.certificates.items()
    ]


CERTIFICATES = View(
    "certificates_v1",
    of=Output,
    columns=(
        Column("case_id", "text", key=True),
        Column("certificate", "text", key=True),
        Column("case_number", "text"),
        Column("item", "text"),
        Column("kind", "text"),
        Column("number", "text"),
        Column("identifier", "text", index=True),
        Column("issuer", "text"),
        Column("issued_at", "instant"),
        Column("state", "text"),
        Column("package", "text"),
        Column("handed_over", "bool"),
    ),
    rows=certificate_rows,
)
sa.Index("certificates_v1_queue", CERTIFICATES.c.state, CERTIFICATES.c.issued_at)


def queue(after: tuple[Any, str, str] | None, limit: int) -> sa.Select[Any]:
    """Certificates that wait to be rendered, oldest first, after a place in this order."""
    c = CERTIFICATES.c
    order = (c.issued_at, c.case_id, c.certificate)
    waiting = sa.select(*order).where(c.state == "issued")
    if after is not None:
        bound = (sa.literal(value, column.type) for value, column in zip(after, order, strict=True))
        waiting = waiting.where(sa.tuple_(*order) > sa.tuple_(*bound))
    return waiting.order_by(*order).limit(limit)
