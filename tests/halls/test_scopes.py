"""Of tickets, appointments, boards and cases between windows, nobody sees or does anything beyond their scope.

The rules below are written from docs/explanation/access.md and share no code with the check.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.feed import HallSnapshot, ReadFeed
from contracts.halls import (
    AcknowledgeScreen,
    ArrangeQueue,
    ArrangeSlots,
    Beat,
    BookAppointment,
    CallNext,
    CancelAppointment,
    CancelTicket,
    CheckIn,
    CloseHall,
    DrawTicket,
    GetAppointment,
    GetBoard,
    GetTicket,
    ListAppointments,
    ListCaseMessages,
    ListHandOvers,
    ListTickets,
    MoveAppointment,
    OpenWindow,
    Presence,
    RequestHandOver,
    ScreenAt,
    SendCaseMessage,
    SetHours,
    ShowScreen,
    SlotRule,
    StepTimes,
)
from contracts.language import Caller
from eventing.scoping import OutOfScope
from halls.service import Halls
from testkit.facts import refused
from testkit.replica import Replica, replica
from testkit.strangers import ODD, all_pages, answer, callers, facts, is_given

from .mothers import ROUND_THE_CLOCK, hall_terms, neighbours, window_terms
from .test_together import case_opened, catch_up

NUMBERS = {"li": "110101199003078515", "wang": "990102199202150022"}
HALLS = ("county", "street", "bank")
TODAY = date(2026, 7, 23)
SLOT = "15:00"


class Town:
    """Three halls, each with tickets and appointments of Li, of Wang, and a ticket of nobody known."""

    def __init__(self, running: Replica) -> None:
        self.running = running
        blind = running.service.keyring.blind
        self.index = {name: blind(number) for name, number in NUMBERS.items()}
        self.tickets: dict[str, tuple[str, str, str]] = {}
        """ticket → hall, whose, secret"""
        self.appointments: dict[str, tuple[str, str, str]] = {}
        """appointment → hall, whose, who booked it"""
        for hall in HALLS:
            parent = "" if hall == "county" else "county"
            running.command(hall_terms(hall=hall, kind="street" if parent else "county", parent=parent))
            running.command(
                SetHours(hall=hall, hours=ROUND_THE_CLOCK),
                ArrangeSlots(hall=hall, rules=(SlotRule("14:00", "18:00", 60, 50),)),
                window_terms(window=f"{hall}-w", hall=hall, zone=""),
            )
            for whose in ("li", "wang", ""):
                [drawn] = running.command(DrawTicket(hall=hall, identifier=NUMBERS.get(whose, "")))
                self.tickets[drawn["ticket"]] = hall, whose, drawn["secret"]
            for whose, by in (("li", "li"), ("wang", "helper-1")):
                name = f"{hall}-{whose}"
                booked = BookAppointment(
                    hall=hall, appointment=name, on=TODAY, slot=SLOT, identifier=NUMBERS[whose], theme="TX"
                )
                booker = Caller(by=by, roles=("helper",))
                running.command(booked, caller=booker)
                self.appointments[name] = hall, whose, by
            running.command(ShowScreen(hall=hall, screen=f"{hall}.wall", digest="d", sequence=1))
            clerk = Caller(by=f"clerk-{hall}", hall=hall, window=f"{hall}-w", roles=("clerk",))
            running.follow("intake", case_opened(f"case-{hall}", hall))
            running.command(OpenWindow(window=f"{hall}-w"), caller=clerk)
            running.command(SendCaseMessage(case_id=f"case-{hall}", text=f"about {hall}"), caller=clerk)
            running.ask(Beat(window=f"{hall}-w", case_id=f"case-{hall}"), caller=clerk)
        running.command(
            RequestHandOver(case_id="case-street", to_hall="bank", reason="moved"),
            caller=Caller(by="clerk-street", hall="street", window="street-w", roles=("clerk",)),
        )
        catch_up(running)

    def signed(self, who: Caller) -> Caller:
        """The caller with the blind index that the gateway gives them."""
        return Caller(
            by=who.by,
            org=who.org,
            hall=who.hall,
            roles=who.roles,
            halls=who.halls,
            subject=self.index.get(who.subject, who.subject),
        )


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Town]:
    request.param = "sqlite"
    with replica(Halls, request, Path(tmp_path_factory.mktemp("town")), **neighbours()) as running:
        yield Town(running)


def works_at(who: Caller, hall: str, *roles: str) -> bool:
    """Whether somebody works at a hall in one of these roles, or oversees it."""
    return bool({*roles} & {*who.roles} and who.hall == hall) or bool(
        "manager" in roles and "manager" in who.roles and hall in who.halls
    )


def is_own(who: Caller, whose: str) -> bool:
    return "applicant" in who.roles and bool(whose) and who.subject == whose


def looks_everywhere(who: Caller) -> bool:
    return bool({"auditor", "operator"} & {*who.roles})


WHO = callers(by=["li", "helper-1", "clerk-county"], halls=HALLS, subjects=["li", "wang"])
SCOPES = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SCOPES
@given(who=WHO, hall=st.sampled_from([*HALLS, *ODD]), name=st.integers(0, 8), other=st.integers(0, 8))
def test_a_ticket_is_shown_at_its_hall_to_who_waits_and_to_who_brings_its_secret(
    town: Town, who: Caller, hall: str, name: int, other: int
) -> None:
    ticket, (at, whose, secret) = list(town.tickets.items())[name]
    wrong = list(town.tickets.values())[other][2]
    asked = town.signed(who)

    def shown(**said: str) -> bool:
        return is_given(lambda: town.running.ask(GetTicket(hall=at, ticket=ticket, **said), asked))

    here = works_at(who, at, "clerk", "manager", "subscriber") or is_own(who, whose)
    assert shown() == here
    assert shown(secret=secret) is True
    assert shown(secret=wrong) == (here or wrong == secret)
    assert shown(secret=ticket) == here
    elsewhere = answer(lambda: town.running.ask(GetTicket(hall=hall, ticket=ticket), asked))
    assert elsewhere is None or (here and hall == at)

    listed = all_pages(lambda after: town.running.ask(ListTickets(hall=at, after=after, limit=2), asked), "tickets")
    assert bool(listed) == works_at(who, at, "clerk", "manager")
    assert {each["hall"] for each in listed} <= {at}


@SCOPES
@given(
    who=WHO,
    hall=st.sampled_from([*HALLS, *ODD]),
    person=st.sampled_from(["", "li", "wang"]),
    state=st.sampled_from(["", "booked", "cancelled"]),
    limit=st.sampled_from([-1, 1, 2, 10**6]),
    name=st.integers(0, 5),
)
def test_an_appointment_is_its_halls_its_persons_and_who_booked_its(  # noqa: PLR0917  one for each thing that varies
    town: Town, who: Caller, hall: str, person: str, state: Any, limit: int, name: int
) -> None:
    asked = town.signed(who)
    within = {
        each: works_at(who, at, "clerk", "manager")
        or is_own(who, whose)
        or bool("helper" in who.roles and who.by and who.by == by)
        for each, (at, whose, by) in town.appointments.items()
    }
    appointment, (at, _, _) = list(town.appointments.items())[name]

    listed = all_pages(
        lambda after: town.running.ask(
            ListAppointments(hall=hall, person=town.index.get(person, ""), state=state, after=after, limit=limit), asked
        ),
        "appointments",
    )
    names = {each["appointment"] for each in listed}
    assert names <= {each for each, is_within in within.items() if is_within}
    if not (hall or person or state) and who.roles and "hotline" not in who.roles:
        assert names == {each for each, is_within in within.items() if is_within}
    # the place at which somebody else's list went on
    [first] = town.running.ask(ListAppointments(limit=1))["appointments"]
    cursor = town.running.ask(ListAppointments(limit=1))["after"]
    beyond = all_pages(lambda after: town.running.ask(ListAppointments(after=after), asked), "appointments", cursor)
    assert {each["appointment"] for each in beyond} <= {each for each, ok in within.items() if ok} - {
        first["appointment"]
    }

    one = is_given(lambda: town.running.ask(GetAppointment(hall=at, appointment=appointment), asked))
    assert one == (within[appointment] or "hotline" in who.roles)
    text = str(answer(lambda: town.running.ask(GetAppointment(hall=at, appointment=appointment), asked)))
    assert not any(index in text for index in town.index.values())


@SCOPES
@given(who=WHO, appointment=st.integers(0, 5), ticket=st.integers(0, 8), whose=st.sampled_from(["", "li", "wang"]))
def test_nobody_moves_or_gives_back_what_is_not_theirs(
    town: Town, who: Caller, appointment: int, ticket: int, whose: str
) -> None:
    name, (hall, person, by) = list(town.appointments.items())[appointment]
    drawn, (at, waits, _) = list(town.tickets.items())[ticket]
    asked = town.signed(who)
    before = facts(town.running.log())

    def acted(command: Any) -> bool:
        return is_given(lambda: town.running.command(command, caller=asked))

    booked_it = bool("helper" in who.roles and who.by and who.by == by)
    may = works_at(who, hall, "clerk") or is_own(who, person) or booked_it or "hotline" in who.roles
    assert acted(MoveAppointment(hall=hall, appointment=name, on=date(2020, 1, 1), slot=SLOT)) == may
    if not may:
        assert not acted(CancelAppointment(hall=hall, appointment=name))
    checked_in = works_at(who, hall, "clerk", "manager", "subscriber") or is_own(who, person) or booked_it
    if not checked_in:
        assert not acted(CheckIn(hall=hall, appointment=name))
    if not (works_at(who, at, "clerk", "manager") or is_own(who, waits)):
        assert not acted(CancelTicket(hall=at, ticket=drawn))
        assert not acted(CancelTicket(hall=at, ticket=drawn, secret=f"{drawn}.AAAAAAAAAAAAAAAA"))
    assert facts(town.running.log()) == before

    # an applicant waits and comes for nobody else
    if who.roles == ("applicant",) and whose and who.subject != whose:
        given_away = BookAppointment(hall=hall, appointment="new", on=TODAY, slot="16:00", identifier=NUMBERS[whose])
        assert not acted(given_away)
        assert not acted(DrawTicket(hall=hall, identifier=NUMBERS[whose]))
        assert facts(town.running.log()) == before


@SCOPES
@given(who=WHO, hall=st.sampled_from(HALLS), below=st.booleans(), case=st.sampled_from(HALLS))
def test_boards_feeds_and_cases_show_one_hall_and_no_other(
    town: Town, who: Caller, hall: str, below: bool, case: str
) -> None:
    asked, ask = town.signed(who), town.running.ask

    board = answer(lambda: ask(GetBoard(hall=hall, below=below), asked))
    sees = works_at(who, hall, "clerk", "manager", "subscriber") or looks_everywhere(who)
    assert (board is not None) == sees
    for each in board["halls"] if board else ():
        assert works_at(who, each["hall"], "clerk", "manager", "subscriber") or looks_everywhere(who)
        assert all(hall in {one["hall"], one["to_hall"]} for one in each["hand_overs"] for hall in [each["hall"]])

    follows = works_at(
        who, hall, "clerk", "courier", "reviewer", "approver", "manager", "publisher", "trainer", "subscriber"
    ) or looks_everywhere(who)
    assert is_given(lambda: ask(ReadFeed(hall=hall), asked)) == follows
    assert is_given(lambda: ask(HallSnapshot(hall=hall), asked)) == follows
    assert is_given(lambda: ask(ListHandOvers(hall=hall), asked)) == works_at(who, hall, "clerk", "manager")

    screen = is_given(lambda: ask(ScreenAt(screen=f"{hall}.wall", at=town.running.clock.now()), asked))
    assert screen == (works_at(who, hall, "manager") or looks_everywhere(who))

    here = {case} | ({"bank"} if case == "street" else set())
    at_case = any(works_at(who, each, "clerk", "manager") for each in here)
    present = answer(lambda: ask(Presence(case_id=f"case-{case}"), asked))
    assert bool(present) == at_case
    read = answer(lambda: ask(ListCaseMessages(case_id=f"case-{case}"), asked))
    assert not read or any(works_at(who, each, "clerk") for each in here)

    times = answer(lambda: ask(StepTimes(hall=hall), asked))
    assert not times


@SCOPES
@given(who=WHO, hall=st.sampled_from(HALLS))
def test_nobody_runs_a_hall_that_is_not_theirs(town: Town, who: Caller, hall: str) -> None:
    asked = town.signed(who)
    before = facts(town.running.log())
    commands = {
        ArrangeQueue(hall=hall, calls=1): ("manager",),
        CloseHall(hall=hall, replacement="county", reason="x"): ("manager",),
        CallNext(hall=hall, window=f"{hall}-w"): ("clerk", "manager"),
        OpenWindow(window=f"{hall}-w"): ("clerk", "manager"),
        AcknowledgeScreen(hall=hall, screen=f"{hall}.wall", digest="d", sequence=1): ("clerk", "manager", "subscriber"),
    }
    for command, roles in commands.items():
        if works_at(who, hall, *roles) or ("operator" in who.roles and roles == ("manager",)):
            continue
        if isinstance(command, CloseHall) and works_at(who, "county", "manager"):
            continue  # all halls are below the county's
        assert not is_given(lambda command=command: town.running.command(command, caller=asked))  # type: ignore[misc]
    beats = {"clerk", "reviewer", "approver", "manager", "helper"}
    beaten = is_given(lambda: town.running.ask(Beat(window=f"{hall}-w", case_id=f"case-{hall}"), asked))
    assert beaten == works_at(who, hall, *beats)
    assert facts(town.running.log()) == before


# each of these was a hole


def test_a_ticket_is_not_seen_by_its_number_alone(town: Town) -> None:
    """Its id is the hall, the day and the number: whoever sees a number called could ask for it."""
    for ticket, (hall, _, secret) in town.tickets.items():
        with refused(OutOfScope):
            town.running.ask(GetTicket(hall=hall, ticket=ticket), Caller(by="x", roles=("applicant",), subject="y"))
        seen = town.running.ask(GetTicket(hall=hall, ticket=ticket, secret=secret), Caller(by="x"))
        assert seen["ticket"] == ticket


def test_who_is_called_is_not_told_their_secret_through_the_clerk(town: Town) -> None:
    clerk = Caller(by="clerk-bank", hall="bank", window="bank-w", roles=("clerk",))
    [called] = town.running.command(CallNext(hall="bank", window="bank-w"), caller=clerk)
    assert "secret" not in called


def test_a_clerk_does_not_see_the_boards_of_the_halls_below(town: Town) -> None:
    clerk = Caller(by="clerk-county", hall="county", roles=("clerk",))
    manager = Caller(by="m", hall="county", halls=("street",), roles=("manager",))

    def halls(who: Caller) -> list[str]:
        return [each["hall"] for each in town.running.ask(GetBoard(hall="county", below=True), who)["halls"]]

    assert halls(clerk) == ["county"]
    assert halls(manager) == ["county", "street"]


def test_a_desk_does_not_speak_for_a_window_of_another_hall(town: Town) -> None:
    with refused(OutOfScope):
        town.running.ask(Beat(window="bank-w"), Caller(by="x", hall="street", roles=("clerk",)))


def test_who_works_on_a_case_is_told_at_its_halls(town: Town) -> None:
    stranger = Caller(by="x", hall="county", roles=("clerk",))
    assert town.running.ask(Presence(case_id="case-bank"), stranger) == []
    assert town.running.ask(Beat(case_id="case-bank"), stranger)["companions"] == []
    assert town.running.ask(Presence(case_id="case-county"), stranger) != []


def test_an_applicant_books_for_nobody_else(town: Town) -> None:
    li = Caller(by="li", roles=("applicant",), subject=town.index["li"])
    booked = BookAppointment(hall="bank", appointment="theirs", on=TODAY, slot="17:00", identifier=NUMBERS["wang"])
    with refused(OutOfScope):
        town.running.command(booked, caller=li)
    with refused(OutOfScope):
        town.running.command(CancelAppointment(hall="bank", appointment="bank-wang"), caller=li)
