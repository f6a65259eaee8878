"""What is answered when something is wrong (RFC 9457), and which statuses there are."""

from typing import Any

import msgspec

MEDIA_TYPE = "application/problem+json"


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457, with the next step beside what went wrong."""

    type: str
    title: str
    status: int
    code: str
    """Stable; the same as everywhere in the house."""
    detail: str
    next: str = ""
    """What to do now, in the reader's language."""
    instance: str = ""
    data: dict[str, Any] = {}
    """What the sentence is made of."""


STATUSES = {
    400: ("BadRequest", "What came is no request that can be read."),
    401: ("NotSignedIn", "Whoever asks this says first who they are."),
    403: ("Forbidden", "The caller may not do this: scope, mandate or grant is missing."),
    404: ("NotFound", "There is no such thing."),
    409: ("Refused", "The rules say no: the same will be refused again until the facts change."),
    410: ("Gone", "It is kept no more."),
    412: ("Stale", "Somebody else was faster: read again and decide again."),
    413: ("TooLarge", "More than one request may carry."),
    415: ("UnsupportedMediaType", "A form of content that nobody here reads."),
    422: ("Invalid", "The request breaks its schema, or says what cannot be."),
    428: ("PreconditionRequired", "A write names itself by Idempotency-Key, so that it can be repeated."),
    429: ("TooManyRequests", "More requests than one may make in this time."),
    503: ("Unavailable", "Something needed is not reachable now; the same request may succeed later."),
}
"""Status → the name of the response, and what it means."""

AGAIN = frozenset({429, 503})
"""Those that say when to ask again (``Retry-After``)."""
