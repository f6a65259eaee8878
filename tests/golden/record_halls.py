"""Records the streams of halls of this release: ``python tests/golden/record_halls.py VERSION``, once, at its release.

The files are never changed afterwards: what was stored must load and fold for ever.
"""

import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "libs"), str(ROOT / "services")]

from eventing import green

green.patch()

import msgspec
from tests.halls.mothers import USUAL, hall_terms, neighbours, window_terms
from tests.halls.test_together import case_opened, catch_up

from contracts.halls import (
    AcceptHandOver,
    AcknowledgeScreen,
    ArrangeQueue,
    ArrangeSlots,
    BindTicket,
    BookAppointment,
    CallNext,
    CancelAppointment,
    CancelTicket,
    CheckIn,
    CloseHall,
    CloseWindow,
    DeclineHandOver,
    DrawTicket,
    ExceptHours,
    FinishTicket,
    LiftHoursException,
    MissTicket,
    MoveAppointment,
    MoveInItems,
    MoveOutItems,
    OpenWindow,
    PauseWindow,
    RecallTicket,
    RecordSteps,
    ReopenHall,
    RequestHandOver,
    SeatOrganisation,
    SendCaseMessage,
    ServeTicket,
    SetHours,
    SetMouth,
    ShowScreen,
    SkipTicket,
    SlotRule,
    StepTime,
    TransferTicket,
    UnseatOrganisation,
    WithdrawHandOver,
    ZoneRule,
)
from contracts.language import Caller
from halls.domain import NoteHearing, NoteSilence, ReviewAcceptance
from halls.service import Halls
from testkit.facts import NOON
from testkit.replica import Replica

LI = Caller(by="li", hall="county", window="w1")
ZHOU = Caller(by="zhou", hall="street", window="s1")
ITSELF = Caller(by="service:halls")
TODAY = date(2026, 7, 23)
PEOPLE = ("110101199003078515", "990102199202150022")


def main(version: str) -> None:
    """One file: every stream of a day in two halls, as it is stored."""
    folder = Path(__file__).parent / "halls"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        halls = Replica(Halls, f"sqlite:///{data}/halls.db", **neighbours())
        live(halls)
        facts = [
            {"stream": each.stream, "version": each.version, "topic": each.topic, "state": each.state}
            for each in sorted(halls.log(), key=lambda each: (each.stream, each.version))
        ]
        halls.store.close()
    (folder / f"{version}.json").write_bytes(msgspec.json.format(msgspec.json.encode(facts), indent=1))


def live(halls: Replica) -> None:
    """A day of two halls, in which everything happens once."""
    do = halls.command
    do(hall_terms())
    do(hall_terms(hall="street", kind="street", parent="county"))
    do(window_terms(), window_terms(window="s1", hall="street"))
    do(SetHours(hall="county", hours=USUAL))
    do(ExceptHours(hall="street", on=TODAY, reason="flood"), LiftHoursException(hall="street", on=TODAY))
    do(SetMouth(hall="county", theme="TX", level="street"), MoveInItems(hall="county", items=("TX01", "TX02")))
    do(MoveOutItems(hall="county", items=("TX02",), reason="rebuilding"))
    do(SeatOrganisation(hall="county", organisation="rsj"), UnseatOrganisation(hall="county", organisation="rsj"))
    do(OpenWindow(window="s1"), caller=ZHOU)
    do(OpenWindow(window="w1"), caller=LI)
    do(PauseWindow(window="w1", reason="lunch"), OpenWindow(window="w1"), caller=LI)
    do(RecordSteps(window="w1", steps=(StepTime("form", 100),)), caller=LI)
    halls.clock.advance(timedelta(minutes=2))
    do(NoteSilence(window="w1", heard_at=NOON), NoteHearing(window="w1", heard_at=halls.clock.now()), caller=ITSELF)
    do(ReviewAcceptance(hall="county", wanted=1), caller=ITSELF)
    _queue(halls)
    _agenda(halls)
    _sharing(halls)
    do(
        ShowScreen(screen="w1", hall="county", digest="d1", sequence=1),
        AcknowledgeScreen(screen="w1", hall="county", digest="d1", sequence=1),
    )
    do(CloseWindow(window="w1"), caller=LI)
    catch_up(halls)
    do(CloseHall(hall="street", replacement="county", reason="flood"), ReopenHall(hall="street"))
    halls.clock.advance(timedelta(days=1))
    halls.engine.fire(halls.store.due(halls.clock.now(), list(range(16)), 50))


def _queue(halls: Replica) -> None:
    do = halls.command
    do(ArrangeQueue(hall="county", zones=(ZoneRule("", "A"),), calls=2))

    def called() -> Any:
        do(DrawTicket(hall="county", priority="elderly", identifier=""))
        return do(CallNext(hall="county", window="w1"), caller=LI)[0]["ticket"]

    served = called()
    do(ServeTicket(hall="county", ticket=served), BindTicket(hall="county", ticket=served, case="case-1"), caller=LI)
    do(FinishTicket(hall="county", ticket=served), caller=LI)
    missed = called()
    do(RecallTicket(hall="county", ticket=missed), MissTicket(hall="county", ticket=missed), caller=LI)
    skipped = called()
    do(SkipTicket(hall="county", ticket=skipped), caller=LI)
    do(CancelTicket(hall="county", ticket=skipped, reason="in a hurry"))
    sent = called()
    do(TransferTicket(hall="county", ticket=sent, to_hall="street", reason="near home"), caller=LI)
    called()  # and the window closes with it
    catch_up(halls)


def _agenda(halls: Replica) -> None:
    do = halls.command
    do(ArrangeSlots(hall="county", rules=(SlotRule("13:30", "15:00", 30, 2),)))
    for number, (name, who) in enumerate([("kept", PEOPLE[0]), ("gone", PEOPLE[1]), ("late", PEOPLE[1])]):
        slot = ("13:30", "14:00", "14:30")[number]
        do(BookAppointment(hall="county", appointment=name, on=TODAY, slot=slot, identifier=who))
    do(CheckIn(hall="county", appointment="kept"))
    do(CancelAppointment(hall="county", appointment="gone", reason="ill"))
    do(MoveAppointment(hall="county", appointment="late", on=TODAY, slot="14:00"))
    catch_up(halls)


def _sharing(halls: Replica) -> None:
    do = halls.command
    halls.follow("intake", case_opened())
    ask = RequestHandOver(case_id="case-1", to_hall="street", reason="lives there")
    do(ask, caller=LI)
    do(SendCaseMessage(case_id="case-1", text="please call first"), caller=LI)
    do(DeclineHandOver(case_id="case-1", reason="no room"), caller=ZHOU)
    do(ask, WithdrawHandOver(case_id="case-1"), ask, caller=LI)
    do(AcceptHandOver(case_id="case-1"), caller=ZHOU)
    do(RequestHandOver(case_id="case-1", to_hall="county", reason="back", minutes=5), caller=ZHOU)


if __name__ == "__main__":
    main(sys.argv[1])
