"""Every kind of message has words in both languages, made of what its policy tells and of nothing else."""

import ast
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest
import yaml

import notification
from contracts.notification import MessageKind

FOLDER = Path(notification.__file__).parent
WORDS: dict[str, Any] = yaml.safe_load((FOLDER / "wording.yaml").read_text("utf-8"))
KINDS = get_args(MessageKind)


def told() -> dict[str, set[str]]:
    """kind → the parts of its data, read from the policies' text."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse((FOLDER / "policies.py").read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_tell":
            kind = ast.literal_eval(node.args[1])
            found.setdefault(kind, set()).update(keyword.arg or "" for keyword in node.keywords)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "PrepareMessage":
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            kind, data = given["kind"], given["data"]
            if isinstance(kind, ast.Constant) and isinstance(data, ast.Call):
                found.setdefault(str(kind.value), set()).update(keyword.arg or "" for keyword in data.keywords)
    return found


def parts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_kind_is_told_by_some_policy_and_no_other() -> None:
    assert set(told()) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words_in_both_languages_made_of_the_same(kind: str) -> None:
    words = WORDS["kinds"][kind]

    assert parts(words["zh"]) == parts(words["en"])
    assert parts(words["zh"]) <= told()[kind]


def test_no_words_are_kept_for_kinds_that_do_not_exist() -> None:
    assert set(WORDS["kinds"]) == set(KINDS)
