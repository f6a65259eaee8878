"""Whose keys sign: each organisation's own; composites bear them all; readers outside accept what they sign."""

import asyncio
import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from certificate.pages import Composite, code, page, permit_data
from certificate.press import printed
from certificate.signing import (
    PROFILES,
    Authorities,
    KeysMissing,
    ProfileUnavailable,
    Signer,
    key_id,
    verify_seal,
)
from certificate.signing.development import make_keys
from contracts.intake import Applicant
from documents import render

from .mothers import TRADE, Exit

AT = datetime(2026, 7, 23, 9, 30, tzinfo=UTC)
HOLDER = Applicant(name="林小满", identifier="990102199202150022")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "signing"


@pytest.fixture(scope="module")
def authorities(tmp_path_factory) -> Authorities:
    return Authorities.of(tmp_path_factory.mktemp("keys") / "signing", "990102")


def verdicts(signed: bytes, authorities: list[Path]) -> list:
    """What pyHanko's validator finds for each signature, trusting these authorities alone."""

    async def judge() -> list:
        roots = [load_cert_from_pemder(str(file)) for file in authorities]
        reader = PdfFileReader(BytesIO(signed))
        return [
            await async_validate_pdf_signature(
                each, ValidationContext(trust_roots=roots, allow_fetching=False, moment=AT)
            )
            for each in reader.embedded_signatures
        ]

    return asyncio.run(judge())


class TestKeys:
    def test_every_organisation_seals_with_a_key_of_its_own(self, authorities):
        one, other = authorities.seal("scjg", b"text"), authorities.seal("wjw", b"text")

        assert one.key != other.key
        for mark in (one, other):
            assert verify_seal(authorities.public_key(mark.key), b"text", mark.seal)
        assert not verify_seal(authorities.public_key(one.key), b"text", other.seal)

    def test_are_found_again_by_another_process(self, folder):
        mark = Authorities.of(folder, "990102").seal("scjg", b"text")

        again = Authorities.of(folder, "990102")

        assert verify_seal(again.public_key(mark.key), b"text", mark.seal)
        assert again.seal("scjg", b"text") == mark

    def test_that_nobody_here_ever_had_are_unknown(self, authorities):
        assert authorities.public_key("00" * 16) is None

    def test_of_earlier_seals_without_a_name_are_the_exits_own(self, authorities):
        assert authorities.public_key("") == authorities.house.public_key

    def test_of_an_organisation_without_any_are_the_exits_own_where_keys_are_brought(self, folder):
        make_keys(folder)
        make_keys(folder / "organisations" / "wjw", "wjw")
        brought = Authorities.of(folder, "330102")

        assert brought.signer("scjg") is brought.house
        assert brought.signer("wjw") is not brought.house
        assert not (folder / "organisations" / "scjg").exists()

    @pytest.mark.parametrize("name", ["../house", "", "a/b", "."])
    def test_of_nameless_organisations_are_looked_for_nowhere(self, authorities, name):
        assert authorities.signer(name) is authorities.house

    def test_are_never_made_for_a_real_region(self, folder):
        with pytest.raises(KeysMissing):
            Authorities.of(folder, "330102")

    def test_that_are_retired_still_verify(self, folder):
        make_keys(folder)
        old = Authorities.of(folder, "330102").seal("scjg", b"text")
        public = Signer.development(folder).public_key
        retired = folder / "retired"
        shutil.rmtree(folder)
        make_keys(folder)
        retired.mkdir()
        write_public(public, retired / "2026.pub")

        new = Authorities.of(folder, "330102")

        assert new.seal("scjg", b"text").key != old.key == key_id(public)
        assert verify_seal(new.public_key(old.key), b"text", old.seal)

    @pytest.mark.parametrize("content", [b"no key", None])
    def test_that_are_retired_are_ed25519_keys_or_named(self, folder, content):
        make_keys(folder)
        (folder / "retired").mkdir()
        pem = ec.generate_private_key(ec.SECP256R1()).public_key()
        text = content or pem.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / "retired" / "wrong.pub").write_bytes(text)

        with pytest.raises(KeysMissing, match=r"wrong\.pub"):
            Authorities.of(folder, "330102")


def write_public(raw: bytes, file: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(raw)
    file.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def bring(folder: Path, key) -> Path:
    """An authority's own key and its certificate, in the place of the development ones."""
    make_keys(folder)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "own")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.KeyUsage(True, True, False, False, False, False, False, False, False),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "pdf.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "pdf.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "ca.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    return folder


class TestProfiles:
    """Algorithms are pluggable: the keys that are brought decide."""

    @pytest.mark.parametrize(
        ("make", "profile"),
        [
            (lambda: ec.generate_private_key(ec.SECP256R1()), "ecdsa-p256"),
            (lambda: rsa.generate_private_key(65537, 3072), "rsa-3072"),
        ],
        ids=["ecdsa", "rsa"],
    )
    def test_that_are_available_sign_what_others_validate(self, folder, make, profile):
        signer = Authorities.of(bring(folder, make()), "330102").house
        output = Exit().plans().issues("FOOD").output
        document = page(output, output.certificates["FOOD.food_permit"].issued, HOLDER, TRADE)

        signed = signer.sign_pdf(render(document), at=AT)

        assert signer.profile is PROFILES[profile]
        (verdict,) = verdicts(signed, [folder / "ca.crt"])
        assert verdict.bottom_line

    @pytest.mark.parametrize(
        "make",
        [lambda: ec.generate_private_key(ec.SECP384R1()), lambda: rsa.generate_private_key(65537, 2048)],
        ids=["another curve", "too short"],
    )
    def test_are_named_where_a_key_belongs_to_none(self, folder, make):
        with pytest.raises(KeysMissing, match=r"pdf\.key is neither"):
            Authorities.of(bring(folder, make()), "330102")

    def test_sm2_is_described_and_refused_with_the_reason(self, folder):
        if not (openssl := shutil.which("openssl")):
            pytest.fail("openssl is missing. Type: apt-get install openssl")
        make_keys(folder)
        subprocess.run(
            [openssl, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", folder / "pdf.key"],
            check=True,
            capture_output=True,
        )

        with pytest.raises(ProfileUnavailable, match="sm2-sm3 is not available: no maintained library"):
            Authorities.of(folder, "330102")
        assert [name for name, profile in PROFILES.items() if not profile.available] == ["sm2-sm3"]


@pytest.fixture(scope="module")
def composite(authorities) -> tuple[bytes, Composite]:
    """A comprehensive licence over permits of two departments, signed by both and by who issues the whole."""
    output = Exit("integrated", TRADE).plans().issues("OPEN", "FOOD").concludes().output
    document = page(output, output.certificates["CY.trade_licence"].issued, HOLDER, TRADE)
    signers = [(name, authorities.signer(name)) for name in ("scjg", "wjw", "zwzx")]
    return printed(document, signers, AT), document


class TestAComposite:
    """S61a: it carries each department's signature, and its code loads the permits' data."""

    def roots(self, authorities):
        return [authorities._folder / "organisations" / name / "ca.crt" for name in ("scjg", "wjw", "zwzx")]

    def test_bears_a_valid_signature_of_every_department(self, composite, authorities):
        found = verdicts(composite[0], self.roots(authorities))

        assert [(each.intact, each.valid, each.trusted) for each in found] == [(True, True, True)] * 3
        names = [each.signing_cert.subject.human_friendly for each in found]
        assert [re.search(r"DEVELOPMENT (\w+) SIGNER", name)[1] for name in names] == ["scjg", "wjw", "zwzx"]

    def test_is_accepted_by_another_reader(self, composite, tmp_path):
        if not (pdfsig := shutil.which("pdfsig")):
            pytest.fail("pdfsig is missing. Type: apt-get install poppler-utils")
        (tmp_path / "licence.pdf").write_bytes(composite[0])

        told = subprocess.run(
            [pdfsig, "-nocert", tmp_path / "licence.pdf"], check=False, capture_output=True, text=True
        ).stdout

        assert told.count("Signature Validation: Signature is Valid.") == 3
        assert told.count("Signature Type: ETSI.CAdES.detached") == 3
        assert told.count("Total document signed") == 1

    def test_breaks_for_every_department_when_the_page_is_changed(self, composite, authorities):
        changed = bytearray(composite[0])
        changed[len(changed) // 8] ^= 1

        with pytest.raises(Exception):  # noqa: B017, PT011  # unreadable, or:
            assert all(each.intact for each in verdicts(bytes(changed), self.roots(authorities)))

    def test_is_still_an_archive_pdf(self, composite):
        """ISO 19005-2, as far as it can be checked without a conformance checker: signatures add nothing against it."""
        reader = PdfReader(BytesIO(composite[0]))
        root = reader.trailer["/Root"]

        assert reader.pdf_header == "%PDF-1.7"
        assert root.get("/Version", "/1.7") == "/1.7"
        metadata = reader.xmp_metadata.stream.get_data().decode()
        assert re.search(r"pdfaid:part\W+2\b", metadata)
        assert re.search(r"pdfaid:conformance\W+B\b", metadata)
        (intent,) = root["/OutputIntents"]
        assert intent.get_object()["/S"] == "/GTS_PDFA1"
        assert intent.get_object()["/DestOutputProfile"].get_object().get_data()
        assert not {"/OpenAction", "/AA", "/NeedAppearances"} & {*root, *root["/AcroForm"]}
        assert "/Encrypt" not in reader.trailer
        assert "/ID" in reader.trailer
        widgets = [each.get_object() for each in reader.pages[0]["/Annots"]]
        assert len(widgets) == 3
        for widget in widgets:
            assert widget["/F"] & 0b100, "it is printed"
            assert not widget["/F"] & 0b100011, "and not hidden"
            assert [float(each) for each in widget["/Rect"]] == [0, 0, 0, 0], "without an appearance it has no extent"

    def test_shows_its_parts_and_every_seal(self, composite):
        words = "".join(each.extract_text() for each in PdfReader(BytesIO(composite[0])).pages)

        for row in composite[1].rows:
            assert row[2] in words
        assert composite[1].seals == ("市场局",)
        assert HOLDER.name in words

    def test_loads_the_permits_in_its_code(self):
        output = Exit("integrated", TRADE).plans().issues("OPEN", "FOOD").concludes().output
        licence = output.certificates["CY.trade_licence"].issued
        parts = [output.certificates[name].issued for name in licence.parts]

        document = page(output, licence, HOLDER, TRADE)

        assert document.qr == f"{code(licence)}\n{permit_data(parts)}"
        assert all(part.number in document.qr and part.identifier in document.qr for part in parts)
        assert HOLDER.name not in document.qr


def test_a_denial_tells_reasons_and_remedies():
    """行政许可法 第38条第2款."""
    output = Exit().plans().denies("FOOD").output

    document = page(output, output.certificates["FOOD.denial"].issued, HOLDER, TRADE)

    words = "".join(each.extract_text() for each in PdfReader(BytesIO(render(document))).pages)
    for said in ("不予行政许可决定书", "不准-FOOD", "场所不符", "可以复议", HOLDER.name, "item FOOD"):
        assert said in re.sub(r"\s+", " ", words)


def test_a_corrected_edition_says_so():
    output = Exit().plans().issues("FOOD").denies("SIGN").corrects("FOOD").corrects("SIGN").output

    permit = page(output, output.certificates["FOOD.food_permit.2"].issued, HOLDER, TRADE)
    denial = page(output, output.certificates["SIGN.denial.2"].issued, HOLDER, TRADE)

    assert ("版本", "2") in permit.fields
    assert ("更正", "字号更正") in permit.fields
    assert any("字号更正" in sentence for sentence in denial.body)
    assert denial.issued_on == date(2026, 7, 23)
