"""受理: one case of a theme, from its opening to the acceptance of its items, and its closing."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import ClassVar, Literal

from msgspec.structs import replace

from contracts.delegation import AuthorityAnswer
from contracts.intake import (
    Acceptance,
    BroughtMaterial,
    CaseClosed,
    CaseOpened,
    Channel,
    CorrectionRequested,
    FormFilled,
    ItemNotAccepted,
    ItemsAccepted,
    ItemWithdrawn,
    MaterialCopy,
    MaterialsReceived,
    Mode,
    NoticeIssued,
    PlannedItem,
)
from contracts.language import Act, Caller, Command, Sealed
from eventing.aggregate import Aggregate, applies
from intake.domain.acceptance import check_authority, check_complete, copies_for
from intake.domain.lifecycle import ALLOWED, GONE, STANDINGS, ItemState, Status
from intake.domain.outline import Outline
from intake.domain.receipt import Awaited, answer_due, copies_of, is_clear, news_in
from intake.domain.refusals import (
    AlreadyOpened,
    AnswerOverdue,
    FormInvalid,
    ItemSettled,
    NoHall,
    NoReasonGiven,
    NothingMissing,
    NothingReceived,
    NotInCase,
    NotNow,
    NotSelectable,
    ProvenanceUnclear,
    UnrelatedMaterial,
    WrongApplicant,
)
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar

Outcome = Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]
OutputMode = Literal["integrated", "itemised"]


class CloseCase(Command, frozen=True, kw_only=True):
    """Close the case: nothing is left to hand over."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    outcome: Outcome


def counter(act: Act) -> Caller:
    """Who stands at which hall's counter in this act; raises NoHall when no hall stands behind it."""
    if act.caller is None or not act.caller.hall:
        raise NoHall
    return act.caller


class Case(Aggregate):
    """A theme case in intake. Its plan never changes; items end one by one, the case with its last item."""

    number: str
    theme: str
    catalogue: str
    mode: Mode
    region: str
    area: str
    hall: str
    window: str
    channel: Channel
    opened_at: datetime | None
    key_id: str
    applicant: Sealed
    applicant_index: str
    applicant_kind: Literal["natural", "legal"]
    answers: dict[str, str]
    entry_item: str
    output_mode: OutputMode
    plan: tuple[PlannedItem, ...]
    items: dict[str, ItemState]
    notice: tuple[str, int, str]
    forms: tuple[Sealed, ...]
    fields: dict[str, str]
    copies: tuple[MaterialCopy, ...]
    awaited: dict[str, Awaited]
    is_correcting: bool
    correction: dict[str, tuple[str, ...]]
    correction_fields: tuple[str, ...]
    correction_notice: str
    acceptances: dict[str, str]
    outcome: Outcome | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.number = ""
        self.theme = ""
        self.catalogue = ""
        self.mode = "one_mouth"
        self.region = ""
        self.area = ""
        self.hall = ""
        self.window = ""
        self.channel = "window"
        self.opened_at = None
        self.key_id = ""
        self.applicant = Sealed("", "", b"")
        self.applicant_index = ""
        self.applicant_kind = "natural"
        self.answers = {}
        self.entry_item = ""
        self.output_mode = "itemised"
        self.plan = ()
        self.items = {}
        self.notice = ("", 0, "")
        """Number, edition and digest of the one-time notice."""
        self.forms = ()
        self.fields = {}
        """Filled field → provenance."""
        self.copies = ()
        self.awaited = {}
        self.is_correcting = False
        self.correction = {}
        self.correction_fields = ()
        self.correction_notice = ""
        self.acceptances = {}
        """Item → number of its acceptance notice, empty where it was accepted by operation of law."""
        self.outcome = None

    # opening

    def open(
        self,
        outline: Outline,
        *,
        number: str,
        notice: str,
        key_id: str,
        applicant: Sealed,
        applicant_index: str,
        applicant_kind: Literal["natural", "legal"],
        channel: Channel,
        entry_item: str = "",
        output_mode: OutputMode = "itemised",
        act: Act,
    ) -> None:
        """Opens the case with the items of the outline and gives the one-time notice of it."""
        if self.version:
            raise AlreadyOpened(number=self.number)
        caller = counter(act)
        if outline.theme.applicant not in ("either", applicant_kind):
            raise WrongApplicant(expected=outline.theme.applicant)
        standings = {planned.item: planned.standing for planned in outline.plan}
        if entry_item and standings.get(entry_item, "not_needed") == "not_needed":
            raise NotSelectable(item=entry_item, missing=())
        self.record(
            CaseOpened,
            act,
            number=number,
            theme=outline.theme.id,
            catalogue=outline.catalogue.version,
            mode="continuation" if entry_item or "satisfied" in standings.values() else "one_mouth",
            region=outline.catalogue.region,
            area=outline.area,
            hall=caller.hall,
            window=caller.window,
            channel=channel,
            key_id=key_id,
            applicant=applicant,
            applicant_index=applicant_index,
            applicant_kind=applicant_kind,
            answers=outline.notice.answers,
            plan=outline.plan,
            entry_item=entry_item,
            output_mode=output_mode,
        )
        self.record(NoticeIssued, act, number=notice, edition=outline.notice.edition, digest=outline.digest)

    @applies(CaseOpened)
    def _opened(self, fact: CaseOpened) -> None:
        for name in (
            "number", "theme", "catalogue", "mode", "region", "area", "hall", "window", "channel", "key_id",
            "applicant", "applicant_index", "applicant_kind", "answers", "entry_item", "output_mode", "plan",
        ):  # fmt: skip
            setattr(self, name, getattr(fact, name))
        self.opened_at = fact.at
        self.items = {planned.item: STANDINGS[planned.standing] for planned in fact.plan}

    @applies(NoticeIssued)
    def _noticed(self, fact: NoticeIssued) -> None:
        self.notice = (fact.number, fact.edition, fact.digest)

    # the one form

    def fill(
        self,
        outline: Outline,
        form: Sealed,
        fields: Mapping[str, str],
        *,
        calendar: WorkingCalendar,
        act: Act,
    ) -> None:
        """Fills fields of the one form; their values were checked (``check_form``) before they were sealed.

        Where the form is what a correction asked for, filling it is a receipt that must be answered.
        """
        if not fields:
            return
        self._may("fill")
        fixed = [key for key in fields if key in self.fields and self._is_relied_on(outline, key)]
        if fixed:
            raise FormInvalid(fields=dict.fromkeys(fixed, "accepted"), names=outline.names(fixed))
        is_supplement = self.is_correcting and not fields.keys().isdisjoint(self.correction_fields)
        items = self._applied_for(outline, self.present) if is_supplement else ()
        self.record(
            FormFilled,
            act,
            form=form,
            fields=dict(fields),
            items=items,
            deemed_accepted_at=answer_due(calendar, local_date(act.at)) if items else None,
        )

    def _is_relied_on(self, outline: Outline, field: str) -> bool:
        return not self.acceptances.keys().isdisjoint(outline.fields[field].items)

    @applies(FormFilled)
    def _filled(self, fact: FormFilled) -> None:
        self.forms += (fact.form,)
        self._await(fact)
        self.fields = {key: origin for key, origin in (self.fields | fact.fields).items() if origin}

    # the one set of materials

    def receive(
        self, outline: Outline, brought: Iterable[BroughtMaterial], *, calendar: WorkingCalendar, act: Act
    ) -> None:
        """Takes in what open items of the case need; a copy that is here already is no news."""
        caller = counter(act)
        news = news_in(self.copies, brought)
        if not news:
            return
        self._may("receive")
        asked = outline.asked(self.open_items)
        if unrelated := sorted({each.material for each in news} - asked):
            raise UnrelatedMaterial(materials=unrelated)
        if unclear := sorted({each.material for each in news if not is_clear(each)}):
            raise ProvenanceUnclear(materials=unclear)
        copies = copies_of(news, self.copies, caller.hall)
        items = self._applied_for(outline, self.present | {copy.material for copy in copies})
        self.record(
            MaterialsReceived,
            act,
            materials=copies,
            items=items,
            deemed_accepted_at=answer_due(calendar, local_date(act.at)) if items else None,
        )

    def _applied_for(self, outline: Outline, present: Collection[str]) -> tuple[str, ...]:
        """The open items that something is here for, or that ask for nothing, and that await no answer."""
        return tuple(
            item
            for item in self.open_items
            if item not in self.awaited
            and (not outline.needs[item] or any(need.material in present for need in outline.needs[item]))
        )

    @applies(MaterialsReceived)
    def _received(self, fact: MaterialsReceived) -> None:
        self.copies += fact.materials
        self._await(fact)

    def _await(self, fact: MaterialsReceived | FormFilled) -> None:
        if fact.deemed_accepted_at is not None:
            self.is_correcting = False
            awaited = Awaited(local_date(fact.at), fact.deemed_accepted_at)
            self.awaited |= dict.fromkeys(fact.items, awaited)

    # correction

    def request_correction(self, outline: Outline, *, notice: str, act: Act) -> None:
        """Tells once and completely what the open items still lack; asking again for the same is no news."""
        if self.is_correcting:
            return
        self._may("correct")
        counter(act)
        if not self.copies:
            raise NothingReceived
        self._in_time(self.open_items, act)
        lacks = outline.missing(self.open_items, self.present)
        fields = outline.unfilled(self.open_items, self.fields)
        if not lacks and not fields:
            raise NothingMissing
        self.record(
            CorrectionRequested,
            act,
            notice=notice,
            missing={item: tuple(need.material for need in needs) for item, needs in lacks.items()},
            fields=fields,
        )

    @applies(CorrectionRequested)
    def _corrected(self, fact: CorrectionRequested) -> None:
        self.is_correcting = True
        self.correction = fact.missing
        self.correction_fields = fact.fields
        self.correction_notice = fact.notice
        self.awaited = {}

    # acceptance

    def accept(
        self,
        outline: Outline,
        items: Collection[str] = (),
        *,
        authorities: Mapping[str, AuthorityAnswer],
        notices: Mapping[str, str],
        act: Act,
    ) -> None:
        """Accepts the named items, or all that are open, in one act; what is accepted already is no news.

        ``authorities`` and ``notices`` hold, for each item, delegation's answer and the number of its notice.
        """
        wanted = self.acceptable(items)
        if not wanted and (items or self.status is Status.ACCEPTED):
            return
        self._may("accept")
        caller = counter(act)
        check_authority(outline, wanted, authorities)
        check_complete(outline, wanted, self.present, self.fields)
        self._accept(
            outline,
            [
                Acceptance(
                    item=item,
                    handler=outline.handler(item),
                    grant=authorities[item].grant,
                    grant_position=authorities[item].position,
                    in_name_of=authorities[item].in_name_of,
                    notice=notices[item],
                    materials=copies_for(outline, item, self.copies),
                )
                for item in wanted
            ],
            caller,
            act,
        )

    def acceptable(self, items: Collection[str] = ()) -> tuple[str, ...]:
        """Which of these items (none named: of all) are open; raises NotInCase or ItemSettled for others.

        Items that are accepted already are left out.
        """
        self._in_case(items)
        settled = {item: self.items[item] for item in items if self.items[item] in GONE}
        if settled:
            raise ItemSettled(items=settled)
        return tuple(item for item in self.open_items if not items or item in items)

    def deem_accepted(self, outline: Outline, *, act: Act) -> None:
        """Accepts the items whose answer is overdue: by law they count as accepted since their receipt.

        It is the deciding authority's own act and needs no grant; nobody wrote a notice of it.
        """
        due = {item: awaited for item, awaited in self.awaited.items() if awaited.until <= act.at}
        if not due:
            return
        self._may("accept")
        acceptances = [
            Acceptance(
                item=item,
                handler=(handler := outline.handler(item)),
                grant="",
                grant_position=0,
                in_name_of=handler,
                notice="",
                materials=copies_for(outline, item, self.copies),
                accepted_on=awaited.since,
            )
            for item, awaited in due.items()
        ]
        self._accept(outline, acceptances, Caller(by=act.by, hall=self.hall), act, deemed=True)

    def _accept(
        self,
        outline: Outline,
        acceptances: list[Acceptance],
        caller: Caller,
        act: Act,
        *,
        deemed: bool = False,
    ) -> None:
        used = {copy for acceptance in acceptances for copy in acceptance.materials}
        self.record(
            ItemsAccepted,
            act,
            number=self.number,
            theme=self.theme,
            catalogue=self.catalogue,
            region=self.region,
            area=self.area,
            hall=caller.hall,
            window=caller.window,
            items=tuple(acceptances),
            plan=self.plan,
            materials=tuple(copy for copy in self.copies if copy.copy in used),
            output_mode=self.output_mode,
            deemed=deemed,
        )

    @applies(ItemsAccepted)
    def _accepted(self, fact: ItemsAccepted) -> None:
        for acceptance in fact.items:
            self._settle(acceptance.item, ItemState.ACCEPTED)
            self.acceptances[acceptance.item] = acceptance.notice

    # not accepting and withdrawing

    def not_accept(
        self,
        outline: Outline,
        item: str,
        *,
        reason: str,
        competent_authority: str,
        authorities: Mapping[str, AuthorityAnswer],
        notices: Mapping[str, str],
        act: Act,
    ) -> None:
        """Declines to accept one item, in writing (行政许可法 第32条第1款第1、2项)."""
        if not self.declinable(item):
            return
        self._may("not_accept")
        counter(act)
        self._in_time((item,), act)
        check_authority(outline, (item,), authorities)
        if not reason.strip():
            raise NoReasonGiven(item=item)
        authority = authorities[item]
        self.record(
            ItemNotAccepted,
            replace(act, acting_as=authority.grant, in_name_of=authority.in_name_of),
            item=item,
            reason=reason,
            competent_authority=competent_authority,
            notice=notices[item],
        )
        self._close_when_all_are_gone(act)

    def declinable(self, item: str) -> tuple[str, ...]:
        """The item if it is open, nothing if it was declined before; raises NotInCase or ItemSettled."""
        self._in_case((item,))
        state = self.items[item]
        if state is ItemState.NOT_ACCEPTED:
            return ()
        if state is not ItemState.PENDING:
            raise ItemSettled(items={item: state})
        return (item,)

    @applies(ItemNotAccepted)
    def _not_accepted(self, fact: ItemNotAccepted) -> None:
        self._settle(fact.item, ItemState.NOT_ACCEPTED)

    def withdraw(self, item: str, *, reason: str, act: Act) -> None:
        """Takes one item back; the others go on. What follows for an accepted item is approval's."""
        self._in_case((item,))
        if self.items[item] is ItemState.WITHDRAWN:
            return
        self._may("withdraw")
        if self.items[item] is ItemState.NOT_ACCEPTED:
            raise ItemSettled(items={item: self.items[item]})
        self.record(ItemWithdrawn, act, item=item, reason=reason)
        self._close_when_all_are_gone(act)

    @applies(ItemWithdrawn)
    def _withdrawn(self, fact: ItemWithdrawn) -> None:
        self._settle(fact.item, ItemState.WITHDRAWN)

    # closing

    def close(self, outcome: Outcome, *, act: Act) -> None:
        """Closes the case after everything was handed over."""
        if self.status is Status.CLOSED:
            return
        self._may("close")
        self.record(CaseClosed, act, outcome=outcome)

    def _close_when_all_are_gone(self, act: Act) -> None:
        """A case of which nothing was ever accepted has nobody else to close it."""
        if self.open_items or self.acceptances:
            return
        is_withdrawn = ItemState.NOT_ACCEPTED not in self.items.values()
        self.record(CaseClosed, act, outcome="withdrawn" if is_withdrawn else "not_accepted")

    @applies(CaseClosed)
    def _closed(self, fact: CaseClosed) -> None:
        self.outcome = fact.outcome

    # what the rules look at

    @property
    def status(self) -> Status:
        """Where the case stands."""
        if self.outcome is not None:
            return Status.CLOSED
        if not self.open_items:
            return Status.ACCEPTED
        if self.is_correcting:
            return Status.CORRECTING
        return Status.RECEIVED if self.copies else Status.OPENED

    @property
    def open_items(self) -> tuple[str, ...]:
        """The items that are neither accepted nor gone."""
        return tuple(item for item, state in self.items.items() if state is ItemState.PENDING)

    @property
    def selected(self) -> tuple[str, ...]:
        """The items that the case was opened with."""
        return tuple(planned.item for planned in self.plan if planned.standing == "selected")

    @property
    def satisfied(self) -> dict[str, str]:
        """The items that were done before, with their evidence."""
        return {planned.item: planned.evidence for planned in self.plan if planned.standing == "satisfied"}

    @property
    def present(self) -> frozenset[str]:
        """The materials of which there is a copy."""
        return frozenset(copy.material for copy in self.copies)

    def timers(self) -> dict[str, datetime]:
        """``deemed``: when the first owed answer is overdue."""
        return {"deemed": min(each.until for each in self.awaited.values())} if self.awaited else {}

    def _may(self, verb: str) -> None:
        if verb not in ALLOWED[self.status]:
            raise NotNow(verb=verb, status=self.status)

    def _in_time(self, items: Iterable[str], act: Act) -> None:
        """Nobody can take back by a late answer what the law gave when the days to answer ran out."""
        overdue = [item for item in items if item in self.awaited and self.awaited[item].until <= act.at]
        if overdue:
            raise AnswerOverdue(items=overdue)

    def _in_case(self, items: Iterable[str]) -> None:
        selected = self.selected
        foreign = [item for item in items if item not in selected]
        if foreign:
            raise NotInCase(items=foreign)

    def _settle(self, item: str, state: ItemState) -> None:
        self.items[item] = state
        self.awaited.pop(item, None)
