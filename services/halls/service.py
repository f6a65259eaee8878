"""The halls service: halls are registered; windows are installed, opened, paused and closed."""

from typing import Any

import sqlalchemy as sa

from contracts.halls import CloseWindow, GetTree, InstallWindow, OpenWindow, PauseWindow, RegisterHall
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

    def _known(self, halls: set[str]) -> set[str]:
        return {row["hall"] for row in self.store.select(sa.select(HALLS.c.hall).where(HALLS.c.hall.in_(halls)))}
