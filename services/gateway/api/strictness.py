"""I-JSON (RFC 7493): what is read in one way by every reader, or by none.

The decoders of the messages know the types. They take the last of two equal names, pass over what they do not look
at, and follow arrays as deep as the stack goes; another reader of the same bytes would do otherwise, and a request
that two readers understand in two ways is refused before anybody acts on it.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NoReturn

from gateway.problems import BadRequest, DuplicateName

DEEPEST = 64
"""Arrays and objects inside each other."""


def read_strictly(body: bytes) -> Any:
    """The value. Raises BadRequest, with a term for the reason; DuplicateName for an object that has a name twice."""
    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
        if r"\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # what is half of a character cannot be written
    except RecursionError:
        raise BadRequest(reason="nested-too-deeply") from None
    except ValueError:  # of the JSON, of the text, or of a number that is longer than a line of digits may be
        raise BadRequest(reason="not-json") from None
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth_exceeds(value, DEEPEST):
        raise BadRequest(reason="nested-too-deeply")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise DuplicateName(name=next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1))
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _depth_exceeds(value: Any, most: int) -> bool:
    level: list[Any] = [value]
    for _ in range(most + 1):
        level = [each for part in level for each in _parts(part)]
        if not level:
            return False
    return True


def _parts(value: Any) -> Iterable[Any]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
    return ()
