"""The terms of a grant, and what the law asks of them (行政许可法 第22–26条)."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal

import msgspec

from catalogue.authority import EVERY_ITEM
from contracts.delegation import Basis, GranteeKind, Implementer, LegalForm, LevelCode, Power, PowerSource
from eventing.errors import Refused


class DocumentMissing(Refused):
    """A grant is signed as a document with a number (委托书)."""


class NothingGranted(Refused):
    """A grant names at least one item and one power."""


class ItemsNotNamed(Refused):
    """An entrusting names its items one by one (质检总局令149号 第10条)."""


class TermReversed(Refused):
    """It would end before it begins."""


class TermMissing(Refused):
    """An entrusting has a term (质检总局令149号 第10条)."""


class DutiesMissing(Refused):
    """An entrusting says what rights and duties both sides have (质检总局令149号 第10条)."""


class PartNotDescribed(Refused):
    """Powers that are given in part say which part, and those given as a whole have none."""


class GrantToItself(Refused):
    """Nobody entrusts themselves."""


class GranteeNotEligible(Refused):
    """The legal form does not give such a grantee these powers."""


class BasisMissing(Refused):
    """The legal form rests on something that the grant does not name."""


class ApprovalTooLow(Refused):
    """Powers are concentrated with the approval of the State Council or by a province (行政许可法 第25条)."""


class LevelsReversed(Refused):
    """Powers are given on the same level or downwards, and both levels are said or none."""


class PowerSourceWrong(Refused):
    """The source of power does not fit the legal form or the levels."""


class ImplementerWrong(Refused):
    """The nature of the implementer does not fit the legal form."""


class DigestInvalid(Refused):
    """A digest is ``sha256:`` and 64 hexadecimal digits."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What was signed. The fields mean what they mean in ``GrantMade``."""

    legal_form: LegalForm
    grantor: str
    grantee: str
    grantee_kind: GranteeKind
    items: tuple[str, ...]
    powers: tuple[Power, ...]
    valid_from: date
    valid_until: date | None
    document: str
    windows: tuple[str, ...] = ()
    level_from: LevelCode = ""
    level_to: LevelCode = ""
    power_source: PowerSource = ""
    implementer: Implementer = ""
    basis: Basis | None = None
    extent: Literal["whole", "part"] = "whole"
    part: str = ""
    duties: str = ""
    superior: str = ""
    seal: str = ""


ALL: frozenset[Power] = frozenset({"receive", "accept", "review", "decide", "certify"})
RECEIPT: frozenset[Power] = frozenset({"receive", "accept"})
"""收件、受理: what a hall's window does on departments' letters, under their 受理专用章 (S62)."""
NOTHING: frozenset[Power] = frozenset()

POWERS: Mapping[LegalForm, Mapping[GranteeKind, frozenset[Power]]] = {
    # 第22条、第23条: the power is the grantee's own, by law, whatever kind of organisation it is
    "statutory": {"administrative_organ": ALL, "public_institution": ALL, "other": ALL},
    "authorised": {"administrative_organ": ALL, "public_institution": ALL, "other": ALL},
    # 第24条第1款: 其他行政机关 and nobody else, not for acceptance alone either
    "entrusted": {"administrative_organ": ALL, "public_institution": NOTHING, "other": NOTHING},
    # 第25条: 一个行政机关
    "concentrated": {"administrative_organ": ALL, "public_institution": NOTHING, "other": NOTHING},
    # 第26条: one organ accepts and delivers for all; each of the others decides for itself
    "unified": {
        "administrative_organ": RECEIPT | {"certify"},
        "public_institution": NOTHING,
        "other": NOTHING,
    },
    # practice, not article 24: receipt only; whoever is no office at all (a bank, a post office) only takes in
    "hall_practice": {
        "administrative_organ": RECEIPT,
        "public_institution": RECEIPT,
        "other": frozenset({"receive"}),
    },
}
"""The most that a legal form gives to a kind of grantee."""

BASES: Mapping[LegalForm, frozenset[str]] = {
    "authorised": frozenset({"law", "regulation"}),  # 第23条: 法律、法规
    "entrusted": frozenset({"law", "regulation", "rule"}),  # 第24条第1款: 法律、法规、规章
    "concentrated": frozenset({"approval"}),  # 第25条
    "unified": frozenset({"designation"}),  # 第26条第2款: 本级人民政府
}
"""What a legal form rests on, where the grant has to name it."""

APPROVERS: frozenset[LevelCode] = frozenset({"1", "2"})
"""Who approves a concentration: the State Council or a province."""

GRADED: LevelCode = "7"
"""分级管理 is on several levels and comes before or after none."""

SOURCE_FORMS: Mapping[PowerSource, frozenset[LegalForm]] = {
    "1": frozenset({"statutory"}),
    "2": frozenset({"statutory", "authorised", "concentrated", "unified"}),
    "3": frozenset({"authorised", "concentrated"}),
    "4": frozenset({"authorised", "concentrated"}),
    "5": frozenset({"entrusted", "hall_practice"}),
    "6": frozenset({"entrusted", "hall_practice"}),
}
"""Which legal forms a source of power (S65a) can have, by its words: 法定, 下放, 授权, 委托."""

DOWNWARDS: frozenset[PowerSource] = frozenset({"2", "3", "5"})
"""上级…; the others are 本级 or 同级."""

NATURES: Mapping[LegalForm, frozenset[Implementer]] = {
    "statutory": frozenset({"1", "2", "9"}),
    "authorised": frozenset({"2"}),
    "entrusted": frozenset({"3"}),
    "concentrated": frozenset({"1"}),
    "unified": frozenset({"1", "9"}),
    "hall_practice": frozenset({"3", "9"}),
}
"""What the implementer is under a legal form (GB/T 39046—2020 表 A.3)."""

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def bad_digest(field: str, text: str) -> Refused | None:
    """The refusal of a digest that is none; empty is no digest and no fault."""
    return None if not text or DIGEST.fullmatch(text) else DigestInvalid(field=field)


def reversed_term(begins: date, ends: date | None) -> Refused | None:
    """The refusal of a term that ends before it begins."""
    return TermReversed(valid_from=begins, valid_until=ends) if ends is not None and ends < begins else None


def _signed(terms: Terms) -> Refused | None:
    return None if terms.document.strip() else DocumentMissing()


def _something(terms: Terms) -> Refused | None:
    return None if terms.items and terms.powers and all(terms.items) else NothingGranted()


def _named(terms: Terms) -> Refused | None:
    return ItemsNotNamed() if terms.legal_form == "entrusted" and EVERY_ITEM in terms.items else None


def _term(terms: Terms) -> Refused | None:
    if terms.legal_form == "entrusted" and terms.valid_until is None:
        return TermMissing()
    return reversed_term(terms.valid_from, terms.valid_until)


def _duties(terms: Terms) -> Refused | None:
    return DutiesMissing() if terms.legal_form == "entrusted" and not terms.duties.strip() else None


def _part(terms: Terms) -> Refused | None:
    return None if (terms.extent == "part") == bool(terms.part.strip()) else PartNotDescribed(extent=terms.extent)


def _another(terms: Terms) -> Refused | None:
    if terms.legal_form in {"entrusted", "hall_practice"} and terms.grantor == terms.grantee:
        return GrantToItself(grantor=terms.grantor)
    return None


def _eligible(terms: Terms) -> Refused | None:
    beyond = sorted(set(terms.powers) - POWERS[terms.legal_form][terms.grantee_kind])
    if not beyond:
        return None
    return GranteeNotEligible(
        grantee=terms.grantee, kind=terms.grantee_kind, legal_form=terms.legal_form, powers=beyond
    )


def _basis(terms: Terms) -> Refused | None:
    wanted = BASES.get(terms.legal_form)
    if wanted is None:
        return None
    if terms.basis is None or terms.basis.kind not in wanted or not terms.basis.document.strip():
        return BasisMissing(legal_form=terms.legal_form, wanted=sorted(wanted))
    if terms.basis.kind == "approval" and terms.basis.level not in APPROVERS:
        return ApprovalTooLow(document=terms.basis.document)
    return None


def _levels(terms: Terms) -> Refused | None:
    above, below = terms.level_from, terms.level_to
    if bool(above) != bool(below) or (GRADED not in (above, below) and above > below):
        return LevelsReversed(level_from=above, level_to=below)
    return None


def _source(terms: Terms) -> Refused | None:
    source = terms.power_source
    if not source:
        return None
    pair = (terms.level_from, terms.level_to)
    fits = not all(pair) or GRADED in pair or (terms.level_from < terms.level_to) == (source in DOWNWARDS)
    if terms.legal_form in SOURCE_FORMS[source] and fits:
        return None
    return PowerSourceWrong(power_source=source, legal_form=terms.legal_form)


def _nature(terms: Terms) -> Refused | None:
    if not terms.implementer or terms.implementer in NATURES[terms.legal_form]:
        return None
    return ImplementerWrong(implementer=terms.implementer, legal_form=terms.legal_form)


def _sealed(terms: Terms) -> Refused | None:
    return bad_digest("seal", terms.seal)


RULES: tuple[Callable[[Terms], Refused | None], ...] = (
    _signed,
    _something,
    _term,
    _another,
    _eligible,
    _named,
    _duties,
    _part,
    _basis,
    _levels,
    _source,
    _nature,
    _sealed,
)
"""What a grant must satisfy to be signed; the first refusal is told."""
