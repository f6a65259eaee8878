"""一表申请 as it is filled from what is known already, and sent back where it is wrong."""

from collections.abc import Mapping
from typing import Any

from contracts.intake import Applicant, PrefillForm, SendBack
from contracts.language import Act, Caller
from eventing.errors import Invalid
from eventing.keyring import KeyRing
from eventing.service import command, query
from intake.domain import Case, Outline, check_form, outline_of
from intake.domain.refusals import FormInvalid, PersonalDataWithheld
from intake.drafts import Drafts


class NoSource(Invalid):
    """A form is prefilled from one earlier case, or from one draft."""


class Forms(Drafts):
    """Commands and questions about the one form."""

    catalogues: Any
    keyring: KeyRing

    @command(SendBack, on=Case)
    def send_back(self, case: Case, cmd: SendBack, act: Act) -> dict[str, Any]:
        """Fields are wrong."""
        outline: Outline = self.outline(case)  # type: ignore[attr-defined]  # gathering's
        case.send_back(outline, cmd.fields, act=act)
        return {
            "case_id": case.stream,
            "sent_back": case.sent_back,
            "unfilled": outline.unfilled(case.open_items, case.fields),
        }

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
        is_applicant = bool(query.identifier) and self.keyring.blind(query.identifier) == case.applicant_index
        if not is_applicant and caller.hall not in case.places:
            raise PersonalDataWithheld(number=case.number)
        values = {key: value for key, value in self.form_of(case).items() if key in case.fields}
        provenance = {
            key: f"case:{case.stream}" if case.fields[key] == "entered" else case.fields[key] for key in values
        }
        return values, provenance, self.keyring.unseal(case.applicant, case.stream, Applicant)

    def _of_draft(self, query: PrefillForm, caller: Caller) -> tuple[dict[str, str], dict[str, str], Applicant | None]:
        draft = self.draft_for(query.draft, query.identifier, caller)
        draft.check_open()
        sealed = draft.contents.applicant
        applicant = self.keyring.unseal(sealed, draft.stream, Applicant) if sealed is not None else None
        values = {key: value for key, value in self.draft_values(draft).items() if value}
        return values, draft.contents.fields, applicant


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
