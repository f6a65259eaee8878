"""Whether a hall may use a power over an item today, and in whose name."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from delegation.domain import Held, Qualified, Register, Verdict

from .mothers import TODAY, asked, held


def verdict(*grants: Held, today: date = TODAY, qualified: Iterable[Qualified] = (), **request: str) -> Verdict:
    return Register(grants, qualified).verdict(asked(**request), today)


def test_a_published_grant_gives_its_powers_over_its_items() -> None:
    assert verdict(held()) == Verdict(grant="g-1", position=2, in_name_of="market")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": "made"}, "not-published"),
        ({"status": "revoked"}, "revoked"),
        ({"valid_from": TODAY + timedelta(days=1)}, "not-yet-valid"),
        ({"valid_until": TODAY - timedelta(days=1)}, "expired"),
        ({"status": "expired", "valid_until": TODAY - timedelta(days=1)}, "expired"),
        ({"powers": ("receive",)}, "power-not-granted"),
        ({"items": ("baths",)}, "no-grant"),
        ({"grantee": "street-hall"}, "no-grant"),
        ({"items": ("*",), "grantor": "health"}, "no-grant"),
        ({"grantor": "health"}, "no-grant"),
        ({"grantor": "health", "legal_form": "unified"}, "no-grant"),
        ({"windows": ("w-2", "w-3")}, "no-grant"),
    ],
)
def test_otherwise_it_is_refused_with_the_reason(changes: dict[str, Any], refusal: str) -> None:
    assert verdict(held(**changes)) == Verdict(refusal=refusal)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31)])
def test_the_first_and_the_last_day_count(day: date) -> None:
    assert verdict(held(), today=day).grant == "g-1"


def test_nothing_waits_for_a_timer_to_say_that_a_term_is_over() -> None:
    assert verdict(held(status="published"), today=date(2027, 1, 1)).refusal == "expired"


def test_a_grant_of_every_item_is_of_every_item_of_its_grantor() -> None:
    everything = held(items=("*",))

    assert verdict(everything, item="baths").grant == "g-1"
    assert verdict(everything, item="baths", handler="health").refusal == "no-grant"


def test_a_grant_to_a_group_of_windows_counts_for_these_alone() -> None:
    group = held(windows=("w-2", "w-3"))

    assert verdict(group, window="w-3").grant == "g-1"
    assert verdict(group, window="w-1").refusal == "no-grant"
    assert verdict(group, held(grant="g-2"), window="w-1").grant == "g-2"


@pytest.mark.parametrize(
    ("form", "grantor", "name"),
    [
        ("entrusted", "market", "market"),
        ("hall_practice", "market", "market"),
        ("unified", "market", "market"),
        ("statutory", "market", "market"),
        ("authorised", "county-government", "county-hall"),
        ("concentrated", "province", "county-hall"),
    ],
)
def test_the_legal_form_says_in_whose_name(form: str, grantor: str, name: str) -> None:
    assert verdict(held(legal_form=form, grantor=grantor)).in_name_of == name


def test_an_authority_needs_no_grant_for_what_is_its_own() -> None:
    assert verdict(hall="market", power="decide") == Verdict(in_name_of="market")


def test_a_grant_that_names_the_item_comes_first() -> None:
    assert verdict(held(grant="a", items=("*",)), held(grant="z")).grant == "z"


def test_a_grant_that_counts_is_found_among_those_that_do_not() -> None:
    assert verdict(held(grant="a", status="revoked"), held(grant="b"), held(grant="c", status="made")).grant == "b"


def test_the_reason_told_is_the_one_least_far_from_a_power() -> None:
    assert verdict(held(grant="a", status="revoked"), held(grant="b", status="made")).refusal == "not-published"


def test_a_verdict_is_of_its_day() -> None:
    register = Register([held()])
    assert register.verdict(asked(), date(2026, 12, 31)).grant == "g-1"

    assert register.verdict(asked(), date(2027, 1, 1)).refusal == "expired"


class TestWhatWasLent:
    """行政许可法 第24条第3款, at the instant of the act: it does not matter which grant was signed first."""

    FURTHER = held(grant="g-2", legal_form="authorised", grantor="agency", grantee="county-hall")

    @pytest.mark.parametrize("lent", [{"items": ("food",)}, {"items": ("*",), "legal_form": "hall_practice"}])
    def test_a_power_that_its_grantor_borrowed_is_none(self, lent: dict[str, Any]) -> None:
        assert verdict(self.FURTHER).grant == "g-2"
        assert verdict(self.FURTHER, held(grant="g-0", grantee="agency", **lent)).refusal == "no-grant"

    def test_neither_is_one_that_was_borrowed_further_up(self) -> None:
        between = held(grant="g-1", grantor="bureau", grantee="agency")
        lent = held(grant="g-0", grantee="bureau")

        assert verdict(self.FURTHER, between).grant == "g-2"
        assert verdict(self.FURTHER, between, lent).refusal == "no-grant"

    def test_what_was_borrowed_from_another_handler_is_another_matter(self) -> None:
        elsewhere = held(grant="g-0", grantor="health", grantee="agency")
        owner = held(grant="g-1", legal_form="concentrated", grantor="market", grantee="agency")
        lent_to_owner = held(grant="g-3", grantor="health", grantee="market")

        assert verdict(self.FURTHER, elsewhere, owner, lent_to_owner).grant == "g-2"

    @pytest.mark.parametrize(
        "ended", [{"status": "revoked"}, {"status": "made"}, {"valid_until": TODAY - timedelta(days=1)}]
    )
    def test_a_lending_that_does_not_count_hinders_nobody(self, ended: dict[str, Any]) -> None:
        assert verdict(self.FURTHER, held(grant="g-0", grantee="agency", **ended)).grant == "g-2"


class TestQualification:
    RESTAURANTS = Qualified("clerk-7", "restaurants", date(2026, 7, 1), date(2027, 6, 30))

    def test_whoever_is_qualified_may_act(self) -> None:
        found = verdict(held(), qualified=[self.RESTAURANTS], staff="clerk-7", qualification="restaurants")

        assert found.grant == "g-1"

    @pytest.mark.parametrize(
        ("staff", "qualification", "today"),
        [
            ("clerk-8", "restaurants", TODAY),
            ("", "restaurants", TODAY),
            ("clerk-7", "births", TODAY),
            ("clerk-7", "restaurants", date(2026, 6, 30)),
            ("clerk-7", "restaurants", date(2027, 7, 1)),
        ],
    )
    def test_nobody_else_may(self, staff: str, qualification: str, today: date) -> None:
        found = verdict(
            held(valid_until=None),
            today=today,
            qualified=[self.RESTAURANTS],
            staff=staff,
            qualification=qualification,
        )

        assert found == Verdict(refusal="not-qualified")

    def test_it_is_asked_of_an_authority_at_home_too(self) -> None:
        assert verdict(hall="market", staff="clerk-8", qualification="restaurants").refusal == "not-qualified"

    def test_where_there_is_no_grant_that_is_what_is_told(self) -> None:
        assert verdict(staff="clerk-8", qualification="restaurants").refusal == "no-grant"


NAMES = st.sampled_from(["a", "b", "c", "d"])
GRANTS = st.builds(
    held,
    grant=st.uuids().map(str),
    legal_form=st.sampled_from(["entrusted", "hall_practice", "unified", "authorised", "concentrated"]),
    grantor=NAMES,
    grantee=NAMES,
    items=st.lists(st.sampled_from(["x", "y", "*"]), min_size=1, max_size=2, unique=True).map(tuple),
    powers=st.lists(st.sampled_from(["accept", "decide"]), min_size=1, unique=True).map(tuple),
    valid_from=st.sampled_from([date(2026, 1, 1), date(2026, 8, 1)]),
    valid_until=st.sampled_from([None, date(2026, 7, 22), date(2026, 12, 31)]),
    status=st.sampled_from(["made", "published", "published", "revoked"]),
    windows=st.sampled_from([(), (), ("w-1",)]),
)


def counts(grant: Held) -> bool:
    return grant.status == "published" and grant.valid_from <= TODAY and (grant.valid_until or date.max) >= TODAY


def borrowed(org: str, item: str, handler: str, grants: list[Held], depth: int) -> bool:
    """Whether any chain of grants that leads to the organisation begins with the handler lending it: all are walked."""
    into = [
        each
        for each in grants
        if counts(each)
        and each.grantee == org
        and (item in each.items or ("*" in each.items and each.grantor == handler))
    ]
    return any(
        each.legal_form in {"entrusted", "hall_practice"}
        if each.grantor == handler
        else depth > 0 and borrowed(each.grantor, item, handler, grants, depth - 1)
        for each in into
    )


@settings(max_examples=500, deadline=None)
@forall(
    grants=st.lists(GRANTS, max_size=5),
    hall=NAMES,
    item=st.sampled_from(["x", "y"]),
    handler=NAMES,
    power=st.sampled_from(["accept", "decide"]),
    window=st.sampled_from(["", "w-1", "w-2"]),
)
def test_power_comes_from_a_grant_that_gives_it_and_from_nothing_else(
    *, grants: list[Held], hall: str, item: str, handler: str, power: str, window: str
) -> None:
    found = verdict(*grants, hall=hall, item=item, handler=handler, power=power, window=window)

    giving = {
        grant.grant
        for grant in grants
        if grant.grantee == hall
        and power in grant.powers
        and counts(grant)
        and (not grant.windows or window in grant.windows)
        and (
            ((item in grant.items or "*" in grant.items) and grant.grantor == handler)
            or (
                item in grant.items
                and grant.legal_form in {"authorised", "concentrated"}
                and not borrowed(grant.grantor, item, handler, grants, len(grants))
            )
        )
    }
    if hall == handler:
        assert found == Verdict(in_name_of=handler)
    elif giving:
        assert found.grant in giving
        assert not found.refusal
    else:
        assert found.refusal
        assert not found.grant


@settings(max_examples=200, deadline=None)
@forall(
    before=st.lists(GRANTS, max_size=4),
    news=st.lists(st.tuples(GRANTS, st.integers(0, 3)), max_size=3),
    item=st.sampled_from(["x", "y"]),
    hall=NAMES,
    handler=NAMES,
)
def test_a_register_that_learns_of_changes_is_the_one_read_afresh(
    *, before: list[Held], news: list[tuple[Held, int]], item: str, hall: str, handler: str
) -> None:
    register = Register(before)
    now = {each.grant: each for each in before}
    for news_of, which in news:
        old = before[which] if which < len(before) else None
        changed = msgspec.structs.replace(old, status="revoked", position=3) if old else news_of
        now[changed.grant] = changed
        register = register.changed([changed], None)

    request = asked(item=item, hall=hall, handler=handler)
    assert register.verdict(request, TODAY) == Register(now.values()).verdict(request, TODAY)
    assert sorted(register, key=str) == sorted(now.values(), key=str)


def test_a_register_keeps_or_changes_its_qualifications() -> None:
    clerk = Qualified("clerk-7", "restaurants", TODAY, TODAY)
    request = asked(staff="clerk-7", qualification="restaurants")
    register = Register([held()], [clerk])

    assert register.changed((), None).verdict(request, TODAY).grant == "g-1"
    assert register.changed((), ()).verdict(request, TODAY).refusal == "not-qualified"
