"""Authority: whether grants allow a hall to use a power over an item, and in whose name."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import msgspec

from contracts.delegation import AuthorityRequest, LegalForm, Power

EVERY_ITEM = "*"

OWN_NAME = frozenset({"authorised", "concentrated"})
"""授权 (行政许可法 第23条) and 相对集中 (第25条): a law or a higher government gave the power itself, and
who holds it acts in their own name. In all other forms the handler lets others act for it, and answers for
them."""

LENT = frozenset({"entrusted", "hall_practice"})
"""Forms whose holder passes nothing on: entrusting (第24条第3款), and letters to halls alike."""

TELLING = ("not-yet-valid", "not-published", "expired", "revoked", "power-not-granted", "no-grant")
"""Why no grant allows it; of several reasons the first is told: the one that is least far from a power."""

NOT_QUALIFIED = "not-qualified"

MEMORY = 50_000
"""Verdicts kept for a day."""


class Held(msgspec.Struct, frozen=True):
    """A grant as its holder holds it now; ``position`` is how many facts it has."""

    grant: str
    legal_form: LegalForm
    grantor: str
    grantee: str
    items: tuple[str, ...]
    powers: tuple[Power, ...]
    valid_from: date
    valid_until: date | None
    status: str
    position: int
    windows: tuple[str, ...] = ()

    def names(self, item: str, handler: str) -> bool:
        """Whether the item is among those granted; ``*`` means the items of the grantor itself."""
        return item in self.items or (EVERY_ITEM in self.items and self.grantor == handler)

    def covers(self, request: AuthorityRequest) -> bool:
        """Whether the grant is about the item, this handler and this window at all.

        Nobody gives what is another's: but for powers that were transferred item by item, a grant counts for the
        grantor's own items alone.
        """
        if self.windows and request.window not in self.windows:
            return False
        own = self.grantor == request.handler or self.legal_form in OWN_NAME
        return own and self.names(request.item, request.handler)

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed. Nothing waits for a timer to say so."""
        return self.status == "expired" or (self.valid_until is not None and today > self.valid_until)

    def counts(self, today: date) -> bool:
        """Whether it gives any power today."""
        return not self.lacks(self.powers[0], today)

    def lacks(self, power: Power, today: date) -> str:
        """What keeps the grant from giving the power today; empty when it gives it."""
        if power not in self.powers:
            return "power-not-granted"
        if self.status == "revoked":
            return "revoked"
        if self.is_over(today):
            return "expired"
        if self.status != "published":
            return "not-published"
        if today < self.valid_from:
            return "not-yet-valid"
        return ""


def lent_from(grantor: str, item: str, held: Mapping[str, Iterable[Held]], *, handler: str = "") -> str:
    """The grant by which the grantor merely borrowed its power over the item, directly or through others' grants.

    Empty when it is the grantor's to give. ``held`` are the grants that count, by grantee. With a ``handler`` only
    what was borrowed from it matters; without one any lending does that names the item, because ``*`` does not say
    whose item it is.
    """
    seen, waiting = {grantor}, [grantor]
    while waiting:
        for grant in held.get(waiting.pop(), ()):
            if not grant.names(item, handler):
                continue
            if grant.legal_form in LENT and handler in {"", grant.grantor}:
                return grant.grant
            if grant.grantor != handler and grant.grantor not in seen:
                seen.add(grant.grantor)
                waiting.append(grant.grantor)
    return ""


class Verdict(msgspec.Struct, frozen=True):
    """The grant that allows it and in whose name, or why none does. Without both it is one's own power."""

    grant: str = ""
    position: int = 0
    in_name_of: str = ""
    refusal: str = ""


class Qualified(msgspec.Struct, frozen=True):
    """A qualification of a member of staff, and the days on which it counts."""

    staff: str
    qualification: str
    valid_from: date
    valid_until: date


def _named_first(held: Held) -> tuple[bool, str]:
    return EVERY_ITEM in held.items, held.grant


class Register:
    """All grants and qualifications at one moment, asked many times."""

    def __init__(self, grants: Iterable[Held] = (), qualified: Iterable[Qualified] = ()) -> None:
        self._held: dict[str, list[Held]] = {}
        for held in grants:
            self._held.setdefault(held.grantee, []).append(held)
        for these in self._held.values():
            these.sort(key=_named_first)
        self._qualified = {(each.staff, each.qualification): each for each in qualified}
        self._today = date.min
        self._verdicts: dict[AuthorityRequest, Verdict] = {}
        self._counting: dict[str, list[Held]] = {}

    def __iter__(self) -> Iterator[Held]:
        """Every grant."""
        return (grant for held in self._held.values() for grant in held)

    def changed(self, grants: Iterable[Held], qualified: Iterable[Qualified] | None) -> "Register":
        """The register with these grants as they are now, and these qualifications; None: the same as before."""
        register = Register((), self._qualified.values() if qualified is None else qualified)
        register._held = dict(self._held)
        for new in grants:
            others = [each for each in register._held.get(new.grantee, ()) if each.grant != new.grant]
            register._held[new.grantee] = sorted([*others, new], key=_named_first)
        return register

    def without(self, grant: str) -> "Register":
        """The register as it would be if this grant had ended."""
        return Register((each for each in self if each.grant != grant), self._qualified.values())

    def verdict(self, request: AuthorityRequest, today: date) -> Verdict:
        """Whether the hall may use this power over this item of this handler today.

        Of several grants the one that names the item comes before one for every item, then the smaller id.
        """
        if today != self._today or len(self._verdicts) >= MEMORY:
            self._today = today
            self._verdicts = {}
            self._counting = {}
        found = self._verdicts.get(request)
        if found is None:
            found = self._verdicts[request] = self._judge(request, today)
        return found

    def _judge(self, request: AuthorityRequest, today: date) -> Verdict:
        verdict = self._granted(request, today)
        if not verdict.refusal and not self._is_qualified(request, today):
            return Verdict(refusal=NOT_QUALIFIED)
        return verdict

    def _is_qualified(self, request: AuthorityRequest, today: date) -> bool:
        if not request.qualification:
            return True
        found = self._qualified.get((request.staff, request.qualification))
        return found is not None and found.valid_from <= today <= found.valid_until

    def _granted(self, request: AuthorityRequest, today: date) -> Verdict:
        if request.hall == request.handler:
            return Verdict(in_name_of=request.handler)  # 法定: an authority needs no grant for what is its own
        reasons = {"no-grant"}
        for held in self._held.get(request.hall, ()):
            if not held.covers(request):
                continue
            reason = held.lacks(request.power, today)
            if not reason and held.grantor != request.handler and self._is_lent(held, request, today):
                reason = "no-grant"
            if not reason:
                name = held.grantee if held.legal_form in OWN_NAME else request.handler
                return Verdict(held.grant, held.position, name)
            reasons.add(reason)
        return Verdict(refusal=min(reasons, key=TELLING.index))

    def _is_lent(self, held: Held, request: AuthorityRequest, today: date) -> bool:
        """Whether the grantor only borrowed what it gives, whichever of the grants was signed first (第24条第3款)."""
        if not self._counting:
            for holder, grants in self._held.items():
                self._counting[holder] = [each for each in grants if each.counts(today)]
        return bool(lent_from(held.grantor, request.item, self._counting, handler=request.handler))
