"""What can be asked about cases: the list, the standing that commands answer with, and one case in full."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from eventing.paging import Order
from eventing.scoping import among, joined
from eventing.views import Column, View
from intake.domain import Case, Outline, Status
from kernel.clock import CHINA_STANDARD_TIME


def case_rows(case: Case) -> list[dict[str, Any]]:
    """The case in the list; nothing in it is personal."""
    return [
        {
            "case_id": case.stream,
            "number": case.number,
            "theme": case.theme,
            "hall": case.hall,
            "window": case.window,
            "channel": case.channel,
            "mode": case.mode,
            "status": case.status.value,
            "outcome": case.outcome or "",
            "items": case.items,
            "opened_at": case.opened_at,
            "applicant_index": case.applicant_index,
            "violations": len(case.violations),
            "cross_region": case.cross_region,
            "forwarded_to": case.forwarded_to,
            "admitted": joined(case.admitted),
            "handlers": joined(planned.handler for planned in case.plan),
            "agents": joined(case.agents),
        }
    ]


CASES = View(
    "cases_v4",
    of=Case,
    columns=(
        Column("case_id", "text", key=True),
        Column("number", "text", index=True),
        Column("theme", "text"),
        Column("hall", "text"),
        Column("window", "text"),
        Column("channel", "text"),
        Column("mode", "text"),
        Column("status", "text"),
        Column("outcome", "text"),
        Column("items", "json"),
        Column("opened_at", "instant", index=True),
        Column("applicant_index", "text", index=True),
        Column("violations", "int"),
        Column("cross_region", "text"),
        Column("forwarded_to", "text"),
        Column("admitted", "text"),
        Column("handlers", "text"),
        Column("agents", "text"),
    ),
    rows=case_rows,
)

UNLISTED = frozenset({"applicant_index", "forwarded_to", "admitted", "handlers", "agents"})
"""Columns by which the list is narrowed and that it does not show."""

LISTED = tuple(column for column in CASES.table.c if column.name not in UNLISTED)


def open_cases_of(applicants: list[str]) -> sa.Select[Any]:
    """The open cases of these applicants, by blind index."""
    return sa.select(CASES.c.case_id, CASES.c.number, CASES.c.theme, CASES.c.applicant_index).where(
        CASES.c.applicant_index.in_(applicants), CASES.c.status != Status.CLOSED.value
    )


def numbered(number: str) -> sa.Select[Any]:
    """The case with this number."""
    return sa.select(CASES.c.case_id).where(CASES.c.number == number)


AT_HALLS = (CASES.c.hall, CASES.c.forwarded_to, among(CASES.c.admitted))
"""What ties a case to halls: where it was opened, what it was forwarded to, who took it over."""

NEWEST_FIRST = Order(CASES.c.opened_at, CASES.c.case_id, newest_first=True)
ORDERS = {"newest": NEWEST_FIRST, "oldest": Order(CASES.c.opened_at, CASES.c.case_id)}
"""How the list of cases may be sorted (``ListCases.sort``)."""


def listed(theme: str, hall: str, status: str) -> sa.Select[Any]:
    """Cases as the list shows them; empty filters let everything through. A hall's are also those that it took over."""
    statement = sa.select(*LISTED)
    for column, wanted in ((CASES.c.theme, theme), (CASES.c.status, status)):
        if wanted:
            statement = statement.where(column == wanted)
    return statement.where((CASES.c.hall == hall) | among(CASES.c.admitted)([hall])) if hall else statement


def cases_of(applicant: str, theme: str, status: str) -> sa.Select[Any]:
    """The cases of one applicant, by blind index, as the list shows them; empty filters let everything through."""
    return listed(theme, "", status).where(CASES.c.applicant_index == applicant)


def standing(case: Case) -> dict[str, Any]:
    """What a command answers with."""
    number, _, digest = case.notice
    return {
        "case_id": case.stream,
        "number": case.number,
        "status": case.status,
        "items": dict(case.items),
        "notice": {"number": number, "digest": digest},
        "tolerances": {
            item: {
                "missing": grace.missing,
                "due_on": grace.due_on,
                "mode": grace.mode,
                "notice": grace.notice,
                "rested": grace.rested_on is not None,
            }
            for item, grace in case.graces.items()
        },
    }


def detail(case: Case, outline: Outline) -> dict[str, Any]:
    """The case in full, without personal data: what it has, what it lacks, and what is owed until when."""
    number, edition, digest = case.notice
    lacks = outline.missing(case.open_items, case.present)
    return {
        **standing(case),
        "version": case.version,
        "theme": case.theme,
        "catalogue": case.catalogue,
        "mode": case.mode,
        "region": case.region,
        "area": case.area,
        "hall": case.hall,
        "window": case.window,
        "channel": case.channel,
        "opened_at": case.opened_at,
        "answers": case.answers,
        "entry_item": case.entry_item,
        "output_mode": case.output_mode,
        "applicant_kind": case.applicant_kind,
        "cross_region": case.cross_region,
        "owner_hall": case.owner_hall,
        "forwarded_to": case.forwarded_to,
        "by_agent": bool(case.mandate),
        "mandate": case.mandate,
        "plan": [
            {
                "item": planned.item,
                "standing": planned.standing,
                "state": case.items[planned.item],
                "handler": planned.handler,
                "evidence": planned.evidence,
                "acceptance_notice": case.acceptances.get(planned.item, ""),
                "answer_due_at": _in_china(case.awaited[planned.item].until) if planned.item in case.awaited else None,
            }
            for planned in case.plan
        ],
        "notice": {"number": number, "edition": edition, "digest": digest, "issue": case.issues},
        "origins": list(case.origins.values()),
        "commitments": case.commitments,
        "held_until": case.held_until,
        "violations": [{"item": item, "what": what} for item, what in case.violations],
        "choice": {"choice": case.choice[0], "because": case.choice[1]} if case.choice[0] else None,
        "declared": {
            "tolerate": case.declared.tolerate,
            "promise": case.declared.promise,
            "signed": case.declared.signed,
        }
        if case.declared.signed is not None
        else None,
        "fields": case.fields,
        "materials": case.copies,
        "faults": case.faults,
        "missing": {item: [need.material for need in needs] for item, needs in lacks.items()},
        "unfilled": outline.unfilled(case.open_items, case.fields),
        "correction": {
            "notice": case.correction_notice,
            "missing": case.correction,
            "fields": case.correction_fields,
            "due_on": case.correction_due,
        }
        if case.is_correcting and case.unanswered
        else None,
        "outcome": case.outcome,
        "into": case.into,
    }


def _in_china(instant: datetime) -> datetime:
    return instant.astimezone(CHINA_STANDARD_TIME)
