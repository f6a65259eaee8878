"""Outputs, items and catalogues for the tests of certificate."""

from datetime import date

from catalogue.model import Catalogue, CertificateKind, Item, ItemType, Level, Organisation
from catalogue.model import Output as Yield
from certificate.domain import ConcludeOutput, IssueCertificates, Mode, Output, PlanOutput
from contracts.certificate import HandOverPackages, RecordRendering
from contracts.language import Act
from testkit.facts import an_act

NUMBER = "YJS-990102-CY-20260723-000001-M"
TODAY = date(2026, 7, 23)
MARKET = "11990102MB0000027C"
"""A fictional authority: the check character is right, the region does not exist."""
AUTHORITY = "11990100MB0000019L"


def an_item(name: str, *outputs: Yield) -> Item:
    """An item of the market supervision department."""
    return Item(
        id=name,
        name=f"item {name}",
        department="scjg",
        level=Level.COUNTY,
        item_type=ItemType.LICENCE,
        outputs=outputs,
    )


PERMIT = Yield(id="food_permit", name="食品经营许可证(新办)", kind="certificate", certificate="food_permit")
LICENCE = Yield(id="licence", name="营业执照", kind="certificate")
OPINION = Yield(id="opinion", name="招牌设置意见", kind="document")
STAMP = Yield(id="stamp", name="公章", kind="object")

FOOD = an_item("FOOD", PERMIT)
OPEN = an_item("OPEN", LICENCE, STAMP)
SIGN = an_item("SIGN", OPINION)
CHECK = an_item("CHECK")
ITEMS = {item.id: item for item in (FOOD, OPEN, SIGN, CHECK)}


def a_catalogue(*, type_authority: str | None = AUTHORITY, uscc: str | None = MARKET) -> Catalogue:
    """One department and one kind of certificate."""
    return Catalogue.of(
        region="990102",
        name="nowhere",
        fictional=True,
        themes={},
        organisations={
            "scjg": Organisation(id="scjg", name="市场局", kind="department", level=Level.COUNTY, uscc=uscc)
        },
        certificates={"food_permit": CertificateKind(id="food_permit", name="食品经营许可证", number="002")},
        type_authority=type_authority,
    )


CATALOGUE = a_catalogue()


class Exit:
    """An output with what it needs at hand, so that tests say only what happens."""

    def __init__(self, mode: Mode = "itemised") -> None:
        self.output = Output("case-1")
        self.mode = mode
        self.serial = 0
        self.act: Act = an_act("clerk-7")

    def plans(self) -> "Exit":
        """The departments take up the case."""
        command = PlanOutput(
            case_id="case-1",
            number=NUMBER,
            theme="CY",
            catalogue="v1",
            region="990102",
            mode=self.mode,
            items=tuple(ITEMS),
            hall="county",
        )
        self.output.plan(command, act=self.act)
        return self

    def issues(self, *items: str, catalogue: Catalogue = CATALOGUE) -> "Exit":
        """Items were granted."""
        for name in items:
            self.serial += 1
            command = IssueCertificates(case_id="case-1", item=name, issuer="scjg")
            self.output.issue(
                ITEMS[command.item],
                command.issuer,
                catalogue=catalogue,
                serial=self.serial,
                day=TODAY,
                seal=lambda text: f"sealed {len(text)}",
                act=self.act,
            )
        return self

    def concludes(self, verdict: str = "granted") -> "Exit":
        """Every item has come to its end."""
        self.output.conclude(
            ConcludeOutput(case_id="case-1", verdict=verdict).verdict,
            act=self.act,
        )
        return self

    def hands_over(self, *packages: str, **words: str) -> "Exit":
        """The applicant is there."""
        command = HandOverPackages(case_id="case-1", packages=packages, **words)
        self.output.hand_over(command, act=self.act)
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
