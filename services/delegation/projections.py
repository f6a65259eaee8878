"""The register of grants: one row a grant, for the authority check and for reading."""

from collections.abc import Mapping
from typing import Any

import msgspec

from delegation.domain import Grant, Held
from eventing.views import Column, View


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
            "steps": grant.history,
        }
    ]


GRANTS = View(
    "grants_v1",
    of=Grant,
    columns=(
        Column("grant", "text", key=True),
        Column("status", "text"),
        Column("position", "int"),
        Column("legal_form", "text"),
        Column("grantor", "text"),
        Column("grantee", "text", index=True),
        Column("grantee_kind", "text"),
        Column("items", "json"),
        Column("powers", "json"),
        Column("valid_from", "date"),
        Column("valid_until", "date"),
        Column("document", "text"),
        Column("steps", "json"),
    ),
    rows=grant_row,
)


def held(row: Mapping[str, Any]) -> Held:
    """The grant in a row, as the authority check sees it."""
    return msgspec.convert({name: row[name] for name in Held.__struct_fields__}, Held)
