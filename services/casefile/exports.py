"""Whether a proof that was taken away holds: by its bytes and a public key alone, without any service."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from casefile.chain import Entry, envelope, is_of, leaf_of, next_link
from casefile.notary import ChainEnd
from contracts.casefile import CaseProof, ConsistencyProof, ProvenFact
from kernel.digests import EMPTY
from kernel.merkle import includes
from kernel.notes import Checkpoint, NotSigned, PublicKey, continuation

CASE_PROOF: Literal["onething-case-proof/1"] = "onething-case-proof/1"
CONSISTENCY_PROOF: Literal["onething-consistency-proof/1"] = "onething-consistency-proof/1"

Wrong = Literal["", "head", "end", "another", "fact", "missing", "surplus", "place", "other-head", "rewritten"]
"""What does not hold: the head's signature; that of the chain's end; the end is another's; a fact; one that is not
there; one too many; its place in the tree; the head is not the one that was kept; the later tree is no continuation."""


class Finding(msgspec.Struct, frozen=True):
    """Whether a proof holds; if not, what does not, and at which fact first."""

    verified: bool
    wrong: Wrong = ""
    at: int | None = None
    size: int = 0
    """How many facts the tree of the head is over."""
    length: int = 0
    """How many of them are the case's."""


def check_case(proof: CaseProof, key: PublicKey) -> Finding:
    """Checks a case's history: the signatures, then every fact against the one before it, then its way to the head."""
    try:
        head = Checkpoint.read(key.opened(proof.tree_head))
    except (NotSigned, ValueError):
        return Finding(verified=False, wrong="head")
    try:
        end = ChainEnd.read(key.opened(proof.chain_end))
    except (NotSigned, ValueError):
        return Finding(verified=False, wrong="end", size=head.size)
    wrong, at = next(_faults(proof, head, end), ("", None))
    return Finding(not wrong, wrong, at, head.size, end.length)


def _faults(proof: CaseProof, head: Checkpoint, end: ChainEnd) -> Iterator[tuple[Wrong, int | None]]:
    if (end.origin, end.case_id, end.size) != (head.origin, proof.case_id, head.size):
        yield "another", None
    previous, expected = EMPTY, 0
    for fact in proof.facts:
        expected += 1
        if fact.seq > expected:
            yield "missing", expected
        if expected > end.length:
            yield "surplus", expected
        if fact.seq < expected or not _follows(proof.case_id, previous, fact):
            yield "fact", expected
        previous = fact.link
    if expected < end.length:
        yield "missing", expected + 1
    if previous != end.link:
        yield "fact", expected
    for fact in proof.facts:
        if not includes(
            leaf_of(_entry(proof.case_id, fact)), fact.leaf_index, head.size, fact.inclusion_path, head.root
        ):
            yield "place", fact.seq


def _follows(case_id: str, previous: bytes, fact: ProvenFact) -> bool:
    try:
        return fact.link == next_link(previous, fact.service, _entry(case_id, fact)) and is_of(
            case_id, _entry(case_id, fact)
        )
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _entry(case_id: str, fact: ProvenFact) -> Entry:
    said = envelope(fact.state)
    return Entry(
        case_id=case_id,
        seq=fact.seq,
        service=fact.service,
        segment=fact.segment,
        position=fact.position,
        stream=fact.stream,
        version=fact.version,
        topic=fact.topic,
        at=said.at,
        by=said.by,
        state=fact.state,
        link=fact.link,
    )


def check_consistency(proof: ConsistencyProof, key: PublicKey, kept: str = "") -> Finding:
    """Checks that one head continues another; ``kept`` is the earlier head as somebody kept it, signed."""
    found = continuation(key, proof.old_head, proof.new_head, proof.consistency_path, kept)
    at = found.old if found.wrong in {"other-head", "rewritten"} else None
    return Finding(not found.wrong, found.wrong, at, found.new)
