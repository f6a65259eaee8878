"""Each fact that an explanation cites is needed for it: over the golden histories, at many moments of each."""

from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

import catalogue
from casefile.explaining.course import Known, course
from casefile.explaining.questions import asked, blocked, grant_of, lawful, unfinished
from casefile.explaining.reasons import Explained, sentence
from casefile.service import PUBLISHERS
from contracts.approval import DecisionVoided
from contracts.delegation import GrantMade, GrantPublished, GrantRevoked
from contracts.intake import CaseClosed, CaseReopened, ItemsAccepted
from contracts.words import terms
from eventing.mapper import decode
from testkit.facts import NOON

GOLDEN = Path(__file__).parents[1] / "golden" / "streams" / "0.2.0"
STORIES = sorted(path.stem for path in GOLDEN.glob("*.json"))
COUNTY = catalogue.load("990102")


@cache
def history(story: str) -> tuple[str, tuple[Known, ...]]:
    """The theme of a golden story, and its facts."""
    told = msgspec.json.decode((GOLDEN / f"{story}.json").read_bytes())
    decoder = msgspec.json.Decoder(dict[str, Any])
    facts = sorted(told["facts"], key=lambda fact: decoder.decode(msgspec.convert(fact["state"], bytes))["at"])
    return told["theme"], tuple(
        Known("case", seq, fact["service"], fact["topic"], decode(fact["topic"], msgspec.convert(fact["state"], bytes)))
        for seq, fact in enumerate(facts, start=1)
        if fact["service"] in PUBLISHERS
    )


def grant(facts: tuple[Known, ...], item: str) -> tuple[Known, ...]:
    """The grant that an acceptance names, made and published before it."""
    name = grant_of(facts, item)
    if not name:
        return ()
    made = GrantMade(
        at=NOON.replace(year=2020), by="head", legal_form="entrustment", grantor="market", grantee="test-hall",
        grantee_kind="hall", items=("*",), powers=("accept",), valid_from=NOON.replace(year=2020).date(),
        valid_until=None, document="D-1",
    )  # fmt: skip
    published = GrantPublished(at=made.at, by="second", publication="P-1")
    return tuple(
        Known(name, seq, "delegation", fact.TOPIC, fact) for seq, fact in enumerate((made, published), start=1)
    )


def answers(theme_id: str, facts: tuple[Known, ...], grants: tuple[Known, ...]) -> dict[tuple[str, str], Explained]:
    """Every question that can be asked of these facts."""
    theme = COUNTY.theme(theme_id)
    items = [item.id for item in theme.items]
    materials = {material.id for item in theme.items for material in item.materials}
    return {
        ("unfinished", ""): unfinished(facts, theme),
        **{("blocked", item): blocked(facts, theme, item) for item in items},
        **{("lawful", item): lawful(facts, item, grants) for item in items},
        **{("asked", material): asked(facts, theme, material) for material in sorted(materials)},
    }


def again(question: tuple[str, str], theme_id: str, facts: list[Known]) -> Explained:
    mine = tuple(each for each in facts if each.service != "delegation")
    grants = tuple(each for each in facts if each.service == "delegation")
    theme, (kind, subject) = COUNTY.theme(theme_id), question
    if kind == "unfinished":
        return unfinished(mine, theme)
    if kind == "lawful":
        return lawful(mine, subject, grants)
    return (blocked if kind == "blocked" else asked)(mine, theme, subject)


def moments(story: str) -> list[tuple[Known, ...]]:
    """The history up to every sixth fact, and the whole of it."""
    facts = history(story)[1]
    return [facts[:n] for n in range(2, len(facts), 6)] + [facts]


@pytest.mark.parametrize("story", STORIES)
def test_without_any_cited_fact_the_answer_is_another(story: str) -> None:
    theme_id = history(story)[0]
    cited = 0
    for facts in moments(story):
        accepted = next((item for item, track in course(facts).items.items() if track.accepted), "")
        grants = grant(facts, accepted)
        for question, explained in answers(theme_id, facts, grants).items():
            for fact in explained.cited:
                without = [each for each in (*facts, *grants) if each is not fact]
                assert again(question, theme_id, without).said != explained.said, (question, fact.topic, explained.said)
                cited += 1
    assert cited


def test_an_acceptance_is_shown_lawful_by_grant_notice_and_materials() -> None:
    facts = history("cy-granted")[1]
    item = next(item for item, track in course(facts).items.items() if track.accepted)
    grants = grant(facts, item)

    shown = lawful(facts, item, grants)
    revoked = GrantRevoked(at=NOON.replace(year=2021), by="head", reason="over")
    ended = lawful(facts, item, (*grants, Known("g", 3, "delegation", revoked.TOPIC, revoked)))

    assert shown.answer == "lawful"
    assert {"told", "authority", "published", "complete"} <= {each.code for each in shown.reasons}
    assert lawful(facts, item).answer == "not_shown"
    assert ended.answer == "not_shown"
    assert ended.reasons[-1].values["what"] == "ended"


def test_a_case_that_is_open_again_is_not_finished() -> None:
    theme_id, facts = history("cy-denied")
    theme = COUNTY.theme(theme_id)
    assert unfinished(facts, theme).answer == "finished"

    said: dict[str, Any] = {"at": NOON.replace(year=2027), "by": "x", "case_id": "case"}
    void = DecisionVoided(
        **said, item="CY01", handler="scjg", decision="D1", ground="误录", result="voided", approved_by="y"
    )
    again = CaseReopened(**said, items=("CY01",))
    more = [Known("case", len(facts) + 1, "approval", void.TOPIC, void)]
    more.append(Known("case", len(facts) + 2, "intake", again.TOPIC, again))

    assert unfinished((*facts, *more), theme).answer == "unfinished"


def test_a_denied_item_is_why_those_after_it_are_blocked() -> None:
    theme_id, facts = history("cy-denied")
    theme = COUNTY.theme(theme_id)
    found = [item for item, track in course(facts).items.items() if track.blocked]

    for item in found:
        explained = blocked(facts, theme, item)
        assert explained.answer == "blocked"
        assert any(each.code == "lost" and each.values["how"] == "denied" for each in explained.reasons)
    assert found


def test_what_failed_by_others_before_it_was_answered_is_still_to_be_answered() -> None:
    theme_id, facts = history("cy-denied")
    theme = COUNTY.theme(theme_id)
    failed = [item for item, track in course(facts).items.items() if track.blocked]
    assert failed
    before = [each for each in facts if not isinstance(each.fact, CaseClosed)]

    def unanswered(known: Known) -> Known:
        if not isinstance(known.fact, ItemsAccepted):
            return known
        items = tuple(each for each in known.fact.items if each.item not in failed)
        return replace(known, fact=replace(known.fact, items=items))

    told = unfinished([unanswered(each) for each in before], theme)

    assert {each.item for each in told.reasons} == {*failed}
    assert {each.code for each in told.reasons} == {"answer_owed"}
    assert [each.code for each in unfinished(before, theme).reasons] == ["closing"]


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    for _, stories in groupby(STORIES, key=lambda story: story.partition("-")[0]):
        for story in stories:
            theme_id = history(story)[0]
            for explained in answers(theme_id, moments(story)[2], ()).values():
                for each in explained.reasons:
                    said = sentence(each.code, each.item, each.values, COUNTY, COUNTY.theme(theme_id))
                    assert said["zh"]
                    assert said["en"]
                    assert "{" not in said["zh"] + said["en"]
                    assert not [state for state in each.values.values() if state in terms() and state in said["zh"]]
