"""代为申请: the applicant's page flow under a mandate; each page asks first whether it carries."""

import uuid
from typing import Any

import falcon
import msgspec

from contracts.drafts import DiscardDraft, DraftDetail, GetDraft, SaveDraft
from contracts.intake import Applicant
from eventing.errors import NotFound
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages import forms
from gateway.pages.apply.drafting import DRAFTS, ApplicantForm, filled
from gateway.pages.apply.handing_in import hand_in, missing_of
from gateway.pages.apply.people import Applying
from gateway.pages.forms import Form, FormWrong
from gateway.pages.helping.mandates import Acting, draft_under, mandate_of
from gateway.pages.outlooks import outlook, shut
from gateway.pages.rendering import word
from kernel.clock import local_date


class Begin(Acting):
    """The questions of a theme, for an applicant who gave a mandate."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, mandate: str, theme: str) -> None:
        """The form, or why there is none."""
        found, one = self.mandate(req, mandate), self.theme(req, theme)
        today = local_date(self.backend.now())
        self.show(
            req, resp, "begin.html", mandate=found, theme=one, outlook=outlook(one, {}), told=(),
            shut=tuple(shut(one, today)), refusal=self.refusal(req, found, theme),
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response, mandate: str, theme: str) -> None:
        """A draft begins with the answers."""
        me, form = self.helper(req), self.read(req)
        self.need(req, self.mandate(req, mandate), theme)
        seen = outlook(self.theme(req, theme), form.below("answers"))
        if seen.unanswered:
            said = word("apply_unanswered", language_of(req))
            raise FormWrong(errors={f"answers.{each}": said for each in seen.unanswered})
        draft = draft_under(mandate, str(uuid.uuid5(DRAFTS, f"{me.by}:{form.key}")))
        forms.act(form, SaveDraft(draft=draft, theme=theme, channel="web", answers=seen.answers))
        forms.see(form, resp, f"/help/drafts/{draft}", "draft_saved")


class Drafting(Acting):
    """A resource of a draft that was begun under a mandate."""

    def draft(self, req: falcon.Request, draft: str) -> DraftDetail:
        """The draft. Raises NotFound for one that no mandate is named in."""
        if not mandate_of(draft):
            raise NotFound(what="draft", id=draft)
        return msgspec.convert(self.ask(req, GetDraft(draft=draft)), DraftDetail)


class Fill(Drafting):
    """Who applies, and the one form."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """With what there is; nothing to fill in where the mandate does not carry it any more, or it was handed in."""
        found, mandate = self.draft(req, draft), self.mandate(req, mandate_of(draft))
        if found.used_by:
            raise falcon.HTTPSeeOther(f"/help/cases/{found.used_by}")
        theme = self.theme(req, found.theme)
        seen = outlook(theme, found.answers)
        self.show(
            req, resp, "form.html", draft=found, theme=theme, mandate=mandate,
            fields=seen.selection.fields if seen.selection is not None else (), known={}, provenance={},
            identifier_help="help_principal_help", refusal=self.refusal(req, mandate, found.theme),
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """Saves it, whole; what is half filled is kept, too."""
        form = self.read(req)
        found, mandate = self.draft(req, draft), self.mandate(req, mandate_of(draft))
        self.need(req, mandate, found.theme)
        forms.act(form, filled(form, found, self.who(form, mandate.scope.principal), channel="web"), fields="values.{}")
        later = bool(form.get("later"))
        forms.see(form, resp, "/help/mandates" if later else f"/help/drafts/{draft}/check", "draft_saved")

    def who(self, form: Form, principal: str) -> Applicant | None:
        """Whoever gave the mandate. Raises FormWrong where the identifier is somebody else's."""
        identifier = form.get("applicant.identifier")
        if not form.get("applicant.name") and not identifier:
            return None
        if self.backend.keyring.blind(identifier) != principal:
            form.wrong({"applicant.identifier": "help_not_the_principal"})
        return form.into(ApplicantForm).applicant


class Check(Drafting):
    """What is still missing, which hall it goes to, and handing it in."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """Before the last step."""
        found, mandate = self.draft(req, draft), self.mandate(req, mandate_of(draft))
        theme = self.theme(req, found.theme)
        self.show(
            req, resp, "check.html", draft=found, theme=theme, mandate=mandate,
            outlook=outlook(theme, found.answers), missing=missing_of(theme, found),
            halls=Applying(self.backend).halls_for(req, found.theme),
            refusal=self.refusal(req, mandate, found.theme),
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """The case is opened in the applicant's name, and its form filled."""
        form = self.read(req)
        form.need("hall")
        found, mandate = self.draft(req, draft), self.mandate(req, mandate_of(draft))
        if form.get("hall") not in {hall for hall, _ in Applying(self.backend).halls_for(req, found.theme)}:
            form.wrong({"hall": "field_choice"})
        self.need(req, mandate, found.theme)
        case_id, number = hand_in(
            self.backend, form, found, form.get("hall"), channel="web", mandate=mandate.mandate
        )  # fmt: skip
        forms.see(form, resp, f"/help/cases/{case_id}", "help_handed_in", number=number)


class Discard(Drafting):
    """Throws it away."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, draft: str) -> None:
        """Its key is destroyed with it."""
        form = self.read(req)
        self.draft(req, draft)
        forms.act(form, DiscardDraft(draft=draft))
        forms.see(form, resp, "/help/mandates", "draft_discarded", mood="warn")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """From the mandate to the open case."""
    app.add_route("/help/mandates/{mandate}/apply/{theme}", Begin(backend))
    app.add_route("/help/drafts/{draft}", Fill(backend))
    app.add_route("/help/drafts/{draft}/check", Check(backend))
    app.add_route("/help/drafts/{draft}/discard", Discard(backend))
