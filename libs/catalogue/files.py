"""The YAML files of a layer: read strictly, validated against the JSON Schema, chosen by effective date."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from msgspec import Struct
from referencing import Registry, Resource

SCHEMAS = Path(__file__).parent / "schema"
KINDS = {"theme": "theme", "amends": "amendment", "layer": "layer"}
"""The key that tells what a file is, and the schema that it has to keep."""


class Source(Struct, frozen=True):
    """One file of a layer: what it is (theme, amendment or layer), what it speaks of, and its content."""

    path: Path
    kind: str
    subject: str
    body: dict[str, Any]
    since: date
    until: date | None

    def is_in_force(self, on: date) -> bool:
        """Whether the edition is in force on this day."""
        return self.since <= on and (self.until is None or on <= self.until)


DEEPEST = 50
"""Levels in a file; whoever reads it goes down one after another."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as it is written: `no` and dates are text, no key is given twice, and nothing stands for something else."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own class attribute

    def get_single_data(self) -> Any:
        """The content. Raises YAMLError."""
        node = self.get_single_node()
        _look_through(node)
        return self.construct_document(node) if node is not None else None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise _wrong(f"'{key.value}' is given twice", key)
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _look_through(whole: yaml.Node | None) -> None:
    """Refuses aliases, of which a few lines make more than any memory holds, keys that are no text, and depths."""
    level, seen = [whole] if whole is not None else [], set[int]()
    for depth in range(DEEPEST + 2):
        below: list[yaml.Node] = []
        for node in level:
            if id(node) in seen:
                raise _wrong("an alias; write what it stands for", node)
            if depth > DEEPEST:
                raise _wrong(f"it is nested deeper than {DEEPEST} levels", node)
            seen.add(id(node))
            if isinstance(node, yaml.MappingNode):
                if odd := next((key for key, _ in node.value if not isinstance(key, yaml.ScalarNode)), None):
                    raise _wrong("a key is no text", odd)
                below += (each for pair in node.value for each in pair)
            elif isinstance(node, yaml.SequenceNode):
                below += node.value
        level = below


def _wrong(what: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, what, node.start_mark)


def _resolve_plain_scalars() -> None:
    for tag, pattern, first in (
        ("bool", "true|false", "tf"),
        ("null", "null|~|", "n~"),
        ("int", "-?(0|[1-9][0-9]*)", "-0123456789"),
    ):
        _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))


_resolve_plain_scalars()


def read_layer(directory: Path) -> tuple[list[Source], list[str]]:
    """Every file of the directory in the order of the paths, and all that is wrong with them.

    What is hidden is nobody's: Kubernetes keeps a ConfigMap's files in a hidden directory, and links them in.
    """
    sources = []
    problems: list[str] = []
    for path in sorted((*directory.rglob("*.yaml"), *directory.rglob("*.yml"))):
        if any(part.startswith(".") for part in path.relative_to(directory).parts):
            continue
        source = _read(path, problems)
        if source is not None:
            sources.append(source)
    return sources, problems


def _read(path: Path, problems: list[str]) -> Source | None:
    try:
        body = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader made stricter
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(f"{path}: {' '.join(str(error).split())}")
        return None
    key = next((key for key in KINDS if isinstance(body, dict) and key in body), None)
    if key is None:
        problems.append(f"{path}: the file begins with one of {', '.join(KINDS)}")
        return None
    errors = [f"{path}: {line}" for line in violations(KINDS[key], body)]
    problems += errors
    if errors:
        return None
    effective = body["effective"]
    try:
        since, until = (date.fromisoformat(effective[end]) if end in effective else None for end in ("from", "until"))
        if until is not None and since is not None and until < since:
            raise ValueError(f"{until} is before {since}")
    except ValueError as error:
        problems.append(f"{path}: effective: {error}")
        return None
    subject = body["region"] if key == "layer" else body[key]
    return Source(path, KINDS[key], subject, body, since or date.min, until)


def violations(schema: str, body: object) -> Iterator[str]:
    """Every way in which a file's content breaks its schema, each with its path in the file."""
    validator = _validators()[schema]
    errors = sorted(validator.iter_errors(body), key=lambda each: [str(step) for step in each.absolute_path])
    for error in errors:
        deepest = best_match([error]) or error
        where = "/".join(str(step) for step in deepest.absolute_path) or "(top)"
        meant = deepest.schema.get("description") if isinstance(deepest.schema, Mapping) else None
        yield f"{where}: {deepest.message}" + (f" - {meant}" if meant else "")


@cache
def _validators() -> dict[str, Draft202012Validator]:
    schemas = {path.stem: msgspec.json.decode(path.read_bytes()) for path in SCHEMAS.glob("*.json")}
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    return {name: Draft202012Validator(schema, registry=registry) for name, schema in schemas.items()}


def editions_in_force(sources: Sequence[Source], on: date | None, problems: list[str]) -> list[Source]:
    """Of each subject the edition that is in force on the day; without a day, the newest one.

    Two editions of the same subject in one layer must not overlap.
    """
    editions: dict[tuple[str, str], list[Source]] = {}
    for source in sources:
        editions.setdefault((source.kind, source.subject), []).append(source)
    chosen = []
    for rivals in editions.values():
        rivals.sort(key=lambda each: each.since)
        for earlier, later in pairwise(rivals):
            if earlier.until is None or later.since <= earlier.until:
                problems.append(f"{later.path}: {earlier.path} is in force at the same time")
        chosen += [rivals[-1]] if on is None else [each for each in rivals if each.is_in_force(on)]
    return chosen
