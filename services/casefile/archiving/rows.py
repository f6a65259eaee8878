"""Archived cases as lists show them: a function of each archive, and the archivist's queue."""

from typing import Any

import sqlalchemy as sa

from casefile.domain import Archive
from eventing.scoping import joined
from eventing.views import Column, View


def archive_rows(archive: Archive) -> list[dict[str, Any]]:
    """One row a case; ``departments`` as ``eventing.scoping.joined`` has them."""
    newest = archive.packages[-1] if archive.packages else None
    return [
        {
            "case_id": archive.stream,
            "state": archive.standing,
            "is_wanted": archive.is_wanted,
            "is_removed": archive.removal is not None,
            "number": archive.number,
            "theme": archive.theme,
            "hall": archive.hall,
            "departments": joined(archive.departments),
            "edition": newest.edition if newest else 0,
            "digest": newest.digest if newest else "",
            "size": newest.size if newest else 0,
            "archived_at": archive.packages[0].at if archive.packages else None,
            "keep_until": archive.keep_until,
            "term_over_at": archive.term_over_at,
            "due_at": archive.reached.at if archive.reached else None,
            "approved_by": archive.approval.by if archive.approval else "",
            "approved_at": archive.approval.at if archive.approval else None,
            "opinion": archive.approval.said if archive.approval else "",
            "destroyed_by": archive.destruction.by if archive.destruction else "",
            "destroyed_at": archive.destruction.at if archive.destruction else None,
            "erased_at": archive.erasure.at if archive.erasure else None,
            "removed_at": archive.removal.at if archive.removal else None,
        }
    ]


ARCHIVES = View(
    "archives_v1",
    of=Archive,
    columns=(
        Column("case_id", "text", key=True),
        Column("state", "text"),
        Column("is_wanted", "bool"),
        Column("is_removed", "bool"),
        Column("number", "text"),
        Column("theme", "text"),
        Column("hall", "text"),
        Column("departments", "text"),
        Column("edition", "int"),
        Column("digest", "text"),
        Column("size", "int"),
        Column("archived_at", "instant"),
        Column("keep_until", "date"),
        Column("term_over_at", "instant"),
        Column("due_at", "instant"),
        Column("approved_by", "text"),
        Column("approved_at", "instant"),
        Column("opinion", "text"),
        Column("destroyed_by", "text"),
        Column("destroyed_at", "instant"),
        Column("erased_at", "instant"),
        Column("removed_at", "instant"),
    ),
    rows=archive_rows,
)
sa.Index("archives_v1_terms", ARCHIVES.c.state, ARCHIVES.c.term_over_at, ARCHIVES.c.case_id)
sa.Index("archives_v1_wanted", ARCHIVES.c.is_wanted, ARCHIVES.c.case_id)
