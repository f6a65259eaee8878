"""What the law does not allow is found when a catalogue is checked; each case shows one fault."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from catalogue import Catalogue, Limit, check, load
from catalogue.conditions import ALWAYS, NEVER, Answer, Selected
from catalogue.model import EntryPoint, Tolerance
from catalogue.rules import (
    Commitment,
    Comprehensive,
    Fee,
    Period,
    Retention,
    Route,
    SpecialProcedure,
    Verification,
    Wait,
)

COUNTY = load("990102")
LONG = Limit(days=99, source="X")
SOON = Limit(days=5, source="X")
WAIT = Wait(id="w", name="公示", days=20, source="X")
DATED = replace(WAIT, after="field", field="announced_on")


def with_item(item_id: str, **values: Any) -> Catalogue:
    theme = next(each for each in COUNTY.themes.values() if any(item.id == item_id for item in each.items))
    items = tuple(replace(item, **values) if item.id == item_id else item for item in theme.items)
    return with_theme(theme.id, items=items)


def with_theme(theme_id: str, **values: Any) -> Catalogue:
    return replace(COUNTY, themes={**COUNTY.themes, theme_id: replace(COUNTY.theme(theme_id), **values)})


def promise(**values: Any) -> Commitment:
    return Commitment(**{"materials": ("food_safety_rules",), "verify_within": SOON, **values})


def licence(**values: Any) -> Comprehensive:
    shipped = COUNTY.theme("CY").comprehensive
    assert shipped is not None
    return replace(shipped, **values)


FAULTS: dict[str, tuple[Callable[[], Catalogue], str, str]] = {
    "a term from an expiry that nothing says": (
        lambda: with_item("CY03", retention=Retention(years=5, counted_from="expiry", source="X")),
        "CY/CY03/retention",
        "names a validity exactly if it is counted from the expiry",
    ),
    "a validity that nothing is counted from": (
        lambda: with_item("CY03", retention=Retention(years=5, validity=5, source="X")),
        "CY/CY03/retention",
        "names a validity exactly if it is counted from the expiry",
    ),
    "a term from the expiry of no certificate": (
        lambda: with_item(
            "CY08", retention=Retention(years=5, counted_from="expiry", validity=5, source="X"), outputs=()
        ),
        "CY/CY08/retention",
        "yields no certificate from whose expiry",
    ),
    "a promise over the law on a route": (
        lambda: with_item("CY03", routes=(Route(when=Answer("licence", ("held",)), promised=LONG),)),
        "CY/CY03/routes/0",
        "promised limit of 99 working days exceeds the statutory 10",
    ),
    "a route that shortens only the law": (
        lambda: with_item(
            "CY03", routes=(Route(when=Answer("licence", ("held",)), statutory=Limit(days=5, source="X")),)
        ),
        "CY/CY03/routes/0",
        "exceeds the statutory 5",
    ),
    "a promise over the law by commitment": (
        lambda: with_item("CY03", commitment=promise(promised=LONG)),
        "CY/CY03/commitment",
        "exceeds the statutory 10",
    ),
    "a promise over the general rule": (
        lambda: with_item("YSQY03", promised=LONG),
        "YSQY/YSQY03",
        "exceeds the statutory 20",
    ),
    "a commitment for a material of another item": (
        lambda: with_item("CY03", commitment=promise(materials=("photo",))),
        "CY/CY03",
        "no photo",
    ),
    "a commitment that saves nothing": (
        lambda: with_item("CY03", commitment=promise(materials=())),
        "CY/CY03/commitment",
        "the place of no material",
    ),
    "a commitment that nobody verifies": (
        lambda: with_item("CY03", commitment=promise(verify_within=None)),
        "CY/CY03/commitment",
        "no limit says by when",
    ),
    "an excluded commitment with terms": (
        lambda: with_item("CY03", commitment=promise(excluded="直接涉及人身健康")),
        "CY/CY03/commitment",
        "can not go by commitment (直接涉及人身健康)",
    ),
    "a wait from a field that is not there": (
        lambda: with_item("QYZX03", waits=(replace(DATED, field="born_on"),)),
        "QYZX/QYZX03",
        "no born_on",
    ),
    "a wait from a field that is no date": (
        lambda: with_item("QYZX03", waits=(replace(DATED, field="uscc"),)),
        "QYZX/QYZX03/waits/w",
        "no date field",
    ),
    "a wait from a field of another item": (
        lambda: with_item("QYZX04", waits=(DATED,)),
        "QYZX/QYZX04/waits/w",
        "公告日期 is no date field of this item",
    ),
    "a wait from a field without one": (
        lambda: with_item("QYZX03", waits=(replace(DATED, field=""),)),
        "QYZX/QYZX03/waits/w",
        "exactly if it begins on the day in a field",
    ),
    "a field for a wait that begins elsewhere": (
        lambda: with_item("QYZX03", waits=(replace(DATED, after="accepted"),)),
        "QYZX/QYZX03/waits/w",
        "exactly if it begins on the day in a field",
    ),
    "a wait for the acceptance that begins with it": (
        lambda: with_item("QYZX03", waits=(replace(WAIT, after="accepted", holds="acceptance"),)),
        "QYZX/QYZX03/waits/w",
        "cannot hold it back",
    ),
    "two waits of one name": (
        lambda: with_item("QYZX03", waits=(WAIT, WAIT)),
        "QYZX",
        "w is given twice",
    ),
    "two special procedures of one name": (
        lambda: with_item("CJR01", special_procedures=(SpecialProcedure(id="s", name="评定"),) * 2),
        "CJR",
        "s is given twice",
    ),
    "a route by a question that nobody asks": (
        lambda: with_item("CY03", routes=(Route(when=Answer("weather", ("fine",)), promised=SOON),)),
        "CY/CY03/routes/0",
        "no weather",
    ),
    "a wait by an answer that nobody can give": (
        lambda: with_item("QYZX03", waits=(replace(DATED, when=Answer("method", ("quick",))),)),
        "QYZX/QYZX03/waits/w",
        "no option quick",
    ),
    "a route by the items of the case": (
        lambda: with_item("CY03", routes=(Route(when=Selected("CY01"), promised=SOON),)),
        "CY/CY03/routes/0",
        "not of item CY01",
    ),
    "a fee by the items of the case": (
        lambda: with_item("CY03", fee=Fee(amount="1", basis="X", when=Selected("CY01"))),
        "CY/CY03/fee",
        "not of item CY01",
    ),
    "a check by the items of the case": (
        lambda: with_item("CY03", verification=Verification(within=SOON, when=Selected("CY01"))),
        "CY/CY03/verification",
        "not of item CY01",
    ),
    "a fee that is no money": (
        lambda: with_item("CY08", fee=Fee(amount="about 200", basis="X")),
        "CY/CY08/fee",
        "no amount of money",
    ),
    "a fee in thirds of a fen": (
        lambda: with_item("CY08", fee=Fee(amount="0.333", basis="X")),
        "CY/CY08/fee",
        "no amount of money",
    ),
    "a fee for nobody": (
        lambda: with_item("CY08", fee=Fee(amount="200", basis="X", payee="nobody")),
        "CY/CY08/fee",
        "no nobody",
    ),
    "a period that ends before it begins": (
        lambda: with_item("JYRX01", periods=(Period(begins="2026-08-31", ends="2026-07-01"),)),
        "JYRX/JYRX01/periods",
        "ends on 2026-07-01",
    ),
    "periods out of order": (
        lambda: with_item(
            "JYRX01",
            periods=(Period(begins="2026-07-01", ends="2026-08-31"), Period(begins="2026-08-31", ends="2026-09-02")),
        ),
        "JYRX/JYRX01/periods",
        "before the one before it has ended",
    ),
    "a day that no calendar has": (
        lambda: with_item("JYRX01", periods=(Period(begins="2026-02-30", ends="2026-03-01"),)),
        "JYRX/JYRX01/periods",
        "no such day",
    ),
    "a prolongation of nothing": (
        lambda: with_item("XSE03", prolongation=SOON),
        "XSE/XSE03",
        "no statutory limit that could be prolonged",
    ),
    "silence without a limit": (
        lambda: with_item("XSE03", tacit="granted"),
        "XSE/XSE03",
        "after which silence could decide",
    ),
    "a comparison with nothing": (
        lambda: with_item("JYRX01", automatic="compare"),
        "JYRX/JYRX01",
        "no material that data could be compared with",
    ),
    "tolerated for too long": (
        lambda: with_item("CY03", tolerance=Tolerance(listed=True, within=Limit(days=21, source="X"))),
        "CY/CY03",
        "more than the 20 allowed",
    ),
    # only when two single items or more are granted
    "a comprehensive licence from one permit on": (
        lambda: with_theme("CY", comprehensive=licence(least=1)),
        "CY/comprehensive",
        "two different items or more",
    ),
    "a comprehensive licence that never comes": (
        lambda: with_theme("CY", comprehensive=licence(least=5)),
        "CY/comprehensive",
        "two different items or more",
    ),
    "a comprehensive licence of the same permit twice": (
        lambda: with_theme("CY", comprehensive=licence(parts=("CY03", "CY03"))),
        "CY/comprehensive",
        "two different items or more",
    ),
    "a part without a certificate": (
        lambda: with_theme("CY", comprehensive=licence(parts=("CY03", "CY04"))),
        "CY/comprehensive",
        "户外招牌设施设置规范管理 yields no certificate",
    ),
    "a part of another theme": (
        lambda: with_theme("CY", comprehensive=licence(parts=("CY03", "XSE01"))),
        "CY/comprehensive",
        "no XSE01",
    ),
    "a comprehensive licence of no kind": (
        lambda: with_theme("CY", comprehensive=licence(certificate="paper")),
        "CY/comprehensive",
        "no paper",
    ),
    "a comprehensive licence from nobody": (
        lambda: with_theme("CY", comprehensive=licence(issuer="nobody")),
        "CY/comprehensive",
        "no nobody",
    ),
    "an entrance that never opens": (
        lambda: with_theme("CJR", entry_points=(EntryPoint(name="后门", kind="hall", when=NEVER),)),
        "CJR/entry_points",
        "no answers ever enter at 后门",
    ),
    "an entrance to an item of another theme": (
        lambda: with_theme("CJR", entry_points=(EntryPoint(name="窗口", kind="hall", item="CY01"),)),
        "CJR/entry_points",
        "no CY01",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_against_the_law_is_found_and_named(fault: str) -> None:
    broken, where, message = FAULTS[fault]

    found = [each for each in check(broken()) if each.where == where and message in each.message_en]

    assert found, check(broken())
    assert all(each.message_zh for each in found)


SOUND: dict[str, Callable[[], Catalogue]] = {
    "an excluded commitment says why and no more": lambda: with_item(
        "CY03", commitment=Commitment(materials=(), excluded="直接涉及人身健康", source="X")
    ),
    "what is exempt from verification has no limit for it": lambda: with_item(
        "CY03", commitment=promise(verify_within=None, verification="exempt")
    ),
    "a route may promise all that the law gives": lambda: with_item(
        "CY03", routes=(Route(when=Answer("licence", ("held",)), promised=Limit(days=10, source="X")),)
    ),
    "periods may follow each other": lambda: with_item(
        "JYRX01",
        periods=(Period(begins="2026-07-01", ends="2026-07-31"), Period(begins="2026-08-01", ends="2026-08-31")),
    ),
    "a period may be a day": lambda: with_item("JYRX01", periods=(Period(begins="2026-07-01", ends="2026-07-01"),)),
    "nothing may be prolonged by nothing": lambda: with_item("XSE03", prolongation=Limit(days=0, source="X")),
    "an acceptance may wait for a day in a field": lambda: with_item(
        "QYZX03", waits=(replace(DATED, holds="acceptance", when=ALWAYS),)
    ),
    "a fee of nothing is a fee": lambda: with_item("CY08", fee=Fee(amount="0.00", basis="X")),
}


@pytest.mark.parametrize("case", SOUND)
def test_what_the_law_allows_is_not_found_fault_with(case: str) -> None:
    assert check(SOUND[case]()) == []
