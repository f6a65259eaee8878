"""受理: what every acceptance must satisfy, the copies that go with it, and what silence amounts to."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from contracts.delegation import AuthorityAnswer
from contracts.intake import Acceptance, ItemsAccepted, MaterialCopy, Signed, Tolerated
from contracts.language import Act, Caller
from eventing.aggregate import applies
from eventing.errors import Stale
from intake.domain.bill import fees_of
from intake.domain.commitment import promised
from intake.domain.declaring import Declaring
from intake.domain.lifecycle import GONE, ItemState, Status
from intake.domain.material import current
from intake.domain.origins import dependants
from intake.domain.outline import Outline
from intake.domain.refusals import FormIncomplete, ItemSettled, MaterialsMissing, NoAuthority, OriginDenied
from intake.domain.regions import Regions
from intake.domain.state import counter
from intake.domain.terms import NORMAL, Terms, check_signed
from intake.domain.timing import waits_from
from intake.domain.tolerance import tolerated
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar


def check_authority(outline: Outline, items: Iterable[str], authorities: Mapping[str, AuthorityAnswer]) -> None:
    """Every item needs delegation's yes; raises NoAuthority with the reason for each that has none."""
    refusals = {item: authorities[item].refusal for item in items if authorities[item].refusal}
    if refusals:
        raise NoAuthority(refusals=refusals, names=outline.names(refusals))


def check_complete(
    outline: Outline,
    items: Collection[str],
    present: Collection[str],
    filled: Collection[str],
    excused: Mapping[str, Collection[str]],
) -> None:
    """All that the items ask for is here; raises MaterialsMissing or FormIncomplete with all that is not.

    ``excused``: item → what it can do without, because it may come later or was promised.
    """
    lacks = {
        item: needs
        for item, lacking in outline.missing(items, present).items()
        if (needs := tuple(need for need in lacking if need.material not in excused.get(item, ())))
    }
    fields = outline.unfilled(items, filled)
    if lacks:
        missing = {item: [need.material for need in needs] for item, needs in lacks.items()}
        tolerable = {item: [n.material for n in needs if n.tolerable] for item, needs in lacks.items()}
        raise MaterialsMissing(
            missing=missing,
            tolerable={item: materials for item, materials in tolerable.items() if materials},
            fields=fields,
            names=outline.names([*lacks, *(each for some in missing.values() for each in some), *fields]),
        )
    if fields:
        raise FormIncomplete(fields=fields, names=outline.names(fields))


def copies_for(outline: Outline, item: str, copies: Iterable[MaterialCopy]) -> tuple[str, ...]:
    """Least necessary: the copies of what this item asks for, and no others."""
    asked = {need.material for need in outline.needs[item]}
    return tuple(copy.copy for copy in current(copies) if copy.material in asked)


class Accepting(Regions, Declaring):
    """Items are accepted."""

    commitments: dict[str, tuple[str, ...]]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.commitments = {}
        """Item → the materials that a written promise took the place of (告知承诺)."""

    def accept(
        self,
        outline: Outline,
        items: Collection[str] = (),
        *,
        authorities: Mapping[str, AuthorityAnswer],
        notices: Mapping[str, str],
        terms: Terms = NORMAL,
        calendar: WorkingCalendar,
        act: Act,
    ) -> None:
        """Accepts the named items, or all that are open, in one act; what is accepted already is no news.

        ``authorities`` and ``notices`` hold, for each item, delegation's answer and the number of its notice.
        ``terms`` say what may come later or is promised; an item whose list says so is then kept, not accepted.
        """
        wanted = self.acceptable(items)
        if not wanted and (items or self.status is Status.ACCEPTED):
            return
        self._may("accept")
        caller = counter(act)
        self._may_accept_at(caller)
        self._is_current(outline, wanted, authorities)
        check_authority(outline, wanted, authorities)
        self.check_origins(outline, wanted)
        terms = self.signed_before(terms)
        on = local_date(act.at)
        self._check_time(outline, wanted, on)
        committed = promised(outline, wanted, terms)
        graces = self._graces(outline, wanted, terms, committed, calendar=calendar, on=on)
        excused = {
            item: (*committed.get(item, ()), *(each.material for each in graces.get(item, ()))) for item in wanted
        }
        check_complete(outline, wanted, self.present, self.fields, excused)
        signed = check_signed(terms.signed) if committed or graces else None
        held = self._hold(outline, graces, terms, act)
        accepted = [item for item in wanted if item not in held]
        if not accepted:
            return
        self._accept(
            outline,
            [
                Acceptance(
                    item=item,
                    handler=outline.handler(item),
                    grant=authorities[item].grant,
                    grant_position=authorities[item].position,
                    authorised_at=authorities[item].at,
                    in_name_of=authorities[item].in_name_of,
                    notice=notices[item],
                    materials=copies_for(outline, item, self.serving),
                    accepted_on=self._counts_from(item, act),
                    tolerated=graces.get(item, ()),
                    committed=committed.get(item, ()),
                    waits_from=waits_from(outline, item, self.begun),
                    tolerance_notice=terms.notices.get(item, "") if item in graces else "",
                )
                for item in accepted
            ],
            caller,
            act,
            signed=signed,
        )

    def _counts_from(self, item: str, act: Act) -> date | None:
        """An acceptance that comes too late changes nothing of what the law gave: it counts from the receipt."""
        awaited = self.awaited.get(item)
        return awaited.since if awaited is not None and awaited.until <= act.at else None

    def check_origins(self, outline: Outline, wanted: Collection[str]) -> None:
        """Nothing is accepted that depends on what failed elsewhere. Raises OriginDenied."""
        failed = [item for item in self.underway if self.items[item] is ItemState.DENIED]
        gone = [item for item in self.underway if self.items[item] is ItemState.WITHDRAWN]
        if not failed and not gone:
            return
        standings = {planned.item: planned.standing for planned in self.plan}
        hit = [item for item in dependants(outline.theme, standings, failed, gone) if item in wanted]
        if hit:
            raise OriginDenied(denied=(*failed, *gone), items=hit, names=outline.names((*failed, *gone, *hit)))

    def _graces(
        self,
        outline: Outline,
        wanted: Collection[str],
        terms: Terms,
        committed: Mapping[str, tuple[str, ...]],
        *,
        calendar: WorkingCalendar,
        on: date,
    ) -> dict[str, tuple[Tolerated, ...]]:
        """What may come later for these items; what is kept at the window already gets no second term."""
        fresh = [item for item in wanted if item not in self.graces]
        lacks = outline.missing(fresh, self.present)
        missing = {item: [need.material for need in lacks.get(item, ())] for item in fresh}
        return tolerated(outline, missing, terms, committed=committed, calendar=calendar, on=on) if fresh else {}

    def _is_current(self, outline: Outline, wanted: Collection[str], authorities: Mapping[str, Any]) -> None:
        """What was gathered for this act is still what the case is; else it is to be decided again."""
        if outline.plan != self.plan or not authorities.keys() >= set(wanted):
            raise Stale(stream=self.stream, version=self.version)

    def acceptable(self, items: Collection[str] = ()) -> tuple[str, ...]:
        """Which of these items (none named: of all) can be accepted; raises NotInCase or ItemSettled for others.

        Items that are accepted already are left out. What is kept at the window counts where it is named, or where
        nothing else is open.
        """
        self._in_case(items)
        settled = {item: self.items[item] for item in items if self.items[item] in GONE}
        if settled:
            raise ItemSettled(items=settled)
        held = tuple(item for item, state in self.items.items() if state is ItemState.HELD)
        if items:
            return tuple(item for item in self.items if item in items and item in (*self.open_items, *held))
        return self.open_items or held

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
                waits_from=waits_from(outline, item, self.begun),
            )
            for item, awaited in due.items()
        ]
        hall = self.forwarded_to or self.hall
        self._accept(outline, acceptances, Caller(by=act.by, hall=hall), act, deemed=True)

    def _accept(
        self,
        outline: Outline,
        acceptances: list[Acceptance],
        caller: Caller,
        act: Act,
        *,
        signed: Signed | None = None,
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
            signed=signed,
            answers=self.answers,
            channel=self.channel,
            charged=tuple(line.item for line in fees_of(outline, [each.item for each in acceptances])),
        )
        self._close_if_over(act)

    @applies(ItemsAccepted)
    def _accepted(self, fact: ItemsAccepted) -> None:
        for acceptance in fact.items:
            self._settle(acceptance.item, ItemState.ACCEPTED)
            self.acceptances[acceptance.item] = acceptance.notice
            self._tolerate(acceptance.item, "accept", acceptance.tolerated, acceptance.tolerance_notice, fact.by)
            if acceptance.committed:
                self.commitments[acceptance.item] = acceptance.committed
        self._at_hall(fact.hall)
