"""What decisions need from outside, gathered for a whole batch before any of it is decided."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec

from contents import Contents
from contracts.intake import (
    AcceptItems,
    FillForm,
    NotAcceptItem,
    OpenCase,
    ReceiveMaterials,
    Register,
    RequestCorrection,
)
from contracts.language import Act, Sealed
from eventing.errors import OneThingError
from eventing.keyring import KeyRing
from intake.authorities import Asked, Authorised, Authorities
from intake.batches import for_each
from intake.domain import Case, Outline, check_applicant, check_form, outline_of, outline_with
from intake.domain.acceptance import check_authority
from intake.domain.bill import check_id
from intake.domain.crossfields import check_together, looks_back
from intake.domain.refusals import DuplicateCase, NoHall
from intake.domain.timing import begun_on, held_until
from intake.forms import Forms
from intake.mandates import Errand, Mandates
from intake.offers import Offers
from intake.projections import open_cases_of
from intake.reservations import Reservations
from intake.scanning import ScanPort, Scans, scanned
from intake.uploads import Files, Uploads
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar

T = TypeVar("T")


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
    held_until: dict[str, date] = {}
    begun: dict[str, date] = {}
    scans: Scans = {}
    """For a registration: what the scanner says of the files that it brings."""
    authorised: Authorised | None = None
    """For a registration: what delegation says about its items."""
    twins: "tuple[Opening, ...]" = ()
    """The openings of the same applicant and theme before this one in the same batch."""
    is_done: bool = False
    mandated: Act | None = None
    """The act in the applicant's name, where an agent does it; else the clerk's own."""


class Filling(msgspec.Struct, frozen=True):
    """A part of the form, checked and sealed."""

    outline: Outline
    form: Sealed
    fields: dict[str, str]
    held_until: dict[str, date]
    begun: dict[str, date]
    act: Act


class Receiving(msgspec.Struct, frozen=True):
    """Materials that come in: by whose act, and what is known of the files among them."""

    act: Act
    files: Files


class Gathering(Uploads, Authorities, Forms, Mandates, Offers, Reservations):
    """The questions of intake's handlers to catalogue, vault, delegation and the list of cases."""

    store: Any
    peers: Any
    catalogues: Any
    keyring: KeyRing
    contents: Contents
    scanner: ScanPort
    calendar: WorkingCalendar

    def outline(self, case: Case) -> Outline:
        """What the case consists of, by the catalogue version that it was opened with."""
        return outline_of(
            self.catalogues.at(case.catalogue),
            case.theme,
            case.answers,
            chosen=case.selected,
            satisfied=case.satisfied,
            underway=case.underway,
        )

    def noticed(self, case: Case) -> Outline:
        """What the case consisted of when its notice was given last."""
        of_plan = {
            standing: {each.item: each.evidence for each in case.noticed if each.standing == standing}
            for standing in ("selected", "satisfied", "underway")
        }
        return outline_of(
            self.catalogues.at(case.catalogue),
            case.theme,
            case.answers,
            chosen=tuple(of_plan["selected"]),
            satisfied=of_plan["satisfied"],
            underway=of_plan["underway"],
        )

    def openings(self, batch: Sequence[tuple[Case, OpenCase | Register, Act]]) -> list[Opening | OneThingError]:
        """Outline, sealed data, numbers, the agents' mandates and, for a registration, delegation's answers."""
        given = self._received_elsewhere(self._by_agents(self._single(for_each(self._opening, batch))))
        registered = [
            opening for opening in given if isinstance(opening, Opening) and isinstance(opening.command, Register)
        ]
        asked = [_registering(each) for each in registered]
        for opening, authorised in zip(registered, self._authorise("accepted", asked), strict=True):
            opening.authorised = authorised
        return given

    def _by_agents(self, given: list[Opening | OneThingError]) -> list[Opening | OneThingError]:
        """The acts of agents under their mandates; refuses those that none carries."""
        openings = [each for each in given if isinstance(each, Opening)]
        errands = [Errand(each.command, each.applicant_index, each.outline.theme.id, each.act) for each in openings]
        refused: dict[int, OneThingError] = {}
        for opening, act in zip(openings, self.errands(errands), strict=True):
            if isinstance(act, OneThingError):
                refused[id(opening)] = act
            else:
                opening.mandated = act
        return [refused.get(id(each), each) for each in given]

    def _received_elsewhere(self, given: list[Opening | OneThingError]) -> list[Opening | OneThingError]:
        """收受分离: a hall receives for another place what it has the power to receive."""
        openings = [
            each for each in given if isinstance(each, Opening) and each.command.cross_region == "received_elsewhere"
        ]
        if not openings:
            return given
        asked = [Asked(each.outline, tuple(each.outline.needs), each.act, power="receive") for each in openings]
        refused: dict[int, OneThingError] = {}
        for opening, (answers, _) in zip(openings, self._answers(asked), strict=True):
            try:
                check_authority(opening.outline, answers, answers)
            except OneThingError as error:
                refused[id(opening)] = error
        return [refused.get(id(each), each) for each in given]

    def _opening(self, _case: Case, cmd: OpenCase | Register, act: Act) -> Opening:
        if act.caller is None or not act.caller.hall:
            raise NoHall
        check_id("case_id", cmd.case_id)
        catalogue = self.catalogues.current()
        outline = outline_with(
            catalogue,
            cmd.theme,
            cmd.answers,
            chosen=cmd.chosen,
            satisfied=cmd.satisfied,
            underway={},
            origins=cmd.origins,
            calendar=self.calendar,
            on=local_date(act.at),
        )
        applicant = check_applicant(cmd.applicant)
        values: dict[str, str] = {}
        fields: dict[str, str] = {}
        if isinstance(cmd, Register):
            values, fields = check_form(outline.fields, cmd.values, cmd.provenance)
            check_together(outline.fields, values, changed=values, on=local_date(act.at))
        applicant_index = self.keyring.blind(applicant.identifier)
        self.check_draft_of(cmd, applicant_index, act)
        self.check_offer(cmd.offer)
        key_id = self.keyring.fresh()
        return Opening(
            command=cmd,
            act=act,
            outline=outline,
            number=self.check_number(cmd, catalogue.region, act)
            if cmd.number
            else self.next_number(catalogue.region, cmd.theme, local_date(act.at)),
            notice=self._notice("notice", catalogue, outline.theme.lead, act),
            key_id=key_id,
            applicant=self.keyring.seal(key_id, cmd.case_id, "applicant", applicant),
            applicant_index=applicant_index,
            form=self.keyring.seal(key_id, cmd.case_id, "form", values) if values else None,
            fields=fields,
            held_until=held_until(outline, values, self.calendar),
            begun=begun_on(outline, values),
            scans=scanned(self.scanner, self.contents, cmd.materials) if isinstance(cmd, Register) else {},
            mandated=act,
        )

    def receivings(self, batch: Sequence[tuple[Case, ReceiveMaterials, Act]]) -> list[Receiving | OneThingError]:
        """The agents' mandates, and what the scanner says of the files that are brought."""
        acts = self.mandated(batch)
        return for_each(self._receiving, [(case, cmd, act) for (case, cmd, _), act in zip(batch, acts, strict=True)])

    def _receiving(self, case: Case, cmd: ReceiveMaterials, act: Act | OneThingError) -> Receiving:
        if isinstance(act, OneThingError):
            raise act
        return Receiving(act, self.files_of(case, cmd.materials))

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
            twins = [row for row in others.get(key, ()) if row["case_id"] != opening.command.case_id]
            if twins:
                refused[id(opening)] = DuplicateCase(number=twins[0]["number"], into=twins[0]["case_id"])
                continue
            before = earlier.setdefault(key, [])
            opening.twins = tuple(before)
            before.append(opening)
        return [refused.get(id(opening), opening) for opening in given]

    def fillings(self, batch: Sequence[tuple[Case, FillForm, Act]]) -> list[Filling | OneThingError]:
        """Values checked and sealed, and the agents' mandates."""
        acts = self.mandated(batch)
        entries = [(case, cmd, act) for (case, cmd, _), act in zip(batch, acts, strict=True)]
        return for_each(self._filling, entries)

    def _filling(self, case: Case, cmd: FillForm, act: Act | OneThingError) -> Filling:
        if isinstance(act, OneThingError):
            raise act
        outline = self.outline(case)
        values, fields = check_form(outline.fields, cmd.values, cmd.provenance)
        before = self.form_of(case) if looks_back(values) else {}
        check_together(outline.fields, before | values, changed=values, on=local_date(act.at))
        sealed = self.keyring.seal(case.key_id, case.stream, "form", values)
        until = held_until(outline, values, self.calendar)
        return Filling(outline, sealed, fields, until, begun_on(outline, values), act)

    def corrections(self, batch: Sequence[tuple[Case, RequestCorrection, Act]]) -> list[str | OneThingError]:
        """Numbers for correction notices."""
        return for_each(self._correction, batch)

    def _correction(self, case: Case, _cmd: RequestCorrection, act: Act) -> str:
        return self.lead_notice("correction", case, act)

    def acceptings(self, batch: Sequence[tuple[Case, AcceptItems, Act]]) -> list[Authorised | OneThingError]:
        """Delegation's answers for the items to be accepted, and the terms on which they are."""
        return self._authorise_possible("accepted", for_each(self._accepting, batch))

    def _accepting(self, case: Case, cmd: AcceptItems, act: Act) -> Asked:
        return Asked(
            self.outline(case),
            case.acceptable(cmd.items),
            act,
            applicant_index=case.applicant_index,
            tolerate=cmd.tolerate,
            promise=cmd.promise,
            signed=cmd.signed,
        )

    def declinings(self, batch: Sequence[tuple[Case, NotAcceptItem, Act]]) -> list[Authorised | OneThingError]:
        """Delegation's answers for the items that will not be accepted."""
        asked = for_each(lambda case, cmd, act: Asked(self.outline(case), case.declinable(cmd.item), act), batch)
        return self._authorise_possible("not_accepted", asked)


def _registering(opening: Opening) -> Asked:
    """All the items of a registration, on the terms that it names."""
    cmd = opening.command
    assert isinstance(cmd, Register)  # noqa: S101 - for the type alone
    return Asked(
        opening.outline,
        tuple(opening.outline.needs),
        opening.act,
        applicant_index=opening.applicant_index,
        tolerate=cmd.tolerate,
        promise=cmd.promise,
        signed=cmd.signed,
    )
