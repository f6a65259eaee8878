"""草稿 as it is saved, resumed, listed and ended."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from catalogue.errors import UnknownTheme as NoSuchTheme
from catalogue.model import Catalogue, Theme
from contracts.drafts import DiscardDraft, GetDraft, ListDrafts, SaveDraft
from contracts.intake import Applicant, Holder, OpenCase, Register
from contracts.language import Act, Caller
from contracts.readings import PersonalClass
from eventing.errors import NotFound, OneThingError
from eventing.keyring import KeyRing
from eventing.paging import Order
from eventing.scoping import among, joined, narrowed
from eventing.service import command, deadline, query, reaction
from eventing.views import Column, View
from intake.batches import for_each
from intake.domain.bill import check_id
from intake.domain.draft import (
    Contents,
    Draft,
    DraftOfAnotherTheme,
    DraftStatus,
    DraftWithheld,
    UseDraft,
    check_draft,
    hall_of,
    is_at_counter,
    own,
)
from intake.domain.form import check_applicant
from intake.domain.refusals import UnknownTheme
from kernel.digests import canonical
from kernel.workdays import WorkingCalendar

PAGE = 200
"""Drafts on a page of the list at most."""


def draft_rows(draft: Draft) -> list[dict[str, Any]]:
    """A row for each hall that saved it, and one without a hall where it was only saved elsewhere."""
    return [
        {
            "draft": draft.stream,
            "hall": hall,
            "theme": draft.contents.theme,
            "status": draft.status.value,
            "channel": draft.channels[-1],
            "saved_at": draft.saved_at,
            "expires_at": draft.term.expires_at if draft.term is not None else None,
            "applicant_index": draft.contents.applicant_index,
            "writers": joined(draft.writers),
        }
        for hall in draft.halls or ("",)
    ]


DRAFTS = View(
    "drafts_v2",
    of=Draft,
    columns=(
        Column("draft", "text", key=True),
        Column("hall", "text", key=True),
        Column("theme", "text"),
        Column("status", "text"),
        Column("channel", "text"),
        Column("saved_at", "instant", index=True),
        Column("expires_at", "instant"),
        Column("applicant_index", "text", index=True),
        Column("writers", "text"),
    ),
    rows=draft_rows,
)
LISTED = tuple(column for column in DRAFTS.table.c if column.name not in {"applicant_index", "writers"})
NEWEST_FIRST = Order(DRAFTS.c.saved_at, DRAFTS.c.draft, newest_first=True)


KEPT: tuple[PersonalClass, ...] = ("contact", "identity", "form")
"""The classes of personal data that a draft can hold."""


class Saving(msgspec.Struct, frozen=True):
    """What a draft will hold, sealed, and the catalogue that it was checked by."""

    catalogue: Catalogue
    key_id: str
    contents: Contents


class Drafts:
    """Commands, deadlines and questions about drafts."""

    store: Any
    note_reading: Any
    catalogues: Any
    keyring: KeyRing
    calendar: WorkingCalendar

    @command(SaveDraft, on=Draft, key="draft", creates=True, given="savings")
    def save_draft(self, draft: Draft, cmd: SaveDraft, act: Act, given: Saving) -> dict[str, Any]:
        """Keeps what there is."""
        draft.save(
            given.contents,
            key_id=given.key_id,
            channel=cmd.channel,
            catalogue=given.catalogue,
            calendar=self.calendar,
            act=act,
        )
        return standing(draft)

    @command(DiscardDraft, on=Draft, key="draft")
    def discard_draft(self, draft: Draft, cmd: DiscardDraft, act: Act) -> dict[str, Any]:
        """Throws it away."""
        draft.discard(act=act)
        return standing(draft)

    @reaction(UseDraft, on=Draft, key="draft")
    def use_draft(self, draft: Draft, cmd: UseDraft, act: Act) -> None:
        """It became a case."""
        draft.use(cmd.used_by, act=act)

    @deadline("warning", on=Draft)
    def warn_of_end(self, draft: Draft, act: Act) -> None:
        """Nobody touched it for long."""
        draft.warn(act=act)

    @deadline("expiry", on=Draft)
    def expire(self, draft: Draft, act: Act) -> None:
        """Nobody touched it until its end."""
        draft.expire(act=act)

    def savings(self, batch: Sequence[tuple[Draft, SaveDraft, Act]]) -> list[Saving | OneThingError]:
        """Contents checked and sealed, under the draft's own key."""
        return for_each(self._saving, batch)

    def _saving(self, draft: Draft, cmd: SaveDraft, _act: Act) -> Saving:
        check_id("draft", cmd.draft)
        catalogue = self.catalogues.current()
        fields = check_draft(_theme(catalogue, cmd.theme), cmd.answers, cmd.values, cmd.provenance, cmd.entry_item)
        applicant = check_applicant(cmd.applicant) if cmd.applicant is not None else None
        key_id = draft.key_id or self.keyring.fresh()

        def sealed(purpose: str, value: Any) -> Any:
            return self.keyring.seal(key_id, cmd.draft, purpose, value) if value else None

        return Saving(
            catalogue,
            key_id,
            Contents(
                theme=cmd.theme,
                answers=cmd.answers,
                index=self.keyring.blind(canonical(msgspec.structs.replace(cmd, channel="other")).decode()),
                form=sealed("form", cmd.values),
                fields=fields,
                applicant=sealed("applicant", applicant),
                applicant_index=self.keyring.blind(applicant.identifier) if applicant is not None else "",
                materials=cmd.materials,
                entry_item=cmd.entry_item,
            ),
        )

    def check_draft_of(self, cmd: OpenCase | Register, applicant_index: str, act: Act) -> None:
        """The draft that a case is to be made of is there, open, of its theme, and not somebody else's.

        Where it became this very case, the case itself says that it is opened already, and by which number.
        """
        if not cmd.draft:
            return
        draft: Draft = self.store.get(Draft, cmd.draft)
        if draft.used_by != cmd.case_id:
            draft.check_open()
        if draft.contents.theme != cmd.theme:
            raise DraftOfAnotherTheme(theme=draft.contents.theme)
        if not draft.is_shown_to(act.by, hall_of(act.caller), applicant_index):
            raise DraftWithheld(draft=cmd.draft)

    @query(GetDraft)
    def get_draft(self, query: GetDraft, caller: Caller) -> dict[str, Any]:
        """The draft in full, unsealed; of one that ended, without what was personal: its key is destroyed."""
        draft = self.draft_for(query.draft, query.identifier, caller)
        contents = draft.contents
        is_open = draft.status is DraftStatus.OPEN
        if is_open:
            self.note_reading(draft.stream, caller, KEPT, purpose=query.purpose, thing="draft")
        return {
            **standing(draft),
            "catalogue": draft.catalogue,
            "answers": contents.answers,
            "fields": contents.fields,
            "materials": contents.materials,
            "entry_item": contents.entry_item,
            "channels": draft.channels,
            "values": self.draft_values(draft) if is_open else {},
            "applicant": self.keyring.unseal(contents.applicant, draft.stream, Applicant)
            if is_open and contents.applicant is not None
            else None,
        }

    def draft_for(self, name: str, identifier: str, caller: Caller) -> Draft:
        """The draft, for who may read it; raises DraftWithheld."""
        draft: Draft = self.store.get(Draft, name)
        brought = self.keyring.blind(identifier) if identifier and is_at_counter(caller) else own(caller)
        if not draft.is_shown_to(caller.by, hall_of(caller), brought):
            raise DraftWithheld(draft=name)
        return draft

    def draft_values(self, draft: Draft) -> dict[str, str]:
        """The values of a draft's form."""
        form = draft.contents.form
        return self.keyring.unseal(form, draft.stream, dict[str, str]) if form is not None else {}

    def holder_of_draft(self, name: str) -> Holder:
        """Who began the draft, sealed; raises NotFound where nobody said who they are."""
        draft: Draft = self.store.get(Draft, name)
        if draft.contents.applicant is None:
            raise NotFound(what="applicant", id=name)
        return Holder(
            applicant=draft.contents.applicant,
            key_id=draft.key_id,
            theme=draft.contents.theme,
            catalogue=draft.catalogue,
            hall=draft.halls[-1] if draft.halls else "",
            channel=draft.channels[-1],
            applicant_index=draft.contents.applicant_index,
        )

    @query(ListDrafts)
    def list_drafts(self, query: ListDrafts, caller: Caller) -> dict[str, Any]:
        """A page of a hall's drafts, or of one's own, newest first."""
        limit = max(1, min(query.limit, PAGE))
        statement = narrowed(
            sa.select(*LISTED),
            query,
            caller,
            halls=(DRAFTS.c.hall,),
            subjects=(DRAFTS.c.applicant_index,),
            people=(among(DRAFTS.c.writers),),
        )
        if query.hall:
            statement = statement.where(DRAFTS.c.hall == query.hall)
        for column, wanted in ((DRAFTS.c.theme, query.theme), (DRAFTS.c.status, query.status)):
            if wanted:
                statement = statement.where(column == wanted)
        rows = self.store.select(NEWEST_FIRST.page(statement, query.after, limit, reverse=query.reversed))
        return {"drafts": [dict(row) for row in rows], "after": NEWEST_FIRST.cursor(rows, limit)}


def standing(draft: Draft) -> dict[str, Any]:
    """What a command answers with."""
    return {
        "draft": draft.stream,
        "theme": draft.contents.theme,
        "status": draft.status,
        "channel": draft.channels[-1],
        "saved_at": draft.saved_at,
        "expires_at": draft.term.expires_at if draft.term is not None and draft.status is DraftStatus.OPEN else None,
        "used_by": draft.used_by,
    }


def _theme(catalogue: Catalogue, theme: str) -> Theme:
    try:
        return catalogue.theme(theme)
    except NoSuchTheme as error:
        raise UnknownTheme(theme=theme) from error
