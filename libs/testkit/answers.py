"""What services answer is what the published language says: every answer in a test is held against its type."""

from functools import cache
from typing import Any

import msgspec

from contracts.language import Command, Query, Reply, Request, verb_of
from contracts.published import published
from eventing.client import Calling

_requests = msgspec.json.Decoder(list[Request])
_request = msgspec.json.Decoder(Request)
_replies = msgspec.json.Decoder(list[Reply])
_reply = msgspec.json.Decoder(Reply)


class NotAsPublished(AssertionError):
    """An answer that is not of the type that its message names."""


def check(message: type[Command] | type[Query], answer: bytes) -> None:
    """Raises ``NotAsPublished`` where an answer, as JSON, lacks a field, has one too many, or one of another type."""
    try:
        msgspec.json.decode(answer, type=message.ANSWER)
    except msgspec.MsgspecError as error:
        raise NotAsPublished(f"{message.__name__}: {error}: {answer[:2000].decode()}") from error


class Checked:
    """Carries calls as another does, and looks at every answer to a message of the published language."""

    def __init__(self, calls: Calling) -> None:
        self.calls = calls

    def call(self, service: str, method: str, *args: Any, timeout: float | None = None) -> Any:
        """The call's result."""
        text = self.calls.call(service, method, *args, timeout=timeout)
        if method == "execute":
            for request, reply in zip(_requests.decode(args[0]), _replies.decode(text), strict=True):
                _check(service, request, reply)
        elif method == "ask":
            _check(service, _request.decode(args[0]), _reply.decode(text))
        return text


def _check(service: str, request: Request, reply: Reply) -> None:
    message = _messages().get((service, request.verb))
    if message is not None and reply.error is None:
        check(message, bytes(reply.value))


@cache
def _messages() -> dict[tuple[str, str], Any]:
    messages: list[Any] = [*published(Command), *published(Query)]
    return {(message.SERVICE, verb_of(message)): message for message in messages}
