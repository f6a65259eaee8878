"""联合办理: one limit over the whole of a theme, supervised by the lead department (行政许可法 第26条, 第42条第2款)."""

from datetime import datetime

from msgspec.structs import replace

from approval.domain.clocks import derived_joint
from approval.domain.law import Law
from approval.domain.people import is_person
from approval.domain.refusals import (
    AlreadyExtended,
    CaseConcluded,
    ExtensionNotRequested,
    ExtensionTooLate,
    NotHandledJointly,
    NotLead,
    TwoPeopleNeeded,
)
from approval.domain.review import Extension, intervals
from approval.domain.state import BundleState
from approval.domain.supervision import escalates_on
from contracts.approval import BundleWarned, JointClock, JointExtended, JointExtensionRequested
from contracts.language import Act
from eventing.aggregate import applies


class Jointly(BundleState):
    """The joint limit: watched, and extended once, with the government's approval."""

    joint_extension: Extension | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.joint_extension = None

    def request_joint_extension(self, reasons: str, law: Law, *, act: Act) -> None:
        """The lead asks for more time; what is asked for already is no news. Raises what speaks against it."""
        self._extendable_whole(law, act)
        if self.joint_extension is None:
            self.record(JointExtensionRequested, act, lead=law.theme.lead, reasons=reasons)

    @applies(JointExtensionRequested)
    def _joint_extension_requested(self, fact: JointExtensionRequested) -> None:
        self.joint_extension = Extension(fact.reasons, fact.by)

    def approve_joint_extension(self, approval: str, notice: str, law: Law, *, act: Act) -> None:
        """The head of the government has approved it (``approval``: the number); the same again is no news."""
        request = self.joint_extension
        if request is not None and request.approval == approval:
            return
        clock = self._extendable_whole(law, act)
        if request is None:
            raise ExtensionNotRequested(item="", names={})
        if request.requested_by == act.by or not is_person(act.by):
            raise TwoPeopleNeeded(item="", by=act.by, names={})
        days = law.rules.joint_prolongation.days
        pauses = intervals(self.pauses_with())
        self.record(
            JointExtended,
            act,
            lead=law.theme.lead,
            reasons=request.reasons,
            days=days,
            approval=approval,
            notice=notice,
            requested_by=request.requested_by,
            clock=derived_joint(replace(clock, extended_days=days), law, pauses),
        )

    @applies(JointExtended)
    def _joint_extended(self, fact: JointExtended) -> None:
        self.joint_extension = Extension(
            fact.reasons, fact.requested_by, fact.by, fact.days, fact.notice, approval=fact.approval
        )
        self._clock_whole(fact.clock)

    def warn_of_whole(self, law: Law, *, act: Act) -> None:
        """Supervision of the joint limit, each level once."""
        while self.verdict is None and (due := [mark for mark in self.joint_watch.ahead if mark.at <= act.at]):
            mark = min(due, key=lambda mark: mark.at)
            self.record(
                BundleWarned,
                act,
                lead=law.theme.lead,
                level=mark.level,
                due=mark.due,
                escalates_on=escalates_on(mark, law),
            )

    @applies(BundleWarned)
    def _whole_warned(self, fact: BundleWarned) -> None:
        self.joint_watch = self.joint_watch.after(fact.level, "joint", fact.escalates_on)

    def timers(self) -> dict[str, datetime]:
        """One timer a case: the next level of the joint limit, while the bundle is not concluded."""
        marks = [mark.at for mark in self.joint_watch.ahead] if self.verdict is None else []
        return super().timers() | ({"joint": min(marks)} if marks else {})

    def _extendable_whole(self, law: Law, act: Act) -> JointClock:
        """The joint clock, if the caller's organisation leads and time is left."""
        if act.caller is None or act.caller.org != law.theme.lead:
            raise NotLead(lead=law.theme.lead)
        if self.joint is None:
            raise NotHandledJointly(theme=self.theme, names={self.theme: law.theme.name})
        if self.verdict is not None:
            raise CaseConcluded(number=self.number, verdict=self.verdict)
        if self.joint.extended_days:
            raise AlreadyExtended(item="", due=self.joint.due_on, names={})
        if self.joint.due_on is not None and law.day > self.joint.due_on:
            raise ExtensionTooLate(item="", due=self.joint.due_on, names={})
        return self.joint
