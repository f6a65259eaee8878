"""The broker inside the process behaves as RabbitMQ does, in all that onething relies on."""

import re
from typing import ClassVar

import eventlet
import pytest
from amqp.exceptions import ChannelError, NotFound, PreconditionFailed, ResourceLocked
from hypothesis import given
from hypothesis import strategies as st
from kombu import Connection
from nameko.amqp.publish import Publisher as ConfirmingPublisher
from nameko.amqp.publish import UndeliverableMessage
from nameko.events import BROADCAST, EventDispatcher, event_handler
from nameko.rpc import RpcProxy, rpc

from eventing import inproc
from eventing.broker import matches
from eventing.calls import Calls
from eventing.errors import Unavailable
from eventing.runner import Runner


def declare(channel, name, *, kind="topic", keys=("#",), **queue):
    channel.exchange_declare(exchange=name, type=kind, durable=False, auto_delete=False)
    channel.queue_declare(queue=name, durable=False, **{"auto_delete": False, **queue})
    for key in keys:
        channel.queue_bind(queue=name, exchange=name, routing_key=key)


def publish(channel, exchange, *bodies, key="", properties=None, **options):
    for body in bodies:
        message = channel.prepare_message(
            body, content_type="text/plain", content_encoding="utf-8", properties=dict(properties or {})
        )
        channel.basic_publish(message, exchange=exchange, routing_key=key, **options)


class Inbox:
    """A consumer that keeps what it was sent."""

    def __init__(self, connection, queue, *, prefetch=0, no_ack=False):
        self.connection = connection
        self.channel = connection.channel()
        self.channel.basic_qos(0, prefetch, False)
        self.messages = []
        self.tag = self.channel.basic_consume(
            queue=queue,
            no_ack=no_ack,
            callback=lambda raw: self.messages.append(self.channel.message_to_python(raw)),
        )

    @property
    def bodies(self):
        return [message.body if isinstance(message.body, str) else message.body.decode() for message in self.messages]

    def receive(self, count=1):
        """Waits until so many messages more have come, and returns their bodies."""
        wanted = len(self.messages) + count
        while len(self.messages) < wanted:
            self.connection.drain_events(timeout=10)
        return self.bodies[-count:]

    def receives_nothing(self):
        with pytest.raises(TimeoutError):
            self.connection.drain_events(timeout=0.1)
        return True


class TestRouting:
    @pytest.mark.parametrize(
        ("kind", "keys", "routed"),
        [
            ("direct", ["a.b"], {"a.b"}),
            ("fanout", ["whatever"], {"a.b", "a", "b.c.d", ""}),
            ("topic", ["a.*"], {"a.b"}),
            ("topic", ["a.#"], {"a.b", "a"}),
            ("topic", ["#.d", "*.b"], {"b.c.d", "a.b"}),
            ("topic", ["#"], {"a.b", "a", "b.c.d", ""}),
        ],
    )
    def test_a_message_goes_where_its_key_says(self, connect, name, kind, keys, routed):
        connection = connect()
        channel = connection.channel()
        declare(channel, name, kind=kind, keys=keys)

        for key in ("a.b", "a", "b.c.d", ""):
            publish(channel, name, f"<{key}>", key=key)

        assert set(Inbox(connection, name).receive(len(routed))) == {f"<{key}>" for key in routed}

    def test_two_bindings_of_one_queue_deliver_once(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name, keys=["a.*", "*.b", "#"])

        publish(channel, name, "once", "last", key="a.b")

        assert Inbox(connection, name).receive(2) == ["once", "last"]

    def test_an_unbound_queue_gets_no_more(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name, keys=["a", "b"])
        channel.queue_unbind(queue=name, exchange=name, routing_key="a")

        publish(channel, name, "lost", key="a")
        publish(channel, name, "kept", key="b")

        assert Inbox(connection, name).receive() == ["kept"]

    def test_the_nameless_exchange_routes_by_queue_name(self, connect, name):
        connection = connect()
        channel = connection.channel()
        channel.queue_declare(queue=name, durable=False, auto_delete=False)

        publish(channel, "", "direct", key=name)

        assert Inbox(connection, name).receive() == ["direct"]

    def test_an_exchange_that_is_not_there_is_named(self, connect, name):
        channel = connect(transport_options={"confirm_publish": True}).channel()

        with pytest.raises(NotFound, match="no exchange"):
            publish(channel, name, "nowhere")

    def test_a_mandatory_message_without_a_queue_comes_back(self, broker_uri, connect, name):
        connect().channel().exchange_declare(exchange=name, type="topic", durable=False, auto_delete=False)

        with pytest.raises(UndeliverableMessage):
            ConfirmingPublisher(broker_uri).publish("x", exchange=name, routing_key="nobody", mandatory=True)
        ConfirmingPublisher(broker_uri).publish("x", exchange=name, routing_key="nobody")

    def test_a_mandatory_message_comes_back_to_who_listens_for_returns(self, connect, name):
        connection = connect()
        channel = connection.channel()
        channel.exchange_declare(exchange=name, type="topic", durable=False, auto_delete=False)
        channel.confirm_select()
        returned, confirmed = [], []
        channel.events["basic_return"].add(lambda *returning: returned.append(returning))
        channel.events["basic_ack"].add(lambda tag, _multiple: confirmed.append(tag))

        publish(channel, name, "x", key="nobody", properties={"correlation_id": "7"}, mandatory=True)
        while not confirmed:
            connection.drain_events(timeout=10)

        [(error, exchange, key, message)] = returned
        assert isinstance(error, ChannelError)
        assert "NO_ROUTE" in str(error)
        assert (exchange, key, message.properties["correlation_id"]) == (name, "nobody", "7")
        assert confirmed == [1]

    @given(
        pattern=st.lists(st.sampled_from(["a", "b", "*", "#"]), max_size=5).map(".".join),
        key=st.lists(st.sampled_from(["a", "b", "c"]), max_size=5).map(".".join),
    )
    def test_patterns_mean_what_the_protocol_says(self, pattern, key):
        # the same words as a regular expression over a key whose words all begin with a dot
        words = [
            r"(\.\w+)*" if word == "#" else r"\.\w+" if word == "*" else rf"\.{word}" for word in pattern.split(".")
        ]
        oracle = "".join(words) if pattern else ""

        assert matches(pattern, key) == bool(re.fullmatch(oracle, f".{key}" if key else ""))


class TestDelivery:
    def test_body_headers_and_properties_arrive(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name)
        message = channel.prepare_message(
            b'{"a": 1}',
            content_type="application/json",
            content_encoding="utf-8",
            headers={"nameko.traceparent": "00-1-2-01"},
            properties={"reply_to": "r", "correlation_id": "c"},
        )
        inbox = Inbox(connection, name)

        channel.basic_publish(message, exchange=name, routing_key="k")
        inbox.receive()

        [received] = inbox.messages
        assert received.payload == {"a": 1}
        assert received.headers["nameko.traceparent"] == "00-1-2-01"
        wanted = {"content_type": "application/json", "reply_to": "r", "correlation_id": "c"}
        assert {key: received.properties[key] for key in wanted} == wanted
        assert received.delivery_info["routing_key"] == "k"

    def test_unacknowledged_messages_come_again_in_order_when_the_channel_closes(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name)
        publish(channel, name, *"abcde")
        first = Inbox(connection, name)
        first.receive(4)
        first.messages[1].ack()

        first.channel.close()
        second = Inbox(connection, name)

        assert second.receive(4) == ["a", "c", "d", "e"]
        assert [message.delivery_info["redelivered"] for message in second.messages][:3] == [True] * 3

    def test_unacknowledged_messages_come_again_when_the_connection_is_lost(self, connect, name):
        dying, living = connect(), connect()
        declare(living.channel(), name)
        publish(living.channel(), name, *"abc")
        Inbox(dying, name).receive(2)

        dying.collect()

        assert Inbox(living, name).receive(3) == ["a", "b", "c"]

    def test_acknowledged_messages_do_not_come_again(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name)
        publish(channel, name, *"abcd")
        inbox = Inbox(connection, name)
        inbox.receive(4)

        inbox.messages[2].ack(multiple=True)
        inbox.channel.close()

        assert Inbox(connection, name).receive() == ["d"]

    def test_a_rejected_message_goes_back_to_its_place_or_away(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name)
        publish(channel, name, *"abc")
        inbox = Inbox(connection, name, prefetch=2)
        inbox.receive(2)
        first, second = inbox.messages

        second.reject()
        first.requeue()

        # one free place is taken by c, which waited, the other by a, which came back
        assert sorted(inbox.receive(2)) == ["a", "c"]
        assert {
            body for body, m in zip(inbox.bodies, inbox.messages, strict=True) if m.delivery_info["redelivered"]
        } == {"a"}

    def test_a_consumer_holds_no_more_than_its_prefetch(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name)
        publish(channel, name, *"abcde")
        inbox = Inbox(connection, name, prefetch=2)

        assert inbox.receive(2) == ["a", "b"]
        assert inbox.receives_nothing()
        inbox.messages[0].ack()
        assert inbox.receive() == ["c"]
        assert inbox.receives_nothing()

    def test_consumers_take_turns(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name)
        one, other = Inbox(connection, name), Inbox(connection, name)

        publish(channel, name, *"abcdef")
        while len(one.messages) + len(other.messages) < 6:
            connection.drain_events(timeout=10)

        assert {"".join(one.bodies), "".join(other.bodies)} == {"ace", "bdf"}

    def test_what_a_cancelled_consumer_has_not_seen_goes_to_the_next(self, connect, name):
        leaving, staying = connect(), connect()
        declare(staying.channel(), name)
        publish(staying.channel(), name, *"abc")
        gone = Inbox(leaving, name)
        gone.receive(1)

        gone.channel.basic_cancel(gone.tag)
        gone.messages[0].ack()
        leaving.release()

        assert Inbox(staying, name).receive(2) == ["b", "c"]

    def test_a_message_whose_time_is_over_is_not_delivered(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name)

        publish(channel, name, "late", properties={"expiration": "1"})
        publish(channel, name, "lasting", properties={"expiration": "600000"})
        eventlet.sleep(0.05)

        assert Inbox(connection, name).receive() == ["lasting"]

    def test_one_message_can_be_fetched(self, connect, name):
        channel = connect().channel()
        declare(channel, name)
        publish(channel, name, "x")

        got = channel.basic_get(name)
        channel.basic_ack(got.delivery_tag)

        assert channel.basic_get(name) is None

    def test_waiting_ends_with_the_time(self, connect, name):
        connection = connect()
        declare(connection.channel(), name)

        assert Inbox(connection, name).receives_nothing()


class TestQueues:
    def test_a_queue_that_is_not_there_is_named(self, connect, name):
        with pytest.raises(NotFound, match="no queue"):
            connect().channel().queue_declare(queue=name, passive=True)

    def test_a_queue_knows_its_messages_and_consumers(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name)
        publish(channel, name, *"abc")
        Inbox(connection, name, prefetch=1).receive()

        known = channel.queue_declare(queue=name, passive=True)

        assert (known.message_count, known.consumer_count) == (2, 1)

    def test_another_declaration_of_the_same_name_is_refused(self, connect, name):
        channel = connect().channel()
        channel.queue_declare(queue=name, durable=False, auto_delete=False)

        with pytest.raises(PreconditionFailed):
            channel.queue_declare(queue=name, durable=True, auto_delete=False)

    def test_an_exchange_of_another_type_is_refused(self, connect, name):
        channel = connect().channel()
        channel.exchange_declare(exchange=name, type="topic", durable=False, auto_delete=False)

        with pytest.raises(PreconditionFailed):
            channel.exchange_declare(exchange=name, type="direct", durable=False, auto_delete=False)

    def test_purging_counts(self, connect, name):
        channel = connect().channel()
        declare(channel, name)
        publish(channel, name, *"abc")

        assert channel.queue_purge(queue=name) == 3
        assert channel.queue_purge(queue=name) == 0

    def test_an_exclusive_queue_serves_its_connection_alone_and_goes_with_it(self, connect, name):
        owner, other = connect(), connect()
        owner.channel().queue_declare(queue=name, durable=False, exclusive=True, auto_delete=False)

        with pytest.raises(ResourceLocked):
            other.channel().queue_declare(queue=name, passive=True)
        owner.release()
        with pytest.raises(NotFound):
            other.channel().queue_declare(queue=name, passive=True)

    def test_an_auto_delete_queue_goes_with_its_last_consumer(self, connect, name):
        connection = connect()
        channel = connection.channel()
        declare(channel, name, auto_delete=True)
        one, other = Inbox(connection, name), Inbox(connection, name)

        one.channel.basic_cancel(one.tag)
        channel.queue_declare(queue=name, passive=True)
        other.channel.close()
        with pytest.raises(NotFound):
            channel.queue_declare(queue=name, passive=True)


class Shop:
    name = "shop"
    other = RpcProxy("other")
    nobody = RpcProxy("nobody")
    dispatch = EventDispatcher()

    @rpc
    def sell(self, what):
        self.dispatch("sold", what)
        return f"{what} for {self.other.price(what)}"

    @rpc
    def ask_nobody(self):
        return self.nobody.anything()


class Other:
    name = "other"
    heard: ClassVar[list] = []

    @rpc
    def price(self, what):
        return len(what)

    @event_handler("shop", "sold")
    def hear(self, what):
        self.heard.append(("pool", what))

    @event_handler("shop", "sold", handler_type=BROADCAST, reliable_delivery=False)
    def overhear(self, what):
        self.heard.append(("broadcast", what))


class TestNameko:
    @pytest.fixture
    def calls(self, broker_uri):
        Other.heard.clear()
        runner = Runner({"AMQP_URI": broker_uri})
        runner.add(Other)
        runner.add(Shop)
        runner.start()
        calls = Calls(broker_uri, timeout=20)
        calls.start()
        yield calls
        calls.stop()
        runner.stop()

    def test_services_call_and_hear_each_other(self, calls):
        assert calls.call("shop", "sell", "tea") == "tea for 3"
        while len(Other.heard) < 2:
            eventlet.sleep(0.01)
        assert sorted(Other.heard) == [("broadcast", "tea"), ("pool", "tea")]

    def test_a_proxy_learns_at_once_that_a_service_is_unknown(self, calls):
        with pytest.raises(Exception, match="UnknownService"):
            calls.call("shop", "ask_nobody")


class TestInOneProcess:
    @pytest.fixture(autouse=True)
    def broker(self):
        inproc.install()
        yield
        inproc.reset()

    def test_a_message_wakes_the_connection_it_is_for_and_no_other(self, name):
        with Connection("inproc://") as here, Connection("inproc://") as there:
            for connection, queue in ((here, "here"), (there, "there")):
                declare(connection.channel(), f"{name}-{queue}")
            inboxes = [Inbox(here, f"{name}-here"), Inbox(there, f"{name}-there")]
            waits = [eventlet.spawn(inbox.connection.drain_events) for inbox in inboxes]  # no time limit
            eventlet.sleep(0)
            asleep = there.connection._waiting

            publish(here.channel(), f"{name}-here", "good morning")
            waits[0].wait()

            assert inboxes[0].bodies == ["good morning"]
            assert there.connection._waiting is asleep
            assert not asleep.ready()
            waits[1].kill()

    def test_names_are_brokers_of_their_own(self, name):
        with Connection("inproc:///one") as one, Connection("inproc:///two") as two:
            one.channel().queue_declare(queue=name)

            with pytest.raises(NotFound):
                two.channel().queue_declare(queue=name, passive=True)

    def test_reply_queues_of_a_closed_connection_are_gone(self, name):
        with Connection("inproc://") as observer:
            with Connection("inproc://") as client:
                client.channel().queue_declare(queue=name, durable=True, arguments={"x-expires": 300_000})
                observer.channel().queue_declare(queue=name, passive=True)

            with pytest.raises(NotFound):
                observer.channel().queue_declare(queue=name, passive=True)

    def test_a_busy_consumer_lets_others_run(self, name):
        with Connection("inproc://") as connection:
            channel = connection.channel()
            declare(channel, name)
            many = 6 * inproc._FAIR
            publish(channel, name, *("x" * many))
            inbox = Inbox(connection, name)
            turns = []
            other = eventlet.spawn(lambda: [turns.append(eventlet.sleep(0)) for _ in range(3)])

            inbox.receive(many)

            assert len(turns) == 3
            other.wait()

    def test_a_reset_is_a_lost_connection_to_who_waits(self, name):
        connection = Connection("inproc://")
        declare(connection.channel(), name)
        waiting = eventlet.spawn(Inbox(connection, name).receive)
        eventlet.sleep(0)

        inproc.reset()

        with pytest.raises(connection.connection_errors):
            waiting.wait()

    def test_services_return_after_a_reset(self):
        runner = Runner({"AMQP_URI": "inproc://"})
        runner.add(Other)
        runner.start()
        calls = Calls("inproc://", timeout=0.5)
        calls.start()
        assert calls.call("other", "price", "tea") == 3

        inproc.reset()

        def answers():
            try:
                return calls.call("other", "price", "coffee") == 6
            except Unavailable:
                return False

        while not answers():
            eventlet.sleep(0.05)
        calls.stop()
        runner.stop()

    @given(
        st.lists(
            st.one_of(
                st.just(("publish",)),
                st.tuples(st.just("consume"), st.integers(0, 3)),
                st.tuples(
                    st.sampled_from(["receive", "ack", "ack all", "requeue", "close", "lose"]),
                    st.integers(0, 3),
                ),
            ),
            max_size=40,
        )
    )
    def test_no_message_is_lost_or_doubled_and_order_is_kept(self, actions):
        inproc.reset()
        home = Connection("inproc://")
        channel = home.channel()
        declare(channel, "q")
        sent, acknowledged, inboxes = 0, set(), []
        for action, *which in actions:
            match action, inboxes[which[0] % len(inboxes)] if which and inboxes else None:
                case "publish", _:
                    publish(channel, "q", f"{sent:04}")
                    sent += 1
                case "consume", _:
                    inboxes.append(Inbox(Connection("inproc://"), "q", prefetch=which[0]))
                    inboxes[-1].open = []
                case _, None:
                    pass
                case "close" | "lose", inbox:
                    inbox.channel.close() if action == "close" else inbox.connection.collect()
                    inboxes.remove(inbox)
                case "receive", inbox:
                    if inbox.connection.connection._inbox:
                        inbox.connection.drain_events(timeout=0)
                        inbox.open.append(inbox.messages[-1])
                case _, inbox if inbox.open:
                    if action == "ack":
                        message = inbox.open.pop(0)
                        message.ack()
                        acknowledged.add(message.body)
                    elif action == "ack all":
                        inbox.open[-1].ack(multiple=True)
                        acknowledged |= {message.body for message in inbox.open}
                        inbox.open.clear()
                    else:
                        inbox.open.pop().requeue()

        for inbox in inboxes:
            inbox.connection.release()
        left = channel.queue_declare(queue="q", passive=True).message_count
        rest = [channel.basic_get("q", no_ack=True).body for _ in range(left)]

        assert rest == [body for body in (f"{n:04}".encode() for n in range(sent)) if body not in acknowledged]
        home.release()
