"""Consultations, ratings, places and visits as outreach decides them."""

from outreach.domain.consultation import Consultation
from outreach.domain.place import Place, Visit
from outreach.domain.rating import Ratings, Step

__all__ = ["Consultation", "Place", "Ratings", "Step", "Visit"]
