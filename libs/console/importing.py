"""A file of another system comes in: all of it is read first, then sent, and what became of it is counted."""

from collections.abc import Callable, Iterator
from hashlib import file_digest, sha256
from itertools import count, islice
from pathlib import Path

import eventlet
import msgspec
from msgspec.structs import replace

from console.output import notes
from contracts.insight import (
    MOST_EVENTS,
    MOST_ROWS,
    AdvanceImport,
    BeginImport,
    CaseTaken,
    FinishImport,
    GetImport,
    ImportCase,
    ImportCounts,
    ImportRow,
    ListQuarantine,
    QuarantinedRow,
    QuarantinePage,
    QuarantineRows,
)
from eventing.client import Client
from eventing.errors import Invalid, NotFound, OneThingError, Refused
from kernel.clock import SystemClock
from kernel.digests import blind_index
from kernel.digests import digest as digest_of
from mining.mapping import Mapping
from mining.rows import rows
from mining.taking import Case, Spool, Taking, imported, spool

AT_ONCE = 200
"""Cases between two notes of how far it has come."""
IN_FLIGHT = 50
"""Commands that are on their way together."""
EVERY = 50_000
"""Rows between two words about progress."""
FIRST = 20
"""Rows in quarantine that are told at once."""
ATTEMPTS = 8


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file."""

    history: str
    source: str
    counts: ImportCounts
    reasons: dict[str, int]
    quarantine: tuple[QuarantinedRow, ...]
    """The first of them."""
    is_dry: bool = False
    was_there: bool = False
    """Whether it had been imported before."""


def checked(mapping: Mapping, named: Path, file: Path) -> Imported:
    """What would be imported; nobody is asked, and nothing is kept. Raises MappingInvalid, FileRefused."""
    history, _, _ = _named(named, file)
    with spool() as found:
        _fill(found, mapping, file, lambda person: "p-" + "0" * 12 if person else "")
        counts = replace(_counted(found), cases=found.length, events=found.taken)
        return _told(history, mapping, counts, found, is_dry=True)


def taken(client: Client, mapping: Mapping, named: Path, file: Path, key: bytes) -> Imported:
    """Imports a file, from where it was interrupted. Raises MappingInvalid, FileRefused."""
    history, digest, of_mapping = _named(named, file)
    known = _known(client, history)
    if known is not None and known.state == "finished":
        page = msgspec.convert(client.ask(ListQuarantine(history=history, limit=FIRST)), QuarantinePage)
        return Imported(
            history=history, source=known.source, counts=known.counts, reasons=page.reasons, quarantine=page.rows,
            was_there=True,
        )  # fmt: skip
    with spool() as found:
        _fill(found, mapping, file, lambda person: f"p-{blind_index(key, person)[:12]}")
        begin = BeginImport(
            history=history, source=mapping.source, title=mapping.title, digest=digest, mapping=of_mapping
        )
        client.command(begin, id=history, attempts=ATTEMPTS)
        importing = Importing(client, mapping, history, found)
        importing.quarantine(found.wrong())
        importing.cases(known)
        importing.finish()
        return _told(history, mapping, importing.counts, found)


def _named(mapping: Path, file: Path) -> tuple[str, str, str]:
    """The id of the import, the digest of the file, that of the mapping: the same for the same, wherever they lie."""
    with file.open("rb") as opened:
        digest = f"sha256:{file_digest(opened, 'sha256').hexdigest()}"
    of_mapping = digest_of(mapping.read_bytes())
    return f"import-{sha256(f'{digest} {of_mapping}'.encode()).hexdigest()[:24]}", digest, of_mapping


def _known(client: Client, history: str) -> ImportRow | None:
    try:
        return msgspec.convert(client.ask(GetImport(history=history), attempts=ATTEMPTS), ImportRow)
    except NotFound:
        return None


def _fill(found: Spool, mapping: Mapping, file: Path, pseudonym: Callable[[str], str]) -> None:
    taking = Taking(mapping, pseudonym, SystemClock().now())
    with file.open("rb") as opened:
        found.fill(rows(opened, mapping), taking, _progress("行 rows read"))


def _progress(what: str) -> Callable[[int], None]:
    """Says so much every so often."""
    last = 0

    def tell(done: int) -> None:
        nonlocal last
        if done - last >= EVERY:
            last = done
            notes.print(f"{done} {what}", markup=False)

    return tell


def _counted(found: Spool) -> ImportCounts:
    return ImportCounts(rows=found.rows, taken=found.taken, ignored=found.ignored, quarantined=found.quarantined)


def _told(history: str, mapping: Mapping, counts: ImportCounts, found: Spool, *, is_dry: bool = False) -> Imported:
    reasons: dict[str, int] = {}
    for each in found.wrong():
        reasons[each.reason] = reasons.get(each.reason, 0) + 1
    first = tuple(islice(found.wrong(), FIRST))
    return Imported(
        history=history, source=mapping.source, counts=counts, reasons=reasons, quarantine=first, is_dry=is_dry
    )


class Importing:
    """Sends what was read, and counts what became of it. Every command has the same id whenever it is sent."""

    def __init__(self, client: Client, mapping: Mapping, history: str, found: Spool) -> None:
        self.client = client
        self.mapping = mapping
        self.history = history
        self.found = found
        self.counts = _counted(found)
        self._pool = eventlet.GreenPool(IN_FLIGHT)

    def quarantine(self, wrong: Iterator[QuarantinedRow]) -> None:
        """Says what could not be taken."""
        for n in count(1):
            some = tuple(islice(wrong, MOST_ROWS))
            if not some:
                return
            self._put(f"{self.history}-{n}", some)

    def _put(self, name: str, some: tuple[QuarantinedRow, ...]) -> None:
        command = QuarantineRows(quarantine=name, history=self.history, rows=some)
        self.client.command(command, id=name, attempts=ATTEMPTS)

    def cases(self, known: ImportRow | None) -> None:
        """All of them, behind where it had come before."""
        after = known.after if known is not None else ""
        if known is not None and after:
            then = known.counts
            self.counts = replace(
                self.counts, cases=then.cases, continued=then.continued, unchanged=then.unchanged, events=then.events,
                taken=then.taken, quarantined=then.quarantined,
            )  # fmt: skip
        cases, tell = self.found.cases(after), _progress("件案件 cases sent")
        for sent in count(AT_ONCE, AT_ONCE):
            some = [*islice(cases, AT_ONCE)]
            if not some:
                return
            for case, became in zip(some, self._pool.imap(self._take, some), strict=True):
                if isinstance(became, OneThingError):
                    raise became
                self._count(case, became)
            advance = AdvanceImport(history=self.history, after=some[-1].original, counts=self.counts)
            self.client.command(advance, id=f"{self.history}/{some[-1].original}", attempts=ATTEMPTS)
            tell(sent)

    def _take(self, case: Case) -> CaseTaken | OneThingError | None:
        """What became of it; None where it was refused. Errors are given back: others are under way."""
        name = imported(self.mapping.source, case.original)
        is_new, events = False, 0
        for n in range(0, len(case.events), MOST_EVENTS):
            command = ImportCase(
                imported=name, history=self.history, source=self.mapping.source, original=case.original,
                theme=case.theme, hall=case.hall, channel=case.channel, events=case.events[n : n + MOST_EVENTS],
            )  # fmt: skip
            try:
                answer = self.client.command(command, id=f"{self.history}/{name}/{n}", attempts=ATTEMPTS)
            except (Refused, Invalid):
                return None
            except OneThingError as error:
                return error
            told = msgspec.convert(answer.value, CaseTaken)
            is_new, events = is_new or told.is_new, events + told.events
        return CaseTaken(imported=name, is_new=is_new, events=events)

    def _count(self, case: Case, became: CaseTaken | None) -> None:
        counts = self.counts
        if became is None:
            lines = iter([QuarantinedRow(number, "refused") for number in case.numbers])
            for n in count(1):
                some = tuple(islice(lines, MOST_ROWS))
                if not some:
                    break
                self._put(f"{self.history}-c{case.numbers[0]}-{n}", some)
            refused = len(case.numbers)
            self.counts = replace(counts, taken=counts.taken - refused, quarantined=counts.quarantined + refused)
            return
        name = "cases" if became.is_new else "continued" if became.events else "unchanged"
        self.counts = replace(counts, events=counts.events + became.events, **{name: getattr(counts, name) + 1})

    def finish(self) -> None:
        """Says that all is in."""
        self.client.command(
            FinishImport(history=self.history, counts=self.counts), id=f"{self.history}!", attempts=ATTEMPTS
        )
