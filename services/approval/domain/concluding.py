"""The verdict over the whole, from the ends that the reviews have come to."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from approval.domain.review import Review, Status

Verdict = Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]


class Conclusion(Struct, frozen=True):
    """What a concluded bundle amounts to; the items by how they ended."""

    verdict: Verdict
    granted: tuple[str, ...]
    denied: tuple[str, ...]
    gone: tuple[str, ...]
    blocked: tuple[str, ...]
    revoked: tuple[str, ...]


def conclusion(reviews: Mapping[str, Review]) -> Conclusion | None:
    """What the reviews add up to; None while one of them has not come to its end."""
    if not all(review.is_over for review in reviews.values()):
        return None
    granted, denied, gone, blocked, revoked = (
        tuple(item for item, review in reviews.items() if review.status is status)
        for status in (Status.GRANTED, Status.DENIED, Status.GONE, Status.BLOCKED, Status.REVOKED)
    )
    verdict: Verdict
    if granted:
        verdict = "granted" if len(granted) == len(reviews) else "partly"
    elif denied or revoked:
        verdict = "denied"
    else:
        verdict = "withdrawn" if any(review.reason == "withdrawn" for review in reviews.values()) else "not_accepted"
    return Conclusion(verdict, granted, denied, gone, blocked, revoked)
