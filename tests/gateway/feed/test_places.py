"""Where a reader says they stand."""

import pytest

from gateway.feed.sse import places_of


def test_a_place_has_as_many_digits_as_a_column() -> None:
    assert places_of("county:" + "9" * 18) == {"county": 10**18 - 1}


def test_a_place_in_each_hall() -> None:
    assert places_of("county:3, street:12") == {"county": 3, "street": 12}


@pytest.mark.parametrize("said", ["county", "county:", ":3", "county:-3", "county:٣", "county:" + "9" * 19])
def test_what_is_no_place_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        places_of(said)
