"""Who may ask for what: role × reach, and the classes of personal data.

The table (``contracts.scopes.table``) says for each command and query which roles may ask for it and how far each
reaches. The gateway looks at the roles, early; the service looks at the whole of it, on the loaded aggregate, where the
act is decided. A list shows what is within reach and nothing else, whatever is filtered or sorted.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from contracts.language import Caller

ROLES = {
    "clerk": "窗口人员",
    "courier": "交接人员",
    "reviewer": "审批人员",
    "approver": "复核人员",
    "manager": "大厅管理人员",
    "publisher": "发布人",
    "trainer": "培训人员",
    "helper": "帮办人员",
    "hotline": "热线坐席",
    "applicant": "申请人",
    "auditor": "审计人员",
    "operator": "运维人员",
    "subscriber": "订阅系统",
    "service": "内部服务",
}
"""Every role that a caller can have."""

SERVICE = "service"
"""The house itself. Every process of it holds the key by which callers are signed, so no table could bind it."""

ANYONE = "anyone"
"""Whoever asks, with or without a role."""

ANY = "any"
HALL = "hall"
"""One of the resource's halls is the caller's, or, for a manager, one below it in the tree."""
OWN_ITEM = "own_item"
"""The caller's organisation handles that item, or, where no item is named, one of the resource's."""
OWN_ORG = "own_org"
"""The caller's organisation is one that the resource concerns."""
OWN_CASE = "own_case"
"""The caller is the applicant, or somebody whom the applicant let act for them, by blind index."""
MANDATED = "mandated"
"""The caller has acted for the applicant under a mandate."""
OWN_STAFF = "own_staff"
"""The caller is the member of staff that it is about, or in whose hands it is."""
BEARER = "bearer"
"""The caller brings the secret that was handed out with it, whoever they are."""

REACHES = frozenset({ANY, HALL, OWN_ITEM, OWN_ORG, OWN_CASE, MANDATED, OWN_STAFF, BEARER})


class Reach(msgspec.Struct, frozen=True):
    """Whom a resource concerns: what an aggregate says of itself."""

    halls: frozenset[str] = frozenset()
    items: Mapping[str, str] = {}
    """Item → the organisation that handles it."""
    orgs: frozenset[str] = frozenset()
    subjects: frozenset[str] | None = frozenset()
    """Applicants by blind index; None: another service knows them."""
    people: frozenset[str] = frozenset()
    """Members of staff."""
    agents: frozenset[str] = frozenset()
    """Who acts for the applicant under a mandate, by name or by blind index."""
    is_opened: bool = False
    """Whether the message brings the secret that was handed out with it."""


class Scope(msgspec.Struct, frozen=True):
    """Role → the reaches of it, any of which is enough."""

    roles: Mapping[str, tuple[str, ...]]

    def reaches(self, caller: Caller) -> tuple[str, ...]:
        """How far the caller reaches with all of their roles; empty: not at all."""
        held = (SERVICE, *caller.roles) if SERVICE in caller.roles else (*caller.roles, ANYONE)
        if SERVICE in held:
            return (ANY,)
        found = [reach for role in held for reach in self.roles.get(role, ())]
        if "manager" not in held or HALL not in self.roles.get("manager", ()):
            return tuple(dict.fromkeys(found))
        return tuple(dict.fromkeys((*found, *(BELOW,) * (HALL in found))))


BELOW = "below"
"""A manager's ``hall``: also the halls below their own."""


def may(**roles: str) -> Scope:
    """``may(clerk=HALL, reviewer=OWN_ITEM)``; several reaches are joined by ``|``. Nothing: services alone."""
    parsed = {role: tuple(reach.split("|")) for role, reach in roles.items()}
    wrong = (parsed.keys() - ROLES.keys() - {ANYONE}) | ({r for each in parsed.values() for r in each} - REACHES)
    if wrong:
        raise ValueError(f"no such role or reach: {sorted(wrong)}")
    return Scope(parsed)


def is_within(reaches: Iterable[str], caller: Caller, reach: Reach, item: str = "") -> bool:
    """Whether one of these reaches gets the caller to the resource. ``item`` is the one that is asked about."""
    return any(_gets(word, caller, reach, item) for word in reaches)


def _gets(word: str, caller: Caller, reach: Reach, item: str) -> bool:
    match word:
        case "any":
            return True
        case "hall":
            return bool(caller.hall) and caller.hall in reach.halls
        case "below":
            return not reach.halls.isdisjoint(caller.halls)
        case "own_item":
            handlers = (reach.items[item],) if item in reach.items else reach.items.values()
            return bool(caller.org) and caller.org in handlers
        case "own_org":
            return bool(caller.org) and caller.org in reach.orgs
        case "own_case":
            return bool(caller.subject) and caller.subject in {*(reach.subjects or ()), *reach.agents}
        case "mandated":
            return bool(caller.by) and caller.by in reach.agents
        case "own_staff":
            return bool(caller.by) and caller.by in reach.people
        case "bearer":
            return reach.is_opened
        case _:
            return False


PERSONAL: Mapping[str, Scope] = {
    "contact": may(clerk=HALL, reviewer=OWN_ITEM, approver=OWN_ITEM, applicant=OWN_CASE, helper=MANDATED),
    "identity": may(clerk=HALL, reviewer=OWN_ITEM, approver=OWN_ITEM, applicant=OWN_CASE, helper=MANDATED),
    "form": may(clerk=HALL, reviewer=OWN_ITEM, approver=OWN_ITEM, applicant=OWN_CASE, helper=MANDATED),
    "material": may(clerk=HALL, reviewer=OWN_ITEM, approver=OWN_ITEM, applicant=OWN_CASE, helper=MANDATED),
}
"""Class of personal data → who may see it. A material is seen by those whose item needs it."""


def personal_classes(caller: Caller) -> Iterator[str]:
    """The classes of personal data that the caller's roles may see somewhere."""
    return (name for name, scope in PERSONAL.items() if scope.reaches(caller))
