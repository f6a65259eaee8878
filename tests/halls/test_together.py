"""Halls as a service: its parts together, and two replicas at once."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.halls import (
    AcceptHandOver,
    AcknowledgeScreen,
    AppointmentKept,
    ArrangeQueue,
    ArrangeSlots,
    Beat,
    BookAppointment,
    CallNext,
    CancelAppointment,
    CheckIn,
    CloseWindow,
    DeclineHandOver,
    DrawTicket,
    ExceptHours,
    FinishTicket,
    GetAppointment,
    GetBoard,
    GetHall,
    GetMouth,
    GetOpening,
    GetQueues,
    GetTicket,
    GetWindow,
    ListAppointments,
    ListCaseMessages,
    ListHandOvers,
    ListResidents,
    ListSeats,
    ListTickets,
    ListWindows,
    MoveInItems,
    MoveOutItems,
    OpenWindow,
    Presence,
    RecordSteps,
    RequestHandOver,
    ScreenAt,
    SeatOrganisation,
    SendCaseMessage,
    ServeTicket,
    SetHours,
    SetMouth,
    ShowScreen,
    SlotRule,
    Slots,
    Span,
    StepTime,
    StepTimes,
    TransferTicket,
)
from contracts.intake import CaseClosed, CaseOpened, CaseReopened
from contracts.language import Caller, Sealed
from eventing import mapper
from eventing.errors import NotFound
from halls.domain import CaseNotHere, NoteHearing, NoteSilence
from halls.domain.agenda import AlreadyBooked, SlotFull
from halls.domain.queueing import NobodyWaits, NoTicketsNow
from halls.domain.sharing import CaseOver
from halls.domain.window import StaffElsewhere
from halls.projections.tree import WINDOWS
from halls.service import Halls
from testkit.facts import NOON, refused
from testkit.meanwhile import meanwhile
from testkit.replica import DATABASES, Replica, replica

from .mothers import ALWAYS, USUAL, hall_terms, neighbours, window_terms

LI, WANG = (
    Caller(by="li", hall="county", window="w1", roles=("clerk",)),
    Caller(by="wang", hall="county", window="w2", roles=("clerk",)),
)
ZHOU = Caller(by="zhou", hall="street", window="s1", roles=("clerk",))
MANAGER = Caller(by="manager", hall="county", roles=("clerk",))
HALLS = Caller(by="service:halls", roles=("service",))
SOMEBODY, ANOTHER = "110101199003078515", "990102199202150022"


@pytest.fixture(params=DATABASES)
def halls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(Halls, request, tmp_path, **neighbours()) as running:
        running.command(hall_terms())
        running.command(hall_terms(hall="street", kind="street", parent="county"))
        running.command(
            window_terms(), window_terms(window="w2"), window_terms(window="s1", hall="street", zone="", name="一号")
        )
        running.command(OpenWindow(window="w1"), caller=LI)
        running.command(OpenWindow(window="w2"), caller=WANG)
        running.command(OpenWindow(window="s1"), caller=ZHOU)
        yield running


def catch_up(running: Replica) -> None:
    """The service follows its own log to its end, and what comes of it."""
    known: set[Any] = running.__dict__.setdefault("known", set())
    while news := [each for each in running.log() if (each.segment, each.position) not in known]:
        known.update((each.segment, each.position) for each in news)
        running.follow("halls", *((each.stream, each.version, mapper.decode(each.topic, each.state)) for each in news))


def case_opened(case_id: str = "case-1", hall: str = "county", owner_hall: str = "") -> tuple[str, int, CaseOpened]:
    fact = CaseOpened(
        case_id=case_id,
        at=NOON,
        by="li",
        number="1",
        theme="TX",
        catalogue="v",
        mode="one_mouth",
        region="990102",
        hall=hall,
        owner_hall=owner_hall,
        window="w1",
        channel="window",
        key_id="k1",
        applicant=Sealed("k1", "applicant", b"x"),
        applicant_index="i",
        applicant_kind="natural",
        answers={},
        plan=(),
    )
    return case_id, 1, fact


def race(running: Replica, other: Callable[[], Any]) -> None:
    """Just before the replica's next transaction, something else is done and committed."""
    save = running.store.save

    def later(*args: Any) -> Any:
        running.store.save = save  # type: ignore[method-assign]
        other()
        return save(*args)

    running.store.save = later  # type: ignore[method-assign]


@pytest.fixture
def second(halls: Replica) -> Iterator[Replica]:
    """Another replica on the same database."""
    running = Replica(Halls, halls.store.url, **neighbours())
    yield running
    running.store.close()


class TestTwoReplicas:
    def test_two_windows_that_call_at_once_never_get_the_same_ticket(self, halls: Replica, second: Replica) -> None:
        for _ in range(2):
            halls.command(DrawTicket(hall="county"))
        called: list[Any] = []
        race(
            halls,
            lambda: called.extend(second.command(CallNext(hall="county", window="w2"), caller=WANG)),
        )

        called.extend(halls.command(CallNext(hall="county", window="w1"), caller=LI))

        assert [each["number"] for each in called] == ["A001", "A002"]
        assert [each["window"] for each in called] == ["w2", "w1"]

    def test_the_last_ticket_is_one_windows_and_the_other_is_told(self, halls: Replica, second: Replica) -> None:
        halls.command(DrawTicket(hall="county"))
        race(halls, lambda: second.command(CallNext(hall="county", window="w2"), caller=WANG))

        with refused(NobodyWaits, window="w1"):
            halls.command(CallNext(hall="county", window="w1"), caller=LI)

    def test_a_person_who_opens_two_windows_at_once_is_at_one(self, halls: Replica, second: Replica) -> None:
        for window in ("w3", "w4"):
            halls.command(window_terms(window=window))
        sun = Caller(by="sun", hall="county", roles=("clerk",))
        race(halls, lambda: second.command(OpenWindow(window="w4"), caller=sun))

        with refused(StaffElsewhere, window="w4"):
            halls.command(OpenWindow(window="w3"), caller=sun)

        manned = [each["window"] for each in halls.ask(ListWindows(hall="county"))["windows"] if each["staff"] == "sun"]
        assert manned == ["w4"]

    def test_nor_by_two_commands_in_one_batch(self, halls: Replica) -> None:
        for window in ("w3", "w4"):
            halls.command(window_terms(window=window))
        with refused(StaffElsewhere, window="w3"):
            halls.command(
                OpenWindow(window="w3"),
                OpenWindow(window="w4"),
                caller=Caller(by="sun", hall="county", roles=("clerk",)),
            )


class TestHours:
    def test_a_hall_says_whether_it_is_open_and_when_next(self, halls: Replica) -> None:
        assert halls.ask(GetOpening(hall="county"))["open"] is None
        halls.command(SetHours(hall="county", hours=USUAL))

        now = halls.ask(GetOpening(hall="county"))

        assert (now["open"], now["next"]) == (False, "2026-07-23T13:30:00+08:00")  # noon
        assert halls.ask(GetOpening(hall="county", at=NOON + timedelta(hours=2)))["until"].startswith(
            "2026-07-23T17:30"
        )

    def test_nobody_draws_a_ticket_when_it_does_not_open_any_more(self, halls: Replica) -> None:
        halls.command(SetHours(hall="county", hours=USUAL))
        halls.command(DrawTicket(hall="county"))  # it opens again at half past one
        halls.command(ExceptHours(hall="county", on=date(2026, 7, 23), reason="flood"))

        with refused(NoTicketsNow, hall="county"):
            halls.command(DrawTicket(hall="county"))
        assert halls.ask(GetOpening(hall="county"))["reason"] == "flood"

    def test_what_was_set_for_a_hall_is_told(self, halls: Replica) -> None:
        halls.command(MoveInItems(hall="county", items=("TX01", "*")))
        halls.command(MoveInItems(hall="county", items=("TX01",), business="handle"))
        halls.command(MoveOutItems(hall="county", items=("*",), reason="rebuilding"))
        halls.command(SeatOrganisation(hall="county", organisation="rsj", zone="a"))
        halls.command(SetMouth(hall="county", theme="TX", level="street"))

        told = halls.ask(GetHall(hall="county"))

        assert told["residents"] == [{"hall": "county", "item": "TX01", "business": "handle"}]
        assert told["seats"] == [{"hall": "county", "organisation": "rsj", "zone": "a"}]
        assert told["mouths"] == {"TX": "street"}
        assert halls.ask(ListResidents(item="TX01"))["residents"] == told["residents"]
        assert halls.ask(ListSeats(organisation="rsj"))["seats"] == told["seats"]
        assert halls.ask(GetMouth(theme="TX", hall="street")) == {
            "theme": "TX",
            "level": "street",
            "set_at": "county",
            "halls": ["street"],
        }
        assert halls.ask(GetMouth(theme="CY", hall="street"))["set_at"] == ""

    def test_of_things_that_the_catalogue_knows(self, halls: Replica) -> None:
        with refused(NotFound, what="item"):
            halls.command(MoveInItems(hall="county", items=("nothing",)))
        with refused(NotFound, what="organisation"):
            halls.command(SeatOrganisation(hall="county", organisation="nobody"))
        with refused(NotFound, what="theme"):
            halls.command(SetMouth(hall="county", theme="NO", level="street"))


class TestTickets:
    def test_the_board_is_of_one_moment(self, halls: Replica) -> None:
        """A window opens and somebody comes while it is put together: nobody waits where nobody serves."""
        halls.command(CloseWindow(window="w1"), caller=LI)

        def opened_and_came() -> None:
            halls.command(OpenWindow(window="w1"), caller=LI)
            halls.command(DrawTicket(hall="county"))

        with meanwhile(halls.store, opened_and_came, after=f"FROM {WINDOWS.name} ") as came:
            [board] = halls.ask(GetBoard(hall="county"))["halls"]

        assert came
        assert [each["waiting"] for each in board["queues"]] in ([], [0])
        assert "nobody-serves" not in [each["code"] for each in board["alerts"]]

    def test_the_board_shows_who_waits_and_who_is_served(self, halls: Replica) -> None:
        [first] = halls.command(DrawTicket(hall="county", theme="TX", identifier=SOMEBODY))
        halls.command(DrawTicket(hall="county", priority="elderly"))
        halls.command(CallNext(hall="county", window="w1"), caller=LI)
        halls.clock.advance(timedelta(minutes=1))

        [board] = halls.ask(GetBoard(hall="county"))["halls"]

        serving = {each["window"]: each["serving"] and each["serving"]["number"] for each in board["windows"]}
        assert serving == {"w1": "A002", "w2": None}
        [queue] = [each for each in board["queues"] if each["zone"] == ""]
        assert (queue["waiting"], queue["longest"], queue["estimate"]) == (1, 60, None)
        assert SOMEBODY not in str(halls.log())
        assert halls.ask(GetTicket(hall="county", ticket=first["ticket"]))["ahead"] == 0

    def test_the_list_is_by_pages_and_tells_nobodys_index(self, halls: Replica) -> None:
        for _ in range(3):
            halls.command(DrawTicket(hall="county"))
        page = halls.ask(ListTickets(hall="county", limit=2))
        rest = halls.ask(ListTickets(hall="county", limit=2, after=page["after"]))

        assert [each["number"] for each in page["tickets"] + rest["tickets"]] == ["A001", "A002", "A003"]
        assert "person" not in page["tickets"][0]

    def test_estimates_follow_services(self, halls: Replica) -> None:
        for _ in range(5):
            halls.command(DrawTicket(hall="county"))
        for _ in range(3):
            [called] = halls.command(CallNext(hall="county", window="w1"), caller=LI)
            halls.command(ServeTicket(hall="county", ticket=called["ticket"]), caller=LI)
            halls.clock.advance(timedelta(minutes=10))
            halls.command(FinishTicket(hall="county", ticket=called["ticket"]), caller=LI)
        [queue] = [each for each in halls.ask(GetQueues(hall="county"))["zones"] if each["waiting"]]
        assert (queue["service"], queue["windows"], queue["estimate"]) == (600, 2, 300)

    def test_a_transfer_to_another_hall_waits_there_as_long(self, halls: Replica) -> None:
        [drawn] = halls.command(DrawTicket(hall="county"))
        halls.clock.advance(timedelta(minutes=9))
        halls.command(
            TransferTicket(hall="county", ticket=drawn["ticket"], to_hall="street", reason="near home"), caller=LI
        )
        catch_up(halls)

        [there] = halls.ask(ListTickets(hall="street"))["tickets"]

        assert there["since"] == "2026-07-23T04:00:00Z"
        assert halls.command(CallNext(hall="street", window="s1"), caller=ZHOU)[0]["ticket"] == there["ticket"]

    def test_who_is_at_a_window_that_closes_waits_again(self, halls: Replica) -> None:
        halls.command(DrawTicket(hall="county"))
        halls.command(CallNext(hall="county", window="w1"), caller=LI)
        halls.command(CloseWindow(window="w1"), caller=LI)
        catch_up(halls)

        assert halls.ask(ListTickets(hall="county"))["tickets"][0]["state"] == "waiting"

    def test_the_next_one_is_of_the_same_hall(self, halls: Replica) -> None:
        with refused(NotFound, what="window"):
            halls.command(CallNext(hall="street", window="w1"), caller=LI)
        halls.command(ArrangeQueue(hall="county", calls=1))
        with refused(NotFound, what="hall"):
            halls.command(ArrangeQueue(hall="nowhere"))


class TestAppointments:
    @pytest.fixture
    def office(self, halls: Replica) -> Replica:
        halls.command(SetHours(hall="county", hours=USUAL))
        halls.command(ArrangeSlots(hall="county", rules=(SlotRule("13:30", "14:30", 30, 1),)))
        return halls

    def book(self, halls: Replica, name: str = "ap-1", who: str = SOMEBODY, slot: str = "13:30") -> None:
        halls.command(BookAppointment(hall="county", appointment=name, on=date(2026, 7, 23), slot=slot, identifier=who))

    def test_fill_their_slots_and_give_them_back(self, office: Replica) -> None:
        self.book(office)
        self.book(office)
        with refused(SlotFull, slot="13:30"):
            self.book(office, "ap-2", ANOTHER)
        with refused(AlreadyBooked, slot="13:30"):
            self.book(office, "ap-3")
        left = {each["slot"]: each["left"] for each in office.ask(Slots(hall="county", on=date(2026, 7, 23)))}
        assert left == {"13:30": 0, "14:00": 1}

        office.command(CancelAppointment(hall="county", appointment="ap-1"))
        self.book(office, "ap-2", ANOTHER)

        page = office.ask(ListAppointments(hall="county", state="booked"))
        assert [each["appointment"] for each in page["appointments"]] == ["ap-2"]

    def test_are_kept_by_a_ticket(self, office: Replica) -> None:
        self.book(office)
        [ticket] = office.command(CheckIn(hall="county", appointment="ap-1"))
        catch_up(office)

        kept = office.ask(GetAppointment(hall="county", appointment="ap-1"))

        assert (kept["state"], kept["ticket"]) == ("kept", ticket["ticket"])
        assert sum(each.topic == AppointmentKept.TOPIC for each in office.log()) == 1

    def test_are_missed_when_nobody_comes(self, office: Replica) -> None:
        self.book(office)
        office.clock.advance(timedelta(hours=3))
        assert office.engine.fire(office.store.due(office.clock.now(), list(range(16)), 10)) == 1
        assert office.ask(GetAppointment(hall="county", appointment="ap-1"))["state"] == "missed"

    def test_not_where_the_hall_is_closed(self, office: Replica) -> None:
        assert office.ask(Slots(hall="county", on=date(2026, 7, 26))) == []


class TestDesks:
    def test_who_is_not_heard_is_silent_and_heard_again(self, halls: Replica) -> None:
        halls.clock.advance(timedelta(seconds=1))
        halls.ask(Beat(window="w1"), caller=LI)
        heard = halls.clock.now()
        assert halls.ask(GetWindow(window="w1"))["silent"] is False
        halls.clock.advance(timedelta(minutes=2))
        assert halls.ask(GetWindow(window="w1"))["silent"] is True
        assert halls.ask(GetWindow(window="w2"))["heard_at"] is None
        for _ in range(2):
            halls.command(NoteSilence(window="w1", heard_at=heard), caller=HALLS)
        halls.ask(Beat(window="w1"), caller=LI)
        halls.command(NoteHearing(window="w1", heard_at=halls.clock.now()), caller=HALLS)

        topics = [each.topic.split(".")[2] for each in halls.log() if each.stream == "w1"]
        assert topics == ["installed", "opened", "went-silent", "heard"]
        assert halls.ask(GetWindow(window="w1"))["silent"] is False

    def test_who_works_on_the_same_case_is_seen_for_a_while(self, halls: Replica) -> None:
        halls.follow("intake", case_opened(owner_hall="street"))
        halls.ask(Beat(window="w1", case_id="case-1"), caller=LI)
        [other] = halls.ask(Beat(window="s1", case_id="case-1"), caller=ZHOU)["companions"]
        assert (other["desk"], other["hall"], other["by"]) == ("w1", "county", "li")
        assert [each["desk"] for each in halls.ask(Presence(case_id="case-1"))] == ["s1", "w1"]

        halls.clock.advance(timedelta(minutes=2))
        assert halls.ask(Presence(case_id="case-1")) == []

    def test_steps_are_timed(self, halls: Replica) -> None:
        halls.command(
            RecordSteps(window="w1", steps=tuple(StepTime("form", ms, "TX") for ms in (100, 200, 900))), caller=LI
        )
        catch_up(halls)
        assert halls.ask(StepTimes(hall="county")) == [
            {"step": "form", "theme": "TX", "count": 3, "median": 200, "p90": 760}
        ]

    def test_what_a_screen_showed_is_told_later(self, halls: Replica) -> None:
        for sequence in (1, 2):
            halls.command(ShowScreen(screen="w1", hall="county", digest=f"d{sequence}", sequence=sequence))
            halls.clock.advance(timedelta(seconds=5))
            halls.command(AcknowledgeScreen(screen="w1", hall="county", digest=f"d{sequence}", sequence=sequence))
        catch_up(halls)

        then = halls.ask(ScreenAt(screen="w1", at=NOON + timedelta(seconds=4)))

        assert (then["digest"], then["acknowledged_at"]) == ("d1", "2026-07-23T04:00:05Z")
        with refused(NotFound, what="screen"):
            halls.ask(ScreenAt(screen="w2", at=NOON))


class TestCases:
    @pytest.fixture
    def office(self, halls: Replica) -> Replica:
        halls.follow("intake", case_opened())
        return halls

    def request(self, halls: Replica, **changes: Any) -> None:
        body = {"case_id": "case-1", "to_hall": "street", "reason": "lives there", **changes}
        halls.command(RequestHandOver(**body), caller=LI)

    def test_go_from_hall_to_hall(self, office: Replica) -> None:
        self.request(office)
        self.request(office)
        [waiting] = office.ask(GetBoard(hall="street"))["halls"][0]["hand_overs"]
        assert (waiting["state"], waiting["hall"]) == ("requested", "county")

        office.command(AcceptHandOver(case_id="case-1"), caller=ZHOU)

        [answered] = office.ask(ListHandOvers(hall="street", direction="in"))["hand_overs"]
        assert (answered["state"], answered["answered_by"]) == ("accepted", "zhou")
        facts = [each for each in office.log() if each.stream == "case-1"]
        assert [each.topic.split(".")[2] for each in facts] == ["requested", "accepted"]

    def test_are_declined_with_a_reason_or_lapse(self, office: Replica) -> None:
        self.request(office)
        office.command(DeclineHandOver(case_id="case-1", reason="no room"), caller=ZHOU)
        self.request(office, minutes=5)
        office.clock.advance(timedelta(minutes=6))
        office.engine.fire(office.store.due(office.clock.now(), list(range(16)), 10))

        states = [each["state"] for each in office.ask(ListHandOvers(hall="county"))["hand_overs"]]
        assert states == ["expired", "declined"]

    def test_messages_are_sealed_and_for_the_halls_of_the_case(self, office: Replica) -> None:
        with refused(CaseNotHere, hall="street"):
            office.command(SendCaseMessage(case_id="case-1", text="hello"), caller=ZHOU)
        self.request(office)
        office.command(SendCaseMessage(case_id="case-1", text="the applicant is Li Lei"), caller=LI)

        [message] = office.ask(ListCaseMessages(case_id="case-1"), caller=ZHOU)["messages"]

        assert (message["text"], message["hall"]) == ("the applicant is Li Lei", "county")
        assert not any(b"Li Lei" in each.state for each in office.log())
        with refused(CaseNotHere):
            office.ask(ListCaseMessages(case_id="case-1"), caller=Caller(by="x", hall="elsewhere", roles=("clerk",)))

    def test_go_nowhere_once_they_are_closed_until_they_are_open_again(self, office: Replica) -> None:
        of: dict[str, Any] = {"case_id": "case-1", "at": NOON, "by": "system"}
        office.follow("intake", ("case-1", 2, CaseClosed(**of, outcome="denied")))
        with refused(CaseOver):
            self.request(office)

        reopened = ("case-1", 3, CaseReopened(**of, items=("birth",)))
        office.follow("intake", reopened, ("case-1", 4, CaseClosed(**of, outcome="denied")))
        with refused(CaseOver):
            self.request(office)
        office.follow("intake", ("case-1", 5, CaseReopened(**of, items=("birth",))))
        self.request(office)

        [waiting] = office.ask(ListHandOvers(hall="street", direction="in"))["hand_overs"]
        assert waiting["state"] == "requested"

    def test_that_nobody_knows_are_not_there(self, office: Replica) -> None:
        with refused(NotFound, what="case"):
            self.request(office, case_id="case-9")


def test_a_span_of_all_day_is_open_at_any_hour(halls: Replica) -> None:
    halls.command(ExceptHours(hall="street", on=date(2026, 7, 23), spans=ALWAYS, reason="flood"))

    assert halls.ask(GetOpening(hall="street"))["open"] is True
    assert Span("00:00", "24:00") == ALWAYS[0]
