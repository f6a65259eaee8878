"""Lists of any number of cases: one index is walked in the order of the list, the other conditions are looked up.

Which index: that of the condition which the fewest cases meet, as far as that is known beforehand: applicant, clock,
theme with hall, item, department; then theme or hall, of which the database itself chooses. Numbers of one theme are
walked in their own order, which is that of opening.
"""

import re
from datetime import date
from typing import Any

import sqlalchemy as sa

from casefile.listing import APPLICANT, CLOCK, DEPARTMENT, FACET, ITEM
from casefile.projections import HEADS
from contracts.casefile import FindCaseFiles, ListCaseFiles
from eventing.paging import Order

OF_A_THEME = re.compile(r"^YJS-\d{6}-[A-Z0-9]+-")
"""How the numbers of one theme begin; they come in the order in which cases were opened, or nearly so."""

LAST = "ZZZZ"
"""No number goes on after its beginning with anything that a database, in whatever language, sorts behind it."""


class Listed:
    """A question for cases, as a statement and an order."""

    def __init__(self, asked: ListCaseFiles | FindCaseFiles, today: date, applicant: str = "") -> None:
        self.asked = asked
        self.today = today
        self.number = asked.number.strip().upper()
        self.facets = [
            (name, value)
            for name, value in ((APPLICANT, applicant), (ITEM, asked.item), (DEPARTMENT, asked.department))
            if value
        ]
        walked: Any = HEADS
        self.statement = sa.select(HEADS).where(HEADS.c.opened_at.is_not(None))
        if asked.sort != "updated" or applicant:
            walked = self._walk()
        for name, value in self.facets:
            one_by_one = name == DEPARTMENT and asked.sort != "updated"
            self.statement = self.statement.where(_has(walked, name, value, one_by_one=one_by_one))
        if asked.clock and walked is not CLOCK:
            clock = sa.exists().where(CLOCK.c.case_id == HEADS.c.case_id, self._clock())
            self.statement = self.statement.where(clock)
        self._narrow()
        self.order = Order(*self._ordered(walked), newest_first=asked.sort != "oldest")

    def _ordered(self, walked: Any) -> tuple[Any, Any]:
        if self.asked.sort == "updated":
            return HEADS.c.updated_at, HEADS.c.case_id
        if walked is HEADS and OF_A_THEME.match(self.number):
            return HEADS.c.number, HEADS.c.case_id
        return walked.c.opened_at, walked.c.case_id

    def _walk(self) -> Any:
        """Joins the index that is walked; its condition is met by that."""
        applicant = self.facets and self.facets[0][0] == APPLICANT
        if self.asked.theme and self.asked.hall and not (applicant or self.asked.clock):
            return HEADS
        if self.facets and (applicant or not self.asked.clock):
            name, value = self.facets.pop(0)
            self.statement = self.statement.join(FACET, FACET.c.case_id == HEADS.c.case_id).where(
                FACET.c.facet == name, FACET.c.value == value
            )
            return FACET
        if self.asked.clock:
            self.statement = self.statement.join(CLOCK, CLOCK.c.case_id == HEADS.c.case_id).where(
                CLOCK.c.opened_at.is_not(None), self._clock()
            )
            return CLOCK
        return HEADS

    def _clock(self) -> Any:
        match self.asked.clock:
            case "paused":
                return CLOCK.c.paused.is_(True)
            case "overdue":
                return CLOCK.c.next_due < self.today
            case _:
                return CLOCK.c.running.is_(True)

    def _narrow(self) -> None:
        asked = self.asked
        unwalked = asked.sort == "updated" and not asked.hall  # a theme alone has too many cases to be sorted
        for column, wanted in ((HEADS.c.theme, asked.theme), (HEADS.c.hall, asked.hall), (HEADS.c.state, asked.state)):
            if wanted:
                self.statement = self.statement.where((column.op("||")("") if unwalked else column) == wanted)
        if self.number:
            number = HEADS.c.number
            if OF_A_THEME.match(self.number):
                self.statement = self.statement.where(number.between(self.number, self.number + LAST))
            not_indexed = number.op("||")("")  # the order's own index is walked
            self.statement = self.statement.where(not_indexed.istartswith(self.number, autoescape=True))


def _has(walked: Any, name: str, value: str, *, one_by_one: bool) -> Any:
    """Whether a case that is walked has it: one step into the index, as the instant of its opening is known.

    ``one_by_one``: never by collecting all cases that have it, which are many.
    """
    facet = FACET.alias()
    found = sa.select(sa.literal(1)).where(
        facet.c.facet == name,
        facet.c.value == value,
        facet.c.opened_at == walked.c.opened_at,
        facet.c.case_id == walked.c.case_id,
    )
    return sa.exists(found.offset(0) if one_by_one else found)
