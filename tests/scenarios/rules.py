"""Who may know and do what, in words (docs/explanation/access.md); and of whom something tells, by looking at it."""

from typing import Any

from contracts.drafts import GetDraft
from contracts.intake import PrefillForm
from contracts.language import Caller
from contracts.outreach import GetConsultation, ListConsultations

from .town import APPLICANTS, Case, Town


def roles(who: Caller, *names: str) -> bool:
    return bool({*names} & {*who.roles})


def at_hall(who: Caller, halls: frozenset[str], *names: str) -> bool:
    """Whether somebody works at one of these halls in one of these roles; a manager also above it."""
    return (roles(who, *names) and who.hall in halls) or (
        "manager" in names and roles(who, "manager") and not halls.isdisjoint(who.halls)
    )


def is_own(who: Caller, case: Case) -> bool:
    return roles(who, "applicant") and who.subject == case.whose


def acts_for(who: Caller, case: Case) -> bool:
    return roles(who, "helper") and who.by in case.agents


def knows_of(who: Caller, case: Case, asked: type[Any] | None = None) -> bool:
    """Whether somebody may know that the case is there and where it stands."""
    return (
        (asked in {GetConsultation, ListConsultations} and at_hall(who, case.halls, "helper"))
        or roles(who, "hotline", "auditor", "operator")
        or at_hall(who, case.halls, "clerk", "courier", "manager", *FOLLOWERS)
        or (roles(who, "reviewer", "approver") and who.org in case.handlers | case.asked)
        or (roles(who, "courier") and bool({who.org, who.hall, who.by} & (case.asked | case.halls)))
        or is_own(who, case)
        or acts_for(who, case)
    )


def follows(who: Caller, hall: str) -> bool:
    """Whether somebody may follow a hall's feed."""
    return roles(who, "auditor", "operator") or at_hall(
        who, frozenset({hall}), "clerk", "courier", "manager", *FOLLOWERS
    )


FOLLOWERS = ("publisher", "trainer", "subscriber", "reviewer", "approver")
"""Roles that may follow the feed of their hall, which names cases."""


def is_confided_in(who: Caller, case: Case, asked: type[Any]) -> bool:
    """Whether somebody may know whose case it is. Helpers write and go on with drafts at their hall; they and the
    hotline come back to those who asked there."""
    return (
        at_hall(who, case.halls, "clerk")
        or (asked in {GetDraft, PrefillForm} and at_hall(who, case.halls, "helper"))
        or (asked is GetConsultation and at_hall(who, case.halls, "helper", "hotline"))
        or (roles(who, "reviewer", "approver") and who.org in case.handlers)
        or is_own(who, case)
        or acts_for(who, case)
    )


def may_act(who: Caller, case: Case) -> bool:
    """Whether any act at all on the case is somebody's; which one, the rules of the case say."""
    return knows_of(who, case) or roles(who, "clerk")  # any hall receives for another (异地代收)


def brought(asked: Any, who: Caller, name: str) -> bool:
    """Whether an applicant stands at a counter and shows who they are."""
    shown = getattr(asked, "identifier", "") == APPLICANTS[name].identifier
    return shown and ((roles(who, "clerk") and bool(who.hall)) or roles(who, "helper"))


def told_of(town: Town, text: str) -> set[str]:
    """The cases that an answer names."""
    return {name for name, case in town.cases.items() if case.case_id in text or case.number in text}


def confided(text: str) -> set[str]:
    """The people of whom an answer says something personal."""
    return {
        name
        for name, each in APPLICANTS.items()
        if any(
            word in text
            for word in (each.name, each.identifier, each.mobile, f"秘密的{name}", f"评语的{name}", f"私下{name}")
        )
    }
