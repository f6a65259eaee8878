"""Seals and signatures hold for exactly what was signed, and others can check them without us."""

import asyncio
import base64
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from certificate.signing import KeysMissing, Signer, Unsignable, verify_seal
from documents import Document, render

AT = datetime(2026, 7, 23, 9, 30, tzinfo=UTC)
CERTIFICATE = Document(
    kind="certificate",
    title="食品经营许可证",
    number="JY29901020000018",
    issuer="云栖市临江区市场监督管理局",
    issued_on=date(2026, 7, 23),
    fields=(("经营者名称", "云栖市临江区小满餐饮店"),),
    fictional=True,
)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signing") / "keys"


@pytest.fixture(scope="session")
def signer(keys: Path) -> Signer:
    return Signer.development(keys)


@pytest.fixture(scope="session")
def standard(signer: Signer, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """A signer with the secret key of RFC 8032, section 7.1, test 2."""
    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    key = Ed25519PrivateKey.from_private_bytes(secret)
    file = tmp_path_factory.mktemp("standard") / "seal.key"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Signer.from_files(**files(keys) | {"seal_key": file})


@pytest.fixture(scope="session")
def pdf() -> bytes:
    return render(CERTIFICATE)


@pytest.fixture(scope="session")
def signed(signer: Signer, pdf: bytes) -> bytes:
    return signer.sign_pdf(pdf, at=AT, reason="核发", location="云栖市临江区")


def verdicts(signed: bytes, keys: Path) -> list:
    """What pyHanko's validator finds for each signature, trusting the development authority alone."""

    async def judge() -> list:
        trust = ValidationContext(
            trust_roots=[load_cert_from_pemder(str(keys / "ca.crt"))], allow_fetching=False, moment=AT
        )
        reader = PdfFileReader(BytesIO(signed))
        return [await async_validate_pdf_signature(each, trust) for each in reader.embedded_signatures]

    return asyncio.run(judge())


def signed_parts(signed: bytes) -> list[tuple[bytes, bytes]]:
    """For each signature the bytes that it covers and the CMS blob, read without a PDF library."""
    parts = []
    for found in re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", signed):
        start, length, resume, rest = (int(number) for number in found.groups())
        covered = signed[start : start + length] + signed[resume : resume + rest]
        blob = bytes.fromhex(signed[start + length + 1 : resume - 1].decode())
        parts.append((covered, blob))
    return parts


def openssl_accepts(covered: bytes, blob: bytes, authority: Path, folder: Path) -> bool:
    """Whether OpenSSL finds the CMS signature good for these bytes, under this authority."""
    if not (openssl := shutil.which("openssl")):
        pytest.fail("openssl is missing. Type: apt-get install openssl")
    (folder / "covered").write_bytes(covered)
    (folder / "blob").write_bytes(blob)
    arguments = ["-in", "blob", "-inform", "DER", "-content", "covered", "-CAfile", str(authority)]
    command = [openssl, "cms", "-verify", "-binary", *arguments, "-purpose", "any", "-out", "out"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 0


class TestSeals:
    def test_a_seal_holds_for_what_was_sealed(self, signer: Signer):
        assert verify_seal(signer.public_key, b"payload", signer.seal(b"payload"))

    def test_the_same_bytes_get_the_same_seal(self, signer: Signer):
        assert signer.seal(b"payload") == signer.seal(b"payload") != signer.seal(b"payload.")

    @given(st.binary(max_size=40), st.integers(0, 511))
    def test_a_changed_payload_seal_or_key_is_found(self, signer: Signer, payload: bytes, bit: int):
        seal = signer.seal(payload)
        place = bit * len(seal) // 512
        other = seal[:place] + ("A" if seal[place] != "A" else "B") + seal[place + 1 :]
        key = bytearray(signer.public_key)
        key[bit // 16] ^= 1 << bit % 8

        assert verify_seal(signer.public_key, payload, seal)
        assert not verify_seal(signer.public_key, payload + b"\0", seal)
        assert not verify_seal(signer.public_key, payload, other)
        assert not verify_seal(bytes(key), payload, seal)

    @pytest.mark.parametrize("change", ["", "é", "=", "\n", " ", "+/"])
    def test_a_seal_has_one_spelling_only(self, signer: Signer, change: str):
        seal = signer.seal(b"payload")

        assert not verify_seal(signer.public_key, b"payload", seal + change if change else "")

    def test_a_key_of_another_length_verifies_nothing(self, signer: Signer):
        assert not verify_seal(b"short", b"payload", signer.seal(b"payload"))

    def test_seals_are_those_of_the_standard(self, standard: Signer):
        seal = standard.seal(b"\x72")

        assert standard.public_key.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        assert base64.urlsafe_b64decode(seal + "==").hex() == (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )


class TestSignatures:
    def test_a_signed_document_is_valid_and_trusted(self, signed: bytes, keys: Path):
        (verdict,) = verdicts(signed, keys)

        assert verdict.bottom_line
        assert (verdict.intact, verdict.valid, verdict.trusted) == (True, True, True)
        assert verdict.coverage.name == "ENTIRE_FILE"

    def test_openssl_accepts_it_too(self, signed: bytes, keys: Path, tmp_path: Path):
        ((covered, blob),) = signed_parts(signed)

        assert openssl_accepts(covered, blob, keys / "ca.crt", tmp_path)
        assert not openssl_accepts(covered + b" ", blob, keys / "ca.crt", tmp_path)

    def test_another_authority_is_not_trusted(self, signed: bytes, tmp_path: Path):
        Signer.development(tmp_path / "others")
        ((covered, blob),) = signed_parts(signed)

        assert not openssl_accepts(covered, blob, tmp_path / "others" / "ca.crt", tmp_path)
        (verdict,) = verdicts(signed, tmp_path / "others")
        assert verdict.intact
        assert not verdict.trusted

    @pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
    def test_a_changed_byte_breaks_the_signature(self, signed: bytes, pdf: bytes, keys: Path, tmp_path: Path, place):
        changed = bytearray(signed)
        changed[int(len(pdf) * place)] ^= 1
        ((covered, blob),) = signed_parts(bytes(changed))

        assert not openssl_accepts(covered, blob, keys / "ca.crt", tmp_path)

    def test_the_signature_covers_everything_but_itself(self, signed: bytes):
        ((covered, blob),) = signed_parts(signed)

        assert len(covered) + 2 * len(blob) + 2 == len(signed)

    def test_it_says_when_why_and_where(self, signed: bytes, keys: Path):
        value = PdfReader(BytesIO(signed)).get_fields()["Signature1"]["/V"].get_object()

        assert value["/SubFilter"] == "/ETSI.CAdES.detached"
        assert value["/M"].startswith("D:20260723093000")
        assert (value["/Reason"], value["/Location"]) == ("核发", "云栖市临江区")

    def test_the_document_is_untouched_and_still_an_archive_pdf(self, pdf: bytes, signed: bytes):
        assert signed.startswith(pdf)
        added = signed[len(pdf) :]
        assert re.match(rb"[\r\n]+\d+ 0 obj[\r\n]", added)  # ISO 19005-2 6.1.9: on a line of its own
        metadata = PdfReader(BytesIO(signed)).xmp_metadata.stream.get_data()
        assert re.search(rb"pdfaid:part\W+2\b", metadata)

    def test_each_authority_can_add_its_own_and_all_stay_valid(
        self, signed: bytes, signer: Signer, keys: Path, tmp_path: Path
    ):
        other = Signer.development(tmp_path / "health")
        composite = other.sign_pdf(signed, at=AT, field="卫生健康局")
        composite = signer.sign_pdf(composite, at=AT, field="消防救援大队")

        first, second, third = verdicts(composite, keys)
        assert [verdict.intact and verdict.valid for verdict in (first, second, third)] == [True] * 3
        assert [verdict.trusted for verdict in (first, second, third)] == [True, False, True]
        assert first.modification_level in {ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING}
        authorities = [keys, tmp_path / "health", keys]
        for (covered, blob), authority in zip(signed_parts(composite), authorities, strict=True):
            assert openssl_accepts(covered, blob, authority / "ca.crt", tmp_path)

    def test_a_field_is_signed_once(self, signer: Signer, signed: bytes):
        with pytest.raises(Unsignable):
            signer.sign_pdf(signed, at=AT)

    @pytest.mark.parametrize("nonsense", [b"", b"not a PDF", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF"])
    def test_what_is_no_pdf_cannot_be_signed(self, signer: Signer, nonsense: bytes):
        with pytest.raises(Unsignable):
            signer.sign_pdf(nonsense, at=AT)

    def test_threads_sign_side_by_side(self, signer: Signer, pdf: bytes, keys: Path):
        with ThreadPoolExecutor(4) as pool:
            every = list(pool.map(lambda _: signer.sign_pdf(pdf, at=AT), range(8)))

        assert all(verdict.bottom_line for one in every for verdict in verdicts(one, keys))

    def test_greenthreads_render_and_sign_side_by_side(self, keys: Path, tmp_path: Path):
        program = """
import eventlet; eventlet.monkey_patch()
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from eventlet import tpool
from documents import Document, render
from certificate.signing import Signer
signer = Signer.development(Path(sys.argv[1]))
def one(number):
    words = {"kind": "receipt", "title": "受理回执", "number": str(number), "issuer": "中心"}
    document = Document(**words, issued_on=date(2026, 7, 23))
    at = datetime(2026, 7, 23, tzinfo=UTC)
    if number % 2:
        pdf = tpool.execute(render, document)
        return tpool.execute(signer.sign_pdf, pdf, at=at)
    return signer.sign_pdf(render(document), at=at)
for number, pdf in enumerate(eventlet.GreenPool(8).imap(one, range(8))):
    Path(sys.argv[2], f"{number}.pdf").write_bytes(pdf)
"""
        environment = {"PYTHONPATH": ":".join(sys.path), "HOME": str(Path.home()), "PATH": "/usr/bin:/bin"}

        subprocess.run([sys.executable, "-c", program, keys, tmp_path], env=environment, check=True, timeout=120)

        written = sorted(tmp_path.glob("*.pdf"))
        assert len(written) == 8
        assert all(verdicts(path.read_bytes(), keys)[0].bottom_line for path in written)


class TestKeys:
    def test_development_keys_are_made_once(self, signer: Signer, keys: Path):
        again = Signer.development(keys)

        assert again.public_key == signer.public_key
        assert again.seal(b"payload") == signer.seal(b"payload")

    def test_of_many_first_starts_at_once_one_makes_the_keys(self, tmp_path: Path):
        with ThreadPoolExecutor(8) as pool:
            signers = list(pool.map(Signer.development, [tmp_path / "keys"] * 16))

        assert len({signer.public_key for signer in signers}) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["keys"]

    def test_keys_are_for_their_owner_alone(self, signer: Signer, keys: Path):
        assert {path.stat().st_mode & 0o777 for path in keys.iterdir()} == {0o600}
        assert keys.stat().st_mode & 0o777 == 0o700

    def test_development_certificates_say_so_and_their_authority_has_no_key(self, signer: Signer, keys: Path):
        for name in ("ca.crt", "pdf.crt"):
            subject = x509.load_pem_x509_certificate((keys / name).read_bytes()).subject.rfc4514_string()
            assert subject.count("DEVELOPMENT") == 2
        assert "DEVELOPMENT" in signer.name
        assert sorted(path.name for path in keys.iterdir()) == ["ca.crt", "pdf.crt", "pdf.key", "seal.key"]

    def test_an_authority_brings_its_own_keys(self, signer: Signer, keys: Path):
        own = Signer.from_files(**files(keys))

        assert (own.name, own.public_key) == (signer.name, signer.public_key)

    @pytest.mark.parametrize("role", ["seal_key", "pdf_key", "certificate"])
    def test_a_missing_file_is_named(self, signer: Signer, keys: Path, role: str):
        with pytest.raises(KeysMissing, match="nowhere"):
            Signer.from_files(**files(keys) | {role: Path("nowhere.pem")})

    @pytest.mark.parametrize("role", ["seal_key", "pdf_key", "certificate"])
    def test_a_file_of_another_kind_is_named(self, signer: Signer, keys: Path, role: str, tmp_path: Path):
        (tmp_path / "wrong.pem").write_text("no key and no certificate")

        with pytest.raises(KeysMissing, match="wrong"):
            Signer.from_files(**files(keys) | {role: tmp_path / "wrong.pem"})

    def test_a_seal_needs_an_ed25519_key(self, signer: Signer, keys: Path):
        with pytest.raises(KeysMissing, match="Ed25519"):
            Signer.from_files(**files(keys) | {"seal_key": keys / "pdf.key"})


def files(keys: Path) -> dict[str, Path]:
    return {"seal_key": keys / "seal.key", "pdf_key": keys / "pdf.key", "certificate": keys / "pdf.crt"}
