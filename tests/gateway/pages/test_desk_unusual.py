"""Not the usual way at the desk: a number out of turn, a set for another place, a duplicate, a late supplement."""

import re
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey, a_person, furnish
from contracts.halls import DrawTicket, GetWindow, ListTickets, RegisterHall, SendCaseMessage
from contracts.intake import GetCase, OpenCase, ReceiveMaterials
from contracts.language import Caller
from gateway.pages.desk import hall
from gateway.pages.desk.hall import Home
from testkit.house import House, eventually
from testkit.lists import every

from .visiting import Visitor, leaves, whole

CATALOGUE = catalogue.load("990102")
ZHAO = Caller(by="clerk-zhao", org="zwzx", hall="yl-hall", window="yl-hall-a1", roles=("clerk",))
WANG = "clerk-wang"
"""A clerk of the hall of which ``OWNER`` is the id."""
OWNER = "yl-bank"


@pytest.fixture(scope="module", autouse=True)
def _hall(house: House) -> None:
    furnish(house.client(), CATALOGUE, ZHAO)
    operator = house.client(Caller(by="operator", roles=("operator",)))
    operator.command(RegisterHall(hall=OWNER, name=OWNER, kind="hospital", region="990102"), id=f"hall:{OWNER}")


@pytest.fixture
def clerk(web: Any) -> Visitor:
    return Visitor(web, ZHAO.by)


@pytest.fixture
def journey(house: House) -> Journey:
    theme = CATALOGUE.theme("SBK")
    made = Journey(house.client(), CATALOGUE, theme, happy_answers(theme))
    made.clerk = house.client(ZHAO)
    return made


# numbers


def draw(house: House) -> dict[str, Any]:
    return dict(house.client(ZHAO).command(DrawTicket(hall=ZHAO.hall, channel="window")).value)


def waiting(house: House) -> set[str]:
    """The tickets of everybody who waits at the desk's hall."""
    return {each["ticket"] for each in every(house.client(ZHAO), ListTickets(hall=ZHAO.hall, state="waiting"))}


def test_a_number_is_called_out_of_turn_and_another_waits_no_longer(house: House, clerk: Visitor) -> None:
    first, second = draw(house), draw(house)
    if house.client(ZHAO).ask(GetWindow(window=ZHAO.window))["state"] != "open":
        clerk.send("/desk", "/desk/window", act="open")
    everybody = "/desk/waiting"
    shown = whole(clerk, everybody)
    for ticket in (first, second):
        assert f'value="{ticket["ticket"]}"' in shown
    assert f"等候 {len(waiting(house))} 人" in clerk.get("/desk")

    for _ in range(2):
        clerk.send(shown, "/desk/tickets", act="call", ticket=second["ticket"])

    serving = house.client(ZHAO).ask(GetWindow(window=ZHAO.window))["serving"]
    assert (serving["ticket"], serving["state"]) == (second["ticket"], "called")
    assert "叫此号" not in clerk.get("/desk")
    busy = whole(clerk, everybody)
    assert "叫此号" not in busy
    assert f'value="{first["ticket"]}"' in busy

    clerk.send("/desk", "/desk/tickets", act="skip", ticket=second["ticket"])
    assert "已叫 1 次" in whole(clerk, everybody), "who did not come can be called again"
    for ticket in (first, second):
        clerk.send("/desk", "/desk/tickets", act="cancel", ticket=ticket["ticket"], reason="改日再来")
    assert not {first["ticket"], second["ticket"]} & waiting(house)


def test_whoever_waits_can_be_called_however_many_wait_before(
    house: House, clerk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = draw(house), draw(house)
    if house.client(ZHAO).ask(GetWindow(window=ZHAO.window))["state"] != "open":
        clerk.send("/desk", "/desk/window", act="open")
    monkeypatch.setattr(hall, "LISTED", 1)
    monkeypatch.setattr(hall, "WAITING", 1)
    desk = clerk.get("/desk")
    assert second["ticket"] not in desk
    assert 'href="/desk/waiting"' in desk

    pages = list(leaves(clerk, "/desk/waiting"))

    assert [sum(each["ticket"] in page for page in pages) for each in (first, second)] == [1, 1]
    assert "<html" not in clerk.web("GET", "/desk/waiting", caller=ZHAO.by, X_Fragment="1").body.decode()
    for each in (first, second):
        clerk.send("/desk", "/desk/tickets", act="cancel", ticket=each["ticket"], reason="改日再来")
    assert not {first["ticket"], second["ticket"]} & waiting(house)


def test_who_does_not_come_is_given_up_only_after_as_many_calls_as_the_hall_says(house: House, clerk: Visitor) -> None:
    ticket = draw(house)["ticket"]
    if house.client(ZHAO).ask(GetWindow(window=ZHAO.window))["state"] != "open":
        clerk.send("/desk", "/desk/window", act="open")
    clerk.send("/desk", "/desk/tickets", act="call", ticket=ticket)
    offered = 'name="act" value="miss"'
    calls = 1
    while offered not in (shown := clerk.get("/desk")):
        assert f"已叫 {calls} 次" in shown
        early = clerk.send("/desk", "/desk/tickets", 409, by_script=True, act="miss", ticket=ticket).json
        assert early["code"] == "no-show-too-early"
        clerk.send("/desk", "/desk/tickets", act="recall", ticket=ticket)
        calls += 1
        assert calls < 10

    assert calls > 1
    clerk.send("/desk", "/desk/tickets", act="miss", ticket=ticket)

    assert house.client(ZHAO).ask(GetWindow(window=ZHAO.window))["serving"] is None
    assert offered not in clerk.get("/desk")


def test_a_hall_that_does_not_say_who_may_be_given_up_is_asked_each_time(
    house: House, clerk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release of halls before that says nothing of it, and decides."""
    ticket = draw(house)["ticket"]
    if house.client(ZHAO).ask(GetWindow(window=ZHAO.window))["state"] != "open":
        clerk.send("/desk", "/desk/window", act="open")
    clerk.send("/desk", "/desk/tickets", act="call", ticket=ticket)
    ask = Home.ask

    def before(page: Home, req: Any, query: Any) -> Any:
        found = ask(page, req, query)
        if isinstance(query, GetWindow):
            del found["serving"]["absent"]
        return found

    with monkeypatch.context() as older:
        older.setattr(Home, "ask", before)
        for path in ("/desk", "/desk/strip"):
            assert 'name="act" value="miss"' in clerk.get(path)

    for act in ("serve", "finish"):
        clerk.send("/desk", "/desk/tickets", act=act, ticket=ticket)


def test_a_window_that_pauses_can_be_closed(house: House, clerk: Visitor) -> None:
    if house.client(ZHAO).ask(GetWindow(window=ZHAO.window))["state"] != "open":
        clerk.send("/desk", "/desk/window", act="open")
    clerk.send("/desk", "/desk/window", act="pause", reason="设备检修")
    assert "关闭窗口" in clerk.get("/desk")

    clerk.send("/desk", "/desk/window", act="close")

    assert house.client(ZHAO).ask(GetWindow(window=ZHAO.window))["state"] == "closed"
    assert "关闭窗口" not in clerk.get("/desk")


def test_staff_are_called_by_their_names_and_who_is_not_known_by_the_id(
    house: House, web: Any, clerk: Visitor, journey: Journey
) -> None:
    if house.client(ZHAO).ask(GetWindow(window=ZHAO.window))["state"] != "open":
        clerk.send("/desk", "/desk/window", act="open")
    strip = clerk.get("/desk/strip")
    assert "<span>赵明</span>" in strip
    assert ZHAO.by not in strip

    journey.open()
    case = f"/desk/cases/{journey.case_id}"
    clerk.send(case, "/desk/here", 200, case_id=journey.case_id)
    unknown = msgspec.structs.replace(ZHAO, by="clerk-nobody")
    eventually(lambda: house.client(unknown).command(SendCaseMessage(case_id=journey.case_id, text="请看材料")) or True)

    together = Visitor(web, "clerk-qian").get(f"{case}/together")
    assert "赵明 · " in together
    assert "<strong>clerk-nobody</strong>" in together


def test_what_was_written_last_is_seen_however_much_was_written_before(
    house: House, clerk: Visitor, journey: Journey
) -> None:
    journey.open()
    page = f"/desk/cases/{journey.case_id}/together"
    written = [f"第{n}句。" for n in range(101)]
    for each in written:
        told = SendCaseMessage(case_id=journey.case_id, text=each)
        eventually(lambda told=told: house.client(ZHAO).command(told) or True)

    first, *others = ([each for each in written if each in shown] for shown in leaves(clerk, page))

    assert first == written[-len(first) :]
    assert sorted(each for some in (first, *others) for each in some) == sorted(written)


# sets for another place


def test_a_set_for_another_place_is_received_here_and_accepted_there(
    house: House, web: Any, clerk: Visitor, journey: Journey
) -> None:
    wang = Visitor(web, WANG)
    eventually(lambda: f'<option value="{OWNER}"' in clerk.get("/desk/new/SBK"))
    assert "异地代收代办" not in clerk.get("/desk/new/CJR"), "a theme that is handled locally alone"
    said = {f"answers__{name}": value for name, value in journey.answers.items()}
    said |= {"applicant__kind": "natural", "applicant__name": "赵六", "applicant__identifier": a_person(4712)}
    opening = {**said, "cross_region": "received_elsewhere"}
    without = clerk.send("/desk/new/SBK", "/desk/new/SBK/open", 422, by_script=True, **opening).json
    assert without["code"] == "owner-unclear"
    opened = clerk.send("/desk/new/SBK", "/desk/new/SBK/open", **opening, owner_hall=OWNER)
    case_id = opened.headers["Location"].rpartition("/")[2]
    desk = f"/desk/cases/{case_id}"

    page, path = f"{desk}/accept", f"{desk}/forward"
    early = wang.get(page)
    assert "还没有转交" in early
    assert f'action="{page}"' not in early
    shown = clerk.get(page)
    assert f'action="{path}"' in shown
    assert f'action="{page}"' not in shown, "who receives does not accept"
    assert {"formal_check", "identity_check"} <= clerk.errors(page, path).keys()
    checks = {"formal_check": "材料齐全", "identity_check": "人证一致", "medium": "system"}
    nothing = clerk.send(page, path, 409, by_script=True, **checks).json
    assert nothing["code"] == "nothing-received"
    journey.clerk.command(ReceiveMaterials(case_id=case_id, materials=journey.materials()))
    clerk.send(page, path, **checks)

    assert house.client(ZHAO).ask(GetCase(case_id=case_id))["forwarded_to"] == OWNER
    assert "已转交" in clerk.get(desk)
    assert f'action="{path}"' not in clerk.get(page)
    assert f'action="{page}"' in wang.get(page)


# duplicates


def test_a_duplicate_goes_on_as_the_other_case_by_its_number(house: House, clerk: Visitor, journey: Journey) -> None:
    journey.open()
    twice = Journey(house.client(), CATALOGUE, journey.theme, journey.answers)
    whole = journey.registration()
    twice.clerk = house.client(ZHAO)
    twice.clerk.command(
        OpenCase(
            case_id=twice.case_id,
            theme=whole.theme,
            applicant=whole.applicant,
            answers=whole.answers,
            allow_duplicate=True,
        )
    )
    page, path = (f"/desk/cases/{twice.case_id}/{name}" for name in ("change", "merge"))
    number = journey.case()["number"]

    assert set(clerk.errors(page, path)) == {"into"}
    assert set(clerk.errors(page, path, into="没有的编号")) == {"into"}
    itself = clerk.send(page, path, 409, by_script=True, into=twice.case()["number"]).json
    assert itself["code"] == "not-mergeable"
    said = clerk.send(page, path, into=number)

    assert said.headers["Location"].partition("?")[0] == f"/desk/cases/{journey.case_id}"
    assert (twice.case()["outcome"], twice.case()["into"]) == ("merged", journey.case_id)
    assert f'action="{path}"' not in clerk.get(page)


# what comes later


def test_a_supplement_that_does_not_comply_is_still_missing_and_the_day_is_put_off_by_another(
    house: House, web: Any, clerk: Visitor, journey: Journey
) -> None:
    journey.register_tolerant("photo")
    ((item, grace),) = journey.case()["tolerances"].items()
    desk = f"/desk/cases/{journey.case_id}"
    refuse, extend = (f"{desk}/tolerances/{item}/{act}" for act in ("refuse", "extend"))
    shown = clerk.get(desk)
    assert {refuse, extend} <= set(re.findall(r'action="([^"]+)"', shown))

    assert set(clerk.errors(desk, refuse)) == {"materials", "reason"}
    clerk.send(desk, refuse, materials=["photo"], reason="背景不是白色")
    assert journey.case()["tolerances"][item]["missing"] == grace["missing"]

    later = (date.fromisoformat(grace["due_on"]) + timedelta(days=3)).isoformat()
    assert set(clerk.errors(desk, extend)) == {"due_on", "reason"}
    same = clerk.send(desk, extend, 403, by_script=True, due_on=later, reason="暴雨停电").json
    assert same["code"] == "second-person-needed"
    other = Visitor(web, "clerk-qian")
    other.send(desk, extend, due_on=later, reason="暴雨停电")

    assert journey.case()["tolerances"][item]["due_on"] == later
    assert later in other.get(desk)


def test_a_supplement_for_a_denied_item_is_not_offered_and_the_desk_says_why(
    house: House, web: Any, clerk: Visitor, journey: Journey
) -> None:
    journey.register_tolerant("photo")
    ((item, grace),) = journey.case()["tolerances"].items()
    desk = f"/desk/cases/{journey.case_id}"
    extend = f"{desk}/tolerances/{item}/extend"
    before = clerk.get(desk)
    assert f'action="{extend}"' in before
    assert "不再等待补交" not in before

    journey.patiently(lambda: journey.review(item)["state"] == "ready")
    journey._decide(item, (item,))
    journey.patiently(lambda: journey.case()["tolerances"][item]["rested"])

    shown = clerk.get(desk)
    assert f"{desk}/tolerances/" not in shown
    assert "不再等待补交" in shown
    later = (date.fromisoformat(grace["due_on"]) + timedelta(days=3)).isoformat()
    answer = Visitor(web, "clerk-qian").send(desk, extend, 409, by_script=True, due_on=later, reason="暴雨停电").json
    assert answer["code"] == "tolerance-rests"
    assert "未获许可，容缺材料不再等待补交" in answer["detail"]
