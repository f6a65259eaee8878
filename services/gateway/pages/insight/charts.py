"""Charts as SVG inside the page: bars and lines with their words, so that nothing is said by length or colour alone."""

from collections.abc import Sequence

from msgspec import Struct

LABEL, BAR, VALUE, ROW, GAP = 180, 400, 140, 22, 8
"""Widths of the three columns and height of a row, in units of the drawing."""

MOST = 40
"""Bars of one chart; the table below has all."""


class Bar(Struct, frozen=True):
    """One bar: what it is of, how long it is, and the number in words."""

    label: str
    y: int
    width: float
    words: str
    mark: float | None = None
    """Where the target stands."""


class Chart(Struct, frozen=True):
    """A drawing of so many units."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    left: int = LABEL
    row: int = ROW


class Value(Struct, frozen=True):
    """What a bar is made of."""

    label: str
    value: float | None
    words: str
    target: float | None = None


def chart(values: Sequence[Value]) -> Chart | None:
    """Bars for these values, to one scale that begins at nothing; None where there is nothing to be drawn."""
    drawn = [each for each in values if each.value is not None][:MOST]
    if not drawn:
        return None
    largest = max([*(each.value or 0 for each in drawn), *(each.target or 0 for each in drawn)]) or 1.0
    bars = tuple(
        Bar(
            each.label,
            n * (ROW + GAP),
            round(max((each.value or 0) / largest, 0) * BAR, 1),
            each.words,
            None if each.target is None else round(each.target / largest * BAR, 1),
        )
        for n, each in enumerate(drawn)
    )
    return Chart(bars, LABEL + BAR + VALUE, len(bars) * (ROW + GAP))


WIDE, HIGH, ABOVE, BELOW, BESIDE = 680, 190, 26, 30, 44
"""Size of the field of a line, and what is kept free around it for words."""


class Point(Struct, frozen=True):
    """One month: where it is, what it is called, and the number in words; None where there is no number."""

    x: float
    y: float | None
    label: str
    words: str
    low: float | None = None
    high: float | None = None
    is_labelled: bool = True
    """Whether the name of the month stands below it: every one where there is room."""


class Line(Struct, frozen=True):
    """A line through months, that goes on, dashed, where it is foreseen."""

    known: tuple[Point, ...]
    foreseen: tuple[Point, ...]
    top: str
    """The number at the upper edge, in words."""
    width: int = WIDE + 2 * BESIDE
    height: int = HIGH + ABOVE + BELOW
    above: int = ABOVE
    beside: int = BESIDE
    base: int = HIGH + ABOVE

    @property
    def paths(self) -> tuple[str, ...]:
        """The points of each stretch without a gap."""
        stretches: list[list[str]] = [[]]
        for each in self.known:
            if each.y is None:
                stretches.append([])
            else:
                stretches[-1].append(f"{each.x},{each.y}")
        return tuple(" ".join(some) for some in stretches if some)

    @property
    def ahead(self) -> str:
        """The points of the dashed line, from the last that is known."""
        last = [each for each in self.known if each.y is not None][-1:]
        return " ".join(f"{each.x},{each.y}" for each in (*last, *self.foreseen))

    @property
    def band(self) -> str:
        """The outline of what forecasts may be off by."""
        upper = [f"{each.x},{each.high}" for each in self.foreseen]
        lower = [f"{each.x},{each.low}" for each in reversed(self.foreseen)]
        return " ".join((*upper, *lower))


class Month(Struct, frozen=True):
    """What a point is made of."""

    label: str
    value: float | None
    words: str
    low: float | None = None
    high: float | None = None


def line(known: Sequence[Month], foreseen: Sequence[Month], top: str) -> Line | None:
    """A line to one scale that begins at nothing; None where there is nothing to be drawn. ``top``: see ``largest``."""
    largest = largest_of(known, foreseen) or 1.0
    if not any(each.value is not None for each in known):
        return None
    step = WIDE / max(len(known) + len(foreseen) - 1, 1)
    every = -(-(len(known) + len(foreseen)) // 9)

    def y(value: float | None) -> float | None:
        return None if value is None else round(ABOVE + HIGH * (1 - value / largest), 1)

    points = [
        Point(
            round(BESIDE + n * step, 1),
            y(each.value),
            each.label,
            each.words,
            y(each.low),
            y(each.high),
            n % every == 0,
        )
        for n, each in enumerate((*known, *foreseen))
    ]
    return Line(tuple(points[: len(known)]), tuple(points[len(known) :]), top)


def largest_of(known: Sequence[Month], foreseen: Sequence[Month]) -> float:
    """What stands at the upper edge."""
    return max(
        (value for each in (*known, *foreseen) for value in (each.value, each.high) if value is not None), default=0
    )
