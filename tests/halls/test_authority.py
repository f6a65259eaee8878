"""The law of grants as halls reads it, beside the law as delegation reads it: both say the same."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.delegation import AuthorityRequest
from delegation.domain import Held, Qualified
from delegation.domain import Register as Oracle
from halls.domain import KnownGrant, Register, Skill

TODAY = date(2026, 7, 23)
PLACES = ("hall", "bureau", "market", "health")
ITEMS = ("food", "fire")
days = st.integers(-2, 2).map(lambda days: TODAY + timedelta(days=days))

grants = st.lists(
    st.builds(
        KnownGrant,
        grant=st.sampled_from([f"g{i}" for i in range(8)]),
        legal_form=st.sampled_from(
            ["statutory", "authorised", "entrusted", "concentrated", "unified", "hall_practice"]
        ),
        grantor=st.sampled_from(PLACES),
        grantee=st.sampled_from(PLACES),
        items=st.lists(st.sampled_from([*ITEMS, "*"]), min_size=1, max_size=2, unique=True).map(tuple),
        powers=st.lists(st.sampled_from(["receive", "accept"]), min_size=1, unique=True).map(tuple),
        windows=st.sampled_from([(), ("w1",)]),
        valid_from=days,
        valid_until=st.none() | days,
        state=st.sampled_from(["made", "published", "published", "published", "revoked", "expired"]),
        version=st.integers(1, 5),
    ),
    max_size=8,
    unique_by=lambda each: each.grant,
)
skills = st.lists(
    st.builds(Skill, st.sampled_from(["li", "wang"]), st.just("food-window"), days, days),
    max_size=2,
    unique_by=lambda each: each.staff,
)


@settings(max_examples=400, deadline=None)
@given(grants, skills)
def test_both_give_the_same_answer(known: list[KnownGrant], skilled: list[Skill]) -> None:
    ours = Register(known, skilled, today=TODAY)
    theirs = Oracle(
        [
            Held(
                each.grant,
                each.legal_form,
                each.grantor,
                each.grantee,
                each.items,
                each.powers,
                each.valid_from,
                each.valid_until,
                each.state,
                each.version,
                each.windows,
            )
            for each in known
        ],
        [Qualified(each.staff, each.qualification, each.valid_from, each.valid_until) for each in skilled],
    )
    for hall in PLACES:
        for handler in PLACES:
            for item in ITEMS:
                for window in ("", "w1"):
                    answer = ours.may(hall, item, handler, "accept", window)
                    verdict = theirs.verdict(AuthorityRequest(hall, item, handler, "accept", window=window), TODAY)
                    assert (answer.grant, answer.version, answer.in_name_of, answer.refusal) == (
                        verdict.grant,
                        verdict.position,
                        verdict.in_name_of,
                        verdict.refusal,
                    )
    for staff in ("li", "wang", "sun"):
        request = AuthorityRequest("market", "food", "market", "accept", staff, "food-window")
        assert ours.is_skilled(staff, "food-window") == (not theirs.verdict(request, TODAY).refusal)


def test_the_next_turn_is_when_something_begins_or_ceases_to_count() -> None:
    grant = KnownGrant(
        grant="g",
        legal_form="hall_practice",
        grantor="market",
        grantee="hall",
        items=("food",),
        powers=("accept",),
        windows=(),
        valid_from=TODAY + timedelta(days=3),
        valid_until=TODAY + timedelta(days=9),
        state="published",
    )
    skill = Skill("li", "food-window", TODAY, TODAY + timedelta(days=1))
    register = Register([grant], [skill], today=TODAY)

    assert register.next_turn("hall") == TODAY + timedelta(days=3)
    assert register.next_turn("hall", ["li"]) == TODAY + timedelta(days=2)
    assert register.next_turn("street") is None
