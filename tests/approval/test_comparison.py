"""The comparison port: what data say about what lies on a desk."""

import msgspec
import pytest

from approval.comparison import ComparisonFile, NoComparison, comparisons

from .mothers import a_catalogue, a_theme, an_item

CATALOGUE = a_catalogue(a_theme(msgspec.structs.replace(an_item("DATA"), automatic="compare"), an_item("PERSON")))
DESK = [
    {"case_id": "c1", "number": "N-1", "item": "DATA"},
    {"case_id": "c1", "number": "N-1", "item": "PERSON"},
    {"case_id": "c2", "number": "N-2", "item": "DATA"},
    {"case_id": "c3", "number": "N-3", "item": "DATA"},
]


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "register.yaml"
    path.write_text(
        "source: school register\nrecords:\n  N-1: {DATA: true, PERSON: true}\n  N-2: {DATA: false}\n", "utf-8"
    )
    return path


def test_without_data_everything_is_left_to_people():
    assert list(comparisons(NoComparison(), DESK, CATALOGUE)) == []


def test_a_list_decides_what_the_catalogue_lets_it(listed):
    found = list(comparisons(ComparisonFile(listed), DESK, CATALOGUE))

    assert [(each.case_id, each.item, each.matched, each.source) for each in found] == [
        ("c1", "DATA", True, "school register"),
        ("c2", "DATA", False, "school register"),
    ]
    assert len({each.digest for each in found}) == 2


def test_the_same_line_has_the_same_digest(listed):
    first, second = (list(comparisons(ComparisonFile(listed), DESK, CATALOGUE)) for _ in range(2))

    assert first == second


def test_a_file_that_is_no_list_is_refused(tmp_path):
    path = tmp_path / "register.yaml"
    path.write_text("records: 1\n", "utf-8")

    with pytest.raises(msgspec.ValidationError):
        ComparisonFile(path)
