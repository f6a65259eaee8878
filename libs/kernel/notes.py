"""Signed notes and checkpoints: texts that others can check with a public key, in the forms of the C2SP.

A note (c2sp.org/signed-note) is lines of text, an empty line, and signatures in the form ``— NAME BASE64``. A public
key is written ``NAME+HASH+BASE64``. A checkpoint (c2sp.org/tlog-checkpoint) is a note that says how large the tree of a
log is and what its root is; whoever witnesses transparency logs can read it.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.merkle import HASH, extends

ED25519 = b"\x01"
"""The kind of signature, before a public key."""

MARK = "— "
"""How a line with a signature begins."""


class NotSigned(ValueError):
    """The text bears no signature by this key, or it was changed after it was signed."""


class PublicKey(msgspec.Struct, frozen=True):
    """Somebody's public key and the name that goes with it."""

    name: str
    key: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{_base64(ED25519 + self.key)}"

    @property
    def hash(self) -> bytes:
        """Four bytes by which a signature says which key made it."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:4]

    @classmethod
    def read(cls, text: str) -> "PublicKey":
        """The key of a text. Raises ValueError for one that is none."""
        name, _, rest = text.strip().partition("+")
        encoded = rest.partition("+")[2]
        try:
            raw = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ValueError(f"{text!r} is no public key") from error
        found = cls(name, raw[1:])
        if not _is_name(name) or len(raw) != 33 or str(found) != text.strip():
            raise ValueError(f"{text!r} is no public key")
        return found

    def opened(self, note: str) -> str:
        """The text of a note that this key has signed. Raises NotSigned."""
        text, gap, signatures = note.rpartition("\n\n")
        text += "\n"
        if gap and signatures.endswith("\n"):
            for line in signatures.splitlines():
                name, _, encoded = line.removeprefix(MARK).partition(" ")
                if line.startswith(MARK) and name == self.name and self._made(encoded, text.encode()):
                    return text
        raise NotSigned(f"no signature by {self.name}")

    def _made(self, encoded: str, text: bytes) -> bool:
        try:
            raw = base64.b64decode(encoded, validate=True)
            if raw[:4] != self.hash or _base64(raw) != encoded:
                return False
            Ed25519PublicKey.from_public_bytes(self.key).verify(raw[4:], text)
        except (binascii.Error, InvalidSignature, ValueError):
            return False
        return True


class Signer:
    """Signs notes under a name, with a key made of 32 secret bytes."""

    def __init__(self, name: str, seed: bytes) -> None:
        """Raises ValueError for a name with blanks or ``+``, or another number of bytes."""
        if not _is_name(name):
            raise ValueError(f"{name!r} is no name of a key")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(name, self._key.public_key().public_bytes_raw())

    def signed(self, text: str) -> str:
        """The text as a note. Raises ValueError for one that no note can hold."""
        return signed(text, self)

    def line(self, text: str) -> str:
        """The line of a note with this key's signature over the text."""
        return f"{MARK}{self.public.name} {_base64(self.public.hash + self._key.sign(text.encode()))}\n"


def signed(text: str, *signers: Signer) -> str:
    """The text as a note with a signature of each. Raises ValueError for one that no note can hold."""
    if not text.endswith("\n") or "\n\n" in text or any(c < " " and c != "\n" for c in text):
        raise ValueError("a note is lines of printable text")
    return f"{text}\n{''.join(signer.line(text) for signer in signers)}"


class Checkpoint(msgspec.Struct, frozen=True):
    """The head of a log's tree at an instant."""

    origin: str
    size: int
    root: bytes
    at: datetime

    @property
    def text(self) -> str:
        """What is signed; the instant is the form's extension line."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\nat {self.at.isoformat()}\n"

    @classmethod
    def read(cls, text: str) -> "Checkpoint":
        """The checkpoint that a text says. Raises ValueError for one that is none."""
        try:
            origin, size, root, at = text.removesuffix("\n").split("\n")
            found = cls(
                origin, int(size), base64.b64decode(root, validate=True), datetime.fromisoformat(at.removeprefix("at "))
            )
        except (ValueError, binascii.Error) as error:
            raise ValueError("this is no checkpoint") from error
        if found.text != text or found.size < 0 or len(found.root) != HASH:
            raise ValueError("this is no checkpoint")
        return found


Discontinued = Literal["", "head", "other-head", "rewritten"]
"""Why a head is no continuation: a signature does not hold; the earlier head is not the one that was kept; the later
tree does not begin with the earlier one."""


class Continuation(msgspec.Struct, frozen=True):
    """Whether a later head continues an earlier one."""

    wrong: Discontinued
    old: int = 0
    """How many leaves the earlier head is over: the one that was kept, where one was."""
    new: int = 0


def continuation(key: PublicKey, old: str, new: str, path: Sequence[bytes], kept: str = "") -> Continuation:
    """Whether the tree of one signed checkpoint begins with all of another's; ``kept`` is the earlier one as somebody
    kept it."""
    try:
        before, after = (Checkpoint.read(key.opened(note)) for note in (old, new))
        own = Checkpoint.read(key.opened(kept)) if kept else before
    except (NotSigned, ValueError):
        return Continuation("head")
    if (own.size, own.root) != (before.size, before.root):
        return Continuation("other-head", own.size, after.size)
    if before.origin != after.origin or not extends(before.size, after.size, before.root, after.root, path):
        return Continuation("rewritten", before.size, after.size)
    return Continuation("", before.size, after.size)


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
