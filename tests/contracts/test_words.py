"""Whoever is refused is told why, and what to do next, in both languages."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from contracts.words import GENERIC, entries, message, terms

ROOT = Path(__file__).parents[2]
BRANCHES = {"OneThingError", "Refused", "NotFound", "Forbidden", "Stale", "Unavailable", "Invalid"}


def errors() -> dict[str, str]:
    """code → where it is declared, of every error of services, eventing and the command line: read, not imported."""
    declared: dict[str, tuple[set[str], str]] = {}
    for root in ("services", "libs/eventing", "libs/console"):
        for module in sorted((ROOT / root).rglob("*.py")):
            for node in ast.walk(ast.parse(module.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                    declared[f"{module}:{node.name}"] = (bases, node.name)
    kinds = set(BRANCHES)
    while more := {name for bases, name in declared.values() if bases & kinds} - kinds:
        kinds |= more
    found = {name: place for place, (_, name) in declared.items() if name in kinds - {"OneThingError"}}
    return {
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower(): str(Path(place).relative_to(ROOT))
        for name, place in found.items()
    }


ERRORS = errors()


def test_the_errors_of_the_house_were_found() -> None:
    assert {"refused", "unavailable", "materials-missing", "no-authority"} <= ERRORS.keys()


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_error_has_words(code: str) -> None:
    assert code in entries(), f"{ERRORS[code]} has no words in libs/contracts/messages/"


def test_no_words_are_kept_for_errors_that_do_not_exist() -> None:
    assert entries().keys() - {GENERIC} <= ERRORS.keys()


@pytest.mark.parametrize("code", sorted(entries()))
def test_words_are_complete_and_say_the_same_in_both_languages(code: str) -> None:
    entry = entries()[code]

    assert entry.zh
    assert entry.en
    assert entry.next_zh
    assert entry.next_en
    assert bool(entry.title_zh) == bool(entry.title_en)
    assert names(entry.zh) == names(entry.en)
    assert re.search("[一-鿿]", entry.zh + entry.next_zh)
    assert not re.search("[一-鿿]", entry.en + entry.next_en + entry.title_en)
    assert not names(entry.title_zh + entry.next_zh + entry.title_en + entry.next_en)


def names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_lists_and_tables_are_written_out_by_their_names() -> None:
    told = message(
        "materials-missing",
        missing={"SP03": ["premises", "food_form"], "SP04": ["plans"]},
        tolerable={},
        fields=(),
        names={"SP03": "食品经营许可", "premises": "场所证明", "food_form": "申请书", "SP04": "消防检查"},
    )

    assert told.title == "材料不齐"
    assert told.detail == (
        "尚缺材料——食品经营许可：场所证明、申请书；消防检查：plans；其中可容缺的：—；未填的必填栏：—"
    )


def test_english_keeps_the_ids_and_writes_out_the_reasons() -> None:
    told = message("no-authority", "en", refusals={"SP03": "not-published"}, names={"SP03": "食品经营许可"})

    assert told.title == "This hall may not accept the items"
    assert told.detail == "This hall may not accept these items: SP03: the grant is not published"


def test_without_a_heading_the_sentence_is_one() -> None:
    told = message("no-hall")

    assert told.title == told.detail


def test_an_unknown_code_gets_a_general_sentence() -> None:
    told = message("never-heard-of", whatever=1)

    assert told.detail == "办理没有成功（never-heard-of）"
    assert told.next == entries()[GENERIC].next_zh


def test_missing_data_is_a_dash_and_data_cannot_reach_into_objects() -> None:
    assert message("duplicate-case").detail.endswith("办件编号—")
    assert message("duplicate-case", number="{0.__class__}").detail.endswith("办件编号{0.__class__}")


def test_every_term_is_said_in_both_languages() -> None:
    for term, said in terms().items():
        assert said.keys() == {"zh", "en"}, term
        assert all(said.values()), term
