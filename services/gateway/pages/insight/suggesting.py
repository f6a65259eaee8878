"""Suggestions as pages say them: with names for codes, and links to the numbers that they cite."""

from collections.abc import Mapping
from typing import Any

from contracts.words import Language
from gateway.pages.insight.wording import OWN_GROUPS, group, own_group, written
from gateway.pages.names import Names


def suggested(told: Mapping[str, Any], names: Names, language: Language) -> list[dict[str, Any]]:
    """What the numbers suggest."""
    return [
        {
            **each,
            "text": _text(each, names, language),
            "moves": f"{each['cites'][0]['indicator']}/{each['cites'][0]['figure']}",
            "cites": [_cited(cited, names, language) for cited in each["cites"]],
        }
        for each in told["suggestions"]
    ]


def _text(each: Mapping[str, Any], names: Names, language: Language) -> str:
    """The words, with names where the interface has codes."""
    said: str = each["says"][language]
    codes = {(each["cites"][0]["figure"], each["of"])} | {(c["figure"], c["number"]["of"]) for c in each["cites"]}
    for figure, of in sorted(codes, key=lambda code: -len(code[1])):
        if of and (figure in OWN_GROUPS or each["kind"] == "return_reason"):
            said = said.replace(of, own_group(names, figure, of, language))
    return said


def _cited(cited: Mapping[str, Any], names: Names, language: Language) -> dict[str, Any]:
    number, by = cited["number"], cited["by"]
    of = group(names, by, number["of"], language) if by else own_group(names, cited["figure"], number["of"], language)
    return {**cited, "of": of, "value": written(number["value"], cited["unit"])}
