"""The desk of helpers and phone agents: answering, recording, looking up, booking, and what each of them may not."""

import io
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey
from contracts.delegation import PauseMandate
from contracts.drafts import ListDrafts
from contracts.halls import ArrangeQueue, ArrangeSlots, InstallWindow, RegisterHall, SlotRule, ZoneRule
from contracts.intake import Applicant, GetCase, OpenCase, ReceiveMaterials, RequestCorrection
from contracts.language import Caller
from contracts.notification import GetCorrespondence, ListUndelivered
from contracts.outreach import GetConsultation
from gateway.pages import questions
from gateway.pages.codes import receipt_of
from gateway.pages.helping import mandates
from gateway.pages.helping.guiding import found
from kernel.identifiers import InvalidIdentifier, check_citizen_id
from testkit.house import House, eventually
from testkit.lists import every

from .visiting import Browser, free, leaves, whole

HELPER, AGENT, ZHOU = "helper-lu", "hotline-xu", "applicant-zhou"
CATALOGUE = catalogue.load("990102")
POINT = "yl-cg"
IDENTIFIER, CHEN = "990102199202150022", "990102196403010030"
LATER = "2099-12-31"
DIGEST = "sha256:" + "0" * 64


@pytest.fixture(scope="module", autouse=True)
def _point(house: House) -> None:
    """The street point where the helper is, open around the clock."""
    operator = house.client(Caller(by="operator", roles=("operator",)))
    keeper = house.client(Caller(by="keeper", hall=POINT, roles=("manager",)))
    operator.command(RegisterHall(hall=POINT, name="城关街道便民服务中心", kind="street", region="990102"), id="point")
    keeper.command(InstallWindow(window="yl-cg-1", hall=POINT, name="1号窗", zone="all"), id="point:window")
    keeper.command(ArrangeQueue(hall=POINT, zones=(ZoneRule(zone="all", prefix="A"),)), id="point:queue")
    rules = (SlotRule("08:00", "18:00", minutes=30, capacity=5), SlotRule("09:00", "10:00", 30, 2, zone="another"))
    keeper.command(ArrangeSlots(hall=POINT, rules=rules, days_ahead=30), id="point:slots")


class Somebody:
    """Somebody at the desk who sends forms."""

    def __init__(self, web: Any, person: str | None) -> None:
        self.web, self.person = web, person

    def get(self, path: str, status: int = 200, **headers: str) -> str:
        """A page."""
        answer = self.web("GET", path, caller=self.person, Accept="text/html", **headers)
        assert answer.status == status, answer.body.decode()[-2000:]
        return str(answer.body.decode())

    def send(self, page: str, path: str, status: int = 303, **fields: Any) -> Any:
        """A form of that page."""
        shown = self.get(page) if page.startswith("/") else page
        hidden = dict(re.findall(r'name="(_csrf|_key)" value="([^"]+)"', shown))
        pairs = {**hidden, **{name.replace("__", "."): value for name, value in fields.items()}}
        answer = self.web(
            "POST", path, urlencode(pairs, doseq=True).encode(), caller=self.person, Accept="text/html",
            Content_Type="application/x-www-form-urlencoded",
        )  # fmt: skip
        assert answer.status == status, answer.body.decode()[-3000:]
        return answer


@pytest.fixture
def helper(web: Any) -> Somebody:
    return Somebody(web, HELPER)


@pytest.fixture
def agent(web: Any) -> Somebody:
    return Somebody(web, AGENT)


def answered(somebody: Somebody, theme: str = "SBK") -> tuple[dict[str, str], str]:
    """The questions of a theme answered one after another, with the fragment that they lead to."""
    answers: dict[str, str] = {}
    page = somebody.get(f"/help/guide/{theme}")
    for _ in range(8):
        asked = dict(re.findall(r'name="answers\.([a-z_]+)" value="([a-z_0-9]+)"', page))
        if not asked.keys() - answers.keys():
            break
        answers = asked | answers
        page = somebody.send(
            f"/help/guide/{theme}", f"/help/guide/{theme}/outlook", 200,
            **{f"answers.{name}": value for name, value in answers.items()},
        ).body.decode()  # fmt: skip
    return {f"answers.{name}": value for name, value in answers.items()}, page


def recorded(somebody: Somebody, **fields: str) -> str:
    """The address of a consultation that was recorded."""
    given = {"asked.words": "新生儿怎么上户口？", "settled": "no", "follow_up_on": LATER, **fields}
    return str(somebody.send("/help/consultations/new", "/help/consultations", **given).headers["Location"])


class TestWhoMayEnter:
    @pytest.mark.parametrize("path", ["", "/consultations", "/progress", "/visits"])
    @pytest.mark.parametrize("language", ["zh", "en"])
    @pytest.mark.parametrize("person", [HELPER, AGENT])
    def test_helpers_and_phone_agents_do(self, web: Any, person: str, language: str, path: str) -> None:
        Somebody(web, person).get(f"/help{path}?lang={language}")

    @pytest.mark.parametrize("path", ["", "/guide/SBK", "/consultations", "/progress", "/visits"])
    @pytest.mark.parametrize("person", ["clerk-zhao", "manager-li", ZHOU])
    def test_nobody_else_does(self, web: Any, person: str, path: str) -> None:
        Somebody(web, person).get(f"/help{path}", 403)

    def test_one_signs_in_first(self, web: Any) -> None:
        assert web("GET", "/help", caller=None, Accept="text/html").status == 303

    def test_the_first_page_leads_there(self, helper: Somebody, agent: Somebody, web: Any) -> None:
        assert all('href="/help"' in one.get("/") for one in (helper, agent))
        assert 'href="/help"' not in Somebody(web, "clerk-zhao").get("/")


class TestGuide:
    def test_a_theme_is_found_by_its_words_an_items_or_a_materials(self, house: House) -> None:
        themes = list(house.host("gateway").instance.backend.catalogues.current().themes.values())
        one = next(each for each in themes if each.id == "SBK")
        material = next(each.name for item in one.items for each in item.materials)

        assert len(list(found(themes, ""))) == len(themes)
        assert one in [hit.theme for hit in found(themes, one.name[:3])]
        assert material in next(hit for hit in found(themes, material) if hit.theme is one).materials
        assert one.items[0].name in next(
            hit for hit in found(themes, f"{one.items[0].name} {material}") if hit.theme is one
        ).items  # fmt: skip
        assert list(found(themes, f"{one.name[:3]} 没有这样的词")) == []

    def test_it_is_searched_on_the_first_page(self, agent: Somebody) -> None:
        assert "/help/guide/SBK" in agent.get("/help?" + urlencode({"q": "社会保障卡"}))
        assert "没有找到" in agent.get("/help?" + urlencode({"q": "没有这样的词"}))

    @pytest.mark.parametrize("person", [HELPER, AGENT])
    def test_it_says_limits_fees_materials_and_where(self, web: Any, person: str) -> None:
        somebody = Somebody(web, person)
        page = somebody.get("/help/guide/SBK")
        _, outlook = answered(somebody)

        assert "法定时限" not in page
        assert "在哪办" in page
        assert all(word in outlook for word in ("法定时限", "承诺时限", "收费", "需要的材料"))
        somebody.get("/help/guide/NOPE", 404)

    def test_the_notice_is_given_once_all_is_answered(self, helper: Somebody) -> None:
        answers, _ = answered(helper)

        helper.send("/help/guide/SBK", "/help/guide/SBK/notice", 422)
        notice = helper.send("/help/guide/SBK", "/help/guide/SBK/notice", 200, **answers).body.decode()

        assert "一次性告知书" in notice
        assert 'name="notice"' in notice


class TestUndelivered:
    """Messages that no carrier could bring."""

    @pytest.fixture(scope="class")
    @classmethod
    def case_id(cls, house: House) -> str:
        """A case whose applicant gave no address, and has something missing."""
        theme = CATALOGUE.theme("CJR")
        made = Journey(house.client(), CATALOGUE, theme, happy_answers(theme))
        person = Applicant(name="无联系方式（虚构）", identifier=CHEN)
        opening = OpenCase(
            case_id=made.case_id, theme="CJR", applicant=person, answers=made.answers, allow_duplicate=True
        )
        made.clerk.command(opening)
        _, *some = made.materials()
        made.clerk.command(ReceiveMaterials(case_id=made.case_id, materials=tuple(some)))
        made.clerk.command(RequestCorrection(case_id=made.case_id))

        def is_given_up() -> bool:
            listed = every(house.client(), ListUndelivered(reason="no-address", reversed=True), attempts=20)
            return any(each["case_id"] == made.case_id for each in listed)

        eventually(is_given_up)
        return made.case_id

    def test_they_are_listed_and_narrowed(self, agent: Somebody, case_id: str) -> None:
        at = f'href="/help/undelivered/{case_id}#m1"'

        assert at in whole(agent, "/help/undelivered?reversed=1")
        assert at in whole(agent, "/help/undelivered?kind=correction&reason=no-address&since=2026-01-01&reversed=1")
        assert at not in whole(agent, "/help/undelivered?kind=revoked")
        assert "没有符合条件的消息" in agent.get("/help/undelivered?since=9999-12-31")
        agent.get("/help/undelivered?kind=whatever", 422)

    def test_they_are_for_phone_agents(self, helper: Somebody, web: Any) -> None:
        helper.get("/help/undelivered", 403)
        Somebody(web, "clerk-zhao").get("/help/undelivered", 403)

    def test_who_was_told_is_told(self, agent: Somebody, house: House, case_id: str) -> None:
        page = f"/help/undelivered/{case_id}"
        shown = agent.get(page)
        assert "没有留联系方式" in shown
        assert "无联系方式（虚构）" not in shown

        agent.send(page, f"{page}/m1/resend")
        agent.send(page, f"{page}/m1/told")
        agent.send(page, f"{page}/m1/whatever", 404)

        told = house.client().ask(GetCorrespondence(case_id=case_id))["messages"]
        assert (told["m1"]["state"], told["m1"]["channel"]) == ("delivered", "in_person")
        assert told["m2"]["data"]["again"] == "m1"
        assert "已送达" in agent.get(page)

    def test_nothing_is_said_of_what_there_is_not(self, agent: Somebody) -> None:
        agent.get("/help/undelivered/nothing", 404)


class TestConsultations:
    def test_what_was_asked_is_recorded_with_what_was_told(self, helper: Somebody, house: House) -> None:
        answers, _ = answered(helper)
        notice = helper.send("/help/guide/SBK", "/help/guide/SBK/notice", 200, **answers).body.decode()
        told = dict(re.findall(r'name="(notice|theme|answers\.[a-z_]+)" value="([^"]*)"', notice))
        form = helper.send(notice, "/help/consultations/new", 200, **told).body.decode()
        kept = dict(re.findall(r'name="(notice|theme|answers\.[a-z_]+)" value="([^"]*)"', form))

        at = recorded(helper, **kept, **{"asked.told": "带身份证", "asked.mobile": "13900000001"}, intention="intends")

        page = helper.get(at)
        assert kept == told
        assert all(word in page for word in ("新生儿怎么上户口？", "带身份证", "13900000001", LATER, "打算办理"))
        found = house.client().ask(GetConsultation(consultation=at.rpartition("/")[2]))
        assert (found["channel"], found["hall"], found["theme"]) == ("helper", POINT, "SBK")
        assert {f"answers.{name}": value for name, value in found["answers"].items()} == answers
        assert found["notice"] == told["notice"]

    def test_the_same_form_twice_is_one_consultation(self, agent: Somebody) -> None:
        page = agent.get("/help/consultations/new")
        fields = {"asked.words": "问两次", "settled": "no", "follow_up_on": LATER}
        first, again = (agent.send(page, "/help/consultations", **fields) for _ in range(2))

        assert first.headers["Location"] == again.headers["Location"]

    def test_what_is_settled_is_closed_and_its_words_are_gone(self, agent: Somebody) -> None:
        at = recorded(agent, settled="yes", follow_up_on="")

        page = agent.get(at)

        assert "新生儿怎么上户口？" not in page
        assert "已清除" in page

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"asked.words": ""}, "asked.words"),
            ({"follow_up_on": ""}, "follow_up_on"),
            ({"follow_up_on": "someday"}, "follow_up_on"),
        ],
    )
    def test_what_is_missing_is_said_beside_the_field(
        self, agent: Somebody, fields: dict[str, str], field: str
    ) -> None:
        given = {"asked.words": "问", "settled": "no", "follow_up_on": LATER, **fields}
        refused = agent.web(
            "POST", "/help/consultations",
            urlencode({**dict(re.findall(r'name="(_csrf|_key)" value="([^"]+)"', agent.get("/help/consultations/new"))),
                       **given}).encode(),
            caller=AGENT, Content_Type="application/x-www-form-urlencoded", X_Form="1", Accept="application/json",
        )  # fmt: skip

        assert refused.status == 422
        assert list(refused.json["data"]["errors"]) == [field]

    def test_a_day_that_is_over_is_no_day_to_call_back(self, agent: Somebody) -> None:
        agent.send(
            "/help/consultations/new", "/help/consultations", 422,
            **{"asked.words": "问", "settled": "no", "follow_up_on": "2020-01-01"},
        )  # fmt: skip

    def test_it_is_called_back_linked_and_settled(self, agent: Somebody, house: House) -> None:
        number = opened(house, "help-linked")
        at = recorded(agent)

        agent.send(at, f"{at}/follow-up", 422)
        agent.send(at, f"{at}/follow-up", outcome="not_reached", intention="intends", next_on=LATER)
        agent.send(at, f"{at}/link", 404, case_id="SBK-990102-SBK-20260101-000001-0")
        eventually(lambda: agent.send(at, f"{at}/link", case_id=number))
        agent.send(at, f"{at}/close")

        page = agent.get(at)
        assert all(word in page for word in ("没有联系上", "已转办件"))
        agent.send(page, f"{at}/follow-up", 409, outcome="reached")
        agent.send(page, f"{at}/nothing", 404)

    def test_own_and_open_ones_are_listed(self, helper: Somebody, agent: Somebody) -> None:
        mine, others = recorded(helper), recorded(agent)
        done = recorded(helper, settled="yes")

        own = whole(helper, "/help/consultations")
        everything = whole(agent, "/help/consultations?state=")

        assert mine in own
        assert own.count("/help/consultations/") < everything.count("/help/consultations/")
        assert others not in own
        assert done not in own
        assert all(each in everything for each in (mine, others, done))
        assert mine not in whole(agent, "/help/consultations?state=&mine=1")
        assert mine not in whole(helper, "/help/consultations?state=open&mine=1&due=1")

    def test_a_helper_reads_none_of_another_point(self, helper: Somebody, agent: Somebody, web: Any) -> None:
        at = recorded(agent)

        helper.get(at, 403)
        assert at not in whole(helper, "/help/consultations?state=")
        helper.send("/help/consultations/new", f"{at}/close", 403)

    def test_the_words_are_for_who_recorded_them_and_their_hall(self, helper: Somebody, agent: Somebody) -> None:
        page = agent.get(recorded(helper, **{"asked.mobile": "13900000002"}))

        assert "13900000002" not in page
        assert "只有登记人和所在大厅能看" in page


def opened(house: House, case_id: str) -> str:
    """The number of a case of somebody, at the street point."""
    clerk = house.client(Caller(by="clerk-7", org="zwzx", hall=POINT, window="yl-cg-1", roles=("clerk",)))
    person = Applicant(kind="natural", name="周晓雨（虚构）", identifier=citizen(0), mobile="13900000009")
    theme = house.host("gateway").instance.backend.catalogues.current().theme("SBK")
    answers: dict[str, str] = {}
    from gateway.pages.outlooks import outlook

    while missing := outlook(theme, answers).unanswered:
        question = next(each for each in theme.questions if each.id == missing[0])
        answers[question.id] = question.options[0].value
    command = OpenCase(case_id=case_id, theme="SBK", applicant=person, answers=answers, allow_duplicate=True)
    return str(clerk.command(command, id=f"open:{case_id}").value["number"])


class TestProgress:
    def test_a_phone_agent_looks_by_number_and_sees_nobody(self, agent: Somebody, house: House) -> None:
        number = opened(house, "help-looked")

        page = agent.send("/help/progress", "/help/progress", 200, wanted=number).body.decode()

        assert number in page
        assert "下一步要申请人做的" in page
        materials = house.client().ask(GetCase(case_id=number))["missing"]
        names = house.host("gateway").instance.backend.catalogues.current().theme("SBK").items
        titles = {m.name for item in names for m in item.materials if m.id in set().union(*materials.values())}
        assert titles
        assert not any(title in page for title in (*titles, "周晓雨", citizen(0), "13900000009"))

    def test_a_helper_needs_the_receipt_of_a_stranger(self, helper: Somebody, house: House) -> None:
        number = opened(house, "help-receipt")
        code = receipt_of(house.host("gateway").instance.backend, number)

        refused = helper.send("/help/progress", "/help/progress", 422, wanted=number).body.decode()
        page = helper.send("/help/progress", "/help/progress", 200, wanted=f"https://example.test/r/{code}")

        assert "请对方提供回执上的查询码" in refused
        assert "周晓雨" not in refused
        assert number in page.body.decode()

    @pytest.mark.parametrize("wanted", ["", "nonsense", "YJS-990102-SBK-20260101-000001-0"])
    def test_what_is_not_there_is_said_beside_the_field(self, agent: Somebody, wanted: str) -> None:
        page = agent.send("/help/progress", "/help/progress", 422, wanted=wanted).body.decode()

        assert "没有这个办件" in page
        assert f'name="wanted" value="{wanted}"' in page


class TestVisits:
    def test_an_appointment_is_booked_moved_and_cancelled(self, agent: Somebody) -> None:
        page = agent.get(f"/help/visits?hall={POINT}&theme=SBK&on={_tomorrow(agent)}")
        slots = re.findall(r'name="slot" value="([^"]+)"', page)
        assert len(set(slots)) == len(slots)
        chosen = {"hall": POINT, "on": _tomorrow(agent), "slot": slots[0], "theme": "SBK"}
        agent.send(page, "/help/visits", 422, **chosen, identifier="")
        booked = agent.send(page, "/help/visits", **chosen, identifier=CHEN)
        at = booked.headers["Location"]

        assert "已预约" in agent.get(at)
        agent.send(at, f"{at}/move", on=_tomorrow(agent), slot=slots[-1])
        assert slots[-1] in agent.get(at)
        agent.send(at, f"{at}/move", 422, slot=slots[0])
        agent.send(at, f"{at}/cancel", reason="")
        assert "已取消" in agent.get(at)

    def test_who_comes_finds_it_among_their_own(self, helper: Somebody, web: Any) -> None:
        day = _tomorrow(helper)
        page = helper.get(f"/help/visits?hall={POINT}&on={day}")
        slot = re.findall(r'name="slot" value="([^"]+)"', page)[0]
        at = helper.send(page, "/help/visits", hall=POINT, on=day, slot=slot, identifier=IDENTIFIER).headers["Location"]

        assert at.rpartition("/")[2] in Somebody(web, ZHOU).get("/appointments")
        assert at in helper.get("/help/visits")
        Somebody(web, "helper-you").get(at, 403)

    def test_no_slot_no_appointment(self, helper: Somebody) -> None:
        chosen = {"hall": POINT, "on": _tomorrow(helper), "identifier": IDENTIFIER}
        helper.send("/help/visits", "/help/visits", 422, **chosen)
        helper.send("/help/visits", "/help/visits", 409, **chosen, slot="03:07")

    @pytest.mark.parametrize("person", [HELPER, AGENT])
    def test_a_ticket_is_drawn_and_given_back(self, web: Any, person: str) -> None:
        somebody = Somebody(Browser(web), person)
        drawn = somebody.send("/help/visits", "/help/tickets", hall=POINT, theme="")
        at = drawn.headers["Location"]

        assert "?" not in at
        (cookie,) = (each for each in drawn.headers.get_all("Set-Cookie") if each.startswith("onething_ticket="))
        assert {"HttpOnly", "SameSite=Lax", f"Path={at}"} <= {each.strip() for each in cookie.split(";")}
        shown = somebody.get(at)
        assert "等候中" in shown
        assert "<html" not in somebody.get(at, X_Fragment="1")
        elsewhere = Somebody(web, person)
        elsewhere.get(at, 403)
        elsewhere.send(shown, at, 403, reason="")
        somebody.send(at, at, reason="")
        assert "已退号" in somebody.get(at)
        somebody.send("/help/visits", "/help/tickets", 422, hall="")

    def test_what_one_drew_another_in_the_same_browser_does_not_open(self, web: Any) -> None:
        browser = Browser(web)
        at = Somebody(browser, HELPER).send("/help/visits", "/help/tickets", hall=POINT, theme="").headers["Location"]

        Somebody(browser, AGENT).get(at, 403)


def _tomorrow(somebody: Somebody) -> str:
    """A day that can be chosen, and is not over."""
    return re.findall(r'<option value="(\d{4}-\d{2}-\d{2})"', somebody.get("/help/visits"))[1]


def citizen(number: int) -> str:
    """An applicant's identifier, of nobody else's."""
    body = f"99010219900101{number:03}"
    return next(body + last for last in "0123456789X" if _is_citizen(body + last))


def _is_citizen(text: str) -> bool:
    try:
        return bool(check_citizen_id(text))
    except InvalidIdentifier:
        return False


def picture() -> bytes:
    """A file that an applicant brought."""
    made = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(made, "PNG")
    return made.getvalue()


def mandated(somebody: Somebody, *acts: str, status: int = 303, **fields: Any) -> str:
    """The address of a mandate that was recorded."""
    given = {
        "kind": "act_for", "principal": IDENTIFIER, "principal_kind": "natural", "receipt": "SL-1",
        "document": "WT-1", "digest": DIGEST, "valid_from": "2026-01-01", "themes": ["SBK"], "acts": list(acts),
    }  # fmt: skip
    answer = somebody.send("/help/mandates/new", "/help/mandates", status, **(given | fields))
    return str(answer.headers["Location"])


def drafted(somebody: Somebody, mandate: str, identifier: str = IDENTIFIER) -> str:
    """The address of a draft with its applicant."""
    begin = f"{mandate}/apply/SBK"
    answers, _ = answered(somebody)
    draft = str(somebody.send(begin, begin, **answers).headers["Location"])
    applicant = {"kind": "natural", "name": "周晓雨（虚构）", "identifier": identifier, "mobile": "13900000000"}
    checked = somebody.send(draft, draft, **{f"applicant.{name}": value for name, value in applicant.items()})
    assert checked.headers["Location"] == f"{draft}/check"
    return draft


def handed_in(somebody: Somebody, mandate: str, identifier: str = IDENTIFIER) -> str:
    """The address of a case that was opened under a mandate."""
    draft = drafted(somebody, mandate, identifier)
    check = somebody.get(f"{draft}/check")
    hall = re.findall(r'name="hall" value="([^"]+)"', check)[0]
    return str(somebody.send(check, f"{draft}/check", hall=hall).headers["Location"])


class TestMandates:
    @pytest.mark.parametrize("path", ["/mandates", "/mandates/new"])
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_they_are_for_helpers(self, helper: Somebody, agent: Somebody, path: str, language: str) -> None:
        assert "/help/mandates" in helper.get(f"/help{path}?lang={language}")
        assert "/help/mandates" not in agent.get("/help")
        agent.get(f"/help{path}", 403)

    def test_one_is_recorded_with_its_papers(self, helper: Somebody) -> None:
        at = mandated(helper, "open", "fill")

        page = helper.get(at)

        assert all(word in page for word in ("WT-1", "SL-1", f'href="{at}/apply/SBK"'))
        assert IDENTIFIER not in page
        assert at in whole(helper, "/help/mandates")

    def test_it_names_who_what_and_how_far(self, helper: Somebody) -> None:
        mandated(helper, status=422)
        mandated(helper, "open", status=422, principal="")
        mandated(helper, "open", status=409, document="")
        mandated(helper, "submit", status=409, kind="assist")

    def test_an_application_is_made_in_the_applicants_name(self, helper: Somebody, house: House, web: Any) -> None:
        free(house, IDENTIFIER, "SBK")
        mandate = mandated(helper, "open", "fill", "submit", "withdraw")
        case = handed_in(helper, mandate)

        page = helper.get(case)
        found = house.client().ask(GetCase(case_id=case.rpartition("/")[2]))
        assert (found["by_agent"], f"/help/mandates/{found['mandate']}") == (True, mandate)
        assert found["number"] in page
        drafts = every(house.client(Caller(by=HELPER, roles=("helper",))), ListDrafts(status="used"))
        used = next(each["draft"] for each in drafts if each["draft"].startswith(found["mandate"]))
        assert helper.get(f"/help/drafts/{used}", 303) is not None
        assert case in whole(helper, "/help/mandates")
        assert found["number"] in whole(Somebody(web, ZHOU), "/mine")
        looked = helper.send("/help/progress", "/help/progress", 200, wanted=found["number"])
        assert found["number"] in looked.body.decode()
        Somebody(web, "helper-you").get(case, 403)

    def test_it_is_supplemented_and_withdrawn(self, helper: Somebody, house: House) -> None:
        mandate = mandated(helper, "open", "fill", "submit", "withdraw", principal=citizen(1))
        case = handed_in(helper, mandate, citizen(1))
        form = helper.get(f"{case}/give")
        field = re.findall(r'name="(values\.[a-z_0-9]+)"', form)
        shared = re.findall(r'name="(medium\.[A-Za-z_0-9-]+)" value="shared"', form)
        assert field or shared

        helper.send(form, f"{case}/give", 422)
        upload, name = re.findall(r'data-upload="(/api/v1/cases/[^"]+/materials/([^"/]+)/content)"', form)[-1]
        sent = helper.web("POST", upload, picture(), caller=HELPER, Content_Type="image/png")
        assert sent.status == 201, sent.body.decode()
        file = {f"file.{name}.{part}": sent.json[part] for part in ("digest", "size", "media_type", "receipt")}
        helper.send(form, f"{case}/give", **file, **{f"medium.{name}": "digital"})
        form = helper.get(f"{case}/give")
        for each in shared[:1]:
            helper.send(form, f"{case}/give", **{each: "shared"})
        helper.send(case, f"{case}/withdraw", item="", reason="不办了")

        found = house.client().ask(GetCase(case_id=case.rpartition("/")[2]))
        given = {name, *(each.removeprefix("medium.") for each in shared[:1])}
        assert {each["material"] for each in found["materials"]} == given
        assert (found["status"], found["outcome"]) == ("closed", "withdrawn")

    def test_what_a_mandate_does_not_carry_is_not_offered_and_refused(self, helper: Somebody) -> None:
        mandate = mandated(helper, "open", "fill", kind="assist", document="", digest="", principal=citizen(2))
        case = handed_in(helper, mandate, citizen(2))

        page, form = helper.get(case), helper.get(f"{case}/give")

        assert "超出委托范围" in page
        assert "/withdraw" not in page
        assert 'name="medium.' not in form
        refused = helper.send(case, f"{case}/withdraw", 403, item="", reason="").body.decode()
        assert "mandate-not-enough" in refused
        helper.send(form, f"{case}/give", 403, **{"medium.any": "shared"})

    def test_a_mandate_that_came_later_carries_on(self, helper: Somebody) -> None:
        first = mandated(helper, "open", "fill", principal=citizen(3))
        case = handed_in(helper, first, citizen(3))
        helper.send(first, f"{first}/end", because="completed", reason="")
        assert "委托已经终止" in helper.get(case)

        mandated(helper, "withdraw", document="WT-2", principal=citizen(3))

        assert "/withdraw" in helper.get(case)
        helper.send(case, f"{case}/withdraw", item="", reason="")

    def test_what_is_under_a_mandate_is_found_behind_the_first_pages(
        self, helper: Somebody, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(questions, "AT_ONCE", 1)
        monkeypatch.setattr(mandates, "MANY", 1)
        first = mandated(helper, "open", "fill", principal=citizen(4))
        case, draft = handed_in(helper, first, citizen(4)), drafted(helper, first, citizen(4))
        for n in range(5, 9):
            later = mandated(helper, "open", "fill", principal=citizen(n))
            handed_in(helper, later, citizen(n))
            drafted(helper, later, citizen(n))
        withdrawing = [mandated(helper, "withdraw", document=f"WT-{n}", principal=citizen(4)) for n in range(2)]

        assert draft in helper.get(first)
        assert draft in helper.get("/help/mandates")
        assert f'href="{case}"' in "".join(leaves(helper, "/help/mandates", "cases"))
        assert all(each in whole(helper, "/help/mandates") for each in (first, *withdrawing))
        helper.send(case, f"{case}/withdraw", item="", reason="")

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"valid_from": "2020-01-01", "valid_until": "2020-12-31"}, "委托已过期"),
            ({"valid_from": "2099-01-01"}, "委托还没有生效"),
            ({"acts": ["open"]}, "超出委托范围"),
        ],
        ids=["over", "to-come", "too-little"],
    )
    def test_one_that_does_not_carry_says_so_before_a_form(
        self, helper: Somebody, fields: dict[str, Any], said: str
    ) -> None:
        acts = fields.pop("acts", ["open", "fill"])
        at = mandated(helper, *acts, **fields)

        page, begin = helper.get(at), helper.get(f"{at}/apply/SBK")

        assert said in page
        assert said in begin
        assert 'name="answers.' not in begin
        answers, _ = answered(helper)
        helper.send(begin, f"{at}/apply/SBK", 403, **answers)

    def test_one_that_is_paused_says_so(self, helper: Somebody, house: House) -> None:
        at = mandated(helper, "open", "fill")
        manager = house.client(Caller(by="manager-li", org="zwzx", roles=("manager",)))
        manager.command(PauseMandate(mandate=at.rpartition("/")[2], reason="出差"), id=f"pause:{at}")

        assert all("委托已中止" in helper.get(address) for address in (at, f"{at}/apply/SBK"))

    def test_one_that_lapses_meanwhile_stops_the_form(self, helper: Somebody) -> None:
        mandate = mandated(helper, "open", "fill")
        draft = drafted(helper, mandate)
        check = helper.get(f"{draft}/check")
        hall = re.findall(r'name="hall" value="([^"]+)"', check)[0]
        helper.send(mandate, f"{mandate}/end", because="agent", reason="另有安排")

        refused = helper.send(check, f"{draft}/check", 403, hall=hall).body.decode()

        assert "mandate-not-enough" in refused
        pages = [helper.get(address) for address in (draft, f"{draft}/check", f"{mandate}/apply/SBK")]
        assert all("委托已经终止" in page for page in pages)
        assert 'name="applicant.name"' not in helper.get(draft)
        helper.send(draft, f"{draft}/discard")
        assert draft not in whole(helper, "/help/mandates")

    def test_it_is_for_whoever_gave_it(self, helper: Somebody) -> None:
        mandate = mandated(helper, "open", "fill")
        draft = drafted(helper, mandate)

        refused = helper.send(draft, draft, 422, **{"applicant.name": "陈建国（虚构）", "applicant.identifier": CHEN})

        assert refused.status == 422
        assert draft in helper.get(mandate)

    def test_another_agents_is_nobodys_to_use(self, helper: Somebody, web: Any) -> None:
        mandate = mandated(helper, "open", "fill")
        colleague = Somebody(web, "helper-you")

        page = colleague.get(f"{mandate}/apply/SBK")

        assert "受托人不是您" in page
        assert mandate not in whole(colleague, "/help/mandates")
        colleague.get(drafted(helper, mandate), 403)
        helper.get("/help/drafts/nothing", 404)
        helper.get("/help/mandates/m-nothing", 404)
