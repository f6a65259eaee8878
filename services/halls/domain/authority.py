"""Whether published grants let a hall receive or accept an item now, and in whose name.

This is the law read once more, over what delegation's log says: delegation answers inside the act, halls shows
beforehand what the answer would be. A test compares the two.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

import msgspec

from contracts.delegation import LegalForm, Power

ALL_OF_THE_GRANTOR = "*"

IN_OWN_NAME: frozenset[LegalForm] = frozenset({"authorised", "concentrated"})
"""授权、相对集中 (第23、25条): the power itself passed, whoever had the item before."""

PASSED_ON_BY_NOBODY: frozenset[LegalForm] = frozenset({"entrusted", "hall_practice"})
"""受委托者不得再委托 (第24条第3款); a letter to a hall likewise."""

NEAREST = ("not-yet-valid", "not-published", "expired", "revoked", "power-not-granted", "no-grant")
"""Of several reasons the one that is told: the one nearest to a power."""

GrantState = Literal["made", "published", "revoked", "expired"]


class KnownGrant(msgspec.Struct, frozen=True, kw_only=True):
    """A grant as delegation's log tells it."""

    grant: str
    legal_form: LegalForm
    grantor: str
    grantee: str
    items: tuple[str, ...]
    powers: tuple[Power, ...]
    windows: tuple[str, ...]
    valid_from: date
    valid_until: date | None
    state: GrantState
    version: int = 0

    def ended(self, today: date) -> bool:
        """Whether its last day has passed, whenever that is noted."""
        return self.state == "expired" or (self.valid_until is not None and today > self.valid_until)

    def missing(self, power: Power, today: date) -> str:
        """What it lacks to give the power today; empty: nothing."""
        checks = (
            (power not in self.powers, "power-not-granted"),
            (self.state == "revoked", "revoked"),
            (self.ended(today), "expired"),
            (self.state != "published", "not-published"),
            (today < self.valid_from, "not-yet-valid"),
        )
        return next((reason for lacks, reason in checks if lacks), "")

    def is_about(self, item: str, handler: str) -> bool:
        """Whether it gives something of this handler's over this item: nobody gives what is another's."""
        if self.grantor != handler and self.legal_form not in IN_OWN_NAME:
            return False
        return self.names(item, handler)

    def names(self, item: str, handler: str) -> bool:
        """Whether the item is among its items."""
        return item in self.items or (ALL_OF_THE_GRANTOR in self.items and self.grantor == handler)

    def turns(self) -> tuple[date, ...]:
        """The days on which it may begin or cease to count."""
        end = () if self.valid_until is None else (self.valid_until + timedelta(days=1),)
        return (self.valid_from, *end)


class Skill(msgspec.Struct, frozen=True):
    """What somebody is qualified in, on which days."""

    staff: str
    qualification: str
    valid_from: date
    valid_until: date


class Answer(msgspec.Struct, frozen=True):
    """By which grant and in whose name, or why not."""

    grant: str = ""
    version: int = 0
    in_name_of: str = ""
    refusal: str = ""


class Register:
    """All grants and skills that are known, asked for one day."""

    def __init__(self, grants: Iterable[KnownGrant] = (), skills: Iterable[Skill] = (), *, today: date) -> None:
        self.today = today
        self._of: dict[str, list[KnownGrant]] = {}
        for each in grants:
            self._of.setdefault(each.grantee, []).append(each)
        for held in self._of.values():
            # one that names its items before one for all of the grantor's, then by name
            held.sort(key=lambda each: (ALL_OF_THE_GRANTOR in each.items, each.grant))
        self._skills = {(each.staff, each.qualification): each for each in skills}
        self._answers: dict[tuple[str, str, str, Power, str], Answer] = {}

    def may(self, hall: str, item: str, handler: str, power: Power, window: str = "") -> Answer:
        """Whether the hall, or a window of it, has the power over the item of the handler."""
        asked = (hall, item, handler, power, window)
        if asked not in self._answers:
            self._answers[asked] = self._judge(*asked)
        return self._answers[asked]

    def _judge(self, hall: str, item: str, handler: str, power: Power, window: str) -> Answer:
        if hall == handler:
            return Answer(in_name_of=handler)  # 法定: what is one's own needs no grant
        reasons = {"no-grant"}
        for grant in self._of.get(hall, ()):
            if not grant.is_about(item, handler) or (grant.windows and window not in grant.windows):
                continue
            reason = grant.missing(power, self.today)
            if not reason and grant.grantor != handler and self._borrowed(grant.grantor, item, handler):
                reason = "no-grant"
            if not reason:
                own = grant.legal_form in IN_OWN_NAME
                return Answer(grant.grant, grant.version, grant.grantee if own else handler)
            reasons.add(reason)
        return Answer(refusal=next(each for each in NEAREST if each in reasons))

    def _borrowed(self, holder: str, item: str, handler: str) -> bool:
        """Whether the holder's power over the handler's item was only lent to it, through whomever."""
        seen: set[str] = set()
        waiting = [holder]
        while waiting:
            who = waiting.pop()
            seen.add(who)
            for grant in self._of.get(who, ()):
                if grant.missing(grant.powers[0], self.today) or not grant.names(item, handler):
                    continue
                if grant.legal_form in PASSED_ON_BY_NOBODY and grant.grantor == handler:
                    return True
                if grant.grantor != handler and grant.grantor not in seen:
                    waiting.append(grant.grantor)
        return False

    def is_skilled(self, staff: str, qualification: str) -> bool:
        """Whether somebody is qualified today; where nothing is asked for, everybody is."""
        if not qualification:
            return True
        found = self._skills.get((staff, qualification))
        return found is not None and found.valid_from <= self.today <= found.valid_until

    def next_turn(self, hall: str, staff: Iterable[str] = ()) -> date | None:
        """The next day on which a grant of the hall, or a skill of these people, begins or ceases to count."""
        days = [day for grant in self._of.get(hall, ()) if grant.state != "revoked" for day in grant.turns()]
        there = set(staff)
        for skill in self._skills.values():
            if skill.staff in there:
                days += [skill.valid_from, skill.valid_until + timedelta(days=1)]
        return min((day for day in days if day > self.today), default=None)
