"""What the documents of intake say: facts and the catalogue put into words by ``papers.yaml``, nothing added.

A document is a pure function of the facts up to the one that it puts into words, the catalogue version of the
case, and of what its digest leaves out: the addressee's name and where progress is seen. Who has the document can
recompute the digest.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
import yaml
from msgspec.structs import replace

from catalogue.limits import limits_of
from catalogue.model import Catalogue, Theme
from catalogue.rules import Limit
from contracts.intake import (
    Acceptance,
    CorrectionRequested,
    ItemNotAccepted,
    ItemsAccepted,
    ItemsHeld,
    ItemsReturned,
    MaterialCopy,
    MaterialsReceived,
    ToleranceExtended,
    ToleranceLapsed,
    Tolerated,
)
from contracts.words import terms
from documents import Document, Section
from intake.domain import Outline
from intake.domain.docket import Docket, Paper
from intake.domain.material import current
from intake.wording import WORDS
from kernel.clock import CHINA_STANDARD_TIME, local_date
from kernel.digests import canonical, digest

PAPERS: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "papers.yaml").read_text("utf-8"))

_TEMPLATES = jinja2.Environment(
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # noqa: S701 - values of a document, which escapes them where it becomes a page
)

Said = dict[str, Any]


def paper_of(
    paper: Paper, docket: Docket, catalogue: Catalogue, *, addressee: str = "", progress: str = ""
) -> Document:
    """A numbered document of a case. The code of a receipt leads to ``progress``, that of others verifies them."""
    wording = PAPERS["papers"][paper.kind]
    said = _Saying(paper, docket, catalogue).said()
    document = Document(
        kind=wording["kind"],
        title=wording["title"],
        number=paper.number,
        issuer=said["authority"],
        issued_on=local_date(paper.fact.at),
        fields=tuple((label, _fill(text, said)) for label, text in wording.get("fields", ())),
        body=tuple(filter(None, (_fill(text, said) for text in wording.get("body", ())))),
        sections=tuple(_sections(wording.get("sections", ()), said)),
        seal=said["authority"],
        footer=PAPERS["footer"],
        fictional=catalogue.fictional,
    )
    bound = digest(canonical(document))
    link = progress if paper.kind == "receipt" else ""
    return replace(document, addressee=addressee, digest=bound, link=link, qr=link or f"{paper.number}\n{bound}")


def notice_of(outline: Outline, *, number: str, issued_on: date) -> Document:
    """The one-time notice (一次告知) for print; its digest is that of the notice's data."""
    notice, words = outline.notice, PAPERS["notice"]
    named = {item.item: item.name for item in notice.items}
    organisations = outline.catalogue.organisations
    questions = {question.id: question for question in outline.theme.questions}

    def limit(one: Any) -> str:
        if one is None:
            return str(words["limit"]["none"])
        return _limit_words(one.days, one.source, is_placeholder=one.placeholder)

    tables: dict[str, list[tuple[str, ...]]] = {
        "questions": [
            (questions[each].text, next(option.name for option in questions[each].options if option.value == answer))
            for each, answer in notice.answers.items()
        ],
        "items": [
            (
                item.name,
                organisations[item.handler].name if item.handler in organisations else item.handler,
                limit(item.statutory),
                limit(item.promised),
                item.reason,
                "、".join(item.outputs),
            )
            for item in notice.items
            if item.standing == "selected"
        ],
        "others": [
            (item.name, WORDS["standings"].get(item.standing, item.standing), item.reason)
            for item in notice.items
            if item.standing != "selected"
        ],
        "materials": [
            (
                material.name,
                WORDS["roles"][material.role] + (f"；{words['tolerable']}" if material.tolerable else ""),
                WORDS["sources"][material.source],
                material.reason + material.note,
            )
            for material in notice.materials
        ],
        "fields": [
            (field.label, words["required"] if field.required else words["optional"]) for field in notice.fields
        ],
        "places": [(place.name, WORDS["places"].get(place.kind, place.kind)) for place in notice.places],
        "flow": [
            (_fill(words["step"], {"n": n}), "、".join(named[item] for item in step))
            for n, step in enumerate(notice.flow, start=1)
        ],
    }
    sections = [
        Section(title=words["headings"][name], columns=tuple(words["columns"][name]), rows=tuple(rows))
        for name, rows in tables.items()
        if rows
    ]
    lead = organisations.get(outline.theme.lead)
    issuer = lead.name if lead is not None else outline.theme.lead
    return Document(
        kind="notice",
        title=_fill(words["title"], {"name": notice.name}),
        number=number,
        issuer=issuer,
        issued_on=issued_on,
        sections=(*sections, Section(title=words["headings"]["cautions"], body=notice.cautions)),
        seal=issuer if number else "",
        qr=f"{number}\n{outline.digest}",
        digest=outline.digest,
        footer=PAPERS["footer"] if number else "",
        fictional=outline.catalogue.fictional,
    )


class _Saying:
    """What a fact says, with everything in it called by its name."""

    def __init__(self, paper: Paper, docket: Docket, catalogue: Catalogue) -> None:
        self.paper, self.fact, self.case = paper, paper.fact, docket.case
        self.catalogue = catalogue
        self.theme: Theme = catalogue.theme(self.case.theme)
        self.materials = {each.id: each.name for item in self.theme.items for each in item.materials}
        self.labels = {field.key: field.label for field in self.theme.fields}

    def said(self) -> Said:
        """The values of the templates, for every kind of document."""
        authority = self.fact.in_name_of or self.theme.lead
        said: Said = {
            "number": self.case.number,
            "theme": self.theme.name,
            "authority": self._org(authority),
            "place": " ".join(filter(None, (self.case.hall, self.case.window))),
            "moment": _moment(self.fact.at),
            "items": [],
            "copies": [],
            "grant": "",
            "answer_by": "",
            "due_on": "",
            "reason": "",
            "ground": "",
            "competent": "",
        }
        match self.fact:
            case MaterialsReceived() as fact:
                return said | self._received(fact)
            case CorrectionRequested() as fact:
                return said | self._corrected(fact)
            case ItemsAccepted() as fact:
                return said | self._accepted(fact)
            case ItemsHeld() as fact:
                held = [each for each in fact.items if each.notice == self.paper.number]
                rows = [row for each in held for row in self._tolerated(each.item, each.tolerated)]
                return said | {"tolerated": rows}
            case ToleranceExtended() as fact:
                return said | {"item": self._item(fact.item), "due_on": _day(fact.due_on), "reason": fact.reason}
            case ToleranceLapsed() as fact:
                missing = [{"material": self._material(each)} for each in fact.missing]
                return said | {"item": self._item(fact.item), "materials": missing}
            case ItemNotAccepted() as fact:
                return said | {
                    "item": self._item(fact.item),
                    "reason": fact.reason,
                    "ground": PAPERS["declined"][fact.ground],
                    "competent": self._org(fact.competent_authority),
                }
            case ItemsReturned() as fact:
                return said | {
                    "items": [{"name": self._item(each)} for each in fact.items],
                    "reason": fact.explanation,
                    "ground": PAPERS["grounds"][fact.reason],
                    "copies": self._copies(self._of_items(fact.items)),
                }
        return said

    def _received(self, fact: MaterialsReceived) -> Said:
        until = fact.deemed_accepted_at
        return {
            "copies": self._copies(fact.materials),
            "answer_by": _day(local_date(until)) if until else "",
        }

    def _corrected(self, fact: CorrectionRequested) -> Said:
        return {
            "missing": [
                {"item": self._item(item), "materials": [self._lacking(each) for each in materials]}
                for item, materials in fact.missing.items()
            ],
            "fields": [
                {"label": self.labels.get(key, key), "reason": self.paper.wrong.get(key, "")} for key in fact.fields
            ],
            "due_on": _day(fact.due_on) if fact.due_on else "",
        }

    def _accepted(self, fact: ItemsAccepted) -> Said:
        mine = [each for each in fact.items if self.paper.number in (each.notice, each.tolerance_notice)]
        used = {copy for each in mine for copy in each.materials}
        return {
            "authority": self._org(mine[0].in_name_of or self.theme.lead),
            "place": " ".join(filter(None, (fact.hall, fact.window))),
            "grant": mine[0].grant,
            "items": [self._item_row(each, fact) for each in mine],
            "copies": self._copies(copy for copy in fact.materials if copy.copy in used),
            "tolerated": [row for each in mine for row in self._tolerated(each.item, each.tolerated)],
            "committed": [
                {"item": self._item(each.item), "material": self._material(material)}
                for each in mine
                for material in each.committed
            ],
        }

    def _item_row(self, acceptance: Acceptance, fact: ItemsAccepted) -> Said:
        item = self.theme.item(acceptance.item)
        answers = fact.answers or self.case.answers
        limits = limits_of(self.catalogue, item, answers, committed=bool(acceptance.committed))
        return {
            "name": item.name,
            "handler": self._org(acceptance.handler),
            "accepted_on": _day(acceptance.accepted_on or local_date(fact.at)),
            "statutory": _limit(limits.statutory),
            "promised": _limit(limits.promised),
        }

    def _tolerated(self, item: str, tolerated: Iterable[Tolerated]) -> list[Said]:
        return [
            {"item": self._item(item), "material": self._material(each.material), "due_on": _day(each.due_on)}
            for each in tolerated
        ]

    def _copies(self, copies: Iterable[MaterialCopy]) -> list[Said]:
        return [
            {
                "material": self._material(copy.material),
                "medium": PAPERS["mediums"][copy.medium],
                "edition": copy.edition,
                "provenance": PAPERS["applicant"] if copy.provenance == "entered" else copy.provenance,
            }
            for copy in copies
        ]

    def _of_items(self, items: Iterable[str]) -> tuple[MaterialCopy, ...]:
        asked = {each.id for item in items for each in self.theme.item(item).materials}
        return tuple(copy for copy in current(self.paper.copies) if copy.material in asked)

    def _item(self, item: str) -> str:
        return self.theme.item(item).name

    def _material(self, material: str) -> str:
        return self.materials.get(material, material)

    def _lacking(self, material: str) -> str:
        """A material that is missing; where a copy of it does not serve, with what is wrong."""
        fault = self.paper.faults.get(material)
        if fault is None:
            return self._material(material)
        said = terms()[fault.kind]["zh"]
        return f"{self._material(material)}（{said}{'：' + fault.note if fault.note else ''}）"

    def _org(self, organisation: str) -> str:
        known = self.catalogue.organisations.get(organisation)
        return known.name if known is not None else organisation


def _sections(wordings: Iterable[Mapping[str, Any]], said: Said) -> Iterable[Section]:
    """Tables over lists of what is said; one without rows is left out."""
    for wording in wordings:
        rows = said.get(wording["rows"], [])
        if rows:
            yield Section(
                title=wording["title"],
                columns=tuple(wording["columns"]),
                rows=tuple(tuple(_fill(text, {"it": row}) for text in wording["columns"].values()) for row in rows),
            )


def _fill(text: str, said: Mapping[str, Any]) -> str:
    return _template(text).render(said).strip()


@lru_cache(maxsize=512)
def _template(text: str) -> jinja2.Template:
    return _TEMPLATES.from_string(text)


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return str(PAPERS["notice"]["limit"]["none"])
    return _limit_words(limit.days, limit.source or "", is_placeholder=limit.placeholder)


def _limit_words(days: int, source: str, *, is_placeholder: bool) -> str:
    """A limit with the mark that says how far it may be relied on."""
    unsourced = not source or source.startswith("K")
    mark = "placeholder" if is_placeholder else "unsourced" if unsourced else "sourced"
    return _fill(PAPERS["notice"]["limit"][mark], {"days": days, "source": source})


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def _moment(at: datetime) -> str:
    local = at.astimezone(CHINA_STANDARD_TIME)
    return f"{_day(local.date())}{local:%H:%M}"
