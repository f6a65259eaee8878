"""导入 as it is offered, answered and counted."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from contracts.language import Act, Caller
from contracts.offers import AnswerOffer, ListOffers, OfferTheme, SuggestThemes
from eventing.keyring import KeyRing
from eventing.paging import Order
from eventing.scoping import narrowed
from eventing.service import command, query, reaction
from eventing.views import Column, View
from intake.domain.bill import check_id
from intake.domain.form import normal_identifier
from intake.domain.offer import Offer, TakeOffer, suggestions

PAGE = 200
"""Offers on a page of the list at most."""


def offer_rows(offer: Offer) -> list[dict[str, Any]]:
    """The offer as it is counted; nothing in it is personal."""
    return [
        {
            "offer": offer.stream,
            "theme": offer.theme,
            "item": offer.item,
            "hall": offer.hall,
            "window": offer.window,
            "channel": offer.channel,
            "state": offer.standing.value,
            "reason": offer.reason,
            "origin": offer.origin,
            "taken_by": offer.taken_by,
            "made_at": offer.made_at,
        }
    ]


OFFERS = View(
    "offers_v1",
    of=Offer,
    columns=(
        Column("offer", "text", key=True),
        Column("theme", "text", index=True),
        Column("item", "text"),
        Column("hall", "text", index=True),
        Column("window", "text"),
        Column("channel", "text"),
        Column("state", "text"),
        Column("reason", "text"),
        Column("origin", "text"),
        Column("taken_by", "text"),
        Column("made_at", "instant", index=True),
    ),
    rows=offer_rows,
)
NEWEST_FIRST = Order(OFFERS.c.made_at, OFFERS.c.offer, newest_first=True)


@cache
def reasons() -> Mapping[str, Mapping[str, str]]:
    """The table of reasons for a no: code → words in both languages."""
    found: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "offer_reasons.yaml").read_text("utf-8"))
    return found


class Offers:
    """Commands and questions about offers."""

    store: Any
    catalogues: Any
    keyring: KeyRing

    def check_offer(self, offer: str) -> None:
        """A case comes of an offer that was made: nothing else may bear its id. Raises NotFound."""
        if offer:
            self.store.get(Offer, offer)

    @command(OfferTheme, on=Offer, key="offer", creates=True)
    def offer_theme(self, offer: Offer, cmd: OfferTheme, act: Act) -> dict[str, Any]:
        """Somebody came for a single item."""
        check_id("offer", cmd.offer)
        offer.make(
            self.catalogues.current(),
            theme=cmd.theme,
            item=cmd.item,
            channel=cmd.channel,
            origin=cmd.origin,
            applicant_index=self.keyring.blind(normal_identifier(cmd.identifier)) if cmd.identifier else "",
            act=act,
        )
        return standing(offer)

    @command(AnswerOffer, on=Offer, key="offer")
    def answer_offer(self, offer: Offer, cmd: AnswerOffer, act: Act) -> dict[str, Any]:
        """Yes or no."""
        offer.answer(cmd.answer, reason=cmd.reason, words=cmd.words, reasons=reasons(), act=act)
        return standing(offer)

    @reaction(TakeOffer, on=Offer, key="offer")
    def take_offer(self, offer: Offer, cmd: TakeOffer, act: Act) -> None:
        """A case came of it."""
        offer.take(cmd.taken_by, act=act)

    @query(SuggestThemes)
    def suggest_themes(self, query: SuggestThemes, caller: Caller) -> dict[str, Any]:
        """What can be offered to somebody who came for this item."""
        return {
            "item": query.item,
            "themes": suggestions(self.catalogues.current(), query.item),
            "reasons": reasons(),
        }

    @query(ListOffers)
    def list_offers(self, query: ListOffers, caller: Caller) -> dict[str, Any]:
        """A page of offers, and how many there are in each state."""
        wanted = [
            column == value for column, value in ((OFFERS.c.theme, query.theme), (OFFERS.c.hall, query.hall)) if value
        ]
        counted = sa.select(OFFERS.c.state, sa.func.count().label("offers")).where(*wanted).group_by(OFFERS.c.state)
        if query.state:
            wanted.append(OFFERS.c.state == query.state)
        limit = max(1, min(query.limit, PAGE))
        offers = narrowed(OFFERS.table.select().where(*wanted), query, caller, halls=(OFFERS.c.hall,))
        with self.store.selecting() as select:
            counts = select(narrowed(counted, query, caller, halls=(OFFERS.c.hall,)))
            rows = select(NEWEST_FIRST.page(offers, query.after, limit, reverse=query.reversed))
        return {
            "offers": [dict(row) for row in rows],
            "after": NEWEST_FIRST.cursor(rows, limit),
            "counts": {row["state"]: row["offers"] for row in counts},
        }


def standing(offer: Offer) -> dict[str, Any]:
    """What a command answers with."""
    return {
        "offer": offer.stream,
        "theme": offer.theme,
        "item": offer.item,
        "state": offer.standing,
        "reason": offer.reason,
        "taken_by": offer.taken_by,
    }
