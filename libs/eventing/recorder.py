"""A segment of a service's log as eventsourcing's ``ProcessRecorder``: for the library's own machinery.

Repositories, notification logs, projections and tools written against eventsourcing read and write our store through
this. The services themselves use ``Store.save``, which records many streams and segments in one transaction.
"""

from collections.abc import Iterator, Sequence
from time import sleep
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    IntegrityError,
    Notification,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
)

from eventing.errors import Unavailable
from eventing.store import Conflict, Move, NewEvent, Overtaken, Save, Store, segment_of


class ElsewhereError(IntegrityError):
    """The stream belongs to another segment."""


class TrackingConflict(IntegrityError):
    """The position did not stand where this step begins: it was done before, or something would be skipped."""


class SegmentRecorder(ProcessRecorder):
    """One segment: its streams, its notification log, and how far upstream segments were followed.

    A tracking object's application name is ``<upstream>/<segment>``. Unlike the library's own check (``<``), a
    position moves only from exactly where it stood, so ``tracking`` must name the next notification.
    """

    def __init__(self, store: Store, segment: int) -> None:
        self.store = store
        self.segment = segment

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        tracking: Tracking | None = kwargs.pop("tracking", None)
        for event in stored_events:
            if segment_of(str(event.originator_id)) != self.segment:
                raise ElsewhereError(f"{event.originator_id} is not in segment {self.segment}")
        save = Save(
            events=[NewEvent(str(e.originator_id), e.originator_version, e.topic, e.state) for e in stored_events],
            moves=[self._move(tracking)] if tracking is not None else [],
        )
        try:
            return [fact.position for fact in self.store.save(save)]
        except Conflict as error:
            raise IntegrityError(str(error)) from error
        except Overtaken as error:
            raise TrackingConflict(f"{tracking} does not continue what was tracked") from error
        except Unavailable as error:
            raise OperationalError(str(error)) from error

    def insert_tracking(self, tracking: Tracking) -> None:
        self.insert_events([], tracking=tracking)

    def _move(self, tracking: Tracking) -> Move:
        upstream, _, segment = tracking.application_name.rpartition("/")
        return Move(upstream, int(segment), tracking.notification_id - 1, tracking.notification_id)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        stream = str(originator_id)
        events = [
            StoredEvent(stream, version, topic, state)
            for version, topic, state in self.store.load([(stream, gt or 0)]).get(stream, ())
            if lte is None or version <= lte
        ]
        if desc:
            events.reverse()
        return events[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        found: list[Notification] = []
        while len(found) < limit:
            facts = self.store.read_log(self.segment, after, limit)
            for fact in facts:
                if stop is not None and fact.position > stop:
                    return found
                if not topics or fact.topic in topics:
                    found.append(
                        Notification(
                            originator_id=fact.stream,
                            originator_version=fact.version,
                            topic=fact.topic,
                            state=fact.state,
                            id=fact.position,
                        )
                    )
            if len(facts) < limit:
                break
            after = facts[-1].position
        return found[:limit]

    def max_notification_id(self) -> int | None:
        return self.store.heads().get(self.segment) or None

    def max_tracking_id(self, application_name: str) -> int | None:
        upstream, _, segment = application_name.rpartition("/")
        return self.store.positions([upstream])[upstream, int(segment)] or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ProcessRecorder]:
        """Notifications from a position on, for ever; asks again every quarter of a second."""
        return _Polling(self, gt, topics)


class _Polling(Subscription[ProcessRecorder]):
    """A subscription that polls: NOTIFY has no place in the write path (it takes a global lock)."""

    def __init__(self, recorder: SegmentRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._after = gt or 0
        self._found: Iterator[Notification] = iter(())
        self._over = False

    def stop(self) -> None:
        self._over = True
        super().stop()

    def __next__(self) -> Notification:
        while not self._over:
            found = next(self._found, None)
            if found is not None:
                self._after = found.id
                return found
            news = self._recorder.select_notifications(self._after, 500, topics=self._topics, inclusive_of_start=False)
            self._found = iter(news)
            if not news:
                sleep(0.25)
        raise StopIteration
