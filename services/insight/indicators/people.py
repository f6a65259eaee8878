"""Who asks and how they were served: 6 咨询量, 7 办件转化率, 23 好差评, 25 投诉率."""

from insight.indicators.definition import Indicator
from insight.indicators.volume import OPENED
from insight.measuring.figures import Count, Entries, Funnel, Ratio, Spread
from insight.measuring.sets import Amount, Set, Unit, cases, subjects, things

NO_ITEM = ("item", "department")
CONSULTED = things("consulted", lacks=NO_ITEM)
CONTACTS = things("contact", imported=True, latest=True, lacks=("department",))
OFFERED = things("offered", lacks=("department",))
RATED = subjects("rated", lacks=NO_ITEM).without("struck")
BAD = subjects("rectifying", lacks=NO_ITEM).without("struck")
COMPLAINTS = things("figure:complaints", imported=True, latest=True, lacks=("department",))
CLOSED = cases("closed")
STAGES = (
    ("contacts", CONTACTS, True),
    ("consultations", CONSULTED, False),
    ("intentions", things("intended", lacks=NO_ITEM), False),
    ("opened", OPENED, False),
    ("accepted", cases("accepted"), False),
    ("concluded", CLOSED, False),
)
"""触达→咨询→意向→提交→受理→办结"""

INDICATORS = (
    Indicator(
        6,
        "consultations",
        (Count("person_days", Set(("consulted",), Unit.LABEL, lacks=NO_ITEM)), Count("consultations", CONSULTED)),
        words="people",
    ),
    Indicator(
        7,
        "conversion",
        (
            Ratio("consultation_to_case", CONSULTED.having_("linked"), CONSULTED),
            Ratio("consultation_to_intention", CONSULTED.having_("intended"), CONSULTED),
            Ratio("offer_to_case", OFFERED.having_("taken"), OFFERED),
            Ratio("contact_to_case", OPENED, CONTACTS, summed=(False, True)),
            Entries("by_channel", CONSULTED.having_("linked"), CONSULTED, "channel"),
            Entries("by_item", OFFERED.having_("taken"), OFFERED, "item"),
            Funnel("funnel", STAGES),
        ),
        words="people",
    ),
    Indicator(
        23,
        "ratings",
        (
            Ratio("rated", CLOSED.having_("rated"), CLOSED),
            Ratio("good", RATED.with_(at_most=3), RATED),
            Ratio("rectified_in_time", BAD.having_("rectified", labels=("in_time",)), BAD),
            Ratio("called_back", BAD.having_("fed_back"), BAD),
            Spread(
                "seconds_to_rectify", subjects("rectified", amount=Amount.SECONDS, since="rectifying", lacks=NO_ITEM)
            ),
        ),
        words="people",
    ),
    Indicator(25, "complaints", (Ratio("complaints", COMPLAINTS, OPENED, summed=(True, False)),), words="people"),
)
