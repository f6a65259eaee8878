"""国家平台上报表: a case's items as rows of the national upload tables.

One item of a case is one 办件. Columns that hold personal data or typed text are empty: who is to report them adds them
from where they may be read. Days are YYYYMMDD and times YYYYMMDDThhmmss in China (GB/T 39046—2020).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from casefile.explaining.course import Course, Known, Track, course
from catalogue import Catalogue
from catalogue.errors import CatalogueError
from catalogue.limits import limits_of
from catalogue.model import Item
from contracts.approval import ReviewDenied, ReviewExtended, ReviewGranted, ReviewResumed, ReviewSuspended
from contracts.certificate import CertificateIssued, PackageAssembled, PackageHandedOver
from contracts.intake import (
    ItemNotAccepted,
    ItemsAccepted,
    ItemsReturned,
    ItemWithdrawn,
    MaterialsReceived,
    ToleranceSupplemented,
)
from contracts.outreach import RatingGiven
from kernel.clock import CHINA_STANDARD_TIME, local_date

Row = dict[str, str]
Told = tuple[str, Row]
"""The table, and a row of it."""


class Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The columns of each table, and the codes."""

    tables: dict[str, tuple[str, ...]]
    codes: dict[str, dict[str, str]]

    def code(self, list_: str, value: str) -> str:
        """A code; empty where the list has none."""
        return self.codes[list_].get(value, "")


@cache
def national() -> Tables:
    """The tables as they are reported."""
    text = Path(__file__).with_name("national.yaml").read_text("utf-8")
    return msgspec.convert(yaml.safe_load(text), Tables)


def rows(facts: Sequence[Known], catalogue: Catalogue, pseudonym: Callable[[str], str]) -> Iterator[Told]:
    """All rows of one case."""
    found = course(facts)
    if found.opened is None:
        return
    reporting = _Case(facts, found, found.opened.fact, catalogue, pseudonym)
    for name, track in found.items.items():
        if track.accepted or track.gone:
            for table, row in reporting.item(name, track):
                yield table, {column: row.get(column, "") for column in national().tables[table]}


class _Case:
    """A case whose items are reported."""

    def __init__(
        self,
        facts: Sequence[Known],
        found: Course,
        opened: Any,
        catalogue: Catalogue,
        pseudonym: Callable[[str], str],
    ) -> None:
        self.facts = facts
        self.opened = opened
        self.catalogue = catalogue
        self.pseudonym = pseudonym
        self.answers = found.answers
        self.receipts = [each for each in facts if isinstance(each.fact, MaterialsReceived | ToleranceSupplemented)]
        self.copies = {copy.copy: copy for each in self.receipts for copy in each.fact.materials}
        for each in facts:
            if isinstance(each.fact, ItemsAccepted):
                self.copies |= {copy.copy: copy for copy in each.fact.materials}

    def item(self, name: str, track: Track) -> Iterator[Told]:
        """The rows of one item."""
        number = f"{self.opened.number}-{name}"
        catalogued = self._catalogued(name)
        accepted = next((a for a in track.accepted.fact.items if a.item == name), None) if track.accepted else None
        if track.accepted and accepted:
            yield "up_pro_accept", {
                "project_no": number, **self._accept(track.accepted, track.unlocked, accepted, catalogued)
            }  # fmt: skip
            yield from (("up_pro_material", {"project_no": number, **row}) for row in self._materials(accepted))
        yield from (("up_pro_process", {"project_no": number, **row}) for row in self._process(name, track))
        yield from (("up_pro_special_procedure", {"project_no": number, **row}) for row in self._special(name))
        result = self._result(name, track)
        if result:
            yield "up_pro_result", {"project_no": number, **result}
        if track.issued:
            yield "up_lic_data", self._certificate(track.issued.fact, catalogued)

    def _catalogued(self, name: str) -> Item | None:
        try:
            return self.catalogue.item(name)
        except CatalogueError:
            return None

    def _accept(self, acceptance: Known, unlocked: Known | None, accepted: Any, item: Item | None) -> Row:
        organisation = self.catalogue.organisations.get(accepted.in_name_of or accepted.handler)
        limits = limits_of(self.catalogue, item, self.answers, committed=bool(accepted.committed)) if item else None
        reviews = unlocked.fact.reviews if unlocked else ()
        clocks = next((each for each in reviews if each.item == accepted.item), None)
        at_once = limits is not None and limits.promised is not None and limits.promised.days == 0
        first = self.receipts[0].at if self.receipts else acceptance.at
        return {
            "task_code": item.reference_code if item else "",
            "task_version": self.opened.catalogue,
            "applyer_type": national().code("applyer_type", self.opened.applicant_kind),
            "apply_date": _time(first),
            "apply_type": national().code("apply_type", self.opened.channel),
            "org_code": (organisation.uscc or "") if organisation else "",
            "org_name": organisation.name if organisation else "",
            "handle_user_name": self.pseudonym(acceptance.fact.by),
            "accept_date": _day(accepted.accepted_on or local_date(acceptance.at)),
            "accept_doc_no": accepted.notice,
            "project_type": national().code("project_type", "at_once" if at_once else "promised"),
            "promise_date": _day(clocks.promised_due) if clocks and clocks.promised_due else "",
        }

    def _materials(self, accepted: Any) -> Iterator[Row]:
        names = {each.id: each.name for theme in self.catalogue.themes.values() for item in theme.items
                 if item.id == accepted.item for each in item.materials}  # fmt: skip
        counted = Counter(
            (self.copies[c].material, self.copies[c].medium) for c in accepted.materials if c in self.copies
        )
        for (material, medium), number in counted.items():
            yield {
                "material_name": names.get(material, material),
                "get_type": national().code("get_type", medium),
                "get_num": str(number),
            }

    def _process(self, name: str, track: Track) -> Iterator[Row]:
        """收件 to 送达, each with its beginning and, where it has ended, its end and who ended it."""
        received = next((each for each in self.receipts if name in getattr(each.fact, "items", (name,))), None)
        decided, issued = track.decided, track.issued
        if received:
            yield self._step("receipt", received, received)
        if track.accepted:
            yield self._step("acceptance", received or track.accepted, track.accepted, "granted")
        elif track.gone:
            yield self._step("acceptance", received or track.gone, track.gone, "denied")
        if track.unlocked:
            granted = decided is not None and isinstance(decided.fact, ReviewGranted)
            yield self._step("review", track.unlocked, decided, "granted" if granted else "denied")
        if issued:
            yield self._step("issue", decided or issued, issued)
            ready, over = self._delivery(issued.fact)
            if ready:
                yield self._step("delivery", ready, over)

    def _step(self, name: str, begun: Known, ended: Known | None, action: str = "other") -> Row:
        return {
            "process_name": national().code("process_name", name),
            "event_name": national().code("event_name", action) if ended else "",
            "handle_user_name": self.pseudonym(ended.fact.by) if ended else "",
            "event_start_time": _time(min(begun.at, ended.at) if ended else begun.at),
            "event_end_time": _time(ended.at) if ended else "",
        }

    def _delivery(self, certificate: CertificateIssued) -> tuple[Known | None, Known | None]:
        ready = next(
            (
                each
                for each in self.facts
                if isinstance(each.fact, PackageAssembled) and certificate.certificate in each.fact.certificates
            ),
            None,
        )
        if ready is None:
            return None, None
        package = ready.fact.package
        over = (e for e in self.facts if isinstance(e.fact, PackageHandedOver) and e.fact.package == package)
        return ready, next(over, None)

    def _special(self, name: str) -> Iterator[Row]:
        for each in self.facts:
            fact = each.fact
            if isinstance(fact, ReviewExtended) and fact.item == name:
                yield {
                    "special_type": national().code("special_type", "extension"),
                    "special_time": _time(each.at),
                    "applyer_user_name": self.pseudonym(fact.requested_by),
                    "handle_user": self.pseudonym(fact.by),
                }
            if isinstance(fact, ReviewSuspended) and fact.item == name:
                over = next(
                    (
                        later.at
                        for later in self.facts
                        if isinstance(later.fact, ReviewResumed)
                        and (later.fact.item, later.fact.procedure) == (name, fact.procedure)
                        and later.at >= each.at
                    ),
                    None,
                )
                yield {
                    "special_type": national().code("special_type", "other"),
                    "special_name": fact.procedure,
                    "special_time": _time(each.at),
                    "end_time": _time(over) if over else "",
                    "handle_user": self.pseudonym(fact.by),
                }

    def _result(self, name: str, track: Track) -> Row:
        ended = track.decided or track.gone
        if ended is None:
            return {}
        over = self._delivery(track.issued.fact)[1] if track.issued else None
        grade = next(
            (e.fact.grade for e in self.facts if isinstance(e.fact, RatingGiven) and e.fact.handling == name), ""
        )
        certificate = track.issued.fact if track.issued else None
        return {
            "result_type": national().code("result_type", _outcome(ended.fact)),
            "result_date": _day(local_date(ended.at)),
            "result_cetr_name": certificate.title if certificate else "",
            "is_delivery_results": "1" if over else "0",
            "satisfaction": national().code("satisfaction", str(grade)),
        }

    def _certificate(self, fact: CertificateIssued, item: Item | None) -> Row:
        output = next((each for each in item.outputs if each.id == fact.output), None) if item else None
        organisation = self.catalogue.organisations.get(fact.issuer)
        kind = output.certificate if output else None
        return {
            "certificate_type": fact.title,
            "certificate_type_code": self.catalogue.certificate_type(kind) or "",
            "issue_dept": organisation.name if organisation else "",
            "issue_dept_code": (organisation.uscc or "") if organisation else "",
            "issue_date": _day(fact.issued_on),
            "area_code": self.opened.region,
        }


def _outcome(fact: Any) -> str:
    kinds: dict[type[Any], str] = {
        ReviewGranted: "granted",
        ReviewDenied: "denied",
        ItemsReturned: "returned",
        ItemWithdrawn: "withdrawn",
        ItemNotAccepted: "not_accepted",
    }
    return kinds.get(type(fact), "")


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")


def _time(at: datetime) -> str:
    return at.astimezone(CHINA_STANDARD_TIME).strftime("%Y%m%dT%H%M%S")
