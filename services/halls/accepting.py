"""What a window and a hall can accept now, explained, and looked at again whenever something about it changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from catalogue.errors import UnknownTheme
from catalogue.model import Catalogue, Theme
from contracts.halls import AcceptedItem, Business, ItemAcceptance, Reason, WhatCanAccept, WindowAcceptance
from contracts.language import Act, Caller
from contracts.words import terms
from eventing.errors import NotFound
from eventing.service import command, query
from halls.configuration import Configuration
from halls.desks import check_own
from halls.domain import (
    NOT_QUALIFIED,
    NOT_RESIDENT,
    Acceptance,
    OnDuty,
    Register,
    ReviewAcceptance,
    handlers,
    instant,
    is_resident,
    of_hall,
    start_of,
)
from halls.lookups import Row, hall_row, window_row
from halls.projections.authority import KNOWN_GRANTS, KNOWN_SKILLS, register_of, reviewed
from halls.projections.desks import HEARTBEAT
from halls.projections.tree import RESIDENTS, WINDOWS, hours_of
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar


class Reviewed(msgspec.Struct, frozen=True):
    """What a hall can accept, and the next instant at which the clock alone changes it."""

    items: list[ItemAcceptance]
    due: datetime | None


def reason(code: str) -> Reason:
    """A reason in words."""
    words = terms().get(code, {})
    return Reason(code=code, zh=words.get("zh", code), en=words.get("en", code))


class Accepting:
    """The review of what a hall can accept, and the question what a window can."""

    store: Any
    clock: Any
    catalogues: Any
    calendar: WorkingCalendar
    configured: Configuration

    @command(ReviewAcceptance, on=Acceptance, key="acceptance", creates=True, given="reviews")
    def review_acceptance(self, acceptance: Acceptance, cmd: ReviewAcceptance, act: Act, given: Reviewed) -> None:
        """What changed is noted, and that it was looked at, in one transaction."""
        check_own(act)
        acceptance.review(given.items, act)
        step = reviewed(cmd.hall, cmd.wanted, given.due)
        self.store.also(lambda connection: connection.execute(step))

    def reviews(self, batch: Sequence[tuple[Acceptance, ReviewAcceptance, Act]]) -> list[Reviewed]:
        """For each hall what it can accept by residency, grants and staff on duty as they are known now."""
        given = []
        for _, cmd, act in batch:
            register = self._register(act.at, cmd.hall)
            duty = self._duty(cmd.hall)
            turn = register.next_turn(cmd.hall, (each.staff for each in duty))
            given.append(
                Reviewed(
                    of_hall(cmd.hall, self._residents(cmd.hall), register, self.catalogues.current(), duty),
                    None if turn is None else instant(turn, "00:00"),
                )
            )
        return given

    @query(WhatCanAccept)
    def what_can_accept(self, question: WhatCanAccept, caller: Caller) -> WindowAcceptance:
        """What the window can accept now, item by item, with every reason and the moment when that changes."""
        now = self.clock.now()
        window = window_row(self.store, question.window)
        hall = hall_row(self.store, window["hall"])
        catalogue = self.catalogues.current()
        themes = self._themes(catalogue, question.theme, window)
        opening = hours_of(hall, self.calendar).at(now, hall["replacement"])
        register = self._register(now, window["hall"])
        general = [reason(code) for code in self._general(hall, opening.open, window, question.theme, now)]
        residents = self._residents(window["hall"])
        items = tuple(
            each
            for theme in themes
            for each in _explained(theme, window, residents, register, catalogue, general=bool(general))
        )
        accepted = sum(each.accepts for each in items)
        turn = register.next_turn(window["hall"], [window["staff"]] if window["staff"] else [])
        return WindowAcceptance(
            window=question.window,
            hall=window["hall"],
            at=now,
            staff=window["staff"],
            reasons=tuple(general),
            items=items,
            changes_at=start_of(
                [opening.until if opening.open else opening.next, None if turn is None else instant(turn, "00:00")]
            ),
            accepts="none" if not accepted else "all" if accepted == len(items) else "some",
        )

    def _themes(self, catalogue: Catalogue, theme: str, window: Row) -> list[Theme]:
        try:
            if theme:
                return [catalogue.theme(theme)]
        except UnknownTheme as error:
            raise NotFound(what="theme", id=theme) from error
        own = window["themes"] or list(catalogue.themes)
        return [catalogue.themes[each] for each in own if each in catalogue.themes]

    def _general(self, hall: Row, is_open: bool | None, window: Row, theme: str, now: datetime) -> Iterator[str]:
        """Why nothing at all can be accepted at the window."""
        if hall["replacement"]:
            yield "hall-closed"
        elif is_open is False:  # hours that nobody recorded limit nothing
            yield "out-of-hours"
        if window["state"] != "open":
            yield f"window-{window['state']}"
        elif is_silent(window, self._heard(window), now, self.configured):
            yield "window-silent"
        if theme and window["themes"] and theme not in window["themes"]:
            yield "other-themes"

    def _heard(self, window: Row) -> datetime | None:
        rows = self.store.select(sa.select(HEARTBEAT.c.heard_at).where(HEARTBEAT.c.desk == window["window"]))
        heard: datetime | None = rows[0]["heard_at"] if rows else None
        return heard

    def _register(self, now: datetime, hall: str) -> Register:
        """What is known of grants and qualifications, as it counts on the day of an instant.

        Grants are read along their chains: those to the hall, those to whoever gave these, and so on.
        """
        found: dict[str, Row] = {}
        seen: set[str] = set()
        waiting = {hall}
        while waiting:
            rows = self.store.select(sa.select(KNOWN_GRANTS).where(KNOWN_GRANTS.c.grantee.in_(waiting)))
            seen |= waiting
            found |= {row["grant"]: row for row in rows}
            waiting = {row["grantor"] for row in rows} - seen
        staff = sa.select(WINDOWS.c.staff).where(WINDOWS.c.hall == hall, WINDOWS.c.staff != "")
        skills = self.store.select(sa.select(KNOWN_SKILLS).where(KNOWN_SKILLS.c.staff.in_(staff)))
        return register_of(found.values(), skills, local_date(now))

    def _residents(self, hall: str) -> dict[str, Business]:
        rows = self.store.select(sa.select(RESIDENTS.table).where(RESIDENTS.c.hall == hall))
        return {row["item"]: row["business"] for row in rows}

    def _duty(self, hall: str) -> list[OnDuty]:
        w = WINDOWS.c
        rows = self.store.select(sa.select(WINDOWS.table).where(w.hall == hall, w.staff != "").order_by(w.window))
        return [OnDuty(row["window"], row["staff"], tuple(row["themes"])) for row in rows]


def is_silent(window: Mapping[str, Any], heard: datetime | None, now: datetime, configured: Configuration) -> bool:
    """Whether a manned window was heard since it opened, and not for longer than is usual.

    A desk that never spoke since then is no subject of this: not every window has one that does.
    """
    if window["state"] == "closed":
        return False
    if heard is None or (window["since"] is not None and heard < window["since"]):
        return window["silent_since"] is not None
    return now - heard > configured.silence


def _explained(
    theme: Theme,
    window: Mapping[str, Any],
    residents: Mapping[str, Business],
    register: Register,
    catalogue: Catalogue,
    *,
    general: bool,
) -> Iterator[AcceptedItem]:
    """Each item of each handler with all that speaks against it; ``general``: something does against every item."""
    hall, place = window["hall"], window["window"]
    for item in theme.items:
        if not item.adopted:
            continue
        for handler in handlers(catalogue, item):
            found = register.may(hall, item.id, handler, "accept", place)
            receipt = register.may(hall, item.id, handler, "receive", place)
            codes = [] if is_resident(item.id, residents) else [NOT_RESIDENT]
            receives = not general and not codes and not (receipt.refusal and found.refusal)
            if found.refusal:
                codes.append(found.refusal)
            if not register.is_skilled(window["staff"], theme.qualification):
                codes.append(NOT_QUALIFIED)
            yield AcceptedItem(
                theme=theme.id,
                item=item.id,
                handler=handler,
                accepts=not general and not codes,
                receives=receives,
                grant=found.grant,
                in_name_of=found.in_name_of,
                reasons=tuple(reason(code) for code in codes),
            )
