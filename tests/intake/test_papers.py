"""文书: every numbered document says what the law wants it to say, in every form."""

from base64 import b64decode
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from msgspec.structs import replace
from pypdf import PdfReader

from contracts.intake import (
    Acceptance,
    FillForm,
    GetCase,
    GetNotice,
    GetPaper,
    Held,
    ItemNotAccepted,
    ItemsAccepted,
    ItemsHeld,
    ItemsReturned,
    NotAcceptItem,
    ReceiveMaterials,
    RequestCorrection,
    Signed,
    ToleranceExtended,
    ToleranceLapsed,
    Tolerated,
)
from contracts.language import Fact
from documents import Document, page, plain
from eventing.errors import NotFound
from eventing.printed import Codes
from eventing.scoping import OutOfScope
from intake.domain.docket import Docket
from intake.wordings import PAPERS, notice_of, paper_of
from kernel.digests import canonical, digest
from testkit.facts import NOON, an_act, refused

from .mothers import ANSWERS, CASE, FROM_NOTHING, FULL_FORM, PERSON, At, a_case, brought, catalogue, outline
from .neighbours import CLERK, FOOD, PUBLIC, STRANGER, Office, opening, registering

NUMBER = "临水县市场监督管理局受字〔2026〕9号"
SIGNED = Signed(document="sha256:" + "ab" * 32)


def docket(here: At, *more: Fact) -> Docket:
    return Docket.replay(CASE, [*here.case.pending, *more])


def a_received_case() -> At:
    return a_case().opened().filled("name").received("food_form", "business_licence")


def said(facts: Docket, number: str = "") -> Document:
    paper = facts.paper(number) if number else list(facts.papers.values())[-1]
    return paper_of(paper, facts, catalogue(), addressee=PERSON.name)


def text(document: Document) -> str:
    return plain(document)


def accepted(**more: Any) -> ItemsAccepted:
    here = a_received_case()
    acceptance = Acceptance(
        item="SP03",
        handler="scjg",
        grant="grant-1",
        grant_position=7,
        in_name_of="scjg",
        notice=NUMBER,
        materials=("food_form-1",),
    )
    return ItemsAccepted(
        case_id=CASE,
        at=NOON,
        by="clerk-7",
        number=here.case.number,
        theme="SP",
        catalogue=catalogue().version,
        region="990102",
        hall="county",
        window="w1",
        items=(replace(acceptance, **more),),
        plan=outline().plan,
        materials=here.case.copies,
    )


# every document


DOCUMENTS: dict[str, tuple[Fact | None, tuple[str, ...]]] = {
    "receipt": (None, ("收件凭证", "收件不是受理", "2026年7月31日前", "许可申请书", "纸质", "营业执照", "共享数据")),
    "acceptance": (
        accepted(),
        ("受理通知书", "食品经营许可", "2026年7月23日", "10个工作日（依据：S49）", "占位值", "许可申请书", "grant-1"),
    ),
    "tolerance": (
        accepted(tolerated=(Tolerated("premises", date(2026, 7, 30)),)),
        ("容缺受理通知书", "场所证明", "2026年7月30日", "逾期未补交", "终止办理", "补交方式", "一式两份"),
    ),
    "held": (
        ItemsHeld(
            case_id=CASE,
            at=NOON,
            by="clerk-7",
            items=(Held("SP03", (Tolerated("premises", date(2026, 7, 30)),), NUMBER),),
            signed=SIGNED,
        ),
        ("容缺收件通知书", "受理前不计算办理时限", "场所证明", "2026年7月30日"),
    ),
    "extension": (
        ToleranceExtended(
            case_id=CASE, at=NOON, by="x", item="SP03", due_on=date(2026, 8, 3), reason="洪水", notice=NUMBER
        ),
        ("延期", "食品经营许可", "2026年8月3日", "洪水", "不可抗力"),
    ),
    "lapse": (
        ToleranceLapsed(case_id=CASE, at=NOON, by="system", item="SP03", missing=("premises",), notice=NUMBER),
        ("终止", "食品经营许可", "场所证明", "损失由申请人承担", "信用修复前"),
    ),
    "not_accepted": (
        ItemNotAccepted(
            case_id=CASE,
            at=NOON,
            by="x",
            in_name_of="xfdd",
            item="SP04",
            reason="不属于本机关职权",
            competent_authority="zjj",
            notice=NUMBER,
            ground="outside_authority",
        ),
        ("不予受理通知书", "消防检查", "临水县消防救援大队", "临水县住房和城乡建设局", "不属于本机关职权", "职权范围"),
    ),
    "return": (
        ItemsReturned(
            case_id=CASE,
            at=NOON,
            by="x",
            items=("SP03",),
            reason="not_compliant",
            explanation="复印件不清",
            notice=NUMBER,
        ),
        ("退件通知书", "食品经营许可", "材料不符合要求", "复印件不清", "许可申请书"),
    ),
}


def of_kind(kind: str) -> Document:
    if kind == "correction":
        return said(docket(a_received_case().corrected()), "补字〔2026〕1号")
    fact, _ = DOCUMENTS[kind]
    facts = docket(a_received_case(), *([fact] if fact else []))
    return said(facts, "" if kind == "receipt" else NUMBER)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_says_what_the_law_wants_it_to_say(kind: str) -> None:
    words = text(of_kind(kind))

    for each in DOCUMENTS[kind][1]:
        assert each in words, (each, words)


@pytest.mark.parametrize("kind", [*DOCUMENTS, "correction"])
def test_every_document_has_number_authority_day_seal_and_code(kind: str) -> None:
    document = of_kind(kind)

    assert document.number
    assert document.issuer == document.seal
    assert document.issuer.startswith("临水县")
    assert document.issued_on == date(2026, 7, 23)
    assert document.addressee == PERSON.name
    assert document.qr == f"{document.number}\n{document.digest}"
    assert "YJS-990102-SP-20260723-000001-X" in text(document)
    assert all(each.isprintable() and "{{" not in each for each in (*document.body, *map(str, document.fields)))


@pytest.mark.parametrize("kind", [*DOCUMENTS, "correction"])
def test_the_digest_is_that_of_what_the_document_says_without_whom_it_is_for(kind: str) -> None:
    document = of_kind(kind)

    assert document.digest == digest(canonical(replace(document, addressee="", digest="", qr="", link="")))
    assert document.digest in page(document)
    assert document.digest in plain(document)


def test_there_is_a_template_for_every_kind_and_no_other() -> None:
    assert {*DOCUMENTS, "correction"} == PAPERS["papers"].keys()


def test_a_correction_lists_everything_that_is_missing_and_wrong() -> None:
    here = a_case(FROM_NOTHING).opened().filled().received("food_form")
    here.case.send_back(here.outline, {"seats": "与平面图不符"}, act=an_act())

    words = text(said(docket(here.corrected()), "补字〔2026〕1号"))

    materials = ("登记申请书", "场所证明", "消防平面图", "消防制度")
    for each in ("设立登记", *materials, "座位数", "与平面图不符", "第三十二条"):
        assert each in words


def test_what_was_put_right_is_not_told_as_wrong() -> None:
    here = a_case().opened().filled().received("food_form")
    here.case.send_back(here.outline, {"seats": "与平面图不符"}, act=an_act())

    assert "与平面图不符" not in text(said(docket(here.filled("seats").corrected()), "补字〔2026〕1号"))


def test_receipts_are_numbered_within_their_case() -> None:
    facts = docket(a_received_case().received("premises"))

    assert list(facts.papers)[:2] == [f"YJS-990102-SP-20260723-000001-X收{n}号" for n in (1, 2)]
    assert "场所证明" not in text(said(facts, "YJS-990102-SP-20260723-000001-X收1号"))


def test_one_acceptance_of_many_items_gives_each_its_own_document() -> None:
    here = a_case().opened().filled().received().accepted()
    facts = docket(here)

    numbers = [paper.number for paper in facts.papers.values() if paper.kind == "acceptance"]
    assert numbers == list(here.case.acceptances.values())
    third = text(said(facts, here.case.acceptances["SP04"]))
    assert "消防检查" in third
    assert "食品经营许可" not in third
    assert "许可申请书" not in third


def test_what_came_by_operation_of_law_has_no_document() -> None:
    facts = docket(a_received_case(), replace(accepted(notice="", grant=""), deemed=True))

    assert [paper.kind for paper in facts.papers.values()] == ["receipt"]


def test_an_unknown_number_is_not_found() -> None:
    with refused(NotFound, what="paper"):
        docket(a_received_case()).paper("临水局受字〔2026〕1号")


def test_a_placeholder_never_looks_like_a_promise() -> None:
    items = said(docket(a_received_case(), accepted()), NUMBER).sections[0]

    assert "不构成承诺" in dict(zip(items.columns, items.rows[0], strict=True))["承诺时限"]


# the one-time notice


def test_the_printed_notice_says_all_that_its_data_says() -> None:
    notice = outline().notice
    words = plain(notice_of(outline(), number="告字〔2026〕1号", issued_on=date(2026, 7, 23)))

    for item in notice.items:
        assert item.name in words
    for thing in (*notice.materials, *notice.places):
        assert thing.name in words
    for field in notice.fields:
        assert field.label in words
    for caution in notice.cautions:
        assert caution in words
    assert "可容缺" in words
    assert outline().digest in words


def test_the_notice_is_the_same_whoever_asks_and_whenever(office: Office) -> None:
    office.send(opening(channel="window"))
    office.send(opening("c2", channel="web", allow_duplicate=True))

    digests = {
        office.ask(GetNotice(case_id=case, format=form))["digest"]
        for case in ("c1", "c2")
        for form in ("data", "text", "html", "pdf")
    } | {office.ask(GetNotice(theme="SP", answers=ANSWERS))["digest"]}

    assert digests == {outline().digest}


@pytest.mark.parametrize(
    ("form", "media_type"), [("text", "text/plain"), ("html", "text/html"), ("pdf", "application/pdf")]
)
def test_a_notice_comes_in_every_form_with_its_digest(office: Office, form: Any, media_type: str) -> None:
    office.send(opening())

    told = office.ask(GetNotice(case_id="c1", format=form))

    assert told["media_type"] == media_type
    shown = read_pdf(told["content"]) if form == "pdf" else told["content"]
    for each in (told["number"], told["digest"], "食品经营许可", "消防平面图"):
        assert "".join(each.split()) in "".join(shown.split())
    if form == "text":
        assert outline().notice.text in shown


def read_pdf(content: str) -> str:
    return "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(b64decode(content))).pages)


WORDED: tuple[Any, ...] = ("text", "html", "pdf")


def first_page(content: str) -> Any:
    return pypdfium2.PdfDocument(b64decode(content))[0].render(scale=2).to_pil().convert("RGB")


# the service


@pytest.fixture
def corrected(office: Office) -> Office:
    office.send(opening())
    office.send(FillForm(case_id="c1", values=FULL_FORM))
    office.send(ReceiveMaterials(case_id="c1", materials=brought("food_form")))
    office.send(RequestCorrection(case_id="c1"))
    return office


def test_a_case_lists_its_documents_and_gives_each_in_every_form(corrected: Office) -> None:
    papers = corrected.ask(GetPaper(case_id="c1"))["papers"]
    assert [each["kind"] for each in papers] == ["receipt", "correction"]
    number = papers[1]["number"]
    assert number == "临水县市场监督管理局补字〔2026〕1号"

    wanted: tuple[Any, ...] = ("data", "text", "html", "pdf")
    forms = {form: corrected.ask(GetPaper(case_id="c1", number=number, format=form), CLERK) for form in wanted}

    assert len({told["digest"] for told in forms.values()}) == 1
    assert forms["data"]["document"]["number"] == number
    for shown in (forms["text"]["content"], forms["html"]["content"], read_pdf(forms["pdf"]["content"])):
        for each in (number, PERSON.name, "场所证明"):
            assert "".join(each.split()) in "".join(shown.split())


def test_a_document_is_shown_at_its_hall_to_who_decides_and_to_its_applicant(corrected: Office) -> None:
    number = "临水县市场监督管理局补字〔2026〕1号"

    with refused(OutOfScope):
        corrected.ask(GetPaper(case_id="c1", number=number), STRANGER)
    for caller, identifier in ((CLERK, ""), (FOOD, ""), (STRANGER, PERSON.identifier)):
        told = corrected.ask(GetPaper(case_id="c1", number=number, identifier=identifier), caller)
        assert told["document"]["addressee"] == PERSON.name
    with refused(NotFound):
        corrected.ask(GetPaper(case_id="c1", number="受字〔2026〕99号"), CLERK)
    with refused(NotFound):
        corrected.ask(GetPaper(case_id="c9"), CLERK)


def test_the_code_of_a_printed_receipt_leads_to_the_progress_of_the_case(corrected: Office) -> None:
    case = corrected.ask(GetCase(case_id="c1"))["number"]
    number = next(
        each["number"] for each in corrected.ask(GetPaper(case_id="c1"))["papers"] if each["kind"] == "receipt"
    )
    address = f"{PUBLIC}/r/{Codes(b'p' * 32).code('receipt', case)}"

    forms = {form: corrected.ask(GetPaper(case_id="c1", number=number, format=form), CLERK) for form in WORDED}

    (scanned,) = zxingcpp.read_barcodes(first_page(forms["pdf"]["content"]))
    assert scanned.text == address
    for shown in (forms["text"]["content"], forms["html"]["content"], read_pdf(forms["pdf"]["content"])):
        assert address in "".join(shown.split())


def test_without_a_public_address_the_code_of_a_receipt_is_what_a_kiosk_scans(corrected: Office) -> None:
    codes = corrected.running.service.codes = Codes(b"p" * 32)
    case = corrected.ask(GetCase(case_id="c1"))["number"]
    number = corrected.ask(GetPaper(case_id="c1"))["papers"][0]["number"]

    told = corrected.ask(GetPaper(case_id="c1", number=number), CLERK)["document"]

    assert told["qr"] == told["link"] == codes.code("receipt", case)
    assert codes.read("receipt", told["qr"]) == case


def test_a_registered_case_has_its_acceptances_on_paper(office: Office) -> None:
    office.send(registering())

    kinds = [each["kind"] for each in office.ask(GetPaper(case_id="c1"))["papers"]]
    assert kinds == ["receipt", "acceptance", "acceptance", "acceptance", "acceptance"]


def test_a_refusal_to_accept_is_put_in_writing(office: Office) -> None:
    office.send(opening())
    office.send(NotAcceptItem(case_id="c1", item="SP04", reason="不属于本机关职权"))

    (paper,) = office.ask(GetPaper(case_id="c1"))["papers"]
    told = office.ask(GetPaper(case_id="c1", number=paper["number"], format="text"), CLERK)
    assert "不予受理" in told["content"]
    assert "临水县消防救援大队" in told["content"]


def test_documents_of_another_day_differ() -> None:
    later = replace(accepted(), at=datetime(2026, 7, 24, 4, tzinfo=UTC))
    one, other = (said(docket(a_received_case(), fact), NUMBER) for fact in (accepted(), later))

    assert one.digest != other.digest
    assert one == said(docket(a_received_case(), accepted()), NUMBER)


def test_an_acceptance_and_its_tolerance_are_two_documents_under_their_own_numbers() -> None:
    # S54b: 受理通知书 and 容缺受理通知书
    tolerated = (Tolerated("premises", date(2026, 7, 30)),)
    papers = docket(a_received_case(), accepted(tolerated=tolerated, tolerance_notice="容字〔2026〕1号"))

    assert {number: papers.paper(number).kind for number in (NUMBER, "容字〔2026〕1号")} == {
        NUMBER: "acceptance",
        "容字〔2026〕1号": "tolerance",
    }
    for each in ("容缺受理通知书", "食品经营许可", "场所证明", "2026年7月30日"):
        assert each in text(said(papers, "容字〔2026〕1号"))
    assert "受理通知书" in text(said(papers, NUMBER))
