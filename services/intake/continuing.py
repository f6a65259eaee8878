"""接续 at the counter: items joined to a case, results from elsewhere, and two cases made one."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from contracts.intake import JoinItems, MergeCase, Origin, RecordOrigin
from contracts.language import Act
from eventing.errors import OneThingError, Refused
from eventing.scoping import check
from eventing.service import command, reaction
from intake.batches import for_each
from intake.domain import Case, Outline, TakeIn, outline_of, outline_with
from intake.domain.lifecycle import ItemState
from intake.domain.refusals import NotMergeable
from intake.gathering import Gathering
from intake.projections import standing
from kernel.clock import local_date


class Taking(msgspec.Struct, frozen=True):
    """What a case takes over from one that is merged into it."""

    into: Case
    items: tuple[str, ...]
    answers: dict[str, str]
    satisfied: dict[str, str]
    origins: tuple[Origin, ...]


class Continuing(Gathering):
    """A case grows."""

    @command(JoinItems, on=Case, given="joinings")
    def join_items(self, case: Case, cmd: JoinItems, _act: Act, given: Act) -> dict[str, Any]:
        """导入."""
        case.join(
            self.outline(case),
            self._joined(case, cmd, given),
            origins=cmd.origins,
            offer=cmd.offer,
            calendar=self.calendar,
            act=given,
        )
        return standing(case)

    def joinings(self, batch: Sequence[tuple[Case, JoinItems, Act]]) -> list[Act | OneThingError]:
        """The acts of these commands, whose offers were made."""
        return for_each(self._joining, zip(batch, self.mandated(batch), strict=True))

    def _joining(self, asked: tuple[Case, JoinItems, Act], act: Act | OneThingError) -> Act:
        if isinstance(act, OneThingError):
            raise act
        self.check_offer(asked[1].offer)
        return act

    @command(RecordOrigin, on=Case)
    def record_origin(self, case: Case, cmd: RecordOrigin, act: Act) -> dict[str, Any]:
        """What was underway elsewhere has its result."""
        case.record_origin(
            cmd.item,
            cmd.outcome,
            number=cmd.number,
            issuer=cmd.issuer,
            concluded_on=cmd.concluded_on,
            valid_until=cmd.valid_until,
            act=act,
        )
        case.take_over(self.outline(case), cmd.item, calendar=self.calendar, act=act)
        return standing(case)

    @command(MergeCase, on=Case, given="mergers")
    def merge_case(self, case: Case, cmd: MergeCase, act: Act, given: Taking) -> dict[str, Any]:
        """合并."""
        case.merge(
            given.into,
            items=given.items,
            answers=given.answers,
            satisfied=given.satisfied,
            origins=given.origins,
            act=act,
        )
        return standing(case)

    def mergers(self, batch: Sequence[tuple[Case, MergeCase, Act]]) -> list[Taking | OneThingError]:
        """The other case, and what it can take over: its own answers count first, those of the merged one next."""
        return for_each(self._merger, batch)

    def _merger(self, case: Case, cmd: MergeCase, act: Act) -> Taking:
        into: Case = self.store.get(Case, cmd.into)
        if act.caller is not None:
            check(cmd, act.caller, into.reach())  # the other case, too, is something that is done to
        if case.theme != into.theme:
            raise NotMergeable(reason="another-person-or-theme", number=into.number)
        has = {planned.item for planned in into.plan if planned.standing != "not_needed"}
        lacking = tuple(item for item in case.unsettled if item not in has)
        case.check_origins(self.outline(case), lacking)
        first, last = case.answers | into.answers, into.answers | case.answers
        wanted = TakeIn(
            case_id=into.stream,
            items=lacking,
            answers=first,
            satisfied=_lacked(case.satisfied, has),
            origins=tuple(
                origin
                for item, origin in case.origins.items()
                if item not in has and case.items[item] is not ItemState.WITHDRAWN
            ),
        )
        try:
            self._taken_in(into, wanted)
        except Refused:
            wanted = msgspec.structs.replace(wanted, answers=last)
            self._taken_in(into, wanted)
        return Taking(into, lacking, wanted.answers, wanted.satisfied, wanted.origins)

    @reaction(TakeIn, on=Case, creates=False)
    def take_in(self, case: Case, cmd: TakeIn, act: Act) -> None:
        """The items of a merged case."""
        case.take_in(
            self.outline(case), self._taken_in(case, cmd), origins=cmd.origins, calendar=self.calendar, act=act
        )

    def _taken_in(self, case: Case, cmd: TakeIn) -> Outline:
        """The outline of the case with the items of a merged one, whose origins were checked when they joined it."""
        begun = {origin.item: origin.number for origin in cmd.origins if origin.outcome == "underway"}
        return outline_of(
            self.catalogues.at(case.catalogue),
            case.theme,
            case.answers | cmd.answers,
            chosen=(*case.selected, *cmd.items),
            satisfied=case.satisfied | cmd.satisfied,
            underway=case.underway | begun,
        )

    def _joined(self, case: Case, cmd: JoinItems, act: Act) -> Outline:
        """The outline of the case with more items, by the catalogue version that it was opened with."""
        return outline_with(
            self.catalogues.at(case.catalogue),
            case.theme,
            case.answers | cmd.answers,
            chosen=(*case.selected, *cmd.items),
            satisfied=case.satisfied | cmd.satisfied,
            underway=case.underway,
            origins=cmd.origins,
            calendar=self.calendar,
            on=local_date(act.at),
        )


def _lacked(satisfied: Mapping[str, str], has: set[str]) -> dict[str, str]:
    return {item: evidence for item, evidence in satisfied.items() if item not in has}
