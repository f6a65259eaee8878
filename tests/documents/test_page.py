"""The same document as a page, as text and as PDF: nothing is lost, and no value is ever markup."""

from datetime import date
from html.parser import HTMLParser

import pypdfium2
import pytest
from msgspec.structs import replace

from documents import Document, Section, Unrenderable, page, plain, render

NOTICE = Document(
    kind="notice",
    title="补正材料告知书",
    number="临市监补字〔2026〕3号",
    issuer="云栖市临江区市场监督管理局",
    seal="云栖市临江区市场监督管理局",
    issued_on=date(2026, 7, 23),
    addressee="林小满",
    body=("你申请的事项尚缺下列材料，请一次补齐。",),
    fields=(("办件编号", "YJS-990102-CY-20260723-000001-X"),),
    sections=(
        Section(
            title="一、须补正的材料",
            columns=("事项", "材料"),
            rows=(("食品经营许可", "场所证明"), ("消防检查", "平面图")),
        ),
        Section(title="二、须更正的表单内容", fields=(("座位数", "与平面图不符"),), body=("其余内容无需重填。",)),
    ),
    qr="YJS-990102-CY-20260723-000001-X sha256:ab",
    digest="sha256:" + "ab" * 32,
    footer="如对本告知有疑问，可向受理窗口查询。",
    fictional=True,
)
SAYS = (
    NOTICE.title, NOTICE.number, NOTICE.issuer, NOTICE.addressee, NOTICE.body[0], "办件编号",
    "YJS-990102-CY-20260723-000001-X", "一、须补正的材料", "食品经营许可", "场所证明", "消防检查", "平面图",
    "二、须更正的表单内容", "座位数", "与平面图不符", "其余内容无需重填。", "2026年7月23日",
    NOTICE.footer, NOTICE.digest,
)  # fmt: skip


class Reader(HTMLParser):
    """What a reader sees of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def printed(document: Document) -> str:
    pdf = pypdfium2.PdfDocument(render(document))
    return "".join(pdf[n].get_textpage().get_text_range() for n in range(len(pdf)))


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("words", SAYS)
def test_page_text_and_print_say_the_same(words: str) -> None:
    assert words in read(page(NOTICE)).text
    assert words in plain(NOTICE)
    assert squeezed(words) in squeezed(printed(NOTICE))


def test_a_page_is_chinese_and_needs_nothing_from_elsewhere() -> None:
    reader = read(page(NOTICE))

    assert ("html", {"lang": "zh-CN"}) in reader.tags
    assert not {tag for tag, _ in reader.tags} & {"script", "link", "img", "iframe", "form"}
    assert not [attrs for _, attrs in reader.tags if attrs.keys() & {"src", "href", "onload", "onclick"}]
    assert "svg" in {tag for tag, _ in reader.tags}


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "&lt;b&gt;", "#eval(1)"]
)
def test_a_value_is_never_markup(evil: str) -> None:
    document = replace(
        NOTICE, addressee=evil, title=evil, sections=(Section(title=evil, rows=((evil,),), columns=(evil,)),)
    )

    reader = read(page(document))

    assert not {tag for tag, _ in reader.tags} & {"script", "img", "b"}
    assert reader.text.count(evil) >= 5
    assert evil in plain(document)


def test_the_same_document_gives_the_same_page() -> None:
    assert page(NOTICE) == page(replace(NOTICE))


def test_a_document_without_code_and_number_is_one_too() -> None:
    bare = Document(kind="notice", title="一次性告知书", number="", issuer="某局", issued_on=date(2026, 7, 23))

    assert "<svg" not in page(bare)
    assert "某局" in plain(bare)
    assert render(bare).startswith(b"%PDF")


def test_too_long_a_code_is_refused() -> None:
    with pytest.raises(Unrenderable):
        page(replace(NOTICE, qr="x" * 5000))
