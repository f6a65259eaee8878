"""Logs of other systems are read row by row: what the mapping names comes in, what cannot be read is told with its
reason, and nothing else is kept."""

import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts.insight import QuarantinedRow
from mining.mapping import Mapping, MappingInvalid, read
from mining.rows import LONGEST, FileRefused, rows
from mining.taking import Case, Spool, Taking, imported, spool

NOW = datetime(2026, 7, 1, tzinfo=UTC)
MAPPING = """
source: old-county
title: 旧审批系统
format: csv
encoding: gb18030
columns: {case: 办件编号, activity: 环节, at: 时间, item: 事项, theme: 主题, hall: 大厅, department: 部门,
          resource: 经办人, promised_days: 承诺, statutory_due: 法定到期}
time: {format: "%Y-%m-%d %H:%M"}
day: "%Y%m%d"
activities: {收件: received, 受理: accepted, 办结: granted, 打印: ignored}
values:
  item: {食品经营许可: CY03, 户外招牌: CY04}
  theme: {开餐饮店: CY}
  department: {市场监管局: scjg}
attributes:
  fee: {column: 收费, type: number}
  paid: {column: 已缴, type: boolean}
  mood: {column: 评价, type: word, words: {满意: good, 不满意: bad}}
"""
HEAD = "办件编号,环节,时间,事项,主题,大厅,部门,经办人,承诺,法定到期,收费,已缴,评价,申请人\n"
GOOD = "2019-001,受理,2019-03-04 09:30,食品经营许可,开餐饮店,county,市场监管局,李四,5,20190401,12.50,是,满意,张三\n"


def csv(*lines: str, head: str = HEAD) -> io.BytesIO:
    return io.BytesIO((head + "".join(lines)).encode("gb18030"))


def filled(found: Spool, file: io.BytesIO, mapping: Mapping | None = None) -> Spool:
    mapping = mapping or read(MAPPING)
    taking = Taking(mapping, lambda person: f"p-{len(person):012x}", NOW)
    found.fill(rows(file, mapping), taking, lambda _: None)
    return found


@pytest.fixture
def empty() -> Iterator[Spool]:
    with spool() as found:
        yield found


def only(found: Spool) -> Case:
    (case,) = found.cases()
    return case


class TestRows:
    def test_what_is_mapped_comes_in_and_nothing_else(self, empty: Spool) -> None:
        case = only(filled(empty, csv(GOOD)))

        (event,) = case.events
        assert (case.original, case.theme, case.hall) == ("2019-001", "CY", "county")
        assert (event.activity, event.means, event.items, event.department) == ("受理", "accepted", ("CY03",), "scjg")
        assert event.at == datetime(2019, 3, 4, 1, 30, tzinfo=UTC)
        assert (event.promised_days, event.statutory_due) == (5, date(2019, 4, 1))
        assert event.values == (("fee", 12.5), ("paid", True), ("mood", "good"))
        assert event.resource == "p-000000000002"
        assert "张三" not in str(case)
        assert "李四" not in str(case)

    @pytest.mark.parametrize(
        ("was", "instead", "reason", "column"),
        [
            ("2019-001", "", "missing", "办件编号"),
            ("2019-001", "张三", "code", "办件编号"),
            ("2019-001", "11010519491231002X", "personal", "办件编号"),
            ("2019-001", "电话13800138000", "personal", "办件编号"),
            ("2019-001", "1-１３８００１３８０００", "personal", "办件编号"),
            ("受理", "", "missing", "环节"),
            ("受理", "盖章", "activity", "环节"),
            ("2019-03-04 09:30", "2019-02-30 09:30", "time", "时间"),
            ("2019-03-04 09:30", "2205-03-04 09:30", "future", "时间"),
            ("食品经营许可", "张三", "value", "事项"),
            ("county", "张三的大厅", "code", "大厅"),
            (",5,", ",五,", "number", "承诺"),
            (",5,", ",99999,", "number", "承诺"),
            ("20190401", "20190431", "day", "法定到期"),
            ("12.50", "12.5元", "number", "收费"),
            (",是,", ",也许,", "value", "已缴"),
            ("满意", "张三很满意", "value", "评价"),
            (",张三", "", "cells", ""),
        ],
    )
    def test_a_row_that_cannot_be_read_is_told_and_the_rest_is_taken(
        self, empty: Spool, was: str, instead: str, reason: Any, column: str
    ) -> None:
        filled(empty, csv(GOOD.replace(was, instead, 1), GOOD.replace("2019-001", "2019-002")))

        assert [*empty.wrong()] == [QuarantinedRow(2, reason, column)]
        assert (empty.rows, empty.taken, empty.quarantined) == (2, 1, 1)
        assert only(empty).original == "2019-002"

    def test_what_the_mapping_leaves_out_is_counted(self, empty: Spool) -> None:
        filled(empty, csv(GOOD, GOOD.replace("受理", "打印")))

        assert (empty.rows, empty.taken, empty.ignored, empty.quarantined) == (2, 1, 1, 0)

    def test_bytes_of_another_encoding_spoil_their_row_alone(self, empty: Spool) -> None:
        file = io.BytesIO(csv(GOOD).read() + GOOD.encode("gb18030").replace("受理".encode("gb18030"), b"\xff\xff"))

        filled(empty, file)

        assert [*empty.wrong()] == [QuarantinedRow(3, "text", "环节")]
        assert empty.taken == 1

    def test_a_cell_without_end_spoils_no_more_than_it_has_swallowed(self, empty: Spool) -> None:
        filled(empty, csv('2019-009,"' + "x" * 200_000 + "\n", GOOD))

        assert [each.reason for each in empty.wrong()][:1] == ["broken"]

    def test_rows_of_a_case_come_together_in_the_order_of_time(self, empty: Spool) -> None:
        done = GOOD.replace("受理", "办结").replace("03-04", "03-08")
        filled(empty, csv(done, GOOD.replace("2019-001", "2019-000"), GOOD))

        assert [(case.original, [each.activity for each in case.events]) for case in empty.cases()] == [
            ("2019-000", ["受理"]), ("2019-001", ["受理", "办结"]),
        ]  # fmt: skip
        assert [case.original for case in empty.cases(after="2019-000")] == ["2019-001"]

    def test_a_theme_that_is_not_its_case_is_quarantined(self, empty: Spool) -> None:
        mapping = read(MAPPING.replace("{开餐饮店: CY}", "{开餐饮店: CY, 新生儿: XSE}"))
        later = GOOD.replace("03-04", "03-05").replace("开餐饮店", "新生儿")
        filled(empty, csv(GOOD, later, later.replace("03-05", "03-06").replace("新生儿", "")), mapping)

        assert [*empty.wrong()] == [QuarantinedRow(3, "theme")]
        assert (empty.taken, len(only(empty).events)) == (2, 2)

    def test_several_items_in_a_cell_are_several_items(self, empty: Spool) -> None:
        filled(empty, csv(GOOD.replace("食品经营许可", "食品经营许可、户外招牌")))

        assert only(empty).events[0].items == ("CY03", "CY04")

    def test_a_column_that_is_not_there_is_told_before_anything_is_read(self, empty: Spool) -> None:
        with pytest.raises(MappingInvalid) as told:
            filled(empty, csv(GOOD, head=HEAD.replace("环节", "步骤").replace("大厅", "地点")))

        assert len(told.value.problems) == 2
        assert "“大厅”" in told.value.problems[0]

    def test_a_first_line_without_end_is_no_table(self, empty: Spool) -> None:
        with pytest.raises(FileRefused):
            filled(empty, csv(GOOD, head='"' + "x" * 200_000))

    @pytest.mark.parametrize("head", [HEAD, ""], ids=["a row", "the first row"])
    @pytest.mark.parametrize("part", ["x" * 100, '"x\n",' * 20], ids=["of one line", "of many lines"])
    def test_a_row_without_end_is_refused_before_it_fills_the_memory(self, empty: Spool, head: str, part: str) -> None:
        file = csv(part * (20 * LONGEST // len(part)), head=head)
        tracemalloc.start()

        with pytest.raises(FileRefused, match=str(LONGEST)):
            filled(empty, file)

        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 16 * LONGEST, most

    def test_a_longer_log_takes_no_more_memory(self) -> None:
        def peak(cases: int) -> int:
            file = csv(*(GOOD.replace("2019-001", f"2019-{n:06}") for n in range(cases)))
            tracemalloc.start()
            with spool() as found:
                filled(found, file)
                assert sum(1 for _ in found.cases()) == cases
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return most

        peak(10)
        short, long = peak(2_000), peak(6_000)

        assert long < short * 1.2, (short, long)


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xmlns="http://www.xes-standard.org/">
<string key="concept:name" value="a log"/>
<trace><string key="concept:name" value="c1"><string key="nested" value="x"/></string><string key="theme" value="CY"/>
<event><string key="concept:name" value="受理"/><date key="time:timestamp" value="2019-03-04T09:30:00+08:00"/></event>
<event><string key="concept:name" value="办结"/><date key="time:timestamp" value="2019-03-08T09:30:00Z"/></event>
</trace>
<trace><string key="concept:name" value="c2"/>
<event><string key="concept:name" value="受理"/><date key="time:timestamp" value="yesterday"/></event></trace>
</log>"""
XES_MAPPING = """
source: old-county
format: xes
columns: {case: "case:concept:name", activity: "concept:name", at: "time:timestamp", theme: "case:theme"}
activities: {受理: accepted, 办结: granted}
"""


class TestXes:
    def of(self, found: Spool, text: str) -> Spool:
        return filled(found, io.BytesIO(text.encode()), read(XES_MAPPING))

    def test_traces_are_cases_and_what_they_say_holds_for_their_events(self, empty: Spool) -> None:
        case = only(self.of(empty, XES))

        assert (case.original, case.theme, [each.activity for each in case.events]) == ("c1", "CY", ["受理", "办结"])
        assert [each.at.hour for each in case.events] == [1, 9]
        assert [*empty.wrong()] == [QuarantinedRow(3, "time", "time:timestamp")]

    def test_a_log_that_ends_in_the_middle_is_taken_up_to_there(self, empty: Spool) -> None:
        self.of(empty, XES[: XES.index('<event><string key="concept:name" value="办结"')])

        assert len(only(empty).events) == 1
        assert [*empty.wrong()] == [QuarantinedRow(2, "broken")]

    def test_entities_are_refused_before_they_expand(self, empty: Spool) -> None:
        bomb = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        outside = '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

        for evil in (bomb, outside, "<!DOCTYPE log>"):
            with pytest.raises(FileRefused):
                self.of(empty, XES.replace("?>\n", "?>\n" + evil).replace("a log", "&b;"))

    def test_another_encoding_is_what_the_mapping_says(self, empty: Spool) -> None:
        mapping = read(XES_MAPPING + "encoding: gb18030\n")

        filled(empty, io.BytesIO(XES.replace("UTF-8", "GB18030").encode("gb18030")), mapping)

        assert [each.activity for each in only(empty).events] == ["受理", "办结"]


class TestMapping:
    def test_everything_that_is_wrong_is_told_at_once(self) -> None:
        with pytest.raises(MappingInvalid) as told:
            read("""
title: {a: b}
format: xlsx
encoding: big5
delimiter: ";;"
kolumns: {}
columns: {case: a, at: b, applicant: c}
fixed: {theme: 开餐饮店, channel: window}
time: {format: ISO, zone: Mars/Olympus}
activities: {受理: taken}
others: whatever
values: {item: {x: "张 三"}, resource: {}}
attributes: {reason: {column: r, type: text}, mood: {type: word}}
""")

        problems = "\n".join(told.value.problems)
        for name in (
            "source：", "title：", "format：", "encoding：", "delimiter：", "kolumns：", "columns.applicant：",
            "columns.activity：", "fixed.theme：", "time.format：", "time.zone：", "activities.受理：", "others：",
            "values.item.x：", "values.resource：", "attributes.reason.type：", "attributes.mood.words：",
            "attributes.mood.column：",
        ):  # fmt: skip
            assert name in problems, name
        assert len(told.value.problems) == 18

    @pytest.mark.parametrize("text", ["[", "a", "", "- a"])
    def test_what_is_no_table_is_no_mapping(self, text: str) -> None:
        with pytest.raises(MappingInvalid):
            read(text)

    def test_zones_are_offsets_or_names(self) -> None:
        for zone in ("+08:00", "Asia/Shanghai", ""):
            made = read(MAPPING.replace('%H:%M"}', f'%H:%M", zone: "{zone}"}}'))
            assert datetime(2019, 3, 4, tzinfo=made.zone).utcoffset() == datetime(2019, 3, 4, 8, tzinfo=UTC) - datetime(
                2019, 3, 4, tzinfo=UTC
            )


def test_a_case_has_the_same_id_in_every_import_and_another_in_another_source() -> None:
    assert imported("a", "1") == imported("a", "1")
    assert len({imported("a", "1"), imported("b", "1"), imported("a", "2"), imported("a1", "")}) == 4
