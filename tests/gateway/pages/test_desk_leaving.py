"""How results leave: what the applicant and the clerk agree on, the post, the locker, and who will not take them."""

from typing import Any

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey, furnish
from contracts.certificate import GetOutput
from contracts.intake import Applicant
from contracts.language import Caller
from testkit.house import House

from .visiting import Visitor

CATALOGUE = catalogue.load("990102")
ZHAO = Caller(by="clerk-zhao", org="zwzx", hall="yl-hall", window="yl-hall-a1", roles=("clerk",))
CHEN = Applicant(name="陈建国（虚构）", identifier="990102196403010030", mobile="13900000000")
ADDRESS = "云岭县城关街道9号<后门>"


@pytest.fixture
def clerk(web: Any) -> Visitor:
    return Visitor(web, ZHAO.by)


@pytest.fixture(scope="module")
def granted(house: House) -> Any:
    """Makes cases whose results lie ready at the desk's hall, and no more will come."""
    furnish(house.client(), CATALOGUE, ZHAO)

    def made() -> Journey:
        theme = CATALOGUE.theme("CJR")
        journey = Journey(house.client(), CATALOGUE, theme, happy_answers(theme))
        journey.clerk = house.client(ZHAO)
        journey.register(applicant=CHEN)
        journey.decide()
        journey.patiently(lambda: output(journey)["status"] == "concluded")
        return journey

    return made


def output(journey: Journey) -> Any:
    return journey.client.ask(GetOutput(case_id=journey.case_id))


def packages(journey: Journey) -> list[dict[str, Any]]:
    return list(output(journey)["packages"])


def test_what_is_agreed_at_home_is_on_the_label_at_the_exit(granted: Any, web: Any, clerk: Visitor) -> None:
    journey = granted()
    mine, desk = f"/mine/{journey.case_id}", f"/desk/cases/{journey.case_id}/output"
    chen = Visitor(web, "applicant-chen")
    assert "还没有约定邮寄地址" in clerk.get(f"{desk}/address")

    refused = chen.send(mine, f"{mine}/output", 409, by_script=True, mode="itemised", method="post", address="")
    assert refused.json["code"] == "address-missing"
    chen.send(mine, f"{mine}/output", mode="itemised", method="post", address=ADDRESS)

    assert output(journey)["method"] == "post"
    label = clerk.get(f"{desk}/address")
    assert "云岭县城关街道9号&lt;后门&gt;" in label
    assert CHEN.name in label
    assert "城关街道" not in Visitor(web, "clerk-wang").get(f"{desk}/address", 403)
    assert ADDRESS not in chen.get(mine)
    Visitor(web, "applicant-zhou").send("/apply", f"{mine}/output", 403, method="window")


def test_a_package_comes_back_from_the_post_and_is_collected_from_a_locker(granted: Any, clerk: Visitor) -> None:
    journey = granted()
    desk = f"/desk/cases/{journey.case_id}/output"
    package = packages(journey)[0]["package"]
    named = {"package": package}

    def standing() -> dict[str, Any]:
        return next(each for each in packages(journey) if each["package"] == package)

    clerk.send(desk, f"{desk}/agree", mode="early", method="post", address=ADDRESS)
    assert output(journey)["mode"] == "early"
    assert clerk.errors(desk, f"{desk}/dispatch", **named, method="post").keys() == {"tracking"}
    assert clerk.errors(desk, f"{desk}/dispatch", **named, method="locker").keys() == {"cabinet", "cell"}
    shown = clerk.get(desk)
    for _ in range(2):
        clerk.send(shown, f"{desk}/dispatch", **named, method="post", carrier="邮政", tracking="E-42")
    assert "E-42" in clerk.get(desk)

    assert clerk.errors(desk, f"{desk}/recall", **named).keys() == {"reason"}
    clerk.send(desk, f"{desk}/recall", **named, reason="undeliverable")
    clerk.send(desk, f"{desk}/dispatch", **named, method="locker", cabinet="东门", cell="3")
    assert "东门 柜 3 格" in clerk.get(desk)
    wrong = clerk.send(desk, f"{desk}/confirm", 409, by_script=True, **named, identity_check="看过", check="document")
    assert wrong.json["code"] == "check-unfit"
    clerk.send(desk, f"{desk}/confirm", **named, identity_check="取件码 4711", check="code")

    assert (standing()["state"], standing()["method"]) == ("handed_over", "locker")
    clerk.send(desk, f"{desk}/burn", 404)


def test_who_will_not_take_it_has_it_before_a_witness(granted: Any, web: Any, clerk: Visitor) -> None:
    journey = granted()
    desk = f"/desk/cases/{journey.case_id}/output"
    assert clerk.errors(desk, f"{desk}/refuse").keys() == {"identity_check", "witness"}

    clerk.send(desk, f"{desk}/refuse", identity_check="身份证", witness="钱见证")

    assert {each["state"] for each in packages(journey)} == {"handed_over"}
    shown = clerk.get(f"{desk}?lang=en")
    assert "refused" in shown
    assert f'action="{desk}/agree"' not in shown, "what has left is agreed on no more"
    assert f'action="/mine/{journey.case_id}/output"' not in Visitor(web, "applicant-chen").get(
        f"/mine/{journey.case_id}"
    )


def test_a_case_that_is_over_is_shown_with_its_words_and_offers_nothing_more(
    granted: Any, web: Any, clerk: Visitor
) -> None:
    journey = granted()
    title = output(journey)["certificates"][0]["issued"]["title"]
    mine, desk = f"/mine/{journey.case_id}", f"/desk/cases/{journey.case_id}"
    chen = Visitor(web, "applicant-chen")
    assert f"{title} <span" in chen.get(mine)
    clerk.send(f"{desk}/output", f"{desk}/output", method="window", check="document", identity_check="核对身份证")
    journey.patiently(lambda: journey.case()["status"] == "closed")

    shown = clerk.get(f"{desk}/output")
    assert "handed_over" not in shown
    assert f'<span class="small">{title}</span>' in shown
    for part, words in (("form", "保存表单"), ("materials", "收件</button>")):
        assert words not in clerk.get(f"{desk}/{part}"), part
    assert 'type="file"' not in clerk.get(f"{desk}/materials")
    readings = chen.get(f"{mine}/readings")
    assert "handling" not in readings


def test_what_was_chosen_in_the_form_stays_a_word_once_it_is_accepted(granted: Any, web: Any, clerk: Visitor) -> None:
    journey = granted()
    shown = clerk.get(f"/desk/cases/{journey.case_id}/form")

    fields = [each for each in journey.selection.fields if each.choices]
    assert fields
    for each in fields:
        value = journey.values()[each.key]
        word = next(choice.name for choice in each.choices if choice.value == value)
        assert f'{each.label}</span> {word} <span class="badge">' in shown
