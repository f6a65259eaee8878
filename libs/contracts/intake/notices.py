"""一次告知: the one-time notice as data."""

from typing import Literal

from msgspec import Struct


class NoticeLimit(Struct, frozen=True, omit_defaults=True):
    """A time limit in working days, with the mark that says how far it may be relied on."""

    days: int
    source: str = ""
    placeholder: bool = False


class NoticeItem(Struct, frozen=True, omit_defaults=True):
    """One item of the theme and what it is to this case; for a selected one, who decides it and by when."""

    item: str
    name: str
    standing: Literal["selected", "not_needed", "satisfied", "underway"]
    reason: str
    department: str
    level: str
    type: str
    handler: str = ""
    statutory: NoticeLimit | None = None
    promised: NoticeLimit | None = None
    materials: tuple[str, ...] = ()
    after: tuple[tuple[str, ...], ...] = ()
    """What comes first: each entry is one item, or alternatives of which one is enough."""
    outputs: tuple[str, ...] = ()
    note: str = ""


class NoticeMaterial(Struct, frozen=True, omit_defaults=True):
    """One material of the one set, the items that use it, and why it is needed."""

    material: str
    name: str
    role: str
    source: str
    items: tuple[str, ...]
    reason: str
    tolerable: bool = False
    note: str = ""


class NoticeField(Struct, frozen=True, omit_defaults=True):
    """One field of the one form."""

    key: str
    label: str
    type: str
    items: tuple[str, ...]
    required: bool = False
    note: str = ""


class NoticePlace(Struct, frozen=True, omit_defaults=True):
    """A place where the case can be brought in."""

    name: str
    kind: str
    level: str = ""


class Notice(Struct, frozen=True, omit_defaults=True):
    """The one-time notice: its data, and its text in Chinese."""

    edition: int
    """Of its wording: an edition that was ever issued is never changed."""
    theme: str
    name: str
    catalogue: str
    region: str
    answers: dict[str, str]
    items: tuple[NoticeItem, ...]
    materials: tuple[NoticeMaterial, ...]
    fields: tuple[NoticeField, ...]
    places: tuple[NoticePlace, ...]
    mouth: str
    flow: tuple[tuple[str, ...], ...]
    """The items step by step: those of one step can be handled side by side."""
    cautions: tuple[str, ...]
    text: str
