"""Public verification (核验): whether a document is genuine and in force, and nothing personal."""

from datetime import date
from typing import Literal

from msgspec import Struct

from certificate.domain.refusals import NothingToVerify
from certificate.domain.standing import CODES, Standing
from certificate.domain.state import OutputState
from contracts.certificate import VerifyCertificate
from kernel.identifiers import InvalidIdentifier, check_certificate_id

Finding = Literal["", "right", "wrong"]
"""Not asked, or what came of asking."""


class Claim(Struct, frozen=True):
    """What somebody holds in their hand, as far as it was shown."""

    identifier: str = ""
    identifier_check: Finding = ""
    number: str = ""
    digest: str = ""
    seal: str = ""


class Found(Struct, frozen=True, omit_defaults=True):
    """The answer. Without ``found`` nothing of that kind was issued here; a wrong digest shows no certificate."""

    found: bool
    genuine: bool = False
    in_force: bool = False
    identifier_check: Finding = ""
    digest: Finding = ""
    seal: Finding = ""
    status: Standing | Literal[""] = ""
    status_code: str = ""
    kind: str = ""
    title: str = ""
    number: str = ""
    identifier: str = ""
    edition: int = 0
    issuer: str = ""
    issued_on: date | None = None
    replaced_by: dict[str, str | int] = {}
    parts: tuple[dict[str, str], ...] = ()


def claimed(query: VerifyCertificate) -> Claim:
    """What is claimed; raises NothingToVerify. A code is number, digest and seal, line by line."""
    if query.code:
        number, digest, seal, *_ = [*query.code.strip().splitlines(), "", "", ""]
        if not (number and digest and seal):
            raise NothingToVerify
        return Claim(number=number.strip(), digest=digest.strip(), seal=seal.strip())
    if query.identifier:
        try:
            return Claim(check_certificate_id(query.identifier), "right", query.number, query.digest)
        except InvalidIdentifier:
            return Claim(query.identifier, "wrong")
    if query.number and query.digest:
        return Claim(number=query.number.strip(), digest=query.digest.strip())
    raise NothingToVerify


def verified(claim: Claim, output: OutputState, certificate: str, *, sealed: bool) -> Found:
    """What is known of a certificate that fits the claim; ``sealed``: its own seal verifies."""
    result = output.certificates[certificate]
    issued = result.issued
    digest: Finding = _compared(claim.digest, issued.digest)
    seal: Finding = "wrong" if not sealed or _compared(claim.seal, issued.seal) == "wrong" else "right"
    genuine = "wrong" not in {digest, seal}
    if not genuine:
        return Found(found=True, identifier_check=claim.identifier_check, digest=digest, seal=seal)
    later = output.certificates.get(result.replaced_by)
    return Found(
        found=True,
        genuine=True,
        in_force=result.in_force,
        identifier_check=claim.identifier_check,
        digest=digest,
        seal=seal,
        status=result.standing,
        status_code=CODES[result.standing],
        kind=issued.kind,
        title=issued.title,
        number=issued.number,
        identifier=issued.identifier,
        edition=issued.edition,
        issuer=issued.issuer,
        issued_on=issued.issued_on,
        replaced_by=_named(later.issued.number, later.issued.identifier, later.issued.edition) if later else {},
        parts=tuple(_part(output, part) for part in issued.parts),
    )


def _part(output: OutputState, name: str) -> dict[str, str]:
    part = output.certificates[name]
    return {
        "title": part.issued.title,
        "number": part.issued.number,
        "identifier": part.issued.identifier,
        "issuer": part.issued.issuer,
        "status": part.standing,
    }


def _named(number: str, identifier: str, edition: int) -> dict[str, str | int]:
    return {"number": number, "identifier": identifier, "edition": edition}


def _compared(claimed: str, known: str) -> Finding:
    if not claimed:
        return ""
    return "right" if claimed == known else "wrong"
