"""草稿: an application that is not handed in yet, kept for a while and taken up again on another channel."""

from datetime import datetime
from typing import Any, ClassVar

from contracts.intake import Applicant, BroughtMaterial, Channel
from contracts.language import Answer, Command, Fact, Query, Sealed


class DraftSaved(Fact, frozen=True, kw_only=True):
    """A draft was put away, whole: it replaces what was saved under its id before, on whatever channel.

    Values and applicant are sealed with a key of the draft's own; a case that is made of it seals them again.
    """

    TOPIC: ClassVar[str] = "onething.draft.saved.v1"
    SERVICE: ClassVar[str] = "intake"
    theme: str
    catalogue: str
    channel: Channel
    hall: str
    key_id: str
    answers: dict[str, str]
    content: str
    """Blind index of the whole content: the same again is no news."""
    expires_at: datetime
    warned_at: datetime
    """When its owner is told that it will end."""
    form: Sealed | None = None
    fields: dict[str, str] = {}
    """Filled field → provenance."""
    applicant: Sealed | None = None
    applicant_index: str = ""
    materials: tuple[BroughtMaterial, ...] = ()
    draft: str = ""
    """The draft's id: what is sealed is bound to it, as a case's data is to the case."""
    entry_item: str = ""
    """The item that one comes with: the code of a place, or what was done before."""


class DraftExpiring(Fact, frozen=True, kw_only=True):
    """Nobody touched the draft for long: its owner is told when it will end."""

    TOPIC: ClassVar[str] = "onething.draft.expiring.v1"
    SERVICE: ClassVar[str] = "intake"
    expires_at: datetime
    draft: str = ""
    """The draft's id, where it says whom to tell: no case does."""


class DraftExpired(Fact, frozen=True, kw_only=True):
    """The draft ended because nobody touched it."""

    TOPIC: ClassVar[str] = "onething.draft.expired.v1"
    SERVICE: ClassVar[str] = "intake"
    draft: str = ""
    key_id: str = ""
    """The key that nothing needs any more."""


class DraftDiscarded(Fact, frozen=True, kw_only=True):
    """The draft was thrown away."""

    TOPIC: ClassVar[str] = "onething.draft.discarded.v1"
    SERVICE: ClassVar[str] = "intake"
    draft: str = ""
    key_id: str = ""
    """The key that nothing needs any more."""


class DraftUsed(Fact, frozen=True, kw_only=True):
    """The draft became a case."""

    TOPIC: ClassVar[str] = "onething.draft.used.v1"
    SERVICE: ClassVar[str] = "intake"
    used_by: str
    """The case's id."""
    draft: str = ""
    key_id: str = ""
    """The key that nothing needs any more: the case has one of its own."""


class DraftStanding(Answer, frozen=True, kw_only=True):
    """How a draft stands."""

    draft: str
    theme: str
    status: str
    channel: Channel
    saved_at: datetime
    expires_at: datetime | None
    used_by: str


class DraftDetail(DraftStanding, frozen=True, kw_only=True):
    """A draft in full; its personal data as long as it is open."""

    catalogue: str
    answers: dict[str, str]
    fields: dict[str, str]
    materials: tuple[BroughtMaterial, ...]
    channels: tuple[Channel, ...]
    values: dict[str, str]
    applicant: Applicant | None
    entry_item: str = ""


class DraftRow(Answer, frozen=True, kw_only=True):
    """A draft in the list; nothing in it is personal."""

    draft: str
    hall: str
    theme: str
    status: str
    channel: Channel
    saved_at: datetime
    expires_at: datetime | None


class DraftPage(Answer, frozen=True, kw_only=True):
    """A page of drafts."""

    drafts: tuple[DraftRow, ...]
    after: str


class SaveDraft(Command, frozen=True, kw_only=True):
    """Keep what there is of an application; nothing of it needs to be complete."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = DraftStanding
    draft: str
    theme: str
    channel: Channel = "web"
    answers: dict[str, str] = {}
    applicant: Applicant | None = None
    values: dict[str, str] = {}
    provenance: dict[str, str] = {}
    materials: tuple[BroughtMaterial, ...] = ()
    entry_item: str = ""
    """The item that one comes with: the code of a place, or what was done before."""


class DiscardDraft(Command, frozen=True, kw_only=True):
    """Throw a draft away."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = DraftStanding
    draft: str


class GetDraft(Query, frozen=True, kw_only=True):
    """One draft; its personal data for who saved it, for the halls that did, and for its applicant."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "POST /drafts/{draft}/read"
    ANSWER: ClassVar[Any] = DraftDetail
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact", "identity", "form")
    draft: str
    identifier: str = ""
    """Of the applicant, who stands at another place now."""
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""


class ListDrafts(Query, frozen=True, kw_only=True):
    """The drafts of a hall, or one's own on whatever device, newest first, by cursor; nothing personal."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /drafts"
    ANSWER: ClassVar[Any] = DraftPage
    hall: str = ""
    theme: str = ""
    status: str = "open"
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50
