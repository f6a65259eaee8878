"""The manager's pages: each section for those whose it is, in both languages, and what is done there is done."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest

import catalogue
from contracts.delegation import GetGrant
from contracts.editions import GetEdition
from contracts.halls import ArrangeQueue, ArrangeSlots, GetArrangement, GetHall, RegisterHall, SlotRule, ZoneRule
from contracts.language import Caller
from gateway.pages.manage import grants, staff
from gateway.pages.manage.halls import read_spans, written
from gateway.pages.manage.times import moment
from kernel.clock import local_date
from testkit.house import House, eventually

from .visiting import Visitor, whole

MANAGER, PUBLISHER, TRAINER, OPERATOR, AUDITOR = (
    "manager-li", "publisher-hua", "zwzx-trainer", "operator-kong", "auditor-shi",
)  # fmt: skip
HEAD, OFFICE = "scjg-head", "scjg-office"
CLERK = "clerk-zhao"
KEEPER, HALL, ANOTHER = "manager-shen", "yl-hospital", "yl-bank"

NEW = "/manage/editions/new"

SECTIONS = {
    "grants": {MANAGER, PUBLISHER, HEAD, TRAINER, OPERATOR, AUDITOR},
    "mandates": {MANAGER, AUDITOR},
    "staff": {MANAGER, TRAINER},
    "halls": {MANAGER, OPERATOR},
    "editions": {MANAGER, PUBLISHER, OPERATOR, AUDITOR},
    "losses": {MANAGER, OPERATOR, AUDITOR},
    "parked": {MANAGER, OPERATOR, AUDITOR},
    "times": {MANAGER, OPERATOR, AUDITOR},
}


@pytest.fixture(scope="module", autouse=True)
def _halls(house: House) -> None:
    """Two halls of the county; the manager of one is not that of the other."""
    operator = house.client(Caller(by="operator", roles=("operator",)))
    for hall in (HALL, ANOTHER):
        operator.command(RegisterHall(hall=hall, name=hall, kind="hospital", region="990102"), id=f"hall:{hall}")


def looked(web: Any, path: str, person: str | None = MANAGER) -> Any:
    return web("GET", path, caller=person, Accept="text/html")


def sent(web: Any, page: str, person: str, action: str, *, by_script: bool = False, **fields: Any) -> Any:
    """A form of a page, filled in and sent by somebody; by the pages' script it is answered with JSON."""
    body = looked(web, page, person).body.decode()
    token = re.search(r'name="_csrf" value="([^"]+)"', body)
    key = re.search(r'name="_key" value="([^"]+)"', body)
    assert token
    pairs = {"_csrf": token[1], "_key": key[1] if key else ""} | {
        name.replace("__", "."): v for name, v in fields.items()
    }
    return web(
        "POST", action, urlencode(pairs, doseq=True).encode(), caller=person, Accept="text/html",
        Content_Type="application/x-www-form-urlencoded", **({"X_Form": "1"} if by_script else {}),
    )  # fmt: skip


def shown(page: str, action: str) -> dict[str, Any]:
    """The fields of a form as the page shows them, as a browser would send them."""
    form = next(part for part in page.split("<form")[1:] if f'action="{action}"' in part).partition("</form>")[0]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        named = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if named.get("type") == "checkbox":
            if " checked" in tag:
                found.setdefault(named["name"], []).append(named["value"])
        elif not named["name"].startswith("_"):
            found[named["name"]] = named.get("value", "")
    return found


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_section_is_there_in_both_languages(web: Any, section: str, language: str) -> None:
    assert looked(web, f"/manage/{section}?lang={language}").status == 200


@pytest.mark.parametrize("person", [MANAGER, PUBLISHER, HEAD, TRAINER, OPERATOR, AUDITOR])
def test_everybody_enters_what_is_theirs_and_is_offered_nothing_else(web: Any, person: str) -> None:
    start = looked(web, "/manage", person)
    offered = set(re.findall(r'href="/manage/([a-z]+)"', start.body.decode()))

    assert offered == {section for section, people in SECTIONS.items() if person in people}
    for section, people in SECTIONS.items():
        assert (looked(web, f"/manage/{section}", person).status == 200) == (person in people), section


def test_a_clerk_has_no_business_there_and_a_stranger_signs_in(web: Any) -> None:
    assert looked(web, "/manage", CLERK).status == 403
    assert looked(web, "/manage/grants", CLERK).status == 403
    answer = looked(web, "/manage", None)
    assert answer.status == 401 or answer.headers["Location"].startswith("/sign-in")


class TestGrants:
    FIELDS: ClassVar = {
        "legal_form": "hall_practice", "grantor": "scjg", "grantee": "yl-hall", "grantee_kind": "public_institution",
        "powers": ["receive"], "item_ids": "*", "valid_from": "2026-01-01", "valid_until": "2099-12-31",
    }  # fmt: skip

    def made(self, web: Any, document: str) -> str:
        answer = sent(web, "/manage/grants/new", HEAD, "/manage/grants/new", document=document, **self.FIELDS)
        assert answer.status == 303, answer.body.decode()
        return str(answer.headers["Location"])

    def test_is_made_by_one_person_published_by_another_and_revoked(self, web: Any, house: House) -> None:
        where = self.made(web, "<script>1</script>")
        body = looked(web, where, HEAD).body.decode()
        assert f'action="{where}/publish"' not in body
        assert "<script>1" not in body

        assert f'action="{where}/publish"' in looked(web, where, OFFICE).body.decode()
        assert sent(web, where, OFFICE, f"{where}/publish", publication="p-1").status == 303
        page = looked(web, where, HEAD).body.decode()
        assert f'action="{where}/revoke"' in page
        assert sent(web, where, HEAD, f"{where}/revoke", reason="x").status == 303

        found = house.client(Caller(by="a", roles=("auditor",))).ask(GetGrant(grant=where.rpartition("/")[2]))
        assert [each["status"] for each in found["history"]] == ["made", "published", "revoked"]

    def test_whoever_published_it_never_signed_it(self, web: Any) -> None:
        fields = {**self.FIELDS, "document": "by the office"}
        where = str(sent(web, "/manage/grants/new", OFFICE, "/manage/grants/new", **fields).headers["Location"])

        answer = sent(web, where, OFFICE, f"{where}/publish", publication="p-2")

        assert answer.status == 409

    def test_a_renewal_says_by_when_and_follows(self, web: Any) -> None:
        where = self.made(web, "to be renewed")
        sent(web, where, OFFICE, f"{where}/publish", publication="p-3")
        assert "2099-12-16" in looked(web, where, HEAD).body.decode()

        answer = sent(web, where, HEAD, f"{where}/renew", grant="g-renewed", valid_until="2100-12-31", document="next")

        assert answer.headers["Location"] == "/manage/grants/g-renewed"
        assert where in looked(web, "/manage/grants/g-renewed", HEAD).body.decode()

    def test_what_is_missing_is_told_and_a_foreign_form_is_refused(self, web: Any) -> None:
        assert sent(web, "/manage/grants/new", HEAD, "/manage/grants/new", item_ids="").status == 422
        body = urlencode({**self.FIELDS, "_csrf": "no"}, doseq=True).encode()
        answer = web("POST", "/manage/grants/new", body, caller=HEAD, Content_Type="application/x-www-form-urlencoded")
        assert answer.status == 403

    def test_the_list_is_narrowed_and_wrong_filters_are_told(self, web: Any) -> None:
        assert looked(web, "/manage/grants?status=published&grantor=scjg").status == 200
        assert looked(web, "/manage/grants?status=nonsense").status == 422


class TestHalls:
    def act(self, web: Any, act: str, **fields: Any) -> Any:
        return sent(web, f"/manage/halls/{HALL}", KEEPER, f"/manage/halls/{HALL}/{act}", **fields)

    def test_every_hall_of_the_tree_has_a_page(self, web: Any) -> None:
        for hall in set(
            re.findall(r'href="/manage/halls/([a-z0-9-]+)"', looked(web, "/manage/halls", KEEPER).body.decode())
        ):
            assert looked(web, f"/manage/halls/{hall}", KEEPER).status == 200

    def test_halls_below_and_windows_are_set_up(self, web: Any, house: House) -> None:
        fields = {"hall": "new-point", "name": "N<b>", "kind": "community", "region": "990102", "parent": HALL}
        answer = sent(web, "/manage/halls", KEEPER, "/manage/halls", **fields)
        assert answer.status == 303
        body = looked(web, "/manage/halls/new-point", KEEPER).body.decode()
        assert "N&lt;b&gt;" in body
        assert 'action="/manage/halls/new-point/hours"' in body
        below = sent(
            web, "/manage/halls/new-point", KEEPER, "/manage/halls/new-point/hours", hours__friday="09:00-12:00"
        )  # fmt: skip
        assert below.status == 303

        assert self.act(web, "install", window=f"{HALL}-9", name="9").status == 303
        assert f"{HALL}-9" in looked(web, f"/manage/halls/{HALL}", KEEPER).body.decode()

    def test_hours_have_exceptions(self, web: Any, house: House) -> None:
        assert self.act(web, "hours", hours__monday="09:00-12:00 13:30-17:00").status == 303
        assert self.act(web, "hours", hours__monday="at nine").status == 422
        assert self.act(web, "except", on="2030-05-01", reason="x").status == 303
        found = house.client().ask(GetHall(hall=HALL))
        assert found["hours"]["monday"] == [["09:00", "12:00"], ["13:30", "17:00"]]
        assert found["exceptions"][-1]["reason"] == "x"
        assert self.act(web, "lift", on="2030-05-01").status == 303

    def test_queues_slots_residency_seats_and_mouths_are_set(self, web: Any) -> None:
        for act, fields in (
            ("queue", {"rules__0__prefix": "A", "rules__0__zone": "z", "priorities": ["elderly"], "calls": "3",
                       "priority_run": "2"}),
            ("slots", {"rules__0__opens": "09:00", "rules__0__closes": "11:00", "rules__0__minutes": "30",
                       "rules__0__capacity": "2", "days_ahead": "7", "grace_minutes": "20"}),
            ("move-in", {"item_ids": "CY01", "business": "handle"}),
            ("move-out", {"item_ids": "CY01", "reason": "x"}),
            ("seat", {"organisation": "scjg"}),
            ("unseat", {"organisation": "scjg"}),
            ("mouth", {"theme": "CY", "level": "county"}),
        ):  # fmt: skip
            answer = self.act(web, act, **fields)
            assert answer.status == 303, (act, re.findall(r"<main.*?</main>", answer.body.decode(), re.DOTALL))

    def test_a_hall_closes_with_a_replacement_and_reopens(self, web: Any) -> None:
        closed = self.act(web, "close", replacement=ANOTHER, reason="repairs")
        assert closed.status == 303
        assert self.act(web, "reopen").status == 303

    def test_halls_of_others_are_shown_and_not_offered(self, web: Any) -> None:
        body = looked(web, f"/manage/halls/{ANOTHER}", KEEPER).body.decode()
        assert f'action="/manage/halls/{ANOTHER}/' not in body


class TestArrangement:
    """What is set is shown in the forms, and nobody replaces what they have not seen."""

    def test_the_forms_show_what_is_set_and_keep_all_of_it(self, web: Any, house: House) -> None:
        where = f"/manage/halls/{HALL}"
        keeper = house.client(Caller(by=KEEPER, org="zcjg", hall=HALL, roles=("manager",)))
        zones = tuple(ZoneRule(f"zone-{letter}", letter, ("CY",) if letter == "A" else ()) for letter in "ABCDEFGH")
        keeper.command(ArrangeQueue(hall=HALL, zones=zones, priorities=("elderly",), priority_run=7, calls=9))
        rules = (SlotRule("09:00", "11:00", 30, 2, "zone-A", ("CY",)), SlotRule("14:00", "16:00", 20, 1))
        keeper.command(ArrangeSlots(hall=HALL, rules=rules, days_ahead=5, grace_minutes=10))
        before = keeper.ask(GetArrangement(hall=HALL))

        for act in ("queue", "slots"):
            fields = shown(looked(web, where, KEEPER).body.decode(), f"{where}/{act}")
            assert sent(web, where, KEEPER, f"{where}/{act}", **fields).status == 303

        assert keeper.ask(GetArrangement(hall=HALL)) == before

    def test_what_somebody_else_has_set_meanwhile_is_not_replaced(self, web: Any, house: House) -> None:
        where = f"/manage/halls/{HALL}"
        keeper = house.client(Caller(by=KEEPER, org="zcjg", hall=HALL, roles=("manager",)))
        for act, changed in (
            ("queue", ArrangeQueue(hall=HALL, calls=4)),
            ("slots", ArrangeSlots(hall=HALL, rules=(), days_ahead=3)),
        ):
            fields = shown(looked(web, where, KEEPER).body.decode(), f"{where}/{act}")
            keeper.command(changed)
            before = keeper.ask(GetArrangement(hall=HALL))

            fields |= {"calls": "8"} if act == "queue" else {"days_ahead": "8"}
            answer = sent(web, where, KEEPER, f"{where}/{act}", by_script=True, **fields)

            assert (answer.status, answer.json["code"]) == (412, "stale")
            assert keeper.ask(GetArrangement(hall=HALL)) == before
            fields |= shown(looked(web, where, KEEPER).body.decode(), f"{where}/{act}") | fields
            fresh = shown(looked(web, where, KEEPER).body.decode(), f"{where}/{act}")["revision"]
            assert sent(web, where, KEEPER, f"{where}/{act}", **{**fields, "revision": fresh}).status == 303

    def test_who_does_not_manage_the_hall_does_not_ask(self, web: Any) -> None:
        where = f"/api/v1/halls/{HALL}/arrangement"

        assert web("GET", where, caller=KEEPER).status == 200
        assert web("GET", where, caller=OPERATOR).status == 200
        assert web("GET", where, caller="manager-gong").json["code"] == "out-of-scope"
        assert web("GET", where, caller=CLERK).json["code"] == "not-your-role"
        assert web("GET", "/api/v1/halls/nowhere/arrangement", caller=OPERATOR).status == 404


class TestStaff:
    def test_a_session_an_examination_and_a_qualification_that_is_taken_back(self, web: Any) -> None:
        theirs = "/manage/staff/clerk-new"
        recorded = sent(
            web, "/manage/staff", TRAINER, "/manage/trainings", qualification="q", held_on="2026-01-05",
            trainer=TRAINER, training="t-1", attended="clerk-new clerk-other",
        )  # fmt: skip
        assert recorded.status == 303, recorded.body.decode()
        qualified = sent(
            web, theirs, TRAINER, f"{theirs}/qualify", qualification="q", exam="e", valid_until="2099-01-01"
        )
        assert qualified.status == 303
        body = looked(web, theirs, TRAINER).body.decode()
        assert "t-1" in body
        assert "2099-01-01" in body
        listed = "/manage/staff?qualification=q"
        eventually(lambda: "2099-01-01" in looked(web, listed, TRAINER).body.decode())
        assert "2099-01-01" in looked(web, f"{listed}&ending_before=2099-01-02", TRAINER).body.decode()
        assert "2099-01-01<" not in looked(web, f"{listed}&ending_before=2099-01-01", TRAINER).body.decode()

        assert sent(web, theirs, TRAINER, f"{theirs}/withdraw", qualification="q", reason="x").status == 303

    def test_trainings_are_listed_each_with_those_who_took_part(self, web: Any, house: House) -> None:
        today = local_date(house.host("gateway").instance.backend.now())
        fields = {"qualification": "q-list", "held_on": str(today), "trainer": TRAINER, "training": "t-list"}
        where = "/manage/trainings/t-list"
        made = sent(web, "/manage/staff", TRAINER, "/manage/trainings", attended="clerk-a", **fields)
        assert made.headers["Location"] == where

        added = sent(web, where, TRAINER, where, attended="clerk-b,clerk-a")
        assert added.status == 303, added.body.decode()
        nobody = sent(web, where, TRAINER, where, attended=" ", by_script=True)
        assert list(nobody.json["data"]["errors"]) == ["attended"]

        body = looked(web, where, MANAGER).body.decode()
        assert re.findall(r'"/manage/staff/(clerk-.)"', body) == ["clerk-a", "clerk-b"]
        for address, is_listed in (
            ("/manage/staff", True),
            ("/manage/trainings", True),
            ("/manage/trainings?qualification=q-list", True),
            ("/manage/trainings?qualification=other", False),
            (f"/manage/trainings?since={today + timedelta(days=1)}", False),
        ):
            body = whole(Visitor(web, TRAINER), address)
            assert (f'href="{where}"' in body) == is_listed, address
        assert looked(web, "/manage/trainings/t-nobody-held", TRAINER).status == 404

    def test_nobody_is_offered_to_record_themselves(self, web: Any) -> None:
        body = looked(web, f"/manage/staff/{TRAINER}", TRAINER).body.decode()
        assert "/qualify" not in body


def test_what_is_over_is_so_by_the_day_in_china(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    caller, answer = Caller(by="x"), {"attended": [], "standing": {}, "status": "made", "history": [], "terms": {}}
    house = SimpleNamespace(
        now=lambda: datetime(2026, 12, 31, 16, 30, tzinfo=UTC),
        for_=lambda _: SimpleNamespace(ask=lambda _: answer),
    )
    req: Any = SimpleNamespace(context=SimpleNamespace(names=None))
    for module in (staff, grants):
        monkeypatch.setattr(module, "enter", lambda *_: caller)
        monkeypatch.setattr(module, "show", lambda *_, **shown: told.append(shown["today"]))
    monkeypatch.setattr(staff, "_qualifications", lambda _: ())
    pages: Any = (staff.Member(house), grants.Grant(house))  # type: ignore[arg-type]

    for each in pages:
        each.on_get(req, None, "x")

    assert told == ["2027-01-01"] * 2


class TestEditions:
    TEXT = (
        "amends: CY\neffective: {from: '2026-01-01'}\n"
        "override: {items: {CY01: {promised: {days: 3, placeholder: true}}}}\n"
    )

    def drafted(self, web: Any, text: str = TEXT, name: str = "e-web", **more: str) -> Any:
        fields = {"edition": name, "title": "faster", "documents__0__name": "faster.yaml", "documents__0__text": text}
        return sent(web, "/manage/editions/new", MANAGER, "/manage/editions/new", **fields, **more)

    def test_what_is_wrong_is_told_with_its_place_and_nothing_is_lost(self, web: Any) -> None:
        answer = self.drafted(web, "theme: [\n<script>", "e-wrong")
        body = answer.body.decode()
        assert "faster.yaml" in body
        assert "&lt;script&gt;" in body

    def test_names_that_no_file_has_are_told_beside_them(self, web: Any) -> None:
        answer = self.drafted(web, self.TEXT, "e-name", documents__1__name="../x", documents__1__text="a: b")
        assert answer.status == 422
        assert "../x" in answer.body.decode() or "document-1" in answer.body.decode()

    def with_files(self, web: Any, *files: tuple[str, bytes], **fields: str) -> Any:
        """The form as a browser sends it that has no script."""
        hidden = dict(re.findall(r'name="(_csrf|_key)" value="([^"]+)"', looked(web, NEW).body.decode()))
        named = {**hidden, "edition": "e-files", "title": "files", **fields}
        parts = [(f'name="{name.replace("__", ".")}"', value.encode()) for name, value in named.items()]
        parts += [(f'name="files"; filename="{name}"', content) for name, content in files or [("", b"")]]
        told = b"--x\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n"
        body = b"".join(told % (about.encode(), content) for about, content in parts) + b"--x--\r\n"
        kind = "multipart/form-data; boundary=x"
        return web("POST", NEW, body, caller=MANAGER, Accept="text/html", Content_Type=kind)

    def test_several_files_become_one_draft(self, web: Any, house: House) -> None:
        other = self.TEXT.replace("CY01", "CJR02").replace("CY", "CJR").replace("days: 3", "days: 9")
        texts = [self.TEXT.encode(), other.encode()]

        checked = self.with_files(web, ("a.yaml", texts[0]), ("b.yaml", texts[1]), only_check="1")
        assert checked.status == 200
        assert "a.yaml" in (body := checked.body.decode())
        assert "CJR02" in body

        typed = {"documents__0__name": "a.yaml", "documents__0__text": "amends: ["}
        answer = self.with_files(web, ("a.yaml", b"\xef\xbb\xbf" + texts[0]), ("b.yaml", texts[1]), **typed)
        assert answer.status == 303, re.findall(r"<main.*?</main>", answer.body.decode(), re.DOTALL)
        found = house.client(Caller(by="m", roles=("manager",))).ask(GetEdition(edition="e-files", documents=True))
        assert sorted(found["documents"]) == ["a.yaml", "b.yaml"]

    @pytest.mark.parametrize(
        ("files", "said"),
        [
            ([("rules.yaml", "规则：".encode("gbk"))], "UTF-8"),
            ([("../x y.yaml", b"a: b")], ".yaml"),
            ([("whole.json", b"{}"), ("a.yaml", b"a: b")], ".json"),
            ([(f"d{n}.yaml", b"a: b") for n in range(101)], "文档太多"),
            ([], "请填写"),
        ],
    )
    def test_files_that_no_edition_can_be_made_of_are_told(
        self, web: Any, files: list[tuple[str, bytes]], said: str
    ) -> None:
        answer = self.with_files(web, *files)
        assert answer.status == 422
        told = re.search(r'id="f-files-error">([^<]+)', answer.body.decode())
        assert told
        assert said in told[1]

    def test_what_is_larger_than_a_form_may_be_is_told_with_the_bound(self, web: Any) -> None:
        page = looked(web, NEW).body.decode()
        assert f'data-most="{4 << 20}"' in page
        assert "不超过 4 MB" in page
        assert self.with_files(web, ("a.yaml", b"# " + b"x" * (3 << 20)), only_check="1").status == 200
        assert self.with_files(web, ("a.yaml", b"x" * (4 << 20))).status == 413

    def test_a_whole_catalogue_is_checked_by_itself(self, web: Any, tmp_path: Path) -> None:
        whole = catalogue.load("990102")
        catalogue.export(whole, tmp_path / "whole.json")

        answer = self.with_files(web, ("whole.json", (tmp_path / "whole.json").read_bytes()), only_check="1")

        assert answer.status == 200, re.findall(r"<main.*?</main>", answer.body.decode(), re.DOTALL)
        assert f"<p><code>{whole.version}</code></p>" in answer.body.decode()

    def test_it_is_checked_drafted_tried_compared_and_published_by_somebody_else(self, web: Any, house: House) -> None:
        assert self.drafted(web, only_check="1").status == 200
        answer = self.drafted(web)
        assert answer.status == 303, re.findall(r"<main.*?</main>", answer.body.decode(), re.DOTALL)
        where = "/manage/editions/e-web"
        for page in ("", "/draft", "/preview", "/preview?theme=CY&a.licence=none", "/comparison", "/impact"):
            for language in ("zh", "en"):
                looks = looked(web, f"{where}{page}{'&' if '?' in page else '?'}lang={language}")
                assert looks.status == 200, page
        assert "CY01" in looked(web, f"{where}/comparison").body.decode()

        assert sent(web, where, MANAGER, f"{where}/propose").status == 303
        assert f'action="{where}/publish"' not in looked(web, where).body.decode()
        edition = house.client(Caller(by="p", roles=("publisher",))).ask(GetEdition(edition="e-web"))
        assert f'action="{where}/publish"' in looked(web, where, PUBLISHER).body.decode()
        assert sent(web, where, MANAGER, f"{where}/publish", version=edition["version"]).status == 403
        done = sent(web, where, PUBLISHER, f"{where}/publish", version=edition["version"], document="no. 1")
        assert done.status == 303
        assert "no. 1" in looked(web, where).body.decode()
        assert looked(web, f"{where}/impact").status == 200

    def test_a_draft_is_given_up_with_a_reason(self, web: Any) -> None:
        assert self.drafted(web, self.TEXT.replace("days: 3", "days: 2"), "e-gone").status == 303
        where = "/manage/editions/e-gone"
        assert sent(web, where, MANAGER, f"{where}/withdraw", reason="x").status == 303


class TestLosses:
    def test_whoever_manages_a_hall_sees_its_missing_originals_and_no_other_halls(self, web: Any) -> None:
        body = looked(web, f"/manage/losses?hall={HALL}", KEEPER).body.decode()
        assert f'<option value="{HALL}" selected' in body
        assert f'<option value="{ANOTHER}"' not in body
        other = looked(web, f"/manage/losses?hall={ANOTHER}", KEEPER).body.decode()
        assert f'<option value="{HALL}" selected' in other
        assert looked(web, "/manage/losses", AUDITOR).status == 200


@pytest.mark.parametrize("section", ["grants", "staff", "trainings", "editions", "losses", "parked"])
def test_a_live_region_is_read_again_without_what_is_around_it(web: Any, section: str) -> None:
    whole = looked(web, f"/manage/{section}?lang=en").body.decode()
    region = re.search(r'data-src="([^"]+)"', whole)
    assert region

    again = web("GET", unescape(region[1]), caller=MANAGER, X_Fragment="1").body.decode()

    assert "<html" not in again
    assert plain(again) in plain(whole)


def plain(page: str) -> str:
    """A page without what is another one in every answer."""
    return re.sub(r'\s+|name="_\w+" value="[^"]+"', "", page)


class TestParked:
    def test_who_only_looks_is_offered_nothing(self, web: Any) -> None:
        assert "/redrive" not in looked(web, "/manage/parked", AUDITOR).body.decode()

    def test_a_case_that_is_not_parked_is_no_secret_and_no_fault(self, web: Any) -> None:
        page = "/manage/halls"
        assert sent(web, page, MANAGER, "/manage/parked/intake/nothing/redrive").status == 403
        assert sent(web, page, OPERATOR, "/manage/parked/intake/nothing/discard", reason="").status == 422
        assert sent(web, page, OPERATOR, "/manage/parked/nobody/nothing/redrive").status == 404


class TestTimes:
    def test_a_hall_has_waiting_times_and_a_screen_said_something_or_nothing(self, web: Any) -> None:
        assert looked(web, "/manage/times?hall=test-hall").status == 200
        assert looked(web, "/manage/screens?screen=test-hall.wall&at=2026-01-01T10:00").status == 200
        assert looked(web, "/manage/screens?screen=test-hall.wall&at=noon").status == 200


def test_stretches_of_a_day_are_read_as_they_are_written() -> None:
    assert read_spans("") == ()
    assert read_spans("nine") is None
    hours = {"monday": [["09:00", "12:00"], ["13:30", "17:00"]]}
    assert [(span.opens, span.closes) for span in read_spans(written(hours)["monday"]) or ()] == [
        ("09:00", "12:00"),
        ("13:30", "17:00"),
    ]


def test_an_instant_without_a_zone_is_chinas() -> None:
    assert str(moment("2026-01-01T10:00")) == "2026-01-01 10:00:00+08:00"
    assert moment("noon") is None
