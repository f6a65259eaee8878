"""A small theme, and cases of it at every step."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from msgspec.structs import replace

from catalogue.conditions import NEVER, Answer
from catalogue.model import (
    Catalogue,
    Dependency,
    EntryPoint,
    Field,
    Item,
    ItemType,
    Level,
    Limit,
    Material,
    Option,
    Organisation,
    Output,
    Question,
    Role,
    Source,
    Theme,
    Tolerance,
)
from contracts.delegation import AuthorityAnswer
from contracts.intake import Applicant, BroughtMaterial
from contracts.language import Act, Sealed
from intake.domain import Case, Outline, Terms, outline_of
from intake.domain.terms import NORMAL
from kernel.workdays import WorkingCalendar
from testkit.facts import NOON, an_act, given

CASE = "3f6f9c2e-0000-4000-8000-000000000001"
CALENDAR = WorkingCalendar.official()
PERSON = Applicant(name="林某", identifier="990102199001010015", mobile="13900000001")
COMPANY = Applicant(name="临水餐饮有限公司", identifier="91990102MA0000015T", kind="legal")
YES_NO = (Option("yes", "是"), Option("no", "否"))

ANSWERS = {"licence": "held", "fire": "yes", "area": "east"}
"""A shop that has its licence: SP02 to SP05."""
FROM_NOTHING = {**ANSWERS, "licence": "none"}
"""A shop that starts with its registration: all items."""

FULL_FORM = {"name": "临水小馆", "uscc": "91990102MA0000015T", "seats": "40", "venue": "street"}
FULL_SET = ("business_licence", "food_form", "premises", "fire_plans", "fire_rules")


def material(id_: str, name: str, *, main: bool = True, **more: Any) -> Material:
    role = Role.MAIN if main else Role.SECONDARY
    return Material(id=id_, name=name, role=role, source=more.pop("source", Source.APPLICANT), **more)


def business_licence() -> Material:
    return material(
        "business_licence", "营业执照", source=Source.PRODUCED, produced_by=("SP01",), otherwise=Source.SHARED
    )


def premises() -> Material:
    return material("premises", "场所证明", main=False, tolerable=True)


def theme(**changes: Any) -> Theme:
    licence = ItemType.LICENCE
    items = (
        Item(
            id="SP01", name="设立登记", department="scjg", level=Level.COUNTY, item_type=licence,
            when=Answer("licence", ("none",)), materials=(material("reg_form", "登记申请书"), premises()),
            statutory=Limit(days=3, source="K"), promised=Limit(days=1, placeholder=True),
            outputs=(Output(id="licence", name="营业执照", kind="certificate"),),
        ),
        Item(
            id="SP02", name="执照核验", department="scjg", level=Level.COUNTY,
            item_type=ItemType.INTERNAL_CHECK, materials=(business_licence(),),
            depends_on=(Dependency(any_of=("SP01",), optional=True),),
        ),
        Item(
            id="SP03", name="食品经营许可", department="scjg", level=Level.COUNTY, item_type=licence,
            depends_on=(Dependency(any_of=("SP02",)),), tolerance=Tolerance(listed=True),
            materials=(material("food_form", "许可申请书"), business_licence(), premises()),
            statutory=Limit(days=10, source="S49"), promised=Limit(days=7, placeholder=True),
        ),
        Item(
            id="SP04", name="消防检查", department="xfdd", level=Level.COUNTY, item_type=licence,
            when=Answer("fire", ("yes",)), depends_on=(Dependency(any_of=("SP02",)),),
            materials=(
                material("fire_plans", "消防平面图"),
                material("fire_rules", "消防制度", main=False, tolerable=True),
            ),
        ),
        Item(
            id="SP05", name="供水报装", department="zjj", level=Level.COUNTY,
            item_type=ItemType.PUBLIC_SERVICE, service="water", area_question="area",
        ),
        Item(
            id="SP06", name="烟草零售许可", department="ycj", level=Level.COUNTY, item_type=licence,
            extension=True, adopted=False,
        ),
    )  # fmt: skip
    everything = tuple(item.id for item in items)
    fields = (
        Field(key="name", label="经营者名称", type="text", personal=False, items=everything),
        Field(
            key="uscc", label="统一社会信用代码", type="uscc", personal=False, items=everything,
            required_when=Answer("licence", ("held",)),
        ),
        Field(key="seats", label="座位数", type="number", personal=False, items=("SP03",)),
        Field(
            key="venue", label="场所类型", type="choice", personal=False, items=("SP04",),
            choices=(Option("street", "沿街"), Option("mall", "商场")),
        ),
        Field(
            key="mobile", label="手机", type="mobile", personal=True, items=everything, required_when=NEVER
        ),
    )  # fmt: skip
    questions = (
        Question(
            id="licence", text="是否已经取得营业执照？", reason="决定从哪里办起",
            options=(Option("held", "已取得"), Option("none", "尚未取得")),
        ),
        Question(id="fire", text="是否公众聚集场所？", reason="须消防检查", options=YES_NO),
        Question(
            id="area", text="位于哪个供水区域？", reason="由所在区域的供水单位办理",
            options=(Option("east", "东区"), Option("west", "西区"), Option("north", "北区")),
        ),
    )  # fmt: skip
    parts: dict[str, Any] = {
        "id": "SP",
        "name": "开小店",
        "lead": "scjg",
        "applicant": "either",
        "mouth": Level.COUNTY,
        "items": items,
        "questions": questions,
        "fields": fields,
        "entry_points": (EntryPoint(name="区县大厅", kind="hall", level=Level.COUNTY),),
        "flow": "SP01?→SP02→{SP03∥SP04∥SP05}",
    }
    return Theme(**{**parts, **changes})


@cache
def catalogue() -> Catalogue:
    return catalogue_of(theme(), theme(id="SQ", applicant="legal", items=theme().items[4:5]))


def catalogue_of(*themes: Theme) -> Catalogue:
    organisations = [
        *(
            ("scjg", "临水县市场监督管理局"),
            ("xfdd", "临水县消防救援大队"),
            ("zjj", "临水县住房和城乡建设局"),
        ),
    ]
    departments = {
        id_: Organisation(id=id_, name=name, kind="department", level=Level.COUNTY) for id_, name in organisations
    }
    providers = {
        id_: Organisation(id=id_, name=name, kind="provider", level=Level.COUNTY, serves={"water": areas})
        for id_, name, areas in (
            ("water-east", "东区供水公司", ("east",)),
            ("water-west", "西区供水公司", ("west",)),
        )
    }
    return Catalogue.of(
        region="990102",
        name="临水县",
        fictional=True,
        themes={each.id: each for each in themes},
        organisations=departments | providers,
        certificates={},
        type_authority=None,
    )


def amended(**items: dict[str, Any]) -> Catalogue:
    """The small theme with some of its items changed: ``amended(SP03={"fee": …})``; ``theme`` changes the theme."""
    changes = items.pop("theme", {})
    rules = items.pop("rules", {})
    made = catalogue_of(
        theme(
            items=tuple(replace(item, **items.get(item.id, {})) for item in theme().items),
            **changes,
        )
    )
    return replace(made, rules=replace(made.rules, **rules)) if rules else made


def outline(answers: dict[str, str] | None = None, **choice: Any) -> Outline:
    return outline_of(catalogue(), "SP", answers or ANSWERS, **choice)


def at(day: int, hour: int = 4, month: int = 7) -> Act:
    """At the window on a day of July 2026; the 23rd is a Thursday."""
    return an_act(at=datetime(2026, month, day, hour, tzinfo=UTC))


def sealed(purpose: str) -> Sealed:
    return Sealed("key-1", purpose, b"\x00")


def grants(*items: str, refusal: str = "") -> dict[str, AuthorityAnswer]:
    """Delegation's answers for items of a hall that holds a grant for all of them, or for none."""
    return {
        item: AuthorityAnswer("" if refusal else "grant-1", 7, "" if refusal else "scjg", NOON, refusal)
        for item in items
    }


def numbers(*items: str) -> dict[str, str]:
    return {item: f"受字〔2026〕{n}号" for n, item in enumerate(items, 1)}


def brought(*materials: str) -> tuple[BroughtMaterial, ...]:
    """Materials as they come: shared data with its source, everything else on paper."""
    return tuple(
        BroughtMaterial(material=each, medium="shared", provenance="shared:market-register")
        if each == "business_licence"
        else BroughtMaterial(material=each)
        for each in materials
    )


class At:
    """A case and what it consists of, moved on step by step: ``opened().filled().received().accepted()``."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.case = Case(CASE)

    def opened(self, act: Act | None = None, **more: Any) -> "At":
        body: dict[str, Any] = {
            "number": "YJS-990102-SP-20260723-000001-X",
            "notice": "临水县市场监督管理局告字〔2026〕1号",
            "key_id": "key-1",
            "applicant": sealed("applicant"),
            "applicant_index": "index-1",
            "applicant_kind": "natural",
            "channel": "window",
        }
        self.case.open(self.outline, **{**body, **more}, act=act or an_act())
        return self

    def filled(self, *fields: str, act: Act | None = None) -> "At":
        chosen = fields or tuple(key for key in FULL_FORM if key in self.outline.fields)
        origins = dict.fromkeys(chosen, "entered")
        self.case.fill(self.outline, sealed("form"), origins, calendar=CALENDAR, act=act or an_act())
        return self

    def received(self, *materials: str, act: Act | None = None) -> "At":
        chosen = materials or tuple(sorted(self.outline.asked(self.case.open_items)))
        self.case.receive(self.outline, brought(*chosen), calendar=CALENDAR, act=act or an_act())
        return self

    def corrected(self, act: Act | None = None) -> "At":
        self.case.request_correction(self.outline, notice="补字〔2026〕1号", calendar=CALENDAR, act=act or an_act())
        return self

    def accepted(self, *items: str, refusal: str = "", terms: Terms = NORMAL, act: Act | None = None) -> "At":
        asked = self.case.acceptable(items)
        self.case.accept(
            self.outline,
            items,
            authorities=grants(*asked, refusal=refusal),
            notices=numbers(*asked),
            terms=terms,
            calendar=CALENDAR,
            act=act or an_act(),
        )
        return self

    def declined(
        self, item: str, reason: str = "不属于本机关职权范围", refusal: str = "", act: Act | None = None
    ) -> "At":
        asked = self.case.declinable(item)
        self.case.not_accept(
            self.outline,
            item,
            reason=reason,
            competent_authority="",
            authorities=grants(*asked, refusal=refusal),
            notices={item: "拒字〔2026〕1号"},
            act=act or an_act(),
        )
        return self

    def withdrawn(self, *items: str) -> "At":
        for item in items:
            self.case.withdraw(item, reason="", act=an_act())
        return self

    def now(self) -> "At":
        """The past is forgotten: only what comes now counts."""
        given(self.case)
        return self


def a_case(answers: dict[str, str] | None = None, **choice: Any) -> At:
    return At(outline(answers, **choice))


def an_open_case(answers: dict[str, str] | None = None, **choice: Any) -> At:
    return a_case(answers, **choice).opened().now()


def a_complete_case(answers: dict[str, str] | None = None, **choice: Any) -> At:
    return an_open_case(answers, **choice).filled().received().now()


def an_accepted_case(answers: dict[str, str] | None = None, **choice: Any) -> At:
    return a_complete_case(answers, **choice).accepted().now()
