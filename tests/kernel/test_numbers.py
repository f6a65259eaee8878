"""Case numbers and notice numbers."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kernel.identifiers import InvalidIdentifier, mod37_36
from kernel.numbers import CaseNumber, case_number, check_case_number, notice_number

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMBER = case_number("990102", "CY", date(2026, 7, 23), 17)

numbers = st.builds(
    CaseNumber,
    region=st.integers(100000, 999999).map(str),
    theme=st.from_regex(r"[A-Z][A-Z0-9]{0,7}", fullmatch=True),
    day=st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    sequence=st.integers(1, 999999),
)


def test_a_case_number_reads_from_region_to_check_character():
    assert f"YJS-990102-CY-20260723-000017-{mod37_36('YJS990102CY20260723000017')}" == NUMBER


@given(numbers)
def test_a_case_number_gives_its_parts_back(number):
    text = case_number(number.region, number.theme, number.day, number.sequence)

    assert check_case_number(text) == number
    assert check_case_number(f" {text.lower()}\n") == number


@given(numbers, st.data())
def test_a_case_number_with_one_wrong_character_is_refused(number, data):
    text = str(number)
    place = data.draw(st.sampled_from([at for at, each in enumerate(text) if each != "-"]))
    wrong = text[:place] + data.draw(st.sampled_from(ALPHABET)) + text[place + 1 :]
    assume(wrong != text)

    with pytest.raises(InvalidIdentifier):
        check_case_number(wrong)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "format"),
        (NUMBER.replace("-", ""), "format"),
        (NUMBER.replace("YJS", "YJZ"), "format"),
        (NUMBER.replace("-000017-", "-17-"), "format"),
        (NUMBER.replace("-000017-", "-000000-"), "format"),
        (NUMBER.replace("-000017-", "-000018-"), "check"),
        (f"YJS-990102-CY-20260230-000017-{mod37_36('YJS990102CY20260230000017')}", "date"),
    ],
)
def test_a_wrong_case_number_is_refused_with_the_reason(text, reason):
    with pytest.raises(InvalidIdentifier) as refusal:
        check_case_number(text)
    assert (refusal.value.kind, refusal.value.reason) == ("case-number", reason)


@pytest.mark.parametrize("sequence", [0, -1, 1_000_000])
def test_a_case_number_has_a_sequence_of_six_digits(sequence):
    with pytest.raises(ValueError, match="sequence"):
        case_number("990102", "CY", date(2026, 7, 23), sequence)


@pytest.mark.parametrize(("region", "theme"), [("9901", "CY"), ("990102001", "CY"), ("990102", "cy"), ("990102", "")])
def test_a_case_number_needs_a_county_and_a_theme(region, theme):
    with pytest.raises(InvalidIdentifier):
        case_number(region, theme, date(2026, 7, 23), 1)


def test_a_notice_number_is_written_as_on_paper():
    assert notice_number("云津市监", "受", 2026, 12) == "云津市监受字〔2026〕12号"


@pytest.mark.parametrize(("org", "kind", "sequence"), [("", "受", 1), ("云津市监", "", 1), ("云津市监", "受", 0)])
def test_a_notice_number_needs_all_its_parts(org, kind, sequence):
    with pytest.raises(ValueError, match="notice number"):
        notice_number(org, kind, 2026, sequence)
