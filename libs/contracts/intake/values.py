"""What the facts of a case are made of: its plan, its origins, its materials, its acceptances."""

from datetime import date, datetime
from typing import Literal

import msgspec

Mode = Literal["one_mouth", "continuation"]
"""一口受理 (the whole theme at once) or 接续受理 (joined from an item that was handled first)."""

Channel = Literal["window", "web", "mobile", "kiosk", "post", "other"]
"""办理形式; an immutable fact of the case that no rule looks at."""

Format = Literal["data", "text", "html", "pdf"]
"""In which form a document is wanted; a PDF comes as base64."""

CrossRegion = Literal["local", "online", "received_elsewhere", "several_places"]
"""本地 · 全程网办 · 异地代收代办 (收受分离) · 多地联办"""

Ground = Literal["not_required", "outside_authority"]
"""依法不需要取得许可 · 依法不属于本机关职权 (行政许可法 第32条第1款第1、2项): two situations of their own."""

Medium = Literal["paper", "digital", "shared"]
"""A paper original, a file in the contents store, or data shared by another authority."""


class PlannedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item of the theme in this case: taken up, not needed, or already satisfied elsewhere."""

    item: str
    standing: Literal["selected", "not_needed", "satisfied", "underway"]
    handler: str = ""
    """The organisation that decides it: a department, or the provider of the service area."""
    evidence: str = ""
    """For a satisfied item: the certificate number or office record that proves it."""


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item that was begun or done alone, before or outside the theme case (接续受理), and what proves it.

    Its own number and clocks are kept where it is handled; the theme case only waits for its result.
    """

    item: str
    outcome: Literal["granted", "underway", "denied"]
    number: str
    """The certificate, or the case number and office record of the item, where it was handled."""
    system: str = ""
    """The system or hall that handled it; empty: this hall's own record."""
    issuer: str = ""
    accepted_on: date | None = None
    concluded_on: date | None = None
    valid_until: date | None = None


class Tolerated(msgspec.Struct, frozen=True, omit_defaults=True):
    """容缺: a secondary material that may come later, and until when (深圳容缺办理)."""

    material: str
    due_on: date


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    """容缺收件 of one item: what may still come, until when, and the number of the notice of it."""

    item: str
    tolerated: tuple[Tolerated, ...]
    notice: str = ""


class Signed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A document that the applicant signed: 容缺受理承诺书, 告知承诺书. An agent signs with an authorisation."""

    document: str
    """Digest of the signed document."""
    signer: Literal["applicant", "agent"] = "applicant"
    authorisation: str = ""
    """Digest of the agent's authorisation (授权书)."""


class MaterialCopy(msgspec.Struct, frozen=True, omit_defaults=True):
    """One copy of one material: what it is, where it came from, and how to find its bytes."""

    copy: str
    material: str
    medium: Medium
    provenance: str = "entered"
    """entered · shared:<source system> · prior:<certificate number> · case:<case id>"""
    digest: str = ""
    size: int = 0
    media_type: str = ""
    hall: str = ""
    """For paper: the hall that took it in and keeps it until it travels."""
    edition: int = 1
    """A later edition of the same material replaces the earlier one; both are kept."""
    replaces: str = ""
    """The copy that this one replaces."""
    same_as: str = ""
    """The copy of another material that has the same bytes: one instance serves both, stored once."""
    confidentiality: Literal["public", "internal", "personal", "sensitive"] = "personal"
    """The strictest level that an item of the case gives the material."""
    scan: Literal["not_scanned", "clean"] = "not_scanned"
    """What the malware scanner said; infected files are never taken in."""
    stored: str = ""
    """Digest of the sealed bytes, by which the house's store finds them; empty where it does not keep them."""


class Acceptance(msgspec.Struct, frozen=True, omit_defaults=True):
    """受理 of one item: who may accept it here and now, in whose name, by which grant."""

    item: str
    handler: str
    grant: str
    grant_position: int
    in_name_of: str
    notice: str
    """Number of the acceptance notice (受理通知书)."""
    materials: tuple[str, ...] = ()
    """The copies that this item uses, least necessary."""
    accepted_on: date | None = None
    """Where it is not the day of the act: the day from which the item counts as accepted, which for a
    deemed acceptance is the day the materials were received (行政许可法 第32条第4项)."""
    tolerated: tuple[Tolerated, ...] = ()
    """容缺受理: what may still come; the certificate is held until it is here."""
    committed: tuple[str, ...] = ()
    """告知承诺: the materials that a written promise takes the place of."""
    authorised_at: datetime | None = None
    """The instant of delegation's answer, at which the grant was valid."""
    waits_from: dict[str, date] = {}
    """A wait of the catalogue that begins at a field of the form → the day that stands there."""
    tolerance_notice: str = ""
    """Number of the 容缺受理通知书."""


class Applicant(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom the case is about. Plain only inside the command; stored sealed."""

    name: str
    identifier: str
    kind: Literal["natural", "legal"] = "natural"
    mobile: str = ""
    address: str = ""
    mail: str = ""


FaultKind = Literal["seal_missing", "illegible", "incomplete", "not_compliant"]
"""A seal or signature is missing · nobody can read it · pages are missing · it is not what the law wants."""


class CopyFault(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with a copy, as the applicant is told it."""

    kind: FaultKind
    note: str = ""


class BroughtMaterial(msgspec.Struct, frozen=True, omit_defaults=True):
    """A material as the applicant brings it."""

    material: str
    medium: Medium = "paper"
    provenance: str = "entered"
    digest: str = ""
    size: int = 0
    media_type: str = ""
    newer: bool = False
    """Of paper, which has no digest to tell it by: it takes the place of the one that is here."""
    receipt: str = ""
    """Of a file that was uploaded: the receipt that came back. Over HTTP no file is taken in without one."""
