"""The fictional county: halls, windows, people and grants, put in place by public commands.

Every command has an id made of its content, so the county may be loaded as often as one likes: what is there
already answers what it answered the first time, and what the file adds comes in.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, Self
from uuid import UUID, uuid5

import msgspec
import yaml
from eventlet.greenpool import GreenPool
from msgspec import Struct

from catalogue import Catalogue
from contracts.delegation import (
    GrantQualification,
    HoldTraining,
    LegalForm,
    MakeGrant,
    Power,
    PublishGrant,
    RecordAttendance,
)
from contracts.halls import (
    ArrangeQueue,
    ArrangeSlots,
    HallKind,
    InstallWindow,
    MouthLevel,
    MoveInItems,
    OpenWindow,
    RegisterHall,
    SeatOrganisation,
    SetHours,
    SetMouth,
    SlotRule,
    WeeklyHours,
    ZoneRule,
)
from contracts.language import Caller, Command
from eventing.client import Client
from eventing.errors import OneThingError
from gateway.identity.people import Resident, people
from kernel.digests import canonical, digest

HERE = Path(__file__).parent
COMMANDS = UUID("6f6e6574-6869-6e67-8f63-6f756e747900")
AT_ONCE = 100
ATTEMPTS = 40


class Window(Struct, frozen=True, forbid_unknown_fields=True):
    """A window of a hall."""

    id: str
    name: str
    zone: str = ""
    themes: tuple[str, ...] = ()


class Hall(Struct, frozen=True, forbid_unknown_fields=True):
    """A hall or service point, and the organisation that runs it."""

    id: str
    name: str
    name_en: str
    kind: HallKind
    region: str
    org: str
    windows: tuple[Window, ...]
    hours: str
    """Which of the county's hours it has."""
    parent: str = ""
    receives: tuple[str, ...] = ()
    """Items that are resident for receipt (进驻); ``*``: every item."""
    handles: tuple[str, ...] = ()
    """Items that are handled there as a whole."""
    seats: dict[str, str] = {}
    """Organisation → the zone in which its people sit."""
    zones: tuple[ZoneRule, ...] = ()
    slots: tuple[SlotRule, ...] = ()


class Person(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who works there."""

    id: str
    name: str
    name_en: str
    org: str = ""
    hall: str = ""
    window: str = ""
    roles: tuple[str, ...] = ()

    @classmethod
    def of(cls, known: Resident) -> Self:
        """Somebody whom the development issuer knows."""
        return cls(known.id, known.name, known.name_en, known.org, known.hall, known.window, known.roles)

    @property
    def caller(self) -> Caller:
        """The person as the services see them."""
        return Caller(by=self.id, org=self.org, hall=self.hall, window=self.window, roles=self.roles)


class Delegated(Struct, frozen=True, forbid_unknown_fields=True):
    """Grants of the same kind: every grantor to every grantee."""

    grantors: tuple[str, ...]
    grantees: tuple[str, ...]
    form: LegalForm
    kind: Literal["administrative_organ", "public_institution", "other"]
    powers: tuple[Power, ...]
    items: tuple[str, ...] = ("*",)


class County(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is not in the catalogue."""

    region: str
    name: str
    name_en: str
    hours: dict[str, WeeklyHours]
    mouths: dict[str, MouthLevel]
    halls: tuple[Hall, ...]
    staff: tuple[Person, ...]
    short_names: dict[str, str]
    grants: tuple[Delegated, ...]
    qualifications: dict[str, tuple[str, ...]]
    """What staff are qualified in, and who they are."""
    qualified_until: date
    numbering: dict[str, str]
    """How documents and publications of grants are numbered."""
    valid_from: date

    def person(self, person_id: str) -> Person:
        """Somebody by id."""
        return next(each for each in self.staff if each.id == person_id)

    def hall(self, hall_id: str) -> Hall:
        """A hall by id."""
        return next(each for each in self.halls if each.id == hall_id)

    def place_name(self, place: str, catalogue: Catalogue) -> str:
        """What people call a hall, window, organisation or person; the id where nobody knows it."""
        for hall in self.halls:
            if hall.id == place:
                return hall.name
            for window in hall.windows:
                if window.id == place:
                    return f"{hall.name} {window.name}"
        for person in self.staff:
            if person.id == place:
                return person.name
        organisation = catalogue.organisations.get(place)
        return organisation.name if organisation is not None else place


@cache
def county(region: str) -> County:
    """The county of a region; raises FileNotFoundError where there is none."""
    read = yaml.safe_load((HERE / f"{region}.yaml").read_text("utf-8"))
    staff = tuple(Person.of(each) for each in people(region).staff)
    return msgspec.convert({**read, "staff": staff}, County, strict=False)


def load(county: County, client: Client) -> int:
    """Puts the county in place; returns how many commands that took. Repeating it changes nothing.

    Raises the first refusal.
    """
    done = 0
    pool: GreenPool = GreenPool(AT_ONCE)
    # a hall hangs below one that stands, a window stands in a hall, a grant is signed before it is announced
    halls = ([each] for each in _halls(county))
    stages = (
        _windows,
        _furnishings,
        _grants,
        _publications,
        _openings,
        _trainings,
        _attendances,
        _qualifications,
    )
    for stage in (*halls, *(each(county) for each in stages)):
        for refusal in pool.imap(lambda each: _send(client, *each), stage):
            if refusal is not None:
                raise refusal
            done += 1
    return done


def _send(client: Client, caller: Caller, command: Command) -> OneThingError | None:
    content = canonical((caller.by, type(command).__name__, command))
    try:
        client.as_(caller).command(command, id=str(uuid5(COMMANDS, digest(content))), attempts=ATTEMPTS)
    except OneThingError as error:
        return error
    return None


Stage = Iterator[tuple[Caller, Command]]
"""Commands that may be sent in any order, each by its own caller."""


def _halls(county: County) -> Stage:
    for hall in county.halls:
        yield (
            Caller(by=f"{hall.org}-office", org=hall.org, hall=hall.id, roles=("manager",)),
            RegisterHall(hall=hall.id, name=hall.name, kind=hall.kind, region=hall.region, parent=hall.parent),
        )


def _windows(county: County) -> Stage:
    for hall in county.halls:
        for window in hall.windows:
            yield (
                Caller(by=f"{hall.org}-office", org=hall.org, hall=hall.id, roles=("manager",)),
                InstallWindow(window=window.id, hall=hall.id, name=window.name, zone=window.zone, themes=window.themes),
            )


def _furnishings(county: County) -> Stage:
    for hall in county.halls:
        office = Caller(by=f"{hall.org}-office", org=hall.org, hall=hall.id, roles=("manager",))
        yield office, SetHours(hall=hall.id, hours=county.hours[hall.hours])
        if hall.receives:
            yield office, MoveInItems(hall=hall.id, items=hall.receives, business="receive")
        if hall.handles:
            yield office, MoveInItems(hall=hall.id, items=hall.handles, business="handle")
        for organisation, zone in hall.seats.items():
            yield office, SeatOrganisation(hall=hall.id, organisation=organisation, zone=zone)
        if hall.zones:
            yield office, ArrangeQueue(hall=hall.id, zones=hall.zones)
        if hall.slots:
            yield office, ArrangeSlots(hall=hall.id, rules=hall.slots)
        if not hall.parent:
            for theme, level in county.mouths.items():
                yield office, SetMouth(hall=hall.id, theme=theme, level=level)


def _openings(county: County) -> Stage:
    for person in county.staff:
        if person.window:
            yield person.caller, OpenWindow(window=person.window)


TRAINER = Caller(by="zwzx-trainer", org="zwzx", roles=("trainer",))


def _trainings(county: County) -> Stage:
    for qualification in county.qualifications:
        yield (
            TRAINER,
            HoldTraining(
                training=f"{qualification}-{county.valid_from.year}",
                qualification=qualification,
                held_on=county.valid_from,
                trainer=TRAINER.by,
            ),
        )


def _attendances(county: County) -> Stage:
    for qualification, staff in county.qualifications.items():
        for each in staff:
            yield TRAINER, RecordAttendance(staff=each, training=f"{qualification}-{county.valid_from.year}")


def _qualifications(county: County) -> Stage:
    for qualification, staff in county.qualifications.items():
        for each in staff:
            yield (
                TRAINER,
                GrantQualification(
                    staff=each,
                    qualification=qualification,
                    exam=f"{qualification}-{county.valid_from.year}-{each}",
                    valid_until=county.qualified_until,
                ),
            )


class _Numbered(Struct, frozen=True):
    grant: str
    number: int
    grantor: str
    grantee: str
    terms: Delegated


def _numbered(county: County) -> Iterator[_Numbered]:
    counted: dict[str, int] = {}
    for terms in county.grants:
        for grantee in terms.grantees:
            for grantor in terms.grantors:
                number = counted[grantor] = counted.get(grantor, 0) + 1
                yield _Numbered(f"{grantor}-to-{grantee}", number, grantor, grantee, terms)


def _grants(county: County) -> Stage:
    for each in _numbered(county):
        yield (
            Caller(by=f"{each.grantor}-head", org=each.grantor, roles=("approver",)),
            MakeGrant(
                grant=each.grant,
                legal_form=each.terms.form,
                grantor=each.grantor,
                grantee=each.grantee,
                grantee_kind=each.terms.kind,
                items=each.terms.items,
                powers=each.terms.powers,
                valid_from=county.valid_from,
                document=_number(county, "document", each),
            ),
        )


def _publications(county: County) -> Stage:
    for each in _numbered(county):
        # 行政许可法 第24条第1款: announced, and here by another person than the one who signed it
        yield (
            Caller(by=f"{each.grantor}-office", org=each.grantor, roles=("publisher",)),
            PublishGrant(grant=each.grant, publication=_number(county, "publication", each)),
        )


def _number(county: County, kind: str, each: _Numbered) -> str:
    short = county.short_names[each.grantor]
    return county.numbering[kind].format(short=short, year=county.valid_from.year, number=each.number)
