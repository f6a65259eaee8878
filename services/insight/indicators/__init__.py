"""The 26 indicators: each a list of figures, and a definition that is served beside every number.

| number | where |
| --- | --- |
| 1 – 5, 20, 21 | ``volume`` |
| 6, 7, 23, 25 | ``people`` |
| 8 – 10, 15, 19 | ``materials`` |
| 11, 16, 17, 26 | ``times`` |
| 12 – 14 | ``endings`` |
| 18, 22, 24 | ``channels`` |

The rule stands in the module, its words in the file of the same name with ``.yaml``. A rule that changes gets a new
``version``: what was published under the old one can be told apart from what is counted now.
"""

from insight.indicators import channels, endings, materials, people, times, volume
from insight.indicators.definition import Indicator

INDICATORS: dict[str, Indicator] = {
    indicator.key: indicator
    for indicator in sorted(
        (
            *volume.INDICATORS,
            *people.INDICATORS,
            *materials.INDICATORS,
            *times.INDICATORS,
            *endings.INDICATORS,
            *channels.INDICATORS,
        ),
        key=lambda indicator: indicator.number,
    )
}
"""key → indicator, in the order of their numbers."""

__all__ = ["INDICATORS", "Indicator"]
