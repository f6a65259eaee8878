"""The casefile service: it appends what all others publish, and tells and proves it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import Any, get_args

import eventlet
import msgspec
import sqlalchemy as sa

from casefile.archiving.answering import Archiving
from casefile.archiving.archivist import ArchivingShare, known
from casefile.archiving.rows import ARCHIVES
from casefile.audit import Found, Select, examine
from casefile.chain import Entry, Verdict, entry_of, envelope, verify
from casefile.domain import Archive
from casefile.explaining.course import Known
from casefile.explaining.telling import explained
from casefile.exports import CASE_PROOF, CONSISTENCY_PROOF
from casefile.heads import HEAD, Head, HeadSigning, head_of, holds, newest
from casefile.imported import Imported
from casefile.keeper import Keeper, is_behind
from casefile.listing import CLOCK, FACET, WHOLE
from casefile.policies import REACTIONS
from casefile.projections import ADMITTED, CLOSING, ENTRIES, HEADS, append, taken_over_by
from casefile.proving import Leaf, broken, in_tree, rewritten_from
from casefile.searching import Listed
from casefile.supposing.answering import Supposing
from casefile.tree import FRONTIER, LEAF, NODE, frontier, reader
from casefile.windows import Windows
from contracts import (
    approval,
    archives,
    certificate,
    credit,
    delegation,
    drafts,
    editions,
    fees,
    halls,
    insight,
    intake,
    notification,
    offers,
    operations,
    outreach,
    readings,
    reservations,
    routing,
    vault,
    webhooks,
)
from contracts.archives import MakeArchive
from contracts.casefile import (
    CaseFacts,
    CaseProof,
    ConsistencyProof,
    Explain,
    Explanation,
    FindCaseFiles,
    ListCaseFiles,
    ListTreeHeads,
    ProveCase,
    ProveConsistency,
    ProvenFact,
    Timeline,
    VerifyCase,
    VerifyLedger,
)
from contracts.language import Caller, Fact, Note, Sealed
from contracts.published import declared
from contracts.readings import ListReadings, PersonalDataRead
from contracts.scopes import ANY, Reach, is_within
from contracts.scopes.table import scope_of
from contracts.words import topics
from eventing.catalogues import CurrentCatalogues
from eventing.client import SYSTEM
from eventing.contents import ContentsStore
from eventing.errors import Invalid, NotFound, Refused, Unavailable
from eventing.keyring import Keyring
from eventing.scoping import check, completed, narrowed, reaches
from eventing.service import Service, projector, query
from kernel.clock import local_date
from kernel.merkle import Frontier, consistency, inclusions
from telemetry.metrics import Sample

PUBLISHERS = {
    "intake": intake,
    "delegation": delegation,
    "routing": routing,
    "approval": approval,
    "certificate": certificate,
    "halls": halls,
    "notification": notification,
    "outreach": outreach,
    "insight": insight,
    "gateway": webhooks,
    "vault": vault,
    "casefile": archives,
}
"""Whose facts are remembered, and in what words they speak; each also says what its operators did."""

MOST = 2000
"""Entries or cases in one answer."""

ENVELOPE = frozenset(Fact.__struct_fields__)


class HistoryBroken(Refused):
    """There is no proof of a history that is not what was written."""


class CaseFile(Archiving, Supposing, Windows, Imported, Service):
    """电子卷宗."""

    name = "casefile"
    aggregates = (Archive,)
    views = (ARCHIVES,)
    reactions = REACTIONS
    tables = (ENTRIES, HEADS, LEAF, NODE, FRONTIER, HEAD, ADMITTED, CLOSING, FACET, CLOCK, WHOLE)
    append_only = (ENTRIES.name, LEAF.name, NODE.name, HEAD.name)
    signing = HeadSigning()
    catalogues = CurrentCatalogues()
    keyring = Keyring()
    contents = ContentsStore()
    archiving_share = ArchivingShare()

    @projector(upstreams=tuple(PUBLISHERS))
    def append(self, connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
        """Every published fact, at the end of its case's chain and of the tree."""
        append(connection, notes)

    @query(Timeline)
    def timeline(self, question: Timeline, caller: Caller) -> dict[str, Any]:
        """What happened in a case, with a title for people; personal data stays sealed and is left out."""
        head = self._seen(question, caller)
        limit = max(1, min(question.limit, MOST))
        entries = self._entries(head["case_id"], after=question.after, limit=limit)
        shows_readings = any(each.topic == PersonalDataRead.TOPIC for each in entries) and self._is_told_readings(
            head, caller
        )
        return {
            **{name: head[name] for name in ("case_id", "number", "theme", "hall", "state", "outcome")},
            "entries": [_told(entry) for entry in entries if entry.topic != PersonalDataRead.TOPIC or shows_readings],
            "after": entries[-1].seq if len(entries) == limit else None,
        }

    @query(ListCaseFiles)
    def list_case_files(self, question: ListCaseFiles, caller: Caller) -> dict[str, Any]:
        """Cases with a history, in the order that was asked for."""
        return self._listed(question, caller)

    @query(FindCaseFiles)
    def find_case_files(self, question: FindCaseFiles, caller: Caller) -> dict[str, Any]:
        """Those of one applicant, compared as a blind index."""
        return self._listed(question, caller, self.keyring.blind(question.identifier))

    def _listed(self, question: ListCaseFiles | FindCaseFiles, caller: Caller, applicant: str = "") -> dict[str, Any]:
        limit = max(1, min(question.limit, MOST))
        found = Listed(question, local_date(self.clock.now()), applicant)
        wanted = narrowed(found.statement, question, caller, halls=(HEADS.c.hall, taken_over_by))
        rows = self.store.select(found.order.page(wanted, question.after, limit))
        return {
            "cases": [
                {
                    **{name: value for name, value in row.items() if name not in {"seq", "link"}},
                    "length": row["seq"],
                    "head": bytes(row["link"]).hex(),
                }
                for row in rows
            ],
            "after": found.order.cursor(rows, limit),
        }

    @query(VerifyCase)
    def verify_case(self, question: VerifyCase, caller: Caller) -> Verdict:
        """The chain and the leaves recomputed from the stored bytes, the way from each leaf to the tree's root, and
        whether the tree still is the one that was signed."""
        key = self._seen(question, caller)["case_id"]
        return self._examined(key)[0]

    def _examined(self, key: str) -> tuple[Verdict, list[Entry], list[Leaf]]:
        with self.store.selecting() as select:  # chain, leaves, tree and heads of one moment, whatever is being written
            return self._of_one_moment(select, key)

    def _of_one_moment(self, select: Select, key: str) -> tuple[Verdict, list[Entry], list[Leaf]]:
        rows = select(
            sa.select(
                ENTRIES,
                HEADS.c.seq.label("length"),
                HEADS.c.link.label("head"),
                LEAF.c.place,
                LEAF.c.hash.label("leaf"),
                sa.select(sa.func.max(LEAF.c.seq)).where(LEAF.c.case_id == key).scalar_subquery().label("leaves"),
            )
            .select_from(HEADS)
            .outerjoin(ENTRIES, ENTRIES.c.case_id == HEADS.c.case_id)
            .outerjoin(LEAF, sa.and_(LEAF.c.case_id == ENTRIES.c.case_id, LEAF.c.seq == ENTRIES.c.seq))
            .where(HEADS.c.case_id == key)
            .order_by(ENTRIES.c.seq)
        )
        entries = [entry_of(row) for row in rows if row["seq"] is not None]
        verdict = verify(key, rows[0]["length"], bytes(rows[0]["head"]), entries)
        if not verdict.verified:
            return verdict, entries, []
        leaves = [Leaf(row["place"], bytes(row["leaf"])) if row["leaf"] else None for row in rows]
        if None in leaves:
            self._refuse_while_behind(select)
        if (rows[0]["leaves"] or 0) > verdict.length:
            return broken(verdict, verdict.length + 1, "leaf"), entries, []
        verdict = in_tree(verdict, entries, leaves, frontier(select), reader(select))
        found = [leaf for leaf in leaves if leaf is not None]
        last = newest(select)
        if verdict.verified and last is not None and not holds(select, self.signing.notary, last):
            heads = map(head_of, select(sa.select(HEAD).order_by(HEAD.c.size)))
            whole = takewhile(lambda head: holds(select, self.signing.notary, head), heads)
            verdict = rewritten_from(verdict, found, max((head.size for head in whole), default=0))
        return verdict, entries, found

    def _refuse_while_behind(self, select: Select) -> None:
        """Raises Unavailable while what an older release wrote has no leaf; asked in the moment that is judged."""
        if is_behind(select):
            raise Unavailable(what="tree", service=self.name, error="entries of an older release get their leaves")

    @query(VerifyLedger)
    def verify_ledger(self, question: VerifyLedger, caller: Caller) -> Found:
        """The next leaves of the tree, their entries, and the heads that were signed over them."""
        try:
            tree = Frontier(question.checked, bytes.fromhex(question.peaks))
        except ValueError as error:
            raise Invalid(field="peaks", reason=str(error)) from error
        with self.store.selecting() as select:  # what is recorded meanwhile has its leaf and its entry, or neither
            self._refuse_while_behind(select)
            return examine(select, self.signing.notary, tree, max(1, min(question.stretch, MOST)))

    @query(ListTreeHeads)
    def list_tree_heads(self, question: ListTreeHeads, caller: Caller) -> dict[str, Any]:
        """What was signed, to be kept elsewhere."""
        limit = max(1, min(question.limit, MOST))
        wanted = sa.select(HEAD).where(HEAD.c.size > question.after).order_by(HEAD.c.size).limit(limit)
        last = newest(self.store.select) if question.newest else None
        heads = [last] if last else [] if question.newest else [head_of(row) for row in self.store.select(wanted)]
        return {
            "public_key": self.signing.notary.key,
            "tree_heads": [
                {"tree_size": head.size, "root_hash": head.root, "at": head.at, "signed_note": head.note}
                for head in heads
            ],
            "after": heads[-1].size if len(heads) == limit and not question.newest else None,
        }

    @query(ProveConsistency)
    def prove_consistency(self, question: ProveConsistency, caller: Caller) -> ConsistencyProof:
        """From one signed head to another; the proof is made of the tree as it is, and holds only if it is the same."""
        old = self._signed(question.old_size)
        new = self._signed(question.new_size) if question.new_size else newest(self.store.select) or old
        if new.size < old.size:
            raise Invalid(field="new_size", reason="the later head is the smaller one")
        path = consistency(old.size, new.size, reader(self.store.select))
        return ConsistencyProof(
            format=CONSISTENCY_PROOF,
            public_key=self.signing.notary.key,
            old_head=old.note,
            new_head=new.note,
            consistency_path=tuple(path),
        )

    def _signed(self, size: int) -> Head:
        found = self.store.select(sa.select(HEAD).where(HEAD.c.size == size))
        if not found:
            raise NotFound(what="tree head", id=str(size))
        return head_of(found[0])

    @query(ProveCase)
    def prove_case(self, question: ProveCase, caller: Caller) -> CaseProof:
        """A history to take away, under a head that is signed for it where the last one is older."""
        case = self._head(question.case_id)
        head = self._keeper().sign() or newest(self.store.select)
        verdict, entries, leaves = self._examined(case["case_id"])
        if head is None or not verdict.verified:
            raise HistoryBroken(case=case["case_id"], at=verdict.broken_at)
        signed = sum(leaf.place < head.size for leaf in leaves)  # what was appended since is not in it
        entries, leaves = entries[:signed], leaves[:signed]
        paths = inclusions([leaf.place for leaf in leaves], head.size, reader(self.store.select))
        return CaseProof(
            format=CASE_PROOF,
            public_key=self.signing.notary.key,
            case_id=case["case_id"],
            number=case["number"],
            tree_head=head.note,
            chain_end=self.signing.notary.end(case["case_id"], signed, entries[-1].link, head.size),
            facts=tuple(
                ProvenFact(
                    leaf_index=leaf.place,
                    inclusion_path=tuple(path),
                    **{
                        name: getattr(entry, name)
                        for name in Entry.__struct_fields__
                        if name in ProvenFact.__struct_fields__
                    },
                )
                for entry, leaf, path in zip(entries, leaves, paths, strict=True)
            ),
        )

    @query(CaseFacts)
    def case_facts(self, question: CaseFacts, caller: Caller) -> dict[str, Any]:
        """The stored facts of a case in the ledger's order; ``state`` are the bytes that were chained."""
        head = self._seen(question, caller)
        names = ("service", "segment", "position", "stream", "version", "topic", "at", "state")
        return {
            "case_id": head["case_id"],
            "facts": [
                {name: getattr(entry, name) for name in names}
                for entry in self._entries(head["case_id"], until=question.until)
            ],
        }

    @query(Explain)
    def explain(self, question: Explain, caller: Caller) -> Explanation:
        """Why, by the catalogue version that the case was opened with."""
        case = self._seen(question, caller)["case_id"]
        facts = self._known(case, question.until)
        opened = next((each.fact for each in facts if each.topic == intake.CaseOpened.TOPIC), None)
        if opened is None:
            raise NotFound(what="case as of then", id=question.case_id)
        catalogue = self.catalogues.at(opened.catalogue)
        return explained(question, case, facts, catalogue, lambda grant: self._known(grant, question.until))

    def _known(self, chain: str, until: datetime | None) -> list[Known]:
        return known(chain, self._entries(chain, until=until))

    # what the archivist needs

    def facts_of(self, case_id: str) -> list[Known]:
        """The facts of a case, in the ledger's order."""
        return self._known(case_id, None)

    def concerns(self, message: MakeArchive, caller: Caller) -> None:
        """Whether somebody may have a case archived."""
        self._seen(message, caller)

    def proven(self, case_id: str) -> CaseProof:
        """Its history with proofs."""
        return self.prove_case(ProveCase(case_id=case_id), SYSTEM)

    # the keeper

    keeper: Keeper | None = None

    def _keeper(self) -> Keeper:
        if self.keeper is None:
            self.keeper = Keeper(self.store, self.signing, self.clock.now)
        return self.keeper

    def started(self) -> None:
        """Looks after the ledger and its packages, until the service stops."""
        keeper = self._keeper()
        keeper.pull = self.peers.read_log
        archiving = eventlet.spawn(self.archive)
        keeper.run()
        archiving.wait()

    def samples(self) -> Iterator[Sample]:
        """ALARM: whether somebody has rewritten the ledger. And packages that ought to be there."""
        yield Sample("onething_tree_faults", (self.name,), self._keeper().is_rewritten)
        yield Sample("onething_unarchived_cases", (self.name,), self.late_archives())

    def stopping(self) -> None:
        """Nothing further is begun."""
        self._keeper().stop()
        self.stop_archiving()

    def _seen(self, question: Timeline | VerifyCase | CaseFacts | Explain | MakeArchive, caller: Caller) -> Any:
        """The chain of a case, for somebody whom the case concerns."""
        head = self._head(question.case_id)
        halls = frozenset((head["hall"] or "",)) - {""} if head["number"] else frozenset()
        reach = Reach(halls=halls, subjects=None)
        if ANY in reaches(type(question), caller):
            return head
        check(question, caller, completed(reach, head["case_id"], self.peers) if head["number"] else reach)
        return head

    def _is_told_readings(self, head: Any, caller: Caller) -> bool:
        """Whether who read personal data of a case may be told to them, as intake tells it."""
        words = scope_of(ListReadings).reaches(caller)
        if not words or ANY in words:
            return bool(words)
        return is_within(words, caller, completed(Reach(subjects=None), head["case_id"], self.peers))

    def _head(self, name: str) -> Any:
        """The chain of a case, by its id or its number."""
        rows = self.store.select(sa.select(HEADS).where((HEADS.c.case_id == name) | (HEADS.c.number == name)))
        if not rows:
            raise NotFound(what="case file", id=name)
        return rows[0]

    def _entries(
        self, case_id: str, *, after: int = 0, limit: int | None = None, until: datetime | None = None
    ) -> list[Entry]:
        wanted = (
            sa.select(ENTRIES)
            .where(ENTRIES.c.case_id == case_id, ENTRIES.c.seq > after)
            .order_by(ENTRIES.c.seq)
            .limit(limit)
        )
        if until is not None:
            wanted = wanted.where(ENTRIES.c.at <= until)
        return [entry_of(row) for row in self.store.select(wanted)]


def _told(entry: Entry) -> dict[str, Any]:
    said = envelope(entry.state)
    # A topic that this release does not know may hold personal data: its body is not shown.
    hidden = _sealed_fields().get(entry.topic)
    body = msgspec.json.decode(entry.state) if hidden is not None else {}
    return {
        "seq": entry.seq,
        "at": entry.at,
        "service": entry.service,
        "position": entry.position,
        "topic": entry.topic,
        "title": topics().get(entry.topic, {}),
        "by": said.by,
        "acting_as": said.acting_as,
        "in_name_of": said.in_name_of,
        "body": {name: value for name, value in body.items() if name not in ENVELOPE | (hidden or frozenset())},
        "link": entry.link.hex(),
    }


@cache
def _sealed_fields() -> dict[str, frozenset[str]]:
    """topic → the fields that hold personal data."""
    known = (*PUBLISHERS.values(), credit, drafts, editions, fees, offers, operations, readings, reservations)
    return {
        topic: frozenset(
            field.name for field in msgspec.structs.fields(fact) if Sealed in {field.type, *get_args(field.type)}
        )
        for module in known
        for fact in declared(module, Fact)
        for topic in (fact.TOPIC, *fact.OLD_TOPICS)
    }
