"""From the claims of a token to a person: whom the token is about, and what of it the house believes."""

from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from contracts.language import Caller
from eventing.errors import Forbidden
from kernel.identifiers import InvalidIdentifier, check_citizen_id, check_uscc

ROLES = frozenset({
    "clerk",
    "courier",
    "reviewer",
    "approver",
    "manager",
    "publisher",
    "trainer",
    "helper",
    "hotline",
    "applicant",
    "auditor",
    "operator",
    "subscriber",
})  # fmt: skip
"""What somebody can be. Any other role of a token is none of ours and is dropped."""

APPLICANT = "applicant"
LONGEST = 120
"""Characters of a name or an identifier of ours."""
MOST = 200
"""Halls, windows or roles of one person."""

NAMES = ("by", "name", "org", "halls", "windows", "roles", "identifier")


class NotYourWindow(Forbidden):
    """Somebody wants to work at a window that the issuer does not give them."""


class Incomplete(ValueError):
    """A token that does not say who somebody is."""


class Person(Struct, frozen=True, omit_defaults=True):
    """Who is signed in: what the issuer says of them, and the hall and window that they chose.

    ``subject`` is the blind index of an applicant's identifier; the identifier itself is not kept anywhere.
    """

    id: str
    name: str
    roles: tuple[str, ...] = ()
    org: str = ""
    halls: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    """``hall/window`` for every window at which they may work."""
    hall: str = ""
    window: str = ""
    subject: str = ""

    @property
    def caller(self) -> Caller:
        """The person as the services see them: without a name."""
        return Caller(
            by=self.id, org=self.org, hall=self.hall, window=self.window, roles=self.roles, subject=self.subject
        )

    @property
    def must_choose(self) -> bool:
        """Whether it is still open at which window they work, or for which hall."""
        return (not self.hall and len(self.halls) > 1) or (not self.window and len(self.windows) > 1)

    def at(self, hall: str, window: str = "") -> Self:
        """The same person at a window, or for a hall. Raises NotYourWindow."""
        if hall not in self.halls or (window and f"{hall}/{window}" not in self.windows):
            raise NotYourWindow(hall=hall, window=window)
        return replace(self, hall=hall, window=window)


def mapping_of(setting: str) -> dict[str, tuple[str, ...]]:
    """Claim paths by what they hold, from the setting ``OIDC_CLAIMS`` over the defaults."""
    asked = dict(each.split("=", 1) for each in setting.split())
    defaults = {**{name: name for name in NAMES}, "by": "sub"}
    return {name: tuple((asked.get(name) or claim).split(".")) for name, claim in defaults.items()}


def person_of(
    claims: Mapping[str, Any],
    mapping: Mapping[str, tuple[str, ...]],
    blind: Callable[..., str],
    *,
    roles: frozenset[str] = ROLES,
    prefix: str = "",
) -> Person:
    """The person a token is about. ``roles`` are those that its issuer may give, ``prefix`` stands before their id.

    Raises:
        Incomplete: the token names nobody.
    """
    said = {name: _found(claims, path) for name, path in mapping.items()}
    held = tuple(sorted(roles & ROLES & set(_texts(said["roles"]))))
    identifier = _identifier(said["identifier"])
    if identifier and not held and APPLICANT in roles:
        held = (APPLICANT,)  # an issuer for everybody gives no roles: whoever it knows may apply
    # what is indexed is only whose own case it is; staff need none
    subject = blind(identifier) if identifier and APPLICANT in held else ""
    by = _text(said["by"])
    if not by:
        raise Incomplete("by")
    id = prefix + by
    if held == (APPLICANT,):
        id = f"applicant-{blind('by', subject or id)[:20]}"  # nothing personal goes into facts
    halls, windows = _places(_texts(said["halls"]), _texts(said["windows"]))
    person = Person(id, _text(said["name"]) or id, held, _text(said["org"]), halls, windows, subject=subject)
    if len(windows) == 1:
        hall, _, window = windows[0].partition("/")
        return replace(person, hall=hall, window=window)
    return replace(person, hall=halls[0]) if len(halls) == 1 else person


def prefix_of(issuer: str, first: str) -> str:
    """What stands before the ids that an issuer gives: nothing for the first, whose people are staff."""
    if issuer == first:
        return ""
    parts = urlsplit(issuer)
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}:"


def _places(halls: tuple[str, ...], windows: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    whole = []
    for each in windows:
        hall, slash, window = each.partition("/")
        if slash and hall and window:
            whole.append(each)
        elif not slash and len(halls) == 1:
            whole.append(f"{halls[0]}/{each}")
    return tuple(dict.fromkeys((*halls, *(each.partition("/")[0] for each in whole)))), tuple(dict.fromkeys(whole))


def _found(claims: Any, path: tuple[str, ...]) -> Any:
    # a claim may itself have dots in its name (``https://example.org/roles``)
    if isinstance(claims, Mapping) and (whole := claims.get(".".join(path))) is not None:
        return whole
    for part in path:
        claims = claims.get(part) if isinstance(claims, Mapping) else None
    return claims


def _text(value: Any) -> str:
    return value.strip()[:LONGEST] if isinstance(value, str) and value.isprintable() else ""


def _texts(value: Any) -> tuple[str, ...]:
    given = value.split() if isinstance(value, str) else value if isinstance(value, list) else ()
    return tuple(text for each in given[:MOST] if (text := _text(each)))


def _identifier(value: Any) -> str:
    for check in (check_citizen_id, check_uscc):
        try:
            return check(value) if isinstance(value, str) else ""
        except InvalidIdentifier:
            continue
    return ""
