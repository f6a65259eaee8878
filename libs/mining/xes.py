"""XES (IEEE 1849—2016): a trace for each case, an event for each of its facts."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from xml.sax.saxutils import quoteattr

from contracts.exports import LogEvent, LogObject, LogPage, LogValue
from contracts.words import topics
from mining.ocel import instant, text

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/><date key="time:timestamp" value="1970-01-01T00:00:00Z"/>\
<string key="lifecycle:transition" value="complete"/></global>
<classifier name="Activity" scope="event" keys="concept:name"/>
"""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""

ELEMENTS = {"string": "string", "time": "date", "integer": "int", "float": "float", "boolean": "boolean"}


def xes(pages: Iterable[LogPage]) -> Iterator[bytes]:
    """The log as one XML document. What belongs to no case is not in it."""
    yield HEAD.encode()
    for page in pages:
        cases = {each.object.partition(":")[2]: each for each in page.objects if each.kind == "case"}
        for case_id, events in groupby(page.events, key=lambda each: each.case_id):
            if case_id:
                yield _trace(case_id, cases.get(case_id), events).encode()
    yield b"</log>\n"


def _trace(case_id: str, case: LogObject | None, events: Iterable[LogEvent]) -> str:
    last = {each.name: each for each in case.values} if case is not None else {}
    parts = [_attribute("concept:name", "string", case_id)]
    parts += [_attribute(each.name, each.kind, text(each)) for each in last.values()]
    return f"<trace>\n{''.join(parts)}\n{''.join(map(_event, events))}</trace>\n"


def _event(told: LogEvent) -> str:
    titles = topics().get(told.topic, {})
    values = [
        ("concept:name", "string", told.activity),
        ("time:timestamp", "time", instant(told.at)),
        ("lifecycle:transition", "string", "complete"),
        ("org:resource", "string", told.resource),
        ("org:group", "string", told.organisation),
        ("title", "string", titles.get("zh", "")),
        ("event", "string", told.event),
        ("service", "string", told.service),
        *((each.name, each.kind, text(each)) for each in (*told.values, *named(told))),
    ]
    return f"<event>{''.join(_attribute(*each) for each in values if each[2])}</event>\n"


def named(told: LogEvent) -> Iterator[LogValue]:
    """The objects of an event, by kind: where there are several, with blanks between them."""
    found: dict[str, list[str]] = {}
    for each in told.relations:
        kind, _, name = each.object.partition(":")
        if kind != "case":
            found.setdefault(kind, []).append(name.rpartition("/")[2])
    for kind, names in found.items():
        yield LogValue(f"object:{kind}", "string", " ".join(names))


def _attribute(key: str, kind: str, value: str) -> str:
    return f"<{ELEMENTS[kind]} key={quoteattr(key)} value={quoteattr(_NO_XML.sub('�', value))}/>"
