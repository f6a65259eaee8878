"""A package holds with a public key alone, and whatever is done to it is found and named."""

import io
import os
import random as dice
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casefile.archiving.checking import check_archive
from casefile.archiving.container import Entry, directory, entry, head, written
from casefile.archiving.package import MANIFEST, PROOF, README, SEAL, Manifest
from casefile.notary import Notary
from contents.sealing import unsealed
from kernel.digests import canonical, digest
from kernel.notes import PublicKey
from testkit.replica import Replica

from .archived import KEY as CASE_KEY
from .archived import PDF, SCAN, a_casefile, a_closed_case, made
from .archived import package as taken_away
from .mothers import SIGNING

KEY = PublicKey.read(SIGNING.notary.key)
SCRATCH = "changed.zip"


class Kept(msgspec.Struct):
    """A package as somebody has it."""

    path: Path
    whole: bytes
    names: list[str]
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def casefile(tmp_path_factory: pytest.TempPathFactory) -> Replica:
    running = a_casefile(tmp_path_factory.mktemp("casefile"))
    a_closed_case(running, "case-0")
    a_closed_case(running)
    return running


@pytest.fixture(scope="module")
def kept(casefile: Replica, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    path = taken_away(casefile, made(casefile).digest, tmp_path_factory.mktemp("away"))
    whole = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        names = opened.namelist()
        return Kept(path, whole, names, {name: opened.read(name) for name in names})


def told(content: bytes, tmp_path: Path, key: PublicKey = KEY) -> tuple[bool, str, str]:
    path = tmp_path / SCRATCH
    path.write_bytes(content)
    found = check_archive(path, key)
    return found.verified, found.wrong, found.entry


def packed(files: dict[str, bytes]) -> bytes:
    """A forger's container, in the right form."""
    return b"".join(written((entry(name, content), (content,)) for name, content in files.items()))


class TestAPackage:
    def test_holds_and_says_what_it_is(self, kept: Kept) -> None:
        found = check_archive(kept.path, KEY)

        assert (found.verified, found.wrong, found.entry) == (True, "", "")
        assert found.proof is not None
        assert found.manifest is not None
        assert (found.proof.length, found.manifest.facts, found.manifest.number) == (6, 6, "YJS-case-1")
        assert found.digest == digest(kept.whole).removeprefix("sha256:")
        assert [(each.item, each.counted_from, each.placeholder) for each in found.manifest.terms] == [
            ("CY03", "expiry", True)
        ]

    def test_is_a_zip_file_that_anything_opens(self, kept: Kept) -> None:
        with zipfile.ZipFile(io.BytesIO(kept.whole)) as opened:
            assert opened.testzip() is None
            assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert kept.names[:4] == [README, MANIFEST, SEAL, PROOF]
        assert len(kept.names) == 6

    def test_the_same_ledger_gives_the_same_bytes(self, casefile: Replica, kept: Kept) -> None:
        assert made(casefile).digest == digest(kept.whole).removeprefix("sha256:")

    def test_nothing_personal_is_in_it_but_under_the_key_of_the_case(self, kept: Kept) -> None:
        assert SCAN[:24] not in kept.whole
        assert PDF not in kept.whole
        manifest = msgspec.json.decode(kept.files[MANIFEST], type=Manifest)
        files = [each for each in manifest.entries if each.context]
        assert [b"".join(unsealed([kept.files[each.name]], CASE_KEY, each.context)) for each in files] == [SCAN, PDF]
        assert {each.key_id for each in files} == {"k-1"}

    def test_does_not_hold_with_another_key(self, kept: Kept, tmp_path: Path) -> None:
        other = PublicKey.read(Notary("990102", bytes(32)).key)

        assert told(kept.whole, tmp_path, other) == (False, "seal", SEAL)

    def test_is_not_anything_else(self, tmp_path: Path) -> None:
        for content in (b"", b"PK", b"PK\3\4", b"%PDF-1.7", directory([]), b"PK\3\4" + b"\xff" * 200):
            verified, wrong, _ = told(content, tmp_path)
            assert not verified
            assert wrong in {"container", "missing"}


def reordered(files: dict[str, bytes]) -> dict[str, bytes]:
    *rest, last = files
    return {rest[0]: files[rest[0]], last: files[last], **{name: files[name] for name in rest[1:]}}


def resealed(files: dict[str, bytes], change: Callable[[Any], Any], notary: Notary) -> dict[str, bytes]:
    """Who has a key makes a manifest anew."""
    manifest = change(msgspec.json.decode(files[MANIFEST], type=Manifest))
    said = canonical(manifest)
    seal = notary.seal(manifest.case_id, digest(said), manifest.tree_size).encode()
    return {**files, MANIFEST: said, SEAL: seal}


class TestWhateverIsDoneToIt:
    @pytest.mark.parametrize("number", range(6))
    def test_an_entry_that_is_another_is_named(self, kept: Kept, tmp_path: Path, number: int) -> None:
        name = kept.names[number]
        found = told(packed({**kept.files, name: kept.files[name][:-1] + b"~"}), tmp_path)

        wrong = {MANIFEST: "manifest", SEAL: "seal"}.get(name, "entry")
        assert found == (False, wrong, name)

    @pytest.mark.parametrize("number", range(6))
    def test_an_entry_that_is_gone_is_named(self, kept: Kept, tmp_path: Path, number: int) -> None:
        name = kept.names[number]
        rest = {each: content for each, content in kept.files.items() if each != name}

        assert told(packed(rest), tmp_path) == (False, "missing", name)

    def test_an_entry_too_many_is_named(self, kept: Kept, tmp_path: Path) -> None:
        assert told(packed({**kept.files, "files/zz": b"x"}), tmp_path) == (False, "surplus", "files/zz")
        twice = [*kept.files.items(), (README, kept.files[README])]
        whole = b"".join(written((entry(name, content), (content,)) for name, content in twice))
        assert told(whole, tmp_path) == (False, "surplus", README)

    def test_another_order_is_named(self, kept: Kept, tmp_path: Path) -> None:
        assert told(packed(reordered(kept.files)), tmp_path) == (False, "order", kept.names[-1])

    @pytest.mark.parametrize("more", [b"x", b"PK\5\6" + bytes(18)])
    def test_nothing_stands_before_between_or_behind(self, kept: Kept, tmp_path: Path, more: bytes) -> None:
        between = len(head(Entry(README, len(kept.files[README]), 0))) + len(kept.files[README])
        for changed in (
            more + kept.whole,
            kept.whole + more,
            kept.whole[:between] + more + kept.whole[between:],
            kept.whole[:-1],
            kept.whole[: len(kept.whole) // 2],
        ):
            verified, wrong, name = told(changed, tmp_path)
            assert (verified, wrong) == (False, "container")
            assert name in kept.names

    def test_a_zip_of_the_same_files_by_another_program_is_not_the_package(self, kept: Kept, tmp_path: Path) -> None:
        made_anew = io.BytesIO()
        with zipfile.ZipFile(made_anew, "w") as opened:
            for name in kept.names:
                opened.writestr(name, kept.files[name])

        assert told(made_anew.getvalue(), tmp_path) == (False, "container", README)

    def test_a_manifest_that_somebody_else_signed(self, kept: Kept, tmp_path: Path) -> None:
        forged = resealed(
            kept.files, lambda m: msgspec.structs.replace(m, keep_until=None), Notary("990102", bytes(32))
        )

        assert told(packed(forged), tmp_path) == (False, "seal", SEAL)

    @pytest.mark.parametrize("field", ["facts", "tree_size", "case_id"])
    def test_a_proof_that_is_not_the_manifests(self, kept: Kept, tmp_path: Path, field: str) -> None:
        """Even the house cannot seal a manifest that says otherwise than the proof in it."""
        value = {"facts": 5, "tree_size": 1, "case_id": "case-0"}[field]
        files = resealed(kept.files, lambda m: msgspec.structs.replace(m, **{field: value}), SIGNING.notary)

        assert told(packed(files), tmp_path) == (False, "unlike", PROOF)

    def test_the_seal_of_another_case(self, casefile: Replica, kept: Kept, tmp_path: Path) -> None:
        other = SIGNING.notary.seal("case-0", digest(kept.files[MANIFEST]), 12).encode()

        assert told(packed({**kept.files, SEAL: other}), tmp_path) == (False, "another", SEAL)

    def test_a_proof_that_does_not_hold_is_told(self, kept: Kept, tmp_path: Path) -> None:
        broken = kept.files[PROOF].replace(b"clerk-7", b"clerk-8").replace(b'"seq":2', b'"seq":3')

        def filed(manifest: Any) -> Any:
            entries = tuple(
                msgspec.structs.replace(each, sha256=digest(broken).removeprefix("sha256:"), size=len(broken))
                if each.name == PROOF
                else each
                for each in manifest.entries
            )
            return msgspec.structs.replace(manifest, entries=entries)

        files = resealed({**kept.files, PROOF: broken}, filed, SIGNING.notary)
        assert told(packed(files), tmp_path) == (False, "proof", PROOF)

    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_any_byte(self, kept: Kept, tmp_path: Path, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(kept.whole) - 1))
        other = data.draw(st.integers(1, 255))
        changed = bytearray(kept.whole)
        changed[at] ^= other

        verified, wrong, name = told(bytes(changed), tmp_path)
        assert not verified
        assert wrong
        assert name

    def test_every_byte_of_every_header_and_of_the_directory(self, kept: Kept, tmp_path: Path) -> None:
        """What is not content is looked at byte by byte; contents are, at random, above."""
        places, offset = [], 0
        for name in kept.names:
            length = len(head(Entry(name, 0, 0)))
            places += range(offset, offset + length)
            offset += length + len(kept.files[name])
        places += range(offset, len(kept.whole))
        dice.Random(7).shuffle(places)

        for at in places:
            changed = bytearray(kept.whole)
            changed[at] ^= 1 << (at % 8)
            assert not told(bytes(changed), tmp_path)[0], at

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(content=st.binary(max_size=300))
    def test_hostile_bytes_are_refused_and_nothing_else(self, tmp_path: Path, content: bytes) -> None:
        assert not told(content, tmp_path)[0]
        assert not told(b"PK\3\4" + content, tmp_path)[0]


def test_the_container_tells_when_a_content_is_not_what_was_summed() -> None:
    with pytest.raises(ValueError, match=r"a\.bin"):
        b"".join(written([(Entry("a.bin", 3, 0), (os.urandom(3),))]))
