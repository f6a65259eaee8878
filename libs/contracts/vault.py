"""密钥: who may read a case's personal data. Key material is never a fact."""

from typing import Any, ClassVar

import msgspec

from contracts.language import Command, Fact, Query


class CaseKeyBound(Fact, frozen=True, kw_only=True):
    """A data key was bound to a case, or to a draft: what is sealed with it belongs to that alone."""

    TOPIC: ClassVar[str] = "onething.case-key.bound.v1"
    key_id: str


class CaseKeyDestroyed(Fact, frozen=True, kw_only=True):
    """Erasure: the key of a case or draft was destroyed. Its personal data is unreadable; its history verifies."""

    TOPIC: ClassVar[str] = "onething.case-key.destroyed.v1"
    key_id: str
    reason: str


class BindCaseKey(Command, frozen=True, kw_only=True):
    """Bind a reserved key to the case or draft that used it."""

    SERVICE: ClassVar[str] = "vault"
    INTERNAL: ClassVar[str] = "follows the opening of a case or the saving of a draft"
    case_id: str
    key_id: str


class DestroyCaseKey(Command, frozen=True, kw_only=True):
    """Destroy a case's key on an order of erasure, with the reason: an operator's act, which knows no term.

    The end of a record's term is appraised first and carried out by another (``contracts.archives``).
    """

    SERVICE: ClassVar[str] = "vault"
    case_id: str
    reason: str


class LentKey(msgspec.Struct, frozen=True, array_like=True):
    """A data key on loan: to be kept in memory only, for minutes."""

    key_id: str
    key: bytes
    """32 bytes; empty when the key was destroyed or is unknown."""


class ReserveKeys(Query, frozen=True, kw_only=True):
    """Fresh data keys, not bound to any case yet."""

    SERVICE: ClassVar[str] = "vault"
    INTERNAL: ClassVar[str] = "key material never leaves the house"
    ANSWER: ClassVar[Any] = tuple[LentKey, ...]
    count: int


class LendKeys(Query, frozen=True, kw_only=True):
    """Data keys by id, for a stated purpose."""

    SERVICE: ClassVar[str] = "vault"
    INTERNAL: ClassVar[str] = "key material never leaves the house"
    ANSWER: ClassVar[Any] = tuple[LentKey, ...]
    key_ids: tuple[str, ...]
    purpose: str
