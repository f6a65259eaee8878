"""What happened in a case, who did it, and whether anybody touched it since."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from casefile.projections import ENTRIES, HEADS
from casefile.service import CaseFile
from contracts.casefile import CaseFacts, ListCaseFiles, Timeline, VerifyCase
from contracts.halls import WindowClosed
from contracts.language import Fact
from contracts.words import topics
from eventing.errors import Invalid, NotFound
from eventing.mapper import decode, encode, fact_types
from kernel.digests import link
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica, replica

from .mothers import SIGNING, a_case, closed, disarm, filled, granted, opened, reopened


@pytest.fixture(params=DATABASES)
def casefile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(CaseFile, request, tmp_path, signing=SIGNING) as running:
        yield running


def verified(casefile: Replica, case_id: str = "case-1") -> Any:
    return casefile.ask(VerifyCase(case_id=case_id))


class TestTheTimeline:
    def test_tells_everything_in_order_with_titles_for_people(self, casefile: Replica) -> None:
        a_case(casefile)

        told = casefile.ask(Timeline(case_id="case-1"))

        assert [(e["seq"], e["service"], e["title"]["zh"]) for e in told["entries"]] == [
            (1, "intake", "登记一件事"),
            (2, "intake", "填写一张表单"),
            (3, "approval", "准予"),
            (4, "intake", "办结"),
        ]
        assert (told["number"], told["theme"], told["state"], told["outcome"]) == (
            "YJS-case-1",
            "CY",
            "closed",
            "granted",
        )

    def test_says_who_did_it_under_which_grant_and_in_whose_name(self, casefile: Replica) -> None:
        a_case(casefile)

        decided = casefile.ask(Timeline(case_id="case-1"))["entries"][2]

        assert (decided["by"], decided["acting_as"], decided["in_name_of"]) == ("reviewer-2", "g-1", "market")
        assert decided["body"] == {"item": "CY03", "handler": "market", "decision": "D-1"}

    def test_leaves_personal_data_out(self, casefile: Replica) -> None:
        a_case(casefile)

        entries = casefile.ask(Timeline(case_id="case-1"))["entries"]

        assert "applicant" not in entries[0]["body"]
        assert entries[1]["body"] == {"fields": {"name": "entered"}}

    def test_is_found_by_the_number_of_the_case(self, casefile: Replica) -> None:
        a_case(casefile)

        assert casefile.ask(Timeline(case_id="YJS-case-1"))["case_id"] == "case-1"
        with refused(NotFound, id="YJS-nobody"):
            casefile.ask(Timeline(case_id="YJS-nobody"))

    def test_comes_in_pages(self, casefile: Replica) -> None:
        a_case(casefile)

        first = casefile.ask(Timeline(case_id="case-1", limit=3))
        second = casefile.ask(Timeline(case_id="case-1", limit=3, after=first["after"]))

        assert [e["seq"] for e in (*first["entries"], *second["entries"])] == [1, 2, 3, 4]
        assert second["after"] is None

    def test_has_words_for_every_fact_that_is_published(self) -> None:
        published = {fact.TOPIC for fact in fact_types() if fact.__module__.startswith("contracts.")}

        assert published <= topics().keys()
        assert all(words["zh"] and words["en"] for words in topics().values())


class TestTheList:
    def test_shows_cases_newest_first_with_their_state(self, casefile: Replica) -> None:
        a_case(casefile, "case-1")
        casefile.follow("intake", ("case-2", 1, opened("case-2", theme="XSE", at=NOON + timedelta(hours=1))))

        cases = casefile.ask(ListCaseFiles())["cases"]

        assert [(c["case_id"], c["theme"], c["state"], c["length"]) for c in cases] == [
            ("case-2", "XSE", "open", 1),
            ("case-1", "CY", "closed", 4),
        ]
        assert [c["case_id"] for c in casefile.ask(ListCaseFiles(state="closed"))["cases"]] == ["case-1"]
        assert [c["case_id"] for c in casefile.ask(ListCaseFiles(theme="XSE"))["cases"]] == ["case-2"]

    def test_shows_a_case_open_again_while_an_item_is_decided_again(self, casefile: Replica) -> None:
        a_case(casefile)
        casefile.follow("intake", ("case-1", 4, reopened()))

        (case,) = casefile.ask(ListCaseFiles())["cases"]
        assert (case["state"], case["outcome"]) == ("open", None)

        casefile.follow("intake", ("case-1", 5, closed()))
        (case,) = casefile.ask(ListCaseFiles())["cases"]
        assert (case["state"], case["outcome"]) == ("closed", "granted")

    def test_comes_in_pages_without_gaps_or_doubles(self, casefile: Replica) -> None:
        casefile.follow(
            "intake",
            *((f"case-{n}", 1, opened(f"case-{n}", at=NOON + timedelta(hours=n // 2))) for n in range(7)),
        )

        seen, after = [], ""
        while True:
            page = casefile.ask(ListCaseFiles(limit=2, after=after))
            seen += [case["case_id"] for case in page["cases"]]
            after = page["after"]
            if not after:
                break

        assert seen == [f"case-{n}" for n in (6, 5, 4, 3, 2, 1, 0)]

    def test_can_be_sorted_and_searched_by_how_a_number_begins(self, casefile: Replica) -> None:
        a_case(casefile, "case-1")
        casefile.follow("intake", ("case-2", 1, opened("case-2", at=NOON + timedelta(hours=1))))
        numbers = {c["case_id"]: c["number"] for c in casefile.ask(ListCaseFiles())["cases"]}

        def listed(**asked: Any) -> list[str]:
            return [c["case_id"] for c in casefile.ask(ListCaseFiles(**asked))["cases"]]

        assert listed(sort="oldest") == ["case-1", "case-2"]
        assert set(listed(sort="updated")) == {"case-1", "case-2"}
        assert set(listed(number=numbers["case-2"].lower())) == {
            c for c, n in numbers.items() if n == numbers["case-2"]
        }
        assert listed(number="%") == []
        assert listed(hall="nowhere") == []

    def test_a_cursor_that_is_none_is_refused(self, casefile: Replica) -> None:
        with refused(Invalid, field="after"):
            casefile.ask(ListCaseFiles(after="yesterday"))

    def test_holds_no_stream_that_is_no_case(self, casefile: Replica) -> None:
        casefile.follow("halls", ("w1", 4, WindowClosed(at=NOON, by="li")))

        assert casefile.ask(ListCaseFiles())["cases"] == []


class TestTheChain:
    def test_follows_the_rule_that_anybody_can_compute(self, casefile: Replica) -> None:
        """The oracle: a chain made by hand from the facts."""
        a_case(casefile)

        expected = bytes(32)
        for service, version, fact in (
            ("intake", 1, opened()),
            ("intake", 2, filled()),
            ("approval", 1, granted()),
            ("intake", 3, closed()),
        ):
            parts = (service, "case-1", str(version), fact.TOPIC)
            expected = link(expected, *(part.encode() for part in parts), encode(fact))

        assert verified(casefile) == {
            "verified": True,
            "length": 4,
            "head": expected.hex(),
            "broken_at": None,
            "wrong": "",
        }

    def test_does_not_depend_on_how_facts_were_batched(self, casefile: Replica) -> None:
        casefile.follow("intake", ("case-1", 1, opened()), ("case-1", 2, filled()), ("case-2", 1, opened("case-2")))
        casefile.follow("approval", ("case-1", 1, granted()), ("case-2", 1, granted("case-2")))
        casefile.follow("intake", ("case-1", 3, closed()))
        together = verified(casefile)

        assert together["verified"]
        assert together["length"] == 4
        assert verified(casefile, "case-2")["length"] == 2

    def test_a_stream_that_belongs_to_no_case_has_its_own(self, casefile: Replica) -> None:
        casefile.follow("halls", ("w1", 4, WindowClosed(at=NOON, by="li")))

        assert verified(casefile, "w1") | {"head": ""} == {
            "verified": True,
            "length": 1,
            "head": "",
            "broken_at": None,
            "wrong": "",
        }


class TestTheLedger:
    @pytest.mark.parametrize("statement", [sa.update(ENTRIES).values(by="nobody"), sa.delete(ENTRIES)])
    def test_lets_nobody_change_or_delete_an_entry(self, casefile: Replica, statement: Any) -> None:
        a_case(casefile)

        with pytest.raises(Exception, match="append-only"), casefile.store.writing() as connection:
            connection.execute(statement)

        assert verified(casefile)["verified"]

    def test_gives_the_facts_back_as_they_were_stored(self, casefile: Replica) -> None:
        import base64

        a_case(casefile)

        facts = casefile.ask(CaseFacts(case_id="case-1"))["facts"]

        again: list[Fact] = [decode(each["topic"], base64.b64decode(each["state"])) for each in facts]
        assert again == [opened(), filled(), granted(), closed()]
        assert [(each["service"], each["stream"], each["version"]) for each in facts] == [
            ("intake", "case-1", 1),
            ("intake", "case-1", 2),
            ("approval", "case-1", 1),
            ("intake", "case-1", 3),
        ]

    def test_gives_them_up_to_an_instant(self, casefile: Replica) -> None:
        casefile.follow("intake", ("case-1", 1, opened(at=NOON - timedelta(days=1))), ("case-1", 2, filled()))

        facts = casefile.ask(CaseFacts(case_id="case-1", until=NOON - timedelta(hours=1)))["facts"]

        assert [each["version"] for each in facts] == [1]


def flip_a_byte(connection: sa.Connection) -> None:
    (state,) = connection.execute(sa.select(ENTRIES.c.state).where(ENTRIES.c.seq == 2)).one()
    changed = bytes(state).replace(b"clerk-7", b"clerk-8")
    connection.execute(sa.update(ENTRIES).where(ENTRIES.c.seq == 2).values(state=changed))


def delete_a_row(connection: sa.Connection) -> None:
    connection.execute(sa.delete(ENTRIES).where(ENTRIES.c.seq == 2))


def swap_two_rows(connection: sa.Connection) -> None:
    for before, after in ((2, 99), (3, 2), (99, 3)):
        connection.execute(sa.update(ENTRIES).where(ENTRIES.c.seq == before).values(seq=after))


def cut_off_the_end(connection: sa.Connection) -> None:
    connection.execute(sa.delete(ENTRIES).where(ENTRIES.c.seq >= 3))


def change_what_is_shown(connection: sa.Connection) -> None:
    connection.execute(sa.update(ENTRIES).where(ENTRIES.c.seq == 3).values(by="somebody-else"))


def backdate(connection: sa.Connection) -> None:
    connection.execute(sa.update(ENTRIES).where(ENTRIES.c.seq == 4).values(at=NOON - timedelta(days=9)))


def add_an_entry(connection: sa.Connection) -> None:
    connection.execute(
        sa.insert(ENTRIES).from_select(
            [column.name for column in ENTRIES.columns],
            sa.select(*(sa.literal(5) if c.name == "seq" else c for c in ENTRIES.columns)).where(ENTRIES.c.seq == 4),
        )
    )


def rewrite_the_head(connection: sa.Connection) -> None:
    connection.execute(sa.update(HEADS).values(link=bytes(32)))


def rewrite_the_tail(connection: sa.Connection) -> None:
    """Somebody who knows the rule makes the last link fit again, but forgets the head."""
    row = connection.execute(sa.select(ENTRIES).where(ENTRIES.c.seq == 4)).mappings().one()
    (before,) = connection.execute(sa.select(ENTRIES.c.link).where(ENTRIES.c.seq == 3)).one()
    state = bytes(row["state"]).replace(b'"granted"', b'"denied"')
    parts = (row["service"], row["stream"], str(row["version"]), row["topic"])
    fitting = link(bytes(before), *(part.encode() for part in parts), state)
    connection.execute(sa.update(ENTRIES).where(ENTRIES.c.seq == 4).values(state=state, link=fitting))


@pytest.mark.parametrize(
    ("tamper", "place"),
    [
        (flip_a_byte, 2),
        (delete_a_row, 2),
        (swap_two_rows, 2),
        (cut_off_the_end, 3),
        (change_what_is_shown, 3),
        (backdate, 4),
        (add_an_entry, 5),
        (rewrite_the_head, 4),
        (rewrite_the_tail, 4),
    ],
)
def test_tampering_is_found_where_it_was_done(casefile: Replica, tamper: Any, place: int) -> None:
    a_case(casefile)
    assert verified(casefile)["verified"]
    disarm(casefile)

    with casefile.store.writing() as connection:
        tamper(connection)

    found = verified(casefile)
    assert not found["verified"]
    assert found["broken_at"] == place
