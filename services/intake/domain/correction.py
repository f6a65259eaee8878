"""补正: everything that is missing is told once and completely (行政许可法 第32条第1款第4项)."""

from datetime import date

from contracts.intake import CorrectionRequested
from contracts.language import Act
from eventing.aggregate import applies
from intake.domain.answer import Answering
from intake.domain.outline import Outline
from intake.domain.refusals import NothingMissing, NothingReceived
from intake.domain.state import counter
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar


class Correcting(Answering):
    """What the applicant was told to supplement."""

    correction: dict[str, tuple[str, ...]]
    correction_fields: tuple[str, ...]
    correction_notice: str
    correction_due: date | None
    told: tuple[str, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.correction = {}
        self.correction_fields = ()
        self.correction_notice = ""
        self.correction_due = None
        """Until when the set is kept for an answer."""
        self.told = ()
        """The items that were open then: those that join later were told nothing."""

    def request_correction(self, outline: Outline, *, notice: str, calendar: WorkingCalendar, act: Act) -> None:
        """Tells once and completely what the open items still lack; asking again for the same is no news.

        What items ask for that joined meanwhile was never told: it makes another notice.
        """
        if self.is_correcting and set(self.open_items) <= set(self.told):
            return
        self._may("correct")
        counter(act)
        if not self.copies:
            raise NothingReceived
        self._in_time(self.open_items, act)
        lacks = outline.missing(self.open_items, self.present)
        fields = outline.unfilled(self.open_items, self.fields)
        if not lacks and not fields:
            raise NothingMissing
        self.record(
            CorrectionRequested,
            act,
            notice=notice,
            missing={item: tuple(need.material for need in needs) for item, needs in lacks.items()},
            fields=fields,
            due_on=calendar.add(local_date(act.at), outline.catalogue.rules.correction_kept.days),
        )

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The open items that the correction spoke to, as long as something that it named has not come."""
        present = self.present
        items = tuple(item for item in self.open_items if item in self.told)
        lacks = any(material not in present for item in items for material in self.correction.get(item, ()))
        return items if lacks or any(key not in self.fields for key in self.correction_fields) else ()

    @applies(CorrectionRequested)
    def _corrected(self, fact: CorrectionRequested) -> None:
        self.is_correcting = True
        self.correction = fact.missing
        self.correction_fields = fact.fields
        self.correction_notice = fact.notice
        self.correction_due = fact.due_on
        self.told = self.open_items
        self.awaited = {}
