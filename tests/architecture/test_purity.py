"""Time, identity and randomness are arguments of the domain: no clock, no dice, no file."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
MODULES = sorted(
    module
    for layer in ("domain", "policies")
    for pattern in (f"*/{layer}.py", f"*/{layer}/**/*.py")
    for module in SERVICES.glob(pattern)
)

# Whatever they are called on: `datetime.now()`, `date.today()`, `uuid.uuid4()`, `path.read_text()`.
CALLS = {
    *(
        "now",
        "utcnow",
        "today",
        "time",
        "time_ns",
        "monotonic",
        "perf_counter",
        "sleep",
        "localtime",
        "gmtime",
    ),
    *(
        "uuid1",
        "uuid4",
        "uuid6",
        "uuid7",
        "urandom",
        "token_bytes",
        "token_hex",
        "token_urlsafe",
        "getrandbits",
    ),
    *("open", "print", "input", "read_text", "read_bytes", "write_text", "write_bytes", "getenv", "system"),
}
MODULES_OF_THE_WORLD = {"os", "random", "secrets", "socket", "subprocess", "time", "threading", "urllib"}


def impurities(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in CALLS:
                if not _of_a_value(node):
                    yield f"line {node.lineno}: {name}()"
            case ast.Import(names=names):
                yield from (
                    f"line {node.lineno}: import {name.name}"
                    for name in names
                    if name.name.split(".")[0] in MODULES_OF_THE_WORLD
                )
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in MODULES_OF_THE_WORLD:
                yield f"line {node.lineno}: from {module} import"


def _of_a_value(call: ast.Call) -> bool:
    """`moment.time()` and `Case.open(…)` ask a value; `time.time()` and a bare `open()` ask the world."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=owner), attr="time"):
            return owner != "time"
        case ast.Attribute(value=ast.Name(id=owner), attr="open"):
            return owner not in {"io", "os", "codecs"}
        case ast.Attribute(attr="time" | "open"):
            return not isinstance(call.func.value, ast.Call)
    return False


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_a_rule_looks_at_nothing_but_its_arguments(module: Path) -> None:
    assert [*impurities(module.read_text())] == []


def test_there_are_rules_to_look_at() -> None:
    assert MODULES


@pytest.mark.parametrize(
    "line",
    [
        "at = datetime.now(UTC)",
        "on = date.today()",
        "case = uuid4()",
        "case = uuid.uuid4()",
        "at = time.time()",
        "import random",
        "from random import choice",
        "from os import environ",
        "import urllib.request",
        "text = open('rules.yaml').read()",
        "text = io.open('rules.yaml').read()",
        "text = Path('rules.yaml').open().read()",
        "text = Path('rules.yaml').read_text()",
    ],
)
def test_an_impure_line_is_seen(line: str) -> None:
    assert [*impurities(line)]


@pytest.mark.parametrize(
    "line",
    [
        "until = moment.time()",
        "case = Case.open(theme)",
        "case = uuid5(namespace, name)",
        "at = now",
        "from datetime import date",
    ],
)
def test_a_pure_line_is_left_alone(line: str) -> None:
    assert [*impurities(line)] == []
