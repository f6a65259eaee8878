"""Makes the pages of ``docs/reference`` that are told by the code: ``python docs/generate.py [DIRECTORY]``.

Nothing in these pages is written by hand, so nothing in them can be out of date: a test makes them again and
compares. It wants onething installed, or ``libs`` and ``services`` on the path.
"""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules, walk_packages
from types import ModuleType
from typing import Any, Literal, get_origin

import msgspec

import contracts
import eventing.green  # noqa: F401  first of all, so that eventlet's warning is not printed
from catalogue import Catalogue, Retention, Theme, load, retention_of
from catalogue.model import Dependency, Item, ItemType, Level, Limit, Trigger
from console.services import SERVICES
from contracts.asyncapi import asyncapi
from contracts.language import Command, Fact, Query, verb_of
from contracts.openapi import openapi
from contracts.published import declared, parts, published
from contracts.routes import route_of
from contracts.schemas import encoded
from contracts.words import entries, topics
from eventing.errors import BRANCHES, OneThingError
from eventing.settings import CONFIG_FILE, Settings
from telemetry.metrics import TABLE

REFERENCE = Path(__file__).parent / "reference"
HEAD = "<!-- Made by `python docs/generate.py`. Change what it is made from, not this page. -->\n"
PROCESS = (
    "intake",
    "delegation",
    "routing",
    "approval",
    "certificate",
    "halls",
    "notification",
    "outreach",
    "vault",
    "casefile",
    "insight",
    "gateway",
    "",
)
"""The services, in the order in which a case meets them; last, what every service takes."""

Message = Fact | Command | Query


# settings


def settings() -> str:
    """Every setting, as the code declares it."""
    rows = [
        (f"`{each.variable}`", f"`{each.name}`", each.description, each.default or "–", f"`{each.example}`")
        for each in Settings.table()
    ]
    return _page(
        "Settings",
        f"""A setting comes from the environment or, under its name in a file, from the TOML or YAML
file that `{CONFIG_FILE}` names; the environment wins. Empty variables count as not set. Everything that
is wrong is reported at once, before anything starts, and the exit code is 4. Values of secrets are
never printed.""",
        _table(("variable", "in a file", "meaning", "default", "example"), rows),
    )


# the published language


def facts() -> str:
    """Every fact that a service publishes."""
    parts = [
        f"""A fact is stored, shipped, chained and proved in the same bytes: JSON of the fields below,
in this order, with what equals its default left out. Its topic is its name for ever; a changed shape
gets a new topic, and the old one is upcast when it is read ([ADR 6](../adr/0006-one-set-of-bytes.md)).
casefile follows all of them; *reacting* names who else does something because of a fact. `onething
schema events` prints the same as JSON Schema.

## The envelope

Every fact begins with these.

{_fields(Fact)}"""
    ]
    for service, name, found in _chapters(Fact):
        parts.append(f"## {_service_heading(service, name)}")
        parts += [_fact(fact, service) for fact in found]
    parts.append(_values("facts"))
    return _page("Facts", *parts)


def _fact(fact: type[Fact], publisher: str) -> str:
    called = topics().get(fact.TOPIC, {})
    reacting = [name for name in SERVICES if _listens(name, publisher, fact.TOPIC)]
    reaction = f"\n\nReacting: {', '.join(reacting)}." if reacting else ""
    names = f"{called.get('zh', '')} · {called.get('en', '')}" if called else ""
    return f"""### {fact.__name__}

`{fact.TOPIC}` · {names}

{_doc(fact)}{reaction}

{_fields(fact)}"""


@cache
def _reactions(service: str) -> Any:
    if find_spec(service) is None or find_spec(f"{service}.policies") is None:
        return None
    return import_module(f"{service}.policies").REACTIONS


def _listens(service: str, upstream: str, topic: str) -> bool:
    reactions = _reactions(service)
    return reactions is not None and topic in reactions.topics(upstream)


def commands() -> str:
    """Every command and every query."""
    parts = [
        """A command is a request to change something; the same id again gets the first answer again. A
query changes nothing. On the wire both go as `Request` structs through the RPC methods `execute` and
`ask` of the service that decides ([ADR 17](../adr/0017-four-rpc-methods.md)). Fields without a default
are required; unknown ones are refused. `onething schema commands` prints the same as JSON Schema."""
    ]
    for service, name, asked in _chapters(Command, Query):
        parts.append(f"## {_service_heading(service, name)}")
        for message in asked:
            kind = "command" if issubclass(message, Command) else "query"
            head = f"### {message.__name__}\n\n{kind} `{verb_of(message)}` · {_place(message)}"
            parts.append(f"{head}\n\n{_doc(message)}\n\n{_fields(message)}")
    parts.append(_values("commands"))
    return _page("Commands and queries", *parts)


def _place(message: type[Command | Query]) -> str:
    """Where a message stands on HTTP, or why it does not."""
    route = route_of(message)
    return f"`{route.method} {route.path}`" if route is not None else f"internal: {message.INTERNAL}"


def _chapters(*kinds: type[Message]) -> list[tuple[str, str, list[Any]]]:
    """(service, module, its messages of these kinds), of the whole published language.

    By services; what stands apart from a service's own module comes after it.
    """
    found = []
    for name in sorted({each.__module__.split(".")[1] for kind in kinds for each in published(kind)}):
        module = import_module(f"contracts.{name}")
        found.append((_service(module), name, [each for kind in kinds for each in declared(module, kind)]))
    return sorted(found, key=lambda each: (PROCESS.index(each[0]), each[0] != each[1], each[1]))


def _service(module: ModuleType) -> str:
    """The service of a module of the language, as its messages say; empty where it is every one."""
    (service,) = {each.SERVICE for kind in (Command, Query) for each in declared(module, kind)}
    return service


def _values(page: str) -> str:
    """The structs and words that the messages of a page are made of."""
    kinds: tuple[type[Message], ...] = (Fact,) if page == "facts" else (Command, Query)
    structs: set[type] = set()
    words: set[tuple[str, str]] = set()
    waiting: list[type] = [*kinds, *(each for _, _, messages in _chapters(*kinds) for each in messages)]
    while waiting:
        speaker = waiting.pop()
        for name in _names(speaker):
            meant = getattr(sys.modules[speaker.__module__], name, None)
            if place := _place_of_word(name, meant):
                words.add((name, place))
            elif isinstance(meant, type) and issubclass(meant, msgspec.Struct) and meant not in structs:
                structs.add(meant)
                waiting.append(meant)
    lines = []
    for name, place in sorted(words):
        source, about = _aliases(sys.modules[place])[name]
        lines.append(f"- `{name}`: `{source}`{' – ' + about if about else ''}")
    plain = sorted((each for each in structs if not issubclass(each, Message)), key=lambda each: each.__name__)
    headed = [f"### {each.__name__}\n\n{_doc(each)}\n\n{_fields(each)}" for each in plain]
    return "\n\n".join(["## Values", *(["### Words\n\n" + "\n".join(lines)] if lines else []), *headed])


def _place_of_word(name: str, meant: Any) -> str:
    """The module of the language that says what this word can be; empty where it is no word of the language."""
    if get_origin(meant) is not Literal:
        return ""
    modules = (import_module(f"contracts.{each.name}") for each in iter_modules(contracts.__path__))
    places = (part for module in modules for part in parts(module))
    return next(part.__name__ for part in places if name in _aliases(part) and vars(part)[name] == meant)


def _service_heading(service: str, module: str = "") -> str:
    apart = f": {module}" if module not in ("", service, "operations") else ""
    return f"{SERVICES[service].title} {service}{apart}" if service else "Every service"


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _annotated(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.AnnAssign, str]]:
    """The fields of a class body with the words below each."""
    statements = list(body)
    for each, after in zip(statements, [*statements[1:], None], strict=True):
        if isinstance(each, ast.AnnAssign) and not ast.unparse(each.annotation).startswith("ClassVar"):
            yield each, _string(after)


def _string(statement: ast.stmt | None) -> str:
    match statement:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return inspect.cleandoc(text)
    return ""


@cache
def _class(struct: type) -> ast.ClassDef:
    tree = _tree(sys.modules[struct.__module__])
    return next(each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == struct.__name__)


def _names(struct: type) -> set[str]:
    """Every name that the annotations of a struct speak of."""
    nodes = (node for each, _ in _annotated(_class(struct).body) for node in ast.walk(each.annotation))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _fields(struct: type) -> str:
    lines = []
    for each, about in _annotated(_class(struct).body):
        name = ast.unparse(each.target)
        default = f" = {ast.unparse(each.value)}" if each.value is not None else ""
        told = f" – {_line(about)}" if about else ""
        lines.append(f"- `{name}: {ast.unparse(each.annotation)}{default}`{told}")
    return "\n".join(lines) or "No fields of its own."


@cache
def _aliases(module: ModuleType) -> dict[str, tuple[str, str]]:
    """``Name = Literal[…]``: the name, its source, the words below it."""
    found = {}
    body = _tree(module).body
    for each, after in zip(body, [*body[1:], None], strict=True):
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript(value=ast.Name(id="Literal"))):
                found[name] = (ast.unparse(each.value), _line(_string(after)))
    return found


def _doc(thing: type) -> str:
    return inspect.cleandoc(thing.__doc__ or "")


# errors


def errors() -> str:
    """Every code that a caller may meet, with the words for it."""
    words = entries()
    parts = [
        """An error is a code and data; the words are looked up by the code, in the reader's language
([ADR 8](../adr/0008-errors-with-codes.md)). `{…}` is filled from the data. The status is the one of
HTTP that means the same. Refusals, missing things and missing powers are answers: they are kept with
the command, and the same command gets the same one again. `stale`, `unavailable` and `faulty` are not
kept.""",
        "## Kinds\n\n"
        + _table(("kind", "status", "meaning"), ((f"`{b.code}`", str(b.status), _doc(b)) for b in BRANCHES)),
    ]
    for place, found in _known().items():
        heading = _service_heading(place) if place in SERVICES else "Of any service"
        rows = []
        for error in found:
            entry = words.get(error.code)
            said = f"{entry.zh}<br>{entry.en}" if entry else _line(_doc(error))
            then = f"{entry.next_zh}<br>{entry.next_en}" if entry else "–"
            rows.append((f"`{error.code}`", str(error.status), said, then))
        parts.append(f"## {heading}\n\n{_table(('code', 'status', 'what is said', 'what to do next'), rows)}")
    return _page("Errors", *parts)


def _known() -> dict[str, list[type[OneThingError]]]:
    """place → its errors; the places are the services, and eventing for what any of them may answer."""
    for module in ("eventing.calls", "eventing.engine", "eventing.keyring"):
        import_module(module)
    for name in SERVICES:
        _import_all(name)
    found: dict[str, list[type[OneThingError]]] = {place: [] for place in ("eventing", *SERVICES)}
    waiting: list[type[OneThingError]] = [OneThingError]
    while waiting:
        error = waiting.pop()
        waiting.extend(error.__subclasses__())
        place = error.__module__.partition(".")[0]
        if place in found:
            found[place].append(error)
    return {place: sorted(each, key=lambda e: e.code) for place, each in found.items() if each}


def _import_all(service: str) -> None:
    """A refusal may be declared wherever it is raised."""
    package = import_module(service)
    for found in walk_packages(package.__path__, f"{service}."):
        import_module(found.name)


# the catalogue


def catalogue() -> str:
    """The themes of the national layer, with the source of every limit."""
    nation = load("000000")
    items = [item for theme in nation.themes.values() for item in theme.items]
    parts = [
        f"""The national layer as shipped: {len(nation.themes)} themes, {len(items)} items. Provinces,
cities and counties lay their own numbers over it ([how to write a theme](../how-to/write-a-theme.md));
`onething catalogue show` prints what is in force in a region.

Limits are working days. The mark behind a number says where it comes from: a key of the
[sources](sources.md); **K**, general knowledge that must not be quoted as law; **▢**, a placeholder
that the locality has to set before it promises anything. “–” is no known limit. How long a record is
*kept* (保管期限) is counted from the closing of the case unless it says otherwise. An item in *italics* is
part of a case only under certain answers. A needed item is needed granted unless it says otherwise; “if
taken” means: if it is part of the case."""
    ]
    parts += [_theme(nation, theme) for theme in nation.themes.values()]
    return _page("Catalogue", *parts)


def _theme(nation: Catalogue, theme: Theme) -> str:
    rows = [
        (
            item.id,
            (f"*{item.name}*" if _is_conditional(item) else item.name) + (" (extension)" if item.extension else ""),
            nation.organisations[item.department].name if item.service is None else f"who serves {item.service}",
            _LEVELS[item.level],
            _KINDS[item.item_type],
            _limit(item.statutory),
            _limit(item.promised),
            _retention(retention_of(nation, item)),
            "; ".join(_need(each) for each in item.depends_on) or "–",
            _sources(item.sources),
        )
        for item in theme.items
    ]
    lead = nation.organisations[theme.lead].name
    applicant = {"natural": "自然人", "legal": "法人", "either": "自然人或法人"}[theme.applicant]
    head = ("item", "name", "decided by", "level", "kind", "statutory", "promised", "kept", "needs", "sources")
    return f"""## {theme.id} {theme.name}

Lead: {lead}. Applicant: {applicant}. Received at: {_LEVELS[theme.mouth]}. Sources: {_sources(theme.sources)}.
Questions: {"；".join(each.text for each in theme.questions) or "–"}

{_table(head, rows)}"""


_LEVELS: Mapping[Level, str] = {
    Level.NATIONAL: "国家",
    Level.PROVINCE: "省",
    Level.CITY: "市",
    Level.COUNTY: "县",
    Level.STREET: "乡镇街道",
    Level.COMMUNITY: "村社区",
}
_KINDS: Mapping[ItemType, str] = {
    ItemType.LICENCE: "行政许可",
    ItemType.CONFIRMATION: "行政确认",
    ItemType.BENEFIT: "行政给付",
    ItemType.PUBLIC_SERVICE: "公共服务",
    ItemType.ENQUIRY: "信息查询",
    ItemType.OTHER: "其他",
    ItemType.INTERNAL_CHECK: "内部核验",
    ItemType.INTERNAL_STEP: "内部环节",
}


def _is_conditional(item: Item) -> bool:
    return item.extension or bool(getattr(item.when, "of", True))


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return "–"
    if limit.placeholder:
        return f"{limit.days} ▢"
    mark = _sources((limit.source,)) if limit.source else ""
    return f"{limit.days} {mark}".strip()


def _retention(rule: Retention) -> str:
    kept = "for ever" if rule.years is None else f"{rule.years} y"
    if rule.counted_from != "closing":
        kept += f" from {rule.counted_from}"
    mark = "▢" if rule.placeholder else _sources((rule.source,)) if rule.source else ""
    return f"{kept} {mark}".strip()


def _need(dependency: Dependency) -> str:
    names = ", ".join(dependency.any_of)
    text = f"one of {names}" if len(dependency.any_of) > 1 else names
    if dependency.optional:
        text += " if taken"
    return text + (" (accepted)" if dependency.trigger is Trigger.ACCEPTED else "")


def _sources(keys: Iterable[str]) -> str:
    """The keys, linked where they stand alone, in lists and at the ends of ranges; K is marked."""
    text = " ".join(keys)
    linked = re.sub(r"\bS\d+[a-z]?\b", lambda found: f"[{found[0]}](sources.md#{found[0].lower()})", text)
    return re.sub(r"\bK\b", "**K**", linked) or "–"


# metrics


def metrics() -> str:
    """Every metric, from the table that makes them."""
    rows = [
        (f"`{each.name}`", each.kind, ", ".join(f"`{label}`" for label in each.labels), each.description)
        for each in TABLE
    ]
    return _page(
        "Metrics",
        """Each process serves them for Prometheus at `/metrics` of `ONETHING_HEALTH_PORT`, beside its own
(`process_cpu_seconds_total` and the like). Names carry their unit.""",
        _table(("metric", "kind", "labels", "meaning"), rows),
    )


# the command line


def command_line() -> str:
    """Every command that there is to type."""
    from typer.main import get_command

    from console.app import app
    from console.output import EXIT_CODES

    parts = [
        f"""`onething` is installed into `.venv/bin` by `make install`. Without a running instance a
command starts the embedded house for as long as it needs it; with one it asks that one, through a
socket in the data directory; with `ONETHING_PROFILE=cluster` it asks the services over the broker.
Results go to standard output, progress and complaints to standard error. `onething
--install-completion` teaches the shell.

{EXIT_CODES}"""
    ]
    parts += [_typed(path, command) for path, command in _walk("onething", get_command(app))]
    return _page("Command line", *parts)


def _walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name, each in below.items():
        if not each.hidden:
            yield from _walk(f"{path} {name}", each)


def _typed(path: str, command: Any) -> str:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and each.name != "help"]
    usage = " ".join([path, *(_metavar(each) for each in arguments), *(["[OPTIONS]"] if options else [])])
    told = [(_metavar(each), getattr(each, "help", "") or "") for each in arguments]
    told += [(", ".join(each.opts), each.help or "") for each in options]
    about = inspect.cleandoc(command.help or "")
    lines = "\n".join(f"- `{name}`{' – ' + _line(text) if text else ''}" for name, text in told)
    return f"## {path}\n\n```console\n{usage}\n```\n\n{about}" + (f"\n\n{lines}" if lines else "")


def _metavar(argument: Any) -> str:
    name = str(argument.metavar or argument.name.upper())
    return name if argument.required or name.startswith("[") else f"[{name}]"


# the charts


CHARTS = Path(__file__).parents[1] / "charts"


def values() -> str:
    """Every value of both charts, as its schema describes it, with its default."""
    sections = [
        """What Helm takes for each chart, and refuses to take otherwise. The values beside, `values-dev.yaml` and
`values-production.yaml`, are examples of what is set."""
    ]
    for chart in ("onething", "platform"):
        schema = msgspec.json.decode((CHARTS / chart / "values.schema.json").read_bytes())
        given = msgspec.yaml.decode((CHARTS / chart / "values.yaml").read_bytes())
        rows = [row for row in _described(schema, given, schema["definitions"]) if row[0] != "`global`"]
        sections += [f"## {chart}", _table(("value", "meaning", "default"), rows)]
    return _page("Values of the charts", *sections)


def _described(
    schema: Mapping[str, Any], given: Any, definitions: Mapping[str, Any], place: str = ""
) -> Iterator[tuple[str, str, str]]:
    for name, described in schema["properties"].items():
        reference = described.get("$ref", "").rpartition("/")[2]
        found = definitions.get(reference, {}) | described
        path = f"{place}{name}"
        value = given.get(name) if isinstance(given, dict) else None
        if "properties" in found and reference != "service":
            yield f"`{path}`", found["description"], ""
            yield from _described(found, value, definitions, f"{path}.")
        else:
            default = "" if value is None else f"`{msgspec.json.encode(value).decode()}`"
            yield f"`{path}`", _choices(found), default
    if not place and "service" in definitions:
        yield from _described(definitions["service"], {}, definitions, "services.*.")


def _choices(described: Mapping[str, Any]) -> str:
    choices = described.get("enum")
    return f"{described['description']}: {', '.join(map(str, choices))}" if choices else described["description"]


# pages


def _page(title: str, *parts: str) -> str:
    return f"{HEAD}# {title}\n\n" + "\n\n".join(parts) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *([_cell(each) for each in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return _line(text).replace("|", r"\|")


def _line(text: str) -> str:
    return " ".join(text.split())


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings,
    "facts.md": facts,
    "commands.md": commands,
    "errors.md": errors,
    "metrics.md": metrics,
    "catalogue.md": catalogue,
    "command-line.md": command_line,
    "values.md": values,
    "openapi.json": lambda: encoded(openapi()),
    "asyncapi.json": lambda: encoded(asyncapi()),
}
"""Page → what makes it."""


def generate(directory: Path) -> None:
    """Writes every page."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (directory / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if sys.argv[1:] else REFERENCE)
