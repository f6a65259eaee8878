"""The gapless log (L5) and the library's interfaces over it."""

import uuid
from collections.abc import Iterator
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from eventsourcing.application import LocalNotificationLog
from eventsourcing.persistence import EventStore, IntegrityError, StoredEvent, Tracking

from eventing import schema
from eventing.mapper import FactMapper, Recorded, encode
from eventing.prepare import prepare
from eventing.recorder import ElsewhereError, SegmentRecorder, TrackingConflict
from eventing.store import Conflict, NewEvent, Save, Store, segment_of
from eventing.views import View
from testkit.facts import NOON
from testkit.house import eventually
from testkit.toy import BEADS, Beads, BeadsAdded, BeadsMirrored, ToyDeclarations, rows


def a_stream(segment: int) -> str:
    return next(s for s in iter(lambda: str(uuid.uuid4()), "") if segment_of(s) == segment)


def an_event(segment: int = 3) -> NewEvent:
    return NewEvent(a_stream(segment), 1, "toy.beads-added.v2", b"{}")


@pytest.fixture
def database(postgresql: Any) -> str:
    return postgresql.create_database(f"store_{uuid.uuid4().hex[:8]}")  # type: ignore[no-any-return]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.cluster)])
def store(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/toy.db" if request.param == "sqlite" else request.getfixturevalue("database")
    made = Store("toy", url)
    prepare(ToyDeclarations, made)
    yield made
    made.close()


class Unprotected(Store):
    """The same store without the protection: positions come from a counter that no lock guards."""

    def take_positions(self, connection: sa.Connection, counts: dict[int, int]) -> dict[int, int]:
        taken = {}
        with self._engine.begin() as other:
            for segment, count in counts.items():
                head = other.exec_driver_sql(
                    "UPDATE heads SET position = position + %b WHERE segment = %b RETURNING position",
                    (count, segment),
                ).scalar_one()
                taken[segment] = head - count
        return taken


def waits_for_a_lock(store: Store) -> bool:
    """Whether anybody does in the store's database."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with store.reading() as connection:
        return bool(connection.exec_driver_sql(asked).scalar_one())


def positions_seen_while_a_writer_is_held(kind: type[Store], url: str) -> tuple[list[int], list[int]]:
    """A writer stays open between insert and commit while another commits and a reader follows the log."""
    held, other, reader = (kind("toy", url) for _ in range(3))
    prepare(ToyDeclarations, reader)
    release = eventlet.event.Event()
    inserted = eventlet.event.Event()

    def hold() -> None:
        with held.writing() as connection:
            held.append(connection, [an_event()])
            inserted.send(None)
            release.wait()

    holder = eventlet.spawn(hold)
    inserted.wait()
    writer = eventlet.spawn(other.save, Save(events=[an_event()]))
    eventually(lambda: writer.dead or waits_for_a_lock(reader), within=60)
    seen: list[int] = []

    def follow() -> None:
        seen.extend(fact.position for fact in reader.read_log(3, max(seen, default=0)))

    follow()
    release.send(None)
    holder.wait()
    writer.wait()
    follow()
    stored = [fact.position for fact in reader.read_log(3, 0)]
    for each in (held, other, reader):
        each.close()
    return seen, stored


@pytest.mark.cluster
def test_a_reader_never_passes_a_writer_that_is_still_open(database: str) -> None:
    seen, stored = positions_seen_while_a_writer_is_held(Store, database)

    assert seen == stored == [1, 2]


@pytest.mark.cluster
def test_without_the_lock_the_reader_does_pass_it(database: str) -> None:
    seen, stored = positions_seen_while_a_writer_is_held(Unprotected, database)

    assert stored == [1, 2]
    assert seen == [2], "the protection was removed and nothing was skipped: the test above proves nothing"


@pytest.mark.cluster
def test_many_writers_leave_no_gap_in_any_segment(database: str) -> None:
    stores = [Store("toy", database) for _ in range(4)]
    prepare(ToyDeclarations, stores[0])
    pool = eventlet.GreenPool(40)
    for i in range(200):
        events = [an_event(segment) for segment in {i % 5, i % 3, 7}]
        pool.spawn(stores[i % 4].save, Save(events=events))
    pool.waitall()

    for segment in range(8):
        found = [fact.position for fact in stores[0].read_log(segment, 0, 1000)]
        assert found == list(range(1, len(found) + 1))
    assert sum(stores[0].heads().values()) == sum(len(stores[0].read_log(segment, 0, 1000)) for segment in range(16))
    for each in stores:
        each.close()


def test_a_snapshot_is_of_one_instant(store: Store) -> None:
    store.save(Save(events=[an_event()]))
    with store.snapshot() as connection:
        facts = connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()
        store.save(Save(events=[an_event()]))
        counted = connection.exec_driver_sql("SELECT sum(position) FROM heads").scalar_one()

    assert (facts, counted, sum(store.heads().values())) == (1, 1, 2)


def test_a_save_that_fails_takes_no_position(store: Store) -> None:
    event = an_event()
    store.save(Save(events=[event]))
    with pytest.raises(Conflict):
        store.save(Save(events=[an_event(), event]))
    (stored,) = store.save(Save(events=[an_event()]))

    assert stored.position == 2


def test_preparing_again_or_at_once_is_harmless(store: Store) -> None:
    for thread in [eventlet.spawn(prepare, ToyDeclarations, store) for _ in range(3)]:
        thread.wait()

    assert store.heads() == dict.fromkeys(range(16), 0)


def test_a_view_with_a_new_name_is_filled_by_replay(store: Store) -> None:
    streams = [a_stream(segment) for segment in range(5)]
    facts = [BeadsAdded(case_id=stream, at=NOON, by="x", count=n) for n, stream in enumerate(streams, start=1)]
    store.save(
        Save(events=[NewEvent(f.case_id or "", 1, BeadsAdded.TOPIC, encode(f)) for f in facts] + [an_event_of_others()])
    )

    class Renamed(ToyDeclarations):
        views = (View("beads_v2", of=Beads, columns=BEADS.bulk.columns, rows=rows),)

    prepare(Renamed, store)
    prepare(Renamed, store)

    found = store.select(Renamed.views[0].table.select())
    assert sorted((row["case_id"], row["count"]) for row in found) == sorted(zip(streams, range(1, 6), strict=True))


def an_event_of_others() -> NewEvent:
    fact = BeadsMirrored(case_id="x", at=NOON, by="x", count=1)
    return NewEvent(a_stream(9), 1, BeadsMirrored.TOPIC, encode(fact))


def test_the_migrations_make_the_tables_that_the_code_declares(store: Store) -> None:
    with store._engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda obj, name, kind, reflected, other: (
                    not (kind == "table" and name.startswith(("beads_v", "alembic")))
                ),
                "compare_type": True,
            },
        )
        assert compare_metadata(context, schema.metadata) == []


class TestTheInterfacesOfEventsourcing:
    def test_events_and_tracking_are_recorded_together_or_not_at_all(self, store: Store) -> None:
        recorder = SegmentRecorder(store, 3)
        stream = a_stream(3)
        event = StoredEvent(stream, 1, BeadsAdded.TOPIC, b"{}")

        assert recorder.insert_events([event], tracking=Tracking("intake/03", 1)) == [1]
        assert recorder.max_tracking_id("intake/03") == 1
        assert recorder.has_tracking_id("intake/03", 1)
        with pytest.raises(IntegrityError):
            recorder.insert_events([event], tracking=Tracking("intake/03", 2))
        assert recorder.max_tracking_id("intake/03") == 1

    @pytest.mark.parametrize("position", [1, 3])
    def test_tracking_neither_repeats_nor_skips(self, store: Store, position: int) -> None:
        recorder = SegmentRecorder(store, 3)
        recorder.insert_tracking(Tracking("intake/03", 1))

        with pytest.raises(TrackingConflict):
            recorder.insert_tracking(Tracking("intake/03", position))

    def test_the_notification_log_presents_sections(self, store: Store) -> None:
        recorder = SegmentRecorder(store, 3)
        recorder.insert_events([StoredEvent(a_stream(3), 1, f"t{i}", b"{}") for i in range(25)])
        log = LocalNotificationLog(recorder, section_size=10)

        section = log["1,10"]
        assert [item.id for item in section.items] == list(range(1, 11))
        assert section.next_id == "11,20"
        assert [item.topic for item in log.select(start=1, limit=10, topics=["t24"])] == ["t24"]

    def test_its_event_store_maps_our_facts(self, store: Store) -> None:
        stream = a_stream(3)
        events: EventStore[str] = EventStore(FactMapper(), SegmentRecorder(store, 3))
        fact = BeadsAdded(case_id=stream, at=NOON, by="x", count=3)
        events.put([Recorded(stream, 1, fact)])  # type: ignore[list-item]

        assert list(events.get(stream)) == [Recorded(stream, 1, fact)]

    def test_a_stream_of_another_segment_is_refused(self, store: Store) -> None:
        with pytest.raises(ElsewhereError):
            SegmentRecorder(store, 3).insert_events([StoredEvent(a_stream(4), 1, "t", b"{}")])

    def test_a_subscription_goes_on_with_what_comes(self, store: Store) -> None:
        recorder = SegmentRecorder(store, 3)
        recorder.insert_events([StoredEvent(a_stream(3), 1, "t", b"{}")])
        seen: list[int] = []

        def read() -> None:
            with recorder.subscribe() as subscription:
                for notification in subscription:
                    seen.append(notification.id)
                    if len(seen) == 2:
                        return

        reading = eventlet.spawn(read)
        eventlet.sleep(0)
        recorder.insert_events([StoredEvent(a_stream(3), 1, "t", b"{}")])
        reading.wait()

        assert seen == [1, 2]
