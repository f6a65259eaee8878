"""目录版本: one catalogue on its way from a draft to publication by a second person."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from contracts.editions import EditionDrafted, EditionProposed, EditionPublished, EditionWithdrawn, InForce
from contracts.language import Act
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, Invalid, Refused


class EditionInvalid(Invalid):
    """The documents do not make a catalogue that works: everything that is wrong, each with its place."""


class NothingDrafted(Invalid):
    """An edition is drafted from documents or from a bundle, one of the two, and bears a title."""


class EditionOfAnotherRegion(Invalid):
    """The catalogue of one region is not in force in another."""


class NoChange(Refused):
    """The documents make the catalogue that was published last."""


class EditionEnded(Refused):
    """What was published or given up is changed no more: a new edition is."""


class EditionNotProposed(Refused):
    """What is published was proposed, as it stands."""


class EditionChanged(Refused):
    """The draft is not what the publisher looked at."""


class EditionOutdated(Refused):
    """Another edition was published since this one was drafted: it is to be drafted anew upon that."""


class EffectiveTooEarly(Refused):
    """An edition comes into force neither in the past nor before the one that it follows."""


class AuthorPublishes(Refused):
    """Whoever drafted or proposed an edition does not publish it."""


class PublisherOnly(Forbidden):
    """Editions are published by who has been given that role."""


class WithdrawalUnexplained(Invalid):
    """Who gives a draft up says why."""


class EditionStatus(StrEnum):
    """Where an edition stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


ENDED = (EditionStatus.PUBLISHED, EditionStatus.WITHDRAWN)


class Made(Struct, frozen=True):
    """A catalogue that was made and checked, and what it was made of."""

    region: str
    version: str
    sources: str = ""
    documents: tuple[str, ...] = ()
    warnings: int = 0


class Published(Struct, frozen=True):
    """What was published of a region so far."""

    number: int
    """How often."""
    newest: str
    """The version that was published last; before the first, the one of the files."""
    schedule: Sequence[InForce] = ()


class Edition(Aggregate):
    """One edition of the catalogue."""

    case_bound = False

    title: str
    made: Made
    base: str
    standing: EditionStatus
    authors: tuple[str, ...]
    drafted_at: datetime | None
    publisher: str
    effective_at: datetime | None
    document: str
    number: int

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.title = ""
        self.made = Made("", "")
        self.base = ""
        self.standing = EditionStatus.DRAFT
        self.authors = ()
        """Who drafted or proposed it."""
        self.drafted_at = None
        self.publisher = ""
        self.effective_at = None
        self.document = ""
        self.number = 0

    def draft(self, title: str, made: Made, published: Published, *, act: Act) -> None:
        """Drafts it, or drafts it anew, upon what was published last; the same again is no news."""
        self._check_open()
        if not title.strip():
            raise NothingDrafted
        if made.version == published.newest:
            raise NoChange(version=made.version)
        if self.version and (self.title, self.made, self.base) == (title, made, published.newest):
            return
        self.record(
            EditionDrafted,
            act,
            title=title,
            region=made.region,
            version=made.version,
            base=published.newest,
            sources=made.sources,
            documents=made.documents,
            warnings=made.warnings,
        )

    @applies(EditionDrafted)
    def _drafted(self, fact: EditionDrafted) -> None:
        self.title = fact.title
        self.made = Made(fact.region, fact.version, fact.sources, fact.documents, fact.warnings)
        self.base = fact.base
        self.standing = EditionStatus.DRAFT
        self.drafted_at = fact.at
        self._had_a_hand(fact.by)

    def propose(self, *, act: Act) -> None:
        """Asks for its publication as it stands; the same again is no news."""
        if self.standing is EditionStatus.PROPOSED:
            return
        self._check_open()
        self.record(EditionProposed, act, version=self.made.version)

    @applies(EditionProposed)
    def _proposed(self, fact: EditionProposed) -> None:
        self.standing = EditionStatus.PROPOSED
        self._had_a_hand(fact.by)

    def publish(
        self, version: str, effective_at: datetime | None, document: str, published: Published, *, act: Act
    ) -> None:
        """Puts it in force from an instant on, at once where none is named; the same again is no news."""
        if self.standing is EditionStatus.PUBLISHED and version == self.made.version:
            return
        self._check_open()
        if self.standing is not EditionStatus.PROPOSED:
            raise EditionNotProposed(edition=self.stream, status=self.standing)
        if act.caller is None or "publisher" not in act.caller.roles:
            raise PublisherOnly(by=act.by)
        if act.by in self.authors:
            raise AuthorPublishes(by=act.by)
        if version != self.made.version:
            raise EditionChanged(version=self.made.version, seen=version)
        if self.base != published.newest:
            raise EditionOutdated(base=self.base, newest=published.newest)
        effective = effective_at or act.at
        earliest = max((act.at, *(each.effective_at for each in published.schedule)))
        if effective_at is None:
            effective = earliest
        elif effective < earliest:
            raise EffectiveTooEarly(effective_at=effective, earliest=earliest)
        self.record(
            EditionPublished,
            act,
            region=self.made.region,
            version=version,
            base=self.base,
            effective_at=effective,
            document=document,
            number=published.number + 1,
        )

    @applies(EditionPublished)
    def _published(self, fact: EditionPublished) -> None:
        self.standing = EditionStatus.PUBLISHED
        self.publisher = fact.by
        self.effective_at = fact.effective_at
        self.document = fact.document
        self.number = fact.number

    def withdraw(self, reason: str, *, act: Act) -> None:
        """Gives a draft up; the same again is no news."""
        if self.standing is EditionStatus.WITHDRAWN:
            return
        self._check_open()
        if not reason.strip():
            raise WithdrawalUnexplained
        self.record(EditionWithdrawn, act, reason=reason)

    @applies(EditionWithdrawn)
    def _withdrawn(self, _: EditionWithdrawn) -> None:
        self.standing = EditionStatus.WITHDRAWN

    def _check_open(self) -> None:
        if self.standing in ENDED:
            raise EditionEnded(edition=self.stream, status=self.standing)

    def _had_a_hand(self, by: str) -> None:
        if by not in self.authors:
            self.authors += (by,)
