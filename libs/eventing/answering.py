"""nameko's RPC entrypoint, made to survive a broker that goes away while an answer is ready.

nameko publishes each answer with a confirm and lets the container die when that fails. Here an answer that cannot
be sent is dropped: the caller's time-out tells him, and commands are idempotent (L6).
"""

from collections.abc import Mapping, Sequence
from inspect import Signature, signature
from typing import Any

import eventlet
import msgspec
import structlog
from eventlet.semaphore import Semaphore
from kombu import Connection
from nameko.exceptions import IncorrectSignature, serialize
from nameko.messaging import QueueConsumer
from nameko.rpc import Rpc, RpcConsumer, get_rpc_exchange

from eventing.transports import HEARTBEAT, listening, read_elsewhere

log = structlog.get_logger()


class PatientQueue(QueueConsumer):
    """Takes no request before the host stands behind it: nameko starts both at the same time."""

    def start(self) -> None:
        """Waits for the host, then begins."""
        for extension in self.container.dependencies:
            if getattr(extension, "is_host", False):
                extension.started.wait()
        super().start()

    def stop(self) -> None:
        """Ends what has begun."""
        if self._starting:
            super().stop()

    def consume(self, limit: int | None = None, timeout: float | None = None, **kwargs: Any) -> Any:
        """Looks up often enough to stop at once when it is told to."""
        return super().consume(limit, timeout, safety_interval=0.2, **kwargs)

    def ack_message(self, message: Any) -> None:
        """Lets a request go; where the connection it came by is lost, the broker has taken it back already."""
        try:
            super().ack_message(message)
        except Exception as error:
            log.warning("request not let go", service=self.container.service_name, error=str(error))

    def requeue_message(self, message: Any) -> None:
        """Gives a request back, likewise."""
        try:
            super().requeue_message(message)
        except Exception as error:
            log.warning("request not given back", service=self.container.service_name, error=str(error))


class Answers:
    """One kept connection for all answers of a service; when the broker has hung up, the next answer makes it anew."""

    def __init__(self, amqp_uri: str, exchange: str) -> None:
        self.amqp_uri = amqp_uri
        self.exchange = exchange
        self._connection: Connection | None = None
        self._channel: Any = None
        self._reader: Any = None
        self._turn = Semaphore(1)

    def send(self, answer: Any, *, to: str, id: str | None) -> None:
        """Sends an answer, as JSON, to whoever asked. Raises whatever keeps it from being sent."""
        body = msgspec.json.encode(answer)
        with self._turn:  # the frames of one message stay together
            if self._connection is not None:
                try:
                    self._publish(body, to, id)
                except Exception as error:
                    log.info("answer not sent yet", error=str(error))
                    self.close()
                else:
                    return
            self._connect()
            self._publish(body, to, id)

    def _connect(self) -> None:
        connection = Connection(self.amqp_uri, heartbeat=HEARTBEAT, connect_timeout=5)
        self._channel = connection.channel()
        read_elsewhere(connection)
        self._connection, self._reader = connection, eventlet.spawn(self._read, connection)

    def _publish(self, body: bytes, to: str, id: str | None) -> None:
        message = self._channel.prepare_message(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            headers={},
            properties={"correlation_id": id, "delivery_mode": 1},
        )
        self._channel.basic_publish(message, exchange=self.exchange, routing_key=to)

    def _read(self, connection: Connection) -> None:
        """Nothing comes but the news that the broker hung up: an answer that is written after that is lost."""
        try:
            for _ in listening(connection, turn=self._turn):
                pass
        except Exception as error:
            log.info("connection of answers lost", error=str(error))
            if self._connection is connection:
                self.close()

    def close(self) -> None:
        """Hangs up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            if self._reader is not eventlet.getcurrent():
                self._reader.kill()  # TLS ends with a word from the other side, for which one alone may wait
            with eventlet.Timeout(1, False):  # False: silently
                connection.collect()


class AnsweringConsumer(RpcConsumer):
    """Consumes requests, and sends answers without waiting for the broker's confirmation."""

    queue_consumer = PatientQueue()

    _answers: Answers | None = None

    def stop(self) -> None:
        """Ends, once the last answer was sent."""
        super().stop()
        if self._answers is not None:
            self._answers.close()

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """Sends the answer, or the error, and lets the request go."""
        properties = message.properties
        try:
            if self._answers is None:
                config = self.container.config
                self._answers = Answers(config["AMQP_URI"], get_rpc_exchange(config).name)
            self._answers.send(
                {"result": result, "error": serialize(exc_info[1]) if exc_info else None},
                to=properties["reply_to"],
                id=properties.get("correlation_id"),
            )
        except Exception as error:
            log.warning("answer not sent", service=self.container.service_name, error=str(error))
        self.queue_consumer.ack_message(message)
        return result, exc_info


class Answering(Rpc):
    """An RPC method of a service."""

    rpc_consumer = AnsweringConsumer()

    _signature: Signature | None = None

    def check_signature(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Raises IncorrectSignature. nameko would look at the method anew for every request."""
        if self._signature is None:
            self._signature = signature(getattr(self.container.service_cls, self.method_name))
        try:
            self._signature.bind(None, *args, **kwargs)
        except TypeError as error:
            raise IncorrectSignature(str(error)) from error


answers = Answering.decorator
