"""Documents are real PDFs: complete, readable by others, the same every time, marked when not real."""

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from msgspec import json
from msgspec.structs import replace
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from documents import TEMPLATES, Document, FontMissing, Renderer, Unrenderable, find_font, render

ISSUER = "云栖市临江区市场监督管理局"
ZZBS = "1.2.156.3005.2.11990100MB0000019L001.11990102MB0000027C.20260723000001.001.E"
LICENCE = Document(
    kind="certificate",
    title="食品经营许可证",
    number="JY29901020000018",
    zzbs=ZZBS,
    issuer=ISSUER,
    seal=ISSUER,
    issued_on=date(2026, 7, 23),
    valid_from=date(2026, 7, 23),
    valid_to=date(2031, 7, 22),
    fields=(
        ("经营者名称", "云栖市临江区小满餐饮店"),
        ("公民身份号码", "990102199202150022"),
        ("经营场所", "云栖市临江区桂花路18号一层"),
    ),
    qr="https://verify.example/c/20260723000001?d=ab12cd34",
    footer="扫码可核验真伪与现行状态。",
    fictional=True,
)
DECISION = Document(
    kind="decision",
    title="不予行政许可决定书",
    number="临卫不许〔2026〕7号",
    issuer="云栖市临江区卫生健康局",
    issued_on=date(2026, 7, 23),
    addressee="林小满",
    body=("经审查，申请场所的通风设施不符合要求。", "如不服，可以申请行政复议。"),
)
PACKING_LIST = Document(
    kind="manifest",
    title="出件清单",
    number="临政出〔2026〕18号",
    issuer="云栖市临江区政务服务中心",
    issued_on=date(2026, 7, 23),
    columns=("序号", "名称", "编号"),
    rows=(("1", "食品经营许可证", "JY29901020000018"), ("2", "营业执照", "92990102MA0000023J")),
)
RECEIPT = Document(
    kind="receipt",
    title="受理回执",
    number="YJS-990102-CY-20260710-000001-K",
    issuer="云栖市临江区政务服务中心",
    issued_on=date(2026, 7, 10),
    fields=(("申请人", "林小满"),),
    body=("请妥善保管。",),
)
NOTICE = replace(DECISION, kind="notice", title="补正材料告知书")
EVERY_KIND = [LICENCE, DECISION, NOTICE, PACKING_LIST, RECEIPT]


def text(pdf: bytes) -> str:
    """What is written in the document, without the blanks and breaks of its layout."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def every_word(document: Document) -> list[str]:
    values = [word for pair in document.fields for word in pair] + [word for row in document.rows for word in row]
    return [document.title, document.number, document.issuer, *document.body, *document.columns, *values]


def embedded_fonts(pdf: bytes) -> list[DictionaryObject]:
    """The fonts of all pages, as they lie in the file."""
    found = []
    for page in PdfReader(BytesIO(pdf)).pages:
        fonts = page["/Resources"].get_object().get("/Font", {})
        found += [font.get_object()["/DescendantFonts"][0].get_object() for font in fonts.values()]
    return found


def picture(pdf: bytes):
    return pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().convert("RGB")


@pytest.mark.parametrize("document", EVERY_KIND, ids=lambda document: document.kind)
def test_everything_a_document_says_can_be_read_and_searched(document: Document):
    written = text(render(document))

    assert [word for word in every_word(document) if re.sub(r"\s", "", word) not in written] == []


def test_a_certificate_shows_its_identifier_and_its_days():
    written = text(render(LICENCE))

    assert ZZBS in written
    assert "2026年7月23日至2031年7月22日" in written


@pytest.mark.parametrize("document", EVERY_KIND, ids=lambda document: document.kind)
def test_the_font_is_embedded_and_only_the_part_that_is_used(document: Document):
    pdf = render(document)

    fonts = embedded_fonts(pdf)
    assert fonts
    for font in fonts:
        descriptor = font["/FontDescriptor"].get_object()
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)
        assert re.match(r"/[A-Z]{6}\+.*(Noto|SourceHan)Serif", font["/BaseFont"])
    assert len(pdf) < 300_000 < find_font().stat().st_size


def test_a_document_says_that_it_is_an_archive_pdf_and_has_nothing_active():
    reader = PdfReader(BytesIO(render(LICENCE)))

    metadata = reader.xmp_metadata.stream.get_data().decode()
    assert re.search(r"pdfaid:part\W+2\b", metadata)
    assert re.search(r"pdfaid:conformance\W+B\b", metadata)
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(reader.trailer["/Root"])


def test_the_only_date_in_the_file_is_the_day_of_issue():
    metadata = PdfReader(BytesIO(render(LICENCE))).metadata

    assert metadata.creation_date == metadata.modification_date == datetime(2026, 7, 23, tzinfo=UTC)
    assert metadata.title == "食品经营许可证 JY29901020000018"
    assert metadata.author == ISSUER


def test_the_code_on_the_page_can_be_scanned():
    codes = zxingcpp.read_barcodes(picture(render(LICENCE)))

    assert [code.text for code in codes] == [LICENCE.qr]
    assert zxingcpp.read_barcodes(picture(render(replace(LICENCE, qr="")))) == []


@pytest.mark.parametrize("document", EVERY_KIND, ids=lambda document: document.kind)
def test_what_is_fictional_is_marked_and_what_is_real_is_not(document: Document):
    fictional = text(render(replace(document, fictional=True, seal=ISSUER)))
    real = text(render(replace(document, fictional=False, seal=ISSUER)))

    for mark in ("样例", "SPECIMEN", "样章"):
        assert mark in fictional
        assert mark not in real


def test_a_seal_is_drawn_in_red_only_where_there_is_one():
    def reds(document: Document) -> int:
        return sum(r > 180 and g < 100 and b < 100 for r, g, b in picture(render(document)).get_flattened_data())

    plain = replace(RECEIPT, seal="")
    assert reds(replace(RECEIPT, seal=ISSUER)) > reds(plain) + 5_000


def test_values_are_text_and_never_markup():
    trap = '#panic("run") *bold* $x$ #read("house.typ") \\ // /* "quoted" <label> @ref'
    document = replace(LICENCE, title=trap, number=trap, fields=((trap, trap),), body=(trap,), footer=trap)

    assert text(render(document)).count(re.sub(r"\s", "", trap)) == 6


def test_the_same_document_gives_the_same_bytes_in_another_process():
    program = (
        "import sys; from msgspec import json; from documents import *;"
        "sys.stdout.buffer.write(render(json.decode(sys.argv[1], type=Document)))"
    )
    environment = {"PYTHONPATH": ":".join(sys.path), "HOME": str(Path.home()), "TZ": "Asia/Shanghai"}

    other = subprocess.run(
        [sys.executable, "-c", program, json.encode(LICENCE).decode()],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )

    assert other.stdout == render(LICENCE)


def test_another_word_gives_other_bytes():
    assert render(replace(LICENCE, number="JY29901020000019")) != render(LICENCE)


def test_threads_render_side_by_side():
    documents = [replace(DECISION, number=f"第{number}号") for number in range(12)]
    one_by_one = [render(document) for document in documents]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(render, documents)) == one_by_one


def test_a_long_list_runs_over_pages_and_loses_nothing():
    rows = tuple((str(number), "食品经营许可证", f"JY{number:014d}") for number in range(120))
    pdf = render(replace(PACKING_LIST, rows=rows))

    assert len(PdfReader(BytesIO(pdf)).pages) > 1
    written = text(pdf)
    assert [row[2] for row in rows if row[2] not in written] == []


@pytest.mark.parametrize("character", ["😀", "\ue000", "ﷺ"])
def test_a_character_that_the_font_lacks_is_refused_by_name(character: str):
    with pytest.raises(Unrenderable, match=re.escape(character) if character != "\ue000" else "e000"):
        render(replace(LICENCE, fields=(("经营者名称", f"小{character}满"),)))


def test_rare_characters_of_names_can_be_printed():
    assert "𠮷𫖮㐂龘" in text(render(replace(LICENCE, fields=(("姓名", "𠮷𫖮㐂龘"),))))


@pytest.mark.parametrize("template", ["no-such", "../house", "/etc/passwd", "House", "house.typ"])
def test_a_layout_that_does_not_exist_is_refused(template: str):
    with pytest.raises(Unrenderable, match="no layout"):
        render(replace(LICENCE, template=template))


def test_more_than_a_code_can_hold_is_refused():
    with pytest.raises(Unrenderable):
        render(replace(LICENCE, qr="x" * 5000))


def test_a_new_kind_of_certificate_is_one_more_file(tmp_path: Path):
    shutil.copytree(TEMPLATES, tmp_path, dirs_exist_ok=True)
    (tmp_path / "wall-plate.typ").write_text('#import "house.typ": *\n#base(paper: "a3")[挂牌 #doc.title]\n')

    plate = Renderer(templates=tmp_path).render(replace(LICENCE, template="wall-plate"))

    assert "挂牌食品经营许可证" in text(plate)
    assert PdfReader(BytesIO(plate)).pages[0].mediabox.width == pytest.approx(841.9, abs=0.1)


def test_where_no_font_is_installed_the_error_says_what_to_install(tmp_path: Path):
    with pytest.raises(FontMissing, match=r"fonts-noto-cjk.*mplfonts"):
        find_font([tmp_path])


def test_a_font_is_found_by_its_name_in_any_subfolder(tmp_path: Path):
    (tmp_path / "opentype" / "noto").mkdir(parents=True)
    (tmp_path / "opentype" / "noto" / "NotoSerifCJK-Bold.ttc").touch()
    font = tmp_path / "opentype" / "noto" / "NotoSerifCJK-Regular.ttc"
    font.touch()

    assert find_font([tmp_path]) == font
