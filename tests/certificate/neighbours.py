"""The services beside certificate, as far as it can see them: whatever a test says has happened there."""

from typing import ClassVar

import msgspec

from contracts.approval import (
    BundleConcluded,
    BundleExtended,
    BundleOpened,
    DecisionCorrected,
    DecisionRevoked,
    DecisionVoided,
    ReviewConfirmed,
    ReviewDenied,
    ReviewGranted,
)
from contracts.delegation import CheckMandates, MandateAnswer
from contracts.intake import Applicant, CaseOpened, GetHolder, Holder
from contracts.language import Act, Caller, Command, Fact
from contracts.readings import CaseReach, GetReach, PersonalDataRead, RecordReading
from eventing.aggregate import Aggregate, applies
from eventing.keyring import Keyring
from eventing.mapper import decode
from eventing.service import Service, command, query

HOLDER = Applicant(name="林小满", identifier="990102199202150022")


class Publish(Command, frozen=True, kw_only=True):
    """Let this fact have happened."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    topic: str
    body: msgspec.Raw


class Story(Aggregate):
    """Facts of a case, one after the other, without any rule."""

    @applies(
        BundleOpened,
        BundleExtended,
        ReviewGranted,
        ReviewConfirmed,
        ReviewDenied,
        DecisionCorrected,
        DecisionVoided,
        DecisionRevoked,
        BundleConcluded,
    )
    def _happened(self, fact: Fact) -> None:
        pass


class Approval(Service):
    """Stands where approval stands."""

    name = "approval"
    aggregates = (Story,)

    @command(Publish, on=Story, creates=True)
    def publish(self, story: Story, cmd: Publish, act: Act) -> None:
        fact = decode(cmd.topic, bytes(cmd.body))
        story.apply(fact)
        story.pending.append(fact)


class OpenForHolder(Command, frozen=True, kw_only=True):
    """Open a case for the holder."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str


class Case(Aggregate):
    """A case that was opened for the holder."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.opened: CaseOpened | None = None

    @applies(CaseOpened)
    def _opened(self, fact: CaseOpened) -> None:
        self.opened = fact


class Readings(Aggregate):
    """Who read documents of a case."""

    @applies(PersonalDataRead)
    def _was_read(self, _: PersonalDataRead) -> None:
        pass


class Intake(Service):
    """Stands where intake stands: it knows the holder, sealed, and who read what."""

    name = "intake"
    aggregates = (Case, Readings)
    keyring = Keyring()

    @command(RecordReading, on=Readings, key="readings", creates=True)
    def record_reading(self, readings: Readings, cmd: RecordReading, act: Act) -> None:
        readings.record(PersonalDataRead, act, classes=cmd.glance.classes, purpose=cmd.glance.purpose)

    @command(OpenForHolder, on=Case, creates=True)
    def open_for_holder(self, case: Case, cmd: OpenForHolder, act: Act) -> None:
        key_id = self.keyring.fresh()
        case.record(
            CaseOpened,
            act,
            number="n",
            theme="CY",
            catalogue="v",
            mode="one_mouth",
            region="990102",
            hall="county",
            window="w1",
            channel="window",
            key_id=key_id,
            applicant=self.keyring.seal(key_id, cmd.case_id, "applicant", HOLDER),
            applicant_index="i",
            applicant_kind="natural",
            answers={},
            plan=(),
        )

    @query(GetHolder)
    def get_holder(self, query: GetHolder, caller: Caller) -> Holder:
        opened = self.store.get(Case, query.case_id).opened
        return Holder(opened.applicant, opened.key_id)

    @query(GetReach)
    def get_reach(self, query: GetReach, caller: Caller) -> CaseReach:
        return CaseReach(halls=("county",), items={}, subjects=(), agents=())


class Delegation(Service):
    """Stands where delegation stands: the helper may collect for the holder, under one mandate."""

    name = "delegation"
    keyring = Keyring()

    @query(CheckMandates)
    def check_mandates(self, query: CheckMandates, caller: Caller) -> list[MandateAnswer]:
        principal = self.keyring.blind(HOLDER.identifier)
        return [
            MandateAnswer(
                asked.mandate,
                self.clock.now(),
                ""
                if (asked.mandate, asked.agent, asked.principal, asked.act) == ("m-1", "helper", principal, "collect")
                else "no-mandate",
            )
            for asked in query.requests
        ]
