"""Random histories: what happened to a few cases, in any order, and when insight learned of it."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from contracts.approval import DataCompared, FellBackToPerson, ReviewDenied, ReviewResumed, ReviewSuspended, Unlocked
from contracts.certificate import PackageAssembled, PackageHandedOver
from contracts.intake import (
    Held,
    ItemNotAccepted,
    ItemsHeld,
    ItemsJoined,
    ItemsReturned,
    MaterialsReceived,
    Signed,
    ToleranceLapsed,
    ToleranceSupplemented,
)
from contracts.language import Fact
from contracts.outreach import RatingGiven
from contracts.routing import DistributionPlanned, HandoverOverdue, LossReported, PacketsDispatched, PacketsReceived
from contracts.routing.values import PlannedPacket
from testkit.facts import NOON

from .mothers import CASE, accepted, closed, corrected, granted, hall, opened, unlocked

Told = tuple[str, str, Fact]
"""Service, stream, fact."""

CASES = ("c1", "c2", "c3")
ITEMS = ("SSHC01", "SSHC02", "SSHC03")
HALLS = {"county": "county", "street": "street"}
DAYS = 40
"""What happens, happens within so many days."""

KINDS = (
    "received", "corrected", "held", "accepted", "accepted", "joined", "not_accepted", "returned", "lapsed",
    "supplemented", "unlocked", "paused", "granted", "granted", "denied", "compared", "fell_back", "planned",
    "dispatched", "signed", "overdue", "lost", "assembled", "handed_over", "rated", "closed",
)  # fmt: skip

HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from(CASES),
        st.integers(0, len(ITEMS) - 1),
        st.integers(0, DAYS),
        st.integers(0, 5),
    ),
    max_size=30,
)
OPENINGS = st.lists(
    st.tuples(
        st.sampled_from(("one_mouth", "continuation")),
        st.sampled_from(("window", "kiosk", "web", "mobile")),
        st.sampled_from(sorted(HALLS)),
        st.integers(0, DAYS),
    ),
    min_size=len(CASES),
    max_size=len(CASES),
)


def facts(openings: list[Any], happenings: list[Any]) -> Iterator[Told]:
    """The history; no two facts have the same instant, and what can happen once to a case happens once."""
    for stream, kind in HALLS.items():
        yield "halls", stream, hall(kind)
    for n, (case, (mode, channel, where, day)) in enumerate(zip(CASES, openings, strict=True)):
        at = NOON + timedelta(days=day, seconds=n)
        yield "intake", case, opened(case, at=at, mode=mode, channel=channel, hall=where, **CASE)
    once: set[tuple[str, str, str]] = set()
    for n, (kind, case, item, day, more) in enumerate(happenings, start=len(CASES)):
        thing = "" if kind == "closed" else ITEMS[item]
        if kind in ("closed", "paused", "rated", "assembled", "handed_over", "lost") and (kind, case, thing) in once:
            continue
        once.add((kind, case, thing))
        at = NOON + timedelta(days=day, minutes=n)
        yield from _happened(kind, case, ITEMS[item], at, more)


ROUTED = ("planned", "dispatched", "signed", "overdue", "lost")
INTAKE = (
    "received", "corrected", "held", "accepted", "joined", "not_accepted", "returned", "lapsed",
    "supplemented", "closed",
)  # fmt: skip


def _happened(kind: str, case: str, item: str, at: datetime, more: int) -> Iterator[Told]:
    who: Any = {"case_id": case, "at": at, "by": "somebody"}
    if kind in INTAKE:
        yield "intake", case, _taken_in(kind, who, item, more)
    elif kind in ROUTED:
        yield "routing", case, _routed(kind, who, item, f"{item}-p{more % 2}")
    elif kind in {"assembled", "handed_over"}:
        yield "certificate", case, _delivered(kind, who, item, at.date(), more)
    elif kind == "rated":
        yield "outreach", case, _rated(who)
    else:
        yield from (("approval", case, each) for each in _reviewed(kind, who, item, more))


def _taken_in(kind: str, who: Any, item: str, more: int) -> Fact:
    case, at = who["case_id"], who["at"]
    reasons: Any = ("never_completed", "given_up", "not_compliant")
    outcomes: Any = ("granted", "partly", "denied", "withdrawn", "returned", "merged")
    made: dict[str, Callable[[], Fact]] = {
        "received": lambda: MaterialsReceived(**who, materials=(), items=(item,)),
        "corrected": lambda: corrected(case, at, **{item: ("paper", "plan")[: 1 + more % 2]}),
        "held": lambda: ItemsHeld(**who, items=(Held(item, ()),), signed=Signed("d")),
        "accepted": lambda: accepted(case, item, tolerant=more == 0, at=at, theme="SSHC"),
        "joined": lambda: ItemsJoined(**who, items=(item,), answers={}, plan=()),
        "not_accepted": lambda: ItemNotAccepted(**who, item=item, reason="r", competent_authority="", notice="n"),
        "returned": lambda: ItemsReturned(**who, items=(item,), reason=reasons[more % 3]),
        "lapsed": lambda: ToleranceLapsed(**who, item=item, missing=("paper",)),
        "supplemented": lambda: ToleranceSupplemented(**who, item=item, materials=(), settled=bool(more % 2)),
        "closed": lambda: closed(case, outcomes[more], at),
    }
    return made[kind]()


def _rated(who: Any) -> Fact:
    return RatingGiven(**who, handling="case", grade=1, channel="web", on_site=False, hall="county")


def _routed(kind: str, who: Any, item: str, packet: str) -> Fact:
    medium: Any = "paper" if packet.endswith("p0") else "digital"
    match kind:
        case "planned":
            planned = PlannedPacket(packet, item, "dept", medium, (f"{packet}-copy",))
            return DistributionPlanned(**who, items=(item,), packets=(planned,))
        case "dispatched":
            return PacketsDispatched(**who, packets=(packet,))
        case "signed":
            return PacketsReceived(**who, packets=(packet,))
        case "overdue":
            return HandoverOverdue(**who, packet=packet, item=item, stage="receipt", place="county", due=who["at"])
        case _:
            return LossReported(**who, copies={f"{packet}-copy": "county"}, circumstances="c")


def _delivered(kind: str, who: Any, item: str, on: date, more: int) -> Fact:
    if kind == "assembled":
        return PackageAssembled(
            **who, package=item, certificates=(), due_on=None if more == 0 else on + timedelta(days=more)
        )
    return PackageHandedOver(**who, package=item, method="window" if more % 2 else "post", identity_check="id")


def _reviewed(kind: str, who: Any, item: str, more: int) -> Iterator[Fact]:
    case, at = who["case_id"], who["at"]
    match kind:
        case "unlocked":
            yield unlocked(case, item, days=more, at=at)
        case "granted":
            yield granted(case, item, at)
        case "denied":
            yield ReviewDenied(**who, item=item, handler="dept", decision="d", reasons="r", remedy="r")
        case "compared":
            yield DataCompared(**who, item=item, handler="dept", matched=bool(more % 2), source="s", digest="d")
        case "fell_back":
            yield FellBackToPerson(**who, item=item, handler="dept", source="s")
        case "paused":
            since, until = at.date(), at.date() + timedelta(days=1 + more)
            clocks = Unlocked(item=item, started_on=since, statutory_due=None, promised_due=None)
            later = {**who, "at": at + timedelta(days=1 + more)}
            common: Any = {"item": item, "handler": "dept", "procedure": "expert"}
            yield ReviewSuspended(
                **who, **common, reason="r", notice="n", started_on=since, expected_days=more + 1,
                expected_on=until, clocks=clocks,
            )  # fmt: skip
            yield ReviewResumed(**later, **common, result="r", resumed_on=until, clocks=clocks)
