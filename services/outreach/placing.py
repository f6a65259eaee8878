"""数字政务门牌 as they are registered, read and counted."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contracts.language import Act, Caller
from contracts.outreach import ClosePlace, CountVisit, CountVisits, GetPlace, ListPlaces, RegisterPlace
from eventing.errors import Invalid, NotFound
from eventing.paging import Order
from eventing.printed import Codes
from eventing.service import command, query
from outreach.consulting import PAGE
from outreach.domain import Place, Visit
from outreach.domain.place import PlaceTerms
from outreach.domain.refusals import CodeUnknown
from outreach.projections import PLACES, PLACES_BY_ID, VISITS

BY_PLACE_AND_DAY = Order(VISITS.c.place, VISITS.c.on)


class Placing:
    """Commands and questions about places and visits."""

    store: Any
    catalogues: Any
    codes: Codes

    @command(RegisterPlace, on=Place, key="place", creates=True)
    def register_place(self, place: Place, cmd: RegisterPlace, act: Act) -> dict[str, Any]:
        """A place gets its code."""
        terms = PlaceTerms(cmd.name, cmd.kind, cmd.region, cmd.theme, cmd.hall, cmd.entry_item, cmd.address)
        place.register(terms, self.catalogues.current(), act=act)
        return {"place": place.stream, "code": self.codes.code("place", place.stream)}

    @command(ClosePlace, on=Place, key="place")
    def close_place(self, place: Place, cmd: ClosePlace, act: Act) -> None:
        """Its code opens nothing any more."""
        place.close(cmd.reason, act=act)

    @command(CountVisit, on=Visit, key="visit", creates=True, given="visited")
    def count_visit(self, visit: Visit, cmd: CountVisit, act: Act, given: dict[str, str]) -> dict[str, Any]:
        """Somebody read a code."""
        visit.count(given.get("place", ""), given.get("theme", ""), act=act)
        return {"place": visit.place, "theme": visit.theme, "entry_item": given.get("entry_item", "")}

    def visited(self, batch: Sequence[tuple[Visit, CountVisit, Act]]) -> list[dict[str, str]]:
        """The open places of these codes."""
        return [self._open(cmd.code) for _, cmd, _ in batch]

    def _open(self, code: str) -> dict[str, Any]:
        rows = self.store.select(
            PLACES.table.select().where(PLACES.c.place == self.codes.read("place", code), PLACES.c.closed.is_(False))
        )
        return dict(rows[0]) if rows else {}

    @query(GetPlace)
    def get_place(self, query: GetPlace, caller: Caller) -> dict[str, Any]:
        """The place with its code; by a code that was read, only while it is open."""
        if query.code:
            found = self._open(query.code)
            if not found:
                raise CodeUnknown
            return found
        rows = self.store.select(PLACES.table.select().where(PLACES.c.place == query.place))
        if not rows:
            raise NotFound(what="place", id=query.place)
        return {**rows[0], "code": self.codes.code("place", query.place)}

    @query(ListPlaces)
    def list_places(self, query: ListPlaces, caller: Caller) -> dict[str, Any]:
        """A page of places."""
        c = PLACES.c
        statement = PLACES.table.select()
        for column, wanted in ((c.theme, query.theme), (c.kind, query.kind), (c.hall, query.hall)):
            if wanted:
                statement = statement.where(column == wanted)
        if not query.closed:
            statement = statement.where(c.closed.is_(False))
        limit = max(1, min(query.limit, PAGE))
        rows = self.store.select(PLACES_BY_ID.page(statement, query.after, limit, reverse=query.reversed))
        return {"places": [dict(row) for row in rows], "after": PLACES_BY_ID.cursor(rows, limit)}

    @query(CountVisits)
    def count_visits(self, query: CountVisits, caller: Caller) -> dict[str, Any]:
        """Visits by place and day."""
        if query.ends < query.begins:
            raise Invalid(field="ends")
        c = VISITS.c
        statement = (
            sa.select(c.place, c.on, sa.func.count().label("visits"))
            .where(c.on.between(query.begins, query.ends))
            .group_by(c.place, c.on)
        )
        if query.place:
            statement = statement.where(c.place == query.place)
        limit = max(1, min(query.limit, PAGE))
        rows = self.store.select(BY_PLACE_AND_DAY.page(statement, query.after, limit, reverse=query.reversed))
        return {"visits": [dict(row) for row in rows], "after": BY_PLACE_AND_DAY.cursor(rows, limit)}
