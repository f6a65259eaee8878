"""Over HTTP, with a token of one's own, nobody gets at the case of somebody else: by no address, parameter or header.

Zhou's case is at a hall where none of these people work. Whatever they ask, and however they write it, no answer says
more of the case than the question did.
"""

import uuid
from collections.abc import Iterator
from itertools import cycle
from urllib.parse import quote, urlencode

import msgspec
import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import ATTEMPTS, CLERK, HALL, Journey
from contracts.drafts import SaveDraft
from contracts.intake import Applicant
from contracts.language import Query
from contracts.outreach import Asked, RecordConsultation
from contracts.published import published
from contracts.routes import Route, route_of
from testkit.house import House

from .conftest import Answered, Web

ZHOU = Applicant(name="周晓雨（独此一人）", identifier="990102199202150022", mobile="13900004242")
STRANGERS = ("applicant-chen", "clerk-zhao", "manager-li", "zwzx-trainer", "courier-ma", "helper-you", "hall-system")
"""Nobody of the hall, no department of the case, and no applicant of it."""

SERVING = ("clerk-zhao", "helper-you")

QUERIES = sorted((each for each in published(Query) if route_of(each)), key=lambda each: each.__name__)


class Victim(msgspec.Struct, frozen=True):
    """What is Zhou's."""

    case_id: str
    number: str
    draft: str
    consultation: str

    @property
    def words(self) -> tuple[str, ...]:
        """What no stranger is told."""
        return self.case_id, self.number, ZHOU.name, ZHOU.identifier, ZHOU.mobile, "独此一问"


@pytest.fixture(scope="module")
def victim(house: House) -> Victim:
    county = catalogue.load("990102")
    theme = county.theme("SBK")
    journey = Journey(house.client(), county, theme, happy_answers(theme))
    clerk = house.client(CLERK)
    registered = clerk.command(journey.registration(applicant=ZHOU), attempts=ATTEMPTS).value
    mark = uuid.uuid4().hex[:6]
    clerk.command(SaveDraft(draft=f"draft-{mark}", theme="SBK", channel="window", applicant=ZHOU))
    clerk.command(
        RecordConsultation(
            consultation=f"asked-{mark}", channel="window", theme="SBK", asked=Asked("独此一问", ZHOU.name, ZHOU.mobile)
        )
    )
    return Victim(journey.case_id, registered["number"], f"draft-{mark}", f"asked-{mark}")


def beyond(victim: Victim, asked: str, answer: Answered) -> list[str]:
    """What the answer says that the question did not."""
    text = answer.body.decode(errors="replace") + str(dict(answer.headers))
    return [word for word in victim.words if word in text and word not in asked]


def filled(route: Route, victim: Victim) -> str:
    """The route's address with what is Zhou's in it."""
    named = {
        "case_id": victim.number, "hall": HALL, "draft": victim.draft, "consultation": victim.consultation,
    }  # fmt: skip
    return route.path.format_map({name: quote(named.get(name, "p1"), safe="") for name in route.named})


ODD_PARAMETERS = (
    "",
    "personal=true",
    "personal=false&personal=true",
    "personal=1&purpose=x",
    f"hall={HALL}",
    f"hall=yl-hall&hall={HALL}",
    f"place={HALL}&org=rsj",
    "expand=applicant,form&fields=*",
    "limit=1000000&after=",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Onething_Window": f"{HALL}/{HALL}-1"},
    {"X_Forwarded_User": "clerk-7", "X_Original_URL": "/api/v1/cases", "X_HTTP_Method_Override": "GET"},
    {"If_None_Match": "*"},
    {"Range": "bytes=0-100000", "Accept": "application/pdf, */*"},
    {"Accept": "text/html", "X_Fragment": "1"},
)


@pytest.mark.parametrize("kind", QUERIES, ids=lambda each: each.__name__)
def test_no_question_is_answered_with_what_is_somebody_elses(web: Web, victim: Victim, kind: type[Query]) -> None:
    route = route_of(kind)
    assert route is not None
    path = filled(route, victim)
    fields = kind.__struct_fields__
    for (query, headers), person in _each_by_somebody():
        asked = f"{path}?{query}"
        if route.method == "GET":
            answer = web("GET", asked, caller=person, **headers)
        else:
            # who serves people is shown who they are: there the number opens what is theirs, and that is recorded
            shown = "identifier" in fields and person not in SERVING
            body = {"identifier": ZHOU.identifier} if shown else {}
            body |= {"personal": True} if "personal" in fields else {}
            answer = web("POST", path, body, caller=person, **headers)
            asked += str(body)
        assert answer.status < 500 or answer.status == 503, (person, asked, answer.body[:300])
        assert beyond(victim, asked, answer) == [], (person, asked, headers, answer.body[:600])


def _each_by_somebody() -> Iterator[tuple[tuple[str, dict[str, str]], str]]:
    """Everybody tries the plain question; each oddity is tried by one of them."""
    yield from ((("", {}), person) for person in STRANGERS)
    yield from zip(_attempts(), cycle(STRANGERS), strict=False)


def _attempts() -> Iterator[tuple[str, dict[str, str]]]:
    yield from ((query, {}) for query in ODD_PARAMETERS)
    yield from (("personal=true", headers) for headers in HEADERS)


def spellings(path: str) -> Iterator[str]:
    """The same address as others might read it."""
    yield path
    yield path + "/"
    yield path.replace("/api/v1/", "/api/v1//")
    yield path.replace("/api/v1/", "/api/v1/./")
    yield path.replace("/api/v1/", "/api/v1/halls/../")
    yield path.replace("/cases/", "/cases%2f")
    yield path.replace("cases", "%63ases")
    yield path.replace("/cases/", "/CASES/")
    yield path + ";a=b"
    yield path + "%00"
    yield path + "%20"
    yield path + "?"
    yield path + "%3fpersonal=true"
    yield path.lower()


def test_no_spelling_of_an_address_gets_around_the_look_at_who_asks(web: Web, victim: Victim) -> None:
    for person in ("applicant-chen", "clerk-zhao", None):
        for tail in ("", "/timeline", "/readings", "/bill", "/output", "/bundle", "/distribution"):
            for path in spellings(f"/api/v1/cases/{victim.number}{tail}"):
                answer = web("GET", path, caller=person)
                assert answer.status < 500, (path, answer.body[:300])
                assert answer.status != 200, (person, path)
                assert [each for each in beyond(victim, path, answer) if each != victim.number] == []


PAGES = (
    "/cases/{case}", "/cases/{case}/give", "/cases/{case}/readings", "/cases/{case}/form", "/cases/{case}/receipt",
    "/mine", "/mine/{case}", "/desk", "/desk/cases/{case}", "/desk/cases/{case}/form", "/desk/search?q={case}",
    "/desk/search?q={identifier}", "/review", "/review/{case}", "/help", "/help/search?q={case}",
    "/help/cases/{case}", "/audit/{case}", "/audit?case={case}", "/manage/cases/{case}", "/board/{hall}",
    "/apply/drafts/{draft}", "/drafts/{draft}", "/r/{case}", "/kiosk/{hall}", "/kiosk/{hall}/progress/{case}",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_what_is_somebody_elses(web: Web, victim: Victim, page: str) -> None:
    for person in STRANGERS:
        for case in (victim.case_id, victim.number):
            path = page.format(
                case=quote(case), hall=HALL, draft=victim.draft, identifier=quote(ZHOU.identifier, safe="")
            )
            answer = web("GET", path, caller=person, Accept="text/html")
            assert answer.status < 500, (person, path, answer.body[:300])
            told = [word for word in beyond(victim, path, answer) if word not in {victim.case_id, victim.number}]
            assert told == [], (person, path, answer.status)


def test_a_receipts_code_is_not_made_from_its_number(web: Web, victim: Victim) -> None:
    for code in (victim.number, f"{victim.number}.", f"{victim.number}.AAAAAAAAAAAAAAAA"):
        assert web("GET", f"/r/{quote(code)}", caller=None, Accept="text/html").status == 404
    assert web("GET", f"/r/{quote(victim.number)}%00.A", caller=None, Accept="text/html").status == 422


def test_what_was_asked_under_another_persons_key_is_not_answered_again(web: Web, victim: Victim) -> None:
    """The same idempotency key is another command when it is another person's."""
    key = f'"{uuid.uuid4()}"'
    body = {"theme": "SBK", "channel": "web"}
    name = f"own-{uuid.uuid4().hex[:8]}"
    path = f"/api/v1/drafts/{name}/save-draft"
    first = web("POST", path, body, caller="applicant-zhou", Idempotency_Key=key)
    again = web("POST", path, body, caller="applicant-chen", Idempotency_Key=key)
    assert (first.status, again.status) == (201, 403)


def test_nobody_is_at_a_window_that_is_not_theirs(web: Web) -> None:
    for place in (f"{HALL}/{HALL}-1", f"{HALL}/", "%", "yl-hall/../test-hall"):
        assert web("GET", f"/api/v1/cases?{urlencode({'hall': HALL})}", Onething_Window=place).status in {400, 403, 422}
