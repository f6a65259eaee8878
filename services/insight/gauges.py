"""Gauges: the headlines of the last thirty days, for dashboards and alarms."""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

from eventing.errors import OneThingError
from insight.indicators import INDICATORS
from insight.measuring.sets import Asked
from insight.telling import Telling
from kernel.clock import local_date
from telemetry.metrics import Sample

WINDOW = timedelta(days=30)
FRESH = 60.0
"""Seconds for which numbers are shown again before they are counted anew, however often somebody looks."""


class Gauges(Telling):
    """What insight shows to whoever scrapes it."""

    _shown: tuple[float, tuple[Sample, ...]] = (float("-inf"), ())

    def samples(self) -> Iterator[Sample]:
        """Headlines that there are; one without a denominator or a source is not shown. The same from each replica."""
        counted_at, shown = self._shown
        if monotonic() - counted_at > FRESH:
            try:
                shown = tuple(self._counted())
            except OneThingError:
                shown = ()
            self._shown = (monotonic(), shown)
        yield from shown

    def _counted(self) -> Iterator[Sample]:
        today = local_date(self.clock.now())
        asked = Asked(begins=today - WINDOW, ends=today, as_of=self.known_until(None))
        headlines = [(indicator, indicator.figures[0]) for indicator in INDICATORS.values()]
        for (indicator, _), told in zip(headlines, self.figures(headlines, asked), strict=True):
            value = told.numbers[0].value
            if value is not None and told.unit == "ratio":
                yield Sample("onething_indicator_ratio", ("insight", indicator.key), value)
            elif value is not None:
                yield Sample("onething_indicator_value", ("insight", indicator.key, told.unit), value)
