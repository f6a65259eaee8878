"""What there is on AMQP as AsyncAPI 3.0, made from the published language and from nothing else.

``onething.status`` is for subscribers; the log and the calls between services are told so that whoever runs a broker
knows what crosses it, and are nobody else's to use. ``python docs/generate.py`` writes it to
``docs/reference/asyncapi.json``; the gateway serves the same.
"""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from contracts.feed import FeedEvent
from contracts.language import Command, Fact, Query, Sealed
from contracts.published import published
from contracts.schemas import REF, Schema, components, referenced, sentence, words
from contracts.words import topics

VERSION = "1.0.0"
STATUS, WITNESS, LOG, RPC = "onething.status", "onething.witness", "onething.log", "nameko-rpc"
JSON, MSGPACK = "application/json", "application/x-msgpack"
CLOUD = "cloudEvents:"
"""Before the name of each attribute among the headers (CloudEvents AMQP binding 1.0.2, section 3.1.3.1)."""

ABOUT = """Events of all halls for whoever subscribes, and, described as internal, what services say to each other.

Bind a queue of your own to the topic exchange `onething.status`; the routing key is
`<region>.<hall>.<aggregate>.<event>`. Each event is a CloudEvent 1.0 in binary mode. `sequence` counts the events of a
hall without a gap: whoever sees one reads what is missing from `GET /api/v1/halls/{hall}/feed`. An event that is told
twice has the same `id`."""

ATTRIBUTES: Mapping[str, tuple[str, Schema]] = {
    "specversion": ("Of CloudEvents.", {"const": "1.0"}),
    "id": ("Hall and sequence: the same again is the same event.", {"pattern": "^.+:[0-9]+$"}),
    "source": ("The hall whose feed it is of.", {"format": "uri-reference", "pattern": "^/onething/halls/"}),
    "subject": ("The case, or whatever else it is about.", {"minLength": 1}),
    "time": ("When it happened.", {"format": "date-time"}),
    "datacontenttype": ("Of the payload.", {"const": JSON}),
    "sequence": ("The place in the hall's feed: 1, 2, 3, …", {"pattern": "^[1-9][0-9]*$"}),
    "sequencetype": ("How `sequence` is ordered.", {"const": "Integer"}),
}
"""Attribute → what it is; ``type`` is the topic of the fact."""

ATTRIBUTED = "CloudEvent"
"""What their schema is called."""

CALLS: Mapping[str, str] = {
    "execute": "A batch of commands; the answer has a reply for each.",
    "ask": "One query; the answer is one reply.",
    "read_log": "A service's published facts after a position.",
    "operate": "What operators ask; the answer is one reply.",
}


def asyncapi() -> dict[str, Any]:
    """The whole document."""
    facts = sorted((fact for fact in published(Fact) if fact.TOPIC), key=lambda fact: fact.TOPIC)
    _, definitions = components([*facts, FeedEvent])
    definitions[ATTRIBUTED] = _attributes()
    events = {event_name(fact.TOPIC): _event(fact, definitions) for fact in facts}
    messages: dict[str, Any] = {
        **events,
        "head": _head(),
        "shipment": _shipment(),
        "call": _call(),
        "result": _result(),
    }
    shown = {name: _told(name, definitions[name]) for name in sorted(referenced(messages, definitions))}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "onething 高效办成一件事",
            "version": VERSION,
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
            "contact": {"name": "onething maintainers"},
            "tags": [{"name": "events"}, {"name": "internal"}],
        },
        "defaultContentType": JSON,
        "servers": {
            "broker": {
                "host": "{host}:{port}",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "The broker of the house.",
                "variables": {"host": {"default": "localhost"}, "port": {"default": "5672"}},
            }
        },
        "channels": _channels(events),
        "operations": _operations(events),
        "components": {"messages": messages, "schemas": shown},
    }


def event_name(topic: str) -> str:
    """What the event of a fact is called in the document."""
    return topic.removeprefix("onething.")


def _event(fact: type[Fact], definitions: dict[str, Schema]) -> dict[str, Any]:
    called = topics().get(fact.TOPIC, {})
    return {
        "name": fact.TOPIC,
        "title": " · ".join(called[language] for language in ("zh", "en") if language in called) or fact.__name__,
        "summary": sentence(fact),
        "description": words(fact),
        "contentType": JSON,
        "tags": [{"name": "events"}],
        "headers": _narrowed(ATTRIBUTED, {f"{CLOUD}type": {"const": fact.TOPIC}}),
        "payload": _narrowed(FeedEvent.__name__, {"topic": {"const": fact.TOPIC}, "body": _body(fact, definitions)}),
    }


def _narrowed(name: str, properties: Schema) -> Schema:
    """A schema, and what it is for this one message."""
    return {"type": "object", "allOf": [{"$ref": REF.format(name=name)}], "properties": properties}


def _attributes() -> Schema:
    """The headers of every event."""
    attributes: Schema = {
        name: {"type": "string", "description": about, **schema} for name, (about, schema) in ATTRIBUTES.items()
    }
    attributes["type"] = {"type": "string", "description": "The topic of the fact."}
    return {
        "type": "object",
        "description": "The attributes of a CloudEvent, in binary mode.",
        "required": sorted(CLOUD + name for name in attributes),
        "properties": {CLOUD + name: schema for name, schema in sorted(attributes.items())},
    }


def _body(fact: type[Fact], definitions: Mapping[str, Schema]) -> Schema:
    """The fact's own fields, without what is sealed; whatever is personal or free text is left out of an event."""
    own = {
        field.encode_name
        for field in msgspec.structs.fields(fact)
        if field.name not in Fact.__struct_fields__ and Sealed not in {field.type, *get_args(field.type)}
    }
    properties = definitions[fact.__name__]["properties"]
    return {
        "type": "object",
        "description": "What the fact says, as far as it is nobody's personal data and nobody's free words.",
        "properties": {name: schema for name, schema in properties.items() if name in own},
        "additionalProperties": False,
    }


def _told(name: str, schema: Schema) -> Schema:
    """Values inside an event may lack whatever is not told: nothing in them has to be there."""
    if name in {ATTRIBUTED, FeedEvent.__name__}:
        return schema
    return {word: each for word, each in schema.items() if word != "required"}


def _head() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "name": "onething.ledger.head-signed.v1",
        "title": "A signed head",
        "summary": "How many facts there are, the root of the tree over them, and the signed text that says so.",
        "contentType": JSON,
        "tags": [{"name": "events"}],
        "payload": {
            "type": "object",
            "required": ["size", "root", "at", "note"],
            "properties": {
                "size": {"type": "integer", "minimum": 1},
                "root": {**text, "contentEncoding": "base64"},
                "at": {**text, "format": "date-time"},
                "note": {**text, "description": "A checkpoint in the form of a signed note (c2sp.org)."},
            },
        },
    }


def _shipment() -> dict[str, Any]:
    note = {"type": "array", "description": "position, stream, version, topic, bytes of the fact"}
    return {
        "name": "shipment",
        "title": "Sections of a log",
        "summary": "What one replica has just committed.",
        "contentType": MSGPACK,
        "tags": [{"name": "internal"}],
        "x-internal": True,
        "headers": {
            "type": "object",
            "description": "The mark shows that the house made it; a shipment without one is passed over.",
            "properties": {"onething-mark": {"type": "string"}},
        },
        "payload": {
            "type": "array",
            "description": "The service, and sections: segment, previous position, last position, facts.",
            "minItems": 2,
            "maxItems": 2,
            "items": {
                "anyOf": [
                    {"type": "string"},
                    {
                        "type": "array",
                        "items": {
                            "type": "array",
                            "items": {"anyOf": [{"type": "integer"}, {"type": "array", "items": note}]},
                        },
                    },
                ]
            },
        },
    }


def _call() -> dict[str, Any]:
    return {
        "name": "call",
        "title": "A call",
        "summary": "The arguments of a method of a service; requests are signed.",
        "contentType": JSON,
        "tags": [{"name": "internal"}],
        "x-internal": True,
        "correlationId": {"location": "$message.header#/correlation_id"},
        "headers": {"type": "object", "properties": {"correlation_id": {"type": "string"}}},
        "payload": {
            "type": "object",
            "required": ["args", "kwargs"],
            "properties": {"args": {"type": "array", "items": {}}, "kwargs": {"type": "object"}},
        },
    }


def _result() -> dict[str, Any]:
    return {
        "name": "result",
        "title": "What a call gave",
        "summary": "The method's result, or the fault.",
        "contentType": JSON,
        "tags": [{"name": "internal"}],
        "x-internal": True,
        "correlationId": {"location": "$message.header#/correlation_id"},
        "headers": {"type": "object", "properties": {"correlation_id": {"type": "string"}}},
        "payload": {
            "type": "object",
            "required": ["result", "error"],
            "properties": {"result": {}, "error": {"type": ["object", "null"]}},
        },
    }


def services() -> list[str]:
    """Everybody who can be called."""
    messages: list[Any] = [*published(Command), *published(Query)]
    return sorted({message.SERVICE for message in messages} - {""})


def _exchange(name: str, *, durable: bool) -> dict[str, Any]:
    exchange = {"name": name, "type": "topic", "durable": durable, "autoDelete": False, "vhost": "/"}
    return {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}}


def _channels(events: Mapping[str, Any]) -> dict[str, Any]:
    parameters = {
        "region": {"description": "Code of the region (行政区划代码)."},
        "hall": {"description": "Id of the hall."},
        "aggregate": {"description": "What the event is about: case, review, window, …"},
        "event": {"description": "What happened to it."},
    }
    return {
        "status": {
            "address": "{region}.{hall}.{aggregate}.{event}",
            "title": STATUS,
            "description": "Events of all halls: CloudEvents 1.0 in binary mode.",
            "parameters": parameters,
            "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in events},
            "bindings": _exchange(STATUS, durable=True),
        },
        "witness": {
            "address": "{region}",
            "title": WITNESS,
            "description": "Signed heads of the tree over all facts, for third parties who hold the house to them.",
            "parameters": {"region": parameters["region"]},
            "messages": {"head": {"$ref": "#/components/messages/head"}},
            "bindings": _exchange(WITNESS, durable=True),
        },
        "log": {
            "address": "{service}",
            "title": LOG,
            "description": "Internal: logs on their way to who follows them. What is lost is pulled.",
            "parameters": {"service": {"description": "Whose log it is.", "enum": services()}},
            "messages": {"shipment": {"$ref": "#/components/messages/shipment"}},
            "bindings": _exchange(LOG, durable=False),
            "x-internal": True,
        },
        "calls": {
            "address": "{service}.{method}",
            "title": RPC,
            "description": "Internal: calls to services, taken from the queue `rpc-<service>`.",
            "parameters": {
                "service": {"description": "Who is called.", "enum": services()},
                "method": {"description": "One of four.", "enum": [*CALLS]},
            },
            "messages": {"call": {"$ref": "#/components/messages/call"}},
            "bindings": _exchange(RPC, durable=True),
            "x-internal": True,
        },
        "results": {
            "address": None,
            "title": "results",
            "description": "Internal: the queue that a call names in `reply_to`.",
            "messages": {"result": {"$ref": "#/components/messages/result"}},
            "x-internal": True,
        },
    }


def _operations(events: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tell": {
            "action": "send",
            "title": "Tell what happened",
            "summary": "Halls tells what concerns a hall, as soon as it is committed.",
            "description": "Nothing depends on it: what is lost is read from the feed.",
            "channel": {"$ref": "#/channels/status"},
            "messages": [{"$ref": f"#/channels/status/messages/{name}"} for name in events],
        },
        "sign": {
            "action": "send",
            "title": "Give heads away",
            "summary": "Casefile tells each head that it has signed.",
            "description": "Nothing depends on it: what is lost is read from `GET /api/v1/ledger/heads`.",
            "channel": {"$ref": "#/channels/witness"},
            "messages": [{"$ref": "#/channels/witness/messages/head"}],
        },
        "ship": {
            "action": "send",
            "title": "Ship the log",
            "summary": "The replica that commits ships.",
            "description": "Internal.",
            "channel": {"$ref": "#/channels/log"},
            "messages": [{"$ref": "#/channels/log/messages/shipment"}],
        },
        "answer": {
            "action": "receive",
            "title": "Answer calls",
            "summary": "A service answers what it is asked.",
            "description": "Internal. " + " ".join(f"{name}: {about}" for name, about in CALLS.items()),
            "channel": {"$ref": "#/channels/calls"},
            "messages": [{"$ref": "#/channels/calls/messages/call"}],
            "reply": {
                "address": {"location": "$message.header#/reply_to"},
                "channel": {"$ref": "#/channels/results"},
                "messages": [{"$ref": "#/channels/results/messages/result"}],
            },
        },
    }
