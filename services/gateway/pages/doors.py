"""The doors of the house: which pages there are for whom. Each group of pages declares its own (``DOORS``)."""

import msgspec

from contracts.language import Caller


class Door(msgspec.Struct, frozen=True):
    """A way in: where it leads, the key of its words (``<word>`` and ``<word>_about``), and for which roles it is.

    No roles: for everybody, also for those who have not said who they are.
    """

    path: str
    word: str
    roles: frozenset[str] = frozenset()

    def is_for(self, caller: Caller) -> bool:
        """Whether it is shown to this caller."""
        return not self.roles or not self.roles.isdisjoint(caller.roles)


def doors_of(caller: Caller) -> list[Door]:
    """The doors for this caller, in the order of the groups."""
    from gateway.pages import GROUPS

    return [door for group in GROUPS for door in getattr(group, "DOORS", ()) if door.is_for(caller)]
