"""领取台账: which results of the hall were handed over when, how and by whom, and where the others are."""

from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import falcon

from contracts.certificate import ListPickups, PickupLedger, PickupPlace
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages.desk.desks import Desk
from gateway.pages.names import term, when
from gateway.pages.rendering import page, word
from gateway.pages.sheets import download
from kernel.clock import local_date

PLACES = get_args(PickupPlace)

COLUMNS = (
    "case_number", "result", "result_number", "pickups_since", "case_status", "output_method", "hand_over_check",
    "hand_over_receipt", "pickups_by",
)  # fmt: skip
"""What stands in the ledger, as words."""

LISTED = 50
"""Results on a page of the list."""

IN_A_FILE = 500
"""Results that are asked for at once for a file."""

LONGEST = 366
"""Days of a period at most."""


class Ledger(Desk):
    """The ledger of the hall, for a period."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """How many are where, and the list; all of it as a file where ``format=csv`` is asked for."""
        me = self.clerk(req)
        today = local_date(self.backend.now())
        said = {name: req.get_param(name) or "" for name in ("since", "until")}
        since, until, wrong = period(said, today)
        place = req.get_param("place") or ""
        asked: dict[str, Any] = {"hall": me.hall, "since": since, "until": until}
        listing = asked | {"place": place if place in PLACES else ""}
        if req.get_param("format") == "csv" and not wrong:
            download(resp, f"pickups-{since}-{until}", self.heads(req), self.lines(req, listing))
            return
        found: dict[str, Any] = {"pickups": [], "after": ""}
        counts = [("pickups_ever", self.ask(req, PickupLedger(hall=me.hall)))]
        if not wrong:
            counts = [("pickups_in_period", self.ask(req, PickupLedger(**asked))), *counts]
            found = self.ask(req, ListPickups(**listing, after=req.get_param("after") or "", limit=LISTED))
        page(
            req,
            resp,
            "desk/pickups.html",
            pickups=found["pickups"],
            after=found["after"],
            counts=counts,
            places=PLACES,
            chosen={
                "since": said["since"] or since.isoformat(),
                "until": said["until"] or until.isoformat(),
                "place": listing["place"],
            },
            wrong=wrong,
        )

    def heads(self, req: falcon.Request) -> tuple[str, ...]:
        """The first line of the file."""
        return tuple(word(each, language_of(req)) for each in COLUMNS)

    def lines(self, req: falcon.Request, listing: dict[str, Any]) -> Iterator[tuple[str, ...]]:
        """One line a result, page after page, what came first first.

        So what moves meanwhile is still to come, or comes once more.
        """
        language, after = language_of(req), ""
        while True:
            found = self.ask(req, ListPickups(**listing, reversed=True, after=after, limit=IN_A_FILE))
            for row in found["pickups"]:
                yield (
                    row["case_number"], row["title"], row["number"], when(row["since"]),
                    term("refused" if row["refused"] else row["place"], language),
                    row["method"] and word(f"method_{row['method']}", language),
                    row["check"] and word(f"check_{row['check']}", language), row["receipt"], row["by"],
                )  # fmt: skip
            if not (after := found["after"]):
                return


def period(said: dict[str, str], today: date) -> tuple[date, date, dict[str, str]]:
    """The first and the last day; field → what is wrong with it.

    Where no last day is said it is today, where no first one the first of the last one's month.
    """
    days, wrong = {"until": today}, {}
    for name, text in said.items():
        try:
            days |= {name: date.fromisoformat(text)} if text else {}
        except ValueError:
            wrong[name] = "field_date"
    days.setdefault("since", days["until"].replace(day=1))
    if not wrong and days["since"] > days["until"]:
        wrong["until"] = "pickups_backwards"
    if not wrong and (days["until"] - days["since"]).days >= LONGEST:
        wrong["until"] = "pickups_too_long"
    return days["since"], days["until"], wrong


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The ledger."""
    app.add_route("/desk/pickups", Ledger(backend))
