"""预留编号 as it is reserved, used and looked up."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from catalogue.errors import UnknownTheme as NoSuchTheme
from contracts.intake import OpenCase, Register
from contracts.language import Act, Caller
from contracts.reservations import GetReservation, ListReservations, ReserveNumbers
from eventing.errors import OneThingError
from eventing.paging import Order
from eventing.scoping import narrowed
from eventing.service import command, query
from eventing.tables import Bulk, Column
from eventing.views import View
from intake.batches import for_each
from intake.domain.bill import check_id
from intake.domain.refusals import UnknownTheme
from intake.domain.reservation import (
    NumberInUse,
    NumberNotReserved,
    NumberWrong,
    Reservation,
    check_request,
)
from intake.domain.state import counter
from intake.projections import CASES
from kernel.identifiers import InvalidIdentifier
from kernel.numbers import case_number, check_case_number


def reservation_rows(reservation: Reservation) -> list[dict[str, Any]]:
    """The run."""
    return [
        {
            "reservation": reservation.stream,
            "hall": reservation.hall,
            "region": reservation.region,
            "theme": reservation.theme,
            "day": reservation.day,
            "first": reservation.first,
            "last": reservation.first + reservation.count - 1,
        }
    ]


RESERVATIONS = View(
    "reservations_v1",
    of=Reservation,
    columns=(
        Column("reservation", "text", key=True),
        Column("hall", "text", index=True),
        Column("region", "text"),
        Column("theme", "text"),
        Column("day", "date"),
        Column("first", "int"),
        Column("last", "int"),
    ),
    rows=reservation_rows,
)

BY_DAY = Order(RESERVATIONS.c.day, RESERVATIONS.c.reservation, newest_first=True)

MOST_LISTED = 100
"""Reservations on a page of the list at most."""

USED_NUMBERS = Bulk(
    "used_numbers",
    (
        Column("number", "text", key=True),
        Column("case_id", "text", optional=False),
    ),
)
"""Which case uses a reserved number: written with the case, so that no number is used twice by whomever."""

USED = USED_NUMBERS.table(sa.MetaData())


class Reservations:
    """Commands and questions about reserved numbers."""

    store: Any
    catalogues: Any

    @command(ReserveNumbers, on=Reservation, key="reservation", creates=True, given="runs")
    def reserve_numbers(self, reservation: Reservation, cmd: ReserveNumbers, act: Act, given: int) -> dict[str, Any]:
        """A run for the caller's hall."""
        reservation.reserve(
            hall=cmd.hall,
            region=self.catalogues.current().region,
            theme=cmd.theme,
            day=cmd.day,
            first=given,
            count=cmd.count,
            act=act,
        )
        return self._described(reservation, {})

    def runs(self, batch: Sequence[tuple[Reservation, ReserveNumbers, Act]]) -> list[int | OneThingError]:
        """The first sequence of a fresh run, from the same counter that numbers every case."""
        return for_each(self._run, batch)

    def _run(self, reservation: Reservation, cmd: ReserveNumbers, act: Act) -> int:
        if reservation.version:
            return reservation.first
        check_id("reservation", cmd.reservation)
        catalogue = self.catalogues.current()
        try:
            catalogue.theme(cmd.theme)
        except NoSuchTheme as error:
            raise UnknownTheme(theme=cmd.theme) from error
        check_request(cmd.hall, cmd.day, cmd.count, act)
        first: int = self.store.reserve(sequence_of(catalogue.region, cmd.theme, cmd.day), cmd.count)
        return first

    def next_number(self, region: str, theme: str, day: date) -> str:
        """A fresh number, as every case gets that does not bring a reserved one."""
        return case_number(region, theme, day, self.store.reserve(sequence_of(region, theme, day)))

    def check_number(self, cmd: OpenCase | Register, region: str, act: Act) -> str:
        """The reserved number that a case is to have, in normal form.

        Raises NumberWrong, NumberNotReserved, NumberInUse.
        """
        try:
            wanted = check_case_number(cmd.number)
        except InvalidIdentifier as fault:
            raise NumberWrong(number=cmd.number, reason=fault.reason) from fault
        number = str(wanted)
        run = RESERVATIONS.c
        found = self.store.select(
            sa.select(run.reservation).where(
                run.hall == counter(act).hall,
                run.region == region,
                run.theme == cmd.theme,
                run.day == wanted.day,
                run.first <= wanted.sequence,
                run.last >= wanted.sequence,
            )
        )
        if not found or (wanted.region, wanted.theme) != (region, cmd.theme):
            raise NumberNotReserved(number=number)
        user = self.store.select(sa.select(CASES.c.case_id).where(CASES.c.number == number))
        if user and user[0]["case_id"] != cmd.case_id:
            raise NumberInUse(number=number)
        return number

    def mark_used(self, number: str, case_id: str) -> None:
        """In the transaction that opens the case: the number is its own."""
        self.store.also(_insert(number, case_id))

    @query(GetReservation)
    def get_reservation(self, query: GetReservation, caller: Caller) -> dict[str, Any]:
        """The numbers and who uses them, for the hall that reserved them."""
        reservation: Reservation = self.store.seen(Reservation, query.reservation, query, caller)
        numbers = list(reservation.numbers())
        rows = self.store.select(sa.select(USED.c.number, USED.c.case_id).where(USED.c.number.in_(numbers)))
        return self._described(reservation, {row["number"]: row["case_id"] for row in rows})

    @query(ListReservations)
    def list_reservations(self, query: ListReservations, caller: Caller) -> dict[str, Any]:
        """The runs of a hall, with how much of each is used."""
        limit = max(1, min(query.limit, MOST_LISTED))
        wanted = sa.select(RESERVATIONS.table).where(RESERVATIONS.c.hall == query.hall)
        for name in ("theme", "day"):
            if value := getattr(query, name):
                wanted = wanted.where(RESERVATIONS.c[name] == value)
        wanted = narrowed(wanted, query, caller, halls=(RESERVATIONS.c.hall,))
        rows = self.store.select(BY_DAY.page(wanted, query.after, limit, reverse=query.reversed))
        return {"reservations": self._outlined(rows), "after": BY_DAY.cursor(rows, limit)}

    def _outlined(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """One statement for all of them; as text the numbers of a day stand in the order of their sequences."""
        runs = [(_number_of(row, "first"), _number_of(row, "last")) for row in rows]
        counts = [
            sa.select(sa.func.count()).select_from(USED).where(USED.c.number.between(first, last)).scalar_subquery()
            for first, last in runs
        ]
        used: Sequence[Any] = (
            self.store.select(sa.select(*(each.label(str(n)) for n, each in enumerate(counts)))) if rows else ()
        )
        return [
            {
                **{name: row[name] for name in ("reservation", "hall", "theme", "day")},
                "first": first,
                "last": last,
                "count": row["last"] - row["first"] + 1,
                "used": used[0][str(n)],
            }
            for n, (row, (first, last)) in enumerate(zip(rows, runs, strict=True))
        ]

    @staticmethod
    def _described(reservation: Reservation, used: dict[str, str]) -> dict[str, Any]:
        return {
            "reservation": reservation.stream,
            "hall": reservation.hall,
            "theme": reservation.theme,
            "day": reservation.day,
            "numbers": [{"number": number, "case_id": used.get(number, "")} for number in reservation.numbers()],
        }


def sequence_of(region: str, theme: str, day: date) -> str:
    """The counter of a region's cases of a theme and day."""
    return f"case/{region}/{theme}/{day:%Y%m%d}"


def _number_of(row: Mapping[str, Any], end: str) -> str:
    return case_number(row["region"], row["theme"], row["day"], row[end])


def _insert(number: str, case_id: str) -> Callable[[sa.Connection], None]:
    return lambda connection: USED_NUMBERS.insert(connection, [(number, case_id)])
