"""一表申请: the one form is filled, wholly or in part."""

from collections.abc import Mapping
from datetime import date

from contracts.intake import FormFilled
from contracts.language import Act, Sealed
from eventing.aggregate import applies
from intake.domain.correction import Correcting
from intake.domain.outline import Outline
from intake.domain.refusals import FormInvalid
from kernel.workdays import WorkingCalendar


class Filling(Correcting):
    """The one form of a case. Its values are sealed; only which fields are filled, and from where, is known here."""

    forms: tuple[Sealed, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.forms = ()

    def fill(
        self,
        outline: Outline,
        form: Sealed,
        fields: Mapping[str, str],
        *,
        held_until: Mapping[str, date] | None = None,
        begun: Mapping[str, date] | None = None,
        calendar: WorkingCalendar,
        act: Act,
    ) -> None:
        """Fills fields of the one form; their values were checked (``check_form``) before they were sealed.

        Where the form is what a correction asked for, filling it is a receipt that must be answered. ``held_until``
        and ``begun`` are what the days in these values mean for items (``timing``): the values themselves are sealed.
        """
        if not fields:
            return
        self._may("fill")
        fixed = [key for key in fields if key in self.fields and self._is_relied_on(outline, key)]
        if fixed:
            raise FormInvalid(fields=dict.fromkeys(fixed, "accepted"), names=outline.names(fixed))
        is_supplement = self.is_correcting and not fields.keys().isdisjoint(self.correction_fields)
        items, due = self._owed(outline, self.present, calendar, act) if is_supplement else ((), None)
        self.record(
            FormFilled,
            act,
            form=form,
            fields=dict(fields),
            items=items,
            deemed_accepted_at=due,
            held_until=dict(held_until or {}),
            begun=dict(begun or {}),
        )

    def _is_relied_on(self, outline: Outline, field: str) -> bool:
        return not self.acceptances.keys().isdisjoint(outline.fields[field].items)

    @applies(FormFilled)
    def _filled(self, fact: FormFilled) -> None:
        self.forms += (fact.form,)
        self.held_until |= fact.held_until
        self.begun |= fact.begun
        self._await(fact)
        self.fields = {key: origin for key, origin in (self.fields | fact.fields).items() if origin}
