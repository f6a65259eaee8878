"""What decisions need from outside, gathered for a whole batch before any of it is decided."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from catalogue.model import Catalogue
from contracts.delegation import Authorise, AuthorityAnswer, AuthorityRequest
from contracts.intake import AcceptItems, FillForm, NotAcceptItem, OpenCase, Register, RequestCorrection
from contracts.language import Act, Sealed
from eventing.errors import OneThingError
from eventing.keyring import KeyRing
from intake.domain import Case, Outline, check_applicant, check_form, outline_of
from intake.domain.refusals import DuplicateCase, NoHall
from intake.projections import open_cases_of
from intake.wording import WORDS
from kernel.clock import local_date
from kernel.numbers import case_number, notice_number

T = TypeVar("T")


class Authorised(msgspec.Struct, frozen=True):
    """What delegation says about items, and the numbers of their notices."""

    outline: Outline
    authorities: dict[str, AuthorityAnswer]
    notices: dict[str, str]


class Opening(msgspec.Struct, kw_only=True):
    """All that a case needs from outside before it can be opened."""

    command: OpenCase | Register
    act: Act
    outline: Outline
    number: str
    notice: str
    key_id: str
    applicant: Sealed
    applicant_index: str
    form: Sealed | None = None
    fields: dict[str, str] = {}
    authorised: Authorised | None = None
    """For a registration: what delegation says about its items."""
    twins: "tuple[Opening, ...]" = ()
    """The openings of the same applicant and theme before this one in the same batch."""
    is_done: bool = False


class Filling(msgspec.Struct, frozen=True):
    """A part of the form, checked and sealed."""

    outline: Outline
    form: Sealed
    fields: dict[str, str]


class Asked(msgspec.Struct, frozen=True):
    """Items that an act wants to accept, or decline to."""

    outline: Outline
    items: Collection[str]
    act: Act

    def requests(self) -> tuple[AuthorityRequest, ...]:
        """What delegation is asked: may the hall accept these items for those who decide them?"""
        hall = self.act.caller.hall if self.act.caller is not None else ""
        return tuple(
            AuthorityRequest(hall, planned.item, planned.handler, "accept")
            for planned in self.outline.plan
            if planned.item in self.items
        )


class Gathering:
    """The questions of intake's handlers to catalogue, vault, delegation and the list of cases."""

    store: Any
    peers: Any
    catalogues: Any
    keyring: KeyRing

    def outline(self, case: Case) -> Outline:
        """What the case consists of, by the catalogue version that it was opened with."""
        return outline_of(
            self.catalogues.at(case.catalogue),
            case.theme,
            case.answers,
            chosen=case.selected,
            satisfied=case.satisfied,
        )

    def openings(self, batch: Sequence[tuple[Case, OpenCase | Register, Act]]) -> list[Opening | OneThingError]:
        """Outline, sealed data, numbers and, for a registration, delegation's answers."""
        given = self._single(_each(self._opening, batch))
        registered = [
            opening for opening in given if isinstance(opening, Opening) and isinstance(opening.command, Register)
        ]
        asked = [Asked(each.outline, tuple(each.outline.needs), each.act) for each in registered]
        for opening, authorised in zip(registered, self._authorise("accepted", asked), strict=True):
            opening.authorised = authorised
        return given

    def _opening(self, _case: Case, cmd: OpenCase | Register, act: Act) -> Opening:
        if act.caller is None or not act.caller.hall:
            raise NoHall
        catalogue = self.catalogues.current()
        outline = outline_of(catalogue, cmd.theme, cmd.answers, chosen=cmd.chosen, satisfied=cmd.satisfied)
        applicant = check_applicant(cmd.applicant)
        values: dict[str, str] = {}
        fields: dict[str, str] = {}
        if isinstance(cmd, Register):
            values, fields = check_form(outline.fields, cmd.values, cmd.provenance)
        day = local_date(act.at)
        sequence = self.store.reserve(f"case/{catalogue.region}/{cmd.theme}/{day:%Y%m%d}")
        key_id = self.keyring.fresh()
        return Opening(
            command=cmd,
            act=act,
            outline=outline,
            number=case_number(catalogue.region, cmd.theme, day, sequence),
            notice=self._notice("notice", catalogue, outline.theme.lead, act),
            key_id=key_id,
            applicant=self.keyring.seal(key_id, cmd.case_id, "applicant", applicant),
            applicant_index=self.keyring.blind(applicant.identifier),
            form=self.keyring.seal(key_id, cmd.case_id, "form", values) if values else None,
            fields=fields,
        )

    def _single(self, given: list[Opening | OneThingError]) -> list[Opening | OneThingError]:
        """Refuses openings whose applicant has an open case of the theme.

        Those of one applicant and theme in the same batch know of each other; the first that succeeds wins.
        """
        watched = [opening for opening in given if isinstance(opening, Opening) and not opening.command.allow_duplicate]
        if not watched:
            return given
        found = self.store.select(open_cases_of([opening.applicant_index for opening in watched]))
        others: dict[tuple[str, str], list[Any]] = {}
        for row in found:
            others.setdefault((row["applicant_index"], row["theme"]), []).append(row)
        earlier: dict[tuple[str, str], list[Opening]] = {}
        refused: dict[int, DuplicateCase] = {}
        for opening in watched:
            key = (opening.applicant_index, opening.outline.theme.id)
            twins = [row["number"] for row in others.get(key, ()) if row["case_id"] != opening.command.case_id]
            if twins:
                refused[id(opening)] = DuplicateCase(number=twins[0])
                continue
            before = earlier.setdefault(key, [])
            opening.twins = tuple(before)
            before.append(opening)
        return [refused.get(id(opening), opening) for opening in given]

    def fillings(self, batch: Sequence[tuple[Case, FillForm, Act]]) -> list[Filling | OneThingError]:
        """Values checked and sealed."""
        return _each(self._filling, batch)

    def _filling(self, case: Case, cmd: FillForm, _act: Act) -> Filling:
        outline = self.outline(case)
        values, fields = check_form(outline.fields, cmd.values, cmd.provenance)
        return Filling(outline, self.keyring.seal(case.key_id, case.stream, "form", values), fields)

    def corrections(self, batch: Sequence[tuple[Case, RequestCorrection, Act]]) -> list[str | OneThingError]:
        """Numbers for correction notices."""
        return _each(self._correction, batch)

    def _correction(self, case: Case, _cmd: RequestCorrection, act: Act) -> str:
        outline = self.outline(case)
        return self._notice("correction", outline.catalogue, outline.theme.lead, act)

    def acceptings(self, batch: Sequence[tuple[Case, AcceptItems, Act]]) -> list[Authorised | OneThingError]:
        """Delegation's answers for the items to be accepted."""
        asked = _each(lambda case, cmd, act: Asked(self.outline(case), case.acceptable(cmd.items), act), batch)
        return self._authorise_possible("accepted", asked)

    def declinings(self, batch: Sequence[tuple[Case, NotAcceptItem, Act]]) -> list[Authorised | OneThingError]:
        """Delegation's answers for the items that will not be accepted."""
        asked = _each(lambda case, cmd, act: Asked(self.outline(case), case.declinable(cmd.item), act), batch)
        return self._authorise_possible("not_accepted", asked)

    def _authorise_possible(
        self, kind: str, asked: Sequence[Asked | OneThingError]
    ) -> list[Authorised | OneThingError]:
        """Asks for those that got so far; the errors of the others stay in their places."""
        answers = iter(self._authorise(kind, [each for each in asked if isinstance(each, Asked)]))
        return [next(answers) if isinstance(each, Asked) else each for each in asked]

    def _authorise(self, kind: str, asked: Sequence[Asked]) -> list[Authorised]:
        """One question to delegation for the whole batch, and a number for every notice that may follow."""
        requests = [each.requests() for each in asked]
        distinct = tuple(dict.fromkeys(request for each in requests for request in each))
        found = self.peers.ask(Authorise(requests=distinct)) if distinct else []
        answers = dict(zip(distinct, msgspec.convert(found, list[AuthorityAnswer]), strict=True))
        authorised = []
        for each, wanted in zip(asked, requests, strict=True):
            authorities = {request.item: answers[request] for request in wanted}
            authorised.append(
                Authorised(
                    outline=each.outline,
                    authorities=authorities,
                    notices={
                        item: self._notice(kind, each.outline.catalogue, answer.in_name_of, each.act)
                        for item, answer in authorities.items()
                        if not answer.refusal
                    },
                )
            )
        return authorised

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


def _each(make: Callable[..., T], batch: Iterable[tuple[Any, ...]]) -> list[T | OneThingError]:
    """Makes something for every entry; one that is refused does not stop the batch."""
    made: list[T | OneThingError] = []
    for entry in batch:
        try:
            made.append(make(*entry))
        except OneThingError as error:
            made.append(error)
    return made
