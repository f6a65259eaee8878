"""The base of every service: nameko's entrypoints in front, the host behind."""

from eventing.answering import answers
from eventing.declarations import (
    Declarations,
    command,
    deadline,
    projector,
    query,
    reaction,
)
from eventing.host import Host

__all__ = ["Service", "command", "deadline", "projector", "query", "reaction"]


class Service(Declarations):
    """A service: a name, aggregates, views, and handlers declared by ``@command``, ``@reaction``, ``@deadline``,
    ``@query`` and ``@projector``.

    On the wire a service has four RPC methods, the same for all: ``execute`` takes a batch of commands, ``ask`` one
    query, ``read_log`` gives its published facts, ``operate`` serves its operators.
    """

    host = Host()

    @answers
    def execute(self, batch: str) -> str:
        """A JSON array of requests; returns a JSON array of replies in the same order."""
        reply: str = self.host.execute(batch)
        return reply

    @answers
    def ask(self, request: str) -> str:
        """One query as JSON; returns one reply as JSON."""
        reply: str = self.host.ask(request)
        return reply

    @answers
    def read_log(self, request: str) -> str:
        """A service's request as JSON, ``{"after", "limit"}``; replies with the log's sections after these positions:
        ``[[segment, prev, upto, [note, …]], …]``."""
        reply: str = self.host.read_log(request)
        return reply

    @answers
    def operate(self, request: str) -> str:
        """An operator's request as JSON; returns one reply as JSON."""
        reply: str = self.host.operate(request)
        return reply
