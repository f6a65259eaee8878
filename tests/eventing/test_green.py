"""The database may be slow; the rest of the process goes on meanwhile."""

import os
import socket

import eventlet
import psycopg
import psycopg.waiting
import pytest

from eventing import green


@pytest.fixture(scope="module")
def conninfo(postgresql):
    return postgresql.create_database("green").replace("postgresql+psycopg", "postgresql")


def ticks_during(work):
    """How often another green thread had its turn while ``work`` ran."""
    ticks = 0

    def tick():
        nonlocal ticks
        while True:
            eventlet.sleep(0.005)
            ticks += 1

    ticker = eventlet.spawn(tick)
    try:
        work()
    finally:
        ticker.kill()
    return ticks


def test_psycopg_waits_with_our_functions():
    assert psycopg.waiting.wait is green.wait
    assert psycopg.waiting.wait_conn is green.wait_conn
    assert (green.READ, green.WRITE) == (psycopg.waiting.READY_R, psycopg.waiting.READY_W)
    assert (green.READ, green.WRITE) == (psycopg.waiting.WAIT_R, psycopg.waiting.WAIT_W)


@pytest.mark.cluster
class TestWithPostgreSQL:
    def test_ten_sleeping_queries_sleep_together_and_leave_the_process_awake(self, conninfo):
        connections = [psycopg.connect(conninfo, autocommit=True) for _ in range(10)]

        def together():
            pool = eventlet.GreenPool(10)
            list(pool.imap(lambda c: c.execute("select pg_sleep(0.2)").fetchone(), connections))

        def one_after_another():
            for connection in connections:
                connection.execute("select pg_sleep(0.2)").fetchone()

        parallel, sequential = ticks_during(together), ticks_during(one_after_another)

        assert parallel > 5  # psycopg's own wait lets nobody in: 0
        assert sequential > 3 * parallel  # ten times the sleep, if machines were never busy
        for connection in connections:
            connection.close()

    def test_a_lock_held_by_one_green_thread_does_not_deadlock_the_process(self, conninfo):
        with psycopg.connect(conninfo, autocommit=True) as setup:
            setup.execute("create table if not exists held (n int)")
        holder, waiter = psycopg.connect(conninfo), psycopg.connect(conninfo)
        waiter.execute("set lock_timeout = '20s'")
        holder.execute("lock table held in exclusive mode")
        asked = eventlet.spawn(waiter.execute, "insert into held values (1)")
        eventlet.sleep(0.1)

        holder.commit()

        assert asked.wait().rowcount == 1
        holder.close()
        waiter.close()

    def test_green_threads_that_share_a_connection_take_turns(self, conninfo):
        with psycopg.connect(conninfo, autocommit=True) as shared:
            pool = eventlet.GreenPool(5)
            squares = pool.imap(
                lambda n: shared.execute("select %s * %s, pg_sleep(0.01)", (n, n)).fetchone()[0], range(5)
            )

            assert list(squares) == [0, 1, 4, 9, 16]

    def test_a_connection_closed_under_a_waiting_query_ends_the_wait(self, conninfo):
        connection = psycopg.connect(conninfo, autocommit=True)
        query = eventlet.spawn(connection.execute, "select pg_sleep(600)")
        eventlet.sleep(0.05)

        connection.close()

        with pytest.raises(psycopg.OperationalError):
            query.wait()

    def test_a_new_connection_on_the_number_of_a_closed_one_wakes_who_waited_on_the_old(self, conninfo):
        connection = psycopg.connect(conninfo, autocommit=True)
        number = connection.fileno()
        query = eventlet.spawn(connection.execute, "select pg_sleep(600)")
        eventlet.sleep(0.05)

        connection.close()
        successor = psycopg.connect(conninfo, autocommit=True)

        assert successor.fileno() == number
        assert successor.execute("select 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError):
            query.wait()
        successor.close()

    def test_a_server_that_dies_under_a_waiting_query_ends_the_wait(self, conninfo):
        connection = psycopg.connect(conninfo, autocommit=True)
        query = eventlet.spawn(connection.execute, "select pg_sleep(600)")
        eventlet.sleep(0.05)

        with psycopg.connect(conninfo, autocommit=True) as operator:
            operator.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))

        with pytest.raises(psycopg.OperationalError):
            query.wait()

    def test_a_killed_green_thread_leaves_no_listener_behind(self, conninfo):
        connection = psycopg.connect(conninfo, autocommit=True)
        number = connection.fileno()
        query = eventlet.spawn(connection.execute, "select pg_sleep(600)")
        eventlet.sleep(0.05)

        query.kill()

        hub = eventlet.hubs.get_hub()
        assert number not in hub.listeners[hub.READ]
        assert number not in hub.listeners[hub.WRITE]
        connection.close()

    def test_much_data_in_both_directions_does_not_jam(self, conninfo):
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("create temporary table big (t text)")
            with connection.cursor() as cursor:
                cursor.executemany("insert into big values (%s) returning t", [("x" * 200_000,)] * 50, returning=True)

            assert connection.execute("select sum(length(t)) from big").fetchone() == (10_000_000,)


class TestWithoutAServer:
    def test_the_generator_is_asked_again_after_an_interval_of_silence(self):
        quiet, _other = socket.socketpair()

        def gen():
            first = yield psycopg.waiting.WAIT_R
            second = yield psycopg.waiting.WAIT_R
            return [first, second]

        assert green.wait(gen(), quiet.fileno(), interval=0.01) == [0, 0]

    def test_the_time_limit_ends_the_wait(self):
        quiet, _other = socket.socketpair()

        def gen():
            while True:
                yield psycopg.waiting.WAIT_R

        with pytest.raises(psycopg.errors._WaitTimeout):
            green.wait(gen(), quiet.fileno(), interval=0.01, timeout=0.03)

    def test_a_time_limit_of_zero_looks_once(self):
        ready, other = socket.socketpair()
        other.send(b"!")

        def gen():
            return (yield psycopg.waiting.WAIT_RW)

        assert green.wait(gen(), ready.fileno(), interval=0.1, timeout=0) != 0

    def test_waiting_for_both_ways_takes_whichever_comes(self):
        ready, other = socket.socketpair()
        other.send(b"!")

        def gen():
            seen = 0
            while seen != psycopg.waiting.READY_RW:
                seen |= yield psycopg.waiting.WAIT_RW if not seen else psycopg.waiting.WAIT_RW & ~seen
            return seen

        assert green.wait(gen(), ready.fileno(), interval=1.0) == psycopg.waiting.READY_RW

    def test_what_was_ready_at_the_same_instant_does_not_wake_the_next_wait(self):
        ready, other = socket.socketpair()
        other.send(b"!")

        def gen():
            yield psycopg.waiting.WAIT_RW
            ready.recv(1)
            return (yield psycopg.waiting.WAIT_R)

        assert green.wait(gen(), ready.fileno(), interval=0.05) == psycopg.waiting.READY_NONE

    def test_a_closed_socket_is_an_operational_error(self):
        left, _right = os.pipe()

        def gen():
            yield psycopg.waiting.WAIT_R

        waiting = eventlet.spawn(green.wait, gen(), left, 0.02)
        eventlet.sleep(0)
        os.close(left)

        with pytest.raises(psycopg.OperationalError):
            waiting.wait()

    def test_patching_again_changes_nothing(self):
        before = psycopg.waiting.wait

        green.patch()

        assert psycopg.waiting.wait is before
        assert green.is_patched()
