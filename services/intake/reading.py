"""Personal data as it is asked for: who may see which class of it, and the record of every reading."""

import base64
import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

from msgspec.structs import replace

from contracts.delegation import CheckMandates, MandateAnswer, MandateRequest
from contracts.language import Act, Caller
from contracts.readings import (
    CaseReach,
    GetReach,
    Glance,
    ListBesideReadings,
    ListReadings,
    MaterialPermission,
    PersonalClass,
    ReadMaterial,
    RecordReading,
    Thing,
    readings_of,
)
from contracts.scopes import MANDATED, PERSONAL, Reach, is_within
from eventing.client import SYSTEM
from eventing.dependency import HostDependency
from eventing.errors import Invalid, NotFound
from eventing.keyring import KeyRing
from eventing.scoping import check
from eventing.service import command, query
from intake.domain import Case
from intake.domain.bill import Bill
from intake.domain.draft import Draft
from intake.domain.readings import Readings
from intake.domain.refusals import PersonalDataWithheld
from kernel.clock import beginning

PAGE = 200
"""Readings on a page at most."""


class OnceWithin(HostDependency):
    """Gives the service the time within which the same reading is one."""

    def make(self) -> timedelta:
        return timedelta(minutes=self.host.settings.reading_once_minutes)


class Personal:
    """Commands and questions about readings, and the gate that personal data passes."""

    store: Any
    peers: Any
    clock: Any
    keyring: KeyRing

    once_within = OnceWithin()
    """The same reading by the same person for the same purpose within this time is one fact."""

    @command(RecordReading, on=Readings, key="readings", creates=True)
    def record_reading(self, readings: Readings, cmd: RecordReading, act: Act) -> None:
        """Somebody is about to read; only the house itself says so."""
        if not readings.is_recent(cmd.glance, act.at, self.once_within):
            readings.read(cmd.glance, act=replace(act, by=cmd.glance.by))

    def reach_of(self, aggregate: Any, message: Any, caller: Caller) -> Reach:
        """Whom something concerns: a bill, its case."""
        if isinstance(aggregate, Bill):
            case: Case = self.store.get(Case, aggregate.case_id)
            return case.reach()
        found: Reach = super().reach_of(aggregate, message, caller)  # type: ignore[misc]  # the service's
        return found

    def open_personal(
        self,
        case: Case,
        caller: Caller,
        classes: Sequence[PersonalClass],
        *,
        purpose: str,
        what: str = "",
        items: Sequence[str] = (),
    ) -> None:
        """Lets personal data of a case pass to somebody, and records it first: what is not recorded is not given.

        ``items`` are those that need it, where not all do. Raises PersonalDataWithheld.
        """
        reach = case.reach()
        if items:
            reach = replace(reach, items={item: reach.items.get(item, "") for item in items})
        for name in classes:
            words = PERSONAL[name].reaches(caller)
            others = [word for word in words if word != MANDATED]
            if is_within(others, caller, reach):
                continue
            if not is_within(words, caller, reach) or not self._is_mandated(case, caller):
                raise PersonalDataWithheld(number=case.number)
        self.note_reading(case.stream, caller, classes, purpose=purpose, what=what)

    def is_brought(self, case: Case, identifier: str, caller: Caller) -> bool:
        """Whether the applicant stands before a clerk, at whatever hall, and shows who they are."""
        at_a_counter = "clerk" in caller.roles and bool(caller.hall)
        return at_a_counter and bool(identifier) and self.keyring.blind(identifier) == case.applicant_index

    def note_reading(
        self,
        name: str,
        caller: Caller,
        classes: Sequence[PersonalClass],
        *,
        purpose: str,
        what: str = "",
        thing: Thing = "case",
    ) -> None:
        """Records a reading. The house's own services make documents and messages, and read for nobody."""
        if "service" in caller.roles:
            return
        glance = Glance(caller.by, caller.org, caller.hall, tuple(classes), purpose, what)
        try:
            readings: Readings = self.store.get(Readings, readings_of(name, thing))
        except NotFound:
            readings = Readings(readings_of(name, thing))
        if not readings.is_recent(glance, self.clock.now(), self.once_within):
            self.store.record(RecordReading(name=name, thing=thing, glance=glance), SYSTEM, f"reading/{uuid.uuid4()}")

    def _is_mandated(self, case: Case, caller: Caller) -> bool:
        """Whether an agent's mandate for the case still stands."""
        if not case.mandate:
            return False
        asked = MandateRequest(case.mandate, caller.by, case.applicant_index, case.theme, "fill")
        opened = replace(asked, act="open")
        answers = self.peers.ask(CheckMandates(requests=(asked, opened)))
        return any(not MandateAnswer(**answer).refusal for answer in answers)

    # questions

    @query(GetReach)
    def get_reach(self, query: GetReach, caller: Caller) -> CaseReach:
        """Whom a case concerns; for the house's services."""
        case: Case = self._find(query.case_id)  # type: ignore[attr-defined]  # the service's
        reach = case.reach()
        return CaseReach(
            tuple(reach.halls), dict(reach.items), tuple(reach.subjects or ()), tuple(reach.agents), case.admitted
        )

    @query(ReadMaterial)
    def read_material(self, query: ReadMaterial, caller: Caller) -> MaterialPermission:
        """The bytes of a copy, for those whose items need the material."""
        case: Case = self._find(query.case_id)  # type: ignore[attr-defined]  # the service's
        self.store.check(case, query, caller)
        copy = next((copy for copy in case.copies if copy.copy == query.copy), None)
        if copy is None:
            raise NotFound(what="copy", id=query.copy)
        outline = self.outline(case)  # type: ignore[attr-defined]  # gathering's
        items = tuple(
            item for item, needs in outline.needs.items() if copy.material in {need.material for need in needs}
        )
        self.open_personal(case, caller, ("material",), purpose=query.purpose, what=copy.copy, items=items or ("",))
        return MaterialPermission(
            case_id=case.stream,
            copy=copy.copy,
            material=copy.material,
            digest=copy.digest,
            stored=copy.stored,
            media_type=copy.media_type,
            size=copy.size,
            key_id=case.key_id,
        )

    @query(ListReadings)
    def list_readings(self, query: ListReadings, caller: Caller) -> dict[str, Any]:
        """Who read what, newest first."""
        case: Case = self._find(query.case_id)  # type: ignore[attr-defined]  # the service's
        check(query, caller, case.reach())
        return {"case_id": case.stream} | self._page(readings_of(case.stream), query)

    @query(ListBesideReadings)
    def list_beside_readings(self, query: ListBesideReadings, caller: Caller) -> dict[str, Any]:
        """Who read what belongs to no case. Whose a consultation is, is not known here: the auditor is told."""
        reach = Reach()
        if query.thing == "draft":
            reach = self.store.get(Draft, query.name).reach()
        elif query.thing == "credit":
            reach = Reach(subjects=frozenset((query.name,)))
        check(query, caller, reach)
        return {"thing": query.thing, "name": query.name} | self._page(readings_of(query.name, query.thing), query)

    def _page(self, stream: str, query: ListReadings | ListBesideReadings) -> dict[str, Any]:
        try:
            entries = self.store.get(Readings, stream).entries
        except NotFound:
            entries = ()
        places = range(len(entries)) if query.reversed else range(len(entries) - 1, -1, -1)
        if query.after:
            last = _place(query.after)
            places = places[last + 1 :] if query.reversed else places[max(len(entries) - last, 0) :]
        begun = beginning(query.since or date.min)
        fitting = (place for place in places if entries[place].at >= begun and query.by in ("", entries[place].by))
        limit = max(1, min(query.limit, PAGE))
        shown = list(islice(fitting, limit))
        return {
            "readings": [entries[place] for place in shown],
            "after": _cursor(shown[-1]) if next(fitting, None) is not None else "",
        }


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode()


def _place(after: str) -> int:
    """Which of all readings, from the oldest on, was shown last."""
    try:
        return max(0, int(base64.urlsafe_b64decode(after)))
    except ValueError as error:
        raise Invalid(field="after") from error
