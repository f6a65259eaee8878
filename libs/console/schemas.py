"""``onething schema``: the published language as JSON Schema, made from the structs themselves."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar

import msgspec
import typer

import contracts
from console.output import emit
from contracts.language import Command, Fact, Query
from eventing.declarations import verb_of

app = typer.Typer(help="公开语言的 JSON Schema · the published language as JSON Schema", no_args_is_help=True)

T = TypeVar("T")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def declared(base: type[T]) -> Iterator[type[T]]:
    """Every message of this kind in the contracts, in the order of modules and of their text."""
    for module in sorted(each.name for each in iter_modules(contracts.__path__)):
        if module == "language":
            continue
        for value in vars(import_module(f"contracts.{module}")).values():
            if isinstance(value, type) and issubclass(value, base) and value.__module__ == f"contracts.{module}":
                yield value


def schema(messages: Mapping[str, type], *, about: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One document: name → where its schema is among the definitions, with what else is said about it."""
    roots, definitions = msgspec.json.schema_components(list(messages.values()), ref_template="#/$defs/{name}")
    return {
        "$schema": DIALECT,
        "messages": {name: {**root, **about[name]} for name, root in zip(messages, roots, strict=True)},
        "$defs": definitions,
    }


@app.command()
def events() -> None:
    """已发生的事实 · every published fact, by topic."""
    facts = {fact.TOPIC: fact for fact in declared(Fact) if fact.TOPIC}
    emit(schema(facts, about={topic: {"old_topics": list(fact.OLD_TOPICS)} for topic, fact in facts.items()}))


@app.command()
def commands() -> None:
    """命令和查询 · every command and query, by service and verb."""
    asked: dict[str, type[Command | Query]] = {_name(each): each for each in declared(Command)}
    asked |= {_name(each): each for each in declared(Query)}
    kinds = {name: "command" if issubclass(each, Command) else "query" for name, each in asked.items()}
    emit(schema(asked, about={name: {"kind": kind} for name, kind in kinds.items()}))


def _name(message: type[Command | Query]) -> str:
    return f"{message.SERVICE or '*'}/{verb_of(message)}"
