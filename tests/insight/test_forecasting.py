"""A simple forecast, and how far it was off."""

from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from insight.measuring.forecasting import METHODS, errors_of, forecast

AMOUNTS = st.floats(0, 1e6, allow_nan=False)


def test_what_never_changes_is_foreseen_as_it_is() -> None:
    found = forecast([7.0] * 8, 3)

    assert found is not None
    assert (found.method, found.error, found.values) == ("last", 0, (7, 7, 7))


def test_a_straight_line_goes_on() -> None:
    found = forecast([float(n) for n in range(10)], 2)

    assert found is not None
    assert found.method == "line"
    assert [round(value, 6) for value in found.values] == [10, 11]


def test_what_comes_again_each_year_is_foreseen_from_the_year_before() -> None:
    year = [10.0, 0, 30, 0, 90, 0, 20, 0, 60, 0, 40, 0]

    found = forecast(year * 3, 14)

    assert found is not None
    assert (found.method, found.error) == ("season", 0)
    assert list(found.values) == [*year, *year[:2]]


def test_of_a_few_months_nothing_is_foreseen() -> None:
    assert forecast([1.0, 2, 3, 4, 5, 6], 3) is None
    assert forecast([], 3) is None


@given(st.lists(AMOUNTS, min_size=7, max_size=30))
def test_its_error_is_that_of_its_method_tried_on_every_month_from_those_before(known: list[float]) -> None:
    found = forecast(known, 1)

    assert found is not None
    method = METHODS[found.method]
    tried = [(method(known[:n], 1), known[n]) for n in range(4, len(known))]
    errors = [abs(value - guess) for guess, value in tried if guess is not None]
    assert (found.error, found.worst, found.tested) == (fmean(errors), max(errors), len(errors))
    assert all(found.error <= fmean(some) for each in METHODS.values() if len(some := errors_of(each, known)) >= 3)
