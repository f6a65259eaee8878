"""How it ended, and what it took: 12 退件率, 13 一次性办理率, 14 跑动次数."""

from insight.indicators.definition import Indicator
from insight.measuring.figures import Count, Parts, Ratio, Spread
from insight.measuring.sets import Amount, cases, items, things

RECEIVED = items("received", "accepted", "not_accepted", "returned", "held", "correction")
RETURNED = items("returned")
DECIDED = items("decided")
CONCLUDED = cases("closed", labels=("granted", "partly", "denied"))
AT_ONCE = CONCLUDED.without("correction").without("supplemented").without("lapsed").without("visit", most=1)
BASELINE = things("figure:baseline_visits", imported=True, latest=True, lacks=("item", "department", "channel"))

INDICATORS = (
    Indicator(
        12,
        "returns",
        (
            Ratio("returned", RETURNED, RECEIVED),
            Ratio("returned_as_ended", RETURNED.only("not_compliant"), RECEIVED),
            Ratio("never_completed", RETURNED.only("never_completed"), RECEIVED),
            Ratio("not_accepted", items("not_accepted"), RECEIVED),
            Ratio("denied", DECIDED.only("denied"), DECIDED),
            Parts("by_reason", RETURNED, by="label"),
        ),
        words="endings",
    ),
    Indicator(13, "one_visit", (Ratio("one_visit", AT_ONCE, CONCLUDED),), words="endings"),
    Indicator(
        14,
        "visits",
        (
            Spread("visits", CONCLUDED.with_(amount=Amount.VISITS)),
            Count("baseline", BASELINE, summed=True),
        ),
        words="endings",
    ),
)
