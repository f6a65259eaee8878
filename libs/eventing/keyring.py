"""Data keys of cases, lent by vault and kept in memory for minutes: sealing and unsealing personal data (L10)."""

import hashlib
import hmac
import os
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import eventlet
import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventlet.event import Event

from contracts.language import Note, Sealed
from contracts.vault import CaseKeyDestroyed, LendKeys, LentKey, ReserveKeys
from eventing.dependency import HostDependency
from eventing.errors import OneThingError, Refused, Unavailable

log = structlog.get_logger()

T = TypeVar("T")

KEPT_SECONDS = 300.0
"""How long a lent key may stay in memory. One that is destroyed is dropped as soon as the fact arrives, and at the
latest after this time."""

RESERVE = 256
"""Fresh keys asked for at a time; when half are used the next ones are fetched."""

TOGETHER = 200
"""Keys that are asked for with one question."""

NONCE = 12


class Erased(Refused):
    """The key of this personal data was destroyed: nobody can read it any more."""

    status = 410


class KeyRing:
    """Seals and unseals with keys that belong to one case each."""

    def __init__(self, ask: Callable[..., Any], index_key: bytes, *, purpose: str) -> None:
        self._ask = ask
        self._index_key = index_key
        self._purpose = purpose
        self._fresh: list[LentKey] = []
        self._fetching = False
        self._asking = False
        """Whether a question for keys is on its way."""
        self._wanted: dict[str, Event] = {}
        """Keys that are asked for when it is answered."""
        self._keys: OrderedDict[str, tuple[AESGCM | None, float]] = OrderedDict()

    def fresh(self) -> str:
        """The id of a key that no case uses yet. Raises ``Unavailable`` when vault has none to give."""
        if not self._fresh:
            self._fetch()
        if not self._fresh:
            raise Unavailable(what="vault", error="no fresh keys")
        lent = self._fresh.pop()
        if len(self._fresh) < RESERVE // 2 and not self._fetching:
            self._fetching = True
            eventlet.spawn_n(self._fetch_quietly)
        self._remember(lent)
        return lent.key_id

    def seal(self, key_id: str, case_id: str, purpose: str, value: Any) -> Sealed:
        """Personal data, readable only with the case's key; case and purpose are bound to it."""
        nonce = os.urandom(NONCE)
        box = self._cipher(key_id).encrypt(nonce, msgspec.json.encode(value), _bound(case_id, purpose))
        return Sealed(key_id, purpose, nonce + box)

    def unseal(self, sealed: Sealed, case_id: str, kind: type[T]) -> T:
        """The personal data again. Raises ``Erased`` once the key is gone."""
        cipher = self._cipher(sealed.key_id)
        try:
            text = cipher.decrypt(sealed.box[:NONCE], sealed.box[NONCE:], _bound(case_id, sealed.purpose))
        except InvalidTag as error:
            raise Refused(reason="sealed for another case or purpose, or damaged", case=case_id) from error
        return msgspec.json.decode(text, type=kind)

    def key(self, key_id: str) -> bytes:
        """The raw key, for streaming encryption of documents. Raises ``Erased``."""
        return self._lend(key_id)

    def blind(self, *values: str) -> str:
        """An index of an identifier that can be compared but not read back (HMAC-SHA-256)."""
        text = "\x1f".join(unicodedata.normalize("NFKC", value).strip().upper() for value in values)
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest()

    def forget(self, key_id: str) -> None:
        """Drops a key from memory, because it was destroyed."""
        self._keys.pop(key_id, None)

    def _cipher(self, key_id: str) -> AESGCM:
        known = self._keys.get(key_id)
        if known is None or known[1] < time.monotonic():
            return AESGCM(self._lend(key_id))
        if known[0] is None:
            raise Erased(key=key_id)
        return known[0]

    def _lend(self, key_id: str) -> bytes:
        """The key, remembered. Raises ``Erased``."""
        if self._asking:
            lent: LentKey = self._wanted.setdefault(key_id, Event()).wait()
        else:
            self._asking = True
            try:
                (lent,) = self._lent([key_id])
            finally:
                self._asking = False
                if self._wanted:
                    eventlet.spawn_n(self._lend_wanted)
        if not lent.key:
            raise Erased(key=key_id)
        return lent.key

    def _lend_wanted(self) -> None:
        """Asks at once for all that was wanted while a question was on its way."""
        while self._wanted and not self._asking:
            wanted = {key_id: self._wanted.pop(key_id) for key_id in [*self._wanted][:TOGETHER]}
            self._asking = True
            try:
                self._answer(wanted)
            finally:
                self._asking = False

    def _answer(self, wanted: dict[str, Event]) -> None:
        """Tells each of those who wait; a key that cannot be lent keeps no other from being lent."""
        try:
            answers = dict(zip(wanted, self._lent([*wanted]), strict=True))
        except Exception as error:
            if len(wanted) > 1 and not isinstance(error, Unavailable):
                for key_id, waiting in wanted.items():
                    self._answer({key_id: waiting})
                return
            for waiting in wanted.values():
                waiting.send_exception(error)
        else:
            for key_id, waiting in wanted.items():
                waiting.send(answers[key_id])

    def _lent(self, key_ids: Sequence[str]) -> list[LentKey]:
        lent = msgspec.convert(self._ask(LendKeys(key_ids=tuple(key_ids), purpose=self._purpose)), list[LentKey])
        for one in lent:
            self._remember(one)
        return lent

    def _remember(self, lent: LentKey) -> None:
        self._keys[lent.key_id] = (
            AESGCM(lent.key) if lent.key else None,
            time.monotonic() + KEPT_SECONDS,
        )
        while len(self._keys) > 20_000:
            self._keys.popitem(last=False)

    def _fetch(self) -> None:
        self._fresh.extend(msgspec.convert(self._ask(ReserveKeys(count=RESERVE)), list[LentKey]))

    def _fetch_quietly(self) -> None:
        try:
            self._fetch()
        except OneThingError as error:
            log.warning("fresh keys not fetched", error=str(error))
        finally:
            self._fetching = False


def _bound(case_id: str, purpose: str) -> bytes:
    return f"{case_id}\x1f{purpose}".encode()


class Keyring(HostDependency):
    """Gives a service its keyring."""

    def make(self) -> KeyRing:
        ring = KeyRing(self.host.client.ask, self.host.settings.index_key(), purpose=self.container.service_name)

        def destroyed(note: Note) -> None:
            ring.forget(msgspec.json.decode(note.state, type=_Destroyed).key_id)

        self.host.watch("vault", CaseKeyDestroyed.TOPIC, destroyed)
        return ring


class _Destroyed(msgspec.Struct):
    key_id: str
