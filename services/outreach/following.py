"""What happened in cases, as intake and certificate tell it: whose a case is, and what in it can be rated."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contracts.certificate import PackageHandedOver
from contracts.editions import CaseMigrated
from contracts.intake import CaseClosed, CaseOpened, CaseReopened, ItemNotAccepted, ItemsAccepted, ItemsReturned
from contracts.language import Fact, Note
from eventing import mapper
from eventing.service import projector
from kernel.clock import local_date
from outreach.projections import CASES, HANDLED, HANDLINGS, SEEN

FOLLOWED = {
    fact.TOPIC
    for fact in (
        CaseOpened,
        CaseMigrated,
        ItemsAccepted,
        ItemNotAccepted,
        ItemsReturned,
        CaseClosed,
        CaseReopened,
        PackageHandedOver,
    )
}

AT_A_COUNTER = ("window", "kiosk")


class Following:
    """Rows of what others did."""

    @projector(upstreams=("intake", "certificate"))
    def follow(self, connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
        """Keeps what ratings and consultations must know of cases."""
        learnt = _Learnt()
        for _, _, note in notes:
            if note.topic in FOLLOWED:
                learnt.take_in(note, mapper.decode(note.topic, note.state))
        learnt.write(connection)


class _Learnt:
    """What a batch of facts says of cases, to be written with one statement for each kind of row or change."""

    def __init__(self) -> None:
        self._opened: dict[str, dict[str, Any]] = {}
        self._changed: dict[str, dict[str, str]] = {}
        self._handled: dict[tuple[str, str], tuple[Any, ...]] = {}

    def take_in(self, note: Note, fact: Fact) -> None:
        """One more fact, in the order of its case."""
        case_id = note.stream
        match fact:
            case CaseOpened():
                self._opened[case_id] = {
                    "case_id": case_id,
                    "number": fact.number,
                    "theme": fact.theme,
                    "catalogue": fact.catalogue,
                    "hall": fact.hall,
                    "window": fact.window,
                    "applicant_index": fact.applicant_index,
                    "key_id": fact.key_id,
                    "state": "opened",
                    "opened_on": local_date(fact.at),
                }
            case CaseMigrated():
                self._change(case_id, catalogue=fact.catalogue)
            case ItemsAccepted():
                self._change(case_id, state="accepted")
                if not fact.deemed:
                    at_counter = fact.channel in AT_A_COUNTER
                    self._handle(note, fact, "acceptance", hall=fact.hall, window=fact.window, on_site=at_counter)
            case ItemNotAccepted() | ItemsReturned():
                self._handle(note, fact, "answer", on_site=True)
            case PackageHandedOver():
                self._handle(note, fact, "hand_over", on_site=fact.method == "window")
            case CaseReopened():
                self._change(case_id, state="accepted")
            case CaseClosed():
                self._change(case_id, state="closed")
                if fact.outcome != "merged":
                    self._handle(note, fact, "case", on_site=False)

    def _change(self, case_id: str, **values: str) -> None:
        known = self._opened.get(case_id)
        if known is None:
            known = self._changed.setdefault(case_id, {})
        known.update(values)

    def _handle(self, note: Note, fact: Fact, kind: str, *, hall: str = "", window: str = "", on_site: bool) -> None:
        is_whole = kind == "case"
        handling = kind if is_whole else f"{kind}-{note.version}"
        staff = "" if is_whole else fact.by
        row = (note.stream, handling, kind, hall, window, staff, on_site, fact.at, local_date(fact.at))
        self._handled.setdefault((note.stream, handling), row)

    def write(self, connection: sa.Connection) -> None:
        """Writes all of it."""
        SEEN.upsert(connection, [SEEN.row(row) for row in self._opened.values()])
        alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for case_id, values in self._changed.items():
            alike.setdefault(tuple(sorted(values.items())), []).append(case_id)
        for changed, cases in alike.items():
            connection.execute(sa.update(CASES).where(CASES.c.case_id.in_(cases)).values(dict(changed)))
        HANDLED.upsert(connection, self._new(connection))

    def _new(self, connection: sa.Connection) -> list[tuple[Any, ...]]:
        """What was not handled before: a case that is closed once more was handled as a whole when it first was."""
        c = HANDLINGS.c
        whole = [case_id for case_id, handling in self._handled if handling == "case"]
        asked = sa.select(c.case_id).where(c.case_id.in_(whole), c.handling == "case")
        known = set(connection.execute(asked).scalars()) if whole else set()
        return [row for (case_id, handling), row in self._handled.items() if handling != "case" or case_id not in known]
