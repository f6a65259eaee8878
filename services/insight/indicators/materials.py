"""What is brought and where it goes: 8 一次性备齐率, 9 材料分发率, 10 物料流转, 15 材料压减, 19 容缺率."""

from insight.indicators.definition import Indicator
from insight.measuring.figures import Count, Parts, Ratio, Spread
from insight.measuring.graph import Completeness
from insight.measuring.places import Ways
from insight.measuring.reduction import Reduction
from insight.measuring.sets import Amount, Unit, cases, facts, items, subjects

SUBMITTED = cases("received", "accepted", "not_accepted", "returned", "held", "correction")
COMPLETE = SUBMITTED.without("correction")
PACKETS = subjects("packet", lacks=("level",))
PAPER = PACKETS.only("paper")
TRAVELLED = facts("dispatched").having_("packet", by=Unit.SUBJECT, labels=("paper",))
ARRIVED = subjects("signed", amount=Amount.SECONDS, since="dispatched", every=True).having_("packet", labels=("paper",))
GAPS = facts("gap")
"""Packets that were on a manifest and not aboard, and copies that the ledger of custody has nowhere or twice."""
ACCEPTED = items("accepted")
TOLERANT = ACCEPTED.only("tolerant")
SCENARIOS = cases("scenario")

INDICATORS = (
    Indicator(
        8,
        "first_time_complete",
        (
            Ratio("strict", COMPLETE.without("held").without("accepted", labels=("tolerant",)), SUBMITTED),
            Ratio("with_tolerance", COMPLETE, SUBMITTED),
            Parts("lacking", facts("lacking"), by="subject"),
            Completeness("by_material", SUBMITTED),
        ),
        words="materials",
    ),
    Indicator(
        9,
        "distribution",
        (
            Ratio("on_time", PACKETS.having_("dispatched").without("overdue"), PACKETS),
            Ratio("dispatched", PACKETS.having_("dispatched"), PACKETS),
            Ratio("signed", PAPER.having_("signed"), PAPER),
            Ratio("acknowledged", PACKETS.having_("acknowledged"), PACKETS),
        ),
        words="materials",
    ),
    Indicator(
        10,
        "custody",
        (
            Count("hand_overs", TRAVELLED),
            Spread("transit_seconds", ARRIVED),
            Count("sent_back", facts("sent_back")),
            Count("lost", facts("lost")),
            Count("overdue", facts("overdue")),
            Count("gaps", GAPS),
            Ways("by_way", ARRIVED),
            Ways("by_levels", ARRIVED, between="levels"),
        ),
        words="materials",
    ),
    Indicator(
        15,
        "fewer_materials",
        (
            Reduction("reduction", SCENARIOS),
            Reduction("not_asked", SCENARIOS, of="spared"),
        ),
        words="materials",
    ),
    Indicator(
        19,
        "tolerance",
        (Ratio("tolerant", TOLERANT, ACCEPTED), Ratio("lapsed", TOLERANT.having_("lapsed"), TOLERANT)),
        words="materials",
    ),
)
