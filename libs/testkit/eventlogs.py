"""Logs of any length."""

from collections.abc import Iterator
from datetime import timedelta

from contracts.exports import LogEvent, LogObject, LogPage, LogRelation, LogValue
from contracts.intake import CaseOpened, ItemsAccepted
from testkit.facts import NOON


def pages(cases: int, events: int = 4) -> Iterator[LogPage]:
    """A page for each case: its objects, a window and a grant that all share, and so many events."""
    for n in range(cases):
        case_id = f"c{n}"
        case, item = f"case:{case_id}", f"item:{case_id}/CY01"
        said = tuple(
            LogValue("state", "string", state, NOON + timedelta(hours=hour))
            for hour, state in enumerate(("open", 'at <work> & "more"', "closed"))
        )
        yield LogPage(
            size=cases * events,
            objects=(
                LogObject(case, "case", (LogValue("number", "string", f"N{n}", NOON), *said)),
                LogObject(item, "item", (), (LogRelation(case, "case"),)),
                LogObject("window:w1", "window"),
                LogObject("grant:g1", "grant", (LogValue("grantor", "string", "dept", NOON),)),
            ),
            events=tuple(
                LogEvent(
                    event=f"intake/{n}/{seq}",
                    activity="ItemsAccepted" if seq else "CaseOpened",
                    topic=ItemsAccepted.TOPIC if seq else CaseOpened.TOPIC,
                    at=NOON + timedelta(minutes=seq),
                    service="intake",
                    seq=seq + 1,
                    case_id=case_id,
                    resource="p-1",
                    values=(
                        LogValue("deemed", "boolean", bool(seq % 2)),
                        LogValue("due", "time", "2026-03-02T01:00:00Z"),
                        LogValue("word", "string", "=2+3"),
                    ),
                    relations=(
                        LogRelation(case, "case"), LogRelation(item, "items"), LogRelation("window:w1", "window"),
                        LogRelation("grant:g1", "acting_as"),
                    ),
                )
                for seq in range(events)
            ),
            after=case_id if n < cases - 1 else None,
        )  # fmt: skip
