"""The desk's lists of the whole hall: results and their ledger, originals, reserved numbers, trips."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey, a_person, furnish
from contracts.certificate import GetOutput, HandOverPackages, ListPickups, PickupLedger
from contracts.intake import GetCase, WithdrawCase
from contracts.language import Caller
from contracts.reservations import GetReservation
from contracts.routing import HandBack, ListOriginals, ListPackets
from gateway.pages.desk import moving, numbers, pickups
from gateway.pages.desk.pickups import period
from kernel.clock import local_date
from testkit.house import House
from testkit.lists import every

from .visiting import Visitor, leaves, whole

CATALOGUE = catalogue.load("990102")
ZHAO = Caller(by="clerk-zhao", org="zwzx", hall="yl-hall", window="yl-hall-a1", roles=("clerk",))
FENG = "clerk-feng"
"""A clerk of a hall at which nothing happens."""
POST = Caller(by=FENG, org="zwzx", hall="yl-post", roles=("clerk",))
TRIP = re.compile(r'href="(/desk/trips/trip-[^"]+)"')


@pytest.fixture(scope="module", autouse=True)
def _hall(house: House) -> None:
    furnish(house.client(), CATALOGUE, ZHAO)


@pytest.fixture
def clerk(web: Any) -> Visitor:
    return Visitor(web, ZHAO.by)


@pytest.fixture
def feng(web: Any) -> Visitor:
    return Visitor(web, FENG)


def case_of(house: House, theme: str, **more: Any) -> Journey:
    found = CATALOGUE.theme(theme)
    made = Journey(house.client(), CATALOGUE, found, happy_answers(found), **more)
    made.clerk = house.client(ZHAO)
    return made


def row_of(person: Visitor, path: str, named: str) -> str:
    """The one row of a list with this in it; empty where there is none."""
    rows = [
        row for shown in leaves(person, path) for row in re.findall(r"<tr>.*?</tr>", shown, re.DOTALL) if named in row
    ]
    assert len(rows) <= 1
    return rows[0] if rows else ""


@pytest.mark.parametrize("path", ["pickups", "originals", "numbers", "packets"])
def test_they_are_for_clerks_at_a_hall_in_both_languages_and_empty_where_nothing_happened(
    web: Any, feng: Visitor, path: str
) -> None:
    for language in ("zh", "en"):
        shown = feng.get(f"/desk/{path}?lang={language}")
        assert 'class="empty"' in shown
    Visitor(web, "manager-li").get(f"/desk/{path}", 403)
    Visitor(web, "applicant-zhou").get(f"/desk/{path}", 403)


# results


@pytest.fixture(scope="module")
def granted(house: House) -> Journey:
    """A case whose results lie ready at the desk's hall."""
    made = case_of(house, "CJR")
    made.register()
    made.decide()
    made.patiently(lambda: made.client.ask(GetOutput(case_id=made.case_id))["status"] == "concluded")
    return made


def ledger(**asked: Any) -> str:
    return f"/desk/pickups?{urlencode(asked)}"


def test_what_is_handed_over_stands_in_the_ledger_of_its_day_and_hall(
    house: House, web: Any, clerk: Visitor, feng: Visitor, granted: Journey
) -> None:
    today = local_date(house.host("gateway").clock.now())
    around = {"since": today - timedelta(days=1), "until": today + timedelta(days=1)}
    before = {"since": today - timedelta(days=9), "until": today - timedelta(days=2)}
    link, number = f'href="/desk/cases/{granted.case_id}/output"', granted.case()["number"]
    lies = whole(clerk, ledger(**around, place="in_store"))
    assert link in lies
    assert link not in whole(clerk, ledger(**around, place="handed_over"))
    count = house.client(ZHAO).ask(PickupLedger(hall=ZHAO.hall, **around))

    output = f"/desk/cases/{granted.case_id}/output"
    assert 'href="/desk/pickups"' in clerk.get(output)
    fields = {"identity_check": "<人证一致>", "check": "document", "method": "window", "receipt": "L-<7>"}
    clerk.send(output, output, **fields)

    results = granted.client.ask(GetOutput(case_id=granted.case_id))["certificates"]
    shown = whole(clerk, ledger(**around, place="handed_over"))
    assert shown.count(link) == len(results)
    for told in ("窗口领取 · 本人证件", "L-&lt;7&gt;", ZHAO.by, *(each["issued"]["number"] for each in results)):
        assert told in shown
    assert "人证一致" not in shown, "who took it is told by the case alone"
    after = house.client(ZHAO).ask(PickupLedger(hall=ZHAO.hall, **around))
    assert after["handed_over"] == count["handed_over"] + len(results)
    assert after["issued"] == sum(after[each] for each in pickups.PLACES) == count["issued"]
    assert link not in whole(clerk, ledger(**before))

    assert link not in whole(feng, ledger(**around))
    assert house.client(POST).ask(ListPickups(hall=ZHAO.hall))["pickups"] == []

    file = web("GET", ledger(**around, place="handed_over", format="csv"), caller=ZHAO.by)
    assert file.headers["Content-Type"].startswith("text/csv")
    lines = file.body.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("办件编号,")
    assert sum(number in line for line in lines) == len(results)
    assert web("GET", ledger(format="csv"), caller=FENG).body.decode("utf-8-sig").splitlines() == lines[:1]


def test_a_page_of_the_ledger_follows_another(
    clerk: Visitor, web: Any, granted: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = f'href="/desk/cases/{granted.case_id}/output"'
    all_of_it = whole(clerk, "/desk/pickups")
    monkeypatch.setattr(pickups, "LISTED", 1)
    monkeypatch.setattr(pickups, "IN_A_FILE", 1)

    singly = list(leaves(clerk, "/desk/pickups"))

    assert len(singly) > 2
    assert max(shown.count(link) for shown in singly) == 1
    assert sum(shown.count(link) for shown in singly) == all_of_it.count(link)
    file = web("GET", "/desk/pickups?format=csv", caller=ZHAO.by).body.decode("utf-8-sig")
    assert file.count(granted.case()["number"]) == all_of_it.count(link)


def test_a_result_that_moves_while_the_file_is_written_is_in_it(
    house: House, web: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = case_of(house, "CJR")
    made.register()
    made.decide()
    made.patiently(lambda: made.client.ask(GetOutput(case_id=made.case_id))["status"] == "concluded")
    lying = {each["issued"]["number"] for each in made.client.ask(GetOutput(case_id=made.case_id))["certificates"]}
    assert len(lying) > 1
    ask, pages = pickups.Ledger.ask, []

    def meanwhile(page: pickups.Ledger, req: Any, query: Any) -> Any:
        found = ask(page, req, query)
        if isinstance(query, ListPickups) and not pages:
            made.clerk.command(HandOverPackages(case_id=made.case_id))
        if isinstance(query, ListPickups):
            pages.append(query)
        return found

    monkeypatch.setattr(pickups, "IN_A_FILE", 1)
    monkeypatch.setattr(pickups.Ledger, "ask", meanwhile)
    file = web("GET", "/desk/pickups?format=csv", caller=ZHAO.by).body.decode("utf-8-sig")

    assert len(pages) > 1
    assert lying == {number for number in lying if number in file}


TODAY = date(2026, 7, 23)


@pytest.mark.parametrize(
    ("since", "until", "wrong"),
    [
        ("", "", {}),
        ("2026-01-01", "", {}),
        ("2026-07-24", "", {"until": "pickups_backwards"}),
        ("2025-07-22", "2026-07-23", {"until": "pickups_too_long"}),
        ("2025-07-23", "2026-07-23", {}),
        ("", "2026-05-10", {}),
        ("昨天", "9999-99-99", {"since": "field_date", "until": "field_date"}),
    ],
)
def test_a_period_is_this_month_or_what_is_said_and_at_most_a_year(since: str, until: str, wrong: Any) -> None:
    first, last, told = period({"since": since, "until": until}, TODAY)

    assert told == wrong
    if not since:
        assert last == (date.fromisoformat(until) if until else TODAY)
        assert first == last.replace(day=1)


def test_a_period_that_is_none_is_told_beside_its_field(clerk: Visitor) -> None:
    shown = clerk.get(ledger(since="2026-13-01", until="2026-07-01"))

    assert 'id="f-since-error"' in shown
    assert 'id="f-until-error"' not in shown
    assert 'id="f-until-error"' in clerk.get(ledger(since="2026-07-02", until="2026-07-01", format="csv"))


# originals and trips


@pytest.fixture
def papers(house: House) -> Journey:
    """A case whose original lies at the desk's hall, packed for a department."""
    made = case_of(house, "QYBG", paper=("old_licence",))
    made.clerk.command(made.registration())
    made.patiently(lambda: packed(house, made))
    return made


def packed(house: House, journey: Journey) -> list[dict[str, Any]]:
    found = every(house.client(ZHAO), ListPackets(place=ZHAO.hall, state="planned"))
    return [each for each in found if each["case_id"] == journey.case_id]


def sent(house: House, clerk: Visitor, papers: Journey) -> str:
    """The trip with which its packet left."""
    (packet, *_) = packed(house, papers)
    signed = {"carrier": "courier-1", "signature": "赵明", "carrier_signature": "邮递员", "hop": "courier"}
    chosen, new = f"{packet['case_id']}|{packet['packet']}", "/desk/trips/new"
    return str(clerk.send(new, new, packets=[chosen], to=packet["recipient"], **signed).headers["Location"])


def test_originals_say_where_they_are_and_whose_turn_it_is(
    house: House, clerk: Visitor, feng: Visitor, papers: Journey
) -> None:
    link, path = f'href="/desk/cases/{papers.case_id}/ways"', "/desk/originals"
    here = row_of(clerk, path, link)
    assert "待送出" in here
    assert "<strong>本厅</strong>" in here
    assert row_of(clerk, f"{path}?which=place&state=packed", link)
    assert not row_of(clerk, f"{path}?state=under_way", link)
    (packet, *_) = packed(house, papers)

    trip = sent(house, clerk, papers)

    papers.patiently(lambda: row_of(clerk, f"{path}?state=under_way", link))
    away = row_of(clerk, path, link)
    assert "递送中" in away
    assert f'href="{trip}"' in away
    assert "<strong>本厅</strong>" not in away
    assert not row_of(clerk, f"{path}?which=place", link)
    (told,) = [each for each in originals(house, state="under_way") if each["case_id"] == papers.case_id]
    assert (told["turn"], told["trip"]) == (packet["recipient"], trip.rpartition("/")[2])
    for which in ("home", "place"):
        assert not row_of(feng, f"{path}?which={which}", link)
    assert house.client(POST).ask(ListOriginals(home=ZHAO.hall))["originals"] == []
    assert "没有符合条件的原件" in feng.get(f"{path}?which=nothing&state=nowhere")


def test_what_the_applicant_has_got_back_is_shown_to_who_asks_for_it(house: House, clerk: Visitor) -> None:
    path = "/desk/originals"
    assert '<option value="" selected>全部未退还的</option>' in clerk.get(path)
    made = case_of(house, "QYBG", paper=("old_licence",))
    made.clerk.command(made.registration())
    made.patiently(lambda: packed(house, made))
    link = f'href="/desk/cases/{made.case_id}/ways"'
    assert row_of(clerk, path, link)

    made.clerk.command(WithdrawCase(case_id=made.case_id, reason="不办了"))
    free = made.patiently(lambda: [each for each in originals(house, state="free") if each["case_id"] == made.case_id])
    copies = tuple(each["copy"] for each in free)
    back = HandBack(case_id=made.case_id, copies=copies, identity_check="人证一致", signature="王五")
    made.clerk.command(back)

    made.patiently(lambda: not row_of(clerk, path, link))
    assert "已退还" in row_of(clerk, f"{path}?state=given_back", link)


def originals(house: House, **asked: Any) -> list[dict[str, Any]]:
    return list(every(house.client(ZHAO), ListOriginals(home=ZHAO.hall, **asked)))


def test_every_trip_is_in_the_list_page_by_page_and_the_other_lists_stay(
    house: House, clerk: Visitor, papers: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = case_of(house, "QYBG", paper=("old_licence",))
    other.clerk.command(other.registration())
    other.patiently(lambda: packed(house, other))
    trips = {sent(house, clerk, papers), sent(house, clerk, other)}
    monkeypatch.setattr(moving, "TRIPS", 1)

    singly = [TRIP.findall(shown) for shown in leaves(clerk, "/desk/packets", "trips")]

    assert max(map(len, singly)) == 1
    assert trips <= {trip for found in singly for trip in found}
    assert len(singly) >= len(trips)
    third = case_of(house, "QYBG", paper=("old_licence",))
    third.clerk.command(third.registration())
    third.patiently(lambda: packed(house, third))
    place = house.client(ZHAO).ask(ListPackets(place=ZHAO.hall, state="planned", limit=1))["after"]
    links = re.findall(r'href="\?([^"]*trips=[^"]*)"', clerk.get(f"/desk/packets?{urlencode({'after': place})}"))
    assert links
    assert all(urlencode({"after": place}) in unescape(each) for each in links)


# reserved numbers


def test_numbers_are_reserved_printed_and_used_once_and_by_this_hall_alone(
    house: House, web: Any, clerk: Visitor, feng: Visitor
) -> None:
    page, today = "/desk/numbers", local_date(house.host("gateway").clock.now())
    assert f'href="{page}"' in clerk.get("/desk/new")
    assert clerk.errors(page, page).keys() == {"theme", "day", "count"}
    assert clerk.errors(page, page, theme="SBK", day="morgen", count="viele").keys() == {"day", "count"}
    wish = {"theme": "SBK", "day": today.isoformat()}
    assert clerk.errors(page, page, **wish, count="0").keys() == {"count"}
    past = (today - timedelta(days=2)).isoformat()
    assert clerk.errors(page, page, 422, theme="SBK", day=past, count="1").keys() == {"day"}
    shown = clerk.get(page)

    first, again = (clerk.send(shown, page, **wish, count="3").headers["Location"] for _ in range(2))

    assert first == again
    made = house.client(ZHAO).ask(GetReservation(reservation=first.rpartition("/")[2]))
    one, two, three = (each["number"] for each in made["numbers"])
    listed = clerk.get(first)
    for number in (one, two, three):
        assert f'href="/desk/new/SBK?number={number}"' in listed
    assert f"{one} – {three}" in row_of(clerk, page, f'href="{first}"')
    feng.get(first, 403)
    assert not row_of(feng, page, f'href="{first}"')

    new, opening = f"/desk/new/SBK?number={one}", "/desk/new/SBK/open"
    assert f'name="number" value="{one}"' in clerk.get(new)
    answers = {f"answers__{name}": value for name, value in happy_answers(CATALOGUE.theme("SBK")).items()}
    said = answers | {"applicant__kind": "natural", "applicant__name": "孙七"}
    people = (a_person(n) for n in range(8110, 8120))
    wrong = clerk.errors(new, opening, 422, **said, applicant__identifier=next(people), number="YJS-1")
    assert wrong.keys() == {"number"}
    feng_asks = feng.errors(new, opening, 409, **said, applicant__identifier=next(people), number=one)
    assert feng_asks.keys() == {"number"}
    opened = clerk.send(new, opening, **said, applicant__identifier=next(people), number=one)
    case_id = opened.headers["Location"].rpartition("/")[2]
    assert house.client(ZHAO).ask(GetCase(case_id=case_id))["number"] == one
    assert clerk.errors(new, opening, 409, **said, applicant__identifier=next(people), number=one).keys() == {"number"}

    assert f'href="/desk/cases/{case_id}"' in clerk.get(first)
    assert row_of(clerk, f"{page}?theme=SBK", f'href="{first}"')
    assert not row_of(clerk, f"{page}?theme=CJR", f'href="{first}"')
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row_of(clerk, page, f'href="{first}"'), re.DOTALL)
    assert cells[-3:] == ["3", "1", "2"]


def test_more_reservations_than_stand_on_a_page_are_on_the_next(
    house: House, clerk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, today = "/desk/numbers", local_date(house.host("gateway").clock.now())
    monkeypatch.setattr(numbers, "LISTED", 1)
    made = {
        clerk.send(page, page, theme="CJR", day=(today + timedelta(days=n)).isoformat(), count="2").headers["Location"]
        for n in range(2)
    }

    singly = [re.findall(r'href="(/desk/numbers/[^"?]+)"', shown) for shown in leaves(clerk, page)]

    assert max(map(len, singly)) == 1
    assert made <= {each for found in singly for each in found}
