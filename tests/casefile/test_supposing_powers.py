"""Other grants and another joint limit for recorded cases: what halls could have done, by the law read once more."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from casefile.service import CaseFile
from casefile.supposing.answering import Comparison
from casefile.supposing.derived import Law
from casefile.supposing.granted import Powers, Signed, signed, supposed
from catalogue.altering import altered
from contracts.approval import BundleConcluded, BundleOpened, JointClock
from contracts.delegation import GrantMade, GrantPublished, GrantRevoked
from contracts.intake import Acceptance, ItemsAccepted
from contracts.language import Caller, Fact
from contracts.supposing import ActDifference, SupposedGrant, SupposedPage, SupposeRules
from eventing.errors import Invalid
from halls.domain import KnownGrant, Register
from kernel.clock import CHINA_STANDARD_TIME
from testkit.replica import Replica, replica

from .mothers import SIGNING
from .test_supposing import ANSWERS, AUDITOR, CALENDAR, CY, DAY, LATER, Told, at, by_hand, case_of, story

HALLS = ("county", "street", "village")
HANDLERS = ("market", "fire")
ITEMS = {"CY01": "market", "CY03": "market", "CY05": "fire"}
WINDOWS = ("w1", "w2")
days = st.integers(-3, 3).map(lambda more: DAY + timedelta(days=more))
instants = st.integers(-72, 72).map(lambda hours: at(DAY) + timedelta(hours=hours))


EARLIER = DAY - timedelta(days=9)


@st.composite
def terms(draw: st.DrawFn) -> SupposedGrant:
    """A grant that mostly counts."""
    return SupposedGrant(
        legal_form=draw(st.sampled_from(["authorised", "entrusted", "unified", "hall_practice"])),
        grantor=draw(st.sampled_from(HANDLERS)),
        grantee=draw(st.sampled_from([*HALLS, "fire"])),
        items=tuple(draw(st.lists(st.sampled_from([*ITEMS, "*"]), min_size=1, max_size=3, unique=True))),
        powers=draw(st.sampled_from([("accept",), ("receive", "accept"), ("receive",)])),
        windows=draw(st.sampled_from([(), (), ("w1",)])),
        valid_from=draw(st.just(EARLIER) | days),
        valid_until=draw(st.none() | st.just(LATER) | days),
        published_at=draw(st.just(at(EARLIER)) | st.just(at(EARLIER)) | st.none() | instants),
        revoked_at=draw(st.none() | st.none() | instants),
    )


grants = st.dictionaries(st.sampled_from([f"g{n}" for n in range(6)]), terms(), min_size=3, max_size=6)


def oracle(known: dict[str, SupposedGrant], instant: datetime) -> Register:
    """The law of grants as halls reads it, at an instant."""
    found = []
    for name, each in known.items():
        state = "published" if each.published_at and each.published_at <= instant else "made"
        if each.revoked_at and each.revoked_at <= instant:
            state = "revoked"
        given = {key: getattr(each, key) for key in SupposedGrant.__struct_fields__ if not key.endswith("_at")}
        found.append(KnownGrant(grant=name, state=state, version=0, **given))
    return Register(found, today=instant.astimezone(CHINA_STANDARD_TIME).date())


class Accepted(msgspec.Struct, frozen=True):
    """An act at a window."""

    hall: str
    window: str
    at: datetime
    items: tuple[str, ...]


def told(acts: Sequence[Accepted], known: dict[str, SupposedGrant]) -> list[tuple[str, Fact]]:
    """A case with these acceptances, as far as the grants allowed them."""
    began = story([])[:1]
    facts: list[tuple[str, Fact]] = [*began]
    for act in acts:
        register = oracle(known, act.at)
        answers = {item: register.may(act.hall, item, ITEMS[item], "accept", act.window) for item in act.items}
        items = tuple(
            Acceptance(item=item, handler=ITEMS[item], grant=may.grant, grant_position=0, in_name_of=may.in_name_of,
                       notice="n", authorised_at=act.at)
            for item, may in answers.items() if not may.refusal
        )  # fmt: skip
        if items:
            facts.append(("intake", ItemsAccepted(
                case_id="case-1", by="clerk-7", at=act.at, number="N", theme="CY", catalogue="c", region="990102",
                hall=act.hall, window=act.window, plan=(), materials=(), items=items,
            )))  # fmt: skip
    return facts


acts = st.lists(
    st.builds(
        Accepted,
        st.sampled_from([*HALLS, "fire"]),
        st.sampled_from(WINDOWS),
        st.integers(0, 40).map(lambda hours: at(DAY) + timedelta(hours=hours)),
        st.lists(st.sampled_from(list(ITEMS)), min_size=2, unique=True).map(tuple),
    ),
    min_size=2,
    max_size=5,
)


def compared(facts: Sequence[tuple[str, Fact]], own: dict[str, Signed], other: dict[str, Signed]) -> SupposedPage:
    found = Comparison()
    laws = (Law(CY, CALENDAR, Powers(each)) for each in (own, other))
    found.add(case_of(facts), *laws, SupposeRules(on=LATER))
    return found.answer(0, None)


def as_signed(known: dict[str, SupposedGrant]) -> dict[str, Signed]:
    return {name: Signed(each) for name, each in known.items()}


@settings(max_examples=150, deadline=None, phases=(Phase.generate,))
@given(grants, acts)
def test_grants_that_are_the_same_differ_in_nothing(known: dict[str, SupposedGrant], done: list[Accepted]) -> None:
    facts = told(done, known)

    page = compared(facts, as_signed(known), supposed(as_signed(known), dict.fromkeys(known, "{}")))

    assert (page.differences, page.unlike, page.was) == ((), (), page.would_be)
    assert all(each.was == each.least == each.most for each in page.loads)
    assert sum(each.was for each in page.loads) == len(facts)


@settings(max_examples=150, deadline=None, phases=(Phase.generate,))
@given(grants, grants, acts)
def test_what_could_not_have_been_accepted_is_what_the_law_read_once_more_says(
    known: dict[str, SupposedGrant], others: dict[str, SupposedGrant], done: list[Accepted]
) -> None:
    facts = told(done, known)
    changes = {name: msgspec.json.encode(others[name]).decode() if name in others else "null"
               for name in {*known, *others}}  # fmt: skip

    page = compared(facts, as_signed(known), supposed(as_signed(known), changes))

    found = {(each.at, each.hall, each.window, each.item): each for case in page.differences for each in case.acts}
    refused = 0
    for _, fact in facts:
        for item in fact.items if isinstance(fact, ItemsAccepted) else ():
            register = oracle(others, fact.at)
            may = register.may(fact.hall, item.item, item.handler, "accept", fact.window)
            difference = found.get((fact.at, fact.hall, fact.window, item.item))
            refused += bool(may.refusal)
            if may.refusal:
                able = {
                    (hall, window)
                    for hall in (*HALLS, *HANDLERS) for window in WINDOWS
                    if not register.may(hall, item.item, item.handler, "accept", window).refusal
                }  # fmt: skip
                assert difference is not None
                assert difference.refusal == may.refusal
                assert {pair for place in difference.elsewhere for pair in windows_of(place)} == able
            elif may.grant != item.grant:
                assert (difference and difference.would_be) == may.grant
    assert (page.would_be.unlawful, page.unlike) == (refused, ())
    assert sum(each.was for each in page.loads) == len(facts)
    assert all(0 <= each.least <= each.most for each in page.loads)
    if not found:
        assert all(each.was == each.least == each.most for each in page.loads)


def windows_of(place: str) -> list[tuple[str, str]]:
    hall, _, window = place.partition("/")
    return [(hall, each) for each in ((window,) if window else WINDOWS)]


def grant(**changes: Any) -> SupposedGrant:
    given: dict[str, Any] = {
        "legal_form": "hall_practice", "grantor": "market", "grantee": "county", "items": ("*",),
        "powers": ("accept",), "valid_from": DAY, "published_at": at(DAY - timedelta(days=1)),
    }  # fmt: skip
    return SupposedGrant(**given | changes)


def test_who_cannot_be_served_goes_to_the_one_place_that_can_do_all_of_it_and_the_load_goes_along() -> None:
    both = {"g1": grant(), "g2": grant(grantor="fire"), "g3": grant(grantee="street", windows=("w2",)),
            "g4": grant(grantee="street", grantor="fire", windows=("w2",))}  # fmt: skip
    facts = told([Accepted("county", "w1", at(DAY), ("CY01", "CY05"))], both)

    page = compared(facts, as_signed(both), as_signed({name: both[name] for name in ("g3", "g4")}))

    (case,) = page.differences
    assert {each.item: (each.refusal, each.elsewhere) for each in case.acts} == {
        "CY01": ("no-grant", ("street/w2", "market")), "CY05": ("no-grant", ("street/w2", "fire")),
    }  # fmt: skip
    assert [(each.hall, each.window, each.hour, each.was, each.least, each.most) for each in page.loads] == [
        ("county", "w1", 10, 2, 0, 0), ("street", "w2", 10, 0, 2, 2),
    ]  # fmt: skip
    assert (page.was.places, page.would_be.places, page.would_be.unlawful) == (1, 1, 2)


def test_what_only_some_of_it_lacks_is_one_way_more_and_which_is_not_known() -> None:
    both = {"g1": grant(), "g2": grant(grantor="fire"), "g3": grant(grantee="street", grantor="fire")}
    facts = told([Accepted("county", "w1", at(DAY), ("CY01", "CY05"))], both)

    page = compared(facts, as_signed(both), supposed(as_signed(both), {"g2": '{"valid_until": "2026-03-01"}'}))

    ((act,),) = (each.acts for each in page.differences)
    assert (act.item, act.refusal, act.elsewhere) == ("CY05", "expired", ("street", "fire"))
    assert [(each.hall, each.was, each.least, each.most) for each in page.loads] == [
        ("county", 2, 2, 2), ("fire", 0, 0, 1), ("street", 0, 0, 1),
    ]  # fmt: skip
    assert (page.was.places, page.would_be.places) == (1, 2)


def test_a_wider_grant_spares_the_way_to_another_hall() -> None:
    known = {"g1": grant(), "g2": grant(grantee="street", grantor="fire")}
    facts = told(
        [Accepted("county", "w1", at(DAY), ("CY01",)), Accepted("street", "w1", at(DAY), ("CY05",))], known
    )  # fmt: skip

    page = compared(facts, as_signed(known), supposed(as_signed(known), {"g9": msgspec.json.encode(
        {"legal_form": "hall_practice", "grantor": "fire", "grantee": "county", "items": ["CY05"],
         "powers": ["accept"], "valid_from": "2026-01-01"}
    ).decode()}))  # fmt: skip

    ((act,),) = (each.acts for each in page.differences)
    assert act == ActDifference("CY05", "fire", "street", "w1", at(DAY), "g2", "g2", nearer=True)
    assert (page.was.places, page.would_be.places, page.would_be.unlawful) == (2, 1, 0)


def test_an_acceptance_that_its_own_grants_do_not_explain_is_told_and_not_compared() -> None:
    known = {"g1": grant()}
    facts = told([Accepted("county", "w1", at(DAY), ("CY01",))], known)

    page = compared(facts, {}, {})

    assert (page.unlike, page.differences, page.would_be.unlawful) == (("case-1/CY01/accept",), (), 0)


@cache
def jointly(days: int) -> Any:
    return altered(CY, {"themes/CY/joint": "true", "rules/joint_decision/days": str(days)})


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(0, 90), st.integers(0, 20), st.integers(0, 15))
def test_another_joint_limit_is_late_where_a_hand_counts_it_late(days: int, took: int, first: int, stood: int) -> None:
    pause = (DAY + timedelta(days=first), DAY + timedelta(days=first + stood))
    facts = story([Told("CY01", DAY, (pause,), max(took, first + stood))])
    due = by_hand(DAY, 45, [pause])
    facts.append(("approval", BundleOpened(
        case_id="case-1", by="system", at=at(DAY), number="N", theme="CY", catalogue="c", region="990102",
        standings={}, expected=(), answers=ANSWERS, joint=JointClock(DAY, 45, due),
    )))  # fmt: skip
    concluded = DAY + timedelta(days=max(took, first + stood))
    facts.append(("approval", BundleConcluded(case_id="case-1", by="system", at=at(concluded), verdict="granted")))
    found = Comparison()

    found.add(case_of(facts), Law(jointly(45), CALENDAR), Law(jointly(days), CALENDAR), SupposeRules(on=LATER))

    page, would_be = found.answer(0, None), by_hand(DAY, days, [pause])
    assert page.unlike == ()
    assert (page.was.past_joint, page.would_be.past_joint) == (concluded > due, concluded > would_be)
    told_of = [(each.whole_was.due_on, each.whole_would_be.due_on) for each in page.differences]
    assert told_of == ([(due, would_be)] if due != would_be else [])


@pytest.fixture
def casefile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    class Shelf:
        def at(self, _version: str) -> Any:
            return CY

    request.param = "sqlite"
    with replica(CaseFile, request, tmp_path, signing=SIGNING, catalogues=Shelf()) as running:
        who: dict[str, Any] = {"by": "manager"}
        given = {name: getattr(grant(), name) for name in ("legal_form", "grantor", "grantee", "items", "powers")}
        made = GrantMade(
            **who, at=at(DAY - timedelta(days=2)), **given, grantee_kind="public_institution", valid_from=DAY,
            valid_until=None, document="d", grant="G1",
        )  # fmt: skip
        history = [made, GrantPublished(**who, at=at(DAY - timedelta(days=1)), publication="p", grant="G1"),
                   GrantRevoked(**who, at=at(DAY + timedelta(days=1)), reason="r", grant="G1")]  # fmt: skip
        for version, fact in enumerate(history, start=1):
            running.follow("delegation", ("G1", version, fact))
        held = signed(history)
        assert held is not None
        case = told([Accepted("county", "w1", at(DAY), ("CY01",))], {"G1": held.terms})
        for version, (service, fact) in enumerate(case, start=1):
            running.follow(service, ("case-1", version, fact))
        yield running


def test_grants_come_from_the_ledger_and_others_are_laid_over_them(casefile: Replica) -> None:
    gone = casefile.ask(SupposeRules(on=LATER, grants={"G1": "null"}), AUDITOR)
    same = casefile.ask(SupposeRules(on=LATER, grants={"G1": "{}"}), AUDITOR)
    for_ever = casefile.ask(SupposeRules(on=LATER, grants={"G1": '{"revoked_at": null}'}), AUDITOR)

    assert (gone["would_be"]["unlawful"], gone["differences"][0]["acts"][0]["refusal"]) == (1, "no-grant")
    assert same["differences"] == same["unlike"] == for_ever["differences"] == []


ILL = ("{", '{"powers": []}', '{"powers": ["fly"]}', '{"published_at": "2026-01-01T00:00:00"}', '{"nme": 1}', "[]")


@pytest.mark.parametrize("said", ILL)
@pytest.mark.parametrize("name", ["G1", "G9"])
def test_what_is_no_grant_is_refused(casefile: Replica, name: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        casefile.ask(SupposeRules(on=LATER, grants={name: said}), AUDITOR)

    assert refused.value.data["errors"][0]["reason"].startswith(f"{name}: ")


def test_what_never_was_cannot_be_unmade(casefile: Replica) -> None:
    with pytest.raises(Invalid, match="G9: there is no such grant"):
        casefile.ask(SupposeRules(on=LATER, grants={"G9": "null"}), AUDITOR)


def test_a_manager_supposes_for_their_own_hall(casefile: Replica) -> None:
    manager = Caller(by="m", hall="street", roles=("manager",))

    assert casefile.ask(SupposeRules(on=LATER, grants={"G1": "null"}), manager)["cases"] == 0
