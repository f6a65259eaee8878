"""Where a case was opened and accepted, and where it would have had to be; and what that makes of the load of halls.

Whoever could not have been served where they came would have gone to one of those who could. To which one is not
known, nor when: they are counted for the same hour, for each place once as possible, and where there is but one
place as certain.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from casefile.supposing.granted import Powers
from casefile.supposing.recorded import Act, Recorded
from contracts.intake import Acceptance
from contracts.supposing import ActDifference, HourLoad
from kernel.clock import CHINA_STANDARD_TIME

Hour = tuple[str, str, int]
"""Hall, window, hour of the day."""

Places = tuple[str, ...]


class Acts:
    """The acts of a case under the grants that there were, and under others."""

    def __init__(self, case: Recorded, own: Powers | None, other: Powers | None) -> None:
        self.differences: list[ActDifference] = []
        self.unlike: list[str] = []
        self.hours: dict[Hour, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._opening = next((act for act in case.acts if not act.items), None)
        self._stay: set[str] = set()
        self._trips: list[Places] = []
        accepted = [act for act in case.acts if act.items]
        for act in accepted:
            found = list(self._compared(act, own, other)) if own is not None and other is not None else []
            self.differences += found
            self._move(act, found, is_first=act is accepted[0])
        if not accepted and self._opening is not None:
            self._stays(self._opening)
        self.places_were = len({act.hall for act in case.acts if act.hall})

    @property
    def unlawful(self) -> int:
        """Items that the hall could not have accepted."""
        return sum(bool(each.refusal) for each in self.differences)

    @property
    def places_would_be(self) -> int:
        """The least number of halls to go to."""
        there = set(self._stay)
        for places in self._trips:
            halls = [_hall(place) for place in places]
            if there.isdisjoint(halls):
                there.add(halls[0])
        return len(there)

    def _compared(self, act: Act, own: Powers, other: Powers) -> Iterator[ActDifference]:
        for item in act.items:
            at = item.authorised_at or act.at
            was, would_be = (powers.of(act.hall, act.window, item, at) for powers in (own, other))
            if (was.grant, was.in_name_of, was.refusal) != (item.grant, item.in_name_of, ""):
                self.unlike.append(item.item)
                continue
            nearer = self._is_nearer(act, item, at, own, other)
            if nearer or would_be.refusal or would_be.grant != was.grant:
                yield ActDifference(
                    item.item, item.handler, act.hall, act.window, act.at, was.grant, would_be.grant, would_be.refusal,
                    other.places(item, at) if would_be.refusal else (), nearer,
                )  # fmt: skip

    def _is_nearer(self, act: Act, item: Acceptance, at: datetime, own: Powers, other: Powers) -> bool:
        """Whether the hall at which the case was opened could have accepted the item, and could not."""
        first = self._opening
        if first is None or first.hall == act.hall:
            return False
        was, would_be = (powers.of(first.hall, first.window, item, at) for powers in (own, other))
        return bool(was.refusal) and not would_be.refusal

    def _move(self, act: Act, found: Sequence[ActDifference], *, is_first: bool) -> None:
        """Counts an acceptance, and the opening before it, where they were and where they would have been."""
        away = [each for each in found if each.refusal or each.nearer]
        stays = len(away) < len(act.items)
        opening = self._opening if is_first else None
        moves_along = opening is not None and (opening.hall, opening.window) == (act.hall, act.window)
        for each in (act, opening):
            if each is not None:
                if stays or (each is opening and not moves_along):
                    self._stays(each)
                else:
                    self._count(each, each.hall, each.window, (1, 0, 0))
        for places in _trips(away, self._opening):
            self._trips.append(places)
            for weighed in (act, opening) if opening is not None and moves_along and not stays else (act,):
                for place in places:
                    hall, _, window = place.partition("/")
                    self._count(weighed, hall, window, (0, int(len(places) == 1), 1))

    def _stays(self, act: Act) -> None:
        self._stay |= {act.hall} - {""}
        self._count(act, act.hall, act.window, (1, 1, 1))

    def _count(self, act: Act, hall: str, window: str, more: tuple[int, int, int]) -> None:
        if hall:
            counted = self.hours[hall, window, act.at.astimezone(CHINA_STANDARD_TIME).hour]
            counted[:] = (one + other for one, other in zip(counted, more, strict=True))


def _trips(away: Sequence[ActDifference], opening: Act | None) -> Iterator[Places]:
    """To where somebody has to go for what cannot be done: to one place for all of it, where there is one."""
    if opening is not None and any(each.nearer for each in away):
        yield (f"{opening.hall}/{opening.window}" if opening.window else opening.hall,)
    gone = [each.elsewhere for each in away if not each.nearer]
    common = tuple(place for place in gone[0] if all(place in each for each in gone)) if gone else ()
    yield from [common] if common else dict.fromkeys(gone)


def _hall(place: str) -> str:
    return place.partition("/")[0]


class Loads:
    """The load of halls, over cases."""

    def __init__(self) -> None:
        self._hours: dict[Hour, list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(self, acts: Acts) -> None:
        """One case more."""
        for hour, more in acts.hours.items():
            counted = self._hours[hour]
            counted[:] = (one + other for one, other in zip(counted, more, strict=True))

    def told(self) -> tuple[HourLoad, ...]:
        """In the order of halls, windows and hours."""
        return tuple(HourLoad(*hour, *counted) for hour, counted in sorted(self._hours.items()))
