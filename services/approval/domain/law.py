"""What a decision rests on: the catalogue of the case, the working calendar, and the legal day."""

from datetime import date

from msgspec import Struct

from catalogue.model import Catalogue, Theme
from catalogue.rules import Rules
from kernel.workdays import WorkingCalendar


class Law(Struct, frozen=True):
    """What holds for a case on a day: nothing of it is looked up, all of it is given."""

    catalogue: Catalogue
    """The version that the case was opened with."""
    theme: Theme
    calendar: WorkingCalendar
    day: date
    """The legal day of the act, in China."""

    @property
    def rules(self) -> Rules:
        """The general rules of the region."""
        return self.catalogue.rules

    def names(self, *items: str) -> dict[str, str]:
        """What items are called, for the words of a refusal."""
        return {item: self.theme.item(item).name for item in items}
