"""An archive: asked for, kept, over, appraised by one and destroyed by another."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as random
from hypothesis import strategies as st

from casefile.domain import (
    AppraisalNamesPerson,
    AppraisalReasonMissing,
    Archive,
    ArchiveIsDestroyed,
    ArchivistOnly,
    CaseNotClosed,
    NotAppraised,
    NotArchived,
    ObjectionsOpen,
    PeopleOnly,
    SecondPersonForDestruction,
    TermNotLonger,
    TermNotReached,
)
from contracts.archives import (
    ArchiveDestroyed,
    ArchiveErased,
    ArchiveRemoved,
    ArchiveRequested,
    ArchiveTermReached,
    CaseArchived,
    DestructionApproved,
    ItemTerm,
    NoteErasure,
    RecordArchive,
    RetentionExtended,
)
from contracts.language import Act
from eventing.errors import OneThingError
from testkit.facts import NOON, an_act, fact, facts, given, names, refused, replayed

HOUSE = Act(at=NOON, by="service:casefile")
UNTIL = date(2036, 7, 23)
OVER = datetime(2036, 7, 23, 16, tzinfo=UTC)
"""Midnight in China after the last day."""
LATER = OVER + timedelta(days=1)
ERASURE = NoteErasure(case_id="case-1", key_id="k-1", reason="end of retention")


def made(digest: str = "d1", **values: Any) -> RecordArchive:
    said: dict[str, Any] = {
        "case_id": "case-1", "digest": digest, "size": 1000, "files": 2, "facts": 7, "tree_size": 99, "number": "YJS-1",
        "theme": "CY", "hall": "county", "departments": ("scjg", "wjw"), "catalogue": "c",
        "terms": (ItemTerm("CY03", "closing", date(2026, 7, 23), 10, UNTIL),), "keep_until": UNTIL,
        "software": "onething 1",
    }  # fmt: skip
    return RecordArchive(**said | values)


def an_archive(**values: Any) -> Archive:
    archive = Archive("case-1")
    archive.keep(made(**values), HOUSE)
    return given(archive)


def over(archive: Archive) -> Archive:
    archive.reach_term(Act(at=OVER, by="system"))
    return given(archive)


def approved() -> Archive:
    archive = over(an_archive())
    archive.approve("无继续保存价值", an_act("head-li", at=LATER))
    return given(archive)


def destroyed() -> Archive:
    archive = approved()
    archive.destroy(an_act("head-wu", at=LATER))
    return given(archive)


def ask(archive: Archive, *, closed_at: datetime | None = NOON, ready_on: date = date(2026, 7, 23)) -> None:
    archive.ask(closed_at=closed_at, ready_on=ready_on, act=an_act("manager-li"))


class TestMaking:
    def test_is_asked_for_once(self) -> None:
        archive = Archive("case-1")
        ask(archive)
        ask(archive)

        assert facts(archive) == [fact(ArchiveRequested)]
        assert (archive.standing, archive.is_wanted) == ("requested", True)

    def test_not_of_a_case_that_is_open_nor_before_the_time_for_objections_is_over(self) -> None:
        with refused(CaseNotClosed):
            ask(Archive("case-1"), closed_at=None)
        with refused(ObjectionsOpen, until=date(2026, 7, 24)):
            ask(Archive("case-1"), ready_on=date(2026, 7, 24))

    def test_says_what_was_made_and_for_whom(self) -> None:
        archive = Archive("case-1")
        ask(archive)
        given(archive).keep(made(), HOUSE)

        (kept,) = archive.pending
        assert isinstance(kept, CaseArchived)
        assert (kept.edition, kept.digest, kept.requested_by, kept.keep_until) == (1, "d1", "manager-li", UNTIL)
        assert (archive.standing, archive.is_wanted) == ("kept", False)

    def test_the_same_again_is_no_news_and_another_one_is_the_next_edition(self) -> None:
        archive = an_archive()
        archive.keep(made(), HOUSE)
        assert names(archive) == []

        archive.keep(made("d2"), HOUSE)
        assert archive.pending[0].edition == 2  # type: ignore[attr-defined]
        assert [each.digest for each in archive.packages] == ["d1", "d2"]

    def test_only_the_house_says_so(self) -> None:
        with refused(ArchivistOnly):
            Archive("case-1").keep(made(), an_act())
        with refused(ArchivistOnly):
            destroyed().remove(2, an_act())


class TestTheTerm:
    def test_ends_at_midnight_in_china_after_its_last_day(self) -> None:
        archive = an_archive()
        assert archive.timers() == {"term": OVER}
        archive.reach_term(Act(at=OVER - timedelta(seconds=1), by="system"))
        assert names(archive) == []

        archive.reach_term(Act(at=OVER, by="system"))
        assert facts(archive) == [fact(ArchiveTermReached, keep_until=UNTIL)]
        assert (archive.standing, archive.timers()) == ("due", {})

    def test_there_is_none_for_what_is_kept_for_ever(self) -> None:
        archive = an_archive(keep_until=None)

        assert archive.timers() == {}
        with refused(TermNotReached):
            archive.approve("x", an_act("head-li", at=LATER))

    def test_a_day_destroys_nothing(self) -> None:
        archive = over(an_archive())

        with refused(NotAppraised):
            archive.destroy(an_act("head-wu", at=LATER + timedelta(days=36500)))


class TestTheAppraisal:
    def test_extends(self) -> None:
        archive = over(an_archive())
        archive.extend(date(2046, 7, 23), " 涉诉 ", an_act("head-li", at=LATER))

        assert facts(archive) == [fact(RetentionExtended, keep_until=date(2046, 7, 23), reason="涉诉")]
        assert archive.standing == "kept"
        assert archive.timers()["term"] == datetime(2046, 7, 23, 16, tzinfo=UTC)

    def test_an_extension_takes_an_approval_back(self) -> None:
        archive = approved()
        archive.extend(None, "永久保存", an_act("head-zhou", at=LATER))

        assert (archive.standing, archive.timers()) == ("kept", {})
        with refused(NotAppraised):
            archive.destroy(an_act("head-wu", at=LATER))

    @pytest.mark.parametrize("day", [UNTIL, date(2036, 7, 24), date(2030, 1, 1)])
    def test_leads_beyond_the_term_and_today(self, day: date) -> None:
        with refused(TermNotLonger):
            over(an_archive()).extend(day, "x", an_act("head-li", at=LATER))

    def test_for_ever_is_not_extended(self) -> None:
        with refused(TermNotLonger):
            an_archive(keep_until=None).extend(date(2099, 1, 1), "x", an_act("head-li"))

    def test_an_extension_outlives_a_later_edition(self) -> None:
        archive = an_archive()
        archive.extend(date(2046, 7, 23), "涉诉", an_act("head-li"))
        archive.keep(made("d2"), HOUSE)

        assert archive.keep_until == date(2046, 7, 23)

    def test_a_later_edition_was_not_appraised(self) -> None:
        archive = approved()
        archive.keep(made("d2"), Act(at=LATER, by="service:casefile"))

        assert archive.standing == "due"

    def test_approves_once_when_the_term_is_over(self) -> None:
        with refused(TermNotReached):
            an_archive().approve("x", an_act("head-li"))
        archive = over(an_archive())
        archive.approve("无继续保存价值", an_act("head-li", at=LATER))
        archive.approve("同意", an_act("head-zhou", at=LATER))

        assert facts(archive) == [fact(DestructionApproved, opinion="无继续保存价值")]

    def test_says_why_and_is_a_persons(self) -> None:
        archive = over(an_archive())
        for refusal, act, why in (
            (AppraisalReasonMissing, an_act("head-li", at=LATER), "  "),
            (AppraisalNamesPerson, an_act("head-li", at=LATER), "当事人11010519491231002X已故"),
            (PeopleOnly, Act(at=LATER, by="service:intake"), "x"),
            (PeopleOnly, Act(at=LATER, by="system"), "x"),
        ):
            with refused(refusal):
                archive.approve(why, act)
            with refused(refusal):
                archive.extend(None, why, act)

    def test_needs_a_package(self) -> None:
        archive = Archive("case-1")
        ask(archive)
        with refused(NotArchived):
            archive.approve("x", an_act("head-li"))


class TestTheDestruction:
    def test_is_another_persons(self) -> None:
        archive = approved()
        with refused(SecondPersonForDestruction, by="head-li"):
            archive.destroy(an_act("head-li", at=LATER))
        with refused(PeopleOnly):
            archive.destroy(Act(at=LATER, by="system"))

        archive.destroy(an_act("head-wu", at=LATER))
        archive.destroy(an_act("head-wu", at=LATER))
        assert facts(archive) == [
            fact(ArchiveDestroyed, approved_by="head-li", opinion="无继续保存价值", keep_until=UNTIL)
        ]
        assert archive.standing == "destroyed"

    def test_is_followed_by_the_end_of_the_key_and_of_the_packages(self) -> None:
        archive = destroyed()
        archive.note_erasure(ERASURE, HOUSE)
        archive.note_erasure(ERASURE, HOUSE)
        archive.remove(2, HOUSE)
        archive.remove(2, HOUSE)

        assert facts(archive) == [
            fact(ArchiveErased, key_id="k-1", reason="end of retention"),
            fact(ArchiveRemoved, packages=("d1",), files=2),
        ]

    def test_afterwards_there_is_nothing_left_to_do(self) -> None:
        archive = destroyed()
        for act in (
            lambda: ask(archive),
            lambda: archive.keep(made("d2"), HOUSE),
            lambda: archive.extend(None, "x", an_act("head-li")),
            lambda: archive.approve("x", an_act("head-li")),
        ):
            with refused(ArchiveIsDestroyed):
                act()
        assert ArchiveIsDestroyed.status == 410
        assert names(archive) == []

    def test_a_key_that_is_destroyed_before_is_noted_and_the_package_stays(self) -> None:
        archive = an_archive()
        archive.note_erasure(ERASURE, HOUSE)

        assert names(archive) == ["ArchiveErased"]
        assert archive.standing == "kept"
        with refused(NotAppraised):
            archive.remove(2, HOUSE)

    def test_what_was_never_archived_has_nothing_to_note(self) -> None:
        archive = Archive("case-1")
        archive.note_erasure(ERASURE, HOUSE)

        assert names(archive) == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("ask", "keep", "term", "extend", "approve", "destroy", "erase", "remove")),
        st.sampled_from(("head-li", "head-wu", "service:casefile")),
        st.integers(0, 8000),
    ),
    max_size=25,
)


@random(STEPS)
def test_a_walk_replays_and_nobody_ever_destroys_alone(steps: list[tuple[str, str, int]]) -> None:
    archive, now = Archive("case-1"), NOON
    for number, (step, by, days) in enumerate(steps):
        now += timedelta(days=days)
        act = an_act(by, at=now)
        try:
            match step:
                case "ask":
                    archive.ask(closed_at=NOON, ready_on=NOON.date(), act=act)
                case "keep":
                    archive.keep(made(f"d{number}"), act)
                case "term":
                    archive.reach_term(act)
                case "extend":
                    archive.extend(now.date() + timedelta(days=days), "x", act)
                case "approve":
                    archive.approve("x", act)
                case "destroy":
                    archive.destroy(act)
                case "erase":
                    archive.note_erasure(ERASURE, act)
                case _:
                    archive.remove(1, act)
        except OneThingError:
            pass

    again = replayed(archive, archive.pending)
    assert again.state() == archive.state()
    for place, happened in enumerate(archive.pending):
        if isinstance(happened, ArchiveDestroyed):
            before = archive.pending[:place]
            assert [each.by for each in before if isinstance(each, DestructionApproved)][-1] != happened.by
            assert any(isinstance(each, ArchiveTermReached) and each.at <= happened.at for each in before)
