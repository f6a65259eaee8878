"""Notes hold what was signed and nothing else; a checkpoint says one thing in one way."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.notes import Checkpoint, NotSigned, PublicKey, Signer

NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
QUOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""The example of golang.org/x/mod/sumdb/note (BSD-3-Clause), whose form the C2SP wrote down."""

SIGNER = Signer("onething/990102/casefile", bytes(range(32)))
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
HEAD = Checkpoint("onething/990102/casefile", 44, bytes(range(32)), NOON)


class TestNotes:
    def test_of_others_are_read(self) -> None:
        assert PublicKey.read(NEUMANN).opened(QUOTE).startswith("If you think cryptography")
        assert str(PublicKey.read(NEUMANN)) == NEUMANN

    def test_are_opened_by_the_key_that_signed_them(self) -> None:
        note = SIGNER.signed("one\ntwo\n")

        assert PublicKey.read(str(SIGNER.public)).opened(note) == "one\ntwo\n"

    def test_are_not_opened_by_another_key_of_the_same_name(self) -> None:
        other = Signer(SIGNER.public.name, bytes(32))

        with pytest.raises(NotSigned):
            other.public.opened(SIGNER.signed("one\n"))

    def test_may_bear_signatures_of_others_too(self) -> None:
        witness = Signer("witness", bytes(32))
        note = SIGNER.signed("one\n") + witness.signed("one\n").rpartition("\n\n")[2]

        assert SIGNER.public.opened(note) == witness.public.opened(note) == "one\n"

    @given(st.data())
    def test_with_any_character_changed_are_not_opened(self, data: st.DataObject) -> None:
        note = SIGNER.signed(HEAD.text)
        at = data.draw(st.integers(0, len(note) - 1))
        other = data.draw(st.characters(codec="utf-8").filter(lambda c: c != note[at]))

        with pytest.raises(NotSigned):
            SIGNER.public.opened(note[:at] + other + note[at + 1 :])

    @pytest.mark.parametrize("text", ["", "no end", "two\n\nparts\n", "a\tb\n"])
    def test_hold_lines_of_text_only(self, text: str) -> None:
        with pytest.raises(ValueError, match="lines of printable text"):
            SIGNER.signed(text)

    @pytest.mark.parametrize("name", ["", "a b", "a+b"])
    def test_are_signed_under_names_that_can_be_read(self, name: str) -> None:
        with pytest.raises(ValueError, match="no name"):
            Signer(name, bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        NEUMANN.replace("c74f", "c74e"),
        NEUMANN.replace("ARpc", "ARqc"),
        NEUMANN[:-4],
        NEUMANN.replace("+", " "),
    ],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no public key"):
        PublicKey.read(text)


class TestCheckpoints:
    def test_are_read_as_they_were_written(self) -> None:
        assert Checkpoint.read(HEAD.text) == HEAD
        assert HEAD.text.splitlines()[:2] == ["onething/990102/casefile", "44"]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "one\ntwo\n",
            HEAD.text.replace("44", "044"),
            HEAD.text.replace("44", "-4"),
            HEAD.text.replace("at ", ""),
            HEAD.text + "more\n",
            HEAD.text.replace("AAEC", "AAE"),
            Checkpoint(HEAD.origin, 1, b"short", NOON + timedelta(1)).text,
        ],
    )
    def test_say_one_thing_in_one_way(self, text: str) -> None:
        with pytest.raises(ValueError, match="no checkpoint"):
            Checkpoint.read(text)
