"""What a case is at any moment: the state that every topic's rules look at, and the guards that they share."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from contracts.intake import Channel, CrossRegion, MaterialCopy, Mode, Origin, PlannedItem
from contracts.language import Act, Caller, Fact, Sealed
from contracts.scopes import Reach
from eventing.aggregate import Aggregate
from intake.domain.lifecycle import ALLOWED, OPEN, ItemState, Status
from intake.domain.refusals import NoHall, NoOffice, NotInCase, NotNow

PRINCIPAL = "applicant"
"""In whose name an agent acts."""

Outcome = Literal["granted", "partly", "denied", "withdrawn", "not_accepted", "returned", "merged"]
OutputMode = Literal["integrated", "itemised"]


def counter(act: Act) -> Caller:
    """Who stands at which hall's counter in this act; raises NoHall when no hall stands behind it."""
    if act.caller is None or not act.caller.hall:
        raise NoHall
    return act.caller


def office(act: Act) -> None:
    """A hall or a department stands behind this act; raises NoOffice. Whose items they are, the scope says."""
    if act.caller is None or not (act.caller.hall or act.caller.org):
        raise NoOffice


class CaseState(Aggregate):
    """A theme case in intake, as its facts left it. Each topic adds what it alone keeps.

    Items end one by one, the case with its last item.
    """

    number: str
    theme: str
    catalogue: str
    mode: Mode
    region: str
    area: str
    hall: str
    window: str
    channel: Channel
    opened_at: datetime | None
    key_id: str
    applicant: Sealed
    applicant_index: str
    applicant_kind: Literal["natural", "legal"]
    answers: dict[str, str]
    entry_item: str
    output_mode: OutputMode
    cross_region: CrossRegion
    owner_hall: str
    mandate: str
    plan: tuple[PlannedItem, ...]
    origins: dict[str, Origin]
    items: dict[str, ItemState]
    notice: tuple[str, int, str]
    issues: int
    noticed: tuple[PlannedItem, ...]
    noticed_at: datetime | None
    fields: dict[str, str]
    copies: tuple[MaterialCopy, ...]
    is_correcting: bool
    acceptances: dict[str, str]
    halls: tuple[str, ...]
    agents: tuple[str, ...]
    outcome: Outcome | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.number = ""
        self.theme = ""
        self.catalogue = ""
        self.mode = "one_mouth"
        self.region = ""
        self.area = ""
        self.hall = ""
        self.window = ""
        self.channel = "window"
        self.opened_at = None
        self.key_id = ""
        self.applicant = Sealed("", "", b"")
        self.applicant_index = ""
        self.applicant_kind = "natural"
        self.answers = {}
        self.entry_item = ""
        self.output_mode = "itemised"
        self.cross_region = "local"
        self.owner_hall = ""
        self.mandate = ""
        """The mandate of the agent who opened it; empty where the applicant did."""
        self.plan = ()
        self.origins = {}
        """What was done or begun elsewhere, and what proves it."""
        self.items = {}
        self.notice = ("", 0, "")
        """Number, edition and digest of the one-time notice."""
        self.issues = 0
        self.noticed = ()
        """The plan that the notice was given for."""
        self.noticed_at = None
        self.fields = {}
        """Filled field → provenance."""
        self.copies = ()
        self.is_correcting = False
        self.acceptances = {}
        """Item → number of its acceptance notice, empty where it was accepted by operation of law."""
        self.halls = ()
        """The halls that opened the case, received for it, accepted its items or took it over."""
        self.agents = ()
        """Who acted for the applicant under a mandate."""
        self.outcome = None

    @property
    def status(self) -> Status:
        """Where the case stands."""
        if self.outcome is not None:
            return Status.CLOSED
        if not self.unsettled:
            return Status.ACCEPTED
        if self.is_correcting:
            return Status.CORRECTING
        return Status.RECEIVED if self.copies else Status.OPENED

    @property
    def open_items(self) -> tuple[str, ...]:
        """The items that are neither accepted, nor kept until they are complete, nor gone."""
        return tuple(item for item, state in self.items.items() if state is ItemState.PENDING)

    @property
    def unsettled(self) -> tuple[str, ...]:
        """The items that are neither accepted nor gone, those included that are kept until they are complete."""
        return tuple(item for item, state in self.items.items() if state in OPEN)

    @property
    def selected(self) -> tuple[str, ...]:
        """The items that the case handles, whatever became of them."""
        return tuple(planned.item for planned in self.plan if planned.standing == "selected")

    @property
    def satisfied(self) -> dict[str, str]:
        """The items that were done before, with their evidence."""
        return {planned.item: planned.evidence for planned in self.plan if planned.standing == "satisfied"}

    @property
    def underway(self) -> dict[str, str]:
        """The items that were begun elsewhere, with the record of it."""
        return {planned.item: planned.evidence for planned in self.plan if planned.standing == "underway"}

    @property
    def present(self) -> frozenset[str]:
        """The materials of which there is a copy."""
        return frozenset(copy.material for copy in self.copies)

    @property
    def serving(self) -> tuple[MaterialCopy, ...]:
        """The copies that an acceptance can rest on; of each material the last count."""
        return self.copies

    @property
    def recognised(self) -> tuple[MaterialCopy, ...]:
        """The copies by which one that is brought again is known."""
        return self.copies

    def apply(self, fact: Fact) -> None:
        """Remembers who acted for the applicant; everything else is each topic's."""
        super().apply(fact)
        if fact.in_name_of == PRINCIPAL and fact.by not in self.agents:
            self.agents += (fact.by,)

    def reach(self) -> Reach:
        """Its halls, who handles its items, its applicant, and who acts for them."""
        return Reach(
            halls=frozenset((self.hall, self.owner_hall, *self.halls)) - {""},
            items={planned.item: planned.handler for planned in self.plan},
            subjects=frozenset((self.applicant_index,)) - {""},
            agents=frozenset(self.agents),
        )

    def timers(self) -> dict[str, datetime]:
        """The deadlines that stand now; each topic adds its own."""
        return {}

    def _may(self, verb: str) -> None:
        if verb not in ALLOWED[self.status]:
            raise NotNow(verb=verb, status=self.status)

    def _in_case(self, items: Iterable[str]) -> None:
        selected = self.selected
        foreign = [item for item in items if item not in selected]
        if foreign:
            raise NotInCase(items=foreign)

    def _at_hall(self, hall: str) -> None:
        if hall and hall not in self.halls:
            self.halls += (hall,)

    def _settle(self, item: str, state: ItemState) -> None:
        self.items[item] = state
