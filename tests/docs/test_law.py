"""Where each rule lives: every place and every test that the page of the law names is there, with its marks."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import catalogue
from catalogue import model, rules

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "law.md"

CODE = re.compile(r"`([^`]+)`")
KEYS: dict[str, type] = {
    "rules": rules.Rules,
    "theme": model.Theme,
    "item": model.Item,
    "material": model.Material,
    "dependency": model.Dependency,
    "entrance": model.EntryPoint,
    "tolerance": model.Tolerance,
    "commitment": rules.Commitment,
    "wait": rules.Wait,
}
"""The first word of a key → what it is a key of."""


class Row(NamedTuple):
    """One rule of the page."""

    rule: str
    source: str
    places: tuple[str, ...]
    tests: tuple[str, ...]


def rows() -> Iterator[Row]:
    """The rules of the page."""
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] not in ("rule", "---"):
            yield Row(cells[0], cells[1], tuple(CODE.findall(cells[2])), tuple(CODE.findall(cells[3])))


ROWS = tuple(rows())


def is_there(place: str) -> bool:
    """Whether code or a key of the catalogue is where a place says."""
    word, _, key = place.partition(".")
    if word in KEYS and ":" not in place:
        return key in KEYS[word].__struct_fields__  # type: ignore[attr-defined]
    module, _, name = place.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in filter(None, name.split(".")):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return False
    return True


@cache
def defined_in(file: str) -> frozenset[str]:
    """What a file of tests defines, those of a class behind its name."""
    path = ROOT / file
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body if path.is_file() else ():
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return frozenset(found)


def is_tested(test: str) -> bool:
    """Whether a test of that name is defined."""
    file, _, name = test.partition("::")
    return name.rpartition("::")[2].startswith("test_") and name in defined_in(file)


def test_the_page_has_its_rules() -> None:
    assert len(ROWS) > 100, "the search finds too little to mean anything"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_every_rule_has_a_source_and_is_decided_and_tested_where_the_page_says(row: Row) -> None:
    assert row.source
    assert row.places
    assert not [place for place in row.places if not is_there(place)]
    assert row.tests
    assert not [test for test in row.tests if not is_tested(test)]


@pytest.mark.parametrize("place", ["intake.domain.nothing:at_all", "intake.domain.terms:nothing", "rules.nothing"])
def test_a_place_that_is_not_there_is_found(place: str) -> None:
    assert not is_there(place)


@pytest.mark.parametrize(
    "test", ["tests/docs/test_law.py::test_nothing", "tests/docs/test_nothing.py::test_a", "tests/docs/test_law.py"]
)
def test_a_test_that_is_not_there_is_found(test: str) -> None:
    assert not is_tested(test)


def test_a_rule_of_the_catalogue_carries_its_mark_on_the_page() -> None:
    told = {
        place.removeprefix("rules."): row.source for row in ROWS for place in row.places if place.startswith("rules.")
    }
    known = catalogue.load("990102").rules
    limits = {name: value for name in told if isinstance(value := getattr(known, name), rules.Limit)}

    assert limits
    for name, limit in limits.items():
        mark = "placeholder" if limit.placeholder else limit.source
        assert mark is not None
        assert mark in told[name], f"the page should say of {name}: {mark}"


def test_every_general_limit_is_on_the_page() -> None:
    told = {place for row in ROWS for place in row.places}
    limits = [name for name in rules.Rules.__struct_fields__ if isinstance(getattr(rules.GENERAL, name), rules.Limit)]

    assert not [name for name in limits if f"rules.{name}" not in told]
