"""Sessions: who is signed in, in a cookie that only this installation can read or make.

Every replica reads every session, and none keeps any. A session ends after some minutes of silence and in any case
after some hours; it is written anew as it is used, and has another secret after every sign-in.
"""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

import falcon
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from gateway.identity.claims import Person

NONCE = 12
LARGEST = 3800
"""Characters of a cookie that browsers keep, with its name and attributes."""
RENEWED = 60
"""Seconds after which a session that is used is written anew."""

T = TypeVar("T")


def placed(req: falcon.Request) -> None:
    """Leads whoever works at several places, and has not said at which, to the choice: it decides what they see."""
    session = getattr(req.context, "session", None)
    if session is not None and session.person.must_choose:
        raise falcon.HTTPSeeOther(f"/sign-in/window?{urlencode({'next': req.relative_uri})}")


class Session(Struct, frozen=True, omit_defaults=True):
    """Somebody who is signed in."""

    person: Person
    issuer: str
    secret: str
    """What the tokens against forged requests are made from; another one after every sign-in."""
    began: int
    seen: int
    id_token: str = ""
    """For signing out at the issuer; empty where it would not fit."""


class Box:
    """Seals small things for one purpose, with the first of its keys, and opens them again, with any."""

    def __init__(self, keys: Sequence[bytes], purpose: str) -> None:
        self._ciphers = [AESGCM(key) for key in keys]
        self._purpose = purpose.encode()

    def seal(self, value: Struct) -> str:
        """The value as text that may stand in a cookie."""
        nonce = os.urandom(NONCE)
        box = nonce + self._ciphers[0].encrypt(nonce, msgspec.json.encode(value), self._purpose)
        return urlsafe_b64encode(box).decode().rstrip("=")

    def open(self, text: str, kind: type[T]) -> T | None:
        """The value again; None for what was not sealed here."""
        try:
            box = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        for cipher in self._ciphers:
            with suppress(InvalidTag, ValueError, msgspec.DecodeError):
                return msgspec.json.decode(cipher.decrypt(box[:NONCE], box[NONCE:], self._purpose), type=kind)
        return None


class Jar:
    """The cookies of the gateway: their names, and the attributes that keep them safe."""

    def __init__(self, *, secure: bool) -> None:
        self.secure = secure

    def get(self, req: falcon.Request, name: str, *, path: str = "/") -> str:
        """What the browser sends; nothing where it sends two, of which one is somebody else's."""
        found = req.get_cookie_values(self._named(name, path)) or []
        return found[0] if len(found) == 1 else ""

    def put(self, resp: falcon.Response, name: str, value: str, *, seconds: int | None = None, path: str = "/") -> None:
        """Has the browser keep it for the pages below a path, until it is closed or for so long."""
        resp.set_cookie(
            self._named(name, path),
            value,
            max_age=seconds,
            path=path,
            secure=self.secure,
            http_only=True,
            same_site="Lax",
        )

    def drop(self, resp: falcon.Response, name: str) -> None:
        """Has the browser forget it."""
        self.put(resp, name, "", seconds=-1)

    def _named(self, name: str, path: str) -> str:
        if not self.secure:
            return name
        return f"__Host-{name}" if path == "/" else f"__Secure-{name}"


class Sessions:
    """Begins, reads, renews and ends sessions."""

    NAME = "onething_session"

    def __init__(self, keys: Sequence[bytes], jar: Jar, *, idle_seconds: int, longest_seconds: int) -> None:
        self._box = Box(keys, self.NAME)
        self._jar = jar
        self._idle = idle_seconds
        self._longest = longest_seconds

    def begin(self, resp: falcon.Response, person: Person, issuer: str, id_token: str, now: datetime) -> Session:
        """A session that is new in everything, whatever the browser had before."""
        at = int(now.timestamp())
        session = Session(person, issuer, secrets.token_urlsafe(24), at, at, id_token)
        self._write(resp, session)
        return session

    def read(self, req: falcon.Request, now: datetime) -> Session | None:
        """The session of a request; None where there is none, or no longer."""
        session = self.last(req)
        at = now.timestamp()
        if session is None or at - session.seen > self._idle or at - session.began > self._longest:
            return None
        return session

    def until(self, session: Session) -> float:
        """When it ends unless it is used again, in seconds since the epoch."""
        return float(min(session.seen + self._idle, session.began + self._longest))

    def last(self, req: falcon.Request) -> Session | None:
        """The session of a request even if its time is over."""
        value = self._jar.get(req, self.NAME)
        return self._box.open(value, Session) if value else None

    def keep(self, resp: falcon.Response, session: Session, now: datetime) -> None:
        """Notes that it is used."""
        if now.timestamp() - session.seen >= RENEWED:
            self._write(resp, msgspec.structs.replace(session, seen=int(now.timestamp())))

    def change(self, resp: falcon.Response, session: Session, person: Person, now: datetime) -> None:
        """The same session, in which somebody chose a window."""
        self._write(resp, msgspec.structs.replace(session, person=person, seen=int(now.timestamp())))

    def end(self, resp: falcon.Response) -> None:
        """Nobody is signed in any more."""
        self._jar.drop(resp, self.NAME)

    def _write(self, resp: falcon.Response, session: Session) -> None:
        value = self._box.seal(session)
        if len(value) > LARGEST:
            value = self._box.seal(msgspec.structs.replace(session, id_token=""))
        self._jar.put(resp, self.NAME, value)
