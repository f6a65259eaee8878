"""Every act of the reviewer's desk as it is played: what comes before it, what is typed, and the fact it leaves."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from msgspec import Struct

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey
from contracts import approval, intake, routing
from contracts.language import Fact
from contracts.routing import DispatchPackets, GetDistribution
from testkit.house import House

from .filling import Form, Values

CATALOGUE = catalogue.load("990102")
STRANGER = "scjg-reviewer"
"""Decides nothing of a newborn's case."""


class Stage(Struct):
    """A case at the point where an act is due."""

    journey: Journey
    item: str
    org: str

    @property
    def path(self) -> str:
        """The page of the item."""
        return f"/review/{self.journey.case_id}/{self.item}"

    def review(self) -> dict[str, Any]:
        """The item as approval sees it."""
        return self.journey.review(self.item)

    def wait_for(self, day: date) -> None:
        """Moves the house's clock to a day, if it has not come."""
        if (ahead := (day - self.journey.time.today()).days) > 0:
            self.journey.time.advance(timedelta(days=ahead))


def of(theme: str, item: str, *, paper: tuple[str, ...] = ()) -> Callable[[House], Stage]:
    """A case that was accepted, and its item can be decided as soon as its paper is here."""

    def made(house: House) -> Stage:
        known = CATALOGUE.theme(theme)
        journey = Journey(house.client(), CATALOGUE, known, happy_answers(known), paper=paper)
        journey.register()
        journey.patiently(lambda: bool(paper) or journey.review(item)["state"] in {"ready", "locked"})
        return Stage(journey, item, journey.review(item)["handler"])

    return made


def promised(theme: str, item: str) -> Callable[[House], Stage]:
    """An item that was granted on a promise, which is verified afterwards."""

    def made(house: House) -> Stage:
        known = CATALOGUE.theme(theme)
        journey = Journey(house.client(), CATALOGUE, known, happy_answers(known))
        journey.register_promising(known.item(item))
        journey.decide_until(lambda: journey.review(item)["status"] == "granted")
        return Stage(journey, item, journey.review(item)["handler"])

    return made


def tolerated(theme: str, item: str, material: str) -> Callable[[House], Stage]:
    """An item that was accepted while a material may still come."""

    def made(house: House) -> Stage:
        known = CATALOGUE.theme(theme)
        journey = Journey(house.client(), CATALOGUE, known, happy_answers(known))
        journey.register_tolerant(material)
        return Stage(journey, item, journey.patiently(lambda: journey.review(item)["handler"]))

    return made


def on_its_way(stage: Stage) -> None:
    """The hall's window gives the paper to a courier."""
    journey = stage.journey

    def planned() -> Any:
        packets = journey.client.ask(GetDistribution(case_id=journey.case_id))["packets"]
        return [each for each in packets if each["item"] == stage.item and each["medium"] == "paper"]

    packets = tuple(each["packet"] for each in journey.patiently(planned))
    journey.clerk.command(DispatchPackets(case_id=journey.case_id, packets=packets, carrier="courier-ma"))


def on_its_way_back(stage: Stage) -> None:
    """The department gives the originals to a courier."""
    journey = stage.journey

    def planned() -> Any:
        returns = journey.client.ask(GetDistribution(case_id=journey.case_id))["returns"]
        return [each["packet"] for each in returns if each["state"] == "planned"]

    packets = tuple(journey.patiently(planned))
    journey.at(stage.org).command(DispatchPackets(case_id=journey.case_id, packets=packets, carrier="courier-ma"))


def until_the_hearing(stage: Stage) -> None:
    """The day of the hearing comes."""
    stage.wait_for(date.fromisoformat(str(stage.review()["hearing"]["on"])))


class Played(Struct, frozen=True):
    """An act as somebody plays it."""

    fact: type[Fact]
    typed: Values | Callable[[Stage, Form], Values] = {}
    wrong: Values | Callable[[Stage, Form], Values] = {}
    """Typed over it, it is refused."""
    code: str = "form-wrong"
    """With which it is refused."""
    beside: str = ""
    """The field beside which it is told; empty: it is told at the form."""
    stage: Callable[[House], Stage] = of("XSE", "XSE01")
    before: tuple[str | Callable[[Stage], None], ...] = ()
    """Acts that are played first, and what happens elsewhere."""
    by: str = "reviewer"
    """A post of the organisation that decides the item, or a person of another one."""
    refused: str = ""
    """Who is refused whatever they type: a post of the organisation, or a person of another one."""

    def person(self, stage: Stage) -> str:
        """Who plays it."""
        return person(self.by, stage)


def person(who: str, stage: Stage) -> str:
    """Somebody by their post, or by their id."""
    return who if "-" in who else f"{stage.org}-{who}"


def values(given: Any, stage: Stage, form: Form) -> Mapping[str, Any]:
    """What is typed, where that depends on the case."""
    return dict(given(stage, form) if callable(given) else given)


def _today(stage: Stage, _: Form) -> Values:
    return {"on": stage.journey.time.today().isoformat()}


def _put_off(days: int) -> Callable[[Stage, Form], Values]:
    """The day of a tolerance, so many days later."""

    def typed(stage: Stage, _: Form) -> Values:
        due_on = date.fromisoformat(str(stage.journey.case()["tolerances"][stage.item]["due_on"]))
        return {"due_on": (due_on + timedelta(days=days)).isoformat(), "reason": "暴雨停工"}

    return typed


def _hearing(stage: Stage, _: Form) -> Values:
    return {"on": str(stage.review()["hearing"]["hold_by"]), "place": "政务中心三楼", "presider": "何法官"}


def _visited(stage: Stage, form: Form) -> Values:
    return {
        name: {"inspectors": "甲、乙", "passed": "yes", "findings": "符合"}[name.partition(".")[0]]
        for name in (*form.values, *form.options)
        if "." in name
    }


FOOD, JOINT, SURVEYED = of("CY", "CY01"), of("SDQ", "SDQ07"), of("CY", "CY03")
VERIFIED = promised("CY", "CY05")
TOLERATED = tolerated("SBK", "SBK01", "photo")
PAPER = of("XSE", "XSE03", paper=("receiving_household",))
HERE = (on_its_way, "receive-packets")
WANTED = ("tell-hearing-right", "request-hearing")

PLAYED: dict[str, Played] = {
    "claim": Played(approval.ReviewClaimed, refused=STRANGER, code="out-of-scope"),
    "release": Played(
        approval.ReviewReleased, {"reason": "另有任务"}, before=("claim",), refused="head", code="held-by-another"
    ),
    "assign": Played(
        approval.ReviewAssigned, {"holder": "zcjg-head", "reason": "熟悉情况"}, {"holder": ""}, beside="holder"
    ),
    "grant": Played(
        approval.ReviewGranted, {"opinion": "材料齐全"}, before=("claim",), refused="head", code="held-by-another"
    ),
    "deny": Played(approval.ReviewDenied, {"reasons": "出生地不在本地"}, {"reasons": " "}, beside="reasons"),
    "suspend": Played(
        approval.ReviewSuspended,
        {"procedure": "testing", "reason": "需要检测", "expected_days": "5"},
        {"expected_days": "几天"},
        beside="expected_days",
    ),
    "resume": Played(
        approval.ReviewResumed, {"result": "检测合格"}, {"result": ""}, beside="result", before=("suspend",)
    ),
    "request-extension": Played(
        approval.ExtensionRequested, {"reasons": "案情复杂"}, {"reasons": ""}, beside="reasons", stage=FOOD
    ),
    "approve-extension": Played(
        approval.ReviewExtended, stage=FOOD, before=("request-extension",), by="head", refused="reviewer",
        code="not-your-role",
    ),
    "refuse-extension": Played(
        approval.ExtensionRefused, {"reason": "可以按期办结"}, {"reason": ""}, beside="reason", stage=FOOD,
        before=("request-extension",), by="head",
    ),
    "request-joint-extension": Played(
        approval.JointExtensionRequested, {"reasons": "勘查受阻"}, {"reasons": ""}, beside="reasons", stage=JOINT,
    ),
    "approve-joint-extension": Played(
        approval.JointExtended, {"approval": "云政批〔2026〕3号"}, {"approval": ""}, beside="approval", stage=JOINT,
        before=("request-joint-extension",), by="head",
    ),
    "ask-opinion": Played(
        approval.OpinionAsked,
        {"of": "gaj", "kind": "department", "question": "是否同一人", "days": "3"},
        {"of": "", "days": "三"},
        beside="of",
    ),
    "give-opinion": Played(
        approval.OpinionGiven, {"answer": "是同一人"}, {"answer": ""}, beside="answer", before=("ask-opinion",),
        by="gaj-reviewer",
    ),
    "ask-further": Played(
        intake.FurtherRequested,
        {"what": "亲子鉴定", "basis": "出生医学证明管理办法"},
        {"basis": ""},
        beside="basis",
    ),
    "refuse-supplement": Played(
        intake.SupplementRefused, {"materials": ("photo",), "reason": "不是近期照片"}, {"materials": ()},
        beside="materials", stage=TOLERATED,
    ),
    "extend-tolerance": Played(
        intake.ToleranceExtended, _put_off(3), _put_off(-1), code="not-later", stage=TOLERATED,
    ),
    "tell-hearing-right": Played(
        approval.HearingRightTold, {"notice": "告字〔2026〕7号"}, refused=STRANGER, code="out-of-scope"
    ),
    "request-hearing": Played(
        approval.HearingRequested, {"party": "applicant"}, {"party": ""}, beside="party", before=WANTED[:1]
    ),
    "waive-hearing": Played(
        approval.HearingWaived, {"party": "applicant"}, {"party": ""}, beside="party", before=WANTED[:1]
    ),
    "schedule-hearing": Played(
        approval.HearingScheduled, _hearing, _today, code="hearing-notice-too-short", before=WANTED
    ),
    "record-hearing": Played(
        approval.HearingHeld, {"record": "听证笔录1号"}, {"record": ""}, beside="record",
        before=(*WANTED, "schedule-hearing", until_the_hearing),
    ),
    "plan-visit": Played(
        approval.JointVisitPlanned, _today, {"on": "改日"}, beside="on", stage=SURVEYED,
    ),
    "record-visit": Played(
        approval.JointVisitRecorded, _visited,
        lambda stage, form: {name: "甲" for name in form.values if name.startswith("inspectors.")},
        code="inspectors-missing", stage=SURVEYED, before=("plan-visit",),
    ),
    "dispense-visit": Played(
        approval.VisitDispensed, {"reason": "图纸已足"}, {"reason": ""}, beside="reason", stage=SURVEYED,
        before=("plan-visit",),
    ),
    "propose-correction": Played(
        approval.CorrectionProposed, {"correction": "姓名应为何小满"}, {"correction": ""}, beside="correction",
        before=("grant",),
    ),
    "propose-voiding": Played(
        approval.VoidingProposed, {"ground": "录入错误", "result": "deleted"}, {"ground": ""}, beside="ground",
        before=("grant",),
    ),
    "propose-revocation": Played(
        approval.RevocationProposed, {"ground": "unlawful", "reasons": "材料系伪造"}, {"ground": ""}, beside="ground",
        before=("grant",),
    ),
    "approve-proposal": Played(
        approval.DecisionCorrected, before=("grant", "propose-correction"), by="head", refused="reviewer",
        code="not-your-role",
    ),
    "drop-proposal": Played(
        approval.ProposalDropped, {"reason": "无须更正"}, {"reason": ""}, beside="reason",
        before=("grant", "propose-correction"),
    ),
    "record-verification": Played(
        approval.VerificationRecorded, {"kept": "no", "findings": "灭火器过期"}, {"kept": ""}, beside="kept",
        stage=VERIFIED,
    ),
    "order-rectification": Played(
        approval.RectificationOrdered, {"demands": "更换灭火器", "days": "5"}, {"demands": ""}, beside="demands",
        stage=VERIFIED, before=("record-verification",),
    ),
    "record-recheck": Played(
        approval.RectificationRechecked, {"passed": "yes", "findings": "已更换"}, {"findings": ""}, beside="findings",
        stage=VERIFIED, before=("record-verification", "order-rectification"),
    ),
    "receive-packets": Played(
        routing.PacketsReceived, {"signature": "户籍民警"}, {"signature": ""}, beside="signature", stage=PAPER,
        before=HERE[:1],
    ),
    "acknowledge-packets": Played(
        routing.PacketsAcknowledged, stage=PAPER, before=HERE, refused=STRANGER, code="out-of-scope"
    ),
    "refuse-packets": Played(
        routing.ReceiptRefused, {"witness": "冯涛", "reason": "封条破损"}, {"witness": ""}, beside="witness",
        stage=PAPER, before=(*HERE, "return-originals", on_its_way_back),
    ),
    "return-originals": Played(
        routing.ReturnsPlanned, stage=PAPER, before=HERE, refused=STRANGER, code="out-of-scope",
    ),
}  # fmt: skip
"""act → how it is played. An act that is not played here fails the test of the table."""
