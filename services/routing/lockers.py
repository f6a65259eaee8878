"""Lockers: which cells and barcodes are taken, and digests of pick-up codes."""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from contracts.routing import StoreTrip
from eventing.dependency import HostDependency
from eventing.errors import Refused
from routing.domain import BarcodeTaken, CellTaken, locker
from routing.projections import TRIPS


class Codes:
    """Digests of pick-up codes, by a key of the release: six digits alone would soon be guessed."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, trip: str, code: str) -> str:
        """The digest of a code for one trip; empty for no code."""
        if not code:
            return ""
        return hmac.new(self._key, f"{trip}\0{code}".encode(), hashlib.sha256).hexdigest()


class PickUpCodes(HostDependency):
    """Gives the service the key of its pick-up codes."""

    def make(self) -> Codes:
        return Codes(self.host.settings.derived_key("pick-up codes"))


def in_lockers(cells: Collection[str], barcodes: Collection[str]) -> sa.Select[Any]:
    """The trips that lie in one of the cells, or ever had one of the barcodes."""
    return sa.select(TRIPS.c.trip, TRIPS.c.cell, TRIPS.c.barcode).where(
        sa.or_(TRIPS.c.cell.in_(cells), TRIPS.c.barcode.in_(barcodes))
    )


def taken(cmd: StoreTrip, trips: Sequence[Any]) -> Refused | None:
    """The refusal where the cell or the barcode is another trip's."""
    cell = locker(cmd.cabinet, cmd.cell)
    for trip in trips:
        if trip["trip"] == cmd.trip:
            continue
        if trip["cell"] == cell:
            return CellTaken(cell=cell)
        if trip["barcode"] == cmd.barcode:
            return BarcodeTaken(barcode=cmd.barcode)
    return None
