"""The rules of approval: reviews with their clocks and joins, and the bundle that they make up."""

from approval.domain.bundle import Bundle
from approval.domain.clocks import standstills, unlocked
from approval.domain.commands import (
    ConcludeOrigin,
    EndReview,
    ExtendBundle,
    PlanReviews,
    SettleTolerance,
    SupplyReviews,
    WithdrawReview,
)
from approval.domain.law import Law
from approval.domain.refusals import (
    AlreadyDecided,
    CaseConcluded,
    InSpecialProcedure,
    MaterialsOutstanding,
    NotYetAccepted,
    NotYours,
    ReasonsMissing,
    ReviewBlocked,
    ReviewLocked,
    ReviewOver,
)
from approval.domain.review import ALLOWED, ENDS, Pause, Review, Status, intervals
from approval.domain.schedule import Schedule, schedule
from approval.domain.watch import Mark

__all__ = [
    "ALLOWED",
    "ENDS",
    "AlreadyDecided",
    "Bundle",
    "CaseConcluded",
    "ConcludeOrigin",
    "EndReview",
    "ExtendBundle",
    "InSpecialProcedure",
    "Law",
    "Mark",
    "MaterialsOutstanding",
    "NotYetAccepted",
    "NotYours",
    "Pause",
    "PlanReviews",
    "ReasonsMissing",
    "Review",
    "ReviewBlocked",
    "ReviewLocked",
    "ReviewOver",
    "Schedule",
    "SettleTolerance",
    "Status",
    "SupplyReviews",
    "WithdrawReview",
    "intervals",
    "schedule",
    "standstills",
    "unlocked",
]
