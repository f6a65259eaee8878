"""The documentation is about this code: its generated pages are fresh, and what it names is there."""

import importlib.util
import inspect
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.main import get_command

from contracts.language import Command, Fact, Query
from contracts.openapi import openapi
from contracts.published import published
from contracts.words import titles

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])

FENCE = re.compile(r"^(```+)(\w*)\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
TREES = ("libs", "services", "tests", "docs", "docker", "charts", ".ci")


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = _generator()


def named(page: Path) -> str:
    """What a page is called in a test's name."""
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated pages, made again."""
    directory = tmp_path_factory.mktemp("reference")
    GENERATE.generate(directory)
    return directory


@pytest.mark.parametrize("name", GENERATE.PAGES)
def test_a_generated_page_is_what_the_code_says_today(made: Path, name: str) -> None:
    told = (DOCS / "reference" / name).read_text("utf-8")

    assert told == (made / name).read_text("utf-8"), "type:  python docs/generate.py"


@pytest.mark.parametrize(("page", "kinds"), [("commands.md", (Command, Query)), ("facts.md", (Fact,))])
def test_the_whole_published_language_is_told(page: str, kinds: tuple[Any, ...]) -> None:
    headings = re.findall(r"^### (\w+)$", (DOCS / "reference" / page).read_text("utf-8"), re.MULTILINE)
    language = Counter(each.__name__ for kind in kinds for each in published(kind))

    assert language
    assert not language - Counter(headings)


def test_a_word_that_two_modules_have_is_told_as_the_one_means_it_that_is_told_of() -> None:
    told = (DOCS / "reference" / "commands.md").read_text("utf-8")

    assert "- `Why`: `Literal['unfinished', " in told, "of casefile's questions, not of insight's answers"
    assert "- `Ground`: `Literal['tolerance_lapsed', " in told, "of credit's, not of intake's"


def test_every_operation_of_the_interface_has_a_chinese_title_and_no_title_is_left_over() -> None:
    told = {each["operationId"]: each["summary"] for path in openapi()["paths"].values() for each in path.values()}

    assert told == titles("operations"), "see libs/contracts/titles/operations.yaml"


# links


def _prose(text: str) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", text)


@cache
def _anchors(page: Path) -> frozenset[str]:
    """Where links into a page may point: its headings, as most renderers name them, and explicit anchors."""
    text = _prose(page.read_text("utf-8"))
    found: set[str] = set(re.findall(r'<a id="([^"]+)">', text))
    for heading in re.findall(r"^#+\s+(.*?)\s*$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        copies = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", each) is not None for each in found)
        found.add(f"{slug}-{copies}" if copies else slug)
    return frozenset(found)


def broken_links(page: Path) -> Iterator[str]:
    """The relative links of a page that lead nowhere."""
    for target in LINK.findall(CODE.sub("", _prose(page.read_text("utf-8")))):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in _anchors(file)):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert not list(broken_links(page))


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One\n[a](#one) [b](#two) [c](page.md#one) [d](gone.md) [e](https://example.org)\n")

    assert list(broken_links(page)) == ["#two", "gone.md"]


def test_every_picture_is_told_of() -> None:
    index = DOCS / "screenshots" / "README.md"
    told = re.findall(r"^\| \[([\w-]+)\]\(\1\.png\) \| .+ \|$", index.read_text("utf-8"), re.MULTILINE)

    assert sorted(told) == sorted(each.stem for each in index.parent.glob("*.png"))


def test_every_page_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        targets = LINK.findall(_prose(page.read_text("utf-8")))
        places = [target.partition("#")[0] for target in targets if ":" not in target]
        waiting += [(page.parent / place).resolve() for place in places]

    assert not [named(page) for page in PAGES if page not in reached]


# commands


def _typed(text: str) -> Iterator[str]:
    """Everything in a page that somebody may type: lines of console blocks, and code within sentences."""
    for _, language, body in FENCE.findall(text):
        if language in ("console", "sh", "bash", ""):
            yield from (line.strip().removeprefix("$ ") for line in body.splitlines())
    yield from CODE.findall(_prose(text))


def typed(program: str) -> list[tuple[Path, str]]:
    """(page, what stands after the program's name), wherever a page says to type it; a command of our own is none."""
    words = re.compile(rf"(?:^|[\s/|]){program}(?=\s|$)([^|&;#\n]*)")
    lines = [(page, line) for page in PAGES for line in _typed(page.read_text("utf-8"))]
    return [
        (page, match[1].strip())
        for page, line in lines
        for match in words.finditer(line)
        if "onething " not in line[: match.start()]
    ]


def refused(words: str) -> str:
    """Why the command line does not know these words; empty when it does."""
    from console.app import app

    command: Any = get_command(app)
    options: set[str] = {"--help", "--install-completion", "--show-completion"}
    for word in re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", words).split():
        if word.startswith("-"):
            known = options | {name for each in command.params for name in getattr(each, "opts", ())}
            if word.partition("=")[0] not in known:
                return f"{command.name} has no option {word}"
        elif hasattr(command, "commands"):
            if word not in command.commands:
                return "" if word.isupper() or "…" in word else f"{command.name} has no command {word}"
            command = command.commands[word]
        else:
            continue
    return ""


def test_every_onething_command_in_the_documentation_exists() -> None:
    found = typed("onething")

    assert len(found) > 20, "the search finds too little to mean anything"
    assert not [f"{named(page)}: onething {words}: {why}" for page, words in found if (why := refused(words))]


@pytest.mark.parametrize("words", ["fly", "case fly", "demo --twice", "catalogue check --twice"])
def test_a_command_that_does_not_exist_is_found(words: str) -> None:
    assert refused(words)


def test_every_make_target_in_the_documentation_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    wanted = {(named(page), words.split()[0]) for page, words in typed("make") if words}

    assert {name for _, name in wanted} >= {"demo", "test"}
    assert not [f"{page}: make {name}" for page, name in wanted if name not in targets]


def test_every_tox_environment_in_the_documentation_exists() -> None:
    known = set(re.findall(r"^\[testenv:([a-z]+)\]", (ROOT / "tox.ini").read_text("utf-8"), re.MULTILINE))
    wanted = {(named(page), words.split()[1]) for page, words in typed("tox") if words.startswith("-e ")}
    for page, words in typed("make"):
        wanted |= {(named(page), name) for name in re.findall(r"ONLY=(\w+)", words)}

    assert not [f"{page}: tox -e {name}" for page, name in wanted if name not in known]


# numbers


def numbers() -> Iterator[tuple[str, str]]:
    """(page, what it says of a number that the code sets)."""
    from eventing import client, engine, following, host, keyring, schema, shipping, snapshots
    from eventing.calls import Calls

    cached = inspect.signature(engine.Engine).parameters["cache_size"].default
    timeout = inspect.signature(Calls).parameters["timeout"].default
    yield "adr/0004-the-log-is-the-outbox.md", f"`crc32(stream) % {schema.SEGMENTS}`"
    yield "adr/0004-the-log-is-the-outbox.md", f"`{shipping.EXCHANGE}`"
    yield "adr/0005-persist-or-call-out.md", f"after {_in_words(timeout)} seconds"
    yield "adr/0010-one-case-one-stream.md", "a snapshot is taken every hundred facts"
    assert snapshots.SNAPSHOT_EVERY == 100
    yield "adr/0012-the-committer-ships.md", f"waited for {following.PATIENCE * 1000:.0f} ms"
    yield "adr/0012-the-committer-ships.md", f"beyond {shipping.BACKLOG:,} waiting facts"
    yield "adr/0012-the-committer-ships.md", "after a second"
    assert following.SILENCE == 1.0
    yield "adr/0013-one-lane-per-replica.md", f"up to {client.BATCH} commands"
    yield "adr/0013-one-lane-per-replica.md", f"up to {following.BATCH} facts"
    yield "adr/0013-one-lane-per-replica.md", f"({cached:,} of them)"
    yield "adr/0013-one-lane-per-replica.md", f"up to {_in_words(engine.ATTEMPTS)} times"
    yield "adr/0014-sealed-before-the-domain.md", f"{keyring.RESERVE} fresh keys"
    yield "adr/0014-sealed-before-the-domain.md", f"at most {_in_words(keyring.KEPT_SECONDS / 60)} minutes"
    yield "explanation/consistency.md", f"{_in_words(host.WAIT_FOR_POSITION)} seconds at most"


def _in_words(number: float) -> str:
    return {2: "two", 5: "five", 10: "ten"}[int(number)]


def test_the_numbers_of_the_decisions_are_those_of_the_code() -> None:
    for page, words in numbers():
        assert words in " ".join((DOCS / page).read_text("utf-8").split()), f"{page} should say: {words}"


# names


def test_every_file_in_the_documentation_exists() -> None:
    for page in PAGES:
        for code in CODE.findall(_prose(page.read_text("utf-8"))):
            path = code.partition("::")[0]
            if re.fullmatch(rf"({'|'.join(map(re.escape, TREES))})/[\w./-]*", path):
                assert (ROOT / path).exists(), f"{named(page)} names {path}"


def test_every_test_in_the_documentation_exists() -> None:
    found = 0
    for page in PAGES:
        for code in CODE.findall(_prose(page.read_text("utf-8"))):
            if match := re.fullmatch(r"(tests/[\w/]+\.py)((?:::\w+)+)", code):
                found += 1
                text = (ROOT / match[1]).read_text("utf-8")
                for name in match[2].strip(":").split("::"):
                    defined = re.search(rf"^\s*(?:def|class) {name}\b", text, re.MULTILINE)
                    assert defined, f"{named(page)} names {code}"
    assert found > 20, "the search finds too little to mean anything"


def test_every_source_that_the_catalogue_cites_is_told() -> None:
    cited = set(re.findall(r"sources\.md#(s\d+[a-z]?)", (DOCS / "reference" / "catalogue.md").read_text("utf-8")))

    assert cited
    assert not cited - _anchors(DOCS / "reference" / "sources.md")


def test_every_decision_has_a_status_and_the_four_parts() -> None:
    decisions = sorted((DOCS / "adr").glob("[0-9]*.md"))
    numbers = [each.name[:4] for each in decisions]

    assert numbers == [f"{n:04}" for n in range(1, len(decisions) + 1)]
    for each in decisions:
        text = each.read_text("utf-8")
        assert re.search(r"^Status: (accepted|superseded by \[ADR \d+\])", text, re.MULTILINE), each.name
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
            "Alternatives",
        ], each.name


def test_the_generator_runs_as_the_page_heads_say(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    subprocess.run([sys.executable, str(DOCS / "generate.py"), str(tmp_path)], check=True, env=environment)

    assert {each.name for each in tmp_path.iterdir()} == set(GENERATE.PAGES)
