"""Outputs, items and catalogues for the tests of certificate."""

from datetime import UTC, date, datetime, time
from typing import Any

from msgspec.structs import replace

from catalogue.model import Catalogue, CertificateKind, Dependency, Item, ItemType, Level, Organisation, Theme
from catalogue.model import Output as Yield
from catalogue.rules import Comprehensive, Limit
from certificate.domain import (
    ConcludeOutput,
    CorrectCertificates,
    IssueCertificates,
    IssueDenial,
    Mark,
    Means,
    Output,
    PlanOutput,
    ReopenOutput,
    RevokeCertificates,
    VoidCertificates,
    limits,
)
from contracts.certificate import (
    AgreeOutput,
    ConfirmDelivery,
    DispatchPackage,
    HandOverPackages,
    OutputMode,
    RecallPackage,
    RecordRefusal,
    RecordRendering,
)
from contracts.language import Act, Sealed
from kernel.workdays import WorkingCalendar
from testkit.facts import an_act

NUMBER = "YJS-990102-CY-20260723-000001-M"
TODAY = date(2026, 7, 23)
"""A Thursday."""
MARKET = "11990102MB0000027C"
"""A fictional authority: the check character is right, the region does not exist."""
AUTHORITY = "11990100MB0000019L"
CALENDAR = WorkingCalendar.official()


def an_item(name: str, *outputs: Yield, after: str = "") -> Item:
    """An item of the market supervision department."""
    return Item(
        id=name,
        name=f"item {name}",
        department="scjg",
        level=Level.COUNTY,
        item_type=ItemType.LICENCE,
        outputs=outputs,
        depends_on=(Dependency(any_of=(after,)),) if after else (),
    )


PERMIT = Yield(id="food_permit", name="食品经营许可证(新办)", kind="certificate", certificate="food_permit")
LICENCE = Yield(id="licence", name="营业执照", kind="certificate")
OPINION = Yield(id="opinion", name="招牌设置意见", kind="document")
STAMP = Yield(id="stamp", name="公章", kind="object")
TOBACCO = Yield(id="tobacco_permit", name="烟草专卖零售许可证", kind="certificate")

OPEN = an_item("OPEN", LICENCE, STAMP)
FOOD = an_item("FOOD", PERMIT, after="OPEN")
SIGN = an_item("SIGN", OPINION)
SMOKE = an_item("SMOKE", TOBACCO, after="OPEN")
CHECK = an_item("CHECK")
ITEMS = {item.id: item for item in (OPEN, FOOD, SIGN, SMOKE, CHECK)}

COMPREHENSIVE = Comprehensive(
    id="trade_licence", name="行业综合许可证", certificate="trade_licence", parts=("OPEN", "FOOD", "SMOKE")
)


def a_catalogue(
    *,
    type_authority: str | None = AUTHORITY,
    uscc: str | None = MARKET,
    comprehensive: Comprehensive | None = None,
    food: Item = FOOD,
) -> Catalogue:
    """One department, one theme and two kinds of certificate."""
    theme = Theme(
        id="CY",
        name="开办餐饮店",
        lead="scjg",
        applicant="either",
        mouth=Level.COUNTY,
        items=tuple((ITEMS | {"FOOD": food}).values()),
        comprehensive=comprehensive,
    )
    return Catalogue.of(
        region="990102",
        name="nowhere",
        fictional=True,
        themes={"CY": theme},
        organisations={
            "scjg": Organisation(id="scjg", name="市场局", kind="department", level=Level.COUNTY, uscc=uscc)
        },
        certificates={
            "food_permit": CertificateKind(id="food_permit", name="食品经营许可证", number="002"),
            "trade_licence": CertificateKind(id="trade_licence", name="行业综合许可证", number="009"),
        },
        type_authority=type_authority,
    )


CATALOGUE = a_catalogue()
TRADE = a_catalogue(comprehensive=COMPREHENSIVE)
"""With a comprehensive licence over the permits of OPEN, FOOD and SMOKE."""
FOOD_IN_FIVE = a_catalogue(food=replace(FOOD, delivery=Limit(days=5)))
"""The result of FOOD has to be handed over within five working days."""


class Exit:
    """An output with what it needs at hand, so that tests say only what happens."""

    def __init__(self, mode: OutputMode = "itemised", catalogue: Catalogue = CATALOGUE) -> None:
        self.output = Output("case-1")
        self.mode: OutputMode = mode
        self.catalogue = catalogue
        self.serial = 0
        self.today = TODAY
        self.act: Act = an_act("clerk-7")

    def means(self, **changes: Any) -> Means:
        """What issuing needs from outside, on this day."""
        means = Means(
            catalogue=self.catalogue,
            serial=self.serial,
            day=self.today,
            seal=lambda issuer, text: Mark(f"key of {issuer}", f"sealed {len(text)}"),
            limits=self.limits,
        )
        return replace(means, **changes)

    @property
    def limits(self):
        """What begins today ends then."""
        return limits(self.catalogue, CALENDAR, self.today)

    @property
    def theme(self) -> Theme:
        """The theme of the case."""
        return self.catalogue.theme("CY")

    def on(self, day: date) -> "Exit":
        """From now on it is this day, at noon in Greenwich."""
        self.today = day
        self.act = replace(self.act, at=datetime.combine(day, time(4), UTC))
        return self

    def at(self, **caller: str) -> "Exit":
        """From now on somebody else acts."""
        self.act = replace(self.act, caller=replace(self.act.caller, **caller))
        return self

    def plans(self, *items: str, hall: str = "county") -> "Exit":
        """The departments take up the case."""
        command = PlanOutput(
            case_id="case-1",
            number=NUMBER,
            theme="CY",
            catalogue="v1",
            region="990102",
            mode=self.mode,
            items=items or tuple(ITEMS),
            hall=hall,
        )
        self.output.plan(command, act=self.act)
        return self

    def issues(self, *items: str, **means: Any) -> "Exit":
        """Items were granted."""
        for name in items:
            self.serial += 1
            command = IssueCertificates(case_id="case-1", item=name, issuer="scjg", decision=f"准{self.serial}号")
            self.output.issue(command, means=self.means(**means), act=self.act)
        return self

    def denies(self, *items: str) -> "Exit":
        """Items were denied."""
        for name in items:
            command = IssueDenial(
                case_id="case-1",
                item=name,
                issuer="scjg",
                decision=f"不准-{name}",
                reasons="场所不符",
                remedy="可以复议",
            )
            self.output.deny(command, heading="不予行政许可决定书", means=self.means(), act=self.act)
        return self

    def corrects(self, item: str, decision: str = "更1号") -> "Exit":
        """A decision was put right."""
        command = CorrectCertificates(case_id="case-1", item=item, decision=decision, correction="字号更正")
        self.output.correct(command, means=self.means(), act=self.act)
        return self

    def voids(self, item: str) -> "Exit":
        """A decision was void."""
        command = VoidCertificates(case_id="case-1", item=item, ground="录入错误")
        self.output.void(command, means=self.means(), act=self.act)
        return self

    def revokes(self, item: str, ground: Any = "false_promise") -> "Exit":
        """An approval was taken back."""
        self.output.revoke(
            RevokeCertificates(case_id="case-1", item=item, ground=ground), means=self.means(), act=self.act
        )
        return self

    def reopens(self, *items: str, again: tuple[str, ...] = ()) -> "Exit":
        """Items were joined, or are decided again."""
        self.output.reopen(ReopenOutput(case_id="case-1", items=items, again=again), act=self.act)
        return self

    def concludes(self, verdict: Any = "granted", *items: str) -> "Exit":
        """Every item has come to its end."""
        self.serial += 1
        command = ConcludeOutput(case_id="case-1", verdict=verdict, items=items)
        self.output.conclude(command, means=self.means(), act=self.act)
        return self

    def agrees(self, address: str = "", **wishes: Any) -> "Exit":
        """The applicant wants it in another way."""
        sealed = (Sealed("k", "output.address", address.encode()), f"index of {address}") if address else (None, "")
        self.output.agree(
            AgreeOutput(case_id="case-1", address=address, **wishes),
            *sealed,
            theme=self.theme,
            limits=self.limits,
            act=self.act,
        )
        return self

    def hands_over(self, *packages: str, **words: Any) -> "Exit":
        """The applicant is there."""
        command = HandOverPackages(case_id="case-1", packages=packages, **words)
        self.output.hand_over(command, act=self.act)
        return self

    def is_refused(self, *packages: str, witness: str = "王见证", identity_check: str = "证件") -> "Exit":
        """The applicant is there and will not take it."""
        command = RecordRefusal(case_id="case-1", packages=packages, witness=witness, identity_check=identity_check)
        self.output.refuse(command, act=self.act)
        return self

    def posts(self, package: str, tracking: str = "EMS-1") -> "Exit":
        """A package goes by post."""
        command = DispatchPackage(case_id="case-1", package=package, method="post", carrier="EMS", tracking=tracking)
        self.output.dispatch(command, limits=self.limits, act=self.act)
        return self

    def puts_into_locker(self, package: str, cabinet: str = "A", cell: str = "7") -> "Exit":
        """A package lies in a locker."""
        command = DispatchPackage(case_id="case-1", package=package, method="locker", cabinet=cabinet, cell=cell)
        self.output.dispatch(command, limits=self.limits, act=self.act)
        return self

    def confirms(self, package: str, identity_check: str = "签收", **words: Any) -> "Exit":
        """It arrived."""
        command = ConfirmDelivery(case_id="case-1", package=package, identity_check=identity_check, **words)
        self.output.confirm(command, act=self.act)
        return self

    def recalls(self, package: str, reason: Any = "undeliverable") -> "Exit":
        """It came back."""
        command = RecallPackage(case_id="case-1", package=package, reason=reason)
        self.output.recall(command, limits=self.limits, act=self.act)
        return self

    def waits(self) -> "Exit":
        """The deadline of the exit came due."""
        self.output.wait_over(limits=self.limits, act=self.act)
        return self

    def renders(self, certificate: str, digest: str = "d1") -> "Exit":
        """A document was made."""
        command = RecordRendering(
            case_id="case-1",
            certificate=certificate,
            digest=digest,
            size=9,
            media_type="application/pdf",
            signer="s",
            key_id="k",
        )
        self.output.render(command, act=self.act)
        return self
