"""How long results may wait: for their hand-over, for who collects them, in a locker."""

from collections.abc import Iterable
from datetime import date, datetime

from msgspec import Struct

from catalogue.model import Catalogue
from kernel.clock import ending
from kernel.workdays import WorkingCalendar


class Limits(Struct, frozen=True):
    """The last days of the periods that begin on a day."""

    delivery: date
    """送达 (行政许可法 第44条: within ten days of the decision; working days by 第82条). It begins on the day a
    package lies ready: where results leave together, the applicant agreed to wait until then."""
    special: dict[str, date]
    """The same for items of which another rule says otherwise (法律、行政法规另有规定的，依照其规定)."""
    collection: date
    """Until the applicant is reminded; a placeholder of the catalogue."""
    locker: date
    """Until a locker is emptied (S75: 5 or 7 days)."""

    def delivery_of(self, items: Iterable[str]) -> date:
        """The last day for a package with results of these items: it leaves as a whole, so the earliest."""
        return min((self.special.get(item, self.delivery) for item in items), default=self.delivery)


def limits(catalogue: Catalogue, calendar: WorkingCalendar, day: date) -> Limits:
    """What begins on this day ends on these days."""
    rules = catalogue.rules
    return Limits(
        delivery=calendar.add(day, rules.delivery.days),
        special={
            item.id: calendar.add(day, item.delivery.days)
            for theme in catalogue.themes.values()
            for item in theme.items
            if item.delivery is not None
        },
        collection=calendar.add(day, rules.collection.days),
        locker=calendar.add(day, rules.locker_collection.days),
    )


def end_of(days: Iterable[date | None]) -> datetime | None:
    """The instant at which the first of these days is over in China."""
    first = min((day for day in days if day is not None), default=None)
    return ending(first) if first is not None else None
