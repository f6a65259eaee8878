"""From the closing to the register of destructions: package, term, appraisal, the key's end; proofs outlive it."""

import base64
import shutil
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from casefile.archiving.checking import check_archive
from casefile.domain import ArchiveIsDestroyed, CaseNotClosed, NotAppraised, ObjectionsOpen, SecondPersonForDestruction
from casefile.exports import check_case
from casefile.projections import CLOSING, relist
from contents import ContentMissing
from contracts.archives import (
    ApproveDestruction,
    ArchiveDestroyed,
    CaseArchived,
    DestroyArchive,
    ExtendRetention,
    GetArchive,
    ListArchives,
    MakeArchive,
    RecordArchive,
)
from contracts.casefile import CaseProof, ProveCase, VerifyCase
from contracts.intake import CaseClosed, CaseReopened
from contracts.language import Caller
from contracts.vault import CaseKeyDestroyed
from eventing.errors import NotFound
from eventing.scoping import NotYourRole, OutOfScope
from kernel.notes import PublicKey
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica

from .archived import COUNTY, a_casefile, a_closed_case, facts_of, follow, package, tick
from .mothers import SIGNING

KEY = PublicKey.read(SIGNING.notary.key)
MANAGER = Caller(by="manager-li", hall="county", roles=("manager",))
ELSEWHERE = Caller(by="manager-wu", hall="yl-bank", roles=("manager",))
HEAD = Caller(by="scjg-head", org="scjg", roles=("approver",))
OTHER = Caller(by="wjw-head", org="wjw", roles=("approver",))
AUDITOR = Caller(by="auditor-shi", roles=("auditor",))
READY = 100
"""Days: sixty working days from a Thursday in July, with the holidays of autumn, are over by then."""
TERM = 365 * 15 + 5
"""Days: CY03 is kept ten years from the expiry of a permit that is valid for five."""


@pytest.fixture(params=DATABASES)
def casefile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    url = ""
    if request.param != "sqlite":
        url = request.getfixturevalue("postgresql").create_database(f"archiving_{uuid.uuid4().hex[:8]}")
    running = a_casefile(tmp_path, url)
    yield running
    running.store.close()


def listed(casefile: Replica, caller: Caller = AUDITOR, **asked: Any) -> list[tuple[str, str]]:
    return [(each["case_id"], each["state"]) for each in casefile.ask(ListArchives(**asked), caller)["archives"]]


def known(casefile: Replica, case_id: str = "case-1") -> dict[str, Any]:
    return dict(casefile.ask(GetArchive(case_id=case_id), AUDITOR))


def archived(casefile: Replica) -> None:
    a_closed_case(casefile)
    tick(casefile)
    assert tick(casefile, READY) == 1


def due(casefile: Replica) -> None:
    archived(casefile)
    tick(casefile, TERM)


def destroyed(casefile: Replica) -> None:
    due(casefile)
    casefile.command(ApproveDestruction(case_id="case-1", opinion="无继续保存价值"), caller=HEAD)
    casefile.command(DestroyArchive(case_id="case-1"), caller=MANAGER)


class TestMaking:
    def test_waits_until_the_time_for_objections_is_over(self, casefile: Replica) -> None:
        a_closed_case(casefile)
        assert tick(casefile) == 0
        (waiting,) = casefile.store.select(sa.select(CLOSING))
        assert (waiting["waits"], waiting["ready_at"] > NOON + timedelta(days=60)) == (True, True)
        casefile.clock.set(waiting["ready_at"] - timedelta(seconds=1))
        assert tick(casefile) == 0
        assert listed(casefile) == []

        casefile.clock.set(waiting["ready_at"])
        assert tick(casefile) == 1
        assert listed(casefile) == [("case-1", "kept")]
        assert tick(casefile) == 0

    def test_an_open_case_is_not_archived(self, casefile: Replica) -> None:
        follow(casefile, "case-1", facts_of(casefile)[:-1])
        tick(casefile)

        assert tick(casefile, READY * 10) == 0
        with refused(NotFound):
            casefile.command(MakeArchive(case_id="case-9"), caller=MANAGER)

    def test_a_case_that_is_open_again_waits_until_it_is_closed_once_more(self, casefile: Replica) -> None:
        a_closed_case(casefile)
        again: dict[str, Any] = {"case_id": "case-1", "at": casefile.clock.now(), "by": "system"}
        casefile.follow("intake", ("case-1", 4, CaseReopened(**again, items=("CY03",))))

        assert tick(casefile, READY) == 0
        assert casefile.service.late_archives() == 0
        with refused(CaseNotClosed):
            casefile.command(MakeArchive(case_id="case-1"))

        later = again | {"at": casefile.clock.now()}
        casefile.follow("intake", ("case-1", 5, CaseClosed(**later, outcome="denied")))
        assert tick(casefile) == 0
        assert tick(casefile, READY) == 1
        assert listed(casefile) == [("case-1", "kept")]

    def test_the_fact_says_where_it_is_and_how_long_it_is_kept(self, casefile: Replica, tmp_path: Path) -> None:
        archived(casefile)

        told = known(casefile)
        assert (told["row"]["state"], told["row"]["hall"], told["row"]["departments"]) == ("kept", "county", ["scjg"])
        assert told["row"]["keep_until"] == "2041-07-23"
        (term,) = told["terms"]
        assert (term["item"], term["counted_from"], term["since"], term["years"]) == (
            "CY03", "expiry", "2031-07-23", 10,
        )  # fmt: skip
        (kept,) = told["packages"]
        assert (kept["edition"], kept["files"], kept["facts"], kept["requested_by"]) == (1, 2, 6, "")
        path = package(casefile, kept["digest"], tmp_path)
        found = check_archive(path, KEY)
        assert (found.verified, found.digest, path.stat().st_size) == (True, kept["digest"], kept["size"])

    def test_not_before_by_anybodys_wish(self, casefile: Replica) -> None:
        a_closed_case(casefile)
        with refused(ObjectionsOpen):
            casefile.command(MakeArchive(case_id="case-1"))

    def test_whom_a_case_does_not_concern_learns_nothing_of_it(self, casefile: Replica) -> None:
        a_closed_case(casefile)
        casefile.service.peers.ask = lambda _: {
            "halls": ["county"], "items": {}, "subjects": [], "agents": [], "admitted": [],
        }  # fmt: skip
        with refused(OutOfScope):
            casefile.command(MakeArchive(case_id="case-1"), caller=ELSEWHERE)
        with refused(ObjectionsOpen):
            casefile.command(MakeArchive(case_id="case-1"), caller=MANAGER)

    def test_made_anew_it_holds_what_has_happened_since(self, casefile: Replica, tmp_path: Path) -> None:
        archived(casefile)
        casefile.follow("intake", ("case-1", 4, CaseClosed(case_id="case-1", at=NOON, by="system", outcome="granted")))
        casefile.command(MakeArchive(case_id="case-1"))
        tick(casefile)
        tick(casefile)

        first, second = known(casefile)["packages"]
        assert (second["edition"], second["facts"], second["requested_by"]) == (2, 7, "tester")
        for each in (first, second):
            assert check_archive(package(casefile, each["digest"], tmp_path), KEY).verified

    def test_what_cannot_be_read_now_is_tried_again(self, casefile: Replica, tmp_path: Path) -> None:
        a_closed_case(casefile)
        tick(casefile)
        files, aside = tmp_path / "contents", tmp_path / "aside"
        shutil.move(files, aside)
        with pytest.raises(ContentMissing):
            tick(casefile, READY)
        assert listed(casefile) == []
        shutil.move(aside, files)

        assert tick(casefile) == 1

    def test_late_packages_are_counted(self, casefile: Replica) -> None:
        a_closed_case(casefile)
        tick(casefile)
        samples = {each.name: each.value for each in casefile.service.samples()}
        casefile.clock.advance(timedelta(days=READY + 2))
        later = {each.name: each.value for each in casefile.service.samples()}

        assert (samples["onething_unarchived_cases"], later["onething_unarchived_cases"]) == (0, 1)

    def test_cases_of_an_older_release_wait_too(self, casefile: Replica) -> None:
        a_closed_case(casefile)
        with casefile.store.writing() as connection:
            connection.execute(sa.delete(CLOSING))
            relist(connection, "")

        tick(casefile)
        assert tick(casefile, READY) == 1

    def test_cases_that_are_listed_anew_are_not_archived_anew(self, casefile: Replica) -> None:
        due(casefile)
        casefile.command(ApproveDestruction(case_id="case-1", opinion="无继续保存价值"), caller=HEAD)
        with casefile.store.writing() as connection:
            relist(connection, "")

        assert tick(casefile, READY) == 0
        assert listed(casefile) == [("case-1", "approved")]

    def test_what_closes_a_case_again_while_its_package_is_made_is_archived_too(
        self, casefile: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a_closed_case(casefile)
        tick(casefile)
        record = casefile.service.peers.command

        def closed_again(command: Any, *, id: str) -> Any:
            late = CaseClosed(case_id="case-1", at=casefile.clock.now(), by="system", outcome="granted")
            casefile.follow("intake", ("case-1", 4, late))
            return record(command, id=id)

        with monkeypatch.context() as patch:
            patch.setattr(casefile.service.peers, "command", closed_again)
            assert tick(casefile, READY) == 1
        tick(casefile)
        assert tick(casefile, READY) == 1

        assert [(each["edition"], each["facts"]) for each in known(casefile)["packages"]] == [(1, 6), (2, 7)]
        assert tick(casefile, READY) == 0


class TestTheDueList:
    def test_has_what_is_over_by_department_and_hall(self, casefile: Replica) -> None:
        due(casefile)

        for asked in ({"state": "due"}, {"state": "due", "department": "scjg"}, {"hall": "county"}):
            assert listed(casefile, **asked) == [("case-1", "due")]
        for asked in ({"state": "kept"}, {"department": "wjw"}, {"hall": "yl-bank"}):
            assert listed(casefile, **asked) == []

    def test_is_seen_by_those_whose_it_is(self, casefile: Replica) -> None:
        due(casefile)

        assert [len(listed(casefile, caller)) for caller in (MANAGER, HEAD, AUDITOR, ELSEWHERE, OTHER)] == [
            1,
            1,
            1,
            0,
            0,
        ]
        with refused(NotYourRole):
            listed(casefile, Caller(by="clerk-7", hall="county", roles=("clerk",)))

    def test_comes_in_pages_first_what_was_over_first(self, casefile: Replica) -> None:
        for number in range(5):
            a_closed_case(casefile, f"case-{number}", at=NOON - timedelta(days=number), files=False)
        tick(casefile)
        tick(casefile, READY)
        tick(casefile)

        seen, after = [], ""
        while True:
            page = casefile.ask(ListArchives(limit=2, after=after), AUDITOR)
            seen += [each["case_id"] for each in page["archives"]]
            after = page["after"]
            if not after:
                break
        assert seen == [f"case-{number}" for number in (4, 3, 2, 1, 0)]


class TestTheAppraisal:
    def test_extends(self, casefile: Replica) -> None:
        due(casefile)
        casefile.command(ExtendRetention(case_id="case-1", keep_until=date(2051, 1, 1), reason="涉诉"), caller=HEAD)

        told = known(casefile)
        assert (told["row"]["state"], told["row"]["keep_until"]) == ("kept", "2051-01-01")
        assert [(each["by"], each["reason"]) for each in told["extensions"]] == [("scjg-head", "涉诉")]

    @pytest.mark.parametrize("caller", [AUDITOR, OTHER, Caller(by="op", roles=("operator",))])
    def test_is_of_those_whose_case_it_is(self, casefile: Replica, caller: Caller) -> None:
        due(casefile)
        casefile.service.peers.ask = lambda question: {
            "halls": [], "items": {}, "subjects": [], "agents": [], "admitted": [],
        }  # fmt: skip
        with pytest.raises((NotYourRole, OutOfScope)):
            casefile.command(ApproveDestruction(case_id="case-1", opinion="x"), caller=caller)
        with pytest.raises((NotYourRole, OutOfScope)):
            casefile.command(DestroyArchive(case_id="case-1"), caller=caller)

    def test_comes_before_and_takes_two(self, casefile: Replica) -> None:
        due(casefile)
        with refused(NotAppraised):
            casefile.command(DestroyArchive(case_id="case-1"), caller=MANAGER)
        casefile.command(ApproveDestruction(case_id="case-1", opinion="x"), caller=MANAGER)
        with refused(SecondPersonForDestruction):
            casefile.command(DestroyArchive(case_id="case-1"), caller=MANAGER)

    def test_nobody_destroys_a_case_that_is_open_again(self, casefile: Replica) -> None:
        due(casefile)
        again = CaseReopened(case_id="case-1", at=casefile.clock.now(), by="system", items=("CY03",))
        casefile.follow("intake", ("case-1", 4, again))
        with refused(CaseNotClosed):
            casefile.command(ApproveDestruction(case_id="case-1", opinion="x"), caller=MANAGER)

        late = CaseClosed(case_id="case-1", at=casefile.clock.now(), by="system", outcome="granted")
        casefile.follow("intake", ("case-1", 5, late))
        casefile.command(ApproveDestruction(case_id="case-1", opinion="x"), caller=MANAGER)
        casefile.follow("intake", ("case-1", 6, again))
        with refused(CaseNotClosed):
            casefile.command(DestroyArchive(case_id="case-1"), caller=HEAD)


class TestTheDestruction:
    def test_is_in_the_register_with_both_people_and_the_package_is_gone(self, casefile: Replica) -> None:
        destroyed(casefile)
        contents = casefile.service.contents
        assert len([*contents.list()]) == 3
        casefile.follow("vault", ("case-1", 2, self.key_destroyed()))
        tick(casefile)

        (row,) = casefile.ask(ListArchives(state="destroyed"), AUDITOR)["archives"]
        assert (row["approved_by"], row["destroyed_by"], row["opinion"]) == (
            "scjg-head",
            "manager-li",
            "无继续保存价值",
        )
        assert row["erased_at"]
        assert row["removed_at"]
        assert [*contents.list()] == []
        with refused(ArchiveIsDestroyed):
            casefile.command(MakeArchive(case_id="case-1"))

    def test_is_the_end_also_where_the_case_is_closed_once_more(self, casefile: Replica) -> None:
        destroyed(casefile)
        casefile.follow("vault", ("case-1", 2, self.key_destroyed()))
        tick(casefile)
        late = CaseClosed(case_id="case-1", at=casefile.clock.now(), by="system", outcome="granted")
        casefile.follow("intake", ("case-1", 4, late))

        assert tick(casefile, READY) == 0

        assert [*casefile.service.contents.list()] == []
        casefile.clock.advance(timedelta(days=2))
        assert casefile.service.late_archives() == 0

    def test_is_the_end_also_of_a_package_that_is_being_made(
        self, casefile: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        due(casefile)
        casefile.command(ApproveDestruction(case_id="case-1", opinion="无继续保存价值"), caller=HEAD)
        casefile.follow("intake", ("case-2", 1, CaseClosed(case_id="case-2", at=NOON, by="system", outcome="granted")))
        casefile.command(MakeArchive(case_id="case-1"))
        record = casefile.service.peers.command

        def destroyed_first(command: Any, *, id: str) -> Any:
            if isinstance(command, RecordArchive):
                casefile.command(DestroyArchive(case_id="case-1"), caller=MANAGER)
                casefile.service.remove("case-1")
            return record(command, id=id)

        monkeypatch.setattr(casefile.service.peers, "command", destroyed_first)
        assert tick(casefile) == 0

        assert [*casefile.service.contents.list()] == []
        assert listed(casefile) == [("case-1", "destroyed")]

    def test_is_told_to_vault(self, casefile: Replica) -> None:
        from vault.policies import REACTIONS

        destroyed(casefile)
        (fact,) = [each for each in casefile.log() if each.topic == ArchiveDestroyed.TOPIC]
        told = msgspec.json.decode(fact.state, type=ArchiveDestroyed)
        (command,) = REACTIONS.commands("casefile", ArchiveDestroyed.TOPIC, told)

        assert (command.case_id, command.reason) == ("case-1", "end of retention on 2041-07-23")  # type: ignore[attr-defined]

    def test_leaves_every_proof_as_it_is(self, casefile: Replica, tmp_path: Path) -> None:
        archived(casefile)
        before = msgspec.convert(casefile.ask(ProveCase(case_id="case-1")), CaseProof)
        path = package(casefile, known(casefile)["row"]["digest"], tmp_path)
        tick(casefile, TERM)
        casefile.command(ApproveDestruction(case_id="case-1", opinion="x"), caller=HEAD)
        casefile.command(DestroyArchive(case_id="case-1"), caller=MANAGER)
        casefile.follow("vault", ("case-1", 2, self.key_destroyed()))
        tick(casefile)

        assert check_archive(path, KEY).verified
        assert check_case(before, KEY).verified
        assert casefile.ask(VerifyCase(case_id="case-1"))["verified"]
        after = msgspec.convert(casefile.ask(ProveCase(case_id="case-1")), CaseProof)
        assert check_case(after, KEY).verified
        assert len(after.facts) == len(before.facts) + 1

    @staticmethod
    def key_destroyed() -> CaseKeyDestroyed:
        return CaseKeyDestroyed(
            case_id="case-1", at=NOON, by="service:vault", key_id="k-1", reason="end of retention on 2041-07-23"
        )


def test_casefile_remembers_its_own_facts_in_the_same_chain(casefile: Replica) -> None:
    archived(casefile)
    (made,) = [each for each in casefile.log() if each.topic == CaseArchived.TOPIC]
    casefile.follow("casefile", ("case-1", 1, msgspec.json.decode(made.state, type=CaseArchived)))

    proof = msgspec.convert(casefile.ask(ProveCase(case_id="case-1")), CaseProof)
    assert proof.facts[-1].topic == CaseArchived.TOPIC
    assert base64.b64encode(proof.facts[-1].state) == base64.b64encode(made.state)


def test_the_county_counts_as_the_tests_do() -> None:
    rule = COUNTY.item("CY03").retention
    assert rule is not None
    assert (rule.years, rule.validity, COUNTY.rules.archiving.days) == (10, 5, 60)
