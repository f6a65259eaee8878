"""How much: 1 相对办件量, 2 办理上限, 3 单事项办件量, 4 联办量, 5 户量, 20 接续占比, 21 层级分布."""

from insight.indicators.definition import Indicator
from insight.measuring.figures import Count, Parts, Ratio
from insight.measuring.graph import Combinations
from insight.measuring.sets import Amount, cases, items, things

OPENED = cases("opened")
JOINT = cases("accepted", amount=Amount.ITEMS, at_least=2)
"""A case with one item is not 联办."""
IMPORTED = {"imported": True, "latest": True, "lacks": ("department", "channel")}
KEY_CASES = things("figure:key_cases", **IMPORTED)
SINGLE_CASES = things("figure:single_cases", **IMPORTED)
POPULATION = things("figure:population", **IMPORTED)

INDICATORS = (
    Indicator(
        1, "relative_volume", (Ratio("relative_volume", JOINT, KEY_CASES, summed=(False, True)),), words="volume"
    ),
    Indicator(2, "upper_bound", (Count("key_cases", KEY_CASES, summed=True),), words="volume"),
    Indicator(
        3,
        "single_items",
        (Count("inside", items("accepted")), Count("outside", SINGLE_CASES, summed=True)),
        words="volume",
    ),
    Indicator(
        4,
        "joint_handling",
        (Count("joint", JOINT), Parts("by_items", JOINT, by="amount"), Combinations("by_combination", JOINT)),
        words="volume",
    ),
    Indicator(5, "population", (Count("population", POPULATION, summed=True),), words="volume"),
    Indicator(
        20,
        "continuation",
        (
            Ratio("continuation", OPENED.only("continuation"), OPENED),
            Ratio("joined_later", OPENED.having_("joined"), OPENED),
            Parts("by_entry", OPENED.only("continuation"), by="item"),
        ),
        words="volume",
    ),
    Indicator(21, "levels", (Parts("by_level", OPENED, by="level"),), words="volume"),
)
