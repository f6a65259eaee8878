"""Grants and the people who sign, publish and revoke them."""

from datetime import date
from typing import Any

from contracts.delegation import AuthorityRequest, MakeGrant
from delegation.domain import Grant, Held
from testkit.facts import an_act

SIGNER = an_act("director")
PUBLISHER = an_act("secretary")


def terms(**changes: Any) -> MakeGrant:
    """The market authority entrusts the county hall with receiving and accepting food permits."""
    return MakeGrant(
        **{
            "grant": "g-1",
            "legal_form": "entrusted",
            "grantor": "market",
            "grantee": "county-hall",
            "grantee_kind": "public_institution",
            "items": ("food",),
            "powers": ("receive", "accept"),
            "valid_from": date(2026, 1, 1),
            "valid_until": date(2026, 12, 31),
            "document": "W-2026-1",
            **changes,
        }
    )


def a_grant(**changes: Any) -> Grant:
    """A grant that was signed."""
    grant = Grant("g-1")
    grant.make(terms(**changes), (), SIGNER)
    return grant


def a_published_grant(**changes: Any) -> Grant:
    """A grant that counts."""
    grant = a_grant(**changes)
    grant.publish("P-1", PUBLISHER)
    return grant


def held(**changes: Any) -> Held:
    """A published grant as the register knows it."""
    return Held(
        **{
            "grant": "g-1",
            "legal_form": "entrusted",
            "grantor": "market",
            "grantee": "county-hall",
            "items": ("food",),
            "powers": ("receive", "accept"),
            "valid_from": date(2026, 1, 1),
            "valid_until": date(2026, 12, 31),
            "status": "published",
            "position": 2,
            **changes,
        }
    )


def asked(**changes: str) -> AuthorityRequest:
    """May the county hall accept a food permit of the market authority?"""
    return AuthorityRequest(
        **{"hall": "county-hall", "item": "food", "handler": "market", "power": "accept", **changes}  # type: ignore[arg-type]
    )
