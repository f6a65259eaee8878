"""Whose keys: every issuing organisation signs with its own, and the exit with its own where one has brought none.

Keys lie in ``{folder}``, those of organisations in ``{folder}/organisations/{id}``; public keys of seals that are no
longer used stay in ``{folder}/retired`` (PEM, ``*.pub``), so that what they sealed can be verified for ever.
"""

import re
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from certificate.domain.sealing import Mark
from certificate.signing.development import AUTHORITY, CERTIFICATE, PDF_KEY, SEAL_KEY
from certificate.signing.profiles import KeysMissing
from certificate.signing.seals import key_id
from certificate.signing.signer import Signer

FICTIONAL_REGION = "99"
"""Regions that begin so do not exist (GB/T 2260 gives out no such number)."""


class Authorities:
    """The signers of a region's organisations."""

    def __init__(self, folder: Path, house: Signer, *, makes_keys: bool = False) -> None:
        self._folder = folder
        self._house = house
        self._makes_keys = makes_keys
        self._signers: dict[str, Signer] = {}
        self._public = {"": house.public_key, house.key_id: house.public_key, **_retired(folder / "retired")}

    @classmethod
    def of(cls, folder: Path, region: str) -> Self:
        """The authorities whose keys lie in the folder.

        A fictional region makes itself development keys; any other has its own brought. Raises KeysMissing.
        """
        makes_keys = region.startswith(FICTIONAL_REGION) and (not folder.exists() or _is_development(folder))
        house = Signer.development(folder) if makes_keys else loaded(folder)
        return cls(folder, house, makes_keys=makes_keys)

    def signer(self, organisation: str) -> Signer:
        """Who signs for this organisation."""
        if organisation not in self._signers:
            place = self._folder / "organisations" / organisation
            if not re.fullmatch(r"[\w-]+", organisation):
                signer = self._house
            elif self._makes_keys:
                signer = Signer.development(place, whose=organisation)
            else:
                signer = loaded(place) if place.is_dir() else self._house
            self._signers[organisation] = signer
            self._public[signer.key_id] = signer.public_key
        return self._signers[organisation]

    @property
    def house(self) -> Signer:
        """The exit's own signer."""
        return self._house

    def seal(self, organisation: str, payload: bytes) -> Mark:
        """The organisation's seal over the bytes."""
        signer = self.signer(organisation)
        return Mark(signer.key_id, signer.seal(payload))

    def public_key(self, key: str) -> bytes | None:
        """The public half of a seal's key, by its id; None where nobody here ever had it."""
        if key not in self._public:
            for place in sorted((self._folder / "organisations").glob("*/")):
                self.signer(place.name)
        return self._public.get(key)


def loaded(folder: Path) -> Signer:
    """The signer whose files lie in a folder. Raises KeysMissing."""
    return Signer.from_files(
        seal_key=folder / SEAL_KEY,
        pdf_key=folder / PDF_KEY,
        certificate=folder / CERTIFICATE,
        chain=[path for path in [folder / AUTHORITY] if path.exists()],
    )


def _is_development(folder: Path) -> bool:
    return (folder / CERTIFICATE).is_file() and "DEVELOPMENT" in loaded(folder).name


def _retired(folder: Path) -> dict[str, bytes]:
    found = {}
    for file in sorted(folder.glob("*.pub")):
        try:
            key = load_pem_public_key(file.read_bytes())
        except ValueError as error:
            raise KeysMissing(f"{file}: {error}") from error
        if not isinstance(key, Ed25519PublicKey):
            raise KeysMissing(f"{file} is not an Ed25519 key")
        raw = key.public_bytes_raw()
        found[key_id(raw)] = raw
    return found
