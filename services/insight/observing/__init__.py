"""What is kept of a fact: observations, each of one kind, with what it is counted by.

One function for each fact that is counted, in the module of what it is about. A function is pure: the same fact gives
the same observations, so that they can be made anew from the logs at any time.
"""

from insight.observing import cases, certificates, histories, packets, people, reports, reviews, windows
from insight.observing.seen import OBSERVERS, Seen

__all__ = [
    "OBSERVERS",
    "Seen",
    "cases",
    "certificates",
    "histories",
    "packets",
    "people",
    "reports",
    "reviews",
    "windows",
]
