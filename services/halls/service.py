"""The halls service: the tree and its windows; tickets, appointments, desks, cases between windows, and boards."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from catalogue.errors import UnknownItem
from contracts.halls import (
    CloseHall,
    CloseWindow,
    ExceptHours,
    GetHall,
    GetMouth,
    GetOpening,
    GetTree,
    HallAnswer,
    HoursException,
    InstallWindow,
    LiftHoursException,
    ListResidents,
    ListSeats,
    MouthAnswer,
    MoveInItems,
    MoveOutItems,
    Opening,
    OpenWindow,
    PauseWindow,
    RegisterHall,
    ReopenHall,
    Resident,
    Seat,
    SeatOrganisation,
    SetHours,
    SetMouth,
    UnseatOrganisation,
)
from contracts.language import Act, Caller, Note
from eventing.catalogues import CurrentCatalogues
from eventing.errors import NotFound
from eventing.keyring import Keyring
from eventing.printed import PrintedCodes
from eventing.service import Service, command, projector, query
from eventing.store import Conflict
from halls.accepting import Accepting
from halls.appointments import Appointments
from halls.arranging import Arranging
from halls.boards import Boards
from halls.cases import Cases
from halls.configuration import Configured
from halls.desks import Desks
from halls.domain import Acceptance, Agenda, Hall, Queue, Screen, Sharing, Window
from halls.feed import Feed
from halls.feed.tables import TABLES as FEED_TABLES
from halls.keeping import Keeper
from halls.lookups import hall_row
from halls.policies import REACTIONS
from halls.projections.authority import (
    ACCEPTANCE,
    ACCEPTANCE_REVIEWS,
    KNOWN_GRANTS,
    KNOWN_SKILLS,
    note_authority,
)
from halls.projections.desks import HEARTBEAT, LATCH, LATCHES, SCREENS_SHOWN, STEP_TIMES, note_desks
from halls.projections.queues import AGENDAS, APPOINTMENTS, QUEUES, TICKETS
from halls.projections.sharing import HAND_OVERS, KNOWN_CASES, MESSAGES, note_cases
from halls.projections.tree import (
    BY_ITEM,
    BY_ORGANISATION,
    HALLS,
    RESIDENTS,
    SEATS,
    TREE,
    WINDOW,
    WINDOWS,
    above,
    below,
    hours_of,
    tree,
)
from halls.reaching import Reaching
from halls.tickets import Tickets
from kernel.workdays import WorkingCalendar

PAGE = 500
"""Rows on a page of a list at most."""


class Halls(Reaching, Accepting, Tickets, Appointments, Arranging, Desks, Cases, Boards, Feed, Service):
    """大厅窗口."""

    name = "halls"
    rest = 0.02
    aggregates = (Hall, Window, Queue, Agenda, Screen, Sharing, Acceptance)
    views = (
        HALLS,
        RESIDENTS,
        SEATS,
        WINDOWS,
        TICKETS,
        QUEUES,
        APPOINTMENTS,
        AGENDAS,
        HAND_OVERS,
        MESSAGES,
        ACCEPTANCE,
    )
    tables = (
        HEARTBEAT,
        LATCH,
        STEP_TIMES,
        SCREENS_SHOWN,
        KNOWN_GRANTS,
        KNOWN_SKILLS,
        ACCEPTANCE_REVIEWS,
        KNOWN_CASES,
        *FEED_TABLES,
    )
    reactions = REACTIONS
    catalogues = CurrentCatalogues()
    keyring = Keyring()
    codes = PrintedCodes()
    configured = Configured()
    calendar = WorkingCalendar.official()

    # the tree

    @command(RegisterHall, on=Hall, key="hall", creates=True, given="known_parents")
    def register_hall(self, hall: Hall, cmd: RegisterHall, act: Act, given: bool) -> None:
        """A hall joins the tree."""
        hall.register(cmd, parent_known=given, act=act)

    def known_parents(self, batch: list[tuple[Hall, RegisterHall, Act]]) -> list[bool]:
        """For each command whether its parent stands in the tree."""
        known = self._known_halls({cmd.parent for _, cmd, _ in batch})
        return [cmd.parent in known for _, cmd, _ in batch]

    @command(CloseHall, on=Hall, key="hall", given="open_replacements")
    def close_hall(self, hall: Hall, cmd: CloseHall, act: Act, given: bool) -> None:
        """Another hall takes over."""
        hall.close(cmd.replacement, cmd.reason, replacement_open=given, act=act)

    def open_replacements(self, batch: list[tuple[Hall, CloseHall, Act]]) -> list[bool]:
        """For each command whether the hall that is to take over stands in the tree and is open."""
        known = self._known_halls({cmd.replacement for _, cmd, _ in batch}, open_only=True)
        return [cmd.replacement in known for _, cmd, _ in batch]

    @command(ReopenHall, on=Hall, key="hall")
    def reopen_hall(self, hall: Hall, _: ReopenHall, act: Act) -> None:
        """The hall is open again."""
        hall.reopen(act)

    @command(SetHours, on=Hall, key="hall")
    def set_hours(self, hall: Hall, cmd: SetHours, act: Act) -> None:
        """When it is open in a usual week."""
        hall.set_hours(cmd, act)

    @command(ExceptHours, on=Hall, key="hall")
    def except_hours(self, hall: Hall, cmd: ExceptHours, act: Act) -> None:
        """One day is another."""
        hall.except_hours(cmd, act)

    @command(LiftHoursException, on=Hall, key="hall")
    def lift_hours_exception(self, hall: Hall, cmd: LiftHoursException, act: Act) -> None:
        """The day is as usual."""
        hall.lift_exception(cmd, act)

    @command(SetMouth, on=Hall, key="hall")
    def set_mouth(self, hall: Hall, cmd: SetMouth, act: Act) -> None:
        """At which level a theme is received below here."""
        if cmd.theme not in self.catalogues.current().themes:
            raise NotFound(what="theme", id=cmd.theme)
        hall.set_mouth(cmd, act)

    @command(MoveInItems, on=Hall, key="hall")
    def move_in_items(self, hall: Hall, cmd: MoveInItems, act: Act) -> None:
        """Items become resident."""
        for item in cmd.items:
            if item != "*":
                try:
                    self.catalogues.current().item(item)
                except UnknownItem as error:
                    raise NotFound(what="item", id=item) from error
        hall.move_in(cmd, act)

    @command(MoveOutItems, on=Hall, key="hall")
    def move_out_items(self, hall: Hall, cmd: MoveOutItems, act: Act) -> None:
        """They leave."""
        hall.move_out(cmd, act)

    @command(SeatOrganisation, on=Hall, key="hall")
    def seat_organisation(self, hall: Hall, cmd: SeatOrganisation, act: Act) -> None:
        """An organisation's people sit here."""
        if cmd.organisation not in self.catalogues.current().organisations:
            raise NotFound(what="organisation", id=cmd.organisation)
        hall.seat(cmd, act)

    @command(UnseatOrganisation, on=Hall, key="hall")
    def unseat_organisation(self, hall: Hall, cmd: UnseatOrganisation, act: Act) -> None:
        """They do not any more."""
        hall.unseat(cmd.organisation, act)

    # windows

    @command(InstallWindow, on=Window, key="window", creates=True, given="known_halls")
    def install_window(self, window: Window, cmd: InstallWindow, act: Act, given: bool) -> None:
        """A window is set up."""
        window.install(cmd, hall_known=given, act=act)

    def known_halls(self, batch: list[tuple[Window, InstallWindow, Act]]) -> list[bool]:
        """For each command whether its hall stands in the tree."""
        known = self._known_halls({cmd.hall for _, cmd, _ in batch})
        return [cmd.hall in known for _, cmd, _ in batch]

    @command(OpenWindow, on=Window, key="window", given="other_duties")
    def open_window(self, window: Window, _: OpenWindow, act: Act, given: str) -> None:
        """The calling clerk goes on duty."""
        before = window.version
        window.open(act, elsewhere=given)
        if window.version != before:
            self.store.also(lambda connection: _only_duty(connection, act.by, window.stream))

    def other_duties(self, batch: list[tuple[Window, OpenWindow, Act]]) -> list[str]:
        """For each command another window at which the caller is on duty; empty: none."""
        w = WINDOWS.c
        rows = self.store.select(sa.select(w.window, w.staff).where(w.staff.in_({act.by for _, _, act in batch})))
        return [
            next((r["window"] for r in rows if r["staff"] == act.by and r["window"] != window.stream), "")
            for window, _, act in batch
        ]

    @command(PauseWindow, on=Window, key="window")
    def pause_window(self, window: Window, cmd: PauseWindow, act: Act) -> None:
        """Business is interrupted."""
        window.pause(cmd.reason, act)

    @command(CloseWindow, on=Window, key="window")
    def close_window(self, window: Window, _: CloseWindow, act: Act) -> None:
        """Business ends."""
        window.close(act)

    # other logs, and one's own

    @projector(upstreams=("delegation", "halls"))
    def note_authority(self, connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
        """Grants, qualifications, and which halls are to be looked at again."""
        note_authority(connection, notes)

    @projector(upstreams=("halls",))
    def note_desks(self, connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
        """What desks and screens told."""
        note_desks(connection, notes)

    @projector(upstreams=("intake",))
    def note_cases(self, connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
        """Which halls a case belongs to."""
        note_cases(connection, notes)

    keeper: Keeper | None = None

    def started(self) -> None:
        """Looks after what is to be looked after, until the service stops."""
        self.keeper = Keeper(self, self.configured)
        self.keeper.run()

    def stopping(self) -> None:
        """Nothing further is begun."""
        if self.keeper is not None:
            self.keeper.stop()

    # questions

    @query(GetTree)
    def get_tree(self, question: GetTree, caller: Caller) -> list[dict[str, Any]]:
        """The 1+N tree with its windows and their state now."""
        windows = self.store.select(sa.select(*WINDOW).order_by(WINDOWS.c.window))
        halls = self.store.select(sa.select(*TREE).order_by(HALLS.c.hall))  # after: no window without its hall
        if question.root and question.root not in {hall["hall"] for hall in halls}:
            raise NotFound(what="hall", id=question.root)
        return tree(halls, windows, question.root)

    @query(GetHall)
    def get_hall(self, question: GetHall, caller: Caller) -> HallAnswer:
        """A hall with all that was set for it."""
        row = hall_row(self.store, question.hall)
        r, s = RESIDENTS.c, SEATS.c
        residents = self.store.select(sa.select(RESIDENTS.table).where(r.hall == question.hall).order_by(r.item))
        seats = self.store.select(sa.select(SEATS.table).where(s.hall == question.hall).order_by(s.organisation))
        hours = hours_of(row, self.calendar)
        return HallAnswer(
            **{name: row[name] for name in ("hall", "name", "kind", "region", "parent", "replacement", "mouths")},
            opening=hours.at(self.clock.now(), row["replacement"]),
            hours=hours.weekly,
            exceptions=tuple(HoursException(**each) for each in row["exceptions"]),
            residents=tuple(Resident(**each) for each in residents),
            seats=tuple(Seat(**each) for each in seats),
        )

    @query(GetOpening)
    def get_opening(self, question: GetOpening, caller: Caller) -> Opening:
        """Whether a hall is open, and when that changes."""
        row = hall_row(self.store, question.hall)
        return hours_of(row, self.calendar).at(question.at or self.clock.now(), row["replacement"])

    @query(GetMouth)
    def get_mouth(self, question: GetMouth, caller: Caller) -> MouthAnswer:
        """Where a theme is received, as seen from a hall: as set there or above, else as the catalogue says."""
        themes = self.catalogues.current().themes
        if question.theme not in themes:
            raise NotFound(what="theme", id=question.theme)
        hall_row(self.store, question.hall)
        halls = {row["hall"]: row for row in self.store.select(sa.select(HALLS.table))}
        upwards = above(halls, question.hall)
        set_at = next((each for each in upwards if question.theme in halls[each]["mouths"]), "")
        level = halls[set_at]["mouths"][question.theme] if set_at else str(themes[question.theme].mouth)
        within = below(halls.values(), set_at or upwards[-1])
        return MouthAnswer(
            theme=question.theme,
            level=level,
            set_at=set_at,
            halls=tuple(each for each in within if halls[each]["kind"] == level),
        )

    @query(ListResidents)
    def list_residents(self, question: ListResidents, caller: Caller) -> dict[str, Any]:
        """Which items are resident where."""
        limit = max(1, min(question.limit, PAGE))
        wanted = sa.select(RESIDENTS.table)
        if question.hall:
            wanted = wanted.where(RESIDENTS.c.hall == question.hall)
        if question.item:
            wanted = wanted.where(RESIDENTS.c.item.in_((question.item, "*")))
        rows = self.store.select(BY_ITEM.page(wanted, question.after, limit, reverse=question.reversed))
        return {"residents": [Resident(**row) for row in rows], "after": BY_ITEM.cursor(rows, limit)}

    @query(ListSeats)
    def list_seats(self, question: ListSeats, caller: Caller) -> dict[str, Any]:
        """Which organisations sit where."""
        limit = max(1, min(question.limit, PAGE))
        wanted = sa.select(SEATS.table)
        for name in ("hall", "organisation"):
            if value := getattr(question, name):
                wanted = wanted.where(SEATS.c[name] == value)
        rows = self.store.select(BY_ORGANISATION.page(wanted, question.after, limit, reverse=question.reversed))
        return {"seats": [Seat(**row) for row in rows], "after": BY_ORGANISATION.cursor(rows, limit)}

    def _known_halls(self, halls: set[str], *, open_only: bool = False) -> set[str]:
        known = sa.select(HALLS.c.hall).where(HALLS.c.hall.in_(halls))
        if open_only:
            known = known.where(HALLS.c.replacement == "")
        return {row["hall"] for row in self.store.select(known)}


def _only_duty(connection: sa.Connection, staff: str, window: str) -> None:
    """In the transaction in which somebody goes on duty: nobody else lets them go on duty elsewhere at once.

    The latch makes whoever comes second wait for the first, and then see the first's row.
    """
    LATCHES.upsert(connection, [(staff, 0)])
    w = WINDOWS.c
    elsewhere = connection.execute(sa.select(w.window).where(w.staff == staff, w.window != window)).first()
    if elsewhere is not None:
        raise Conflict(elsewhere[0])
