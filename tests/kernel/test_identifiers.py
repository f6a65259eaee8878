"""Identifiers: the published examples, and what their check characters catch."""

import pickle
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kernel.codes import Sex
from kernel.identifiers import (
    InvalidIdentifier,
    birth_date,
    certificate_id,
    check_certificate_id,
    check_citizen_id,
    check_item_code,
    check_organisation_code,
    check_region,
    check_uscc,
    mod37_36,
    sex,
)

REAL_CITIZENS = ["11010519491231002X", "440524188001010014"]
EXERCISE_CITIZENS = ["990102199001010015", "990102199202150022", "990102202406010018", "990102196403010030"]
CITIZENS = REAL_CITIZENS + EXERCISE_CITIZENS

REAL_USCCS = [
    "91350100M000100Y43",
    "91110000101623741K",
    "11370800MB28559184",
    "11330105002500287C",
    "113700000045046442",
    "11511301008778183N",
]
EXERCISE_USCCS = [
    "11990100MB0000019L",
    "11990102MB0000027C",
    "11990102MB00000357",
    "11990102MB00000432",
    "11990102MB0000051W",
    "11990102MB000006XL",
    "11990102MB0000078L",
    "11990102MB0000086F",
    "11990102MB0000094A",
    "12990102MB00000A22",
    "91990102MA0000015T",
    "92990102MA0000023J",
]
USCCS = REAL_USCCS + EXERCISE_USCCS
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

ITEM_CODES = ["11370800MB285591843370117002011", "11990102MB000003574990131016000"]

CERTIFICATES = [
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
    "1.2.156.3005.2.11990100MB0000019L001.11990102MB0000027C.20260723000001.001.E",
]


def reason(check, text):
    """Why a text is refused."""
    with pytest.raises(InvalidIdentifier) as refusal:
        check(text)
    return refusal.value.reason


def one_changed(text, alphabet, places):
    """The text with one character exchanged for another of the alphabet."""
    return (
        st.tuples(st.sampled_from(places), st.sampled_from(alphabet))
        .filter(lambda it: text[it[0]] != it[1])
        .map(lambda it: text[: it[0]] + it[1] + text[it[0] + 1 :])
    )


class TestACitizenIdentityNumber:
    @pytest.mark.parametrize("text", CITIZENS)
    def test_of_the_examples_passes(self, text):
        assert check_citizen_id(text) == text

    def test_tells_birth_and_sex(self):
        assert birth_date("11010519491231002X") == date(1949, 12, 31)
        assert sex("11010519491231002X") is Sex.FEMALE
        assert sex("990102199001010015") is Sex.MALE

    def test_is_brought_to_its_normal_form(self):
        assert check_citizen_id(" 110105 19491231 002x\n") == "11010519491231002X"
        assert check_citizen_id("１１０１０５１９４９１２３１００２Ｘ") == "11010519491231002X"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "length"),
            ("110105491231002", "length"),
            ("11010519491231002", "length"),
            ("11010519491231002XX", "length"),
            ("1101051949123100XX", "format"),
            ("01010519491231002X", "format"),
            ("1101051949123١002X", "format"),
            ("110105194912310021", "check"),
            ("990102199002300010", "check"),
            ("990102199002300014", "date"),
            ("990102199013010012", "date"),
        ],
    )
    def test_that_is_wrong_is_refused_with_the_reason(self, text, expected):
        assert reason(check_citizen_id, text) == expected

    @given(st.data())
    def test_with_one_wrong_digit_is_refused(self, data):
        text = data.draw(st.sampled_from(CITIZENS))
        wrong = data.draw(one_changed(text, "0123456789", range(17)) | one_changed(text, "0123456789X", [17]))

        assert reason(check_citizen_id, wrong) in {"check", "format"}

    @given(st.sampled_from(CITIZENS), st.integers(0, 16))
    def test_with_two_neighbours_swapped_is_refused(self, text, place):
        wrong = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        assume(wrong != text)

        assert reason(check_citizen_id, wrong) in {"check", "format"}


class TestAUnifiedSocialCreditCode:
    @pytest.mark.parametrize("text", USCCS)
    def test_of_the_examples_passes(self, text):
        assert check_uscc(text) == text
        assert check_uscc(f" {text.lower()} ") == text

    @pytest.mark.parametrize("text", USCCS)
    def test_of_the_examples_holds_a_valid_organisation_code(self, text):
        assert check_organisation_code(text[8:17]) == text[8:17]

    def test_of_a_rural_collective_passes_though_it_begins_with_a_letter(self):
        # By hand: N for 9 raises the first term, whose weight is 1, from 9 to 22, and the sum by 13.
        check = USCC_ALPHABET[(USCC_ALPHABET.index("J") - 13) % 31]

        assert check_uscc(f"N2990102MA0000023{check}") == f"N2990102MA0000023{check}"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("91350100M000100Y4A", "check"),
            ("1151130108778239R", "length"),
            ("2222222222222", "length"),
            ("00250028-7", "length"),
            ("91350100I000100Y43", "format"),
            ("9135O100M000100Y43", "format"),
        ],
    )
    def test_that_is_wrong_is_refused_with_the_reason(self, text, expected):
        assert reason(check_uscc, text) == expected

    @given(st.data())
    def test_with_one_wrong_character_is_refused(self, data):
        text = data.draw(st.sampled_from(USCCS))
        wrong = data.draw(one_changed(text, USCC_ALPHABET, range(18)))

        assert reason(check_uscc, wrong) in {"check", "format"}


class TestAnOrganisationCode:
    @pytest.mark.parametrize("text", ["M000100Y4", "002500287", "MB2855918"])
    def test_of_the_examples_passes(self, text):
        assert check_organisation_code(text) == text

    def test_may_be_written_with_its_hyphen(self):
        assert check_organisation_code("00250028-7") == "002500287"

    @pytest.mark.parametrize(
        ("text", "expected"), [("002500286", "check"), ("0025002-7", "length"), ("00250028A", "format")]
    )
    def test_that_is_wrong_is_refused_with_the_reason(self, text, expected):
        assert reason(check_organisation_code, text) == expected

    @given(st.data())
    def test_with_one_wrong_digit_is_refused(self, data):
        wrong = data.draw(one_changed("002500287", "0123456789", range(9)))

        assert reason(check_organisation_code, wrong) == "check"


class TestTheMod3736Character:
    def test_of_the_public_example(self):
        assert mod37_36("A12425GABC1234002") == "M"

    @given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=60))
    def test_follows_the_standard(self, text):
        product = 36
        for each in text:
            product = (product + int(each, 36)) % 36 or 36
            product = product * 2 % 37

        assert int(mod37_36(text), 36) == (37 - product) % 36

    @given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=40), st.data())
    def test_changes_with_every_single_character(self, text, data):
        wrong = data.draw(one_changed(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", range(len(text))))

        assert mod37_36(wrong) != mod37_36(text)

    @pytest.mark.parametrize("text", ["", "a1", "A-1", "一"])
    def test_exists_for_digits_and_capital_letters_only(self, text):
        assert reason(mod37_36, text) == "format"


class TestARegionCode:
    @pytest.mark.parametrize("text", ["990102", "511602001", "511602001002"])
    def test_has_six_nine_or_twelve_digits(self, text):
        assert check_region(text) == text

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("9901", "length"), ("9901020", "length"), ("99010A", "format"), ("090102", "format")],
    )
    def test_that_is_wrong_is_refused_with_the_reason(self, text, expected):
        assert reason(check_region, text) == expected


class TestAnItemCode:
    @pytest.mark.parametrize("text", ITEM_CODES)
    def test_of_the_examples_passes(self, text):
        assert check_item_code(text) == text

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("511A0005200004", "length"),
            ("11370800MB285591853370117002011", "check"),
            ("11370800MB285591848370117002011", "format"),
            ("11370800MB28559184337011700201X", "format"),
        ],
    )
    def test_that_is_wrong_is_refused_with_the_reason(self, text, expected):
        assert reason(check_item_code, text) == expected


class TestACertificateIdentifier:
    @pytest.mark.parametrize("text", CERTIFICATES)
    def test_of_real_certificates_passes(self, text):
        assert check_certificate_id(text) == text

    @pytest.mark.parametrize("text", CERTIFICATES)
    def test_is_built_from_its_parts(self, text):
        type_code, issuer, serial, version, _ = text.removeprefix("1.2.156.3005.2.").split(".")

        assert certificate_id(type_code, issuer, serial, int(version)) == text

    def test_may_carry_a_guid_as_its_serial(self):
        text = certificate_id("11990100MB0000019L001", "990102", "209FA4E8" * 4, 1)

        assert check_certificate_id(text) == text

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (CERTIFICATES[3][:-1] + "F", "check"),
            (CERTIFICATES[3].replace("20260723000001", "20260723000002"), "check"),
            (CERTIFICATES[3].replace("9L001", "8L001"), "check"),
            (CERTIFICATES[3].replace("1.2.156.3005.2", "1.2.156.3005.3"), "format"),
            (CERTIFICATES[3] + ".OFD", "format"),
            (CERTIFICATES[3].replace(".001.", ".1."), "format"),
        ],
    )
    def test_that_is_wrong_is_refused_with_the_reason(self, text, expected):
        assert reason(check_certificate_id, text) == expected

    @pytest.mark.parametrize(
        "parts",
        [
            ("11990100MB0000018L001", "990102", "1", 1),
            ("11990100MB0000019L001", "9901", "1", 1),
            ("11990100MB0000019L001", "990102", "1" * 33, 1),
            ("11990100MB0000019L001", "990102", "1", 1000),
            ("11990100MB0000019L001", "990102", "", 1),
        ],
    )
    def test_is_not_built_from_parts_that_are_wrong(self, parts):
        with pytest.raises(InvalidIdentifier):
            certificate_id(*parts)


class TestARefusal:
    def test_does_not_give_the_identifier_away(self):
        with pytest.raises(InvalidIdentifier) as refusal:
            check_citizen_id("110105194912310021")

        assert refusal.value.kind == "citizen-id"
        assert str(refusal.value) == "citizen-id 11****************: check"
        assert "0105194912310021" not in repr(refusal.value)

    def test_survives_being_pickled(self):
        refusal = InvalidIdentifier("uscc", "91350100M000100Y4A", "check")

        copy = pickle.loads(pickle.dumps(refusal))  # noqa: S301 - our own bytes

        assert (copy.kind, copy.text, copy.reason) == (refusal.kind, refusal.text, refusal.reason)
