"""Who works on what: work lists, claims, and the opinions that one office asks of another."""

from typing import Any

from approval.domain import Bundle
from approval.ground import Ground
from approval.projections import DUE_FIRST, OPINIONS, REVIEWS, UNLIMITED, WORKLIST_ORDERS, desk, owed
from contracts.approval import (
    AskOpinion,
    AssignReview,
    ClaimReview,
    Consultations,
    GiveOpinion,
    ReleaseReview,
    Worklist,
)
from contracts.language import Act, Caller
from eventing.errors import NotFound
from eventing.scoping import narrowed
from eventing.service import command, deadline, query

PAGE = 200
"""Rows on a page of a work list at most."""


class Desks(Ground):
    """Claims, work lists, opinions."""

    @command(ClaimReview, on=Bundle)
    def claim_review(self, bundle: Bundle, cmd: ClaimReview, act: Act) -> dict[str, Any]:
        """A person takes a review."""
        bundle.claim(cmd.item, self._law(bundle, act), act=act)
        return {"item": cmd.item, "holder": bundle.holder(cmd.item)}

    @command(AssignReview, on=Bundle)
    def assign_review(self, bundle: Bundle, cmd: AssignReview, act: Act) -> dict[str, Any]:
        """A person is given a review."""
        bundle.assign(cmd.item, cmd.holder, cmd.reason, self._law(bundle, act), act=act)
        return {"item": cmd.item, "holder": bundle.holder(cmd.item)}

    @command(ReleaseReview, on=Bundle)
    def release_review(self, bundle: Bundle, cmd: ReleaseReview, act: Act) -> dict[str, Any]:
        """A review goes back to the common list."""
        bundle.release(cmd.item, cmd.reason, self._law(bundle, act), act=act)
        return {"item": cmd.item, "holder": bundle.holder(cmd.item)}

    @command(AskOpinion, on=Bundle)
    def ask_opinion(self, bundle: Bundle, cmd: AskOpinion, act: Act) -> dict[str, Any]:
        """Another organisation of the catalogue is asked."""
        law = self._law(bundle, act)
        if cmd.of not in law.catalogue.organisations:
            raise NotFound(what="organisation", id=cmd.of)
        number = bundle.ask_opinion(cmd.item, cmd.of, cmd.question, days=cmd.days, kind=cmd.kind, law=law, act=act)
        return {"opinion": number, "due_on": bundle.opinions[number].due_on}

    @command(GiveOpinion, on=Bundle)
    def give_opinion(self, bundle: Bundle, cmd: GiveOpinion, act: Act) -> None:
        """The organisation that was asked answers."""
        bundle.give_opinion(cmd.opinion, cmd.answer, cmd.digest, self._law(bundle, act), act=act)

    @deadline("opinion", on=Bundle)
    def remind_of_opinions(self, bundle: Bundle, act: Act) -> None:
        """The day of an opinion has passed."""
        bundle.remind_of_opinions(act=act)

    @query(Worklist)
    def worklist(self, query: Worklist, caller: Caller) -> dict[str, Any]:
        """What lies with an organisation, in the order that was asked for."""
        limit = max(1, min(query.limit, PAGE))
        order = WORKLIST_ORDERS[query.sort]
        wanted = narrowed(desk(query, caller.by), query, caller, orgs=(REVIEWS.c.handler,))
        rows = self.store.select(order.page(wanted, query.after, limit))
        return {
            "reviews": [{**row, "due_on": None if row["due_on"] == UNLIMITED else row["due_on"]} for row in rows],
            "after": order.cursor(rows, limit),
        }

    @query(Consultations)
    def consultations(self, query: Consultations, caller: Caller) -> dict[str, Any]:
        """The opinions that an organisation owes."""
        limit = max(1, min(query.limit, PAGE))
        wanted = narrowed(owed(query), query, caller, orgs=(OPINIONS.c.asked,))
        rows = self.store.select(DUE_FIRST.page(wanted, query.after, limit, reverse=query.reversed))
        return {"opinions": [dict(row) for row in rows], "after": DUE_FIRST.cursor(rows, limit)}
