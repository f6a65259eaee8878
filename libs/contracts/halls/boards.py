"""A hall on one board."""

from datetime import datetime
from typing import Any, ClassVar

from contracts.halls.acceptance import ItemAcceptance
from contracts.halls.cases import HandOver
from contracts.halls.hours import Opening
from contracts.halls.queues import ZoneQueue
from contracts.halls.values import HallKind
from contracts.halls.windows import WindowAnswer
from contracts.language import Answer, Query


class Alert(Answer, frozen=True, kw_only=True):
    """Something on a board that somebody should look at."""

    code: str
    """window-silent · window-paused · waiting-long · nobody-serves · after-hours · hand-over-waits · not-acceptable"""
    subject: str
    zh: str
    en: str


class HallBoard(Answer, frozen=True, kw_only=True):
    """All of a hall at one moment."""

    hall: str
    name: str
    kind: HallKind
    parent: str
    opening: Opening
    windows: tuple[WindowAnswer, ...]
    queues: tuple[ZoneQueue, ...]
    alerts: tuple[Alert, ...]
    hand_overs: tuple[HandOver, ...]
    """Those that wait for an answer."""
    refused: tuple[ItemAcceptance, ...]
    """Resident items that cannot be accepted now."""


class Board(Answer, frozen=True, kw_only=True):
    """Boards of a hall and, if asked, of those below it."""

    at: datetime
    halls: tuple[HallBoard, ...]


class GetBoard(Query, frozen=True, kw_only=True):
    """All windows, queues, alerts and hand-overs of a hall now."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/board"
    ANSWER: ClassVar[Any] = Board
    hall: str
    below: bool = False
