"""The pages of archives: what is due is appraised by one and destroyed by another, each on what the page offers."""

import hashlib
import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest

from contents import open_contents
from contracts.archives import GetArchive, ItemTerm, RecordArchive
from contracts.language import Caller
from testkit.house import House, eventually

from .visiting import Visitor, whole

MANAGER, HEAD, AUDITOR, OPERATOR, CLERK = "manager-shen", "scjg-head", "auditor-shi", "operator-kong", "clerk-zhao"
HOUSE = Caller(by="service:casefile", roles=("service",))
PACKAGE = b"PK sealed"


def kept(house: House, case_id: str, *, until: date | None) -> str:
    """A case whose package was made."""
    stored = open_contents(house.settings.contents_url).put([PACKAGE])
    term = ItemTerm("CY03", "decision", date(2010, 1, 2), None if until is None else 10, until, "", True)
    house.client(HOUSE).command(
        RecordArchive(
            case_id=case_id, digest=stored.digest, size=stored.size, files=0, facts=7, tree_size=99,
            number=f"YJS-{case_id}", theme="CY", hall="yl-hospital", departments=("scjg",), catalogue="c",
            terms=(term,), keep_until=until, software="onething",
        )
    )  # fmt: skip
    if until is not None:
        eventually(lambda: state(house, case_id) == "due")
    return case_id


def state(house: House, case_id: str) -> str:
    return str(house.client().ask(GetArchive(case_id=case_id))["row"]["state"])


def looked(web: Any, path: str, person: str | None = MANAGER) -> Any:
    return web("GET", path, caller=person, Accept="text/html")


def body(web: Any, path: str, person: str = MANAGER) -> str:
    answer = looked(web, path, person)
    assert answer.status == 200, answer.body.decode()
    return str(answer.body.decode())


def sent(web: Any, case_id: str, act: str, person: str, **fields: str) -> Any:
    page = body(web, f"/archives/{case_id}", person)
    token, key = (re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("_csrf", "_key"))
    assert token
    assert key
    return web(
        "POST", f"/archives/{case_id}/{act}", urlencode({"_csrf": token[1], "_key": key[1]} | fields).encode(),
        caller=person, Accept="text/html", Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip


@pytest.fixture(scope="module")
def due(house: House) -> str:
    return kept(house, "archived-1", until=date(2020, 1, 2))


@pytest.mark.parametrize("person", [MANAGER, HEAD, AUDITOR, OPERATOR])
@pytest.mark.parametrize(("language", "said"), [("zh", "待鉴定"), ("en", "Due")])
def test_the_list_says_what_is_due_in_both_languages(web: Any, due: str, person: str, language: str, said: str) -> None:
    page = whole(Visitor(web, person), f"/archives?state=due&lang={language}")

    assert f"YJS-{due}" in page
    assert said in page


def test_it_is_for_those_whose_it_is(web: Any, due: str) -> None:
    assert looked(web, "/archives", None).status == 303
    assert looked(web, "/archives", CLERK).status == 403
    assert looked(web, f"/archives/{due}", CLERK).status == 403
    assert f"YJS-{due}" not in whole(Visitor(web, "wjw-head"), "/archives")


def test_a_list_without_any_says_so_and_can_be_narrowed(web: Any, due: str) -> None:
    manager = Visitor(web, MANAGER)
    assert "没有符合条件的档案" in manager.get("/archives?state=approved&department=nobody&lang=zh")
    assert f"YJS-{due}" in whole(manager, "/archives?department=scjg&hall=yl-hospital&state=due")
    assert f"YJS-{due}" not in whole(manager, "/archives?department=wjw")
    assert looked(web, "/archives?after=x").status == 422


def test_a_placeholder_is_called_one_and_for_ever_has_no_end(web: Any, house: House) -> None:
    case = kept(house, "archived-2", until=None)
    page = body(web, f"/archives/{case}?lang=zh")

    assert "占位，须由本地设定" in page
    assert "永久" in page
    assert f'action="/archives/{case}/approve"' not in page
    assert f'action="/archives/{case}/extend"' not in page


class TestTheWayOut:
    def test_an_auditor_looks_and_does_nothing(self, web: Any, due: str) -> None:
        page = body(web, f"/archives/{due}", AUDITOR)

        assert re.findall(rf'action="/archives/{due}/(\w+)"', page) == []

    def test_it_is_extended(self, web: Any, house: House) -> None:
        case = kept(house, "archived-3", until=date(2020, 1, 2))
        assert sent(web, case, "extend", HEAD, keep_until="2099-01-01", reason="涉诉").status == 303

        assert state(house, case) == "kept"
        assert "涉诉" in body(web, f"/archives/{case}")
        assert sent(web, case, "extend", HEAD, keep_until="2098-01-01", reason="x").status == 409
        assert sent(web, case, "extend", HEAD, reason="史料").status == 303
        assert "永久" in body(web, f"/archives/{case}?lang=zh")

    def test_one_approves_another_carries_out_and_nothing_is_left(self, web: Any, house: House) -> None:
        case = kept(house, "archived-4", until=date(2020, 1, 2))
        package = looked(web, f"/archives/{case}/package")
        assert (package.status, package.body) == (200, PACKAGE)
        assert f'filename="YJS-{case}.zip"' in package.headers["Content-Disposition"]
        api = web("GET", f"/api/v1/cases/{case}/archive/package", caller=AUDITOR)
        assert hashlib.sha256(api.body).hexdigest() == house.client().ask(GetArchive(case_id=case))["row"]["digest"]

        assert sent(web, case, "approve", HEAD, opinion="无继续保存价值").status == 303
        assert "须由另一人" in body(web, f"/archives/{case}?lang=zh", HEAD) or "请由另一人执行" in body(
            web, f"/archives/{case}?lang=zh", HEAD
        )
        refused = sent(web, case, "destroy", HEAD)
        assert refused.status == 403
        assert sent(web, case, "destroy", MANAGER).status == 303

        register = whole(Visitor(web, AUDITOR), "/archives?state=destroyed&lang=zh")
        assert HEAD in register
        assert MANAGER in register
        gone = web("GET", f"/api/v1/cases/{case}/archive/package", caller=AUDITOR)
        assert (gone.status, gone.json["code"]) == (410, "package-destroyed")

    def test_what_is_no_act_is_not_found(self, web: Any, due: str) -> None:
        assert sent(web, due, "burn", MANAGER).status == 404


def test_a_package_that_nobody_made_is_not_found(web: Any) -> None:
    assert web("GET", "/api/v1/cases/nobody/archive/package", caller=AUDITOR).status == 404
    assert web("GET", "/api/v1/cases/nobody/archive/package?x=1", caller=AUDITOR).status == 422
