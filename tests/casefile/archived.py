"""A closed case with files, and a casefile that archives it."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from casefile.archiving.answering import Archiving
from casefile.service import CaseFile
from catalogue import load
from contents.folder import FolderContents
from contents.receipts import context_of
from contents.sealing import sealed
from contracts.approval import ReviewGranted
from contracts.archives import RecordArchive
from contracts.certificate import CertificateIssued, CertificateRendered
from contracts.intake import CaseClosed, CaseOpened, MaterialCopy, MaterialsReceived, PlannedItem
from contracts.language import Caller, Command, Fact, Sealed
from testkit.facts import NOON
from testkit.replica import Replica

from .mothers import SIGNING

COUNTY = load("990102")
KEY = bytes(range(32))
SCAN, PDF = b"scan of an identity card " * 400, b"%PDF a licence"
HOUSE = Caller(by="service:casefile", roles=("service",))


class Shelf:
    """One version of the catalogue for every case."""

    def at(self, version: str) -> Any:
        return COUNTY


class All:
    """This replica does all of it."""

    def has(self, case_id: str) -> bool:
        return True


class Itself:
    """Commands that casefile sends to casefile."""

    def __init__(self) -> None:
        self.replica: Replica

    def command(self, command: Command, *, id: str) -> Any:
        return self.replica.command(command, caller=HOUSE, ids=[id])


def a_casefile(folder: Path, url: str = "") -> Replica:
    """A replica with a store of files."""
    peers = Itself()
    running = Replica(
        CaseFile,
        url or f"sqlite:///{folder}/casefile.db",
        signing=SIGNING,
        catalogues=Shelf(),
        contents=FolderContents(folder / "contents"),
        archiving_share=All(),
        peers=peers,
    )
    peers.replica = running
    return running


def facts_of(
    running: Replica, case_id: str = "case-1", *, at: datetime = NOON, files: bool = True
) -> list[tuple[str, Fact]]:
    """A licence that was granted, with a scan and a document, each sealed with the case's key."""
    put = running.service.contents.put
    scan = put(sealed([SCAN], KEY, context_of(case_id, "food_application"))) if files else None
    pdf = put(sealed([PDF], KEY, f"{case_id}/c-1")) if files else None
    said: dict[str, Any] = {"case_id": case_id, "at": at, "by": "clerk-7"}
    plan = (PlannedItem("CY01", "not_needed"), PlannedItem("CY03", "selected", "scjg"))
    copy = MaterialCopy(
        copy="m-1", material="food_application", medium="digital", digest="sha256:00", size=len(SCAN),
        media_type="image/png", stored=scan.digest if scan else "",
    )  # fmt: skip
    return [
        (
            "intake",
            CaseOpened(
                number=f"YJS-{case_id}", theme="CY", catalogue="c", mode="one_mouth", region="990102", hall="county",
                window="w1", channel="window", key_id="k-1", applicant=Sealed("k-1", "applicant", os.urandom(40)),
                applicant_index="i", applicant_kind="natural", answers={}, plan=plan, **said,
            ),
        ),
        ("intake", MaterialsReceived(materials=(copy,), **said)),
        ("approval", ReviewGranted(item="CY03", handler="scjg", decision="D-1", **said)),
        (
            "certificate",
            CertificateIssued(
                certificate="c-1", item="CY03", output="food_permit", kind="certificate", title="食品经营许可证",
                number="JY-1", issuer="scjg", issued_on=at.date(), **said,
            ),
        ),
        *(
            (
                "certificate",
                CertificateRendered(
                    certificate="c-1", digest=each.digest, size=len(PDF), media_type="application/pdf", signer="scjg",
                    key_id="k-1", **said,
                ),
            )
            for each in (pdf,)
            if each is not None
        ),
        ("intake", CaseClosed(outcome="granted", **said)),
    ]  # fmt: skip


def follow(running: Replica, case_id: str, facts: Sequence[tuple[str, Fact]]) -> None:
    """Casefile learns of a case."""
    versions: dict[str, int] = {}
    for service, fact in facts:
        versions[service] = versions.get(service, 0) + 1
        running.follow(service, (case_id, versions[service], fact))


def a_closed_case(running: Replica, case_id: str = "case-1", **values: Any) -> None:
    """Followed whole."""
    follow(running, case_id, facts_of(running, case_id, **values))


def tick(running: Replica, days: int = 0) -> int:
    """Time passes, deadlines come due, and the archivist looks; returns how much he did."""
    running.clock.advance(timedelta(days=days))
    running.engine.fire(running.store.due(running.clock.now(), range(16), 100))
    archiving: Archiving = running.service  # type: ignore[assignment]
    rows = archiving._waiting(None, 50)
    return sum(archiving._work(row) for row in rows)


def made(running: Replica, case_id: str = "case-1") -> RecordArchive:
    """A package of a case, now."""
    archiving: Archiving = running.service  # type: ignore[assignment]
    return archiving.written(case_id)


def package(running: Replica, digest: str, folder: Path) -> Path:
    """A package as somebody takes it away."""
    path = folder / "case.zip"
    path.write_bytes(b"".join(running.service.contents.open(digest)))
    return path
