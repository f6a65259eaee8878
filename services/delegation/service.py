"""The delegation service: grants are made, published and revoked; authority is asked for."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contracts.delegation import (
    Authorise,
    AuthorityAnswer,
    GetGrant,
    ListGrants,
    MakeGrant,
    PublishGrant,
    RevokeGrant,
)
from contracts.language import Act, Caller
from delegation.domain import Grant, Held, Register
from delegation.projections import GRANTS, held
from eventing.service import Service, command, query
from kernel.clock import local_date

MOST = 1000
"""Grants in one answer."""

REVISION = sa.select(sa.func.coalesce(sa.func.sum(GRANTS.c.position), 0).label("revision"))
"""Every change adds a fact to some grant, and no grant ever goes: the sum grows with every change."""


class Delegation(Service):
    """授权委托."""

    name = "delegation"
    aggregates = (Grant,)
    views = (GRANTS,)

    revision = -1
    register = Register()
    """The grants in memory, as they were at ``revision``."""

    @command(MakeGrant, on=Grant, key="grant", creates=True, given="held_by_grantors")
    def make_grant(self, grant: Grant, cmd: MakeGrant, act: Act, given: Sequence[Held]) -> None:
        """A grant is signed."""
        grant.make(cmd, given, act)

    def held_by_grantors(self, batch: list[tuple[Grant, MakeGrant, Act]]) -> list[list[Held]]:
        """For each command the grants in force that its grantor holds."""
        grantors = {cmd.grantor for _, cmd, _ in batch}
        rows = self.store.select(
            sa.select(GRANTS.table).where(GRANTS.c.grantee.in_(grantors), GRANTS.c.status != "revoked")
        )
        grants = [held(row) for row in rows]
        return [
            [
                each
                for each in grants
                if each.grantee == cmd.grantor and (each.valid_until is None or each.valid_until >= local_date(act.at))
            ]
            for _, cmd, act in batch
        ]

    @command(PublishGrant, on=Grant, key="grant")
    def publish_grant(self, grant: Grant, cmd: PublishGrant, act: Act) -> None:
        """A second person announces it."""
        grant.publish(cmd.publication, act)

    @command(RevokeGrant, on=Grant, key="grant")
    def revoke_grant(self, grant: Grant, cmd: RevokeGrant, act: Act) -> None:
        """It ends."""
        grant.revoke(cmd.reason, act)

    @query(Authorise)
    def authorise(self, question: Authorise, caller: Caller) -> list[AuthorityAnswer]:
        """One answer for each request, all of the same instant and the same state of the register."""
        register = self._current_register()
        now = self.clock.now()
        today = local_date(now)
        verdicts = [register.verdict(request, today) for request in question.requests]
        return [AuthorityAnswer(v.grant, v.position, v.in_name_of, now, v.refusal) for v in verdicts]

    def _current_register(self) -> Register:
        revision = int(self.store.select(REVISION)[0]["revision"])
        if revision != self.revision:
            self.register = Register(held(row) for row in self.store.select(sa.select(GRANTS.table)))
            self.revision = revision
        return self.register

    @query(GetGrant)
    def get_grant(self, question: GetGrant, caller: Caller) -> dict[str, Any]:
        """One grant with every step of its life."""
        grant: Grant = self.store.get(Grant, question.grant)
        return {"grant": grant.stream, "status": grant.status, "terms": grant.terms, "history": grant.history}

    @query(ListGrants)
    def list_grants(self, question: ListGrants, caller: Caller) -> list[dict[str, Any]]:
        """Grants by grantee and by item; a grant of every item of its grantor is among those of any item."""
        wanted = sa.select(GRANTS.table).order_by(GRANTS.c.grant)
        if question.grantee:
            wanted = wanted.where(GRANTS.c.grantee == question.grantee)
        rows = [
            dict(row)
            for row in self.store.select(wanted)
            if not question.item or question.item in row["items"] or "*" in row["items"]
        ]
        return rows[: min(question.limit, MOST)]
