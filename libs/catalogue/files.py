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


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as it is written: `no` and dates are text, and no key is given twice."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own class attribute

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                twice = f"'{key.value}' is given twice"
                raise yaml.constructor.ConstructorError(None, None, twice, key.start_mark)
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _resolve_plain_scalars() -> None:
    for tag, pattern, first in (
        ("bool", "true|false", "tf"),
        ("null", "null|~|", "n~"),
        ("int", "-?(0|[1-9][0-9]*)", "-0123456789"),
    ):
        _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))


_resolve_plain_scalars()


def read_layer(directory: Path) -> tuple[list[Source], list[str]]:
    """Every file of the directory in the order of the paths, and all that is wrong with them."""
    sources = []
    problems: list[str] = []
    for path in sorted((*directory.rglob("*.yaml"), *directory.rglob("*.yml"))):
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
