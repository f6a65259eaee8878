"""What documents say: from a certificate's data, its holder and the catalogue to a page, without how it looks."""

import msgspec

from catalogue.model import Catalogue
from certificate.domain import Output
from certificate.wording import denial_of, labels
from contracts.certificate import CertificateIssued
from contracts.intake import Applicant
from documents import Document

SHORT = 16
"""Characters of a digest or key id that a list shows."""


class Composite(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A document that several authorities put their seals on."""

    seals: tuple[str, ...] = ()


def page(output: Output, issued: CertificateIssued, applicant: Applicant, catalogue: Catalogue) -> Document:
    """The page of a result: a certificate, the document of a denial, or a slip for anything else."""
    match issued.kind:
        case "comprehensive":
            return _comprehensive(output, issued, applicant, catalogue)
        case "decision":
            return _denial(issued, applicant, catalogue)
        case _:
            return _single(output, issued, applicant, catalogue)


def code(issued: CertificateIssued) -> str:
    """What the code on the page says: number, digest and seal, which is all that verifying needs."""
    return f"{issued.number}\n{issued.digest}\n{issued.seal}"


def manifest(output: Output, package: str, applicant: Applicant, catalogue: Catalogue) -> Document:
    """出件清单: what a package contains and whose seals it bears, with room for the two who sign."""
    words = labels()["manifest"]
    contents = [output.certificates[name].issued for name in output.packages[package].certificates]
    lead = catalogue.theme(output.theme).lead
    return Document(
        kind="manifest",
        title=words["title"],
        number=f"{output.number}/{package}",
        issuer=_organisation(catalogue, lead),
        issued_on=max(issued.issued_on for issued in contents),
        addressee=applicant.name,
        body=(words["body"].format(count=len(contents)),),
        columns=tuple(words["columns"]),
        rows=tuple(
            (
                str(place),
                issued.title,
                issued.number,
                _organisation(catalogue, issued.issuer),
                str(issued.edition),
                issued.key[:SHORT],
                issued.digest.removeprefix("sha256:")[:SHORT],
            )
            for place, issued in enumerate(contents, start=1)
        ),
        fields=((words["handed_over"], words["line"]), (words["received"], words["line"])),
        footer=labels()["footer"],
        fictional=catalogue.fictional,
    )


def _single(output: Output, issued: CertificateIssued, applicant: Applicant, catalogue: Catalogue) -> Document:
    words = labels()
    issuer = _organisation(catalogue, issued.issuer)
    return Document(
        kind="certificate" if issued.kind == "certificate" else "receipt",
        title=issued.title,
        number=issued.number,
        issuer=issuer,
        issued_on=issued.issued_on,
        zzbs=issued.identifier,
        fields=(
            *_holder(applicant),
            (words["item"], catalogue.item(issued.item).name),
            (words["theme"], catalogue.theme(output.theme).name),
            (words["case_number"], output.number),
            *_edition(issued),
        ),
        seal=issuer,
        qr=code(issued),
        footer=words["footer"],
        fictional=catalogue.fictional,
    )


def _denial(issued: CertificateIssued, applicant: Applicant, catalogue: Catalogue) -> Document:
    words = labels()
    item = catalogue.item(issued.item)
    issuer = _organisation(catalogue, issued.issuer)
    body = [
        words["denied"].format(item=item.name, verb=words["denied_verb"][denial_of(item)]),
        words["reasons"].format(reasons=issued.reasons),
        issued.remedy,
    ]
    if issued.correction:
        body.insert(2, words["corrected"].format(correction=issued.correction))
    return Document(
        kind="decision",
        title=issued.title,
        number=issued.number,
        issuer=issuer,
        issued_on=issued.issued_on,
        addressee=applicant.name,
        body=tuple(sentence for sentence in body if sentence),
        seal=issuer,
        qr=code(issued),
        footer=words["footer"],
        fictional=catalogue.fictional,
    )


def _comprehensive(output: Output, issued: CertificateIssued, applicant: Applicant, catalogue: Catalogue) -> Document:
    words = labels()
    parts = [output.certificates[name].issued for name in issued.parts]
    issuer = _organisation(catalogue, issued.issuer)
    return Composite(
        kind="certificate",
        template="comprehensive",
        title=issued.title,
        number=issued.number,
        issuer=issuer,
        issued_on=issued.issued_on,
        zzbs=issued.identifier,
        fields=(
            *_holder(applicant),
            (words["theme"], catalogue.theme(output.theme).name),
            (words["case_number"], output.number),
            *_edition(issued),
        ),
        columns=tuple(words["parts"]),
        rows=tuple(
            (
                str(place),
                part.title,
                part.number,
                _organisation(catalogue, part.issuer),
                part.issued_on.isoformat(),
            )
            for place, part in enumerate(parts, start=1)
        ),
        seal=issuer,
        seals=tuple(dict.fromkeys(_organisation(catalogue, part.issuer) for part in parts)),
        qr=f"{code(issued)}\n{permit_data(parts)}",
        footer=words["footer"],
        fictional=catalogue.fictional,
    )


def permit_data(parts: list[CertificateIssued]) -> str:
    """The permit data that the code of a comprehensive licence loads: it prevails over the page (S61a)."""
    return msgspec.json.encode(
        [
            {"t": part.title, "n": part.number, "i": part.identifier, "d": part.digest.removeprefix("sha256:")[:SHORT]}
            for part in parts
        ]
    ).decode()


def _holder(applicant: Applicant) -> tuple[tuple[str, str], ...]:
    words = labels()
    return (
        (words["holder"][applicant.kind], applicant.name),
        (words["identifier"][applicant.kind], applicant.identifier),
    )


def _edition(issued: CertificateIssued) -> tuple[tuple[str, str], ...]:
    words = labels()
    said = [(words["edition"], str(issued.edition))] if issued.edition > 1 else []
    said += [(words["correction"], issued.correction)] if issued.correction else []
    return tuple(said)


def _organisation(catalogue: Catalogue, name: str) -> str:
    organisation = catalogue.organisations.get(name)
    return organisation.name if organisation else name
