"""Records the streams and a package of archives of this release: ``python tests/golden/record_archives.py VERSION``,
once, at its release.

The files are never changed afterwards: what was stored must load and fold, and what was given away must verify.
"""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services"), str(ROOT)]

import tempfile

import msgspec
from tests.casefile.archived import a_casefile, a_closed_case, made

from casefile.domain import Archive
from contracts.archives import ItemTerm, NoteErasure, RecordArchive
from contracts.language import Act
from eventing import mapper

AT = datetime(2026, 7, 23, 4, tzinfo=UTC)
OVER = datetime(2036, 8, 1, tzinfo=UTC)
FOLDER = Path(__file__).parent / "archives"


def act(by: str, at: datetime = AT) -> Act:
    """Somebody, or the house."""
    return Act(at=at, by=by, cause="golden")


def stories() -> list[Archive]:
    """Streams with every fact that they may hold."""
    ended, lasting = Archive("case-1"), Archive("case-2")
    record = RecordArchive(
        case_id="case-1", digest="d1", size=9000, files=2, facts=40, tree_size=99, number="YJS-1", theme="CY",
        hall="county", departments=("scjg", "wjw"), catalogue="c",
        terms=(ItemTerm("CY03", "closing", date(2026, 7, 23), 10, date(2036, 7, 23), "X"),),
        keep_until=date(2036, 7, 23), software="onething 0.3.0",
    )  # fmt: skip
    ended.ask(closed_at=AT, ready_on=date(2026, 7, 23), act=act("manager"))
    ended.keep(record, act("service:casefile"))
    ended.reach_term(act("system", OVER))
    ended.extend(date(2037, 1, 1), "in court", act("head", OVER))
    ended.reach_term(act("system", OVER.replace(year=2038)))
    ended.approve("nothing speaks against it", act("head", OVER.replace(year=2038)))
    ended.destroy(act("manager", OVER.replace(year=2038)))
    ended.note_erasure(NoteErasure(case_id="case-1", key_id="k-1", reason="end of retention"), act("service:vault"))
    ended.remove(2, act("service:casefile", OVER.replace(year=2038)))
    lasting.keep(msgspec.structs.replace(record, case_id="case-2", keep_until=None), act("service:casefile"))
    return [ended, lasting]


def main(version: str) -> None:
    """Stream and stored facts of each; and a package."""
    told = [
        {"stream": each.stream, "facts": [{"topic": f.TOPIC, "state": mapper.encode(f)} for f in each.pending]}
        for each in stories()
    ]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{version}.json").write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1))
    with tempfile.TemporaryDirectory() as folder:
        running = a_casefile(Path(folder))
        a_closed_case(running)
        package = running.service.contents.open(made(running).digest)
        (FOLDER / f"{version}.zip").write_bytes(b"".join(package))
        running.store.close()


if __name__ == "__main__":
    main(sys.argv[1])
