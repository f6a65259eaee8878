"""A draft becomes a case: the same commands as at the window, addressed to the hall that was chosen."""

import uuid
from typing import Literal

from catalogue import Field, Theme
from contracts.drafts import DraftDetail
from contracts.intake import FillForm, GetCase, OpenCase
from contracts.language import Caller
from eventing.errors import OneThingError, Refused
from gateway.backend import Backend
from gateway.pages.apply.people import act_at
from gateway.pages.forms import Form
from gateway.pages.outlooks import outlook

CASES = uuid.UUID("6f6e6574-6869-6e67-8000-6170706c7901")
"""Names a case after the draft that it is made of: handed in twice, it is the same case."""


class DraftIncomplete(Refused):
    """Something that has to be in an application is not in the draft yet."""


def missing_of(theme: Theme, draft: DraftDetail) -> tuple[Field, ...]:
    """The required fields that have no value yet."""
    selection = outlook(theme, draft.answers).selection
    fields = selection.fields if selection is not None else ()
    return tuple(field for field in fields if field.required and not draft.values.get(field.key))


def case_of(draft: str) -> str:
    """The case that a draft becomes."""
    return str(uuid.uuid5(CASES, draft))


def number_of(backend: Backend, draft: DraftDetail, owner: Caller) -> str:
    """The number of the case that a draft became."""
    return str(backend.for_(owner).ask(GetCase(case_id=draft.used_by), attempts=3)["number"])


def hand_in(
    backend: Backend,
    form: Form,
    draft: DraftDetail,
    hall: str,
    *,
    channel: Literal["web", "mobile", "kiosk"],
    mandate: str = "",
) -> tuple[str, str]:
    """Opens the case and fills its form, in the name of whoever sent the form; answers the case's id and number."""
    if draft.used_by:
        return draft.used_by, number_of(backend, draft, form.req.context.caller)
    theme = backend.catalogues.current().theme(draft.theme)
    seen = outlook(theme, draft.answers)
    if draft.applicant is None or seen.unanswered:
        raise DraftIncomplete(draft=draft.draft)
    case_id = case_of(draft.draft)
    chosen = seen.selection.selected if seen.selection is not None else ()
    opening = OpenCase(
        case_id=case_id,
        theme=draft.theme,
        applicant=draft.applicant,
        answers=seen.answers,
        channel=channel,
        entry_item=draft.entry_item if draft.entry_item in chosen else "",  # answers may lead elsewhere
        draft=draft.draft,
        mandate=mandate,
    )
    try:
        number = str(act_at(form, hall, opening, step="open").value["number"])
    except OneThingError as error:
        if error.code != "already-opened":
            raise
        return case_id, str(error.data["number"])  # handed in a moment ago, which the draft does not know yet
    known = {field.key for field in seen.selection.fields} if seen.selection is not None else set()
    values = {key: value for key, value in draft.values.items() if value and key in known}
    if values:
        provenance = {key: draft.fields[key] for key in values if draft.fields.get(key, "entered") != "entered"}
        act_at(
            form, hall, FillForm(case_id=case_id, values=values, provenance=provenance, mandate=mandate), step="fill"
        )
    return case_id, number
