"""A package: what is left of a case where nothing else is, with all that it takes to check it.

What is personal in it lies under the case's key, as everywhere: facts as they were chained, files as they were stored.
So a package tells nobody more than the ledger does, and is noise once the key is destroyed, wherever copies of it are.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Literal

import msgspec

from casefile.archiving.container import Entry, entry, written
from casefile.archiving.schedule import Closed
from casefile.explaining.course import Known
from casefile.notary import Notary
from contents.receipts import context_of
from contracts.archives import ItemTerm
from contracts.casefile import CaseProof
from contracts.certificate import CertificateIssued, CertificateRendered
from contracts.intake import CaseOpened, MaterialCopy
from kernel.digests import canonical, digest
from kernel.notes import Checkpoint

FORMAT: Literal["onething-archive/1"] = "onething-archive/1"
README, MANIFEST, SEAL, PROOF = "README.txt", "manifest.json", "manifest.sig", "proof.json"

EXPLAINED = """归档信息包 onething-archive/1

一个办结案件的全部过程与文件。验证只需公钥：onething archive verify 本文件 --key 公钥
- manifest.json 清单：案件、保管期限、目录版本、软件版本，以及每个文件的 SHA-256
- manifest.sig  清单的签名（C2SP signed note, Ed25519），签的是清单的 SHA-256
- proof.json    全部事实的原始字节、每个事实在全部事实的默克尔树（RFC 9162）中的位置证明、签名树头
- files/        材料与文书，以本案密钥封存（Tink AES256_GCM_HKDF 流式格式）；密钥销毁后不可再读
个人信息只以密文存在。容器是不压缩的 ZIP，只有一种写法。

Archive package. All that happened in a closed case, and its files. To verify it takes the public key alone:
onething archive verify THIS_FILE --key KEY
- manifest.json  the case, its terms, the versions of catalogue and software, the SHA-256 of every file
- manifest.sig   a signed note (C2SP, Ed25519) over the SHA-256 of the manifest
- proof.json     every fact's bytes, its way to a signed head of the Merkle tree over all facts (RFC 9162)
- files/         materials and documents under the case's key (Tink's AES256_GCM_HKDF streaming format)
What is personal is in it encrypted only, and unreadable once the key is destroyed.
"""


class Filed(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An entry of the package, as its manifest names it."""

    name: str
    size: int
    sha256: str
    kind: Literal["readme", "proof", "material", "document"]
    about: str = ""
    """The copy, or the certificate."""
    media_type: str = ""
    """Of what is sealed in it."""
    key_id: str = ""
    context: str = ""
    """What its sealed bytes are bound to."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a package says of itself; nothing in it is personal."""

    format: Literal["onething-archive/1"]
    case_id: str
    number: str
    theme: str
    region: str
    hall: str
    departments: tuple[str, ...]
    outcome: str
    closed_on: date
    catalogue: str
    software: str
    facts: int
    tree_size: int
    keep_until: date | None
    terms: tuple[ItemTerm, ...]
    not_made: tuple[str, ...]
    """Certificates whose documents had not been made: their data is in the facts."""
    entries: tuple[Filed, ...]


class Stored(msgspec.Struct, frozen=True):
    """A file of the case where it rests."""

    digest: str
    kind: Literal["material", "document"]
    about: str
    media_type: str
    key_id: str
    context: str


class Packed(msgspec.Struct, frozen=True):
    """A package that is ready to be written."""

    manifest: Manifest
    chunks: Iterator[bytes]

    @property
    def files(self) -> int:
        """How many files of the case are in it."""
        return sum(each.kind in {"material", "document"} for each in self.manifest.entries)


Opened = Callable[[str], Iterator[bytes]]
"""Opens stored bytes by their digest."""


def stored(facts: Sequence[Known]) -> list[Stored]:
    """The files that the facts of a case name, in their order, each once."""
    found: dict[str, Stored] = {}
    case_id = key_id = ""
    for known in facts:
        fact = known.fact
        if isinstance(fact, CaseOpened):
            case_id, key_id = str(fact.case_id), fact.key_id
        if isinstance(fact, CertificateRendered):
            found.setdefault(
                fact.digest,
                Stored(
                    fact.digest, "document", fact.certificate, fact.media_type, fact.key_id,
                    f"{fact.case_id}/{fact.certificate}",
                ),
            )  # fmt: skip
        for copy in _copies(fact):
            context = context_of(case_id, copy.material)
            found.setdefault(copy.stored, Stored(copy.stored, "material", copy.copy, copy.media_type, key_id, context))
    return [*found.values()]


def _copies(fact: object) -> Iterator[MaterialCopy]:
    for name in getattr(fact, "__struct_fields__", ()):
        value = getattr(fact, name)
        if isinstance(value, tuple):
            yield from (each for each in value if isinstance(each, MaterialCopy) and each.stored)


def not_made(facts: Sequence[Known]) -> tuple[str, ...]:
    """The certificates without a document."""
    issued = dict.fromkeys(each.fact.certificate for each in facts if isinstance(each.fact, CertificateIssued))
    made = {each.fact.certificate for each in facts if isinstance(each.fact, CertificateRendered)}
    return tuple(each for each in issued if each not in made)


def packed(
    case: Closed,
    facts: Sequence[Known],
    *,
    terms: tuple[ItemTerm, ...],
    keep_until: date | None,
    proof: CaseProof,
    notary: Notary,
    opened: Opened,
    software: str,
) -> Packed:
    """The package of a case as its proof has it. The same case, proof and release give the same bytes.

    ``opened`` is asked for each file twice: for its sum, and for its bytes. Raises what it raises.
    """
    readme, proven = EXPLAINED.encode(), canonical(proof)
    files = [(each, *_summed(opened(each.digest))) for each in stored(facts)]
    size = Checkpoint.read(proof.tree_head.rpartition("\n\n")[0] + "\n").size
    manifest = Manifest(
        format=FORMAT,
        case_id=proof.case_id,
        number=case.number,
        theme=case.theme,
        region=case.region,
        hall=case.hall,
        departments=case.departments,
        outcome=case.outcome,
        closed_on=case.closed_on,
        catalogue=case.catalogue,
        software=software,
        facts=len(proof.facts),
        tree_size=size,
        keep_until=keep_until,
        terms=terms,
        not_made=not_made(facts),
        entries=(
            _filed(README, readme, "readme"),
            _filed(PROOF, proven, "proof"),
            *(
                Filed(
                    _name(each), length, each.digest, each.kind, each.about, each.media_type, each.key_id, each.context
                )
                for each, length, _ in files
            ),
        ),
    )
    said = canonical(manifest)
    seal = notary.seal(proof.case_id, digest(said), size).encode()
    small = ((README, readme), (MANIFEST, said), (SEAL, seal), (PROOF, proven))
    return Packed(
        manifest,
        written(
            (
                *((entry(name, content), (content,)) for name, content in small),
                *((Entry(_name(each), length, crc), opened(each.digest)) for each, length, crc in files),
            )
        ),
    )


def _name(of: Stored) -> str:
    return f"files/{of.digest}"


def _filed(name: str, content: bytes, kind: Literal["readme", "proof"]) -> Filed:
    return Filed(name, len(content), hashlib.sha256(content).hexdigest(), kind)


def _summed(chunks: Iterable[bytes]) -> tuple[int, int]:
    size, crc = 0, 0
    for chunk in chunks:
        size, crc = size + len(chunk), zlib.crc32(chunk, crc)
    return size, crc


def order(manifest: Manifest) -> list[str]:
    """The names of all entries, as they follow each other."""
    first, *rest = (each.name for each in manifest.entries)
    return [first, MANIFEST, SEAL, *rest]
