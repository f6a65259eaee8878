"""nameko's RPC entrypoint, made to survive a broker that goes away while an answer is ready.

nameko publishes each answer with a confirm and lets the container die when that fails. Here an answer that cannot
be sent is dropped: the caller's time-out tells him, and commands are idempotent (L6).
"""

from typing import Any

import kombu.serialization
import structlog
from nameko.amqp.publish import Publisher
from nameko.exceptions import serialize
from nameko.messaging import QueueConsumer
from nameko.rpc import Rpc, RpcConsumer, get_rpc_exchange

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


class AnsweringConsumer(RpcConsumer):
    """Consumes requests, and sends answers without waiting for the broker's confirmation."""

    queue_consumer = PatientQueue()

    _publisher: Publisher | None = None

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """Sends the answer, or the error, and lets the request go."""
        properties = message.properties
        try:
            if self._publisher is None:
                self._publisher = Publisher(
                    self.container.config["AMQP_URI"], use_confirms=False, retry=False, delivery_mode=1
                )
            self._publisher.publish(
                {"result": result, "error": serialize(exc_info[1]) if exc_info else None},
                serializer=kombu.serialization.registry.type_to_name[properties["content_type"]],
                exchange=get_rpc_exchange(self.container.config),
                routing_key=properties["reply_to"],
                correlation_id=properties.get("correlation_id"),
            )
        except Exception as error:
            log.warning("answer not sent", service=self.container.service_name, error=str(error))
        self.queue_consumer.ack_message(message)
        return result, exc_info


class Answering(Rpc):
    """An RPC method of a service."""

    rpc_consumer = AnsweringConsumer()


answers = Answering.decorator
