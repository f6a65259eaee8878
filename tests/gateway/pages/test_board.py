"""The hall board: who may see it, what it shows, and what is kept of what a wall screen showed."""

from typing import Any

import pytest

from console.journey import a_person
from contracts.halls import InstallWindow, OpenWindow, PauseWindow, RegisterHall
from contracts.intake import Applicant, OpenCase
from contracts.language import Caller
from gateway.pages.board import totals
from testkit.house import House, eventually

HALL, WINDOW = "yl-hospital", "yl-hospital-1"
MANAGER = "manager-shen"
STRANGER = "manager-gong"
CLERK = Caller(by="clerk-lin", org="zcjg", hall=HALL, window=WINDOW, roles=("clerk",))


@pytest.fixture(scope="module", autouse=True)
def _hall(house: House) -> None:
    operator = house.client(Caller(by="operator", roles=("operator",)))
    operator.command(RegisterHall(hall=HALL, name=HALL, kind="hospital", region="990102"), id=f"hall:{HALL}")
    operator.command(InstallWindow(window=WINDOW, hall=HALL, name="窗口一"), id=f"window:{WINDOW}")
    house.client(CLERK).command(OpenWindow(window=WINDOW))


def looked(web: Any, path: str, person: str | None = MANAGER) -> Any:
    return web("GET", path, caller=person, Accept="text/html")


def test_a_manager_sees_every_window_of_the_hall(web: Any) -> None:
    answer = looked(web, f"/board/{HALL}")

    assert answer.status == 200
    assert "窗口一" in answer.body.decode()


def test_nobody_else_sees_it(web: Any) -> None:
    assert looked(web, f"/board/{HALL}", None).status in {302, 303}
    assert looked(web, f"/board/{HALL}", STRANGER).status == 403


def test_the_tree_is_there_to_choose_from(web: Any) -> None:
    assert looked(web, "/board?all=1").status == 200
    eventually(lambda: f'href="/board/{HALL}"' in looked(web, "/board?all=1").body.decode())


def test_a_hall_that_is_not_there_is_told(web: Any) -> None:
    assert looked(web, "/board/nowhere").status in {403, 404}


@pytest.mark.parametrize("path", ["", "/now", "/wall", "/wall/now"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_there_in_both_languages(web: Any, path: str, language: str) -> None:
    assert looked(web, f"/board/{HALL}{path}?lang={language}").status == 200


def test_what_happened_last_in_the_cases_of_the_hall_is_there_and_on_no_wall(house: House, web: Any) -> None:
    clerk = house.client(CLERK)
    case = OpenCase(
        case_id="board-case", theme="SBK", applicant=Applicant(name="林某", identifier=a_person(3)),
        answers={"card": "none", "applications": "no"},
    )  # fmt: skip
    number = clerk.command(case).value["number"]

    eventually(lambda: number in looked(web, f"/board/{HALL}/now").body.decode())
    assert "登记一件事" in looked(web, f"/board/{HALL}").body.decode()
    assert "林某" not in looked(web, f"/board/{HALL}").body.decode()
    assert number not in looked(web, f"/board/{HALL}/wall").body.decode()


def test_a_reason_that_somebody_typed_is_shown_as_text(house: House, web: Any) -> None:
    house.client(CLERK).command(PauseWindow(window=WINDOW, reason="<script>alert(1)</script>"))

    shown = looked(web, f"/board/{HALL}/now").body.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown


def test_what_a_wall_screen_was_sent_has_a_digest(web: Any) -> None:
    assert looked(web, f"/board/{HALL}/wall").headers["Onething-Shown"].startswith("blake2b:")


def test_totals_count_each_window_once() -> None:
    window = {"state": "open", "silent": False, "serving": None}
    hall = {
        "windows": [window, {**window, "silent": True}, {**window, "state": "paused"}, {**window, "serving": {}}],
        "queues": [{"waiting": 2}, {"waiting": 1}],
        "alerts": [{"code": "window-silent"}, {"code": "not-acceptable"}],
    }

    assert totals([hall]) == {
        "open": 2,
        "paused": 1,
        "closed": 0,
        "silent": 1,
        "serving": 1,
        "waiting": 3,
        "alerts": 1,
    }


def test_only_halls_that_one_may_look_into_are_ways(web: Any, house: House) -> None:
    operator = house.client(Caller(by="operator", roles=("operator",)))
    operator.command(RegisterHall(hall="yl-far", name="远处大厅", kind="bank", region="990102"), id="hall:yl-far")

    def shown(person: str) -> str:
        return str(looked(web, "/board?all=1", person).body.decode())

    eventually(lambda: "远处大厅" in shown("operator-kong"))
    assert 'href="/board/yl-far"' in shown("operator-kong")
    assert 'href="/board/yl-far"' not in shown(MANAGER)
    assert f'href="/board/{HALL}"' in shown(MANAGER)
