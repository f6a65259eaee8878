"""The routing service: its commands, reactions and queries."""

from typing import Any

import sqlalchemy as sa

from contracts.language import Act, Caller
from contracts.routing import DispatchPackets, GetDistribution, ListPackets, ReceivePackets
from eventing.catalogues import Catalogues
from eventing.service import Service, command, query, reaction
from routing.domain import Distribution, PlanDistribution, StopDistribution, SupplyOutput
from routing.policies import REACTIONS
from routing.projections import PACKETS

MOST = 500
"""Rows in one answer."""


class Routing(Service):
    """材料流转."""

    name = "routing"
    aggregates = (Distribution,)
    views = (PACKETS,)
    reactions = REACTIONS
    catalogues = Catalogues()

    @command(DispatchPackets, on=Distribution)
    def dispatch_packets(self, distribution: Distribution, cmd: DispatchPackets, act: Act) -> None:
        """Packets leave with a carrier."""
        distribution.dispatch(cmd.packets, cmd.carrier, cmd.manifest, act)

    @command(ReceivePackets, on=Distribution)
    def receive_packets(self, distribution: Distribution, cmd: ReceivePackets, act: Act) -> None:
        """Packets are signed for."""
        distribution.receive(cmd.packets, cmd.signature, act)

    @reaction(PlanDistribution, on=Distribution)
    def plan_distribution(self, distribution: Distribution, cmd: PlanDistribution, act: Act) -> None:
        """Packets for what was accepted, by the catalogue version that the case was opened with."""
        distribution.plan(cmd.accepted, self.catalogues.at(cmd.accepted.catalogue), act)

    @reaction(SupplyOutput, on=Distribution)
    def supply_output(self, distribution: Distribution, cmd: SupplyOutput, act: Act) -> None:
        """A result goes where it is needed; before there is a plan, nobody knows yet where that is."""
        catalogue = self.catalogues.at(distribution.catalogue) if distribution.catalogue else None
        distribution.supply_output(cmd.item, cmd.certificate, cmd.issuer, catalogue, act)

    @reaction(StopDistribution, on=Distribution)
    def stop_distribution(self, distribution: Distribution, cmd: StopDistribution, act: Act) -> None:
        """Nothing more for an item that left the case."""
        distribution.stop(cmd.item, act)

    @query(GetDistribution)
    def get_distribution(self, question: GetDistribution, caller: Caller) -> dict[str, Any]:
        """Packets of a case, the custody of every copy, and what each item still waits for."""
        distribution: Distribution = self.store.get(Distribution, question.case_id)
        return {
            "case_id": question.case_id,
            "packets": list(distribution.packets.values()),
            "custody": distribution.custody,
            "items": {
                item: {
                    "handler": handler,
                    "supplied": item in distribution.supplied,
                    "stopped": item in distribution.stopped,
                    "awaits": distribution.awaits(item),
                }
                for item, handler in distribution.handlers.items()
            },
        }

    @query(ListPackets)
    def list_packets(self, question: ListPackets, caller: Caller) -> list[dict[str, Any]]:
        """Packets that wait at a place."""
        rows = self.store.select(
            sa.select(PACKETS.table)
            .where(PACKETS.c.place == question.place, PACKETS.c.state == question.state)
            .order_by(PACKETS.c.case_id, PACKETS.c.packet)
            .limit(min(question.limit, MOST))
        )
        return [dict(row) for row in rows]
