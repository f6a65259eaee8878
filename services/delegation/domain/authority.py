"""Authority: whether grants allow a hall to use a power over an item, and in whose name."""

from collections.abc import Iterable
from datetime import date

import msgspec

from contracts.delegation import AuthorityRequest, LegalForm, Power

EVERY_ITEM = "*"

OWN_NAME = frozenset({"authorised", "concentrated"})
"""授权 (行政许可法 第23条) and 相对集中 (第25条): a law or a higher government gave the power itself, and
who holds it acts in their own name. In all other forms the handler lets others act for it, and answers for
them."""

TELLING = ("not-yet-valid", "not-published", "expired", "revoked", "power-not-granted", "no-grant")
"""Why no grant allows it; of several reasons the first is told: the one that is least far from a power."""

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

    def covers(self, item: str, handler: str) -> bool:
        """Whether the item is among those granted.

        Nobody gives what is another's, nor what was only entrusted to them (第24条第3款): but for powers that
        were transferred item by item, a grant counts for the grantor's own items alone.
        """
        if self.grantor == handler:
            return item in self.items or EVERY_ITEM in self.items
        return item in self.items and self.legal_form in OWN_NAME

    def lacks(self, power: Power, today: date) -> str:
        """What keeps the grant from giving the power today; empty when it gives it."""
        if power not in self.powers:
            return "power-not-granted"
        if self.status == "revoked":
            return "revoked"
        if self.status != "published":
            return "not-published"
        if today < self.valid_from:
            return "not-yet-valid"
        if self.valid_until is not None and today > self.valid_until:
            return "expired"
        return ""


class Verdict(msgspec.Struct, frozen=True):
    """The grant that allows it and in whose name, or why none does. Without both it is one's own power."""

    grant: str = ""
    position: int = 0
    in_name_of: str = ""
    refusal: str = ""


class Register:
    """All grants at one moment, asked many times."""

    def __init__(self, grants: Iterable[Held] = ()) -> None:
        self._held: dict[str, list[Held]] = {}
        for held in sorted(grants, key=lambda held: (EVERY_ITEM in held.items, held.grant)):
            self._held.setdefault(held.grantee, []).append(held)
        self._today = date.min
        self._verdicts: dict[AuthorityRequest, Verdict] = {}

    def verdict(self, request: AuthorityRequest, today: date) -> Verdict:
        """Whether the hall may use this power over this item of this handler today.

        Of several grants the one that names the item comes before one for every item, then the smaller id.
        """
        if today != self._today or len(self._verdicts) >= MEMORY:
            self._today = today
            self._verdicts = {}
        found = self._verdicts.get(request)
        if found is None:
            found = self._verdicts[request] = self._judge(request, today)
        return found

    def _judge(self, request: AuthorityRequest, today: date) -> Verdict:
        if request.hall == request.handler:
            return Verdict(in_name_of=request.handler)  # 法定: an authority needs no grant for what is its own
        reasons = {"no-grant"}
        for held in self._held.get(request.hall, ()):
            if not held.covers(request.item, request.handler):
                continue
            reason = held.lacks(request.power, today)
            if not reason:
                name = held.grantee if held.legal_form in OWN_NAME else request.handler
                return Verdict(held.grant, held.position, name)
            reasons.add(reason)
        return Verdict(refusal=min(reasons, key=TELLING.index))
