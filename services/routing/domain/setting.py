"""What a decision about hand-overs is made by: the catalogue, the calendar, and the limits that follow from both."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from catalogue.model import Catalogue
from kernel.clock import CHINA_STANDARD_TIME, local_date
from kernel.workdays import WorkingCalendar
from routing.domain.crossings import End, crossings, desk, hall_end

NOON = 12
"""Originals that were accepted leave the window by noon of the working day that the limit names (S62d)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The catalogue version of a case and the working calendar."""

    catalogue: Catalogue
    calendar: WorkingCalendar

    def transfer_by(self, at: datetime) -> datetime:
        """Until when originals that came into a window's custody have to leave it."""
        return _instant(self._after(at, self.catalogue.rules.transfer.days), NOON)

    def receive_by(self, at: datetime) -> datetime:
        """Until when packets that left have to be signed for: the end of the day."""
        return _end_of(self._after(at, self.catalogue.rules.receipt_of_packets.days))

    def search_until(self, at: datetime) -> datetime:
        """How long missing originals are looked for."""
        return _end_of(self._after(at, self.catalogue.rules.loss.days))

    def collect_by(self, at: datetime) -> datetime:
        """Until when what lies in a locker is collected (S75)."""
        return _end_of(self._after(at, self.catalogue.rules.locker_collection.days))

    def back(self, organisation: str, item: str, theme: str, region: str, hall: str) -> tuple[str, ...]:
        """五跨 of the way from the desk that works on an item to the hall that gives its originals back."""
        return crossings(desk(organisation, item, self.catalogue), self.window(hall, theme, region))

    def window(self, hall: str, theme: str, region: str) -> End:
        """The windows of a hall, as far as a case knows them."""
        known = self.catalogue.themes.get(theme)
        return hall_end(hall, known, region, self.catalogue)

    def _after(self, at: datetime, days: int) -> date:
        return self.calendar.add(local_date(at), days)


def _instant(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=CHINA_STANDARD_TIME).astimezone(UTC)


def _end_of(day: date) -> datetime:
    return _instant(day + timedelta(days=1), 0)
