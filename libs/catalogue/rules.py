"""The numbers and switches of the law, as data: what a layer sets, with the mark of how far it may be relied on.

`Rules` holds for a whole region; the other structs hang on a theme, an item or a material.
"""

from typing import Literal

from msgspec import Struct

from catalogue.conditions import ALWAYS, Condition


class Limit(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A time limit in working days (行政许可法 第82条).

    `source` says where the number comes from (K: general knowledge, not to be quoted as law);
    a placeholder is to be configured by the locality and is no promise to anybody.
    """

    days: int
    source: str | None = None
    placeholder: bool = False


class Retention(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """保管期限: how long the record of an item is kept, and from which day that is counted.

    Source and placeholder are as of `Limit`.
    """

    years: int | None = None
    """None: for ever (永久)."""
    counted_from: Literal["closing", "decision", "expiry"] = "closing"
    """The day on which the case was closed, the item was decided, or its certificate expires."""
    validity: int | None = None
    """Years for which the certificate is valid, where it is counted from its expiry."""
    source: str | None = None
    placeholder: bool = False


class Rules(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The general rules of a region, each with its source; the defaults are the law, with their sources."""

    answer: Limit = Limit(days=5, source="行政许可法 第32条第1款第4项")
    """Within which a receipt is answered; overdue, the items count as accepted."""
    decision: Limit = Limit(days=20, source="行政许可法 第42条第1款")
    """The statutory limit of a licence for which nothing else is set."""
    prolongation: Limit = Limit(days=10, source="行政许可法 第42条第1款")
    """By how much the head of the office may extend a decision, once, before the limit ends."""
    joint_decision: Limit = Limit(days=45, source="行政许可法 第42条第2款")
    """The limit over all items of a theme that is handled jointly (第26条)."""
    joint_prolongation: Limit = Limit(days=15, source="行政许可法 第42条第2款")
    delivery: Limit = Limit(days=10, source="行政许可法 第44条")
    """From the decision to the hand-over of the certificate."""
    hearing_request: Limit = Limit(days=5, source="行政许可法 第47条第1款")
    """Within which the applicant asks for a hearing after having been told of the right."""
    hearing_held: Limit = Limit(days=20, source="行政许可法 第47条第1款")
    hearing_notice: Limit = Limit(days=7, source="行政许可法 第48条第1项")
    """How long before a hearing its time and place are told."""
    tolerance_cap: Limit = Limit(days=20, source="S54a")
    """The longest that a missing material is tolerated."""
    tolerance_margin: Limit = Limit(days=2, source="S54a")
    """How much earlier than the promised limit a tolerated material has to be there."""
    correction_kept: Limit = Limit(days=60, placeholder=True)
    """How long an uncorrected set is kept before it is returned (退件)."""
    draft_kept: Limit = Limit(days=30, placeholder=True)
    """How long a draft that nobody touches is kept."""
    draft_warning: Limit = Limit(days=5, placeholder=True)
    """How long before its end the owner of a draft is told."""
    import_window: Limit = Limit(days=60, placeholder=True)
    """How long after its end an item that was handled alone can be the entry of a theme (接续受理)."""
    grant_renewal: Limit = Limit(days=15, source="S51d")
    """How long before its end a grant has to be renewed (质检总局令149号 第12条); calendar days."""
    collection: Limit = Limit(days=10, placeholder=True)
    """After which a result that nobody has collected is reminded of."""
    locker_collection: Limit = Limit(days=5, source="S75")
    """After which what lies in a locker is called back."""
    transfer: Limit = Limit(days=1, source="S62d")
    """Within which accepted originals leave the window."""
    receipt_of_packets: Limit = Limit(days=2, placeholder=True)
    """Within which a dispatched packet is signed for; later it is reminded of."""
    loss: Limit = Limit(days=10, placeholder=True)
    """After which a packet on its way counts as missing."""
    rectification: Limit = Limit(days=15, placeholder=True)
    """Within which a bad rating (差评) is put right; localities set their own (15 or 5: S58b, S58c)."""
    archiving: Limit = Limit(days=60, placeholder=True)
    """How long after it was closed a case waits for objections before it is archived (归档)."""
    retention: Retention = Retention(years=30, placeholder=True)
    """How long the record of an item is kept for which nothing else is set."""
    amber_percent: int = 80
    """Share of a limit after which supervision speaks up (configurable)."""
    escalation: Limit = Limit(days=5, placeholder=True)
    """After which a review that has been red for so long is escalated."""
    largest_file: int = 50_000_000
    """Bytes of one file; a placeholder."""
    media_types: tuple[str, ...] = (
        "application/pdf",
        "application/ofd",
        "image/jpeg",
        "image/png",
        "image/tiff",
    )
    """What a digital copy may be; a placeholder."""
    tacit_decisions: bool = False
    """Whether silence of a department at its statutory limit decides where an item says so; off by default."""


GENERAL = Rules()
"""The rules where no layer sets any. A catalogue that keeps to them does not write them down."""


class Fee(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What an item costs: `amount` in yuan as decimal text; `payee` is the organisation, empty: the handler."""

    amount: str
    basis: str
    """The tariff or price document (收费依据)."""
    payee: str = ""
    when: Condition = ALWAYS
    placeholder: bool = False


class Commitment(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """告知承诺: a written promise takes the place of `materials`, and is verified afterwards (国办发〔2020〕42号)."""

    materials: tuple[str, ...]
    promised: Limit | None = None
    """The promised limit on this route, where it differs."""
    statutory: Limit | None = None
    verification: Literal["exempt", "afterwards", "assisted"] = "afterwards"
    """免予核查 · 事后核查 · 行政协助核查"""
    verify_within: Limit | None = None
    rectify_within: Limit | None = None
    """How long the applicant has to put right what was found (责令限期改正)."""
    recheck_within: Limit | None = None
    excluded: str = ""
    """Why the item can not go this way (high risk, 国办发〔2020〕42号); empty: it can."""
    source: str | None = None


class Wait(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A period that has to pass before the item can be decided, or accepted: publicity, announcement, minimum term.

    `after` says where it begins: at the acceptance, when the review is unlocked, or at the day that the
    applicant wrote into the field `field` of the one form.
    """

    id: str
    name: str
    days: int
    unit: Literal["working", "calendar", "months"] = "calendar"
    after: Literal["accepted", "unlocked", "field"] = "unlocked"
    field: str = ""
    holds: Literal["decision", "acceptance"] = "decision"
    suspends: bool = True
    """Whether the department's clocks stand still meanwhile."""
    when: Condition = ALWAYS
    source: str | None = None
    placeholder: bool = False


class SpecialProcedure(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """特别程序: a step whose time is not counted (行政许可法 第45条); the applicant is told in writing how long."""

    id: str
    name: str
    longest: Limit | None = None
    source: str | None = None


class Route(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Limits that hold instead of the item's own where the answers say so; the first that fits counts."""

    when: Condition
    statutory: Limit | None = None
    promised: Limit | None = None


class Period(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """When applications are accepted, both days inclusive (ISO dates); outside them nothing is accepted."""

    begins: str
    ends: str
    placeholder: bool = False


class Verification(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """事后核查: the check after an approval, and what follows from a failure."""

    within: Limit
    rectify_within: Limit | None = None
    recheck_within: Limit | None = None
    when: Condition = ALWAYS
    source: str | None = None


class Comprehensive(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """行业综合许可证 (一业一证): one licence that loads the permits of `parts`, from `least` granted ones on."""

    id: str
    name: str
    certificate: str
    parts: tuple[str, ...]
    least: int = 2
    issuer: str = ""
    """The organisation; empty: the lead of the theme."""
    source: str | None = None


CrossRegion = Literal["local", "online", "received_elsewhere", "several_places"]
"""本地 · 全程网办 · 异地代收代办 · 多地联办 (S57a)"""

Confidentiality = Literal["public", "internal", "personal", "sensitive"]
"""Who may see a copy: anybody · the offices · those who handle the item · the same, every look recorded."""
