"""The published language as JSON Schema (2020-12): every type with its words, every field with what is said of it."""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REF = "#/components/schemas/{name}"


def components(types: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Where the schema of each type is, and the definitions: name → schema.

    A reader takes fields that it does not know yet; what is forbidden in a request is said where requests are.
    """
    wanted = list(types)
    made = msgspec.json.schema_components(wanted, ref_template=REF)
    roots, definitions = msgspec.json.decode(msgspec.json.encode(made))
    _open_arrays(definitions)
    structs = {struct.__name__: struct for kind in wanted for struct in _structs(kind)}
    for name, schema in definitions.items():
        if schema.get("additionalProperties") is False:
            del schema["additionalProperties"]
        if name in structs:
            _describe(schema, structs[name])
    return list(roots), definitions


def referenced(schema: Any, definitions: Mapping[str, Schema]) -> set[str]:
    """The names of all definitions that a schema leads to."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        for name in _refs(waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(definitions[name])
    return found


def example(schema: Mapping[str, Any], definitions: Mapping[str, Schema], name: str = "") -> Any:
    """A value that fits the schema: what has to be said, and nothing else."""
    if "$ref" in schema:
        return example(definitions[_name(schema["$ref"])], definitions, name)
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], definitions, name)
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {each: example(properties[each], definitions, each) for each in schema.get("required", ())}
        case "array":
            first = [example(each, definitions, name) for each in schema.get("prefixItems", ())]
            return first or [example(schema["items"], definitions, name) for _ in range(schema.get("minItems", 0))]
        case "string":
            return _text(schema, name)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return None


def sentence(thing: Any) -> str:
    """The first sentence of what is said of a thing, for a heading."""
    said = inspect.cleandoc(thing.__doc__ or "").partition("\n\n")[0]
    return " ".join(said.split()).partition(". ")[0].rstrip(".")


def words(thing: Any) -> str:
    """All that is said of a thing."""
    return inspect.cleandoc(thing.__doc__ or "")


def encoded(document: Mapping[str, Any]) -> str:
    """The document as text that two versions can be compared by."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


@cache
def told(struct: type) -> Mapping[str, str]:
    """Field → what is said below it, in the struct itself or in one that it extends."""
    found: dict[str, str] = {}
    for each in reversed(struct.__mro__):
        if each.__module__.startswith("contracts."):
            found |= dict(_below(_class(each)))
    return found


def _below(body: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for each, after in zip(body.body, body.body[1:], strict=False):
        match each, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[module]))


def _class(struct: type) -> ast.ClassDef:
    return next(
        each
        for each in _tree(struct.__module__).body
        if isinstance(each, ast.ClassDef) and each.name == struct.__name__
    )


def _open_arrays(schema: Any) -> None:
    """Arrays of a fixed shape have ``items`` as linters want it; ``maxItems`` bounds them."""
    match schema:
        case dict():
            if schema.get("type") == "array" and not schema.get("items"):
                schema["items"] = {}
            for each in schema.values():
                _open_arrays(each)
        case list():
            for each in schema:
                _open_arrays(each)


def _describe(schema: Schema, struct: type) -> None:
    for name, said in told(struct).items():
        if name in schema.get("properties", {}):
            schema["properties"][name] = {**schema["properties"][name], "description": said}


def _structs(kind: Any) -> set[type]:
    """The structs of ours that a type is made of, however deep."""
    found: set[type] = set()
    waiting = [msgspec.inspect.type_info(kind)]
    while waiting:
        info = waiting.pop()
        match info:
            case msgspec.inspect.StructType(cls=cls):
                if cls not in found and cls.__module__.startswith("contracts."):
                    found.add(cls)
                    waiting.extend(field.type for field in info.fields)
            case msgspec.inspect.UnionType(types=types):
                waiting.extend(types)
            case msgspec.inspect.VarTupleType(item_type=item) | msgspec.inspect.ListType(item_type=item):
                waiting.append(item)
            case msgspec.inspect.DictType(key_type=key, value_type=value):
                waiting.extend((key, value))
            case msgspec.inspect.TupleType(item_types=items):
                waiting.extend(items)
    return found


def _refs(schema: Any) -> Iterator[str]:
    match schema:
        case {"$ref": str(ref)}:
            if ref.startswith(REF.format(name="")):
                yield _name(ref)
        case Mapping():
            for each in schema.values():
                yield from _refs(each)
        case list() | tuple():
            for each in schema:
                yield from _refs(each)


def _name(ref: str) -> str:
    return ref.rpartition("/")[2]


def _text(schema: Mapping[str, Any], name: str) -> str:
    match schema.get("format"):
        case "date":
            return "2026-07-23"
        case "date-time":
            return "2026-07-23T12:00:00+08:00"
    if "contentEncoding" in schema:
        return ""
    return f"{(name or 'text').replace('_', '-')}-1"
