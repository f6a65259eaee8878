"""The halls service: halls are registered, closed and reopened; windows are installed, opened, paused and closed."""

from typing import Any

import sqlalchemy as sa

from contracts.halls import (
    CloseHall,
    CloseWindow,
    GetTree,
    InstallWindow,
    OpenWindow,
    PauseWindow,
    RegisterHall,
    ReopenHall,
)
from contracts.language import Act, Caller
from eventing.errors import NotFound
from eventing.service import Service, command, query
from halls.domain import Hall, Window
from halls.projections import HALLS, WINDOWS, tree


class Halls(Service):
    """大厅窗口."""

    name = "halls"
    aggregates = (Hall, Window)
    views = (HALLS, WINDOWS)

    @command(RegisterHall, on=Hall, key="hall", creates=True, given="known_parents")
    def register_hall(self, hall: Hall, cmd: RegisterHall, act: Act, given: bool) -> None:
        """A hall joins the tree."""
        hall.register(cmd, parent_known=given, act=act)

    def known_parents(self, batch: list[tuple[Hall, RegisterHall, Act]]) -> list[bool]:
        """For each command whether its parent stands in the tree."""
        known = self._known({cmd.parent for _, cmd, _ in batch})
        return [cmd.parent in known for _, cmd, _ in batch]

    @command(CloseHall, on=Hall, key="hall", given="open_replacements")
    def close_hall(self, hall: Hall, cmd: CloseHall, act: Act, given: bool) -> None:
        """Another hall takes over."""
        hall.close(cmd.replacement, cmd.reason, replacement_open=given, act=act)

    def open_replacements(self, batch: list[tuple[Hall, CloseHall, Act]]) -> list[bool]:
        """For each command whether the hall that is to take over stands in the tree and is open."""
        known = self._known({cmd.replacement for _, cmd, _ in batch}, open_only=True)
        return [cmd.replacement in known for _, cmd, _ in batch]

    @command(ReopenHall, on=Hall, key="hall")
    def reopen_hall(self, hall: Hall, _: ReopenHall, act: Act) -> None:
        """The hall is open again."""
        hall.reopen(act)

    @command(InstallWindow, on=Window, key="window", creates=True, given="known_halls")
    def install_window(self, window: Window, cmd: InstallWindow, act: Act, given: bool) -> None:
        """A window is set up."""
        window.install(cmd, hall_known=given, act=act)

    def known_halls(self, batch: list[tuple[Window, InstallWindow, Act]]) -> list[bool]:
        """For each command whether its hall stands in the tree."""
        known = self._known({cmd.hall for _, cmd, _ in batch})
        return [cmd.hall in known for _, cmd, _ in batch]

    @command(OpenWindow, on=Window, key="window")
    def open_window(self, window: Window, _: OpenWindow, act: Act) -> None:
        """The calling clerk goes on duty."""
        window.open(act)

    @command(PauseWindow, on=Window, key="window")
    def pause_window(self, window: Window, cmd: PauseWindow, act: Act) -> None:
        """Business is interrupted."""
        window.pause(cmd.reason, act)

    @command(CloseWindow, on=Window, key="window")
    def close_window(self, window: Window, _: CloseWindow, act: Act) -> None:
        """Business ends."""
        window.close(act)

    @query(GetTree)
    def get_tree(self, question: GetTree, caller: Caller) -> list[dict[str, Any]]:
        """The 1+N tree with its windows and their state now."""
        windows = self.store.select(sa.select(WINDOWS.table).order_by(WINDOWS.c.window))
        halls = self.store.select(sa.select(HALLS.table).order_by(HALLS.c.hall))  # after: no window without its hall
        if question.root and question.root not in {hall["hall"] for hall in halls}:
            raise NotFound(what="hall", id=question.root)
        return tree(halls, windows, question.root)

    def _known(self, halls: set[str], *, open_only: bool = False) -> set[str]:
        known = sa.select(HALLS.c.hall).where(HALLS.c.hall.in_(halls))
        if open_only:
            known = known.where(HALLS.c.replacement == "")
        return {row["hall"] for row in self.store.select(known)}
