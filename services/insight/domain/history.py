"""历史导入: files of other systems, the cases in them, and the rows that could not be taken."""

from collections import Counter
from collections.abc import Iterable, Sequence

from contracts.insight import (
    AdvanceImport,
    BeginImport,
    CaseTaken,
    FinishImport,
    HistoryImported,
    ImportAdvanced,
    ImportBegun,
    ImportCase,
    ImportedEvent,
    ImportFinished,
    QuarantinedRow,
    QuarantineRows,
    RowsQuarantined,
)
from contracts.language import Act
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from insight.domain.refusals import ImportDiffers, ImportedCaseDiffers, PersonNamed
from kernel.identifiers import names_a_person


class Import(Aggregate):
    """导入: one file of one source, by one mapping."""

    case_bound = False

    begun: ImportBegun | None
    advanced: ImportAdvanced | None
    finished: ImportFinished | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.begun, self.advanced, self.finished = None, None, None

    def begin(self, cmd: BeginImport, *, act: Act) -> None:
        """The same again is no news."""
        body = {name: getattr(cmd, name) for name in ("source", "title", "digest", "mapping")}
        if self.begun is None:
            self.record(ImportBegun, act, **body)
        elif body != {name: getattr(self.begun, name) for name in body}:
            raise ImportDiffers(history=self.stream)

    @applies(ImportBegun)
    def _begun(self, fact: ImportBegun) -> None:
        self.begun = fact

    def advance(self, cmd: AdvanceImport, *, act: Act) -> None:
        """An import that is finished, or has come further, stays so."""
        if self.finished is None and (self.advanced is None or cmd.after > self.advanced.after):
            self.record(ImportAdvanced, act, after=cmd.after, counts=cmd.counts)

    @applies(ImportAdvanced)
    def _advanced(self, fact: ImportAdvanced) -> None:
        self.advanced = fact

    def finish(self, cmd: FinishImport, *, act: Act) -> None:
        """Once."""
        if self.finished is None:
            self.record(ImportFinished, act, counts=cmd.counts)

    @applies(ImportFinished)
    def _finished(self, fact: ImportFinished) -> None:
        self.finished = fact


class Quarantine(Aggregate):
    """隔离: some rows of an import that could not be taken."""

    case_bound = False

    history: str
    rows: tuple[QuarantinedRow, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.history, self.rows = "", ()

    def put(self, cmd: QuarantineRows, *, act: Act) -> None:
        """The same again is no news."""
        if not self.rows:
            self.record(RowsQuarantined, act, history=cmd.history, rows=cmd.rows)
        elif (self.history, self.rows) != (cmd.history, cmd.rows):
            raise ImportDiffers(history=cmd.history)

    @applies(RowsQuarantined)
    def _put(self, fact: RowsQuarantined) -> None:
        self.history, self.rows = fact.history, fact.rows


NAMED = ("source", "original", "theme", "hall", "channel")
"""What is said of a case as a whole; it stays what it was first."""


class ImportedCase(Aggregate):
    """导入案件: what is known of a case of another system. It grows; what it was told is never changed."""

    case_bound = False

    last: HistoryImported | None
    events: tuple[ImportedEvent, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.last, self.events = None, ()

    def reach(self) -> Reach:
        """Its hall, where it names one."""
        return Reach(halls=frozenset({self.last.hall} - {""})) if self.last is not None else Reach()

    def take(self, cmd: ImportCase, *, act: Act) -> CaseTaken:
        """Those of the events that are new; an event that happened twice is there twice."""
        if any(map(names_a_person, _words(cmd))):
            raise PersonNamed(original=self.stream)
        is_new = self.last is None
        case = {name: getattr(self.last, name, "") or getattr(cmd, name) for name in NAMED}
        if any(getattr(cmd, name) not in {"", case[name]} for name in ("source", "original", "theme")):
            raise ImportedCaseDiffers(imported=self.stream)
        events = tuple(_new(cmd.events, self.events))
        if events:
            self.record(HistoryImported, act, history=cmd.history, events=events, **case)
        return CaseTaken(imported=self.stream, is_new=is_new, events=len(events))

    @applies(HistoryImported)
    def _taken(self, fact: HistoryImported) -> None:
        self.last = fact
        self.events += fact.events


def _new(told: Sequence[ImportedEvent], known: Sequence[ImportedEvent]) -> Iterable[ImportedEvent]:
    """Each event as often as it is told more often than it is known."""
    left = Counter(known)
    for event in told:
        if left[event] > 0:
            left[event] -= 1
        else:
            yield event


def _words(cmd: ImportCase) -> Iterable[str]:
    """Everything in it that is text."""
    yield from (cmd.original, cmd.theme, cmd.hall, cmd.channel)
    for event in cmd.events:
        yield from (event.activity, *event.items, event.hall, event.department)
        yield from (str(value) for _, value in event.values)
