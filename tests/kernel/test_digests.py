"""Canonical JSON, digests, chain links and blind indexes."""

import hashlib
import hmac
import json
import struct
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.codes import Channel
from kernel.digests import EMPTY, blind_index, canonical, digest, link

KEY = bytes(range(32))


class Fact(msgspec.Struct, frozen=True):
    on: date
    at: datetime
    by: str
    channel: Channel
    materials: frozenset[str] = frozenset()


class TestCanonicalJson:
    def test_of_the_example_in_rfc_8785_section_3_2_2(self):
        example = (
            r'{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
            r""""string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals": [null, true, false]}"""
        )
        expected = (
            '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
            '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
        )

        assert canonical(json.loads(example)) == expected.encode()

    def test_sorts_keys_as_in_rfc_8785_section_3_2_3(self):
        example = {
            "\u20ac": "Euro Sign",
            "\r": "Carriage Return",
            "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One",
            "\U0001f600": "Emoji: Grinning Face",
            "\u0080": "Control",
            "\u00f6": "Latin Small Letter O With Diaeresis",
        }

        assert list(json.loads(canonical(example)).values()) == [
            "Carriage Return",
            "One",
            "Control",
            "Latin Small Letter O With Diaeresis",
            "Euro Sign",
            "Emoji: Grinning Face",
            "Hebrew Letter Dalet With Dagesh",
        ]

    @pytest.mark.parametrize(
        ("bits", "expected"),
        [
            ("0000000000000000", "0"),
            ("8000000000000000", "0"),
            ("0000000000000001", "5e-324"),
            ("8000000000000001", "-5e-324"),
            ("7fefffffffffffff", "1.7976931348623157e+308"),
            ("ffefffffffffffff", "-1.7976931348623157e+308"),
            ("4340000000000000", "9007199254740992"),
            ("c340000000000000", "-9007199254740992"),
            ("4430000000000000", "295147905179352830000"),
            ("44b52d02c7e14af5", "9.999999999999997e+22"),
            ("44b52d02c7e14af6", "1e+23"),
            ("44b52d02c7e14af7", "1.0000000000000001e+23"),
            ("444b1ae4d6e2ef4e", "999999999999999700000"),
            ("444b1ae4d6e2ef4f", "999999999999999900000"),
            ("444b1ae4d6e2ef50", "1e+21"),
            ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
            ("3eb0c6f7a0b5ed8d", "0.000001"),
            ("41b3de4355555553", "333333333.3333332"),
            ("41b3de4355555554", "333333333.33333325"),
            ("41b3de4355555555", "333333333.3333333"),
            ("41b3de4355555556", "333333333.3333334"),
            ("41b3de4355555557", "333333333.33333343"),
            ("becbf647612f3696", "-0.0000033333333333333333"),
            ("43143ff3c1cb0959", "1424953923781206.2"),
        ],
    )
    def test_writes_numbers_as_in_rfc_8785_appendix_b(self, bits, expected):
        (number,) = struct.unpack(">d", bytes.fromhex(bits))

        assert canonical(number) == expected.encode()

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800"])
    def test_of_what_json_cannot_carry_exactly_is_refused(self, value):
        with pytest.raises(ValueError):  # noqa: PT011 - each kind has a message of the library's own
            canonical({"value": value})

    def test_of_a_struct_has_iso_dates_codes_and_sorted_sets(self):
        fact = Fact(
            on=date(2026, 3, 2),
            at=datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
            by="窗口3",
            channel=Channel.WINDOW,
            materials=frozenset("hgfedcba"),
        )

        assert canonical(fact).decode() == (
            '{"at":"2026-03-02T01:30:00Z","by":"窗口3","channel":"1","materials":["a","b","c","d","e","f","g","h"],"on":"2026-03-02"}'
        )

    @given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**53) + 1, 2**53 - 1)))
    def test_is_json_and_does_not_depend_on_the_order_of_keys(self, content):
        text = canonical(content)

        assert json.loads(text) == content
        assert canonical(dict(reversed(content.items()))) == text


class TestADigest:
    def test_names_its_algorithm(self):
        assert digest(b"abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


class TestALink:
    def test_is_the_hash_of_its_predecessor_and_its_framed_parts(self):
        framed = EMPTY + b"\0\0\0\0\0\0\0\x02ab" + b"\0\0\0\0\0\0\0\x00" + b"\0\0\0\0\0\0\0\x01c"

        assert link(EMPTY, b"ab", b"", b"c") == hashlib.sha256(framed).digest()

    @given(st.lists(st.binary(max_size=9), max_size=4), st.lists(st.binary(max_size=9), max_size=4))
    def test_differs_whenever_the_parts_differ(self, one, other):
        assert (link(EMPTY, *one) == link(EMPTY, *other)) == (one == other)

    def test_depends_on_its_predecessor(self):
        assert link(link(EMPTY, b"a"), b"b") != link(EMPTY, b"b")

    def test_needs_a_link_to_follow(self):
        with pytest.raises(ValueError, match="32 bytes"):
            link(b"", b"a")


class TestABlindIndex:
    def test_is_hmac_sha_256_over_the_framed_values(self):
        framed = b"\0\0\0\0\0\0\0\x01A" + b"\0\0\0\0\0\0\0\x02BC"

        assert blind_index(KEY, "A", "BC") == hmac.new(KEY, framed, hashlib.sha256).hexdigest()

    def test_finds_a_person_however_the_number_was_typed(self):
        wanted = blind_index(KEY, "11010519491231002X")

        assert blind_index(KEY, " 11010519491231002x ") == wanted
        assert blind_index(KEY, "１１０１０５１９４９１２３１００２Ｘ") == wanted

    def test_tells_values_apart_where_they_join(self):
        assert blind_index(KEY, "AB", "C") != blind_index(KEY, "A", "BC")

    def test_means_nothing_under_another_key(self):
        assert blind_index(KEY, "A") != blind_index(KEY[::-1], "A")

    def test_needs_a_key_worth_its_name(self):
        with pytest.raises(ValueError, match="16 bytes"):
            blind_index(b"short", "A")
