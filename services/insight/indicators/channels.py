"""By which way: 18 网办率, 22 窗口, 24 数据共享."""

from insight.indicators.definition import Indicator
from insight.indicators.volume import OPENED
from insight.measuring.figures import Count, Ratio, Spread
from insight.measuring.places import WindowTime
from insight.measuring.sets import Amount, cases, facts, items, subjects

ONLINE = ("web", "mobile")
CLOSED = cases("closed")
AT_WINDOWS = ("item", "department", "channel")
FINISHED = subjects("finished", lacks=AT_WINDOWS)
DRAWN = subjects("drawn", lacks=("item", "department"))
OF_WINDOWS = ("theme", "level", *AT_WINDOWS)
SERVED = facts("finished", lacks=OF_WINDOWS)
WINDOWS = facts("window", lacks=OF_WINDOWS)
TRIED = items("compared", "fell_back")
COMPARED = items("compared")

INDICATORS = (
    Indicator(
        18,
        "online",
        (
            Ratio("end_to_end", CLOSED.with_(channels=ONLINE).without("visit"), CLOSED),
            Ratio("opened_online", OPENED.with_(channels=ONLINE), OPENED),
        ),
        words="channels",
    ),
    Indicator(
        22,
        "windows",
        (
            Spread("waited_seconds", FINISHED.with_(amount=Amount.BASE)),
            Spread("served_seconds", FINISHED),
            Count("served", FINISHED),
            Ratio("missed", DRAWN.having_("missed"), DRAWN),
            WindowTime("load", SERVED, WINDOWS),
            WindowTime("paused", SERVED, WINDOWS, of="paused"),
        ),
        words="channels",
    ),
    Indicator(
        24,
        "data_sharing",
        (Ratio("answered", COMPARED, TRIED), Ratio("agreed", COMPARED.only("matched"), COMPARED)),
        words="channels",
    ),
)
