"""目录版本: drafted from documents, tried on a scenario, compared, proposed, and published by a second person."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import falcon

from contracts.editions import (
    CheckEdition,
    CompareEdition,
    DraftEdition,
    GetEdition,
    ListEditions,
    PreviewEdition,
    ProposeEdition,
    PublishEdition,
    WithdrawEdition,
)
from eventing.errors import OneThingError
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages import forms
from gateway.pages.forms import Form
from gateway.pages.manage.frame import EDITIONS, enter, show
from gateway.pages.manage.times import moment
from gateway.pages.questions import asked, narrowing
from gateway.problems import problem

STATES = ("draft", "proposed", "published", "withdrawn")

DOCUMENTS = 100
"""Documents that one form takes."""

LARGEST = 4 << 20
"""Bytes of all of them together; a county's overlay has some ten thousand."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.(ya?ml|json)")

WHOLE = ".json"
"""How the name of a whole catalogue ends, as ``onething catalogue export`` writes it; it comes alone."""


class Editions:
    """The list, and which version is in force."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Newest first."""
        caller = enter(req, EDITIONS)
        found = self.backend.for_(caller).ask(asked(ListEditions, req, "status", "after"))
        show(
            req, resp, "editions.html", EDITIONS, is_live=True, editions=found["editions"], after=found["after"],
            in_force=found["in_force"], parameters=narrowing(req, "status"), states=STATES,
        )  # fmt: skip


class Draft:
    """Documents become a draft, or what is wrong with them is told, each with its place."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, edition: str = "") -> None:
        """An empty form, or the documents of an edition, to draft it anew or another one upon it."""
        caller = enter(req, EDITIONS)
        source = edition or str(req.get_param("from") or "")
        found = self.backend.for_(caller).ask(GetEdition(edition=source, documents=True)) if source else None
        self._form(
            req, resp, edition=edition or f"e-{uuid4().hex[:10]}", title=found["title"] if found and edition else "",
            documents=list(found["documents"].items()) if found else [],
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response, edition: str = "") -> None:
        """Checks first; only what has no error is drafted. What was typed stands there again."""
        caller = enter(req, EDITIONS)
        form = forms.read(req, with_files=LARGEST)
        name, title = form.get("edition"), form.get("title")
        documents = dict(_named(form))
        try:
            form.need("edition", "title")
            documents = documents_of(form)
            form.wrong({} if documents else {"files": "field_missing"})
        except forms.FormWrong as wrong:
            resp.status = 422
            self._form(
                req, resp, edition=name, title=title, documents=list(documents.items()), errors=wrong.data["errors"]
            )
            return
        content = content_of(documents)
        checked = self.backend.for_(caller).ask(CheckEdition(**content))
        if checked["errors"] or form.get("only_check"):
            self._form(req, resp, edition=name, title=title, documents=list(documents.items()), checked=checked)
            return
        forms.act(form, DraftEdition(edition=name, title=title, **content))
        forms.see(form, resp, f"/manage/editions/{name}", "edition_is_drafted")

    def _form(self, req: falcon.Request, resp: falcon.Response, **data: Any) -> None:
        show(
            req, resp, "edition_draft.html", EDITIONS, rows=min(DOCUMENTS, len(data["documents"]) + 1),
            most=DOCUMENTS, largest=LARGEST, **({"checked": None, "errors": {}} | data),
        )  # fmt: skip


class Edition:
    """One edition and what comes next."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, edition: str) -> None:
        """As it stands; authors are not offered to publish it."""
        caller = enter(req, EDITIONS)
        found = self.backend.for_(caller).ask(GetEdition(edition=edition, documents=True))
        show(
            req, resp, "edition.html", EDITIONS, is_live=True, edition=found, is_author=caller.by in found["authors"],
            tab=f"/manage/editions/{edition}",
        )  # fmt: skip


class Comparison:
    """How it differs from what is in force."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, edition: str) -> None:
        """Value by value."""
        caller = enter(req, EDITIONS)
        client = self.backend.for_(caller)
        show(
            req, resp, "comparison.html", EDITIONS, edition=client.ask(GetEdition(edition=edition)),
            found=client.ask(asked(CompareEdition, req, "after", edition=edition, limit=100)),
            tab=f"/manage/editions/{edition}/comparison",
        )  # fmt: skip


class Scenario:
    """What a case would take under it."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, edition: str) -> None:
        """Answers to the theme's questions, and what follows from them. They are nobody's: a scenario is invented."""
        caller = enter(req, EDITIONS)
        client = self.backend.for_(caller)
        found = client.ask(GetEdition(edition=edition))
        catalogue = req.context.names.catalogue(found["version"])
        theme = catalogue.themes.get(str(req.get_param("theme") or ""))
        answers = {
            question.id: answer
            for question in (theme.questions if theme else ())
            if (answer := str(req.get_param(f"a.{question.id}") or ""))
        }
        outcome, refusal = None, None
        if theme is not None and (answers or not theme.questions):
            try:
                outcome = client.ask(PreviewEdition(edition=edition, theme=theme.id, answers=answers))
            except OneThingError as error:
                refusal = problem(error.code, error.status, language_of(req), error.data, req.path)
        show(
            req, resp, "preview.html", EDITIONS, edition=found, themes=list(catalogue.themes.values()), theme=theme,
            answers=answers, outcome=outcome, refusal=refusal, tab=f"/manage/editions/{edition}/preview",
        )  # fmt: skip


class Act:
    """The next step of an edition."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, edition: str, act: str) -> None:
        """Proposes, publishes or withdraws it."""
        enter(req, EDITIONS)
        form = forms.read(req)
        match act:
            case "propose":
                forms.act(form, ProposeEdition(edition=edition))
            case "publish":
                text = form.get("effective_at")
                effective_at = moment(text) if text else None
                form.wrong({"effective_at": "field_date"} if text and effective_at is None else {})
                forms.act(form, form.into(PublishEdition, edition=edition, effective_at=effective_at))
            case "withdraw":
                forms.act(form, form.into(WithdrawEdition, edition=edition))
            case _:
                raise falcon.HTTPNotFound
        forms.see(form, resp, f"/manage/editions/{edition}", f"edition_{act}_done")


def documents_of(form: Form) -> dict[str, str]:
    """Name → text of the documents that were typed or came as files, a file in the place of the text of its name.

    Raises FormWrong for names that no file can have or that two have, for files that are no text in UTF-8, and for
    more than one where one is a whole catalogue.
    """
    found: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for number, (name, text) in enumerate(_named(form)):
        if not _NAME.fullmatch(name) or name in found:
            wrong[f"documents.{number}.name"] = "manage_document_name"
        found[name] = text + "\n"
    for file in form.files:
        try:
            found[file.name] = file.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            wrong["files"] = "manage_file_encoding"
        if not _NAME.fullmatch(file.name):
            wrong["files"] = "manage_file_named"
    if len(found) > DOCUMENTS:
        wrong["files"] = "manage_files_many"
    if len(found) > 1 and any(name.endswith(WHOLE) for name in found):
        wrong["files"] = "manage_whole_alone"
    form.wrong(wrong)
    return found


def content_of(documents: Mapping[str, str]) -> dict[str, Any]:
    """What a command or question about an edition is given: a whole catalogue, or documents over the layers."""
    whole = next((text for name, text in documents.items() if name.endswith(WHOLE)), "")
    return {"bundle": whole} if whole else {"documents": dict(documents)}


def _named(form: Form) -> list[tuple[str, str]]:
    """Every text that was typed, with its name; one without a name is called by its place."""
    texts = {number: text for number in range(DOCUMENTS) if (text := form.get(f"documents.{number}.text"))}
    return [
        (form.get(f"documents.{number}.name") or f"document-{number + 1}.yaml", text) for number, text in texts.items()
    ]


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Editions."""
    app.add_route("/manage/editions", Editions(backend))
    app.add_route("/manage/editions/new", Draft(backend))
    app.add_route("/manage/editions/{edition}", Edition(backend))
    app.add_route("/manage/editions/{edition}/draft", Draft(backend))
    app.add_route("/manage/editions/{edition}/comparison", Comparison(backend))
    app.add_route("/manage/editions/{edition}/preview", Scenario(backend))
    app.add_route("/manage/editions/{edition}/{act}", Act(backend))
