"""How long: 11 办理时限, 16 时限压减, 17 即办率, 26 送达及时率."""

from insight.indicators.definition import Indicator
from insight.measuring.figures import Ratio, Realised, WorkingDays
from insight.measuring.graph import ShorterPath, Waits
from insight.measuring.sets import Amount, Set, Unit, cases, items, subjects

DECIDED = items("decided")
PROMISED = DECIDED.with_(with_limit="due")
STATUTORY = DECIDED.with_(with_limit="law_due")
LIMITED = items("clock", labels=("both",))
"""Items with both limits."""
IN_FORCE = Set(("clock",), Unit.CODE)
PACKAGES = subjects("assembled", lacks=("item", "department"))

INDICATORS = (
    Indicator(
        11,
        "handling_time",
        (
            Ratio("on_time", PROMISED.with_(within_limit="due"), PROMISED),
            Ratio("on_time_statutory", STATUTORY.with_(within_limit="law_due"), STATUTORY),
            Ratio("early", PROMISED.with_(before_limit="due"), PROMISED),
            WorkingDays("net_days", DECIDED),
            WorkingDays("gross_days", DECIDED, net=False),
            Waits("edge_days", items("unlocked")),
        ),
        words="times",
    ),
    Indicator(
        16,
        "shorter_limits",
        (
            Ratio("promised", LIMITED, LIMITED.with_(amount=Amount.BASE), summed=(True, True), less=True),
            Realised("realised", DECIDED),
            ShorterPath("critical_path", cases("scenario")),
        ),
        words="times",
    ),
    Indicator(
        17,
        "same_day",
        (
            Ratio("cases", DECIDED.having_("accepted", same_day=True), DECIDED),
            Ratio("items", IN_FORCE.with_(at_least=0, at_most=0), IN_FORCE),
        ),
        words="times",
    ),
    Indicator(
        26, "delivery", (Ratio("in_time", PACKAGES.having_("handed_over", in_time=True), PACKAGES),), words="times"
    ),
)
