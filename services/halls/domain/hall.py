"""A hall of the 1+N tree: when it is open, what is resident in it, who sits there, and who takes over from it."""

import msgspec

from contracts.halls import (
    Business,
    ExceptHours,
    HallClosed,
    HallKind,
    HallRegistered,
    HallReopened,
    HoursExcepted,
    HoursException,
    HoursExceptionLifted,
    HoursSet,
    ItemsMovedIn,
    ItemsMovedOut,
    LiftHoursException,
    MouthLevel,
    MouthSet,
    MoveInItems,
    MoveOutItems,
    OrganisationSeated,
    OrganisationUnseated,
    RegisterHall,
    SeatOrganisation,
    SetHours,
    SetMouth,
    WeeklyHours,
)
from contracts.language import Act
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Refused
from halls.domain.opening import check_hours, check_spans
from kernel.clock import local_date


class HallExists(Refused):
    """A hall with this id and another content stands in the tree."""


class UnknownParent(Refused):
    """A hall hangs below a hall that exists."""


class ClosureUnexplained(Refused):
    """People are told why a hall closes."""


class NoReplacement(Refused):
    """Another hall that exists and is open takes over."""


class HallClosedAlready(Refused):
    """The hall is closed, and what was there went to another hall."""


class ExceptionUnexplained(Refused):
    """People are told why a day has other hours."""


class DayPast(Refused):
    """Nothing is set for a day that is over."""


class NothingToMove(Refused):
    """Residency is about items that are named."""


class MovingOutUnexplained(Refused):
    """People are told why items leave a hall."""


class HallTerms(msgspec.Struct, frozen=True):
    """What a hall was registered as."""

    name: str
    kind: HallKind
    region: str
    parent: str


class Hall(Aggregate):
    """A hall or service point in the 1+N tree."""

    case_bound = False
    terms: HallTerms | None
    replacement: str
    hours: WeeklyHours | None
    exceptions: tuple[HoursException, ...]
    mouths: dict[str, MouthLevel]
    residents: dict[str, Business]
    seats: dict[str, str]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.terms = None
        self.replacement = ""
        self.hours = None
        self.exceptions = ()
        self.mouths = {}
        self.residents = {}
        self.seats = {}

    @property
    def is_closed(self) -> bool:
        """Whether another hall has taken over."""
        return bool(self.replacement)

    def reach(self) -> Reach:
        """Itself, and the hall above it."""
        return Reach(halls=frozenset((self.stream, self.terms.parent if self.terms is not None else "")) - {""})

    def register(self, cmd: RegisterHall, *, parent_known: bool, act: Act) -> None:
        """Hangs the hall below its parent; without one it is a root of the tree."""
        terms = HallTerms(cmd.name, cmd.kind, cmd.region, cmd.parent)
        if self.terms == terms:
            return
        if self.terms is not None:
            raise HallExists(hall=self.stream, name=self.terms.name)
        if cmd.parent and not parent_known:
            raise UnknownParent(parent=cmd.parent)
        self.record(HallRegistered, act, name=cmd.name, kind=cmd.kind, region=cmd.region, parent=cmd.parent)

    @applies(HallRegistered)
    def _registered(self, fact: HallRegistered) -> None:
        self.terms = HallTerms(fact.name, fact.kind, fact.region, fact.parent)

    def close(self, replacement: str, reason: str, *, replacement_open: bool, act: Act) -> None:
        """Closes the hall; another one takes over what lies there."""
        if self.replacement == replacement and replacement:
            return
        if self.is_closed:
            raise HallClosedAlready(hall=self.stream, replacement=self.replacement)
        if replacement == self.stream or not replacement_open:
            raise NoReplacement(hall=self.stream, replacement=replacement)
        if not reason:
            raise ClosureUnexplained
        self.record(HallClosed, act, replacement=replacement, reason=reason)

    @applies(HallClosed)
    def _closed(self, fact: HallClosed) -> None:
        self.replacement = fact.replacement

    def reopen(self, act: Act) -> None:
        """Opens the hall again; an open one is no news."""
        if self.is_closed:
            self.record(HallReopened, act)

    @applies(HallReopened)
    def _reopened(self, fact: HallReopened) -> None:
        self.replacement = ""

    def set_hours(self, cmd: SetHours, act: Act) -> None:
        """Sets when it is open in a usual week."""
        if self.hours == cmd.hours:
            return
        check_hours(cmd.hours)
        self.record(HoursSet, act, hall=self.stream, hours=cmd.hours)

    @applies(HoursSet)
    def _hours_set(self, fact: HoursSet) -> None:
        self.hours = fact.hours

    def except_hours(self, cmd: ExceptHours, act: Act) -> None:
        """Gives a day that is not over other hours. Exceptions of days that are over are dropped by the next one."""
        exception = HoursException(on=cmd.on, spans=cmd.spans, reason=cmd.reason)
        if exception in self.exceptions:
            return
        if cmd.on < local_date(act.at):
            raise DayPast(on=cmd.on)
        if not cmd.reason.strip():
            raise ExceptionUnexplained
        check_spans(cmd.spans)
        self.record(HoursExcepted, act, hall=self.stream, on=cmd.on, spans=cmd.spans, reason=cmd.reason)

    @applies(HoursExcepted)
    def _hours_excepted(self, fact: HoursExcepted) -> None:
        today = local_date(fact.at)
        kept = [each for each in self.exceptions if each.on >= today and each.on != fact.on]
        new = HoursException(on=fact.on, spans=fact.spans, reason=fact.reason)
        self.exceptions = tuple(sorted([*kept, new], key=lambda each: each.on))

    def lift_exception(self, cmd: LiftHoursException, act: Act) -> None:
        """Gives a day its usual hours again; one that has them is no news."""
        if any(each.on == cmd.on for each in self.exceptions):
            self.record(HoursExceptionLifted, act, hall=self.stream, on=cmd.on)

    @applies(HoursExceptionLifted)
    def _exception_lifted(self, fact: HoursExceptionLifted) -> None:
        self.exceptions = tuple(each for each in self.exceptions if each.on != fact.on)

    def set_mouth(self, cmd: SetMouth, act: Act) -> None:
        """Says at which level below here the theme is received."""
        if self.mouths.get(cmd.theme) != cmd.level:
            self.record(MouthSet, act, hall=self.stream, theme=cmd.theme, level=cmd.level)

    @applies(MouthSet)
    def _mouth_set(self, fact: MouthSet) -> None:
        self.mouths = {**self.mouths, fact.theme: fact.level}

    def move_in(self, cmd: MoveInItems, act: Act) -> None:
        """Makes items resident; those that are so already, in the same way, are no news."""
        if not cmd.items:
            raise NothingToMove
        new = tuple(item for item in dict.fromkeys(cmd.items) if self.residents.get(item) != cmd.business)
        if new:
            self.record(ItemsMovedIn, act, hall=self.stream, items=new, business=cmd.business)

    @applies(ItemsMovedIn)
    def _moved_in(self, fact: ItemsMovedIn) -> None:
        self.residents = {**self.residents, **dict.fromkeys(fact.items, fact.business)}

    def move_out(self, cmd: MoveOutItems, act: Act) -> None:
        """Ends the residency of items; those that are not resident are no news."""
        if not cmd.items:
            raise NothingToMove
        gone = tuple(item for item in dict.fromkeys(cmd.items) if item in self.residents)
        if not gone:
            return
        if not cmd.reason.strip():
            raise MovingOutUnexplained
        self.record(ItemsMovedOut, act, hall=self.stream, items=gone, reason=cmd.reason)

    @applies(ItemsMovedOut)
    def _moved_out(self, fact: ItemsMovedOut) -> None:
        self.residents = {item: how for item, how in self.residents.items() if item not in fact.items}

    def seat(self, cmd: SeatOrganisation, act: Act) -> None:
        """Says that an organisation's people sit here."""
        if self.seats.get(cmd.organisation) != cmd.zone:
            self.record(OrganisationSeated, act, hall=self.stream, organisation=cmd.organisation, zone=cmd.zone)

    @applies(OrganisationSeated)
    def _seated(self, fact: OrganisationSeated) -> None:
        self.seats = {**self.seats, fact.organisation: fact.zone}

    def unseat(self, organisation: str, act: Act) -> None:
        """Says that they do not any more."""
        if organisation in self.seats:
            self.record(OrganisationUnseated, act, hall=self.stream, organisation=organisation)

    @applies(OrganisationUnseated)
    def _unseated(self, fact: OrganisationUnseated) -> None:
        self.seats = {name: zone for name, zone in self.seats.items() if name != fact.organisation}
