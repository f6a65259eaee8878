"""Whether a hall may use a power over an item today, and in whose name."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from delegation.domain import Held, Register, Verdict

from .mothers import asked, held

TODAY = date(2026, 7, 23)


def verdict(*grants: Held, today: date = TODAY, **request: str) -> Verdict:
    return Register(grants).verdict(asked(**request), today)


def test_a_published_grant_gives_its_powers_over_its_items() -> None:
    assert verdict(held()) == Verdict(grant="g-1", position=2, in_name_of="market")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status": "made"}, "not-published"),
        ({"status": "revoked"}, "revoked"),
        ({"valid_from": TODAY + timedelta(days=1)}, "not-yet-valid"),
        ({"valid_until": TODAY - timedelta(days=1)}, "expired"),
        ({"powers": ("receive",)}, "power-not-granted"),
        ({"items": ("baths",)}, "no-grant"),
        ({"grantee": "street-hall"}, "no-grant"),
        ({"items": ("*",), "grantor": "health"}, "no-grant"),
        ({"grantor": "health"}, "no-grant"),
        ({"grantor": "health", "legal_form": "unified"}, "no-grant"),
    ],
)
def test_otherwise_it_is_refused_with_the_reason(changes: dict[str, Any], refusal: str) -> None:
    assert verdict(held(**changes)) == Verdict(refusal=refusal)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31)])
def test_the_first_and_the_last_day_count(day: date) -> None:
    assert verdict(held(), today=day).grant == "g-1"


def test_a_grant_of_every_item_is_of_every_item_of_its_grantor() -> None:
    everything = held(items=("*",))

    assert verdict(everything, item="baths").grant == "g-1"
    assert verdict(everything, item="baths", handler="health").refusal == "no-grant"


@pytest.mark.parametrize(
    ("form", "grantor", "name"),
    [
        ("entrusted", "market", "market"),
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


NAMES = st.sampled_from(["a", "b", "c"])
GRANTS = st.builds(
    held,
    grant=st.uuids().map(str),
    legal_form=st.sampled_from(["entrusted", "unified", "authorised", "concentrated"]),
    grantor=NAMES,
    grantee=NAMES,
    items=st.lists(st.sampled_from(["x", "y", "*"]), min_size=1, max_size=2, unique=True).map(tuple),
    powers=st.lists(st.sampled_from(["accept", "decide"]), min_size=1, unique=True).map(tuple),
    valid_from=st.sampled_from([date(2026, 1, 1), date(2026, 8, 1)]),
    valid_until=st.sampled_from([None, date(2026, 7, 22), date(2026, 12, 31)]),
    status=st.sampled_from(["made", "published", "revoked"]),
)


@settings(max_examples=500, deadline=None)
@forall(
    grants=st.lists(GRANTS, max_size=4),
    hall=NAMES,
    item=st.sampled_from(["x", "y"]),
    handler=NAMES,
    power=st.sampled_from(["accept", "decide"]),
)
def test_power_comes_from_a_grant_that_gives_it_and_from_nothing_else(
    grants: list[Held], hall: str, item: str, handler: str, power: str
) -> None:
    found = verdict(*grants, hall=hall, item=item, handler=handler, power=power)

    giving = {
        grant.grant
        for grant in grants
        if grant.grantee == hall
        and power in grant.powers
        and grant.status == "published"
        and grant.valid_from <= TODAY
        and (grant.valid_until or date.max) >= TODAY
        and (
            (item in grant.items and grant.legal_form in {"authorised", "concentrated"})
            or ((item in grant.items or "*" in grant.items) and grant.grantor == handler)
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
