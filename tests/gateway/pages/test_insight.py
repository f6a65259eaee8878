"""The pages of numbers: for whom they are, in both languages, as files, and what people tell insight by them."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import HALL, Journey
from contracts.delegation import ListGrants
from contracts.insight import (
    BeginImport,
    FinishImport,
    ImportCase,
    ImportCounts,
    ImportedEvent,
    ImportNumbers,
    QuarantinedRow,
    QuarantineRows,
)
from contracts.language import Caller
from gateway.pages.insight import numbers
from gateway.pages.insight.charts import Month, line
from gateway.pages.insight.suggesting import suggested
from testkit.house import House, eventually
from testkit.lists import every

CATALOGUE = catalogue.load("990102")
THEME = CATALOGUE.theme("XSE")
AUDITOR, MANAGER = "auditor-shi", "manager-li"
PAGES = (
    "/insight",
    "/insight/themes",
    "/insight/halls",
    "/insight/improvements",
    "/insight/indicators/joint_handling?by=theme",
    "/insight/indicators/handling_time?by=month",
    "/insight/indicators/single_items/inside",
    "/insight/indicators/population",
    "/insight/indicators/handling_time/on_time/trend",
    "/insight/indicators/upper_bound/key_cases/trend?begins=2024-01-01&ends=2025-12-31",
    "/insight/suppose",
    "/insight/analyses",
    "/insight/themes/XSE",
    "/insight/halls/county-hall",
    "/insight/imports",
)


def read(web: Any, path: str, caller: str | None = AUDITOR) -> Any:
    return web("GET", path, caller=caller, Accept="text/html")


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    made = Journey(house.client(), CATALOGUE, THEME, happy_answers(THEME))
    made.register()
    made.patiently(made.reviews)
    return made


@pytest.fixture
def counted(web: Any, journey: Journey) -> Journey:
    file = "/insight/indicators/single_items/inside?format=csv"  # all facts; a page shows the first hundred
    eventually(lambda: journey.case_id in read(web, file).body.decode())
    return journey


@pytest.mark.parametrize("path", PAGES)
def test_it_is_for_managers_and_auditors(web: Any, path: str) -> None:
    assert read(web, path, None).status == 303
    assert read(web, path, "clerk-zhao").status == 403


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_both_languages(web: Any, counted: Journey, path: str, language: str) -> None:
    answer = read(web, f"{path}{'&' if '?' in path else '?'}lang={language}")

    assert answer.status == 200
    assert "insight_" not in re.sub(r'"[^"]*"', "", answer.body.decode())  # no word is missing


def test_other_rules_are_supposed_on_a_page_and_as_a_file(web: Any, house: House, journey: Journey) -> None:
    grants = [each["grant"] for each in every(house.client(), ListGrants(grantee=HALL))]
    changes = "\n".join(f'themes/XSE/items/{item.id}/promised={{"days": 200}}' for item in THEME.items)
    asked = {"changes": changes, "grants": "\n".join(f"{each}=null" for each in grants), "theme": "XSE"}
    number = journey.case()["number"]
    eventually(lambda: number in read(web, f"/insight/suppose?{urlencode(asked)}").body.decode())

    for language, words in (("zh", "没有授权"), ("en", "there is no grant")):
        told = read(web, f"/insight/suppose?{urlencode(asked | {'lang': language})}").body.decode()
        assert words in told
        assert "suppose_" not in re.sub(r'"[^"]*"', "", told)
    file = read(web, f"/insight/suppose?{urlencode(asked | {'format': 'csv'})}").body.decode("utf-8-sig")
    kinds = {row["kind"] for row in csv.DictReader(io.StringIO(file))}
    assert {"promised_due", "accept", "load"} <= kinds
    same = read(web, "/insight/suppose?off=&grants=" + quote("\n".join(f"{each}={{}}" for each in grants)))
    assert "没有不同的案件" in same.body.decode()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("changes=x", "x: NAME=JSON"),
        ("grants=%7B%7D", "{}: NAME=JSON"),
        ("grants=g%3D1", "Expected `object | null`, got `int`"),
        ("off=soon", "Invalid isoformat string: 'soon'"),
        ("on=soon&off=2026-01-01", "Invalid isoformat string: 'soon'"),
        ("off=2026-01-01&working=2026-01-01", "2026-01-01"),
    ],
)
def test_what_cannot_be_supposed_is_said_at_its_field(web: Any, asked: str, said: str) -> None:
    told = unescape(read(web, f"/insight/suppose?{asked}").body.decode())

    assert 'aria-invalid="true"' in told
    assert said in told


@pytest.mark.parametrize(("language", "said"), [("zh", "材料齐全"), ("en", "with all materials")])
def test_what_a_number_counts_is_told_in_words(web: Any, counted: Journey, language: str, said: str) -> None:
    page = read(web, f"/insight/indicators/single_items/inside?lang={language}").body.decode()

    assert f'<span class="quiet">{said}</span>' in page
    assert "whole" not in page


@pytest.mark.parametrize(("language", "said"), [("zh", "材料齐全"), ("en", "with all materials")])
def test_the_file_of_what_a_number_counts_has_all_of_it_in_words(
    web: Any, counted: Journey, language: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "ROWS", 1)
    monkeypatch.setattr(numbers, "IN_A_FILE", 2)
    text = read(web, f"/insight/indicators/single_items/inside?lang={language}&format=csv").body.decode("utf-8-sig")
    mine = [row for row in csv.DictReader(io.StringIO(text)) if row["case_id"] == counted.case_id]

    assert len(counted.selection.selected) > 3
    assert sorted(row["item"] for row in mine) == sorted(counted.selection.selected)
    assert {(row["kind"], row["label"]) for row in mine} == {("accepted", said)}


def test_the_overview_has_all_of_them_and_says_what_has_no_source(web: Any) -> None:
    told = read(web, "/insight").body.decode()

    assert len(set(re.findall(r"/insight/indicators/(\w+)", told))) == 26
    assert "无数据来源" in told


def test_a_table_is_a_file_too(web: Any, counted: Journey) -> None:
    answer = read(web, "/insight?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))

    assert "text/csv" in answer.headers["content-type"]
    assert [int(row["no"]) for row in rows] == list(range(1, 27))
    assert float(rows[2]["value"]) >= len(counted.selection.selected)


def test_analyses_and_a_trend_are_files_too(web: Any, counted: Journey) -> None:
    analyses = read(web, "/insight/analyses?format=csv").body.decode("utf-8-sig")
    trend = read(web, "/insight/indicators/single_items/inside/trend?format=csv").body.decode("utf-8-sig")
    improvements = read(web, "/insight/improvements?format=csv").body.decode("utf-8-sig")

    assert improvements.startswith("improvement,on,lever,indicator,figure,")
    assert {row["of"] for row in csv.DictReader(io.StringIO(analyses))} >= {"opened", "accepted"}
    assert [row["kind"] for row in csv.DictReader(io.StringIO(trend))] == [*[""] * 24, *["forecast"] * 3]


def test_a_trend_is_drawn_with_what_is_foreseen(web: Any, house: House) -> None:
    rows = [
        f"key_cases,{year}-{month:02}-01,{year}-{month:02}-28,{100 + month}"
        for year in (2024, 2025)
        for month in range(1, 13)
    ]
    report = ImportNumbers(
        report="months", source="台账", dated_on=date(2026, 1, 5), csv="\n".join(["kind,begins,ends,value", *rows])
    )
    house.client().as_(Caller(by="m", roles=("operator",))).command(report)
    path = "/insight/indicators/upper_bound/key_cases/trend?begins=2024-01-01&ends=2025-12-31"

    told = eventually(lambda: "平均误差" in (body := read(web, path).body.decode()) and body)

    assert told.count("<polyline") == 2
    assert "2026-01" in told


def test_a_trend_of_something_that_has_none_is_refused(web: Any, counted: Journey) -> None:
    assert read(web, "/insight/indicators/first_time_complete/by_material/trend").status == 422


def test_a_month_opens_into_its_own_facts(web: Any, counted: Journey) -> None:
    told = read(web, "/insight/indicators/single_items?by=month").body.decode()
    months = re.finditer(r"begins=(\d{4}-\d{2})-01&amp;ends=\1-\d{2}[^\"]*part=counted", told)

    files = [f"/insight/indicators/single_items/inside?{unescape(each[0])}&format=csv" for each in months]
    assert [counted.case_id in read(web, each).body.decode() for each in files].count(True) == 1


class TestSuggestions:
    TOLD: ClassVar[Any] = {
        "kind": "bottleneck",
        "lever": "process",
        "name": {"zh": "等待", "en": "wait"},
        "says": {"zh": "XSE01 → XSE02：5 次", "en": "XSE01 → XSE02: 5 times"},
        "of": "XSE01 → XSE02",
        "cites": [
            {
                "indicator": "handling_time", "figure": "edge_days", "name": {}, "unit": "days", "by": "",
                "number": {"of": "XSE01 → XSE02", "value": 2.5},
            }
        ],
    }  # fmt: skip

    class Names:
        def item(self, item: str) -> str:
            return THEME.item(item).name

    def test_codes_are_said_by_name_and_numbers_are_linked(self) -> None:
        (found,) = suggested({"suggestions": [self.TOLD]}, self.Names(), "zh")  # type: ignore[arg-type]

        first, second = THEME.item("XSE01").name, THEME.item("XSE02").name
        assert found["text"] == f"{first} → {second}：5 次"
        assert (found["moves"], found["cites"][0]["value"]) == ("handling_time/edge_days", "2.50")
        assert found["cites"][0]["of"] == f"{first} → {second}"


class TestLines:
    def test_a_gap_is_a_gap_and_what_is_foreseen_goes_on_from_the_last(self) -> None:
        known = [Month("a", 1, "1"), Month("b", None, ""), Month("c", 2, "2"), Month("d", 4, "4")]

        drawn = line(known, [Month("e", 5, "5", 3, 8)], "8")

        assert drawn is not None
        assert [path.count(",") for path in drawn.paths] == [1, 2]
        assert drawn.ahead.split()[0] == drawn.paths[-1].split()[-1]
        assert drawn.foreseen[0].high == drawn.above  # the largest is at the upper edge

    def test_without_numbers_nothing_is_drawn(self) -> None:
        assert line([Month("a", None, "")], [], "") is None
        assert line([], [], "") is None


@pytest.mark.parametrize(
    "path", ["/insight/themes", "/insight/analyses", "/insight/themes/XSE", "/insight/indicators/single_items/inside"]
)
def test_all_numbers_of_a_page_are_by_what_was_known_for_the_first(
    web: Any, counted: Journey, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Facts come while a page asks: what is behind its numbers, and its file, is what was counted."""
    asked: list[Any] = []
    told: list[str] = []
    ask = numbers.Counted.ask

    def heard(self: Any, req: Any, question: Any) -> dict[str, Any]:
        asked.append(question.as_of)
        answer = ask(self, req, question)
        told.append(answer["as_of"])
        return answer

    monkeypatch.setattr(numbers.Counted, "ask", heard)
    page = unescape(read(web, path).body.decode())

    assert len(asked) > 1
    assert {each.isoformat() for each in asked[1:]} == {datetime.fromisoformat(told[0]).isoformat()}
    assert set(told) == {told[0]}
    (file,) = re.findall(r'href="([^"]*format=csv[^"]*)"', page)
    assert urlencode({"as_of": told[0]}) in file


def test_bars_are_told_in_words(web: Any, counted: Journey) -> None:
    told = read(web, "/insight/indicators/single_items?by=item&theme=XSE").body.decode()

    assert '<svg class="chart"' in told
    assert 'role="img"' in told
    name = CATALOGUE.item("XSE01").name
    assert name in told[told.index("<svg") : told.index("</svg>")]


@pytest.mark.parametrize("wrong", ["begins=yesterday", "as_of=x", "begins=2026-02-01&ends=2026-01-01"])
def test_a_period_that_is_none_is_refused(web: Any, wrong: str) -> None:
    assert read(web, f"/insight?{wrong}").status == 422 or read(web, f"/insight?{wrong}").status == 400


@pytest.fixture(scope="module")
def history(house: House) -> str:
    """One case, and two rows that could not be taken."""
    client, name = house.client(Caller(by="operator", roles=("operator",))), "import-1"
    digest = "sha256:" + "0" * 64
    at = datetime(2019, 3, 4, 1, tzinfo=UTC)
    events = tuple(
        ImportedEvent(activity=means, means=means, at=at + timedelta(days=days), items=("CY03",))
        for days, means in ((0, "accepted"), (4, "granted"))
    )
    client.command(BeginImport(history=name, source="old-insight", title="旧审批系统", digest=digest, mapping=digest))
    client.command(
        ImportCase(
            imported="imported-1", history=name, source="old-insight", original="2019-000017", theme="CY", events=events
        )
    )
    rows = (QuarantinedRow(3, "time", "办理时间"), QuarantinedRow(7, "personal", "=编号"))
    client.command(QuarantineRows(quarantine="import-1-1", history=name, rows=rows))
    counts = ImportCounts(rows=4, taken=2, quarantined=2, cases=1, events=2)
    client.command(FinishImport(history=name, counts=counts))
    return name


class TestImports:
    def test_an_auditor_sees_what_came_in_and_what_did_not(self, web: Any, history: str) -> None:
        listed = unescape(read(web, "/insight/imports").body.decode())
        one = unescape(read(web, f"/insight/imports/{history}").body.decode())

        assert f'href="/insight/imports/{history}">旧审批系统' in listed
        assert "共 4 行：导入 2，略过 0，隔离 2" in one
        assert "时间读不出" in one
        assert "含有证件号码或手机号码" in one
        assert "2019-000017" in one
        assert read(web, f"/insight/imports/{history}", "clerk-zhao").status == 403
        assert read(web, "/insight/imports/nothing").status == 404

    def test_the_quarantine_is_narrowed_by_reason_and_column(self, web: Any, history: str) -> None:
        def rows(narrowed: str) -> list[str]:
            page = unescape(read(web, f"/insight/imports/{history}?{narrowed}").body.decode())
            return re.findall(r'class="number">(\d+)</td>\s*<td data-label="列"', page)

        assert (rows(""), rows("reversed=1")) == (["3", "7"], ["7", "3"])
        assert (rows("reason=time"), rows("reason=personal"), rows("reason=day")) == (["3"], ["7"], [])
        assert rows(f"column={quote('办理时间')}") == ["3"]
        assert "没有符合条件的行" in read(web, f"/insight/imports/{history}?reason=day").body.decode()
        assert read(web, f"/insight/imports/{history}?reason=whatever").status == 422

    def test_the_quarantine_is_a_file_without_formulas(self, web: Any, history: str) -> None:
        text = read(web, f"/insight/imports/{history}?format=csv").body.decode("utf-8-sig")

        assert [*csv.reader(io.StringIO(text))] == [
            ["row", "column", "reason", "why"],
            ["3", "办理时间", "time", "时间读不出"],
            ["7", "'=编号", "personal", "含有证件号码或手机号码"],
        ]

    def test_durations_stand_side_by_side(self, web: Any, history: str) -> None:
        def shown() -> bool:
            page = unescape(read(web, "/insight/imports?by=item").body.decode())
            return bool(re.search(r"食品经营许可.*?—.*?>4</strong>", page, re.DOTALL))

        eventually(shown)
