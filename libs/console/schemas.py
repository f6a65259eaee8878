"""``onething schema``: the published language as JSON Schema, made from the structs themselves."""

from collections.abc import Mapping
from typing import Any

import msgspec
import typer

from console.output import emit
from contracts.language import Command, Fact, Query, verb_of
from contracts.published import published

app = typer.Typer(help="公开语言的 JSON Schema · the published language as JSON Schema", no_args_is_help=True)

DIALECT = "https://json-schema.org/draft/2020-12/schema"


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
    facts = {fact.TOPIC: fact for fact in published(Fact) if fact.TOPIC}
    emit(schema(facts, about={topic: {"old_topics": list(fact.OLD_TOPICS)} for topic, fact in facts.items()}))


@app.command()
def commands() -> None:
    """命令和查询 · every command and query, by service and verb."""
    asked: dict[str, type[Command | Query]] = {_name(each): each for each in published(Command)}
    asked |= {_name(each): each for each in published(Query)}
    kinds = {name: "command" if issubclass(each, Command) else "query" for name, each in asked.items()}
    emit(schema(asked, about={name: {"kind": kind} for name, kind in kinds.items()}))


def _name(message: type[Command | Query]) -> str:
    return f"{message.SERVICE or '*'}/{verb_of(message)}"
