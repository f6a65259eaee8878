"""一次告知: complete, the same for everybody, and never changed after it was issued."""

import random
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import catalogue as shipped
from catalogue.conditions import Answer
from catalogue.examples import answers_for
from catalogue.model import Catalogue, EntryPoint
from contracts.intake import Channel, Notice
from intake.domain import outline_of
from intake.domain.refusals import NoAuthority, NothingSelected
from kernel.digests import canonical, digest
from testkit.facts import facts

from .mothers import ANSWERS, FROM_NOTHING, a_case, amended, catalogue, outline


def test_the_notice_tells_everything_that_the_case_takes() -> None:
    here = outline(FROM_NOTHING)
    notice = here.notice

    assert [item.item for item in notice.items if item.standing == "selected"] == list(here.needs)
    assert {m.material for m in notice.materials} >= here.asked(here.needs)
    assert [field.key for field in notice.fields] == list(here.fields)
    assert all(material.reason for material in notice.materials)
    assert notice.places
    assert notice.cautions


@pytest.mark.parametrize("answers", [ANSWERS, FROM_NOTHING, {**ANSWERS, "fire": "no"}])
def test_the_text_names_all_that_the_data_holds_and_nothing_that_is_not_needed(
    answers: dict[str, str],
) -> None:
    notice = outline(answers).notice

    for item in notice.items:
        assert item.name in notice.text
    for material in notice.materials:
        assert f"{material.name}（" in notice.text
    for field in notice.fields:
        assert f"{field.label}（{'必填' if field.required else '选填'}）" in notice.text
    for caution in notice.cautions:
        assert caution in notice.text
    assert ("登记申请书" in notice.text) == (answers["licence"] == "none")
    assert ("消防平面图" in notice.text) == (answers["fire"] == "yes")


def test_both_limits_carry_the_mark_of_their_source() -> None:
    text = outline(FROM_NOTHING).notice.text

    assert (
        "法定时限：3个工作日（未引证，以法律法规原文为准）；承诺时限：1个工作日（占位值，待本地配置，不构成承诺）"
        in text
    )
    assert "法定时限：10个工作日（依据：S49）" in text
    assert "法定时限：无；承诺时限：无" in text


def test_a_material_may_be_brought_later_only_where_every_item_tolerates_it() -> None:
    def tolerable(answers: dict[str, str]) -> list[str]:
        return [material.material for material in outline(answers).notice.materials if material.tolerable]

    assert tolerable(ANSWERS) == ["premises"]
    assert tolerable(FROM_NOTHING) == []  # SP01 uses it too and is on no list


def test_the_flow_names_what_comes_first() -> None:
    items = {item.item: item for item in outline(FROM_NOTHING).notice.items}

    assert outline(FROM_NOTHING).notice.flow == (("SP01", "SP05"), ("SP02",), ("SP03", "SP04"))
    assert "第1步：设立登记、供水报装\n" in outline(FROM_NOTHING).notice.text

    assert items["SP02"].after == (("SP01",),)
    assert items["SP03"].after == (("SP02",),)
    assert {item.item: item for item in outline().notice.items}["SP02"].after == ()
    assert "须先办理：设立登记\n" in outline(FROM_NOTHING).notice.text


def test_the_answers_name_where_a_case_enters() -> None:
    points = (
        EntryPoint(name="区县大厅", kind="hall"),
        EntryPoint(name="消防窗口", kind="department", when=Answer("fire", ("yes",))),
        EntryPoint(name="登记窗口", kind="department", when=Answer("licence", ("none",))),
    )
    of = amended(theme={"entry_points": points})

    assert [place.name for place in outline_of(of, "SP", ANSWERS).notice.places] == ["消防窗口", "区县大厅"]
    assert [place.name for place in outline_of(of, "SP", FROM_NOTHING).notice.places] == [
        "消防窗口",
        "登记窗口",
        "区县大厅",
    ]


def test_the_digest_is_that_of_the_canonical_document() -> None:
    here = outline()

    assert here.digest == digest(canonical(here.notice))
    assert msgspec.json.decode(canonical(here.notice), type=Notice) == here.notice


def test_an_issued_notice_stays_what_it_was() -> None:
    # Edition 1 of the wording, over a catalogue that never changes. A failure here means that notices which
    # people hold in their hands could not be reproduced: change the wording only together with its edition.
    assert (outline().notice.edition, outline().digest) == (
        1,
        "sha256:f70f2dbd198737c2e753b2eb697660c9191b55bb272988c43c75028c70551bf1",
    )


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_the_same_case_gets_the_same_notice_whatever_the_order_of_asking(data: st.DataObject) -> None:
    answers: dict[str, str] = data.draw(
        st.fixed_dictionaries(
            {
                "licence": st.sampled_from(["held", "none"]),
                "fire": st.sampled_from(["yes", "no"]),
                "area": st.sampled_from(["east", "west"]),
            }
        )
    )
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))
    twin = Catalogue.from_document(catalogue().document())

    one, other = outline(answers), outline_of(twin, "SP", shuffled)

    assert canonical(one.notice) == canonical(other.notice)
    assert one.digest == other.digest


@given(
    st.sampled_from([ANSWERS, FROM_NOTHING]),
    st.sampled_from([None, ("SP03",), ("SP03", "SP05")]),
    st.sampled_from([{}, {"SP02": "核验记录1"}]),
)
@settings(max_examples=30, deadline=None)
def test_no_rule_looks_at_the_channel(answers: dict[str, str], chosen: Any, done: dict[str, str]) -> None:
    if chosen and answers is FROM_NOTHING:
        chosen = ("SP01", *chosen)
    seen = []
    for channel in get_args(Channel):
        at = a_case(answers, chosen=chosen, satisfied=done).opened(channel=channel).filled().received()
        opened = facts(at.case)[0][1]
        assert opened.pop("channel", "window") == channel
        with pytest.raises(NoAuthority) as refusal:
            at.now().accepted(refusal="expired")
        seen.append((opened, at.case.notice, at.case.state() | {"channel": ""}, refusal.value.data))

    assert seen == [seen[0]] * len(seen)


def test_every_shipped_theme_has_a_notice_for_every_answer() -> None:
    here = shipped.load("990102")
    dice = random.Random(7)
    count = 0

    for theme in here.themes.values():
        every = list(answers_for(theme, bound=512))
        for answers in dice.sample(every, min(12, len(every))):
            try:
                made = outline_of(here, theme.id, answers)
            except NothingSelected:
                continue
            assert theme.name in made.notice.text
            assert "None" not in made.notice.text
            count += 1
    assert count > len(here.themes)
