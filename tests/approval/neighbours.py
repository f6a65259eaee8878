"""The services that approval follows, as far as it can see them: whatever a test says has happened there."""

from typing import ClassVar

import msgspec

from contracts.intake import (
    ItemNotAccepted,
    ItemsAccepted,
    ItemsJoined,
    ItemsReturned,
    ItemWithdrawn,
    OriginConcluded,
    ToleranceLapsed,
    ToleranceSupplemented,
    WithdrawalRequested,
)
from contracts.language import Act, Command, Fact
from contracts.routing import ItemsSupplied
from eventing.aggregate import Aggregate, applies
from eventing.mapper import decode
from eventing.service import Service, command


class Publish(Command, frozen=True, kw_only=True):
    """Let this fact have happened."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    topic: str
    body: msgspec.Raw


class Story(Aggregate):
    """Facts of a case, one after the other, without any rule."""

    @applies(
        ItemsAccepted,
        ItemNotAccepted,
        ItemWithdrawn,
        ItemsJoined,
        ItemsReturned,
        OriginConcluded,
        ToleranceLapsed,
        ToleranceSupplemented,
        WithdrawalRequested,
        ItemsSupplied,
    )
    def _happened(self, fact: Fact) -> None:
        pass

    def tell(self, cmd: Publish) -> None:
        fact = decode(cmd.topic, bytes(cmd.body))
        self.apply(fact)
        self.pending.append(fact)


class Intake(Service):
    """Stands where intake stands."""

    name = "intake"
    aggregates = (Story,)

    @command(Publish, on=Story, creates=True)
    def publish(self, story: Story, cmd: Publish, act: Act) -> None:
        story.tell(cmd)


class Routing(Service):
    """Stands where routing stands."""

    name = "routing"
    aggregates = (Story,)

    @command(Publish, on=Story, creates=True)
    def publish(self, story: Story, cmd: Publish, act: Act) -> None:
        story.tell(cmd)
