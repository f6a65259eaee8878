"""Which limits hold: against a table typed from the guides, and against an oracle that asks in another order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from catalogue import Catalogue, Item, ItemType, Level, Limit, load
from catalogue.conditions import Answer
from catalogue.limits import limits, limits_of, prolongation_of
from catalogue.rules import Commitment, Route, Rules

COUNTY = load("990102")

Row = tuple[str, dict[str, str], bool, int | None, int | None, int | None]
# item, answers, on a written promise: statutory, promised, prolongation (county's own promises)
TYPED: list[Row] = [
    ("CY01", {}, False, 3, 1, 3),  # 3工作日, 情形复杂再延3工作日
    ("CY03", {}, False, 10, 6, 5),  # 新令78号: 10+5
    ("CY05", {}, False, 13, 13, 10),  # 一般程序: 10检查+3决定
    ("CY05", {}, True, 13, 1, 10),  # 承诺制
    ("CY06", {}, False, 20, 10, 10),
    ("QYBG01", {}, False, 3, 1, 3),
    ("QYZX02", {"tax_free": "no"}, False, 10, 10, None),
    ("QYZX02", {"tax_free": "yes"}, False, 10, 0, None),  # 未办涉税可即时
    ("QYZX02", {"tax_free": "no"}, True, 10, 0, None),  # 容缺即时办理
    ("QYZX03", {}, False, 3, 1, 3),
    ("SDQ01", {"external_line": "none"}, False, None, 3, None),  # 无外线 1+2
    ("SDQ01", {"external_line": "short"}, False, None, 5, None),  # 外线≤200m 1+0+4
    ("SDQ06", {"external_line": "long"}, False, 20, 2, 10),  # 并联审批 2WD
    ("SDQ06", {"external_line": "short"}, False, 20, 0, 10),  # 备案或告知承诺
    ("XYXF02", {}, False, 10, 7, None),
    ("XYXF06", {}, False, 3, 3, None),
    ("YSQY03", {}, False, 20, 1, 10),  # a licence without a limit of its own: 行政许可法 第42条
    ("XSE03", {}, False, None, 3, None),
    ("TX03", {}, False, 60, 30, None),
]


def days(limit: Limit | None) -> int | None:
    return None if limit is None else limit.days


@pytest.mark.parametrize("row", TYPED, ids=lambda row: f"{row[0]}-{'-'.join(row[1].values())}-{row[2]}")
def test_an_item_has_the_limits_that_its_sources_give(row: Row) -> None:
    item_id, answers, committed, *expected = row
    item = COUNTY.item(item_id)

    found = limits_of(COUNTY, item, answers, committed=committed)

    assert [days(found.statutory), days(found.promised), days(prolongation_of(COUNTY, item))] == expected


def an_item(**values: Any) -> Item:
    plain = {"id": "ZZ01", "name": "某事项", "department": "scjg", "level": Level.COUNTY}
    return Item(**{**plain, "item_type": ItemType.LICENCE, **values})


MAYBE = st.none() | st.integers(0, 60).map(lambda n: Limit(days=n, source="X"))
ROUTES = st.lists(
    st.builds(
        Route,
        when=st.sampled_from(("a", "b", "c")).map(lambda value: Answer("q", (value,))),
        statutory=MAYBE,
        promised=MAYBE,
    ),
    max_size=3,
).map(tuple)


ITEMS = st.builds(
    Item,
    id=st.just("ZZ01"),
    name=st.just("某事项"),
    department=st.just("scjg"),
    level=st.just(Level.COUNTY),
    item_type=st.sampled_from(ItemType),
    statutory=MAYBE,
    promised=MAYBE,
    routes=ROUTES,
    commitment=st.none() | st.builds(Commitment, materials=st.just(("m",)), statutory=MAYBE, promised=MAYBE),
)


@given(item=ITEMS, answer=st.sampled_from(("a", "b", "c")), committed=st.booleans())
def test_the_first_that_sets_a_limit_sets_it(item: Item, answer: str, committed: bool) -> None:
    # The oracle lays the weakest word down first and lets each stronger one cover it.
    law, promise = (Rules().decision if item.item_type == "licence" else None), None
    law, promise = item.statutory or law, item.promised or promise
    if committed and item.commitment is not None:
        law, promise = item.commitment.statutory or law, item.commitment.promised or promise
    for route in item.routes:
        if route.when == Answer("q", (answer,)):
            law, promise = route.statutory or law, route.promised or promise
            break

    assert limits(item, {"q": answer}, committed, Rules()) == (law, promise)


def test_a_promise_changes_nothing_where_the_item_knows_of_none() -> None:
    item = COUNTY.item("CY03")

    assert limits_of(COUNTY, item, {}, committed=True) == limits_of(COUNTY, item, {}, committed=False)


def test_the_general_rule_is_the_regions_own() -> None:
    region: Catalogue = replace(
        COUNTY, rules=Rules(decision=Limit(days=15, source="X"), prolongation=Limit(days=4, source="X"))
    )

    assert days(limits_of(region, an_item(), {}).statutory) == 15
    assert days(prolongation_of(region, an_item())) == 4
    assert limits_of(region, an_item(item_type=ItemType.BENEFIT), {}) == (None, None)
    assert prolongation_of(region, an_item(item_type=ItemType.BENEFIT)) is None


def test_an_item_can_rule_a_prolongation_out() -> None:
    assert prolongation_of(COUNTY, an_item(prolongation=Limit(days=0, source="X"))) is None
    assert days(prolongation_of(COUNTY, an_item(prolongation=Limit(days=2, source="X")))) == 2
