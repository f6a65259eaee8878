"""Who may accept what: the grants as delegation's log tells them at an instant, and as they would have been."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from catalogue.authority import Held, Register, Verdict
from contracts.delegation import AuthorityRequest, GrantMade, GrantPublished, GrantRevoked
from contracts.intake import Acceptance
from contracts.language import Fact
from contracts.supposing import SupposedGrant
from kernel.clock import local_date

EVER = datetime.min.replace(tzinfo=UTC)

FIELDS = ("legal_form", "grantor", "grantee", "items", "powers", "valid_from", "valid_until", "windows")


class Signed(msgspec.Struct, frozen=True):
    """A grant, and when it was signed."""

    terms: SupposedGrant
    made_at: datetime = EVER

    def held(self, grant: str, at: datetime) -> Held | None:
        """As it was held at an instant; None before it was signed."""
        if at < self.made_at:
            return None
        terms, status = self.terms, "made"
        if terms.revoked_at is not None and terms.revoked_at <= at:
            status = "revoked"
        elif terms.published_at is not None and terms.published_at <= at:
            status = "published"
        return Held(grant, **{name: getattr(terms, name) for name in FIELDS}, status=status, position=0)

    def turns(self) -> Iterator[datetime]:
        """The instants at which it becomes another one; that its days begin and end is seen by the day."""
        yield from filter(None, (self.made_at, self.terms.published_at, self.terms.revoked_at))


def signed(facts: Iterable[Fact]) -> Signed | None:
    """A grant as its facts tell it."""
    made: GrantMade | None = None
    found: dict[str, Any] = {}
    for fact in facts:
        match fact:
            case GrantMade():
                made = fact
            case GrantPublished():
                found["published_at"] = fact.at
            case GrantRevoked():
                found["revoked_at"] = fact.at
    if made is None:
        return None
    return Signed(SupposedGrant(**{name: getattr(made, name) for name in FIELDS}, **found), made.at)


def supposed(grants: Mapping[str, Signed], changes: Mapping[str, str]) -> dict[str, Signed]:
    """The grants with others laid over them. Raises ValueError, which names the grant, for what is none."""
    found = dict(grants)
    for grant, said in changes.items():
        try:
            other = _other(grants.get(grant), said)
        except (LookupError, msgspec.MsgspecError) as error:
            raise ValueError(f"{grant}: {error}") from error
        if other is None:
            del found[grant]
        else:
            found[grant] = other
    return found


def _other(known: Signed | None, said: str) -> Signed | None:
    """A grant as it would have been; None where it would never have been made, which only one can be that was."""
    fields = msgspec.json.decode(said, type=dict[str, Any] | None)
    if fields is None:
        if known is None:
            raise LookupError("there is no such grant")
        return None
    if known is None:
        return Signed(msgspec.convert({"published_at": EVER.isoformat()} | fields, SupposedGrant))
    terms = msgspec.to_builtins(known.terms) | fields
    return msgspec.structs.replace(known, terms=msgspec.convert(terms, SupposedGrant))


class Powers:
    """Who could accept what, at any instant."""

    def __init__(self, grants: Mapping[str, Signed]) -> None:
        self._grants = grants
        self._turns = sorted({turn for each in grants.values() for turn in each.turns()})
        self._registers: dict[int, Register] = {}
        self._places: dict[tuple[int, date, str, str], tuple[str, ...]] = {}

    def of(self, hall: str, window: str, acceptance: Acceptance, at: datetime) -> Verdict:
        """Whether the hall could accept the item then; that who did it was qualified for it is kept."""
        request = AuthorityRequest(hall, acceptance.item, acceptance.handler, "accept", window=window)
        return self._register(at)[1].verdict(request, local_date(at))

    def places(self, acceptance: Acceptance, at: datetime) -> tuple[str, ...]:
        """Who could accept it then: halls in the order of their names, and at last whoever decides it."""
        number, register = self._register(at)
        key = (number, local_date(at), acceptance.item, acceptance.handler)
        if key not in self._places:
            halls: dict[str, None] = {}
            for held in sorted(register, key=lambda each: each.grantee):
                for window in ("", *held.windows):
                    if held.grantee != acceptance.handler and not self.of(held.grantee, window, acceptance, at).refusal:
                        halls[f"{held.grantee}/{window}" if window else held.grantee] = None
            self._places[key] = (*_widest(list(halls)), acceptance.handler)
        return self._places[key]

    def _register(self, at: datetime) -> tuple[int, Register]:
        number = bisect_right(self._turns, at)
        if number not in self._registers:
            held = ((grant, each.held(grant, at)) for grant, each in self._grants.items())
            self._registers[number] = Register(each for _, each in held if each is not None)
        return number, self._registers[number]


def _widest(places: Sequence[str]) -> list[str]:
    """Without windows of halls all of whose windows can."""
    return [each for each in places if "/" not in each or each.partition("/")[0] not in places]
