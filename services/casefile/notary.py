"""The notary: it signs heads of the tree, ends of chains and packages, and knows its signature again."""

import base64
from contextlib import suppress
from datetime import datetime

import msgspec

from kernel.notes import Checkpoint, NotSigned, PublicKey, Signer, signed


class ChainEnd(msgspec.Struct, frozen=True):
    """How long a case's chain was in a tree of some size, and its last link."""

    origin: str
    case_id: str
    length: int
    link: bytes
    size: int

    @property
    def text(self) -> str:
        """What is signed."""
        link = base64.b64encode(self.link).decode()
        return f"{self.origin} chain\n{self.case_id}\n{self.length}\n{link}\ntree {self.size}\n"

    @classmethod
    def read(cls, text: str) -> "ChainEnd":
        """The end of a chain that a text says. Raises ValueError for one that says none."""
        try:
            origin, case_id, length, link, size = text.removesuffix("\n").split("\n")
            found = cls(
                origin.removesuffix(" chain"),
                case_id,
                int(length),
                base64.b64decode(link, validate=True),
                int(size.removeprefix("tree ")),
            )
        except ValueError as error:
            raise ValueError("this is no end of a chain") from error
        if found.text != text:
            raise ValueError("this is no end of a chain")
        return found


class PackageSeal(msgspec.Struct, frozen=True):
    """Which manifest the package of a case has, and over which tree the head in it is."""

    origin: str
    case_id: str
    digest: str
    size: int

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin} archive\n{self.case_id}\n{self.digest}\ntree {self.size}\n"

    @classmethod
    def read(cls, text: str) -> "PackageSeal":
        """The seal that a text says. Raises ValueError for one that says none."""
        try:
            origin, case_id, digest, size = text.removesuffix("\n").split("\n")
            found = cls(origin.removesuffix(" archive"), case_id, digest, int(size.removeprefix("tree ")))
        except ValueError as error:
            raise ValueError("this is no seal of a package") from error
        if found.text != text:
            raise ValueError("this is no seal of a package")
        return found


class Notary:
    """Signs for one installation's ledger, with each of its keys: whoever has the public half of one can check it.

    Of its keys a secret seed signs; a public key is one that signed once, and is still known.
    """

    def __init__(self, region: str, *keys: bytes | str) -> None:
        """Raises ValueError where no key signs, or a public key is none of this ledger's."""
        self.origin = f"onething/{region}/casefile"
        self._signers = [Signer(self.origin, key) for key in keys if isinstance(key, bytes)]
        if not self._signers:
            raise ValueError("no key signs")
        self._known = [
            *(signer.public for signer in self._signers),
            *(PublicKey.read(key) for key in keys if isinstance(key, str)),
        ]
        if strange := [key.name for key in self._known if key.name != self.origin]:
            raise ValueError(f"{strange[0]} is not {self.origin}")

    @property
    def key(self) -> str:
        """The public key, for everybody."""
        return str(self._known[0])

    def head(self, size: int, root: bytes, at: datetime) -> str:
        """A head of the tree, signed."""
        return signed(Checkpoint(self.origin, size, root, at).text, *self._signers)

    def end(self, case_id: str, length: int, link: bytes, size: int) -> str:
        """The end of a case's chain, signed."""
        return signed(ChainEnd(self.origin, case_id, length, link, size).text, *self._signers)

    def seal(self, case_id: str, digest: str, size: int) -> str:
        """The manifest of a case's package, signed."""
        return signed(PackageSeal(self.origin, case_id, digest, size).text, *self._signers)

    def known(self, note: str) -> Checkpoint | None:
        """The head that a note says, if it was signed here."""
        for key in self._known:
            with suppress(NotSigned, ValueError):
                return Checkpoint.read(key.opened(note))
        return None
