"""Figures counted again in SQL over the facts of a ledger: no word of it is insight's, and none of ``recount``'s.

A view ``facts`` has topic, case_id, day (in China), at and state (JSON). Each query tells numerator and denominator, or
one number; ``:begins`` and ``:ends`` are the days of the period.
"""

# ruff: noqa: S608  put together from our own words

import json
import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Any

PIECES = {
    "accepted": """
        SELECT f.case_id, e.value ->> 'item' AS item, coalesce(e.value ->> 'accepted_on', f.day) AS day,
            coalesce(json_array_length(e.value, '$.tolerated'), 0) > 0 AS tolerant
        FROM facts f, json_each(f.state, '$.items') e WHERE f.topic = 'onething.case.items-accepted.v1'""",
    "received": """
        SELECT case_id, item, day FROM accepted
        UNION ALL SELECT f.case_id, e.value, f.day FROM facts f, json_each(f.state, '$.items') e
            WHERE f.topic IN ('onething.case.materials-received.v1', 'onething.case.items-returned.v1')
        UNION ALL SELECT f.case_id, e.value ->> 'item', f.day FROM facts f, json_each(f.state, '$.items') e
            WHERE f.topic = 'onething.case.items-held.v1'
        UNION ALL SELECT case_id, state ->> 'item', day FROM facts WHERE topic = 'onething.case.item-not-accepted.v1'
        UNION ALL SELECT f.case_id, e.key, f.day FROM facts f, json_each(f.state, '$.missing') e
            WHERE f.topic = 'onething.case.correction-requested.v1'""",
    "opened": "SELECT *, state ->> 'mode' AS mode FROM facts WHERE topic = 'onething.case.opened.v1'",
    "decided": """
        SELECT case_id, state ->> 'item' AS item, min(at) AS at, min(day) AS day FROM facts
        WHERE topic IN ('onething.review.granted.v1', 'onething.review.denied.v1') GROUP BY 1, 2""",
    "clocks": """
        SELECT f.case_id, e.value ->> 'item' AS item, f.at, e.value ->> 'promised_due' AS due
            FROM facts f, json_each(f.state, '$.reviews') e WHERE f.topic = 'onething.review.unlocked.v1'
        UNION ALL SELECT case_id, state ->> 'item', at, state ->> '$.clocks.promised_due' FROM facts
            WHERE topic IN ('onething.review.suspended.v1', 'onething.review.resumed.v1')""",
    "packets": """
        SELECT f.case_id, e.value ->> 'packet' AS packet, min(f.day) AS day
        FROM facts f, json_each(f.state, '$.packets') e WHERE f.topic = 'onething.distribution.planned.v1'
        GROUP BY 1, 2""",
}

FIRST_ITEMS = "(SELECT case_id, item, min(day) AS day FROM {} GROUP BY 1, 2) WHERE day BETWEEN :begins AND :ends"
ALL_RECEIVED = f"(SELECT count(*) FROM {FIRST_ITEMS.format('received')})"

QUERIES: dict[tuple[str, str], str] = {
    ("single_items", "inside"): f"SELECT count(*) FROM {FIRST_ITEMS.format('accepted')}",
    ("joint_handling", "joint"): """
        SELECT count(*) FROM (SELECT case_id FROM accepted GROUP BY case_id
        HAVING min(day) BETWEEN :begins AND :ends AND count(DISTINCT item) >= 2)""",
    ("continuation", "continuation"): """
        SELECT coalesce(sum(mode = 'continuation'), 0), count(*) FROM opened WHERE day BETWEEN :begins AND :ends""",
    ("online", "opened_online"): """
        SELECT coalesce(sum(state ->> 'channel' IN ('web', 'mobile')), 0), count(*) FROM opened
        WHERE day BETWEEN :begins AND :ends""",
    ("tolerance", "tolerant"): f"""
        SELECT (SELECT count(*) FROM {FIRST_ITEMS.format("(SELECT * FROM accepted WHERE tolerant)")}), count(*)
        FROM {FIRST_ITEMS.format("accepted")}""",
    ("returns", "returned"): f"""
        SELECT count(*), {ALL_RECEIVED} FROM {
        FIRST_ITEMS.format('''(
            SELECT f.case_id, e.value AS item, f.day FROM facts f, json_each(f.state, '$.items') e
            WHERE f.topic = 'onething.case.items-returned.v1')''')
    }""",
    ("returns", "denied"): """
        SELECT (SELECT count(*) FROM (SELECT case_id, state ->> 'item' AS item, min(day) AS day FROM facts
            WHERE topic = 'onething.review.denied.v1' GROUP BY 1, 2) WHERE day BETWEEN :begins AND :ends), count(*)
        FROM decided WHERE day BETWEEN :begins AND :ends""",
    ("first_time_complete", "with_tolerance"): """
        SELECT coalesce(sum(case_id NOT IN (SELECT case_id FROM facts
            WHERE topic = 'onething.case.correction-requested.v1')), 0), count(*)
        FROM (SELECT case_id, min(day) AS day FROM (SELECT case_id, day FROM received UNION ALL
            SELECT case_id, day FROM facts WHERE topic = 'onething.case.correction-requested.v1') GROUP BY 1)
        WHERE day BETWEEN :begins AND :ends""",
    ("handling_time", "on_time"): """
        SELECT coalesce(sum(day <= due), 0), count(*) FROM (SELECT d.day, (SELECT c.due FROM clocks c
            WHERE c.case_id = d.case_id AND c.item = d.item AND c.at <= d.at ORDER BY c.at DESC LIMIT 1) AS due
        FROM decided d WHERE d.day BETWEEN :begins AND :ends) WHERE due IS NOT NULL""",
    ("distribution", "dispatched"): """
        SELECT coalesce(sum((case_id, packet) IN (
            SELECT f.case_id, e.value FROM facts f, json_each(f.state, '$.packets') e
            WHERE f.topic = 'onething.packet.dispatched.v1')), 0), count(*)
        FROM packets WHERE day BETWEEN :begins AND :ends""",
}

Row = tuple[str, str, str, str, str]
"""topic, case, day, at, state."""


def counted(facts: Sequence[Row], begins: date, ends: date) -> dict[tuple[str, str], dict[str, Any]]:
    """(indicator, figure) → value, and numerator and denominator of a ratio."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE facts (topic, case_id, day, at, state)")
        connection.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", facts)
        for name, query in PIECES.items():
            connection.execute(f"CREATE VIEW {name} AS {query}")
        period = {"begins": begins.isoformat(), "ends": ends.isoformat()}
        return {key: _number(connection.execute(query, period).fetchone()) for key, query in QUERIES.items()}


def row(topic: str, case: str, day: date, at: str, body: Any) -> Row:
    """A fact as the view has it."""
    return topic, case, day.isoformat(), at, json.dumps(body)


def _number(found: tuple[Any, ...]) -> dict[str, Any]:
    if len(found) == 1:
        return {"value": found[0]}
    top, bottom = found
    return {"value": top / bottom if bottom else None, "numerator": top, "denominator": bottom}
