"""目录版本: the catalogue is drafted, tried, compared, and published by a second person; live cases keep theirs."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.intake import CaseStanding, PlannedItem
from contracts.language import Answer, Command, Fact, Instant, Query

EditionStatus = Literal["draft", "proposed", "published", "withdrawn"]


class EditionDrafted(Fact, frozen=True, kw_only=True):
    """A catalogue was drafted, or drafted anew. Its content is kept by its version, its sources by their digest."""

    TOPIC: ClassVar[str] = "onething.edition.drafted.v1"
    SERVICE: ClassVar[str] = "intake"
    title: str
    region: str
    version: str
    """Of the catalogue: the same content has the same version everywhere."""
    base: str
    """The version that was in force, or published last, when this was drafted."""
    sources: str = ""
    """Digest of the documents that were laid over the layers; empty where a whole bundle was given."""
    documents: tuple[str, ...] = ()
    """Their names."""
    warnings: int = 0
    """How much the checks found worth a look; what they found wrong is refused."""


class EditionProposed(Fact, frozen=True, kw_only=True):
    """The draft was proposed for publication as it stands."""

    TOPIC: ClassVar[str] = "onething.edition.proposed.v1"
    SERVICE: ClassVar[str] = "intake"
    version: str


class EditionPublished(Fact, frozen=True, kw_only=True):
    """A second person published it: from then on new cases are opened under it."""

    TOPIC: ClassVar[str] = "onething.edition.published.v1"
    SERVICE: ClassVar[str] = "intake"
    region: str
    version: str
    base: str
    effective_at: datetime
    document: str = ""
    """The publication (文号), where there is one."""
    number: int = 0
    """Which publication of the region it is."""


class EditionWithdrawn(Fact, frozen=True, kw_only=True):
    """A draft was given up."""

    TOPIC: ClassVar[str] = "onething.edition.withdrawn.v1"
    SERVICE: ClassVar[str] = "intake"
    reason: str


class CaseMigrated(Fact, frozen=True, kw_only=True):
    """A case of which nothing is accepted went over to another catalogue version; ``plan`` is the whole from now on.

    Nothing else ever changes the version of a case, and the notice of the whole is given again.
    """

    TOPIC: ClassVar[str] = "onething.case.migrated.v1"
    SERVICE: ClassVar[str] = "intake"
    before: str
    catalogue: str
    answers: dict[str, str]
    plan: tuple[PlannedItem, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    held_until: dict[str, date] = {}
    """Item → last day of a period that begins at a day in the form, by the new version."""
    begun: dict[str, date] = {}


class InForce(msgspec.Struct, frozen=True):
    """A version and the instant from which it is in force."""

    version: str
    effective_at: datetime


class Moved(Answer, frozen=True, kw_only=True):
    """What would move in a case."""

    items_added: tuple[str, ...] = ()
    items_removed: tuple[str, ...] = ()
    materials_added: tuple[str, ...] = ()
    materials_removed: tuple[str, ...] = ()
    fields_added: tuple[str, ...] = ()
    fields_removed: tuple[str, ...] = ()
    limits: dict[str, tuple[str, str]] = {}
    """Item/statutory or item/promised → working days before and after; empty where there is none."""
    handlers: dict[str, tuple[str, str]] = {}
    questions: tuple[str, ...] = ()
    """Questions that the case would have to answer first."""
    impossible: str = ""
    """The code of the refusal, where the case could not be derived at all."""


class EditionStanding(Answer, frozen=True, kw_only=True):
    """How an edition stands after an act."""

    edition: str
    title: str
    status: EditionStatus
    version: str
    base: str
    warnings: int
    effective_at: datetime | None


class Problem(Answer, frozen=True, kw_only=True):
    """Something wrong, or worth a look, and where."""

    where: str
    zh: str
    en: str


class EditionDetail(EditionStanding, frozen=True, kw_only=True):
    """An edition in full."""

    authors: tuple[str, ...]
    publisher: str
    drafted_at: datetime
    document: str
    number: int
    names: tuple[str, ...]
    findings: tuple[Problem, ...]
    documents: dict[str, str]


class EditionRow(Answer, frozen=True, kw_only=True):
    """An edition in the list."""

    edition: str
    title: str
    region: str
    status: EditionStatus
    version: str
    base: str
    author: str
    publisher: str
    drafted_at: datetime
    effective_at: datetime | None
    document: str
    number: int
    warnings: int


class EditionPage(Answer, frozen=True, kw_only=True):
    """A page of editions, and the version that is in force."""

    editions: tuple[EditionRow, ...]
    after: str
    in_force: str


class Checked(Answer, frozen=True, kw_only=True):
    """What the checks find; without a version there is no catalogue at all."""

    version: str
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


class Preview(Answer, frozen=True, kw_only=True):
    """What a case would take under an edition: its notice, its plan, and what each item asks for."""

    version: str
    notice: dict[str, Any]
    digest: str
    plan: tuple[PlannedItem, ...]
    needs: dict[str, tuple[dict[str, Any], ...]]


class Difference(Answer, frozen=True, kw_only=True):
    """One difference between two catalogues; the path leads to it."""

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any
    after: Any


class Comparison(Answer, frozen=True, kw_only=True):
    """A page of differences, out of all."""

    before: str
    after_version: str
    total: int
    changes: tuple[Difference, ...]
    after: str


class ImpactCounts(Answer, frozen=True, kw_only=True):
    """Live cases: those that nothing moves in, that could go over, that could not be derived, that keep their law."""

    live: int
    unaffected: int
    movable: int
    impossible: int
    fixed: dict[str, int]
    """Why they keep it → how many."""


class ImpactRow(Answer, frozen=True, kw_only=True):
    """A live case, and what would move in it; ``fixed_by`` says why it keeps its version all the same."""

    case_id: str
    number: str
    hall: str
    theme: str
    catalogue: str
    fixed_by: str
    moved: Moved


class Impact(Answer, frozen=True, kw_only=True):
    """Counts over all live cases, and a page of those that an edition touches."""

    version: str
    counts: ImpactCounts
    cases: tuple[ImpactRow, ...]
    after: str


class CatalogueDocument(Answer, frozen=True, kw_only=True):
    """A version and its content, byte for byte."""

    version: str
    document: str


class Schedule(Answer, frozen=True, kw_only=True):
    """What was published, in the order in which it comes into force."""

    editions: tuple[InForce, ...]
    in_force: str


class Migrated(CaseStanding, frozen=True, kw_only=True):
    """How a case stands after it went over."""

    catalogue: str


class DraftEdition(Command, frozen=True, kw_only=True):
    """Draft a catalogue, or draft it anew: documents over the layers in force, or a whole bundle.

    What the checks find wrong is refused, all of it at once, each with its place.
    """

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = EditionStanding
    edition: str
    title: str
    documents: dict[str, str] = {}
    """Name → text in YAML, of the kinds that a layer has: layer, theme, amendment."""
    bundle: str = ""
    """A whole catalogue as ``onething catalogue export`` writes it, in JSON."""


class ProposeEdition(Command, frozen=True, kw_only=True):
    """Propose a draft for publication."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = EditionStanding
    edition: str


class PublishEdition(Command, frozen=True, kw_only=True):
    """Publish what another person drafted and proposed."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = EditionStanding
    edition: str
    version: str
    """The version that the publisher looked at."""
    effective_at: Instant | None = None
    """None: at once. Never in the past."""
    document: str = ""


class WithdrawEdition(Command, frozen=True, kw_only=True):
    """Give up a draft."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = EditionStanding
    edition: str
    reason: str


class MigrateCase(Command, frozen=True, kw_only=True):
    """Move a case of which nothing is accepted to the catalogue in force: what it takes is derived again."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = Migrated
    case_id: str
    version: str = ""
    """The version that the caller looked at; refused where another one is in force."""
    answers: dict[str, str] = {}
    """To questions that come up now."""


class GetEdition(Query, frozen=True, kw_only=True):
    """One edition: where it stands, what the checks found worth a look, and its documents."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /editions/{edition}"
    ANSWER: ClassVar[Any] = EditionDetail
    edition: str
    documents: bool = False


class ListEditions(Query, frozen=True, kw_only=True):
    """Editions by status, newest first, by cursor, and which version is in force."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /editions"
    ANSWER: ClassVar[Any] = EditionPage
    status: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class CheckEdition(Query, frozen=True, kw_only=True):
    """Everything that the checks find in documents or a bundle, before anything is drafted."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "POST /editions/check"
    ANSWER: ClassVar[Any] = Checked
    documents: dict[str, str] = {}
    bundle: str = ""


class PreviewEdition(Query, frozen=True, kw_only=True):
    """What a case would take under an edition with these answers: items, materials, form, limits, notice."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "POST /editions/{edition}/preview"
    ANSWER: ClassVar[Any] = Preview
    edition: str
    theme: str
    answers: dict[str, str] = {}
    chosen: tuple[str, ...] | None = None


class CompareEdition(Query, frozen=True, kw_only=True):
    """How an edition differs from the catalogue in force, value by value, in the order of the paths."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /editions/{edition}/comparison"
    ANSWER: ClassVar[Any] = Comparison
    edition: str
    after: str = ""
    limit: int = 200


class GetImpact(Query, frozen=True, kw_only=True):
    """Which live cases an edition would move: counts over all of them, and a page of those with what would move."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /editions/{edition}/impact"
    ANSWER: ClassVar[Any] = Impact
    edition: str
    theme: str = ""
    after: str = ""
    limit: int = 50


class GetCatalogue(Query, frozen=True, kw_only=True):
    """A catalogue version with its content, for services that lack it."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /catalogues/{version}"
    ANSWER: ClassVar[Any] = CatalogueDocument
    version: str


class GetSchedule(Query, frozen=True, kw_only=True):
    """Which catalogue versions were published and from when on each is in force, for services that follow it."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /catalogues"
    ANSWER: ClassVar[Any] = Schedule
