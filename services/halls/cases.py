"""Cases between windows: requests to go on with one, and messages, sealed with the case's key."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.halls import (
    AcceptHandOver,
    CaseMessage,
    DeclineHandOver,
    ListCaseMessages,
    ListHandOvers,
    RequestHandOver,
    SendCaseMessage,
    WithdrawHandOver,
)
from contracts.language import Act, Caller, Sealed
from contracts.scopes import Reach, is_within
from eventing.errors import NotFound, OneThingError
from eventing.keyring import KeyRing
from eventing.readings import note_reading
from eventing.scoping import at_hall, reaches
from eventing.service import command, deadline, query
from halls.domain import CaseNotHere, Known, Sharing, TextMissing, standing
from halls.lookups import hall_row, named
from halls.projections.sharing import (
    BY_NUMBER,
    HAND_OVERS,
    KNOWN_CASES,
    MESSAGES,
    NEWEST_REQUESTS,
    hand_over_of,
    known_of,
    sealed_of,
)
from halls.projections.tree import HALLS, WINDOWS

PAGE = 200
"""Requests or messages on a page of a list at most."""
LONGEST_TEXT = 2000
PURPOSE = "message"


class Asked(msgspec.Struct, frozen=True):
    """What a request needs from outside."""

    known: Known


class Written(msgspec.Struct, frozen=True):
    """What a message needs from outside: the case, and the text sealed."""

    known: Known
    text: Sealed


class Cases:
    """Commands, deadlines and questions about cases between windows."""

    store: Any
    peers: Any
    keyring: KeyRing

    @command(RequestHandOver, on=Sharing, creates=True, given="requests")
    def request_hand_over(self, sharing: Sharing, cmd: RequestHandOver, act: Act, given: Asked) -> None:
        """A window asks another."""
        sharing.request(cmd, given.known, act)

    def requests(self, batch: Sequence[tuple[Sharing, RequestHandOver, Act]]) -> list[Asked | OneThingError]:
        """For each command the case, where the hall and window that are asked exist."""
        cases = self._known({cmd.case_id for _, cmd, _ in batch})
        halls = named(self.store, HALLS, "hall", (cmd.to_hall for _, cmd, _ in batch))
        windows = named(self.store, WINDOWS, "window", (cmd.to_window for _, cmd, _ in batch))
        given: list[Asked | OneThingError] = []
        for _, cmd, _ in batch:
            window = windows.get(cmd.to_window)
            if cmd.case_id not in cases:
                given.append(NotFound(what="case", id=cmd.case_id))
            elif cmd.to_hall not in halls or halls[cmd.to_hall]["replacement"]:
                given.append(NotFound(what="hall", id=cmd.to_hall))
            elif cmd.to_window and (window is None or window["hall"] != cmd.to_hall):
                given.append(NotFound(what="window", id=cmd.to_window))
            else:
                given.append(Asked(cases[cmd.case_id]))
        return given

    @command(AcceptHandOver, on=Sharing)
    def accept_hand_over(self, sharing: Sharing, _: AcceptHandOver, act: Act) -> None:
        """They go on with it."""
        sharing.accept(act)

    @command(DeclineHandOver, on=Sharing)
    def decline_hand_over(self, sharing: Sharing, cmd: DeclineHandOver, act: Act) -> None:
        """They do not."""
        sharing.decline(cmd.reason, act)

    @command(WithdrawHandOver, on=Sharing)
    def withdraw_hand_over(self, sharing: Sharing, _: WithdrawHandOver, act: Act) -> None:
        """Nobody needs to."""
        sharing.withdraw(act)

    @deadline("expiry", on=Sharing)
    def expire_hand_over(self, sharing: Sharing, act: Act) -> None:
        """Nobody answered."""
        sharing.expire(act)

    @command(SendCaseMessage, on=Sharing, creates=True, given="sealed_texts")
    def send_case_message(self, sharing: Sharing, cmd: SendCaseMessage, act: Act, given: Written) -> None:
        """Somebody writes to the others on the case."""
        sharing.write(given.text, cmd.to_hall, given.known, act)

    def sealed_texts(self, batch: Sequence[tuple[Sharing, SendCaseMessage, Act]]) -> list[Written | OneThingError]:
        """For each command the case, and the text sealed with its key, if whoever writes may."""
        cases = self._known({cmd.case_id for _, cmd, _ in batch})
        given: list[Written | OneThingError] = []
        for sharing, cmd, act in batch:
            try:
                known = cases.get(cmd.case_id)
                if known is None:
                    raise NotFound(what="case", id=cmd.case_id)
                if standing(act).hall not in sharing.at(known):
                    raise CaseNotHere(hall=standing(act).hall)
                if not cmd.text.strip() or len(cmd.text) > LONGEST_TEXT:
                    raise TextMissing(most=LONGEST_TEXT)
                given.append(Written(known, self.keyring.seal(known.key_id, cmd.case_id, PURPOSE, cmd.text)))
            except OneThingError as error:
                given.append(error)
        return given

    @query(ListHandOvers)
    def list_hand_overs(self, question: ListHandOvers, caller: Caller) -> dict[str, Any]:
        """Requests that come in and go out."""
        at_hall(question, caller, question.hall)
        hall_row(self.store, question.hall)
        limit = max(1, min(question.limit, PAGE))
        h = HAND_OVERS.c
        side = {
            "in": h.to_hall == question.hall,
            "out": h.hall == question.hall,
            "": (h.to_hall == question.hall) | (h.hall == question.hall),
        }[question.direction]
        wanted = sa.select(HAND_OVERS.table).where(side)
        if question.state:
            wanted = wanted.where(h.state == question.state)
        rows = self.store.select(NEWEST_REQUESTS.page(wanted, question.after, limit, reverse=question.reversed))
        return {"hand_overs": [hand_over_of(row) for row in rows], "after": NEWEST_REQUESTS.cursor(rows, limit)}

    @query(ListCaseMessages)
    def list_case_messages(self, question: ListCaseMessages, caller: Caller) -> dict[str, Any]:
        """What was written on a case, for those at its halls alone."""
        known = self._known({question.case_id}).get(question.case_id)
        if known is None:
            raise NotFound(what="case", id=question.case_id)
        reach = Reach(halls=frozenset(self.halls_of(question.case_id)))
        if not is_within(reaches(type(question), caller), caller, reach):
            raise CaseNotHere(hall=caller.hall)
        note_reading(self.peers, caller, question.case_id, ("contact",), purpose=question.purpose, what="messages")
        limit = max(1, min(question.limit, PAGE))
        wanted = sa.select(MESSAGES.table).where(MESSAGES.c.case_id == question.case_id)
        rows = self.store.select(BY_NUMBER.page(wanted, question.after, limit, reverse=question.reversed))
        return {
            "messages": [
                CaseMessage(
                    number=row["number"],
                    at=row["at"],
                    by=row["by"],
                    hall=row["hall"],
                    window=row["window"],
                    to_hall=row["to_hall"],
                    text=self.keyring.unseal(sealed_of(row), question.case_id, str),
                )
                for row in rows
            ],
            "after": BY_NUMBER.cursor(rows, limit),
        }

    def halls_of(self, case_id: str) -> AbstractSet[str]:
        """The halls that have to do with a case now; none of a case that nobody knows."""
        known = self._known({case_id}).get(case_id)
        if known is None:
            return frozenset()
        try:
            sharing: Sharing = self.store.get(Sharing, case_id)
        except NotFound:
            sharing = Sharing(case_id)
        return sharing.at(known)

    def _known(self, cases: set[str]) -> dict[str, Known]:
        rows = self.store.select(sa.select(KNOWN_CASES).where(KNOWN_CASES.c.case_id.in_(cases)))
        return {row["case_id"]: known_of(row) for row in rows}
