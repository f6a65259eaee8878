"""The credit pages: whose record it is nobody reads in an address; who may see, enter and repair; who looked."""

import re
import uuid
from typing import Any

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey, furnish
from contracts.credit import GetCredit
from contracts.language import Caller
from contracts.readings import ListBesideReadings
from gateway.pages import credit
from kernel.clock import local_date
from testkit.house import House

from .visiting import Visitor

CATALOGUE = catalogue.load("990102")
ZHAO = Caller(by="clerk-zhao", org="zwzx", hall="yl-hall", window="yl-hall-a1", roles=("clerk",))
SOMEBODY = "990102195505050055"
"""Who has no case and, at first, no record."""


@pytest.fixture
def fgw(web: Any) -> Visitor:
    return Visitor(web, "fgw-reviewer")


def record_of(visitor: Visitor, identifier: str) -> str:
    """Where the search leads to."""
    where = visitor.send("/credit", "/credit", identifier=identifier).headers["Location"]
    assert re.fullmatch(r"/credit/[0-9a-f]{64}", where)
    return str(where)


def today(house: House) -> str:
    """The house's day."""
    return local_date(house.host("gateway").instance.backend.now()).isoformat()


def bars(house: House, identifier: str) -> dict[str, Any]:
    found = house.client(ZHAO).ask(GetCredit(identifier=identifier))["bars"]
    return {each["bar"]: each for each in found}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_clean_record_says_so_in_both_languages(fgw: Visitor, language: str) -> None:
    where = record_of(fgw, SOMEBODY)
    said = {"zh": "没有失信记录", "en": "No bar"}[language]

    for path in ("/credit", where):
        page = fgw.get(f"{path}?lang={language}")
        assert "credit_" not in re.sub(r'"[^"]*"', "", page)
    assert said in page
    assert SOMEBODY not in page


def test_it_is_for_those_whom_it_tells_something_and_nobody_else(web: Any, fgw: Visitor) -> None:
    where = record_of(fgw, SOMEBODY)
    for path in ("/credit", where):
        assert web("GET", path, caller=None, Accept="text/html").status == 303
        for person in ("applicant-chen", "manager-li", "helper-you", "courier-ma"):
            Visitor(web, person).get(path, 403)
    for person in ("clerk-zhao", "auditor-shi"):
        page = Visitor(web, person).get(where)
        assert f'action="{where}/bars"' not in page
    assert f'action="{where}/bars"' in fgw.get(where)
    clerk = Visitor(web, "clerk-zhao")
    typed = {"bar": "b", "ground": "bad_record", "document": "d"}
    assert clerk.send("/credit", f"{where}/bars", 403, by_script=True, **typed).json["code"] == "not-your-role"


@pytest.mark.parametrize(("said", "why"), [("", "必填"), ("990102", "位数不对"), ("990102195505050053", "校验位不符")])
def test_a_number_that_is_none_is_told_beside_its_field(fgw: Visitor, said: str, why: str) -> None:
    errors = fgw.errors("/credit", "/credit", identifier=said)

    assert list(errors) == ["identifier"]
    assert why in errors["identifier"] or said == ""


def test_a_bar_is_entered_once_and_repaired_by_who_keeps_it(house: House, web: Any, fgw: Visitor) -> None:
    who, number = "990102194001010039", f"失信-{uuid.uuid4()}"
    where, began = record_of(fgw, who), today(house)
    sent = {"bar": number, "ground": "bad_record", "document": "失信〔2026〕1号", "until": "2099-12-31"}

    assert set(fgw.errors(where, f"{where}/bars", bar=" ", ground="bad_record")) == {"bar", "document"}
    assert set(fgw.errors(where, f"{where}/bars", **{**sent, "until": "年底", "ground": "rumour"})) == {
        "until",
        "ground",
    }
    assert bars(house, who) == {}
    shown = fgw.get(where)
    for _ in range(2):
        fgw.send(shown, f"{where}/bars", **sent)
    assert set(fgw.errors(where, f"{where}/bars", **{**sent, "document": "失信〔2026〕2号"})) == {"bar"}
    assert set(Visitor(web, "scjg-reviewer").errors(where, f"{where}/bars", **sent)) == {"bar"}

    entry = bars(house, who)[number]["entry"]
    assert (entry["source"], entry["document"], entry["until"]) == ("fgw", "失信〔2026〕1号", "2099-12-31")
    assert began <= entry["barred_on"] <= today(house)
    page = fgw.get(where)
    for said in ("严重失信记录", "失信〔2026〕1号", "2099-12-31", entry["barred_on"], "生效中"):
        assert said in page

    scjg = Visitor(web, "scjg-reviewer")
    assert f'action="{where}/restore"' not in scjg.get(where)
    refused = scjg.send(where, f"{where}/restore", 403, by_script=True, bar=number, document="修复〔2026〕1号").json
    assert refused["code"] == "out-of-scope"
    assert set(fgw.errors(where, f"{where}/restore", bar=number, document="")) == {"document"}
    fgw.send(where, f"{where}/restore", bar=number, document="修复〔2026〕1号")

    assert bars(house, who)[number]["counts"] is False
    page = fgw.get(where)
    assert "修复〔2026〕1号" in page
    assert f'action="{where}/restore"' not in page


def test_what_an_older_intake_does_not_say_is_left_out(fgw: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"ground": "tolerance_lapsed", "source": "c", "document": "容〔2026〕1号", "item": "SBK01"}
    ask = credit.Credit.ask

    def older(self: credit.Credit, req: Any, query: Any) -> Any:
        found = ask(self, req, query)
        bar = {"bar": "c/SBK01/tolerance", "counts": True, "entry": entry}
        return {**found, "bars": [bar]} if isinstance(query, GetCredit) else found

    where = record_of(fgw, SOMEBODY)
    monkeypatch.setattr(credit.Credit, "ask", older)

    page = fgw.get(where)
    assert "容〔2026〕1号" in page
    assert f'action="{where}/restore"' not in page


def test_an_auditor_goes_on_to_the_earlier_looks(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credit, "ROWS", 1)
    looked = ["clerk-zhao", "scjg-head", "auditor-shi"]
    for person in looked:
        where = record_of(Visitor(web, person), "990102194501010019")
    auditor, shown, at = Visitor(web, "auditor-shi"), [], where

    for _ in looked:
        page = auditor.get(at)
        shown += [person for person in looked if f">{person} <" in page]
        further = re.search(r'rel="next" href="([^"]+)"', page)
        at = where + (further[1] if further else "")

    assert shown == looked[::-1]
    assert at == where


def test_every_look_is_recorded_and_the_auditor_sees_who_looked(house: House, web: Any) -> None:
    where = record_of(Visitor(web, "scjg-head"), SOMEBODY)
    Visitor(web, "clerk-zhao").get(where)
    record = where.rsplit("/", 1)[1]

    auditor = Caller(by="auditor-shi", org="zwzx", roles=("auditor",))
    told = house.client(auditor).ask(ListBesideReadings(thing="credit", name=record))["readings"]
    assert {("scjg-head", "review"), ("clerk-zhao", "handling")} <= {(each["by"], each["purpose"]) for each in told}
    page = Visitor(web, "auditor-shi").get(where)
    assert "scjg-head" in page
    assert "监督检查" in page
    assert "scjg-head" not in Visitor(web, "clerk-zhao").get(where)


def test_the_desk_leads_to_the_credit_of_the_applicant_of_a_case(house: House, web: Any) -> None:
    furnish(house.client(), CATALOGUE, ZHAO)
    theme = CATALOGUE.theme("SBK")
    made = Journey(house.client(), CATALOGUE, theme, happy_answers(theme))
    made.clerk = house.client(ZHAO)
    made.open()
    identifier = made.registration().applicant.identifier
    clerk, mine = Visitor(web, ZHAO.by), record_of(Visitor(web, ZHAO.by), identifier)

    page = f"/desk/cases/{made.case_id}/accept"
    assert 'action="/credit"' in clerk.get(page)
    assert clerk.send(page, "/credit", case=made.case_id).headers["Location"] == mine
    Visitor(web, "clerk-wang").send("/credit", "/credit", 403, case=made.case_id)
    Visitor(web, "fgw-reviewer").send("/credit", "/credit", 403, case=made.case_id)
