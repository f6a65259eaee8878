"""Cases are found by what is known of them: the list is what looking at every case by hand gives."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from casefile.listing import CLOCK, FACET
from casefile.projections import is_listed
from casefile.service import CaseFile
from contracts.approval import (
    ReviewDenied,
    ReviewEnded,
    ReviewGranted,
    ReviewResumed,
    ReviewsUnlocked,
    ReviewSuspended,
    Unlocked,
)
from contracts.casefile import FindCaseFiles, ListCaseFiles
from contracts.intake import Acceptance, ItemsAccepted
from contracts.language import Caller, Fact
from eventing.keyring import KeyRing
from eventing.scoping import NotYourRole
from testkit.facts import NOON
from testkit.replica import DATABASES, Replica, replica

from .mothers import SIGNING, closed, opened

KEYRING = KeyRing(lambda _: [], b"i" * 32, purpose="casefile")
TODAY = NOON.date()
THEMES, HALLS, ITEMS = ("CY", "XSE"), ("county", "street"), ("a", "b", "c")
ORGS = {"a": "market", "b": "fire", "c": "market"}


class Told:
    """Shows casefile facts, and remembers what they come to."""

    def __init__(self, casefile: Replica) -> None:
        self.casefile = casefile
        self.versions: dict[tuple[str, str], int] = {}

    def tell(self, service: str, case: str, *facts: Fact) -> None:
        told = []
        for fact in facts:
            version = self.versions[service, case] = self.versions.get((service, case), 0) + 1
            told.append((case, version, fact))
        self.casefile.follow(service, *told)

    def listed(self, **asked: Any) -> list[str]:
        """All pages of two."""
        found: list[str] = []
        after = ""
        while True:
            page = self.casefile.ask(ListCaseFiles(**asked, limit=2, after=after))
            found += [each["case_id"] for each in page["cases"]]
            after = page["after"]
            if not after:
                return found


def of_approval(case: str, **more: Any) -> dict[str, Any]:
    return {"case_id": case, "at": NOON, "by": "reviewer", **more}


def clock(item: str, due: date | None) -> Unlocked:
    return Unlocked(item=item, started_on=TODAY, statutory_due=None, promised_due=due)


def unlocked(case: str, **items: date | None) -> ReviewsUnlocked:
    return ReviewsUnlocked(**of_approval(case), reviews=tuple(clock(item, due) for item, due in items.items()))


def ended(case: str, item: str) -> ReviewEnded:
    return ReviewEnded(**of_approval(case), item=item, reason="withdrawn")


def granted(case: str, item: str) -> ReviewGranted:
    return ReviewGranted(**of_approval(case), item=item, handler="o", decision="d")


def denied(case: str, item: str) -> ReviewDenied:
    return ReviewDenied(**of_approval(case), item=item, handler="o", decision="d", reasons="r", remedy="r")


def suspended(case: str, item: str, procedure: str) -> ReviewSuspended:
    return ReviewSuspended(
        **of_approval(case), item=item, handler="o", procedure=procedure, reason="r", notice="n", started_on=TODAY,
        expected_days=3, expected_on=TODAY, clocks=clock(item, None),
    )  # fmt: skip


def resumed(case: str, item: str, procedure: str, due: date | None) -> ReviewResumed:
    return ReviewResumed(
        **of_approval(case), item=item, handler="o", procedure=procedure, result="r", resumed_on=TODAY,
        clocks=clock(item, due),
    )  # fmt: skip


@pytest.fixture
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Told]:
    with replica(CaseFile, request, tmp_path, signing=SIGNING, keyring=KEYRING) as running:
        yield Told(running)


pytestmark = pytest.mark.parametrize("told", DATABASES, indirect=True)


def accepted(case: str, *items: str) -> ItemsAccepted:
    return ItemsAccepted(
        case_id=case, at=NOON, by="clerk", number=case, theme="CY", catalogue="c", region="990102", hall="county",
        window="w", plan=(), materials=(),
        items=tuple(Acceptance(item, ORGS[item], "g", 1, ORGS[item], "n") for item in items),
    )  # fmt: skip


def rows_of(told: Told, table: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in told.casefile.store.select(sa.select(table).order_by(*table.primary_key))]


def a_county(told: Told) -> dict[str, dict[str, Any]]:
    """Cases of every sort, opened one after the other; case → what is true of it."""
    made: dict[str, dict[str, Any]] = {}
    for n in range(16):
        case = f"case-{n:02}"
        items = [item for m, item in enumerate(ITEMS) if n >> m & 1] or ["a"]
        is_closed = n % 5 == 0
        fact = opened(case, theme=THEMES[n % 2], at=NOON + timedelta(minutes=n // 2))
        told.tell("intake", case, _at(fact, HALLS[n // 2 % 2]), accepted(case, *items))
        due = TODAY + timedelta(days=n - 8)
        told.tell("approval", case, unlocked(case, **dict.fromkeys(items, due)))
        if is_closed:
            told.tell("approval", case, *(granted(case, item) for item in items))
            told.tell("intake", case, closed(case))
        made[case] = {
            "theme": THEMES[n % 2], "hall": HALLS[n // 2 % 2], "state": "closed" if is_closed else "open",
            "item": set(items), "department": {ORGS[item] for item in items},
            "clock": set() if is_closed else {"running"} | ({"overdue"} if due < TODAY else set()),
            "at": (n // 2, case),
        }  # fmt: skip
    return made


def _at(fact: Any, hall: str) -> Any:
    return msgspec.structs.replace(fact, hall=hall)


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_every_question_is_answered_as_by_looking_at_every_case(told: Told, sort: str) -> None:
    county = a_county(told)
    choices: dict[str, tuple[str, ...]] = {
        "theme": ("", "CY"), "hall": ("", "street"), "state": ("", "open"), "item": ("", "b"),
        "department": ("", "market"), "clock": ("", "running", "overdue", "paused"),
    }  # fmt: skip
    for n in range(128):
        asked = {name: values[n >> m & 1] for m, (name, values) in enumerate(choices.items())}
        asked["clock"] = choices["clock"][n >> 5 & 3]

        by_hand = [
            case
            for case, is_so in sorted(county.items(), key=lambda each: each[1]["at"], reverse=sort == "newest")
            if all(not value or value == is_so[name] or value in is_so[name] for name, value in asked.items())
        ]

        assert told.listed(sort=sort, **asked) == by_hand, asked


def test_what_changed_last_is_first_whatever_is_asked_for(told: Told) -> None:
    a_county(told)
    told.tell("approval", "case-03", granted("case-03", "a"))

    assert set(told.listed(sort="updated", item="b")) == {f"case-{n:02}" for n in range(16) if n & 2}
    assert set(told.listed(sort="updated", clock="overdue")) == {f"case-{n:02}" for n in (1, 2, 3, 4, 6, 7)}


@pytest.mark.parametrize(
    ("number", "found"),
    [("yjs-case-1", {"case-1"}), ("YJS-", {"case-1", "case-2", "dated"}), ("%", set()),
     ("YJS-990102-CY-2026", {"dated"}), ("YJS-990102-CY-2025", set())],
)  # fmt: skip
def test_a_number_is_found_by_how_it_begins(told: Told, number: str, found: set[str]) -> None:
    for case in ("case-1", "case-2"):
        told.tell("intake", case, opened(case))
    dated = msgspec.structs.replace(opened("dated"), number="YJS-990102-CY-20261129-000002-Z")
    told.tell("intake", "dated", dated)

    assert set(told.listed(number=number)) == found


class TestClocks:
    def test_that_stand_still_are_paused_until_the_last_procedure_ends(self, told: Told) -> None:
        told.tell("intake", "c", opened("c"), accepted("c", "a"))
        told.tell("approval", "c", unlocked("c", a=TODAY - timedelta(days=1)))
        assert told.listed(clock="overdue") == ["c"]

        told.tell("approval", "c", suspended("c", "a", "expert"), suspended("c", "a", "hearing"))
        assert (told.listed(clock="paused"), told.listed(clock="overdue")) == (["c"], [])

        told.tell("approval", "c", resumed("c", "a", "expert", None))
        assert told.listed(clock="paused") == ["c"]

        told.tell("approval", "c", resumed("c", "a", "hearing", TODAY + timedelta(days=2)))
        assert (told.listed(clock="paused"), told.listed(clock="running")) == ([], ["c"])

    @pytest.mark.parametrize("end", [granted, denied, ended])
    def test_end_with_the_review(self, told: Told, end: Any) -> None:
        told.tell("intake", "c", opened("c"), accepted("c", "a"))
        told.tell("approval", "c", unlocked("c", a=TODAY), end("c", "a"))

        assert told.listed(clock="running") == []

    def test_heard_of_before_the_case_count_when_it_is_heard_of(self, told: Told) -> None:
        told.tell("approval", "c", unlocked("c", a=TODAY))
        assert told.listed(clock="running") == []

        told.tell("intake", "c", opened("c"), accepted("c", "a"))
        assert told.listed(clock="running") == ["c"]


def test_a_ledger_that_is_older_than_the_lists_is_listed_anew_as_it_would_have_been(told: Told) -> None:
    a_county(told)
    told.tell("approval", "case-03", suspended("case-03", "a", "expert"))
    select = told.casefile.store.select
    before = {table.name: rows_of(told, table) for table in (FACET, CLOCK)}
    with told.casefile.store.writing() as connection:
        connection.execute(sa.delete(FACET))
        connection.execute(sa.update(CLOCK).values(running=False, paused=False, next_due=None, items={}))
        connection.execute(sa.delete(CLOCK).where(CLOCK.c.case_id < "case-05"))
    assert told.listed(item="a") == []

    told.casefile.service._keeper().look()

    assert {table.name: rows_of(told, table) for table in (FACET, CLOCK)} == before
    assert is_listed(select)


class TestApplicants:
    def test_are_found_by_their_identifier_and_by_nothing_else(self, told: Told) -> None:
        for case, identifier in (
            ("c1", "110101199003074514"),
            ("c2", "110101199003074530"),
            ("c3", "110101199003074514"),
        ):
            index = KEYRING.blind(identifier)
            told.tell("intake", case, msgspec.structs.replace(opened(case), applicant_index=index))

        found = told.casefile.ask(FindCaseFiles(identifier=" 110101199003074514", theme="CY"))

        assert [each["case_id"] for each in found["cases"]] == ["c3", "c1"]
        assert told.casefile.ask(FindCaseFiles(identifier="110101199003074514", clock="running"))["cases"] == []

    def test_a_clerk_finds_those_of_her_hall(self, told: Told) -> None:
        told.tell("intake", "c1", opened("c1"))
        anybody = FindCaseFiles(identifier="x")

        clerk = Caller(by="c", hall="elsewhere", roles=("clerk",))
        assert told.casefile.ask(anybody, caller=clerk)["cases"] == []
        with pytest.raises(NotYourRole):
            told.casefile.ask(anybody, caller=Caller(by="r", roles=("reviewer",)))
