"""Work that waits in a view: page by page, whatever cannot be done now passed over, nothing personal in the log."""

from collections.abc import Sequence

import eventlet
from structlog.testing import capture_logs

from eventing.backlog import BATCH, Backlog, Row
from eventing.errors import Unavailable


class Queue:
    """Numbered rows, some of which cannot be done."""

    def __init__(self, length: int, faults: dict[int, Exception] | None = None) -> None:
        self.rows: list[Row] = [{"n": n} for n in range(length)]
        self.faults = faults or {}
        self.done: list[int] = []
        self.backlog = Backlog("rows", self.page, self.work)

    def page(self, last: Row | None, limit: int) -> Sequence[Row]:
        after = -1 if last is None else last["n"]
        return [row for row in self.rows if row["n"] > after][:limit]

    def work(self, row: Row) -> bool:
        if row["n"] in self.faults:
            raise self.faults[row["n"]]
        self.done.append(row["n"])
        return True


def test_everything_that_waits_is_done_once_over_all_pages() -> None:
    queue = Queue(2 * BATCH + 3)

    assert queue.backlog.work_off() == 2 * BATCH + 3
    assert queue.done == list(range(2 * BATCH + 3))


def test_what_cannot_be_done_is_passed_over_and_its_words_are_not_logged() -> None:
    queue = Queue(3, {1: ValueError("王小明 13800000000")})

    with capture_logs() as logs:
        assert queue.backlog.work_off() == 2

    assert queue.done == [0, 2]
    assert [(line["row"], line["error"]) for line in logs] == [({"n": 1}, "ValueError")]


def test_a_queue_that_cannot_be_read_waits() -> None:
    queue = Queue(1)

    def silent(last: Row | None, limit: int) -> Sequence[Row]:
        raise Unavailable(what="database")

    assert Backlog("rows", silent, queue.work).work_off() == 0
    assert queue.backlog.work_off() == 1


def test_after_a_stop_nothing_further_is_begun() -> None:
    queue = Queue(3)

    def work(row: Row) -> bool:
        queue.backlog.stop()
        return queue.work(row)

    queue.backlog = Backlog("rows", queue.page, work)
    queue.backlog.run()

    assert queue.done == [0]


def test_rows_may_be_done_abreast_and_each_is_done_once() -> None:
    queue = Queue(BATCH + 7)
    under_way: list[int] = []
    most = 0

    def work(row: Row) -> bool:
        nonlocal most
        under_way.append(row["n"])
        most = max(most, len(under_way))
        eventlet.sleep(0)
        under_way.remove(row["n"])
        return queue.work(row)

    assert Backlog("rows", queue.page, work, abreast=5).work_off() == BATCH + 7
    assert sorted(queue.done) == list(range(BATCH + 7))
    assert most == 5
