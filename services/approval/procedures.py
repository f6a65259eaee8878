"""What may have to come before a decision: hearings, joint visits, comparisons of data."""

from collections.abc import Sequence
from typing import Any

from approval.domain import Bundle
from approval.domain.comparing import Comparison
from approval.ground import Ground
from contracts.approval import (
    DispenseVisit,
    PlanJointVisit,
    RecordComparison,
    RecordHearing,
    RecordVisit,
    RequestHearing,
    ScheduleHearing,
    TellHearingRight,
    WaiveHearing,
)
from contracts.language import Act
from eventing.service import command, deadline


class Procedures(Ground):
    """Hearings, visits, comparisons."""

    @command(TellHearingRight, on=Bundle)
    def tell_hearing_right(self, bundle: Bundle, cmd: TellHearingRight, act: Act) -> dict[str, Any]:
        """The parties were told of their right."""
        bundle.tell_hearing_right(cmd.item, cmd.parties, cmd.notice, self._law(bundle, act), act=act)
        return {"item": cmd.item, "until": bundle.hearings[cmd.item].until}

    @command(RequestHearing, on=Bundle, given="hearing_notices")
    def request_hearing(self, bundle: Bundle, cmd: RequestHearing, act: Act, notice: str) -> dict[str, Any]:
        """A party wants a hearing; the applicant is told in writing that its time is not counted."""
        bundle.request_hearing(cmd.item, cmd.party, notice, self._law(bundle, act), act=act)
        return {"item": cmd.item, "hold_by": bundle.hearings[cmd.item].hold_by}

    def hearing_notices(self, batch: Sequence[tuple[Bundle, RequestHearing, Act]]) -> list[str]:
        """A number for the written notice of each."""
        return [self._notice("suspension", self._handler(bundle, cmd.item), bundle, act) for bundle, cmd, act in batch]

    @command(WaiveHearing, on=Bundle)
    def waive_hearing(self, bundle: Bundle, cmd: WaiveHearing, act: Act) -> None:
        """A party does without."""
        bundle.waive_hearing(cmd.item, cmd.party, self._law(bundle, act), act=act)

    @command(ScheduleHearing, on=Bundle)
    def schedule_hearing(self, bundle: Bundle, cmd: ScheduleHearing, act: Act) -> None:
        """Its time and place are set."""
        bundle.schedule_hearing(cmd.item, cmd.on, cmd.place, cmd.presider, self._law(bundle, act), act=act)

    @command(RecordHearing, on=Bundle)
    def record_hearing(self, bundle: Bundle, cmd: RecordHearing, act: Act) -> None:
        """It was held."""
        bundle.record_hearing(cmd.item, cmd.record, self._law(bundle, act), act=act)

    @deadline("hearing", on=Bundle)
    def remind_of_hearings(self, bundle: Bundle, act: Act) -> None:
        """A right has lapsed, or a hearing is late."""
        bundle.remind_of_hearings(act=act)

    @command(PlanJointVisit, on=Bundle)
    def plan_joint_visit(self, bundle: Bundle, cmd: PlanJointVisit, act: Act) -> dict[str, Any]:
        """Departments agree on a day."""
        number = bundle.plan_visit(cmd.word, cmd.items, cmd.on, self._law(bundle, act), act=act)
        visit = bundle.visits[number]
        return {"visit": number, "items": visit.items, "orgs": visit.orgs, "on": visit.on}

    @command(RecordVisit, on=Bundle)
    def record_visit(self, bundle: Bundle, cmd: RecordVisit, act: Act) -> None:
        """They were there."""
        bundle.record_visit(cmd.visit, cmd.inspectors, cmd.results, self._law(bundle, act), act=act)

    @command(DispenseVisit, on=Bundle)
    def dispense_visit(self, bundle: Bundle, cmd: DispenseVisit, act: Act) -> None:
        """One of them need not come."""
        bundle.dispense_visit(cmd.item, cmd.reason, self._law(bundle, act), act=act)

    @command(RecordComparison, on=Bundle)
    def record_comparison(self, bundle: Bundle, cmd: RecordComparison, act: Act) -> dict[str, Any]:
        """Data were compared."""
        found = Comparison(cmd.matched, cmd.source, cmd.digest)
        bundle.compare(cmd.item, found, self._law(bundle, act), act=act)
        return self._answer(bundle, cmd.item)
