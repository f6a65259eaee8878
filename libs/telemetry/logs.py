"""What the process says while it works: one event a line, and never a person.

Personal data may reach an exception in many ways, so of an exception only its type, its frames and, where it
is known to speak of the machinery alone, its message is written: never a local variable, never the message of
an unknown error. Whoever must know more looks at the parked case, with the rights that this needs.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from enum import Enum
from functools import partial
from pathlib import PurePath
from typing import Any, TextIO

import structlog
from eventlet import hubs
from structlog.typing import EventDict, Processor

__all__ = ["PERSONAL", "WITHHELD", "configure"]

PERSONAL = frozenset(
    {
        *("name", "identifier", "mobile", "phone", "email", "address"),
        *("applicant", "agent", "representative", "recipient"),
        *("form", "values", "value", "body", "args", "kwargs"),
    }
)
"""Keys whose values are not written, however deep they stand."""

WITHHELD = "***"

LONGEST = 120
"""Characters of a library's argument; what is longer may be a message's body, and is not written."""

QUIET = {"nameko.containers": logging.ERROR}
"""Loggers that warn of what is no news: nameko of every thread that it ends while it stops in order."""

_PASSWORD = re.compile(r"(://[^:/?#@\s]*):\S*@")
_PERSON = re.compile(r"(?<![0-9A-Za-z])(?:[1-9]\d{16}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])")
"""Identity numbers (GB 11643) and mobile numbers."""

log = structlog.get_logger(__name__)


def configure(stream: TextIO, *, level: str = "info", form: str = "json", **fields: str) -> None:
    """Sends everything that is logged in this process to a stream.

    Args:
        stream: where the lines go.
        level: the least important level that is written: debug, info, warning or error. Other libraries write
            warnings at least.
        form: ``json``, one object a line, or ``console``, for eyes.
        fields: what stands in every line unless the event says otherwise: ``service``, ``replica``.
    """
    least = logging.getLevelNamesMapping()[level.upper()]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            partial(_presentable, {name: value for name, value in fields.items() if value}),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Forwarder()], level=max(least, logging.WARNING), force=True)
    for name, least_of_it in QUIET.items():
        logging.getLogger(name).setLevel(least_of_it)
    _listen_to_the_hub()


def _presentable(fields: Mapping[str, str], _logger: Any, _method: str, event: EventDict) -> EventDict:
    """The event in a fixed order, without anything that may be personal."""
    failure = _failure(event.pop("exc_info", None))
    line = {
        "timestamp": event.pop("timestamp"),
        "level": event.pop("level"),
        "event": _text(str(event.pop("event"))),
        **fields,
    }
    line |= {key: _plain(key, value) for key, value in event.items()}
    if failure is not None:
        line["exception"] = _rendered(failure)
    return line


def _plain(key: str, value: Any) -> Any:
    """A value as it may be written: numbers, short texts, and lists and tables of these."""
    if key in PERSONAL:
        return WITHHELD
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return _text(value)
        case BaseException():
            return _said(value)
        case Mapping():
            return {str(inner): _plain(str(inner), of_it) for inner, of_it in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain("", each) for each in value]
        case date() | Enum() | PurePath():
            return _text(str(value))
        case type():
            return value.__name__
        case _:
            return f"<{type(value).__name__}>"


def _text(text: str) -> str:
    return _PERSON.sub(WITHHELD, _PASSWORD.sub(rf"\1:{WITHHELD}@", text))


def _failure(exc_info: Any) -> BaseException | None:
    match exc_info:
        case BaseException():
            return exc_info
        case (_, error, _):
            return error  # type: ignore[no-any-return]
        case None | False:
            return None
        case _:
            return sys.exc_info()[1]


def _said(error: BaseException) -> str:
    """What went wrong; in detail only where our own machinery or the operating system has failed."""
    kind = type(error).__name__
    code, data = getattr(error, "code", None), getattr(error, "data", None)
    if isinstance(code, str) and isinstance(data, Mapping):
        is_ours_to_mend = getattr(error, "status", 0) >= 500
        return f"{code} {_plain('', data)}" if data and is_ours_to_mend else code
    if isinstance(error, OSError) and error.strerror:
        return _text(f"{kind}: {error.strerror}")
    return kind


def _rendered(error: BaseException) -> str:
    """An error and what it came from, the last first: what was said and where, without the variables."""
    parts = []
    seen = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        frames = "".join(traceback.format_tb(following.__traceback__))
        parts.append(f"{_said(following)}\n{frames}".rstrip())
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return "\nbecause of ".join(parts)


class _Forwarder(logging.Handler):
    """Takes what other libraries log, in the way of the standard library, into the same stream."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record; long arguments and unknown objects do not come along."""
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        structlog.get_logger().log(level, _message(record), logger=record.name, exc_info=record.exc_info)


def _message(record: logging.LogRecord) -> str:
    text, given = str(record.msg), record.args
    arguments: Any = (
        {name: _argument(value) for name, value in given.items()}
        if isinstance(given, Mapping)
        else tuple(map(_argument, given or ()))
    )
    try:
        return text % arguments if given else text
    except (TypeError, ValueError, KeyError):
        return text


def _argument(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"<{len(value)} characters>"
    return _plain("", value)


def _listen_to_the_hub() -> None:
    """What ends a green thread is logged, where eventlet would print it with its message."""
    hub = hubs.get_hub()

    def died(*what: Any) -> None:
        with suppress(OSError, ValueError):  # a stream that takes no more does not stop the hub
            log.error("green thread died", exc_info=what[-1])

    def died_of_its_socket(fileno: int, failure: Any) -> None:
        died(failure)
        hub.remove_descriptor(fileno)

    hub.squelch_timer_exception = hub.squelch_generic_exception = died
    hub.squelch_exception = died_of_its_socket
