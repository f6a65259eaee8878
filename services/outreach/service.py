"""主动服务 as a service: who asks is answered, who was served rates, and places open the guide."""

from eventing.catalogues import CurrentCatalogues
from eventing.keyring import Keyring
from eventing.printed import PrintedCodes
from eventing.service import Service
from kernel.workdays import WorkingCalendar
from outreach.consulting import Consulting
from outreach.domain import Consultation, Place, Ratings, Visit
from outreach.following import Following
from outreach.placing import Placing
from outreach.projections import CASES, CONSULTATIONS, HANDLINGS, INDICATORS, PLACES, RATINGS, VISITS
from outreach.rating import Rating


class Outreach(Consulting, Rating, Placing, Following, Service):
    """主动服务."""

    name = "outreach"
    aggregates = (Consultation, Ratings, Place, Visit)
    views = (CONSULTATIONS, RATINGS, INDICATORS, PLACES, VISITS)
    tables = (CASES, HANDLINGS)
    catalogues = CurrentCatalogues()
    keyring = Keyring()
    codes = PrintedCodes()
    calendar = WorkingCalendar.official()
