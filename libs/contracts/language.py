"""The grammar of the published language: facts, acts, commands, queries and their envelopes."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, NewType

import msgspec

CaseId = NewType("CaseId", str)

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A point in time as somebody says it: with its zone, or it would be another one elsewhere."""


class Sealed(msgspec.Struct, frozen=True, array_like=True):
    """Personal data under its case's key (AES-256-GCM; the case id and the purpose are authenticated).

    Unreadable for everyone once the key is destroyed; every digest and chain over it still verifies.
    """

    key_id: str
    purpose: str
    box: bytes


class Act(msgspec.Struct, frozen=True):
    """Who does something, when, under which authority, and because of what.

    ``acting_as`` is the grant that gives the power (empty: one's own), ``in_name_of`` the organisation
    that answers for the act (行政许可法 第24条), ``cause`` the command or the upstream fact behind it.
    """

    at: datetime
    by: str
    acting_as: str = ""
    in_name_of: str = ""
    cause: str = ""
    trace: str = ""
    caller: "Caller | None" = None


class Caller(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who stands behind a request: a person at an organisation, perhaps at a window of a hall.

    ``subject`` is the blind index of the identifier of an applicant or agent who acts for oneself, never the
    identifier itself: it tells whose case is whose without telling who it is.
    """

    by: str
    org: str = ""
    hall: str = ""
    window: str = ""
    roles: tuple[str, ...] = ()
    subject: str = ""
    halls: tuple[str, ...] = ()
    """The halls below a manager's own in the tree, as the gateway found them when it signed the request."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened: who, when, under whose authority, in which case."""

    TOPIC: ClassVar[str] = ""
    OLD_TOPICS: ClassVar[tuple[str, ...]] = ()
    SERVICE: ClassVar[str] = ""
    """The service that records it, where its module does not say so."""

    case_id: str | None = None
    at: datetime
    by: str
    acting_as: str = ""
    in_name_of: str = ""
    cause: str = ""
    trace: str = ""

    @classmethod
    def upcast(cls, topic: str, data: dict[str, Any]) -> dict[str, Any]:
        """The body of an older topic of this fact, brought to today's shape. ``OLD_TOPICS`` names them."""
        return data


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a command or a query is answered with."""


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A request to change something. ``SERVICE`` decides it; the class name in snake case is its verb.

    Its first field names the thing that it is done to. ``contracts.routes`` says where it stands on HTTP.
    """

    SERVICE: ClassVar[str] = ""
    ROUTE: ClassVar[str] = ""
    """Method and path, where the rule of ``contracts.routes`` does not give it."""
    INTERNAL: ClassVar[str] = ""
    """Why it has no route: only services send it."""
    ANSWER: ClassVar[Any] = None
    """The type of its answer; None: it is done, and there is nothing to tell."""


class Query(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A question; it changes nothing and may be repeated."""

    SERVICE: ClassVar[str] = ""
    ROUTE: ClassVar[str] = ""
    """Method and path below the prefix; ``POST`` where the question must not stand in an address."""
    INTERNAL: ClassVar[str] = ""
    """Why it has no route: only services ask it."""
    ANSWER: ClassVar[Any] = None
    """The type of its answer."""
    CONFIDES: ClassVar[tuple[str, ...]] = ()
    """The classes of personal data that its answer can hold. That it was read is recorded before it is answered."""


def verb_of(message: type[Command] | type[Query]) -> str:
    """``AcceptItems`` → ``accept_items``: the same word in RPC, HTTP and the code."""
    name = message.__name__
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class Position(msgspec.Struct, frozen=True, array_like=True):
    """A place in a service's log: after a write, bring it to a read to see the write (L9)."""

    service: str
    segment: int
    position: int


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command or query on the wire. ``id`` makes a command idempotent (HTTP ``Idempotency-Key``)."""

    verb: str
    id: str
    body: msgspec.Raw
    caller: Caller
    trace: str = ""
    expected: int | None = None
    since: tuple[Position, ...] = ()
    at: float = 0.0
    """Seconds since the epoch on the machine that signed it."""
    signature: bytes = b""
    """By the house (``eventing.signing``): what is unsigned is refused, whoever its caller claims to be."""


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer: a value or an error, and where the log stood after the write."""

    value: msgspec.Raw = msgspec.Raw(b"null")
    error: dict[str, Any] | None = None
    position: Position | None = None
    version: int | None = None
    created: bool = False
    """Whether the thing was not there before this command."""


class Note(msgspec.Struct, frozen=True, array_like=True):
    """One published fact as the log ships it."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes


class Section(msgspec.Struct, frozen=True, array_like=True):
    """A contiguous run of one segment's log: everything published after ``prev`` up to ``upto`` (L2)."""

    service: str
    segment: int
    prev: int
    upto: int
    notes: tuple[Note, ...]
