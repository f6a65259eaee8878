"""The catalogue as data: themes (一件事), their items (单项事项), and what an item needs and yields.

Everything here is frozen. A running case keeps the version that it was opened with, so a catalogue is
also a document: `Catalogue.document` and `Catalogue.from_document` are inverse, and the version is the
digest of the content.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, Self

import msgspec
from msgspec import Struct

from catalogue.conditions import ALWAYS, Condition
from catalogue.errors import DamagedDocument, NoHandler, UnknownItem, UnknownTheme
from catalogue.rules import (
    GENERAL,
    Commitment,
    Comprehensive,
    Confidentiality,
    CrossRegion,
    Fee,
    Limit,
    Period,
    Retention,
    Route,
    Rules,
    SpecialProcedure,
    Verification,
    Wait,
)
from kernel.digests import canonical, digest

if TYPE_CHECKING:
    from catalogue.selection import Selection


class Level(StrEnum):
    """At which of the five levels (and the nation) something is done (GB/T 39046—2020 表 A.2)."""

    NATIONAL = "national"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    STREET = "street"
    COMMUNITY = "community"


class ItemType(StrEnum):
    """Kind of power or service of an item (GB/T 39046—2020 表 A.1), and steps among offices."""

    LICENCE = "licence"
    CONFIRMATION = "confirmation"
    BENEFIT = "benefit"
    PUBLIC_SERVICE = "public_service"
    ENQUIRY = "enquiry"
    OTHER = "other"
    INTERNAL_CHECK = "internal_check"
    INTERNAL_STEP = "internal_step"


class Role(StrEnum):
    """Weight of a material: main (主审要件) decides the review and can never be tolerated as missing."""

    MAIN = "main"
    SECONDARY = "secondary"


class Source(StrEnum):
    """Where a material comes from: the applicant, shared data, or an earlier item of the same case."""

    APPLICANT = "applicant"
    SHARED = "shared"
    PRODUCED = "produced"


class Trigger(StrEnum):
    """What must have happened to an item before one that depends on it may start."""

    ACCEPTED = "accepted"
    APPROVED = "approved"


class Material(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One material as one item needs it.

    `produced_by` names the items whose outputs it is made of. Where none of them is part of the case,
    the material comes from `otherwise`.
    """

    id: str
    name: str
    role: Role
    source: Source
    tolerable: bool = False
    produced_by: tuple[str, ...] = ()
    otherwise: Source = Source.APPLICANT
    when: Condition = ALWAYS
    note: str = ""
    original: bool = False
    """Whether the department needs the paper original; else a scan does, and the original stays at the hall."""
    confidentiality: Confidentiality = "personal"
    largest_file: int | None = None
    """Bytes, where it differs from the general rule."""
    media_types: tuple[str, ...] = ()


class Output(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What an item yields; `certificate` names the certificate kind when it is one."""

    id: str
    name: str
    kind: Literal["certificate", "document", "object"]
    certificate: str | None = None


class CertificateKind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of certificate (证照类型); `number` is the last three digits of its type code (GB/T 36904)."""

    id: str
    name: str
    number: str


class Dependency(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An edge of the item graph: one item is a plain AND edge, several are a one-of.

    An optional edge holds only where the item is part of the case. `on_tolerant` names those of `any_of`
    whose tolerant pass (容缺通过) already unlocks.
    """

    any_of: tuple[str, ...]
    trigger: Trigger = Trigger.APPROVED
    optional: bool = False
    on_tolerant: tuple[str, ...] = ()


class Tolerance(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Whether the item is on the locality's published tolerance list (容缺受理清单), and on which."""

    listed: bool = False
    source: str | None = None
    mode: Literal["accept", "hold"] = "accept"
    """容缺受理 (accepted, clocks run) or 容缺收件 (kept at the window, no clock runs) (S54a)."""
    within: Limit | None = None
    """A shorter limit for the supplement that the item's own guide sets."""


class Item(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One single item (单项事项): its authority, limits, materials, outputs and place in the graph.

    `level` is where it is decided, `accepted_at` where it may be accepted. An item with a `service` is
    decided by the organisation that offers the service in the area that `area_question` is answered with.
    An extension item (地方扩展) is part of the theme only where a layer has adopted it.
    """

    id: str
    name: str
    department: str
    level: Level
    item_type: ItemType
    accepted_at: tuple[Level, ...] = ()
    statutory: Limit | None = None
    promised: Limit | None = None
    when: Condition = ALWAYS
    depends_on: tuple[Dependency, ...] = ()
    materials: tuple[Material, ...] = ()
    outputs: tuple[Output, ...] = ()
    service: str | None = None
    area_question: str | None = None
    tolerance: Tolerance = Tolerance()
    unlock_on_tolerant_pass: bool = False
    extension: bool = False
    adopted: bool = True
    reference_code: str = ""
    note: str = ""
    sources: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    commitment: Commitment | None = None
    prolongation: Limit | None = None
    """By how much the decision may be extended, where it differs from the general rule; 0 days: not at all."""
    delivery: Limit | None = None
    """From the decision to the hand-over of the certificate, where it differs from the general rule."""
    special_procedures: tuple[SpecialProcedure, ...] = ()
    waits: tuple[Wait, ...] = ()
    periods: tuple[Period, ...] = ()
    verification: Verification | None = None
    hearing: bool = False
    """Whether the applicant or others are to be told of their right to a hearing (行政许可法 第46、47条)."""
    tacit: Literal["", "granted", "denied"] = ""
    """What silence at the statutory limit means, where the region lets silence decide at all."""
    automatic: Literal["", "compare"] = ""
    """`compare`: decided by comparing data; what does not match falls back to a person."""
    joint_visit: str = ""
    """Items with the same word here are visited on site together (联合勘查、联合核查)."""
    personal_appearance: bool = False
    """Whether nobody else may apply for the applicant (行政许可法 第29条)."""
    fee: Fee | None = None
    correctable: bool = True
    """Whether a decision can be corrected clerically afterwards."""
    retention: Retention | None = None
    """How long its record is kept, where it differs from the general rule."""

    @property
    def is_internal(self) -> bool:
        """Whether offices do it among themselves, so that nobody has to apply for it."""
        return self.item_type in {ItemType.INTERNAL_CHECK, ItemType.INTERNAL_STEP}


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    """One possible answer: its value in data and its name for people."""

    value: str
    name: str


class Question(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A scenario question (情形), its options, and the reason why it is asked."""

    id: str
    text: str
    reason: str
    options: tuple[Option, ...]
    asked_when: Condition = ALWAYS


class Field(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A field of the one form (一表). In a selection `required` is the verdict for that case."""

    key: str
    label: str
    type: str
    personal: bool
    items: tuple[str, ...]
    required: bool = True
    required_when: Condition = ALWAYS
    choices: tuple[Option, ...] = ()
    note: str = ""


class EntryPoint(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A place from which a case can be brought into the theme (导入切口)."""

    name: str
    kind: str
    level: Level | None = None
    when: Condition = ALWAYS
    """The answers with which a case enters here."""
    item: str = ""
    """The item that a case entering here begins with."""


class Pilot(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Something that a locality tries out in a theme (试点)."""

    id: str
    name: str
    source: str = ""


class LinkTime(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Standard time of one link of the chain (全环节标准), in minutes of working time."""

    link: str
    minutes: int
    source: str | None = None
    placeholder: bool = False


class Theme(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, eq=False):
    """A theme (一件事): scenario questions, the one form and the items in topological order."""

    id: str
    name: str
    lead: str
    applicant: Literal["natural", "legal", "either"]
    mouth: Level
    items: tuple[Item, ...]
    entry_points: tuple[EntryPoint, ...] = ()
    cases: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    fields: tuple[Field, ...] = ()
    pilots: tuple[Pilot, ...] = ()
    links: tuple[LinkTime, ...] = ()
    flow: str = ""
    sources: tuple[str, ...] = ()
    joint: bool = False
    """Whether the items are handled jointly (行政许可法 第26条): the joint limits cap the whole."""
    comprehensive: Comprehensive | None = None
    import_window: Limit | None = None
    """Where it differs from the general rule."""
    qualification: str = ""
    """What staff must be qualified in to work on this theme; empty: nothing."""
    cross_region: tuple[CrossRegion, ...] = ("local",)

    def item(self, item_id: str) -> Item:
        """The item with this id; raises UnknownItem."""
        try:
            return _items_of_theme(self)[item_id]
        except KeyError:
            raise UnknownItem(item_id) from None

    def select(
        self,
        answers: Mapping[str, str],
        *,
        chosen: Collection[str] | None = None,
        satisfied: Mapping[str, str] | None = None,
        underway: Collection[str] = (),
    ) -> "Selection":
        """Which items, materials and fields a case with these answers has, and why.

        `chosen` narrows it to the items that the applicant wants (灵活办理); steps that offices do among
        themselves come along. `satisfied` maps items that were done before to their evidence. `underway`
        names items that were begun elsewhere and are not decided yet (接续受理): they are part of the case,
        but nothing is asked for them, and what they yield is not produced by this case. Evidence of an item
        outweighs its being underway.
        Raises UnansweredQuestions, UnknownAnswer, NotSelectable. The result is memoised.
        """
        from catalogue.selection import select

        return select(self, answers, chosen=chosen, satisfied=satisfied or {}, underway=underway)


class Organisation(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A department, provider or institution. `serves` maps a service to its areas (`*`: everywhere)."""

    id: str
    name: str
    kind: Literal["department", "provider", "institution"]
    level: Level
    uscc: str | None = None
    serves: dict[str, tuple[str, ...]] = {}


class Catalogue(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, eq=False):
    """Everything that is in force in one region, content-addressed: the same content has the same version."""

    version: str
    region: str
    name: str
    fictional: bool
    themes: dict[str, Theme]
    organisations: dict[str, Organisation]
    certificates: dict[str, CertificateKind]
    type_authority: str | None
    rules: Rules = GENERAL

    @classmethod
    def of(
        cls,
        *,
        region: str,
        name: str,
        fictional: bool,
        themes: Mapping[str, Theme],
        organisations: Mapping[str, Organisation],
        certificates: Mapping[str, CertificateKind],
        type_authority: str | None,
        rules: Rules = GENERAL,
    ) -> Self:
        """A catalogue with the version that its content has."""
        unversioned = cls(
            version="",
            region=region,
            name=name,
            fictional=fictional,
            themes=dict(themes),
            organisations=dict(organisations),
            certificates=dict(certificates),
            type_authority=type_authority,
            rules=rules,
        )
        return msgspec.structs.replace(unversioned, version=_version_of(unversioned))

    def theme(self, theme_id: str) -> Theme:
        """The theme with this id; raises UnknownTheme."""
        try:
            return self.themes[theme_id]
        except KeyError:
            raise UnknownTheme(theme_id) from None

    def item(self, item_id: str) -> Item:
        """The item with this id, in whichever theme it is; raises UnknownItem."""
        try:
            return _items_of_catalogue(self)[item_id]
        except KeyError:
            raise UnknownItem(item_id) from None

    def handler(self, item: Item, area: str | None = None) -> str:
        """The id of the organisation that decides the item: its department, or who serves the area.

        `area` is the answer to the item's area question; without one the only provider is meant.
        Raises NoHandler when there is none, or a choice.
        """
        if item.service is None:
            return item.department
        candidates = [
            organisation.id
            for organisation in self.organisations.values()
            if (areas := organisation.serves.get(item.service)) and (not area or area in areas or "*" in areas)
        ]
        if len(candidates) != 1:
            raise NoHandler(item.id, area, candidates)
        return candidates[0]

    def certificate_type(self, kind: str | None) -> str | None:
        """The 21-character type code of a kind of certificate (GB/T 36904); None without kind or type authority."""
        if kind is None or self.type_authority is None:
            return None
        return self.type_authority + self.certificates[kind].number

    def document(self) -> bytes:
        """The whole catalogue as canonical JSON; the same content gives the same bytes."""
        return canonical(self)

    @classmethod
    def from_document(cls, document: bytes) -> Self:
        """The catalogue of a document; raises DamagedDocument when content and version disagree."""
        try:
            read = msgspec.json.decode(document, type=cls)
        except msgspec.MsgspecError as error:
            raise DamagedDocument("", str(error)) from error
        found = _version_of(read)
        if read.version != found:
            raise DamagedDocument(read.version, found)
        return read


def _version_of(catalogue: Catalogue) -> str:
    content = canonical(msgspec.structs.replace(catalogue, version=""))
    return digest(content).removeprefix("sha256:")[:16]


@lru_cache(maxsize=256)
def _items_of_theme(theme: Theme) -> dict[str, Item]:
    return {item.id: item for item in theme.items}


@lru_cache(maxsize=16)
def _items_of_catalogue(catalogue: Catalogue) -> dict[str, Item]:
    return {item.id: item for theme in catalogue.themes.values() for item in theme.items}
