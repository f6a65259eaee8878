"""文书 as it is asked for: the one-time notice and the numbered documents, as data, text, page or print."""

from base64 import b64encode
from datetime import date
from typing import Any

from eventlet import tpool

from contracts.intake import Applicant, Format, GetCase, GetNotice, GetPaper
from contracts.language import Caller
from documents import Document, FontMissing, page, plain, render
from eventing.errors import Unavailable
from eventing.keyring import KeyRing
from eventing.printed import Codes
from eventing.service import query
from intake.domain import Case, Outline, outline_of
from intake.domain.docket import Docket
from intake.wordings import notice_of, paper_of
from kernel.clock import local_date

MEDIA_TYPES = {"text": "text/plain", "html": "text/html", "pdf": "application/pdf"}


class Papers:
    """Questions about documents."""

    store: Any
    clock: Any
    catalogues: Any
    keyring: KeyRing
    codes: Codes

    @query(GetNotice)
    def get_notice(self, query: GetNotice, caller: Caller) -> dict[str, Any]:
        """The one-time notice that a case was given, or that these answers would get today."""
        if not query.case_id:
            outline = outline_of(self.catalogues.current(), query.theme, query.answers)
            return _notice(outline, "", outline.digest, local_date(self.clock.now()), query.format)
        case: Case = self._find(query.case_id)  # type: ignore[attr-defined]  # the service's
        self._may_see_notice(case, caller)
        number, _, digest = case.notice
        given_on = local_date(case.noticed_at or self.clock.now())
        return _notice(self.noticed(case), number, digest, given_on, query.format)  # type: ignore[attr-defined]

    def _may_see_notice(self, case: Case, caller: Caller) -> None:
        """A case's own notice says what it takes: shown to whom the case is shown."""
        self.store.check(case, GetCase(case_id=case.stream), caller)

    @query(GetPaper)
    def get_paper(self, query: GetPaper, caller: Caller) -> dict[str, Any]:
        """A numbered document, made of the facts; without a number, the list of them."""
        case: Case = self._find(query.case_id)  # type: ignore[attr-defined]  # the service's
        brought = self.is_brought(case, query.identifier, caller)  # type: ignore[attr-defined]  # reading's
        if not brought:
            self.store.check(case, query, caller)
        docket: Docket = self.store.get(Docket, case.stream)
        if not query.number:
            return {
                "case_id": case.stream,
                "papers": [
                    {"number": paper.number, "kind": paper.kind, "given_at": paper.fact.at, "by": paper.fact.by}
                    for paper in docket.papers.values()
                ],
            }
        paper = docket.paper(query.number)
        if brought:
            self.note_reading(  # type: ignore[attr-defined]  # reading's
                case.stream, caller, ("contact",), purpose=query.purpose, what=paper.number
            )
        else:
            self.open_personal(  # type: ignore[attr-defined]  # reading's
                case, caller, ("contact",), purpose=query.purpose, what=paper.number
            )
        applicant = self.keyring.unseal(case.applicant, case.stream, Applicant)
        document = paper_of(
            paper,
            docket,
            self.catalogues.at(paper.catalogue),
            addressee=applicant.name,
            progress=self.codes.address("receipt", case.number),
        )
        answer = {"number": paper.number, "kind": paper.kind, "title": document.title, "digest": document.digest}
        return answer | ({"document": document} if query.format == "data" else _shown(document, query.format))


def _notice(outline: Outline, number: str, digest: str, on: date, wanted: Format) -> dict[str, Any]:
    answer: dict[str, Any] = {"number": number, "digest": digest}
    match wanted:
        case "data":
            return answer | {"notice": outline.notice}
        case "text":
            text = f"{outline.notice.text}\n{number}\n数据摘要 {outline.digest}\n"
            return answer | {"media_type": MEDIA_TYPES["text"], "content": text}
        case _:
            return answer | _shown(notice_of(outline, number=number, issued_on=on), wanted)


def _shown(document: Document, wanted: Format) -> dict[str, str]:
    """The document in the wanted form; a PDF is set in a thread of its own and comes as base64."""
    match wanted:
        case "pdf":
            try:
                content = b64encode(tpool.execute(render, document)).decode()
            except FontMissing as error:
                raise Unavailable(what="font", error=str(error)) from error
        case "html":
            content = page(document)
        case _:
            content = plain(document)
    return {"media_type": MEDIA_TYPES[wanted], "content": content}
