"""转版: a case of which nothing is accepted goes over to the catalogue in force; every other keeps its own.

The law that is in force at acceptance stays the law of what was accepted. After a correction was
asked for, nothing more may be asked (行政许可法 第32条第1款第4项), so what a case takes is fixed from then on, too.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from catalogue import Catalogue, limits_of
from contracts.editions import CaseMigrated
from contracts.intake import NoticeIssued
from contracts.language import Act
from eventing.aggregate import applies
from eventing.errors import Invalid, Refused
from intake.domain.appearance import check_appearance
from intake.domain.correction import Correcting
from intake.domain.joining import Joining
from intake.domain.lifecycle import GONE, STANDINGS, ItemState
from intake.domain.outline import Outline, outline_of
from intake.domain.refusals import WrongApplicant


class NotMigratable(Refused):
    """The case keeps its catalogue: something is accepted, kept at the window, or was asked for once and completely."""


def rederived(
    before: Catalogue,
    after: Catalogue,
    theme: str,
    answers: Mapping[str, str],
    *,
    selected: Collection[str],
    satisfied: Mapping[str, str],
    underway: Mapping[str, str],
    more: Mapping[str, str] | None = None,
) -> Outline:
    """What a case takes by another version.

    Who wanted all that the answers call for gets all of it; who chose, what of the choice there still is. Answers to
    questions or options that are gone do not count; ``more`` answers those that come up now.
    """
    try:
        whole = outline_of(before, theme, answers, satisfied=satisfied, underway=underway)
        wanted = None if _selected(whole) == set(selected) else selected
    except Invalid:  # without the choice there was no such case
        wanted = selected
    asked = after.themes.get(theme)
    options = {each.id: {option.value for option in each.options} for each in asked.questions} if asked else {}
    kept = {question: value for question, value in answers.items() if value in options.get(question, ())}
    said = {**kept, **(more or {})}
    if wanted is not None and asked is not None:
        there = {item.id for item in asked.items}
        wanted = [item for item in wanted if item in there]
    found = outline_of(after, theme, said, chosen=wanted, satisfied=satisfied, underway=underway)
    return outline_of(
        after,
        theme,
        found.notice.answers,
        chosen=tuple(each.item for each in found.plan if each.standing == "selected"),
        satisfied=satisfied,
        underway=underway,
    )


def _selected(outline: Outline) -> set[str]:
    return {each.item for each in outline.plan if each.standing == "selected"}


class Migrating(Correcting, Joining):
    """The one way in which a case changes its catalogue version."""

    @property
    def fixed_by(self) -> str:
        """Why the case keeps its catalogue version; empty while it could go over to another."""
        if self.outcome is not None:
            return "closed"
        if self.acceptances:
            return "accepted"
        if ItemState.HELD in self.items.values():
            return "held"
        return "correcting" if self.correction_notice else ""

    def migrate(
        self,
        outline: Outline,
        *,
        held_until: Mapping[str, date],
        begun: Mapping[str, date],
        act: Act,
    ) -> None:
        """Goes over to the version of the outline, which was derived anew; the same version is no news."""
        if outline.catalogue.version == self.catalogue:
            return
        if self.fixed_by:
            raise NotMigratable(reason=self.fixed_by, number=self.number)
        if outline.theme.applicant not in ("either", self.applicant_kind):
            raise WrongApplicant(expected=outline.theme.applicant)
        selected = [each.item for each in outline.plan if each.standing == "selected"]
        added = tuple(item for item in selected if item not in self.selected)
        check_appearance(outline, added, act)
        self.record(
            CaseMigrated,
            act,
            before=self.catalogue,
            catalogue=outline.catalogue.version,
            answers=outline.notice.answers,
            plan=outline.plan,
            added=added,
            removed=tuple(item for item in self.selected if item not in selected),
            held_until=dict(held_until),
            begun=dict(begun),
        )
        self.record(
            NoticeIssued,
            act,
            number=self.notice[0],
            edition=outline.notice.edition,
            digest=outline.digest,
            issue=self.issues + 1,
        )

    @applies(CaseMigrated)
    def _migrated(self, fact: CaseMigrated) -> None:
        stood = {planned.item: planned.standing for planned in self.plan}
        items: dict[str, ItemState] = {}
        for planned in fact.plan:
            state = self.items.get(planned.item)
            is_kept = state is not None and (state in GONE or stood[planned.item] == planned.standing)
            items[planned.item] = state if is_kept and state is not None else STANDINGS[planned.standing]
        gone = {item: state for item, state in self.items.items() if item not in items and state in GONE}
        self.items = items | gone
        self.catalogue = fact.catalogue
        self.answers = fact.answers
        self.plan = fact.plan
        open_items = self.open_items
        self.awaited = {item: each for item, each in self.awaited.items() if item in open_items}
        self.held_until = dict(fact.held_until)
        self.begun = dict(fact.begun)


def moved(before: Outline, after: Outline) -> dict[str, Any]:
    """What a case takes more, less, or otherwise by another version."""
    old, new = _selected(before), _selected(after)
    asked, asks = before.asked(old), after.asked(new)
    told, tells = _told(before), _told(after)
    return {
        "items_added": sorted(new - old),
        "items_removed": sorted(old - new),
        "materials_added": sorted(asks - asked),
        "materials_removed": sorted(asked - asks),
        "fields_added": sorted(after.fields.keys() - before.fields.keys()),
        "fields_removed": sorted(before.fields.keys() - after.fields.keys()),
        "limits": {key: (told[key], tells[key]) for key in sorted(told.keys() & tells) if told[key] != tells[key]},
        "handlers": {
            item: (before.handler(item), after.handler(item))
            for item in sorted(old & new)
            if before.handler(item) != after.handler(item)
        },
    }


def _told(outline: Outline) -> dict[str, str]:
    """The limits of the selected items under the case's answers: item/kind → working days."""
    told = {}
    for item in _selected(outline):
        found = limits_of(outline.catalogue, outline.theme.item(item), outline.notice.answers)
        told[f"{item}/statutory"] = str(found.statutory.days) if found.statutory else ""
        told[f"{item}/promised"] = str(found.promised.days) if found.promised else ""
    return told
