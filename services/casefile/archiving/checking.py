"""Whether a package is what was sealed: by its bytes and a public key alone, without any service.

The file is read once, from its first byte to its last; of what it holds one form only is right. Contents that are of
any size are summed, not held.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from casefile.archiving.container import CHUNK, Entry, directory, head
from casefile.archiving.package import MANIFEST, PROOF, README, SEAL, Manifest, order
from casefile.exports import Finding, check_case
from casefile.notary import PackageSeal
from contracts.casefile import CaseProof
from kernel.digests import canonical, digest
from kernel.notes import NotSigned, PublicKey

Wrong = Literal[
    "", "container", "seal", "manifest", "another", "missing", "surplus", "order", "entry", "proof", "unlike"
]
"""What does not hold: the container at an entry; the seal's signature; the manifest under it; the seal is another
case's; an entry is not there, is one too many, stands elsewhere, has other bytes; the proof in it; the proof is of
another case or tree than the manifest says."""

LARGEST = 1 << 30
"""Bytes of a manifest or a proof, beyond which nobody's package is read into memory."""

HELD = frozenset({README, MANIFEST, SEAL, PROOF})

_LOCAL = struct.Struct("<4s5H3I2H")


class Checked(msgspec.Struct, frozen=True):
    """Whether a package holds; if not, what does not, and which entry shows it first."""

    verified: bool
    wrong: Wrong = ""
    entry: str = ""
    proof: Finding | None = None
    """What was found of the history in it."""
    manifest: Manifest | None = None
    """Where its seal holds."""
    digest: str = ""
    """SHA-256 of the whole file."""


class _Broken(Exception):
    """The container is not in its form, at this entry."""


class _Read(msgspec.Struct):
    """What a container holds."""

    entries: list[Entry]
    sums: list[str]
    held: dict[str, bytes]
    crcs: list[int]


def check_archive(path: Path, key: PublicKey) -> Checked:
    """Checks a package. Raises OSError."""
    with path.open("rb") as file:
        source = _Summed(file)
        try:
            read = _read(source)
        except _Broken as broken:
            return Checked(verified=False, wrong="container", entry=str(broken))
        return _checked(read, key, source.sum.hexdigest())


def _checked(read: _Read, key: PublicKey, whole: str) -> Checked:
    names = [each.name for each in read.entries]
    for name in (MANIFEST, SEAL):
        if name not in read.held:
            return Checked(verified=False, wrong="missing", entry=name, digest=whole)
    try:
        seal = PackageSeal.read(key.opened(read.held[SEAL].decode()))
    except (NotSigned, ValueError):
        return Checked(verified=False, wrong="seal", entry=SEAL, digest=whole)
    manifest = _manifest(read.held[MANIFEST])
    if manifest is None or seal.digest != digest(read.held[MANIFEST]):
        return Checked(verified=False, wrong="manifest", entry=MANIFEST, digest=whole)
    if (seal.case_id, seal.size) != (manifest.case_id, manifest.tree_size):
        return Checked(verified=False, wrong="another", entry=SEAL, manifest=manifest, digest=whole)
    if fault := next(_faults(read, names, manifest), None):
        wrong, name = fault
        return Checked(verified=False, wrong=wrong, entry=name, manifest=manifest, digest=whole)
    return _proven(read.held[PROOF], manifest, key, whole)


def _manifest(said: bytes) -> Manifest | None:
    try:
        found = msgspec.json.decode(said, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    is_whole = [each.name for each in found.entries[:2]] == [README, PROOF]
    return found if is_whole and canonical(found) == said else None


def _faults(read: _Read, names: list[str], manifest: Manifest) -> Iterator[tuple[Wrong, str]]:
    wanted = order(manifest)
    yield from (("missing", name) for name in wanted if name not in names)
    yield from (("surplus", name) for at, name in enumerate(names) if name not in wanted or name in names[:at])
    yield from (("order", name) for name, place in zip(names, wanted, strict=False) if name != place)
    filed = {each.name: each for each in manifest.entries}
    for each, sum_, crc in zip(read.entries, read.sums, read.crcs, strict=True):
        said = filed.get(each.name)
        if said is not None and (said.size, said.sha256) != (each.size, sum_):
            yield "entry", each.name
        if crc != each.crc:
            yield "container", each.name


def _proven(said: bytes, manifest: Manifest, key: PublicKey, whole: str) -> Checked:
    try:
        proof = msgspec.json.decode(said, type=CaseProof)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Checked(verified=False, wrong="proof", entry=PROOF, manifest=manifest, digest=whole)
    found = check_case(proof, key)
    wrong: Wrong = "" if found.verified else "proof"
    if found.verified and (proof.case_id, found.length, found.size) != (
        manifest.case_id,
        manifest.facts,
        manifest.tree_size,
    ):
        wrong = "unlike"
    return Checked(not wrong, wrong, PROOF if wrong else "", found, manifest, whole)


class _Summed:
    """A file that is read forward, and summed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sum = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """So many bytes, or fewer at the end."""
        found = self._file.read(size)
        self.sum.update(found)
        return found


def _read(file: _Summed) -> _Read:
    """All entries, and nothing but them. Raises _Broken with the entry at which the form is another."""
    read = _Read([], [], {}, [])
    start = file.read(4)
    while start == b"PK\3\4":
        before = read.entries[-1].name if read.entries else README
        each = _headed(file, start, before)
        held = each.name in HELD and each.name not in read.held
        if held and each.size > LARGEST:
            raise _Broken(each.name)
        content = bytearray()
        whole, crc, left = hashlib.sha256(), 0, each.size
        while left:
            chunk = file.read(min(left, CHUNK))
            if not chunk:
                raise _Broken(each.name)
            left -= len(chunk)
            whole.update(chunk)
            crc = zlib.crc32(chunk, crc)
            if held:
                content += chunk
        read.entries.append(each)
        read.sums.append(whole.hexdigest())
        read.crcs.append(crc)
        if held:
            read.held[each.name] = bytes(content)
        start = file.read(4)
    last = next((e.name for e, crc in zip(read.entries, read.crcs, strict=True) if e.crc != crc), "") or (
        read.entries[-1].name if read.entries else README
    )
    listed = directory(read.entries)
    if start + file.read(len(listed) - 4) != listed or file.read(1):
        raise _Broken(last)
    return read


def _headed(file: _Summed, start: bytes, before: str) -> Entry:
    rest = file.read(_LOCAL.size - 4)
    if len(rest) < _LOCAL.size - 4:
        raise _Broken(before)
    fields = _LOCAL.unpack(start + rest)
    crc, name_size, extra_size = fields[6], fields[9], fields[10]
    raw, extra = file.read(name_size), file.read(extra_size)
    try:
        size = struct.unpack("<HHQQ", extra)[2]
        found = Entry(raw.decode(), size, crc)
    except (struct.error, UnicodeDecodeError) as error:
        raise _Broken(before) from error
    if head(found) != start + rest + raw + extra:
        raise _Broken(before)
    return found
