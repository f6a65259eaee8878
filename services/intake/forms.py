"""一表申请 as it is filled from what is known already, and sent back where it is wrong."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from contracts.intake import Applicant, PrefillForm, RefuseCopies, SendBack
from contracts.language import Act, Caller
from contracts.readings import PersonalClass
from contracts.scopes import Reach
from eventing.errors import Invalid
from eventing.keyring import KeyRing
from eventing.scoping import check
from eventing.service import command, query
from intake.domain import Case, Outline, check_form, outline_of
from intake.domain.refusals import FormInvalid
from intake.drafts import Drafts
from intake.projections import standing


class NoSource(Invalid):
    """A form is prefilled from one earlier case, or from one draft."""


PREFILLED: tuple[PersonalClass, ...] = ("contact", "identity", "form")
"""What a prefilled form shows."""


class Forms(Drafts):
    """Commands and questions about the one form."""

    catalogues: Any
    keyring: KeyRing

    @command(SendBack, on=Case)
    def send_back(self, case: Case, cmd: SendBack, act: Act) -> dict[str, Any]:
        """Fields are wrong."""
        outline: Outline = self.outline(case)  # type: ignore[attr-defined]  # gathering's
        for key in cmd.fields:
            if act.caller is not None and key in outline.fields:
                check(cmd, act.caller, asking(case, outline.fields[key].items))
        case.send_back(outline, cmd.fields, act=act)
        return {
            "case_id": case.stream,
            "sent_back": case.sent_back,
            "unfilled": outline.unfilled(case.open_items, case.fields),
        }

    @command(RefuseCopies, on=Case)
    def refuse_copies(self, case: Case, cmd: RefuseCopies, act: Act) -> dict[str, Any]:
        """Copies do not serve."""
        outline: Outline = self.outline(case)  # type: ignore[attr-defined]  # gathering's
        for copy in case.copies:
            if act.caller is not None and copy.copy in cmd.copies:
                items = (item for item, needs in outline.needs.items() if copy.material in {n.material for n in needs})
                check(cmd, act.caller, asking(case, items))
        case.refuse_copies(outline, cmd.copies, act=act)
        return standing(case)

    def form_of(self, case: Case) -> dict[str, str]:
        """The filled values of a case's form, unsealed: all that was ever filled, laid over each other."""
        form: dict[str, str] = {}
        for part in case.forms:
            form |= self.keyring.unseal(part, case.stream, dict[str, str])
        return {key: value for key, value in form.items() if value}

    @query(PrefillForm)
    def prefill_form(self, query: PrefillForm, caller: Caller) -> dict[str, Any]:
        """What need not be asked again: values with their provenance, and the required fields that remain."""
        if bool(query.case_id) == bool(query.draft):
            raise NoSource
        outline = outline_of(self.catalogues.current(), query.theme, query.answers)
        known, provenance, applicant = self._of_case(query, caller) if query.case_id else self._of_draft(query, caller)
        values = fitting(outline, known)
        return {
            "applicant": applicant,
            "values": values,
            "provenance": {key: provenance[key] for key in values},
            "unfilled": outline.unfilled(tuple(outline.needs), values),
        }

    def _of_case(self, query: PrefillForm, caller: Caller) -> tuple[dict[str, str], dict[str, str], Applicant | None]:
        case: Case = self._find(query.case_id)  # type: ignore[attr-defined]  # the service's
        if self.is_brought(case, query.identifier, caller):  # type: ignore[attr-defined]  # reading's
            self.note_reading(case.stream, caller, PREFILLED, purpose=query.purpose)
        else:
            self.store.check(case, query, caller)
            self.open_personal(case, caller, PREFILLED, purpose=query.purpose)  # type: ignore[attr-defined]
        values = {key: value for key, value in self.form_of(case).items() if key in case.fields}
        provenance = {
            key: f"case:{case.stream}" if case.fields[key] == "entered" else case.fields[key] for key in values
        }
        return values, provenance, self.keyring.unseal(case.applicant, case.stream, Applicant)

    def _of_draft(self, query: PrefillForm, caller: Caller) -> tuple[dict[str, str], dict[str, str], Applicant | None]:
        draft = self.draft_for(query.draft, query.identifier, caller)
        draft.check_open()
        self.note_reading(draft.stream, caller, PREFILLED, purpose=query.purpose, thing="draft")
        sealed = draft.contents.applicant
        applicant = self.keyring.unseal(sealed, draft.stream, Applicant) if sealed is not None else None
        values = {key: value for key, value in self.draft_values(draft).items() if value}
        return values, draft.contents.fields, applicant


def asking(case: Case, items: Iterable[str]) -> Reach:
    """Whom a field or a copy concerns: the case's own people, and of the departments those whose items ask for it."""
    reach = case.reach()
    return replace(reach, items={item: reach.items.get(item, "") for item in items})


def fitting(outline: Outline, values: Mapping[str, str]) -> dict[str, str]:
    """The values that this form has a field for, in normal form; what its fields do not allow is left out."""
    fits: dict[str, str] = {}
    for key, value in values.items():
        if key in outline.fields:
            try:
                normal, _ = check_form(outline.fields, {key: value}, {})
            except FormInvalid:
                continue
            fits |= normal
    return fits
