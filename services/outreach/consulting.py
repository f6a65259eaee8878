"""咨询 as it is recorded, followed up, linked and counted."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.language import Act, Caller
from contracts.outreach import (
    Asked,
    CloseConsultation,
    CountConsultations,
    FollowUpConsultation,
    GetConsultation,
    LinkConsultation,
    ListConsultations,
    RecordConsultation,
)
from contracts.scopes import SERVICE
from eventing.errors import Invalid, NotFound, OneThingError
from eventing.keyring import KeyRing
from eventing.readings import note_reading
from eventing.scoping import narrowed
from eventing.service import command, query
from kernel.clock import local_date
from outreach.domain import Consultation
from outreach.domain.consultation import Matter, Private, check_guide
from outreach.domain.refusals import CodeUnknown, ConsultationWithheld
from outreach.projections import CASES, CONSULTATIONS, CONSULTATIONS_LISTED, CONSULTATIONS_NEWEST, PLACES

PAGE = 200
"""Rows on a page of a list at most."""

CALLING_BACK = frozenset({"clerk", "helper", "hotline", SERVICE})
"""Who comes back to those who asked, and so reads how they are reached and what they asked in words."""


def seen(name: str) -> sa.Select[Any]:
    """The case with this id or number, as it was followed."""
    return CASES.select().where((CASES.c.case_id == name) | (CASES.c.number == name))


class Consulting:
    """Commands and questions about consultations."""

    store: Any
    peers: Any
    catalogues: Any
    keyring: KeyRing

    @command(RecordConsultation, on=Consultation, key="consultation", creates=True, given="asking")
    def record_consultation(
        self, consultation: Consultation, cmd: RecordConsultation, act: Act, given: Private
    ) -> dict[str, Any]:
        """Somebody asked."""
        consultation.take(_matter(cmd), given, intention=cmd.intention, follow_up_on=cmd.follow_up_on, act=act)
        return standing(consultation)

    def asking(self, batch: Sequence[tuple[Consultation, RecordConsultation, Act]]) -> list[Private | OneThingError]:
        """What is personal, sealed and indexed; the place and the guide that are named are there."""
        given: list[Private | OneThingError] = []
        for each in batch:
            try:
                given.append(self._asking(*each))
            except OneThingError as error:
                given.append(error)
        return given

    def _asking(self, consultation: Consultation, cmd: RecordConsultation, act: Act) -> Private:
        place = sa.select(PLACES.c.place).where(PLACES.c.place == cmd.place)
        if cmd.place and not self.store.select(place):
            raise CodeUnknown(place=cmd.place)
        if cmd.catalogue and cmd.theme:
            check_guide(self.catalogues.named(cmd.catalogue), cmd.theme, cmd.items, cmd.answers)
        person = person_day = key_id = ""
        if cmd.identifier:
            person = self.keyring.blind(cmd.identifier)
            person_day = self.keyring.blind(cmd.identifier, local_date(act.at).isoformat())
        question = None
        if cmd.asked is not None and cmd.asked != Asked():
            key_id = consultation.key_id or self.keyring.fresh()
            question = self.keyring.seal(key_id, cmd.consultation, "question", cmd.asked)
        return Private(person, person_day, key_id, question)

    @command(FollowUpConsultation, on=Consultation, key="consultation")
    def follow_up_consultation(self, consultation: Consultation, cmd: FollowUpConsultation, act: Act) -> dict[str, Any]:
        """Who asked was called back."""
        consultation.follow_up(cmd.outcome, cmd.intention, cmd.next_on, act=act)
        return standing(consultation)

    @command(LinkConsultation, on=Consultation, key="consultation", given="led_to")
    def link_consultation(
        self, consultation: Consultation, cmd: LinkConsultation, act: Act, given: dict[str, Any]
    ) -> dict[str, Any]:
        """A case came of it."""
        consultation.link(given["case_id"], given["theme"], act=act)
        return standing(consultation)

    def led_to(
        self, batch: Sequence[tuple[Consultation, LinkConsultation, Act]]
    ) -> list[dict[str, Any] | OneThingError]:
        """The cases that are named, as they were followed."""
        given: list[dict[str, Any] | OneThingError] = []
        for _, cmd, _ in batch:
            rows = self.store.select(seen(cmd.case_id))
            given.append(dict(rows[0]) if rows else NotFound(what="case", id=cmd.case_id))
        return given

    @command(CloseConsultation, on=Consultation, key="consultation")
    def close_consultation(self, consultation: Consultation, cmd: CloseConsultation, act: Act) -> dict[str, Any]:
        """Nobody has to come back to it."""
        consultation.close(act=act)
        return standing(consultation)

    @query(GetConsultation)
    def get_consultation(self, query: GetConsultation, caller: Caller) -> dict[str, Any]:
        """One consultation; what was asked in words for those who have to call back."""
        consultation: Consultation = self.store.seen(Consultation, query.consultation, query, caller)
        answer = {
            **standing(consultation),
            **msgspec.to_builtins(consultation.matter),
            "hall": consultation.hall,
            "window": consultation.window,
            "by": consultation.by,
            "at": consultation.at,
            "follow_up_on": consultation.follow_up_on,
            "calls": consultation.calls,
            "settled": consultation.is_closed,
        }
        if not query.personal:
            return answer
        if not CALLING_BACK & {*caller.roles} or not consultation.is_shown_to(caller.by, caller.hall):
            raise ConsultationWithheld(consultation=query.consultation)
        note_reading(self.peers, caller, consultation.stream, ("contact",), purpose=query.purpose, thing="consultation")
        question = None if consultation.is_closed else consultation.question
        asked = self.keyring.unseal(question, consultation.stream, Asked) if question is not None else None
        return {**answer, "asked": asked}

    @query(ListConsultations)
    def list_consultations(self, query: ListConsultations, caller: Caller) -> dict[str, Any]:
        """A page of consultations, newest first."""
        c = CONSULTATIONS.c
        statement = narrowed(sa.select(*CONSULTATIONS_LISTED), query, caller, halls=(c.hall,), people=(c.by,))
        for column, wanted in (
            (c.theme, query.theme),
            (c.channel, query.channel),
            (c.place, query.place),
            (c.hall, query.hall),
            (c.state, query.state),
        ):
            if wanted:
                statement = statement.where(column == wanted)
        if query.mine:
            statement = statement.where(c.by == caller.by)
        if query.due_by is not None:
            statement = statement.where(c.follow_up_on <= query.due_by)
        limit = max(1, min(query.limit, PAGE))
        rows = self.store.select(CONSULTATIONS_NEWEST.page(statement, query.after, limit, reverse=query.reversed))
        return {"consultations": [dict(row) for row in rows], "after": CONSULTATIONS_NEWEST.cursor(rows, limit)}

    @query(CountConsultations)
    def count_consultations(self, query: CountConsultations, caller: Caller) -> dict[str, Any]:
        """咨询 → 意向 → 提交 → 受理 → 办结, by what the query says."""
        if query.ends < query.begins:
            raise Invalid(field="ends")
        c = CONSULTATIONS.c
        by = {"theme": c.theme, "channel": c.channel, "place": c.place, "hall": c.hall, "day": c.on}[query.by]

        def those(condition: Any) -> Any:
            return sa.func.sum(sa.case((condition, 1), else_=0))

        rows = self.store.select(
            sa.select(
                by.label("key"),
                sa.func.count().label("consultations"),
                sa.func.count(sa.distinct(c.who)).label("people_days"),
                those(c.intention == "intends").label("intended"),
                those(c.led_to != "").label("submitted"),
                those(CASES.c.state.in_(("accepted", "closed"))).label("accepted"),
                those(CASES.c.state == "closed").label("closed"),
            )
            .select_from(CONSULTATIONS.table.outerjoin(CASES, CASES.c.case_id == c.led_to))
            .where(c.on.between(query.begins, query.ends))
            .group_by(by)
            .order_by(by)
        )
        return {"by": query.by, "counts": [dict(row) for row in rows]}


def _matter(cmd: RecordConsultation) -> Matter:
    return Matter(cmd.channel, cmd.theme, cmd.items, cmd.answers, cmd.place, cmd.catalogue, cmd.notice)


def standing(consultation: Consultation) -> dict[str, Any]:
    """What a command answers with."""
    return {
        "consultation": consultation.stream,
        "state": consultation.standing,
        "intention": consultation.intention,
        "follow_up_on": consultation.follow_up_on,
        "led_to": consultation.led_to,
    }
