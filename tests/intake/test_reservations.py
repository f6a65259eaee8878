"""预留编号: runs of numbers for windows that work offline, each used once."""

from datetime import date
from typing import Any

import pytest

from contracts.intake import GetCase
from contracts.language import Act, Caller
from contracts.reservations import GetReservation, ListReservations, ReserveNumbers
from eventing.errors import Refused
from eventing.scoping import OutOfScope
from intake.domain.refusals import AlreadyOpened, NoHall, UnknownTheme
from intake.domain.reservation import (
    MOST,
    DayOutOfReach,
    ForAnotherHall,
    NumberInUse,
    NumberNotReserved,
    NumberWrong,
    Reservation,
    ReservationDiffers,
    TooManyNumbers,
)
from kernel.digests import canonical
from kernel.numbers import case_number, check_case_number
from testkit.facts import NOON, an_act, facts, given, refused, replayed

from .neighbours import STRANGER, Office, opening, person, registering

TODAY = date(2026, 7, 23)


def reserved(reservation: Reservation | None = None, *, act: Act | None = None, **more: Any) -> Reservation:
    reservation = reservation or Reservation("r1")
    body = {"hall": "county", "region": "990102", "theme": "SP", "day": TODAY, "first": 7, "count": 3}
    reservation.reserve(**{**body, **more}, act=act or an_act())
    return reservation


def test_a_run_is_recorded_and_its_numbers_carry_check_characters() -> None:
    reservation = reserved()

    assert facts(reservation) == [
        (
            "NumbersReserved",
            {"hall": "county", "region": "990102", "theme": "SP", "day": "2026-07-23", "first": 7, "count": 3},
        )
    ]
    numbers = [check_case_number(number) for number in reservation.numbers()]
    assert [(n.region, n.theme, n.day, n.sequence) for n in numbers] == [
        ("990102", "SP", TODAY, sequence) for sequence in (7, 8, 9)
    ]
    assert canonical(replayed(reservation, reservation.pending).state()) == canonical(reservation.state())


def test_the_same_reservation_again_is_no_news_and_another_is_refused() -> None:
    reservation = given(reserved())

    assert facts(reserved(reservation, first=99)) == []
    with refused(ReservationDiffers):
        reserved(reservation, count=4)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"hall": "street"}, ForAnotherHall),
        ({"count": 0}, TooManyNumbers),
        ({"count": MOST + 1}, TooManyNumbers),
        ({"first": 999_999, "count": 2}, TooManyNumbers),
        ({"day": date(2026, 7, 22)}, DayOutOfReach),
        ({"day": date(2026, 8, 24)}, DayOutOfReach),
        ({"act": Act(at=NOON, by="x")}, NoHall),
    ],
)
def test_what_may_not_be_reserved_is_refused(more: dict[str, Any], kind: type[Refused]) -> None:
    with refused(kind):
        reserved(**more)


# the service


def reserving(reservation: str = "r1", **more: Any) -> ReserveNumbers:
    body = {"reservation": reservation, "hall": "county", "theme": "SP", "day": TODAY, "count": 3}
    return ReserveNumbers(**{**body, **more})


def numbers_of(answer: dict[str, Any]) -> list[str]:
    return [each["number"] for each in answer["numbers"]]


def test_reserved_numbers_are_nobody_elses(office: Office) -> None:
    before = office.send(opening("c0", applicant=person(0)))["number"]
    mine = numbers_of(office.send(reserving()))
    others = [office.send(opening(f"c{n}", applicant=person(n)))["number"] for n in range(1, 9)]
    more = numbers_of(office.send(reserving("r2")))

    assert len({before, *mine, *others, *more}) == 1 + 3 + 8 + 3


def test_a_case_uses_a_reserved_number_once(office: Office) -> None:
    first, second, _ = numbers_of(office.send(reserving()))

    assert office.send(opening("c1", number=first.lower()))["number"] == first
    assert office.send(registering("c2", applicant=person(2), number=second))["number"] == second
    with refused(NumberInUse, number=first):
        office.send(opening("c3", applicant=person(3), number=first))
    with refused(AlreadyOpened):
        office.send(opening("c1", number=first, allow_duplicate=True))

    assert office.ask(GetCase(case_id=first))["case_id"] == "c1"
    told = office.ask(GetReservation(reservation="r1"), Caller(by="x", hall="county", roles=("clerk",)))
    assert [each["case_id"] for each in told["numbers"]] == ["c1", "c2", ""]


def test_a_hall_sees_its_reservations_and_how_much_of_each_is_used(office: Office) -> None:
    first = numbers_of(office.send(reserving("r1")))
    office.send(reserving("r2", count=2))
    later = numbers_of(office.send(reserving("r3", day=date(2026, 7, 24), count=1)))
    office.send(opening("c1", number=first[0]))
    office.send(opening("c2", applicant=person(2), number=first[2]))
    clerk = Caller(by="x", hall="county", roles=("clerk",))

    page = office.ask(ListReservations(hall="county", limit=2), clerk)
    rest = office.ask(ListReservations(hall="county", limit=2, after=page["after"]), clerk)

    told = [*page["reservations"], *rest["reservations"]]
    assert [(each["reservation"], each["count"], each["used"]) for each in told] == [
        ("r3", 1, 0),
        ("r2", 2, 0),
        ("r1", 3, 2),
    ]
    assert (told[0]["first"], told[0]["last"]) == (later[0], later[0])
    assert (told[2]["first"], told[2]["last"]) == (first[0], first[2])
    assert rest["after"] == ""
    assert office.ask(ListReservations(hall="county", theme="SQ"), clerk)["reservations"] == []
    assert office.ask(ListReservations(hall="county", day=date(2026, 7, 24)), clerk)["reservations"] == told[:1]
    elsewhere = Caller(by="x", hall="street", roles=("clerk",))
    assert office.ask(ListReservations(hall="county"), elsewhere)["reservations"] == []
    assert office.ask(ListReservations(hall="street"), elsewhere)["reservations"] == []


def test_of_two_in_one_batch_one_gets_the_number(office: Office) -> None:
    number = numbers_of(office.send(reserving()))[0]

    with refused(NumberInUse):
        office.send(*(opening(f"c{n}", applicant=person(n), number=number) for n in range(2)))

    assert [fact.topic for fact in office.running.log()].count("onething.case.opened.v1") == 1


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda number: number[:-1] + ("A" if number[-1] != "A" else "B"), NumberWrong),
        (lambda number: "2026-0001", NumberWrong),
        (lambda number: case_number("990102", "SP", TODAY, 900), NumberNotReserved),
    ],
)
def test_a_number_that_was_not_reserved_is_refused(office: Office, change: Any, kind: type[Refused]) -> None:
    number = change(numbers_of(office.send(reserving()))[0])

    with refused(kind):
        office.send(opening(number=number))


def test_a_number_is_its_halls_and_its_themes(office: Office) -> None:
    office.delegation.halls.add("street")
    number = numbers_of(office.send(reserving()))[0]

    with refused(NumberNotReserved):
        office.send(opening(number=number), by=Caller(by="x", org="zwzx", hall="street", roles=("clerk",)))
    company = {"name": "临水公司", "identifier": "91990102MA0000015T", "kind": "legal"}
    with refused(NumberNotReserved):
        office.send(opening(theme="SQ", applicant=type(person())(**company), number=number))


def test_a_refused_opening_leaves_the_number_free(office: Office) -> None:
    number = numbers_of(office.send(reserving()))[0]

    with pytest.raises(Refused):
        office.send(registering("c1", number=number, materials=()))

    assert office.send(opening("c2", number=number))["number"] == number


def test_reserving_is_for_known_themes_and_ones_own_hall(office: Office) -> None:
    with refused(UnknownTheme):
        office.send(reserving(theme="NO"))
    with refused(ForAnotherHall):
        office.send(reserving(hall="street"))
    office.send(reserving())
    assert numbers_of(office.send(reserving())) == numbers_of(office.send(reserving()))
    with refused(OutOfScope):
        office.ask(GetReservation(reservation="r1"), STRANGER)
