"""受理 as a service: windows and channels bring cases, intake accepts them."""

from typing import Any

from contracts.intake import (
    AcceptItems,
    Applicant,
    FillForm,
    FindCases,
    ForwardCase,
    GetCase,
    GetHolder,
    Holder,
    ListCases,
    NotAcceptItem,
    OpenCase,
    ReceiveMaterials,
    Register,
    RequestCorrection,
    RequestFurther,
)
from contracts.language import Act, Caller
from eventing.contents import ContentsStore
from eventing.errors import NotFound
from eventing.keyring import Keyring
from eventing.printed import PrintedCodes
from eventing.scoping import among, narrowed
from eventing.service import Service, command, deadline, query, reaction
from intake.authorities import Authorised
from intake.cashdesk import Fees
from intake.continuing import Continuing
from intake.credit import BARS
from intake.domain import Case, CloseCase, ReopenCase
from intake.domain.admitting import AdmitHall
from intake.domain.bill import Bill
from intake.domain.credit import CreditRecord
from intake.domain.draft import Draft
from intake.domain.edition import Edition
from intake.domain.offer import Offer
from intake.domain.readings import Readings
from intake.domain.refusals import DuplicateCase
from intake.domain.reservation import Reservation
from intake.drafts import DRAFTS
from intake.editions import EDITIONS, PUBLICATIONS, SOURCES, Editions, PublishedCatalogues, Reading
from intake.editions.pins import PINS
from intake.gathering import Filling, Gathering, Opening, Receiving
from intake.leaving import Leaving
from intake.offers import OFFERS
from intake.papers import Papers
from intake.policies import REACTIONS
from intake.projections import AT_HALLS, CASES, NEWEST_FIRST, ORDERS, cases_of, detail, listed, numbered, standing
from intake.reading import Personal
from intake.reservations import RESERVATIONS, USED
from intake.scanning import Scanner
from intake.tolerating import Tolerating
from intake.uploads import UploadKeys
from kernel.identifiers import InvalidIdentifier
from kernel.numbers import check_case_number
from kernel.workdays import WorkingCalendar

PAGE = 200
"""Cases on a page of the list at most."""


class Intake(Personal, Tolerating, Continuing, Leaving, Fees, Papers, Editions, Reading, Gathering, Service):
    """受理."""

    name = "intake"
    aggregates = (Case, Draft, Offer, Bill, Reservation, CreditRecord, Edition, Readings)
    views = (CASES, PINS, DRAFTS, OFFERS, RESERVATIONS, BARS, EDITIONS)
    tables = (USED, SOURCES, PUBLICATIONS)
    reactions = REACTIONS
    catalogues = PublishedCatalogues()
    keyring = Keyring()
    contents = ContentsStore()
    scanner = Scanner()
    upload_keys = UploadKeys()
    codes = PrintedCodes()
    calendar = WorkingCalendar.official()

    # commands

    @command(Register, on=Case, given="openings", creates=True)
    def register(self, case: Case, cmd: Register, act: Act, given: Opening) -> dict[str, Any]:
        """One visit: open, fill, receive, accept; all of it or nothing."""
        self._open(case, cmd, act, given)
        mandated = given.mandated or act
        if given.form is not None:
            case.fill(
                given.outline,
                given.form,
                given.fields,
                held_until=given.held_until,
                begun=given.begun,
                calendar=self.calendar,
                act=mandated,
            )
        case.receive(given.outline, cmd.materials, calendar=self.calendar, scans=given.scans, act=mandated)
        if given.authorised is not None:
            self._accept(case, (), act, given.authorised)
        given.is_done = True
        return standing(case)

    @command(OpenCase, on=Case, given="openings", creates=True)
    def open_case(self, case: Case, cmd: OpenCase, act: Act, given: Opening) -> dict[str, Any]:
        """A case with its one-time notice; form and materials follow."""
        self._open(case, cmd, act, given)
        given.is_done = True
        return standing(case)

    def _open(self, case: Case, cmd: OpenCase | Register, act: Act, given: Opening) -> None:
        if twin := next((twin for twin in given.twins if twin.is_done), None):
            raise DuplicateCase(number=twin.number, into=twin.command.case_id)
        case.open(
            given.outline,
            number=given.number,
            notice=given.notice,
            key_id=given.key_id,
            applicant=given.applicant,
            applicant_index=given.applicant_index,
            applicant_kind=cmd.applicant.kind,
            channel=cmd.channel,
            entry_item=cmd.entry_item,
            output_mode=cmd.output_mode,
            draft=cmd.draft,
            offer=cmd.offer,
            origins=cmd.origins,
            cross_region=cmd.cross_region,
            owner_hall=cmd.owner_hall,
            act=given.mandated or act,
        )
        if cmd.number:
            self.mark_used(given.number, case.stream)

    @command(FillForm, on=Case, given="fillings")
    def fill_form(self, case: Case, cmd: FillForm, act: Act, given: Filling) -> dict[str, Any]:
        """Fields of the one form."""
        case.fill(
            given.outline,
            given.form,
            given.fields,
            held_until=given.held_until,
            begun=given.begun,
            calendar=self.calendar,
            act=given.act,
        )
        return standing(case)

    @command(ReceiveMaterials, on=Case, given="receivings")
    def receive_materials(self, case: Case, cmd: ReceiveMaterials, _act: Act, given: Receiving) -> dict[str, Any]:
        """收件."""
        case.receive(
            self.outline(case),
            cmd.materials,
            calendar=self.calendar,
            arrived_at=cmd.arrived_at,
            scans=given.files.scans,
            kept=given.files.kept,
            act=given.act,
        )
        return standing(case)

    @command(RequestCorrection, on=Case, given="corrections")
    def request_correction(self, case: Case, cmd: RequestCorrection, act: Act, given: str) -> dict[str, Any]:
        """补正告知, once and complete; the list is not the clerk's."""
        case.request_correction(self.outline(case), notice=given, calendar=self.calendar, act=act)
        return {
            **standing(case),
            "correction": {
                "notice": case.correction_notice,
                "missing": case.correction,
                "fields": case.correction_fields,
            },
        }

    @command(AcceptItems, on=Case, given="acceptings")
    def accept_items(self, case: Case, cmd: AcceptItems, act: Act, given: Authorised) -> dict[str, Any]:
        """受理."""
        self._accept(case, cmd.items, act, given)
        return standing(case)

    def _accept(self, case: Case, items: tuple[str, ...], act: Act, given: Authorised) -> None:
        case.accept(
            given.outline,
            items,
            authorities=given.authorities,
            notices=given.notices,
            terms=given.terms,
            calendar=self.calendar,
            act=act,
        )

    @command(NotAcceptItem, on=Case, given="declinings")
    def not_accept_item(self, case: Case, cmd: NotAcceptItem, act: Act, given: Authorised) -> dict[str, Any]:
        """不予受理."""
        case.not_accept(
            given.outline,
            cmd.item,
            reason=cmd.reason,
            competent_authority=cmd.competent_authority,
            ground=cmd.ground,
            authorities=given.authorities,
            notices=given.notices,
            act=act,
        )
        return standing(case)

    @command(ForwardCase, on=Case)
    def forward_case(self, case: Case, cmd: ForwardCase, act: Act) -> dict[str, Any]:
        """收受分离: the set goes to its owner."""
        case.forward(
            self.outline(case),
            formal_check=cmd.formal_check,
            identity_check=cmd.identity_check,
            medium=cmd.medium,
            reference=cmd.reference,
            calendar=self.calendar,
            act=act,
        )
        return standing(case)

    @command(RequestFurther, on=Case)
    def request_further(self, case: Case, cmd: RequestFurther, act: Act) -> dict[str, Any]:
        """Something beyond the one-time notice."""
        case.request_further(self.noticed(case), cmd.item, cmd.what, basis=cmd.basis, act=act)
        return standing(case)

    # reactions and deadlines

    @reaction(CloseCase, on=Case, creates=False)
    def close_case(self, case: Case, cmd: CloseCase, act: Act) -> None:
        """办结."""
        case.close(cmd.outcome, cmd.items, again=cmd.again, act=act)

    @reaction(ReopenCase, on=Case, creates=False)
    def reopen_case(self, case: Case, cmd: ReopenCase, act: Act) -> None:
        """重新办理."""
        case.reopen(cmd.items, calendar=self.calendar, act=act)

    @reaction(AdmitHall, on=Case, creates=False)
    def admit_hall(self, case: Case, cmd: AdmitHall, act: Act) -> None:
        """Another hall goes on with the case."""
        case.admit(cmd.hall, cmd.from_hall, act=act)

    @deadline("deemed", on=Case)
    def deem_accepted(self, case: Case, act: Act) -> None:
        """Nobody answered in time."""
        case.deem_accepted(self.outline(case), act=act)

    # queries

    @query(GetCase)
    def get_case(self, query: GetCase, caller: Caller) -> dict[str, Any]:
        """One case by id or number; personal data at its hall and for those who decide its items."""
        case = self._find(query.case_id)
        self.store.check(case, query, caller)
        answer = detail(case, self.outline(case))
        if not query.personal:
            return answer
        self.open_personal(case, caller, ("contact", "identity", "form"), purpose=query.purpose)
        return {
            **answer,
            "applicant": self.keyring.unseal(case.applicant, case.stream, Applicant),
            "form": self.form_of(case),
            "sent_back": case.sent_back,
        }

    @query(GetHolder)
    def get_holder(self, query: GetHolder, caller: Caller) -> Holder:
        """Whom the case, or the draft of that id, is about, sealed."""
        try:
            case = self._find(query.case_id)
        except NotFound:
            return self.holder_of_draft(query.case_id)
        return Holder(
            applicant=case.applicant,
            key_id=case.key_id,
            number=case.number,
            theme=case.theme,
            catalogue=case.catalogue,
            hall=case.hall,
            channel=case.channel,
            applicant_index=case.applicant_index,
        )

    @query(ListCases)
    def list_cases(self, query: ListCases, caller: Caller) -> dict[str, Any]:
        """A page of cases, in the order that was asked for."""
        limit = max(1, min(query.limit, PAGE))
        cases = narrowed(
            listed(query.theme, query.hall, query.status),
            query,
            caller,
            halls=AT_HALLS,
            orgs=(among(CASES.c.handlers),),
            subjects=(CASES.c.applicant_index,),
            agents=(among(CASES.c.agents),),
        )
        rows = self.store.select(ORDERS[query.sort].page(cases, query.after, limit))
        return {
            "cases": [dict(row) for row in rows],
            "after": ORDERS[query.sort].cursor(rows, limit),
        }

    @query(FindCases)
    def find_cases(self, query: FindCases, caller: Caller) -> dict[str, Any]:
        """The cases of one applicant at the halls of whoever asks, newest first."""
        limit = max(1, min(query.limit, PAGE))
        found = cases_of(self.keyring.blind(query.identifier), query.theme, query.status)
        rows = self.store.select(
            NEWEST_FIRST.page(
                narrowed(found, query, caller, halls=AT_HALLS), query.after, limit, reverse=query.reversed
            )
        )
        return {"cases": [dict(row) for row in rows], "after": NEWEST_FIRST.cursor(rows, limit)}

    def _find(self, name: str) -> Case:
        """The case with this id or number."""
        if not name.strip().upper().startswith("YJS-"):
            return self.store.get(Case, name)  # type: ignore[no-any-return]
        try:
            number = str(check_case_number(name))
        except InvalidIdentifier as fault:
            raise NotFound(what="case", id=name, reason=fault.reason) from fault
        rows = self.store.select(numbered(number))
        if not rows:
            raise NotFound(what="case", id=number)
        return self.store.get(Case, rows[0]["case_id"])  # type: ignore[no-any-return]
