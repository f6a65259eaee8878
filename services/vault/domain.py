"""The key of one case: bound once, destroyed once."""

from contracts.language import Act
from contracts.vault import CaseKeyBound, CaseKeyDestroyed
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, OneThingError, Refused


class OtherKeyBound(Refused):
    """The case has another key."""


class KeyDestroyed(Refused):
    """The key of the case was destroyed; the case gets no new one."""


class ErasureReasonMissing(Refused):
    """A key is destroyed for a reason: a request for erasure, or the end of retention."""


class TooManyKeys(Refused):
    """More keys were asked for at a time than are given."""


class ServicesOnly(Forbidden):
    """Keys are lent to services, which know who may read what; people never hold one."""


class PurposeMissing(Refused):
    """Keys are lent for a stated purpose."""


class KeyDamaged(OneThingError):
    """The stored key does not open: it, or the key that wraps it, is not the one that it was."""


class CaseKey(Aggregate):
    """Which key a case's personal data is sealed with, and whether it still exists."""

    key_id: str
    is_destroyed: bool

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.key_id = ""
        self.is_destroyed = False

    def bind(self, key_id: str, act: Act) -> bool:
        """Ties the key to the case for good; false when it was before."""
        if self.key_id == key_id:
            return False
        if self.is_destroyed:
            raise KeyDestroyed(case=self.stream)
        if self.key_id:
            raise OtherKeyBound(case=self.stream)
        self.record(CaseKeyBound, act, key_id=key_id)
        return True

    @applies(CaseKeyBound)
    def _bound(self, fact: CaseKeyBound) -> None:
        self.key_id = fact.key_id

    def destroy(self, reason: str, act: Act) -> bool:
        """Erases: whoever holds the sealed data holds noise from now on. False when it was done before."""
        if self.is_destroyed:
            return False
        if not reason.strip():
            raise ErasureReasonMissing
        self.record(CaseKeyDestroyed, act, key_id=self.key_id, reason=reason)
        return True

    @applies(CaseKeyDestroyed)
    def _destroyed(self, _: CaseKeyDestroyed) -> None:
        self.is_destroyed = True
