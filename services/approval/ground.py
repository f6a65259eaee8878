"""What every handler of approval stands on: the law of a case on a day, and the numbers of notices."""

from datetime import date
from typing import Any

from msgspec.structs import replace

from approval.domain import Bundle, Law
from approval.wording import WORDS
from catalogue.model import Catalogue
from contracts.language import Act, Caller
from contracts.scopes import Reach
from eventing.catalogues import CatalogueShelf
from eventing.errors import NotFound
from kernel.clock import local_date
from kernel.numbers import notice_number
from kernel.workdays import WorkingCalendar


class Ground:
    """What the service is given, and what handlers of every topic make of it."""

    store: Any
    peers: Any
    catalogues: CatalogueShelf
    calendar: WorkingCalendar

    def reach_of(self, aggregate: Any, message: Any, caller: Caller) -> Reach:
        """Whom a bundle concerns: also the organisation that leads its theme."""
        if isinstance(aggregate, Bundle) and not aggregate.is_open:
            raise NotFound(what="bundle", id=aggregate.stream)
        found: Reach = super().reach_of(aggregate, message, caller)  # type: ignore[misc]  # the service's
        if not isinstance(aggregate, Bundle):
            return found
        return replace(found, orgs=found.orgs | {self._catalogue(aggregate).theme(aggregate.theme).lead})

    def _catalogue(self, bundle: Bundle) -> Catalogue:
        """The catalogue version that the case was opened with. News of a case that is not taken up is no case."""
        if not bundle.is_open:
            raise NotFound(what="bundle", id=bundle.stream)
        found: Catalogue = self.catalogues.at(bundle.catalogue)
        return found

    def _law(self, bundle: Bundle, act: Act) -> Law:
        """What holds for the case on the day of this act."""
        return self._law_on(bundle, local_date(act.at))

    def _law_on(self, bundle: Bundle, day: date) -> Law:
        """What holds for the case on a legal day."""
        catalogue = self._catalogue(bundle)
        return Law(catalogue, catalogue.theme(bundle.theme), self.calendar, day)

    def _handler(self, bundle: Bundle, item: str) -> str:
        """The organisation that handles an item; empty: nobody yet."""
        return bundle.reviews[item].handler if item in bundle.reviews else ""

    def _notice(self, kind: str, authority: str, bundle: Bundle, act: Act) -> str:
        """The next number of this authority's notices of this kind and year; nobody named: of the lead's.

        None for a case that is not taken up: its command is refused, and nobody else's of the batch.
        """
        if not bundle.is_open:
            return ""
        catalogue = self._catalogue(bundle)
        authority = authority or catalogue.theme(bundle.theme).lead
        organisation = catalogue.organisations.get(authority)
        year = local_date(act.at).year
        return notice_number(
            organisation.name if organisation is not None else authority,
            WORDS["numbers"][kind],
            year,
            self.store.reserve(f"{kind}/{authority}/{year}"),
        )

    def _answer(self, bundle: Bundle, item: str) -> dict[str, Any]:
        """How a review stands after the act."""
        review = bundle.reviews[item]
        return {
            "item": item,
            "status": review.status.value,
            "decision": review.decision,
            "remedy": review.remedy,
            "verdict": bundle.verdict,
        }
