"""Grants, mandates and qualifications, and the people who stand behind them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from contracts.delegation import (
    AuthorityRequest,
    Basis,
    GiveMandate,
    GrantQualification,
    HoldTraining,
    MakeGrant,
    MandateRequest,
    RenewGrant,
)
from contracts.language import Act
from delegation.domain import Agency, Grant, Held, Mandate, Qualification, Training
from testkit.facts import an_act

SIGNER = an_act("director", org="market")
PUBLISHER = an_act("secretary", org="market")
STRANGER = an_act("director-7", org="health")

TODAY = date(2026, 7, 23)
RENEWAL_DAYS = 15
DIGEST = "sha256:" + "0f" * 32


def on(day: date, by: str = "director", org: str = "market") -> Act:
    """Somebody of the market authority at noon of a day."""
    return an_act(by, org=org, at=datetime(day.year, day.month, day.day, 4, tzinfo=UTC))


def terms(**changes: Any) -> MakeGrant:
    """By letter, the market authority lets the county hall receive and accept food permits."""
    return MakeGrant(
        **{
            "grant": "g-1",
            "legal_form": "hall_practice",
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


def entrusting(**changes: Any) -> MakeGrant:
    """The market authority entrusts the approvals bureau with deciding food permits (行政许可法 第24条)."""
    return terms(
        **{
            "legal_form": "entrusted",
            "grantee": "approvals",
            "grantee_kind": "administrative_organ",
            "powers": ("accept", "review", "decide"),
            "basis": Basis("rule", "省政府令第349号 第3条"),
            "duties": "the grantor supervises and answers for it",
            **changes,
        }
    )


def concentrating(**changes: Any) -> MakeGrant:
    """The province concentrates food permits at the approvals bureau (行政许可法 第25条)."""
    return terms(
        **{
            "legal_form": "concentrated",
            "grantee": "approvals",
            "grantee_kind": "administrative_organ",
            "powers": ("accept", "decide"),
            "basis": Basis("approval", "国函〔2026〕1号", level="1"),
            **changes,
        }
    )


def a_grant(
    command: MakeGrant | None = None, *, grants: Iterable[Held] = (), act: Act = SIGNER, **changes: Any
) -> Grant:
    """A grant that was signed."""
    grant = Grant("g-1")
    grant.make(command or terms(**changes), grants, act, renewal_days=RENEWAL_DAYS)
    return grant


def a_published_grant(**changes: Any) -> Grant:
    """A grant that counts."""
    grant = a_grant(**changes)
    grant.publish("P-1", PUBLISHER)
    return grant


def renewal(**changes: Any) -> RenewGrant:
    """Another year."""
    return RenewGrant(
        **{
            "grant": "g-2",
            "renews": "g-1",
            "valid_until": date(2027, 12, 31),
            "document": "W-2026-2",
            **changes,
        }
    )


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


THEMES = ("CY", "XSE", "GA")
PRINCIPAL = "blind-1"


def giving(**changes: Any) -> GiveMandate:
    """An applicant lets a helper of the hall centre act for them in opening a restaurant."""
    return GiveMandate(
        **{
            "mandate": "m-1",
            "kind": "act_for",
            "principal": "990102199001010015",
            "agent": "helper-1",
            "organisation": "zwzx",
            "themes": ("CY",),
            "acts": ("open", "fill", "submit"),
            "valid_from": date(2026, 7, 1),
            "valid_until": date(2026, 9, 30),
            "receipt": "SL-1",
            "document": "WT-1",
            "digest": DIGEST,
            **changes,
        }
    )


def a_mandate(**changes: Any) -> Mandate:
    """A mandate that was given."""
    mandate = Mandate("m-1")
    mandate.give(giving(**changes), PRINCIPAL, an_act("clerk-7"), known=THEMES, excluded=("GA",))
    return mandate


def agency(**changes: Any) -> Agency:
    """A mandate as the check sees it."""
    return Agency(
        **{
            "mandate": "m-1",
            "status": "given",
            "principal": PRINCIPAL,
            "agent": "helper-1",
            "themes": ("CY",),
            "acts": ("open", "fill", "submit"),
            "valid_from": date(2026, 7, 1),
            "valid_until": date(2026, 9, 30),
            **changes,
        }
    )


def wanted(**changes: Any) -> MandateRequest:
    """May the helper submit the restaurant's application for the applicant?"""
    return MandateRequest(
        **{"mandate": "m-1", "agent": "helper-1", "principal": PRINCIPAL, "theme": "CY", "act": "submit", **changes}
    )


def session(**changes: Any) -> HoldTraining:
    """A morning on restaurants."""
    return HoldTraining(
        **{
            "training": "t-1",
            "qualification": "restaurants",
            "held_on": date(2026, 7, 20),
            "trainer": "trainer-1",
            **changes,
        }
    )


def a_training(**changes: Any) -> Training:
    """A session that was held."""
    command = session(**changes)
    training = Training(command.training)
    training.hold(command, an_act("manager"))
    return training


def qualifying(**changes: Any) -> GrantQualification:
    """The clerk passed the examination."""
    return GrantQualification(
        **{
            "staff": "clerk-7",
            "qualification": "restaurants",
            "exam": "E-1",
            "valid_until": date(2027, 7, 22),
            **changes,
        }
    )


def trained_staff() -> Qualification:
    """A clerk who attended the session."""
    staff = Qualification("clerk-7")
    staff.attend(a_training(), an_act("manager"))
    return staff


def qualified_staff() -> Qualification:
    """A clerk who is qualified."""
    staff = trained_staff()
    staff.grant(qualifying(), an_act("manager"))
    return staff
