"""An applicant's own application: begun, kept, gone on with elsewhere, handed in, and what is seen of it afterwards."""

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest

from contracts.drafts import ListDrafts
from contracts.halls import GetMouth, ListTickets
from contracts.intake import GetCase
from contracts.language import Caller
from eventing.errors import NotFound
from gateway.pages.apply.handing_in import case_of
from gateway.pages.apply.people import Applying
from gateway.pages.codes import carried, carry
from testkit.house import House
from testkit.lists import every

from .visiting import free, whole

FORM = "application/x-www-form-urlencoded"
ZHOU = "applicant-zhou"
IDENTIFIER = "990102199202150022"


class Visitor:
    """Somebody signed in who sends forms."""

    def __init__(self, web: Any, person: str | None = ZHOU) -> None:
        self.web, self.person = web, person

    def get(self, path: str, status: int = 200) -> str:
        """A page."""
        answer = self.web("GET", path, caller=self.person, Accept="text/html")
        assert answer.status == status, answer.body.decode()[-2000:]
        return str(answer.body.decode())

    def send(self, page: str, path: str, status: int = 303, **fields: str) -> Any:
        """A form of that page."""
        shown = self.get(page) if page.startswith("/") else page
        hidden = dict(re.findall(r'name="(_csrf|_key)" value="([^"]+)"', shown))
        body = urlencode({**hidden, **{name.replace("__", "."): value for name, value in fields.items()}}).encode()
        answer = self.web("POST", path, body, caller=self.person, Content_Type=FORM, Accept="text/html")
        assert answer.status == status, answer.body.decode()[-3000:]
        return answer


def begun(visitor: Visitor, web: Any) -> str:
    """The address of a draft of a theme whose questions were answered."""
    answers: dict[str, str] = {}
    page = visitor.get("/apply/SBK")
    for _ in range(8):
        found = dict(re.findall(r'name="answers\.([a-z_]+)" value="([a-z_0-9]+)"', page))
        if not found.keys() - answers.keys():
            break
        answers = found | answers
        hidden = {f"answers.{name}": value for name, value in answers.items()}
        page = visitor.send("/apply/SBK", "/apply/SBK/outlook", 200, **hidden).body.decode()
    started = visitor.send("/apply/SBK", "/apply/SBK/start", **{f"answers.{n}": v for n, v in answers.items()})
    return str(started.headers["Location"])


def test_it_is_handed_in_from_a_phone(house: House, web: Any) -> None:
    free(house, IDENTIFIER, "SBK")
    visitor = Visitor(web)
    draft = begun(visitor, web)

    wrong = visitor.send(draft, draft, 422, applicant__name="周晓雨", applicant__identifier="990102196403010030")
    saved = visitor.send(
        draft,
        draft,
        applicant__kind="natural",
        applicant__name="周晓雨（虚构）",
        applicant__identifier=IDENTIFIER,
        applicant__mobile="13900000000",
    )
    check = visitor.get(saved.headers["Location"])
    hall = re.findall(r'name="hall" value="([^"]+)"', check)[0]
    handed = visitor.send(check, f"{draft}/check", hall=hall)
    case = handed.headers["Location"].removesuffix("/give")

    assert "identifier" in wrong.body.decode() or wrong.status == 422
    assert case.rpartition("/")[2] in whole(visitor, "/mine")
    assert IDENTIFIER not in visitor.get(case)
    visitor.get(f"{case}/give")
    visitor.get(f"{case}/readings")
    Visitor(web, "applicant-chen").get(case, 403)
    visitor.send(case, f"{case}/withdraw", reason="")


@pytest.mark.parametrize("person", ["clerk-zhao", "helper-you"])
def test_whoever_works_in_a_hall_is_not_sent_to_another_one_by_an_applicants_page(
    house: House, web: Any, person: str
) -> None:
    at_work = Visitor(web, person)
    draft = begun(at_work, web)
    at_work.send(
        draft,
        draft,
        applicant__kind="natural",
        applicant__name="周晓雨（虚构）",
        applicant__identifier=IDENTIFIER,
        applicant__mobile="13900000000",
    )
    check = at_work.get(f"{draft}/check")

    elsewhere = [hall for hall in re.findall(r'name="hall" value="([^"]+)"', check) if hall != "yl-hall"]

    assert elsewhere
    for hall in elsewhere:
        at_work.send(f"{draft}/check", f"{draft}/check", 403, hall=hall)
    with pytest.raises(NotFound):
        house.client().ask(GetCase(case_id=case_of(draft.rpartition("/")[2])))


def test_the_halls_under_every_root_are_offered() -> None:
    parents = {"a": "", "a-1": "a", "b": "", "b-1": "b", "c": ""}
    mouths = {"a": ("a-1",), "b": ("b-1",), "c": ()}
    halls = {hall: {"hall": hall, "parent": parent} for hall, parent in parents.items()}
    tree = [{"hall": hall} for hall, parent in parents.items() if not parent]

    def offered(said: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
        def ask(question: Any) -> Any:
            return {"halls": said[question.hall]} if isinstance(question, GetMouth) else tree

        names: Any = SimpleNamespace(halls=lambda: halls, hall=str.upper)
        backend: Any = SimpleNamespace(client=SimpleNamespace(ask=ask))
        req: Any = SimpleNamespace(context=SimpleNamespace(names=names))
        return Applying(backend).halls_for(req, "SBK")

    assert offered(mouths) == [("a-1", "A-1"), ("b-1", "B-1")]
    assert offered(dict.fromkeys(mouths, ())) == [("a", "A"), ("b", "B"), ("c", "C")]


def test_a_draft_is_listed_for_its_owner_and_nobody_else(house: House, web: Any) -> None:
    draft = begun(Visitor(web), web)
    name = draft.rpartition("/")[2]

    assert name in whole(Visitor(web), "/mine")
    assert name not in whole(Visitor(web, "applicant-chen"), "/mine")
    Visitor(web, "applicant-chen").get(draft, 403)
    assert name in Visitor(web).get(f"{draft}/carry") or "<svg" in Visitor(web).get(f"{draft}/carry")


def test_the_code_of_a_phone_is_read_by_the_house_alone(house: House) -> None:
    backend = house.host("gateway").instance.backend
    owner = Caller(by="applicant-x", subject="s", roles=("applicant",))

    code = carry(backend, "d-1", owner)

    found = carried(backend, code)
    assert found is not None
    assert (found.draft, found.caller) == ("d-1", owner)
    assert carried(backend, code[:-2] + ("AA" if not code.endswith("AA") else "BB")) is None
    assert carried(backend, "nonsense") is None


@pytest.mark.parametrize("path", ["/mine", "/appointments"])
def test_one_signs_in_first(web: Any, path: str) -> None:
    assert web("GET", path, caller=None, Accept="text/html").status == 303


def test_appointments_are_looked_for(web: Any) -> None:
    visitor = Visitor(web)

    visitor.get("/appointments")
    visitor.get("/appointments/new")
    visitor.get("/appointments/new?theme=SBK")


def test_a_draft_list_is_nothing_for_those_without_a_role(house: House) -> None:
    assert house.client(Caller(by="x", subject="nobody", roles=("applicant",))).ask(ListDrafts())["drafts"] == []


KIOSK = "clerk-zhao"


@pytest.mark.parametrize("path", ["", "/draw", "/check-in", "/draft", "/progress", "/guide", "/guide/SBK"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_kiosk_shows_its_pages(web: Any, path: str, language: str) -> None:
    Visitor(web, KIOSK).get(f"/kiosk/yl-hall{path}?lang={language}", _status_at_own_hall(web))


def _status_at_own_hall(web: Any) -> int:
    tree = web("GET", "/api/v1/halls", caller=KIOSK).json
    return 200 if any(node["hall"] == "yl-hall" for node in tree) else 404


def test_a_kiosk_of_another_hall_is_refused(web: Any) -> None:
    tree = web("GET", "/api/v1/halls", caller=KIOSK).json
    other = next(node["hall"] for node in tree if node["hall"] != "yl-hall")
    assert web("GET", f"/kiosk/{other}", caller=KIOSK, Accept="text/html").status == 403


def test_who_comes_on_duty_has_no_cases_of_their_own(web: Any) -> None:
    assert 'href="/mine"' in Visitor(web, None).get("/apply")
    assert 'href="/mine"' in Visitor(web, "applicant-chen").get("/apply")
    for person in ("clerk-zhao", "helper-you", "manager-li", "scjg-reviewer"):
        Visitor(web, person).get("/mine", 403)
        assert 'href="/mine"' not in Visitor(web, person).get("/apply")


def test_a_number_is_drawn_on_the_phone_followed_and_given_back(house: House, web: Any) -> None:
    chen = Visitor(web, "applicant-chen")
    assert 'href="/tickets"' in chen.get("/appointments")
    shown = chen.get("/tickets?theme=CJR&hall=test-hall")
    assert 'id="draw"' in shown

    where = str(chen.send(shown, "/tickets", theme="CJR", hall="test-hall").headers["Location"])

    def drawn() -> list[dict[str, Any]]:
        waiting = every(house.client(), ListTickets(hall="test-hall", state="waiting"))
        return [each for each in waiting if where == f"/tickets/test-hall/{each['ticket']}"]

    (ticket,) = drawn()
    assert (ticket["channel"], ticket["theme"]) == ("phone", "CJR")
    assert ticket["number"] in (page := chen.get(where))
    assert "人" in page
    Visitor(web, "applicant-zhou").get(where, 403)
    Visitor(web, None).get(where, 303)

    chen.send(where, where)
    assert "已退号" in chen.get(where)
    assert not drawn()
