"""草稿: an application before it is handed in; kept by the house under its owner, so that any device can go on."""

import uuid
from typing import Any

import falcon
import msgspec

from contracts.drafts import DiscardDraft, DraftDetail, GetDraft, ListDrafts, SaveDraft
from contracts.intake import Applicant, Channel, ListCases, Prefilled, PrefillForm
from contracts.language import Caller
from eventing.errors import OneThingError
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages import forms
from gateway.pages.apply.handing_in import hand_in, missing_of
from gateway.pages.apply.people import Applying
from gateway.pages.codes import CARRIED, carry
from gateway.pages.forms import Form, FormWrong
from gateway.pages.outlooks import outlook
from gateway.pages.rendering import page, word

DRAFTS = uuid.UUID("6f6e6574-6869-6e67-8000-6170706c7902")
"""Names a draft after the form that began it: sent twice, it is the same draft."""


class Drafting(Applying):
    """A resource of a draft."""

    def draft(self, req: falcon.Request, draft: str) -> DraftDetail:
        """One's own draft; where it was handed in, one is led to the case."""
        found = msgspec.convert(self.ask(req, GetDraft(draft=draft)), DraftDetail)
        if found.used_by and req.method == "GET":
            raise falcon.HTTPSeeOther(f"/mine/{found.used_by}")
        return found


class Begin(Drafting):
    """A draft begins with the answers."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """Goes on with the form."""
        me = self.applicant(req)
        form = forms.read(req)
        seen = outlook(self.theme(req, theme), form.below("answers"))
        if seen.unanswered:
            said = word("apply_unanswered", language_of(req))
            raise FormWrong(errors={f"answers.{each}": said for each in seen.unanswered})
        draft = str(uuid.uuid5(DRAFTS, f"{me.by}:{form.key}"))
        command = SaveDraft(
            draft=draft, theme=theme, channel="mobile", answers=seen.answers, entry_item=form.get("entry")
        )
        forms.act(form, command)
        forms.see(form, resp, f"/apply/drafts/{draft}", "draft_saved")


class Fill(Drafting):
    """一表申请: who applies, and the one form."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """With what there is."""
        self.show(req, resp, self.draft(req, draft), {}, {})

    def on_post(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """Saves it, whole; what is half filled is kept, too."""
        me = self.applicant(req)
        form = forms.read(req)
        command = filled(form, self.draft(req, draft), self.who(form, me), channel="mobile")
        forms.act(form, command, fields="values.{}")
        forms.see(form, resp, "/mine" if form.get("later") else f"/apply/drafts/{draft}/check", "draft_saved")

    def who(self, form: Form, me: Caller) -> Applicant | None:
        """Whoever is signed in, as they write themselves. Raises FormWrong where the identifier is another person's."""
        if not form.get("applicant.name") and not form.get("applicant.identifier"):
            return None
        identifier = form.get("applicant.identifier")
        if me.subject and self.backend.keyring.blind(identifier) != me.subject:
            form.wrong({"applicant.identifier": "identifier_not_yours"})
        return form.into(ApplicantForm).applicant

    def show(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        draft: DraftDetail,
        known: dict[str, str],
        provenance: dict[str, str],
    ) -> None:
        """The page."""
        theme = self.theme(req, draft.theme)
        seen = outlook(theme, draft.answers)
        page(
            req,
            resp,
            "apply/form.html",
            draft=draft,
            theme=theme,
            fields=seen.selection.fields if seen.selection is not None else (),
            known=known,
            provenance=provenance,
        )


class ApplicantForm(msgspec.Struct, frozen=True):
    """The applicant's part of the form."""

    applicant: Applicant


def filled(form: Form, before: DraftDetail, applicant: Applicant | None, *, channel: Channel) -> SaveDraft:
    """The draft as the form has it, whole; what nobody changed keeps where it came from."""
    values = {key: value for key, value in form.below("values").items() if value}
    known = form.below("known")
    origins = {key: before.fields.get(key, "entered") for key in values if values[key] == before.values.get(key)}
    origins |= {key: each for key, each in form.below("provenance").items() if values.get(key) == known.get(key)}
    return SaveDraft(
        draft=before.draft,
        theme=before.theme,
        channel=channel,
        answers=before.answers,
        applicant=applicant,
        values=values,
        provenance={key: each for key, each in origins.items() if each != "entered" and key in values},
        materials=before.materials,
        entry_item=before.entry_item,
    )


class Prefill(Fill):
    """The form with what one's latest case knows."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """Nothing is kept before the form is sent."""
        forms.read(req)
        found = self.draft(req, draft)
        prefilled = self.known(req, found)
        self.show(req, resp, found, dict(prefilled.values), dict(prefilled.provenance))

    def known(self, req: falcon.Request, draft: DraftDetail) -> Prefilled:
        """Of the newest case that has anything for this form."""
        for case in self.ask(req, ListCases(limit=5))["cases"]:
            try:
                asked = PrefillForm(theme=draft.theme, answers=draft.answers, case_id=case["case_id"])
                found = msgspec.convert(self.ask(req, asked), Prefilled)
            except OneThingError:
                continue
            if found.values:
                return found
        return Prefilled(applicant=None, values={}, provenance={}, unfilled=())


class Check(Drafting):
    """What is still missing, which hall it goes to, and handing it in."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """Before the last step."""
        found = self.draft(req, draft)
        theme = self.theme(req, found.theme)
        page(
            req,
            resp,
            "apply/check.html",
            draft=found,
            theme=theme,
            outlook=outlook(theme, found.answers),
            missing=missing_of(theme, found),
            halls=self.halls_for(req, found.theme),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """The case is opened, and its form filled."""
        self.applicant(req)
        form = forms.read(req)
        form.need("hall")
        found = self.draft(req, draft)
        if form.get("hall") not in {hall for hall, _ in self.halls_for(req, found.theme)}:
            form.wrong({"hall": "field_choice"})
        case_id, number = hand_in(self.backend, form, found, form.get("hall"), channel="mobile")
        forms.see(form, resp, f"/mine/{case_id}/give", "handed_in", number=number)


class Show(Drafting):
    """The code that carries the draft to a kiosk."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """Made anew each time the page is read; nothing of the draft is in it but its id."""
        found = self.draft(req, draft)
        code = carry(self.backend, found.draft, self.applicant(req))
        template = "apply/_carry.html" if req.get_header("X-Fragment") else "apply/carry.html"
        page(req, resp, template, draft=found, code=code, minutes=int(CARRIED.total_seconds() // 60))


class Discard(Drafting):
    """Throws it away."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """Its key is destroyed with it."""
        self.applicant(req)
        form = forms.read(req)
        forms.act(form, DiscardDraft(draft=draft))
        forms.see(form, resp, "/mine", "draft_discarded", mood="warn")


def own_drafts(applying: Applying, req: falcon.Request) -> Any:
    """The drafts of whoever is signed in, newest first."""
    return (applying.may_ask(req, ListDrafts()) or {"drafts": ()})["drafts"]


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Drafts."""
    app.add_route("/apply/{theme}/start", Begin(backend))
    app.add_route("/apply/drafts/{draft}", Fill(backend))
    app.add_route("/apply/drafts/{draft}/prefill", Prefill(backend))
    app.add_route("/apply/drafts/{draft}/check", Check(backend))
    app.add_route("/apply/drafts/{draft}/carry", Show(backend))
    app.add_route("/apply/drafts/{draft}/discard", Discard(backend))
