"""The rules of approval: reviews with their clocks and joins, and the bundle that they make up."""

from approval.domain.bundle import Bundle, EndReview, PlanReviews, SupplyReviews
from approval.domain.clocks import Mark, unlocked
from approval.domain.refusals import (
    AlreadyDecided,
    CaseConcluded,
    MaterialsOutstanding,
    NotYetAccepted,
    NotYours,
    ReasonsMissing,
    ReviewBlocked,
    ReviewLocked,
    ReviewOver,
)
from approval.domain.review import ALLOWED, Review, Status

__all__ = [
    "ALLOWED",
    "AlreadyDecided",
    "Bundle",
    "CaseConcluded",
    "EndReview",
    "Mark",
    "MaterialsOutstanding",
    "NotYetAccepted",
    "NotYours",
    "PlanReviews",
    "ReasonsMissing",
    "Review",
    "ReviewBlocked",
    "ReviewLocked",
    "ReviewOver",
    "Status",
    "SupplyReviews",
    "unlocked",
]
