"""Who may accept what, on which terms, and the numbers of the notices that follow: gathered for a whole batch."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import msgspec

from catalogue.model import Catalogue
from contracts.delegation import Authorise, AuthorityAnswer, AuthorityRequest
from contracts.intake import Signed
from contracts.language import Act
from eventing.errors import OneThingError
from intake.credit import Credit
from intake.domain import Case, Outline, Terms
from intake.domain.terms import NORMAL
from intake.wording import WORDS
from kernel.clock import local_date
from kernel.numbers import notice_number


class Authorised(msgspec.Struct, frozen=True):
    """What delegation says about items, and the numbers of their notices."""

    outline: Outline
    authorities: dict[str, AuthorityAnswer]
    notices: dict[str, str]
    terms: Terms = NORMAL


class Asked(msgspec.Struct, frozen=True):
    """Items that an act wants to accept, or decline to."""

    outline: Outline
    items: Collection[str]
    act: Act
    applicant_index: str = ""
    tolerate: tuple[str, ...] = ()
    promise: tuple[str, ...] = ()
    signed: Signed | None = None
    power: Literal["accept", "receive"] = "accept"

    def tolerable(self, authorities: Mapping[str, AuthorityAnswer]) -> dict[str, AuthorityAnswer]:
        """Those of the items that ask for something that is to come later."""
        return {
            item: answer
            for item, answer in authorities.items()
            if any(need.material in self.tolerate for need in self.outline.needs[item])
        }

    def requests(self) -> tuple[AuthorityRequest, ...]:
        """What delegation is asked: may the hall, and this clerk, do it for those who decide the items?"""
        caller = self.act.caller
        hall, window = (caller.hall, caller.window) if caller is not None else ("", "")
        qualification = self.outline.theme.qualification
        staff = self.act.by if qualification else ""
        return tuple(
            AuthorityRequest(hall, planned.item, planned.handler, self.power, staff, qualification, window)
            for planned in self.outline.plan
            if planned.item in self.items
        )


class Authorities(Credit):
    """The questions to delegation and to the credit record, and the next numbers of notices."""

    peers: Any
    catalogues: Any

    def _authorise_possible(
        self, kind: str, asked: Sequence[Asked | OneThingError]
    ) -> list[Authorised | OneThingError]:
        """Asks for those that got so far; the errors of the others stay in their places."""
        answers = iter(self._authorise(kind, [each for each in asked if isinstance(each, Asked)]))
        return [next(answers) if isinstance(each, Asked) else each for each in asked]

    def _authorise(self, kind: str, asked: Sequence[Asked]) -> list[Authorised]:
        """One question to delegation for the whole batch, and a number for every notice that may follow."""
        barred = self._barred(asked)
        return [
            Authorised(
                outline=each.outline,
                authorities=authorities,
                notices=self._notices(kind, each, authorities),
                terms=Terms(
                    tolerate=each.tolerate,
                    promise=each.promise,
                    signed=each.signed,
                    barred=barred.get(each.applicant_index, ()),
                    notices=self._notices("tolerated", each, each.tolerable(authorities)),
                ),
            )
            for authorities, each in self._answers(asked)
        ]

    def _answers(self, asked: Sequence[Asked]) -> list[tuple[dict[str, AuthorityAnswer], Asked]]:
        """One question to delegation for the whole batch."""
        requests = [each.requests() for each in asked]
        distinct = tuple(dict.fromkeys(request for each in requests for request in each))
        found = self.peers.ask(Authorise(requests=distinct)) if distinct else []
        answers = dict(zip(distinct, msgspec.convert(found, list[AuthorityAnswer]), strict=True))
        return [
            ({request.item: answers[request] for request in wanted}, each)
            for each, wanted in zip(asked, requests, strict=True)
        ]

    def _barred(self, asked: Sequence[Asked]) -> dict[str, tuple[str, ...]]:
        """Whom credit bars, of those who want something tolerated or promised."""
        wanting = [each for each in asked if each.tolerate or each.promise]
        if not wanting:
            return {}
        return self.credit_bars([each.applicant_index for each in wanting], local_date(wanting[0].act.at))

    def _notices(self, kind: str, asked: Asked, authorities: Mapping[str, AuthorityAnswer]) -> dict[str, str]:
        return {
            item: self._notice(kind, asked.outline.catalogue, answer.in_name_of, asked.act)
            for item, answer in authorities.items()
            if not answer.refusal
        }

    def lead_notice(self, kind: str, case: Case, act: Act) -> str:
        """The next number of a notice about the whole case, in the name of the lead of its theme."""
        catalogue = self.catalogues.at(case.catalogue)
        return self._notice(kind, catalogue, catalogue.theme(case.theme).lead, act)

    def item_notice(self, kind: str, case: Case, item: str, act: Act) -> str:
        """The next number of a notice about one item, in the name of who decides it."""
        handler = next((planned.handler for planned in case.plan if planned.item == item), "")
        if not handler:
            return ""
        return self._notice(kind, self.catalogues.at(case.catalogue), handler, act)

    def _notice(self, kind: str, catalogue: Catalogue, authority: str, act: Act) -> str:
        """The next number of this authority's notices of this kind and year."""
        organisation = catalogue.organisations.get(authority)
        year = local_date(act.at).year
        return notice_number(
            organisation.name if organisation is not None else authority,
            WORDS["numbers"][kind],
            year,
            self.store.reserve(f"{kind}/{authority}/{year}"),
        )
