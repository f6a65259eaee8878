"""What figures read of the database: each question once, and all that are known beforehand in a few statements."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Literal

import msgspec

from insight.measuring import statements
from insight.measuring.sets import Asked, Set
from insight.measuring.sums import APART, Apart, Question, Sums

Rows = Sequence[Mapping[str, Any]]

KEPT, FEW, STALE = 2000, 200, 3600.0
"""How many answers are kept, of how many rows at most, for how many seconds."""


class Wanted(msgspec.Struct, frozen=True):
    """A question about a set."""

    shape: Literal["tally", "histogram", "parts"]
    of: Set
    asked: Asked
    name: str = ""
    """Of parts: what the units are sorted by."""

    @property
    def question(self) -> Question:
        """The same, whatever the period."""
        return Question(self.shape, self.of, self.name)

    def statement(self) -> Any:
        """As SQL."""
        match self.shape:
            case "tally":
                return statements.tally(self.of, self.asked)
            case "histogram":
                return statements.histogram(self.of, self.asked)
            case "parts":
                return statements.parts(self.of, self.asked, self.name)


def _apart(asked: Asked) -> Apart | None:
    """As sums are told apart, if they are so."""
    halls = asked.halls if asked.halls is not None else (asked.hall,)
    if asked.is_imported or asked.item or asked.level or asked.department or asked.channel or len(halls) != 1:
        return None
    hall = halls[0]
    if asked.hall not in {"", hall} or (asked.theme and hall):
        return None
    by = "theme" if asked.theme else "hall" if hall else asked.by
    return Apart(by, asked.theme or hall or None) if by in APART and asked.by in {"", by} else None


class Kept:
    """What was read, for those who ask again.

    Nothing can be added to what was known at an instant (``Telling.known_until``), so that an answer stays what it is;
    it is forgotten after a while all the same, for a release that counts more of a fact makes observations anew.
    """

    def __init__(self) -> None:
        self._rows: OrderedDict[Wanted, tuple[float, Rows]] = OrderedDict()

    def get(self, wanted: Wanted) -> Rows | None:
        """The rows, where they are kept."""
        read_at, rows = self._rows.get(wanted, (float("-inf"), None))
        return rows if monotonic() - read_at < STALE else None

    def put(self, wanted: Wanted, rows: Rows) -> None:
        """Keeps them, unless they are many; what was put in first is forgotten first."""
        if len(rows) <= FEW:
            self._rows[wanted] = monotonic(), rows
            self._rows.move_to_end(wanted)
            while len(self._rows) > KEPT:
                self._rows.popitem(last=False)


class Reading:
    """Reads, and remembers what it read: for one answer, and with ``kept`` for those to the same questions later."""

    def __init__(self, select: Callable[[Any], Rows], kept: Kept | None = None, sums: Sums | None = None) -> None:
        self.select = select
        self._sums = sums
        self._kept = kept or Kept()
        self._read: dict[Wanted, Rows] = {}
        self._known: dict[tuple[str, datetime], bool] = {}

    def __call__(self, wanted: Wanted) -> Rows:
        """The rows of one question."""
        if wanted not in self._read:
            self.ahead([wanted])
        return self._read[wanted]

    def ahead(self, wanted: Iterable[Wanted]) -> None:
        """Reads together what will be asked for."""
        unread = [each for each in dict.fromkeys(wanted) if each not in self._read]
        self._read |= {each: there for each in unread if (there := self._kept.get(each)) is not None}
        questions = [each for each in unread if each not in self._read]
        self._keep(self._summed(questions))
        questions = [each for each in questions if each not in self._read]
        for first in range(0, len(questions), statements.AT_ONCE):
            some = questions[first : first + statements.AT_ONCE]
            rows: list[list[Mapping[str, Any]]] = [[] for _ in some]
            for row in self.select(statements.together([each.statement() for each in some])):
                rows[row["n"]].append(row)
            self._keep(dict(zip(some, rows, strict=True)))

    def _keep(self, read: Mapping[Wanted, Rows]) -> None:
        self._read.update(read)
        for each, rows in read.items():
            self._kept.put(each, rows)

    def _summed(self, wanted: Iterable[Wanted]) -> dict[Wanted, Rows]:
        """The rows of those that are summed."""
        found: dict[Wanted, Rows] = {}
        if self._sums is None:
            return found
        together: dict[tuple[Asked, Apart], list[Wanted]] = defaultdict(list)
        for each in wanted:
            apart = _apart(each.asked)
            if apart is not None and each.question in self._sums.questions:
                together[each.asked, apart].append(each)
        for (asked, apart), some in together.items():
            told = self._sums.read([each.question for each in some], asked.begins, asked.ends, asked.as_of, apart)
            if told is not None:
                for each in some:
                    rows = told[each.question.key]
                    found[each] = rows if asked.by else [row | {"of": ""} for row in rows]
        return found

    def knows(self, kinds: Collection[str], as_of: datetime) -> bool:
        """Whether anything of these kinds ever came."""
        self.sources(kinds, as_of)
        return any(self._known[kind, as_of] for kind in kinds)

    def sources(self, kinds: Collection[str], as_of: datetime) -> None:
        """Reads together of which kinds anything ever came."""
        unknown = [kind for kind in kinds if (kind, as_of) not in self._known]
        if unknown:
            found = self.select(statements.known(unknown, as_of))[0]
            self._known.update({(kind, as_of): bool(found[kind]) for kind in unknown})
